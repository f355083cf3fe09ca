-- Spaces: what create_space makes, who may do what in it, what drop_space leaves alone.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql

-- Names
CREATE FUNCTION pg_temp.odd_names() RETURNS SETOF text LANGUAGE sql AS $$
  VALUES ('c360'), ('C360'), ('two words'), ('müşteri 客户'), ('say "hi"'), ('"; drop table x; --'), ('it''s'), ('{space}'), ('$ddl$'),
         ('%I %s'), ('a.b'), ('back\slash'), (E'new\nline'), ('select'), ('space'), ('1'), (' '), (repeat('n', 63)), (repeat('ü', 31) || 'n')
$$;
SELECT lives_ok(format('SELECT cdp.create_space(%L)', name), 'create ' || left(name, 20)) FROM pg_temp.odd_names() AS name;
SELECT results_eq('SELECT space COLLATE "C" FROM cdp.spaces ORDER BY 1', 'SELECT name COLLATE "C" FROM pg_temp.odd_names() AS name ORDER BY 1', 'all are listed');
SELECT is(cdp.identify(name, jsonb_build_object('user_id', 'of ' || name, 'email', 'a@example.com'), '{"a": 1}'), 1::bigint, 'identify in ' || left(name, 20)) FROM pg_temp.odd_names() AS name;
SELECT is(cdp.lookup(name, 'user_id', 'of ' || name), 1::bigint, 'its own customer ' || left(name, 20)) FROM pg_temp.odd_names() AS name;
SELECT is(cdp.lookup(name, 'email', 'a@example.com', 'infinity'), 1::bigint, 'as of later ' || left(name, 20)) FROM pg_temp.odd_names() AS name;
SELECT is(cdp.current_id(name, 2), 1::bigint, 'its id ' || left(name, 20)) FROM pg_temp.odd_names() AS name;
SELECT lives_ok(format('SELECT cdp.drop_space(%L)', name), 'drop ' || left(name, 20)) FROM pg_temp.odd_names() AS name WHERE name <> 'c360';
SELECT is(ARRAY(SELECT space FROM cdp.spaces), ARRAY['c360'], 'one is left');
SELECT is_empty(format('SELECT FROM pg_namespace WHERE nspname = %L', name), 'no schema is left of ' || left(name, 20)) FROM pg_temp.odd_names() AS name WHERE name <> 'c360';

-- One forgotten, one made anew, two that swapped names: no memory of the session is taken for another's.
SELECT cdp.create_space('other') \g /dev/null
SELECT is(cdp.identify('other', '{"user_id": ["x", "y", "z"]}', NULL, 'default', '2026-01-01'), 1::bigint, 'in another space');
ALTER SCHEMA c360 RENAME TO aside; ALTER SCHEMA other RENAME TO c360; ALTER SCHEMA aside RENAME TO other;
SELECT is(cdp.identify('c360', '{"user_id": "y"}'), 2::bigint, 'identify after a swap');
SELECT is(cdp.lookup('other', 'email', 'a@example.com'), 1::bigint, 'lookup after a swap');
SELECT is(cdp.lookup('c360', 'email', 'a@example.com'), NULL, 'which the other never saw');
SELECT cdp.drop_space('c360'), cdp.create_space('c360') \g /dev/null
SELECT is(cdp.lookup('c360', 'user_id', 'y'), NULL, 'a space made anew is empty');
SELECT is(cdp.identify('c360', '{"user_id": "y"}'), 1::bigint, 'and begins from the start');
SELECT cdp.drop_space('c360') \g /dev/null
SELECT throws_ok($$SELECT cdp.identify('c360', '{"user_id": "y"}')$$, '3F000', 'space "c360" does not exist', 'identify after drop_space');
SELECT throws_ok($$SELECT cdp.lookup('c360', 'user_id', 'y')$$, '3F000', 'space "c360" does not exist', 'lookup after drop_space');
SELECT cdp.create_space('c360') \g /dev/null

-- Impossible ones
SELECT throws_ok(format('SELECT cdp.create_space(%L)', name), state, NULL, 'create: ' || coalesce(left(name, 20), 'NULL'))
FROM (VALUES (NULL, '22004'), ('', '42602'), (repeat('n', 64), '42602'), (repeat('ü', 32), '42602'), (repeat('n', 10000000), '42602'), ('c360', '42P06'),
             ('public', '42P06'), ('cdp', '42P06'), ('information_schema', '42P06'), ('pg_catalog', '42939'), ('pg_mine', '42939')) AS v (name, state);
