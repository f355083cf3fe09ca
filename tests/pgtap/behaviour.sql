-- Behaviour of 10000 random customers against plain SQL over the rows of their events, and what folding may do to answers.
BEGIN;
SELECT no_plan();
\ir common/random.sql

-- `s` are seconds since 1970, infinite ones included: their arithmetic knows no overflow, no time zones and no calendar.
-- Events of customers of kind 0 have times of their own; the others are told apart by their message ids.
CREATE TABLE event (customer int, kind int, name text, at timestamptz, s numeric, properties jsonb, message_id text COLLATE "C");
INSERT INTO event
SELECT DISTINCT ON (customer, at, message_id) customer, customer % 6, name, at, extract(epoch FROM at), properties, message_id FROM (
  SELECT customer, ('{view,cart,purchase,plan}'::text[])[1 + pg_temp.dice('n' || i, 4)] AS name, pg_temp.instant(customer % 6, i::text) AS at,
         CASE WHEN customer % 6 > 0 THEN 'm' || i END AS message_id,
         jsonb_strip_nulls(jsonb_build_object('channel', ('{"\"ads\"","\"mail\"",null,1e40,-0.000000000000000000000000000001,9223372036854775807}'::jsonb[])[1 + pg_temp.dice('c' || i, 6)],
                                              'state', ('{"\"free\"","\"pro\"",2.50,null,-9e131071}'::jsonb[])[1 + pg_temp.dice('s' || i, 4 + (i % 500 = 0)::int)])) AS properties
  FROM (SELECT i, pg_temp.dice('c' || i, 10000) AS customer FROM generate_series(1, 200000) AS i) AS drawn) AS happened
ORDER BY customer, at, message_id, name;
CREATE INDEX ON event (customer, name, s);
-- Some come twice.
CREATE TABLE customer AS
SELECT customer, customer % 6 AS kind, cdp.timeline_agg(name, at, properties, message_id) AS timeline
FROM (TABLE event UNION ALL SELECT * FROM event WHERE hashtext(message_id) % 7 = 0) AS given GROUP BY customer;
CREATE INDEX ON customer (customer);
ANALYZE event;
ANALYZE customer;
SELECT is(count(*), 10000::bigint, 'customers') FROM customer;
SELECT pg_temp.instants_occur('SELECT customer, at FROM event', 1000);
SELECT cmp_ok(count(*) FILTER (WHERE properties -> 'channel' = '1e40'), '>', 10000::bigint, 'there are large numbers') FROM event;
SELECT cmp_ok(count(*) FILTER (WHERE properties -> 'channel' = '-1e-30'), '>', 10000::bigint, 'and small ones') FROM event;

-- What a property says, as text: numbers without trailing zeros.
CREATE FUNCTION pg_temp.said(properties jsonb, key text) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE jsonb_typeof(properties -> key) WHEN 'number' THEN trim_scale((properties ->> key)::numeric)::text ELSE properties ->> key END$$;

SELECT pg_temp.same($$SELECT customer, cdp.funnel(timeline, '{view,cart,purchase}', '2 days'), cdp.funnel_bounds(timeline, '{view,cart,purchase}', '2 days') FROM customer$$, $$
  SELECT customer, depth, int4range(depth, depth, '[]') FROM (SELECT customer, CASE
    WHEN EXISTS (SELECT FROM event a, event b, event c
                 WHERE a.customer = x.customer AND b.customer = x.customer AND c.customer = x.customer
                   AND a.name = 'view' AND b.name = 'cart' AND c.name = 'purchase'
                   AND a.s <= b.s AND b.s <= c.s AND c.s <= a.s + 172800) THEN 3
    WHEN EXISTS (SELECT FROM event a, event b WHERE a.customer = x.customer AND b.customer = x.customer
                   AND a.name = 'view' AND b.name = 'cart' AND a.s <= b.s AND b.s <= a.s + 172800) THEN 2
    WHEN EXISTS (SELECT FROM event a WHERE a.customer = x.customer AND a.name = 'view') THEN 1
    ELSE 0 END AS depth
  FROM customer AS x) AS f$$, 10000, 'funnel');
