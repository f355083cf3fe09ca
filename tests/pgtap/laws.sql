-- What an aggregate returns is a function of the rows alone, not of their order, their grouping into parts, or of who
-- computed the parts: in one backend, by parallel workers, partition by partition.
BEGIN;
SELECT no_plan();

-- Deterministic noise.
CREATE FUNCTION pg_temp.dice(seed text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$SELECT (hashtextextended(seed, 0) & 1048575)::int % sides$$;

CREATE TABLE observed (id int, customer int, attributes jsonb, source text, at timestamptz) PARTITION BY HASH (id);
CREATE TABLE observed_0 PARTITION OF observed FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE observed_1 PARTITION OF observed FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE observed_2 PARTITION OF observed FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO observed
SELECT i, pg_temp.dice('c' || i, 200),
       jsonb_strip_nulls(jsonb_build_object(
         'country', (ARRAY['TR', 'RS', 'IR', NULL])[1 + pg_temp.dice('v' || i, 4)],
         'n', pg_temp.dice('n' || i, 40) - 20,
         'n2', nullif(pg_temp.dice('o' || i, 4), 0),
         'mixed', (ARRAY['1', '"1"', 'true', '{"a": [1, null, "ğ"], "b": {}}', '[]', '1.50', '-3e20'])[1 + pg_temp.dice('m' || i, 7)]::jsonb)),
       's' || pg_temp.dice('s' || i, 5),
       '2026-01-01 00:00+00'::timestamptz + pg_temp.dice('t' || i, 50) * interval '1 hour'
FROM generate_series(1, 12000) AS i;
INSERT INTO observed VALUES (0, 0, NULL, 's0', now()), (-1, 0, '{}', 's1', now()), (-2, 0, '{"n": null}', 's1', 'infinity');

CREATE TABLE linked (id int, tenant int, a text, b text) PARTITION BY HASH (id);
CREATE TABLE linked_0 PARTITION OF linked FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE linked_1 PARTITION OF linked FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE linked_2 PARTITION OF linked FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO linked
SELECT i, pg_temp.dice('k' || i, 40), nullif('device:' || pg_temp.dice('d' || i, 300), 'device:7'), 'user:' || pg_temp.dice('u' || i, 500)
FROM generate_series(1, 12000) AS i;
-- Every event twice: in a timeline it is one.
CREATE TABLE acted (id int, customer int, event text, at timestamptz, properties jsonb, message_id text) PARTITION BY HASH (id);
CREATE TABLE acted_0 PARTITION OF acted FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE acted_1 PARTITION OF acted FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE acted_2 PARTITION OF acted FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO acted
SELECT again * 100000 + i, pg_temp.dice('ac' || i, 200), (ARRAY['view', 'cart', 'purchase', 'ğ'])[1 + pg_temp.dice('ae' || i, 4)],
       '2026-01-01 00:00+00'::timestamptz + pg_temp.dice('at' || i, 40) * interval '1 hour' + pg_temp.dice('am' || i, 2) * interval '1 microsecond',
       CASE WHEN pg_temp.dice('ap' || i, 3) > 0 THEN jsonb_strip_nulls(jsonb_build_object(
         'amount', pg_temp.dice('aa' || i, 4000) / 100.0,
         'page', (ARRAY['home', NULL, 'shoes'])[1 + pg_temp.dice('ag' || i, 3)],
         'mixed', (ARRAY['1', '"1"', 'true', '{"a": [1, null, "ğ"], "b": {}}', '[]', '1.50', '-3e20'])[1 + pg_temp.dice('ax' || i, 7)]::jsonb)) END,
       CASE WHEN i % 3 = 0 THEN 'm' || pg_temp.dice('ai' || i, 3) END
FROM generate_series(1, 12000) AS i, generate_series(0, 1) AS again;

CREATE TABLE visited (id int, page int, profile bigint) PARTITION BY HASH (id);
CREATE TABLE visited_0 PARTITION OF visited FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE visited_1 PARTITION OF visited FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE visited_2 PARTITION OF visited FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO visited
SELECT i, pg_temp.dice('p' || i / 400, 30), nullif(pg_temp.dice('v' || i, 20000) * (1 - 2 * pg_temp.dice('w' || i, 2))::bigint, 7)
                                            + (pg_temp.dice('h' || i, 2)::bigint << 40)
FROM generate_series(1, 12000) AS i
UNION ALL SELECT i, 30, i FROM generate_series(20000, 44000) AS i;
ANALYZE visited;
ANALYZE observed;
ANALYZE linked;
ANALYZE acted;

-- The reference: one backend, rows as they come.
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TEMPORARY TABLE golden ON COMMIT DROP AS
SELECT customer, cdp.profile_agg(attributes, source, at)::text AS profile FROM observed GROUP BY customer;
CREATE FUNCTION pg_temp.policy() RETURNS text LANGUAGE sql IMMUTABLE AS
  $$SELECT 'default frequent; n sum ignore empty; country priority(s3, s1); group pair(mixed, n2) longest'$$;
CREATE TEMPORARY TABLE ruled ON COMMIT DROP AS
SELECT customer, cdp.profile_agg(attributes, source, at, pg_temp.policy())::text AS profile FROM observed GROUP BY customer;
CREATE TEMPORARY TABLE partition ON COMMIT DROP AS
SELECT tenant, cdp.connected_components_agg(a, b)::text AS components FROM linked GROUP BY tenant;
CREATE TEMPORARY TABLE behaviour ON COMMIT DROP AS
SELECT customer, cdp.timeline_agg(event, at, properties, message_id)::text AS timeline FROM acted GROUP BY customer;
CREATE TEMPORARY TABLE reached ON COMMIT DROP AS
SELECT page, cdp.audience_agg(profile)::text AS audience FROM visited GROUP BY page;
SELECT is((SELECT count(*) FROM reached JOIN (SELECT page, array_agg(DISTINCT profile ORDER BY profile) AS ids FROM visited WHERE profile IS NOT NULL GROUP BY page) AS v USING (page)
           WHERE audience = ids::text), 19::bigint, 'audiences are sets of distinct ids');

SELECT ok((SELECT count(*) = 200 AND sum(length(profile)) > 200000 FROM golden), 'the reference of profiles says something');
SELECT ok((SELECT count(*) = 200 AND bool_and(profile LIKE '{"policy":%') FROM ruled), 'the reference under a policy says something');
SELECT ok((SELECT count(*) = 40 AND count(DISTINCT components) = 40 FROM partition), 'the reference of components says something');
SELECT ok((SELECT count(*) = 200 AND count(DISTINCT timeline) = 200 AND sum(length(timeline)) > 200000 FROM behaviour), 'the reference of timelines says something');
SELECT is((SELECT sum(cdp.count(timeline::cdp.timeline, event)) FROM behaviour, unnest('{view,cart,purchase,ğ}'::text[]) AS event),
          (SELECT count(DISTINCT (customer, event, at, properties, message_id)) FROM acted)::numeric, 'each event counts once');

-- How many groups differ from the reference, when `query` computes them.
CREATE FUNCTION pg_temp.differing(reference text, query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM (TABLE pg_temp.%I) AS r (k, v) FULL JOIN (%s) AS q (k, v) USING (k) WHERE r.v IS DISTINCT FROM q.v::text',
                 reference, query) INTO STRICT n;
  RETURN n;
END $$;
\ir common/plan.sql

-- Any order of the rows, sorted or hashed.
SELECT is(pg_temp.differing('golden', format($$SELECT customer, cdp.profile_agg(attributes, source, at ORDER BY pg_temp.dice(%L || id, 1000000)) FROM observed GROUP BY customer$$, seed)),
          0::bigint, 'profiles in shuffled order ' || seed) FROM generate_series(1, 5) AS seed;
SELECT is(pg_temp.differing('ruled', format($$SELECT customer, cdp.profile_agg(attributes, source, at, pg_temp.policy() ORDER BY pg_temp.dice(%L || id, 1000000)) FROM observed GROUP BY customer$$, seed)),
          0::bigint, 'profiles under a policy in shuffled order ' || seed) FROM generate_series(1, 3) AS seed;
SELECT is(pg_temp.differing('ruled', $$SELECT customer, cdp.with_policy(cdp.rollup(cdp.observe(attributes, source, at, pg_temp.policy())), pg_temp.policy()) FROM observed GROUP BY customer$$),
          0::bigint, 'profiles of single rows');
SELECT is(pg_temp.differing('partition', format($$SELECT tenant, cdp.connected_components_agg(a, b ORDER BY pg_temp.dice(%L || id, 1000000)) FROM linked GROUP BY tenant$$, seed)),
          0::bigint, 'components in shuffled order ' || seed) FROM generate_series(1, 5) AS seed;
SELECT is(pg_temp.differing('behaviour', format($$SELECT customer, cdp.timeline_agg(event, at, properties, message_id ORDER BY pg_temp.dice(%L || id, 1000000)) FROM acted GROUP BY customer$$, seed)),
          0::bigint, 'timelines in shuffled order ' || seed) FROM generate_series(1, 5) AS seed;
SELECT is(pg_temp.differing('behaviour', 'SELECT customer, cdp.timeline_agg(event, at, properties, message_id) FROM acted WHERE id > 100000 GROUP BY customer'), 0::bigint, 'timelines of each event once');
SELECT is(pg_temp.differing('reached', format($$SELECT page, cdp.audience_agg(profile ORDER BY pg_temp.dice(%L || id, 1000000)) FROM visited GROUP BY page$$, seed)),
          0::bigint, 'audiences in shuffled order ' || seed) FROM generate_series(1, 5) AS seed;
SELECT is(pg_temp.differing('partition', 'SELECT tenant, cdp.connected_components_agg(b, a) FROM linked GROUP BY tenant'), 0::bigint, 'links the other way round');
SET LOCAL enable_sort = off;
SELECT is(pg_temp.differing('golden', 'SELECT customer, cdp.profile_agg(attributes, source, at) FROM observed GROUP BY customer'), 0::bigint, 'profiles by hashing');
SELECT is(pg_temp.differing('partition', 'SELECT tenant, cdp.connected_components_agg(a, b) FROM linked GROUP BY tenant'), 0::bigint, 'components by hashing');
SELECT is(pg_temp.differing('behaviour', 'SELECT customer, cdp.timeline_agg(event, at, properties, message_id) FROM acted GROUP BY customer'), 0::bigint, 'timelines by hashing');
SELECT is(pg_temp.differing('reached', 'SELECT page, cdp.audience_agg(profile) FROM visited GROUP BY page'), 0::bigint, 'audiences by hashing');
RESET enable_sort;
SET LOCAL enable_hashagg = off;
SELECT is(pg_temp.differing('golden', 'SELECT customer, cdp.profile_agg(attributes, source, at) FROM observed GROUP BY customer'), 0::bigint, 'profiles by sorting');
SELECT is(pg_temp.differing('partition', 'SELECT tenant, cdp.connected_components_agg(a, b) FROM linked GROUP BY tenant'), 0::bigint, 'components by sorting');
SELECT is(pg_temp.differing('behaviour', 'SELECT customer, cdp.timeline_agg(event, at, properties, message_id) FROM acted GROUP BY customer'), 0::bigint, 'timelines by sorting');
SELECT is(pg_temp.differing('reached', 'SELECT page, cdp.audience_agg(profile) FROM visited GROUP BY page'), 0::bigint, 'audiences by sorting');
RESET enable_hashagg;

-- Random parts, put together in random order: by the rollup, by its rollup again, by the operator one after the other.
CREATE AGGREGATE pg_temp.folded(cdp.profile) (SFUNC = cdp.merge, STYPE = cdp.profile);
CREATE AGGREGATE pg_temp.folded(cdp.timeline) (SFUNC = cdp.merge, STYPE = cdp.timeline);
CREATE AGGREGATE pg_temp.folded(cdp.components) (SFUNC = cdp.components_union, STYPE = cdp.components);
CREATE TEMPORARY TABLE part ON COMMIT DROP AS
SELECT 'golden' AS reference, seed, format(
  'SELECT customer AS k, pg_temp.dice(%L || id, %s) AS part, cdp.profile_agg(attributes, source, at) AS v FROM observed GROUP BY 1, 2', seed, seed * seed) AS query
FROM generate_series(1, 6) AS seed
UNION ALL
SELECT 'ruled', seed, format(
  'SELECT customer AS k, pg_temp.dice(%L || id, %s) AS part, cdp.profile_agg(attributes, source, at, pg_temp.policy()) AS v FROM observed GROUP BY 1, 2', seed, seed * seed)
FROM generate_series(2, 4) AS seed
UNION ALL
SELECT 'partition', seed, format(
  'SELECT tenant AS k, pg_temp.dice(%L || id, %s) AS part, cdp.connected_components_agg(a, b) AS v FROM linked GROUP BY 1, 2', seed, seed * seed)
FROM generate_series(1, 6) AS seed
UNION ALL
SELECT 'behaviour', seed, format(
  'SELECT customer AS k, pg_temp.dice(%L || id, %s) AS part, cdp.timeline_agg(event, at, properties, message_id) AS v FROM acted GROUP BY 1, 2', seed, seed * seed)
FROM generate_series(1, 6) AS seed;
SELECT is(pg_temp.differing(reference, format('SELECT k, cdp.rollup(v ORDER BY pg_temp.dice(%L || part, 1000000)) FROM (%s) AS p GROUP BY k', -seed, query)),
          0::bigint, reference || ': rollup of parts ' || seed) FROM part;
SELECT is(pg_temp.differing(reference, format(
            'SELECT k, cdp.rollup(v) FROM (SELECT k, cdp.rollup(v) AS v FROM (%s) AS p GROUP BY k, pg_temp.dice(%L || part, 3)) AS q GROUP BY k', query, -seed)),
          0::bigint, reference || ': rollup of rollups ' || seed) FROM part;
SELECT is(pg_temp.differing(reference, format('SELECT k, pg_temp.folded(v ORDER BY pg_temp.dice(%L || part, 1000000)) FROM (%s) AS p GROUP BY k', -seed, query)),
          0::bigint, reference || ': one after the other ' || seed) FROM part;
SELECT is(pg_temp.differing(reference, format('SELECT k, cdp.rollup(v::text::%s) FROM (%s) AS p GROUP BY k',
                                              CASE reference WHEN 'partition' THEN 'cdp.components' WHEN 'behaviour' THEN 'cdp.timeline' ELSE 'cdp.profile' END, query)),
          0::bigint, reference || ': parts that were text ' || seed) FROM part WHERE seed = 3;

-- Once something is folded: the same for parts that share no event, whatever was folded where.
CREATE TEMPORARY TABLE folded ON COMMIT DROP AS
SELECT customer, cdp.cut(cdp.keep(cdp.timeline_agg(event, at, properties, message_id), 4), '2026-01-01 12:00+00')::text AS timeline
FROM (SELECT DISTINCT customer, event, at, properties, message_id FROM acted) AS a GROUP BY customer;
SELECT is((SELECT count(*) FROM folded WHERE timeline LIKE '%folded%sums%'), 200::bigint, 'the reference has folded something');
SELECT is(pg_temp.differing('folded', format($$
  SELECT k, cdp.rollup(v ORDER BY pg_temp.dice(%1$L || part, 1000000)) FROM (
    SELECT customer AS k, part, CASE part %% 3 WHEN 0 THEN cdp.keep(v, 4) WHEN 1 THEN cdp.cut(v, '2026-01-01 12:00+00') ELSE cdp.cut(cdp.keep(v, 20), '2026-01-01 02:00+00') END AS v
    FROM (SELECT customer, pg_temp.dice(%1$L || customer || event || at || coalesce(properties::text, '') || coalesce(message_id, ''), 9) AS part,
                 cdp.timeline_agg(event, at, properties, message_id) AS v
          FROM (SELECT DISTINCT customer, event, at, properties, message_id FROM acted) AS a GROUP BY 1, 2) AS p
    UNION ALL SELECT customer, -1, cdp.cut(cdp.keep('{}', 4), '2026-01-01 12:00+00') FROM acted GROUP BY customer) AS q GROUP BY k$$, seed)),
  0::bigint, 'folded parts ' || seed) FROM generate_series(1, 5) AS seed;
SELECT is(pg_temp.differing('reached', format(
            'SELECT page, cdp.union(v ORDER BY pg_temp.dice(%L || part, 1000000)) FROM (SELECT page, pg_temp.dice(%1$L || id, %s) AS part, cdp.audience_agg(profile) AS v FROM visited GROUP BY 1, 2) AS p GROUP BY page',
            seed, seed * seed)), 0::bigint, 'reached: union of parts ' || seed) FROM generate_series(1, 6) AS seed;

-- Parallel workers. A plan that isn't parallel would prove nothing.
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE TEMPORARY TABLE aggregate (reference text, query text) ON COMMIT DROP;
INSERT INTO aggregate VALUES
  ('golden', 'SELECT customer, cdp.profile_agg(attributes, source, at) FROM observed GROUP BY customer'),
  ('ruled', format('SELECT customer, cdp.profile_agg(attributes, source, at, %L) FROM observed GROUP BY customer', pg_temp.policy())),
  ('partition', 'SELECT tenant, cdp.connected_components_agg(a, b) FROM linked GROUP BY tenant'),
  ('behaviour', 'SELECT customer, cdp.timeline_agg(event, at, properties, message_id) FROM acted GROUP BY customer'),
  ('reached', 'SELECT page, cdp.audience_agg(profile) FROM visited GROUP BY page');
SELECT matches(pg_temp.plan(query), 'Gather(.|\n)*Partial (Hash|Group)', reference || ': the plan is parallel') FROM aggregate;
SELECT is(pg_temp.differing(reference, query), 0::bigint, reference || ': parallel') FROM aggregate;
SET LOCAL parallel_leader_participation = off;
SELECT is(pg_temp.differing(reference, query), 0::bigint, reference || ': parallel, by workers alone') FROM aggregate;

-- Partition by partition.
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT matches(pg_temp.plan(query), 'Append\n +-> +Partial', reference || ': the plan is partition-wise') FROM aggregate;
SELECT is(pg_temp.differing(reference, query), 0::bigint, reference || ': partition-wise') FROM aggregate;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT is(pg_temp.differing(reference, query), 0::bigint, reference || ': partition-wise and parallel') FROM aggregate;

-- The set-returning function, the aggregate and its members say the same.
SELECT results_eq(
  $$SELECT * FROM cdp.connected_components('SELECT a, b FROM linked WHERE tenant = 3') ORDER BY identifier COLLATE "C"$$,
  $$SELECT m.* FROM cdp.members((SELECT cdp.connected_components_agg(a, b) FROM linked WHERE tenant = 3)) AS m ORDER BY identifier COLLATE "C"$$,
  'function and aggregate agree');

-- Rows of few names and of many, more than an aggregate gives numbers to; numbers of every length next to them.
CREATE TABLE wide AS
SELECT i AS id, i % 20 AS customer, 's' || pg_temp.dice('s' || i, 30) AS source, now() + pg_temp.dice('t' || i, 1000) * interval '1 s' AS at,
       (SELECT jsonb_object_agg('name ' || pg_temp.dice(i || 'n' || j, 3 + i / 4),
                                (ARRAY['1e' || pg_temp.dice(i || 'e' || j, 800) - 400, '-' || repeat('7', 1 + j % 40), '"' || repeat('x', pg_temp.dice(i || 'x' || j, 30)) || '"',
                                       '[[-1e-300, 1e300, []], {}]'])[1 + pg_temp.dice(i || 'k' || j, 4)]::jsonb)
        FROM generate_series(1, 1 + pg_temp.dice('r' || i, 12)) AS j) AS attributes
FROM generate_series(1, 600) AS i;
SELECT is((SELECT count(DISTINCT name) > 64 FROM wide CROSS JOIN jsonb_object_keys(attributes) AS name), true, 'many names');
SELECT is_empty($$
  SELECT customer FROM (SELECT customer, cdp.profile_agg(attributes, source, at)::text AS at_once FROM wide GROUP BY customer) AS a
  JOIN (SELECT customer, cdp.rollup(one)::text AS by_row
        FROM (SELECT customer, cdp.profile_agg(attributes, source, at) AS one FROM wide GROUP BY customer, id) AS ones GROUP BY customer) AS b USING (customer)
  WHERE at_once <> by_row$$, 'rows of many names, at once and one by one');

SELECT * FROM finish();
ROLLBACK;
