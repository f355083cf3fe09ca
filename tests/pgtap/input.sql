-- Bad input, whatever the function: NULL in every argument position, text that is nearly valid, deep nesting.
BEGIN;
SELECT no_plan();

-- SQLSTATE and message of a statement; '00000' when it succeeds. What it did is undone.
CREATE FUNCTION pg_temp.outcome(statement text, OUT state text, OUT message text) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RAISE SQLSTATE 'DONE1';
EXCEPTION WHEN SQLSTATE 'DONE1' THEN
  state := '00000';
WHEN OTHERS THEN
  state := SQLSTATE;
  message := SQLERRM;
END $$;

-- NULL in every argument position.
-- A valid argument for each type; where a text means more than text, for each name of an argument.
CREATE TEMPORARY TABLE sample (type regtype, argument text, expression text) ON COMMIT DROP;
INSERT INTO sample VALUES
  ('text', NULL, $$'a = 1'$$), ('text', 'query', $$'SELECT ''a'', ''b'''$$), ('text', 'language', $$'tr'$$), ('text', 'region', $$'TR'$$),
  ('bpchar', NULL, $$'a = 1'$$), ('varchar', NULL, $$'a'$$), ('name', NULL, $$'a'$$), ('text[]', NULL, $$ARRAY['a', NULL]$$),
  ('bool', NULL, 'true'), ('int2', NULL, '1'), ('int4', NULL, '1'), ('int8', NULL, '1'), ('float8', NULL, '0.5'), ('numeric', NULL, '0.5'),
  ('timestamptz', NULL, $$'2026-01-01 00:00+00'$$), ('timestamp', NULL, $$'2026-01-01'$$), ('date', NULL, $$'2026-01-01'$$),
  ('interval', NULL, $$'1 day'$$), ('jsonb', NULL, $$'{"a": 1}'$$), ('jsonb', 'document', $$'{}'$$), ('regclass', NULL, $$'pg_class'$$), ('regtype', NULL, $$'text'$$),
  ('text', 'policy', $$'default first'$$), ('bpchar', 'policy', $$'default first'$$),
  ('bytea', NULL, $$cdp.to_bytes('a = 1')$$),
  ('cdp.profile', NULL, $${"attributes": {"a": [{"value": 1, "source": "s", "last_seen": "2026-01-01"}]}}$$),
  ('text[]', 'names', $$ARRAY['a', 'b']$$), ('cdp.segment[]', NULL, $${a = 1,b = 2}$$), ('jsonb', 'tree', $$'{"segment": "a"}'$$),
  ('text', 'model', $$'linear'$$), ('text[]', 'steps', $$ARRAY['a', 'b']$$), ('text[]', 'modes', $$ARRAY['strict_order']$$),
  ('tstzrange', NULL, $$'[2026-01-01 00:00+00,2026-02-01 00:00+00)'$$),
  ('cdp.timeline', NULL, $${"events": [{"event": "a", "at": "2026-01-15T00:00:00Z", "properties": {"a": 1}}]}$$),
  ('cdp.policy', NULL, 'default first'), ('cdp.segment', NULL, 'a = 1'), ('cdp.components', NULL, '[["1","2"]]'),
  ('cdp.audience', NULL, '{1,2,70000}'), ('int8[]', NULL, $$ARRAY[3,1,2]$$), ('int4[]', NULL, $$ARRAY[3,1,2]$$),
  ('text', 'space', $$'c360'$$), ('text', 'source', $$'default'$$), ('text', 'type', $$'email'$$), ('text', 'level', $$'read'$$), ('text', 'scope', $$'dirty'$$), ('jsonb', 'rules', $$'{"types": {"email": {"priority": 1}}}'$$), ('name', 'role', $$'public'$$),
  ('jsonb', 'identifiers', $$'{"user_id": 1}'$$), ('jsonb[]', NULL, $$ARRAY['{"user_id": 1}'::jsonb]$$), ('timestamptz[]', NULL, $$ARRAY['2026-01-01 00:00+00'::timestamptz]$$),
  ('int8', 'b', '3'), ('int8[]', 'a', 'ARRAY[1]'), ('int8[]', 'b', 'ARRAY[3]'), ('int8[]', 'identifiers', 'ARRAY[1]'), ('int4[]', 'source_id', 'ARRAY[1]'), ('int4[]', 'rule', 'ARRAY[0]');
