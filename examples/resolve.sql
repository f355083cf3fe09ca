-- From records with identifiers to customers with golden records. Reads unify.record, unify.identifier and
-- unify.identifier_type; unify.sql and the files in public/ fill them and then include this file.

-- Guards. A value that too many records carry is a hub and links nothing. A value of a type that people share (a family's
-- telephone, a tablet in the living room, a common mailbox), and that is seen with several initials, links only the
-- records of one initial.
CREATE TABLE unify.guard AS
SELECT type, value, count(*) AS records,
       CASE WHEN count(*) > max_records THEN 'hub'
            WHEN people_share AND count(DISTINCT initial) > 1 THEN 'shared'
            ELSE 'own' END AS use
FROM unify.identifier JOIN unify.identifier_type USING (type) JOIN unify.record USING (record)
GROUP BY type, value, people_share, max_records;

-- Links go from a record to a value: two records with the same value are in one component.
CREATE VIEW unify.link AS
SELECT record, CASE WHEN type = 'record' THEN value
                    WHEN use = 'shared' THEN type || ':' || value || '/' || initial
                    ELSE type || ':' || value END AS value
FROM unify.identifier JOIN unify.guard USING (type, value) JOIN unify.record USING (record)
WHERE use = 'own' OR use = 'shared' AND initial IS NOT NULL
UNION ALL
SELECT record, NULL FROM unify.record;   -- a record without links is a customer, too

-- A component is named by its least identifier, which may be somebody's address; a customer is named by its least record.
CREATE TABLE unify.customer_record AS
SELECT r.record, min(r.record COLLATE "C") OVER (PARTITION BY c.component) AS customer
FROM cdp.connected_components('SELECT record, value FROM unify.link') AS c (identifier, component)
     JOIN unify.record r ON r.record = c.identifier;

-- Golden records: one row is one observation of each attribute in it; of every attribute the most recent value wins, and
-- what the others said is kept with its source and time.
CREATE TABLE unify.customer AS
SELECT customer, count(*) AS records, cdp.profile_agg(attributes, source, observed_at) AS profile
FROM unify.customer_record JOIN unify.record USING (record)
GROUP BY customer;

ALTER TABLE unify.customer_record ADD PRIMARY KEY (record);
ALTER TABLE unify.customer ADD PRIMARY KEY (customer);
ANALYZE unify.customer_record, unify.customer;

CREATE TABLE unify.segment (name text PRIMARY KEY, rule cdp.segment NOT NULL, meaning text NOT NULL);

CREATE VIEW unify.member AS
SELECT s.name AS segment, c.customer FROM unify.segment s JOIN unify.customer c ON c.profile @@ s.rule;
