-- Contracts of cdp.audience: set operations against plain SQL, laws of sets, states of aggregates, values out of line, errors.
BEGIN;
SELECT no_plan();

-- 10000 random customers in twelve sets, against plain SQL over their ids: near to each other, far apart, negative, at
-- the ends of the numbers and of what is stored together (65536 and 2^32 of them).
CREATE TEMPORARY TABLE customer ON COMMIT DROP AS
SELECT i, CASE WHEN i < 12 THEN ('{-9223372036854775808,-9223372036854775807,-4294967297,-65536,-1,0,1,65535,65536,4294967295,4294967296,9223372036854775807}'::bigint[])[i + 1]
               WHEN i % 3 = 0 THEN i WHEN i % 3 = 1 THEN -i::bigint * 40001 ELSE i::bigint * 922337203685477 END AS id
FROM generate_series(0, 9999) AS i;
CREATE TEMPORARY TABLE member ON COMMIT DROP AS
SELECT n, id FROM customer, generate_series(0, 11) AS n
WHERE CASE n % 4 WHEN 0 THEN hashint8extended(id, n) % 2 = 0 WHEN 1 THEN hashint8extended(id, n) % 50 = 0 OR i < 12 WHEN 2 THEN (i / 100 + n) % 3 > 0 ELSE i < n * 700 AND hashint8extended(id, n) % 10 > 0 END AND n <> 11;
CREATE INDEX ON member (n, id);
CREATE TEMPORARY TABLE made ON COMMIT DROP AS SELECT n, coalesce(a, '{}') AS a FROM generate_series(0, 11) AS n LEFT JOIN (SELECT n, cdp.audience_agg(id) AS a FROM member GROUP BY n) AS s USING (n);
ANALYZE member;
SELECT is(count(DISTINCT id), 10000::bigint, 'customers') FROM customer;
SELECT is(count(DISTINCT id), 12::bigint, 'the ends of numbers are in the sets') FROM member JOIN customer USING (id) WHERE i < 12;
SELECT cmp_ok(count(*), '>', 30000::bigint, 'members') FROM member;
CREATE TEMPORARY TABLE two ON COMMIT DROP AS
SELECT x.n, y.n AS m, x.a, y.a AS b, common, of_a, of_b FROM made AS x CROSS JOIN made AS y,
     LATERAL (SELECT count(*) AS of_a FROM member WHERE n = x.n) AS p, LATERAL (SELECT count(*) AS of_b FROM member WHERE n = y.n) AS q,
     LATERAL (SELECT count(*) AS common FROM member AS v JOIN member AS w USING (id) WHERE v.n = x.n AND w.n = y.n) AS r;
