-- Events: what becomes of each, that none costs another, and that none is stored twice.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql
SELECT cdp.create_space('c360') \g /dev/null

-- What became of the events of a document, one after the other.
CREATE FUNCTION pg_temp.fate(events jsonb, source text DEFAULT 'default', received_at timestamptz DEFAULT '2026-03-01') RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', status, reason, profile_id), ', ' ORDER BY position) FROM cdp.ingest('c360', events, source, received_at)
$$;
-- Everything that events change.
CREATE FUNCTION pg_temp.state() RETURNS TABLE (line text) LANGUAGE sql AS $$
  SELECT format('identifier %s %s %s', type, value, blocked) FROM c360.identifier
  UNION ALL SELECT format('profile %s %s %s', profile_id, profile, timeline) FROM c360.profile
  UNION ALL SELECT format('part %s %s', identifiers, timeline) FROM c360.part
  UNION ALL SELECT format('event %s %s %s %s', at, event, message_id, payload) FROM c360.event
  UNION ALL SELECT format('message %s', message_id) FROM c360.message
$$;

-- The calls of the spec
SELECT is(pg_temp.fate('{"type": "identify", "messageId": "i1", "userId": "u1", "anonymousId": "a1", "traits": {"email": " ANA@example.com", "name": "Ana"}, "timestamp": "2026-02-01T10:00:00Z"}'),
  'stored 1', 'identify');
SELECT is(pg_temp.fate('{"type": "track", "messageId": "t1", "anonymousId": "a1", "event": "Order Completed", "properties": {"revenue": 12.5}, "timestamp": "2026-02-01T11:00:00Z"}'), 'stored 1', 'track');
SELECT is(pg_temp.fate('{"type": "page", "messageId": "p1", "anonymousId": "a1", "name": "Home", "properties": {"url": "/"}, "timestamp": "2026-02-01T09:00:00Z"}'), 'stored 1', 'page');
SELECT is(pg_temp.fate('{"type": "screen", "messageId": "s1", "userId": "u1", "name": "Cart", "timestamp": "2026-02-01T12:00:00Z"}'), 'stored 1', 'screen');
SELECT is(pg_temp.fate('{"type": "group", "messageId": "g1", "userId": "u1", "groupId": "acme", "traits": {"plan": "gold"}, "timestamp": "2026-02-01T13:00:00Z"}'), 'stored 1', 'group');
SELECT is(pg_temp.fate('{"type": "alias", "messageId": "l1", "userId": "u1", "previousId": "a0", "timestamp": "2026-02-01T14:00:00Z"}'), 'stored 1', 'alias');
SELECT is(cdp.lookup('c360', 'anonymous_id', 'a0'), 1::bigint, 'alias joins');
SELECT is(cdp.lookup('c360', 'email', 'ana@example.com'), 1::bigint, 'traits name the e-mail address');
SELECT is(profile ->> 'name', 'Ana', 'traits are attributes') FROM c360.profile WHERE profile_id = 1;
SELECT results_eq($$SELECT event, at, properties FROM c360.profile AS p, cdp.events(p.timeline) WHERE p.profile_id = 1 ORDER BY at$$,
  $$VALUES ('page', timestamptz '2026-02-01T09:00:00Z', '{"url": "/", "name": "Home"}'::jsonb), ('Order Completed', '2026-02-01T11:00:00Z', '{"revenue": 12.5}'),
    ('screen', '2026-02-01T12:00:00Z', '{"name": "Cart"}'), ('group', '2026-02-01T13:00:00Z', '{"plan": "gold", "groupId": "acme"}')$$, 'the timeline');
SELECT is(count(*), 6::bigint, 'all are kept') FROM c360.event;
SELECT is_empty($$SELECT FROM c360.event WHERE part_id IS NULL$$, 'as somebody''s');
SELECT alike(pg_temp.fate('{"type": "group", "messageId": "g2", "userId": "u2", "groupId": "acme", "timestamp": "2026-02-01T13:00:00Z"}'), 'stored %', 'another of the group');
SELECT isnt(cdp.lookup('c360', 'user_id', 'u2'), 1::bigint, 'two of one group are two');

