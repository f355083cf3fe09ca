-- cdp.audience: a set of profile ids.
\set SHOW_CONTEXT never
\pset null NULL

-- Text
SELECT '{}'::cdp.audience, '{3, 1,2 , 1}'::cdp.audience, '{9223372036854775807,-9223372036854775808,0}'::cdp.audience;
\set VERBOSITY default
SELECT '{1,2'::cdp.audience;
SELECT '{1,x}'::cdp.audience;
SELECT '{9223372036854775808}'::cdp.audience;
SELECT '[1]'::cdp.audience;
\set VERBOSITY sqlstate
SELECT ''::cdp.audience;
SELECT '{1}}'::cdp.audience;

-- Ids in and out
SELECT cdp.audience(ARRAY[3, 1, 2, 1]), cdp.audience('{}'::bigint[]), cdp.audience(ARRAY[[1, 2], [3, 4]]), cdp.audience(NULL::bigint[]);
SELECT cdp.audience(ARRAY[1, NULL]);
SELECT ARRAY[5, 4]::bigint[]::cdp.audience, '{5,4}'::cdp.audience::bigint[], cdp.to_array('{}'), cdp.to_array(NULL);
SELECT cdp.to_ids('{70000,-1,5}');
SELECT count(*) FROM cdp.to_ids('{}') AS a, cdp.to_ids(NULL) AS b;
SELECT id FROM cdp.to_ids('{1,2,3,4}') AS id ORDER BY id DESC LIMIT 2;
SELECT cdp.cardinality('{1,2,3,90000}'), cdp.cardinality('{}'), cdp.cardinality(NULL);
SELECT cdp.min_id(a), cdp.max_id(a) FROM (VALUES ('{5,-7,90000}'::cdp.audience), ('{}'), (NULL)) AS v (a);

-- Operators
SELECT a & b AS both, a | b AS either, a - b AS difference, a # b AS symmetric, a && b AS overlap, a @> b AS superset, a <@ b AS subset
FROM (VALUES ('{1,2,3}'::cdp.audience, '{2,3,4}'::cdp.audience), ('{1,2}', '{1}'), ('{1}', '{2}'), ('{}', '{1}'), ('{}', '{}'), (NULL, '{1}')) AS v (a, b);
SELECT '{1,2}'::cdp.audience @> 2, 3 <@ '{1,2}'::cdp.audience, '{1,2}'::cdp.audience @> 2::smallint, '{-1}'::cdp.audience @> -1::bigint,
       NULL <@ '{1}'::cdp.audience;
SELECT cdp.intersection_cardinality('{1,2,3}', '{2,3,4}'), cdp.union_cardinality('{1,2,3}', '{2,3,4}'), cdp.jaccard('{1,2,3}', '{2,3,4}'),
       cdp.jaccard('{}', '{}'), cdp.jaccard('{1}', '{}');
SELECT '{1,2}'::cdp.audience = '{2,1}', '{1,2}'::cdp.audience <> '{2,1}', '{1}'::cdp.audience < '{2}', cdp.audience_cmp('{1}', '{1}');

-- As keys
CREATE TABLE segment_of (name text, members cdp.audience);
INSERT INTO segment_of VALUES ('a', '{1,2}'), ('b', '{2,1}'), ('c', '{3}'), ('d', NULL);
SELECT members, count(*) FROM segment_of GROUP BY members ORDER BY members;
CREATE UNIQUE INDEX ON segment_of (members) WHERE name <> 'b';
CREATE INDEX ON segment_of USING hash (members);
SET enable_seqscan = off;
SELECT name FROM segment_of WHERE members = '{3}';
EXPLAIN (COSTS OFF) SELECT name FROM segment_of WHERE members = '{3}';
RESET enable_seqscan;
SELECT a.name, b.name FROM segment_of AS a JOIN segment_of AS b USING (members) ORDER BY 1, 2;

