-- The same job on CDNOW: 69 659 purchases of CDs in 1997 and 1998. A purchase is an event, and the customer number its only
-- identifier.
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

-- 1 and 2. There are no records but the purchases; those of one customer and day keep their order in the file.
CREATE TABLE unify.record AS
SELECT 'purchase:' || number AS record, 'cdnow' AS source, NULL AS initial, '{}'::jsonb AS attributes,
       (date + interval '1 minute' * row_number() OVER (PARTITION BY customer, date ORDER BY number)) AT TIME ZONE 'UTC' AS observed_at,
       customer, cds, dollars
FROM public.purchase;

-- 3 and 4. Events of the Segment spec bring in the customers, too.
SELECT cdp.create_space('c360') \g /dev/null
SELECT cdp.set_rules('c360', '{"sources": {"cdnow": {}}}') \g /dev/null
INSERT INTO c360.inbox (source, event)
SELECT source, jsonb_build_object('type', 'track', 'messageId', record, 'event', 'purchase', 'userId', customer, 'timestamp', observed_at,
                                  'properties', jsonb_build_object('cds', cds, 'dollars', dollars))
FROM unify.record ORDER BY observed_at, record;
CALL cdp.drain('c360');

CREATE VIEW unify.customer_record AS
SELECT record, profile_id AS customer FROM unify.record JOIN c360.customer_identifier ON type = 'user_id' AND value = record.customer;

-- 5. Segments, as of the end of the data, 1998-06-30.
\ir ../segment.sql
INSERT INTO unify.segment VALUES
  ('champions', 'count("purchase") >= 6 and sum("purchase".dollars) >= 250 and last("purchase") >= date "1998-04-01"', 'often, much and lately'),
  ('one-time buyers', 'count("purchase") = 1', 'most of them'),
  ('lapsed', 'count("purchase") >= 3 and last("purchase") < date "1997-10-01"', 'came back, and then no more'),
  ('big baskets', 'max("purchase".dollars) >= 150', 'one purchase of 150 dollars or more'),
  ('new friends', 'first("purchase") >= date "1997-03-01" and last("purchase") >= date "1998-01-01"', 'started late and still buy');
