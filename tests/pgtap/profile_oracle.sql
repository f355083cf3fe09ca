-- What profiles say of 10000 random customers against plain SQL over the rows of their observations.
BEGIN;
SELECT no_plan();
\ir common/random.sql

-- A tenth of the customers have so many observations that attributes overflow. Numbers: repeated, extreme, huge.
CREATE TEMPORARY TABLE observed ON COMMIT DROP AS
SELECT i, customer, CASE WHEN customer % 500 = 0 AND i % 3 = 0 THEN 1e131070 WHEN customer % 500 = 1 AND i % 3 = 0 THEN -1e-16383
              ELSE coalesce(('{9223372036854775807,-9223372036854775808,1e40,-1e-30,0}'::numeric[])[pg_temp.dice('x' || i, 30)],
                            pg_temp.dice('n' || i, CASE WHEN customer % 10 = 0 THEN 100 ELSE 5 END) - 2 + pg_temp.dice('m' || i, 3) * 0.25) END AS n,
       CASE WHEN customer % 10 = 0 THEN 'v' || pg_temp.dice('v' || i, 40) ELSE (ARRAY['Ana', 'Zeynep', 'Budi', 'ğ', ' ', ''])[1 + pg_temp.dice('t' || i, 6)] END AS t,
       pg_temp.instant(customer % 6, 'v' || i) AS d, 's' || pg_temp.dice('s' || i, 3) AS source, pg_temp.instant(customer % 6, i::text) AS at
FROM (SELECT i, i % 10000 AS customer FROM generate_series(0, 79999) AS i UNION ALL SELECT i, i % 1000 * 10 FROM generate_series(80000, 111999) AS i) AS drawn;
-- Every third customer withdrew something.
CREATE TEMPORARY TABLE erased ON COMMIT DROP AS
SELECT i, i % 3333 * 3 AS customer, 's' || pg_temp.dice('s' || i, 3) AS source, pg_temp.instant(i % 3333 * 3 % 6, 'e' || i) AS at FROM generate_series(200000, 205000) AS i;