-- With a change, a decision, and two customers: 1 and 2; 3.
SELECT cdp.create_space('c360') \g /dev/null
SELECT cdp.identify('c360', '{"email": "a@example.com", "user_id": "a"}'), cdp.identify('c360', '{"user_id": "b"}'), cdp.cut('c360', 1, 3, 'no') \g /dev/null
UPDATE sample SET expression = quote_literal(expression) WHERE type::text LIKE 'cdp.%';
INSERT INTO sample SELECT 'cstring', proname, s.expression
FROM pg_proc JOIN sample AS s ON s.type = prorettype AND s.argument IS NULL
WHERE pronamespace = 'cdp'::regnamespace AND pronargs = 1 AND proargtypes[0] = 'cstring'::regtype;

-- Input arguments in order. An argument of type cstring has the name of its function.
CREATE TEMPORARY TABLE argument ON COMMIT DROP AS
SELECT p.oid, p.proname, a.position::int - 1 AS position, a.type::regtype AS type,
       CASE WHEN a.type = 'cstring'::regtype THEN p.proname ELSE p.proargnames[a.position] END AS name
FROM pg_proc AS p, unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (type, position)
WHERE p.pronamespace = 'cdp'::regnamespace AND p.prokind IN ('f', 'a') AND NOT 'internal'::regtype = ANY (p.proargtypes::oid[]);

CREATE TEMPORARY TABLE attempt ON COMMIT DROP AS
SELECT oid, mask, format('SELECT cdp.%I(%s)', proname, string_agg(
         CASE WHEN mask >> position & 1 = 1 THEN 'NULL::' || format_type(type, -1)
              ELSE coalesce((SELECT s.expression || '::' || format_type(s.type, -1) FROM sample AS s WHERE s.type = a.type AND (s.argument = a.name OR s.argument IS NULL)
                             ORDER BY s.argument IS NULL LIMIT 1), 'no_sample') END, ', ' ORDER BY position)) AS call
FROM argument AS a, generate_series(0, 255) AS mask
WHERE mask < 1 << (SELECT pronargs FROM pg_proc WHERE pg_proc.oid = a.oid)
GROUP BY oid, proname, mask;
ALTER TABLE attempt ADD COLUMN state text, ADD COLUMN message text;
UPDATE attempt SET (state, message) = (SELECT o.state, o.message FROM pg_temp.outcome(call) AS o);

SELECT is((SELECT string_agg(DISTINCT type::text, ', ') FROM attempt JOIN argument USING (oid) WHERE call LIKE '%no\_sample%' AND NOT EXISTS (
             SELECT FROM sample AS s WHERE s.type = argument.type)), NULL, 'every type of an argument has a sample');
SELECT cmp_ok((SELECT count(*) FROM attempt), '>', 100::bigint, 'there is something to call');
SELECT is((SELECT string_agg(format('%s: %s %s', call, state, message), E'\n' ORDER BY call) FROM attempt
           WHERE mask = 0 AND state NOT IN ('00000', '42809') AND NOT (call LIKE '%connected\_component\_ids%' AND state = '42804') AND NOT (call LIKE '%create\_space%' AND state = '42P06')
             AND NOT (call LIKE '%add\_links%' AND message LIKE 'the query returns %')),
          NULL, 'no sample is refused');
SELECT is((SELECT string_agg(format('%s: %s %s', call, state, message), E'\n' ORDER BY call) FROM attempt
           WHERE mask > 0 AND state NOT IN ('00000', '22004', '22023', '42809')
             AND NOT (call LIKE '%connected\_component\_ids%' AND state = '42804')),
          NULL, 'NULL anywhere gives a result or says that it must not be null');
SELECT is((SELECT string_agg(DISTINCT proname, ', ') FROM attempt JOIN pg_proc USING (oid) WHERE state = '42809' AND proname !~ '^(profile|timeline|audience)_agg_'),
          NULL, 'only support functions insist on their aggregate');

