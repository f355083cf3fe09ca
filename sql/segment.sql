-- Rules: text, matching, algebra, casts, resolution. docs/segment.md

\pset null '(null)'
SET timezone = 'UTC';
SET datestyle = 'ISO, DMY';
CREATE TABLE customer (id int PRIMARY KEY, profile cdp.profile);
INSERT INTO customer
SELECT id, cdp.profile_agg(attributes::jsonb, source, at::timestamptz) FROM (VALUES
  (1, '{"name": "Zeynep", "country": "TR", "age": 30, "email": "Zeynep@Example.com", "tags": ["vip", "news"]}', 'crm', '2026-01-01 10:00'),
  (1, '{"country": "RS", "address": {"city": "Novi Sad", "zip": "21000"}}', 'shop', '2026-02-01 10:00'),
  (2, '{"name": "Budi", "country": "ID", "age": 17, "vip": true}', 'shop', '2026-03-01 10:00'),
  (3, '{"Loyalty Tier": "gold"}', 'crm', '2026-03-01 10:00')) AS r (id, attributes, source, at)
GROUP BY id;
INSERT INTO customer VALUES (4, '{"attributes": {"signed_up": [{"time": "2026-03-01T00:00:00Z", "source": "crm", "last_seen": "2026-03-02T00:00:00Z"}], "birthday": [{"time": "1988-02-29", "source": "crm", "last_seen": "2026-03-02T00:00:00Z"}]}}');
INSERT INTO customer VALUES (5, NULL);

-- Canonical text
SELECT rule::cdp.segment FROM (VALUES
  ('Country in ("TR","RS","TR") AND ((age>=18.0)) and not (vip = TRUE or tags contains any ("a"))'),
  ('attr("Loyalty Tier") = "gold" or attr("address.city") starts with "N" /* nested */'),
  ('any(country) = "TR" and country from "crm" != "RS" and freshness(country) < 30 Days'),
  ('signed_up within last 1 months or birthday anniversary within next 7 day or x within since timestamp "2026-01-31 12:00+03"'),
  ('email ilike "%\u0040EXAMPLE.com" and email is known and last is unknown'),
  ('a between 1 and 2 or b not between date "2026-01-01" and timestamp "2026-01-02T00:00:00Z"')) AS r (rule);

-- Matching: unknown is no match
SELECT id, profile @@ 'country = "RS"' AS eq, profile @@ 'country != "TR"' AS ne, profile @@ 'not country = "TR"' AS not_eq,
       profile @@ 'country is unknown or country != "TR"' AS or_unknown, NOT (profile @@ 'country != "TR"') AS everybody_else,
       'age >= 18' @@ profile AS exchanged
FROM customer ORDER BY id;
SELECT id FROM customer WHERE profile @@ 'any(country) = "TR" and address.city like "Novi%" and email ilike "zeynep@%" and tags contains all ("news", "vip")';
SELECT id FROM customer WHERE profile @@ 'attr("Loyalty Tier") in ("silver", "gold")';
SELECT as_of, cdp.matches(profile, 'signed_up within last 30 days', as_of) AS fixed,
       cdp.matches(profile, 'signed_up within last 1 month', as_of) AS month,
       cdp.matches(profile, 'birthday anniversary within next 7 days', as_of) AS birthday,
       cdp.matches(profile, 'freshness(signed_up) < 30 days', as_of) AS fresh
FROM customer, (VALUES ('2027-02-20 12:00+00'::timestamptz), ('2027-02-21 12:00+00'), ('2027-02-28 12:00+00'), ('2027-03-01 12:00+00'),
                       ('2026-02-28 12:00+00'), ('2026-03-31 00:00+00'), ('2026-04-01 23:00+00'), ('2026-04-02 00:00+00')) AS t (as_of)
WHERE id = 4;
SELECT id, e.* FROM customer, cdp.explain(profile, 'country in ("TR", "RS") and any(country) = "TR" and not freshness(age) > 60 days and missing = 1', '2026-03-01 10:00+00') AS e
WHERE id <= 2 ORDER BY id;
SELECT cdp.attributes_used('b = 1 and (a.c in (1) or not any(z) is known) and b from "s" = 1');

