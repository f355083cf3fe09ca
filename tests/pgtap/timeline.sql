-- Timelines against plain SQL over the rows that they are made of; SQLSTATEs and NULL handling.
BEGIN;
SELECT no_plan();
\ir common/random.sql

-- 10000 customers. Times: ties, daylight saving, leap days, far future, before Christ, infinities; numbers: extremes.
DO 'BEGIN PERFORM setseed(0.5); END';
CREATE TEMPORARY TABLE shape ON COMMIT DROP AS
SELECT c AS customer, (random() * 40)::int AS events, (random() * 5)::int AS kind, 1 + (random() * 4)::int AS names FROM generate_series(1, 10000) AS c;
CREATE TEMPORARY TABLE happened ON COMMIT DROP AS
SELECT customer, 'e' || (random() * (names - 1))::int AS event,
       CASE kind
         WHEN 0 THEN timestamptz '2026-01-01' + random() * interval '180 days'
         WHEN 1 THEN timestamptz '2016-03-27 00:00 Europe/London' + (random() * 12)::int * interval '15 minutes'
         WHEN 2 THEN (ARRAY['2024-02-28 12:00', '2024-02-29 00:00', '2024-02-29 23:59:59.999999', '2100-02-28', '2100-03-01', '2000-02-29'])[1 + (random() * 5)::int]::timestamptz
         WHEN 3 THEN (ARRAY['294276-12-31 20:00+00', '4713-01-01 00:00+00 BC', '0044-03-15 00:00+00 BC', '0001-01-01 00:00+00', '1969-12-31 23:59:59.999999+00', 'infinity', '-infinity'])[1 + (random() * 6)::int]::timestamptz
         WHEN 4 THEN date_trunc('day', timestamptz '2026-01-01' + random() * interval '20 days')
         ELSE timestamptz '2026-01-01' + (random() * 20)::int * interval '1 microsecond' END AS at,
       CASE WHEN random() < 0.7 THEN jsonb_strip_nulls(jsonb_build_object(
         'n', CASE (random() * 7)::int WHEN 0 THEN to_jsonb('12'::text) WHEN 1 THEN 'true' WHEN 2 THEN '9223372036854775807' WHEN 3 THEN '-1e40' WHEN 4 THEN '1e-30' WHEN 5 THEN CASE WHEN customer % 500 = 0 THEN '-9e131070' WHEN customer % 500 = 1 THEN '1e-16383' ELSE '0' END::jsonb ELSE to_jsonb(round((random() * 200 - 100)::numeric, (random() * 4)::int)) END,
         'p', CASE WHEN random() < 0.5 THEN (ARRAY['"x"', '{"y": [1, null]}', '7', '""'])[1 + (random() * 3)::int]::jsonb END)) END AS properties,
       CASE WHEN customer % 3 = 0 THEN nullif('m' || (random() * 3)::int, 'm0') END AS message_id
FROM shape, generate_series(1, events);

CREATE TEMPORARY TABLE behaviour ON COMMIT DROP AS
SELECT customer, cdp.timeline_agg(event, at, properties, message_id) AS timeline FROM happened GROUP BY customer;
-- What counts as one event.
CREATE TEMPORARY TABLE fact ON COMMIT DROP AS
SELECT DISTINCT customer, event, at, nullif(properties, '{}') AS properties, message_id FROM happened;
CREATE INDEX ON fact (customer, event);
CREATE INDEX ON happened (customer);
ANALYZE fact, happened, behaviour;
SELECT is((SELECT count(*) FROM behaviour), (SELECT count(DISTINCT customer) FROM happened), 'a timeline for each customer');
SELECT cmp_ok((SELECT count(*) FROM behaviour), '>', 9500::bigint, 'customers');
SELECT cmp_ok((SELECT count(*) FROM happened), '>', (SELECT count(*) + 5000 FROM fact), 'there are duplicates');
SELECT pg_temp.instants_occur('SELECT customer, at FROM fact', 500);
SELECT cmp_ok(count(*), '>=', at_least, 'there are numbers: ' || number)
FROM (VALUES ('9223372036854775807', 5000::bigint), ('-1e40', 5000), ('1e-30', 5000), ('-9e131070', 20), ('1e-16383', 20)) AS v (number, at_least)
JOIN fact ON properties -> 'n' = number::jsonb GROUP BY number, at_least;

