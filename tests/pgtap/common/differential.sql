-- Random rules over random customers, decided in five ways that have to agree: by the evaluator, by looking at every
-- pair; by the plain SQL of cdp.to_sql; by both indexes; and by the plain SQL of the opposite rule, where that is true.
-- Variables: seed, customers, singles (rules of one predicate, of each kind), compounds.
\ir random.sql
\ir rules.sql

CREATE TABLE moment AS SELECT timestamptz '2026-03-01 12:00+00' AS base;
CREATE TABLE person AS
SELECT i AS id, pg_temp.customer(:'seed' || i, CASE WHEN i % 2 = 0 THEN base ELSE date_trunc('hour', now()) END) AS p
FROM moment, generate_series(1, :customers) AS i;
\ir plain.sql

CREATE TABLE rule AS
SELECT row_number() OVER ()::int AS id, kind, source, s, !s AS opposite,
       base + (pg_temp.dice('at' || source, 100) - 50) * interval '13 hours' AS as_of
FROM (SELECT kind, source::cdp.segment AS s, source, base
      FROM moment, unnest(pg_temp.kinds()) AS kind, generate_series(1, :singles) AS i,
           pg_temp.predicate(kind, :'seed' || kind || i, CASE WHEN i % 2 = 0 THEN base ELSE date_trunc('hour', now()) END) AS source
      UNION ALL
      SELECT NULL, source::cdp.segment, source, base
      FROM moment, generate_series(1, :compounds) AS i,
           pg_temp.rule(:'seed' || 'r' || i, 1 + i % 3, CASE WHEN i % 2 = 0 THEN base ELSE date_trunc('hour', now()) END) AS source) AS made;
CREATE INDEX person_p ON person USING gin (p) WITH (fastupdate = off);
CREATE INDEX rule_s ON rule USING gin (s) WITH (fastupdate = off);
ANALYZE person, rule;

-- What the query says of each rule: at its as_of, or at now().
CREATE FUNCTION pg_temp.ask(at_now bool) RETURNS TABLE (rule int, customer int, result bool) LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN SELECT r.id, cdp.to_sql(r.s, moment) AS is_true, cdp.to_sql(r.opposite, moment) AS is_false
             FROM rule AS r, LATERAL (SELECT CASE WHEN NOT at_now THEN r.as_of END AS moment) AS m LOOP
    RETURN QUERY EXECUTE format('SELECT %s, customer_id, true FROM (%s) AS t UNION ALL SELECT %1$s, customer_id, false FROM (%3$s) AS f', one.id, one.is_true, one.is_false);
  END LOOP;
END $$;
CREATE TABLE asked_now AS SELECT * FROM pg_temp.ask(true);
CREATE TABLE asked_then AS SELECT * FROM pg_temp.ask(false);

CREATE FUNCTION pg_temp.scans(index bool) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('enable_seqscan', (NOT index)::text, true), set_config('enable_bitmapscan', index::text, true), set_config('enable_material', (NOT index)::text, true)$$;
SELECT pg_temp.scans(false) \g /dev/null
CREATE TABLE evaluated_now AS
SELECT r.id AS rule, id.id AS customer, true AS result FROM rule AS r, person AS id WHERE id.p @@ r.s
UNION ALL SELECT r.id, id.id, false FROM rule AS r, person AS id WHERE id.p @@ r.opposite;
CREATE TABLE evaluated_then AS
SELECT r.id AS rule, id.id AS customer, true AS result FROM rule AS r, person AS id WHERE cdp.matches(id.p, r.s, r.as_of)
UNION ALL SELECT r.id, id.id, false FROM rule AS r, person AS id WHERE cdp.matches(id.p, r.opposite, r.as_of);
SELECT pg_temp.scans(true) \g /dev/null
CREATE TABLE found_customers AS SELECT r.id AS rule, f.id AS customer, true AS result FROM rule AS r, LATERAL (SELECT id FROM person WHERE p @@ r.s OFFSET 0) AS f;
CREATE TABLE found_then AS SELECT r.id AS rule, f.id AS customer, true AS result FROM rule AS r, LATERAL (SELECT id FROM person WHERE cdp.matches(p, r.s, r.as_of) OFFSET 0) AS f;
CREATE TABLE found_rules AS SELECT f.id AS rule, c.id AS customer, true AS result FROM person AS c, LATERAL (SELECT id FROM rule WHERE s @@ c.p OFFSET 0) AS f;
CREATE TABLE plan (line text);
DO $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN SELECT f.id FROM rule AS r, LATERAL (SELECT id FROM person WHERE p @@ r.s OFFSET 0) AS f' LOOP INSERT INTO plan VALUES (line); END LOOP;
  FOR line IN EXECUTE 'EXPLAIN SELECT f.id FROM person AS c, LATERAL (SELECT id FROM rule WHERE s @@ c.p OFFSET 0) AS f' LOOP INSERT INTO plan VALUES (line); END LOOP;
END $$;
SELECT pg_temp.scans(false) \g /dev/null

-- How many answers of one table the other lacks, with an example.
CREATE FUNCTION pg_temp.agrees(actual text, expected text, only_true bool) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE different bigint; example record;
BEGIN
  EXECUTE format('CREATE TABLE difference AS SELECT rule, customer, result, sum(n) AS missing
                  FROM (SELECT *, -1 AS n FROM %I UNION ALL SELECT *, 1 FROM %I WHERE result OR NOT %L) AS u GROUP BY 1, 2, 3 HAVING sum(n) <> 0', actual, expected, only_true);
  SELECT count(*) INTO different FROM difference;
  RETURN NEXT is(different, 0::bigint, format('%s agrees with %s', actual, expected));
  FOR example IN SELECT DISTINCT ON (kind) kind, s, as_of, customer, result, missing FROM difference JOIN rule ON id = rule ORDER BY kind, length(source) LIMIT 12 LOOP
    RETURN NEXT diag(format('%s: %s (as of %s), customer %s: %s %s', COALESCE(example.kind, 'compound'), example.s, example.as_of, example.customer,
                            example.result, CASE WHEN example.missing > 0 THEN 'is missing' ELSE 'is wrong' END));
  END LOOP;
  DROP TABLE difference;
END $$;

CREATE FUNCTION pg_temp.all_agree() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT pg_temp.agrees('asked_now', 'evaluated_now', false) UNION ALL
  SELECT pg_temp.agrees('asked_then', 'evaluated_then', false) UNION ALL
  SELECT pg_temp.agrees('found_customers', 'evaluated_now', true) UNION ALL
  SELECT pg_temp.agrees('found_then', 'evaluated_then', true) UNION ALL
  SELECT pg_temp.agrees('found_rules', 'evaluated_now', true)$$;
