-- The same job on FEBRL3: 5 000 records of synthetic Australians, 2 000 of them originals, the rest copies with errors.
-- The records are dealt out over two sources; the column `cluster` is the truth.
--   psql -v data=FOLDER -f examples/public/febrl.sql      FOLDER holds febrl3.csv
CREATE TABLE public.person (
  rec_id text PRIMARY KEY, given_name text, surname text, street_number text, address_1 text, address_2 text, suburb text,
  postcode text, state text, date_of_birth text, soc_sec_id text, cluster text NOT NULL
);
\set here `pwd`
\cd :data
\copy public.person from 'febrl3.csv' (format csv, header match)
\cd :here
CREATE TABLE public.truth AS SELECT rec_id AS record, cluster AS person FROM public.person;

CREATE SCHEMA unify;

-- 1. One shape, and 2. normalised. Half of the records are the CRM's, half the shop's, which are a year newer. The data
-- have no dates, so a hash gives each record a source and a day.
CREATE TABLE unify.normal AS
SELECT rec_id AS record, CASE WHEN hash < '8' THEN 'crm' ELSE 'shop' END AS source,
       CASE WHEN hash < '8' THEN timestamptz '2024-01-01Z' ELSE '2025-01-01Z' END
         + interval '1 day' * get_byte(decode(hash, 'hex'), 1) AS observed_at,
       cdp.normalize_name(given_name, 'en') AS given, cdp.normalize_name(surname, 'en') AS surname,
       cdp.normalize_name(address_1, 'en') AS street, cdp.normalize_name(suburb, 'en') AS suburb,
       street_number, address_2, postcode, state, date_of_birth AS birthday, soc_sec_id
FROM public.person, LATERAL (SELECT md5(rec_id)) AS h (hash);

CREATE TABLE unify.record AS
SELECT record, source, observed_at,
       NULL AS initial,   -- no value here is one that families share
       jsonb_build_object('given_name', given, 'surname', surname, 'street', street, 'street_number', street_number,
                          'suburb', suburb, 'postcode', postcode, 'state', state, 'birthday', birthday,
                          'soc_sec_id', soc_sec_id) AS attributes
FROM unify.normal;

-- One number and, since every field may be wrong or missing, several combinations of which each is enough. Some people
-- wrote their given name into the field for the surname, so the first rule doesn't ask which is which.
CREATE TABLE unify.identifier AS
SELECT record, type, value
FROM unify.normal,
     LATERAL (SELECT 'social security number', soc_sec_id
              UNION ALL SELECT 'names and birthday', concat_ws('|', least(given, surname), greatest(given, surname), birthday)
                        WHERE given || surname || birthday IS NOT NULL
              UNION ALL SELECT 'surname, birthday and postcode', surname || '|' || birthday || '|' || postcode
              UNION ALL SELECT 'given name, birthday and suburb', given || '|' || birthday || '|' || suburb
              UNION ALL SELECT 'names and street', given || '|' || surname || '|' || street
              UNION ALL SELECT 'birthday and address', birthday || '|' || street_number || '|' || street) AS i (type, value)
WHERE value IS NOT NULL;

CREATE TABLE unify.identifier_type (type text PRIMARY KEY, max_records integer NOT NULL);
INSERT INTO unify.identifier_type SELECT DISTINCT type, 20 FROM unify.identifier;

-- 3. Who is who.
\ir ../resolve.sql

-- 5. Segments. (There is no behaviour in these data.)
\ir ../segment.sql
INSERT INTO unify.segment VALUES
  ('New South Wales', 'state = "nsw"', 'by the golden record'),
  ('born before 1940', 'birthday < "1940"', 'ISO dates compare as text'),
  ('known to both', 'soc_sec_id from "crm" is known and soc_sec_id from "shop" is known', 'CRM and shop share them'),
  ('perhaps left New South Wales', 'any(state) = "nsw" and state != "nsw"', 'some record still says so'),
  ('cannot be addressed', 'street is unknown or postcode is unknown or surname is unknown', 'a letter would not arrive');