SELECT is_empty($$SELECT * FROM (SELECT customer, e.* FROM behaviour, cdp.events(timeline) AS e EXCEPT SELECT * FROM fact) AS s$$, 'events: nothing else');
SELECT is_empty($$SELECT * FROM (SELECT * FROM fact EXCEPT SELECT customer, e.* FROM behaviour, cdp.events(timeline) AS e) AS s$$, 'events: all of them');
SELECT is((SELECT count(*) FROM behaviour, cdp.events(timeline)), (SELECT count(*) FROM fact), 'events: each once');
SELECT is((SELECT count(*) FROM (SELECT at < lag(at) OVER (PARTITION BY customer ORDER BY n) AS back FROM behaviour, cdp.events(timeline) WITH ORDINALITY AS e (event, at, properties, message_id, n)) AS s WHERE back),
          0::bigint, 'events: in order of time');
SELECT is_empty($$SELECT customer, t.* FROM behaviour, cdp.totals(timeline) AS t EXCEPT
                  SELECT customer, event, count(*), min(at), max(at), 0, NULL FROM fact GROUP BY customer, event$$, 'totals');

SELECT is((SELECT count(*) FROM behaviour JOIN (SELECT customer, cdp.rollup(cdp.event(event, at, properties, message_id)) AS events,
               cdp.merge(cdp.timeline_agg(event, at, properties, message_id) FILTER (WHERE hashtext(event || at) % 2 = 0), coalesce(cdp.timeline_agg(event, at, properties, message_id) FILTER (WHERE hashtext(event || at) % 2 <> 0), '{}')) AS merged
             FROM happened GROUP BY customer) AS s USING (customer) WHERE events <> timeline OR merged <> timeline), 0::bigint, 'single events and parts make the same timelines');

-- A window for each customer and event, often with edges where something happened.
CREATE TEMPORARY TABLE asked ON COMMIT DROP AS
SELECT customer, timeline, 'e' || i AS event, tstzrange(least(a, b), greatest(a, b), (ARRAY['[]', '[)', '(]', '()'])[1 + (random() * 3)::int]) AS during, a AS as_of
FROM behaviour AS p, generate_series(0, 4) AS i,
     LATERAL (SELECT CASE WHEN random() < 0.2 THEN NULL ELSE at END AS a FROM happened AS h WHERE h.customer = p.customer AND random() < 0.5 + i * 0 LIMIT 1) AS x,
     LATERAL (SELECT CASE WHEN random() < 0.2 THEN NULL ELSE at + (random() * 2 - 1)::int * interval '1 microsecond' END AS b FROM happened AS h
              WHERE h.customer = p.customer AND isfinite(at) AND at < '294276-01-01' AND at > '4712-01-01 BC' AND random() < 0.5 + i * 0 LIMIT 1) AS y;
SELECT cmp_ok((SELECT count(*) FROM asked), '>', 45000::bigint, 'there is something to ask');

CREATE TEMPORARY TABLE answer ON COMMIT DROP AS
SELECT q.*, f.*
FROM asked AS q, LATERAL (
  SELECT count(*) AS n, min(at) AS first, max(at) AS last, count(x) AS numbers, coalesce(sum(x), 0) AS sum, avg(x) AS avg, min(x) AS min, max(x) AS max
  FROM (SELECT at, CASE WHEN jsonb_typeof(properties -> 'n') = 'number' THEN (properties -> 'n')::numeric END AS x
        FROM fact WHERE fact.customer = q.customer AND fact.event = q.event AND at <@ q.during) AS s) AS f;
