-- Events of a profile: SQLSTATEs, NULL, limits, and laws on random customers.
BEGIN;
SELECT no_plan();

SELECT is(('{}'::cdp.profile || NULL::cdp.timeline)::text, NULL, 'profile || NULL');
SELECT is((NULL::cdp.profile || '{}'::cdp.timeline)::text, NULL, 'NULL || timeline');
SELECT is(('{}'::cdp.profile || '{}'::cdp.timeline)::text, '{}', 'nothing attached to nothing');
SELECT is(cdp.detach('{}')::text, '{"detached": true}', 'even who has no events can have them elsewhere');
SELECT is((cdp.detach('{}') || '{}'::cdp.timeline)::text, '{}', 'no events are all of them');
SELECT is((cdp.detach('{}') || '{}'::cdp.profile)::text, '{"detached": true}', 'the mark stays');
SELECT is(cdp.detach(NULL)::text, NULL, 'detach(NULL)');
SELECT is(cdp.is_detached(NULL), NULL, 'is_detached(NULL)');
SELECT is(cdp.timeline(NULL::cdp.profile)::text, NULL, 'timeline(NULL)');
SELECT is_empty($$SELECT * FROM cdp.totals(NULL::cdp.profile)$$, 'totals(NULL)');
SELECT is_empty($$SELECT * FROM cdp.totals(cdp.detach('{}'))$$, 'totals of nothing');
SELECT is(cdp.timeline('{}'::cdp.profile)::text, '{}', 'a profile without events');
SELECT throws_ok($$SELECT cdp.timeline(cdp.detach('{}'))$$, '22023', 'the events of a detached profile are kept elsewhere', 'events that are elsewhere');
SELECT is(pg_typeof('{}'::cdp.profile || '{}')::text, 'cdp.profile', 'a literal is a profile');
SELECT is(('{}'::cdp.profile || '{"cut": "2026-01-01T00:00:00Z"}'::cdp.timeline)::text,
          '{"timeline": {"cut": "2026-01-01T00:00:00Z"}}', 'limits of a timeline are kept without events');

-- Text that is nearly right
SELECT throws_ok(format('SELECT %L::cdp.profile', text), '22P02', NULL, text) FROM unnest(ARRAY[
  '{"detached": false}', '{"detached": 1}', '{"timeline": []}', '{"timeline": {"events": [{"event": "a"}]}}', '{"totals": []}',
  '{"totals": {"a": {"count": 0, "first": "2026-01-01", "last": "2026-01-01"}}}',
  '{"totals": {"a": {"count": 1, "first": "2026-01-02", "last": "2026-01-01"}}}',
  '{"totals": {"a": {"count": 1, "last": "2026-01-01"}}}',
  '{"totals": {"a": {"count": 1, "first": "2026-01-01", "last": "2026-01-01", "sums": {"b": {"sum": 1, "count": 2}}}}}',
  '{"totals": {"a": {"count": 1, "first": "2026-01-01", "last": "2026-01-01", "sums": {"b": {"sum": "1", "count": 1}}}}}',
  '{"totals": {"a": {"count": 1, "first": "2026-01-01", "last": "2026-01-01", "mean": 1}}}']) AS text;
SELECT is('{"totals": {"a": {"count": 1, "first": "2026-01-01", "last": "2026-01-01"}}}'::cdp.profile::text,
          '{"totals": {"a": {"count": 1, "first": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:00:00Z"}}, "detached": true}',
          'totals are of events that are elsewhere');

-- Limits
SELECT throws_ok($$SELECT cdp.detach('{}'::cdp.profile || cdp.timeline_agg('e' || i, 'epoch')) FROM generate_series(1, 65536) AS i$$,
                 '54000', 'profile has too many totals', 'too many totals');
SELECT is((SELECT count FROM cdp.totals(p || p)), 9223372036854775807, 'counts stop at the greatest bigint')
FROM (VALUES ('{"totals": {"a": {"count": 9000000000000000000, "first": "2026-01-01", "last": "2026-01-01"}}}'::cdp.profile)) AS v (p);
SELECT throws_ok($$SELECT p || p FROM (VALUES (
  format('{"totals": {"a": {"count": 1, "first": "2026-01-01", "last": "2026-01-01", "sums": {"b": {"sum": 9e%s, "count": 1}}}}}', 131071)::cdp.profile)) AS v (p)$$,
  '22003', 'sum out of range', 'a sum beyond numeric');

