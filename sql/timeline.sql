-- What customers did: aggregate, merge, windows, totals. docs/timeline.md

\pset null '(null)'
SET timezone = 'UTC';
SET datestyle = 'ISO, DMY';
CREATE TABLE happened (customer int, event text, at timestamptz, properties jsonb, message_id text);
INSERT INTO happened VALUES
  (1, 'view',     '2026-01-01 10:00+00', '{"page": "home"}', NULL),
  (1, 'purchase', '2026-01-02 11:00+00', '{"amount": 49.90, "currency": "EUR", "note": null}', 'm1'),
  (1, 'view',     '2026-01-03 00:00+00', '{"page": "shoes", "tags": ["a", null, {"b": 1}]}', NULL),
  (1, 'purchase', '2026-02-03 00:00+00', '{"amount": 10}', 'm2'),
  (1, 'purchase', '2026-02-03 00:00+00', '{"amount": 10}', 'm2'),
  (1, 'purchase', '2026-02-03 00:00+00', '{"amount": 10}', 'm3'),
  (2, 'view',     '2026-01-01 00:00+00', NULL, NULL),
  (2, 'ğ "quoted"', '4713-01-01 00:00+00 BC', '{}', ''),
  (2, 'view',     'infinity', '{"amount": "much"}', NULL),
  (2, 'view',     '-infinity', '{"amount": -1e30}', NULL);

CREATE TABLE behaviour AS SELECT customer, cdp.timeline_agg(event, at, properties, message_id) AS timeline FROM happened GROUP BY customer;
SELECT customer, timeline FROM behaviour ORDER BY customer;
SELECT customer, e.* FROM behaviour, cdp.events(timeline) AS e ORDER BY customer, at, event, message_id;
SELECT customer, t.* FROM behaviour, cdp.totals(timeline) AS t ORDER BY customer, event;

-- Without message ids what is the same is one event
SELECT customer, cdp.count(cdp.timeline_agg(event, at, properties), 'purchase') AS by_properties, cdp.count(cdp.timeline_agg(event, at), 'purchase') AS by_time
FROM happened GROUP BY customer ORDER BY customer;

-- All of time, and windows
SELECT cdp.count(timeline, 'purchase') AS count, cdp.sum(timeline, 'purchase', 'amount') AS sum, cdp.avg(timeline, 'purchase', 'amount') AS avg,
       cdp.min(timeline, 'purchase', 'amount') AS min, cdp.max(timeline, 'purchase', 'amount') AS max,
       cdp.first(timeline, 'purchase') AS first, cdp.last(timeline, 'purchase') AS last
FROM behaviour WHERE customer = 1;
SELECT w AS during, cdp.count(timeline, 'purchase', w) AS count, cdp.count_bounds(timeline, 'purchase', w) AS bounds, cdp.sum(timeline, 'purchase', 'amount', w) AS sum,
       cdp.avg(timeline, 'purchase', 'amount', w) AS avg, cdp.min(timeline, 'purchase', 'amount', w) AS min, cdp.max(timeline, 'purchase', 'amount', w) AS max,
       cdp.first(timeline, 'purchase', w) AS first, cdp.last(timeline, 'purchase', w) AS last
FROM behaviour, unnest(ARRAY['[2026-01-02 11:00+00,2026-02-03 00:00+00)', '(2026-01-02 11:00+00,2026-02-03 00:00+00]', '[2026-01-03 00:00+00,)',
                             '(,2026-01-02 11:00+00]', '(,)', 'empty', '[2027-01-01 00:00+00,)']::tstzrange[]) AS w
WHERE customer = 1;
SELECT w AS during, cdp.count(timeline, 'view', w), cdp.first(timeline, 'view', w), cdp.last(timeline, 'view', w), cdp.sum(timeline, 'view', 'amount', w)
FROM behaviour, unnest(ARRAY['(,)', '(-infinity,infinity)', '[-infinity,infinity]', '[-infinity,-infinity]', '[infinity,)', '(infinity,)']::tstzrange[]) AS w
WHERE customer = 2;
SELECT cdp.first_value(timeline, 'view', 'page') AS first, cdp.last_value(timeline, 'view', 'page') AS last, cdp.last_value(timeline, 'view', 'tags') AS tags,
       cdp.first_value(timeline, 'purchase', 'amount') AS amount, cdp.last_value(timeline, 'view', 'none') AS none, cdp.last_value(timeline, 'none', 'page') AS never,
       cdp.last_value(timeline, 'view', 'page', '(,2026-01-02 00:00+00]') AS during
FROM behaviour WHERE customer = 1;

