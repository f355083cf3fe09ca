-- Connected components: the function over a query, the aggregate, the type.
\pset null '(null)'
CREATE TABLE link (a text, b text);
INSERT INTO link VALUES
  ('email:ada@example.com', 'cookie:1'), ('cookie:1', 'device:9'), ('phone:+905321112233', 'email:ada@example.com'),
  ('email:bo@example.com', 'cookie:2'), ('cookie:3', NULL), (NULL, 'cookie:4'), (NULL, NULL), ('cookie:5', 'cookie:5');

-- Each identifier once, labelled with the least of its component in byte order.
SELECT * FROM cdp.connected_components('SELECT a, b FROM link') ORDER BY component COLLATE "C", identifier COLLATE "C";
SELECT * FROM cdp.connected_component_ids('VALUES (10, 9), (9, -5), (7, NULL), (NULL, 8), (NULL, NULL)') ORDER BY 2, 1;
SELECT * FROM cdp.connected_component_ids(
  'VALUES (9223372036854775807, (-9223372036854775808)::bigint), (0, 0)') ORDER BY 2, 1;

-- Whatever the order of the rows and of the ends.
CREATE TEMP TABLE result AS SELECT * FROM cdp.connected_components('SELECT a, b FROM link');
SELECT count(*) AS differences FROM (
  (TABLE result EXCEPT SELECT * FROM cdp.connected_components('SELECT b, a FROM link ORDER BY a DESC'))
  UNION ALL
  (SELECT * FROM cdp.connected_components('SELECT b, a FROM link ORDER BY b') EXCEPT TABLE result)) AS d;

-- Text-like types; the padding of char(n) is no part of a value.
CREATE DOMAIN handle AS varchar(20);
SELECT * FROM cdp.connected_components($$SELECT 'x'::name, 'y  '::char(5)$$) ORDER BY 1;
SELECT * FROM cdp.connected_components($$SELECT 'x'::handle, 'y  '::varchar$$) ORDER BY 1;
SELECT * FROM cdp.connected_component_ids('SELECT 1::smallint, 2::integer') ORDER BY 1;
SELECT identifier, length(component) FROM cdp.connected_components(
  $$SELECT repeat('long', 100000), 'short'$$) WHERE identifier = 'short';

-- Empty input, the empty identifier, use in the select list and in a join.
SELECT * FROM cdp.connected_components('SELECT a, b FROM link WHERE false');
SELECT identifier = '' AS is_empty, component FROM cdp.connected_components($$VALUES ('', 'a')$$) ORDER BY 1;
SELECT cdp.connected_components($$VALUES ('a', 'b')$$);
SELECT q, c.* FROM (VALUES ($$VALUES ('a', 'b')$$), ($$VALUES ('c', NULL::text)$$)) AS v (q), cdp.connected_components(q) AS c ORDER BY 1, 2;

-- The query sees what the statement sees, and runs with the caller's search_path.
BEGIN;
DELETE FROM link;
SELECT count(*) FROM cdp.connected_components('SELECT a, b FROM link');
ROLLBACK;
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.link AS SELECT 'z'::text AS a, 'y'::text AS b;
SET search_path = elsewhere, public;
SELECT * FROM cdp.connected_components('SELECT a, b FROM link') ORDER BY 1;
RESET search_path;
DROP SCHEMA elsewhere CASCADE;

-- A component larger than a batch, and more identifiers than fit into the first blocks.
SELECT count(*), count(DISTINCT component), min(component), max(component) FROM cdp.connected_components(
  $$SELECT 'id-' || i, 'id-' || i / 10 * 10 FROM generate_series(1, 100000) AS i$$);
SELECT count(*), min(component), max(component) FROM cdp.connected_component_ids(
  'SELECT i, i + 1 FROM generate_series(1, 100000) AS i');

-- Errors.
SELECT * FROM cdp.connected_components(NULL);
SELECT * FROM cdp.connected_components('');
SELECT * FROM cdp.connected_components('SELECT 1, 2');
SELECT * FROM cdp.connected_components('SELECT 1.5, 2.5');
SELECT * FROM cdp.connected_components('SELECT a FROM link');
SELECT * FROM cdp.connected_component_ids('SELECT a, b FROM link');
SELECT * FROM cdp.connected_component_ids('SELECT a, 1 FROM link');
SELECT * FROM cdp.connected_components('SELEC a, b FROM link');
SELECT * FROM cdp.connected_components('SELECT a, c FROM link');
SELECT * FROM cdp.connected_components('SELECT a, b FROM link; SELECT 1');
SELECT * FROM cdp.connected_components('DELETE FROM link RETURNING a, b');
SELECT * FROM cdp.connected_components('WITH d AS (DELETE FROM link RETURNING a, b) SELECT a, b FROM d');
SELECT * FROM cdp.connected_components('SELECT a, b FROM link FOR UPDATE');
SELECT * FROM cdp.connected_components('EXPLAIN SELECT a, b FROM link');
SELECT * FROM cdp.connected_components('SELECT a, b INTO copy FROM link');
SELECT * FROM cdp.connected_components($$SELECT a, (1 / length(b) / 0)::text FROM link$$);