SELECT ok(length(pg_temp.attempt(NULL, format('SELECT cdp.create_space(%L)', repeat('n', 10000000)))) < 1000, 'a long name makes no long message');
SELECT throws_ok(format('SELECT cdp.drop_space(%L)', name), state, NULL, 'drop: ' || coalesce(left(name, 20), 'NULL'))
FROM (VALUES (NULL, '22004'), ('', '3F000'), (repeat('n', 64), '3F000'), ('nobody', '3F000'), ('public', '3F000'), ('cdp', '3F000'), ('pg_catalog', '3F000')) AS v (name, state);
SELECT is(pg_temp.attempt(NULL, $$SELECT cdp.require_space('c36')$$), '3F000 space "c36" does not exist | There are: ''c360'', ''other''.', 'what there is');
SELECT is(cdp.require_space('c360'), 'c360', 'require_space');

-- Structure, of whatever tables there are
CREATE TEMPORARY VIEW relation AS SELECT c.* FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'c360';
SELECT ok(count(*) >= 12, 'there are tables') FROM relation WHERE relkind = 'r';
SELECT is_empty($$SELECT relname FROM relation AS r WHERE relkind IN ('r', 'p', 'v') AND obj_description(r.oid, 'pg_class') IS NULL$$, 'every table is commented');
SELECT is_empty($$SELECT relname, attname FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE relkind IN ('r', 'p', 'v') AND col_description(r.oid, a.attnum) IS NULL$$, 'every column is commented');
SELECT is_empty($$SELECT relname FROM relation AS r WHERE relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = r.oid AND contype = 'p')$$,
  'every table has a primary key');
SELECT is_empty($$SELECT relname, t.tgname FROM relation AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid AND NOT (t.tgisinternal AND t.tgconstraint <> 0)$$,
  'no triggers but those of foreign keys');
SELECT is_empty($$SELECT relname FROM relation WHERE relkind IN ('r', 'p') AND relpersistence <> 'p'$$, 'everything is logged');
SELECT is_empty($$SELECT relname, attname, format_type(a.atttypid, NULL) FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0
  JOIN pg_type AS t ON t.oid = a.atttypid WHERE relkind IN ('r', 'p') AND t.typnamespace <> 'pg_catalog'::regnamespace
  AND a.atttypid <> ALL ('{cdp.profile,cdp.timeline,cdp.segment}'::regtype[])$$, 'types of the server, profiles, timelines and segments only');
SELECT is_empty($$SELECT relname, attname FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
  WHERE attname IN ('profile_id', 'cluster_id', 'identifier_id', 'change_id', 'decision_id') AND a.atttypid <> 'bigint'::regtype$$, 'ids are bigint');
SELECT is_empty($$SELECT conrelid::regclass, conname FROM pg_constraint AS f JOIN relation AS r ON r.oid = f.conrelid WHERE f.contype = 'f'
  AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = f.conrelid AND i.indpred IS NULL AND i.indkey[0] = f.conkey[1])$$, 'every foreign key has an index');
SELECT is_empty($$SELECT conname FROM pg_constraint AS f JOIN relation AS r ON r.oid = f.conrelid WHERE f.contype = 'f' AND f.confrelid NOT IN (SELECT oid FROM relation)$$,
  'a space refers to nothing outside');
SELECT set_eq($$SELECT relname::text FROM relation WHERE relkind = 'r' AND relname IN ('identifier', 'profile', 'part') AND reloptions @> '{fillfactor=80}'$$,
  ARRAY['identifier', 'profile', 'part'], 'room to rewrite rows in place');
SELECT fk_ok('c360', 'identifier', 'cluster_id', 'c360', 'profile', 'cluster_id');
SELECT fk_ok('c360', 'decision_side', 'decision_id', 'c360', 'decision', 'decision_id');
SELECT col_is_unique('c360', 'profile', 'profile_id', 'profile_id is unique');
SELECT index_is_unique('c360', 'identifier', 'identifier_type_value_idx', 'an identifier is unique');
SELECT is(attstattarget::int, 0, 'no statistics of values') FROM pg_attribute WHERE attrelid = 'c360.identifier'::regclass AND attname = 'value';
SELECT is_empty($$SELECT relname FROM relation AS r JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype = 'e'$$, 'no part of the extension');
SELECT is(obj_description('c360'::regnamespace, 'pg_namespace'), 'Customers, kept by the extension cdp.', 'the schema is commented');
SELECT is(bytes, (SELECT sum(pg_total_relation_size(oid)) FROM relation WHERE relkind = 'r')::bigint, 'size') FROM cdp.spaces WHERE space = 'c360';
SELECT is(cdp.space_tables(NULL), NULL, 'space_tables of NULL');

