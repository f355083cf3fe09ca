-- The views of a space: what each shows, who may look, and quarantine and the log against plain definitions.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql
SET LOCAL timezone = 'UTC';
SELECT cdp.create_space('s') \g /dev/null
INSERT INTO s.source (source, trusted) VALUES ('crm', true), ('forms', false);
INSERT INTO s.identifier_type (type, priority, links) VALUES ('note', 95, false);
UPDATE s.identifier_type SET max_degree = '{"user_id": 1, "email": 5}' WHERE type = 'device_id';
UPDATE s.space SET rules_version = rules_version + 1;
CREATE FUNCTION pg_temp.see(identifiers jsonb, day int, source text DEFAULT 'default', attributes jsonb DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
  SELECT cdp.identify('s', identifiers, attributes, source, '2026-01-01'::timestamptz + day * interval '1 day') $$;
CREATE FUNCTION pg_temp.id(type text, value text) RETURNS bigint LANGUAGE sql AS $$SELECT i.id FROM s.identifier AS i WHERE (i.type, i.value) = ($1, $2)$$;
-- A sighting by hand, of two identifiers named by their values.
CREATE FUNCTION pg_temp.sight(one text, other text, confidence float8, source text DEFAULT 'default', rule int DEFAULT 7, rejected bool DEFAULT false, day int DEFAULT 0)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO s.link SELECT least(i.id, j.id), greatest(i.id, j.id), o.source_id, rule, confidence, t, t, 1, rejected
  FROM s.identifier AS i, s.identifier AS j, s.source AS o, (SELECT '2026-01-01'::timestamptz + day * interval '1 day' AS t) AS d
  WHERE i.value = one AND j.value = other AND o.source = sight.source $$;

-- All there are
CREATE FUNCTION pg_temp.own_views() RETURNS SETOF name LANGUAGE sql AS $$SELECT relname FROM pg_class WHERE relnamespace = 's'::regnamespace AND relkind = 'v'$$;
SELECT set_eq('SELECT * FROM pg_temp.own_views()', '{hubs,quarantine,review,weak_links,parked,decisions,changes,moves,customer,customer_identifier,customer_event}'::name[], 'the views');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 's'::regnamespace AND relkind = 'v' AND NOT coalesce(reloptions @> '{security_invoker=true}', false)$$, 'read with the rights of the caller');
SELECT is_empty($$SELECT c.relname, a.attname, a.atttypid::regtype FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE relnamespace = 's'::regnamespace AND relkind = 'v' AND NOT (a.atttypid = ANY ('{bigint,integer,text,boolean,float8,timestamptz,jsonb,text[],bigint[]}'::regtype[])
    OR (c.relname, a.attname, a.atttypid) = ('customer', 'profile', 'cdp.profile'::regtype))$$, 'plain types');
SELECT is_empty($$SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE relnamespace = 's'::regnamespace AND relkind = 'v' AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)$$, 'all are commented');
SELECT is(cdp.space_views(NULL), NULL, 'space_views of NULL');
SELECT is_empty(format('TABLE s.%I', v), v || ' of nobody') FROM pg_temp.own_views() AS v;

-- Customers, their identifiers and events
SELECT is(pg_temp.see('{"user_id": "ana", "email": "ana@example.com"}', 1, attributes => '{"name": "Ana"}'), 1::bigint, 'Ana');
SELECT is(pg_temp.see('{"device_id": "a"}', 1), 3::bigint, 'somebody');
SELECT is(status, 'stored', 'an event') FROM cdp.ingest('s', '[{"type": "track", "event": "Bought", "userId": "ana", "properties": {"price": 5}, "timestamp": "2026-01-03"},
  {"type": "identify", "userId": "ana", "traits": {"city": "Rome"}, "timestamp": "2026-01-02"}]', 'crm', '2026-01-09');
SELECT is(status, 'unattributed', 'an event of nobody') FROM cdp.ingest('s', '{"type": "track", "event": "Lost", "userId": "null", "timestamp": "2026-01-03"}', 'crm', '2026-01-09');
SELECT results_eq($$SELECT profile_id, profile ->> 'name', profile ->> 'city', identifiers, known FROM s.customer ORDER BY 1$$,
  $$VALUES (1::bigint, 'Ana', 'Rome', 2, true), (3, NULL, NULL, 1, false)$$, 'customer: what is blocked is none');
SELECT is((c.profile)::text, (p.profile || p.timeline)::text, 'customer: with events') FROM s.customer AS c JOIN s.profile AS p USING (profile_id) WHERE profile_id = 1;
SELECT results_eq($$SELECT profile_id, type, value, hub, blocked FROM s.customer_identifier ORDER BY identifier_id$$,
  $$VALUES (1::bigint, 'email', 'ana@example.com', false, false), (1, 'user_id', 'ana', false, false), (3, 'device_id', 'a', false, false),
    ((SELECT id FROM s.identifier WHERE value = 'null'), 'user_id', 'null', false, true)$$, 'customer_identifier');
