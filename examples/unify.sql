-- The main job on a company's own tables: which records are one customer, and what do we know about that customer?
--
--   1  write every record in one shape
--   2  normalise the identifiers, so that equal means equal
--   3  bring them into a space, which decides who is who           (resolve.sql, the same for any data)
--   4  bring in what people did, as events
--   5  define segments
--
-- The tables of the CRM and the shop are only read; the schema unify holds what is prepared, the space c360 the customers.

CREATE SCHEMA unify;

-- 1. One shape -------------------------------------------------------------------------------------------------------
-- Five tables hold people. `parent` is the record that a foreign key names: that link is certain.

CREATE VIEW unify.written AS
SELECT 'contact:' || c.contact_id AS record, 'crm' AS source, c.updated_at AS observed_at, NULL AS parent,
       concat_ws(' ', c.given_name, c.surname) AS name, coalesce(c.country, a.country) AS country,
       c.email, ARRAY[c.phone, c.mobile] AS phones, NULL AS device, a.account_id,
       c.street, c.city, c.postcode, c.birthday,
       jsonb_build_object('title', c.title, 'company', a.name, 'industry', a.industry) AS more
FROM crm.contact c LEFT JOIN crm.account a USING (account_id)
UNION ALL
SELECT 'ticket:' || ticket_id, 'support', opened_at, 'contact:' || contact_id,
       requester, country, email, ARRAY[phone], NULL, NULL, NULL, NULL, NULL, NULL, '{}'
FROM crm.ticket
UNION ALL
SELECT 'customer:' || customer_id, 'shop', created_at, NULL,
       concat_ws(' ', given_name, surname), country, email, ARRAY[phone], NULL, NULL, street, city, postcode, birthday, '{}'
FROM shop.customer
UNION ALL
SELECT 'order:' || order_id, 'shop', ordered_at, 'customer:' || customer_id,
       recipient, country, email, ARRAY[phone], device_id, NULL, street, city, postcode, NULL, '{}'
FROM shop."order"
UNION ALL
SELECT 'visitor:' || visitor_id, 'web', visited_at, 'customer:' || customer_id,
       NULL, NULL, email, NULL, device_id, NULL, NULL, NULL, NULL, NULL, jsonb_build_object('campaign', campaign)
FROM shop.visitor;

-- 2. Normalise -------------------------------------------------------------------------------------------------------
-- The country decides how a name is folded (the Turkish i) and how a national telephone number is read.

CREATE TABLE unify.country (country text PRIMARY KEY, language text NOT NULL);
INSERT INTO unify.country VALUES ('TR', 'tr'), ('RS', 'sr'), ('IR', 'fa'), ('ID', 'id'), ('GB', 'en');

-- What people are called, and what their papers say. A dictionary is never complete, and need not be.
CREATE TABLE unify.nickname (nickname text PRIMARY KEY, given text NOT NULL);
INSERT INTO unify.nickname VALUES
  ('memo', 'mehmet'), ('ibo', 'ibrahim'), ('apo', 'abdullah'), ('fatos', 'fatma'), ('zeyno', 'zeynep'),
  ('aca', 'aleksandar'), ('zoki', 'zoran'), ('vlada', 'vladimir'), ('pera', 'petar'), ('joca', 'jovan'),
  ('jeca', 'jelena'), ('goca', 'gordana'), ('maja', 'marija'), ('kami', 'kamran'), ('tika', 'kartika'),
  ('bill', 'william'), ('bob', 'robert'), ('dick', 'richard'), ('jim', 'james'), ('tom', 'thomas'), ('mike', 'michael'),
  ('dave', 'david'), ('andy', 'andrew'), ('pete', 'peter'), ('steve', 'stephen'), ('dan', 'daniel'), ('nick', 'nicholas'),
  ('sam', 'samuel'), ('liz', 'elizabeth'), ('kate', 'katherine'), ('sue', 'susan'), ('pat', 'patricia'),
  ('jenny', 'jennifer'), ('vicky', 'victoria'), ('becky', 'rebecca'), ('debbie', 'deborah'), ('judy', 'judith');

CREATE TABLE unify.normal AS
SELECT w.record, w.parent, coalesce(n.given, word[1]) AS given,
       CASE WHEN cardinality(word) > 1 THEN word[cardinality(word)] END AS surname,
       cdp.normalize_email(w.email) AS email,
       ARRAY(SELECT DISTINCT phone FROM unnest(w.phones) AS written,
                    LATERAL (SELECT cdp.normalize_phone(written, w.country)) AS e164 (phone)
             WHERE phone IS NOT NULL ORDER BY phone) AS phones,
       w.device, w.account_id, w.birthday,
       lower(replace(w.postcode, ' ', '')) AS postcode, substring(w.street FROM '\d+') AS house,
       w.country || '-' || left(w.postcode, 2) AS region
FROM unify.written w
     LEFT JOIN unify.country USING (country),
     LATERAL (SELECT string_to_array(cdp.normalize_name(w.name, language), ' ')) AS words (word)
     LEFT JOIN unify.nickname n ON n.nickname = word[1];

-- Someone who is logged in has the name of the login.
UPDATE unify.normal r SET given = p.given, surname = p.surname
FROM unify.normal p WHERE p.record = r.parent AND r.given IS NULL;

