-- What is known of a customer already is taken in without the executor: nothing may tell.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql
\ir common/sound.sql

SELECT cdp.create_space('s') \g /dev/null
CREATE FUNCTION pg_temp.see(plan text, step int DEFAULT 0, person text DEFAULT 'ana') RETURNS bigint LANGUAGE sql AS $$
  SELECT cdp.identify('s', jsonb_build_object('anonymous_id', 'a-' || person, 'email', person || '@example.com'), jsonb_build_object('plan', plan),
    at => '2026-01-01'::timestamptz + step * interval '1 s') $$;
CREATE FUNCTION pg_temp.plan() RETURNS text LANGUAGE sql AS $$SELECT profile ->> 'plan' FROM s.profile WHERE profile_id = 1$$;
CREATE FUNCTION pg_temp.page(ctid tid) RETURNS bigint LANGUAGE sql AS $$SELECT split_part(trim('()' FROM ctid::text), ',', 1)::bigint$$;
SELECT pg_temp.see('free') \g /dev/null
SELECT is(pg_temp.see('pro', 1), 1::bigint, 'the customer');
SELECT is(pg_temp.plan(), 'pro', 'what was said last');
SELECT is((SELECT array_agg(profile ->> 'plan') FROM s.part), '{pro}', 'the part');
SELECT pg_temp.see('old', -1) \g /dev/null
SELECT is(pg_temp.plan(), 'pro', 'what was said before');
SELECT is((SELECT first_seen FROM s.link), '2025-12-31 23:59:59Z'::timestamptz, 'earlier evidence is none that is known');

-- Indexes, as rows move from page to page, and values out of line.
CREATE INDEX ON s.profile (left(profile ->> 'plan', 50));
CREATE INDEX ON s.profile USING gin (profile);
SELECT count(pg_temp.see((SELECT string_agg(md5(i::text || j::text), '') FROM generate_series(1, 1 + i * 2) AS j), i)) FROM generate_series(2, 60) AS i \g /dev/null
SELECT pg_temp.see('last', 61) \g /dev/null
SELECT cmp_ok(pg_temp.page(ctid), '>', 0::bigint, 'rows have moved') FROM s.profile WHERE profile_id = 1;
SET LOCAL enable_seqscan = off;
SELECT is((SELECT profile_id FROM s.profile WHERE left(profile ->> 'plan', 50) = 'last'), 1::bigint, 'found by an index');
SELECT is((SELECT count(*) FROM s.profile WHERE left(profile ->> 'plan', 50) = 'pro'), 0::bigint, 'not as before');
SELECT is((SELECT count(*) FROM s.part WHERE anchor = 2), 1::bigint, 'the part by its index');
RESET enable_seqscan;
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound');

-- Events of a batch.
SELECT results_eq($$SELECT status, profile_id FROM cdp.ingest('s', (SELECT jsonb_agg(jsonb_build_object('type', 'track', 'event', 'Bought', 'messageId', 'm' || i, 'anonymousId', 'a-ana',
  'context', '{"traits": {"email": "ana@example.com"}}'::jsonb)) FROM generate_series(1, 3) AS i))$$, $$SELECT 'stored', 1::bigint FROM generate_series(1, 3)$$, 'a batch');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound after it');

-- What only the executor does.
CREATE TABLE pg_temp.seen (what text);
CREATE FUNCTION pg_temp.note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO pg_temp.seen VALUES (TG_TABLE_NAME || ' ' || TG_LEVEL); RETURN NULL; END$$;
CREATE TRIGGER note AFTER UPDATE ON s.part FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
CREATE TRIGGER note AFTER UPDATE ON s.profile FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.note();
SELECT pg_temp.see('basic', 70) \g /dev/null
SELECT is((SELECT array_agg(DISTINCT what ORDER BY what) FROM pg_temp.seen), '{part ROW,profile STATEMENT}', 'triggers');
DROP TRIGGER note ON s.part;
DROP TRIGGER note ON s.profile;
SELECT pg_temp.see('basic', 71) \g /dev/null
ALTER TABLE s.profile ADD COLUMN plan text GENERATED ALWAYS AS (profile ->> 'plan') STORED;
SELECT pg_temp.see('gold', 72) \g /dev/null
SELECT is((SELECT plan FROM s.profile WHERE profile_id = 1), 'gold', 'generated columns');
ALTER TABLE s.profile DROP COLUMN plan;
ALTER TABLE s.profile ADD CONSTRAINT no_secret CHECK (profile ->> 'plan' <> 'secret');
SELECT throws_ok($$SELECT pg_temp.see('secret', 73)$$, '23514', NULL, 'constraints');
ALTER TABLE s.profile DROP CONSTRAINT no_secret;
ALTER TABLE s.profile ADD CONSTRAINT few CHECK (members < 100);
SELECT lives_ok($$SELECT pg_temp.see('silver', 74)$$, 'constraints of other columns');