SELECT is(created_at, (SELECT created_at FROM s.identifier WHERE id = 1), 'customer_identifier: since') FROM s.customer_identifier WHERE identifier_id = 1;
SELECT results_eq($$SELECT profile_id, at, event, kind, source, properties, received_at, event_id FROM s.customer_event ORDER BY at$$,
  $$SELECT 1::bigint, v.at, v.event, v.kind, 'crm', v.properties, '2026-01-09'::timestamptz, e.event_id FROM s.event AS e JOIN (VALUES (timestamptz '2026-01-02', NULL, 'identify', NULL::jsonb),
    ('2026-01-03', 'Bought', 'track', '{"price": 5}')) AS v (at, event, kind, properties) ON v.kind = e.kind AND e.part_id IS NOT NULL ORDER BY v.at$$, 'customer_event');

-- A device of two users is a hub; its links are no quarantine.
SELECT pg_temp.see('{"device_id": "a", "user_id": "ana"}', 2), pg_temp.see('{"device_id": "a", "user_id": "bob"}', 3), pg_temp.see('{"device_id": "a", "user_id": "cyd"}', 4, 'forms'),
  pg_temp.see('{"device_id": "a", "user_id": "null", "email": "d@example.com"}', 5), pg_temp.see('{"device_id": "a", "note": "n"}', 5) \g /dev/null
SELECT results_eq($$SELECT identifier_id, type, value, profile_id, neighbour, degree, max_degree FROM s.hubs ORDER BY neighbour$$,
  $$VALUES (3::bigint, 'device_id', 'a', 3::bigint, 'email', 1::bigint, 5::bigint), (3, 'device_id', 'a', 3, 'user_id', 2, 1)$$,
  'hubs: neither untrusted sources nor blocked neighbours count');
SELECT pg_temp.sight('a', 'cyd', 0.89, 'crm'), pg_temp.sight('a', 'cyd', 1, 'crm', 8, rejected => true), pg_temp.sight('a', 'ana@example.com', 1, 'crm', 8, rejected => true) \g /dev/null
SELECT is(degree, CASE neighbour WHEN 'email' THEN 1::bigint ELSE 2 END, 'hubs: nor what is not sure, or rejected: ' || neighbour) FROM s.hubs;
SELECT pg_temp.sight('a', 'cyd', 0.9, 'crm', 9), pg_temp.sight('a', 'ana', 1, 'crm') \g /dev/null
SELECT is(degree, 3::bigint, 'hubs: who is seen twice counts once') FROM s.hubs WHERE neighbour = 'user_id';
SAVEPOINT rules;
UPDATE s.identifier_type SET max_degree = '{}' WHERE type = 'device_id';
SELECT results_eq($$SELECT identifier_id, neighbour, degree, max_degree FROM s.hubs$$, $$VALUES (3::bigint, NULL::text, NULL::bigint, NULL::bigint)$$, 'hubs: of rules that are no more');
UPDATE s.identifier_type SET max_degree = '{"note": 1}' WHERE type = 'device_id';
SELECT is(degree, 0::bigint, 'hubs: nor who doesn''t link') FROM s.hubs;
ROLLBACK TO rules;
SELECT is_empty('TABLE s.quarantine', 'quarantine: no hubs, blocked values, or types that do not link');

-- Quarantine: a limit, and an untrusted source
SELECT pg_temp.see('{"user_id": "bob", "email": "ana@example.com"}', 6, 'crm'), pg_temp.see('{"user_id": "bob", "email": "ana@example.com"}', 8, 'forms'),
  pg_temp.see('{"phone": "+381641234567", "user_id": "ana"}', 7), pg_temp.see('{"phone": "+381641234567", "user_id": "cyd"}', 9, 'forms') \g /dev/null
SELECT results_eq($$SELECT a_type, a_value, a_profile_id, b_type, b_value, b_profile_id, confidence, trusted, sources, first_seen, last_seen FROM s.quarantine ORDER BY first_seen$$,
  $$VALUES ('email', 'ana@example.com', 1::bigint, 'user_id', 'bob', pg_temp.id('user_id', 'bob'), 1::float8, true, '{crm}'::text[], timestamptz '2026-01-07', timestamptz '2026-01-07'),
    ('user_id', 'cyd', pg_temp.id('user_id', 'cyd'), 'phone', '+381641234567', 1, 1, false, '{forms}', '2026-01-10', '2026-01-10')$$, 'quarantine');
