-- What indexes find is what looking at every row finds: random rules of every kind of condition over random customers.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
\ir common/random.sql

-- Customers: attributes are missing, null, withdrawn, nested, of unlike types; names with dots shadow members; some have
-- overflowed, some only identifiers or totals, some nothing.
CREATE FUNCTION pg_temp.attributes(i text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object(
    'country', CASE WHEN pg_temp.dice('c?' || i, 4) > 0 THEN pg_temp.pick('c' || i, 'TR', 'TR', 'TR', 'RS', 'ID', 'ğ') END,
    'age', CASE pg_temp.dice('a?' || i, 6) WHEN 0 THEN NULL WHEN 1 THEN to_jsonb('30'::text) ELSE to_jsonb(pg_temp.dice('a' || i, 60)) END,
    'score', CASE WHEN pg_temp.dice('s?' || i, 3) > 0 THEN to_jsonb(pg_temp.pick('s' || i, '-1e131000', '-2.5', '0', '1e-9', '0.5', '2.50000001', '2.5', '1e40')::numeric) END,
    'vip', CASE WHEN pg_temp.dice('v?' || i, 3) > 0 THEN pg_temp.dice('v' || i, 2) = 0 END,
    'signed_up', CASE WHEN pg_temp.dice('u?' || i, 4) > 0 THEN now() + (pg_temp.dice('u' || i, 8000) - 4000) * interval '17 minutes' END,
    'tags', CASE WHEN pg_temp.dice('t?' || i, 3) > 0 THEN to_jsonb(ARRAY[pg_temp.pick('t1' || i, 'a', 'b', 'c'), pg_temp.pick('t2' || i, 'd', 'e', 'a')]) || to_jsonb(pg_temp.dice('t3' || i, 3)) || 'null' END,
    'address', CASE pg_temp.dice('d?' || i, 4) WHEN 0 THEN NULL WHEN 1 THEN to_jsonb('somewhere'::text)
      ELSE jsonb_build_object('city', pg_temp.pick('d' || i, 'Ankara', 'Jakarta', NULL), 'geo.lat', pg_temp.dice('l' || i, 5), 'geo', jsonb_build_object('lon', pg_temp.dice('o' || i, 5), 'none', NULL)) END,
    'address.city', CASE WHEN pg_temp.dice('n?' || i, 6) = 0 THEN 'Niš' END))$$;
CREATE TABLE customer (id int, p cdp.profile);
INSERT INTO customer
SELECT i, CASE WHEN i % 97 = 0 THEN NULL WHEN i % 89 = 0 THEN '{}' WHEN i % 83 = 0 THEN cdp.detach('{}'::cdp.profile || cdp.event('login', now())) ELSE
  cdp.observe(pg_temp.attributes('x' || i), 'crm', now() - pg_temp.dice('f' || i, 90) * interval '1 day', 'signed_up as timestamp')
  || CASE WHEN i % 2 = 0 THEN cdp.observe(pg_temp.attributes('y' || i), 'web', now() - pg_temp.dice('g' || i, 90) * interval '1 day', 'signed_up as timestamp') ELSE '{}' END
  || CASE WHEN i % 5 = 0 THEN cdp.erase(pg_temp.pick('e' || i, 'country', 'age', 'address', 'address.city', 'tags', 'never'), 'web', now()) ELSE '{}' END
  || CASE WHEN i % 50 = 0 THEN (SELECT cdp.profile_agg(jsonb_build_object('country', 'x' || n), 'log', now() - interval '2 years' + n * interval '1 hour') FROM generate_series(1, 20) AS n) ELSE '{}' END
  || CASE WHEN i % 7 = 0 THEN cdp.identifier('email', 'e' || i, 'crm', now()) ELSE '{}' END END
FROM generate_series(1, 2000) AS i;

