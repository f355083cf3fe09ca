-- Equality of profiles, timelines, policies, components, audiences and segments: of what they say, by canonical bytes.
BEGIN;
SELECT no_plan();

-- Values of each type that differ, each made in several ways; `made` are states of aggregates, as a cluster sends them.
CREATE AGGREGATE pg_temp.profile_state(jsonb, text, timestamptz) (SFUNC = cdp.profile_agg_transition, STYPE = cdp.profile);
CREATE AGGREGATE pg_temp.timeline_state(text, timestamptz, jsonb) (SFUNC = cdp.timeline_agg_transition, STYPE = cdp.timeline);
CREATE AGGREGATE pg_temp.components_state(text, text) (SFUNC = cdp.components_accum, STYPE = cdp.components);
CREATE AGGREGATE pg_temp.audience_state(bigint) (SFUNC = cdp.audience_agg_transition, STYPE = cdp.audience);
CREATE TABLE way (i int, n int);
INSERT INTO way SELECT i, n FROM generate_series(1, 40) AS i, generate_series(0, 5) AS n;
CREATE TABLE profiles AS
SELECT n, cdp.profile_agg(jsonb_build_object('a', i % (n + 3)), 's' || i % 2, to_timestamp(i), CASE n % 2 WHEN 0 THEN 'a max' END::cdp.policy) AS v FROM way GROUP BY n
UNION ALL SELECT n, cdp.rollup(cdp.observe(jsonb_build_object('a', i % (n + 3)), 's' || i % 2, to_timestamp(i), CASE n % 2 WHEN 0 THEN 'a max' END::cdp.policy) ORDER BY i DESC) FROM way GROUP BY n
UNION ALL SELECT n, pg_temp.profile_state(jsonb_build_object('a', i % (n + 3)), 's' || i % 2, to_timestamp(i)) FROM way WHERE n % 2 = 1 GROUP BY n
UNION ALL SELECT 100, cdp.observe('{"a": "x"}', 's', '2026-01-01') UNION ALL SELECT 101, '{}' UNION ALL SELECT 102, cdp.detach('{}')
UNION ALL SELECT 103, cdp.observe(jsonb_build_object('a', repeat('long', 5000)), 's', '2026-01-01') UNION ALL SELECT 103, cdp.observe(jsonb_build_object('a', repeat('long', 5000)), 's', '2026-01-01')
UNION ALL SELECT 104, NULL UNION ALL SELECT 104, NULL;
CREATE TABLE timelines AS
SELECT n, cdp.timeline_agg('e' || i % 2, to_timestamp(i), jsonb_build_object('x', i % (n + 3))) AS v FROM way GROUP BY n
UNION ALL SELECT n, cdp.rollup(cdp.event('e' || i % 2, to_timestamp(i), jsonb_build_object('x', i % (n + 3))) ORDER BY i DESC) FROM way GROUP BY n
UNION ALL SELECT n, pg_temp.timeline_state('e' || i % 2, to_timestamp(i), jsonb_build_object('x', i % (n + 3))) FROM way GROUP BY n
UNION ALL SELECT 100, '{}' UNION ALL SELECT 101, cdp.keep('{}', 7) UNION ALL SELECT 102, NULL UNION ALL SELECT 102, NULL;
CREATE TABLE policies AS
SELECT n, v::cdp.policy AS v FROM (VALUES (0, 'default recent'), (0, 'default recent;'), (1, 'default max'), (1, 'DEFAULT  MAX'), (2, 'a max; b min'), (2, 'b min; a max'),
  (3, 'a max ignore empty'), (4, 'group g(a, b)'), (4, 'group g(b, a) recent'), (5, NULL), (5, NULL)) AS p (n, v);
CREATE TABLE components AS
SELECT n, cdp.connected_components_agg('a' || i, 'a' || i % (n + 1)) AS v FROM way GROUP BY n
UNION ALL SELECT n, cdp.connected_components_agg('a' || i % (n + 1), 'a' || i ORDER BY i DESC) FROM way GROUP BY n
UNION ALL SELECT n, pg_temp.components_state('a' || i % (n + 1), 'a' || i) FROM way GROUP BY n
UNION ALL SELECT 100, '[]' UNION ALL SELECT 101, NULL UNION ALL SELECT 101, NULL;
CREATE TABLE audiences AS
SELECT n, cdp.audience_agg(i * (n + 1)) AS v FROM way GROUP BY n UNION ALL SELECT n, cdp.union(cdp.audience(ARRAY[i * (n + 1)])) FROM way GROUP BY n
UNION ALL SELECT n, pg_temp.audience_state(i * (n + 1)) FROM way GROUP BY n UNION ALL SELECT 100, '{}' UNION ALL SELECT 101, NULL UNION ALL SELECT 101, NULL;
CREATE TABLE segments AS
SELECT n, v::cdp.segment AS v FROM (VALUES (0, 'a = 1'), (0, 'a  =  1.0'), (1, 'a = 2'), (2, 'a = 1 and b = 2'), (3, NULL), (3, NULL)) AS p (n, v);