SELECT pg_temp.sight('bob', 'cyd', 0.95, 'forms', day => 20), pg_temp.sight('bob', 'cyd', 0.5, 'crm', day => 30), pg_temp.sight('cyd', 'bob', 1, 'default', rejected => true) \g /dev/null
SELECT results_eq($$SELECT confidence, trusted, sources, first_seen, last_seen FROM s.quarantine WHERE 'bob' IN (a_value, b_value) AND 'cyd' IN (a_value, b_value)$$,
  $$VALUES (0.95::float8, false, '{crm,forms}'::text[], timestamptz '2026-01-21', timestamptz '2026-01-31')$$, 'quarantine: trusted sources that are not sure enough');
SELECT is((SELECT count(*) FROM s.quarantine WHERE a_profile_id = p) + (SELECT count(*) FROM s.quarantine WHERE b_profile_id = p), n, 'quarantine of customer ' || p)
FROM (VALUES (1::bigint, 2::bigint), (pg_temp.id('user_id', 'cyd'), 2), (pg_temp.id('user_id', 'bob'), 2), (3, 0)) AS v (p, n);

-- Review: between the thresholds, hubs included
SELECT is_empty($$TABLE s.review$$, 'review: nothing is unsure') FROM (SELECT) AS once WHERE NOT EXISTS (SELECT FROM s.link WHERE confidence BETWEEN 0.5 AND 0.89);
DELETE FROM s.link WHERE rule > 0;
SELECT pg_temp.sight('bob', 'd@example.com', 0.5, 'forms', day => 1), pg_temp.sight('bob', 'd@example.com', 0.7, 'crm', day => 2), pg_temp.sight('bob', 'd@example.com', 1, 'default', rejected => true),
  pg_temp.sight('cyd', 'd@example.com', 0.49), pg_temp.sight('n', 'd@example.com', 0.7), pg_temp.sight('null', 'd@example.com', 0.7, rule => 8),
  pg_temp.sight('ana', '+381641234567', 0.7), pg_temp.sight('bob', 'cyd', 0.9), pg_temp.sight('bob', 'cyd', 0.7, rule => 8), pg_temp.sight('a', 'ana@example.com', 0.8999) \g /dev/null
SELECT results_eq($$SELECT a_value, a_type, a_profile_id, b_value, b_type, b_profile_id, confidence, sources, first_seen, last_seen FROM s.review ORDER BY confidence$$,
  $$VALUES ('bob', 'user_id', pg_temp.id('user_id', 'bob'), 'd@example.com', 'email', pg_temp.id('email', 'd@example.com'), 0.7::float8, '{crm,forms}'::text[], timestamptz '2026-01-02', timestamptz '2026-01-03'),
    ('ana@example.com', 'email', 1, 'a', 'device_id', 3, 0.8999, '{default}', '2026-01-01', '2026-01-01')$$, 'review');
DELETE FROM s.link WHERE rule > 0;

-- Weak links
SELECT pg_temp.see('{"user_id": "w1", "email": "w1@example.com"}', 1), pg_temp.see('{"user_id": "w1", "phone": "+381641111111", "device_id": "w"}', 1), pg_temp.see('{"user_id": "w1", "email": "w1@example.com"}', 2),
  pg_temp.see('{"user_id": "w2", "email": "w2@example.com"}', 1, 'forms'), pg_temp.see('{"user_id": "w2", "email": "w2@example.com"}', 2, 'forms'), pg_temp.see('{"user_id": "w3", "email": "w3@example.com"}', 5) \g /dev/null
UPDATE s.link SET times = 2 WHERE (a, b) IN ((pg_temp.id('email', 'w1@example.com'), pg_temp.id('user_id', 'w1')), (pg_temp.id('email', 'w2@example.com'), pg_temp.id('user_id', 'w2')));
CREATE FUNCTION pg_temp.weak() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', a_value, b_value, confidence, trusted, times, sources, why), ', ' ORDER BY a) FROM s.weak_links WHERE a_value ~ '^w' OR b_value ~ '^w' $$;
SELECT is(pg_temp.weak(), 'w2@example.com w2 1 f 2 {forms} untrusted, w3@example.com w3 1 t 1 {default} seen once', 'weak_links: neither what is seen twice nor three that are linked each with each');
SELECT results_eq($$SELECT profile_id, a, a_type, b, b_type, first_seen, last_seen FROM s.weak_links WHERE b_value = 'w3'$$,
  $$SELECT i, i, 'email', pg_temp.id('user_id', 'w3'), 'user_id', t, t FROM pg_temp.id('email', 'w3@example.com') AS i, CAST('2026-01-06' AS timestamptz) AS t$$, 'weak_links: columns');