-- An event for one step only, the steps at different times.
SELECT pg_temp.same($$SELECT customer, cdp.funnel(timeline, '{view,view,cart}', '2 days', '{strict_once}') AS once,
                             cdp.funnel(timeline, '{view,view,cart}', '2 days', '{strict_once,strict_increase}') AS increase FROM customer$$, $$
  SELECT x.customer, CASE WHEN bool_or(c.s >= b.s) THEN 3 WHEN bool_or(b.s >= a.s) THEN 2 WHEN bool_or(a.s IS NOT NULL) THEN 1 ELSE 0 END AS once,
         CASE WHEN bool_or(b.s > a.s AND c.s > b.s) THEN 3 WHEN bool_or(b.s > a.s) THEN 2 WHEN bool_or(a.s IS NOT NULL) THEN 1 ELSE 0 END AS increase
  FROM customer AS x
  LEFT JOIN event AS a ON a.customer = x.customer AND a.name = 'view'
  LEFT JOIN event AS b ON b.customer = x.customer AND b.name = 'view' AND b.ctid <> a.ctid AND b.s >= a.s AND b.s <= a.s + 172800
  LEFT JOIN event AS c ON c.customer = x.customer AND c.name = 'cart' AND c.s >= b.s AND c.s <= a.s + 172800
  GROUP BY x.customer$$, 10000, 'funnel, an event for one step');

-- Where times differ: again and again the chain that ends first.
SELECT pg_temp.same($$SELECT customer, cdp.sequence_count(timeline, '{view,purchase}', '30 hours'),
                             cdp.sequence_found(timeline, '{view,purchase}', '30 hours') FROM customer WHERE kind = 0$$, $$
  WITH RECURSIVE chain AS (
    SELECT customer, 0 AS n, '-infinity'::numeric AS last FROM customer WHERE kind = 0
    UNION ALL
    SELECT customer, n + 1,
           (SELECT min(b.s) FROM event a JOIN event b USING (customer)
            WHERE a.customer = chain.customer AND a.name = 'view' AND b.name = 'purchase' AND a.s > last AND b.s > a.s AND b.s <= a.s + 108000)
    FROM chain WHERE last IS NOT NULL)
  SELECT customer, max(n)::bigint, max(n) > 0 FROM chain WHERE last IS NOT NULL GROUP BY customer$$, 1600, 'sequences');
-- Where they don't: time by time, a view that waits (`open`) meets the first purchase, then views and purchases of that
-- time alternate; a view that is left waits for the next time.
CREATE TABLE moment AS
SELECT customer, s, row_number() OVER (PARTITION BY customer ORDER BY s) AS i, count(*) FILTER (WHERE name = 'view') AS views, count(*) FILTER (WHERE name = 'purchase') AS purchases
FROM event WHERE name IN ('view', 'purchase') GROUP BY customer, s;
CREATE INDEX ON moment (customer, i);
ANALYZE moment;
SELECT pg_temp.same($$SELECT customer, cdp.sequence_count(timeline, '{view,purchase}', '30 hours'),
                             cdp.sequence_found(timeline, '{view,purchase}', '30 hours') FROM customer$$, $$
  WITH RECURSIVE walk AS (
    SELECT customer, 0::bigint AS i, NULL::numeric AS open, 0::bigint AS n FROM customer
    UNION ALL
    SELECT m.customer, m.i,
           CASE WHEN m.views > greatest(found - met, 0) THEN m.s WHEN found = 0 THEN walk.open END, walk.n + found
    FROM walk JOIN moment AS m ON m.customer = walk.customer AND m.i = walk.i + 1,
         LATERAL (SELECT coalesce(m.s <= walk.open + 108000, false)::int AS met) AS w,
         LATERAL (SELECT least(m.purchases, m.views + met) AS found) AS f)
  SELECT customer, max(n), max(n) > 0 FROM walk GROUP BY customer$$, 10000, 'sequences with ties');

SELECT pg_temp.same(format($$SELECT customer, session, started_at, ended_at, extract(epoch FROM duration), events FROM customer, cdp.sessions(timeline, %L) AS s$$, gap), format($$
  SELECT customer, row_number() OVER (PARTITION BY customer ORDER BY min(at)), min(at), max(at), CASE WHEN min(s) = max(s) THEN 0 ELSE max(s) - min(s) END, count(*)
  FROM (SELECT customer, at, s, sum(starts) OVER (PARTITION BY customer ORDER BY s) AS session
        FROM (SELECT customer, at, s, CASE WHEN s <= lag(s) OVER (PARTITION BY customer ORDER BY s) + %s THEN 0 ELSE 1 END AS starts FROM event) AS e) AS s
  GROUP BY customer, session$$, extract(epoch FROM gap)), 20000, 'sessions ' || gap)
FROM (VALUES (interval '12 hours'), ('1 microsecond')) AS v (gap);

SELECT pg_temp.same($$SELECT customer, cdp.retention(timeline, 'cart', 'purchase', '3 days', 5) FROM customer$$, $$
  SELECT x.customer, CASE WHEN abs(first) < 'infinity' THEN
           (SELECT array_agg(EXISTS (SELECT FROM event WHERE event.customer = x.customer AND name = 'purchase' AND s >= first + i * 259200 AND s < first + (i + 1) * 259200) ORDER BY i)
            FROM generate_series(0, 4) AS i) WHEN first IS NOT NULL THEN array_fill(NULL::bool, '{5}') END
  FROM customer AS x LEFT JOIN (SELECT customer, min(s) AS first FROM event WHERE name = 'cart' GROUP BY customer) AS f USING (customer)$$, 10000, 'retention');

