-- Contracts of segment: SQLSTATEs with token, place and hint; NULLs; volatility; resolution; hostile input.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS cdp;
SELECT no_plan();

\ir common/complaint.sql

SELECT is(pg_temp.complaint(rule), complaint, 'complaint about ' || left(split_part(rule, E'\n', 1), 40)) FROM (VALUES
  ('', '42601 | syntax error at end of segment | Line 1, column 1 of the segment. | Expected a condition on an attribute, such as country = "TR".'),
  ('country = TR', '42601 | syntax error in segment at or near "TR" | Line 1, column 11 of the segment. | Strings are in double quotes: "TR".'),
  (E'a = 1\n  and b betwen 1 and 2', '42601 | syntax error in segment at or near "betwen" | Line 2, column 9 of the segment. | Perhaps you meant "between".'),
  ('a within last 3 dyas', '42601 | syntax error in segment at or near "dyas" | Line 1, column 17 of the segment. | Perhaps you meant "days".'),
  ('frehsness(a) < 1 day', '42601 | unknown function "frehsness" in segment | Line 1, column 1 of the segment. | Perhaps you meant "freshness".'),
  ('"ğ" = 1', '42601 | syntax error in segment at or near ""ğ"" | Line 1, column 1 of the segment. | Expected a condition on an attribute, such as country = "TR".'),
  ('a = "ğ" b', '42601 | syntax error in segment at or near "b" | Line 1, column 9 of the segment. | Expected the end of the segment, "and" or "or".'),
  ('a = null', '42601 | syntax error in segment at or near "null" | Line 1, column 5 of the segment. | There is no null: write "is unknown" or "is known".'),
  ('a == 1', '42601 | syntax error in segment at or near "==" | Line 1, column 3 of the segment. | Perhaps you meant "=".'),
  ('a = "x', '42601 | unterminated string in segment | Line 1, column 5 of the segment. | A string ends with a double quote.'),
  ('a = "\u0000"', '42601 | invalid escape sequence in segment: "\u0000" | Line 1, column 6 of the segment. | The character U+0000 cannot be part of text.'),
  ('a = 1e200000', '42601 | number out of range in segment | Line 1, column 5 of the segment. | A number has at most 131072 digits before and 16383 digits after the decimal point.'),
  ('freshness(a) < 1 month', '42601 | syntax error in segment at or near "1 month" | Line 1, column 16 of the segment. | Months and years differ in length: compare freshness with minutes, hours, days or weeks.'),
  (repeat('(', 1001) || 'a = 1' || repeat(')', 1001), '54001 | segment is nested too deeply | A segment is nested at most 1000 levels deep.'),
  (repeat('not ', 250000), '54001 | segment is nested too deeply | A segment is nested at most 1000 levels deep.'),
  (repeat('(', 1048576), '54001 | segment is nested too deeply | A segment is nested at most 1000 levels deep.'),
  (repeat(' ', 1048577), '54000 | segment is too long | The canonical text of a segment is at most 1 MB long, its stored form 8 MB.'),
  ('a in (' || (SELECT string_agg('1e' || 131000 + i, ',') FROM generate_series(1, 20) AS i) || ')', '54000 | segment is too long | The canonical text of a segment is at most 1 MB long, its stored form 8 MB.'),
  (repeat('not ', 1000) || 'a = 1', 'accepted')) AS r (rule, complaint);
SELECT throws_ok(format('SELECT %L::cdp.segment', repeat('x', 100000000)), '54000', NULL, '100 MB of text');

-- Bytes from outside
CREATE TEMPORARY TABLE rule ON COMMIT DROP AS
SELECT 'a = 1 and (b in (1, "x") or not any(c) like "a%") and d from "crm" within last 3 months'::cdp.segment AS rule;
SELECT is(rule::bytea::cdp.segment, rule, 'stored form round trip') FROM rule;
CREATE FUNCTION pg_temp.state_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE;
END $$;
SELECT is(string_agg(DISTINCT pg_temp.state_of(format('SELECT %L::bytea::cdp.segment', substr(rule::bytea, 1, n))), ','), '22P03', 'every truncation')
FROM rule, generate_series(0, length(rule::bytea) - 1) AS n;
SELECT is((SELECT count(*) FROM (SELECT pg_temp.state_of(format('SELECT %L::bytea::cdp.segment::text::cdp.segment', set_byte(rule::bytea, n, b))) AS state
           FROM rule, generate_series(0, length(rule::bytea) - 1) AS n, generate_series(0, 255, 15) AS b) AS s
           WHERE state NOT IN ('accepted', '22P03', '0A000')), 0::bigint, 'changed bytes are refused, or another rule');
