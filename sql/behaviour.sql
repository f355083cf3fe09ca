-- Behaviour of one customer: funnels, sequences, sessions, retention, paths, attribution, states. docs/behaviour.md

\pset null '(null)'
SET timezone = 'UTC';
SET datestyle = 'ISO, DMY';
CREATE TEMPORARY TABLE did (customer int, name text, at timestamptz, properties jsonb);
INSERT INTO did VALUES
  (1, 'view', '2026-01-01 10:00+00', '{"channel": "ads"}'), (1, 'cart', '2026-01-01 10:20+00', NULL),
  (1, 'view', '2026-01-08 09:00+00', '{"channel": "mail"}'), (1, 'view', '2026-01-08 09:10+00', '{"channel": "search"}'),
  (1, 'cart', '2026-01-08 09:15+00', NULL), (1, 'search', '2026-01-08 09:16+00', NULL), (1, 'purchase', '2026-01-08 09:30+00', '{"plan": "free"}'),
  (1, 'purchase', '2026-01-20 12:00+00', '{"plan": "pro"}'),
  (2, 'cart', '2026-01-01 10:00+00', NULL), (2, 'view', '2026-01-01 10:00+00', '{"channel": 7}'), (2, 'view', '2026-01-03 10:00+00', '{"channel": "7"}'),
  (2, 'purchase', '2026-01-04 10:00+00', NULL),
  (3, 'login', '2026-01-01 10:00+00', NULL);
CREATE TEMPORARY TABLE customer AS SELECT customer, cdp.timeline_agg(name, at, properties) AS timeline FROM did GROUP BY customer ORDER BY customer;

-- Funnels
SELECT customer, cdp.funnel(timeline, '{view,cart,purchase}', '1 hour') AS hour, cdp.funnel(timeline, '{view,cart,purchase}', '10 days') AS ten_days,
       cdp.funnel(timeline, '{view,cart,purchase}', '0') AS at_once, cdp.funnel(timeline, '{login}', '1 hour') AS login,
       cdp.funnel_bounds(timeline, '{view,cart,purchase}', '1 hour') AS bounds
FROM customer ORDER BY customer;
SELECT mode, cdp.funnel(timeline, '{view,cart,purchase}', '1 hour', ARRAY[mode]) AS result
FROM customer, unnest('{strict_deduplication,strict_order,strict_once,strict_increase}'::text[]) AS mode WHERE customer = 1;
-- one name for two steps: an event counts for both, unless strict_once
SELECT cdp.funnel(timeline, '{purchase,purchase}', '1 day') AS both, cdp.funnel(timeline, '{purchase,purchase}', '1 day', '{strict_once}') AS once,
       cdp.funnel(timeline, '{purchase,purchase}', '30 days', '{strict_once}') AS two_of_them,
       cdp.funnel(timeline, '{purchase,purchase}', '1 day', '{strict_increase}') AS increase
FROM customer WHERE customer = 1;
-- steps too early, without and with allow_reentry
WITH t AS (SELECT cdp.timeline_agg(e, timestamptz '2026-01-01' + i * interval '1 minute') AS timeline FROM unnest('{a,c,b,c}'::text[]) WITH ORDINALITY AS u (e, i))
SELECT cdp.funnel(timeline, '{a,b,c}', '1 hour') AS plain, cdp.funnel(timeline, '{a,b,c}', '1 hour', '{strict_order}') AS strict,
       cdp.funnel(timeline, '{a,b,c}', '1 hour', '{strict_order,allow_reentry}') AS reentry FROM t;

-- Sequences: one chain after another, the time is that from step to step
SELECT customer, cdp.sequence_count(timeline, '{view,cart}', '1 hour') AS hour, cdp.sequence_count(timeline, '{view,cart}', '0') AS at_once,
       cdp.sequence_count(timeline, '{view,purchase}', '1 day') AS day, cdp.sequence_count(timeline, '{view}', '0') AS views,
       cdp.sequence_found(timeline, '{cart,purchase}', '15 minutes') AS found
FROM customer ORDER BY customer;

-- Sessions
SELECT customer, s.* FROM customer, cdp.sessions(timeline, '30 minutes') AS s ORDER BY 1, 2;

-- Retention
SELECT customer, cdp.retention(timeline, 'view', 'purchase', '7 days', 4) AS purchase, cdp.retention(timeline, 'view', 'view', '2 days', 3) AS view
FROM customer ORDER BY customer;

-- Paths
SELECT customer, p.* FROM customer, cdp.paths(timeline, 2) AS p ORDER BY customer, times DESC, path;
SELECT count(*) FROM customer, cdp.paths(timeline, 9);

-- Attribution
SELECT customer, model, channel, conversions::numeric(10, 6) FROM customer, unnest('{first,last,linear,position,decay}'::text[]) AS model,
       cdp.attribution(timeline, 'purchase', 'view', 'channel', model) ORDER BY customer, model, channel;
SELECT customer, model, channel, conversions::numeric(10, 6) FROM customer, unnest('{last,linear}'::text[]) AS model,
       cdp.attribution(timeline, 'purchase', 'view', 'channel', model, '1 hour') ORDER BY customer, model, channel;
SELECT * FROM customer AS c, cdp.attribution(c.timeline, 'refund', 'view', 'channel', 'last');

