-- The same job on CDNOW: 69 659 purchases of CDs in 1997 and 1998. A purchase is a record, the customer number its only
-- identifier, and what the customer had done by then are attributes: the latest observation is the customer of today.
--   psql -v data=FOLDER -f examples/public/cdnow.sql      FOLDER holds cdnow_master.txt
CREATE TABLE public.line (number bigint GENERATED ALWAYS AS IDENTITY, line text);
\set here `pwd`
\cd :data
\copy public.line (line) from 'cdnow_master.txt'
\cd :here
CREATE TABLE public.truth (record text, person text);   -- nobody knows it

CREATE TABLE public.purchase AS
SELECT number, field[1] AS customer, to_date(field[2], 'YYYYMMDD') AS date, field[3]::integer AS cds,
       field[4]::numeric AS dollars
FROM public.line, LATERAL (SELECT regexp_split_to_array(btrim(line), '\s+')) AS f (field)
WHERE line ~ '^\s*\d';

CREATE SCHEMA unify;

-- 1 and 4. Running totals, so that each purchase is an observation of all attributes. Purchases of one day keep their
-- order in the file.
CREATE TABLE unify.record AS
SELECT 'purchase:' || number AS record, 'cdnow' AS source,
       (date + interval '1 minute' * row_number() OVER (PARTITION BY customer, date ORDER BY number)) AT TIME ZONE 'UTC'
         AS observed_at,
       NULL AS initial,
       jsonb_build_object('first_purchase', first_value(date) OVER so_far, 'last_purchase', date,
                          'purchases', count(*) OVER so_far, 'cds', sum(cds) OVER so_far,
                          'spend', sum(dollars) OVER so_far, 'largest', max(dollars) OVER so_far) AS attributes
FROM public.purchase
WINDOW so_far AS (PARTITION BY customer ORDER BY date, number);

-- 2. The identifiers.
CREATE TABLE unify.identifier AS
SELECT 'purchase:' || number AS record, 'customer' AS type, customer AS value FROM public.purchase;
CREATE TABLE unify.identifier_type (type text PRIMARY KEY, people_share boolean NOT NULL, max_records integer NOT NULL);
INSERT INTO unify.identifier_type VALUES ('customer', false, 1000);

-- 3. Resolve.
\ir ../resolve.sql

-- 5. Segments, as of the end of the data, 1998-06-30.
INSERT INTO unify.segment VALUES
  ('champions', 'purchases >= 6 and spend >= 250 and last_purchase >= "1998-04-01"', 'often, much and lately'),
  ('one-time buyers', 'purchases = 1', 'most of them'),
  ('lapsed', 'purchases >= 3 and last_purchase < "1997-10-01"', 'came back, and then no more'),
  ('big baskets', 'largest >= 150', 'one purchase of 150 dollars or more'),
  ('new friends', 'first_purchase >= "1997-03-01" and last_purchase >= "1998-01-01"', 'started late and still buy');
