-- SQLSTATEs and NULL handling of profiles.
BEGIN;
SELECT plan(40);

SELECT throws_ok($$SELECT ''::cdp.profile$$, '22P02', NULL, 'empty text');
SELECT throws_ok($$SELECT '[]'::cdp.profile$$, '22P02', NULL, 'not an object');
SELECT throws_ok($$SELECT '{"attributes": 1}'::cdp.profile$$, '22P02', NULL, 'attributes not an object');
SELECT throws_ok($$SELECT '{"keep": 256}'::cdp.profile$$, '22P02', NULL, 'limit out of range');
SELECT throws_ok($$SELECT '{"other": 1}'::cdp.profile$$, '22P02', NULL, 'unrecognized key');
SELECT throws_ok($$SELECT '{"attributes": {"a": [{"value": 1e200000, "source": "s", "last_seen": "2026-01-01"}]}}'::cdp.profile$$,
                 '22P02', 'number out of range', 'number beyond numeric');
SELECT throws_ok($$SELECT '{"attributes": {"a": [{"value": "\u0000", "source": "s", "last_seen": "2026-01-01"}]}}'::cdp.profile$$,
                 '22P02', NULL, 'NUL in a string');
SELECT throws_ok($$SELECT '{"attributes": {"a": [{"value": "\ud800", "source": "s", "last_seen": "2026-01-01"}]}}'::cdp.profile$$,
                 '22P02', NULL, 'half a surrogate pair');
SELECT throws_ok($$SELECT ('{"attributes": ' || repeat('{"a":', 1500))::cdp.profile$$, '54001', NULL, 'nested too deeply');
SELECT throws_ok($$SELECT repeat('[', 1000000)::cdp.profile$$, '54001', NULL, 'a million brackets');

SELECT throws_ok($$SELECT cdp.profile_agg('[]', 's', now())$$, '22023', NULL, 'attributes must be an object');
SELECT throws_ok($$SELECT cdp.profile_agg('1', 's', now())$$, '22023', NULL, 'attributes must not be a scalar');
SELECT throws_ok($$SELECT cdp.profile_agg('{}', NULL, now())$$, '22004', NULL, 'source must not be null');
SELECT throws_ok($$SELECT cdp.profile_agg('{}', 's', NULL)$$, '22004', NULL, 'time must not be null');
SELECT throws_ok($$SELECT cdp.profile_agg('{"a": 1}', i::text, now()) FROM generate_series(1, 256) AS i$$, '54000', NULL, 'too many sources');
SELECT lives_ok($$SELECT cdp.profile_agg('{"a": 1}', i::text, now()) FROM generate_series(1, 255) AS i$$, '255 sources');
SELECT throws_ok($$SELECT cdp.profile_agg_transition(NULL, '{}', 's', now())$$, '42809', NULL, 'transition by hand');
SELECT throws_ok($$SELECT cdp.profile_agg_combine('{}', '{}')$$, '42809', NULL, 'combine by hand');
SELECT throws_ok($$SELECT cdp.profile_agg_final('{}')$$, '42809', NULL, 'final by hand');

SELECT is(cdp.profile_agg(NULL, NULL, NULL)::text, NULL, 'NULL attributes are no observation');
SELECT is(cdp.profile_agg('{}', 's', now())::text, '{}', 'an observation of nothing');
SELECT is(cdp.profile_agg('{"a": null}', 's', now())::text, '{}', 'JSON null says nothing');
SELECT is(cdp.profile_agg('{"a": 1}', 's', 'infinity')::text,
          '{"attributes": {"a": [{"value": 1, "source": "s", "last_seen": "infinity"}]}}', 'infinity');
SELECT is(cdp.profile_agg('{"a": 1}', 's', '-infinity')::text::cdp.profile ->> 'a', '1', '-infinity');
SELECT is(cdp.profile_agg('{"a": 1}', 's', '4713-01-01 00:00+00 BC')::text,
          '{"attributes": {"a": [{"value": 1, "source": "s", "last_seen": "-4712-01-01T00:00:00Z"}]}}', 'before Christ');
SELECT is(cdp.profile_agg('{"": 1}', '', now()) ->> '', '1', 'empty names are names');
SELECT is(cdp.rollup(NULL::cdp.profile)::text, NULL, 'rollup of NULL');

SELECT is((NULL::cdp.profile || '{}'::cdp.profile)::text, NULL, 'NULL || profile');
SELECT is(('{}'::cdp.profile || NULL::cdp.profile)::text, NULL, 'profile || NULL');
SELECT is(NULL::cdp.profile -> 'a', NULL, 'NULL -> path');
SELECT is('{}'::cdp.profile -> NULL, NULL, 'profile -> NULL');
SELECT is(NULL::cdp.profile ->> 'a', NULL, 'NULL ->> path');
SELECT is('{}'::cdp.profile ->> NULL, NULL, 'profile ->> NULL');
SELECT is(cdp.attributes(NULL), NULL, 'attributes(NULL)');
SELECT is_empty($$SELECT * FROM cdp.observations(NULL)$$, 'observations(NULL)');
SELECT is_empty($$SELECT * FROM cdp.observations('{}')$$, 'observations of nothing');
SELECT is(cdp.attributes('{}'), '{}'::jsonb, 'attributes of nothing');

SELECT ok((SELECT pg_column_size(cdp.profile_agg(a, 'crm', '2026-01-31 10:20:30+00')) <= 1.5 * pg_column_size(a)
           FROM (SELECT jsonb_build_object('first_name', 'Zeynep', 'last_name', 'Yılmaz', 'country', 'TR', 'city', 'Ankara',
                        'email', 'zeynep@example.com', 'age', 34, 'plan', 'pro', 'ltv', 812.5, 'opt_in', true, 'score', 0.25) AS a) AS s
           GROUP BY a), 'ten attributes of one source take at most 1.5 times their jsonb');
SELECT ok((SELECT length(cdp.profile_agg(jsonb_build_object('text', repeat('x', 50000000)), 's', now()) ->> 'text') = 50000000),
          'a value of 50 MB');
SELECT throws_ok($$SELECT cdp.profile_agg(jsonb_build_object('text', repeat(i::text, 220000000)), 's', now()) FROM generate_series(1, 6) AS i$$,
                 '54000', NULL, 'beyond 1 GB');

SELECT * FROM finish();
ROLLBACK;
