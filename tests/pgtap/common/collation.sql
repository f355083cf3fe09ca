-- The same evidence as in every other database, and what it comes to, byte by byte: run it in databases of several locales.
CREATE EXTENSION cdp;
CREATE EXTENSION pgtap;
BEGIN;
SELECT no_plan();
\ir sound.sql
\ir attempt.sql

SELECT cdp.create_space('s') \g /dev/null
SELECT cdp.set_rules('s', '{"types": {"device_id": {"blocked_values": ["i", "id"], "blocked_pattern": "^[[:upper:]]{3}$"},
  "Z": {"priority": 50, "links": false}, "a": {"priority": 50, "links": false}, "ı": {"priority": 50, "links": false},
  "hub": {"priority": 5, "max_degree": {"user_id": 1}}, "late": {"priority": 5}},
  "sources": {"crm": {}, "İZMİR": {}, "Zoo": {}, "ana": {}, "ırmak": {}, "çay": {}}}') \g /dev/null

-- What is blocked: one dot more or less is another value.
CREATE TABLE said (value text);
INSERT INTO said VALUES ('i'), ('I'), ('ı'), ('İ'), ('ID'), ('ıd'), ('İD'), ('nil'), ('NIL'), ('NİL'), ('nıl'), ('Undefined'), ('UNDEFİNED'),
  ('ABC'), ('ABÇ'), ('abc'), (E'0\u00a00'), ('0 0'), ('00'), ('٠٠'), ('ı̇'), ('i̇'), ('ß'), ('SS'), ('ss');
SELECT cdp.identify('s', jsonb_build_object('device_id', value), NULL, 'crm') FROM said \g /dev/null
SELECT bag_eq($$SELECT value FROM said$$, $$SELECT value FROM s.identifier WHERE type = 'device_id'$$, 'each is one of its own');
SELECT set_eq($$SELECT value FROM s.identifier WHERE blocked$$, ARRAY['i', 'I', 'ID', 'nil', 'NIL', 'Undefined', 'ABC', '0 0', '00'], 'what is blocked');
SELECT cdp.set_rules('s', '{"types": {"device_id": {"blocked_values": ["ı"], "blocked_pattern": "^[[:lower:]]{2}$"}}}') \g /dev/null
SELECT set_eq($$SELECT value FROM s.identifier WHERE blocked$$, ARRAY['ı', 'nil', 'NIL', 'Undefined', 'ID', 'ss', '0 0', '00'], 'and by other rules');
SELECT is(cdp.lookup('s', 'device_id', value) IS NULL, blocked, 'lookup of ' || value) FROM s.identifier WHERE type = 'device_id' ORDER BY id;

-- Of equals the one whose name has the least bytes: of links that a limit lets through, of anchors, of those that move.
SELECT cdp.identify_many('s', ARRAY[
  '{"email": "k@example.com", "user_id": "a"}', '{"email": "k@example.com", "user_id": "Z"}', '{"email": "k@example.com", "user_id": "ı"}',
  '{"email": "l@example.com", "user_id": "ç"}', '{"email": "l@example.com", "user_id": "d"}', '{"email": "l@example.com", "user_id": "a-b"}', '{"email": "l@example.com", "user_id": "ab"}']::jsonb[],
  NULL, 'crm', array_fill('2026-01-01'::timestamptz, ARRAY[7])) \g /dev/null
SELECT is(array_agg(value ORDER BY value COLLATE "C"), '{Z,a-b,k@example.com,l@example.com}', 'who is one with an address')
FROM s.identifier WHERE cluster_id IN (SELECT cluster_id FROM s.identifier WHERE type = 'email');
SELECT cdp.identify('s', identifiers, '{"name": "x"}', 'crm', '2026-01-01') FROM unnest(ARRAY[
  '{"a": "p", "Z": "p"}', '{"ı": "q", "a": "q"}', '{"a": ["r", "R"]}', '{"a": ["ı", "i", "İ", "z"]}', '{"a": ["ç", "d"]}', '{"a": ["t_u", "tu", "t-u", "T"]}']::jsonb[]) AS identifiers \g /dev/null
