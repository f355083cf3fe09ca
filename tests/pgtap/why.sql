-- Why two identifiers are one customer, or two: cdp.explain_merge and cdp.why_not.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql
SELECT cdp.create_space('s') \g /dev/null
INSERT INTO s.source (source, trusted) VALUES ('crm', true), ('forms', false);
INSERT INTO s.identifier_type (type, priority, links) VALUES ('household', 50, false);
UPDATE s.space SET link_threshold = 0.9, review_threshold = 0.5, rules_version = rules_version + 1;

CREATE FUNCTION pg_temp.see(identifiers jsonb, source text DEFAULT 'crm', day int DEFAULT 1) RETURNS bigint LANGUAGE sql AS $$
  SELECT cdp.identify('s', identifiers, NULL, source, '2026-01-01Z'::timestamptz + day * interval '1 day') $$;
CREATE FUNCTION pg_temp.id(given text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT id FROM s.identifier WHERE type = split_part(given, ' ', 1) AND value = substr(given, strpos(given, ' ') + 1) $$;
-- Evidence that somebody is less sure of
CREATE FUNCTION pg_temp.suspect(a text, b text, confidence float8) RETURNS void LANGUAGE sql AS $$
  INSERT INTO s.link (a, b, source_id, rule, confidence, first_seen, last_seen)
  SELECT least(pg_temp.id(a), pg_temp.id(b)), greatest(pg_temp.id(a), pg_temp.id(b)), 2, 7, confidence, '2026-01-03Z', '2026-01-04Z' $$;
CREATE FUNCTION pg_temp.explained(a text, b text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT concat_ws(', ', step, from_type || ' ' || from_value, to_type || ' ' || to_value, outcome, reason) FROM cdp.explain_merge('s', pg_temp.id(a), pg_temp.id(b)) $$;
CREATE FUNCTION pg_temp.why_not(a text, b text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT concat_ws(', ', step, from_type || ' ' || from_value, to_type || ' ' || to_value, outcome, reason) FROM cdp.why_not('s', pg_temp.id(a), pg_temp.id(b)) $$;
CREATE FUNCTION pg_temp.explains(a text, b text, steps text[], why text) RETURNS text LANGUAGE sql AS $$
  SELECT is(ARRAY(SELECT pg_temp.explained(a, b)), steps, why) $$;
CREATE FUNCTION pg_temp.denies(a text, b text, steps text[], why text) RETURNS text LANGUAGE sql AS $$
  SELECT is(ARRAY(SELECT pg_temp.why_not(a, b)), steps, why) $$;

-- One customer
SELECT pg_temp.see('{"user_id": "ana", "email": "ana@example.com"}'), pg_temp.see('{"email": "ana@example.com", "anonymous_id": "tab"}', 'default', 2),
  pg_temp.see('{"anonymous_id": "tab", "phone": "+381641234567"}', 'forms', 3), pg_temp.see('{"email": "ana@example.com", "anonymous_id": "tab"}', 'crm', 4) \g /dev/null
SELECT pg_temp.explains('user_id ana', 'phone +381641234567', ARRAY['1, user_id ana, email ana@example.com, active, Linked by "crm".',
  '2, email ana@example.com, anonymous_id tab, active, Linked by "crm", "default".', '3, anonymous_id tab, phone +381641234567, active, Linked by "forms".'], 'the way');
SELECT pg_temp.explains('phone +381641234567', 'anonymous_id tab', '{"1, phone +381641234567, anonymous_id tab, active, Linked by \"forms\"."}', 'the way back');
SELECT results_eq($$SELECT from_id, to_id, sources, confidence, first_seen, last_seen, decision_id FROM cdp.explain_merge('s', pg_temp.id('email ana@example.com'), pg_temp.id('anonymous_id tab'))$$,
  $$VALUES (pg_temp.id('email ana@example.com'), pg_temp.id('anonymous_id tab'), '{crm,default}'::text[], 1::float8, '2026-01-03Z'::timestamptz, '2026-01-05Z'::timestamptz, NULL::bigint)$$, 'what was sighted');
SELECT pg_temp.denies('user_id ana', 'email ana@example.com', '{"0, user_id ana, email ana@example.com, together, They are one customer: cdp.explain_merge says why."}', 'they are one');

-- Two: nothing, hubs, limits, trust, confidence, blocked values, types that do not link
SELECT pg_temp.see('{"user_id": "bob", "email": "bob@example.com"}') \g /dev/null
SELECT pg_temp.explains('user_id ana', 'user_id bob', '{}', 'two customers have nothing in common');
SELECT pg_temp.denies('email ana@example.com', 'email bob@example.com', ARRAY['0, email ana@example.com, email bob@example.com, limit, Together they would have more than 1 identifier of type "user_id".'], 'two known customers');
SELECT pg_temp.see('{"email": "eve@example.com"}') \g /dev/null
SELECT pg_temp.denies('user_id ana', 'email eve@example.com', ARRAY['0, user_id ana, email eve@example.com, unlinked, Nothing leads from one to the other.'], 'nothing links them');
SELECT pg_temp.see('{"anonymous_id": "kiosk", "user_id": "ana"}'), pg_temp.see('{"anonymous_id": "kiosk", "user_id": "bob"}'), pg_temp.see('{"anonymous_id": "kiosk", "email": "eve@example.com"}') \g /dev/null
SELECT pg_temp.denies('user_id ana', 'email eve@example.com', ARRAY['0, user_id ana, email eve@example.com, obstacles, Links lead from one to the other, but not all of them join: see the steps.',
  '1, user_id ana, anonymous_id kiosk, hub, anonymous_id "kiosk" has too many neighbours: such a hub joins nobody.',
  '2, anonymous_id kiosk, email eve@example.com, hub, anonymous_id "kiosk" has too many neighbours: such a hub joins nobody.'], 'a shared device');
SELECT pg_temp.see('{"user_id": "bob", "email": "ana@example.com"}', 'crm', 9) \g /dev/null
SELECT pg_temp.denies('user_id ana', 'email bob@example.com', ARRAY['0, user_id ana, email bob@example.com, limit, Together they would have more than 1 identifier of type "user_id".',
  '1, user_id ana, email ana@example.com, active, Linked by "crm".', '2, email ana@example.com, user_id bob, limit, Together they would have more than 1 identifier of type "user_id".',
  '3, user_id bob, email bob@example.com, active, Linked by "crm".'], 'a shared e-mail');
SELECT pg_temp.see('{"email": "undefined"}'), pg_temp.see('{"email": "undefined", "user_id": "kim"}') \g /dev/null
SELECT pg_temp.denies('user_id kim', 'email undefined', ARRAY['0, user_id kim, email undefined, obstacles, Links lead from one to the other, but not all of them join: see the steps.',
  '1, user_id kim, email undefined, blocked, email "undefined" is blocked: it identifies nobody.'], 'a blocked value');
SELECT pg_temp.see('{"household": "12", "email": "eve@example.com"}') \g /dev/null
SELECT pg_temp.denies('household 12', 'email eve@example.com', ARRAY['0, household 12, email eve@example.com, obstacles, Links lead from one to the other, but not all of them join: see the steps.',
  '1, household 12, email eve@example.com, not_linking, Identifiers of type "household" never join customers.'], 'a type that does not link');
SELECT pg_temp.see(jsonb_build_object('email', name || '@example.com')) FROM unnest('{low,middle}'::text[]) AS name \g /dev/null
SELECT pg_temp.suspect('email eve@example.com', 'email low@example.com', 0.25), pg_temp.suspect('email eve@example.com', 'email middle@example.com', 0.75) \g /dev/null
SELECT pg_temp.denies('email eve@example.com', 'email low@example.com', ARRAY['0, email eve@example.com, email low@example.com, obstacles, Links lead from one to the other, but not all of them join: see the steps.',
  '1, email eve@example.com, email low@example.com, below_threshold, Its confidence is 0.25: from 0.5 on a link is worth a look, from 0.9 on it joins.'], 'hardly alike');
SELECT pg_temp.denies('email middle@example.com', 'email eve@example.com', ARRAY['0, email middle@example.com, email eve@example.com, obstacles, Links lead from one to the other, but not all of them join: see the steps.',
  '1, email middle@example.com, email eve@example.com, review, Its confidence is 0.75: worth a look, but a link joins from 0.9 on.'], 'alike');
UPDATE s.identifier_type SET known = true, max_degree = '{}', max_per_profile = NULL; UPDATE s.space SET rules_version = rules_version + 1;
SELECT pg_temp.see('{"user_id": "lea"}'), pg_temp.see('{"user_id": "leo"}'), pg_temp.see('{"user_id": ["lea", "leo"]}', 'forms') \g /dev/null
SELECT pg_temp.denies('user_id lea', 'user_id leo', ARRAY['0, user_id lea, user_id leo, obstacles, Links lead from one to the other, but not all of them join: see the steps.',
  '1, user_id lea, user_id leo, trust, Nobody but "forms" links them, which isn''t trusted to unite two known customers.'], 'what a form says');
UPDATE s.space SET max_closure = 1, rules_version = rules_version + 1;
SELECT pg_temp.see('{"user_id": ["r1", "r2"]}'), pg_temp.see('{"user_id": ["r3", "r4"]}') \g /dev/null
SELECT pg_temp.denies('user_id r1', 'user_id r3', ARRAY['0, user_id r1, user_id r3, too_far, Nothing was found to lead from one to the other near both.'], 'no further than allowed');
UPDATE s.space SET max_closure = 10000, rules_version = rules_version + 1;

-- Decisions
SELECT pg_temp.see(jsonb_build_object('user_id', name)) FROM unnest('{m1,m2,m3}'::text[]) AS name \g /dev/null
SELECT cdp.join('s', pg_temp.id('user_id m1'), pg_temp.id('user_id m2'), 'the same voice') AS joined \gset
SELECT pg_temp.explains('user_id m1', 'user_id m2', ARRAY['1, user_id m1, user_id m2, must, Joined by decision ' || :joined || ': "the same voice".'], 'a must-link');
SELECT is((SELECT decision_id FROM cdp.explain_merge('s', pg_temp.id('user_id m1'), pg_temp.id('user_id m2'))), :joined::bigint, 'which decision it was');
SELECT cdp.cut('s', pg_temp.id('user_id m2'), pg_temp.id('user_id m3')) AS cut \gset
SELECT pg_temp.see('{"user_id": ["m1", "m3"]}') \g /dev/null
SELECT pg_temp.denies('user_id m1', 'user_id m3', ARRAY['0, user_id m1, user_id m3, cannot_link, Kept apart by decision ' || :cut || '.', '1, user_id m1, user_id m3, cannot_link, Kept apart by decision ' || :cut || '.'], 'a cannot-link between others of them');
UPDATE s.space SET max_closure = 1, rules_version = rules_version + 1;
SELECT cdp.undo('s', :cut) \g /dev/null
SELECT pg_temp.denies('user_id m1', 'user_id m3', ARRAY['0, user_id m1, user_id m3, obstacles, Links lead from one to the other, but not all of them join: see the steps.',
  '1, user_id m1, user_id m3, parked, The link waits: its customers are too large to be decided while evidence comes in.'], 'what waits');
UPDATE s.space SET max_closure = 10000, rules_version = rules_version + 1;
SELECT pg_temp.see('{"user_id": ["p1", "p2"]}') \g /dev/null
SELECT (cdp.unmerge('s', max(change_id), reason => 'a typing error')).decisions[1] AS rejected FROM s.change \gset
SELECT pg_temp.denies('user_id p1', 'user_id p2', ARRAY['0, user_id p1, user_id p2, obstacles, Links lead from one to the other, but not all of them join: see the steps.',
  '1, user_id p1, user_id p2, rejected, This evidence was rejected by decision ' || :rejected || ': "a typing error".'], 'rejected evidence');
SELECT results_eq($$SELECT sources, confidence FROM cdp.why_not('s', pg_temp.id('user_id p1'), pg_temp.id('user_id p2')) WHERE step = 1$$, $$VALUES ('{crm}'::text[], 1::float8)$$, 'what is rejected');

-- Random evidence: what they say is what the tables say
SELECT setseed(0.25) \g /dev/null
DO $$
BEGIN
  PERFORM cdp.drop_space('s');
  PERFORM cdp.create_space('s');
  FOR i IN 1..120 LOOP
    PERFORM cdp.identify('s', jsonb_build_object(t[1 + floor(random() * 4)::int], 'x' || floor(random() * 12), t[1 + floor(random() * 4)::int] , 'y' || floor(random() * 12)))
    FROM (SELECT '{user_id,device_id,email,anonymous_id}'::text[]) AS v (t);
  END LOOP;
END $$;
CREATE TEMPORARY TABLE pair AS SELECT x.id AS a, y.id AS b, x.cluster_id = y.cluster_id AS together FROM s.identifier AS x, s.identifier AS y WHERE x.id <> y.id;
CREATE TEMPORARY TABLE way AS
  SELECT a, b, together, 'merge' AS asked, e.* FROM pair, cdp.explain_merge('s', a, b) AS e UNION ALL SELECT a, b, together, 'not', e.* FROM pair, cdp.why_not('s', a, b) AS e;
SELECT ok(count(*) > 100 AND bool_or(step > 1 AND asked = 'merge') AND bool_or(step > 2 AND asked = 'not'), 'there are ways') FROM way;
SELECT is_empty($$SELECT a, b FROM pair WHERE together <> EXISTS (SELECT FROM way WHERE way.a = pair.a AND way.b = pair.b AND asked = 'merge')$$, 'who is one has a way, nobody else');
SELECT is_empty($$SELECT a, b FROM pair WHERE together <> EXISTS (SELECT FROM way WHERE way.a = pair.a AND way.b = pair.b AND asked = 'not' AND step = 0 AND outcome = 'together')$$, 'and why_not says so');
SELECT is_empty($$SELECT a, b, asked FROM way GROUP BY a, b, asked HAVING count(*) FILTER (WHERE step = 0) <> (asked = 'not')::int OR min(step) FILTER (WHERE step > 0) > 1$$, 'step 0 is about both');
SELECT is_empty($$SELECT w.* FROM way AS w LEFT JOIN way AS n ON (n.a, n.b, n.asked, n.step) = (w.a, w.b, w.asked, w.step + 1)
  WHERE w.step > 0 AND (w.to_id IS DISTINCT FROM coalesce(n.from_id, w.b) OR (w.step = 1 AND w.from_id <> w.a))$$, 'each step begins where the one before ended');
SELECT is_empty($$SELECT w.* FROM way AS w WHERE step > 0 AND NOT EXISTS (SELECT FROM s.link AS l WHERE l.a = least(w.from_id, w.to_id) AND l.b = greatest(w.from_id, w.to_id))$$, 'each step is a link');
SELECT is_empty($$SELECT w.* FROM way AS w JOIN s.identifier AS x ON x.id = from_id JOIN s.identifier AS y ON y.id = to_id
  WHERE step > 0 AND outcome IS DISTINCT FROM CASE WHEN x.blocked OR y.blocked THEN 'blocked' WHEN x.hub OR y.hub THEN 'hub' WHEN x.cluster_id = y.cluster_id THEN 'active' ELSE 'limit' END$$, 'each step says what became of it');
SELECT is_empty($$
  WITH RECURSIVE joined AS (SELECT l.a, l.b FROM s.link AS l JOIN s.identifier AS x ON x.id = l.a JOIN s.identifier AS y ON y.id = l.b AND y.cluster_id = x.cluster_id),
  both_ways AS (SELECT a, b FROM joined UNION SELECT b, a FROM joined),
  reached AS (SELECT a AS origin, b AS id, 1 AS steps FROM both_ways UNION SELECT r.origin, w.b, r.steps + 1 FROM reached AS r JOIN both_ways AS w ON w.a = r.id WHERE r.steps < 8),
  nearest AS (SELECT origin, id, min(steps) AS steps FROM reached GROUP BY origin, id)
  SELECT w.a, w.b FROM way AS w JOIN nearest AS n ON n.origin = w.a AND n.id = w.b WHERE asked = 'merge' GROUP BY w.a, w.b, n.steps HAVING count(*) <> n.steps$$, 'no way is shorter');

-- Bad input, and who may ask
SELECT is(pg_temp.attempt(NULL, format('SELECT * FROM cdp.%s(%s)', function, arguments)), complaint, format('%s(%s)', function, arguments))
FROM unnest('{explain_merge,why_not}'::text[]) AS function, (VALUES ('NULL, 1, 2', '22004 space must not be null'), ('''s'', NULL, 2', '22004 identifier must not be null'), ('''s'', 1, NULL', '22004 identifier must not be null'),
  ('''s'', 1, 1', '22023 the two identifiers are the same'), ('''s'', 1, 999999', '42704 identifier 999999 does not exist'), ('''s'', -1, 1', '42704 identifier -1 does not exist'),
  ('''nobody'', 1, 2', '3F000 space "nobody" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.')) AS v (arguments, complaint);
CREATE ROLE why_reader; CREATE ROLE why_stranger;
SELECT cdp.grant_space('s', 'why_reader') \g /dev/null
SELECT is(pg_temp.attempt('why_reader', $$SELECT * FROM cdp.why_not('s', 1, 2), cdp.explain_merge('s', 1, 2)$$), 'ok', 'a reader may ask');
SELECT is(pg_temp.attempt('why_stranger', $$SELECT * FROM cdp.explain_merge('s', 1, 2)$$), '42501 permission denied for table space', 'a stranger may not');
-- With any search_path, in a transaction that only reads
SAVEPOINT reading;
SET LOCAL search_path = s; SET LOCAL transaction_read_only = on;
SELECT pg_catalog.count(*) AS rows FROM cdp.why_not('s', 1, 2) \gset
ROLLBACK TO reading;
SELECT cmp_ok(:rows, '>', 0, 'in a transaction that only reads');
SELECT * FROM finish();
ROLLBACK;