SAVEPOINT weak;
UPDATE s.link SET confidence = 0.95 WHERE b = pg_temp.id('user_id', 'w1') AND a = pg_temp.id('email', 'w1@example.com');
SELECT alike(pg_temp.weak(), 'w1@example.com w1 0.95 t 2 {default} unsure, %', 'weak_links: not quite sure'); ROLLBACK TO weak;
DELETE FROM s.link WHERE a = pg_temp.id('phone', '+381641111111') OR b = pg_temp.id('phone', '+381641111111') AND a <> pg_temp.id('user_id', 'w1');
SELECT alike(pg_temp.weak(), '%w1 +381641111111 1 t 1 {default}%', 'weak_links: the last to the phone');
SELECT pg_temp.sight('w', '+381641111111', 0.89) \g /dev/null
SELECT alike(pg_temp.weak(), '%w1 +381641111111%', 'weak_links: another that is not sure enough is no help');
SELECT pg_temp.sight('w', '+381641111111', 0.9, 'forms') \g /dev/null
SELECT unalike(pg_temp.weak(), '%+381641111111%', 'weak_links: another is'); ROLLBACK TO weak;
SELECT pg_temp.sight('w3@example.com', 'w2@example.com', 1) \g /dev/null
SELECT alike(pg_temp.weak(), '%w3@example.com w3%', 'weak_links: those to other customers are no help'); ROLLBACK TO weak;
UPDATE s.link SET rejected = true WHERE b = pg_temp.id('user_id', 'w3');
SELECT unalike(pg_temp.weak(), '%w3@example.com w3%', 'weak_links: a rejected one holds nothing'); ROLLBACK TO weak;
WITH d AS (INSERT INTO s.decision (kind) VALUES ('must') RETURNING decision_id)
INSERT INTO s.decision_side SELECT decision_id, pg_temp.id('email', 'w3@example.com'), true FROM d UNION ALL SELECT decision_id, pg_temp.id('email', 'w2@example.com'), false FROM d;
SELECT alike(pg_temp.weak(), '%w3@example.com w3%', 'weak_links: a must-link of one end, and none of the other');
INSERT INTO s.decision_side SELECT decision_id, pg_temp.id('user_id', 'w3'), false FROM s.decision;
SELECT unalike(pg_temp.weak(), '%w3@example.com w3%', 'weak_links: a must-link is stronger');
UPDATE s.decision SET withdrawn_at = now();
SELECT alike(pg_temp.weak(), '%w3@example.com w3%', 'weak_links: unless it is withdrawn'); ROLLBACK TO weak;

-- Parked: what takes too many identifiers, or is about a customer of too many
SELECT is_empty('TABLE s.parked', 'parked: nothing');
SAVEPOINT parked;
UPDATE s.space SET hub_alarm = 1, rules_version = rules_version + 1;
SELECT pg_temp.see('{"device_id": "w", "user_id": "w3"}', 0) \g /dev/null
SELECT results_eq($$SELECT kind, identifier_id, type, value, profile_id, other_id, other_type, other_value, other_profile_id, at IS NOT NULL FROM s.parked ORDER BY kind$$,
  $$VALUES ('flip', pg_temp.id('device_id', 'w'), 'device_id', 'w', pg_temp.id('device_id', 'w'), NULL::bigint, NULL, NULL, NULL::bigint, false)$$, 'parked: a flip');
SELECT is_empty($$SELECT FROM s.hubs WHERE value = 'w'$$, 'parked: it is no hub yet');
INSERT INTO s.dirty (identifier_id, other_id, cause, at) VALUES (pg_temp.id('user_id', 'w1'), pg_temp.id('user_id', 'w3'), 'parked', '2026-05-05'), (pg_temp.id('user_id', 'w2'), NULL, 'parked', '2026-05-06'),
  (pg_temp.id('user_id', 'w2'), NULL, 'rules', '2026-05-05');
SELECT results_eq($$SELECT type, value, profile_id, other_id, other_type, other_value, other_profile_id, at FROM s.parked WHERE kind = 'closure' ORDER BY at$$,
  $$VALUES ('user_id', 'w1', pg_temp.id('email', 'w1@example.com'), pg_temp.id('user_id', 'w3'), 'user_id', 'w3', pg_temp.id('device_id', 'w'), timestamptz '2026-05-05'),
    ('user_id', 'w2', pg_temp.id('email', 'w2@example.com'), NULL, NULL, NULL, NULL, '2026-05-06')$$, 'parked: closures');
ROLLBACK TO parked;

