-- Changed rules: after cdp.resolve a space is as one that had them from the start, and cdp.simulate has said so before.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql
\ir common/sound.sql
SELECT cdp.create_space('changed'), cdp.create_space('fresh') \g /dev/null

CREATE FUNCTION pg_temp.resolve(space text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  run record := cdp.begin_run(space, 'dirty', true, false, 1000, false);
  reached bigint := 0;
BEGIN
  WHILE reached IS NOT NULL LOOP
    reached := (cdp.resolve_step(space, run.run_id, reached, run.last, 7, true)).reached;
  END LOOP;
  PERFORM cdp.end_run(space, run.run_id, 'finished');
END $$;

-- The document
SELECT is(cdp.rules('changed') #> '{types,user_id}', '{"priority": 10, "normaliser": null, "max_per_profile": 1, "max_degree": {}, "links": true, "known": true, "newest": false, "blocked_values": [], "blocked_pattern": null}',
  'rules of a type');
SELECT is(cdp.rules('changed') -> 'sources', '{"default": {"priority": 100, "trusted": true}}', 'rules of sources');
SELECT is(ARRAY(SELECT jsonb_object_keys(cdp.rules('changed')) ORDER BY 1), '{blocked_pattern,blocked_values,hub_alarm,link_threshold,max_closure,max_identifiers,region,review_threshold,sources,types}', 'all settings');
SELECT is(cdp.set_rules('changed', cdp.rules('changed')), 0::bigint, 'what holds already changes nothing');
SELECT is(cdp.set_rules('changed', '{}'), 0::bigint, 'neither does nothing');
SAVEPOINT s;
SELECT cdp.rules('changed') AS was \gset
SELECT cdp.set_rules('changed', '{"link_threshold": 0.8, "review_threshold": 0.75, "max_identifiers": 3, "max_closure": 50, "hub_alarm": 4, "blocked_values": ["nobody"], "blocked_pattern": null, "region": "DE",
  "types": {"card": {}, "email": {"max_per_profile": null, "newest": true}, "device_id": {"max_degree": {"user_id": 2, "card": 3}, "links": false}}, "sources": {"web": {"trusted": false}, "default": {"priority": 7}}}') \g /dev/null
SELECT is(cdp.rules('changed'), jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(:'was'::jsonb
    || '{"link_threshold": 0.8, "review_threshold": 0.75, "max_identifiers": 3, "max_closure": 50, "hub_alarm": 4, "blocked_values": ["nobody"], "blocked_pattern": null, "region": "DE"}',
    '{types,card}', '{"priority": 100, "normaliser": null, "max_per_profile": null, "max_degree": {}, "links": true, "known": false, "newest": false, "blocked_values": [], "blocked_pattern": null}'),
    '{types,email}', :'was'::jsonb #> '{types,email}' || '{"max_per_profile": null, "newest": true}'),
    '{types,device_id}', :'was'::jsonb #> '{types,device_id}' || '{"max_degree": {"user_id": 2, "card": 3}, "links": false}'),
    '{sources,web}', '{"priority": 100, "trusted": false}'), '{sources,default,priority}', '7'), '{types,phone}', :'was'::jsonb #> '{types,phone}'), 'each change is made, and no other');
SELECT is(cdp.identify('changed', '{"card": 5, "phone": "030 123456"}', NULL, 'web') IS NOT NULL, true, 'new types and sources are in use at once');
SELECT is((SELECT value FROM changed.identifier WHERE type = 'phone'), '+4930123456', 'so is the region');
SELECT throws_ok($$SELECT cdp.identify('changed', '{"card": ["1", "2", "3", "4"]}')$$, '54000', NULL, 'and the settings');
ROLLBACK TO s;

