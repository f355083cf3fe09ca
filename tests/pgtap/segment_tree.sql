-- Contracts of rules that refer to others, and of rules as JSON: SQLSTATEs, limits, and that both ways agree.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS cdp;
SELECT no_plan();

SELECT throws_ok(format('SELECT cdp.expand(%L, %L, %L)', rule, names, rules), state, NULL, rule || ' of ' || names)
FROM (VALUES
  ('in segment "x"', '{}', '{}', '42704'),
  ('in segment "x"', '{x}', '{"in segment \"x\""}', '42P19'),
  ('in segment "x"', '{x,y}', '{"not in segment \"y\"","in segment \"x\""}', '42P19'),
  ('a = 1', '{x}', '{}', '22023'),
  ('a = 1', '{x,x}', '{a = 1,a = 2}', '22023'),
  ('a = 1', '{NULL}', '{a = 1}', '22004'),
  ('a = 1', '{x}', '{NULL}', '22004')) AS r (rule, names, rules, state);

-- As much as there may be, and more
CREATE FUNCTION pg_temp.chained(pattern text, count int) RETURNS cdp.segment LANGUAGE sql AS $$
  SELECT cdp.expand('in segment "0"', array_agg(i::text),
                    array_agg(CASE WHEN i < count THEN format(pattern, i + 1) ELSE 'a = 1' END::cdp.segment))
  FROM generate_series(0, count) AS i
$$;
SELECT is(pg_temp.chained('in segment "%s"', 999)::text, 'a = 1', 'a thousand references');
SELECT throws_ok($$ SELECT pg_temp.chained('in segment "%s"', 1001) $$, '54001', NULL, 'more references');
SELECT throws_ok($$ SELECT pg_temp.chained('b = 1 or in segment "%s"', 50000) $$, '54001', NULL, 'a long chain');
SELECT throws_ok($$ SELECT pg_temp.chained('in segment "%s" and not in segment "%1$s"', 100) $$, '54000', NULL, 'doubling');

-- A reference cannot be evaluated, and every way to evaluate says so
SELECT throws_ok(query, '22023', 'segment refers to segment "x"', query) FROM (VALUES
  ($$ SELECT '{}'::cdp.profile @@ 'in segment "x"' $$), ($$ SELECT 'a = 1 and in segment "x"' @@ '{}'::cdp.profile $$),
  ($$ SELECT cdp.matches('{}', 'a is unknown or in segment "x"') $$), ($$ SELECT cdp.matches('{}', 'in segment "x"', '2026-01-01') $$),
  ($$ SELECT cdp.explain('{}', 'in segment "x"', '2026-01-01') $$),
  ($$ SELECT '{}'::cdp.profile @@ ('a = 1'::cdp.segment | 'in segment "x"') $$),
  ($$ SELECT '{}'::cdp.profile @@ !('in segment "x"'::cdp.segment) $$)) AS q (query);
SELECT ok('{}'::cdp.profile @~ 'in segment "x"', 'an index says nothing');
SELECT is('in segment "x"'::cdp.segment::bytea::cdp.segment, 'in segment "x"'::cdp.segment, 'the stored form comes back');
SELECT throws_ok($$ SELECT overlay('in segment "x"'::cdp.segment::bytea PLACING '\x00' FROM 3)::cdp.segment $$, '22P03', NULL, 'a header that lies');

-- JSON: whatever is wrong is said, and with its place
\ir common/complaint.sql
SELECT is(pg_temp.complaint(tree::jsonb), complaint, 'complaint about ' || left(tree, 60)) FROM (VALUES
  ('null', '22P02 | invalid segment in JSON: expected an object | At $. | A rule is an object such as {"attribute": "country", "=": "TR"}.'),
  ('{"any": [{"segment": "x"}, {"atribute": "a", "=": 1}]}', '22P02 | invalid segment in JSON: unknown key "atribute" | At $.any[1]. | Perhaps you meant "attribute".'),
  ('{"count": "a", ">=": "2"}', '22P02 | invalid segment in JSON: expected a number | At $.">=".'),
  ('{"did": "a", "where": {"all": [{"property": "b", "=": {"date": "today"}}]}}', '22P02 | invalid segment in JSON: invalid date | At $.where.all[0]."=".date. | A time is {"timestamp": "2026-01-31T10:00:00Z"} or {"date": "2026-01-31"}.'),
  ('{"attribute": "a", "=": 1e-16000}', 'accepted'),
  (repeat('{"not": ', 1000) || '{"segment": "x"}' || repeat('}', 1000), 'accepted'),
  (repeat('{"not": ', 1001) || '{"segment": "x"}' || repeat('}', 1001), '54001 | segment is nested too deeply | A segment is nested at most 1000 levels deep.'),
  ('{"segment": "' || repeat('x', 1048576) || '"}', '54000 | segment is too long | The canonical text of a segment is at most 1 MB long, its stored form 8 MB.')) AS r (tree, complaint);

-- Every JSON type in every place of a rule: no crash, no error but these
CREATE TEMP TABLE piece AS SELECT p::jsonb FROM unnest(ARRAY['null', 'true', '1', '-1.5', '"a"', '"days"', '[]', '{}', '[1]', '[1, "day"]',
  '{"date": "2026-01-01"}', '{"last": [1, "day"]}', '{"segment": "x"}', '[{"event": "a"}]', '[{"segment": "x"}]']) AS p;
CREATE FUNCTION pg_temp.state_of(tree jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN CASE WHEN tree::cdp.segment::jsonb::cdp.segment = tree::cdp.segment THEN 'same' ELSE 'another' END;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
SELECT bag_hasnt(format($$ SELECT DISTINCT pg_temp.state_of(jsonb_build_object(%L, a.p, %L, b.p)) FROM piece AS a, piece AS b $$, subject, operator),
                 $$ SELECT unnest(ARRAY['another', 'XX000', '42601']) $$, subject || ', ' || operator)
FROM unnest(ARRAY['all', 'not', 'attribute', 'freshness', 'count', 'days_active', 'last', 'funnel', 'sequence', 'segment', 'did']) AS subject,
     unnest(ARRAY['=', 'between', 'in', 'like', 'is', 'within', 'where', 'window', 'modes']) AS operator;

SELECT * FROM finish();
ROLLBACK;
