-- What identify, lookup and current_id promise.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql
\ir common/sound.sql

-- A space whose rules are made for the story: `settings` are assignments by type of identifiers.
CREATE FUNCTION pg_temp.story(settings jsonb DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  type text; assignment text;
BEGIN
  IF EXISTS (SELECT FROM cdp.spaces WHERE space = 's') THEN
    PERFORM cdp.drop_space('s');
  END IF;
  PERFORM cdp.create_space('s');
  FOR type, assignment IN SELECT * FROM jsonb_each_text(settings) LOOP
    EXECUTE format('UPDATE s.identifier_type SET %s WHERE type = %L', assignment, type);
  END LOOP;
  INSERT INTO s.source (source, trusted) VALUES ('crm', true), ('forms', false);
  UPDATE s.space SET rules_version = rules_version + 1;
END $$;
-- Two identifiers of one observation, {"type": "value", …}; times are days.
CREATE FUNCTION pg_temp.see(identifiers jsonb, day int, source text DEFAULT 'default', attributes jsonb DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
  SELECT cdp.identify('s', identifiers, attributes, source, '2026-01-01'::timestamptz + day * interval '1 day') $$;
-- In a statement of its own, which sees what the one around did.
CREATE FUNCTION pg_temp.whose(type text, value text) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN RETURN cdp.lookup('s', type, value); END$$;

-- Segment documents: with one user_id to a profile, an event of user abc456 with the e-mail of abc123 loses the e-mail, and
-- makes a profile of its own. Here too, in whatever order they come; and the link is kept.
SELECT pg_temp.story() \g /dev/null
SELECT is(pg_temp.see('{"user_id": "abc123", "email": "jane@example.com"}', 1, attributes => '{"plan": "pro"}'), 1::bigint, 'Segment: the first user');
SELECT is(pg_temp.see('{"user_id": "abc456", "email": "jane@example.com"}', 2, attributes => '{"plan": "free"}'), pg_temp.whose('user_id', 'abc456'), 'Segment: the second user');
SELECT is(pg_temp.customers('s'), 'email jane@example.com, user_id abc123 | user_id abc456', 'Segment: two customers');
SELECT is((SELECT count(*) FROM s.link), 2::bigint, 'Segment: the link is kept');
SELECT is(array_agg(profile ->> 'plan' ORDER BY profile_id), '{pro,free}', 'Segment: to each what was said of whom') FROM s.profile;
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'Segment: sound');
SELECT pg_temp.story(), pg_temp.see('{"user_id": "abc456", "email": "jane@example.com"}', 2), pg_temp.see('{"user_id": "abc123", "email": "jane@example.com"}', 1) \g /dev/null
SELECT is(pg_temp.customers('s'), 'email jane@example.com, user_id abc123 | user_id abc456', 'Segment: the same the other way round');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'Segment, the other way round: sound');

-- Adobe: the device belongs to who logged in last. That is `newest`; by default it stays with who was seen first.
CREATE FUNCTION pg_temp.logins(newest bool) RETURNS TABLE (login int, owner text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.story(jsonb_build_object('anonymous_id', format('max_degree = ''{}'', newest = %L', newest)));
  FOR login IN 1..8 LOOP
    PERFORM pg_temp.see(jsonb_build_object('anonymous_id', 'tablet', 'user_id', CASE WHEN login % 2 = 1 THEN 'alice' ELSE 'bob' END), login);
    SELECT i.value INTO owner FROM s.identifier AS i WHERE i.type = 'user_id' AND i.cluster_id = (SELECT d.cluster_id FROM s.identifier AS d WHERE d.type = 'anonymous_id');
    RETURN NEXT;
  END LOOP;
END $$;
SELECT is(array_agg(owner ORDER BY login), '{alice,bob,alice,bob,alice,bob,alice,bob}', 'Adobe: newest') FROM pg_temp.logins(true);
SELECT is((SELECT count(*) FROM s.change), 8::bigint, 'Adobe: a change with each login');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'Adobe, newest: sound');
SELECT is(array_agg(owner ORDER BY login), '{alice,alice,alice,alice,alice,alice,alice,alice}', 'Adobe: oldest') FROM pg_temp.logins(false);
SELECT is((SELECT count(*) FROM s.change), 1::bigint, 'Adobe: one change');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'Adobe, oldest: sound');