-- What can be no rule
CREATE FUNCTION pg_temp.refused(rules text) RETURNS text LANGUAGE sql AS $$SELECT pg_temp.attempt(NULL, format('SELECT cdp.set_rules(%L, %L)', 'changed', rules))$$;
SELECT is(pg_temp.refused(rules), '22023 ' || message, rules) FROM (VALUES
  ('[]', 'invalid rules | Give an object such as {"types": {"email": {"max_per_profile": 3}}}.'), ('1', 'invalid rules | Give an object such as {"types": {"email": {"max_per_profile": 3}}}.'),
  ('{"link_treshold": 1}', 'invalid rule "link_treshold" | Perhaps you meant "link_threshold".'),
  ('{"only_row": true}', 'invalid rule "only_row" | There are "link_threshold", "review_threshold", "max_identifiers", "max_closure", "hub_alarm", "blocked_values", "blocked_pattern", "region", "types", "sources".'),
  ('{"types": {"email": {"max_per_profil": 1}}}', 'invalid rule "types.email.max_per_profil" | Perhaps you meant "max_per_profile".'),
  ('{"types": {"email": {"max_degree": {"user_jd": 1}}}}', 'invalid rule "types.email.max_degree.user_jd" | Perhaps you meant "user_id".'),
  ('{"types": {"email": {"normaliser": "emial"}}}', 'invalid rule "types.email.normaliser" | Perhaps you meant "email".'),
  ('{"sources": {"web": {"trust": true}}}', 'invalid rule "sources.web.trust" | Perhaps you meant "trusted".'),
  ('{"types": {"email": {"blocked_values": ["Test"]}}}', 'invalid rule "types.email.blocked_values" | Write them in lower case.')) AS v (rules, message);
SELECT is(pg_temp.refused(rules), '22023 invalid rule "' || path || '"', rules) FROM (VALUES
  ('{"link_threshold": 1.1}', 'link_threshold'), ('{"link_threshold": -0.1}', 'link_threshold'), ('{"link_threshold": "1"}', 'link_threshold'), ('{"link_threshold": null}', 'link_threshold'),
  ('{"link_threshold": 1e400}', 'link_threshold'), ('{"link_threshold": [1]}', 'link_threshold'), ('{"max_identifiers": 65}', 'max_identifiers'), ('{"max_identifiers": 0}', 'max_identifiers'), ('{"max_closure": 1.5}', 'max_closure'),
  ('{"max_closure": 2.0}', 'max_closure'), ('{"hub_alarm": 2147483648}', 'hub_alarm'), ('{"hub_alarm": 99999999999999999999}', 'hub_alarm'), ('{"hub_alarm": -1}', 'hub_alarm'), ('{"hub_alarm": null}', 'hub_alarm'),
  ('{"region": "de"}', 'region'), ('{"region": "DEU"}', 'region'), ('{"region": "XX"}', 'region'), ('{"region": "UK"}', 'region'), ('{"region": 49}', 'region'), ('{"blocked_values": "x"}', 'blocked_values'), ('{"blocked_values": [null]}', 'blocked_values'), ('{"blocked_values": {"a": 1}}', 'blocked_values'),
  ('{"blocked_values": null}', 'blocked_values'), ('{"blocked_pattern": 1}', 'blocked_pattern'), ('{"blocked_pattern": "("}', 'blocked_pattern'), ('{"types": {"phone": {"blocked_pattern": "[a"}}}', 'types.phone.blocked_pattern'),
  ('{"types": []}', 'types'), ('{"types": null}', 'types'), ('{"types": {"email": 1}}', 'types.email'), ('{"types": {"nothing_of_it": null}}', 'types.nothing_of_it'), ('{"sources": {"nobody": null}}', 'sources.nobody'), ('{"types": {"": {}}}', 'types.'),
  (format('{"types": {"%s": {}}}', repeat('x', 64)), 'types.' || repeat('x', 63) || '...'), ('{"types": {"email": {"priority": -1}}}', 'types.email.priority'), ('{"types": {"email": {"priority": null}}}', 'types.email.priority'),
  ('{"types": {"email": {"max_per_profile": 0}}}', 'types.email.max_per_profile'), ('{"types": {"email": {"links": "yes"}}}', 'types.email.links'), ('{"types": {"email": {"known": null}}}', 'types.email.known'),
  ('{"types": {"email": {"newest": 1}}}', 'types.email.newest'), ('{"types": {"email": {"normaliser": false}}}', 'types.email.normaliser'), ('{"types": {"email": {"max_degree": 3}}}', 'types.email.max_degree'),
  ('{"types": {"email": {"max_degree": {"user_id": -1}}}}', 'types.email.max_degree.user_id'), ('{"types": {"email": {"max_degree": {"user_id": null}}}}', 'types.email.max_degree.user_id'),
  ('{"sources": {"web": {"trusted": 1}}}', 'sources.web.trusted'), ('{"sources": {"web": true}}', 'sources.web'), ('{"sources": 1}', 'sources')) AS v (rules, path);