-- Identifiers, consents and events
CREATE TABLE shopper AS
SELECT cdp.identifier('email', 'a@x.org', 'crm', '2026-01-01') || cdp.timeline_agg(event, at, properties) AS profile
FROM (VALUES ('view', timestamptz '2026-03-01 10:00+00', '{"category": "shoes", "item": {"brand": "A"}}'::jsonb), ('cart', '2026-03-01 10:20+00', '{"category": "shoes"}'),
             ('purchase', '2026-03-02 09:00+00', '{"category": "shoes", "amount": 80, "Total Amount": 88}'), ('view', '2026-03-20 11:00+00', '{"category": "hats"}'),
             ('purchase', '2026-03-20 12:00+00', '{"category": "hats", "amount": 25.50}'), ('login', '2026-03-20 12:00+00', NULL)) AS r (event, at, properties);
SELECT rule::cdp.segment, cdp.matches(profile, rule::cdp.segment, '2026-03-21') AS matches FROM shopper, (VALUES
  ('has identifier("email")'), ('identifiers("email") between 1 and 2'), ('consent("marketing")'),
  ('did("purchase")'), ('did("purchase", last 7 days)'), ('not did("refund" where amount > 0, last 3 months)'),
  ('count("purchase" where amount > 50 and category = "shoes", last 30 days) >= 1'), ('count("purchase", since date "2026-03-10") = 1'),
  ('count("view" where item.brand in ("A", "B") or category like "h%", between date "2026-03-01" and date "2026-04-01") = 2'),
  ('sum("purchase".amount, last 90 days) > 105'), ('avg("purchase".amount) between 52.75 and 52.75'), ('min("purchase".amount) = 25.5'), ('max("purchase".attr("Total Amount")) = 88'),
  ('distinct("view".category, last 7 days) = 1'), ('most_frequent("view".category) = "hats"'),
  ('first("purchase") < date "2026-03-03"'), ('last("purchase") within last 1 day'), ('last("refund") is unknown'),
  ('last("purchase").amount < 30'), ('first("view").item.brand = "A"'),
  ('days_active(last 30 days) = 3'), ('days_active("purchase") = 2'),
  ('funnel("view", "cart", "purchase", within 7 days) >= 3'), ('funnel("view", "purchase", within 1 hour, strict order, strict once, last 30 days) = 2'),
  ('sequence("view" where category = "shoes" then "cart" within 1 hour then not "refund" within 7 days then "purchase" within 1 day, last 30 days)'),
  ('sequence("purchase" then not "purchase" within 7 days)')) AS r (rule);
SELECT cdp.attributes_used(rule), cdp.events_used(rule) FROM (SELECT 'a = 1 and did("x" where b = 1) and sequence("y" then not "x" then "z") and days_active(last 3 days) > 1'::cdp.segment AS rule) AS r;
SELECT e.* FROM (SELECT cdp.timeline_agg('visit', date '2026-01-01' + i * interval '1 day', '{"n": 1}') AS t FROM generate_series(0, 9) AS i) AS one,
  LATERAL cdp.explain('{}'::cdp.profile || cdp.keep(t, 3), 'did("visit", last 7 days) and sum("visit".n, last 7 days) > 0 and first("visit", last 7 days) is known and last("visit").n = 1', '2026-01-11') AS e;
SELECT cdp.matches(cdp.detach(profile), 'a is unknown or did("x")', '2026-03-21') FROM shopper;
SELECT * FROM shopper WHERE profile @@ 'count("purchase") = "2"';
SELECT * FROM shopper WHERE profile @@ 'did("purchase" whre amount > 1)';
SELECT * FROM shopper WHERE profile @@ 'cuont("purchase") = 2';
DROP TABLE shopper;

-- How drivers and tools call it
PREPARE by_text(text) AS SELECT id FROM customer WHERE profile @@ $1 ORDER BY id;
PREPARE by_varchar(varchar) AS SELECT id FROM customer WHERE profile @@ $1 ORDER BY id;
PREPARE by_bpchar(bpchar) AS SELECT id FROM customer WHERE profile @@ $1 ORDER BY id;
PREPARE by_rule AS SELECT id FROM customer WHERE profile @@ $1 ORDER BY id;
SET plan_cache_mode = force_generic_plan;
EXECUTE by_text('country = "RS"');
EXECUTE by_varchar('country = "RS"');
EXECUTE by_bpchar('country = "RS"    ');
EXECUTE by_rule('country = "RS"');
EXECUTE by_text('country = RS');
RESET plan_cache_mode;
SELECT id FROM customer WHERE profile @@ ANY (ARRAY['country = "RS"', 'vip = true']::text[]) ORDER BY id;
SELECT id FROM customer WHERE profile @@ ALL (ARRAY['country = "RS"', 'age = 30']) ORDER BY id;
SELECT id FROM customer WHERE profile @@ (SELECT rule FROM (VALUES ('vip = true'::text)) AS r (rule));
SELECT id, rule, profile @@ rule AS matches FROM customer, (VALUES ('country = "RS"'::text), ('vip = true'), ('vip = true')) AS r (rule) WHERE id < 3 ORDER BY id, rule;
EXPLAIN (COSTS OFF, VERBOSE) SELECT id FROM customer WHERE profile @@ 'country   =   "RS"'::text;