-- Snowplow: a device seen with two users belongs to neither, and keeps an id of its own for good.
SELECT pg_temp.story() \g /dev/null
SELECT is(pg_temp.see('{"anonymous_id": "kiosk"}', 0, attributes => '{"visits": 1}'), 1::bigint, 'Snowplow: nobody yet');
SELECT is(pg_temp.see('{"anonymous_id": "kiosk", "user_id": "alice"}', 1, attributes => '{"name": "Alice"}'), 1::bigint, 'Snowplow: Alice');
SELECT is(pg_temp.whose('user_id', 'alice'), 1::bigint, 'Snowplow: hers for now');
SELECT is((SELECT profile ->> 'visits' FROM s.profile), '1', 'Snowplow: with what came before');
SELECT clock_timestamp() AS hers \gset
SELECT is(pg_temp.see('{"anonymous_id": "kiosk", "user_id": "bob"}', 2), pg_temp.whose('user_id', 'bob'), 'Snowplow: Bob');
SELECT is(pg_temp.customers('s'), 'anonymous_id kiosk | user_id alice | user_id bob', 'Snowplow: nobody''s');
SELECT is(pg_temp.whose('anonymous_id', 'kiosk'), 1::bigint, 'Snowplow: its own id');
SELECT is(array_agg(ARRAY[profile ->> 'visits', profile ->> 'name'] ORDER BY profile_id), '{{1,NULL},{NULL,Alice},{NULL,NULL}}', 'Snowplow: each with what is its own') FROM s.profile;
SELECT is(pg_temp.see('{"anonymous_id": "kiosk"}', 3), 1::bigint, 'Snowplow: the same every time');
SELECT is(pg_temp.see('{"anonymous_id": "kiosk", "user_id": "alice"}', 4), 2::bigint, 'Snowplow: Alice again');
SELECT is(ARRAY[cdp.lookup('s', 'user_id', 'alice', :'hers'), cdp.lookup('s', 'anonymous_id', 'kiosk', :'hers'), cdp.lookup('s', 'user_id', 'bob', :'hers')], '{1,1,NULL}', 'Snowplow: what was believed');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'Snowplow: sound');

-- PostHog's illegal ids merged everybody. Here they are kept, linked, and join nobody.
SELECT pg_temp.story() \g /dev/null
CREATE TEMPORARY TABLE illegal AS SELECT value FROM unnest(ARRAY['anonymous', 'guest', 'distinctid', 'distinct_id', 'id', 'not_authenticated', 'email', 'undefined', 'true', 'false',
  '[object Object]', 'NaN', 'None', 'none', 'null', '0', '', '00000000-0000-0000-0000-000000000000', '-1', '   ', 'NULL', 'N/A']) AS value;
SELECT is(pg_temp.see(jsonb_build_object(type, value), 1, attributes => '{"a": 1}'), NULL, format('illegal %s "%s" is nobody', type, value)) FROM illegal, unnest('{user_id,email,phone,anonymous_id}'::text[]) AS type;
SELECT is(pg_temp.whose(type, value), NULL, format('illegal %s "%s" finds nobody', type, value)) FROM illegal, unnest('{user_id,email,phone,anonymous_id}'::text[]) AS type;
SELECT is((SELECT count(*) FROM s.part), 0::bigint, 'illegal ids: nobody is told anything');
SELECT is(pg_temp.see(jsonb_build_object('anonymous_id', value, 'user_id', 'alice'), 1), pg_temp.whose('user_id', 'alice'), 'Alice with ' || value) FROM illegal;
SELECT is(pg_temp.see(jsonb_build_object('anonymous_id', value, 'email', 'jane@example.com'), 2), pg_temp.whose('email', 'jane@example.com'), 'Jane with ' || value) FROM illegal;
SELECT is(pg_temp.see(jsonb_build_object('user_id', value, 'email', 'bob@example.com'), 2), pg_temp.whose('email', 'bob@example.com'), 'Bob with ' || value) FROM illegal;
SELECT is((SELECT count(DISTINCT cluster_id) FROM s.identifier WHERE NOT blocked), 3::bigint, 'illegal ids: Alice, Jane and Bob stay three');
SELECT is_empty($$SELECT value FROM s.identifier WHERE blocked = (value ~ '@' OR value = 'alice')$$, 'illegal ids: they and only they are blocked');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'illegal ids: sound');
-- A space's own ones
SELECT pg_temp.story('{"email": "blocked_values = ''{noreply@example.com}'', blocked_pattern = ''@test\\.example$''"}') \g /dev/null
SELECT is(pg_temp.see(identifiers, 1), whose, identifiers::text) FROM (VALUES ('{"email": "NoReply@example.com"}'::jsonb, NULL::bigint), ('{"email": "any@test.example"}', NULL),
  ('{"user_id": "noreply@example.com"}', 3), ('{"email": "noreply2@example.com"}', 4)) AS v (identifiers, whose);