SELECT is(pg_temp.refused('{"link_threshold": 0.4}'), '22023 review threshold must be between 0 and the threshold', 'thresholds that cross');
SELECT is(pg_temp.refused('{"types": {"a": {"max_degree": {"b": 1}}, "b": {"max_degree": {"a": 1}}}}'), 'ok', 'new types may speak of each other');
SELECT is(pg_temp.attempt(NULL, 'SELECT * FROM cdp.simulate(''changed'', ''{"types": {"email": {"max_per_profil": 1}}}'')'), '22023 invalid rule "types.email.max_per_profil" | Perhaps you meant "max_per_profile".', 'simulate refuses the same');
SELECT throws_ok(format('SELECT cdp.%s', call), state, NULL, call) FROM (VALUES ('rules(NULL)', '22004'), ('rules(''nobody'')', '3F000'), ('set_rules(NULL, ''{}'')', '22004'), ('set_rules(''changed'', NULL)', '22004'),
  ('set_rules(''nobody'', ''{}'')', '3F000'), ('simulate(NULL, ''{}'')', '22004'), ('simulate(''changed'', NULL)', '22004'), ('simulate(''nobody'', ''{}'')', '3F000')) AS v (call, state);

-- Whose
CREATE ROLE rules_steward;
SELECT cdp.grant_space('changed', 'rules_steward', 'steward') \g /dev/null
SELECT is(left(pg_temp.attempt('rules_steward', $$SELECT cdp.set_rules('changed', '{"hub_alarm": 5}')$$), 5), '42501', 'rules are the owner''s');
SELECT is(pg_temp.attempt('rules_steward', $$SELECT * FROM cdp.simulate('changed', '{"hub_alarm": 5}')$$), 'ok', 'whoever reads may simulate');

-- Blocked
TRUNCATE changed.identifier, changed.profile, changed.link, changed.part RESTART IDENTITY;
SAVEPOINT s;
SELECT cdp.identify('changed', '{"user_id": "u", "email": "a@example.com", "phone": "no phone"}', '{"a": 1}'), cdp.identify('changed', '{"email": "a@example.com", "anonymous_id": "x"}', '{"b": 2}') \g /dev/null
CREATE FUNCTION pg_temp.blocked() RETURNS text LANGUAGE sql AS $$SELECT string_agg(value, ', ' ORDER BY value) FROM changed.identifier WHERE blocked$$;
SELECT is(pg_temp.blocked(), 'no phone', 'what is no number is blocked');
SELECT results_eq($$SELECT kind, identifier_id, profiles_before, profiles_after FROM cdp.simulate('changed', '{"types": {"email": {"blocked_values": ["a@example.com"]}}}') ORDER BY 1$$,
  $$VALUES ('blocked', 1::bigint, '{1}'::bigint[], '{1}'::bigint[]), ('split', NULL, '{1}', '{1,3,4}')$$, 'simulate tells of whom is blocked');
