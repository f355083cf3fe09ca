-- profile || timeline @@ rule reads the timeline only when it has to, finds customers by the index on the profile alone,
-- and answers as before.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
\ir common/random.sql

-- Customers: with events inside, elsewhere, in both places or nowhere; totals older than the timeline; either one NULL.
CREATE FUNCTION pg_temp.events(seed text) RETURNS cdp.timeline LANGUAGE sql STABLE AS $$
  SELECT coalesce(cdp.timeline_agg(pg_temp.pick('n' || seed || e, 'view', 'cart', 'buy'), now() - pg_temp.dice('t' || seed || e, 60) * interval '1 day',
                                   jsonb_build_object('amount', pg_temp.dice('a' || seed || e, 100))), '{}')
  FROM generate_series(1, pg_temp.dice('e' || seed, 5)) AS e$$;
CREATE TABLE customer (id int PRIMARY KEY, p cdp.profile, t cdp.timeline);
INSERT INTO customer
SELECT i, CASE WHEN i % 31 = 0 THEN NULL WHEN kind = 0 THEN p WHEN kind = 1 THEN cdp.detach(p) WHEN kind = 2 THEN cdp.detach(p || pg_temp.events('old' || i)) ELSE p || pg_temp.events('in' || i) END,
       CASE WHEN i % 29 = 0 THEN NULL ELSE pg_temp.events('t' || i) END
FROM generate_series(1, 300) AS i, LATERAL (SELECT i % 4 AS kind, cdp.observe(jsonb_strip_nulls(jsonb_build_object(
    'country', CASE WHEN pg_temp.dice('c?' || i, 5) > 0 THEN pg_temp.pick('c' || i, 'TR', 'RS', 'ID') END,
    'age', CASE WHEN pg_temp.dice('a?' || i, 4) > 0 THEN pg_temp.dice('a' || i, 60) END,
    'signed_up', CASE WHEN pg_temp.dice('s?' || i, 4) > 0 THEN now() - pg_temp.dice('s' || i, 90) * interval '1 day' END)), 'crm', now(), 'signed_up as timestamp')
  || CASE WHEN pg_temp.dice('i?' || i, 3) = 0 THEN cdp.identifier('email', 'e' || i, 'crm', now()) ELSE '{}' END AS p) AS made;

