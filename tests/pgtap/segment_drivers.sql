-- However a rule arrives, it resolves and the index on profiles is used: literals, parameters of every type of text,
-- arrays, sub-selects; planned with and without the value.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
CREATE TABLE customer (id int, p cdp.profile);
INSERT INTO customer SELECT i, cdp.observe(jsonb_build_object('country', 'C' || i % 100, 'age', i % 80), 'crm', '2026-01-01') FROM generate_series(1, 2000) AS i;
CREATE INDEX ON customer USING gin (p);
ANALYZE customer;
SET LOCAL enable_seqscan = off;
\ir common/plan.sql
CREATE FUNCTION pg_temp.uses_index(query text, expected int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
  RETURN NEXT matches(pg_temp.plan(query), 'Bitmap Index Scan on customer_p_idx\s+Index Cond: \(+p @@ ', 'index: ' || query);
  EXECUTE format('SELECT count(*) FROM (%s) AS q', query) INTO n;
  RETURN NEXT is(n, expected, 'rows: ' || query);
END $$;

-- Expressions: what is constant is parsed once, when the statement is planned.
SELECT pg_temp.uses_index('SELECT id FROM customer WHERE ' || condition, 20) FROM unnest(ARRAY[
  $$p @@ 'country = "C7"'$$, $$p @@ 'country = "C7"'::text$$, $$p @@ 'country = "C7"'::varchar$$, $$p @@ 'country = "C7"   '::bpchar$$, $$p @@ 'country = "C7"'::varchar(40)$$, $$p @@ 'country = "C7"'::char(40)$$,
  $x$p @@ $$country = "C7"$$$x$, $$p @@ E'country = \x22C7\x22'$$, $$p @@ U&'country = "\0043\0037"'$$, $$p @@ CAST('country = "C7"' AS cdp.segment)$$, $$'country = "C7"' @@ p$$, $$'country = "C7"'::text @@ p$$,
  $$p @@ ('country = ' || '"C7"')$$, $$p @@ concat('country', ' = "C7"')$$, $$p @@ format('country = %s', '"C7"')$$, $$p @@ ('country = ' || to_json('C7'::text))$$,
  $$cdp.matches(p, 'country = "C7"')$$, $$cdp.matches(p, 'country = "C7"'::varchar)$$, $$cdp.matched_by('country = "C7"', p)$$, $$p OPERATOR(pg_catalog.@@) 'country = "C7"'$$,
  $$p @@ (SELECT 'country = "C7"')$$, $$p @@ (SELECT 'country = "C7"'::text)$$, $$p @@ (SELECT 'country = "C7"'::cdp.segment)$$,
  $$p @@ ('country is known'::cdp.segment & 'country = "C7"')$$, $$p @@ 'country is known' AND p @@ 'country = "C7"'$$,
  $$p @@ ALL (ARRAY['country is known', 'country = "C7"']::text[]) AND p @@ 'country = "C7"'$$]) AS condition;
SELECT pg_temp.uses_index('SELECT id FROM customer WHERE ' || condition, 40) FROM unnest(ARRAY[
  $$p @@ ANY ('{"country = \"C7\"","country = \"C8\""}')$$, $$p @@ ANY ('{"country = \"C7\"","country = \"C8\""}'::text[])$$, $$p @@ ANY (ARRAY['country = "C7"', 'country = "C8"'])$$,
  $$p @@ ANY (ARRAY['country = "C7"', 'country = "C8"']::varchar[])$$, $$p @@ ANY (ARRAY['country = "C7"', 'country = "C8"']::bpchar[])$$, $$p @@ ANY (ARRAY['country = "C7"', 'country = "C8"']::cdp.segment[])$$,
  $$p @@ ANY (ARRAY['country = "C7"', NULL, 'country = "C8"']::text[])$$, $$p @@ 'country = "C7"' OR p @@ 'country = "C8"'$$]) AS condition;

-- A rule of another table, stored as text of whatever type
CREATE TABLE rule (a text, b varchar(40), c char(40), d cdp.segment);
INSERT INTO rule VALUES ('country = "C7"', 'country = "C7"', 'country = "C7"', 'country = "C7"');
SELECT pg_temp.uses_index(format('SELECT id FROM rule JOIN customer ON p @@ %s', name), 20) FROM unnest('{a,b,c,d}'::text[]) AS name;
SELECT pg_temp.uses_index(format('SELECT id FROM customer WHERE p @@ (SELECT %s FROM rule)', name), 20) FROM unnest('{a,b,c,d}'::text[]) AS name;
SELECT pg_temp.uses_index('SELECT id FROM customer WHERE p @@ ANY (ARRAY(SELECT a FROM rule))', 20);

-- Parameters: drivers send text, varchar, bpchar, or leave the type to the server, which takes the operator's.
CREATE FUNCTION pg_temp.by_parameter(type text, mode text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('plan_cache_mode', mode, true);
  EXECUTE format('PREPARE one (%s) AS SELECT id FROM customer WHERE p @@ $1', type);
  EXECUTE format('PREPARE many (%s[]) AS SELECT id FROM customer WHERE p @@ ANY ($1)', CASE type WHEN 'unknown' THEN 'text' ELSE type END);
  RETURN NEXT matches(pg_temp.plan($q$EXECUTE one ('country = "C7"')$q$), 'Index Cond: \(p @@ ' || CASE mode WHEN 'force_generic_plan' THEN '.*\$1' ELSE '''country = "C7"''' END, format('%s, %s', type, mode));
  RETURN NEXT matches(pg_temp.plan($q$EXECUTE many ('{"country = \"C7\"","age = 3"}')$q$), 'Index Cond: \(p @@ ANY \(' || CASE mode WHEN 'force_generic_plan' THEN '.*\$1' ELSE '.*"country = ' END, format('%s[], %s', type, mode));
  RETURN NEXT results_eq($q$EXECUTE one ('country = "C7" and age < 20')$q$, 'SELECT id FROM customer WHERE id % 100 = 7 AND id % 80 < 20', format('%s, %s: rows', type, mode));
  RETURN NEXT results_eq($q$EXECUTE many ('{"country = \"C7\"","age = 3"}')$q$, 'SELECT id FROM customer WHERE id % 100 = 7 OR id % 80 = 3', format('%s[], %s: rows', type, mode));
  RETURN NEXT is_empty('EXECUTE one (NULL)', format('%s, %s: NULL', type, mode));
  RETURN NEXT throws_ok($q$EXECUTE one ('country lik "C7"')$q$, '42601', 'syntax error in segment at or near "lik"', format('%s, %s: no rule', type, mode));
  DEALLOCATE one;
  DEALLOCATE many;
END $$;
SELECT pg_temp.by_parameter(type, mode) FROM unnest('{text,varchar,bpchar,cdp.segment,unknown}'::text[]) AS type, unnest('{auto,force_custom_plan,force_generic_plan}'::text[]) AS mode;

-- From PL/pgSQL, whose variables are parameters, and which plans for itself
CREATE FUNCTION pg_temp.count_of(rule varchar) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN (SELECT count(*) FROM customer WHERE p @@ rule); END$$;
SELECT is(array_agg(pg_temp.count_of(format('country = "C%s"', i % 3))), array_fill(20::bigint, ARRAY[10]), 'called ten times') FROM generate_series(1, 10) AS i;

SELECT * FROM finish();
ROLLBACK;