SELECT is(cdp.set_rules('changed', '{"types": {"email": {"blocked_values": ["a@example.com"]}}}'), 4::bigint, 'they and their neighbours are to be decided');
SELECT is(pg_temp.blocked(), 'a@example.com, no phone', 'block a value');
SELECT is((SELECT string_agg(anchor::text, ',' ORDER BY part_id) FROM changed.part), '3,4', 'parts go to another anchor');
SELECT pg_temp.resolve('changed') \g /dev/null
SELECT is_empty($$SELECT * FROM pg_temp.broken('changed')$$, 'all is well when it is');
SELECT is(cdp.set_rules('changed', '{"blocked_pattern": "^[xu]$", "types": {"email": {"blocked_values": []}, "phone": {"blocked_pattern": "7"}}}'), 4::bigint, 'other lists');
SELECT is(pg_temp.blocked(), 'no phone, u, x', 'a value that is blocked no longer, and two by a pattern; what is no number stays');
SELECT is((SELECT string_agg(anchor::text, ',' ORDER BY part_id) FROM changed.part), '1,1', 'parts go back');
SELECT pg_temp.resolve('changed') \g /dev/null
SELECT is_empty($$SELECT * FROM pg_temp.broken('changed')$$, 'all is well again');
SELECT is(cdp.set_rules('changed', '{"region": "DE", "blocked_pattern": null}'), 4::bigint, 'a region');
SELECT is(pg_temp.blocked(), 'no phone', 'what was no number stays what it is');
SELECT is(pg_temp.refused('{"types": {"email": {"normaliser": null}}}'), '55000 normaliser of identifier type "email" cannot change | Make another type for what comes in from now on.', 'identifiers are not spelled anew');
SELECT is(pg_temp.refused('{"types": {"device_id": {"normaliser": "email"}}}'), 'ok', 'where there are none the normaliser may change');
ROLLBACK TO s;

-- A type that has a limit at last counts what must-links have joined no more than up to it.
SELECT cdp.identify('changed', '{"device_id": ["d1", "d2", "d3"], "email": "a@example.com"}'), cdp.identify('changed', '{"device_id": "d4"}') \g /dev/null
SELECT cdp.join('changed', cdp.identifier_id('changed', 'device_id', 'd1'), cdp.identifier_id('changed', 'device_id', 'd2')), cdp.join('changed', cdp.identifier_id('changed', 'device_id', 'd4'), cdp.identifier_id('changed', 'device_id', 'd2')) \g /dev/null
SELECT cdp.set_rules('changed', '{"types": {"device_id": {"max_per_profile": 2}}}') \g /dev/null
SELECT is((SELECT weights FROM changed.profile), '{"device_id": 3, "email": 1}', 'three by must-links weigh two, and the other one');
SELECT cdp.set_rules('changed', '{"types": {"device_id": {"max_per_profile": null}, "email": {"known": true}}}') \g /dev/null
SELECT is((SELECT weights FROM changed.profile), '{"email": 1}', 'and nothing without a limit');
SELECT ok((SELECT known FROM changed.profile), 'and who is known');
ROLLBACK TO s;

-- Neighbours of a type that doesn't link, or who are blocked, make no hub.
SELECT cdp.identify('changed', '{"device_id": "d", "user_id": "u1"}'), cdp.identify('changed', '{"device_id": "d", "user_id": "u2"}') \g /dev/null
CREATE FUNCTION pg_temp.hubs() RETURNS bigint LANGUAGE sql AS $$SELECT count(*) FROM changed.identifier WHERE hub$$;
SELECT is(pg_temp.hubs(), 1::bigint, 'a hub');
SELECT cdp.set_rules('changed', '{"types": {"user_id": {"links": false}}}'), pg_temp.resolve('changed') \g /dev/null
SELECT is(pg_temp.hubs(), 0::bigint, 'none by those who do not link');
SELECT cdp.set_rules('changed', '{"types": {"user_id": {"links": true}}}'), pg_temp.resolve('changed') \g /dev/null
SELECT is(pg_temp.hubs(), 1::bigint, 'a hub again');
SELECT cdp.set_rules('changed', '{"blocked_values": ["d"]}'), pg_temp.resolve('changed') \g /dev/null
SELECT is(pg_temp.hubs(), 0::bigint, 'none that is blocked itself');
ROLLBACK TO s;

