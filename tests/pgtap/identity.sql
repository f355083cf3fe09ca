-- Connected components: errors, memory, cancellation, rights, stored form, function properties.
BEGIN;
SELECT plan(52);

CREATE TABLE link AS
  SELECT 'cookie:' || i AS a, 'user:' || i / 4 AS b FROM generate_series(1, 20000) AS i;

-- The query argument.
SELECT throws_ok('SELECT * FROM cdp.connected_components(NULL)', '22004', 'query must not be null', 'NULL query');
SELECT throws_ok('SELECT * FROM cdp.connected_component_ids(NULL)', '22004', 'query must not be null', 'NULL query, ids');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('')$$, '22023', NULL, 'empty query');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT 1, 2; SELECT 3, 4')$$, '22023', NULL, 'two statements');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('DELETE FROM link RETURNING a, b')$$, '22023', NULL, 'DELETE');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('WITH d AS (DELETE FROM link RETURNING a, b) TABLE d')$$,
                 '22023', NULL, 'data-modifying WITH');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT a, b FROM link FOR SHARE')$$, '22023', NULL, 'row locks');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('VACUUM link')$$, '22023', NULL, 'utility command');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('ROLLBACK')$$, '22023', NULL, 'transaction command');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELEC')$$, '42601', NULL, 'a syntax error stays one');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT a, b FROM nowhere')$$, '42P01', NULL, 'missing table');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT a, (1 / 0)::text FROM link')$$, '22012', NULL,
                 'an error of a row stays one');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT a FROM link')$$, '42804',
                 'query must return two columns of type text', 'one column');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT a, b, a FROM link')$$, '42804', NULL, 'three columns');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT')$$, '42804', NULL, 'no column');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT 1, 2')$$, '42804', NULL, 'numbers for text');
SELECT throws_ok($$SELECT * FROM cdp.connected_component_ids('SELECT a, b FROM link')$$, '42804',
                 'query must return two columns of type bigint', 'text for numbers');
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT now(), now()')$$, '42804', NULL, 'other types');

-- The backend is whole after errors, and its memory is back.
CREATE FUNCTION pg_temp.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN EXECUTE statement; RETURN NULL; EXCEPTION WHEN OTHERS OR query_canceled THEN RETURN SQLSTATE; END $$;
SELECT is((SELECT count(*) FROM cdp.connected_components('SELECT a, b FROM link')), 25001::bigint, 'works after errors');
SET maintenance_work_mem = '1MB';
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT a, b FROM link')$$, '53200',
                 'connected components exceed their memory limit', 'beyond maintenance_work_mem');
CREATE TEMP TABLE first_attempts AS
  SELECT pg_temp.attempt($$SELECT * FROM cdp.connected_components('SELECT a, b FROM link')$$) FROM generate_series(1, 5);
CREATE TEMP TABLE memory AS SELECT sum(total_bytes) AS bytes FROM pg_backend_memory_contexts;
CREATE TEMP TABLE attempts AS
  SELECT pg_temp.attempt($$SELECT * FROM cdp.connected_components('SELECT a, b FROM link')$$) AS code FROM generate_series(1, 100);
SELECT is((SELECT count(*) FROM attempts WHERE code = '53200'), 100::bigint, 'the same error a hundred times');
SELECT cmp_ok((SELECT sum(total_bytes) FROM pg_backend_memory_contexts), '<', (SELECT bytes + 1000000 FROM memory),
              'a hundred errors leave no memory behind');
RESET maintenance_work_mem;
SELECT is((SELECT count(DISTINCT component) FROM cdp.connected_components('SELECT a, b FROM link')), 5001::bigint,
          'works with more memory');

-- Cancelled while rows come in.
SET LOCAL statement_timeout = '200ms';
SELECT is(pg_temp.attempt($$SELECT count(*) FROM cdp.connected_components(
  'SELECT i::text, (i / 2)::text FROM generate_series(1, 30000) AS i, generate_series(1, 30000) AS j')$$), '57014',
  'cancelled in the feed');
SELECT is(pg_temp.attempt($$SELECT count(*) FROM cdp.connected_component_ids(
  'SELECT i, j FROM generate_series(1, 30000) AS i, generate_series(1, 30000) AS j')$$), '57014',
  'cancelled in the feed of numbers');
SET LOCAL statement_timeout = 0;

-- The caller's rights, not the owner's.
CREATE ROLE cdp_identity_guest;
SET LOCAL ROLE cdp_identity_guest;
SELECT throws_ok($$SELECT * FROM cdp.connected_components('SELECT a, b FROM link')$$, '42501', NULL, 'no right to read');
RESET ROLE;
GRANT SELECT ON link TO cdp_identity_guest;
ALTER TABLE link ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON link USING (b = 'user:1');
SET LOCAL ROLE cdp_identity_guest;
SELECT is((SELECT count(*) FROM cdp.connected_components('SELECT a, b FROM link')), 5::bigint,
          'row-level security holds');
