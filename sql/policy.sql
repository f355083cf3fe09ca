-- Survivorship: policies, the golden values they choose, erasing and taking out. docs/profile.md

\pset null '(null)'
SET timezone = 'UTC';
SET datestyle = 'ISO, DMY';

-- Canonical text
SELECT text::cdp.policy FROM (VALUES
  ('default recent'), ('COUNTRY Priority(crm, "web shop"); age max;'), ('default first ignore empty; signed_up as timestamp'),
  ('group address(street, postcode, city) recent; tags collect'), ('declared 2026-01-31T12:00:00+02; default recent')) AS v (text);

-- One customer, every rule
CREATE TABLE record (id int, attributes jsonb, source text, at timestamptz);
INSERT INTO record VALUES
  (1, '{"v": 10, "name": "Ana", "tags": ["a", "b"], "street": "Long St 1", "city": "Novi Sad"}', 'crm', '2026-01-01'),
  (2, '{"v": 7.50, "name": "Anastasija", "tags": "c", "city": "Beograd"}', 'web', '2026-02-01'),
  (3, '{"v": 10, "name": "Ana", "tags": ["b", "d"], "street": "Short St 2", "city": "Niš"}', 'shop', '2026-03-01'),
  (4, '{"v": 1e3, "name": " ", "tags": []}', 'web', '2026-04-01');
SELECT rule, p ->> 'v' AS v, p ->> 'name' AS name, p -> 'tags' AS tags, cdp.number(p, 'v') AS number
FROM (VALUES ('recent'), ('first'), ('priority(crm, web)'), ('priority(none, web)'), ('sum'), ('max'), ('min'), ('longest'),
             ('frequent'), ('collect'), ('recent ignore empty')) AS r (rule),
     LATERAL (SELECT cdp.profile_agg(attributes, source, at, ('default ' || rule)::cdp.policy) AS p FROM record) AS a;

-- Groups: the members of a row stay together
SELECT p, p ->> 'address.city' AS city, p ->> 'address.street' AS street, p ->> 'city' AS no_attribute, cdp.attributes(p)
FROM (SELECT cdp.profile_agg(attributes - 'tags' - 'v' - 'name', source, at, 'group address(street, city)') AS p FROM record) AS a;

-- A policy travels, and can be replaced
CREATE TABLE golden AS
SELECT cdp.profile_agg(attributes, source, at, 'default recent; v sum; name longest; tags collect') AS p FROM record;
SELECT cdp.policy_of(p), cdp.attributes(p), cdp.policy_of('{}') FROM golden;
SELECT attribute, value, source, last_seen, golden, exact FROM golden, cdp.observations(p);
SELECT rule, cdp.with_policy(p, rule)::text = (SELECT cdp.profile_agg(attributes, source, at, rule)::text FROM record) AS same
FROM golden, (VALUES ('default recent'::cdp.policy), ('default min'), ('v frequent; name priority(web)')) AS r (rule);
SELECT cdp.with_policy(p, 'default recent')::text = (SELECT cdp.profile_agg(attributes, source, at)::text FROM record) AS none FROM golden;
SELECT cdp.with_policy(p, 'group g(v, name)') FROM golden;
-- The greater policy stays
SELECT cdp.policy_of(cdp.observe('{"a": 1}', 's', '2026-01-01', 'default max') || cdp.observe('{"a": 2}', 's', '2026-01-01', 'default min')),
       cdp.policy_of(cdp.observe('{"a": 1}', 's', '2026-01-01', 'declared 2026-01-01; default first') || cdp.observe('{"a": 2}', 's', '2026-01-01', 'default min')),
       cdp.policy_of(cdp.observe('{"a": 1}', 's', '2026-01-01') || cdp.observe('{"a": 2}', 's', '2026-01-01', 'default min'));
SELECT cdp.observe('{"a": 1}', 's', '2026-01-01') || cdp.observe('{"a": 2}', 's', '2026-01-01', 'group g(a, b)');
SELECT cdp.profile_agg('{"a": 1}', 's', '2026-01-01', policy) FROM (VALUES ('group g(a, b)'::cdp.policy), ('group h(a, b)')) AS v (policy);
SELECT cdp.profile_agg('{"a": 1}', 's', '2026-01-01', policy) FROM (VALUES ('group g(a, b)'::cdp.policy), (NULL)) AS v (policy);
SELECT cdp.profile_agg('{"a": 1}', 's', '2026-01-01', policy) FROM (VALUES ('default max'::cdp.policy), (NULL), ('a min')) AS v (policy);
SELECT cdp.observe('{}', 's', '2026-01-01', 'default max'), cdp.observe('{}', 's', '2026-01-01'), cdp.observe('{"a": null}', 's', '2026-01-01');