-- Thresholds reach those whose evidence lies between the two.
SELECT cdp.set_rules('changed', '{"link_threshold": 0.6}'), cdp.identify('changed', '{"user_id": "u", "email": "a@example.com"}'), cdp.identify('changed', '{"user_id": "v", "email": "b@example.com"}') \g /dev/null
UPDATE changed.link SET confidence = CASE WHEN a = (SELECT min(a) FROM changed.link) THEN 0.7 ELSE 0.8 END;
SELECT results_eq($$SELECT kind, members_before, members_after FROM cdp.simulate('changed', '{"link_threshold": 0.8}')$$, $$VALUES ('split', '{2}'::integer[], '{1,1}'::integer[])$$, 'simulate a threshold');
SELECT is(cdp.set_rules('changed', '{"link_threshold": 0.8}'), 2::bigint, 'a higher one');
SELECT pg_temp.resolve('changed') \g /dev/null
SELECT is((SELECT count(*) FROM changed.profile), 3::bigint, 'parts one customer');
SELECT results_eq($$SELECT kind, members_before, members_after FROM cdp.simulate('changed', '{"link_threshold": 0.7}')$$, $$VALUES ('merge', '{1,1}'::integer[], '{2}'::integer[])$$, 'simulate the other way');
SELECT is(cdp.set_rules('changed', '{"link_threshold": 0.7}'), 2::bigint, 'a lower one');
SELECT pg_temp.resolve('changed') \g /dev/null
SELECT is((SELECT count(*) FROM changed.profile), 2::bigint, 'joins it');
ROLLBACK TO s;

-- A hub that waits for a steward, until customers of its size no longer do.
SELECT cdp.set_rules('changed', '{"hub_alarm": 1}'), cdp.identify('changed', '{"device_id": "d", "user_id": "u"}'), cdp.identify('changed', '{"device_id": "d", "user_id": "v"}') \g /dev/null
SELECT is((SELECT count(*) FROM changed.identifier WHERE flip_parked), 1::bigint, 'a hub waits');
SELECT is(cdp.set_rules('changed', '{"hub_alarm": 2}'), 1::bigint, 'it is decided anew');
DO $$
DECLARE run record := cdp.begin_run('changed', 'dirty', false, false, 1000, false);
BEGIN
  PERFORM cdp.resolve_step('changed', run.run_id, 0, run.last, 1000, false);
END $$;
SELECT is((SELECT string_agg(value, ', ') FROM changed.identifier WHERE hub AND NOT flip_parked), 'd', 'and is a hub');
ROLLBACK TO s;