-- What the record says about its customer; JSON nulls say nothing.
-- The initial keeps the members of a family apart; Persian letters are read as Latin ones.
CREATE TABLE unify.record AS
SELECT record, w.source, w.observed_at,
       translate(left(n.given, 1), 'اآبپتثجحخدذرزسشصضطظعغفقکگلمنوهی',
                                   'aabptsjhkdzrzsssztzagfgkglmnvhy') AS initial,
       jsonb_build_object('name', w.name, 'email', n.email, 'phone', n.phones[cardinality(n.phones)],
                          'street', w.street, 'city', w.city, 'postcode', w.postcode, 'country', w.country,
                          'region', n.region, 'birthday', w.birthday) || w.more AS attributes
FROM unify.written w JOIN unify.normal n USING (record);

-- The values that may say who it is. A parent links as it is; two records of, say, one name and one birthday are taken for
-- one person.
CREATE TABLE unify.identifier AS
SELECT record, type, value
FROM unify.normal,
     LATERAL (SELECT 'email', email
              UNION ALL SELECT 'phone', unnest(phones)
              UNION ALL SELECT 'device', device
              UNION ALL SELECT 'record', parent
              UNION ALL SELECT 'name and birthday', left(given, 1) || '|' || surname || '|' || birthday
              UNION ALL SELECT 'birthday and address', given || '|' || birthday || '|' || postcode
              UNION ALL SELECT 'name and address', concat_ws('|', given, surname, postcode || '|' || house)
                        WHERE postcode || house IS NOT NULL
              UNION ALL SELECT 'name and account', given || '|' || surname || '|' || account_id) AS i (type, value)
WHERE value IS NOT NULL;

-- Values that we know to be nobody's own: role mailboxes, and the companies' switchboards.
DELETE FROM unify.identifier WHERE type = 'email' AND value ~ '^(info|office|sales|support|noreply)@';
DELETE FROM unify.identifier
WHERE type = 'phone' AND value IN (SELECT cdp.normalize_phone(phone, country) FROM crm.account);

-- A value that people share (a family's telephone, a tablet in the living room, a common mailbox) is seen with several
-- initials: then it links only the records of one initial.
WITH shared AS (
  SELECT type, value FROM unify.identifier JOIN unify.record USING (record)
  WHERE type IN ('email', 'phone', 'device') GROUP BY type, value HAVING count(DISTINCT initial) > 1
)
UPDATE unify.identifier i SET value = i.value || '/' || r.initial
FROM shared s, unify.record r WHERE s.type = i.type AND s.value = i.value AND r.record = i.record;
DELETE FROM unify.identifier WHERE value IS NULL;

-- What the space guards: how many records one value may hold together before it is a hub, and joins nobody.
CREATE TABLE unify.identifier_type (type text PRIMARY KEY, max_records integer NOT NULL);
INSERT INTO unify.identifier_type VALUES
  ('record', 1000), ('email', 100), ('phone', 100), ('device', 100), ('name and birthday', 20),
  ('birthday and address', 20), ('name and address', 40), ('name and account', 10);

-- 3. Who is who ------------------------------------------------------------------------------------------------------

\ir resolve.sql

-- 4. Behaviour -------------------------------------------------------------------------------------------------------
-- Events of the Segment spec, as any sender would put them into the inbox. Whose they are says the record.

INSERT INTO c360.inbox (source, event)
SELECT source, jsonb_build_object('type', 'track', 'messageId', event || ':' || record || ':' || number, 'event', event, 'timestamp', at,
  'properties', jsonb_strip_nulls(properties), 'context', jsonb_build_object('externalIds', jsonb_build_array(
    jsonb_build_object('type', 'record', 'id', record))))
FROM (SELECT 'crm', 'opportunity', 'contact:' || contact_id, opportunity_id, created_at, jsonb_build_object('stage', stage, 'amount', amount)
      FROM crm.opportunity
      UNION ALL
      SELECT 'shop', 'order', 'order:' || order_id, order_id, ordered_at, jsonb_build_object('status', status, 'amount', amount)
      FROM shop."order"
      UNION ALL
      SELECT 'support', 'ticket', 'ticket:' || ticket_id, ticket_id, opened_at, jsonb_build_object('status', status, 'subject', subject)
      FROM crm.ticket
      UNION ALL
      SELECT 'web', 'visit', 'visitor:' || visitor_id, visitor_id, visited_at, jsonb_build_object('campaign', campaign, 'pages', pages)
      FROM shop.visitor) AS e (source, event, record, number, at, properties)
ORDER BY at;

CALL cdp.drain('c360');

-- 5. Segments --------------------------------------------------------------------------------------------------------
-- Rules are values: they live in a table, and `profile @@ rule` says who is in.

\ir segment.sql
INSERT INTO unify.segment VALUES
  ('best customers', 'sum("order".amount where status = "delivered") >= 400 and last("order" where status = "delivered") >= date "2025-10-01"',
   'who spends much, and did so lately'),
  ('lapsed buyers', 'count("order" where status = "delivered") >= 2 and last("order" where status = "delivered") < date "2025-07-01"'
   ' and (email is known or phone is known)',
   'worth a reminder, and can be reached'),
  ('moved away from Istanbul', 'any(region) = "TR-34" and not region = "TR-34"',
   'an earlier record says Istanbul, the latest one doesn''t'),
  ('business contacts who shop', 'company from "crm" is known and sum("order".amount where status = "delivered") > 0',
   'the CRM knows the company, the shop the purchases'),
  ('trouble ahead', 'did("ticket" where status = "open") and (sum("opportunity".amount where not stage in ("won", "lost")) >= 20000'
   ' or sum("order".amount where status = "delivered") >= 250)',
   'somebody should call them');