-- Erasing: wins under recent and priority, is ignored by the others
SELECT rule, e.p ->> 'v' AS v, cdp.has(e.p, 'v') AS has FROM golden AS g,
     (VALUES ('default recent'::cdp.policy), ('default priority(crm)'), ('default priority(web)'), ('default max'), ('default first'), ('default collect')) AS r (rule),
     LATERAL (SELECT cdp.with_policy(g.p, rule) || cdp.erase('v', 'crm', '2026-05-01') AS p) AS e;
SELECT attribute, value, source, golden FROM cdp.observations(cdp.observe('{"a": 1}', 'crm', '2026-01-01') || cdp.erase('a', 'crm', '2026-01-01'));
SELECT cdp.observe('{"city": "Niš"}', 's', '2026-01-01', 'group g(city)') || cdp.erase('g', 's', '2026-01-02') ->> 'g.city' AS erased_group;

-- Timestamps
CREATE TABLE member AS SELECT cdp.observe('{"signed_up": "2024-02-29T10:00:00+03:00", "n": "12", "b": 12.50}', 'crm', '2026-01-01', 'signed_up as timestamp') AS p;
SELECT p -> 'signed_up' AS j, cdp.time(p, 'signed_up') AS t, cdp.time(p, 'n') AS no_time, cdp.number(p, 'n') AS no_number, cdp.number(p, 'b') AS b FROM member;
SELECT cdp.matches(p, 'signed_up within last 3 years', '2026-01-01') AS within,
       cdp.matches(p, 'signed_up anniversary within next 7 days', '2026-02-25') AS anniversary,
       cdp.matches(p, 'signed_up < date "2024-03-01"', '2026-01-01') AS before,
       cdp.matches(cdp.observe('{"signed_up": "2024-02-29"}', 'crm', '2026-01-01'), 'signed_up within last 3 years', '2026-01-01') AS a_string FROM member;
SELECT cdp.observe('{"signed_up": "yesterday"}', 'crm', '2026-01-01', 'signed_up as timestamp');
SELECT cdp.observe('{"signed_up": 17}', 'crm', '2026-01-01', 'signed_up as timestamp');
SELECT cdp.observe('{"signed_up": "294277-01-01"}', 'crm', '2026-01-01', 'signed_up as timestamp');
SELECT cdp.observe('{"signed_up": " "}', 'crm', '2026-01-01', 'signed_up as timestamp ignore empty');

-- Numbers are exact, in the server's own form
SELECT count(*) AS numbers, count(*) FILTER (WHERE k IS DISTINCT FROM n OR k::text <> trim_scale(n)::text OR hash_numeric(k) <> hash_numeric(n)
                                  OR numeric_send(k) <> numeric_send(trim_scale(n)) OR pg_column_size(k) > pg_column_size(trim_scale(n) + 0)) AS different
FROM (SELECT n, cdp.number(cdp.observe(jsonb_build_object('n', n), 's', '2026-01-01'), 'n') AS k
      FROM (SELECT format('%se%s', hashint8(i), i % 601 - 300)::numeric AS n FROM generate_series(1, 3000) AS i
            UNION ALL SELECT unnest(ARRAY[0, 1e131071, -1e-16383, 0.0001, 10000, 99990000, 1e-64, 5e63])) AS v) AS kept;
SELECT p ->> 'v' AS sum, cdp.number(p, 'v') = (SELECT sum(v) FROM (SELECT DISTINCT ON (source) (attributes ->> 'v')::numeric AS v FROM record ORDER BY source, at DESC) AS latest) AS equal FROM golden;

-- Taking out
SELECT cdp.without(p, source => 'web')::text = (SELECT cdp.profile_agg(attributes, source, at, cdp.policy_of(p))::text FROM record WHERE source <> 'web') AS source,
       cdp.without(p, attribute => 'tags')::text = (SELECT cdp.profile_agg(attributes - 'tags', source, at, cdp.policy_of(p))::text FROM record) AS attribute,
       cdp.attributes(cdp.without(p, 'crm', 'v')) AS both, cdp.without(NULL, 'crm') AS of_null