SELECT is(count(*) FILTER (WHERE ARRAY(SELECT cdp.to_ids(a & b)) <> ARRAY(SELECT id FROM member WHERE n = t.n INTERSECT SELECT id FROM member WHERE n = t.m ORDER BY id)), 0::bigint, 'intersection of rows') FROM two AS t;
SELECT is(count(*) FILTER (WHERE ARRAY(SELECT cdp.to_ids(a | b)) <> ARRAY(SELECT id FROM member WHERE n = t.n UNION SELECT id FROM member WHERE n = t.m ORDER BY id)), 0::bigint, 'union of rows') FROM two AS t;
SELECT is(count(*) FILTER (WHERE ARRAY(SELECT cdp.to_ids(a - b)) <> ARRAY(SELECT id FROM member WHERE n = t.n EXCEPT SELECT id FROM member WHERE n = t.m ORDER BY id)), 0::bigint, 'difference of rows') FROM two AS t;
SELECT is(count(*) FILTER (WHERE cdp.to_array(a # b) <> ARRAY(SELECT id FROM member WHERE n IN (t.n, t.m) GROUP BY id HAVING count(*) = 1 AND t.n <> t.m ORDER BY id)), 0::bigint, 'symmetric difference of rows') FROM two AS t;
SELECT is(count(*) FILTER (WHERE cdp.cardinality(a) <> of_a OR cdp.intersection_cardinality(a, b) <> common OR cdp.union_cardinality(a, b) <> of_a + of_b - common
            OR cdp.jaccard(a, b) <> CASE WHEN of_a + of_b > 0 THEN common / (of_a + of_b - common)::float8 ELSE 1 END), 0::bigint, 'numbers of rows') FROM two;
SELECT is(count(*) FILTER (WHERE (a @> b) <> (common = of_b) OR (a <@ b) <> (common = of_a) OR (a && b) <> (common > 0) OR (a = b) <> (common = of_a AND common = of_b)), 0::bigint, 'containment of rows') FROM two;
SELECT is(count(*) FILTER (WHERE (a @> c.id) <> (m.id IS NOT NULL) OR (c.id <@ a) <> (m.id IS NOT NULL)), 0::bigint, 'each id') FROM made CROSS JOIN customer AS c LEFT JOIN member AS m USING (n, id);
SELECT is(count(*) FILTER (WHERE cdp.min_id(a) IS DISTINCT FROM least OR cdp.max_id(a) IS DISTINCT FROM greatest OR cdp.audience(coalesce(ids, '{}')) <> a OR coalesce(ids, '{}')::cdp.audience <> a), 0::bigint, 'ends of rows')
FROM made LEFT JOIN (SELECT n, min(id) AS least, max(id) AS greatest, array_agg(id ORDER BY hashint8(id)) AS ids FROM member GROUP BY n) AS s USING (n);
SELECT is(cdp.to_array(cdp.union(a)), (SELECT array_agg(DISTINCT id) FROM member), 'union of all rows') FROM made;
SELECT is(cdp.to_array(cdp.intersect(a)), (SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM member WHERE n IN (0, 2, 4) GROUP BY id HAVING count(*) = 3) AS s), 'intersection of all rows') FROM made WHERE n IN (0, 2, 4);

-- Random sets of every kind: sparse, dense, runs, far apart, empty.
CREATE FUNCTION pg_temp.dice(seed text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$SELECT (hashtextextended(seed, 0) & 1048575)::int % sides$$;
CREATE TEMPORARY TABLE random ON COMMIT DROP AS
SELECT n, coalesce(cdp.audience_agg(CASE n % 5 WHEN 0 THEN i * 331 WHEN 1 THEN i WHEN 2 THEN i / 40 * 60 + i % 40 WHEN 3 THEN i * 4294967296 - 9000 ELSE -i END)
                   FILTER (WHERE n <> 9 AND pg_temp.dice(n || ':' || CASE n % 5 WHEN 2 THEN i / 200 ELSE i END, 4) > n % 3), '{}') AS a
FROM generate_series(0, 11) AS n, generate_series(1, 9000) AS i GROUP BY n;
SELECT cmp_ok((SELECT count(DISTINCT a) FROM random), '>=', 11::bigint, 'the sets differ');

CREATE TEMPORARY TABLE pair ON COMMIT DROP AS SELECT x.a, y.a AS b, z.a AS c FROM random x, random y JOIN random z ON (y.n + z.n) % 4 = 0;
SELECT is((SELECT count(*) FROM pair WHERE (a & b) <> (b & a) OR (a | b) <> (b | a) OR (a # b) <> (b # a)), 0::bigint, 'commutative');
SELECT is((SELECT count(*) FROM pair WHERE ((a & b) & c) <> (a & (b & c)) OR ((a | b) | c) <> (a | (b | c)) OR ((a # b) # c) <> (a # (b # c))), 0::bigint, 'associative');
SELECT is((SELECT count(*) FROM pair WHERE (a & (b | c)) <> ((a & b) | (a & c)) OR (a - (b | c)) <> ((a - b) & (a - c))), 0::bigint, 'distributive');
SELECT is((SELECT count(*) FROM pair WHERE (a # b) <> ((a | b) - (a & b)) OR (a - b) <> (a # (a & b)) OR (a - a) <> '{}'), 0::bigint, 'differences');
SELECT is((SELECT count(*) FROM pair WHERE (a @> b) <> ((a & b) = b) OR (a <@ b) <> (b @> a) OR (a && b) <> ((a & b) <> '{}')), 0::bigint, 'containment');
SELECT is((SELECT count(*) FROM pair WHERE cdp.intersection_cardinality(a, b) <> cdp.cardinality(a & b)
           OR cdp.union_cardinality(a, b) <> cdp.cardinality(a | b)), 0::bigint, 'counts without a set');
SELECT is((SELECT count(*) FROM pair WHERE abs(cdp.jaccard(a, b) * cdp.cardinality(a | b) - cdp.cardinality(a & b)) > 1e-6), 0::bigint, 'Jaccard');
SELECT is((SELECT count(*) FROM random, LATERAL (SELECT array_agg(id ORDER BY id) AS ids FROM cdp.to_ids(a) AS id) AS l
           WHERE coalesce(ids, '{}') <> cdp.to_array(a) OR cdp.audience(coalesce(ids, '{}')) <> a OR cardinality(coalesce(ids, '{}')) <> cdp.cardinality(a)
              OR ids[1] IS DISTINCT FROM cdp.min_id(a) OR ids[cardinality(ids)] IS DISTINCT FROM cdp.max_id(a)), 0::bigint, 'lists');
SELECT is((SELECT count(*) FROM pair, generate_series(1, 9000, 97) AS id WHERE (id <@ (a & b)) <> (a @> id AND b @> id)), 0::bigint, 'single ids');
SELECT is((SELECT count(*) FROM pair WHERE (a = b) <> (a::text = b::text) OR (a = b AND cdp.audience_hash(a) <> cdp.audience_hash(b))
           OR cdp.audience_cmp(a, b) <> -cdp.audience_cmp(b, a)), 0::bigint, 'equality');
SELECT is((SELECT cdp.union(a) FROM random), (SELECT cdp.audience_agg(id) FROM random, cdp.to_ids(a) AS id), 'the aggregate union');
SELECT is((SELECT cdp.intersect(a) FROM random WHERE n % 5 = 1),
          (SELECT coalesce(cdp.audience_agg(id), '{}') FROM (SELECT id FROM random, cdp.to_ids(a) AS id WHERE n % 5 = 1 GROUP BY id HAVING count(*) = (SELECT count(*) FROM random WHERE n % 5 = 1)) AS s),
          'the aggregate intersect');

-- A state on its way, as a cluster would send it: by combine functions over text and binary forms of partial states.
CREATE AGGREGATE pg_temp.partial(bigint) (SFUNC = cdp.audience_agg_transition, STYPE = cdp.audience);
CREATE TEMPORARY TABLE state ON COMMIT DROP AS SELECT i % 7 AS part, pg_temp.partial(i % 5000) AS s FROM generate_series(1, 60000) AS i GROUP BY 1;
SELECT is((SELECT cdp.union(s) FROM state), (SELECT cdp.audience_agg(i) FROM generate_series(0, 4999) AS i), 'states are read as their sets');
SELECT is((SELECT cdp.union(s::text::cdp.audience) FROM state), (SELECT cdp.union(s) FROM state), 'also as text');
SELECT is((SELECT count(*) FROM state WHERE s <> s::text::cdp.audience OR cdp.cardinality(s) <> cdp.cardinality(s::text::cdp.audience)
           OR NOT s @> cdp.min_id(s) OR (s & s) <> s OR cdp.audience_hash(s) <> cdp.audience_hash(s::text::cdp.audience)
           OR (SELECT count(*) FROM cdp.to_ids(s)) <> cdp.cardinality(s)), 0::bigint, 'whatever reads them');

-- Out of line: what is looked up again and again is fetched once, and never mistaken for another one.
CREATE TEMPORARY TABLE stored (n int, a cdp.audience) ON COMMIT DROP;
INSERT INTO stored SELECT n, cdp.audience_agg(i * 997 + n) FROM generate_series(1, 3) AS n, generate_series(1, 9000) AS i GROUP BY n;
SELECT cmp_ok((SELECT pg_column_size(a) FROM stored WHERE n = 1), '>', 8000, 'it is large');
SELECT is((SELECT array_agg(DISTINCT n ORDER BY n) FROM stored, generate_series(1, 50) AS i WHERE a @> i * 997 + 2), ARRAY[2], 'values in turn');
SELECT is((SELECT count(*) FROM generate_series(1, 50) AS i, stored WHERE (i * 997 + n)::bigint <@ a), 150::bigint, 'the other way round');

-- Limits and errors
SELECT is(ARRAY[3, -2147483648, 3, 2147483647]::cdp.audience, '{3,-2147483648,2147483647}'::cdp.audience, 'the cast from integer[]');
SELECT is(cdp.audience('{2,1}'::smallint[]), ARRAY[1, 2]::bigint[]::cdp.audience, 'the function takes smallint[] as well');
SELECT throws_ok($$SELECT ARRAY[1, NULL]::cdp.audience$$, '22004', 'array of ids must not contain nulls');
SELECT throws_ok($$SELECT '{1,3}'::cdp.audience @> '3'$$, '22P02', 'invalid input syntax for type cdp.audience', 'an id in quotes is taken for a set');
SELECT throws_ok($$SELECT cdp.audience(ARRAY[1, NULL])$$, '22004', 'array of ids must not contain nulls');
SELECT throws_ok($$SELECT '{1,2,}'::cdp.audience$$, '22P02', 'invalid input syntax for type cdp.audience');
SELECT throws_ok($$SELECT cdp.audience_agg_final('{1}')$$, '42809', NULL, 'a support function by itself');
SELECT is(cdp.cardinality(cdp.audience_agg(i)), 4::bigint, 'the ends of the numbers')
FROM (VALUES ('-9223372036854775808'::bigint), (9223372036854775807), (0), (-1)) AS v (i);

SELECT * FROM finish();
ROLLBACK;