CREATE ROLE cdp_test_writer;
SELECT cdp.grant_space('s', 'cdp_test_writer', 'write') \g /dev/null
ALTER TABLE s.part ENABLE ROW LEVEL SECURITY;
CREATE POLICY no_secret ON s.part USING (true) WITH CHECK (profile ->> 'plan' <> 'secret');
SET LOCAL ROLE cdp_test_writer;
SELECT throws_ok($$SELECT pg_temp.see('secret', 75)$$, '42501', NULL, 'row security');
SELECT lives_ok($$SELECT pg_temp.see('open', 75)$$, 'what it lets pass');
RESET ROLE;
ALTER TABLE s.part DISABLE ROW LEVEL SECURITY;
REVOKE UPDATE ON s.part FROM cdp_test_writer;
SET LOCAL ROLE cdp_test_writer;
SELECT throws_ok($$SELECT pg_temp.see('secret', 76)$$, '42501', 'permission denied for table part', 'rights');
RESET ROLE;
SELECT is(pg_temp.plan(), 'open', 'of which nothing is left');
SELECT throws_ok($$SET LOCAL transaction_read_only = on; SELECT pg_temp.see('secret', 77)$$, '25006', NULL, 'a transaction that only reads');
SELECT is_empty($$SELECT pg_temp.broken('s')$$, 'sound at the end');

-- What docs/operations.md says of subtransactions.
SELECT cdp.create_space('numbers') \g /dev/null
CREATE FUNCTION pg_temp.seen(n int) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_build_object('email', n || '@example.com', 'user_id', n)$$;
CREATE FUNCTION pg_temp.numbers(since int) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(DISTINCT xmin::text) FROM numbers.part WHERE part_id >= since AND xmin <> pg_current_xact_id()::xid $$;
SELECT cdp.identify('numbers', pg_temp.seen(n)) FROM generate_series(1, 5) AS n \g /dev/null
SELECT is(pg_temp.numbers(1), 5::bigint, 'one for each who is new');
SELECT cdp.identify('numbers', pg_temp.seen(n), '{"a": 1}') FROM generate_series(1, 5) AS n \g /dev/null
SELECT is(pg_temp.numbers(1), 0::bigint, 'none for who is known');
SELECT cdp.identify_many('numbers', array_agg(pg_temp.seen(n))) FROM generate_series(6, 105) AS n \g /dev/null
SELECT is(pg_temp.numbers(6), 1::bigint, 'one for many');

-- Unique indexes of one's own that have some of the rows only.
CREATE UNIQUE INDEX ON numbers.profile (cluster_id) WHERE members > 100;
CREATE UNIQUE INDEX ON numbers.identifier (type, value) WHERE blocked;
CREATE UNIQUE INDEX ON numbers.part (source_id, identifiers) WHERE part_id < 0;
SELECT is(cdp.identify('numbers', pg_temp.seen(1), '{"b": 2}'), cdp.lookup('numbers', 'email', '1@example.com'), 'known by the index that has all');
SELECT is(cdp.identify('numbers', '{"email": "1@example.com", "phone": "+905321234567"}'), cdp.lookup('numbers', 'email', '1@example.com'), 'and locked by it');
SELECT is(cdp.value(profile, 'b'), '2', 'and written') FROM numbers.profile WHERE profile_id = cdp.lookup('numbers', 'email', '1@example.com');

-- How statements of the space are planned doesn't reach what triggers run.
CREATE TEMPORARY TABLE told (seqscan text, plan text);
CREATE FUNCTION pg_temp.tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  plan text;
BEGIN
  EXECUTE 'EXPLAIN SELECT * FROM told' INTO plan;
  INSERT INTO told VALUES (current_setting('enable_seqscan'), plan);
  RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON numbers.link FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.tell();
SELECT cdp.identify('numbers', '{"email": "1@example.com", "phone": "+905321234568"}') \g /dev/null
SELECT results_eq($$SELECT seqscan, plan LIKE 'Seq Scan%', plan LIKE '%rows=10000 %' FROM told$$, $$VALUES ('on', true, false)$$, 'triggers are planned as ever');
DROP TRIGGER tell ON numbers.link;

SELECT * FROM finish();
ROLLBACK;
