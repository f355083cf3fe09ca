-- What batch promises: evidence in bulk, decided at once or by and by, makes the same customers as call after call.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql
\ir common/sound.sql
SET client_min_messages = warning;

CREATE FUNCTION pg_temp.set_types(settings jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  type text; assignment text;
BEGIN
  FOR type, assignment IN SELECT * FROM jsonb_each_text(settings) LOOP
    EXECUTE format('UPDATE s.identifier_type SET %s WHERE type = %L', assignment, type);
  END LOOP;
  UPDATE s.space SET rules_version = rules_version + 1;
END $$;
CREATE FUNCTION pg_temp.story(settings jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM cdp.spaces WHERE space = 's') THEN
    PERFORM cdp.drop_space('s');
  END IF;
  PERFORM cdp.create_space('s');
  INSERT INTO s.source (source, trusted) VALUES ('crm', true), ('forms', false);
  PERFORM pg_temp.set_types(settings);
END $$;
CREATE FUNCTION pg_temp.hubs() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(type || ' ' || value, ', ' ORDER BY type, value COLLATE "C") FROM s.identifier WHERE hub);
END $$;
-- Customers with their golden records.
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(c || p, ' | ' ORDER BY c COLLATE "C") FROM (SELECT string_agg(i.type || ' ' || i.value, ', ' ORDER BY i.type, i.value COLLATE "C") AS c, p.profile::text AS p
    FROM s.identifier AS i JOIN s.profile AS p ON p.cluster_id = i.cluster_id GROUP BY p.cluster_id) AS g);
END $$;
-- Links that might join, and don't.
CREATE FUNCTION pg_temp.quarantine() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(least(l, r) || ' ' || greatest(l, r), ', ' ORDER BY least(l, r) COLLATE "C", greatest(l, r) COLLATE "C") FROM (SELECT DISTINCT a.type || ' ' || a.value AS l, b.type || ' ' || b.value AS r FROM s.link AS k
    JOIN s.identifier AS a ON a.id = k.a JOIN s.identifier AS b ON b.id = k.b WHERE a.cluster_id <> b.cluster_id AND NOT (a.hub OR b.hub OR a.blocked OR b.blocked)) AS q);
END $$;

-- Evidence in bulk.
SELECT pg_temp.story() \g /dev/null
SELECT results_eq($$SELECT * FROM cdp.add_links('s', $q$VALUES ('email', ' Ana@Example.com', 'user_id', '1'), ('email', 'ana@example.com', 'device_id', 'd'), ('user_id', '1', 'email', 'ana@example.COM'),
    ('email', NULL, 'user_id', '1'), ('user_id', '2', 'user_id', '2'), ('email', 'null', 'user_id', '3')$q$)$$,
  $$VALUES (6::bigint, 2::bigint, 6::bigint, 3::bigint)$$, 'links in bulk');
