-- What stewards decide: cdp.cut, join, split, keep_apart, reject, undo and unmerge.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql
\ir common/sound.sql
CREATE FUNCTION pg_temp.anew() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM cdp.spaces WHERE space = 's') THEN
    PERFORM cdp.drop_space('s');
  END IF;
  PERFORM cdp.create_space('s');
  INSERT INTO s.source (source, trusted) VALUES ('crm', true), ('forms', false);
  UPDATE s.identifier_type SET max_per_profile = NULL WHERE type = 'email';
  UPDATE s.space SET rules_version = rules_version + 1;
END $$;
-- E-mails that one observation names, in one letter each
CREATE FUNCTION pg_temp.see(letters text, attributes jsonb DEFAULT NULL, source text DEFAULT 'default', day int DEFAULT 1) RETURNS bigint LANGUAGE sql AS $$
  SELECT cdp.identify('s', jsonb_build_object('email', (SELECT jsonb_agg(letter || '@x.rs') FROM regexp_split_to_table(letters, '') AS letter)), attributes, source, '2026-01-01Z'::timestamptz + day * interval '1 day') $$;
CREATE FUNCTION pg_temp.id(letter text) RETURNS bigint LANGUAGE sql AS $$SELECT cdp.identifier_id('s', 'email', letter || '@x.rs')$$;
CREATE FUNCTION pg_temp.ids(letters text) RETURNS bigint[] LANGUAGE sql AS $$SELECT array_agg(pg_temp.id(letter)) FROM regexp_split_to_table(letters, '') AS letter$$;
-- Customers, in letters
CREATE FUNCTION pg_temp.whole() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(c, ' ' ORDER BY c COLLATE "C") FROM (SELECT string_agg(left(value, 1), '' ORDER BY value COLLATE "C") AS c FROM s.identifier GROUP BY cluster_id) AS g);
END $$;
-- All that decisions may change, to the byte
CREATE FUNCTION pg_temp.state(space text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  EXECUTE format('SELECT string_agg(line, E''\n'' ORDER BY line) FROM (
    SELECT concat_ws('' '', p.profile_id, p.members, p.known, p.weights, (SELECT array_agg((i.id, i.hub, i.blocked) ORDER BY i.id) FROM %1$s.identifier AS i WHERE i.cluster_id = p.cluster_id), p.profile, p.timeline) AS line
    FROM %1$s.profile AS p UNION ALL SELECT concat_ws('' '', part_id, anchor) FROM %1$s.part
    UNION ALL SELECT concat_ws('' '', a, b, source_id, rule, confidence, first_seen, last_seen, rejected) FROM %1$s.link
    UNION ALL SELECT concat_ws('' '', d.decision_id, kind) FROM %1$s.decision AS d WHERE withdrawn_at IS NULL) AS v', space) INTO result;
  RETURN result;
END $$;

-- cut and join
SELECT pg_temp.anew(), pg_temp.see('ab', '{"n": 1}'), pg_temp.see('bc', '{"m": 2}', day => 2), pg_temp.see('d') \g /dev/null
SELECT is(pg_temp.whole(), 'abc d', 'as the evidence has it');
SELECT pg_temp.state('s') AS before \gset
SELECT cdp.cut('s', pg_temp.id('a'), pg_temp.id('c'), 'two sisters') AS cut \gset
SELECT is(pg_temp.whole(), 'ab c d', 'cut');
SELECT is((SELECT (cause, decision_id, link_a, source_id, actor)::text FROM s.change ORDER BY change_id DESC LIMIT 1), format('(decision,%s,,,%s)', :cut, CURRENT_USER), 'the log says who decided');
SELECT is((SELECT (kind, reason, actor, withdrawn_at)::text FROM s.decision), format('(cannot,"two sisters",%s,)', CURRENT_USER), 'and the decision why');
SELECT results_eq($$SELECT identifier_id, is_right FROM s.decision_side ORDER BY 1$$, $$VALUES (pg_temp.id('a'), false), (pg_temp.id('c'), true)$$, 'about whom');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'cut: sound');
SAVEPOINT seen;
SELECT is(pg_temp.see('ac', day => 3), pg_temp.id('a'), 'evidence does not get round it');
SELECT is(pg_temp.whole(), 'ab c d', 'ever');
ROLLBACK TO seen;
SELECT cdp.join('s', pg_temp.id('c'), pg_temp.id('a')) AS joined \gset
SELECT is(pg_temp.whole(), 'abc d', 'join replaces it');
SELECT is((SELECT array_agg((decision_id, withdrawn_at IS NULL, withdrawn_by, replaced_by)::text ORDER BY decision_id) FROM s.decision),
  ARRAY[format('(%s,f,%s,%s)', :cut, CURRENT_USER, :joined), format('(%s,t,,)', :joined)], 'replaced by it');