CREATE TEMPORARY VIEW anchored AS SELECT i.type || ' ' || i.value AS anchor FROM s.part AS t JOIN s.identifier AS i ON i.id = t.anchor WHERE cardinality(t.identifiers) > 1 AND i.type IN ('Z', 'a', 'ı');
SELECT bag_eq('TABLE anchored', ARRAY['Z p', 'a q', 'a R', 'a i', 'a d', 'a T'], 'where parts are anchored');
SELECT cdp.set_rules('s', '{"types": {"a": {"priority": 60}}}') \g /dev/null
SELECT bag_eq('TABLE anchored', ARRAY['Z p', 'ı q', 'a R', 'a i', 'a d', 'a T'], 'by other priorities');
-- When what they were anchored in becomes a hub: at once, or when everything is decided anew
SELECT cdp.identify('s', identifiers, '{"name": "x"}', 'crm', '2026-01-01') FROM unnest(ARRAY['{"hub": "u", "a": ["ı2", "i2", "z2"]}', '{"hub": "u", "user_id": "1"}', '{"hub": "u", "user_id": "2"}',
  '{"late": "v", "a": ["ı3", "i3", "z3"]}', '{"late": "v", "email": ["n1@example.com", "n2@example.com", "n3@example.com", "n4@example.com", "n5@example.com"]}']::jsonb[]) AS identifiers \g /dev/null
SELECT is((SELECT anchor FROM anchored WHERE anchor LIKE '%2'), 'a i2', 'a hub');
SELECT is_empty($$SELECT FROM anchored WHERE anchor LIKE '%3'$$, 'none yet');
SELECT cdp.set_rules('s', '{"types": {"late": {"max_degree": {"email": 1}}}}') \g /dev/null
INSERT INTO s.run (job) VALUES ('resolve');
SELECT ok(rewritten, 'much is decided anew') FROM cdp.resolve_whole('s', true, false, (SELECT max(run_id) FROM s.run), 0);
SELECT is((SELECT anchor FROM anchored WHERE anchor LIKE '%3'), 'a i3', 'a hub since all was decided anew');

-- Names of sources in lists
SELECT cdp.identify('s', '{"email": "m@example.com", "phone": "+905321234567"}', NULL, source, '2026-01-01') FROM s.source WHERE source <> 'default' ORDER BY source_id DESC \g /dev/null
SELECT is(x.sources, '{Zoo,ana,crm,çay,İZMİR,ırmak}', 'explain_merge') FROM cdp.explain_merge('s', cdp.identifier_id('s', 'email', 'm@example.com'), cdp.identifier_id('s', 'phone', '+905321234567')) AS x;
UPDATE s.link SET confidence = 0.95 WHERE a = cdp.identifier_id('s', 'email', 'm@example.com');
SELECT is((SELECT sources FROM s.weak_links WHERE a_value = 'm@example.com'), '{Zoo,ana,crm,çay,İZMİR,ırmak}', 'the view weak_links');
SELECT cdp.cut('s', cdp.identifier_id('s', 'email', 'm@example.com'), cdp.identifier_id('s', 'phone', '+905321234567')) \g /dev/null
SELECT is((SELECT sources FROM s.quarantine WHERE a_value = 'm@example.com'), '{Zoo,ana,crm,çay,İZMİR,ırmak}', 'the view quarantine');
UPDATE s.link SET confidence = 0.7 WHERE a = cdp.identifier_id('s', 'email', 'm@example.com');
SELECT is((SELECT sources FROM s.review WHERE a_value = 'm@example.com'), '{Zoo,ana,crm,çay,İZMİR,ırmak}', 'the view review');
SELECT is((SELECT pg_collation_for(sources) FROM s.review), '"default"', 'which is of the default collation');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');