-- Eight forged anonymous calls with a victim's e-mail: of a trusted source they would tear her profile apart.
CREATE FUNCTION pg_temp.forge(source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.story('{"email": "known = true, max_degree = ''{\"anonymous_id\": 5}''", "anonymous_id": "max_per_profile = 3, max_degree = ''{}''"}');
  PERFORM pg_temp.see('{"user_id": "alice", "email": "victim@example.com"}', 100, 'crm', '{"name": "Alice"}');
  PERFORM pg_temp.see('{"email": "victim@example.com", "anonymous_id": "her phone"}', 110, 'crm', '{"city": "Novi Sad"}');
  FOR i IN 1..8 LOOP
    PERFORM pg_temp.see(jsonb_build_object('email', 'victim@example.com', 'anonymous_id', 'forged ' || i), i, source, '{"city": "nowhere"}');
  END LOOP;
END $$;
SELECT pg_temp.forge('forms') \g /dev/null
SELECT is(ARRAY[pg_temp.whose('user_id', 'alice'), pg_temp.whose('email', 'victim@example.com'), pg_temp.whose('anonymous_id', 'her phone')], '{1,1,1}', 'forged calls leave her whole');
SELECT ok(NOT hub, 'forged calls make no hub') FROM s.identifier WHERE value = 'victim@example.com';
SELECT is((SELECT profile ->> 'name' FROM s.profile WHERE profile_id = 1), 'Alice', 'forged calls take nothing away');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'forged calls: sound');
SELECT pg_temp.forge('crm') \g /dev/null
SELECT ok(hub, 'trusted ones would have') FROM s.identifier WHERE value = 'victim@example.com';
SELECT isnt(pg_temp.whose('user_id', 'alice'), pg_temp.whose('anonymous_id', 'her phone'), 'and torn her apart');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'trusted forged calls: sound');
-- Nor does an untrusted source unite two known persons by a detour.
SELECT pg_temp.story('{"email": "known = true", "anonymous_id": "max_degree = ''{}''"}') \g /dev/null
SELECT pg_temp.see('{"user_id": "bob", "anonymous_id": "d"}', 1, 'forms'), pg_temp.see('{"email": "victim@example.com", "anonymous_id": "d"}', 2, 'forms') \g /dev/null
SELECT is(pg_temp.customers('s'), 'anonymous_id d, user_id bob | email victim@example.com', 'forms unite no known persons');
SELECT pg_temp.see('{"email": "victim@example.com", "anonymous_id": "d"}', 3, 'crm') \g /dev/null
SELECT is(pg_temp.customers('s'), 'anonymous_id d, email victim@example.com | user_id bob', 'the CRM vouches for hers');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'a detour: sound');

-- The link that united a customer at last is sighted again, by somebody who is trusted: others united it before, and come after
-- what comes in then.
SELECT pg_temp.story() \g /dev/null
SELECT pg_temp.see('{"user_id": "ana", "email": "a@example.com"}', 1, 'crm'), pg_temp.see('{"email": ["a@example.com", "b@example.com"]}', 2, 'forms'), pg_temp.see('{"email": ["b@example.com", "c@example.com"]}', 3, 'forms'),
  pg_temp.see('{"email": ["b@example.com", "c@example.com"]}', 4, 'crm'), pg_temp.see('{"email": "c@example.com", "user_id": "bob"}', 5, 'forms') \g /dev/null
SELECT is(pg_temp.customers('s'), 'email a@example.com, user_id ana | email b@example.com, email c@example.com, user_id bob', 'lifted last link: whatever the order');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'lifted last link: sound');