-- Rules
CREATE FUNCTION pg_temp.condition(i text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_temp.pick(i || 'k',
    format('country %s "%s"', pg_temp.pick('1' || i, '=', '=', '!=', '<', '>='), pg_temp.pick('2' || i, 'TR', 'RS', 'ğ', 'none')),
    format('country %s ("RS", "ID", 5)', pg_temp.pick('1' || i, 'in', 'not in')),
    format('age %s %s', pg_temp.pick('1' || i, '=', '=', '!=', '<', '<=', '>', '>='), pg_temp.pick('2' || i, '0', '17', '30', '59', '59.5', '-1', '"30"', '1e300')),
    format('age %s %s and %s', pg_temp.pick('1' || i, 'between', 'not between'), pg_temp.dice('2' || i, 60), pg_temp.dice('3' || i, 60)),
    format('score %s %s', pg_temp.pick('1' || i, '=', '<', '<=', '>', '>=', '!='), pg_temp.pick('2' || i, '-1e131000', '-2.5', '0', '1e-9', '2.5', '2.50000001', '1e40', '1e41')),
    format('score in (0, %s)', pg_temp.dice('2' || i, 3)),
    format('vip %s %s', pg_temp.pick('1' || i, '=', '!=', '>'), pg_temp.pick('2' || i, 'true', 'false')),
    format('signed_up within %s %s %s', pg_temp.pick('1' || i, 'last', 'next'), 1 + pg_temp.dice('2' || i, 40), pg_temp.pick('3' || i, 'minutes', 'hours', 'days', 'weeks', 'months', 'years')),
    format('signed_up within since timestamp "%s"', '2026-01-01'::timestamp + pg_temp.dice('2' || i, 500) * interval '1 day'),
    format('signed_up within between date "2020-01-01" and date "%s"', '2026-01-01'::date + pg_temp.dice('2' || i, 500)),
    format('signed_up %s timestamp "2026-11-%sT00:00:00Z"', pg_temp.pick('1' || i, '<', '>=', '='), 10 + pg_temp.dice('2' || i, 20)),
    format('signed_up anniversary within last %s days', pg_temp.dice('2' || i, 300)),
    format('freshness(%s) %s %s days', pg_temp.pick('1' || i, 'country', 'age', 'address.city'), pg_temp.pick('2' || i, '<', '>='), pg_temp.dice('3' || i, 90)),
    format('country %s "%s"', pg_temp.pick('1' || i, 'like', 'not like', 'ilike', 'starts with'), pg_temp.pick('2' || i, 'T%', 'r', 'tr', 'x%')),
    format('tags contains %s', pg_temp.pick('2' || i, '"a"', '"e"', '1', '"none"')),
    format('tags contains %s ("a", %s)', pg_temp.pick('1' || i, 'any', 'all'), pg_temp.pick('2' || i, '"d"', '2', '"none"')),
    format('%s is %s', pg_temp.pick('1' || i, 'country', 'age', 'address', 'address.city', 'address.geo.lat', 'address.geo', 'address.geo.none', 'never'), pg_temp.pick('2' || i, 'known', 'known', 'unknown')),
    format('address.%s', pg_temp.pick('1' || i, 'city = "Ankara"', 'city != "Niš"', 'city = "Niš"', 'geo.lat = 3', 'geo.lat < 2', 'geo.lon > 3', 'geo.lon not in (1, 2)')),
    format('any(%s', pg_temp.pick('1' || i, 'country) = "RS"', 'country) != "TR"', 'country) = "x3"', 'age) > 50', 'address.city) = "Jakarta"', 'address.geo.lat) is known', 'tags) contains "b"', 'country) is unknown')),
    format('%s from "%s"%s', pg_temp.pick('1' || i, 'country', 'address.city'), pg_temp.pick('2' || i, 'crm', 'web', 'log', 'none'), pg_temp.pick('3' || i, ' = "TR"', ' != "Ankara"', ' is known', ' is unknown')))$$;
CREATE FUNCTION pg_temp.rule(i text, depth int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN CASE WHEN pg_temp.dice('n' || depth || i, 5) = 0 THEN 'not ' ELSE '' END
    || CASE WHEN depth = 0 OR pg_temp.dice('d' || depth || i, 4) = 0 THEN pg_temp.condition(i)
            ELSE format('(%s %s %s)', pg_temp.rule(i || 'l', depth - 1), pg_temp.pick('o' || i, 'and', 'and', 'or'), pg_temp.rule(i || 'r', depth - 1)) END;
END $$;
CREATE TABLE rule (id int, s cdp.segment);
INSERT INTO rule SELECT i, pg_temp.rule('r' || i, i % 3)::cdp.segment FROM generate_series(1, 2000) AS i;
INSERT INTO rule VALUES (0, NULL);
SELECT cmp_ok(count(*) FILTER (WHERE strpos(s::text, word) > 0), '>', 20::bigint, 'rules with ' || word)
FROM rule, unnest('{like,within last,within next,since,anniversary,freshness,between,contains any,contains all,is known,is unknown,any(,from,not in,starts with,not (}'::text[]) AS word GROUP BY word;

CREATE INDEX customer_p ON customer USING gin (p) WITH (fastupdate = off);
CREATE INDEX rule_s ON rule USING gin (s) WITH (fastupdate = off);
ANALYZE customer;
ANALYZE rule;

-- Which scans a query may use, and what its plan says.
CREATE FUNCTION pg_temp.scans(kind text) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('enable_seqscan', (kind <> 'index')::text, true), set_config('enable_bitmapscan', (kind = 'index')::text, true),
         set_config('enable_material', (kind <> 'index')::text, true)$$;
\ir common/plan.sql

-- What is true, by looking at every pair.
SELECT pg_temp.scans('none') \g /dev/null
CREATE TABLE pair AS SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer AS c ON c.p @@ r.s;
CREATE TABLE later_pair AS SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer AS c ON cdp.matches(c.p, r.s, now() + interval '20 days') WHERE r.id <= 250;
CREATE TABLE possible_pair AS SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer AS c ON c.p @~ r.s WHERE r.id <= 100;
SELECT cmp_ok(count(*), '>', 200000::bigint, 'matches') FROM pair;
SELECT cmp_ok(count(DISTINCT rule), '>', 1200::bigint, 'rules match somebody') FROM pair;
SELECT cmp_ok(count(*), '>', 1500::bigint, 'time changes matches') FROM later_pair AS l FULL JOIN (SELECT * FROM pair WHERE rule <= 250) AS p USING (rule, customer) WHERE (p IS NULL) <> (l IS NULL);

-- A query of (rule, customer) through the index gives these pairs; `scan` must be in its plan.
CREATE FUNCTION pg_temp.finds(query text, scan text, expected text, description text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE different bigint;
BEGIN
  PERFORM pg_temp.scans('index');
  RETURN NEXT matches(pg_temp.plan(query), scan, description || ': plan');
  EXECUTE format('CREATE TABLE found AS %s', query);
  PERFORM pg_temp.scans('none');
  EXECUTE format('SELECT count(*) FROM (SELECT FROM (SELECT rule, customer, 1 AS n FROM found UNION ALL SELECT rule, customer, -1 FROM (%s) AS e) AS u
                  GROUP BY rule, customer HAVING sum(n) <> 0) AS d', expected) INTO different;
  RETURN NEXT is(different, 0::bigint, description);
  DROP TABLE found;
END $$;
CREATE FUNCTION pg_temp.finds_all(description text, rules int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE expected text := format('SELECT * FROM pair WHERE rule <= %s', rules);
BEGIN
  RETURN QUERY SELECT pg_temp.finds(format('SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer AS c ON c.p @@ r.s WHERE r.id <= %s', rules),
    'Nested Loop.*Index Cond: \(p @@ r.s\)', expected, 'customers by rule, ' || description);
  RETURN QUERY SELECT pg_temp.finds(format('SELECT r.id AS rule, c.id AS customer FROM (SELECT * FROM customer WHERE id %% 2 = 0 OFFSET 0) AS c JOIN rule AS r ON r.s @@ c.p WHERE r.id <= %s', rules),
    'Nested Loop.*Index Cond: \(s @@ ', expected || ' AND customer % 2 = 0', 'rules by customer, ' || description);
END $$;
SELECT pg_temp.finds_all('new index', 2000);

-- The other ways to ask
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer AS c ON cdp.matches(c.p, r.s) WHERE r.id <= 250',
  'Filter: cdp.matches.*Index Cond: \(p @@ r.s\)', 'SELECT * FROM pair WHERE rule <= 250', 'matches() by rule');
SELECT pg_temp.finds($$SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer AS c ON cdp.matches(c.p, r.s, now() + interval '20 days') WHERE r.id <= 250$$,
  'Filter: cdp.matches.*Index Cond: \(p @~ r.s\)', 'SELECT * FROM later_pair', 'matches(as_of) by rule');
SELECT pg_temp.finds($$SELECT r.id AS rule, c.id AS customer FROM (SELECT * FROM customer OFFSET 0) AS c JOIN rule AS r ON cdp.matches(c.p, r.s, now() + interval '20 days') WHERE r.id <= 250$$,
  'Filter: .*cdp.matches.*Index Cond: \(s @~ ', 'SELECT * FROM later_pair', 'matches(as_of) by customer');
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM (SELECT * FROM customer OFFSET 0) AS c JOIN rule AS r ON cdp.matches(c.p, r.s) WHERE r.id <= 250',
  'Filter: .*cdp.matches.*Index Cond: \(s @@ ', 'SELECT * FROM pair WHERE rule <= 250', 'matches() by customer');
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer AS c ON c.p @~ r.s WHERE r.id <= 100',
  'Index Cond: \(p @~ r.s\)', 'SELECT * FROM possible_pair', 'whom a rule can match');
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM (SELECT * FROM customer OFFSET 0) AS c JOIN rule AS r ON r.s @~ c.p WHERE r.id <= 100',
  'Index Cond: \(s @~ ', 'SELECT * FROM possible_pair', 'which rules can match');

