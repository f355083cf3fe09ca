-- cdp.to_sql says what the evaluator says, whatever the rule; and so do the indexes.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
\set seed 'plain'
\set customers 400
\set singles 20
\set compounds 700
\ir common/differential.sql

SELECT pg_temp.all_agree();
SELECT is(count(*), 1::bigint, 'plan with ' || index) FROM unnest('{person_p,rule_s}'::text[]) AS index JOIN plan ON line LIKE '%Bitmap Index Scan on ' || index || '%' GROUP BY index;

-- Each kind of predicate is true, false, and, unless it never is, unknown.
CREATE TABLE answers AS
SELECT kind, count(*) FILTER (WHERE result) AS yes, count(*) FILTER (WHERE NOT result) AS no, max(pairs) - count(result) AS open
FROM (SELECT kind, count(*) * 2 * (SELECT count(*) FROM person) AS pairs FROM rule WHERE kind IS NOT NULL GROUP BY kind) AS k
JOIN rule AS r USING (kind) LEFT JOIN (TABLE evaluated_now UNION ALL TABLE evaluated_then) AS e ON e.rule = r.id GROUP BY kind;
SELECT cmp_ok(least(yes, no), '>=', 30::bigint, kind || ': true and false') FROM answers ORDER BY kind COLLATE "C";
SELECT CASE WHEN kind IN ('known', 'nested known', 'any known', 'from known', 'identifier', 'identifiers', 'consent', 'did', 'count', 'sum', 'distinct', 'moment known', 'days_active', 'days of any', 'sequence', 'absence', 'funnel')
            THEN is(open, 0::bigint, kind || ': never unknown') ELSE cmp_ok(open, '>=', 30::bigint, kind || ': unknown') END
FROM answers ORDER BY kind COLLATE "C";
SELECT is(count(*), cardinality(pg_temp.kinds())::bigint, 'every kind occurs') FROM answers;
SELECT cmp_ok((SELECT count(*) FROM rule) * (SELECT count(*) FROM person) * 2, '>=', 1000000::bigint, 'a million combinations');

-- It needs the extension no more, and is fixed for a fixed time.
SELECT is(count(*), 0::bigint, 'no function of the extension') FROM rule WHERE cdp.to_sql(s) || cdp.to_sql(s, as_of) ~ 'cdp|@@';
SELECT is(count(*), 0::bigint, 'now() only without as_of') FROM rule WHERE strpos(cdp.to_sql(s, as_of), 'now()') > 0;

