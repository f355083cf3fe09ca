-- What the oracles share: deterministic noise, instants of every kind, and comparison of two queries.
SET LOCAL timezone = 'Europe/London';

CREATE FUNCTION pg_temp.dice(seed text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$SELECT (hashtextextended(seed, 0) & 1048575)::int % sides$$;

CREATE FUNCTION pg_temp.pick(seed text, VARIADIC choices text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$SELECT choices[1 + pg_temp.dice(seed, array_length(choices, 1))]$$;

-- Six kinds: whole hours, clocks changed, leap days, the ends of time, few days (ties), neighbouring microseconds.
CREATE FUNCTION pg_temp.instant(kind int, seed text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE kind
    WHEN 0 THEN timestamptz '2026-01-01 00:00+00' + pg_temp.dice('h' || seed, 400) * interval '1 hour'
    WHEN 1 THEN ('{2016-03-27 00:00+00,2016-10-30 00:00+00}'::timestamptz[])[1 + pg_temp.dice('d' || seed, 2)] + pg_temp.dice('q' || seed, 12) * interval '15 minutes'
    WHEN 2 THEN ('{2024-02-28 12:00+00,2024-02-29 00:00+00,2024-02-29 23:59:59.999999+00,2100-02-28 00:00+00,2100-03-01 00:00+00,2000-02-29 00:00+00}'::timestamptz[])[1 + pg_temp.dice('l' || seed, 6)]
    WHEN 3 THEN ('{294276-12-20 00:00+00,4713-01-02 00:00+00 BC,0044-03-15 00:00+00 BC,0001-01-01 00:00+00,1969-12-31 23:59:59.999999+00,infinity,-infinity}'::timestamptz[])[1 + pg_temp.dice('e' || seed, 7)] + pg_temp.dice('o' || seed, 60) * interval '1 hour'
    WHEN 4 THEN timestamptz '2026-01-01 00:00+00' + pg_temp.dice('y' || seed, 12) * interval '24 hours'
    ELSE timestamptz '2026-01-01 00:00+00' + pg_temp.dice('m' || seed, 20) * interval '1 microsecond' END$$;

CREATE FUNCTION pg_temp.specials(at timestamptz) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_remove(ARRAY[
    CASE WHEN at = 'infinity' THEN 'infinity' WHEN at = '-infinity' THEN 'minus infinity' WHEN at > '9999-12-31' THEN 'far future'
         WHEN at < '0001-01-01 BC' THEN 'before Christ' WHEN isfinite(at) AND to_char(at, 'MM-DD') = '02-29' THEN 'leap day'
         WHEN at::date IN ('2016-03-27', '2016-10-30') THEN 'clocks changed' END,
    CASE WHEN isfinite(at) AND extract(microseconds FROM at)::int % 1000 <> 0 THEN 'microseconds' END], NULL)$$;

-- One test for each kind of instant that must occur in `query` (customer, at), ties of a customer included.
CREATE FUNCTION pg_temp.instants_occur(query text, at_least int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE kind text; n bigint;
BEGIN
  FOR kind, n IN EXECUTE format(
      $q$WITH given AS MATERIALIZED (%s)
         SELECT k, count(s) FROM unnest('{infinity,minus infinity,far future,before Christ,leap day,clocks changed,microseconds}'::text[]) AS k
         LEFT JOIN (SELECT unnest(pg_temp.specials(at)) AS s FROM given) AS s ON s = k GROUP BY k
         UNION ALL SELECT 'ties', count(*) FROM (SELECT FROM given GROUP BY customer, at HAVING count(*) > 1) AS t$q$, query) LOOP
    RETURN NEXT cmp_ok(n, '>=', at_least::bigint, 'there are instants: ' || kind);
  END LOOP;
END $$;

-- Both queries give the same rows, whatever their order, and at least so many.
CREATE FUNCTION pg_temp.same(actual text, expected text, at_least int, description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE different bigint; n bigint; example text;
BEGIN
  EXECUTE format('CREATE TEMPORARY TABLE a ON COMMIT DROP AS %s', actual);
  EXECUTE format('CREATE TEMPORARY TABLE e ON COMMIT DROP AS %s', expected);
  SELECT count(*), min(d::text) INTO different, example FROM ((TABLE a EXCEPT ALL TABLE e) UNION ALL (TABLE e EXCEPT ALL TABLE a)) AS d;
  SELECT count(*) INTO n FROM e;
  DROP TABLE a, e;
  RETURN ok(different = 0 AND n >= at_least, format('%s: %s rows', description, n))
    || CASE WHEN different > 0 THEN E'\n' || diag(format('%s rows differ, such as %s', different, example)) ELSE '' END;
END $$;