-- The aggregate.
SELECT cdp.connected_components_agg(a, b) FROM link;
SELECT cdp.connected_components_agg(a, b) IS NULL AS nothing FROM link WHERE a IS NULL AND b IS NULL;
SELECT left(a, 6) AS part, cdp.connected_components_agg(a, b) FROM link GROUP BY 1 ORDER BY 1 NULLS LAST;
SELECT cdp.connected_components_agg(a, b) FILTER (WHERE a LIKE 'e%') FROM link;
SELECT a, cdp.connected_components_agg(a, b) OVER (ORDER BY a COLLATE "C" ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM link WHERE a IS NOT NULL ORDER BY a COLLATE "C";
SELECT * FROM cdp.members((SELECT cdp.connected_components_agg(a, b) FROM link));
SELECT cdp.identifier_count(c), cdp.component_count(c) FROM (SELECT cdp.connected_components_agg(a, b) AS c FROM link) AS s;
-- The same as the function.
SELECT count(*) AS differences FROM (
  (TABLE result EXCEPT SELECT * FROM cdp.members((SELECT cdp.connected_components_agg(a, b) FROM link)))
  UNION ALL
  (SELECT * FROM cdp.members((SELECT cdp.connected_components_agg(a, b) FROM link)) EXCEPT TABLE result)) AS d;

-- The union of parts is the whole.
SELECT cdp.rollup(part)::text = (SELECT cdp.connected_components_agg(a, b)::text FROM link) AS same
FROM (SELECT cdp.connected_components_agg(a, b) AS part FROM link GROUP BY left(a, 6)) AS s;
SELECT '[["a","b"],["c"]]'::cdp.components || '[["d","b"],["c","e"]]';
SELECT '[["a"]]'::cdp.components || NULL::cdp.components AS "null";
SELECT cdp.rollup(NULL::cdp.components);
SELECT cdp.rollup(v) FROM (VALUES ('[["a","b"]]'::cdp.components), (NULL), ('[["b","c"]]'), ('[]')) AS s (v);

-- Parallel workers pass states on; so do groups that were split.
CREATE TABLE many AS SELECT 'id-' || i AS a, 'id-' || i / 7 * 7 AS b FROM generate_series(1, 20000) AS i;
ALTER TABLE many SET (parallel_workers = 2);
SELECT md5(cdp.connected_components_agg(a, b)::text) AS alone FROM many \gset
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT cdp.connected_components_agg(a, b) FROM many;
SELECT md5(cdp.connected_components_agg(a, b)::text) = :'alone' AS same FROM many;
SELECT md5(cdp.rollup(part)::text) = :'alone' AS same
FROM (SELECT cdp.connected_components_agg(a, b) AS part FROM many GROUP BY length(a)) AS s;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- Text: any order is read, canonical order is written.
SELECT v::cdp.components FROM (VALUES ('[]'), ('[["b","a"]]'), (' [ ["c"], ["b", "a"], ["c", "d"] ] '),
  ('[["q\"\\\u0001\n","\u00e7","\ud83d\ude00"]]'), ('[[""]]')) AS s (v);
SELECT '[["a",1]]'::cdp.components;
SELECT '["a"]'::cdp.components;
SELECT '[[]]'::cdp.components;
SELECT '[["a"]'::cdp.components;
SELECT '[["\u0000"]]'::cdp.components;
SELECT ''::cdp.components;

-- Stored, and by the binary protocol.
CREATE TABLE stored (tenant int, c cdp.components);
INSERT INTO stored SELECT 1, cdp.connected_components_agg(a, b) FROM many;
INSERT INTO stored SELECT 2, cdp.connected_components_agg(a, b) FROM link;
INSERT INTO stored VALUES (3, NULL), (4, '[]');
SELECT tenant, cdp.identifier_count(c), cdp.component_count(c), (SELECT count(*) FROM cdp.members(c)) FROM stored ORDER BY 1;
SELECT cdp.components_send('[["b","a"],["c"]]');
SELECT cdp.connected_components_agg(a, b)::text = cdp.rollup(c)::text AS same FROM link, (SELECT c FROM stored WHERE tenant = 2) AS s;

DROP TABLE link, many, stored, result;
DROP DOMAIN handle;

-- The aggregate over numbers: labels are the least number, not the least text.
SELECT m.* FROM (SELECT cdp.connected_component_ids_agg(a, b) AS c FROM (VALUES (10::bigint, 9::bigint), (9, -3), (100, NULL), (NULL, NULL), (7, 7)) AS v (a, b)) AS s,
  cdp.member_ids(c) AS m ORDER BY 1;
SELECT count(*) AS identifiers, count(DISTINCT m.component) AS components, bool_and(m.component = l.component) AS same
FROM cdp.member_ids((SELECT cdp.connected_component_ids_agg(i, i - i % 7) FROM generate_series(1::bigint, 3000) AS i)) AS m
JOIN cdp.connected_component_ids('SELECT i, i - i % 7 FROM generate_series(1::bigint, 3000) AS i') AS l USING (identifier);
SELECT * FROM cdp.member_ids('[["a", "1"]]');
SELECT * FROM cdp.member_ids('[["99999999999999999999"]]');

-- A decision about more identifiers than are decided at once says that it waits.
SELECT cdp.create_space('regress_large');
UPDATE regress_large.space SET max_closure = 2, rules_version = rules_version + 1;
SELECT cdp.identify('regress_large', '{"user_id": "u", "anonymous_id": ["a", "b", "c"]}') AS u;
SELECT cdp.cut('regress_large', 1, 2) AS decision;
SELECT kind, identifier_id, other_id FROM regress_large.parked;
SELECT cdp.resolve_now('regress_large') ->> 'rows' AS rows;
SELECT kind, identifier_id, other_id FROM regress_large.parked;
SELECT cdp.drop_space('regress_large');
