-- Golden records: aggregate, merge, read, provenance. docs/profile.md

\pset null '(null)'
SET timezone = 'UTC';
SET datestyle = 'ISO, DMY';
CREATE TABLE record (customer int, attributes jsonb, source text, at timestamptz);
INSERT INTO record VALUES
  (1, '{"name": "Zeynep Yılmaz", "country": "TR", "age": 30.50, "phone": null}', 'crm', '2026-01-01'),
  (1, '{"country": "RS", "age": 30.5, "address": {"zip": "21000", "city": "Novi Sad"}}', 'shop', '2026-02-01 10:00:00.25+00'),
  (1, '{"country": "TR", "tags": ["vip", 1, null, true]}', 'shop', '2025-02-01'),
  (2, '{"name": "Sukarno", "balance": -12345678901234567890.001, "tiny": 1e-20, "huge": 1e50}', 'crm', '2026-01-01'),
  (2, '{"name": "Sukarno", "flag": false, "empty": "", "nothing": {}, "none": []}', 'crm', '2026-03-01'),
  (3, NULL, NULL, NULL);

CREATE TABLE golden AS SELECT customer, cdp.profile_agg(attributes, source, at) AS profile FROM record GROUP BY customer;
SELECT customer, profile FROM golden ORDER BY customer;

-- Golden values
SELECT profile -> 'country' AS j, profile ->> 'country' AS t, profile ->> 'address.city' AS nested,
       profile -> 'address' AS object, profile -> 'tags' AS array, profile -> 'missing' AS missing, profile -> 'phone' AS said_nothing
FROM golden WHERE customer = 1;
SELECT customer, cdp.attributes(profile) FROM golden ORDER BY customer;

-- Numbers keep their value exactly
SELECT n, cdp.profile_agg(jsonb_build_object('n', n), 's', '2026-01-01') ->> 'n' AS kept,
       (cdp.profile_agg(jsonb_build_object('n', n), 's', '2026-01-01') ->> 'n')::numeric = n AS equal
FROM unnest(ARRAY[0, -0.0, 1, 10, 100, 12345, 0.1, 0.01, 0.001, -0.05, -99.99, 123456789.987654321, 1e15, 1e16, -1e17, 9999, 10000, 100000001]::numeric[]) AS n
GROUP BY n ORDER BY n;
SELECT count(*) FILTER (WHERE (p ->> 'n')::numeric IS DISTINCT FROM n) AS different, count(*) FROM (
  SELECT n, cdp.profile_agg(jsonb_build_object('n', n), 's', '2026-01-01') AS p
  FROM (SELECT format('%se%s', hashint8(i), i % 61 - 30)::numeric AS n FROM generate_series(1, 5000) AS i) AS v
  GROUP BY n) AS profiles;

-- Provenance
SELECT attribute, value, source, first_seen AT TIME ZONE 'UTC' AS first_seen, last_seen AT TIME ZONE 'UTC' AS last_seen, times, golden, exact
FROM golden, cdp.observations(profile) WHERE customer = 1;

-- Merging: the order does not matter, the empty profile changes nothing
SELECT (a.profile || b.profile)::text = (b.profile || a.profile)::text AS commutative,
       (a.profile || '{}')::text = a.profile::text AS identity,
       (a.profile || b.profile)::text = (SELECT cdp.profile_agg(attributes, source, at)::text FROM record) AS regrouped
FROM golden AS a, golden AS b WHERE a.customer = 1 AND b.customer = 2;
SELECT cdp.rollup(profile)::text = (SELECT cdp.profile_agg(attributes, source, at)::text FROM record) AS rolled_up FROM golden;
SELECT cdp.rollup(p), cdp.profile_agg(NULL, 's', '2026-01-01') FROM (VALUES (NULL::cdp.profile)) AS v(p);

-- More than sixteen distinct (value, source) pairs: counts end, the extremes stay
SELECT cdp.profile_agg(jsonb_build_object('n', i), 's' || i % 2, timestamptz '2026-01-01 00:00+00' + i * interval '1 hour') AS profile
FROM generate_series(1, 1000) AS i;
SELECT count(*), min(value::text), max(value::text), bool_or(exact), count(first_seen), count(times)
FROM cdp.observations((SELECT cdp.profile_agg(jsonb_build_object('n', i), 's' || i % 2, timestamptz '2026-01-01 00:00+00' + i * interval '1 hour')
                       FROM generate_series(1, 1000) AS i));
SELECT count(DISTINCT p) AS results FROM (
  SELECT (SELECT cdp.rollup(part) FROM (
            SELECT cdp.profile_agg(jsonb_build_object('n', i), 's' || i % 2, timestamptz '2026-01-01 00:00+00' + i * interval '1 hour') AS part
            FROM generate_series(1, 300) AS i GROUP BY hashint4(i * seed) % 7) AS parts)::text AS p
  FROM generate_series(1, 20) AS seed) AS results;

