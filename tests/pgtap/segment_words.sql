-- Every word of the language, misspelt in four ways: the error points at it and names the word, or tells what may stand there.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS cdp;
SELECT no_plan();

CREATE TABLE rule (text text);
INSERT INTO rule VALUES
  ('x = timestamp "2026-01-01T00:00:00Z" and y != date "2026-01-01"'),('x between 1 and 2 or x not between 1 and 2'),('x not in (1)'),('x in (1)'),('x like "a"'),('x ilike "a"'),('x starts with "a"'),
  ('x contains "a"'),('x contains any ("a")'),('x contains all ("a")'),('x is known'),('x is unknown'),('any(x) = 1'),('x from "crm" = 1'),('freshness(x) < 30 days'),('attr("x") = true'),('x = false'),
  ('x within last 30 days'),('x within next 14 minutes'),('x within last 2 hours'),('x within last 2 weeks'),('x within last 2 months'),('x within last 2 years'),('x anniversary within next 7 days'),
  ('x within last 1 day'),('x within last 1 hour'),('x within last 1 minute'),('x within last 1 week'),('x within last 1 month'),('x within last 1 year'),
  ('x within today'),('x within yesterday'),('x within tomorrow'),('x within this week'),('x within previous month'),('x within next year'),('x within last 3 calendar days'),
  ('x within since date "2026-01-01"'),('x within between date "2026-01-01" and date "2026-02-01"'),
  ('did("p")'),('count("p" where a > 1) >= 2'),('sum("p".a) > 1'),('avg("p".a) > 1'),('min("p".a) > 1'),('max("p".a) > 1'),('distinct("p".a) > 1'),('most_frequent("p".a) = 1'),
  ('first("p") within last 3 days'),('last("p") within last 3 days'),('days_active(last 30 days) > 1'),('sequence("a" then "b" within 1 hour then not "c" within 1 day)'),
  ('funnel("a", "b", within 7 days) >= 2'),('funnel("a", "b", within 7 days, strict order) >= 2'),('funnel("a", "b", within 7 days, strict once) >= 2'),('funnel("a", "b", within 7 days, strict deduplication) >= 2'),('funnel("a", "b", within 7 days, strict increase) >= 2'),('funnel("a", "b", within 7 days, strict order, allow reentry) >= 2'),
  ('has identifier("email")'),('identifiers("email") > 1'),('consent("a")'),('in segment "x"'),('not x = 1'),('x is known in time zone "UTC"'), ('x is known in time zone attr("tz")');
SELECT lives_ok(format('SELECT %L::cdp.segment', text), text) FROM rule;

CREATE FUNCTION pg_temp.hint(rule text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text; state text;
BEGIN
  PERFORM rule::cdp.segment;
  RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT, state = RETURNED_SQLSTATE;
  RETURN state || ' ' || hint;
END $$;
CREATE TABLE wrong AS
SELECT word, misspelt, pg_temp.hint(rule) AS hint
FROM rule, (SELECT) AS _, LATERAL (SELECT DISTINCT m[1] AS word FROM regexp_matches(regexp_replace(text, '"[^"]*"', '""', 'g'), '[a-z_]{3,}', 'g') AS m) AS w,
  LATERAL (VALUES (left(word, -1)), (left(word, 1) || substr(word, 3)), (word || 'x'), (left(word, -2) || right(word, 1) || substr(word, length(word) - 1, 1))) AS how (misspelt),
  LATERAL (SELECT regexp_replace(text, '\m' || word || '\M', misspelt) AS rule) AS r
WHERE misspelt <> word AND misspelt || 's' <> word;
SELECT cmp_ok(count(DISTINCT word), '>=', 70::bigint, 'words') FROM wrong;
SELECT is((SELECT count(*) FROM wrong WHERE hint NOT LIKE '42601 %' AND hint <> 'accepted'), 0::bigint, 'all are syntax errors');
SELECT is_empty($$SELECT word, misspelt, hint FROM wrong WHERE length(word) > 3 AND hint NOT LIKE '42601 Perhaps you meant "' || word || '%".' AND hint NOT LIKE '42601 Expected %"' || word || '%'
  AND word || misspelt <> 'identifiersidentifiesr'$$, 'words of four letters and more are named');
SELECT is_empty($$SELECT word, misspelt, hint FROM wrong WHERE hint !~ '^42601 (Perhaps you meant|Expected|The functions are) ' AND hint <> 'accepted'$$, 'the others have a hint, too');
SELECT is_empty($$SELECT word, misspelt FROM wrong WHERE hint = 'accepted'$$, 'none says something else');

SELECT * FROM finish();
ROLLBACK;