-- The log of a merge and a split
SELECT cdp.drop_space('s'), cdp.create_space('s') \g /dev/null
SELECT pg_temp.see('{"device_id": "d"}', 1), pg_temp.see('{"user_id": "u", "email": "u@example.com", "phone": "+381641234567"}', 1), pg_temp.see('{"device_id": "d", "user_id": "u"}', 2),
  pg_temp.see('{"user_id": "v"}', 2) \g /dev/null
SELECT results_eq($$SELECT cause, link_a, link_b, source, decision_id, run_id, actor, from_profiles, to_profiles FROM s.changes ORDER BY change_id$$,
  format($$VALUES ('link', 'email u@example.com', 'phone +381641234567', 'default', NULL::bigint, NULL::bigint, %1$L, '{2,3,4}'::bigint[], '{2}'::bigint[]),
    ('link', 'device_id d', 'user_id u', 'default', NULL, NULL, %1$L, '{1,2}', '{1}')$$, current_user), 'changes: two merges');
SELECT results_eq('SELECT identifier_id, from_profile_id, to_profile_id FROM s.moves WHERE change_id = 2 ORDER BY 1', 'VALUES (2::bigint, 2::bigint, 1::bigint), (3, 2, 1), (4, 2, 1)', 'moves: those of the renamed customer, and none whose customer is the same');
SELECT pg_temp.see('{"device_id": "d", "user_id": "v"}', 3) \g /dev/null
SELECT results_eq('SELECT from_profiles, to_profiles FROM s.changes WHERE change_id = 3', $$VALUES ('{1}'::bigint[], '{1,2}'::bigint[])$$, 'changes: a split');
SELECT results_eq('SELECT type, value, from_profile_id, to_profile_id FROM s.moves WHERE change_id = 3 ORDER BY 2', $$VALUES ('phone', '+381641234567', 1::bigint, 2::bigint), ('user_id', 'u', 1, 2), ('email', 'u@example.com', 1, 2)$$, 'moves: a split');
SELECT results_eq('SELECT identifier_id, from_profile_id, to_profile_id FROM s.moves WHERE change_id = 2 ORDER BY 1', 'VALUES (2::bigint, 2::bigint, 1::bigint), (3, 2, 1), (4, 2, 1)', 'moves: the past stays what it was');

-- Quarantine as the rules have it, for tables full of anything
SELECT cdp.drop_space('s'), cdp.create_space('s') \g /dev/null
INSERT INTO s.source (source, trusted) VALUES ('crm', true), ('forms', false), ('web', false);
INSERT INTO s.identifier_type (type, priority, links) VALUES ('note', 95, false);
CREATE FUNCTION pg_temp.disorder(seed float8) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM setseed(seed);
  TRUNCATE s.profile, s.identifier, s.link, s.decision, s.decision_side, s.decision_link RESTART IDENTITY;
  INSERT INTO s.profile (cluster_id, profile_id) SELECT n, 100 + n FROM generate_series(1, 3) AS n;
  INSERT INTO s.identifier (type, value, cluster_id, blocked, hub)
  SELECT ('{user_id,email,phone,note}'::text[])[1 + floor(random() ^ 2 * 4)], n, 1 + floor(random() * 3), random() < 0.15, random() < 0.2 FROM generate_series(1, 20) AS n;
  INSERT INTO s.link SELECT a.id, b.id, o.source_id, r, (0.3 + floor(random() * 8) / 10)::numeric, t, t + random() * interval '9 days', 1 + floor(random() * 2), random() < 0.15
  FROM s.identifier AS a, s.identifier AS b, s.source AS o, generate_series(0, 1) AS r, LATERAL (SELECT '2026-01-01'::timestamptz + (random() + a.id * 0) * interval '30 days' AS t) AS d
  WHERE a.id < b.id AND random() < 0.12;
  INSERT INTO s.decision (kind, withdrawn_at) SELECT kind, CASE WHEN random() < 0.5 THEN now() END FROM unnest('{must,cannot}'::text[]) AS kind, generate_series(1, 4);
  INSERT INTO s.decision_side SELECT decision_id, 1 + floor(random() * 20), false FROM s.decision;
END $$;
-- What a pair's sightings come to, one after the other.
CREATE FUNCTION pg_temp.plain(low float8, high float8, same boolean DEFAULT false) RETURNS TABLE (a bigint, b bigint, confidence float8, trusted boolean, sources text[], first_seen timestamptz, last_seen timestamptz, times bigint) LANGUAGE plpgsql AS $$
DECLARE
  x record; y record; k record; best float8; any_trusted boolean;
