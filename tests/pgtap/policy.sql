-- Survivorship: SQLSTATEs, NULL, golden values against plain SQL, and the size of profiles.
BEGIN;
SELECT no_plan();

SELECT throws_ok(format('SELECT %L::cdp.policy', text), state, NULL, left(text, 40))
FROM (VALUES ('', '42601'), ('a', '42601'), ('a b', '42601'), ('a recent b', '42601'), ('a priority()', '42601'), ('a max; a min', '42601'),
             ('group g(a) sum', '42601'), ('group g(a, a)', '42601'), ('default max; default max', '42601'), ('declared now; a max', '42601'),
             ('a "b" max', '42601'), ('"a', '42601'), ('a max;;', '42601'), (repeat(' ', 1048577), '54000'),
             ('a priority(' || (SELECT string_agg('s' || i, ',') FROM generate_series(1, 256) AS i) || ')', '54000')) AS v (text, state);
SELECT is(text::cdp.policy::text, text, text) FROM (VALUES ('default recent'), ('default max ignore empty as timestamp'),
  ('declared 2026-01-01T00:00:00Z; default priority(a, "b c"); "default" first; g collect; group h(x, y) frequent')) AS v (text);
SELECT is('default max'::text::cdp.policy::text, 'default max', 'from a text parameter');
SELECT is('default max'::char(20)::cdp.policy::text, 'default max', 'from a blank-padded parameter');
PREPARE ruled (text) AS SELECT cdp.profile_agg('{"a": 1}', 's', '2026-01-01', $1) ->> 'a';
SELECT results_eq($$EXECUTE ruled('a max')$$, $$VALUES ('1')$$, 'as a parameter of the aggregate');

SELECT throws_ok($$SELECT cdp.profile_agg('[]', 's', now(), 'a max')$$, '22023', NULL, 'attributes must be an object');
SELECT throws_ok($$SELECT cdp.profile_agg('1', 's', now(), 'a max')$$, '22023', NULL, 'attributes must not be a scalar');
SELECT throws_ok($$SELECT cdp.profile_agg('{}', NULL, now(), 'a max')$$, '22004', NULL, 'source must not be null');
SELECT throws_ok($$SELECT cdp.profile_agg('{}', 's', NULL, 'a max')$$, '22004', NULL, 'time must not be null');
SELECT throws_ok($$SELECT cdp.observe('[]', 's', now())$$, '22023', NULL, 'observe: attributes must be an object');
SELECT throws_ok($$SELECT cdp.observe('{}', NULL, now())$$, '22004', NULL, 'observe: source must not be null');
SELECT throws_ok($$SELECT cdp.observe('{}', 's', NULL)$$, '22004', NULL, 'observe: time must not be null');
SELECT throws_ok($$SELECT cdp.profile_agg_transition(NULL, '{}', 's', now(), 'a max')$$, '42809', NULL, 'transition by hand');
SELECT throws_ok($$SELECT cdp.observe('{"a": "x"}', 's', now(), 'a as timestamp')$$, '22007', NULL, 'no timestamp');
SELECT throws_ok($$SELECT cdp.observe('{"a": true}', 's', now(), 'default as timestamp')$$, '22007', NULL, 'a boolean for a timestamp');
SELECT throws_ok($$SELECT cdp.observe('{"a": "2026-02-30"}', 's', now(), 'a as timestamp')$$, '22007', NULL, 'no day');
SELECT throws_ok($$SELECT cdp.observe('{"a": "294277-01-01"}', 's', now(), 'a as timestamp')$$, '22008', NULL, 'beyond the range of timestamps');
SELECT throws_ok($$SELECT cdp.observe('{"a": 1}', 's', now(), 'group g(a)') || cdp.observe('{"a": 1}', 's', now())$$, '22023', NULL, 'a group and none');
SELECT throws_ok($$SELECT cdp.observe('{"a": 1}', 's', now()) || cdp.observe('{"a": 1}', 's', now(), 'group g(a)')$$, '22023', NULL, 'none and a group');
SELECT throws_ok($$SELECT cdp.rollup(cdp.observe('{"a": 1}', 's', now(), p)) FROM unnest('{group g(a),group g(b)}'::cdp.policy[]) AS p$$, '22023', NULL, 'two groups');
SELECT throws_ok($$SELECT cdp.with_policy(cdp.observe('{"a": 1}', 's', now(), 'group g(a)'), 'a max')$$, '0A000', NULL, 'groups stay');
SELECT throws_ok($$SELECT '{"policy": "a"}'::cdp.profile$$, '22P02', NULL, 'a bad policy in a profile');
SELECT throws_ok($$SELECT '{"policy": 1}'::cdp.profile$$, '22P02', NULL, 'no policy in a profile');
SELECT throws_ok($$SELECT '1'::jsonb::cdp.profile$$, '22P02', NULL, 'a scalar is no profile');
SELECT throws_ok($$SELECT ('{"attributes": {"a": [{"value": ' || repeat('[', 1001) || repeat(']', 1001) || ', "source": "s", "last_seen": "2026-01-01"}]}}')::jsonb::cdp.profile$$,
                 '54001', NULL, 'jsonb nested too deeply');
