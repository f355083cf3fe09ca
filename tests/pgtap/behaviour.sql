-- Behaviour of random customers against plain SQL over the rows of their events, and what folding may do to answers.
BEGIN;
SELECT no_plan();

-- Deterministic noise.
CREATE FUNCTION pg_temp.dice(seed text, sides int) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$SELECT (hashtextextended(seed, 0) & 1048575)::int % sides$$;

-- Times are whole hours, each once a customer.
CREATE TABLE event (customer int, name text, at timestamptz, properties jsonb);
INSERT INTO event
SELECT DISTINCT ON (customer, at) customer, name, at, properties FROM (
  SELECT pg_temp.dice('c' || i, 400) AS customer, ('{view,cart,purchase,plan}'::text[])[1 + pg_temp.dice('n' || i, 4)] AS name,
         timestamptz '2026-01-01 00:00+00' + pg_temp.dice('t' || i, 400) * interval '1 hour' AS at,
         jsonb_strip_nulls(jsonb_build_object('channel', ('{ads,mail,NULL}'::text[])[1 + pg_temp.dice('h' || i, 3)],
                                              'state', ('{free,pro,2}'::text[])[1 + pg_temp.dice('s' || i, 3)])) AS properties
  FROM generate_series(1, 8000) AS i) AS drawn
ORDER BY customer, at, name;
CREATE TABLE customer AS SELECT customer, cdp.timeline_agg(name, at, properties) AS timeline FROM event GROUP BY customer;
ANALYZE event;
ANALYZE customer;