-- Laws, against plain SQL over the same rows of 10000 random customers
\ir common/random.sql
CREATE TEMPORARY TABLE event ON COMMIT DROP AS
SELECT i, customer, 'e' || pg_temp.dice('e' || i, 4) AS name, pg_temp.instant(customer % 6, i::text) AS at,
       CASE pg_temp.dice('p' || i, 3) WHEN 0 THEN '{}' WHEN 1 THEN '{"page": "home"}'
         ELSE jsonb_build_object('amount', CASE pg_temp.dice('x' || i, 20) WHEN 0 THEN '9223372036854775807' WHEN 1 THEN '-1e40' WHEN 2 THEN '1e-30' WHEN 3 THEN CASE i % 50 WHEN 0 THEN '9e131070' WHEN 1 THEN '-1e-16383' ELSE '0' END
                                             ELSE round((pg_temp.dice('a' || i, 20000) - 10000) / 100.0, 2)::text END::numeric) END::jsonb AS properties
FROM (SELECT i, i % 10000 AS customer FROM generate_series(1, 120000) AS i) AS drawn;
CREATE TEMPORARY TABLE customer ON COMMIT DROP AS
SELECT customer, profile, timeline, half, other_half
FROM (SELECT customer, cdp.profile_agg(jsonb_build_object('n', customer), 'crm', '2026-01-01') AS profile
      FROM generate_series(0, 9999) AS customer GROUP BY customer) AS p
JOIN (SELECT customer, cdp.timeline_agg(name, at, properties, i::text) AS timeline,
             cdp.timeline_agg(name, at, properties, i::text) FILTER (WHERE i % 3 = 0) AS half,
             cdp.timeline_agg(name, at, properties, i::text) FILTER (WHERE i % 3 <> 0) AS other_half FROM event GROUP BY customer) AS e USING (customer);
SELECT is((SELECT count(*) FROM customer WHERE half IS NOT NULL AND other_half IS NOT NULL), 10000::bigint, 'there is something to try');
SELECT pg_temp.instants_occur('SELECT customer, at FROM event', 1000);
SELECT cmp_ok(count(*), '>=', at_least, 'there are numbers: ' || number)
FROM (VALUES ('9223372036854775807', 1500::bigint), ('-1e40', 1500), ('1e-30', 1500), ('9e131070', 20), ('-1e-16383', 20)) AS v (number, at_least)
JOIN event ON properties -> 'amount' = number::jsonb GROUP BY number, at_least;
SELECT is((SELECT count(*) FROM customer WHERE (profile || timeline)::text <> (profile || half || other_half)::text), 0::bigint, 'attached in two steps');
SELECT is((SELECT count(*) FROM customer WHERE (cdp.detach(profile || timeline) || timeline)::text <> (profile || timeline)::text), 0::bigint,
          'detached and attached again');
SELECT is((SELECT count(*) FROM customer WHERE (cdp.detach('{}'::cdp.profile || half) || cdp.detach(profile || other_half))::text
             <> cdp.detach(profile || timeline)::text), 0::bigint, 'totals of different events add up');
SELECT is((SELECT count(*) FROM customer WHERE ((profile || timeline) -> 'n') IS DISTINCT FROM to_jsonb(customer)
             OR NOT (profile || timeline) @@ ('n = ' || customer)::cdp.segment), 0::bigint, 'attributes read the same');
SELECT is((SELECT count(*) FROM customer WHERE cdp.is_detached(profile || timeline) OR NOT cdp.is_detached(cdp.detach(profile || timeline))
             OR cdp.timeline(profile || timeline)::text <> timeline::text OR cdp.attach(profile, timeline)::text <> (profile || timeline)::text), 0::bigint, 'what is attached is there, or said to be elsewhere');
SELECT pg_temp.same(
  $$SELECT customer, t.event, t.count, t.first, t.last, (t.sums -> 'amount' ->> 'sum')::numeric AS sum, (t.sums -> 'amount' ->> 'count')::bigint AS numbers
    FROM customer, cdp.totals(CASE customer % 2 WHEN 0 THEN profile || timeline ELSE cdp.detach(profile || timeline) END) AS t$$,
  $$SELECT customer, name, count(*), min(at), max(at), sum((properties ->> 'amount')::numeric), nullif(count(properties -> 'amount'), 0) AS numbers
    FROM event GROUP BY 1, 2$$, 30000, 'totals of rows');

SELECT * FROM finish();
ROLLBACK;