SELECT throws_ok($$SELECT '{}'::cdp.profile @> '{}'$$, '42883', NULL, 'nothing casts from profile by itself');
SELECT throws_ok($$SELECT jsonb_pretty('{}'::cdp.profile)$$, '42883', NULL, 'not even to jsonb');

SELECT is(cdp.observe(NULL, NULL, NULL, NULL)::text, '{}', 'observe(NULL)');
SELECT is(cdp.observe('{"a": 1}', 's', '2026-01-01', NULL)::text, cdp.observe('{"a": 1}', 's', '2026-01-01')::text, 'no policy');
SELECT is(cdp.profile_agg(NULL, NULL, NULL, 'a max')::text, NULL, 'NULL attributes are no observation');
SELECT is(cdp.profile_agg('{"a": 1}', 's', '2026-01-01', NULL)::text, cdp.profile_agg('{"a": 1}', 's', '2026-01-01')::text, 'aggregate without a policy');
SELECT throws_ok($$SELECT cdp.erase(NULL, 's', now())$$, '22004', NULL, 'erase(NULL)');
SELECT throws_ok($$SELECT cdp.erase('a', NULL, now())$$, '22004', NULL, 'erase by NULL');
SELECT throws_ok($$SELECT cdp.erase('a', 's', NULL)$$, '22004', NULL, 'erase at NULL');
SELECT is(cdp.with_policy(NULL, 'a max')::text, NULL, 'with_policy of NULL');
SELECT is(cdp.with_policy(cdp.observe('{"a": 1}', 's', '2026-01-01', 'a max'), NULL)::text, cdp.observe('{"a": 1}', 's', '2026-01-01')::text, 'with_policy NULL');
SELECT is(cdp.policy_of(NULL)::text, NULL, 'policy_of NULL');
SELECT is(cdp.without(NULL, 's')::text, NULL, 'without of NULL');
SELECT is(cdp.number('{}', NULL), NULL, 'number of NULL');
SELECT is(cdp.time(NULL, 'a'), NULL, 'time of NULL');
SELECT is(cdp.has('{}', 'a'), false, 'nothing is known');
SELECT is(cdp.has(cdp.observe('{"a": {"b": null, "c": 1}}', 's', now()), path), known, 'has ' || path)
FROM (VALUES ('a', true), ('a.b', false), ('a.c', true), ('a.d', false)) AS v (path, known);
SELECT is(cdp.time(cdp.observe(jsonb_build_object('a', text), 's', now(), 'a as timestamp'), 'a'), text::timestamptz, 'instant ' || text)
FROM unnest('{infinity,-infinity,2026-01-31 10:00:00.123456+00,1582-10-04T00:00:00Z}'::text[]) AS text;