SELECT throws_ok($$SELECT '\xc5020000'::bytea::cdp.segment$$, '22P03');
SELECT throws_ok(format('SELECT %L::bytea::cdp.segment', set_byte(rule::bytea, 1, 2)), '0A000') FROM rule;
SELECT throws_ok(format('SELECT %L::bytea::cdp.segment', set_byte(rule::bytea, 2, 8)), '0A000') FROM rule;
SELECT throws_ok($$SELECT ''::bytea::cdp.segment$$, '22P03');
SELECT is(cdp.segment_send('a  =  "ş"'), '\x01'::bytea || convert_to('a = "ş"', 'UTF8'), 'binary form');

-- NULL in every argument position
SELECT is(NULL::text::cdp.segment, NULL, 'NULL text');
SELECT is(NULL::varchar::cdp.segment, NULL, 'NULL varchar');
SELECT is(NULL::bpchar::cdp.segment, NULL, 'NULL bpchar');
SELECT is(NULL::bytea::cdp.segment, NULL, 'NULL bytea');
SELECT is(NULL::cdp.segment::bytea, NULL, 'NULL segment to bytea');
SELECT is(NULL::cdp.profile @@ 'a = 1', NULL, 'NULL profile');
SELECT is('{}'::cdp.profile @@ NULL::cdp.segment, NULL, 'NULL segment');
SELECT is('a = 1'::cdp.segment @@ NULL::cdp.profile, NULL, 'exchanged, NULL profile');
SELECT is(NULL::cdp.segment @@ '{}'::cdp.profile, NULL, 'exchanged, NULL segment');
SELECT is(cdp.matches(NULL, 'a = 1'), NULL, 'matches, NULL profile');
SELECT is(cdp.matches('{}', NULL), NULL, 'matches, NULL segment');
SELECT is(cdp.matches(NULL, 'a = 1', now()), NULL, 'matches as of, NULL profile');
SELECT is(cdp.matches('{}', NULL, now()), NULL, 'matches as of, NULL segment');
SELECT is(cdp.matches('{}', 'a = 1', NULL), NULL, 'matches as of NULL');
SELECT is_empty($$SELECT cdp.explain(NULL, 'a = 1', now())$$, 'explain, NULL profile');
SELECT is_empty($$SELECT cdp.explain('{}', NULL, now())$$, 'explain, NULL segment');
SELECT is_empty($$SELECT cdp.explain('{}', 'a = 1', NULL)$$, 'explain, NULL as_of');
SELECT is(cdp.attributes_used(NULL), NULL, 'attributes_used(NULL)');
SELECT is(cdp.events_used(NULL), NULL, 'events_used(NULL)');
SELECT is(cdp.events_used('a = 1'), '{}', 'a rule without events');
SELECT is(NULL::cdp.segment & 'a = 1', NULL, 'NULL & rule');
SELECT is('a = 1'::cdp.segment & NULL, NULL, 'rule & NULL');
SELECT is(NULL::cdp.segment | 'a = 1', NULL, 'NULL | rule');
SELECT is('a = 1'::cdp.segment | NULL, NULL, 'rule | NULL');
SELECT is(! NULL::cdp.segment, NULL, '! NULL');
SELECT is(NULL::cdp.segment = 'a = 1', NULL, 'NULL = rule');

-- Unknown is false, never NULL
SELECT is('{}'::cdp.profile @@ 'a = 1', false, 'unknown is no match');
SELECT is('{}'::cdp.profile @@ 'not a = 1', false, 'nor is its negation');
SELECT is('{}'::cdp.profile @@ (! 'a = 1'), false, 'nor with the operator');
SELECT is('{}'::cdp.profile @@ 'a is unknown', true, 'is unknown');

SELECT throws_ok($$SELECT cdp.matches('{}', 'a = 1', 'infinity')$$, '22023', 'as_of must be a finite timestamp');
SELECT throws_ok($$SELECT cdp.matches('{}', 'a = 1', '-infinity')$$, '22023', 'as_of must be a finite timestamp');
SELECT throws_ok($$SELECT cdp.explain('{}', 'a = 1', 'infinity')$$, '22023', 'as_of must be a finite timestamp');

