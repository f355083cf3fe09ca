-- Survivorship: SQLSTATEs, NULL, and the size of profiles.
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

-- Sizes
SELECT cmp_ok(round(pg_column_size(cdp.rollup(cdp.observe(a || jsonb_build_object('plan', plan, 'age', 34), source, at)))::numeric / max(pg_column_size(a || jsonb_build_object('plan', plan, 'age', 34))), 2),
              '<=', 2.5, 'three sources that mostly agree take at most 2.5 times one''s jsonb')
FROM (SELECT jsonb_build_object('first_name', 'Zeynep', 'last_name', 'Yılmaz', 'country', 'TR', 'city', 'Ankara',
             'email', 'zeynep@example.com', 'ltv', 812.5, 'opt_in', true, 'score', 0.25) AS a) AS s,
     (VALUES ('crm', '2026-01-31 10:20:30+00'::timestamptz, 'pro'), ('web', '2026-02-03 11:00:01+00', 'team'), ('shop', '2026-02-07 18:45:00+00', 'pro')) AS v (source, at, plan);

SELECT * FROM finish();
ROLLBACK;