-- Rows that contradict the rules of the tables
SELECT throws_ok('UPDATE c360.' || statement, state, NULL, statement)
FROM (VALUES ('space SET link_threshold = 0.4', '23514'), ('space SET link_threshold = 1.1', '23514'), ('space SET review_threshold = -0.1', '23514'),
             ('space SET max_identifiers = 0', '23514'), ('space SET max_identifiers = 65', '23514'), ('space SET only_row = false', '23514'),
             ('space SET max_closure = 0', '23514'), ('space SET hub_alarm = 0', '23514'), ('space SET only_row = NULL', '23502'),
             ('identifier_type SET max_per_profile = 0', '23514'), ('identifier_type SET priority = -1', '23514'),
             ($$identifier_type SET max_degree = '[]'$$, '23514'), ($$identifier_type SET type = ''$$, '23514'), ($$source SET source = ''$$, '23514')) AS v (statement, state);
SELECT throws_ok('INSERT INTO c360.space DEFAULT VALUES', '23505', NULL, 'one row of settings');
SELECT throws_ok($$INSERT INTO c360.identifier (type, value, cluster_id) VALUES ('email', 'x', 77)$$, '23503', NULL, 'no identifier without a customer');
SELECT throws_ok($$INSERT INTO c360.link (a, b, source_id, first_seen, last_seen) VALUES (2, 1, 1, now(), now())$$, '23514', NULL, 'the lesser end first');

-- Look-alikes are no spaces
CREATE SCHEMA office;
CREATE TABLE office.space (only_row boolean);
CREATE TABLE office.part (profile cdp.profile);
CREATE TABLE office.identifier (cluster_id bigint);
CREATE TABLE office.link (confidence float);
CREATE TABLE office.profile (profile cdp.profile, timeline text);
SELECT is_empty($$SELECT FROM cdp.spaces WHERE space = 'office'$$, 'rooms and spare parts');
ALTER TABLE office.profile DROP timeline;
CREATE VIEW office.timeline AS SELECT '{}'::cdp.timeline AS timeline;
SELECT is_empty($$SELECT FROM cdp.spaces WHERE space = 'office'$$, 'no column of that name');
SELECT throws_ok($$SELECT cdp.drop_space('office')$$, '3F000', NULL, 'are not dropped');
SELECT throws_ok($$SELECT cdp.grant_space('office', 'public')$$, '3F000', NULL, 'nor granted');
SELECT throws_ok($$SELECT cdp.identify('office', '{"email": "x@example.com"}')$$, '42703', NULL, 'nor fed');
DROP SCHEMA office CASCADE;