-- Aggregates
SELECT cdp.audience_agg(i) FROM (VALUES (3::bigint), (NULL), (1), (3)) AS v (i);
SELECT cdp.audience_agg(i) FROM (VALUES (NULL::bigint)) AS v (i);
SELECT cdp.audience_agg(i) FILTER (WHERE i > 5) FROM generate_series(1, 3) AS i;
SELECT cdp.union(members), cdp.intersect(members) FROM segment_of;
SELECT cdp.intersect(m) FROM (VALUES ('{1,2,3}'::cdp.audience), (NULL), ('{2,3}'), ('{3,4}')) AS v (m);
SELECT i, cdp.audience_agg(i) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING), cdp.audience_agg(i) OVER (ORDER BY i),
       cdp.union(cdp.audience(ARRAY[i, 10 * i])) OVER (ORDER BY i ROWS 1 PRECEDING)
FROM generate_series(1, 4) AS i;
SELECT cdp.audience_agg_transition(NULL, 1);
SELECT cdp.audience_agg_combine(NULL, '{1}');
SELECT cdp.audience_agg_final('{1}');

-- Large, out of line: every kind of chunk, and ids far apart
CREATE TABLE large AS
SELECT name, cdp.audience_agg(id) AS members
FROM (SELECT 'dense' AS name, i AS id FROM generate_series(1, 200000) AS i WHERE i % 3 <> 0
      UNION ALL SELECT 'runs', i FROM generate_series(1, 500000) AS i WHERE i / 1000 % 2 = 0
      UNION ALL SELECT 'sparse', i * 977 FROM generate_series(1, 20000) AS i
      UNION ALL SELECT 'far', (i * 4294967311) FROM generate_series(-3000, 3000) AS i) AS v
GROUP BY name;
SELECT name, cdp.cardinality(members), cdp.min_id(members), cdp.max_id(members), octet_length(cdp.audience_send(members)) AS bytes
FROM large ORDER BY name;
SELECT a.name, b.name, cdp.intersection_cardinality(a.members, b.members) AS both, cdp.union_cardinality(a.members, b.members) AS either,
       cdp.cardinality(a.members - b.members) AS first_only, cdp.cardinality(a.members # b.members) AS one_only,
       (a.members & b.members) = cdp.audience(ARRAY(SELECT cdp.to_ids(a.members) INTERSECT SELECT cdp.to_ids(b.members))) AS right
FROM large AS a JOIN large AS b ON a.name <= b.name ORDER BY 1, 2;
SELECT name, members::text::cdp.audience = members AS text, members::bigint[]::cdp.audience = members AS ids FROM large ORDER BY name;
SELECT count(*) FROM generate_series(1, 1000) AS id WHERE id <@ (SELECT members FROM large WHERE name = 'dense');
SELECT cdp.cardinality(cdp.union(members)), cdp.cardinality(cdp.intersect(members)) FROM large WHERE name <> 'far';

-- What the planner expects
CREATE TABLE customer AS SELECT i::bigint AS id FROM generate_series(1, 1000) AS i;
ANALYZE customer;
CREATE FUNCTION expected_rows(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP RETURN substring(line FROM 'rows=(\d+)'); END LOOP;
END $$;
SELECT expected_rows('SELECT FROM customer WHERE id <@ cdp.audience(ARRAY(SELECT 1))') AS unknown,
       expected_rows($$SELECT FROM customer WHERE id <@ '{1,2,3,4,5,6,7}'::cdp.audience$$) AS seven,
       expected_rows($$SELECT FROM customer WHERE '{1,2,3,4,5,6,7}'::cdp.audience @> id$$) AS commuted,
       expected_rows($$SELECT FROM customer WHERE id <@ NULL::cdp.audience$$) AS none,
       expected_rows($$SELECT * FROM cdp.to_ids('{1,2,3}')$$) AS three;
DROP TABLE segment_of, large, customer;
DROP FUNCTION expected_rows;
