-- The relations that cdp.to_sql reads, made of the profiles in pg_temp.person (id, p). docs/segment-sql.md has them as views.
CREATE TABLE customer AS SELECT id AS customer_id FROM person;
CREATE TABLE customer_attribute AS SELECT id AS customer_id, g.* FROM person, cdp.golden_values(p) AS g;
CREATE TABLE customer_observation AS SELECT id AS customer_id, o.* FROM person, cdp.observed_values(p) AS o;
CREATE TABLE customer_event AS
SELECT id AS customer_id, e.position, e.event, e.at AS occurred_at, COALESCE(e.properties, '{}') AS properties
FROM person, cdp.events(cdp.timeline(p)) WITH ORDINALITY AS e (event, at, properties, message_id, position);
CREATE TABLE customer_identifier AS SELECT DISTINCT id AS customer_id, i.type, i.value FROM person, cdp.identifiers(p) AS i;
CREATE TABLE customer_consent AS SELECT id AS customer_id, s.purpose, s.granted, s.at FROM person, cdp.consents(p) AS s;
CREATE INDEX ON customer_attribute (customer_id, attribute);
CREATE INDEX ON customer_observation (customer_id, attribute);
CREATE INDEX ON customer_event (customer_id, event);
CREATE INDEX ON customer_identifier (customer_id);
CREATE INDEX ON customer_consent (customer_id);
ANALYZE customer, customer_attribute, customer_observation, customer_event, customer_identifier, customer_consent;
