-- tests/vectors: the forms of values that docs/format.md specifies, as the server reads and writes them.
\getenv top PG_ABS_SRCDIR
\cd :top
CREATE TEMPORARY TABLE vector (type text, text text, stored text, binary_form text);
\copy vector (text, stored, binary_form) FROM 'tests/vectors/profile.csv' (FORMAT csv, HEADER)
UPDATE vector SET type = 'profile' WHERE type IS NULL;
\copy vector (text, stored, binary_form) FROM 'tests/vectors/segment.csv' (FORMAT csv, HEADER)
UPDATE vector SET type = 'segment' WHERE type IS NULL;
\copy vector (text, stored, binary_form) FROM 'tests/vectors/components.csv' (FORMAT csv, HEADER)
UPDATE vector SET type = 'components' WHERE type IS NULL;
\copy vector (text, stored, binary_form) FROM 'tests/vectors/audience.csv' (FORMAT csv, HEADER)
UPDATE vector SET type = 'audience' WHERE type IS NULL;
\copy vector (text, stored, binary_form) FROM 'tests/vectors/timeline.csv' (FORMAT csv, HEADER)
UPDATE vector SET type = 'timeline' WHERE type IS NULL;
\copy vector (text, stored, binary_form) FROM 'tests/vectors/policy.csv' (FORMAT csv, HEADER)
UPDATE vector SET type = 'policy' WHERE type IS NULL;
SELECT type, count(*) > 2 AS some FROM vector GROUP BY type ORDER BY type;

CREATE TEMPORARY TABLE replay AS
SELECT text, encode(cdp.profile_send(text::cdp.profile), 'hex') AS sent, text::cdp.profile::text AS again, binary_form,
       pg_column_size(text::cdp.profile) - 4 AS size, length(stored) / 2 AS expected_size FROM vector WHERE type = 'profile'
UNION ALL
SELECT text, encode(cdp.segment_send(text::cdp.segment), 'hex'), text::cdp.segment::text, binary_form,
       pg_column_size(text::cdp.segment) - 4, length(stored) / 2 FROM vector WHERE type = 'segment'
UNION ALL
SELECT text, encode(cdp.components_send(text::cdp.components), 'hex'), text::cdp.components::text, binary_form,
       pg_column_size(text::cdp.components) - 4, length(stored) / 2 FROM vector WHERE type = 'components'
UNION ALL
SELECT text, encode(cdp.audience_send(text::cdp.audience), 'hex'), text::cdp.audience::text, binary_form,
       pg_column_size(text::cdp.audience) - 4, length(stored) / 2 FROM vector WHERE type = 'audience'
UNION ALL
SELECT text, encode(cdp.timeline_send(text::cdp.timeline), 'hex'), text::cdp.timeline::text, binary_form,
       pg_column_size(text::cdp.timeline) - 4, length(stored) / 2 FROM vector WHERE type = 'timeline'
UNION ALL
SELECT text, encode(cdp.policy_send(text::cdp.policy), 'hex'), text::cdp.policy::text, binary_form,
       pg_column_size(text::cdp.policy) - 4, length(stored) / 2 FROM vector WHERE type = 'policy';
SELECT left(text, 100), left(sent, 100), left(binary_form, 100) FROM replay WHERE sent <> binary_form OR sent IS NULL;
SELECT left(text, 100), left(again, 100) FROM replay WHERE again <> text OR again IS NULL;
SELECT left(text, 100), size, expected_size FROM replay WHERE size <> expected_size;
SELECT left(text, 100) FROM vector WHERE type = 'segment' AND encode(cdp.to_bytes(text::cdp.segment), 'hex') IS DISTINCT FROM stored;

-- Keys of indexes
CREATE TEMPORARY TABLE key_vector (kind text, text text, first_key bigint, last_key bigint);
\copy key_vector FROM 'tests/vectors/keys.csv' (FORMAT csv, HEADER)
SELECT kind, count(*) > 0 AS some FROM key_vector GROUP BY kind ORDER BY kind;
SELECT v.*, d.* FROM key_vector AS v, cdp.debug_index(text::cdp.segment) AS d
WHERE kind = 'rule' AND index = 'profile_ops' AND (v.first_key, v.last_key) IS DISTINCT FROM (d.first_key, d.last_key);
SELECT v.*, d.* FROM key_vector AS v, cdp.debug_index(format('attr(%s) is known', to_json(text))::cdp.segment) AS d
WHERE kind = 'known to rules' AND index = 'segment_ops' AND (v.first_key, v.last_key) IS DISTINCT FROM (d.first_key, d.last_key);