-- CloudEvents
SELECT is(pg_temp.fate('{"specversion": "1.0", "id": "c1", "source": "/shop", "type": "com.example.bought", "subject": "u1", "time": "2026-02-02T00:00:00Z", "data": {"sku": "x"}}'), 'stored 1', 'CloudEvent');
SELECT is(pg_temp.fate('{"specversion": "1.0", "id": "c1", "source": "/other", "type": "com.example.bought", "subject": "u1", "time": "2026-02-02T00:00:00Z", "data": 17}'), 'stored 1',
  'the id of a CloudEvent is its source''s');
SELECT is(pg_temp.fate('{"specversion": "1.0", "id": "c1", "source": "/shop", "type": "com.example.bought", "subject": "u1", "time": "2026-02-02T00:00:00Z", "data": {"sku": "x"}}'), 'duplicate', 'and known');

-- Sent again
CREATE TEMPORARY TABLE before AS SELECT * FROM pg_temp.state();
SELECT is(pg_temp.fate('{"batch": [{"type": "track", "messageId": "t1", "anonymousId": "a1", "event": "Order Completed", "properties": {"revenue": 12.5}, "timestamp": "2026-02-01T11:00:00Z"}], "sentAt": "2026-02-09T00:00:00Z"}'),
  'duplicate', 'in another batch');
SELECT is(pg_temp.fate('{"type": "track", "sentAt": "2026-02-01T11:00:00Z", "messageId": "t1", "anonymousId": "a1", "event": "Order Completed", "properties": {"revenue": 12.50}, "timestamp": "2026-02-01T11:00:00Z"}'),
  'duplicate', 'with a new sentAt');
SELECT is(pg_temp.fate('{"type": "track", "messageId": "t1", "anonymousId": "a1", "event": "Order Completed", "properties": {"revenue": 99}, "timestamp": "2026-02-01T11:00:00Z"}'),
  'duplicate different_content', 'with other content: the first stays');
SELECT set_eq('SELECT * FROM pg_temp.state()', 'SELECT * FROM before', 'nothing changed');
INSERT INTO c360.source (source) VALUES ('web'); UPDATE c360.space SET rules_version = rules_version + 1;
SELECT is(pg_temp.fate('{"type": "track", "messageId": "t1", "userId": "u1", "event": "A", "timestamp": "2026-02-01T11:00:00Z"}', 'web'), 'stored 1', 'another source has its own ids');
SELECT is(pg_temp.fate('[{"type": "track", "messageId": "d", "userId": "u1", "event": "A"}, {"type": "track", "messageId": "d", "userId": "u1", "event": "A"}, {"type": "track", "messageId": "d", "userId": "u1", "event": "B"}]'),
  'stored 1, duplicate, duplicate different_content', 'twice in one call');
SELECT is(pg_temp.fate('{"type": "track", "userId": "u1", "event": "A", "timestamp": "2026-01-01T00:00:00Z"}'), 'stored 1', 'without an id');
SELECT is(pg_temp.fate('{"type": "track", "userId": "u1", "event": "A", "timestamp": "2026-01-01T00:00:00Z", "sentAt": "2026-01-01T00:00:00Z"}'), 'duplicate', 'its content tells, if it says when');
SELECT is(pg_temp.fate('[{"type": "track", "userId": "u1", "event": "A"}, {"type": "track", "userId": "u1", "event": "A"}]'), 'stored 1, stored 1', 'and doesn''t otherwise');

-- Each by itself
SELECT is(pg_temp.fate(jsonb_build_array(17, NULL, '{"type": "trakc", "userId": "u1"}'::jsonb, '{"type": "track", "userId": "u1"}'::jsonb, '{"type": "track", "event": "A"}'::jsonb,
    '{"type": "track", "userId": {}, "event": "A"}'::jsonb, '{"type": "track", "userId": "u1", "event": "A", "timestamp": "yesterday"}'::jsonb,
    jsonb_build_object('type', 'track', 'userId', 'u1', 'event', 'A', 'properties', jsonb_build_object('a', repeat('x', 32768))),
    jsonb_build_object('type', 'track', 'userId', repeat('u', 10000000), 'event', 'A'), jsonb_build_object('type', 'track', 'userId', repeat('u', 1025), 'event', 'A'),
    jsonb_build_object('type', 'track', 'userId', 'u1', 'event', 'deep', 'properties', jsonb_build_object('a', (repeat('[', 3000) || repeat(']', 3000))::jsonb)),
    '{"type": "track", "userId": "u1", "event": "good", "timestamp": "2026-02-20T00:00:00Z"}'::jsonb)),
  'rejected not_an_object, rejected not_an_object, rejected unknown_type, rejected missing_event_name, rejected no_identifier, rejected invalid_field, rejected invalid_time, rejected too_large, rejected too_large,'
  ' rejected identifier_too_long, rejected invalid_content, stored 1', 'a bad one never costs a good one');
