-- Events of customers over 180 days, twenty each on average: name, time, amount.
SELECT setseed(0.45) \g /dev/null
CREATE UNLOGGED TABLE ev AS
SELECT (random() * :customers)::integer AS uid,
       ('{view,cart,purchase,search,refund}'::text[])[1 + (power(random(), 2) * 5)::integer % 5] AS e,
       timestamptz '2026-01-01' + random() * interval '180 days' AS ts,
       (random() * 100)::numeric(5, 2) AS amount
FROM generate_series(1, :events);
VACUUM ANALYZE ev;