SELECT cmp_ok((SELECT count(*) FROM answer WHERE numbers > 1), '>', 5000::bigint, 'there is something to sum');

CREATE FUNCTION pg_temp.close_to(a numeric, b numeric) RETURNS bool LANGUAGE sql AS
  $$SELECT a IS NOT DISTINCT FROM b OR abs(a - b) <= abs(b) * 1e-12 + 1e-12$$;
SELECT is((SELECT count(*) FROM answer WHERE cdp.count(timeline, event, during) IS DISTINCT FROM n OR cdp.frequency(timeline, event, during) IS DISTINCT FROM n
             OR cdp.count_bounds(timeline, event, during) <> int8range(n, n, '[]')), 0::bigint, 'count');
SELECT is((SELECT count(*) FROM answer WHERE cdp.first(timeline, event, during) IS DISTINCT FROM first OR cdp.last(timeline, event, during) IS DISTINCT FROM last), 0::bigint, 'first, last');
SELECT is((SELECT count(*) FROM answer WHERE cdp.sum(timeline, event, 'n', during) IS DISTINCT FROM sum OR cdp.monetary(timeline, event, 'n', during) IS DISTINCT FROM sum), 0::bigint, 'sum');
SELECT is((SELECT count(*) FROM answer WHERE NOT pg_temp.close_to(cdp.avg(timeline, event, 'n', during), avg)), 0::bigint, 'avg');
SELECT is((SELECT count(*) FROM answer WHERE cdp.min(timeline, event, 'n', during) IS DISTINCT FROM min OR cdp.max(timeline, event, 'n', during) IS DISTINCT FROM max), 0::bigint, 'min, max');
-- The server's own subtraction of instants knows intervals of up to 292277 years only.
SELECT is((SELECT count(*) FROM answer AS a WHERE as_of IS NOT NULL AND isfinite(as_of) AND extract(epoch FROM cdp.recency(timeline, event, as_of)) IS DISTINCT FROM
            (SELECT extract(epoch FROM as_of) - extract(epoch FROM max(at)) FROM fact WHERE fact.customer = a.customer AND fact.event = a.event AND at <= as_of HAVING isfinite(max(at)))), 0::bigint, 'recency');
SELECT cmp_ok((SELECT count(*) FROM answer WHERE CASE WHEN isfinite(as_of) THEN cdp.recency(timeline, event, as_of) > interval '106751991 days' END), '>', 10::bigint, 'also of more than 292277 years');
SELECT is(cdp.recency(cdp.event('a', '4713-01-01 00:00+00 BC'), 'a', '294276-12-31 00:00+00'), make_interval(days => date '294276-12-31' - date '4713-01-01 BC'), 'nearly all of time');
SELECT is((SELECT count(*) FROM answer AS a WHERE n > 0 AND NOT EXISTS (
             SELECT FROM fact WHERE fact.customer = a.customer AND fact.event = a.event AND at = first AND properties -> 'p' IS NOT DISTINCT FROM cdp.first_value(timeline, event, 'p', during))
           OR n > 0 AND NOT EXISTS (
             SELECT FROM fact WHERE fact.customer = a.customer AND fact.event = a.event AND at = last AND properties -> 'n' IS NOT DISTINCT FROM cdp.last_value(timeline, event, 'n', during))
           OR n = 0 AND (cdp.first_value(timeline, event, 'p', during) IS NOT NULL OR cdp.last_value(timeline, event, 'n', during) IS NOT NULL)), 0::bigint, 'first_value, last_value');

