-- Identifiers and consents: SQLSTATEs, NULL, limits, and laws on random facts.
BEGIN;
SELECT no_plan();

SELECT throws_ok($$SELECT cdp.identifier(NULL, 'a', 's', now())$$, '22004', 'type of an identifier must not be null', 'NULL type');
SELECT throws_ok($$SELECT cdp.identifier('email', 'a', NULL, now())$$, '22004', NULL, 'NULL source');
SELECT throws_ok($$SELECT cdp.identifier('email', 'a', 's', NULL)$$, '22004', NULL, 'NULL time');
SELECT is(cdp.identifier('email', NULL, 's', now())::text, '{}', 'a NULL value is no identifier');
SELECT throws_ok($$SELECT cdp.consent(NULL, true, 's', now())$$, '22004', 'purpose of a consent must not be null', 'NULL purpose');
SELECT throws_ok($$SELECT cdp.consent('ads', true, NULL, now())$$, '22004', NULL, 'NULL source of a consent');
SELECT throws_ok($$SELECT cdp.consent('ads', true, 's', NULL)$$, '22004', NULL, 'NULL time of a consent');
SELECT is(cdp.consent('ads', NULL, 's', now())::text, '{}', 'neither granted nor withdrawn');
SELECT is(cdp.has_identifier('{}', 'email'), false, 'no identifiers');
SELECT is(cdp.has_identifier('{}', 'email', 'a'), false, 'no such identifier');
SELECT is(cdp.identifier_count('{}', 'email'), 0::bigint, 'none to count');
SELECT is(cdp.has_consent('{}', 'ads', now()), false, 'never granted');
SELECT is(cdp.has_identifier(NULL, 'email'), NULL, 'NULL profile');
SELECT is(cdp.has_consent('{}', 'ads', NULL), NULL, 'as of NULL');
SELECT is_empty($$SELECT * FROM cdp.identifiers('{}')$$, 'identifiers of nobody');
SELECT is_empty($$SELECT * FROM cdp.consents('{}')$$, 'consents of nobody');
SELECT is_empty($$SELECT * FROM cdp.identifiers(NULL)$$, 'identifiers of NULL');
SELECT is(cdp.identifier('', '', '', '-infinity')::text,
          '{"identifiers": {"": [{"value": "", "source": "", "last_seen": "-infinity"}]}}', 'empty texts are texts');

-- What one source said, taken out
SELECT is(cdp.without(p, source => 'crm')::text, cdp.without(q, source => 'crm')::text, 'identifiers and consents go with their source')
FROM (SELECT cdp.observe('{"a": 1}', 'crm', '2026-01-01') || cdp.observe('{"a": 2}', 'web', '2026-01-01') || cdp.identifier('email', 'a', 'web', '2026-01-01')
               || cdp.consent('ads', true, 'web', '2026-01-02') AS q) AS base,
     LATERAL (SELECT q || cdp.identifier('email', 'a', 'crm', '2026-01-03') || cdp.identifier('email', 'b', 'crm', '2026-01-03')
                       || cdp.consent('ads', false, 'crm', '2026-01-03') AS p) AS more;
SELECT is(cdp.without(p, source => 'crm')::text, '{}', 'even when it said nothing else') FROM (SELECT cdp.identifier('email', 'a', 'crm', now()) AS p) AS s;
SELECT is(cdp.without(p, source => 'crm', attribute => 'a')::text, p::text, 'but not with an attribute')
FROM (SELECT cdp.identifier('email', 'a', 'crm', now()) || cdp.consent('ads', true, 'crm', now()) AS p) AS s;
SELECT is((cdp.without(p || cdp.event('view', '2026-01-01'), source => 'crm'))::text, ('{}'::cdp.profile || cdp.event('view', '2026-01-01'))::text, 'events stay')
FROM (SELECT cdp.observe('{"a": 1}', 'crm', '2026-01-01') AS p) AS s;

