-- A session that goes on after the extension was dropped and created again: types and functions have other numbers.
BEGIN;
SELECT no_plan();

-- Everything of a space that has statements of its own.
CREATE FUNCTION pg_temp.use() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM cdp.create_space('s');
  PERFORM cdp.identify('s', '{"email": "a@example.com", "user_id": "1"}', '{"n": 1}');
  PERFORM cdp.identify('s', '{"email": "a@example.com", "user_id": "1"}', '{"n": 2}');
  PERFORM cdp.identify_many('s', '{"{\"email\": \"a@example.com\", \"device_id\": \"d\"}", "{\"user_id\": \"2\", \"device_id\": \"d\"}"}');
  PERFORM cdp.ingest('s', jsonb_build_object('type', 'track', 'event', 'e', 'userId', g % 3)) FROM generate_series(1, 5) AS g;
  PERFORM cdp.cut('s', cdp.identifier_id('s', 'email', 'a@example.com'), cdp.identifier_id('s', 'device_id', 'd'));
  PERFORM cdp.undo('s', max(decision_id)) FROM s.decision;
  PERFORM cdp.simulate('s', '{"hub_alarm": 7}');
  PERFORM cdp.add_links('s', $q$VALUES ('email', 'a@example.com', 'email', 'b@example.com')$q$);
  PERFORM cdp.resolve_whole('s', false, false, 0, -1000000);
  RETURN (SELECT string_agg(concat_ws(' ', p.profile, p.timeline), ', ' ORDER BY p.profile_id) FROM (SELECT profile_id, profile ->> 'n' AS profile, cdp.count(timeline, 'e') AS timeline FROM s.profile) AS p);
END $$;
CREATE TEMPORARY TABLE before AS SELECT pg_temp.use() AS said;
SELECT alike(said, '%2, 2%', 'it is used') FROM before;
SET client_min_messages = warning;
DROP EXTENSION cdp CASCADE;
DROP SCHEMA s CASCADE;
CREATE EXTENSION cdp;
SELECT is(pg_temp.use(), said, 'it is used again') FROM before;

-- The space stays, and its owner puts back what was dropped with the types.
CREATE FUNCTION pg_temp.see(n int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM cdp.identify('s', '{"email": "new@example.com", "user_id": "17"}', jsonb_build_object('n', n), at => '2026-01-01Z'::timestamptz + n * interval '1 day');
  RETURN (SELECT profile ->> 'n' FROM s.profile WHERE profile_id = cdp.lookup('s', 'user_id', '17'));
END $$;
SELECT is(pg_temp.see(n), n::text, 'known rows') FROM generate_series(1, 2) AS n;
DROP EXTENSION cdp CASCADE;
CREATE EXTENSION cdp;
SELECT throws_ok($$SELECT cdp.identify('s', '{"email": "new@example.com"}', '{"n": 3}')$$, '42703', NULL, 'columns are gone');
ALTER TABLE s.profile ADD profile cdp.profile NOT NULL DEFAULT '{}', ADD timeline cdp.timeline NOT NULL DEFAULT '{}';
ALTER TABLE s.part ADD timeline cdp.timeline NOT NULL DEFAULT '{}', ADD profile cdp.profile NOT NULL DEFAULT '{}';
SELECT is(pg_temp.see(n), n::text, 'rows with other columns') FROM generate_series(3, 5) AS n;

SELECT * FROM finish();
ROLLBACK;