-- All of time, without and with a window that says so; and after some is folded.
SELECT is((SELECT count(*) FROM answer AS a, unnest(ARRAY[timeline, cdp.keep(timeline, 2), cdp.cut(timeline, as_of)]) AS t,
             LATERAL (SELECT count(*) AS n, min(at) AS first, max(at) AS last, coalesce(sum(x), 0) AS sum FROM (
               SELECT at, CASE WHEN jsonb_typeof(properties -> 'n') = 'number' THEN (properties -> 'n')::numeric END AS x FROM fact WHERE fact.customer = a.customer AND fact.event = a.event) AS s) AS f
           WHERE t IS NOT NULL AND ((cdp.count(t, event), cdp.first(t, event), cdp.last(t, event), cdp.sum(t, event, 'n')) IS DISTINCT FROM (f.n, f.first, f.last, f.sum)
              OR (cdp.count(t, event, '(,)'), cdp.first(t, event, '(,)'), cdp.last(t, event, '(,)'), cdp.sum(t, event, 'n', '(,)')) IS DISTINCT FROM (f.n, f.first, f.last, f.sum))),
          0::bigint, 'all of time is exact, folded or not');

-- What stays and what is folded. Which of several events of one time stay follows from their order, not from SQL's.
CREATE TEMPORARY TABLE ranked ON COMMIT DROP AS SELECT *, row_number() OVER (PARTITION BY customer, event ORDER BY at DESC) AS newest FROM fact;
CREATE TEMPORARY TABLE limited ON COMMIT DROP AS
SELECT customer, timeline, kept, before, cdp.cut(cdp.keep(timeline, kept), before) AS folded
FROM (SELECT customer, timeline, 1 + customer % 4 AS kept, CASE WHEN customer % 3 > 0 THEN pg_temp.instant(customer % 6, customer::text) ELSE '-infinity' END AS before FROM behaviour) AS b;
CREATE INDEX ON limited (customer);
ANALYZE limited;
SELECT pg_temp.same('SELECT customer, t.* FROM limited, cdp.totals(folded) AS t', $$
  SELECT customer, event, count(*), min(at), max(at), count(*) FILTER (WHERE newest > kept OR at < before) AS folded, max(at) FILTER (WHERE newest > kept OR at < before) AS horizon
  FROM ranked JOIN limited USING (customer) GROUP BY customer, event$$, 20000, 'totals of folded');
SELECT pg_temp.same($$SELECT customer, 'e' || i AS event, cdp.horizon(folded, 'e' || i) FROM limited, generate_series(0, 4) AS i$$, $$
  SELECT l.customer, 'e' || i, max(at) FROM limited AS l CROSS JOIN generate_series(0, 4) AS i
  LEFT JOIN ranked AS r ON r.customer = l.customer AND r.event = 'e' || i AND (newest > kept OR at < before) GROUP BY l.customer, i$$, 40000, 'horizon');
SELECT pg_temp.same('SELECT customer, event, at FROM limited, cdp.events(folded)',
                    'SELECT customer, event, at FROM ranked JOIN limited USING (customer) WHERE newest <= kept AND at >= before', 20000, 'events that stay');
SELECT is_empty('SELECT customer, e.* FROM limited, cdp.events(folded) AS e EXCEPT TABLE fact', 'as they were');

-- What is folded leaves answers open, and gives no others.
CREATE TEMPORARY TABLE cut_answer ON COMMIT DROP AS
SELECT a.*, t FROM answer AS a, unnest(ARRAY[cdp.keep(timeline, 1), cdp.keep(timeline, 3), cdp.cut(timeline, as_of)]) AS t WHERE t IS NOT NULL;
SELECT is((SELECT count(*) FROM cut_answer WHERE NOT cdp.count_bounds(t, event, during) @> n OR cdp.count(t, event, during) <> n
             OR (cdp.count(t, event, during) IS NULL) <> (upper(cdp.count_bounds(t, event, during)) - lower(cdp.count_bounds(t, event, during)) > 1)), 0::bigint, 'count of folded');
SELECT is((SELECT count(*) FROM cut_answer WHERE cdp.first(t, event, during) <> first OR cdp.last(t, event, during) <> last OR cdp.sum(t, event, 'n', during) <> sum
             OR NOT pg_temp.close_to(cdp.avg(t, event, 'n', during), avg) OR cdp.min(t, event, 'n', during) <> min OR cdp.max(t, event, 'n', during) <> max
             OR cdp.first_value(t, event, 'p', during) <> cdp.first_value(timeline, event, 'p', during) OR cdp.last_value(t, event, 'n', during) <> cdp.last_value(timeline, event, 'n', during)),
          0::bigint, 'the others of folded');
