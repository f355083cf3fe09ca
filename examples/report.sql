-- What the job made of the records. Ends with one customer, what is known of it and why, and the segments.
\pset footer off
\pset null ''
\pset linestyle ascii
\pset border 1
\x off

\qecho
\qecho 'How many records became how many customers'
SELECT coalesce(source, 'all') AS source, count(*) AS records, count(DISTINCT c.customer) AS customers
FROM unify.record JOIN unify.customer_record AS c USING (record)
GROUP BY ROLLUP (source)
ORDER BY grouping(source), source COLLATE "C";

SELECT EXISTS (SELECT FROM public.truth) AS has_truth \gset
\if :has_truth
\qecho 'Against the truth: pairs of records that are one person'
WITH scope AS (
  SELECT 'all records' AS scope, customer, person
  FROM unify.customer_record JOIN public.truth USING (record)
  UNION ALL
  SELECT 'records with a name', customer, person
  FROM unify.customer_record JOIN public.truth USING (record) JOIN unify.record USING (record)
  WHERE initial IS NOT NULL
), grouped AS (   -- n records that are one customer, one person, or both, are n (n - 1) / 2 pairs
  SELECT scope, grouping(person) AS any_person, grouping(customer) AS any_customer, count(*) * (count(*) - 1) / 2 AS pairs
  FROM scope
  GROUP BY GROUPING SETS ((scope, customer), (scope, person), (scope, customer, person))
), total AS (
  SELECT scope, sum(pairs) FILTER (WHERE any_customer = 1) AS in_truth, sum(pairs) FILTER (WHERE any_person = 1) AS found,
         sum(pairs) FILTER (WHERE any_person + any_customer = 0) AS correct
  FROM grouped GROUP BY scope
)
SELECT scope, (SELECT count(DISTINCT person) FROM scope s WHERE s.scope = total.scope) AS people, in_truth, found, correct,
       round(correct / nullif(found, 0), 4) AS precision, round(correct / nullif(in_truth, 0), 4) AS recall
FROM total ORDER BY scope;
\endif

-- Of those with a dozen records at most, the one with the most sources, then the most records.
SELECT c.customer
FROM unify.customer_record AS c JOIN unify.record USING (record)
GROUP BY c.customer HAVING count(*) <= 12
ORDER BY count(DISTINCT source) DESC, count(*) DESC, c.customer
LIMIT 1 \gset
\qecho 'One customer,' :customer '(* is the golden value; at most four observations of an attribute)'
SELECT CASE WHEN place = 1 THEN o.attribute END AS attribute, CASE WHEN golden THEN '*' END AS golden,
       value #>> '{}' AS value, source, first_seen::date AS first_seen, last_seen::date AS last_seen, times
FROM (SELECT o.*, row_number() OVER (PARTITION BY attribute ORDER BY golden DESC, last_seen DESC, source COLLATE "C",
                                     (value #>> '{}') COLLATE "C") AS place
      FROM c360.customer c, cdp.observations(c.profile) o
      WHERE c.profile_id = :customer) AS o
WHERE place <= 4
ORDER BY o.attribute COLLATE "C", place;

\qecho 'Its last events'
SELECT at::date, event, source, properties FROM c360.customer_event WHERE profile_id = :customer
ORDER BY at DESC, event_id LIMIT 5;

\qecho 'Why the first of its identifiers and the last are one'
SELECT step, concat_ws(' ', from_type, from_value) AS from, outcome, concat_ws(' ', to_type, to_value) AS to
FROM (SELECT min(identifier_id) AS first, max(identifier_id) AS last FROM c360.customer_identifier
      WHERE profile_id = :customer HAVING count(*) > 1) AS i,
     cdp.explain_merge('c360', first, last);

\qecho 'Segments'
SELECT s.name AS segment, count(m.customer) AS customers, s.rule
FROM unify.segment s LEFT JOIN unify.member m ON m.segment = s.name
GROUP BY s.name, s.rule
ORDER BY s.name COLLATE "C";
