-- A hundred segments over the profiles: ranges of ids (who came first), one in fifty and one in three at random, and
-- ids that came in batches of fifty.
CREATE UNLOGGED TABLE audience AS
SELECT segment, cdp.audience_agg(id) AS members
FROM generate_series(1, 100) AS segment, generate_series(1, :profiles) AS id
WHERE CASE segment % 4
        WHEN 0 THEN id BETWEEN segment::float8 * :profiles / 200 AND (segment + 60)::float8 * :profiles / 200
        WHEN 1 THEN hashint4(id * 131 + segment) % 50 = 0
        WHEN 2 THEN hashint4(id * 131 + segment) % 3 = 0
        ELSE hashint4(id / 50 * 131 + segment) % 4 = 0
      END
GROUP BY segment;
VACUUM ANALYZE audience;