-- Everybody's own columns
CREATE COLLATION whatever (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE crm (contact int PRIMARY KEY, email text UNIQUE, german text COLLATE "de-x-icu" UNIQUE, folded text COLLATE whatever UNIQUE, code varchar(40), c text COLLATE "C" UNIQUE);
INSERT INTO crm SELECT n, e, e, upper(e COLLATE "C"), e, e FROM generate_series(1, 500) AS n, format('%s@example.com', n) AS e;
SELECT cdp.identify_many('s', array_agg(jsonb_build_object('email', email)), NULL, 'crm', array_agg('2026-01-01'::timestamptz)) FROM crm \g /dev/null
ANALYZE crm; ANALYZE s.identifier; ANALYZE s.profile;
CREATE FUNCTION pg_temp.matches(relation text, own text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE result bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM crm JOIN s.%s AS i ON i.value = crm.%s WHERE i.type = ''email''', relation, own) INTO result;
  RETURN result;
END $$;
SELECT is(pg_temp.matches(relation, own), 500::bigint, format('%s.value = %s', relation, own))
FROM unnest('{identifier,customer_identifier}'::text[]) AS relation, unnest('{email,german,folded,code,c}'::text[]) AS own;
SELECT is(pg_temp.attempt(NULL, replace(statement, '{own}', own)), 'ok', format(statement, own)) FROM unnest('{email,german,folded,code,c}'::text[]) AS own, unnest(ARRAY[
  'SELECT i.value, count(*) FROM s.identifier AS i JOIN crm ON crm.{own} = i.value GROUP BY i.value, crm.{own} ORDER BY i.value, crm.{own}',
  'SELECT FROM crm WHERE {own} IN (SELECT value FROM s.customer_identifier)', 'SELECT FROM s.identifier WHERE value NOT IN (SELECT {own} FROM crm)',
  'SELECT FROM s.customer_identifier AS i LEFT JOIN crm ON (i.value, i.value) = (crm.{own}, crm.{own}) WHERE crm.{own} IS DISTINCT FROM i.value',
  'SELECT DISTINCT coalesce(i.value, crm.email) FROM s.identifier AS i FULL JOIN crm ON i.value = crm.{own}',
  'SELECT FROM s.identifier AS i JOIN crm ON i.value < crm.{own}', 'SELECT max(greatest(i.value, crm.{own})) FROM s.identifier AS i JOIN crm ON i.value = crm.{own}',
  'SELECT value FROM s.identifier UNION ALL SELECT {own} FROM crm', 'SELECT cdp.lookup(''s'', ''email'', {own}) FROM crm',
  'SELECT cdp.require_space(left({own}, 0) || ''s'') FROM crm',
  'SELECT cdp.identify(''s'', jsonb_build_object(''email'', {own}), NULL, left({own}, 0) || ''crm'') FROM crm WHERE contact < 4']) AS statement;
SELECT is(pg_temp.attempt(NULL, statement), 'ok', statement) FROM unnest(ARRAY[
  'SELECT value FROM s.identifier UNION SELECT email FROM crm', 'SELECT FROM s.identifier AS i JOIN crm ON crm.email LIKE i.value || ''%''', 'SELECT FROM s.identifier AS i JOIN crm ON i.value ~ crm.email',
  'SELECT FROM s.identifier WHERE value LIKE ''a%'' ORDER BY value', 'SELECT min(type), max(value) FROM s.customer_identifier', 'SELECT FROM s.identifier WHERE (type, value) > (''email'', ''k'')']) AS statement;

-- Indexes of either side, with whatever one begins
CREATE FUNCTION pg_temp.plan(statement text) RETURNS text LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE line text; result text = '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
    result := result || line || E'\n';
  END LOOP;
  RETURN result;
END $$;
SELECT matches(pg_temp.plan(statement), sought, statement) FROM (VALUES
  ('SELECT FROM s.identifier WHERE type = ''email'' AND value = ''1@example.com''', 'type = .*value = '), ('SELECT FROM s.customer_identifier WHERE type = ''email'' AND value = ''1@example.com''', 'type = .*value = '),
  ('SELECT FROM s.identifier WHERE type = ''email'' AND value LIKE ''1@%''', 'value ~>=~'), ('SELECT FROM s.source WHERE source = ''crm''', 'source_source_idx'),
  ('SELECT FROM crm JOIN s.identifier AS i ON i.type = ''email'' AND i.value = crm.email WHERE crm.contact = 7', 'type = .*value = crm.email'),
  ('SELECT FROM crm JOIN s.customer_identifier AS i ON i.type = ''email'' AND i.value = crm.email WHERE crm.contact = 7', 'type = .*value = crm.email'),
  ('SELECT FROM crm JOIN s.identifier AS i ON i.value = crm.email WHERE i.type = ''email'' AND i.id = 7', 'Index Cond: \(email = i.value'),
  ('SELECT FROM crm JOIN s.customer_identifier AS i ON i.value = crm.email WHERE i.type = ''email'' AND i.profile_id = 7', 'Index Cond: \(email = i.*value'),
  ('SELECT FROM crm JOIN s.customer_identifier AS i ON i.value = crm.german WHERE i.type = ''email'' AND i.profile_id = 7', 'Index Cond: \(german = .*value'),
  ('SELECT FROM crm JOIN s.customer_identifier AS i ON i.value = crm.folded WHERE i.type = ''email'' AND i.profile_id = 7', 'Index Cond: \(folded = .*value')) AS v (statement, sought);

-- No index of a space depends on the order of a locale but that of the few types; no column can be made to take two values for one.
SELECT set_eq($$SELECT x.indexrelid::regclass::text FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indrelid AND c.relnamespace = 's'::regnamespace
  CROSS JOIN unnest(x.indcollation::oid[], x.indclass::oid[]) AS k (coll, class) JOIN pg_opclass AS o ON o.oid = k.class
  WHERE k.coll <> 0 AND k.coll <> '"C"'::regcollation AND o.opcname <> 'text_pattern_ops'$$, ARRAY['s.identifier_type_pkey'], 'indexes in the order of their bytes');
SELECT throws_ok('ALTER TABLE s.identifier ALTER COLUMN value TYPE text COLLATE whatever', '0A000', NULL, 'a column that takes two values for one is refused');
SELECT * FROM finish();
ROLLBACK;