-- Of a rule that is known when it is planned, only what is worth it is looked up.
CREATE FUNCTION pg_temp.asked_one_by_one(condition text, rules int) RETURNS TABLE (rule int, customer int, looked_up text) LANGUAGE plpgsql AS $$
DECLARE r record; query text;
BEGIN
  PERFORM pg_temp.scans('index');
  FOR r IN SELECT * FROM rule WHERE id BETWEEN 1 AND rules LOOP
    query := 'SELECT id FROM customer WHERE ' || format(condition, r.s);
    looked_up := substring(pg_temp.plan(query), 'Index Cond: \(p @. ''(.*)''::cdp.segment\)');
    rule := r.id;
    FOR customer IN EXECUTE query LOOP RETURN NEXT; END LOOP;
  END LOOP;
  PERFORM pg_temp.scans('none');
END $$;
CREATE TABLE asked AS SELECT * FROM pg_temp.asked_one_by_one('p @@ %L', 400);
CREATE TABLE asked_later AS SELECT * FROM pg_temp.asked_one_by_one('cdp.matches(p, %L, now() + interval ''20 days'')', 250);
SELECT set_eq('SELECT rule, customer FROM asked', 'SELECT * FROM pair WHERE rule BETWEEN 1 AND 400', 'constant rules');
SELECT set_eq('SELECT rule, customer FROM asked_later', 'SELECT * FROM later_pair WHERE rule > 0', 'constant rules at another time');
SELECT cmp_ok(count(DISTINCT rule) FILTER (WHERE looked_up <> s::text), '>', 25::bigint, 'many are looked up in part') FROM asked JOIN rule ON id = rule;
SELECT cmp_ok(count(DISTINCT rule) FILTER (WHERE looked_up = s::text), '>', 100::bigint, 'many as a whole') FROM asked JOIN rule ON id = rule;
DROP TABLE asked, asked_later;