-- Spellings, arrays, numbers, doublets
SELECT pg_temp.story() \g /dev/null
SELECT is(pg_temp.see('{"email": [" Ana@Example.COM ", "ana@example.com"], "user_id": 17, "phone": "+381 (64) 123-4567", "device_id": []}', 1), 1::bigint, 'arrays, numbers, spellings');
SELECT results_eq('SELECT type, value FROM s.identifier ORDER BY id', $$VALUES ('email', 'ana@example.com'), ('phone', '+381641234567'), ('user_id', '17')$$, 'each once');
SELECT is(pg_temp.see(identifiers, 1), 1::bigint, identifiers::text)
FROM unnest(ARRAY['{"user_id": "17"}', '{"user_id": 17}', '{"user_id": [17, "17"]}', '{"phone": "+381641234567"}', '{"email": ["ANA@EXAMPLE.COM"]}', '{"user_id": "17", "email": null}']::jsonb[]) AS identifiers;
SELECT is((SELECT count(*) FROM s.identifier), 3::bigint, 'nothing new');
SELECT is(pg_temp.whose(type, value), 1::bigint, 'lookup of ' || value) FROM (VALUES ('email', 'ANA@example.com'), ('email', ' ana@example.com'), ('phone', '+381 64 1234567'), ('user_id', '17')) AS v (type, value);
SELECT is(pg_temp.see(identifiers, 1, attributes => '{"a": 1}'), NULL, identifiers::text || ' is nobody')
FROM unnest(ARRAY['{}', '{"email": null}', '{"email": []}', '{"email": [null]}', '{"email": "not an address"}', '{"phone": "12"}', '{"phone": "064 123 4567"}']::jsonb[]) AS identifiers;
SELECT is_empty($$SELECT FROM s.profile WHERE cdp.has(profile, 'a')$$, 'and nobody is told what was said of them');
SELECT is(pg_temp.whose(type, value), NULL, format('lookup of %s %s', type, value))
FROM (VALUES ('email', 'x@example.com'), ('user_id', '17.0'), ('user_id', repeat('x', 10000000)), ('email', repeat('x', 10000000)), ('email', ''), (NULL, '17'), ('user_id', NULL)) AS v (type, value);
SELECT is(pg_temp.see(jsonb_build_object('user_id', repeat('x', 1024)), 1), pg_temp.whose('user_id', repeat('x', 1024)), '1024 bytes are kept');
SELECT is(pg_temp.see('{"user_id": "ı İ ß 客户 \u0001 \\ \" '' {space} $1"}', 1), pg_temp.whose('user_id', E'ı İ ß 客户 \u0001 \\ " '' {space} $1'), 'odd characters');
SELECT is(pg_temp.see('{"email": ["1@example.com", "2@example.com", "3@example.com", "4@example.com", "5@example.com"], "device_id": ["1", "2", "3", "3"]}', 1),
          pg_temp.whose('device_id', '3'), 'eight identifiers, and one twice');
SELECT is((SELECT count(*) FROM s.link WHERE first_seen = '2026-01-02'), 3 + 28::bigint, 'each with each');
UPDATE s.space SET region = 'RS', rules_version = rules_version + 1;
SELECT is(pg_temp.see('{"phone": "064 123 4567"}', 1), 1::bigint, 'a number of the region');
SELECT is(pg_temp.whose('phone', '064/123-45-67'), 1::bigint, 'looked up');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'spellings: sound');