-- One number per value: whoever groups, sorts, joins or indexes by the value groups by the number.
CREATE FUNCTION pg_temp.laws(name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE type text; law text; query text; broken bigint;
BEGIN
  SELECT format_type(atttypid, NULL) INTO type FROM pg_attribute WHERE attrelid = name::regclass AND attname = 'v';
  FOR law, query IN VALUES
    ('equality', 'SELECT count(*) FROM T a, T b WHERE (a.v IS NOT DISTINCT FROM b.v) <> (a.n = b.n) OR (a.v = b.v) = (a.v <> b.v)'),
    ('equal as text', 'SELECT count(*) FROM T a, T b WHERE (a.v = b.v) <> (a.v::text = b.v::text)'),
    ('hashes', 'SELECT count(*) FROM T a, T b WHERE a.v = b.v AND (H(a.v) <> H(b.v) OR H_extended(a.v, 7) <> H_extended(b.v, 7) OR H_extended(a.v, 0) & 4294967295 <> H(a.v) & 4294967295::bigint)'),
    ('different hashes', 'SELECT greatest(count(DISTINCT v) - count(DISTINCT H(v)), 0) FROM T'),
    ('order', 'SELECT count(*) FROM T a, T b WHERE (a.v < b.v) <> (C(a.v, b.v) < 0) OR (a.v <= b.v) <> (C(a.v, b.v) <= 0) OR (a.v > b.v) <> (C(a.v, b.v) > 0) OR (a.v >= b.v) <> (C(a.v, b.v) >= 0) OR sign(C(a.v, b.v)) <> -sign(C(b.v, a.v))'),
    ('transitive', 'SELECT count(*) FROM T a, T b, T c WHERE a.v < b.v AND b.v < c.v AND NOT a.v < c.v'),
    ('DISTINCT', 'SELECT abs((SELECT count(*) FROM (SELECT DISTINCT v FROM T) AS s) - (SELECT count(DISTINCT n) FROM T))'),
    ('count(DISTINCT)', 'SELECT abs((SELECT count(DISTINCT v) FROM T) - (SELECT count(DISTINCT n) FROM T WHERE v IS NOT NULL))'),
    ('GROUP BY', 'SELECT count(*) FROM (SELECT FROM T GROUP BY v HAVING min(n) <> max(n)) AS s'),
    ('join', 'SELECT abs((SELECT count(*) FROM T a JOIN T b USING (v)) - (SELECT count(*) FROM T a JOIN T b USING (n) WHERE a.v IS NOT NULL))'),
    ('ORDER BY', 'SELECT count(*) FROM (SELECT v < lag(v) OVER (ORDER BY v) AS back FROM T) AS s WHERE back') LOOP
    query := replace(replace(replace(regexp_replace(query, '\mT\M', name, 'g'), 'H_extended(', type || '_hash_extended('), 'H(', type || '_hash('), 'C(', type || '_cmp(');
    EXECUTE query INTO broken;
    RETURN NEXT is(broken, 0::bigint, name || ': ' || law);
  END LOOP;
END $$;
SELECT pg_temp.laws(name) FROM unnest('{profiles,timelines,policies,components,audiences,segments}'::text[]) AS name;
SET LOCAL enable_hashagg = off;
SET LOCAL enable_hashjoin = off;
SELECT pg_temp.laws(name) FROM unnest('{profiles,timelines,policies,components,audiences,segments}'::text[]) AS name;
RESET enable_hashagg;
RESET enable_hashjoin;

-- As keys, out of line too, and in pgTAP's own comparison
CREATE UNIQUE INDEX ON profiles (v) WHERE n = 101;
CREATE INDEX ON timelines (v);
CREATE INDEX ON policies USING hash (v);
SET LOCAL enable_seqscan = off;
SELECT is(count(*), 3::bigint, 'by a btree index') FROM timelines WHERE v = (SELECT v FROM timelines WHERE n = 3 LIMIT 1);
SELECT is(count(*), 2::bigint, 'by a hash index') FROM policies WHERE v = 'default max';
RESET enable_seqscan;
SELECT is(cdp.observe('{"a": 1.0}', 's', '2026-01-01'), cdp.observe('{"a": 1}', 's', '2026-01-01'), 'profiles by is()');
SELECT isnt(cdp.event('a', '2026-01-01'), cdp.event('a', '2026-01-02'), 'timelines by isnt()');
SELECT is('default max'::text::cdp.policy, 'default max'::cdp.policy, 'policies by is()');
SELECT is('[["b", "a"]]'::cdp.components, '[["a", "b"]]'::cdp.components, 'components by is()');
SELECT is(NULL::cdp.profile = '{}', NULL, 'NULL');
SELECT throws_ok($$SELECT '{}'::cdp.profile = '{}'::cdp.timeline$$, '42883', NULL, 'of one type only');

SELECT * FROM finish();
ROLLBACK;