-- Text and binary
SELECT bool_and(profile::text::cdp.profile::text = profile::text) AS round_trip FROM golden;
SELECT '{"attributes": {"seen": [{"time": "2026-01-31T10:00:00Z", "source": "crm", "last_seen": "2026-02-01"}],
                        "email": [{"erased": true, "source": "crm", "last_seen": "2026-02-01"},
                                  {"value": "a@example.com", "source": "crm", "last_seen": "2026-01-01", "first_seen": "2025-01-01", "times": 3}]}}'::cdp.profile AS profile \gset
SELECT :'profile'::cdp.profile, :'profile'::cdp.profile ->> 'seen' AS seen, :'profile'::cdp.profile ->> 'email' AS erased;
SELECT attribute, value, times, golden FROM cdp.observations(:'profile');
SELECT encode(cdp.profile_send('{}'), 'hex') AS empty, pg_column_size('{}'::cdp.profile);

-- Errors
SELECT ''::cdp.profile;
SELECT '{"attributes": {"a": [{"value": 1}]}}'::cdp.profile;
SELECT '{"attributes": {"a": [{"value": 1, "source": "s", "last_seen": "yesterday"}]}}'::cdp.profile;
SELECT '{"attribute": {}}'::cdp.profile;
SELECT ('{"attributes": ' || repeat('[', 2000))::cdp.profile;
SELECT cdp.profile_agg('[1]', 's', now());
SELECT cdp.profile_agg('{"a": 1}', NULL, now());
SELECT cdp.profile_agg('{"a": 1}', 's', NULL);
SELECT cdp.profile_agg(jsonb_build_object('a', 1), 's' || i, '2026-01-01') FROM generate_series(1, 256) AS i;
SELECT cdp.profile_agg_final('{}');

-- No search_path is needed
SET search_path = '';
SELECT profile ->> 'name', (profile || profile) -> 'country' FROM public.golden WHERE customer OPERATOR(pg_catalog.=) 1;
RESET search_path;

-- Parallel workers carry the state as it is
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE TABLE many AS
SELECT i % 50 AS customer, jsonb_build_object('n', i % 97, 'name', 'n' || i % 11) AS attributes, 's' || i % 3 AS source,
       timestamptz '2026-01-01 00:00+00' + (i * 7919 % 10007) * interval '1 minute' AS at
FROM generate_series(1, 20000) AS i;
ANALYZE many;
EXPLAIN (COSTS OFF) SELECT cdp.profile_agg(attributes, source, at) FROM many;
CREATE TABLE parallel AS SELECT customer, cdp.profile_agg(attributes, source, at) AS profile FROM many GROUP BY customer;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS SELECT customer, cdp.profile_agg(attributes, source, at) AS profile FROM many GROUP BY customer;
SELECT count(*) AS customers, count(*) FILTER (WHERE p.profile::text <> s.profile::text) AS different
FROM parallel AS p JOIN serial AS s USING (customer);

-- As a window aggregate
SELECT customer, source, cdp.profile_agg(attributes, source, at) OVER (PARTITION BY customer ORDER BY at) ->> 'country' AS so_far
FROM record WHERE customer = 1 ORDER BY at;

-- The deepest value returns from its text, as a restored dump needs it; a deeper one is refused
\set SHOW_CONTEXT never
CREATE FUNCTION pg_temp.nested(levels int) RETURNS cdp.profile LANGUAGE sql AS
$$SELECT cdp.profile_agg(('{"a":' || repeat('[', levels) || repeat(']', levels) || '}')::jsonb, 's', '2026-01-01')$$;
SELECT p::text::cdp.profile::text = p::text AS same FROM pg_temp.nested(1000) AS p;
SELECT pg_temp.nested(1001);
SELECT pg_temp.nested(5500);

-- A limit of pairs above the default one is kept
SELECT '{"keep": 18, "attributes": {"a": [{"value": 1, "source": "s", "last_seen": "2026-01-01T00:00:00Z"}]}}'::cdp.profile;

-- Making the rows of a large profile leaves nothing behind
SELECT count(*), max(used) < 16 * 1024 * 1024 AS small
FROM (SELECT cdp.profile_agg(jsonb_build_object('a' || i, repeat('x', 4000)), 's', '2026-01-01') AS p FROM generate_series(1, 10000) AS i) AS large,
     LATERAL (SELECT (SELECT sum(used_bytes) FROM pg_backend_memory_contexts WHERE name = 'cdp row') AS used FROM cdp.observations(p) OFFSET 0) AS made;

DROP TABLE record, golden, many, parallel, serial;