SELECT pg_temp.same($$SELECT customer, path, times FROM customer, cdp.paths(timeline, 3)$$, $$
  SELECT customer, path, count(*)
  FROM (SELECT customer, ARRAY[name, lead(name) OVER w, lead(name, 2) OVER w] AS path, lead(s, 2) OVER w AS last
        FROM event WINDOW w AS (PARTITION BY customer ORDER BY s, name COLLATE "C")) AS e
  WHERE last IS NOT NULL GROUP BY customer, path$$, 20000, 'paths');

-- What is too far apart to count (662 times seven days, or infinity) still has a row.
SELECT pg_temp.same(format($$SELECT customer, model, channel, round(conversions::numeric, 9)
    FROM customer, unnest('{first,last,linear,position,decay}'::text[]) AS model,
         cdp.attribution(timeline, 'purchase', 'view', 'channel', model%s)$$, argument), format($$
  WITH touch AS (
    SELECT c.customer, c.ctid AS conversion, t.s, pg_temp.said(t.properties, 'channel') AS channel, max(t.s) OVER (PARTITION BY c.ctid) AS latest,
           row_number() OVER (PARTITION BY c.ctid ORDER BY t.s, t.message_id) AS i, count(t.s) OVER (PARTITION BY c.ctid) AS n
    FROM event AS c LEFT JOIN event AS t ON t.customer = c.customer AND t.name = 'view' AND t.s <= c.s AND (t.s + 345600 >= c.s OR NOT %L)
    WHERE c.name = 'purchase'),
  weight AS (
    SELECT customer, conversion, channel, model,
           CASE WHEN n = 0 THEN 1
                WHEN model = 'first' THEN (i = 1)::int
                WHEN model = 'last' THEN (i = n)::int
                WHEN model = 'linear' OR (model = 'position' AND n < 3) THEN 1.0
                WHEN model = 'position' THEN CASE WHEN i IN (1, n) THEN 0.4 ELSE 0.2 / (n - 2) END
                WHEN s = latest THEN 1
                ELSE power(2, -(least(latest - s, 400000000) / 604800)::float8) END::float8 AS w
    FROM touch, unnest('{first,last,linear,position,decay}'::text[]) AS model)
  SELECT customer, model, channel, round(sum(share)::numeric, 9)
  FROM (SELECT *, w / sum(w) OVER (PARTITION BY customer, conversion, model) AS share FROM weight) AS shares
  WHERE share > 0 GROUP BY customer, model, channel$$, limited), 50000, 'attribution' || argument)
FROM (VALUES (', ''4 days''', true), ('', false)) AS v (argument, limited);

SELECT ok((SELECT bool_and(abs(credits - n) < 1e-9) FROM (
            SELECT cdp.count(timeline, 'purchase') AS n, (SELECT coalesce(sum(conversions), 0) FROM cdp.attribution(timeline, 'purchase', 'view', 'channel', model)) AS credits
            FROM customer, unnest('{first,last,linear,position,decay}'::text[]) AS model) AS sums), 'each conversion gives credits of 1');

-- Of events of one time the last one that tells a state counts.
SELECT pg_temp.same(format($$SELECT customer, state, extract(epoch FROM duration) FROM customer, cdp.time_in_state(timeline, 'plan', 'state', %L%s)$$, as_of, ', ' || quote_literal(since)), format($$
  SELECT customer, state, sum(ending - starting) FROM (
    SELECT customer, state, greatest(s, %2$s) AS starting, least(lead(s, 1, 'infinity') OVER (PARTITION BY customer ORDER BY s), %1$s) AS ending
    FROM (SELECT DISTINCT ON (customer, s) customer, s, pg_temp.said(properties, 'state') AS state
          FROM event WHERE name = 'plan' AND properties ? 'state' ORDER BY customer, s, message_id DESC) AS told) AS s
  WHERE ending > starting AND starting > '-infinity' GROUP BY customer, state$$,
  extract(epoch FROM as_of), coalesce(extract(epoch FROM since)::text, $$'-infinity'$$)), at_least, 'time in state, as of ' || as_of)
FROM (VALUES (timestamptz '2026-01-15 00:00+00', timestamptz '2026-01-03 00:00+00', 4000), ('294276-12-30 00:00+00', NULL, 9000), ('2016-03-27 02:10+01', NULL, 1000)) AS v (as_of, since, at_least);