SELECT is(pg_temp.customers('s'), 'device_id d | email ana@example.com | email null | user_id 1 | user_id 2 | user_id 3', 'nothing is decided yet');
SELECT results_eq($$SELECT times FROM s.link ORDER BY a, b$$, $$VALUES (1::bigint), (2), (1)$$, 'a pair is one link');
SELECT is((SELECT count(*) FROM s.dirty WHERE cause = 'links'), 3::bigint, 'what has to be decided');
SELECT is(cdp.resolve_now('s') - 'run_id', '{"outcome": "finished", "rows": 3, "identifiers": 5, "decided": 5, "moved": 2, "hubs": 0, "parked": 0, "refused": 0}', 'resolve');
SELECT is(pg_temp.customers('s'), 'device_id d, email ana@example.com, user_id 1 | email null | user_id 2 | user_id 3', 'decided');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');
SELECT results_eq($$SELECT cause, run_id, count(*) FROM s.change JOIN s.move USING (change_id) GROUP BY 1, 2$$, $$SELECT 'run', 1::bigint, 2::bigint$$, 'and logged');
SELECT results_eq($$SELECT links FROM cdp.add_links('s', $q$SELECT 'email', 'ana@example.com', 'user_id', '1'$q$)$$, $$VALUES (0::bigint)$$, 'nothing new');
SELECT is_empty($$SELECT FROM s.dirty$$, 'makes nothing dirty');
SELECT results_eq($$SELECT links FROM cdp.add_links('s', $q$SELECT 'email', 'ana@example.com', 'user_id', '1', 0.5, now() - interval '1 day', now() -- older
$q$)$$, $$VALUES (1::bigint)$$, 'older evidence');
SELECT results_eq($$SELECT confidence, first_seen = now() - interval '1 day', last_seen = now(), times FROM s.link AS l WHERE first_seen < now()$$, $$VALUES (1::float8, true, true, 3::bigint)$$, 'the best and the widest of it');
SELECT throws_like($$SELECT cdp.add_links('s', 'SELECT 1')$$, '%returns 1 columns%', 'too few columns');
SELECT throws_ok($$SELECT cdp.add_links('s', 'SELECT 1, 2, 3, 4, 5, 6, 7, 8')$$, '22023');
SELECT throws_ok($$SELECT cdp.add_links('s', 'DELETE FROM s.link')$$, '22023');
SELECT throws_ok($$SELECT cdp.add_links('s', 'SELECT 1; SELECT 2')$$, '22023');
SELECT results_eq($q$SELECT rows FROM cdp.add_links('s', $$ /* é */ SELECT 'email', 'ana@example.com', 'user_id', '1'; -- all$$)$q$, $$VALUES (1::bigint)$$, 'a semicolon at the end');
SELECT throws_ok($$SELECT cdp.add_links('s', 'SELECT nonsense')$$, '42703');
SELECT throws_ok($$SELECT cdp.add_links('s', NULL)$$, '22004');
SELECT throws_ok($$SELECT cdp.add_links('nope', 'SELECT 1')$$, '3F000');
SELECT throws_ok($$SELECT cdp.add_links('s', 'SELECT 1', 'nope')$$, '42704');
SELECT throws_ok($q$SELECT cdp.add_links('s', $$SELECT 'emial', 'a', 'user_id', 'b'$$)$q$, '42704');
SELECT throws_ok($q$SELECT cdp.add_links('s', $$SELECT 'user_id', repeat('a', 2000), 'user_id', 'b'$$)$q$, '54000');
SELECT throws_ok($q$SELECT cdp.add_links('s', $$SELECT 'user_id', 'a', 'device_id', 'b', 'NaN'::float8$$)$q$, '22023');
SELECT throws_ok($q$SELECT cdp.add_links('s', $$SELECT 'user_id', 'a', 'device_id', 'b', 1, now(), now() - interval '1 s'$$)$q$, '22023');
SELECT throws_ok($$SELECT cdp.resolve_now(NULL)$$, '22004');
SELECT throws_ok($$SELECT cdp.resolve_now('nope')$$, '3F000');
SELECT throws_ok($$SELECT cdp.resolve_now('s', 'some')$$, '22023');
SELECT throws_ok($$CALL cdp.resolve('s', batch => 0)$$, '22023');
SELECT throws_ok($$CALL cdp.resolve('s')$$, '2D000');

