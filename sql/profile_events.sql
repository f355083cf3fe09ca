-- The events of a profile: attached, merged, summed up and kept elsewhere. docs/profile.md

\pset null '(null)'
SET timezone = 'UTC';
SET datestyle = 'ISO, DMY';
CREATE TABLE customer AS
SELECT (SELECT cdp.profile_agg('{"country": "TR", "plan": "pro"}', 'crm', '2026-01-01 10:00+00'))
         || cdp.identifier('email', 'a@example.com', 'crm', '2026-01-01') AS profile,
       cdp.timeline_agg(event, at, properties) AS timeline
FROM (VALUES ('purchase', timestamptz '2026-01-02', '{"amount": 12.50, "quantity": 2}'::jsonb), ('purchase', '2026-01-05 10:20:30', '{"amount": 0.05}'),
             ('view', '2026-01-04', '{"page": "home"}'), ('view', '2026-01-03', NULL)) AS e (event, at, properties);

-- Attached
SELECT profile || timeline AS profile FROM customer;
SELECT cdp.timeline(profile || timeline)::text = timeline::text AS the_same, cdp.timeline(profile) AS none,
       (profile || timeline) ->> 'country' AS country, (profile || timeline) @@ 'plan = "pro"' AS matches FROM customer;
SELECT t.* FROM customer, cdp.totals(profile || timeline) AS t;

-- Detached, and attached again
SELECT cdp.detach(profile || timeline) AS profile FROM customer;
SELECT cdp.is_detached(profile) AS before, cdp.is_detached(cdp.detach(profile)) AS detached, cdp.is_detached(cdp.detach(profile) || timeline) AS attached,
       (cdp.detach(profile || timeline) || timeline)::text = (profile || timeline)::text AS the_same,
       cdp.detach(profile || timeline) ->> 'country' AS country FROM customer;
SELECT t.* FROM customer, cdp.totals(cdp.detach(profile || timeline)) AS t;
SELECT cdp.timeline(cdp.detach(profile || timeline)) FROM customer;

-- Merged: events are a set, totals of different events add up, what is merged with a detached profile is detached
SELECT t.* FROM customer,
  cdp.totals(cdp.detach(profile || timeline) || cdp.detach('{}'::cdp.profile || cdp.event('view', '2026-02-01', '{"amount": -1}'))) AS t;
SELECT cdp.timeline((profile || timeline) || (profile || timeline))::text = timeline::text AS once,
       cdp.is_detached(profile || cdp.detach('{}')) AS detached,
       (cdp.detach(profile || timeline) || ('{}'::cdp.profile || cdp.event('view', '2026-02-01')))::text =
       (('{}'::cdp.profile || cdp.event('view', '2026-02-01')) || cdp.detach(profile || timeline))::text AS commutative FROM customer;
SELECT (SELECT cdp.rollup(p) FROM (VALUES (profile), ('{}'::cdp.profile || timeline), (NULL), ('{}'::cdp.profile || timeline)) AS parts (p))::text
       = (profile || timeline)::text AS rolled_up FROM customer;

-- Text
SELECT p::text::cdp.profile::text = p::text AS round_trip
FROM customer, LATERAL (VALUES (profile || timeline), (cdp.detach(profile || timeline)), (cdp.detach('{}')),
                               (cdp.detach(profile || timeline) || ('{}'::cdp.profile || cdp.event('view', '2026-02-01')))) AS v (p);

DROP TABLE customer;