SELECT cdp.join('s', pg_temp.id('a'), pg_temp.id('d')) AS with_d \gset
SELECT is(pg_temp.whole(), 'abcd', 'join without evidence');
SELECT is(pg_temp.attempt(NULL, format($$SELECT cdp.cut('s', %s, %s)$$, pg_temp.id('c'), pg_temp.id('d'))),
  '22023 must-links join email "c@x.rs" and email "d@x.rs", which a cannot-link keeps apart | Withdraw the cannot-link, or one of these must-links; the view decisions has their numbers.', 'a cut against must-links');
SELECT results_eq($$SELECT kind, left_side, right_side, holds, reason, actor = CURRENT_USER, withdrawn_at IS NULL, withdrawn_by IS NULL, replaced_by IS NULL FROM s.decisions ORDER BY decision_id$$,
  $$VALUES ('cannot', '{email a@x.rs}'::text[], '{email c@x.rs}'::text[], false, 'two sisters', true, false, false, false), ('must', '{email c@x.rs}', '{email a@x.rs}', true, NULL, true, true, true, true),
    ('must', '{email a@x.rs}', '{email d@x.rs}', true, NULL, true, true, true, true)$$, 'the view tells about whom');
SELECT is(pg_temp.attempt(NULL, format($$SELECT cdp.undo('s', %s)$$, :cut)),
  '55000 decision ' || :cut || ' does not hold any longer | The columns withdrawn_at and replaced_by of the table decision say since when, and what replaced it.', 'what was replaced cannot be undone');
SELECT cdp.undo('s', :with_d) \g /dev/null
SELECT is(pg_temp.whole(), 'abc d', 'undone');
SELECT cdp.undo('s', :joined) \g /dev/null
SELECT is(pg_temp.whole(), 'ab c d', 'what was replaced holds again');
SELECT results_eq($$SELECT decision_id FROM s.decision WHERE withdrawn_at IS NULL AND replaced_by IS NULL$$, ARRAY[:cut::bigint], 'and nothing else');
SELECT cdp.undo('s', :cut) \g /dev/null
SELECT is(pg_temp.whole(), 'abc d', 'until it is undone itself');
SELECT is(pg_temp.attempt(NULL, format($$SELECT cdp.undo('s', %s)$$, :cut)),
  '55000 decision ' || :cut || ' does not hold any longer | The columns withdrawn_at and replaced_by of the table decision say since when, and what replaced it.', 'once');
SELECT is(pg_temp.state('s'), :'before', 'nothing is left of it all');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'undo: sound');
-- Blocked identifiers and such of a limited type are joined, too.
SELECT cdp.identify('s', '{"user_id": "u1"}'), cdp.identify('s', '{"user_id": "u2"}'), cdp.identify('s', '{"user_id": "undefined"}') \g /dev/null
SELECT cdp.join('s', cdp.identifier_id('s', 'user_id', 'u1'), cdp.identifier_id('s', 'user_id', 'u2')), cdp.join('s', cdp.identifier_id('s', 'user_id', 'u1'), cdp.identifier_id('s', 'user_id', 'undefined')) AS last \gset
SELECT is((SELECT count(DISTINCT cluster_id) FROM s.identifier WHERE type = 'user_id'), 1::bigint, 'whatever the rules say');
SELECT cdp.undo('s', :last) \g /dev/null
SELECT is((SELECT count(DISTINCT cluster_id) FROM s.identifier WHERE type = 'user_id'), 2::bigint, 'undone');