-- What is blocked has as many neighbours as it likes.
SELECT cdp.add_links('s', $$SELECT 'device_id', 'null', 'user_id', g::text FROM generate_series(10, 13) AS g$$), cdp.resolve_now('s') \g /dev/null
SELECT is(pg_temp.hubs(), NULL, 'a blocked one is no hub');
SELECT is(cdp.resolve_now('s', 'all') #> '{everything,differing}', '0', 'decided all at once neither');

-- A customer that can't be made, of 300 sources, costs nobody else anything.
SELECT pg_temp.story() \g /dev/null
SET client_min_messages = error;
INSERT INTO s.source (source) SELECT 's' || g FROM generate_series(1, 300) AS g;
UPDATE s.space SET rules_version = rules_version + 1;
SELECT cdp.identify('s', jsonb_build_object('email', CASE WHEN g <= 150 THEN 'a' ELSE 'b' END || '@x.rs'), '{"n": 1}', 's' || g) FROM generate_series(1, 300) AS g \g /dev/null
SELECT cdp.add_links('s', $$SELECT 'email', l || '@x.rs', 'email', r || '@x.rs' FROM (VALUES ('c', 'd'), ('a', 'b'), ('e', 'f'), ('g', 'h')) AS v (l, r)$$) \g /dev/null
CREATE FUNCTION pg_temp.refused() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(concat_ws(' ', kind, value, other_value, detail), ', ' ORDER BY value, other_value) FROM s.parked);
END $$;
SELECT is(cdp.resolve_now('s') - 'run_id', '{"outcome": "finished", "rows": 4, "identifiers": 8, "decided": 6, "moved": 3, "hubs": 0, "parked": 0, "refused": 1}', 'the others are decided');
SELECT is(pg_temp.customers('s'), 'email a@x.rs | email b@x.rs | email c@x.rs, email d@x.rs | email e@x.rs, email f@x.rs | email g@x.rs, email h@x.rs', 'one with whom they should be');
SELECT is(pg_temp.refused(), 'refused a@x.rs b@x.rs profile has too many sources: A profile holds at most 255 sources. (54000)', 'and it is told why');
SELECT is(cdp.resolve_now('s') -> 'refused', '1', 'it is tried again each time');
SELECT cdp.resolve_now('s', 'all') FROM generate_series(1, 3) \g /dev/null
SELECT is((SELECT count(*) FROM s.dirty), 2::bigint, 'but what waits does not grow');
SELECT cdp.add_links('s', $$VALUES ('email', 'i@x.rs', 'email', 'j@x.rs')$$) \g /dev/null
SELECT is((cdp.resolve_whole('s', false, false, 0, -100)).rewritten, false, 'nothing is written anew');
SELECT is(cdp.resolve_now('s') -> 'moved', '1', 'the others are decided by batches');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');
SELECT cdp.cut('s', cdp.identifier_id('s', 'email', 'a@x.rs'), cdp.identifier_id('s', 'email', 'b@x.rs')), cdp.resolve_now('s') \g /dev/null
SELECT is((SELECT count(*) FROM s.dirty), 0::bigint, 'what can be decided now is done');
SET client_min_messages = warning;
-- What can't be decided together is decided one by one.
SELECT cdp.add_links('s', $$SELECT 'user_id', g::text, 'device_id', g::text FROM generate_series(1, 5) AS g$$) \g /dev/null
CREATE FUNCTION pg_temp.few() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) > 1 FROM moves) THEN
    RAISE EXCEPTION 'too many';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER few AFTER INSERT ON s.move REFERENCING NEW TABLE AS moves FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.few();
SELECT results_eq($$SELECT (r ->> 'moved')::int, (r ->> 'rows')::int, (r ->> 'refused')::int FROM cdp.resolve_now('s') AS r$$, $$VALUES (5, 5, 0)$$, 'one by one');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');

