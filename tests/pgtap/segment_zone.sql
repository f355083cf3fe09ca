-- Rules in the server's time zones: names, the days of real zones, volatility, plans.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS cdp;
SELECT no_plan();

CREATE FUNCTION pg_temp.zoned(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text;
BEGIN
  RETURN format('a within today in time zone %s', to_json(name))::cdp.segment::text;
EXCEPTION WHEN syntax_error THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
  RETURN message;
END $$;

-- Names
SELECT is(pg_temp.zoned(name), format('a within today in time zone %s', to_json(spelled)), 'zone ' || name) FROM (VALUES
  ('Europe/Istanbul', 'Europe/Istanbul'), ('EUROPE/belgrade', 'Europe/Belgrade'), ('Asia/Tehran', 'Asia/Tehran'),
  ('Asia/Jakarta', 'Asia/Jakarta'), ('UTC', 'UTC'), ('America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'),
  ('Etc/GMT+3', 'Etc/GMT+3'), ('etc/gmt-14', 'Etc/GMT-14'), ('America/Port-au-Prince', 'America/Port-au-Prince')) AS one (name, spelled);
SELECT alike(pg_temp.zoned(name), 'unknown time zone in segment: %', 'no zone: ' || name) FROM (VALUES
  ('UTC+3'), ('EST5EDT'), ('Foo/Bar3'), ('<+03>-3'), ('Etc/GMT+99'), ('Etc/GMT+1AB'), ('Etc/GMT+'), ('Etc/GMT1'), ('Etc/GMT+15'), ('Etc/Foo3'), ('localtime'), ('posix/UTC'), ('right/UTC'), ('../UTC'), ('Europe'),
  ('Europe/Nowhere'), (''), (' UTC'), ('Factory'), ('+03'), ('3'), ('EST5EDT,M3.2.0/2,M11.1.0/2'), (repeat('a', 64)), (repeat('a/', 31) || 'bc'), ('İstanbul')) AS one (name);
SELECT is_empty($$SELECT name FROM pg_timezone_names
  WHERE name !~* '^(posix|right)/|^(localtime|posixrules|Factory)$' AND (name !~ '[0-9+]' OR name ~ '^Etc/') AND pg_temp.zoned(name) LIKE 'unknown%'$$,
  'every zone of the server that has a name is one');

-- Names that are none leave nothing behind.
SELECT sum(total_bytes) AS before FROM pg_backend_memory_contexts WHERE name = 'Timezones' \gset
SELECT is(count(*), 3000::bigint, 'names that are none') FROM generate_series(1, 3000) AS i,
  LATERAL (SELECT cdp.matches_in_zone(cdp.observe(jsonb_build_object('tz', format('Etc/GMT+1A%sB', chr(65 + i % 26) || chr(65 + i / 26 % 26) || chr(65 + i / 676))), 'crm', now()),
    'x within today in time zone attr("tz")', now()) AS matches) AS one WHERE NOT matches;
SELECT ok(sum(total_bytes) <= :before + 100000, 'no memory for names from customers') FROM pg_backend_memory_contexts WHERE name = 'Timezones';

-- Days: by definition the day at an instant is the latest local date that there was up to then.
CREATE TEMP TABLE span AS
  SELECT zone, at::timestamptz FROM (VALUES ('America/Sao_Paulo', '2018-11-04'), ('Asia/Beirut', '2023-03-26'), ('America/Havana', '2023-11-05'),
    ('America/Scoresbysund', '2023-10-29'), ('Pacific/Apia', '2011-12-30'), ('Pacific/Kwajalein', '1993-08-21'), ('Africa/Cairo', '2014-09-26'),
    ('Asia/Gaza', '2022-10-29'), ('Atlantic/Azores', '2023-10-29'), ('Antarctica/Troll', '2023-03-26'), ('Australia/Lord_Howe', '2023-04-02'),
    ('Asia/Tehran', '2022-09-22'), ('Europe/Istanbul', '2016-03-27'), ('America/St_Johns', '2006-10-29'), ('America/Caracas', '2016-05-01'),
    ('Asia/Pyongyang', '2018-05-05'), ('America/Juneau', '1867-10-18'), ('Asia/Manila', '1845-01-01')) AS one (zone, at)
  UNION ALL
  SELECT name, timestamptz '1970-01-01 00:00Z' + (hashtext(name) & 2147483647) / 100000 * interval '1 day' FROM pg_timezone_names
  WHERE name ~ '/' AND name !~ '^(posix|right|SystemV)/' AND hashtext(name) % 3 = 0;
CREATE TEMP TABLE grid AS
  SELECT zone, t, max((t AT TIME ZONE zone)::date) OVER (PARTITION BY zone ORDER BY t) AS day, t > at AS counts
  FROM span, generate_series(at - interval '3 days', at + interval '2 days', interval '15 minutes') AS t;
CREATE TEMP TABLE visitor AS SELECT zone, '{}'::cdp.profile || cdp.timeline_agg('visit', t) AS profile FROM grid GROUP BY zone;
CREATE TEMP TABLE day_visits AS SELECT zone, day + 1 AS day, count(*) AS yesterday FROM grid GROUP BY 1, 2;
CREATE TEMP TABLE asked AS
  SELECT zone, t, today, coalesce(yesterday, 0) AS yesterday
  FROM (SELECT *, count(*) OVER (PARTITION BY zone, day ORDER BY t) AS today FROM grid) AS g LEFT JOIN day_visits USING (zone, day)
  WHERE counts AND extract(epoch FROM t)::bigint / 900 % 5 = 0;
SELECT cmp_ok(count(DISTINCT zone), '>', 100::bigint, 'many zones') FROM asked;
SELECT is_empty($$SELECT zone, t, today FROM asked JOIN visitor USING (zone)
  WHERE NOT cdp.matches_in_zone(profile, format('count("visit", today) = %s in time zone "%s"', today, zone), t)$$, 'days begin and end when they should');
SELECT is_empty($$SELECT zone, t, yesterday FROM asked JOIN visitor USING (zone)
  WHERE NOT cdp.matches_in_zone(profile, format('count("visit", yesterday) = %s in time zone "%s"', yesterday, zone), t)$$, 'and so did the days before');
SELECT is_empty($$SELECT zone, t FROM asked JOIN visitor USING (zone)
  WHERE NOT cdp.matches_in_zone(profile || cdp.observe(jsonb_build_object('tz', zone), 'crm', t),
    format('count("visit", today) = %s and days_active("visit", last 2 calendar days) >= 1 in time zone attr("tz")', today), t)$$, 'the zone of a customer is the same');

-- Far away
SELECT ok(cdp.matches_in_zone('{}'::cdp.profile || cdp.event('visit', at), format('did("visit", this %s) in time zone "%s"', unit, zone), at),
  format('%s of %s in %s', unit, at, zone))
FROM unnest(ARRAY['4713-01-02 BC', '4000-06-01 BC', '0001-01-01 BC', '1800-01-01', '3000-02-28', '9999-12-31', '294276-12-31 23:59:59Z']::timestamptz[]) AS at,
  unnest(ARRAY['day', 'week', 'month', 'year']) AS unit, unnest(ARRAY['America/Adak', 'Pacific/Kiritimati', 'Europe/Istanbul']) AS zone;

-- A zone of the customer's that is none is not known; what needs no days is not the worse for it.
SELECT is(cdp.matches_in_zone(cdp.observe(jsonb_build_object('tz', tz::jsonb, 'a', 1), 'crm', now()), rule, now()), expected, format('%s for %s', rule, tz))
FROM (VALUES
  ('"Europe/Istanbul"', 'not did("visit", today) in time zone attr("tz")', true), ('"utc"', 'not did("visit", today) in time zone attr("tz")', true),
  ('"UTC+3"', 'not did("visit", today) in time zone attr("tz")', false), ('"UTC+3"', 'did("visit", today) or a = 1 in time zone attr("tz")', true),
  ('"/etc/passwd"', 'not did("visit", today) in time zone attr("tz")', false), ('3', 'not did("visit", today) in time zone attr("tz")', false),
  ('null', 'not did("visit", today) in time zone attr("tz")', false), ('"UTC+3"', 'not did("visit", last 3 days) in time zone attr("tz")', true)) AS one (tz, rule, expected);
SELECT is((SELECT string_agg(concat_ws(' ', predicate, value, result), '; ') FROM cdp.explain(cdp.observe('{"tz": "none", "t": 1}', 'crm', now()),
    'count("visit", today) = 0 or t within today in time zone attr("tz")', now())),
  'count("visit", today) = 0 in time zone attr("tz"); t within today in time zone attr("tz")', 'explain shows nothing where nothing can be told');

-- Immutable is what has no zone.
SELECT throws_ok($$SELECT cdp.matches('{}', 'did("visit", today) in time zone "Europe/Istanbul"', now())$$, '0A000', 'segment depends on a time zone');
SELECT throws_ok($$SELECT cdp.matches('{}', 'a = 1 or (b = 2 in time zone attr("tz"))', now())$$, '0A000', 'segment depends on a time zone');
SELECT lives_ok($$SELECT cdp.matches('{}', 'did("visit", today) in time zone "UTC"', now())$$, 'UTC is no zone of the server');
SELECT ok(cdp.matches_in_zone('{}', 'not did("visit", today) in time zone "Europe/Istanbul"', now()), 'the stable form takes all');
SELECT ok('{}'::cdp.profile @@ 'not did("visit", today) in time zone "Europe/Istanbul"', 'as does the operator');
SELECT throws_ok($$SELECT cdp.matches_in_zone('{}', 'a = 1', 'infinity')$$, '22023');
SELECT is(cdp.matches_in_zone(NULL, 'a = 1', now()), NULL, 'NULL for NULL');
SELECT function_privs_are('cdp', 'matches_in_zone', ARRAY['cdp.profile', 'cdp.segment', 'timestamptz'], 'public', ARRAY['EXECUTE']);
SELECT is(cdp.attributes_used('a = 1 or (did("visit", today) in time zone attr("tz")) and (b = 1 in time zone "UTC")'), '{a,b,tz}', 'attributes with time zones are read, too');
SELECT is(cdp.to_bytes(rule)::cdp.segment, rule, 'bytes of a rule in a zone') FROM (VALUES ('a within today in time zone "Asia/Tehran"'::cdp.segment)) AS one (rule);

-- With an index
CREATE TEMP TABLE customer AS SELECT i AS id, cdp.observe(jsonb_build_object('seen', timestamptz '2026-03-01 00:00Z' + i * interval '37 minutes'), 'crm', '2026-03-01', 'seen as timestamp') AS profile
  FROM generate_series(1, 3000) AS i;
CREATE INDEX ON customer USING gin (profile);
ANALYZE customer;
SET LOCAL enable_seqscan = off;
\ir common/plan.sql
SELECT matches(pg_temp.plan($$SELECT FROM customer WHERE cdp.matches_in_zone(profile, 'seen within today in time zone "America/Adak"', '2026-03-20')$$),
  'Bitmap Index Scan on customer_profile_idx', 'matches_in_zone uses an index');
SELECT is(found, expected, format('%s as of %s by index', rule, as_of))
FROM unnest(ARRAY['2026-03-08 11:00Z', '2026-03-20 03:00Z', '2026-03-31 23:00Z', '2026-04-01 05:00Z', '2026-05-17 10:30Z']::timestamptz[]) AS as_of,
  unnest(ARRAY['seen within today', 'seen within this month', 'seen within previous week', 'seen within next 2 calendar days', 'seen within last 1 month', 'seen within since date "2026-03-29"']) AS window_of,
  unnest(ARRAY['America/Adak', 'Pacific/Kiritimati', 'Europe/Istanbul']) AS zone,
  LATERAL (SELECT format('%s in time zone "%s"', window_of, zone)::cdp.segment) AS one (rule),
  LATERAL (SELECT count(*) FROM customer WHERE cdp.matches_in_zone(profile, rule, as_of)) AS by_index (found),
  LATERAL (SELECT count(*) FILTER (WHERE cdp.matches_in_zone(profile, rule, as_of)) FROM customer) AS by_row (expected);
SELECT * FROM finish();
ROLLBACK;
