-- Source rows of customers: one JSON object of up to eight attributes, each present in 50 to 80 % of the rows.
SELECT setseed(0.43) \g /dev/null
CREATE UNLOGGED TABLE src AS
WITH drawn AS MATERIALIZED (
  SELECT (random() * :customers)::integer AS uid, 'src' || round(random() * 3) AS source,
         timestamptz '2026-01-01' + random() * interval '180 days' AS ts,
         CASE WHEN random() < 0.8 THEN 'fn' || round(random() * 1000) END AS first_name,
         CASE WHEN random() < 0.8 THEN 'ln' || round(random() * 10000) END AS last_name,
         CASE WHEN random() < 0.7 THEN ('{TR,RS,IR,ID,DE,US}'::text[])[1 + (random() * 5)::integer] END AS country,
         CASE WHEN random() < 0.7 THEN 'city' || round(random() * 300) END AS city,
         CASE WHEN random() < 0.5 THEN 'e' || (random() * 1000000)::integer || '@x.com' END AS email,
         CASE WHEN random() < 0.5 THEN (18 + random() * 60)::integer END AS age,
         CASE WHEN random() < 0.5 THEN ('{free,pro,enterprise}'::text[])[1 + (random() * 2)::integer] END AS plan,
         CASE WHEN random() < 0.5 THEN (random() * 1000)::numeric(6, 2) END AS ltv
  FROM generate_series(1, :source_rows)
)
SELECT uid, source, ts,
       jsonb_strip_nulls(to_jsonb(drawn) - '{uid,source,ts}'::text[]) AS attrs
FROM drawn;
VACUUM ANALYZE src;