-- split and keep_apart
SELECT pg_temp.anew(), pg_temp.see('abcd'), pg_temp.see('ef') \g /dev/null
SELECT pg_temp.state('s') AS before \gset
SELECT cdp.split('s', pg_temp.ids('bc'), 'her husband') AS decided \gset
SELECT is(pg_temp.whole(), 'ad bc ef', 'split');
SELECT results_eq($$SELECT identifier_id, is_right FROM s.decision_side ORDER BY 1$$, $$VALUES (pg_temp.id('a'), true), (pg_temp.id('b'), false), (pg_temp.id('c'), false), (pg_temp.id('d'), true)$$, 'from all the rest');
SELECT results_eq($$SELECT kind, left_side, right_side, reason FROM s.decisions$$, $$VALUES ('cannot_lists', '{email b@x.rs,email c@x.rs}'::text[], '{email a@x.rs,email d@x.rs}'::text[], 'her husband')$$, 'and the view by name');
SELECT pg_temp.see('bd', day => 2) \g /dev/null
SELECT is(pg_temp.whole(), 'ad bc ef', 'for good');
SELECT pg_temp.see('bg', day => 3), pg_temp.see('eg', day => 4), pg_temp.see('ag', day => 5) \g /dev/null
SELECT is(pg_temp.whole(), 'ad bcefg', 'others may join them');
SELECT cdp.undo('s', :decided) \g /dev/null
SELECT is(pg_temp.whole(), 'abcdefg', 'undone');
SELECT cdp.keep_apart('s', pg_temp.ids('ab'), pg_temp.ids('fg')) AS apart \gset
SELECT ok(NOT EXISTS (SELECT FROM s.identifier AS l JOIN s.identifier AS r USING (cluster_id) WHERE l.id = ANY (pg_temp.ids('ab')) AND r.id = ANY (pg_temp.ids('fg'))), 'kept apart');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'split: sound');
SELECT is(pg_temp.attempt(NULL, 'SELECT cdp.' || call), complaint, call)
FROM (VALUES ($$split('s', pg_temp.ids('af'))$$, '22023 the identifiers are not of one customer'),
  ($$split('s', (SELECT array_agg(id) FROM s.identifier WHERE cluster_id = (SELECT cluster_id FROM s.identifier WHERE id = pg_temp.id('a'))))$$, '22023 nothing is left of the customer'),
  ($$split('s', '{}')$$, '22023 there are no identifiers'), ($$split('s', '{NULL}')$$, '22004 identifiers must not contain nulls'), ($$split('s', NULL)$$, '22004 identifiers must not be null'),
  ($$split('s', '{999999}')$$, '42704 identifier 999999 does not exist | The column id of the table identifier has those there are; see cdp.identifier_id.'),
  ($$keep_apart('s', pg_temp.ids('a'), pg_temp.ids('ba'))$$, '22023 an identifier cannot stand on both sides of a cannot-link'),
  ($$keep_apart('s', pg_temp.ids('a'), '{}')$$, '22023 there are no identifiers')) AS v (call, complaint);

-- Without these to undo many decisions, and to take a change back, takes the square of the time.
SELECT has_index('s', table_name, index_name, columns)
FROM (VALUES ('decision_link'::name, 'decision_link_a_b_source_id_rule_idx'::name, '{a,b,source_id,rule}'::name[]), ('decision_side', 'decision_side_decision_id_idx', '{decision_id}'),
  ('move', 'move_change_id_idx', '{change_id}'), ('move', 'move_from_cluster_change_id_idx', '{from_cluster,change_id}')) AS i (table_name, index_name, columns);