-- A bitmap that has forgotten rows is looked at again.
SET LOCAL work_mem = '64kB';
SELECT pg_temp.finds_all('little memory', 100);
RESET work_mem;

-- Prepared: the parameter is text, varchar or a rule; planned with and without its value.
CREATE FUNCTION pg_temp.prepared(type text, mode text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE r record; ids int[]; wrong int := 0;
BEGIN
  PERFORM pg_temp.scans('index'), set_config('plan_cache_mode', mode, true);
  EXECUTE format('PREPARE ask (%s) AS SELECT array_agg(id ORDER BY id) FROM customer WHERE p @@ $1', type);
  FOR r IN SELECT s::text AS s, (SELECT array_agg(customer ORDER BY customer) FROM pair WHERE rule = rule.id) AS ids FROM rule WHERE id BETWEEN 1 AND 60 LOOP
    EXECUTE format('EXECUTE ask (%L)', r.s) INTO ids;
    wrong := wrong + (ids IS DISTINCT FROM r.ids)::int;
  END LOOP;
  RETURN NEXT is(wrong, 0, format('%s, %s', type, mode));
  RETURN NEXT matches(pg_temp.plan('EXECUTE ask (''age = 5'')'), CASE mode WHEN 'force_custom_plan' THEN 'Index Cond: \(p @@ ''age = 5''' ELSE 'Index Cond: \(p @@ .*\$1' END, format('%s, %s: plan', type, mode));
  EXECUTE 'DEALLOCATE ask';
  PERFORM pg_temp.scans('none');
END $$;
CREATE INDEX ON pair (rule);
SELECT pg_temp.prepared(type, mode) FROM unnest('{text,varchar,cdp.segment}'::text[]) AS type, unnest('{force_custom_plan,force_generic_plan}'::text[]) AS mode;

-- One of several rules, and all of several
CREATE FUNCTION pg_temp.any_all() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE rules text[]; ids int[]; expected int[];
BEGIN
  SELECT array_agg(s::text) INTO rules FROM rule WHERE id IN (11, 14, 17);
  SELECT array_agg(DISTINCT customer ORDER BY customer) INTO expected FROM pair WHERE rule IN (11, 14, 17);
  PERFORM pg_temp.scans('index');
  SELECT array_agg(id ORDER BY id) INTO ids FROM customer WHERE p @@ ANY (rules);
  RETURN NEXT is(ids, expected, '@@ ANY of a text[]');
  SELECT array_agg(id ORDER BY id) INTO ids FROM customer WHERE p @@ ALL (rules);
  PERFORM pg_temp.scans('none');
  SELECT array_agg(customer ORDER BY customer) INTO expected FROM (SELECT customer FROM pair WHERE rule IN (11, 14, 17) GROUP BY customer HAVING count(*) = 3) AS c;
  RETURN NEXT is(ids, expected, '@@ ALL of a text[]');
END $$;
SELECT pg_temp.any_all();

-- In parallel
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL min_parallel_index_scan_size = 0;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
CREATE INDEX rule_id ON rule (id);
ALTER TABLE rule SET (parallel_workers = 2);
SET LOCAL cpu_tuple_cost = 1;
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer AS c ON c.p @@ r.s WHERE r.id <= 300',
  'Gather.*Index Cond: \(p @@ r.s\)', 'SELECT * FROM pair WHERE rule <= 300', 'customers by rule, in parallel');
