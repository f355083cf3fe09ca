-- Flat customer records of ten attributes, one JSON object each.
SELECT setseed(0.44) \g /dev/null
CREATE UNLOGGED TABLE prof AS
WITH drawn AS MATERIALIZED (
  SELECT uid, ('{TR,RS,IR,ID,DE,US}'::text[])[1 + (random() * 5)::integer] AS country,
         'city' || round(random() * 300) AS city, (18 + random() * 60)::integer AS age,
         ('{free,pro,enterprise}'::text[])[1 + (random() * 2)::integer] AS plan,
         (random() * 1000)::numeric(6, 2) AS ltv, 'fn' || round(random() * 1000) AS first_name,
         'ln' || round(random() * 10000) AS last_name, 'e' || uid || '@x.com' AS email,
         random() < 0.3 AS opt_in, random() AS score
  FROM generate_series(1, :profiles) AS uid
)
SELECT uid, to_jsonb(drawn) - 'uid' AS p FROM drawn;
VACUUM ANALYZE prof;
