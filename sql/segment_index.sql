-- Which plans rules get: by how many profiles they match, and how they are asked.
SET max_parallel_workers_per_gather = 0;
CREATE TABLE customer (id int, p cdp.profile);
INSERT INTO customer
SELECT i, cdp.observe(jsonb_build_object('country', CASE WHEN i % 1000 = 0 THEN 'RS' WHEN i % 10 = 0 THEN 'ID' ELSE 'TR' END, 'age', i % 80,
                        'email', 'u' || i || '@example.com', 'tags', CASE WHEN i % 500 = 0 THEN '["rare"]'::jsonb ELSE '["common"]' END,
                        'signed_up', timestamptz '2020-01-01 00:00+00' + i * interval '1 hour'), 'crm', '2026-01-01 00:00+00', 'signed_up as timestamp')
FROM generate_series(1, 20000) AS i;
CREATE INDEX customer_p ON customer USING gin (p);

CREATE FUNCTION rows_planned(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP RETURN substring(line FROM 'rows=(\d+)'); END LOOP;
END $$;
-- Without statistics
SELECT rows_planned($$SELECT FROM customer WHERE p @@ 'country = "TR"'$$);
VACUUM ANALYZE customer;

-- Common values are not worth an index.
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE p @@ 'country = "TR"';
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE p @@ 'country = "RS"';
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE p @@ 'country = "TR" and tags contains "rare"';
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE p @@ 'country = "RS" or country = "TR"';
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE p @@ 'email is known';
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE p @@ 'phone is known';
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE p @@ 'email is unknown';
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE p @@ 'signed_up < date "2020-01-10"';
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE p @@ 'signed_up > date "2020-01-10"';
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE 'country = "RS"' @@ p;
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE cdp.matches(p, 'country = "RS"');
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE cdp.matches(p, 'signed_up within last 10 days', '2020-03-01 00:00+00');
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE cdp.matches(p, 'country = "TR"', '2020-03-01 00:00+00');
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE cdp.matches(p, 'country = "RS"', '2020-03-01 00:00+00');
-- Not one of the column itself, and not of the rows of the same table
EXPLAIN (COSTS OFF) SELECT id FROM customer WHERE cdp.matches(p, format('age = %s', id)::cdp.segment);

-- Estimates: within a factor of two of what there is
SELECT rule, n, estimate BETWEEN n / 2 AND n * 2 AS near
FROM (SELECT rule, (SELECT count(*) FROM customer WHERE p @@ rule::cdp.segment) AS n, rows_planned(format('SELECT FROM customer WHERE p @@ %L', rule)) AS estimate
      FROM unnest(ARRAY['country = "TR"', 'country = "ID"', 'country = "TR" and age = 5', 'age < 20', 'age between 20 and 29', 'not age < 60', 'age in (1, 2, 3)',
                        'tags contains "rare"', 'tags contains any ("rare", "common")', 'signed_up within since date "2022-01-01"',
                        'signed_up within between date "2020-06-01" and date "2020-07-01"', 'age > 40 and country = "ID"', 'age > 70 or age = 3']) AS rule) AS r;
SELECT rows_planned($$SELECT FROM customer WHERE p @@ 'country = "nowhere"'$$) < 10 AS rare,
       rows_planned($$SELECT FROM customer WHERE p @@ NULL::cdp.segment$$) AS never,
       rows_planned($$SELECT FROM customer WHERE p @~ 'age = 5'$$) BETWEEN 125 AND 500 AS can_match;
-- What statistics keep is no value.
SELECT null_frac, n_distinct, array_length(most_common_vals::text::text[], 1) AS values, array_length(histogram_bounds::text::text[], 1) AS bounds,
       (SELECT most_common_elem_freqs[array_position(most_common_elems::text::int8[], first_key)] FROM cdp.debug_index('country = "TR"') WHERE index = 'profile_ops') AS tr
FROM pg_stats WHERE tablename = 'customer' AND attname = 'p';

-- Rules in a table
CREATE TABLE rule (id int, s cdp.segment);
INSERT INTO rule SELECT i, format('country = "C%s" and age > %s', i, i % 80)::cdp.segment FROM generate_series(1, 5000) AS i;
CREATE INDEX rule_s ON rule USING gin (s);
VACUUM ANALYZE rule;
EXPLAIN (COSTS OFF) SELECT id FROM rule WHERE s @@ '{}'::cdp.profile;
EXPLAIN (COSTS OFF) SELECT id FROM rule WHERE '{}'::cdp.profile @@ s;
EXPLAIN (COSTS OFF) SELECT id FROM rule WHERE cdp.matches('{}', s, '2026-01-01 00:00+00');
SELECT rows_planned($$SELECT FROM rule WHERE s @@ '{}'::cdp.profile$$) < 100 AS few;
EXPLAIN (COSTS OFF) SELECT r.id, c.id FROM rule AS r JOIN customer AS c ON c.p @@ r.s WHERE c.id < 10;
EXPLAIN (COSTS OFF) SELECT r.id, c.id FROM rule AS r JOIN customer AS c ON c.p @@ r.s WHERE r.id < 10;
SELECT rows_planned('SELECT FROM rule AS r JOIN customer AS c ON c.p @@ r.s') < 50000 AS joined,
       rows_planned('SELECT FROM rule AS r JOIN customer AS c ON cdp.matches(c.p, r.s)') < 50000 AS called;
UPDATE rule SET s = 'country = "TR"' WHERE id <= 2500;
VACUUM ANALYZE rule;
SELECT rows_planned('SELECT FROM rule AS r JOIN customer AS c ON c.p @@ r.s') BETWEEN 30000000 AND 60000000 AS joined;

-- Estimators look at what they are given; nothing of this is ours.
CREATE FUNCTION same(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = same, RESTRICT = cdp.matchsel, JOIN = cdp.matchjoinsel);
SELECT rows_planned('SELECT FROM customer WHERE id OPERATOR(public.===) 5') AS restricted, rows_planned('SELECT FROM customer AS a JOIN rule AS b ON a.id OPERATOR(public.===) b.id') AS joined;

-- Maintenance under way: the answers stay.
CREATE FUNCTION answers() RETURNS TABLE (way text, n bigint, which numeric) LANGUAGE sql SET enable_seqscan = off AS $$
  SELECT 'rules', count(*), sum(id) FROM customer WHERE p @@ 'age = 5 and signed_up > date "2021-01-01"'
  UNION ALL SELECT 'customers', count(*), sum(r.id) FROM rule AS r, customer AS c WHERE c.id = 7 AND r.s @@ c.p $$;
SELECT * FROM answers();
REINDEX INDEX CONCURRENTLY customer_p;
REINDEX INDEX CONCURRENTLY rule_s;
SELECT * FROM answers();
UPDATE customer SET p = p || cdp.observe('{"age": 5}', 'crm', '2026-02-01 00:00+00') WHERE id % 80 = 6;
DELETE FROM customer WHERE id % 80 = 5 AND id < 15000;
DELETE FROM rule WHERE id < 1000;
SELECT * FROM answers();
VACUUM customer, rule;
SELECT * FROM answers();
SELECT count(*), sum(id) FROM customer WHERE cdp.number(p, 'age') = 5 AND cdp.time(p, 'signed_up') > '2021-01-01 00:00+00';
DROP OPERATOR === (int, int);
DROP TABLE customer, rule;
DROP FUNCTION same, rows_planned, answers;