-- No search path is needed, and none can hurt
SET search_path = '';
SELECT id FROM public.customer WHERE profile @@ 'country = "RS"';
SELECT 'a = 1'::cdp.segment OPERATOR(pg_catalog.&) 'b = 1';
RESET search_path;

-- A bad literal is pointed at
SELECT * FROM customer WHERE profile @@ 'country lik "TR"';
SELECT * FROM customer WHERE profile @@ 'country = TR';
SELECT * FROM customer WHERE profile @@ 'fresness(country) < 30 days';

-- Algebra, equality, order
SELECT 'a = 1'::cdp.segment & 'b = 1 or c = 1' AS "and", 'a = 1'::cdp.segment | 'b = 1 and c = 1' AS "or", ! 'a = 1 and b = 1'::cdp.segment AS "not";
CREATE TABLE rule (name text, rule cdp.segment);
INSERT INTO rule VALUES ('a', 'a=1'), ('b', 'a  = 1.0'), ('c', '(a = 1)'), ('d', 'a = 1 and b = 2'), ('e', 'b = 2 and a = 1'), ('f', 'a in (2, 1)'), ('g', 'a in (1, 2, 2)');
SELECT rule, count(*), string_agg(name, ',' ORDER BY name) FROM rule GROUP BY rule ORDER BY rule;
SET enable_hashagg = off;
SELECT DISTINCT rule FROM rule ORDER BY rule;
RESET enable_hashagg;
CREATE INDEX ON rule USING btree (rule);
CREATE INDEX ON rule USING hash (rule);
SET enable_seqscan = off;
SELECT name FROM rule WHERE rule = 'a = 1' ORDER BY name;
RESET enable_seqscan;
SELECT count(*) FROM rule AS r JOIN rule AS s ON r.rule = s.rule;
SELECT 'a = 1'::cdp.segment = 'a=1' AS eq, 'a = 1'::cdp.segment <> 'a = 2' AS ne, 'a = 1'::cdp.segment < 'a = 2' AS lt, 'a = 1'::cdp.segment >= 'a = 2' AS ge;

-- Binary and stored forms
SELECT cdp.segment_send('country = "TR"');
SELECT cdp.to_bytes('country = "TR"'), cdp.to_bytes('country = "TR"')::cdp.segment, 'country = "TR"'::cdp.segment::bytea::cdp.segment;
SELECT bool_and(rule::bytea::cdp.segment = rule AND rule::text::cdp.segment = rule) FROM rule;
CREATE TABLE long_rule AS SELECT ('a in (' || string_agg(i::text, ',') || ')')::cdp.segment AS rule FROM generate_series(1, 20000) AS i;
SELECT length(rule::text), md5(rule::text), rule = rule::text::cdp.segment FROM long_rule;
SELECT id FROM customer, long_rule WHERE profile @@ ('age = 30' & rule) ORDER BY id;
SELECT id FROM customer, long_rule WHERE profile @@ (rule | 'age = 30') ORDER BY id;

-- Comparing rules that are stored out of line leaves nothing behind
CREATE TABLE large_rule AS
SELECT ('a = "' || repeat('x', 50000) || i * 7919 % 300 || '"')::cdp.segment AS rule FROM generate_series(1, 300) AS i;
SELECT count(*), bool_and(used < 64 * 1024 * 1024) AS small
FROM (SELECT rule FROM large_rule ORDER BY rule OFFSET 0) AS sorted,
     LATERAL (SELECT sum(used_bytes) AS used FROM pg_backend_memory_contexts WHERE rule IS NOT NULL) AS memory;

DROP TABLE customer, rule, long_rule, large_rule;