-- At random: two changes of rules, with observations before, between and after them, against the last rules from the start.
CREATE FUNCTION pg_temp.h(VARIADIC of integer[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$SELECT hashtextextended(of::text, 7) & 1152921504606846975$$;
CREATE FUNCTION pg_temp.observe(space text, trial integer, first integer, last integer) RETURNS void LANGUAGE sql AS $$
  SELECT count(cdp.identify(space, jsonb_strip_nulls(jsonb_build_object('user_id', CASE WHEN h & 3 > 1 THEN 'u' || (h >> 4 & 7) END, 'email', CASE WHEN h & 12 > 3 THEN 'e' || (h >> 8 & 7) || '@example.com' END,
      'anonymous_id', 'a' || (h >> 12 & 15), 'device_id', CASE WHEN h & 224 = 0 THEN 'd' || (h >> 16 & 3) END)),
    jsonb_build_object('n' || i % 4, i), CASE WHEN h >> 20 & 3 = 0 THEN 'web' ELSE 'default' END, timestamptz '2026-01-01Z' + (h >> 24 & 1023) * interval '1 h'))
  FROM generate_series(first, last) AS i, pg_temp.h(trial, i) AS h
$$;
CREATE FUNCTION pg_temp.some_rules(trial integer, nth integer, lists boolean) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('blocked_values', CASE WHEN lists THEN jsonb_build_array('e' || (h & 7) || '@example.com', 'u' || (h >> 3 & 7)) END,
    'sources', jsonb_build_object('web', jsonb_build_object('trusted', h >> 6 & 1 = 0, 'priority', h >> 7 & 1), 'default', '{"priority": 1}'::jsonb)))
    || jsonb_build_object('types', jsonb_build_object('user_id', jsonb_build_object('max_per_profile', CASE WHEN h >> 8 & 3 > 0 THEN 1 + (h >> 10 & 1) END, 'known', h >> 11 & 3 > 0),
      'email', jsonb_build_object('max_per_profile', 1 + (h >> 13 & 3), 'newest', h >> 15 & 3 = 0, 'links', h >> 17 & 7 > 0, 'priority', h >> 20 & 63),
      'anonymous_id', jsonb_build_object('max_degree', CASE WHEN h >> 26 & 1 = 0 THEN '{}' ELSE jsonb_build_object('user_id', 1 + (h >> 27 & 1)) END, 'known', h >> 29 & 7 = 0),
      'device_id', jsonb_build_object('max_degree', CASE WHEN h >> 32 & 1 = 0 THEN '{}' ELSE jsonb_build_object('email', 1, 'user_id', 2) END, 'max_per_profile', CASE WHEN h >> 33 & 1 = 0 THEN 1 END)))
  FROM pg_temp.h(trial, nth, 1000) AS h
$$;
-- By names: customers, what is a hub, what is blocked; with their golden records.
CREATE FUNCTION pg_temp.whole(space text, golden boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  EXECUTE format('SELECT string_agg(line, E''\n'' ORDER BY line) FROM (SELECT concat(string_agg(concat(i.type, i.value, i.hub, i.blocked), '','' ORDER BY i.type, i.value), CASE WHEN $1 THEN p.profile END) AS line
    FROM %1$I.profile AS p JOIN %1$I.identifier AS i USING (cluster_id) GROUP BY p.cluster_id) AS c', space) INTO result USING golden;
  RETURN result;
END $$;
-- Customers that are gone or new, and who is a hub now, by the tables.
CREATE FUNCTION pg_temp.state() RETURNS TABLE (id bigint, profile_id bigint, hub boolean) LANGUAGE sql AS $$
  SELECT i.id, p.profile_id, i.hub FROM changed.identifier AS i JOIN changed.profile AS p ON p.cluster_id = i.cluster_id
$$;
CREATE FUNCTION pg_temp.trial(trial integer, OUT differs text, OUT simulated integer) LANGUAGE plpgsql AS $$
DECLARE
  lists boolean := trial % 2 = 0;
  last jsonb := pg_temp.some_rules(trial, 2, lists);
  space text;
BEGIN
  FOREACH space IN ARRAY '{changed,fresh}'::text[] LOOP
    EXECUTE format('TRUNCATE %1$I.identifier, %1$I.profile, %1$I.link, %1$I.part, %1$I.change, %1$I.change_link, %1$I.move, %1$I.rename, %1$I.dirty, %1$I.run RESTART IDENTITY', space);
    PERFORM cdp.set_rules(space, CASE space WHEN 'fresh' THEN last ELSE pg_temp.some_rules(trial, 0, lists) END);
    PERFORM pg_temp.observe(space, trial, 1, 12);
    IF space = 'changed' THEN
      PERFORM cdp.set_rules(space, pg_temp.some_rules(trial, 1, lists));
    END IF;
    PERFORM pg_temp.observe(space, trial, 13, 16);
    IF space = 'changed' THEN
      -- Some changes are decided together.
      IF trial % 3 = 0 THEN
        PERFORM pg_temp.resolve(space);
        CREATE TEMPORARY TABLE was ON COMMIT DROP AS SELECT * FROM pg_temp.state();
        CREATE TEMPORARY TABLE told ON COMMIT DROP AS SELECT * FROM cdp.simulate(space, last);
        PERFORM cdp.set_rules(space, last);
        PERFORM pg_temp.resolve(space);
        simulated := (SELECT count(*) FROM told);
        differs := (SELECT 'simulated: ' || string_agg(id::text, ',') FROM was JOIN pg_temp.state() AS n USING (id)
          WHERE (was.profile_id <> n.profile_id OR was.hub <> n.hub) AND NOT EXISTS (SELECT FROM told WHERE was.profile_id = ANY (profiles_before) AND n.profile_id = ANY (profiles_after)));
        differs := concat(differs, (SELECT 'sizes: ' || string_agg(t::text, ',') FROM told AS t WHERE identifier_id IS NULL AND (
          members_before IS DISTINCT FROM ARRAY(SELECT count(*)::integer FROM unnest(profiles_before) WITH ORDINALITY AS p (id, n) JOIN was ON was.profile_id = p.id GROUP BY n ORDER BY n)
          OR members_after IS DISTINCT FROM ARRAY(SELECT count(*)::integer FROM unnest(profiles_after) WITH ORDINALITY AS p (id, n) JOIN pg_temp.state() AS s ON s.profile_id = p.id GROUP BY n ORDER BY n))));
        differs := concat(differs, (SELECT 'hubs: ' || string_agg(id::text, ',') FROM was JOIN pg_temp.state() AS n USING (id)
          WHERE CASE WHEN was.hub = n.hub THEN 'none' WHEN n.hub THEN 'hub' ELSE 'no_hub' END
            <> coalesce((SELECT kind FROM told WHERE identifier_id = id AND kind IN ('hub', 'no_hub')), 'none')));
        DROP TABLE was, told;
      ELSE
        PERFORM cdp.set_rules(space, last);
      END IF;
    END IF;
    PERFORM pg_temp.observe(space, trial, 17, 20);
    PERFORM pg_temp.resolve(space);
  END LOOP;
  differs := concat(differs, CASE WHEN pg_temp.whole('changed', NOT lists) IS DISTINCT FROM pg_temp.whole('fresh', NOT lists) THEN 'changed and fresh' END,
    (SELECT string_agg(b, '; ') FROM pg_temp.broken('changed') AS b));
END $$;
CREATE TEMPORARY TABLE trial AS SELECT s, t.* FROM generate_series(1, 75) AS s, pg_temp.trial(s) AS t;
SELECT is_empty('SELECT s, differs FROM trial WHERE differs <> ''''', 'changed rules are as rules from the start');
SELECT cmp_ok(count(*), '>', 12::bigint, 'changes that merge or split were simulated') FROM trial WHERE simulated > 0;
SELECT is(count(*), 0::bigint, 'nothing is left to do') FROM changed.dirty;

-- Slips: what is nearly called like another is told, and what nothing uses can go.
SELECT cdp.create_space('slips') \g /dev/null
SELECT cdp.set_rules('slips', '{"types": {"device_id": {"max_degree": {"user_id": 1, "fax": 3}}, "fax": {}}, "sources": {"web": {}, "crm": {}}}'), cdp.identify('slips', '{"email": "a@x.rs", "phone": "+905325550101"}', '{}', 'web') \g /dev/null
CREATE FUNCTION pg_temp.refusal(rules jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message text; detail text;
BEGIN
  PERFORM cdp.set_rules('slips', rules);
  RETURN 'done';
EXCEPTION WHEN object_not_in_prerequisite_state THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
  RETURN message || ': ' || detail;
END $$;
SELECT is(pg_temp.refusal(rules), said, rules::text) FROM (VALUES
  ('{"types": {"email": null}}'::jsonb, 'identifier type "email" cannot be removed: There are identifiers of the type.'),
  ('{"types": {"fax": null}}', 'identifier type "fax" cannot be removed: Rules max_degree of other types name it.'),
  ('{"sources": {"web": null}}', 'source "web" cannot be removed: There is something of it in the space.')) AS v (rules, said);
SELECT throws_ok($$SELECT * FROM cdp.simulate('slips', '{"types": {"email": null}}')$$, '55000', NULL, 'simulate says so, too');
SELECT is_empty($$SELECT * FROM cdp.simulate('slips', '{"types": {"fax": null, "device_id": {"max_degree": {}}}}')$$, 'what nothing uses changes nobody');
SELECT ok(cdp.rules('slips') #> '{types,fax}' IS NOT NULL, 'and is still there');
SELECT is(cdp.set_rules('slips', '{"types": {"fax": null, "anonymous_id": null, "device_id": {"max_degree": {}}}, "sources": {"crm": null}}') >= 0, true, 'removed, with the rule that named it');
SELECT results_eq($$SELECT type FROM slips.identifier_type ORDER BY priority$$, $$VALUES ('user_id'), ('email'), ('phone'), ('device_id')$$, 'types are gone');
SELECT results_eq($$SELECT source FROM slips.source ORDER BY source_id$$, $$VALUES ('default'), ('web')$$, 'sources are gone');
SELECT throws_ok($$SELECT cdp.identify('slips', '{"anonymous_id": "x"}')$$, '42704', NULL, 'nobody knows it any more');
SELECT lives_ok($$SELECT cdp.identify('slips', '{"device_id": "x", "user_id": "y"}')$$, 'the others are as they were');

SELECT * FROM finish();
ROLLBACK;