FROM golden;
-- Of an attribute that overflowed, the others' latest and earliest observations stay exact
CREATE TABLE many AS
SELECT cdp.profile_agg(jsonb_build_object('n', i), CASE WHEN i <= 20 THEN 'early' ELSE 'late' END, '2026-01-01'::timestamptz + i * interval '1 hour') AS p
FROM generate_series(1, 40) AS i;
SELECT rule, p ->> 'n' AS n, w ->> 'n' AS without, (SELECT bool_and(exact) FROM cdp.observations(w)) AS exact
FROM (VALUES ('default recent'::cdp.policy), ('default first'), ('default sum'), ('default max'), ('default frequent'), ('default collect')) AS r (rule),
     LATERAL (SELECT cdp.with_policy(m.p, rule) AS p FROM many AS m) AS a, LATERAL (SELECT cdp.without(p, source => 'late') AS w) AS b;
SELECT w, w::text::cdp.profile::text = w::text AS round_trip, cdp.without(w, 'early') AS nothing
FROM many, cdp.without(p, source => 'late') AS w;
SELECT attribute, value, source, first_seen, last_seen, times, golden, exact FROM many, cdp.observations(cdp.with_policy(p, 'default min')) WHERE golden;

-- As jsonb and back
SELECT count(*), bool_and(p::jsonb::cdp.profile::text = p::text) AS same, bool_and(p::jsonb = p::text::jsonb) AS document
FROM (SELECT p FROM golden UNION ALL SELECT p FROM many UNION ALL SELECT p FROM member UNION ALL SELECT cdp.without(p, 'late') FROM many UNION ALL SELECT '{}'::cdp.profile) AS all_of_them;
SELECT '[]'::jsonb::cdp.profile;
SELECT '1'::jsonb::cdp.profile;

-- Binary protocol
SELECT encode(cdp.policy_send('default recent'), 'escape') AS sent, pg_column_size('default recent'::cdp.policy);

-- Errors
SELECT ''::cdp.policy;
SELECT 'country recnt'::cdp.policy;
SELECT E'country recent;\n tags colect'::cdp.policy;
SELECT 'country first; country max'::cdp.policy;
SELECT cdp.profile_agg('[1]', 's', now(), 'default max');
SELECT cdp.profile_agg('{"a": 1}', NULL, now(), 'default max');
SELECT cdp.observe('{"a": 1}', 's', NULL, 'default max');
SELECT cdp.observe(jsonb_build_object('a', (repeat('[', 1000) || repeat(']', 1000))::jsonb), 's', '2026-01-01', 'group g(a)');
SELECT cdp.observe('{"v": 9e131071}', 'a', '2026-01-01', 'default sum') || cdp.observe('{"v": 9e131071}', 'b', '2026-01-01', 'default sum');

-- Parallel workers and an index on what is read
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE seen AS
SELECT i % 50 AS customer, jsonb_build_object('n', i % 7 + 0.25, 'name', 'n' || i % 11, 'street', 'x' || i % 5, 'city', nullif('c' || i % 3, 'c0')) AS attributes,
       's' || i % 3 AS source, timestamptz '2026-01-01 00:00+00' + (i * 7919 % 10007) * interval '1 minute' AS at
FROM generate_series(1, 20000) AS i;
ANALYZE seen;
SET max_parallel_workers_per_gather = 2;
\set policy 'default max; n sum; name frequent; group address(street, city) first'
EXPLAIN (COSTS OFF) SELECT cdp.profile_agg(attributes, source, at, :'policy') FROM seen;
CREATE TABLE parallel AS SELECT customer, cdp.profile_agg(attributes, source, at, :'policy') AS p FROM seen GROUP BY customer;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS SELECT customer, cdp.profile_agg(attributes, source, at, :'policy' ORDER BY at DESC) AS p FROM seen GROUP BY customer;
SELECT count(*) AS customers, count(*) FILTER (WHERE p.p::text <> s.p::text) AS different FROM parallel AS p JOIN serial AS s USING (customer);
SELECT count(*) AS customers, count(*) FILTER (WHERE p.p::text <> s.p::text) AS different
FROM (SELECT customer, cdp.rollup(one) AS p FROM (SELECT customer, cdp.observe(attributes, source, at, :'policy') AS one FROM seen) AS o GROUP BY customer) AS p
JOIN serial AS s USING (customer);
CREATE INDEX ON serial (cdp.number(p, 'n'), (p ->> 'address.city'));

DROP TABLE record, golden, member, many, seen, parallel, serial;