SELECT is((SELECT count(*) FROM cut_answer WHERE (cdp.count(t, event, during) IS NULL OR cdp.sum(t, event, 'n', during) IS NULL) AND lower(during) > cdp.horizon(t, event)), 0::bigint, 'above the horizon all is known');
SELECT cmp_ok((SELECT count(*) FROM cut_answer WHERE cdp.count(t, event, during) IS NULL), '>', 5000::bigint, 'some is open');
SELECT is((SELECT count(*) FROM cut_answer WHERE t::text::cdp.timeline::text <> t::text), 0::bigint, 'text round trip');

-- SQLSTATEs
SELECT throws_ok($$SELECT ''::cdp.timeline$$, '22P02', NULL, 'empty text');
SELECT throws_ok($$SELECT '[]'::cdp.timeline$$, '22P02', NULL, 'not an object');
SELECT throws_ok($$SELECT '{"events": [{"event": "a", "at": "2026-01-01", "properties": {"n": 1e200000}}]}'::cdp.timeline$$, '22P02', 'number out of range', 'number beyond numeric');
SELECT throws_ok($$SELECT cdp.timeline_agg_transition(NULL, 'a', now())$$, '42809', NULL, 'transition by hand');
SELECT throws_ok($$SELECT cdp.timeline_agg_combine('{}', '{}')$$, '42809', NULL, 'combine by hand');
SELECT throws_ok($$SELECT cdp.timeline_agg_final('{}')$$, '42809', NULL, 'final by hand');
SELECT throws_ok($$SELECT cdp.timeline_agg('a', NULL)$$, '22004', 'time of an event must not be null');
SELECT throws_ok($$SELECT cdp.timeline_agg(NULL, now())$$, '22004', 'name of an event must not be null');
SELECT throws_ok($$SELECT cdp.timeline_agg(NULL, NULL, NULL, NULL)$$, '22004', 'name of an event must not be null');
SELECT throws_ok($$SELECT cdp.event('a', now(), '[1]')$$, '22023', 'properties of an event must be a JSON object');
SELECT throws_ok($$SELECT cdp.keep('{}', 0)$$, '22023', 'newest must be between 1 and 1000');
SELECT throws_ok($$SELECT cdp.recency('{}', 'a', '-infinity')$$, '22023', 'as_of must be a finite timestamp');
SELECT throws_ok(format($$SELECT cdp.event('a', now(), jsonb_build_object('a', %L::jsonb))$$, repeat('[', 6000) || repeat(']', 6000)), '54001', NULL, 'jsonb 6000 deep');
SELECT is(cdp.last_value(cdp.event('a', now(), jsonb_build_object('a', value))::text::cdp.timeline, 'a', 'a'), value, 'jsonb 1000 deep')
FROM (SELECT (repeat('[', 1000) || repeat(']', 1000))::jsonb AS value) AS v;
SELECT throws_ok($$SELECT cdp.cut(cdp.timeline_agg('a', now() - i * interval '1 s', jsonb_build_object('n', ('9e131071')::numeric)), 'infinity') FROM generate_series(1, 2) AS i$$,
                 '22003', 'sum out of range', 'a sum beyond numeric');