-- Random changes of valid text: another value, or an error of the data (22), the rule (42601) or a limit (54) that names
-- the type or the token.
CREATE TEMPORARY TABLE valid (type text, value text) ON COMMIT DROP;
INSERT INTO valid VALUES
  ('cdp.profile', '{"keep": 3, "attributes": {"n": [{"value": -1.5e3, "source": "crm", "first_seen": "2025-01-01T00:00:00Z", "last_seen": "2026-01-31T10:20:30.5Z", "times": 3}], "é": [{"value": {"a": [null, true, "\u00e9\\"]}, "source": "s", "last_seen": "infinity"}]}}'),
  ('cdp.profile', (SELECT cdp.profile_agg(jsonb_build_object('a', i), 's' || i % 3, '2026-01-01 00:00+00'::timestamptz + i * interval '1 min')::text FROM generate_series(1, 20) AS i)),
  ('cdp.profile', (SELECT cdp.profile_agg(jsonb_build_object('a', i), 's' || i % 3, '2026-01-01 00:00+00'::timestamptz + i * interval '1 min', 'a sum; group g(b)')::text FROM generate_series(1, 20) AS i)),
  ('cdp.policy', 'declared 2026-01-31T10:00:00Z; default recent ignore empty; country priority(crm, "web shop"); signed_up first as timestamp; group address(city, street) longest'),
  ('cdp.segment', 'country in ("TR", "RS") and not (email is unknown or any(tag) ilike "%x\\_y") and age between 18 and 2.5e1'),
  ('cdp.segment', 'in segment "vip" and funnel("view" where category = "shoes", "cart", within 7 days, strict order) >= 2'),
  ('cdp.segment', 'a from "crm" within last 3 months or freshness(attr("ğ b")) < 2 weeks and c starts with "\u00e9" and d contains any (true, timestamp "2026-01-01 10:00Z")'),
  ('cdp.timeline', (SELECT cdp.keep(cdp.timeline_agg('e' || i % 2, '2026-01-01 00:00+00'::timestamptz + i * interval '1 min', jsonb_build_object('n', i / 4.0, 'é', left('xyz', i % 3)), 'm' || i), 3)::text FROM generate_series(1, 9) AS i)),
  ('cdp.timeline', cdp.cut('{"events": [{"event": "a\"é", "at": "-infinity", "properties": {"x": {"y": [null, true, -1.5e3]}}}, {"event": "b", "at": "infinity"}]}', '2020-01-01 00:00+00')::text),
  ('cdp.components', '[["a","b\"\u00e9"],["c"], ["d" , "ğ\\"]]'),
  ('cdp.audience', '{-70000, 1,2,3,4,5 ,6, 9223372036854775807,400000}');
SELECT is((SELECT count(*) FROM valid WHERE (pg_temp.outcome(format('SELECT %L::%s', value, type))).state <> '00000'), 0::bigint, 'the originals are valid');