-- What others built on a space stays, and the space with it
CREATE FUNCTION pg_temp.stays(statement text, what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  before text[];
BEGIN
  PERFORM cdp.identify('c360', '{"user_id": "kept", "email": "kept@example.com"}', '{"a": 1}', at => '2026-01-01');
  EXECUTE statement;
  before := ARRAY(SELECT oid::text FROM pg_class WHERE relnamespace = 'c360'::regnamespace ORDER BY 1);
  RETURN NEXT throws_ok($q$SELECT cdp.drop_space('c360')$q$, '2BP01', NULL, 'drop_space beside ' || what);
  RETURN NEXT is(ARRAY(SELECT oid::text FROM pg_class WHERE relnamespace = 'c360'::regnamespace ORDER BY 1), before, 'nothing is lost beside ' || what);
  RETURN NEXT is((SELECT profile ->> 'a' FROM c360.profile), '1', 'nobody is lost beside ' || what);
END $$;
SAVEPOINT others;
SELECT lives_ok($$SELECT cdp.drop_space('c360')$$, 'drop_space beside nothing'); ROLLBACK TO others;
SELECT pg_temp.stays('CREATE TABLE c360.notes (note text)', 'a table'); ROLLBACK TO others;
SELECT pg_temp.stays('CREATE SEQUENCE c360.numbers', 'a sequence'); ROLLBACK TO others;
SELECT pg_temp.stays('CREATE VIEW c360.mine AS SELECT 1', 'a view'); ROLLBACK TO others;
SELECT pg_temp.stays('CREATE FUNCTION c360.one() RETURNS int LANGUAGE sql AS $f$SELECT 1$f$', 'a function'); ROLLBACK TO others;
SELECT pg_temp.stays('CREATE TYPE c360.mood AS ENUM (''good'')', 'a type'); ROLLBACK TO others;
SELECT pg_temp.stays('CREATE VIEW public.emails AS SELECT value FROM c360.identifier', 'a view on it elsewhere'); ROLLBACK TO others;
SELECT pg_temp.stays('CREATE MATERIALIZED VIEW public.sizes AS SELECT profile_id, members FROM c360.profile', 'a materialized view'); ROLLBACK TO others;
SELECT pg_temp.stays('CREATE TABLE public.carts (profile_id bigint REFERENCES c360.profile (profile_id))', 'a foreign key'); ROLLBACK TO others;
RELEASE others;

SELECT throws_ok('DROP EXTENSION cdp', '2BP01', NULL, 'the extension stays while there is a space');

-- Roles
CREATE ROLE cdp_owner; CREATE ROLE cdp_other; CREATE ROLE cdp_reader; CREATE ROLE cdp_writer; CREATE ROLE cdp_steward;
SELECT is(pg_temp.attempt('cdp_owner', $$SELECT cdp.create_space('mine')$$), '42501 permission denied for database ' || current_database(), 'without CREATE on the database');
DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO cdp_owner', current_database()); END$$;
SELECT is(pg_temp.attempt('cdp_owner', $$SELECT cdp.create_space('mine')$$), 'ok', 'with CREATE on the database');
SELECT is(owner, 'cdp_owner', 'the caller owns the space') FROM cdp.spaces WHERE space = 'mine';
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'mine'::regnamespace AND pg_get_userbyid(relowner) <> 'cdp_owner'$$, 'and all that is in it');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'mine'::regnamespace AND relacl IS NOT NULL$$, 'nobody else is let in');
SELECT is(pg_temp.attempt('cdp_owner', statement), 'ok', 'the owner: ' || statement)
FROM (VALUES ($$SELECT cdp.identify('mine', '{"user_id": "a", "email": "a@example.com"}', '{"a": 1}')$$),
             ($$SELECT cdp.identify('mine', '{"user_id": "b", "email": "b@example.com"}')$$),
             ($$SELECT cdp.identify('mine', '{"anonymous_id": "d", "user_id": "a"}')$$), ($$SELECT cdp.identify('mine', '{"anonymous_id": "d", "user_id": "b"}')$$),
             ($$SELECT cdp.lookup('mine', 'user_id', 'a')$$), ($$SELECT cdp.lookup('mine', 'user_id', 'a', now())$$), ($$SELECT cdp.current_id('mine', 1)$$),
             ($$UPDATE mine.space SET max_identifiers = 9$$), ($$SELECT cdp.grant_space('mine', 'cdp_reader')$$), ($$SELECT cdp.grant_space('mine', 'cdp_writer', 'write')$$),
             ($$SELECT cdp.grant_space('mine', 'cdp_steward', 'steward')$$)) AS v (statement);
SELECT is((SELECT hub FROM mine.identifier WHERE type = 'anonymous_id'), true, 'which took the device from both');

SELECT is(left(pg_temp.attempt('cdp_other', statement), 5), '42501', 'without grants: ' || statement)
FROM (VALUES ($$SELECT cdp.identify('mine', '{"user_id": "a"}')$$), ($$SELECT cdp.lookup('mine', 'user_id', 'a')$$), ($$SELECT cdp.lookup('mine', 'user_id', 'a', now())$$),
             ($$SELECT cdp.current_id('mine', 1)$$), ($$SELECT cdp.drop_space('mine')$$), ($$SELECT cdp.grant_space('mine', 'cdp_other')$$), ('TABLE mine.identifier')) AS v (statement);