SELECT pg_temp.finds($$SELECT 5 AS rule, id AS customer FROM customer WHERE p @@ 'country = "TR" or age > 3'$$, 'Gather.*Parallel Bitmap Heap Scan.*Index Cond',
  $$SELECT 5 AS rule, id AS customer FROM customer WHERE cdp.matches(p, 'country = "TR" or age > 3', now())$$, 'parallel bitmap scan');
SET LOCAL max_parallel_workers_per_gather = 0;
RESET cpu_tuple_cost;
DROP INDEX rule_id;

-- Changed and deleted rows, through the pending list and after it was merged
ALTER INDEX customer_p SET (fastupdate = on);
ALTER INDEX rule_s SET (fastupdate = on);
CREATE TABLE keep AS SELECT id, p FROM customer WHERE id % 3 = 0;
UPDATE customer SET p = k.p FROM keep AS k WHERE customer.id = k.id + 1;
UPDATE rule SET s = (SELECT s FROM rule AS o WHERE o.id = rule.id + 7) WHERE id % 5 = 0 AND id <= 250;
DELETE FROM customer WHERE id % 11 = 0;
DELETE FROM rule WHERE id % 13 = 0;
INSERT INTO customer SELECT id + 10000, p FROM customer WHERE id % 10 = 0;
TRUNCATE pair;
INSERT INTO pair SELECT r.id, c.id FROM rule AS r JOIN customer AS c ON c.p @@ r.s WHERE r.id <= 250;
SELECT pg_temp.finds_all('pending list', 250);
SELECT cmp_ok(gin_clean_pending_list('customer_p'), '>', 0::bigint, 'profiles were pending');
SELECT cmp_ok(gin_clean_pending_list('rule_s'), '>', 0::bigint, 'rules were pending');
SELECT pg_temp.finds_all('merged pending list', 250);
REINDEX INDEX customer_p;
REINDEX INDEX rule_s;
SELECT pg_temp.finds_all('rebuilt', 250);