SELECT is(cdp.count(timeline, 'good'), 1::bigint, 'the good one is there') FROM c360.profile WHERE profile_id = 1;
SELECT isnt(reason, NULL, 'reason') FROM cdp.ingest('c360', '{"type": "trakc", "userId": "u1"}');
SELECT is(hint, 'Perhaps you meant "track".', 'hint') FROM cdp.ingest('c360', '{"type": "trakc", "userId": "u1"}');
SELECT is(pg_temp.fate('[]'), NULL, 'an empty batch');
SELECT is(pg_temp.fate('{"batch": {}}'), 'rejected invalid_field', 'a batch that is none');
SELECT is(pg_temp.fate('{"type": "track", "anonymousId": "null", "event": "A"}'), 'unattributed', 'nobody is meant');
SELECT is(pg_temp.fate('{"type": "track", "anonymousId": "undefined", "userId": "u1", "event": "B"}'), 'stored 1', 'somebody is meant all the same');
SELECT is(count(*), 1::bigint, 'what is nobody''s is kept') FROM c360.event WHERE part_id IS NULL;
SELECT alike(pg_temp.fate('{"type": "identify", "userId": "\"; drop table c360.event; --", "traits": {"a''b": "\\"}}'), 'stored %', 'a hostile name');

-- What wasn't used of an event is told.
CREATE FUNCTION pg_temp.told(events jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' | ', status, reason, detail, hint) FROM cdp.ingest('c360', events) $$;
SELECT is(pg_temp.told('{"type": "identify", "userId": "u1", "traits": {"phone": "12"}}'), 'stored | ignored_identifier | "12" is no phone.', 'an unreadable phone');
SELECT is(pg_temp.told('{"type": "identify", "userId": "u1", "traits": {"email": "u1@example.com"}, "context": {"externalIds": [{"type": "crm", "id": "1", "collection": "users"}, {"type": "pos", "id": "2", "collection": "users"}]}}'),
  'stored | ignored_identifier | Types that the space doesn''t have: "crm", "pos". | The table identifier_type lists the types; cdp.set_rules adds one.', 'unknown types');
SELECT is(pg_temp.told('{"type": "identify", "traits": {"email": "nobody", "phone": "12"}, "context": {"externalIds": [{"type": "crm", "id": "1"}]}, "anonymousId": "undefined"}'),
  'unattributed | ignored_identifier | "nobody" is no email. "12" is no phone. Types that the space doesn''t have: "crm". | The table identifier_type lists the types; cdp.set_rules adds one.', 'both, of nobody');
SELECT is(pg_temp.told('{"type": "identify", "userId": "u1", "traits": {"email": "u1@example.com"}}'), 'stored', 'nothing is left out');
SELECT is(pg_temp.told('{"type": "identify", "userId": "u1", "anonymousId": "undefined"}'), 'stored', 'a blocked value is none');

-- Clocks
SELECT is(pg_temp.fate(given || '{"type": "track", "userId": "u1", "event": "tick"}'), 'stored 1', given ->> 'messageId')
FROM unnest(ARRAY['{"messageId": "k1", "originalTimestamp": "1970-01-01T00:00:00Z", "sentAt": "1970-01-01T00:00:10Z"}',
  '{"messageId": "k2", "timestamp": "2036-01-01T00:00:00Z"}', '{"messageId": "k3"}']::jsonb[]) AS given;
SELECT results_eq($$SELECT message_id, at FROM c360.event WHERE message_id LIKE 'k_' ORDER BY 1$$,
  $$VALUES ('k1', timestamptz '2026-03-01' - interval '10 s'), ('k2', '2026-03-01'), ('k3', '2026-03-01')$$, 'a clock of 1970 is put right, the future is clamped, no time is that of arrival');