-- When and how often somebody was seen last is written once a day, unless it decides who comes first.
SELECT pg_temp.story('{"device_id": "newest = true"}') \g /dev/null
CREATE FUNCTION pg_temp.sighting(type text, hour int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM cdp.identify('s', jsonb_build_object('user_id', 'u' || hour / 200, type, 'x'), at => '2026-01-01Z'::timestamptz + hour * interval '1 hour');
  RETURN (SELECT string_agg(format('%s-%s %s', extract(epoch FROM first_seen - '2026-01-01Z') / 3600, extract(epoch FROM last_seen - '2026-01-01Z') / 3600, times), ' ' ORDER BY first_seen)
          FROM s.link WHERE (SELECT i.id FROM s.identifier AS i WHERE i.type = sighting.type) IN (a, b));
END $$;
SELECT is(regexp_replace(pg_temp.sighting(type, hour), '\.0+', '', 'g'), seen, format('%s at hour %s', type, hour))
FROM (VALUES ('anonymous_id', 100, '100-100 1'), ('anonymous_id', 101, '100-100 1'), ('anonymous_id', 124, '100-100 1'), ('anonymous_id', 125, '100-125 2'), ('anonymous_id', 90, '90-125 3'),
             ('device_id', 100, '100-100 1'), ('device_id', 101, '100-101 2'), ('device_id', 101, '100-101 2'),
             ('device_id', 300, '100-101 2 300-300 1'), ('device_id', 301, '100-101 2 300-301 2')) AS v (type, hour, seen);

-- Bad input: nothing is taken in of it
SELECT pg_temp.story() \g /dev/null
SELECT is(left(pg_temp.attempt(NULL, 'SELECT cdp.identify(' || arguments || ')'), 200), complaint, left(arguments, 80))
FROM (VALUES
  ($$NULL, '{}'$$, '22004 space of an observation must not be null'),
  ($$'s', NULL$$, '22004 identifiers of an observation must not be null'),
  ($$'s', '{}', source => NULL$$, '22004 source of an observation must not be null'),
  ($$'s', '{}', at => NULL$$, '22004 time of an observation must not be null'),
  ($$'nobody', '{}'$$, '3F000 space "nobody" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.'),
  ($$'', '{"email": "x@example.com"}'$$, '3F000 space "" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.'),
  ($$repeat('s', 64), '{"email": "x@example.com"}'$$, '3F000 space "' || repeat('s', 64) || '" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.'),
  ($$'public', '{"email": "x@example.com"}'$$, '3F000 space "public" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.'),
  ($$'pg_catalog', '{"email": "x@example.com"}'$$, '3F000 space "pg_catalog" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.'),
  ($$'s', '{"emial": "x@example.com"}'$$, '42704 identifier type "emial" does not exist | Perhaps you meant "email".'),
  ($$'s', '{"E-Mail": "x@example.com"}'$$, '42704 identifier type "E-Mail" does not exist | Perhaps you meant "email".'),
  ($$'s', '{"passport": "x"}'$$, '42704 identifier type "passport" does not exist | There are "anonymous_id", "device_id", "email", "phone", "user_id"; cdp.set_rules adds one.'),
  ($$'s', '{"": "x"}'$$, '42704 identifier type "" does not exist | There are "anonymous_id", "device_id", "email", "phone", "user_id"; cdp.set_rules adds one.'),
  ($$'s', '{}', source => 'fomrs'$$, '42704 source "fomrs" does not exist | Perhaps you meant "forms".'),
  ($$'s', '{}', source => ''$$, '42704 source "" does not exist | There are "default", "crm", "forms"; cdp.set_rules adds one.'),
  ($$'s', '{"email": "new@example.com"}', '[]'$$, '22023 attributes of an observation must be a JSON object'),
  ($$'s', '{"email": "new@example.com"}', '1'$$, '22023 attributes of an observation must be a JSON object'),
  ($$'s', jsonb_build_object('user_id', repeat('x', 1025))$$, '54000 identifier is too long'),
  ($$'s', jsonb_build_object('email', repeat('x', 10485760))$$, '54000 identifier is too long'),
  ($$'s', jsonb_build_object('user_id', 1e1024)$$, '54000 identifier is too long'),
  ($$'s', '{"user_id": [1, 2, 3, 4, 5, 6, 7, 8, 9]}'$$, '54000 too many identifiers'),
  ($$'s', jsonb_build_object('user_id', (SELECT jsonb_agg(i) FROM generate_series(1, 100000) AS i))$$, '54000 too many identifiers')) AS v (arguments, complaint);
SELECT is(pg_temp.attempt(NULL, format('SELECT cdp.identify(''s'', %L)', identifiers)),
          '22023 invalid identifiers | Give an object such as {"email": "ana@example.com", "user_id": "17"}.', identifiers)
FROM unnest(ARRAY['[]', '"x"', '1', 'null', '["email"]', '{"email": true}', '{"email": {}}', '{"email": {"user_id": "x"}}', '{"email": [["x@example.com"]]}',
                  '{"email": [{"user_id": "x"}]}', '{"email": [false]}', '{"email": ["x@example.com", [[]]]}']) AS identifiers;
SELECT is(left(pg_temp.attempt(NULL, format('SELECT cdp.identify(''s'', %L)', '{"email": ' || repeat('[', 5000) || repeat(']', 5000) || '}')), 5), '22023', 'nested deeply');
SELECT is(pg_temp.attempt(NULL, 'SELECT cdp.' || call), complaint, call)
FROM (VALUES ($$lookup(NULL, 'email', 'x')$$, '22004 space must not be null'), ($$lookup('nobody', 'email', 'x')$$, '3F000 space "nobody" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.'),
             ($$lookup('nobody', 'email', 'x', now())$$, '3F000 space "nobody" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.'),
             ($$lookup('s', 'emial', 'x')$$, '42704 identifier type "emial" does not exist | Perhaps you meant "email".'),
             ($$current_id('nobody', 1)$$, '3F000 space "nobody" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.')) AS v (call, complaint);
SELECT is((SELECT count(*) FROM s.identifier) + (SELECT count(*) FROM s.profile) + (SELECT count(*) FROM s.part) + (SELECT count(*) FROM s.link), 0::bigint, 'nothing was taken in');
SELECT is(cdp.current_id('s', id), NULL, 'current_id of ' || coalesce(id::text, 'NULL')) FROM unnest('{1,0,-1,9223372036854775807,NULL}'::bigint[]) AS id;
SELECT is(cdp.current_id(NULL, 1), NULL, 'current_id in NULL');
SELECT is(cdp.identify('s', '{"user_id": "t"}', '{"a": 1}', at => at), pg_temp.whose('user_id', 't'), 'at ' || at) FROM unnest('{-infinity,infinity,4713-01-01 BC,294276-12-31}'::timestamptz[]) AS at;
SELECT is(cdp.identify('s', '{"user_id": "t", "email": "t@example.com"}', '{"a": 1}', at => at), pg_temp.whose('email', 't@example.com'), 'both at ' || at) FROM unnest('{-infinity,infinity,4713-01-01 BC,294276-12-31}'::timestamptz[]) AS at;
SELECT is((SELECT array_agg(first_seen::text || ' ' || last_seen) FROM s.link), '{"-infinity infinity"}', 'from the first to the last');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'all times: sound');