-- Partitions, each with its index; two keys in one index
ALTER TABLE customer RENAME TO whole;
CREATE TABLE customer (id int, p cdp.profile) PARTITION BY RANGE (id);
CREATE TABLE customer_1 PARTITION OF customer FOR VALUES FROM (0) TO (1000);
CREATE TABLE customer_2 PARTITION OF customer FOR VALUES FROM (1000) TO (100000);
CREATE INDEX ON customer USING gin (p);
INSERT INTO customer SELECT * FROM whole;
ANALYZE customer;
SELECT pg_temp.finds_all('partitions', 200);
SELECT pg_temp.finds($$SELECT 5 AS rule, id AS customer FROM customer WHERE p @@ 'country = "TR" and age > 3' AND id >= 1000$$, '^Bitmap Heap Scan on customer_2[^\n]*\n(?!.*customer_1).*Index Cond',
  $$SELECT 5 AS rule, id AS customer FROM whole WHERE p @@ 'country = "TR" and age > 3' AND id >= 1000$$, 'only the partition that another condition leaves');
DROP TABLE customer;
ALTER TABLE whole RENAME TO customer;
DROP INDEX customer_p;
CREATE INDEX ON customer USING gin (p, (cdp.merge(p, '{}')));
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer AS c ON cdp.merge(c.p, ''{}'') @@ r.s AND c.p @@ r.s WHERE r.id <= 100',
  'Index Cond: \(\(p @@ r.s\) AND \(cdp.merge', 'SELECT * FROM pair WHERE rule <= 100', 'two keys in one index');

-- Many keys: a list too long for the index looks for what is known; a profile of thousands of facts is found by each.
CREATE FUNCTION pg_temp.numbers(n int) RETURNS cdp.segment LANGUAGE sql AS $$SELECT format('a in (%s)', string_agg(i::text, ',')) FROM generate_series(1, n) AS i$$;
SELECT is(string_agg(looks_up, ', '), 'a known', 'a long list') FROM cdp.debug_index(pg_temp.numbers(4097)) WHERE index = 'profile_ops';
SELECT is(count(*), 4097::bigint, 'a list that is not too long') FROM cdp.debug_index(pg_temp.numbers(4096)) WHERE index = 'profile_ops';
INSERT INTO customer SELECT 99999, cdp.observe(jsonb_build_object('big', jsonb_agg('v' || i)), 'crm', now()) FROM generate_series(1, 20000) AS i;
INSERT INTO rule SELECT 90000 + i, format('big contains "v%s"', i * 100)::cdp.segment FROM generate_series(1, 300) AS i;
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM (SELECT * FROM customer WHERE id = 99999 OFFSET 0) AS c JOIN rule AS r ON r.s @@ c.p WHERE r.id > 90000',
  'Index Cond: \(s @@ ', 'SELECT 90000 + i AS rule, 99999 AS customer FROM generate_series(1, 200) AS i', 'a profile of 20000 facts');