BEGIN
  FOR x IN SELECT i.*, t.links FROM s.identifier AS i JOIN s.identifier_type AS t USING (type) LOOP
    FOR y IN SELECT i.*, t.links FROM s.identifier AS i JOIN s.identifier_type AS t USING (type) WHERE i.id > x.id LOOP
      CONTINUE WHEN (x.cluster_id = y.cluster_id) <> same OR x.blocked OR y.blocked OR NOT x.links OR NOT y.links OR high IS NULL AND (x.hub OR y.hub);
      best := 0;
      FOR k IN SELECT * FROM s.link AS l JOIN s.source AS o USING (source_id) WHERE l.a = x.id AND l.b = y.id LOOP
        IF NOT k.rejected AND k.trusted THEN best := greatest(best, k.confidence); END IF;
      END LOOP;
      trusted := best >= 0.9;
      confidence := NULL; sources := '{}'; first_seen := 'infinity'; last_seen := '-infinity'; times := 0;
      FOR k IN SELECT * FROM s.link AS l JOIN s.source AS o USING (source_id) WHERE l.a = x.id AND l.b = y.id ORDER BY o.source LOOP
        CONTINUE WHEN k.rejected OR trusted AND NOT k.trusted;
        confidence := greatest(confidence, k.confidence); first_seen := least(first_seen, k.first_seen); last_seen := greatest(last_seen, k.last_seen); times := times + k.times;
        IF k.source <> ALL (sources) THEN sources := sources || k.source; END IF;
      END LOOP;
      a := x.id; b := y.id;
      IF confidence >= low AND (high IS NULL OR confidence < high) THEN RETURN NEXT; END IF;
    END LOOP;
  END LOOP;