SELECT is(pg_temp.attempt('cdp_other', 'TABLE cdp.spaces'), 'ok', 'without grants: that it is there may be known');
-- Each statement, and from which level on it is allowed.
CREATE TEMPORARY TABLE allowed (level int, statement text);
INSERT INTO allowed VALUES
  (1, $$SELECT cdp.lookup('mine', 'user_id', 'a')$$), (1, $$SELECT cdp.lookup('mine', 'user_id', 'a', now())$$), (1, $$SELECT cdp.current_id('mine', 1)$$),
  (2, $$SELECT cdp.identify('mine', '{"user_id": "a"}')$$),
  (2, $$SELECT cdp.identify('mine', jsonb_build_object('user_id', current_user, 'phone', '+381 64 1234567'), '{"a": 2}')$$),
  (2, $$SELECT cdp.identify('mine', jsonb_build_object('user_id', current_user, 'email', 'new@example.com'), '{"a": 2}')$$),
  (2, $$SELECT cdp.identify('mine', jsonb_build_object('email', ARRAY[current_user || '1@example.com', current_user || '2@example.com'], 'user_id', 'b'))$$),
  (2, $$SELECT cdp.identify('mine', jsonb_build_object('anonymous_id', current_user, 'user_id', u)) FROM unnest('{a,b}'::text[]) AS u$$),
  (2, $$SELECT cdp.identify_many('mine', ARRAY[jsonb_build_object('user_id', current_user || '9', 'device_id', 'dd'), '{"device_id": "dd"}'])$$),
  (2, 'DELETE FROM mine.link WHERE false'), (2, 'DELETE FROM mine.part WHERE false'), (2, 'DELETE FROM mine.profile WHERE false'),
  (3, $$INSERT INTO mine.decision (kind) VALUES ('must')$$), (3, $$UPDATE mine.decision SET withdrawn_at = now() WHERE false$$),
  (3, $$INSERT INTO mine.decision_side SELECT max(decision_id), 1, false FROM mine.decision$$);
-- The log and the rules are nobody's but the owner's to change.
INSERT INTO allowed SELECT 4, format(s, t) FROM unnest('{change,move,rename}'::text[]) AS t, unnest('{UPDATE mine.%s SET at = at,DELETE FROM mine.%s}'::text[]) AS s;
INSERT INTO allowed SELECT 4, format(s, t) FROM unnest('{space,source,identifier_type}'::text[]) AS t,
  (VALUES ('INSERT INTO mine.%s DEFAULT VALUES'), ('DELETE FROM mine.%s')) AS v (s);
INSERT INTO allowed VALUES (4, 'DELETE FROM mine.identifier'), (4, 'DELETE FROM mine.decision'), (4, 'DELETE FROM mine.decision_side'), (4, 'UPDATE mine.decision_side SET is_right = true'),
  (4, 'UPDATE mine.space SET max_closure = 1'), (4, 'UPDATE mine.identifier_type SET known = true'), (4, 'UPDATE mine.source SET trusted = true'),
  (4, 'CREATE TABLE mine.new (a int)'), (4, $$SELECT setval('mine.profile_cluster_id_seq', 1)$$), (4, 'TRUNCATE mine.link'),
  (4, $$SELECT cdp.drop_space('mine')$$), (4, $$SELECT cdp.grant_space('mine', current_user, 'steward')$$);