-- Rules in which events and everything else mix, under `not`, `and` and `or`
CREATE FUNCTION pg_temp.condition(i text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_temp.pick(i || 'k',
    format('country %s "%s"', pg_temp.pick('1' || i, '=', '!='), pg_temp.pick('2' || i, 'TR', 'RS', 'none')), format('age %s %s', pg_temp.pick('1' || i, '<', '>=', '='), pg_temp.dice('2' || i, 60)),
    format('signed_up within last %s days', 1 + pg_temp.dice('2' || i, 90)), 'age is unknown', 'country is known', 'has identifier("email")', 'any(country) = "RS"', 'consent("mail")',
    format('did("%s", last %s days)', pg_temp.pick('1' || i, 'view', 'cart', 'buy', 'never'), 1 + pg_temp.dice('2' || i, 60)), 'did("buy")', 'count("view") < 2', 'sum("buy".amount) > 50',
    'last("cart") within last 20 days', 'sequence("view" then "cart" within 20 days)', 'funnel("view", "buy", within 30 days) >= 2', 'last("buy").amount > 20', 'days_active(last 30 days) = 0')$$;
CREATE FUNCTION pg_temp.rule(i text, depth int) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN CASE WHEN pg_temp.dice('n' || depth || i, 4) = 0 THEN 'not ' ELSE '' END
    || CASE WHEN depth = 0 OR pg_temp.dice('d' || depth || i, 5) = 0 THEN pg_temp.condition(i)
            ELSE format('(%s %s %s)', pg_temp.rule(i || 'l', depth - 1), pg_temp.pick('o' || i, 'and', 'and', 'or'), pg_temp.rule(i || 'r', depth - 1)) END;
END $$;
CREATE TABLE rule (id int PRIMARY KEY, s cdp.segment);
INSERT INTO rule SELECT i, pg_temp.rule('r' || i, i % 4)::cdp.segment FROM generate_series(1, 200) AS i;
INSERT INTO rule VALUES (0, NULL);
CREATE INDEX ON customer USING gin (p);
CREATE INDEX ON rule USING gin (s);
ANALYZE customer;
ANALYZE rule;
CREATE VIEW customer_360 AS SELECT id, p || t AS profile FROM customer;
CREATE VIEW customer_360_invoker WITH (security_invoker) AS SELECT id, p || t AS profile FROM customer;

CREATE FUNCTION pg_temp.scans(kind text) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('enable_seqscan', (kind <> 'index')::text, true), set_config('enable_bitmapscan', (kind <> 'seq')::text, true), set_config('enable_material', (kind <> 'index')::text, true)$$;
\ir common/plan.sql

-- What is true, where the planner can't see what the profile is made of
CREATE TABLE truth AS
SELECT r.id AS rule, c.id AS customer, c.profile @@ r.s AS now, cdp.matches(c.profile, r.s, now() - interval '20 days') AS earlier
FROM rule AS r, (SELECT id, p || t AS profile FROM customer OFFSET 0) AS c;
CREATE INDEX ON truth (rule);
ANALYZE truth;
SELECT cmp_ok(count(*), '>', 10000::bigint, 'matches') FROM truth WHERE now;
SELECT cmp_ok(count(*), '>', 1500::bigint, 'time matters') FROM truth WHERE now <> earlier;
SELECT cmp_ok(count(*), '>', 3000::bigint, 'and NULLs') FROM truth WHERE now IS NULL;

-- The same truth value of every pair, NULL included, whatever way it is asked
SELECT pg_temp.scans('seq') \g /dev/null
SELECT is((SELECT count(*) FROM truth JOIN rule AS r ON r.id = rule JOIN customer AS c ON c.id = customer
           WHERE (p || t) @@ s IS DISTINCT FROM now OR s @@ (p || t) IS DISTINCT FROM now OR cdp.matches(p || t, s) IS DISTINCT FROM now OR cdp.matches(cdp.attach(p, t), s) IS DISTINCT FROM now
              OR cdp.matches_with_events(p, t, s) IS DISTINCT FROM now
              OR cdp.matches(p || t, s, now() - interval '20 days') IS DISTINCT FROM earlier OR cdp.matches_with_events(p, t, s, now() - interval '20 days') IS DISTINCT FROM earlier), 0::bigint, 'every pair');
SELECT is((SELECT count(*) FROM truth JOIN rule AS r ON r.id = rule JOIN customer AS c ON c.id = customer WHERE now AND NOT p @@ cdp.without_events(s)), 0::bigint, 'what is left of a rule is weaker');
SELECT cmp_ok(count(*), '>', 5000::bigint, 'but says something') FROM truth JOIN rule AS r ON r.id = rule JOIN customer AS c ON c.id = customer WHERE NOT now AND NOT p @@ cdp.without_events(s);
SELECT is((SELECT count(*) FROM rule WHERE cdp.events_used(cdp.without_events(s)) <> '{}' OR cdp.without_events(s)::text::cdp.segment::bytea <> cdp.without_events(s)::bytea), 0::bigint, 'and reads no events');

-- Through the index: these pairs, with this in the plan
CREATE FUNCTION pg_temp.finds(query text, scan text, expected text, description text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE different bigint;
BEGIN
  PERFORM pg_temp.scans('index');
  RETURN NEXT matches(pg_temp.plan(query), scan, description || ': plan');
  EXECUTE format('CREATE TABLE found AS %s', query);
  PERFORM pg_temp.scans('seq');
  EXECUTE format('SELECT count(*) FROM ((TABLE found EXCEPT ALL (%1$s)) UNION ALL ((%1$s) EXCEPT ALL TABLE found)) AS d', expected) INTO different;
  RETURN NEXT is(different, 0::bigint, description);
  DROP TABLE found;
END $$;
SELECT pg_temp.finds(format('SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN %s AS c ON %s', view, condition),
  'Nested Loop.*Filter: cdp.matches_with_events\(p, t, r.s.*Index Cond: \(p @. cdp.without_events\(r.s\)\)', format('SELECT rule, customer FROM truth WHERE %s', expected), view || ': ' || condition)
FROM unnest('{customer_360,customer_360_invoker}'::text[]) AS view,
     (VALUES ('c.profile @@ r.s', 'now'), ('r.s @@ c.profile', 'now'), ('cdp.matches(c.profile, r.s)', 'now'), ('cdp.matches(c.profile, r.s, now() - interval ''20 days'')', 'earlier')) AS v (condition, expected);
SELECT pg_temp.finds(format('SELECT r.id AS rule, c.id AS customer FROM (SELECT * FROM customer OFFSET 0) AS c JOIN rule AS r ON %s', condition),
  'Nested Loop.*Filter: .*cdp.matches_with_events.*Index Cond: \(s @. cdp.attach\(', format('SELECT rule, customer FROM truth WHERE %s', expected), 'rules by customer: ' || condition)
FROM (VALUES ('r.s @@ (c.p || c.t)', 'now'), ('cdp.matches(c.p || c.t, r.s, now() - interval ''20 days'')', 'earlier')) AS v (condition, expected);

-- Each rule as a literal, and as a parameter with and without its value
CREATE FUNCTION pg_temp.one_by_one(mode text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE r record; ids int[]; wrong int[] := '{}'; expected int[]; indexed int := 0; shown text;
BEGIN
  PERFORM pg_temp.scans('index'), set_config('plan_cache_mode', coalesce(mode, 'auto'), true);
  PREPARE ask (text) AS SELECT array_agg(id ORDER BY id) FROM customer_360 WHERE profile @@ $1;
  FOR r IN SELECT * FROM rule WHERE id > 0 LOOP
    EXECUTE format(CASE WHEN mode IS NULL THEN 'SELECT array_agg(id ORDER BY id) FROM customer_360 WHERE profile @@ %L' ELSE 'EXECUTE ask (%L)' END, r.s) INTO ids;
    SELECT array_agg(customer ORDER BY customer) INTO expected FROM truth WHERE rule = r.id AND now;
    wrong := wrong || CASE WHEN ids IS DISTINCT FROM expected THEN r.id END;
    shown := pg_temp.plan(format(CASE WHEN mode IS NULL THEN 'SELECT array_agg(id ORDER BY id) FROM customer_360 WHERE profile @@ %L' ELSE 'EXECUTE ask (%L)' END, r.s));
    indexed := indexed + (shown LIKE '%Index Cond: (p @@ %')::int;
  END LOOP;
  DEALLOCATE ask;
  PERFORM pg_temp.scans('seq');
  RETURN NEXT is(array_remove(wrong, NULL), '{}', format('%s rules', coalesce(mode, 'literal')));
  RETURN NEXT cmp_ok(indexed, '>=', CASE mode WHEN 'force_generic_plan' THEN 200 ELSE 60 END, format('%s rules by index', coalesce(mode, 'literal')));
END $$;
SELECT pg_temp.one_by_one(mode) FROM unnest('{NULL,force_custom_plan,force_generic_plan}'::text[]) AS mode;

-- What is looked up: the rule without what it says about events
SELECT pg_temp.scans('index') \g /dev/null
SELECT is((regexp_match(pg_temp.plan(format('SELECT FROM customer_360 WHERE profile @@ %L', rule)), 'Index Cond: \((.*)\)'))[1], looked_up, rule) FROM (VALUES
  ('country = "TR"', 'p @@ ''country = "TR"''::cdp.segment'), ('did("buy")', NULL), ('not did("buy")', NULL), ('country = "TR" or did("buy")', NULL),
  ('age is unknown and did("buy")', NULL), ('country = "TR" and did("buy")', 'p @@ ''country = "TR"''::cdp.segment'),
  ('not (country = "TR" or did("buy"))', 'p @@ ''not country = "TR"''::cdp.segment'), ('not (country = "TR" and did("buy"))', NULL),
  ('(age > 5 or country = "TR") and (did("buy") or age < 3) and not (did("view") and age = 4)', 'p @@ ''age > 5 or country = "TR"''::cdp.segment'),
  ('signed_up within last 3 days and count("buy") > 3', 'p @@ ''signed_up within last 3 days''::cdp.segment')) AS v (rule, looked_up);
SELECT is(cdp.without_events(rule::cdp.segment)::text, left_over, 'without events: ' || rule) FROM (VALUES
  ('did("buy")', 'x is known or x is unknown'), ('not not (a = 1 and did("x"))', 'not not a = 1'), ('not (not (a = 1 and (b = 2 or c = 3)) or did("x"))', 'not not (a = 1 and (b = 2 or c = 3))'),
  ('a = 1 or b = 2 and (c = 3 or d = 4 and did("x"))', 'a = 1 or b = 2 and (c = 3 or d = 4)'), (NULL, NULL)) AS v (rule, left_over);
SELECT is(cdp.without_events((repeat('not ', 999) || '(a = 1 or did("x"))')::cdp.segment)::text, repeat('not ', 999) || 'a = 1', 'a deep rule');

-- Nothing of a timeline is read that the rule doesn't ask for.
CREATE TABLE wide (p cdp.profile, t cdp.timeline);
ALTER TABLE wide ALTER t SET STORAGE EXTERNAL;
INSERT INTO wide SELECT cdp.observe('{"country": "TR"}', 'crm', now()), cdp.timeline_agg('view', now() - i * interval '1 hour', jsonb_build_object('x', md5(i::text))) FROM generate_series(1, 3000) AS i;
CREATE FUNCTION pg_temp.toast_reads(condition text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE toast oid := (SELECT reltoastrelid FROM pg_class WHERE oid = 'wide'::regclass); before bigint; n int;
BEGIN
  before := pg_stat_get_xact_blocks_fetched(toast);
  EXECUTE 'SELECT count(*) FROM wide WHERE ' || condition INTO n;
  RETURN CASE WHEN n = 1 THEN pg_stat_get_xact_blocks_fetched(toast) - before END;
END $$;
SELECT is(pg_temp.toast_reads($$(p || t) @@ 'country = "TR"'$$), 0::bigint, 'no block of the timeline');
SELECT cmp_ok(pg_temp.toast_reads($$(p || t) @@ 'country = "TR" and did("view")'$$), '>', 3::bigint, 'its blocks, when asked for');

-- Outer joins, volatile parts, conditions under NOT: nothing but the planner's form changes.
SELECT pg_temp.scans('seq') \g /dev/null
CREATE FUNCTION pg_temp.same_rows(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE plain text; seen text; query text := 'SELECT array_agg(concat(n.id, ''-'', c.id) ORDER BY n.id, c.id) FROM generate_series(1, 400) AS n (id) LEFT JOIN %s AS c ON c.id = n.id WHERE ' || condition;
BEGIN
  EXECUTE format(query, 'customer_360') INTO seen;
  EXECUTE format(query, '(SELECT id, p || t AS profile FROM customer OFFSET 0)') INTO plain;
  RETURN is(seen, plain, condition);
END $$;
SELECT pg_temp.same_rows(replace(replace(condition, '%r', rule), '%o', op)) FROM unnest(ARRAY['c.profile @@ %r', 'NOT c.profile @@ %r', '(c.profile @@ %r) IS NULL', '(c.profile @@ %r) IS NOT TRUE', 'c.id IS NULL OR %r::cdp.segment @@ c.profile']) AS condition,
  unnest(ARRAY['''country = "TR"''', '''country = "TR" and did("buy")''', 'NULL::cdp.segment']) AS rule, unnest('{@@}'::text[]) AS op;
CREATE SEQUENCE calls;
SELECT cmp_ok(count((p || CASE WHEN nextval('calls') > 0 THEN t END) @@ 'age is known'), '>', 200::bigint, 'a volatile part') FROM customer;
SELECT is(currval('calls'), 300::bigint, 'is called once a row');

-- An index on the expression itself is better: it has the events.
CREATE INDEX ON customer USING gin ((p || t));
ANALYZE customer;
SELECT pg_temp.scans('index') \g /dev/null
SELECT matches(pg_temp.plan($$SELECT FROM customer_360 WHERE profile @@ 'did("cart") and age = 3'$$), 'Index Cond: \(\(p \|\| t\) @@ ''did\("cart"\) and age = 3''', 'an index on profile || timeline');
SELECT pg_temp.finds('SELECT r.id AS rule, c.id AS customer FROM rule AS r JOIN customer_360 AS c ON c.profile @@ r.s', 'Index Cond: \(\(customer.p \|\| customer.t\) @@ r.s|Index Cond: \(\(p \|\| t\) @@ r.s', 'SELECT rule, customer FROM truth WHERE now', 'finds the same');

-- Estimates: what the rule says about events is taken to be true.
CREATE FUNCTION pg_temp.estimate(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
  RETURN (plan #>> '{0,Plan,Plan Rows}')::numeric;
END $$;
DROP INDEX customer_expr_idx;
SELECT pg_temp.scans('auto') \g /dev/null
SELECT cmp_ok(abs(pg_temp.estimate(format('SELECT FROM customer_360 WHERE profile @@ %L', rule)) - actual), '<=', 0.1 * actual, 'estimate: ' || rule)
FROM (VALUES ('country = "TR"', 'p @@ ''country = "TR"'''), ('country = "TR" and did("buy")', 'p @@ ''country = "TR"'''), ('did("never")', 'p IS NOT NULL')) AS v (rule, weaker),
     LATERAL (SELECT count(*) AS actual FROM customer WHERE CASE weaker WHEN 'p IS NOT NULL' THEN p IS NOT NULL ELSE p @@ 'country = "TR"' END) AS a;

-- NULLs and errors
SELECT is(cdp.matches_with_events(p, t, s), NULL, 'a NULL argument') FROM (VALUES (NULL::cdp.profile, '{}'::cdp.timeline, 'a = 1'::cdp.segment), ('{}', NULL, 'a = 1'), ('{}', '{}', NULL)) AS v (p, t, s);
SELECT is(cdp.matches_with_events(p, t, s, at), NULL, 'a NULL argument as of') FROM (VALUES (NULL::cdp.profile, '{}'::cdp.timeline, 'a = 1'::cdp.segment, now()), ('{}', NULL, 'a = 1', now()), ('{}', '{}', NULL, now()), ('{}', '{}', 'a = 1', NULL)) AS v (p, t, s, at);
SELECT throws_ok($$SELECT cdp.matches_with_events('{}', '{}', 'a = 1', 'infinity')$$, '22023', 'as_of must be a finite timestamp');
SELECT ok(cdp.matches_with_events('{}', '{}', 'a is unknown and count("x") = 0'), 'nobody who did nothing');

SELECT * FROM finish();
ROLLBACK;