END $$;
CREATE FUNCTION pg_temp.compare(seed float8) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.disorder(seed);
  RETURN NEXT bag_eq('SELECT a, b, confidence, trusted, sources, first_seen, last_seen FROM s.quarantine', 'SELECT a, b, confidence, trusted, sources, first_seen, last_seen FROM pg_temp.plain(0.9, NULL)', 'quarantine, seed ' || seed);
  RETURN NEXT bag_eq('SELECT a, b, confidence, sources, first_seen, last_seen FROM s.review', 'SELECT a, b, confidence, sources, first_seen, last_seen FROM pg_temp.plain(0.5, 0.9)', 'review, seed ' || seed);
  INSERT INTO weak TABLE s.weak_links;
  CREATE TEMPORARY TABLE active ON COMMIT DROP AS SELECT * FROM pg_temp.plain(0.9, NULL, true);
  CREATE TEMPORARY TABLE held ON COMMIT DROP AS SELECT s.identifier_id FROM s.decision AS d JOIN s.decision_side AS s USING (decision_id) WHERE kind = 'must' AND withdrawn_at IS NULL;
  RETURN NEXT bag_eq('SELECT a, b, confidence, trusted, sources, first_seen, last_seen, times FROM s.weak_links',
    $q$SELECT l.* FROM active AS l WHERE (confidence < 1 OR NOT trusted OR times = 1) AND EXISTS (SELECT FROM unnest(ARRAY[l.a, l.b]) AS e (id)
      WHERE id NOT IN (TABLE held) AND (SELECT count(*) FROM active AS o WHERE id IN (o.a, o.b)) = 1)$q$, 'weak_links, seed ' || seed);
  DROP TABLE active, held;

  RETURN NEXT is_empty('SELECT FROM s.quarantine AS q JOIN s.identifier AS x ON x.id = q.a JOIN s.identifier AS y ON y.id = q.b JOIN s.profile AS p ON p.cluster_id = x.cluster_id JOIN s.profile AS r ON r.cluster_id = y.cluster_id
    WHERE (q.a_type, q.a_value, q.a_profile_id, q.b_type, q.b_value, q.b_profile_id) <> (x.type, x.value, p.profile_id, y.type, y.value, r.profile_id)', 'names, seed ' || seed);
END $$;
CREATE TEMPORARY TABLE weak AS TABLE s.weak_links WITH NO DATA;
SELECT pg_temp.compare(n / 40.0) FROM generate_series(1, 30) AS n;
SELECT cmp_ok((SELECT count(*) FROM weak), '>', 50::bigint, 'weak links among them');

-- Random evidence: quarantine with hubs counted anew, and the log against what was seen to change.
CREATE TEMPORARY TABLE seen (change_id bigint, identifier_id bigint, before bigint, after bigint);
CREATE FUNCTION pg_temp.evidence(seed float8) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  before jsonb; now jsonb; last bigint := 0; newest bigint; untold bigint := 0;
BEGIN
  PERFORM cdp.drop_space('s'), cdp.create_space('s'), setseed(seed);
  INSERT INTO s.source (source, trusted) VALUES ('forms', false);
  UPDATE s.identifier_type SET max_per_profile = 2 WHERE type = 'email';
  UPDATE s.space SET rules_version = rules_version + 1;
  TRUNCATE seen;
  FOR step IN 1 .. 60 LOOP
    SELECT jsonb_object_agg(i.id, p.profile_id) INTO before FROM s.identifier AS i JOIN s.profile AS p USING (cluster_id);
    PERFORM cdp.identify('s', jsonb_build_object(t[1 + floor(random() * 3)], 'v' || floor(random() * 7) || '@x.org', t[1 + floor(random() * 3)], 'v' || floor(random() * 7) || '@x.org'), NULL,
      CASE WHEN random() < 0.2 THEN 'forms' ELSE 'default' END, '2026-01-01'::timestamptz + random() * interval '90 days') FROM (SELECT '{user_id,email,device_id}'::text[]) AS k (t);
    SELECT jsonb_object_agg(i.id, p.profile_id) INTO now FROM s.identifier AS i JOIN s.profile AS p USING (cluster_id);
    SELECT max(change_id) INTO newest FROM s.change;
    IF newest > last THEN
      INSERT INTO seen SELECT newest, n.key::bigint, coalesce(before ->> n.key, n.key)::bigint, n.value::bigint FROM jsonb_each_text(now) AS n;
      untold := untold + newest - last - 1;
      last := newest;
    ELSIF EXISTS (SELECT FROM jsonb_each_text(now) AS n WHERE n.value <> coalesce(before ->> n.key, n.key)) THEN
      untold := untold + 1;
    END IF;
  END LOOP;
  RETURN NEXT is(untold, 0::bigint, 'a change for each step that changed anything, seed ' || seed);
  RETURN NEXT cmp_ok(last, '>', 10::bigint, 'there are changes, seed ' || seed);
  RETURN NEXT bag_eq('SELECT change_id, identifier_id, from_profile_id, to_profile_id FROM s.moves', 'SELECT * FROM seen WHERE before <> after', 'moves, seed ' || seed);
  RETURN NEXT set_eq('SELECT DISTINCT change_id, at FROM s.moves', 'SELECT c.change_id, c.at FROM s.change AS c WHERE change_id IN (SELECT change_id FROM seen WHERE before <> after)', 'moves: when, seed ' || seed);
  -- Of customers that are the same as before, with whomever, nothing is told.
  RETURN NEXT bag_eq('SELECT change_id, from_profiles, to_profiles FROM s.changes',
    $q$SELECT c.change_id, ARRAY(SELECT DISTINCT t.before FROM seen AS t WHERE t.change_id = c.change_id AND t.before = ANY (touched) ORDER BY 1) AS b,
         ARRAY(SELECT DISTINCT t.after FROM seen AS t WHERE t.change_id = c.change_id AND t.after = ANY (touched) ORDER BY 1) AS a
       FROM (SELECT change_id, array_agg(before) || array_agg(after) AS touched FROM seen WHERE before <> after GROUP BY change_id) AS c$q$, 'changes, seed ' || seed);
  RETURN NEXT results_eq('SELECT change_id, moves FROM s.changes ORDER BY 1', 'SELECT c.change_id, count(m.change_id) FROM s.change AS c LEFT JOIN s.move AS m USING (change_id) GROUP BY 1 ORDER BY 1', 'moves counted, seed ' || seed);
  -- A device is a hub if trusted sources saw it with two users; nobody is blocked, everything is sure.
  RETURN NEXT bag_eq('SELECT a, b, trusted FROM s.quarantine',
    $q$WITH pair AS (SELECT l.a, l.b, bool_or(o.trusted) AS trusted FROM s.link AS l JOIN s.source AS o USING (source_id) GROUP BY 1, 2),
         hub AS (SELECT d.id FROM s.identifier AS d JOIN pair AS l ON d.id IN (l.a, l.b) AND l.trusted JOIN s.identifier AS u ON u.id IN (l.a, l.b) AND u.type = 'user_id'
                 WHERE d.type = 'device_id' GROUP BY d.id HAVING count(DISTINCT u.id) > 1)
       SELECT l.a, l.b, l.trusted FROM pair AS l JOIN s.identifier AS x ON x.id = l.a JOIN s.identifier AS y ON y.id = l.b
       WHERE x.cluster_id <> y.cluster_id AND x.id NOT IN (TABLE hub) AND y.id NOT IN (TABLE hub)$q$, 'quarantine of evidence, seed ' || seed);
END $$;
SELECT pg_temp.evidence(n / 20.0) FROM generate_series(1, 8) AS n;

-- Who may look: those who may read the tables, and what row security shows them
SELECT cdp.drop_space('s') \g /dev/null
CREATE ROLE cdp_owner; CREATE ROLE cdp_reader; CREATE ROLE cdp_stranger; CREATE ROLE cdp_viewer;
DO $$BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO cdp_owner', current_database()); END$$;
SELECT is(pg_temp.attempt('cdp_owner', $$SELECT cdp.create_space('s'), cdp.grant_space('s', 'cdp_reader'), cdp.identify('s', '{"user_id": "a", "email": "a@example.com"}', '{"a": 1}'),
  cdp.identify('s', '{"user_id": "b", "email": "a@example.com"}')$$), 'ok', 'a space of somebody else''s');
GRANT USAGE ON SCHEMA s TO cdp_viewer;
DO $$
DECLARE v name;
BEGIN
  FOR v IN SELECT * FROM pg_temp.own_views() LOOP
    EXECUTE format('GRANT SELECT ON s.%I TO cdp_viewer', v);
  END LOOP;
END $$;
SELECT is(pg_temp.attempt('cdp_reader', format('TABLE s.%I', v)), 'ok', 'reader: ' || v) FROM pg_temp.own_views() AS v;
SELECT is(pg_temp.attempt('cdp_stranger', format('TABLE s.%I', v)), '42501 permission denied for schema s', 'stranger: ' || v) FROM pg_temp.own_views() AS v;
SELECT alike(pg_temp.attempt('cdp_viewer', format('TABLE s.%I', v)), '42501 permission denied for table %', 'granted the view, but not the tables: ' || v) FROM pg_temp.own_views() AS v;
ALTER TABLE s.identifier ENABLE ROW LEVEL SECURITY;
CREATE POLICY users ON s.identifier TO cdp_reader USING (type = 'user_id');
SET LOCAL ROLE cdp_reader;
SELECT string_agg(DISTINCT type, ' ') AS types, count(*) > 0 AS some FROM s.customer_identifier \gset
RESET ROLE;
SELECT is(ROW(:'types', :'some')::text, '(user_id,t)', 'row security holds');
SELECT is(left(pg_temp.attempt('cdp_reader', statement), 5), code, statement)
FROM (VALUES ($$UPDATE s.customer SET known = true$$, '42501'), ($$DELETE FROM s.customer_identifier$$, '55000')) AS v (statement, code);

-- drop_space: views of others, and views that are no more
SAVEPOINT others;
CREATE VIEW public.mine AS SELECT * FROM s.quarantine;
CREATE FUNCTION pg_temp.drop_refused() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message text; detail text; hint text;
BEGIN
  PERFORM cdp.drop_space('s');
EXCEPTION WHEN dependent_objects_still_exist THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN concat_ws(' | ', message, detail, hint);
END $$;
SELECT is(pg_temp.drop_refused(), 'cannot drop space "s" because other objects depend on it | view public.mine depends on view s.quarantine | Drop these first: they are not of the space.', 'somebody''s view on a view');
SELECT is(count(*), 11::bigint, 'nothing is lost') FROM pg_temp.own_views();
ROLLBACK TO others;
CREATE VIEW s.mine AS SELECT * FROM s.customer_event;
SELECT throws_ok($$SELECT cdp.drop_space('s')$$, '2BP01', NULL, 'somebody''s view beside it');
ROLLBACK TO others;
DROP VIEW s.hubs, s.customer;
SELECT lives_ok($$SELECT cdp.grant_space('s', 'cdp_reader')$$, 'grant_space when a view is gone');
SELECT lives_ok($$SELECT cdp.drop_space('s')$$, 'drop_space when a view is gone');
ROLLBACK TO others;
DROP VIEW s.hubs; CREATE TABLE s.hubs (a int);
SELECT throws_ok($$SELECT cdp.drop_space('s')$$, '2BP01', NULL, 'a table in the place of a view is not ours');
ROLLBACK TO others;
SELECT lives_ok($$SELECT cdp.drop_space('s')$$, 'drop_space');

-- Names of schemas, and operators of others
CREATE SCHEMA evil;
CREATE FUNCTION evil.raise(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE 'not ours'; END$$;
CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.raise);
CREATE OPERATOR evil.<> (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.raise);
SET LOCAL search_path = evil, pg_catalog;
SELECT cdp.create_space('{space} of "us"'), cdp.identify('{space} of "us"', '{"user_id": "a", "email": "a@example.com"}') \g /dev/null
SELECT pg_catalog.count(*) AS found FROM "{space} of ""us""".customer_identifier AS i JOIN "{space} of ""us""".moves AS m ON m.identifier_id OPERATOR(pg_catalog.=) i.identifier_id \gset
SET LOCAL search_path = public;
SELECT is(:found, 1, 'an odd name, and operators of others');

SELECT * FROM finish();
ROLLBACK;