-- unmerge
SELECT pg_temp.anew(), pg_temp.see('ab', '{"n": 1}'), pg_temp.see('cd', '{"m": 1}', day => 2) \g /dev/null
SELECT pg_temp.state('s') AS before \gset
SELECT pg_temp.see('ac', '{"wrong": true}', day => 3) \g /dev/null
SELECT max(change_id) AS merged FROM s.change \gset
SELECT is(pg_temp.whole(), 'abcd', 'merged');
SELECT pg_temp.see('ae', '{"n": 2}', day => 4), pg_temp.see('df', '{"m": 2}', day => 5) \g /dev/null
SELECT status, decisions, coalesce(a, 0) AS a, coalesce(b, 0) AS b FROM cdp.unmerge('s', :merged, reason => 'a typing error') \gset taken_
SELECT is(pg_temp.whole(), 'abe cdf', 'unmerged, with what came in between');
SELECT is(ARRAY[:'taken_status'::text, :'taken_a', :'taken_b'], '{parted,0,0}', 'and it says so');
SELECT is((SELECT (l.a, l.b, d.kind, d.reason)::text FROM s.decision AS d JOIN s.decision_link AS l USING (decision_id)), format('(%s,%s,reject,"a typing error")', pg_temp.id('a'), pg_temp.id('c')), 'the evidence is rejected');
SELECT results_eq($$SELECT kind, left_side, right_side, holds FROM s.decisions$$, $$VALUES ('reject', '{email a@x.rs}'::text[], '{email c@x.rs}'::text[], true)$$, 'the link of it');
SELECT pg_temp.see('ac', day => 6), pg_temp.see('ac', day => 0) \g /dev/null
SELECT is(pg_temp.whole(), 'abe cdf', 'and stays rejected when it is seen again');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'unmerge: sound');
SELECT is((SELECT u::text FROM cdp.unmerge('s', :merged) AS u), '(parted,{},,)', 'a second time nothing is left to do');
SELECT cdp.undo('s', (:'taken_decisions'::bigint[])[1]) \g /dev/null
SELECT is(pg_temp.whole(), 'abcdef', 'merged again when that is undone');
SELECT is_empty('SELECT FROM s.link WHERE rejected', 'nothing is rejected');
-- Other evidence joins them, too.
SELECT pg_temp.see('be', day => 7), pg_temp.see('bd', source => 'crm', day => 8) \g /dev/null
SELECT status, decisions, a, b FROM cdp.unmerge('s', :merged) \gset taken_
SELECT is(:'taken_status'::text, 'still_together', 'still together');
SELECT is(pg_temp.whole(), 'abcdef', 'for good reason');
SELECT ok(count(*) > 0, 'which can be asked for') FROM cdp.explain_merge('s', :taken_a, :taken_b);
SELECT ok(:taken_a = ANY (pg_temp.ids('ab')) AND :taken_b = ANY (pg_temp.ids('cd')), 'two of different sides');
SELECT status, decisions FROM cdp.unmerge('s', :merged, true, 'I know them both') \gset forced_
SELECT is(:'forced_status'::text, 'forced_apart', 'forced apart');
SELECT is(pg_temp.whole(), 'abe cdf', 'with what came in between');
SELECT is(cardinality(:'forced_decisions'::bigint[]), 1, 'by one decision, for all was rejected before');
SELECT results_eq(format($$SELECT is_right, array_agg(identifier_id ORDER BY identifier_id) FROM s.decision_side WHERE decision_id = %s GROUP BY 1 ORDER BY 1$$, (:'forced_decisions'::bigint[])[1]), $$VALUES (false, pg_temp.ids('ab')), (true, pg_temp.ids('cd'))$$, 'between the members as they were then');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'force: sound');
SELECT cdp.undo('s', id) FROM unnest((:'forced_decisions'::bigint[] || :'taken_decisions'::bigint[])) AS id \g /dev/null
SELECT is(pg_temp.whole(), 'abcdef', 'all undone');
-- Several customers by one observation
SELECT pg_temp.anew(), pg_temp.see('a'), pg_temp.see('b'), pg_temp.see('c'), pg_temp.see('de', day => 2) \g /dev/null
SELECT pg_temp.see('abcd', day => 3), pg_temp.see('ab', source => 'crm', day => 4), pg_temp.see('cd', source => 'crm', day => 4) \g /dev/null
SELECT min(change_id) AS merged FROM s.change_link WHERE a = pg_temp.id('a') \gset
SELECT status FROM cdp.unmerge('s', :merged) \gset taken_
SELECT is(ARRAY[:'taken_status'::text, pg_temp.whole()], '{still_together,"ab cde"}', 'what is joined by other evidence stays');
SELECT status FROM cdp.unmerge('s', :merged, true) \gset taken_
SELECT is(ARRAY[:'taken_status'::text, pg_temp.whole()], '{forced_apart,"a b c de"}', 'force parts all');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'several customers: sound');
-- A change may part some and join others: only who was joined by it counts.
SELECT pg_temp.anew() \g /dev/null
UPDATE s.identifier_type SET newest = true, max_degree = '{}' WHERE type = 'anonymous_id'; UPDATE s.space SET rules_version = rules_version + 1;
SELECT cdp.identify('s', '{"user_id": "alice", "anonymous_id": "tablet"}', at => '2026-01-01'), cdp.identify('s', '{"user_id": "bob", "email": "b@x.rs"}', at => '2026-01-02'), cdp.identify('s', '{"user_id": "bob", "anonymous_id": "tablet"}', at => '2026-01-03') \g /dev/null
SELECT is(pg_temp.customers('s'), 'anonymous_id tablet, email b@x.rs, user_id bob | user_id alice', 'the tablet went from Alice to Bob');
SELECT status FROM cdp.unmerge('s', (SELECT max(change_id) FROM s.change)) \gset taken_
SELECT is(ARRAY[:'taken_status'::text, pg_temp.customers('s')], '{parted,"anonymous_id tablet, user_id alice | email b@x.rs, user_id bob"}', 'and back');
-- Since when two are one
SELECT pg_temp.anew(), pg_temp.see('a'), pg_temp.see('b'), pg_temp.see('c'), pg_temp.see('bc'), pg_temp.see('ab') \g /dev/null
SELECT is(cdp.merged_by('s', pg_temp.id('a'), pg_temp.id('b')), 2::bigint, 'merged_by');
SELECT is(cdp.merged_by('s', pg_temp.id('c'), pg_temp.id('b')), 1::bigint, 'merged_by: not by what came later');
SELECT cdp.cut('s', pg_temp.id('a'), pg_temp.id('b')) AS cut \gset
SELECT is(cdp.merged_by('s', pg_temp.id('a'), pg_temp.id('b')), NULL, 'merged_by: of two customers');
SELECT cdp.undo('s', :cut) \g /dev/null
SELECT is(cdp.merged_by('s', pg_temp.id('a'), pg_temp.id('b')), 4::bigint, 'merged_by: the last time');
SELECT is(cdp.merged_by('s', pg_temp.id('b'), pg_temp.id('a')), 4::bigint, 'merged_by: either way');
SELECT is(cdp.merged_by('s', NULL, pg_temp.id('a')), NULL, 'merged_by: of NULL');
SELECT is(cdp.merged_by('s', pg_temp.id('a'), pg_temp.id('a')), NULL, 'merged_by: of one');