-- However they come: one by one, together, out of the inbox
CREATE TEMPORARY TABLE stream AS SELECT i, jsonb_build_object('type', (ARRAY['track', 'identify', 'page'])[1 + i % 3], 'messageId', 'x' || i, 'userId', CASE WHEN i % 4 > 0 THEN 'u' || i % 7 END,
  'anonymousId', 'b' || i % 11, 'event', 'e' || i % 5, 'traits', jsonb_build_object('n', i), 'properties', jsonb_build_object('i', i), 'timestamp', timestamptz '2026-02-01' + i * interval '7 min') AS event
FROM generate_series(1, 300) AS i;
CREATE FUNCTION pg_temp.outcome(space text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE format($q$
    SELECT concat_ws(' ', string_agg(i.type || i.value, ',' ORDER BY i.type, i.value), p.profile, p.timeline)
    FROM %1$I.profile AS p JOIN %1$I.identifier AS i USING (cluster_id) GROUP BY p.cluster_id
    UNION ALL SELECT concat_ws(' ', e.at, e.event, e.payload) FROM %1$I.event AS e$q$, space);
END $$;
SELECT cdp.create_space('one'), cdp.create_space('all'), cdp.create_space('box') \g /dev/null
SELECT count(f) FROM stream AS s, cdp.ingest('one', s.event, 'default', '2026-03-01') AS f \g /dev/null
SELECT count(*) FROM cdp.ingest('all', (SELECT jsonb_agg(event ORDER BY hashint4(i)) FROM stream), 'default', '2026-03-01') \g /dev/null
INSERT INTO box.inbox (event, received_at) SELECT event, '2026-03-01' FROM stream ORDER BY hashint4(i + 1000);
SELECT results_eq($$SELECT rows, stored, duplicates, unattributed, rejected FROM cdp.drain_batch('box', 200)$$, $$VALUES (200::bigint, 200::bigint, 0::bigint, 0::bigint, 0::bigint)$$, 'drain some');
SELECT results_eq($$SELECT rows, stored, duplicates, unattributed, rejected FROM cdp.drain_batch('box', 200)$$, $$VALUES (100::bigint, 100::bigint, 0::bigint, 0::bigint, 0::bigint)$$, 'drain the rest');
SELECT bag_eq($$SELECT * FROM pg_temp.outcome('all')$$, $$SELECT * FROM pg_temp.outcome('one')$$, 'together as one by one');
SELECT bag_eq($$SELECT * FROM pg_temp.outcome('box')$$, $$SELECT * FROM pg_temp.outcome('one')$$, 'out of the inbox as one by one');
SELECT cmp_ok(count(*), '>', 300::bigint, 'there is something to compare') FROM pg_temp.outcome('one');
SELECT bag_eq($$SELECT p.cluster_id, r.profile, r.timeline FROM one.profile AS p, LATERAL (SELECT coalesce(cdp.rollup(t.profile), '{}') AS profile, coalesce(cdp.rollup(t.timeline), '{}') AS timeline
    FROM one.identifier AS i JOIN one.part AS t ON t.anchor = i.id WHERE i.cluster_id = p.cluster_id) AS r$$, $$SELECT cluster_id, profile, timeline FROM one.profile$$, 'customers are the sum of their parts');
SELECT bag_eq($$SELECT f.status, count(*) FROM cdp.ingest('all', (SELECT jsonb_agg(CASE WHEN i = 20 THEN event || '{"messageId": "new"}' ELSE event END ORDER BY i) FROM stream WHERE i <= 40), 'default', '2026-03-01') AS f GROUP BY 1$$,
  $$VALUES ('duplicate', 39::bigint), ('stored', 1)$$, 'of many the one that is new');
SELECT is(count(*), 301::bigint, 'and nothing else is stored') FROM "all".event;

-- The inbox
INSERT INTO c360.inbox (source, event) VALUES ('default', 'nonsense'), ('default', '{"type":"track","userId":"u1","event":"A\u0000"}'), ('default', ''),
  ('default', '[{"type":"track","userId":"u1","event":"kept"},{"type":"track","event":"C"}]'), ('nowhere', '{"type":"track","userId":"u1","event":"A"}'),
  ('default', repeat(' ', 32768) || '{"type":"track","userId":"u1","event":"A"}'), ('web', '{"type":"track","userId":"u1","event":"kept","properties":{"n":2}}');
SELECT results_eq($$SELECT rows, stored, duplicates, unattributed, rejected FROM cdp.drain_batch('c360', 100)$$, $$VALUES (7::bigint, 2::bigint, 0::bigint, 0::bigint, 6::bigint)$$, 'good and bad out of the inbox');
SELECT results_eq($$SELECT source, reason FROM c360.rejected ORDER BY rejected_id$$,
  $$VALUES ('default', 'invalid_json'), ('default', 'invalid_json'), ('default', 'invalid_json'), ('nowhere', 'unknown_source'), ('default', 'no_identifier'), ('default', 'too_large')$$, 'the bad ones are kept, with the reason');
SELECT is(event::jsonb, '{"type":"track","event":"C"}', 'only the bad one of a batch') FROM c360.rejected WHERE reason = 'no_identifier';
SELECT is_empty('SELECT FROM c360.inbox', 'nothing is left');
SELECT results_eq($$SELECT rows FROM cdp.drain_batch('c360', 100)$$, $$VALUES (0::bigint)$$, 'nothing to do');

-- One batch after the other: what is gone isn't passed by again, though this transaction still sees that it was there.
INSERT INTO c360.inbox (event) SELECT jsonb_build_object('type', 'track', 'userId', 'u1', 'event', 'many', 'messageId', 'many' || g) FROM generate_series(1, 1000) AS g;
CREATE FUNCTION pg_temp.drained() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  done record; total bigint := 0; after bigint := 0;
BEGIN
  LOOP
    SELECT * INTO done FROM cdp.drain_batch('c360', 50, after);
    EXIT WHEN done.rows = 0;
    total := total + done.stored;
    after := done.last;
  END LOOP;
  RETURN total;
END $$;
CREATE TEMPORARY TABLE read_before AS SELECT pg_stat_get_xact_tuples_returned('c360.inbox_pkey'::regclass) AS entries;
SELECT is(pg_temp.drained(), 1000::bigint, 'batch by batch');
SELECT cmp_ok(pg_stat_get_xact_tuples_returned('c360.inbox_pkey'::regclass) - entries, '<', 3000::bigint, 'each row is found once, and deleted') FROM read_before;
INSERT INTO c360.inbox (event) VALUES ('nonsense'), ('nonsense');
SELECT results_eq($$SELECT d.rows, d.last FROM (SELECT min(inbox_id) AS first FROM c360.inbox) AS i, cdp.drain_batch('c360', 10, i.first) AS d$$, 'SELECT 1::bigint, max(inbox_id) FROM c360.inbox', 'rows behind another');
SELECT results_eq($$SELECT rows, last IS NULL FROM cdp.drain_batch('c360', 10, 9223372036854775807)$$, $$VALUES (0::bigint, true)$$, 'none');
SELECT results_eq($$SELECT rows FROM cdp.drain_batch('c360', 10)$$, $$VALUES (1::bigint)$$, 'from the beginning');

-- What an owner's constraints and triggers refuse costs no other, either.
SELECT cdp.create_space('strict') \g /dev/null
ALTER TABLE strict.event ADD CONSTRAINT priced CHECK (payload #>> '{properties,price}' IS NOT NULL);
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  CASE NEW.event
    WHEN 'told' THEN RAISE EXCEPTION 'not that' USING DETAIL = 'Anything but that.', HINT = 'Try another.';
    WHEN 'damaged' THEN RAISE EXCEPTION 'page is broken' USING ERRCODE = 'data_corrupted';
    WHEN 'late' THEN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full';
    ELSE RETURN NEW;
  END CASE;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON strict.event FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
CREATE FUNCTION pg_temp.named(name text, properties jsonb DEFAULT '{"price": 1}') RETURNS text LANGUAGE sql AS $$
  SELECT jsonb_build_object('type', 'track', 'userId', name, 'messageId', name || properties, 'event', name, 'properties', properties)::text $$;
INSERT INTO strict.inbox (event) SELECT pg_temp.named(e) FROM unnest('{a,told,b,damaged,c}'::text[]) AS e UNION ALL SELECT pg_temp.named('d', '{}');
SELECT results_eq($$SELECT rows, stored, rejected FROM cdp.drain_batch('strict', 100)$$, $$VALUES (6::bigint, 3::bigint, 3::bigint)$$, 'one row doesn''t block the inbox');
SELECT set_eq('SELECT reason, event::jsonb ->> $$event$$, detail, hint FROM strict.rejected', $$VALUES ('refused_P0001', 'told', 'not that: Anything but that.', 'Try another.'),
  ('refused_XX001', 'damaged', 'page is broken', NULL), ('refused_23514', 'd', (SELECT detail FROM strict.rejected WHERE reason = 'refused_23514'), NULL)$$, 'the reason is the server''s');
SELECT alike(detail, '%violates check constraint "priced"%', 'in its words') FROM strict.rejected WHERE reason = 'refused_23514';
SELECT is(string_agg(value, ' ' ORDER BY value), 'a b c', 'nothing else of them is kept') FROM strict.identifier;
SELECT throws_ok($$SELECT cdp.ingest('strict', jsonb_build_array(pg_temp.named('e')::jsonb, pg_temp.named('late')::jsonb))$$, '53100', 'no space left', 'what is not on account of an event fails');
-- Each can be stored, but no two of them together.
ALTER TABLE strict.event DROP CONSTRAINT priced;
CREATE FUNCTION pg_temp.alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM strict.event WHERE event = 'alone') > 1 THEN RAISE EXCEPTION 'there is one'; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER alone AFTER INSERT ON strict.event EXECUTE FUNCTION pg_temp.alone();
SELECT is(string_agg(concat_ws(' ', status, reason), ', ' ORDER BY position), 'stored, stored, rejected refused_P0001, stored, rejected refused_P0001', 'some that fail together only')
FROM cdp.ingest('strict', (SELECT jsonb_agg(pg_temp.named(e, jsonb_build_object('n', n))::jsonb ORDER BY n) FROM unnest('{f,alone,alone,g,alone}'::text[]) WITH ORDINALITY AS u (e, n)));
SELECT is((SELECT count(*) FROM strict.event), 6::bigint, 'these are there');
-- Very many of them: not tried for ever, and nothing is lost.
DELETE FROM strict.event WHERE event = 'alone';
CREATE FUNCTION pg_temp.many() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT pg_temp.named('alone', jsonb_build_object('n', n)) FROM generate_series(10, 1009) AS n UNION ALL SELECT pg_temp.named('h') $$;
SELECT set_eq($$SELECT status, reason, hint, count(*) > 500 FROM cdp.ingest('strict', (SELECT jsonb_agg(m::jsonb) FROM pg_temp.many() AS m)) GROUP BY 1, 2, 3$$,
  $$VALUES ('stored', NULL, NULL, false), ('rejected', 'refused_P0001', NULL, false), ('rejected', 'not_tried', 'Send it again.', true)$$, 'some were not tried');
DELETE FROM strict.event WHERE event = 'alone';
DELETE FROM strict.message WHERE message_id LIKE 'alone%';
INSERT INTO strict.inbox (event) SELECT pg_temp.many();
SELECT results_eq($$SELECT rows, stored, rejected < 500 FROM cdp.drain_batch('strict', 2000)$$, $$VALUES (1001::bigint, 1::bigint, true)$$, 'of the inbox, too');
SELECT is((SELECT count(*) FROM strict.inbox) + (SELECT count(*) FROM strict.rejected WHERE event::jsonb ->> 'event' = 'alone'), 1000::bigint, 'these are put back');
SELECT results_eq($$SELECT stored, rejected > 500 FROM cdp.drain_batch('strict', 2000)$$, $$VALUES (1::bigint, true)$$, 'and tried next');
SELECT is_empty($$SELECT FROM strict.inbox$$, 'which has an end');
-- What is refused doesn't make a duplicate of what comes after it.
SELECT results_eq($$SELECT position, status, reason FROM cdp.ingest('strict', (SELECT jsonb_agg('{"type": "track", "userId": "j", "messageId": "j", "event": "j"}'::jsonb || o) FROM unnest('{"{\"event\": \"told\"}","{\"event\": \"told\", \"properties\": {}}","{}","{}","{\"event\": \"i\"}"}'::jsonb[]) AS o))$$, $$VALUES (1, 'rejected', 'refused_P0001'), (2, 'rejected', 'refused_P0001'), (3, 'stored', NULL), (4, 'duplicate', NULL), (5, 'duplicate', 'different_content')$$, 'copies of what is refused');

-- Partitions
SELECT is(cdp.add_event_partitions('c360', '2026-02-14', 2), 2, 'two months');
SELECT is(cdp.add_event_partitions('c360', '2026-02-14', 3), 1, 'and one more');
SELECT is_empty($$SELECT FROM c360.event_default WHERE at >= '2026-02-01Z' AND at < '2026-05-01Z'$$, 'rows move');
SELECT isnt_empty($$SELECT FROM c360.event_2026_02$$, 'to where they belong');
SELECT is(pg_temp.fate('{"type": "track", "messageId": "march", "userId": "u1", "event": "A", "timestamp": "2026-02-28T23:59:59Z"}'), 'stored 1', 'the first partition goes on');
SELECT is(tableoid::regclass::text, 'c360.event_2026_02', 'a new event') FROM c360.event WHERE message_id = 'march';
SELECT throws_ok($$SELECT cdp.add_event_partitions('c360', 'infinity')$$, '22023');
SELECT throws_ok($$SELECT cdp.add_event_partitions('c360', now(), 0)$$, '22023');

-- Messages are forgotten
SELECT is(cdp.forget_messages('c360', '1000 years'), 0::bigint, 'none is so old');
UPDATE c360.message SET received_at = received_at - '2 hours'::interval;
SELECT cmp_ok(cdp.forget_messages('c360', '1 hour'), '>', 10::bigint, 'all are');
SELECT throws_ok($$SELECT cdp.forget_messages('c360', '-1 second')$$, '22023', 'older_than must not be negative', 'not those to come');
SELECT is(pg_temp.fate('{"type": "track", "messageId": "march", "userId": "u1", "event": "A", "timestamp": "2026-02-28T23:59:59Z"}'), 'stored 1', 'what is forgotten is stored again');

-- Errors
SELECT throws_ok($$SELECT cdp.ingest('nope', '{}')$$, '3F000', 'space "nope" does not exist');
SELECT throws_ok($$SELECT cdp.ingest('c360', '{}', 'wbe')$$, '42704', 'source "wbe" does not exist');
SELECT throws_ok($$SELECT cdp.ingest(NULL, '{}')$$, '22004', 'space must not be null');
SELECT throws_ok($$SELECT cdp.ingest('c360', NULL)$$, '22004', 'events must not be null');
SELECT throws_ok($$SELECT cdp.ingest('c360', '{}', 'web', 'infinity')$$, '22023', 'time of arrival must be finite');
SELECT throws_ok($$SELECT cdp.drain_batch('nope', 1)$$, '3F000');
SELECT throws_ok($$SELECT cdp.drain_batch('c360', NULL)$$, '22004');
SELECT throws_ok($$SELECT cdp.drain_batch('c360', 1, NULL)$$, '22004', 'inbox_id must not be null');
SELECT throws_ok($$SELECT cdp.drain_batch('c360', -1)$$, '22023');
CREATE ROLE stranger; CREATE ROLE reader; CREATE ROLE writer;
SELECT cdp.grant_space('c360', 'reader', 'read'), cdp.grant_space('c360', 'writer', 'write') \g /dev/null
CREATE FUNCTION pg_temp.as_role(role text, statement text) RETURNS text LANGUAGE sql AS $$ SELECT left(pg_temp.attempt(role, statement), 5) $$;
SELECT is(pg_temp.as_role('stranger', $$SELECT cdp.ingest('c360', '{"type": "track", "userId": "u1", "event": "A"}')$$), '42501', 'a stranger');
SELECT is(pg_temp.as_role('reader', $$SELECT cdp.ingest('c360', '{"type": "track", "userId": "u1", "event": "A"}')$$), '42501', 'a reader');
SELECT is(pg_temp.as_role('writer', $$SELECT cdp.ingest('c360', '{"type": "track", "userId": "u1", "event": "A"}')$$), 'ok', 'a writer');
SELECT is(pg_temp.as_role('writer', $$INSERT INTO c360.inbox (event) VALUES ('nonsense'), ('{"type": "track", "userId": "u1", "event": "A"}')$$), 'ok', 'a writer into the inbox');
SELECT is(pg_temp.as_role('writer', $$SELECT cdp.drain_batch('c360', 10)$$), 'ok', 'a writer out of it');
SELECT is(pg_temp.as_role('writer', $$SELECT cdp.add_event_partitions('c360', '2030-01-01')$$), '42501', 'partitions are the owner''s');

SELECT * FROM finish();
ROLLBACK;