-- As the profile's own text form writes it.
CREATE FUNCTION pg_temp.iso(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN isfinite(at) THEN CASE WHEN year < 0 THEN to_char(year + 1, 'FMS0000') ELSE to_char(year, 'FM000000') END || to_char(utc, '-MM-DD"T"HH24:MI:SS.US"Z"') ELSE at::text END
  FROM (SELECT at AT TIME ZONE 'UTC' AS utc, extract(year FROM at AT TIME ZONE 'UTC') AS year) AS u$$;
CREATE TEMPORARY TABLE given ON COMMIT DROP AS SELECT *, jsonb_build_object('n', n, 't', t, 'd', pg_temp.iso(d)) AS attributes FROM observed;
CREATE TEMPORARY TABLE golden ON COMMIT DROP AS
SELECT g.customer, g.p || coalesce(e.p, '{}') AS p, withdrew
FROM (SELECT customer, cdp.profile_agg(attributes, source, at, 'd as timestamp') AS p FROM given GROUP BY 1) AS g
LEFT JOIN (SELECT customer, true AS withdrew, cdp.rollup(cdp.erase('t', source, at)) AS p FROM erased GROUP BY 1) AS e USING (customer);

-- One row per observation of an attribute; what stands in the other columns of values is NULL.
CREATE TEMPORARY TABLE fact (id int GENERATED ALWAYS AS IDENTITY, customer int, attribute text, erased bool, n numeric, t text COLLATE "C", d timestamptz, source text COLLATE "C", at timestamptz) ON COMMIT DROP;
INSERT INTO fact (customer, attribute, erased, n, t, d, source, at)
SELECT customer, 'n', false, n, NULL::text, NULL::timestamptz, source, at FROM observed UNION ALL SELECT customer, 't', false, NULL, t, NULL, source, at FROM observed
UNION ALL SELECT customer, 'd', false, NULL, NULL, d, source, at FROM observed UNION ALL SELECT customer, 't', true, NULL, NULL, NULL, source, at FROM erased;
CREATE INDEX ON fact (id);
ANALYZE fact;
ANALYZE golden;
SELECT is(count(*), 10000::bigint, 'customers') FROM golden;
SELECT pg_temp.instants_occur('SELECT customer, at FROM fact', 1000);
SELECT pg_temp.instants_occur('SELECT customer, d AS at FROM observed', 1000);
SELECT cmp_ok(count(*), '>=', at_least, 'there are numbers: ' || number)
FROM (VALUES ('9223372036854775807', 3000::bigint), ('-9223372036854775808', 3000), ('1e40', 3000), ('-1e-30', 3000), ('1e131070', 40), ('-1e-16383', 40)) AS v (number, at_least)
JOIN fact ON n = number::numeric GROUP BY number, at_least;

-- A pair is a value and its source; the place of each in the order in which pairs are kept.
CREATE TEMPORARY TABLE pair ON COMMIT DROP AS
SELECT *, row_number() OVER (PARTITION BY customer, attribute ORDER BY last_seen DESC, source, erased DESC, n, t, d) AS place,
       count(*) OVER (PARTITION BY customer, attribute) > 16 AS overflowed,
       sum(times) OVER (PARTITION BY customer, attribute, erased, n, t, d) AS total
FROM (SELECT customer, attribute, erased, n, t, d, source, min(at) AS first_seen, max(at) AS last_seen, count(*) AS times FROM fact GROUP BY 1, 2, 3, 4, 5, 6, 7) AS p;
SELECT cmp_ok(count(DISTINCT (customer, attribute)) FILTER (WHERE overflowed), '>', 1500::bigint, 'attributes overflow') FROM pair;
SELECT cmp_ok(count(*) FILTER (WHERE NOT cdp.has(p, 't')), '>', 500::bigint, 'values are withdrawn') FROM golden;

-- The observation that wins under each rule that chooses one.
CREATE TEMPORARY TABLE winner ON COMMIT DROP AS
WITH ranked AS (SELECT f.*, overflowed, total, row_number() OVER (PARTITION BY f.customer, f.attribute, f.source ORDER BY at DESC, f.erased DESC, f.n, f.t, f.d) = 1 AS latest
                FROM fact AS f JOIN pair AS p ON (p.customer, p.attribute, p.erased, p.source) = (f.customer, f.attribute, f.erased, f.source)
                                             AND p.n IS NOT DISTINCT FROM f.n AND p.t IS NOT DISTINCT FROM f.t AND p.d IS NOT DISTINCT FROM f.d),
chosen AS (
  SELECT customer, attribute, (array_agg(id ORDER BY at DESC, source, erased DESC, n, t, d))[1] AS recent,
         (array_agg(id ORDER BY at, source, n, t, d) FILTER (WHERE NOT erased))[1] AS first,
         (array_agg(id ORDER BY array_position('{s2,s0}', source), at DESC, source) FILTER (WHERE latest))[1] AS priority,
         (array_agg(id ORDER BY n DESC, t DESC, d DESC, at DESC, source) FILTER (WHERE NOT erased))[1] AS max,
         (array_agg(id ORDER BY n, t, d, at DESC, source) FILTER (WHERE NOT erased))[1] AS min,
         (array_agg(id ORDER BY length(coalesce(t, trim_scale(n)::text)) DESC, at DESC, source, n, t) FILTER (WHERE NOT erased))[1] AS longest,
         (array_agg(id ORDER BY CASE WHEN NOT overflowed THEN total END DESC, at DESC, source, erased DESC, n, t, d) FILTER (WHERE overflowed OR NOT erased))[1] AS frequent
  FROM ranked GROUP BY 1, 2)
SELECT customer, attribute, rule, f.n, f.t, f.d, f.source, f.erased
FROM chosen AS w CROSS JOIN LATERAL (VALUES ('recent', recent), ('first', first), ('priority(s2, s0)', priority), ('max', max), ('min', min), ('longest', longest), ('frequent', frequent)) AS v (rule, id)
JOIN fact AS f USING (id, customer, attribute);
CREATE TEMPORARY TABLE ruled ON COMMIT DROP AS
SELECT customer, rule, cdp.with_policy(p, format('default %s; d as timestamp', rule)) AS p FROM golden, (SELECT DISTINCT rule FROM winner) AS r;
ANALYZE winner;
ANALYZE ruled;
SELECT is(count(*) FILTER (WHERE CASE attribute
            WHEN 'n' THEN cdp.number(p, 'n') IS DISTINCT FROM n OR p -> 'n' IS DISTINCT FROM to_jsonb(n) OR cdp.value(p, 'n') IS DISTINCT FROM to_jsonb(n) OR (p ->> 'n')::numeric IS DISTINCT FROM n
            WHEN 't' THEN p ->> 't' IS DISTINCT FROM t OR cdp.value_text(p, 't') IS DISTINCT FROM t OR p -> 't' IS DISTINCT FROM to_jsonb(t) OR cdp.has(p, 't') = erased OR cdp.number(p, 't') IS NOT NULL
            ELSE rule <> 'longest' AND cdp.time(p, 'd') IS DISTINCT FROM d END
            OR cdp.attributes(p) -> attribute IS DISTINCT FROM p -> attribute), 0::bigint, rule || ' is what SQL says')
FROM winner JOIN ruled USING (customer, rule) GROUP BY rule;
SELECT is(count(*), 70000::bigint, 'all customers under all rules') FROM ruled;
SELECT is(count(*) FILTER (WHERE ARRAY(SELECT jsonb_object_keys(cdp.attributes(p)) ORDER BY 1) <> CASE WHEN cdp.has(p, 't') THEN '{d,n,t}' ELSE '{d,n}' END::text[]), 0::bigint, 'attributes are these and no others') FROM ruled;

-- Rules that compute: of each source the latest, and the distinct values (of those kept).
SELECT is(count(*) FILTER (WHERE cdp.number(cdp.with_policy(p, 'default sum; d as timestamp'), 'n') IS DISTINCT FROM sum), 0::bigint, 'sum is what SQL says')
FROM golden JOIN (SELECT customer, sum(n) FROM (SELECT DISTINCT ON (customer, source) customer, n FROM fact WHERE attribute = 'n' ORDER BY customer, source, at DESC, n) AS latest GROUP BY 1) AS o USING (customer);
SELECT is(count(*) FILTER (WHERE cdp.with_policy(p, 'default collect') -> 'n' IS DISTINCT FROM ns OR cdp.with_policy(p, 'default collect') -> 't' IS DISTINCT FROM ts), 0::bigint, 'collect is what SQL says')
FROM golden JOIN (SELECT customer, jsonb_agg(DISTINCT n) FILTER (WHERE attribute = 'n') AS ns, jsonb_agg(DISTINCT t) FILTER (WHERE attribute = 't' AND NOT erased) AS ts FROM pair WHERE place <= 16 GROUP BY 1) AS o USING (customer);
SELECT is(count(*) FILTER (WHERE p ->> 't' IS DISTINCT FROM t), 0::bigint, 'ignore empty is what SQL says')
FROM (SELECT customer, cdp.profile_agg(attributes, source, at, 'default recent ignore empty') AS p, (array_agg(t ORDER BY at DESC, source, t COLLATE "C") FILTER (WHERE trim(t) <> ''))[1] AS t FROM given GROUP BY 1) AS s;

-- A rule from the start and one put in later are the same; so are all parts and the whole, a document and its profile.
SELECT is(count(*) FILTER (WHERE r.p <> d.p), 0::bigint, 'with_policy is as if from the start: ' || rule)
FROM ruled AS r JOIN golden AS g USING (customer) JOIN LATERAL (SELECT rule, customer, cdp.profile_agg(attributes, source, at, format('default %s; d as timestamp', rule)) AS p FROM given, (VALUES ('max'), ('frequent')) AS v (rule) GROUP BY 1, 2) AS d USING (customer, rule)
WHERE withdrew IS NULL GROUP BY rule;
SELECT is(count(*) FILTER (WHERE cdp.policy_of(p) <> format('default %s; d as timestamp', rule)::cdp.policy), 0::bigint, 'policy_of') FROM ruled;
SELECT is(count(*) FILTER (WHERE parts <> p), 0::bigint, 'parts merge into the whole')
FROM golden JOIN (SELECT customer, cdp.merge(cdp.profile_agg(attributes, source, at, 'd as timestamp') FILTER (WHERE i % 20000 < 10000), cdp.rollup(cdp.observe(attributes, source, at, 'd as timestamp')) FILTER (WHERE i % 20000 >= 10000)) AS parts FROM given GROUP BY 1) AS o USING (customer) WHERE withdrew IS NULL;
SELECT is(count(*) FILTER (WHERE p::jsonb::cdp.profile <> p OR p::jsonb <> p::text::jsonb OR p::text::cdp.profile <> p), 0::bigint, 'documents') FROM golden;

-- What a row said together stays together, and is read by path.
SELECT is(count(*) FILTER (WHERE NOT together), 0::bigint, 'the members of a group are of one row, the latest')
FROM (SELECT customer, bool_or(at = last AND o.source = s.source AND cdp.number(p, 'g.n') = n AND p ->> 'g.t' = t AND (cdp.has(p, 'g') AND NOT cdp.has(p, 'n') AND NOT cdp.has(p, 't'))) AS together
      FROM observed AS o JOIN (SELECT customer, cdp.profile_agg(attributes - 'd', source, at, 'group g(n, t)') AS p, max(at) AS last, (array_agg(source ORDER BY at DESC, source COLLATE "C"))[1] AS source FROM given GROUP BY 1) AS s USING (customer) GROUP BY 1) AS g;

-- Provenance
SELECT pg_temp.same($$SELECT customer, attribute, value, source, first_seen, last_seen, times, golden, exact, reason FROM golden, cdp.observations(p) WHERE attribute <> 'd'$$, $$
  SELECT p.customer, attribute, coalesce(to_jsonb(n), to_jsonb(t)) AS value, source::text COLLATE "default" AS source, CASE WHEN NOT overflowed THEN first_seen END AS first_seen, last_seen, CASE WHEN NOT overflowed THEN times END AS times,
         place = 1 AS golden, true AS exact,
         CASE WHEN place = 1 THEN CASE lead(last_seen) OVER (PARTITION BY customer, attribute ORDER BY place) WHEN last_seen THEN 'latest; of several at that time the first by source and value' ELSE 'latest' END END AS reason
  FROM pair AS p WHERE place <= 16 AND attribute <> 'd'$$, 100000, 'observations');
SELECT is(count(*), 0::bigint, 'one golden row of an attribute, and the golden value is in it')
FROM (SELECT FROM ruled, cdp.observations(p) AS o GROUP BY customer, rule, attribute HAVING count(*) FILTER (WHERE golden) <> 1 OR NOT bool_or(golden AND value IS NOT DISTINCT FROM p -> attribute)) AS wrong;
SELECT pg_temp.same($$SELECT customer, rule, attribute, source FROM ruled, cdp.observations(p) AS o WHERE golden AND attribute <> 'd'$$,
                    $$SELECT customer, rule, attribute, source::text COLLATE "default" FROM winner WHERE attribute <> 'd'$$, 140000, 'the golden row is of the source that won');
SELECT is(count(*) FILTER (WHERE reason IS DISTINCT FROM CASE rule
            WHEN 'first' THEN 'earliest' WHEN 'max' THEN 'greatest' WHEN 'min' THEN 'least' WHEN 'longest' THEN 'longest'
            WHEN 'frequent' THEN CASE WHEN times IS NULL THEN 'latest; too many values to count' ELSE 'most frequent' END
            WHEN 'priority(s2, s0)' THEN CASE WHEN source IN ('s0', 's2') THEN 'latest of the first preferred source that has one' ELSE 'latest; no preferred source has one' END END
          OR exact <> (rule <> 'frequent' OR times IS NOT NULL)), 0::bigint, 'reasons')
FROM ruled, cdp.observations(p) AS o WHERE golden AND rule <> 'recent';
SELECT is(count(*), 0::bigint, 'the rows of a sum add up to it')
FROM (SELECT FROM golden, LATERAL (SELECT cdp.with_policy(p, 'n sum') AS q) AS s, cdp.observations(q) AS o WHERE attribute = 'n' AND times IS NOT NULL
      GROUP BY customer HAVING sum(value::numeric) FILTER (WHERE golden) <> max(cdp.number(q, 'n')) OR bool_or(golden <> (reason IS NOT DISTINCT FROM 'latest of its source, in the sum'))) AS wrong;

-- Taking out
SELECT is(count(*) FILTER (WHERE cdp.number(w, 'n') IS DISTINCT FROM n OR w ->> 't' IS DISTINCT FROM t OR cdp.time(w, 'd') IS DISTINCT FROM d), 0::bigint, 'without a source, the others say what SQL says')
FROM (SELECT customer, cdp.without(p, source => 's1') AS w FROM golden) AS g
LEFT JOIN (SELECT customer, (array_agg(n ORDER BY at DESC, source, n) FILTER (WHERE attribute = 'n'))[1] AS n, (array_agg(t ORDER BY at DESC, source, erased DESC, t) FILTER (WHERE attribute = 't'))[1] AS t,
                  (array_agg(d ORDER BY at DESC, source, d) FILTER (WHERE attribute = 'd'))[1] AS d FROM fact WHERE source <> 's1' GROUP BY 1) AS o USING (customer);
SELECT is(count(*) FILTER (WHERE cdp.without(p, source => 's1') <> no_source OR cdp.without(p, attribute => 't') <> no_attribute OR cdp.without(p, 's1', 't') <> neither), 0::bigint, 'without is as if it had not been said')
FROM golden JOIN (SELECT customer, cdp.profile_agg(attributes, source, at, 'd as timestamp') FILTER (WHERE source <> 's1') AS no_source, cdp.profile_agg(attributes - 't', source, at, 'd as timestamp') AS no_attribute,
                         cdp.profile_agg(CASE source WHEN 's1' THEN attributes - 't' ELSE attributes END, source, at, 'd as timestamp') AS neither FROM given GROUP BY 1) AS o USING (customer)
WHERE withdrew IS NULL AND customer % 10 > 0;

SELECT * FROM finish();
ROLLBACK;