-- Rejected, undone, and taken back again
SELECT pg_temp.anew() \g /dev/null
SELECT cdp.identify('s', '{"anonymous_id": "x", "email": "x@example.com"}') AS x \gset
SELECT decisions[1] AS first FROM cdp.unmerge('s', cdp.merged_by('s', 1, 2)) \gset
SELECT cdp.undo('s', :first) \g /dev/null
SELECT results_eq($$SELECT status FROM cdp.unmerge('s', cdp.merged_by('s', 1, 2))$$, $$VALUES ('parted')$$, 'what was rejected once is rejected again');
SELECT isnt(cdp.lookup('s', 'email', 'x@example.com'), cdp.lookup('s', 'anonymous_id', 'x'), 'and they are two');
SELECT cdp.undo('s', max(decision_id)) FROM s.decision \g /dev/null
SELECT cdp.undo('s', cdp.cut('s', 1, 2)) \g /dev/null
SELECT throws_ok($$SELECT cdp.unmerge('s', cdp.merged_by('s', 1, 2))$$, '55000', format('change %s is of decision %s, which does not hold any longer', cdp.merged_by('s', 1, 2), (SELECT max(decision_id) FROM s.decision)), 'a cut that was withdrawn');
-- Too many to decide at once
UPDATE s.space SET max_closure = 10, rules_version = rules_version + 1;
SELECT cdp.identify('s', jsonb_build_object('user_id', 'one', 'anonymous_id', 'k' || n)) FROM generate_series(1, 20) AS n \g /dev/null
SELECT cdp.merged_by('s', cdp.identifier_id('s', 'user_id', 'one'), cdp.identifier_id('s', 'anonymous_id', 'k7')) AS large \gset
SET client_min_messages = error;
SELECT is(u.status, 'parked', 'not yet parted') FROM cdp.unmerge('s', :large) AS u;
SELECT cdp.cut('s', cdp.identifier_id('s', 'anonymous_id', 'k1'), cdp.identifier_id('s', 'anonymous_id', 'k2')) \g /dev/null
RESET client_min_messages;
SELECT is(cdp.lookup('s', 'anonymous_id', 'k7'), cdp.lookup('s', 'user_id', 'one'), 'they stay as they are');
SELECT cdp.resolve_now('s') \g /dev/null
SELECT isnt(cdp.lookup('s', 'anonymous_id', 'k7'), cdp.lookup('s', 'user_id', 'one'), 'until it is resolved');
SELECT isnt(cdp.lookup('s', 'anonymous_id', 'k1'), cdp.lookup('s', 'anonymous_id', 'k2'), 'the cut, too');