-- Rules that changed and were rolled back are forgotten, too.
SAVEPOINT rules;
UPDATE s.space SET max_identifiers = 1, rules_version = rules_version + 1;
SELECT is(pg_temp.attempt(NULL, $$SELECT cdp.identify('s', '{"user_id": [1, 2]}')$$), '54000 too many identifiers', 'a new rule holds at once');
ROLLBACK TO rules;
UPDATE s.space SET max_identifiers = 2, rules_version = rules_version + 1;
SELECT is(left(pg_temp.attempt(NULL, $$SELECT cdp.identify('s', '{"user_id": [1, 2]}')$$), 2), 'ok', 'the next one is another');
SELECT is(pg_temp.attempt(NULL, $$SELECT cdp.identify('s', '{"user_id": [1, 2, 3]}')$$), '54000 too many identifiers', 'and holds');
UPDATE s.identifier_type SET max_degree = '{"user_id": -1}' WHERE type = 'email'; UPDATE s.space SET rules_version = rules_version + 1;
SELECT is(left(pg_temp.attempt(NULL, $$SELECT cdp.identify('s', '{"user_id": 1}')$$), 5), '22023', 'rules that make no sense');

-- Merges: who is who, the log, the ids that were, the golden record
SELECT pg_temp.story() \g /dev/null
CREATE TEMPORARY TABLE believed (step int, at timestamptz, type text, value text, profile_id bigint);
CREATE FUNCTION pg_temp.remember(step int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO believed SELECT step, clock_timestamp(), i.type, i.value, p.profile_id FROM s.identifier AS i JOIN s.profile AS p ON p.cluster_id = i.cluster_id;
  PERFORM pg_sleep(0.00001);
END $$;
SELECT is(pg_temp.see('{"email": "a@example.com"}', 1, attributes => '{"plan": "free", "city": "Niš"}'), 1::bigint, 'somebody');
SELECT is(pg_temp.see('{"anonymous_id": ["x", "y", "z"]}', 2, attributes => '{"visits": 3}'), 2::bigint, 'somebody with three devices');
SELECT is(pg_temp.see('{"user_id": "u"}', 3, 'crm', '{"plan": "pro"}'), 5::bigint, 'a user');
SELECT pg_temp.remember(1) \g /dev/null
SELECT is(pg_temp.see('{"user_id": "u", "anonymous_id": "y"}', 4, 'crm', '{"visits": 4}'), 2::bigint, 'merged into the larger one');
SELECT pg_temp.remember(2) \g /dev/null
SELECT is(pg_temp.see('{"email": "a@example.com", "user_id": "u"}', 5, attributes => '{"city": "Novi Sad"}'), 1::bigint, 'renamed by a merge with a smaller, older one');
SELECT pg_temp.remember(3) \g /dev/null
SELECT is((SELECT array_agg(ARRAY[m.identifier_id, m.from_profile, m.to_profile] ORDER BY m.change_id, m.identifier_id) FROM s.move AS m), '{{3,3,2},{4,4,2},{5,5,2},{1,1,1}}', 'who moved');
SELECT is((SELECT array_agg(ARRAY[from_profile, to_profile] ORDER BY change_id) FROM s.rename), '{{2,1}}', 'who was renamed');
SELECT is((SELECT array_agg(format('%s %s-%s %s %s', c.cause, c.link_a, c.link_b, s.source, c.actor = current_user) ORDER BY change_id) FROM s.change AS c JOIN s.source AS s ON s.source_id = c.source_id),
          ARRAY['link 2-3 default t', 'link 3-5 crm t', 'link 1-5 default t'], 'what caused it');
SELECT ok(bool_and(at > now() AND at <= clock_timestamp()), 'when, by the clock') FROM s.change;
SELECT is(cdp.current_id('s', old), 1::bigint, 'current_id of ' || old) FROM generate_series(1, 5) AS old;
SELECT is(jsonb_object_agg(k, profile ->> k), '{"plan": "pro", "city": "Novi Sad", "visits": "4"}', 'the golden record of all') FROM s.profile, unnest('{plan,city,visits}'::text[]) AS k;
SELECT is((SELECT profile::text FROM s.profile), (SELECT cdp.rollup(profile)::text FROM s.part), 'is the rollup of the parts');
SELECT is((SELECT jsonb_object_agg(key, jsonb_array_length(value)) FROM s.profile, jsonb_each(profile::text::jsonb -> 'identifiers')), '{"email": 1, "user_id": 2, "anonymous_id": 4}', 'with its identifiers, as each source said');
-- A split: the user's first device turns out to be somebody else's, too.
SELECT isnt(pg_temp.see('{"user_id": "other", "anonymous_id": "y"}', 6, attributes => '{"plan": "none"}'), 1::bigint, 'a second user of one device');
SELECT pg_temp.remember(4) \g /dev/null
SELECT is(pg_temp.customers('s'), 'anonymous_id x, anonymous_id z | anonymous_id y | email a@example.com, user_id u | user_id other', 'takes it away from both');
SELECT is(jsonb_object_agg(k, profile ->> k), '{"plan": "pro", "city": "Novi Sad", "visits": "4"}', 'what the user said of herself stays') FROM s.profile, unnest('{plan,city,visits}'::text[]) AS k WHERE profile_id = 1;
SELECT is(ARRAY[cdp.current_id('s', 1), cdp.current_id('s', 5), cdp.current_id('s', 2), cdp.current_id('s', 3), cdp.current_id('s', 4)], '{1,1,2,3,2}', 'the old ids come back');
SELECT is_empty($$SELECT * FROM believed WHERE cdp.lookup('s', type, value, at) IS DISTINCT FROM profile_id$$, 'lookup as of each step says what was believed');
SELECT is_empty($$SELECT * FROM s.identifier WHERE cdp.lookup('s', type, value, created_at - interval '1 microsecond') IS NOT NULL OR cdp.lookup('s', type, value, '-infinity') IS NOT NULL$$, 'nothing was believed before');
SELECT is_empty($$SELECT * FROM s.identifier WHERE cdp.lookup('s', type, value, 'infinity') IS DISTINCT FROM cdp.lookup('s', type, value)$$, 'as of later: what is believed now');
SELECT is((SELECT count(DISTINCT step) FROM believed AS b WHERE profile_id IS DISTINCT FROM cdp.lookup('s', type, value)), 3::bigint, 'which is something else than at each step before');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'merges and splits: sound');
-- What an error undoes is undone as a whole.
SELECT pg_temp.customers('s') AS before, (SELECT count(*) FROM s.change) AS changes \gset
SELECT is(pg_temp.attempt(NULL, $q$DO $d$BEGIN PERFORM cdp.identify('s', '{"user_id": "u", "phone": "+381641234567"}'); RAISE 'never mind'; END$d$$q$), 'P0001 never mind', 'an error afterwards');
SELECT is(ARRAY[pg_temp.customers('s'), (SELECT count(*)::text FROM s.change)], ARRAY[:'before', :'changes'], 'leaves nothing behind');