-- Folding takes knowledge away, and never changes an answer.
CREATE TABLE folded AS
SELECT customer, timeline AS whole, cdp.cut(cdp.keep(timeline, 1 + customer % 4), pg_temp.instant(kind, 'cut' || customer)) AS timeline
FROM customer;
SELECT cmp_ok((SELECT count(*) FROM folded, cdp.totals(timeline) AS t WHERE t.folded > 0), '>', 15000::bigint, 'most customers have folded events');
SELECT is((SELECT count(*) FROM folded, unnest(ARRAY[NULL, 'strict_order', 'strict_deduplication', 'strict_once', 'strict_increase']) AS mode
           WHERE cdp.funnel(timeline, '{view,cart,purchase}', '2 days', array_remove(ARRAY[mode], NULL))
              <> cdp.funnel(whole, '{view,cart,purchase}', '2 days', array_remove(ARRAY[mode], NULL))), 0::bigint, 'funnels of folded timelines');
SELECT is((SELECT count(*) FROM folded, unnest(ARRAY[NULL, 'strict_order', 'strict_deduplication', 'strict_once', 'strict_increase']) AS mode
           WHERE NOT cdp.funnel_bounds(timeline, '{view,cart,purchase}', '2 days', array_remove(ARRAY[mode], NULL))
                   @> cdp.funnel(whole, '{view,cart,purchase}', '2 days', array_remove(ARRAY[mode], NULL))), 0::bigint, 'their bounds');
SELECT ok((SELECT count(*) FILTER (WHERE funnel IS NULL) > 1000 AND count(funnel) > 1000 AND bool_and((funnel IS NULL) = (upper(bounds) - lower(bounds) > 1))
           FROM (SELECT cdp.funnel(timeline, '{view,cart,purchase}', '2 days') AS funnel,
                        cdp.funnel_bounds(timeline, '{view,cart,purchase}', '2 days') AS bounds FROM folded) AS f), 'a funnel is NULL exactly where its bounds differ');
SELECT is((SELECT count(*) FROM folded WHERE cdp.sequence_count(timeline, '{view,purchase}', '30 hours') <> cdp.sequence_count(whole, '{view,purchase}', '30 hours')
                                          OR cdp.sequence_found(timeline, '{view,purchase}', '30 hours') <> cdp.sequence_found(whole, '{view,purchase}', '30 hours')),
          0::bigint, 'sequences of folded timelines');
SELECT is_empty($$SELECT customer, started_at, ended_at, duration, events FROM folded, cdp.sessions(timeline, '12 hours')
                  EXCEPT SELECT customer, started_at, ended_at, duration, events FROM folded, cdp.sessions(whole, '12 hours')$$, 'sessions of folded timelines');
SELECT is((SELECT count(*) FROM folded, unnest(cdp.retention(timeline, 'cart', 'purchase', '3 days', 5), cdp.retention(whole, 'cart', 'purchase', '3 days', 5)) AS r (known, truth)
           WHERE known <> truth), 0::bigint, 'retention of folded timelines');
SELECT is((SELECT count(*) FROM folded WHERE (cdp.retention(timeline, 'cart', 'purchase', '3 days', 5) IS NULL) <> (cdp.retention(whole, 'cart', 'purchase', '3 days', 5) IS NULL)),
          0::bigint, 'nobody leaves a cohort by folding');

-- The same with another plan: arguments that change from row to row, several processes.
CREATE TABLE question AS SELECT customer, timeline, CASE customer % 3 WHEN 0 THEN '{view,cart}' WHEN 1 THEN '{cart,view,cart}' ELSE '{purchase}' END::text[] AS steps,
  CASE customer % 2 WHEN 0 THEN '{}' ELSE '{strict_once,strict_increase}' END::text[] AS modes FROM customer;
SELECT pg_temp.same('SELECT customer, cdp.funnel(timeline, steps, ''2 days'', modes) FROM question ORDER BY random()', $$
  SELECT customer, CASE WHEN modes = '{}' THEN cdp.funnel(timeline, steps::text::text[], '2 days') ELSE CASE customer % 3
    WHEN 0 THEN cdp.funnel(timeline, '{view,cart}', '2 days', '{strict_increase,strict_once}')
    WHEN 1 THEN cdp.funnel(timeline, '{cart,view,cart}', '2 days', '{strict_increase,strict_once}')
    ELSE cdp.funnel(timeline, '{purchase}', '2 days', '{strict_increase,strict_once}') END END FROM question$$, 10000, 'steps and modes from a column');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT sum(cdp.funnel(timeline, '{view,cart,purchase}', '2 days')) AS parallel FROM customer \gset
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is(sum(cdp.funnel(timeline, '{view,cart,purchase}', '2 days')), :parallel::bigint, 'in parallel') FROM customer;

SELECT * FROM finish();
ROLLBACK;