SELECT is((SELECT length(cdp.last_value(cdp.timeline_agg('a', now(), jsonb_build_object('t', repeat('x', 50000000))), 'a', 't') #>> '{}')), 50000000, 'a property of 50 MB');
SELECT throws_ok($$SELECT cdp.timeline_agg(repeat(i::text, 300000000), now()) FROM generate_series(1, 4) AS i$$, '54000', NULL, 'beyond 1 GB');

-- NULL
SELECT is(cdp.count(NULL, 'a'), NULL, 'count(NULL)');
SELECT is(cdp.count('{}', NULL), NULL, 'count of NULL');
SELECT is(cdp.count('{}', 'a', NULL), NULL, 'count in NULL');
SELECT is(cdp.count('{}', 'a'), 0::bigint, 'count of nothing');
SELECT is(cdp.sum('{}', 'a', 'n'), 0::numeric, 'sum of nothing');
SELECT is(cdp.avg('{}', 'a', 'n'), NULL, 'avg of nothing');
SELECT is((NULL::cdp.timeline || '{}'::cdp.timeline)::text, NULL, 'NULL || timeline');
SELECT is((SELECT cdp.rollup(NULL::cdp.timeline))::text, NULL, 'rollup of NULL');
SELECT is((SELECT cdp.timeline_agg('a', now()) FROM happened WHERE false)::text, NULL, 'timeline_agg over no rows');
SELECT is_empty($$SELECT * FROM cdp.events(NULL)$$, 'events(NULL)');
SELECT is_empty($$SELECT * FROM cdp.totals('{}'::cdp.timeline)$$, 'totals of nothing');

-- As many properties as events: the value grows as they do, and so does what reading it takes.
CREATE TEMPORARY TABLE keyed ON COMMIT DROP AS
SELECT cdp.timeline_agg('e' || i % 16, '2026-01-01 00:00+00'::timestamptz + i * interval '1 s', jsonb_build_object('key' || i, i), 'm' || i) AS timeline FROM generate_series(1, 16000) AS i;
SELECT ok((SELECT pg_column_size(timeline) < 16000 * 40 FROM keyed), 'sixteen thousand properties take 40 bytes each');
SELECT is((SELECT timeline::text::cdp.timeline::text = timeline::text FROM keyed), true, 'they come back from text');
SELECT is((SELECT (timeline || timeline)::text = timeline::text FROM keyed), true, 'and are the same merged with themselves');
SELECT is((SELECT count(*) FROM keyed, cdp.events(timeline) AS e WHERE e.properties = jsonb_build_object('key' || substr(e.message_id, 2), substr(e.message_id, 2)::int)), 16000::bigint, 'each event has its own');
SELECT is((SELECT cdp.sum(timeline, 'e7', 'key7') + cdp.sum(timeline, 'e7', 'key8') FROM keyed), 7::numeric, 'and no other');

-- Many rows of one group, also in pieces of the log; and a stored value out of line.
CREATE TEMPORARY TABLE much ON COMMIT DROP AS
SELECT cdp.timeline_agg('e' || i % 40, '2026-01-01 00:00+00'::timestamptz + i * interval '1 s', jsonb_build_object('n', i % 7)) AS timeline FROM generate_series(1, 100000) AS i;
SELECT is((SELECT sum(t.count) FROM much, cdp.totals(timeline) AS t), 100000::numeric, 'a hundred thousand events');
SELECT is((SELECT sum(t.folded) FROM much, cdp.totals(timeline) AS t), 60000::numeric, 'all but a thousand of each name are folded');
SELECT is((SELECT sum(cdp.sum(timeline, 'e' || i, 'n')) FROM much, generate_series(0, 39) AS i), (SELECT sum(i % 7) FROM generate_series(1, 100000) AS i)::numeric, 'and still summed');

-- Rows that share large values: in the log they are many times what the timeline takes, which is written seldom all the same.
SET LOCAL statement_timeout = '45s';
SELECT is((SELECT cdp.count(cdp.timeline_agg('e', '2026-01-01 00:00+00'::timestamptz + i * interval '1 s', properties), 'e')
           FROM generate_series(1, 300) AS i, (SELECT jsonb_build_object('x', repeat('x', 2000000)) AS properties OFFSET 0) AS same),
          300::bigint, 'a large value that all events share costs little for each of them');
SET LOCAL statement_timeout = 0;

SELECT * FROM finish();
ROLLBACK;