-- When everything has been decided, only what differs is left to do.
SELECT pg_temp.story() \g /dev/null
SELECT cdp.identify('s', jsonb_build_object('email', 'e' || g || '@x.rs', 'device_id', 'd' || g, 'anonymous_id', 'a' || g)) FROM generate_series(1, 20) AS g \g /dev/null
SELECT cdp.add_links('s', $$SELECT 'device_id', 'd' || g, 'anonymous_id', 'a' || g, 0.95 FROM generate_series(1, 20) AS g UNION ALL SELECT 'email', 'e1@x.rs', 'email', 'e2@x.rs', 1$$) \g /dev/null
DELETE FROM s.dirty WHERE identifier_id <> cdp.identifier_id('s', 'email', 'e1@x.rs');
INSERT INTO s.dirty (identifier_id, cause) SELECT id, 'rules' FROM s.identifier;
SELECT results_eq($$SELECT (r ->> 'rows')::int, (r ->> 'moved')::int, (r #>> '{everything,differing}')::int FROM cdp.resolve_now('s', 'all') AS r$$, $$VALUES (6, 3, 6)$$, 'only what differs');
SELECT is((SELECT count(*) FROM s.dirty), 0::bigint, 'nothing else is dirty');
SELECT is(cdp.resolve_now('s', 'all') -> 'rows', '0', 'nothing is left');
CREATE FUNCTION pg_temp.mended(damage text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before text := (SELECT array_agg((cluster_id, profile_id, members, known, walled, weights, last_link_a, last_link_b, last_link_rank) ORDER BY cluster_id)::text FROM s.profile);
  rows text;
BEGIN
  EXECUTE damage;
  rows := cdp.resolve_now('s', 'all') ->> 'rows';
  RETURN concat_ws(' ', rows, before = (SELECT array_agg((cluster_id, profile_id, members, known, walled, weights, last_link_a, last_link_b, last_link_rank) ORDER BY cluster_id)::text FROM s.profile));
END $$;
SELECT is(pg_temp.mended(format('UPDATE s.profile SET %s WHERE profile_id = (SELECT max(profile_id) FROM s.profile)', damage)), '1 t', damage)
  FROM unnest(ARRAY['members = 7', 'known = true', $$weights = '{}'$$, $$weights = weights || '{"email": 5}'$$, $$last_link_rank = '{0,0,0,0}'$$,
    'last_link_a = NULL, last_link_b = NULL, last_link_rank = NULL']) AS damage;
SELECT is(pg_temp.mended($$UPDATE s.identifier SET flip_parked = true WHERE value = 'd3'$$), '1 t', 'a flip that need not wait');
SELECT is_empty($$SELECT FROM s.identifier WHERE flip_parked$$, 'does not');

-- A flip that waits for a steward.
SELECT pg_temp.story() \g /dev/null
UPDATE s.space SET hub_alarm = 2, rules_version = rules_version + 1;
SELECT cdp.identify('s', '{"device_id": "d", "user_id": "1"}'), cdp.identify('s', '{"device_id": "d", "email": "a@x.rs"}') \g /dev/null
SELECT results_eq($q$SELECT links FROM cdp.add_links('s', $$SELECT 'device_id', 'd', 'user_id', '2'$$)$q$, $$VALUES (1::bigint)$$, 'a second user');
SELECT is(cdp.resolve_now('s') -> 'parked', '1', 'a flip is parked');
SELECT is(pg_temp.customers('s'), 'device_id d, email a@x.rs, user_id 1 | user_id 2', 'as it was');
SELECT is(cdp.resolve_now('s', 'all') #> '{everything,differing}', '0', 'also when everything is decided');
SELECT is((cdp.resolve_whole('s', false, false, 0, -100)).rewritten, true, 'and written anew');
SELECT is((SELECT value FROM s.identifier WHERE flip_parked), 'd', 'it still waits');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');
SELECT is(cdp.resolve_now('s', flips => true) -> 'hubs', '1', 'unless it is asked for');
SELECT is(pg_temp.customers('s'), 'device_id d | email a@x.rs | user_id 1 | user_id 2', 'apart');
SELECT is_empty($$SELECT FROM s.identifier WHERE flip_parked$$, 'nothing waits');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');

-- Decisions of stewards hold in batch, too.
SELECT pg_temp.story() \g /dev/null
SELECT cdp.add_links('s', $$SELECT 'email', 'e' || g || '@x.rs', 'device_id', 'd' || g FROM generate_series(1, 4) AS g UNION ALL SELECT 'email', 'e1@x.rs', 'device_id', 'd2'$$) \g /dev/null
SELECT cdp.cut('s', cdp.identifier_id('s', 'email', 'e1@x.rs'), cdp.identifier_id('s', 'email', 'e2@x.rs')), cdp.join('s', cdp.identifier_id('s', 'email', 'e3@x.rs'), cdp.identifier_id('s', 'device_id', 'd4')) \g /dev/null
SELECT is((cdp.resolve_whole('s', false, false, 0, -100)).rewritten, true, 'all decided');
SELECT is(pg_temp.customers('s'), 'device_id d1, device_id d2, email e1@x.rs | device_id d3, device_id d4, email e3@x.rs, email e4@x.rs | email e2@x.rs', 'by the stewards');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');
SELECT cdp.undo('s', min(d.decision_id)) FROM s.decision AS d \g /dev/null
SELECT is(cdp.resolve_now('s', 'all') #> '{everything,differing}', '0', 'streaming and batch agree');
-- What somebody else did to the tables comes out.
UPDATE s.identifier SET cluster_id = (SELECT min(cluster_id) FROM s.profile) WHERE value = 'd3';
SELECT is(cdp.resolve_now('s', 'all') #> '{everything,differing}' <> '0', true, 'a broken partition');
SELECT is(cdp.resolve_now('s', 'all') #> '{everything,differing}', '0', 'is mended');

-- What others attached to the tables stays: then nothing is written anew.
CREATE FUNCTION pg_temp.rewritten(attach text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  DROP TABLE IF EXISTS s.vip, s.child;
  PERFORM pg_temp.story();
  PERFORM cdp.add_links('s', $q$SELECT 'email', 'e@x.rs', 'device_id', 'd'$q$);
  EXECUTE attach;
  RETURN (cdp.resolve_whole('s', false, false, 0, -100)).rewritten;
END $$;
SELECT is(pg_temp.rewritten('SELECT'), true, 'tables as they were made are written anew');
SELECT is(pg_temp.rewritten(attach), false, attach) FROM unnest(ARRAY[
  'ALTER TABLE s.identifier ADD note text', 'ALTER TABLE s.profile ADD segment text',
  'CREATE TABLE s.vip (cluster_id bigint REFERENCES s.profile)',
  'ALTER TABLE s.identifier ADD CHECK (id > 0)',
  'CREATE TRIGGER t BEFORE UPDATE ON s.profile FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  'CREATE TABLE s.child () INHERITS (s.profile)']) AS attach;
SELECT is(pg_temp.rewritten('ALTER TABLE s.identifier ADD note text; ALTER TABLE s.identifier DROP note'), true, 'nor does a column that is gone matter');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');

-- What a run changed can be taken back: a change for each group of customers.
SELECT pg_temp.story() \g /dev/null
SELECT cdp.identify('s', jsonb_build_object('email', 'e' || g || '@x.rs', 'device_id', 'd' || g), '{"name": "x"}') FROM generate_series(1, 6) AS g \g /dev/null
SELECT cdp.add_links('s', $$VALUES ('email', 'e1@x.rs', 'device_id', 'd2'), ('email', 'e3@x.rs', 'device_id', 'd4'), ('device_id', 'd3', 'email', 'e4@x.rs'), ('device_id', 'new', 'device_id', 'newer'), ('device_id', 'd5', 'anonymous_id', 'a')$$) \g /dev/null
SELECT is((cdp.resolve_whole('s', false, false, 0, -100)).moved, 6::bigint, 'seven customers become three, and two are one');
SELECT is((SELECT count(*) FROM s.change WHERE cause = 'run'), 3::bigint, 'those of whom nothing is known aren''t logged where only they become one');
SELECT is((SELECT count(*) FROM s.profile WHERE (last_link_a IS NULL) <> (last_link_rank IS NULL)), 0::bigint, 'the last link has its rank');
SELECT is((SELECT count(DISTINCT m.identifier_id) FROM s.change AS c, cdp.change_members('s', c.change_id) AS m WHERE c.cause = 'run'), 11::bigint, 'who was concerned');
SELECT results_eq($$SELECT u.status FROM s.move AS m, cdp.unmerge('s', m.change_id) AS u WHERE m.identifier_id = (SELECT max(i.id) FROM s.identifier AS i WHERE i.value IN ('e4@x.rs', 'd4')) AND m.change_id = (SELECT max(change_id) FROM s.move WHERE identifier_id = m.identifier_id)$$, $$VALUES ('parted')$$, 'all links between the two');
SELECT is(pg_temp.customers('s'), 'anonymous_id a, device_id d5, email e5@x.rs | device_id d1, device_id d2, email e1@x.rs, email e2@x.rs | device_id d3, email e3@x.rs | device_id d4, email e4@x.rs | device_id d6, email e6@x.rs | device_id new, device_id newer', 'parted again, and only they');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');

-- A run that was broken off is noted by the next one.
INSERT INTO s.run (job) VALUES ('resolve');
SELECT cdp.resolve_now('s') \g /dev/null
SELECT results_eq($$SELECT outcome FROM s.run ORDER BY run_id$$, $$VALUES ('broken off'), ('finished')$$, 'broken off');

-- Random evidence: by call, in bulk, both; decided as it comes, at once, in small steps, by writing the tables anew.
CREATE TEMPORARY TABLE seen (seed int, number int, identifiers jsonb, attributes jsonb, at timestamptz, source text);
SELECT setseed(0.25) \g /dev/null
INSERT INTO seen SELECT seed, number, (SELECT jsonb_object_agg(t, CASE WHEN random() + 0 * number < 0.03 THEN 'null' ELSE 'v' || floor(random() * n + 0 * number)::int || suffix END) FROM (SELECT * FROM
    (VALUES ('user_id', 7, ''), ('email', 8, '@example.com'), ('anonymous_id', 10, ''), ('device_id', 8, '')) AS v (t, n, suffix) ORDER BY random() + 0 * number LIMIT 2) AS picked),
    jsonb_build_object('a' || floor(random() * 3)::int, number), '2026-01-01'::timestamptz + random() * interval '90 days', CASE WHEN random() < 0.2 THEN 'forms' ELSE 'default' END
  FROM generate_series(1, 30) AS seed, generate_series(1, 24) AS number;
CREATE FUNCTION pg_temp.empty_space() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE s.identifier, s.profile, s.link, s.part, s.change, s.change_link, s.move, s.rename, s.dirty RESTART IDENTITY;
END $$;
CREATE FUNCTION pg_temp.call(given int, since int DEFAULT 1) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM cdp.identify('s', q.identifiers, q.attributes, q.source, q.at) FROM (SELECT * FROM seen WHERE seed = given AND number >= since ORDER BY number) AS q;
END $$;
CREATE FUNCTION pg_temp.load(given int, until int DEFAULT 100) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM cdp.add_links('s', format($q$SELECT (array_agg(e.key))[1], (array_agg(e.value))[1], (array_agg(e.key))[2], (array_agg(e.value))[2], 1, q.at
    FROM pg_temp.seen AS q, jsonb_each_text(q.identifiers) AS e WHERE q.seed = %s AND q.source = %L AND q.number < %s GROUP BY q.number, q.at$q$, given, source, until), source)
  FROM unnest('{default,forms}'::text[]) AS source;
END $$;
CREATE FUNCTION pg_temp.work_off(how text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  step record;
  position bigint := 0;
BEGIN
  IF how = 'anew' THEN
    PERFORM cdp.resolve_whole('s', false, false, 0, -1000000);
  ELSIF how = 'all' THEN
    PERFORM cdp.resolve_now('s', 'all');
  ELSIF how = 'at once' THEN
    PERFORM cdp.resolve_now('s');
  ELSE
    LOOP
      SELECT * INTO step FROM cdp.resolve_batch('s', position, 9223372036854775807, 3, false, 0);
      EXIT WHEN step.rows = 0;
      position := step.reached;
    END LOOP;
  END IF;
END $$;
CREATE FUNCTION pg_temp.differing(given int) RETURNS SETOF text LANGUAGE plpgsql AS $differing$
DECLARE
  rules jsonb[] := ARRAY[$${}$$, $${"anonymous_id": "newest = true", "device_id": "max_degree = '{}', newest = true"}$$, $${"email": "max_per_profile = 1, known = true"}$$,
    $${"anonymous_id": "max_per_profile = 2", "email": "max_degree = '{\"device_id\": 2}'"}$$];
  expected text[];
  profiles text;
  how text;
BEGIN
  PERFORM pg_temp.set_types(rules[1 + given % 4]), pg_temp.call(given);
  expected := ARRAY[pg_temp.customers('s'), pg_temp.hubs(), pg_temp.quarantine()];
  profiles := pg_temp.told();
  FOREACH how IN ARRAY '{at once,in steps,all,anew}'::text[] LOOP
    PERFORM pg_temp.empty_space(), pg_temp.load(given), pg_temp.work_off(how);
    RETURN QUERY SELECT format('%s in bulk, %s: %s instead of %s', given, how, ARRAY[pg_temp.customers('s'), pg_temp.hubs(), pg_temp.quarantine()], expected)
      WHERE ARRAY[pg_temp.customers('s'), pg_temp.hubs(), pg_temp.quarantine()] IS DISTINCT FROM expected;
    RETURN QUERY SELECT format('%s in bulk, %s: %s', given, how, b) FROM pg_temp.broken('s') AS b;
    PERFORM pg_temp.empty_space(), pg_temp.load(given, 14), pg_temp.call(given, 8), pg_temp.work_off(how);
    RETURN QUERY SELECT format('%s mixed, %s: %s instead of %s', given, how, ARRAY[pg_temp.customers('s'), pg_temp.hubs(), pg_temp.quarantine()], expected)
      WHERE ARRAY[pg_temp.customers('s'), pg_temp.hubs(), pg_temp.quarantine()] IS DISTINCT FROM expected;
    RETURN QUERY SELECT format('%s mixed, %s: %s', given, how, b) FROM pg_temp.broken('s') AS b;
    RETURN QUERY SELECT format('%s %s: dirty still', given, how) FROM s.dirty;
    -- Nothing is decided at once but what is easy.
    UPDATE s.space SET max_closure = 1, rules_version = rules_version + 1;
    PERFORM pg_temp.empty_space(), pg_temp.call(given), pg_temp.work_off(how);
    UPDATE s.space SET max_closure = 10000, rules_version = rules_version + 1;
    RETURN QUERY SELECT format('%s parked, %s: %s instead of %s', given, how, pg_temp.told(), profiles) WHERE pg_temp.told() IS DISTINCT FROM profiles;
    RETURN QUERY SELECT format('%s parked, %s: %s', given, how, b) FROM pg_temp.broken('s') AS b;
  END LOOP;
  -- Other rules.
  UPDATE s.identifier_type SET max_per_profile = CASE type WHEN 'email' THEN 2 WHEN 'device_id' THEN 3 ELSE max_per_profile END, max_degree = CASE type WHEN 'device_id' THEN '{"email": 2}' ELSE max_degree END;
  UPDATE s.space SET rules_version = rules_version + 1;
  PERFORM pg_temp.work_off('anew');
  expected := ARRAY[pg_temp.told(), pg_temp.hubs(), pg_temp.quarantine()];
  RETURN QUERY SELECT format('%s by other rules: %s', given, b) FROM pg_temp.broken('s') AS b;
  PERFORM pg_temp.empty_space(), pg_temp.call(given);
  RETURN QUERY SELECT format('%s by other rules: %s instead of %s', given, expected, ARRAY[pg_temp.told(), pg_temp.hubs(), pg_temp.quarantine()])
    WHERE ARRAY[pg_temp.told(), pg_temp.hubs(), pg_temp.quarantine()] IS DISTINCT FROM expected;
END $differing$;
-- Undone, for the locks of what was made.
CREATE FUNCTION pg_temp.same(given int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  found text[];
BEGIN
  found := ARRAY(SELECT pg_temp.differing(given));
  RAISE EXCEPTION 'undo' USING ERRCODE = 'P0999';
EXCEPTION WHEN SQLSTATE 'P0999' THEN
  RETURN QUERY SELECT unnest(found);
END $$;
SELECT pg_temp.story() \g /dev/null
SELECT is_empty(format('SELECT pg_temp.same(%s)', seed), 'the same customers, graph ' || seed) FROM generate_series(1, 30) AS seed;

-- Who may.
CREATE ROLE resolver;
SELECT pg_temp.story(), cdp.grant_space('s', 'resolver', 'write') \g /dev/null
SET ROLE resolver;
SELECT cdp.add_links('s', $$SELECT 'email', 'a@x.rs', 'user_id', '1'$$) \g /dev/null
SELECT is(cdp.resolve_now('s') -> 'moved', '1', 'a writer resolves');
SELECT is((cdp.resolve_whole('s', false, false, 0, -100)).rewritten, false, 'but never writes the tables anew');
RESET ROLE;
SELECT cdp.grant_space('s', 'pg_monitor', 'read') \g /dev/null
SET ROLE pg_monitor;
SELECT throws_ok($$SELECT cdp.resolve_now('s')$$, '42501');
RESET ROLE;

-- Who doesn't see all rows can't decide about all.
GRANT ALL ON ALL TABLES IN SCHEMA s TO resolver;
ALTER TABLE s.link ENABLE ROW LEVEL SECURITY;
CREATE POLICY hides ON s.link FOR SELECT TO resolver USING (false);
SET ROLE resolver;
SELECT throws_ok($$SELECT cdp.resolve_whole('s', false, false, 0, 10)$$, '42501', 'row security of table "link" may hide rows from who decides about all', 'row security');
RESET ROLE;
SELECT lives_ok($$SELECT cdp.resolve_whole('s', false, false, 0, 10)$$, 'whom the policies do not concern');

SELECT * FROM finish();
ROLLBACK;