-- Whatever a name, a source or a constant says, however the session reads strings.
DELETE FROM person;
CREATE TABLE hostile AS SELECT row_number() OVER ()::int AS id, text, to_json(text)::text AS q FROM unnest(ARRAY[
  $$'$$, $$''$$, $$\$$, $$\'$$, $$'; DROP TABLE customer; --$$, $$/*$$, $$*/$$, '$$', $$E'\x27$$, $$"$$, E'line\nbreak\t\x01', 'Ğüneş', '%', '_', ' ', 'NULL', '{', '$1', ':x', '?']) AS text;
INSERT INTO person SELECT id, cdp.observe(jsonb_build_object(text, text, 'list', jsonb_build_array(text), 'o', jsonb_build_object(text, text)), text, now() - interval '1 hour') || cdp.identifier(text, text, text, now() - interval '1 hour')
  || cdp.consent(text, true, text, now() - interval '1 hour') || cdp.event(text, now() - interval '1 hour', jsonb_build_object(text, text)) FROM hostile;
DROP TABLE customer, customer_attribute, customer_observation, customer_event, customer_identifier, customer_consent;
\ir common/plain.sql
CREATE TABLE hostile_rule AS
SELECT id, rule::cdp.segment AS s FROM hostile, LATERAL (VALUES (format('attr(%1$s) = %1$s', q)), (format('attr(%1$s) from %1$s in (%1$s, "-")', q)), (format('any(attr(%1$s)) starts with %1$s', q)),
  (format('list contains %1$s', q)), (format('list contains any ("-", %1$s)', q)), (format('attr(%s) = %s', to_json('o.' || text), q)), (format('o is known and attr(%1$s) >= %1$s', q)),
  (format('has identifier(%s)', q)), (format('consent(%s)', q)), (format('did(%1$s where attr(%1$s) = %1$s, last 1 day)', q)), (format('last(%1$s).attr(%1$s) = %1$s', q)),
  (format('freshness(attr(%s)) < 1 day', q)), (format('sequence(%1$s then not %1$s)', q)), (format('funnel(%s, within 1 day) = 1', q)),
  (format('attr(%s) ilike %s', q, to_json(regexp_replace(text, '([\\%_])', '\\\1', 'g'))))) AS v (rule);
CREATE FUNCTION pg_temp.wrong() RETURNS SETOF int LANGUAGE plpgsql AS $$
DECLARE one record; found int[];
BEGIN
  FOR one IN TABLE hostile_rule LOOP
    EXECUTE format('SELECT array_agg(customer_id) FROM (%s) AS q', cdp.to_sql(one.s)) INTO found;
    IF NOT COALESCE(one.id = ANY (found), false) THEN RETURN NEXT one.id; END IF;
  END LOOP;
END $$;
SELECT is(count(*), 0::bigint, 'hostile names: the evaluator') FROM hostile_rule AS r LEFT JOIN person AS p ON p.id = r.id AND p.p @@ r.s WHERE p.id IS NULL;
SELECT is(count(*), 0::bigint, 'hostile names: standard strings') FROM pg_temp.wrong();
SET LOCAL standard_conforming_strings = off;
SET LOCAL escape_string_warning = off;
SELECT is(count(*), 0::bigint, 'hostile names: strings with escapes') FROM pg_temp.wrong();
SET LOCAL standard_conforming_strings = on;

-- What has no plain form
SELECT throws_ok(format('SELECT cdp.to_sql(%L)', rule), '0A000', 'cannot express ' || what || ' in plain SQL', what)
FROM (VALUES ('funnel("a", "b", within 1 day, strict order) = 2', 'a funnel with modes'), ('most_frequent("a".b) contains 1', '"contains" on the most frequent value'),
             ('a.b.c.d.e.f.g.h = 1', 'a path with more than 6 dots'), ('did("e" where a.b.c.d.e.f.g.h = 1)', 'a path with more than 6 dots')) AS v (rule, what);
SELECT ok(cdp.to_sql('a.b.c.d.e.f.g = 1') <> '', 'a path with 6 dots');
SELECT throws_ok(format('SELECT cdp.to_sql(%L, %L)', 'a = 1', t), '22023', 'as_of must be a finite timestamp', 'as_of ' || t) FROM unnest('{infinity,-infinity}'::text[]) AS t;
SELECT is(cdp.to_sql(NULL), NULL, 'NULL');
SELECT is(cdp.to_sql(NULL, now()), NULL, 'NULL with a time');

-- The ends of time, and of nesting
SELECT lives_ok(format('SELECT * FROM (%s) AS q', cdp.to_sql(rule::cdp.segment, at)), rule || ' at ' || COALESCE(at::text, 'now'))
FROM unnest(ARRAY['a within last 10000 years', 'a within next 10000 years', 'a anniversary within last 10000 years', 'a anniversary within next 10000 years', 'freshness(a) < 3652425 days',
                  'did("a", last 10000 years)', 'did("a", last 3652425 days)', 'sequence("a" then not "b" within 3652425 days)', 'did("a", since timestamp "-infinity")', 'did("a", between timestamp "-4712-01-02T00:00:00Z" and timestamp "infinity")']) AS rule,
     unnest(ARRAY[timestamptz '4713-01-02 00:00+00 BC', '0001-01-01', '2026-02-28 23:59:59.999999+00', '9999-12-31', '290000-01-01', NULL]) AS at;
SELECT lives_ok(format('SELECT * FROM (%s) AS q', cdp.to_sql(repeat('not (a = 1 or ', 300) || 'b = 1' || repeat(')', 300))), 'deep nesting');
SELECT cmp_ok(length(cdp.to_sql(repeat('not (a = 1 or ', 480) || 'b = 1' || repeat(')', 480))), '<', 1000000, 'indentation ends somewhere');

SELECT * FROM finish();
ROLLBACK;