-- One to three places: a character dropped, doubled, replaced or put in, or a piece moved.
CREATE FUNCTION pg_temp.mutated(value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  spice text[] := '{"\"","\\","[","]","{","}","(",")",",",":","0","9","-","+",".","e","a","%","_"," ",";","ğ","😀","\u","null","and","or","not","in"}';
  at int;
  piece text;
BEGIN
  FOR i IN 1 .. 1 + (random() * 2)::int LOOP
    at := 1 + (random() * length(value))::int;
    piece := spice[1 + (random() * (cardinality(spice) - 1))::int];
    value := CASE (random() * 5)::int
      WHEN 0 THEN overlay(value PLACING '' FROM at FOR 1)
      WHEN 1 THEN overlay(value PLACING piece FROM at FOR 1)
      WHEN 2 THEN overlay(value PLACING piece FROM at FOR 0)
      WHEN 3 THEN left(value, at) || substr(value, at)
      WHEN 4 THEN left(value, at)
      ELSE left(value, at) || chr(1 + (random() * 150)::int) || substr(value, at + 3) END;
  END LOOP;
  RETURN value;
END $$;
DO 'BEGIN PERFORM setseed(0.25); END';
CREATE TEMPORARY TABLE mutation ON COMMIT DROP AS
SELECT type, m.value, (pg_temp.outcome(format('SELECT %L::%s::text::%2$s', m.value, type))).*
FROM valid, generate_series(1, 3000) AS i, LATERAL (SELECT pg_temp.mutated(value || left(i::text, 0))) AS m (value);
SELECT is((SELECT string_agg(format('%s %s: %s %s', type, value, state, message), E'\n') FROM (SELECT * FROM mutation
           WHERE state !~ '^(00|22|42601|54)' LIMIT 20) AS m), NULL, 'changed text: errors of the data, the rule, or a limit');
SELECT is((SELECT string_agg(format('%s %s: %s %s', type, value, state, message), E'\n') FROM (SELECT * FROM mutation
           WHERE state <> '00000' AND message !~ (type || '|"' || (CASE WHEN type IN ('cdp.segment', 'cdp.policy') THEN '|' || substr(type, 5) ELSE '' END)) LIMIT 20) AS m),
          NULL, 'changed text: errors name the type or the token');
SELECT cmp_ok(count(*) FILTER (WHERE state <> '00000'), '>', 1000::bigint, type || ': many are refused') FROM mutation GROUP BY type ORDER BY type;
SELECT cmp_ok(count(*) FILTER (WHERE state = '00000'), '>', 20::bigint, type || ': some are other values') FROM mutation GROUP BY type ORDER BY type;

-- Huge names
SELECT is((SELECT string_agg(format('%s of %s: %s, %s characters', huge, proname, o.state, length(o.message)), E'\n')
           FROM (SELECT a.oid, a.proname, b.name AS huge, format('SELECT cdp.%I(%s)', a.proname, string_agg(
                   CASE WHEN a.position = b.position THEN 'repeat(''x'', 1000000)' ELSE (SELECT s.expression || '::' || format_type(s.type, -1) FROM sample AS s
                     WHERE s.type = a.type AND (s.argument = a.name OR s.argument IS NULL) ORDER BY s.argument IS NULL LIMIT 1) END, ', ' ORDER BY a.position)) AS call
                 FROM argument AS a JOIN argument AS b USING (oid) WHERE b.type = 'text'::regtype GROUP BY a.oid, a.proname, b.position, b.name) AS h,
             LATERAL pg_temp.outcome(call) AS o
           WHERE length(o.message) > 500 AND o.state <> '42601'), NULL, 'messages don''t repeat them whole');

-- Deep nesting
SELECT throws_ok(format('SELECT %L::cdp.segment', repeat('(', n) || 'a = 1' || repeat(')', n)), state, NULL, n || ' parentheses')
FROM (VALUES (1001, '54001'), (100000, '54001'), (1000000, '54000')) AS v (n, state);
SELECT lives_ok(format('SELECT %L::cdp.segment', repeat('(', 1000) || 'a = 1' || repeat(')', 1000)), '1000 parentheses');
SELECT throws_ok(format('SELECT %L::cdp.segment', repeat('(', 1000000)), '54001', NULL, 'a million parentheses');
SELECT throws_ok(format('SELECT %L::cdp.segment', repeat('a = 1 or not (', 70000)), '54001', NULL, 'operators between them');
SELECT throws_ok($$SELECT ('{"attributes": {"a": [{"value": ' || repeat('[', 1000000))::cdp.profile$$, '54001', NULL, 'a million arrays in a value');
SELECT throws_ok($$SELECT ('{"attributes": {"a": [{"value": ' || repeat('{"a":', 1000000))::cdp.profile$$, '54001', NULL, 'a million objects in a value');
SELECT throws_ok($$SELECT (repeat('[', 1000000) || '"a"')::cdp.components$$, '22P02', NULL, 'a million brackets');
SELECT throws_ok(format($$SELECT cdp.profile_agg(jsonb_build_object('a', %L::jsonb), 's', now())$$, value), '54001', NULL, 'jsonb 6000 deep: ' || left(value, 6))
FROM (VALUES (repeat('[', 6000) || repeat(']', 6000)), (repeat('{"a":', 6000) || '1' || repeat('}', 6000))) AS v (value);
SELECT is(cdp.profile_agg(jsonb_build_object('a', value), 's', now())::text::cdp.profile -> 'a', value, 'jsonb 900 deep')
FROM (SELECT (repeat('[', 900) || repeat(']', 900))::jsonb AS value) AS v GROUP BY value;
SELECT is((SELECT '{}'::cdp.profile -> repeat('a.', 1000000)), NULL, 'a path of a million members');

SELECT * FROM finish();
ROLLBACK;