-- Recency, frequency, monetary value
SELECT cdp.recency(timeline, 'purchase', '2026-02-10 12:30+00') AS recency, cdp.recency(timeline, 'purchase', '2026-02-01 00:00+00') AS earlier,
       cdp.recency(timeline, 'purchase', '2026-01-01 00:00+00') AS never, cdp.frequency(timeline, 'purchase') AS frequency,
       cdp.frequency(timeline, 'purchase', '[2026-02-01 00:00+00,)') AS f, cdp.monetary(timeline, 'purchase', 'amount') AS monetary,
       cdp.monetary(timeline, 'purchase', 'amount', '[2026-02-01 00:00+00,)') AS m
FROM behaviour WHERE customer = 1;

-- Late events fall into place, duplicates collapse, NULL is nothing
SELECT (a || b)::text = (b || a)::text AS commutes, (a || b || b)::text = (a || b)::text AS idempotent, a || b AS both
FROM (SELECT cdp.event('view', '2026-01-02 00:00+00', '{"n": 1.50}') AS a, cdp.event('view', '2026-01-01 00:00+00') AS b) AS s;
SELECT cdp.rollup(t) FROM (VALUES (cdp.event('a', '2026-01-01 00:00+00')), (NULL), (cdp.event('a', '2026-01-01 00:00+00', NULL, 'm'))) AS v (t);
SELECT cdp.rollup(NULL::cdp.timeline), cdp.timeline_agg(event, at) FROM happened WHERE false;
SELECT '{}'::cdp.timeline || cdp.event('a', '2026-01-01 00:00+00', '{}'), '{}'::cdp.timeline || '{}';

-- Folding: what is no longer kept lives on in totals
SELECT cdp.keep(timeline, 1) FROM behaviour WHERE customer = 1;
SELECT cdp.cut(timeline, '2026-01-02 12:00+00') AS cut FROM behaviour WHERE customer = 1;
SELECT t.* FROM behaviour, cdp.totals(cdp.cut(timeline, 'infinity')) AS t WHERE customer = 1;
SELECT cdp.count(t, 'n') AS count, cdp.sum(t, 'n', 'n') AS sum, cdp.avg(t, 'n', 'n') AS avg, cdp.max(t, 'n', 'n') AS max, cdp.first(t, 'n') AS first, cdp.last(t, 'n') AS last,
       cdp.horizon(t, 'n') AS horizon, cdp.first_value(t, 'n', 'n') AS first_value, cdp.last_value(t, 'n', 'n') AS last_value, (SELECT count(*) FROM cdp.events(t)) AS kept
FROM (SELECT cdp.timeline_agg('n', '2026-01-01 00:00+00'::timestamptz + i * interval '1 minute', jsonb_build_object('n', i)) AS t FROM generate_series(1, 2500) AS i) AS s;
SELECT w AS during, cdp.count(t, 'n', w) AS count, cdp.count_bounds(t, 'n', w) AS bounds, cdp.sum(t, 'n', 'n', w) AS sum, cdp.max(t, 'n', 'n', w) AS max, cdp.first(t, 'n', w) AS first, cdp.last(t, 'n', w) AS last
FROM (SELECT cdp.keep(cdp.timeline_agg('n', '2026-01-01 00:00+00'::timestamptz + i * interval '1 day', jsonb_build_object('n', i)), 3) AS t FROM generate_series(0, 9) AS i) AS s,
     unnest(ARRAY['[2026-01-08 00:00+00,)', '[2026-01-07 00:00+00,)', '(2026-01-07 00:00+00,)', '[2026-01-01 00:00+00,)', '(2026-01-01 00:00+00,)', '[2026-01-03 00:00+00,2026-01-05 00:00+00]',
                  '(,2026-01-01 00:00+00]', '(,2026-01-01 00:00+00)']::tstzrange[]) AS w;

-- Limits merge: the lesser number, the later cut
SELECT cdp.keep(a, 3) || cdp.keep(a, 2) AS t FROM (SELECT cdp.cut(cdp.cut('{}', '2026-01-02 00:00+00'), '2026-01-01 00:00+00') AS a) AS s;

-- Errors
\set VERBOSITY sqlstate
SELECT cdp.event(NULL, now());
SELECT cdp.event('a', NULL);
SELECT cdp.event('a', now(), '[]');
SELECT cdp.event('a', now(), '1');
SELECT cdp.timeline_agg(NULL, now());
SELECT cdp.timeline_agg('a', NULL);
SELECT cdp.timeline_agg('a', now(), '"x"');
SELECT cdp.timeline_agg('a', now(), NULL, NULL) IS NULL;
SELECT cdp.keep('{}', 0);
SELECT cdp.keep('{}', 1001);
SELECT cdp.recency('{}', 'a', 'infinity');
\set VERBOSITY default
SELECT 'view'::cdp.timeline;
SELECT '{"evnts": []}'::cdp.timeline;
SELECT '{"events": [{"event": "a"}]}'::cdp.timeline;
SELECT '{"folded": [{"event": "a", "count": 1, "first": "2026-01-01", "horizon": "2026-01-01"}]}'::cdp.timeline;

DROP TABLE happened, behaviour;
