-- Text identifier pairs as a web shop sees them: cookies and devices seen with an e-mail, e-mails with a phone.
-- Five links a person on average; who has none at random is missing.
SELECT setseed(0.42) \g /dev/null
CREATE UNLOGGED TABLE link AS
WITH seen AS MATERIALIZED (
  SELECT nr % 3 AS kind, (random() * :people)::integer AS person, random() AS device
  FROM generate_series(1, :links) AS nr
)
SELECT CASE kind
         WHEN 0 THEN 'cookie:' || person * 7 + round(device * 4)::integer
         WHEN 1 THEN 'device:' || person * 3 + round(device)::integer
         ELSE 'email:u' || person || '@example.com'
       END AS a,
       CASE kind
         WHEN 2 THEN 'phone:+9053' || lpad(person::text, 8, '0')
         ELSE 'email:u' || person || '@example.com'
       END AS b
FROM seen;
VACUUM ANALYZE link;