-- Errors
SELECT pg_temp.anew(), pg_temp.see('ab') \g /dev/null
SELECT cdp.cut('s', pg_temp.id('a'), pg_temp.id('b')) AS cut \gset
SELECT is(pg_temp.attempt(NULL, 'SELECT cdp.' || call), complaint, call)
FROM (VALUES ('unmerge(''s'', NULL)', '22004 change_id must not be null | cdp.merged_by gives null for two whom no change has made one: see cdp.explain_merge and cdp.why_not.'), ('unmerge(''s'', 1, NULL)', '22004 force must not be null'), ('unmerge(NULL, 1)', '22004 space must not be null'),
  ('unmerge(''s'', 999)', '42704 change 999 does not exist'), ('unmerge(''nobody'', 1)', '3F000 space "nobody" does not exist | There are: ''s''.'),
  ('unmerge(''s'', (SELECT max(change_id) FROM s.change))', '55000 change 2 was made by decision 1 | Withdraw it: SELECT cdp.undo(''s'', 1).')) AS v (call, complaint);
SELECT is(pg_temp.attempt(NULL, format('SELECT cdp.%s(%s)', function, arguments)), complaint, format('%s(%s)', function, arguments))
FROM unnest('{cut,join}'::text[]) AS function, (VALUES ('NULL, 1, 2', '22004 space must not be null'), ('''s'', NULL, 2', '22004 identifier must not be null'), ('''s'', 1, NULL', '22004 identifier must not be null'),
  ('''s'', 1, 1', '22023 the two identifiers are the same'), ('''s'', 1, 999', '42704 identifier 999 does not exist | The column id of the table identifier has those there are; see cdp.identifier_id.'),
  ('''nobody'', 1, 2', '3F000 space "nobody" does not exist | The view cdp.spaces lists those there are; cdp.create_space makes one.')) AS v (arguments, complaint);
SELECT is(pg_temp.attempt(NULL, 'SELECT cdp.' || call), complaint, call)
FROM (VALUES ('undo(NULL, 1)', '22004 space must not be null'), ('undo(''s'', NULL)', '22004 decision must not be null'), ('undo(''s'', 999)', '42704 decision 999 does not exist'),
  ('reject(''s'', ''{1}'', ''{2}'', ''{1}'', ''{}'')', '22023 the parts of the links do not match'), ('reject(''s'', ''{1}'', ''{2}'', NULL, ''{0}'')', '22004 links must not be null')) AS v (call, complaint);
SELECT is(cdp.reject('s', '{1,7}', '{9,8}', '{1,1}', '{0,0}'), NULL, 'no such evidence');
SELECT is((SELECT count(*) FROM s.decision), 1::bigint, 'nothing was decided');

-- Who may decide: writing is not enough.
CREATE ROLE decides; CREATE ROLE writes;
SELECT cdp.grant_space('s', 'decides', 'steward'), cdp.grant_space('s', 'writes', 'write'), pg_temp.see('cd') \g /dev/null
SELECT max(change_id) AS merged FROM s.change \gset
SELECT is(pg_temp.attempt('writes', format(call, pg_temp.id('c'), pg_temp.id('d'), :cut, :merged)), '42501 permission denied for table decision', 'a writer may not: ' || call)
FROM unnest(ARRAY['SELECT cdp.cut(''s'', %1$s, %2$s)', 'SELECT cdp.join(''s'', %1$s, %2$s)', 'SELECT cdp.split(''s'', ARRAY[%1$s])', 'SELECT cdp.undo(''s'', %3$s)', 'SELECT cdp.unmerge(''s'', %4$s)']) AS call;
SELECT is(pg_temp.attempt('decides', format(call, pg_temp.id('c'), pg_temp.id('d'), :cut, :merged)), 'ok', 'a steward may: ' || call)
FROM unnest(ARRAY['SELECT cdp.unmerge(''s'', %4$s, true)', 'SELECT cdp.undo(''s'', decision_id) FROM s.decision WHERE withdrawn_at IS NULL', 'SELECT cdp.split(''s'', ARRAY[%1$s])', 'SELECT cdp.cut(''s'', %1$s, %2$s)', 'SELECT cdp.undo(''s'', max(decision_id)) FROM s.decision']) AS call;
SELECT is((SELECT array_agg(DISTINCT actor) FROM s.change WHERE decision_id <> :cut), '{decides}', 'and is named in the log');

-- Random histories: decisions that are undone, the last one first, leave no trace.
SELECT pg_temp.anew() \g /dev/null
CREATE TEMPORARY TABLE decided (history int, decision_id bigint, call text);
CREATE TEMPORARY TABLE tally (history int, states text[], undone text[], complaints text[]);
CREATE FUNCTION pg_temp.decide(history int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  letters text[] := ARRAY(SELECT chr(97 + i) || history FROM generate_series(0, 7) AS i);
  ids bigint[]; picked bigint[]; calls text[]; decisions bigint[] := '{}'; states text[] := '{}'; undone text[] := '{}'; complaints text[] := '{}'; made bigint[]; changed bigint; was text;
BEGIN
  TRUNCATE s.identifier, s.profile, s.link, s.part, s.change, s.change_link, s.move, s.rename, s.decision, s.decision_side, s.decision_link;
  FOR i IN 1..10 LOOP
    PERFORM cdp.identify('s', jsonb_build_object('email', ARRAY(SELECT letters[1 + floor(random() * 8)::int] || '@x.rs' FROM generate_series(1, 2)), 'user_id', CASE WHEN random() < 0.3 THEN 'u' || floor(random() * 4) END),
      jsonb_build_object('n' || i, i), CASE WHEN random() < 0.3 THEN 'forms' ELSE 'crm' END, '2026-01-01Z'::timestamptz + floor(random() * 100) * interval '1 h');
  END LOOP;
  SELECT array_agg(id ORDER BY id) INTO ids FROM s.identifier;
  FOR i IN 1..6 LOOP
    picked := ARRAY(SELECT id FROM unnest(ids) AS id ORDER BY random() LIMIT 2);
    BEGIN
      was := pg_temp.state('s');
      CASE floor(random() * 5)::int
        WHEN 0 THEN made := ARRAY[cdp.cut('s', picked[1], picked[2])];
        WHEN 1 THEN made := ARRAY[cdp.join('s', picked[1], picked[2])];
        WHEN 2 THEN made := ARRAY[cdp.split('s', picked[:1])];
        WHEN 3 THEN made := ARRAY[cdp.keep_apart('s', picked[:1], picked[2:] || ids[1:1])];
        ELSE
          SELECT change_id INTO changed FROM s.change WHERE cause = 'link' ORDER BY random() LIMIT 1;
          made := (cdp.unmerge('s', changed, random() < 0.5)).decisions;
      END CASE;
      decisions := decisions || made;
      -- Of several at once only what was before the first is known.
      IF cardinality(made) > 0 THEN
        states := states || was || array_fill(NULL::text, ARRAY[cardinality(made) - 1]);
      END IF;
    EXCEPTION WHEN invalid_parameter_value OR undefined_object OR null_value_not_allowed THEN
      complaints := complaints || SQLERRM;
    END;
  END LOOP;
  complaints := complaints || ARRAY(SELECT 'BROKEN ' || b FROM pg_temp.broken('s') AS b WHERE b !~ 'has \d+ of user_id');
  FOR i IN REVERSE cardinality(decisions)..1 LOOP
    PERFORM cdp.undo('s', decisions[i]);
    undone := pg_temp.state('s') || undone;
  END LOOP;
  INSERT INTO tally VALUES (history, states, undone, complaints);
END $$;
SELECT setseed(0.5) \g /dev/null
SELECT pg_temp.decide(history) FROM generate_series(1, 120) AS history \g /dev/null
SELECT cmp_ok(sum(cardinality(undone)), '>', 360::bigint, 'many decisions were undone') FROM tally;
SELECT is_empty($$SELECT history, place FROM tally, generate_series(1, cardinality(undone)) AS place WHERE states[place] IS NOT NULL AND states[place] IS DISTINCT FROM undone[place]$$, 'and each time all was as before');
SELECT is_empty($$SELECT history, complaint FROM tally, unnest(complaints) AS complaint WHERE complaint ~ '^BROKEN' OR complaint !~ 'must-links join|nothing is left|both sides'$$, 'nothing broke, and nobody was refused without reason');

SELECT * FROM finish();
ROLLBACK;