SELECT pg_temp.finds(format('SELECT 1 AS rule, id AS customer FROM customer WHERE p @@ %L', (SELECT string_agg(format('big contains "v%s"', i), ' or ') FROM generate_series(20000, 25000) AS i)),
  'Index Cond', 'SELECT 1 AS rule, 99999 AS customer', 'a rule of 5001 conditions');

-- A profile of many attributes, for which other rules need others
INSERT INTO customer SELECT 99998, cdp.observe(jsonb_object_agg('wide_' || i, i), 'crm', now()) FROM generate_series(1, 300) AS i;
INSERT INTO customer SELECT 99000 + n, cdp.observe(jsonb_object_agg('wide_' || i * n, i), 'crm', now()) FROM generate_series(20, 27) AS n, generate_series(1, n) AS i GROUP BY n;
INSERT INTO rule SELECT 91000 + i, format('wide_%s > 7', i)::cdp.segment FROM generate_series(1, 1000) AS i;
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM (SELECT * FROM customer WHERE id BETWEEN 99000 AND 99998 OFFSET 0) AS c JOIN rule AS r ON r.s @@ c.p WHERE r.id > 91000',
  'Index Cond: \(s @@ ', 'SELECT 91000 + i AS rule, 99998 AS customer FROM generate_series(8, 300) AS i UNION ALL SELECT 91000 + i * n, 99000 + n FROM generate_series(20, 27) AS n, generate_series(8, n) AS i', 'profiles of many attributes');