-- In whatever order, in one step or many: the same customers with the same golden records, and the log says what was.
CREATE FUNCTION pg_temp.told(space text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT string_agg(c || p, '' | '' ORDER BY c COLLATE "C") FROM (SELECT string_agg(i.type || '' '' || i.value, '', '' ORDER BY i.type, i.value COLLATE "C") AS c, p.profile::text AS p
    FROM %s.identifier AS i JOIN %1$s.profile AS p ON p.cluster_id = i.cluster_id GROUP BY p.cluster_id) AS g', space) INTO result;
  RETURN result;
END $$;
CREATE TEMPORARY TABLE seen (seed int, number int, identifiers jsonb, attributes jsonb, at timestamptz, source text);
SELECT setseed(0.5) \g /dev/null
INSERT INTO seen SELECT seed, number, (SELECT jsonb_object_agg(t, 'v' || floor(random() * n + 0 * number)::int || suffix) FROM (SELECT * FROM (VALUES ('user_id', 6, ''), ('email', 8, '@example.com'), ('anonymous_id', 10, ''), ('device_id', 8, ''))
    AS v (t, n, suffix) ORDER BY random() + 0 * number LIMIT 2) AS picked), jsonb_build_object('a' || floor(random() * 3)::int, number), '2026-01-01'::timestamptz + random() * interval '90 days',
    CASE WHEN random() < 0.2 THEN 'forms' ELSE 'default' END
  FROM generate_series(1, 12) AS seed, generate_series(1, 30) AS number;
CREATE FUNCTION pg_temp.orders(given int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  one record;
  expected text;
  how text;
  step int := 0;
BEGIN
  PERFORM pg_temp.story(CASE given % 3 WHEN 0 THEN '{"anonymous_id": "newest = true", "device_id": "max_degree = ''{}'', newest = true"}'
                                       WHEN 1 THEN '{"email": "max_per_profile = 1, known = true"}' ELSE '{"anonymous_id": "max_per_profile = 2", "email": "max_degree = ''{\"device_id\": 2}''"}' END::jsonb);
  TRUNCATE believed;
  FOR one IN SELECT * FROM seen WHERE seed = given ORDER BY number LOOP
    PERFORM cdp.identify('s', one.identifiers, one.attributes, one.source, one.at);
    step := step + 1;
    PERFORM pg_temp.remember(step);
    RETURN QUERY SELECT format('%s after %s: %s', given, step, b) FROM pg_temp.broken('s') AS b;
  END LOOP;
  RETURN QUERY SELECT format('%s: %s %s was %s at step %s, not %s', given, b.type, b.value, b.profile_id, b.step, cdp.lookup('s', b.type, b.value, b.at)) FROM believed AS b
    WHERE cdp.lookup('s', b.type, b.value, b.at) IS DISTINCT FROM b.profile_id;
  expected := pg_temp.told('s');
  FOREACH how IN ARRAY '{by time,at once}'::text[] LOOP
    TRUNCATE s.identifier, s.profile, s.link, s.part, s.change, s.change_link, s.move, s.rename, s.dirty RESTART IDENTITY;
    IF how = 'by time' THEN
      PERFORM cdp.identify('s', q.identifiers, q.attributes, q.source, q.at) FROM (SELECT * FROM seen WHERE seed = given ORDER BY at) AS q;
    ELSE
      PERFORM cdp.identify_many('s', array_agg(q.identifiers), array_agg(q.attributes), q.source, array_agg(q.at))
      FROM (SELECT * FROM seen WHERE seed = given ORDER BY md5(number::text)) AS q GROUP BY q.source;
    END IF;
    IF pg_temp.told('s') IS DISTINCT FROM expected THEN
      RETURN NEXT format('%s, %s: %s instead of %s', given, how, pg_temp.told('s'), expected);
    END IF;
    RETURN QUERY SELECT format('%s, %s: %s', given, how, b) FROM pg_temp.broken('s') AS b;
  END LOOP;
END $$;
SELECT is_empty(format('SELECT pg_temp.orders(%s)', seed), 'in any order, graph ' || seed) FROM generate_series(1, 12) AS seed;

SELECT * FROM finish();
ROLLBACK;