SELECT is(left(pg_temp.attempt('cdp_' || role, statement), 5), CASE WHEN r >= level THEN 'ok' ELSE '42501' END, role || ': ' || statement)
FROM unnest('{reader,writer,steward}'::text[]) WITH ORDINALITY AS v (role, r), allowed;
SELECT is(pg_temp.attempt('cdp_reader', format('TABLE mine.%I', relname)), 'ok', 'reader: TABLE ' || relname)
FROM pg_class WHERE relnamespace = 'mine'::regnamespace AND relkind IN ('r', 'p', 'v');
SELECT is_empty($$SELECT relname, a.grantee::regrole, a.privilege_type FROM pg_class, aclexplode(relacl) AS a
  WHERE relnamespace = 'mine'::regnamespace AND (a.is_grantable OR a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE')) AND a.grantee <> relowner$$,
  'nothing to hand on, nothing else');
-- Again changes nothing; a higher level adds.
CREATE FUNCTION pg_temp.acls() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(relname || relacl::text, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'mine'::regnamespace $$;
SELECT pg_temp.acls() AS before, pg_temp.attempt('cdp_owner', $$SELECT cdp.grant_space('mine', 'cdp_steward', 'read'), cdp.grant_space('mine', 'cdp_steward', 'steward')$$) \gset
SELECT is(pg_temp.acls(), :'before', 'granted twice');
SELECT is(pg_temp.attempt('cdp_owner', $$SELECT cdp.grant_space('mine', 'public', 'read')$$), 'ok', 'to everybody');
SELECT is(pg_temp.attempt('cdp_other', $$SELECT cdp.lookup('mine', 'user_id', 'a')$$), 'ok', 'now everybody may look');
-- Tables that came later are granted by granting again; those of others in the schema are left alone.
CREATE TABLE mine.private (a int);
ALTER TABLE mine.message RENAME TO message_before;
CREATE TABLE mine.message (LIKE mine.message_before); ALTER TABLE mine.message OWNER TO cdp_owner;
SELECT is(left(pg_temp.attempt('cdp_reader', 'TABLE mine.message'), 5), '42501', 'a later table');
SELECT is(pg_temp.attempt('cdp_owner', $$SELECT cdp.grant_space('mine', 'cdp_reader')$$), 'ok', 'granted again');
SELECT is(pg_temp.attempt('cdp_reader', 'TABLE mine.message'), 'ok', 'a later table, granted again');
SELECT is(left(pg_temp.attempt('cdp_reader', 'TABLE mine.private'), 5), '42501', 'a private table in the schema');

SELECT is(pg_temp.attempt('cdp_owner', statement), complaint, statement)
FROM (VALUES ($$SELECT cdp.grant_space(NULL, 'cdp_reader')$$, '22004 space must not be null'),
             ($$SELECT cdp.grant_space('mine', NULL)$$, '22004 role and level must not be null'),
             ($$SELECT cdp.grant_space('mine', 'cdp_reader', NULL)$$, '22004 role and level must not be null'),
             ($$SELECT cdp.grant_space('mine', 'cdp_reader', 'admin')$$, '22023 unknown level of access: "admin" | The levels are "read", "write" and "steward".'),
             ($$SELECT cdp.grant_space('mine', 'cdp_reader', 'READ')$$, '22023 unknown level of access: "READ" | The levels are "read", "write" and "steward".'),
             ($$SELECT cdp.grant_space('mine', 'cdp_nobody')$$, '42704 role "cdp_nobody" does not exist'),
             ($$SELECT cdp.grant_space('mine', '')$$, '42601 zero-length delimited identifier at or near """"'),
             ($$SELECT cdp.grant_space('mine', 'none')$$, '42939 role name "none" is reserved')) AS v (statement, complaint);
DROP TABLE mine.private, mine.message_before;
SELECT is(pg_temp.attempt('cdp_owner', $$SELECT cdp.drop_space('mine')$$), 'ok', 'the owner drops it');
SELECT is_empty($$SELECT FROM cdp.spaces WHERE space = 'mine'$$, 'and it is gone');

-- A search_path that puts others' things before the server's
SELECT cdp.create_space('calm') \g /dev/null
CREATE SCHEMA evil;
CREATE FUNCTION evil.raise(anyelement, anyelement) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'not ours'; END$$;
CREATE FUNCTION evil.raise(bigint, integer) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'not ours'; END$$;
DO $$
DECLARE
  operator text;
BEGIN
  FOREACH operator IN ARRAY '{=,<>,<,<=,>,>=}'::text[] LOOP
    EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = evil.raise)', operator);
    EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = anyelement, RIGHTARG = anyelement, FUNCTION = evil.raise)', operator);
  END LOOP;
END $$;
CREATE FUNCTION evil.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE plpgsql AS $$BEGIN RAISE 'not ours'; END$$;
CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'not ours'; END$$;
CREATE FUNCTION evil.quote_ident(text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'not ours'; END$$;
CREATE TABLE evil.profile (cluster_id text); CREATE TABLE evil.identifier (id text);
SET LOCAL search_path = evil, pg_catalog;
SELECT cdp.identify('calm', '{"user_id": "a", "email": "a@example.com"}', '{"a": 1}') IS NOT NULL AS first,
       cdp.identify('calm', '{"user_id": "b", "anonymous_id": "d", "email": "null"}', '{"a": 1}') IS NOT NULL AS second,
       cdp.identify('calm', '{"user_id": "a", "anonymous_id": "d"}') IS NOT NULL AS third \gset
SELECT cdp.lookup('calm', 'user_id', 'a') IS NOT NULL AND cdp.lookup('calm', 'user_id', 'a', 'infinity') IS NOT NULL AND cdp.current_id('calm', 1) IS NOT NULL AS fourth,
       (SELECT pg_catalog.count(*) FROM cdp.spaces) OPERATOR(pg_catalog.>) 2 AS fifth, cdp.drop_space('calm') \gset
SET LOCAL search_path = public;
SELECT is(ROW(:'first', :'second', :'third', :'fourth', :'fifth')::text, '(t,t,t,t,t)', 'nothing of the caller''s search_path is used');

SELECT * FROM finish();
ROLLBACK;