-- Text that is nearly right
SELECT throws_ok(format('SELECT %L::cdp.profile', text), '22P02', NULL, text) FROM unnest(ARRAY[
  '{"identifiers": []}', '{"identifiers": {"email": {}}}', '{"identifiers": {"email": []}}', '{"identifiers": {"email": [{}]}}',
  '{"identifiers": {"email": [{"value": 1, "source": "s", "last_seen": "2026-01-01"}]}}',
  '{"identifiers": {"email": [{"value": "a", "source": "s", "last_seen": "2026-01-01", "first_seen": "2026-01-02"}]}}',
  '{"identifiers": {"email": [{"value": "a", "source": "s", "last_seen": "soon"}]}}',
  '{"identifiers": {"email": [{"value": "a", "source": "s", "last_seen": "2026-01-01", "times": 2}]}}',
  '{"consents": {"ads": [{"granted": 1, "source": "s", "at": "2026-01-01"}]}}',
  '{"consents": {"ads": [{"granted": true, "at": "2026-01-01"}]}}',
  '{"consents": {"ads": [{"granted": true, "source": "s", "at": "2026-01-01", "by": "me"}]}}']) AS text;

-- Limits
CREATE TEMP TABLE many AS SELECT cdp.identifier('device', i::text, 's' || i % 3, to_timestamp(i)) AS p, i FROM generate_series(1, 70000) AS i;
SELECT is((SELECT array_agg(d.value ORDER BY d.value COLLATE "C") FROM cdp.identifiers((SELECT cdp.rollup(p) FROM many)) AS d),
          (SELECT array_agg(value) FROM (SELECT i::text AS value FROM many ORDER BY i::text COLLATE "C" LIMIT 100) AS v), 'of 70000 identifiers the least 100 are kept');
SELECT is((SELECT cdp.rollup(p ORDER BY random()) FROM (SELECT cdp.rollup(p ORDER BY random()) AS p FROM many GROUP BY i % 7) AS parts)::text,
          (SELECT cdp.rollup(p ORDER BY i DESC) FROM many)::text, 'the same ones in any order and grouping');
SELECT is((SELECT cdp.rollup(p) FROM many WHERE i <= 100) || cdp.identifier('device', '0', 's1', 'epoch'),
          (SELECT cdp.rollup(p) FROM many WHERE i < 99 OR i = 100) || cdp.identifier('device', '0', 's1', 'epoch'), 'a lesser one takes the place of the greatest');
SELECT is((SELECT cdp.identifier_count(('{"identifiers": {"device": [' || string_agg(format('{"value": "%s", "source": "s", "last_seen": "2026-01-01"}', i), ',') || ']}}')::cdp.profile, 'device') FROM many),
          100::bigint, 'of those in text, too');
SELECT is((SELECT cdp.identifier_count(cdp.rollup(cdp.identifier('device', i::text, 's', 'epoch') || cdp.identifier('email', i::text, 's', 'epoch')), 'email') FROM generate_series(1, 200) AS i),
          100::bigint, 'of each type');
SELECT ok((SELECT cdp.rollup(cdp.identifier('device', '1', 's' || i, 'epoch')) FROM generate_series(1, 65535) AS i) IS NOT NULL, '65535 sources of an identifier');
SELECT throws_ok($$SELECT cdp.rollup(cdp.identifier('device', '1', 's' || i, 'epoch')) FROM generate_series(1, 65536) AS i$$,
                 '54000', 'profile has too many identifiers', 'one more');
SELECT throws_ok($$SELECT cdp.rollup(cdp.consent('ads', true, 's', to_timestamp(i))) FROM generate_series(1, 65536) AS i$$,
                 '54000', 'profile has too many consents', 'too many consents');
SELECT throws_ok($$SELECT cdp.identifier('device', repeat('x', 600000000), 's', now()) || cdp.identifier('device', repeat('y', 600000000), 's', now())$$,
                 '54000', NULL, 'beyond 1 GB');

-- What rollup gives equals what SQL says of the rows, for 10000 random customers.
\ir common/random.sql
CREATE TEMPORARY TABLE fact ON COMMIT DROP AS
SELECT i, customer, 't' || pg_temp.dice('t' || i, 3) AS type, 'v' || pg_temp.dice('v' || i, 5) AS value, 's' || pg_temp.dice('s' || i, 3) AS source,
       pg_temp.dice('g' || i, 2) = 0 AS granted, pg_temp.instant(customer % 6, i::text) AS at
