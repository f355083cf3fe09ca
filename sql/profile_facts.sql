-- Identifiers and consents of a profile. docs/profile.md

\pset null '(null)'
SET timezone = 'UTC';
SET datestyle = 'ISO, DMY';

-- Identifiers: seen once more is seen for longer, whatever the order
CREATE TABLE seen (type text, value text, source text, at timestamptz);
INSERT INTO seen VALUES
  ('email', 'zeynep@example.com', 'crm', '2026-01-03'), ('email', 'zeynep@example.com', 'crm', '2026-01-01'),
  ('email', 'zeynep@example.com', 'shop', '2026-02-01 10:20:30.000001+00'), ('email', 'z@example.org', 'shop', '2025-12-31'),
  ('device', 'é-7', 'app', '2026-01-02'), ('phone', NULL, 'crm', '2026-01-01');
CREATE TABLE customer AS SELECT cdp.rollup(cdp.identifier(type, value, source, at)) AS profile FROM seen;
SELECT profile FROM customer;
SELECT i.* FROM customer, cdp.identifiers(profile) AS i;
SELECT i.* FROM customer, cdp.identifiers(profile, 'email') AS i;
SELECT count(*) FROM customer, cdp.identifiers(profile, 'phone');
SELECT cdp.has_identifier(profile, 'email') AS email, cdp.has_identifier(profile, 'phone') AS phone,
       cdp.has_identifier(profile, 'email', 'z@example.org') AS this, cdp.has_identifier(profile, 'email', 'é-7') AS of_another_type,
       cdp.identifier_count(profile, 'email') AS emails, cdp.identifier_count(profile, 'phone') AS phones FROM customer;

-- Consents: the latest entry decides, a withdrawal wins a tie
UPDATE customer SET profile = profile || cdp.consent('marketing', true, 'web', '2026-01-01') || cdp.consent('marketing', false, 'call', '2026-02-01')
  || cdp.consent('marketing', true, 'web', '2026-02-01') || cdp.consent('marketing', true, 'app', '2026-03-01')
  || cdp.consent('analytics', false, 'web', '2026-01-01') || cdp.consent('analytics', NULL, 'web', '2026-01-02');
SELECT c.* FROM customer, cdp.consents(profile) AS c;
SELECT as_of::date, cdp.has_consent(profile, 'marketing', as_of) AS marketing, cdp.has_consent(profile, 'analytics', as_of) AS analytics,
       cdp.has_consent(profile, 'profiling', as_of) AS never_asked
FROM customer, unnest(ARRAY['-infinity', '2025-12-31', '2026-01-01', '2026-01-31', '2026-02-01', '2026-02-28', '2026-03-01', 'infinity']::timestamptz[]) AS as_of;

-- Neither counts: what is merged again changes nothing; attributes stand beside them
UPDATE customer SET profile = profile || (SELECT cdp.profile_agg('{"country": "TR", "age": 30}', 'crm', '2026-01-01 10:00+00'));
SELECT ARRAY(SELECT i FROM cdp.identifiers(profile || profile) AS i) = ARRAY(SELECT i FROM cdp.identifiers(profile) AS i) AS identifiers,
       ARRAY(SELECT c FROM cdp.consents(profile || profile) AS c) = ARRAY(SELECT c FROM cdp.consents(profile) AS c) AS consents,
       profile ->> 'country' AS country, profile @@ 'age = 30' AS matches FROM customer;
SELECT profile::text::cdp.profile::text = profile::text AS round_trip, (profile || '{}')::text = profile::text AS identity FROM customer;
SELECT jsonb_pretty(profile::text::jsonb - 'attributes') FROM customer;

DROP TABLE seen, customer;