-- States
SELECT * FROM cdp.time_in_state((SELECT timeline FROM customer WHERE customer = 1), 'purchase', 'plan', '2026-02-01 00:00+00');
SELECT * FROM cdp.time_in_state((SELECT timeline FROM customer WHERE customer = 1), 'purchase', 'plan', '2026-02-01 00:00+00', '2026-01-19 00:00+00');
SELECT * FROM cdp.time_in_state((SELECT timeline FROM customer WHERE customer = 1), 'purchase', 'plan', '2026-01-01 00:00+00');

-- Infinite times are near to themselves alone
WITH t AS (SELECT cdp.timeline_agg('e', at) AS timeline FROM (VALUES ('-infinity'::timestamptz), ('4713-01-01 00:00 BC'), ('294276-12-31 23:59'), ('infinity')) AS v (at))
SELECT cdp.funnel(timeline, '{e,e}', '1000000 days', '{strict_once}') AS funnel, cdp.retention(timeline, 'e', 'e', '1 day', 2) AS retention,
       (SELECT array_agg(duration) FROM cdp.sessions(timeline, '2000000000 days')) AS sessions,
       (SELECT count(*) FROM cdp.time_in_state(timeline, 'e', 'p', '2026-01-01')) AS states FROM t;

-- What is folded stays unknown
CREATE TEMPORARY TABLE folded AS SELECT customer, cdp.cut(timeline, '2026-01-08 09:05+00') AS timeline FROM customer ORDER BY customer;
SELECT customer, cdp.funnel(timeline, '{view,cart,purchase}', '1 hour') AS certain, cdp.funnel(timeline, '{view,cart,purchase,refund}', '1 hour') AS no_refund,
       cdp.funnel(timeline, '{view,purchase,cart}', '1 hour') AS other_order, cdp.funnel_bounds(timeline, '{view,cart,purchase}', '1 hour') AS bounds,
       cdp.funnel(timeline, '{search,purchase}', '1 hour', '{strict_order}') AS nothing_before, cdp.funnel_bounds(timeline, '{view,cart,purchase}', '1 hour', '{strict_order}') AS strict
FROM folded ORDER BY customer;
SELECT customer, cdp.sequence_count(timeline, '{view,cart}', '1 hour'), cdp.sequence_found(timeline, '{view,cart}', '1 hour'), cdp.sequence_found(timeline, '{view,refund}', '1 hour')
FROM folded ORDER BY customer;
SELECT customer, cdp.retention(timeline, 'cart', 'view', '2 days', 4), cdp.retention(timeline, 'view', 'purchase', '7 days', 4) FROM folded ORDER BY customer;
SELECT customer, s.* FROM folded, cdp.sessions(timeline, '1 minute') AS s ORDER BY 1, 2;
SELECT customer, p.* FROM folded, cdp.paths(timeline, 2) AS p ORDER BY customer, times DESC, path;
SELECT customer, model, a.* FROM folded, unnest('{first,last}'::text[]) AS model, cdp.attribution(timeline, 'purchase', 'view', 'channel', model) AS a ORDER BY customer, model, channel;

-- Empty timelines and NULL
SELECT cdp.funnel('{}', '{a}', '1 day'), cdp.funnel_bounds('{}', '{a}', '1 day'), cdp.sequence_count('{}', '{a}', '1 day'), cdp.sequence_found('{}', '{a}', '1 day'),
       cdp.retention('{}', 'a', 'b', '1 day', 1), (SELECT count(*) FROM cdp.sessions('{}', '1 day')) AS sessions, (SELECT count(*) FROM cdp.paths('{}', 1)) AS paths;
SELECT cdp.funnel(NULL, '{a}', '1 day'), cdp.funnel('{}', NULL, '1 day'), cdp.funnel('{}', '{a}', NULL), cdp.funnel('{}', '{a}', '1 day', NULL);

-- Errors
SELECT cdp.funnel('{}', '{}', '1 day');
SELECT cdp.funnel('{}', '{a,NULL}', '1 day');
SELECT cdp.funnel('{}', '{{a},{b}}', '1 day');
SELECT cdp.funnel('{}', '{a}', '1 month');
SELECT cdp.funnel('{}', '{a}', '1 year -1 day');
SELECT cdp.funnel('{}', '{a}', '-1 second');
SELECT cdp.funnel('{}', '{a}', '1 day', '{strict}');
SELECT cdp.funnel('{}', '{a}', '1 day', '{allow_reentry}');
SELECT cdp.funnel('{}', '{a}', '1 day', '{NULL}');
SELECT cdp.funnel_bounds('{}', '{}', '1 day');
SELECT cdp.sequence_count('{}', '{}', '1 day');
SELECT cdp.sequence_found('{}', '{a}', '1 mon');
SELECT * FROM cdp.sessions('{}', '0');
SELECT cdp.retention('{}', 'a', 'b', '0', 1);
SELECT cdp.retention('{}', 'a', 'b', '1 day', 0);
SELECT cdp.retention('{}', 'a', 'b', '1 day', 100001);
SELECT * FROM cdp.paths('{}', 0);
SELECT * FROM cdp.attribution('{}', 'a', 'b', 'c', 'best');
SELECT * FROM cdp.attribution('{}', 'a', 'b', 'c', 'last', '-1 day');
SELECT * FROM cdp.time_in_state('{}', 'a', 'b', 'infinity');