FROM (SELECT i, i % 10000 AS customer FROM generate_series(1, 120000) AS i) AS drawn;
CREATE INDEX ON fact (customer, type, at);
CREATE TEMPORARY TABLE rolled ON COMMIT DROP AS
SELECT customer, cdp.rollup(cdp.identifier(type, value, source, at) || cdp.consent(type, granted, source, at)) AS profile FROM fact GROUP BY customer;
ANALYZE fact;
ANALYZE rolled;
SELECT is(count(*), 10000::bigint, 'customers') FROM rolled;
SELECT pg_temp.instants_occur('SELECT customer, at FROM fact', 1000);

SELECT pg_temp.same('SELECT customer, i.* FROM rolled, cdp.identifiers(profile) AS i',
                    'SELECT customer, type, value, source, min(at), max(at) AS last FROM fact GROUP BY 1, 2, 3, 4', 90000, 'identifiers of rows');
SELECT pg_temp.same($$SELECT customer, i.* FROM rolled, cdp.identifiers(profile, 't1') AS i$$,
                    $$SELECT customer, type, value, source, min(at), max(at) AS last FROM fact WHERE type = 't1' GROUP BY 1, 2, 3, 4$$, 30000, 'identifiers of a type');
SELECT pg_temp.same('SELECT customer, c.* FROM rolled, cdp.consents(profile) AS c', 'SELECT DISTINCT customer, type, granted, source, at FROM fact', 90000, 'consents of rows');
SELECT is((SELECT count(*) FROM (SELECT (purpose, at) < lag((purpose, at)) OVER (PARTITION BY customer ORDER BY n) AS back FROM rolled, cdp.consents(profile) WITH ORDINALITY AS c (purpose, granted, source, at, n)) AS s WHERE back),
          0::bigint, 'consents in the order of purpose and time');
-- Asked when something happened, a microsecond before, and at the ends of time.
CREATE TEMPORARY TABLE asked ON COMMIT DROP AS
SELECT DISTINCT customer, type, profile, as_of FROM rolled JOIN fact USING (customer), unnest(ARRAY[at, at - interval '1 microsecond', 'infinity', '-infinity']) AS as_of;
SELECT cmp_ok(count(*), '>', 200000::bigint, 'questions of consent') FROM asked;
SELECT is((SELECT count(*) FROM asked WHERE cdp.has_consent(profile, type, as_of) IS DISTINCT FROM coalesce(
             (SELECT granted FROM fact WHERE fact.customer = asked.customer AND fact.type = asked.type AND at <= as_of ORDER BY at DESC, granted LIMIT 1), false)), 0::bigint, 'consent as of any time');
SELECT is((SELECT count(*) FROM rolled, generate_series(0, 3) AS t
           WHERE cdp.identifier_count(profile, 't' || t) IS DISTINCT FROM
             (SELECT count(DISTINCT value) FROM fact WHERE fact.customer = rolled.customer AND fact.type = 't' || t)), 0::bigint, 'counts of identifiers');
SELECT is((SELECT count(*) FROM rolled, generate_series(0, 3) AS t
           WHERE cdp.has_identifier(profile, 't' || t) <> EXISTS (SELECT FROM fact WHERE fact.customer = rolled.customer AND fact.type = 't' || t)), 0::bigint, 'whether there are identifiers');
SELECT is((SELECT count(*) FROM rolled, generate_series(0, 2) AS t, generate_series(0, 5) AS v
           WHERE cdp.has_identifier(profile, 't' || t, 'v' || v) <> EXISTS (SELECT FROM fact WHERE fact.customer = rolled.customer AND fact.type = 't' || t AND value = 'v' || v)), 0::bigint, 'whether there is this one');
SELECT is((SELECT count(DISTINCT p) FROM (
             SELECT (SELECT cdp.rollup(part) FROM (
                       SELECT cdp.rollup(cdp.identifier(type, value, source, at) || cdp.consent(type, granted, source, at)) AS part
                       FROM fact WHERE i <= 12000 GROUP BY hashint4(i * seed) % 7) AS parts)::text AS p
             FROM generate_series(1, 10) AS seed) AS results), 1::bigint, 'any grouping gives the same profile');

SELECT * FROM finish();
ROLLBACK;