CREATE FUNCTION pg_temp.same(actual text, expected text, description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE different bigint; n bigint;
BEGIN
  EXECUTE format('CREATE TEMPORARY TABLE a ON COMMIT DROP AS %s', actual);
  EXECUTE format('CREATE TEMPORARY TABLE e ON COMMIT DROP AS %s', expected);
  SELECT count(*) INTO different FROM ((TABLE a EXCEPT ALL TABLE e) UNION ALL (TABLE e EXCEPT ALL TABLE a)) AS d;
  SELECT count(*) INTO n FROM e;
  DROP TABLE a, e;
  RETURN ok(different = 0 AND n > 300, format('%s: %s rows, %s different', description, n, different));
END $$;

SELECT pg_temp.same($$SELECT customer, cdp.funnel(timeline, '{view,cart,purchase}', '2 days') FROM customer$$, $$
  SELECT customer, CASE
    WHEN EXISTS (SELECT FROM event a, event b, event c
                 WHERE a.customer = x.customer AND b.customer = x.customer AND c.customer = x.customer
                   AND a.name = 'view' AND b.name = 'cart' AND c.name = 'purchase'
                   AND a.at < b.at AND b.at < c.at AND c.at <= a.at + interval '48 hours') THEN 3
    WHEN EXISTS (SELECT FROM event a, event b WHERE a.customer = x.customer AND b.customer = x.customer
                   AND a.name = 'view' AND b.name = 'cart' AND a.at < b.at AND b.at <= a.at + interval '48 hours') THEN 2
    WHEN EXISTS (SELECT FROM event a WHERE a.customer = x.customer AND a.name = 'view') THEN 1
    ELSE 0 END
  FROM customer AS x$$, 'funnel');

SELECT pg_temp.same($$SELECT customer, cdp.sequence_count(timeline, '{view,purchase}', '30 hours'),
                             cdp.sequence_found(timeline, '{view,purchase}', '30 hours') FROM customer$$, $$
  WITH RECURSIVE chain AS (
    SELECT customer, 0 AS n, timestamptz '-infinity' AS last FROM customer
    UNION ALL
    SELECT customer, n + 1,
           (SELECT min(b.at) FROM event a JOIN event b USING (customer)
            WHERE a.customer = chain.customer AND a.name = 'view' AND b.name = 'purchase' AND a.at > last AND b.at > a.at
              AND b.at <= a.at + interval '30 hours')
    FROM chain WHERE last IS NOT NULL)
  SELECT customer, max(n)::bigint, max(n) > 0 FROM chain WHERE last IS NOT NULL GROUP BY customer$$, 'sequences');

SELECT pg_temp.same($$SELECT customer, s.* FROM customer, cdp.sessions(timeline, '12 hours') AS s$$, $$
  SELECT customer, row_number() OVER (PARTITION BY customer ORDER BY min(at)), min(at), max(at), max(at) - min(at), count(*)
  FROM (SELECT customer, at, sum(starts) OVER (PARTITION BY customer ORDER BY at) AS session
        FROM (SELECT customer, at,
                     (at > coalesce(lag(at) OVER (PARTITION BY customer ORDER BY at), '-infinity') + interval '12 hours')::int AS starts
              FROM event) AS e) AS s
  GROUP BY customer, session$$, 'sessions');

SELECT pg_temp.same($$SELECT customer, cdp.retention(timeline, 'cart', 'purchase', '3 days', 5) FROM customer$$, $$
  SELECT customer, (SELECT array_agg(EXISTS (SELECT FROM event WHERE event.customer = x.customer AND name = 'purchase'
                                               AND at >= first + i * interval '3 days' AND at < first + (i + 1) * interval '3 days') ORDER BY i)
                    FROM (SELECT min(at) AS first FROM event WHERE event.customer = x.customer AND name = 'cart' HAVING count(*) > 0) AS f,
                         generate_series(0, 4) AS i)
  FROM customer AS x$$, 'retention');

SELECT pg_temp.same($$SELECT customer, path, times FROM customer, cdp.paths(timeline, 3)$$, $$
  SELECT customer, path, count(*)
  FROM (SELECT customer, ARRAY[name, lead(name) OVER w, lead(name, 2) OVER w] AS path, lead(at, 2) OVER w AS last
        FROM event WINDOW w AS (PARTITION BY customer ORDER BY at)) AS e
  WHERE last IS NOT NULL GROUP BY customer, path$$, 'paths');

SELECT pg_temp.same(
  $$SELECT customer, model, channel, round(conversions::numeric, 9)
    FROM customer, unnest('{first,last,linear,position,decay}'::text[]) AS model,
         cdp.attribution(timeline, 'purchase', 'view', 'channel', model, '4 days')$$, $$
  WITH touch AS (
    SELECT c.customer, c.at AS conversion, t.at, t.properties ->> 'channel' AS channel,
           row_number() OVER (PARTITION BY c.customer, c.at ORDER BY t.at) AS i, count(t.at) OVER (PARTITION BY c.customer, c.at) AS n
    FROM event AS c LEFT JOIN event AS t ON t.customer = c.customer AND t.name = 'view' AND t.at <= c.at AND t.at >= c.at - interval '96 hours'
    WHERE c.name = 'purchase'),
  weight AS (
    SELECT customer, conversion, channel, model,
           CASE WHEN n = 0 THEN 1
                WHEN model = 'first' THEN (i = 1)::int
                WHEN model = 'last' THEN (i = n)::int
                WHEN model = 'linear' OR (model = 'position' AND n < 3) THEN 1.0
                WHEN model = 'position' THEN CASE WHEN i IN (1, n) THEN 0.4 ELSE 0.2 / (n - 2) END
                ELSE exp(-ln(2.0) * extract(epoch FROM conversion - at) / 604800) END::float8 AS w
    FROM touch, unnest('{first,last,linear,position,decay}'::text[]) AS model)
  SELECT customer, model, channel, round(sum(share)::numeric, 9)
  FROM (SELECT *, w / sum(w) OVER (PARTITION BY customer, conversion, model) AS share FROM weight) AS shares
  WHERE share > 0 GROUP BY customer, model, channel$$, 'attribution');

SELECT ok((SELECT bool_and(abs(credits - n) < 1e-9) FROM (
            SELECT cdp.count(timeline, 'purchase') AS n, (SELECT coalesce(sum(conversions), 0) FROM cdp.attribution(timeline, 'purchase', 'view', 'channel', model)) AS credits
            FROM customer, unnest('{first,last,linear,position,decay}'::text[]) AS model) AS sums), 'each conversion gives credits of 1');

SELECT pg_temp.same(
  $$SELECT customer, state, duration FROM customer, cdp.time_in_state(timeline, 'plan', 'state', '2026-01-15 00:00+00', '2026-01-03 00:00+00')$$, $$
  SELECT customer, state, sum(ending - starting) FROM (
    SELECT customer, properties ->> 'state' AS state, greatest(at, '2026-01-03 00:00+00') AS starting,
           least(lead(at, 1, 'infinity') OVER (PARTITION BY customer ORDER BY at), '2026-01-15 00:00+00') AS ending
    FROM event WHERE name = 'plan') AS s
  WHERE ending > starting GROUP BY customer, state$$, 'time in state');

-- Folding takes knowledge away, and never changes an answer.
CREATE TABLE folded AS
SELECT customer, timeline AS whole, cdp.cut(cdp.keep(timeline, 1 + customer % 4), timestamptz '2026-01-02 00:00+00' + customer % 7 * interval '1 day') AS timeline
FROM customer;
SELECT ok((SELECT count(*) > 350 FROM folded, cdp.totals(timeline) AS t WHERE t.folded > 0), 'most customers have folded events');
SELECT is((SELECT count(*) FROM folded, unnest(ARRAY[NULL, 'strict_order', 'strict_deduplication', 'strict_once', 'strict_increase']) AS mode
           WHERE cdp.funnel(timeline, '{view,cart,purchase}', '2 days', array_remove(ARRAY[mode], NULL))
              <> cdp.funnel(whole, '{view,cart,purchase}', '2 days', array_remove(ARRAY[mode], NULL))), 0::bigint, 'funnels of folded timelines');
SELECT is((SELECT count(*) FROM folded, unnest(ARRAY[NULL, 'strict_order', 'strict_deduplication', 'strict_once', 'strict_increase']) AS mode
           WHERE NOT cdp.funnel_bounds(timeline, '{view,cart,purchase}', '2 days', array_remove(ARRAY[mode], NULL))
                   @> cdp.funnel(whole, '{view,cart,purchase}', '2 days', array_remove(ARRAY[mode], NULL))), 0::bigint, 'their bounds');
SELECT ok((SELECT count(*) FILTER (WHERE funnel IS NULL) > 50 AND count(funnel) > 50 AND bool_and((funnel IS NULL) = (upper(bounds) - lower(bounds) > 1))
           FROM (SELECT cdp.funnel(timeline, '{view,cart,purchase}', '2 days') AS funnel,
                        cdp.funnel_bounds(timeline, '{view,cart,purchase}', '2 days') AS bounds FROM folded) AS f), 'a funnel is NULL exactly where its bounds differ');
SELECT is((SELECT count(*) FROM folded WHERE cdp.sequence_count(timeline, '{view,purchase}', '30 hours') <> cdp.sequence_count(whole, '{view,purchase}', '30 hours')
                                          OR cdp.sequence_found(timeline, '{view,purchase}', '30 hours') <> cdp.sequence_found(whole, '{view,purchase}', '30 hours')),
          0::bigint, 'sequences of folded timelines');
SELECT is((SELECT count(*) FROM folded, cdp.sessions(timeline, '12 hours') AS s
           WHERE NOT EXISTS (SELECT FROM cdp.sessions(whole, '12 hours') AS w
                             WHERE (w.started_at, w.ended_at, w.duration, w.events) = (s.started_at, s.ended_at, s.duration, s.events))),
          0::bigint, 'sessions of folded timelines');
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
    ELSE cdp.funnel(timeline, '{purchase}', '2 days', '{strict_increase,strict_once}') END END FROM question$$, 'steps and modes from a column');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT sum(cdp.funnel(timeline, '{view,cart,purchase}', '2 days')) AS parallel FROM customer \gset
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is(sum(cdp.funnel(timeline, '{view,cart,purchase}', '2 days')), :parallel::bigint, 'in parallel') FROM customer;

SELECT * FROM finish();
ROLLBACK;