-- Events that are kept elsewhere: an error in whatever order the rule is evaluated
SELECT throws_ok(format('SELECT cdp.%s(cdp.detach(%L), %L, now())', function, '{}', rule), '22023', 'segment reads events, but those of the profile are kept elsewhere')
FROM (VALUES ('matches'), ('explain')) AS f (function), (VALUES ('did("x")'), ('a is unknown or count("x") > 1'), ('a is known and first("x") is known')) AS r (rule);
SELECT ok(cdp.detach('{}') @@ 'a is unknown and not has identifier("x")', 'a detached profile without a question about events');
SELECT throws_ok($$SELECT '{}'::cdp.profile @@ 'a = 1 or'::text$$, '42601', 'syntax error at end of segment');
SELECT throws_ok(format('SELECT (! %L::cdp.segment)', repeat('not ', 1000) || 'a = 1'), '54001');

-- Volatility: refused where a changing answer would be stored
SELECT throws_ok($$CREATE TEMPORARY TABLE t (p cdp.profile, m bool GENERATED ALWAYS AS (p @@ 'a = 1') STORED)$$, '42P17');
SELECT lives_ok($$CREATE TEMPORARY TABLE t (p cdp.profile, m bool GENERATED ALWAYS AS (cdp.matches(p, 'a = 1', '2026-01-01 00:00+00')) STORED)$$);
SELECT is(string_agg(concat(provolatile, proparallel, proisstrict), ',' ORDER BY pronargs, proname), 'sst,sst,ist', 'volatility of matches')
FROM pg_proc WHERE pronamespace = 'cdp'::regnamespace AND proname IN ('matches', 'matched_by');
SELECT is((SELECT string_agg(oprname || ' ' || oprleft::regtype || ' ' || oprright::regtype || ' ' || coalesce(nullif(oprnegate, 0)::regoperator::text, 'no negator'), ', ' ORDER BY oprleft::regtype::text)
           FROM pg_operator WHERE oprname = '@@' AND 'cdp.segment'::regtype IN (oprleft, oprright)),
          '@@ cdp.profile cdp.segment no negator, @@ cdp.segment cdp.profile no negator', '@@ has no negator');
SELECT is((SELECT string_agg(DISTINCT castsource::regtype || castcontext::text COLLATE "C", ',' ORDER BY castsource::regtype || castcontext::text COLLATE "C") FROM pg_cast WHERE casttarget = 'cdp.segment'::regtype),
          'byteae,character varyingi,characteri,jsonbe,texti', 'implicit casts are from text alone');
SELECT is((SELECT count(*) FROM pg_cast WHERE castsource = 'cdp.segment'::regtype AND castcontext <> 'e'), 0::bigint, 'nothing casts implicitly from segment');

-- Resolution with an empty path
CREATE FUNCTION pg_temp.nowhere(statement text) RETURNS bool LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE result bool;
BEGIN
  EXECUTE statement INTO result;
  RETURN result;
END $$;
SELECT ok(pg_temp.nowhere(statement), 'empty search_path: ' || statement) FROM unnest(ARRAY[
  $$SELECT '{}'::cdp.profile @@ 'a is unknown'$$,
  $$SELECT '{}'::cdp.profile @@ 'a is unknown'::pg_catalog.varchar$$,
  $$SELECT '{}'::cdp.profile @@ 'a is unknown'::pg_catalog.bpchar$$,
  $$SELECT 'a is unknown' @@ '{}'::cdp.profile$$,
  $$SELECT '{}'::cdp.profile @@ ANY (ARRAY['a = 1', 'a is unknown']::pg_catalog.text[])$$]) AS statement;

-- How long events are kept
SELECT is(cdp.check_retention('did("a", last 90 days) and b = 1', '90 days'), 'did("a", last 90 days) and b = 1', 'a rule that events are kept for');
SELECT throws_ok($$SELECT cdp.check_retention('b = 1 or count("a", last 91 days) > 2', '3 months')$$, '22023', 'segment looks further back than events are kept');
SELECT throws_ok($$SELECT cdp.check_retention('b = 1', '-1 day')$$, '22023', 'retention must not be negative');
SELECT lives_ok(format('SELECT cdp.check_retention(%L, %L)', 'did("a", last 9999 years)', interval '178000000 years'), 'for ever');
SELECT is(cdp.check_retention(NULL, '1 day'), NULL, 'NULL for NULL');

SELECT * FROM finish();
ROLLBACK;
