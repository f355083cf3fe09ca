-- Rules that refer to other rules. docs/segment.md

\set SHOW_CONTEXT never
\pset null '(null)'
SELECT rule::cdp.segment FROM (VALUES ('IN SEGMENT "vip" and segment = 1'), ('not in segment "a\"b"')) AS r (rule);
SELECT 'in segment vip'::cdp.segment;
SELECT 'country in segment "vip"'::cdp.segment;

-- What they expand to
CREATE TABLE definition (name text PRIMARY KEY, segment cdp.segment);
INSERT INTO definition VALUES ('tr', 'country = "TR"'), ('vip', 'tags contains "vip" or sum("purchase".amount) > 1000'),
  ('adults', 'not age < 18'), ('adult vips', 'in segment "vip" and in segment "adults"');
CREATE FUNCTION expanded(rule cdp.segment) RETURNS cdp.segment
  LANGUAGE sql AS 'SELECT cdp.expand(rule, array_agg(name), array_agg(segment)) FROM definition';
SELECT rule, expanded(rule::cdp.segment), cdp.segments_used(rule::cdp.segment) AS uses, cdp.segments_used(expanded(rule::cdp.segment)) AS still FROM (VALUES
  ('a = 1'), ('in segment "tr"'), ('not in segment "vip" and in segment "tr"'), ('in segment "adult vips" or in segment "vip"'),
  ('in segment "tr" and (in segment "adult vips" and in segment "adults")')) AS r (rule);
SELECT cdp.matches(cdp.observe('{"country": "TR"}', 'crm', '2026-03-02'), expanded('in segment "tr"'), '2026-03-03');
SELECT cdp.expand('a = 1', '{}', '{}'), cdp.expand('a = 1', NULL, '{}'), cdp.expand('a = 1', '{}', NULL), cdp.expand(NULL, '{}', '{}');

-- What they do not
SELECT expanded('in segment "adult vip"');
SELECT expanded('in segment "nobody of this name"');
UPDATE definition SET segment = 'in segment "adult vips"' WHERE name = 'adults';
SELECT expanded('in segment "tr" and in segment "adult vips"');
SELECT cdp.expand('in segment "x"', '{x}', '{"in segment \"x\""}');
SELECT cdp.expand('a = 1', '{x,y}', '{a = 1}');
SELECT cdp.expand('a = 1', '{x,NULL}', '{a = 1,b = 1}');
SELECT cdp.expand('a = 1', '{x,y}', '{a = 1,NULL}');
SELECT cdp.expand('a = 1', '{{x},{y}}', '{a = 1,b = 1}');
SELECT cdp.expand('a = 1', '{x,y}', '{{a = 1},{b = 1}}');
SELECT cdp.expand('a = 1', '{x,x}', '{a = 1,b = 1}');
SELECT cdp.expand('a = 1', '{x,x}', '{b = 1,b = 1}');
SELECT cdp.expand('in segment "0"', array_agg(i::text), array_agg(format('in segment "%s" and in segment "%1$s"', i + 1)::cdp.segment)) FROM generate_series(0, 100) AS i;
SELECT cdp.expand('in segment "0"', array_agg(i::text), array_agg(CASE WHEN i < 60 THEN format('in segment "%s" or not in segment "%1$s"', i + 1) ELSE 'a = 1' END::cdp.segment)) FROM generate_series(0, 60) AS i;
SELECT cdp.expand('in segment "0"', array_agg(i::text), array_agg(CASE WHEN i < 20000 THEN format('in segment "%s"', i + 1) ELSE 'a = 1' END::cdp.segment)) FROM generate_series(0, 20000) AS i;

-- A reference is no rule to evaluate, whatever decides the rest
SELECT '{}'::cdp.profile @@ 'in segment "vip"';
SELECT 'a is known and in segment "vip"' @@ '{}'::cdp.profile;
SELECT cdp.matches('{}', 'a is unknown or in segment "vip"', now());
SELECT * FROM cdp.explain('{}', 'in segment "b" or in segment "a"', now());
SELECT index, depth, looks_up FROM cdp.debug_index('a = 1 and in segment "vip"');
SELECT index, depth, looks_up FROM cdp.debug_index('a = 1 or not in segment "vip"');
DROP FUNCTION expanded;
DROP TABLE definition;