RESET ROLE;

-- Inside PL/pgSQL, in a loop, nested in itself.
SELECT lives_ok($do$DO $$
DECLARE n bigint;
BEGIN
  FOR i IN 1 .. 50 LOOP
    SELECT count(*) INTO STRICT n FROM cdp.connected_components('SELECT a, b FROM link');
    IF n <> 25001 THEN RAISE 'wrong'; END IF;
  END LOOP;
END $$ $do$, 'fifty calls in one block');
SELECT is((SELECT count(*) FROM cdp.connected_components(
             $$SELECT identifier, component FROM cdp.connected_components('SELECT a, b FROM link')$$)), 25001::bigint,
          'a query that calls the function');
SELECT is((SELECT count(*) FROM (SELECT cdp.connected_components('SELECT a, b FROM link') LIMIT 3) AS s), 3::bigint,
          'a reader that stops early');

-- The type.
SELECT throws_ok($$SELECT ''::cdp.components$$, '22P02', NULL, 'empty text');
SELECT throws_ok($$SELECT '[["a"'::cdp.components$$, '22P02', NULL, 'unfinished text');
SELECT throws_ok($$SELECT '[[1]]'::cdp.components$$, '22P02', NULL, 'a number');
SELECT throws_ok($$SELECT '[[]]'::cdp.components$$, '22P02', NULL, 'an empty component');
SELECT throws_ok($$SELECT repeat('[', 1000000)::cdp.components$$, '22P02', NULL, 'deep nesting');
SELECT is('[["b","a"],["c"],["d","c"]]'::cdp.components::text, '[["a","b"],["c","d"]]', 'canonical text');
SELECT is(cdp.components_send('[["a","b"],["c"]]'), cdp.components_send('[["c"],["b","a"],["a"]]'),
          'equal partitions have equal bytes');
SELECT is(pg_column_size('[["a","b"]]'::cdp.components), 16 + 6, 'sixteen bytes of header, three for each of these');
SELECT is('[]'::cdp.components::text, '[]', 'nothing');
SELECT is((SELECT cdp.connected_components_agg(a, b)::text FROM link WHERE false), NULL, 'no rows');
SELECT is((SELECT cdp.connected_components_agg(NULL, NULL)::text), NULL, 'nothing but NULLs');
SELECT is((SELECT cdp.connected_components_agg(a, NULL)::text FROM (VALUES ('x'), ('y')) AS v (a)), '[["x"],["y"]]',
          'NULL in second place');
SELECT is((SELECT cdp.connected_components_agg(NULL, a)::text FROM (VALUES ('x'), ('y')) AS v (a)), '[["x"],["y"]]',
          'NULL in first place');
SELECT is((SELECT cdp.identifier_count(cdp.connected_components_agg(a, b)) FROM link), 25001::bigint, 'identifier_count');
SELECT is((SELECT cdp.component_count(cdp.connected_components_agg(a, b)) FROM link), 5001::bigint, 'component_count');
SELECT is(cdp.components_combine('[["a","b"]]', '[["b","c"]]')::text, '[["a","b","c"]]',
          'a state outside an aggregate reads as what it means');
SELECT is(cdp.components_accum(NULL, 'b', 'a')::text, '[["a","b"]]', 'also a fresh one');
SELECT is(cdp.components_send(cdp.components_accum('[["a","b"]]', 'c', 'b')), cdp.components_send('[["a","b","c"]]'),
          'also on the wire');
SELECT results_eq($$SELECT * FROM cdp.members(cdp.components_accum('[["a","b"]]', 'c', 'b'))$$,
                  $$VALUES ('a', 'a'), ('b', 'a'), ('c', 'a')$$, 'also taken apart');

-- Properties.
SELECT is((SELECT array_agg(DISTINCT provolatile::text || proparallel::text) FROM pg_proc
           WHERE pronamespace = 'cdp'::regnamespace AND proname LIKE 'connected\_component%' AND prokind = 'f'),
          '{vu}', 'the functions over a query are volatile and parallel unsafe');
SELECT is((SELECT array_agg(DISTINCT provolatile::text || proparallel::text) FROM pg_proc
           WHERE pronamespace = 'cdp'::regnamespace AND 'cdp.components'::regtype = ANY (proargtypes)),
          '{is}', 'all over the type are immutable and parallel safe');
SELECT is((SELECT count(*) FROM pg_aggregate
           WHERE aggtranstype = 'cdp.components'::regtype AND aggcombinefn <> 0 AND agginitval IS NULL AND aggtransspace > 0),
          3::bigint, 'the aggregates can be pushed down');
SELECT * FROM finish();
ROLLBACK;