-- Golden values against plain SQL
CREATE FUNCTION pg_temp.dice(seed text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$SELECT (hashtextextended(seed, 0) & 1048575)::int % sides$$;
CREATE TEMPORARY TABLE observed ON COMMIT DROP AS
SELECT i, i / 8 AS customer, pg_temp.dice('n' || i, 5) - 2 + pg_temp.dice('m' || i, 3) * 0.25 AS n, (ARRAY['Ana', 'Zeynep', 'Budi', 'ğ', ' '])[1 + pg_temp.dice('t' || i, 5)] AS t,
       's' || pg_temp.dice('s' || i, 3) AS source, '2026-01-01 00:00+00'::timestamptz + i * 7919 % 10007 * interval '1 hour' AS at
FROM generate_series(0, 7999) AS i;
CREATE TEMPORARY TABLE oracle ON COMMIT DROP AS
WITH ranked AS (
  SELECT *, row_number() OVER (PARTITION BY customer, source ORDER BY at DESC) AS of_source, count(*) OVER (PARTITION BY customer, n) AS n_times,
         count(*) OVER (PARTITION BY customer, t) AS t_times FROM observed)
SELECT customer, 'recent' AS rule, (array_agg(n ORDER BY at DESC))[1] AS n, (array_agg(t ORDER BY at DESC))[1] AS t FROM ranked GROUP BY 1
UNION ALL SELECT customer, 'first', (array_agg(n ORDER BY at))[1], (array_agg(t ORDER BY at))[1] FROM ranked GROUP BY 1
UNION ALL SELECT customer, 'priority(s2, s0)', (array_agg(n ORDER BY array_position('{s2,s0}', source), at DESC))[1], (array_agg(t ORDER BY array_position('{s2,s0}', source), at DESC))[1] FROM ranked GROUP BY 1
UNION ALL SELECT customer, 'sum', sum(n), NULL FROM ranked WHERE of_source = 1 GROUP BY 1
UNION ALL SELECT customer, 'max', max(n), max(t COLLATE "C") FROM ranked GROUP BY 1
UNION ALL SELECT customer, 'min', min(n), min(t COLLATE "C") FROM ranked GROUP BY 1
UNION ALL SELECT customer, 'longest', (array_agg(n ORDER BY length(trim_scale(n)::text) DESC, at DESC))[1], (array_agg(t ORDER BY length(t) DESC, at DESC))[1] FROM ranked GROUP BY 1
UNION ALL SELECT customer, 'frequent', (array_agg(n ORDER BY n_times DESC, at DESC))[1], (array_agg(t ORDER BY t_times DESC, at DESC))[1] FROM ranked GROUP BY 1
UNION ALL SELECT customer, 'recent ignore empty', (array_agg(n ORDER BY at DESC))[1], (array_agg(t ORDER BY at DESC) FILTER (WHERE t <> ' '))[1] FROM ranked GROUP BY 1;
CREATE TEMPORARY TABLE golden ON COMMIT DROP AS
SELECT customer, rule, cdp.profile_agg(jsonb_build_object('n', n, 't', t), source, at, 'default ' || rule) AS p
FROM observed, (SELECT DISTINCT rule FROM oracle) AS r GROUP BY 1, 2;
SELECT is(count(*) FILTER (WHERE cdp.number(p, 'n') IS DISTINCT FROM o.n OR p ->> 't' IS DISTINCT FROM o.t), 0::bigint, rule || ' is what SQL says')
FROM golden JOIN oracle AS o USING (customer, rule) GROUP BY rule;
SELECT is(count(*), 9000::bigint, 'all customers under all rules') FROM golden JOIN oracle USING (customer, rule);
SELECT is(count(*) FILTER (WHERE cdp.with_policy(p, 'default collect') -> 'n' IS DISTINCT FROM collected), 0::bigint, 'collect is what SQL says')
FROM golden JOIN (SELECT customer, jsonb_agg(DISTINCT n) AS collected FROM observed GROUP BY 1) AS o USING (customer) WHERE rule = 'max';
SELECT is(count(*), 0::bigint, 'one golden row of an attribute, and the golden value is in it')
FROM (SELECT FROM golden, cdp.observations(p) AS o WHERE rule NOT IN ('sum') GROUP BY customer, rule, attribute
      HAVING count(*) FILTER (WHERE golden) <> 1 OR NOT bool_or(golden AND value = p -> attribute)) AS wrong;
SELECT is(count(*), 0::bigint, 'the rows of a sum add up to it')
FROM (SELECT FROM golden, cdp.observations(p) AS o WHERE rule = 'sum' AND attribute = 'n' GROUP BY customer HAVING sum(value::numeric) FILTER (WHERE golden) <> max(cdp.number(p, 'n'))) AS wrong;

-- Sizes
SELECT cmp_ok(round(pg_column_size(cdp.rollup(cdp.observe(a || jsonb_build_object('plan', plan, 'age', 34), source, at)))::numeric / max(pg_column_size(a || jsonb_build_object('plan', plan, 'age', 34))), 2),
              '<=', 2.5, 'three sources that mostly agree take at most 2.5 times one''s jsonb')
FROM (SELECT jsonb_build_object('first_name', 'Zeynep', 'last_name', 'Yılmaz', 'country', 'TR', 'city', 'Ankara',
             'email', 'zeynep@example.com', 'ltv', 812.5, 'opt_in', true, 'score', 0.25) AS a) AS s,
     (VALUES ('crm', '2026-01-31 10:20:30+00'::timestamptz, 'pro'), ('web', '2026-02-03 11:00:01+00', 'team'), ('shop', '2026-02-07 18:45:00+00', 'pro')) AS v (source, at, plan);

SELECT * FROM finish();
ROLLBACK;
