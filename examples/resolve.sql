-- From records with identifiers to customers with golden records, in a space. Reads unify.record, unify.identifier and
-- unify.identifier_type; unify.sql and the files in public/ fill them and then include this file.

SELECT cdp.create_space('c360') \g /dev/null

-- The rules: what identifies somebody, and when it is carried by too many records to identify anybody. The values are
-- normalised already. A record is an identifier, too: what two records have in common joins them.
SELECT cdp.set_rules('c360', jsonb_build_object(
  'max_identifiers', 20,
  'types', (SELECT jsonb_object_agg(type, jsonb_build_object('normaliser', NULL, 'max_per_profile', NULL,
                   'max_degree', jsonb_build_object('record', max_records))) FROM unify.identifier_type)
           || '{"record": {"priority": 100, "max_degree": {"record": 1000}}}',
  'sources', (SELECT jsonb_object_agg(DISTINCT source, '{}'::jsonb) FROM unify.record))) \g /dev/null

-- Each record is an observation: a source saw these identifiers together, and says this of whom they belong to. A
-- thousand at a time.
SELECT cdp.identify_many('c360', array_agg(identifiers), array_agg(attributes), source, array_agg(observed_at))
FROM (SELECT r.source, r.attributes, r.observed_at, row_number() OVER (PARTITION BY r.source ORDER BY r.observed_at, r.record) / 1000 AS batch,
             coalesce(i.identifiers, '{}') || jsonb_build_object('record', coalesce(i.identifiers -> 'record', '[]') || to_jsonb(r.record))
               AS identifiers
      FROM unify.record r LEFT JOIN (
             SELECT record, jsonb_object_agg(type, list) AS identifiers
             FROM (SELECT record, type, jsonb_agg(value) AS list FROM unify.identifier GROUP BY record, type) AS l
             GROUP BY record) AS i USING (record)) AS o
GROUP BY source, batch \g /dev/null

-- What was put off because it concerns many at once.
CALL cdp.resolve('c360', flips => true) \g /dev/null

CREATE VIEW unify.customer_record AS
SELECT value AS record, profile_id AS customer FROM c360.customer_identifier WHERE type = 'record';