-- Names whose keys are alike: what the operator allows, each index finds.
CREATE TABLE alike AS SELECT i AS id, cdp.observe(jsonb_build_object('w' || i, 1), 'crm', now()) AS p, format('w%s is known', i)::cdp.segment AS s FROM unnest('{729,9185,2354,9183,2355,4650,1}'::int[]) AS i;
CREATE INDEX ON alike USING gin (p);
CREATE INDEX ON alike USING gin (s);
SELECT pg_temp.scans('none') \g /dev/null
CREATE TABLE alike_pair AS SELECT r.id AS rule, c.id AS customer FROM alike AS r, alike AS c WHERE c.p @~ r.s;
SELECT is(count(*), 13::bigint, 'names alike') FROM alike_pair;
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM alike AS r JOIN alike AS c ON c.p @~ r.s', 'Index Cond: \(p @~ ', 'SELECT * FROM alike_pair', 'names alike, by rule');
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM (SELECT * FROM alike OFFSET 0) AS c JOIN alike AS r ON r.s @~ c.p', 'Index Cond: \(s @~ ', 'SELECT * FROM alike_pair', 'names alike, by customer');

-- Ranges of one attribute are read as one.
SELECT is(string_agg(looks_up, ', '), looked_up, rule) FROM (VALUES
  ('a > 5 and a < 7', 'a from 5 until 7'), ('a > 5 and b = 1 and not a >= 7 and a > 6', 'all of, a from 6 until 7, b = 1'), ('a > 5 and (a < 7 or b = 1)', 'all of, a from 5, any of, a until 7, b = 1'),
  ('a > 7 and a < 5', 'a from 7 until 5')) AS v (rule, looked_up), LATERAL (SELECT * FROM cdp.debug_index(rule::cdp.segment) WHERE index = 'profile_ops') AS d GROUP BY rule, looked_up;

-- Where nothing is left out, plans are as without statistics. An index for a fixed time is found in either form.
CREATE TABLE part AS SELECT id, p FROM customer;
CREATE INDEX ON part USING gin (p);
SELECT pg_temp.scans('index') \g /dev/null
SELECT matches(pg_temp.plan($$SELECT FROM part WHERE p @@ 'never = 1 and age > 18'$$), 'Recheck Cond: \(p @@ ''never = 1 and age > 18''', 'no statistics');
ANALYZE part;
SELECT matches(pg_temp.plan($$SELECT FROM part WHERE p @@ 'never = 1 and age > 18'$$), 'Filter: cdp.matches.*Index Cond: \(p @@ ''never = 1''', 'a part of the rule');
SELECT matches(pg_temp.plan($$SELECT FROM part WHERE p @@ 'vip = true and age between 18 and 18.1'$$), 'Recheck Cond: \(p @@ ''vip = true and age between', 'the whole rule');
SELECT matches(pg_temp.plan($$SELECT FROM part WHERE p @@ 'never = 1 and age > 18' OR id = 5$$), 'Filter: ', 'one of several');
CREATE INDEX part_then ON part (id) WHERE cdp.matches(p, 'never = 1 and age > 18', '2026-01-01Z');
SELECT matches(pg_temp.plan($$SELECT FROM part WHERE cdp.matches(p, 'never = 1 and age > 18', '2026-01-01Z')$$), 'part_then', 'a partial index');
DROP INDEX part_p_idx;
SELECT matches(pg_temp.plan($$SELECT FROM part WHERE p @@ 'never = 1 and age > 18'$$), 'Filter: \(p @@ ', 'no index');
DROP TABLE part;

-- What is looked up for a rule
SELECT is(string_agg(looks_up, ', '), looked_up, rule) FROM (VALUES
  ('a is unknown or b = 1', 'always'), ('(a is unknown or b = 1) and c = 2', 'c = 2'), ('not (a is known and b = 1)', 'always'),
  ('not a != 1', 'a = 1'), ('not (a < 1 or b not in (2))', 'all of, a from 1, b = 2'), ('a = "x" and not b like "y%"', 'all of, a = "x", b known'),
  ('a < "x"', 'a known'), ('freshness(a) > 3 days', 'a known'), ('a between 1 and 3', 'a from 1 until 3'), ('attr("a b") = true', 'attr("a b") = true'),
  ('a within last 3 days', 'a within last 3 days')) AS v (rule, looked_up),
  LATERAL (SELECT * FROM cdp.debug_index(rule::cdp.segment) WHERE index = 'profile_ops') AS d GROUP BY rule, looked_up;
SELECT is(string_agg(looks_up, ', ' ORDER BY looks_up), needed, rule) FROM (VALUES
  ('a > 1 and b = 2', 'b = 2'), ('a = 1 or b is known', 'a = 1, b known'), ('a = 1 or b is unknown', 'always'), ('not a = 1', 'a known'), ('not a not in (1, 2)', 'a = 1, a = 2'),
  ('a contains all ("x", "y") and b in (1, 2)', 'a contains "x"'), ('any(x.y) = 1', 'x known, x.y known')) AS v (rule, needed),
  LATERAL (SELECT * FROM cdp.debug_index(rule::cdp.segment) WHERE index = 'segment_ops') AS d GROUP BY rule, needed;

SELECT is_empty('SELECT * FROM cdp.debug_index(NULL)', 'debug_index(NULL)');
SELECT is('{}'::cdp.profile @~ NULL::cdp.segment, NULL, 'profile @~ NULL');
SELECT is(NULL::cdp.profile @~ 'a = 1', NULL, 'NULL @~ segment');
SELECT is('a = 1'::cdp.segment @~ NULL::cdp.profile, NULL, 'segment @~ NULL');
SELECT is(NULL::cdp.segment @~ '{}'::cdp.profile, NULL, 'NULL @~ profile');
SELECT is((SELECT count(*) FROM customer WHERE p @@ NULL::cdp.segment), 0::bigint, 'rows for a NULL rule');

SELECT * FROM finish();
ROLLBACK;
