-- A table for each type of the extension, with a sample of it, NULL, and an array of both.
-- A new type needs a row here: its name, and text that its input function takes.
CREATE EXTENSION cdp;
CREATE SCHEMA keep;

CREATE TABLE keep.sample (type text NOT NULL, value text NOT NULL);
INSERT INTO keep.sample VALUES
  ('cdp.audience', '{}'),
  ('cdp.audience', '{-9223372036854775808,-1,1,2,3,4,5,100000,9223372036854775807}'),
  ('cdp.components', '[]'),
  ('cdp.components', '[["a","b","c"],["y\"","é x"]]'),
  ('cdp.profile', '{"attributes": {}}'),
  ('cdp.profile', '{"attributes": {"age": [{"value": 32, "source": "crm", "last_seen": "2024-01-03T00:00:00Z"}],
                    "tags": [{"value": ["é", 2, null], "source": "shop", "last_seen": "2024-01-02T00:00:00.000001Z"}]}}'),
  ('cdp.profile', '{"policy": "default sum; a first", "attributes": {"a": [{"value": 1, "source": "s", "last_seen": "2024-01-03T00:00:00Z"}],
                    "b": [{"value": 1, "source": "s", "last_seen": "2024-01-03T00:00:00Z"}]}}'),
  ('cdp.profile', '{"identifiers": {"email": [{"value": "é@example.com", "source": "crm", "last_seen": "2026-01-01T00:00:00Z"}]},
                    "consents": {"ads": [{"granted": true, "source": "web", "at": "2026-01-01T00:00:00.000001Z"}]},
                    "timeline": {"events": [{"event": "view", "at": "2026-01-02T00:00:00Z"}]}}'),
  ('cdp.profile', '{"totals": {"purchase": {"count": 2, "first": "2026-01-01T00:00:00Z", "last": "2026-01-02T00:00:00Z",
                                            "sums": {"amount": {"sum": -12.5, "count": 1}}}}}'),
  ('cdp.policy', 'declared 2026-01-31T10:00:00Z; default recent; "a é" priority(crm, "web shop"); group g(a, b) longest ignore empty'),
  ('cdp.segment', 'country in ("TR", "RS") and age >= 18'),
  ('cdp.timeline', '{}'),
  ('cdp.timeline', '{"events": [{"event": "view", "at": "2024-01-03T00:00:00Z", "properties": {"page": "é", "n": 2.5}},
                               {"event": "buy", "at": "2024-01-04T00:00:00.000001Z", "message_id": "m"}],
                     "folded": [{"event": "buy", "count": 2, "first": "2023-01-01T00:00:00Z", "horizon": "2023-06-01T00:00:00Z",
                                 "sums": {"amount": {"sum": 12.5, "count": 1}}}], "keep": 1}');

CREATE VIEW keep.type AS
SELECT t.oid::regtype::text AS name
FROM pg_type t JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid AND e.extname = 'cdp'
WHERE t.typtype IN ('b', 'd', 'e') AND t.typcategory <> 'A';

CREATE VIEW keep.without_sample AS
SELECT name FROM keep.type WHERE name NOT IN (SELECT type FROM keep.sample);

-- The rows of every table, as text and as the bytes of the binary protocol.
CREATE FUNCTION keep.digest() RETURNS TABLE (name text, digest text) LANGUAGE plpgsql AS $$
DECLARE
  send regproc;
BEGIN
  FOR name, send IN SELECT a.attrelid::regclass::text, t.typsend FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' AND c.relnamespace = 'keep'::regnamespace
                    WHERE a.attname = 'value' ORDER BY 1 LOOP
    EXECUTE format('SELECT md5(string_agg(r::text || coalesce(encode(%s(value), ''hex''), ''-''), '','' ORDER BY r::text)) '
                   'FROM %s r', send, name) INTO digest;
    RETURN NEXT;
  END LOOP;
END
$$;

DO $$
DECLARE
  sample record;
BEGIN
  FOR sample IN SELECT type, string_agg(format('%L', value), ', ') AS list FROM keep.sample
                WHERE type IN (SELECT name FROM keep.type) GROUP BY type LOOP
    EXECUTE format('CREATE TABLE keep.%1$I (value %2$s, list %2$s[])', 'of_' || replace(sample.type, '.', '_'), sample.type);
    EXECUTE format('INSERT INTO keep.%1$I SELECT v::%2$s, ARRAY[v::%2$s, NULL] FROM unnest(ARRAY[%3$s, NULL]) v',
                   'of_' || replace(sample.type, '.', '_'), sample.type, sample.list);
  END LOOP;
END
$$;

CREATE INDEX ON keep.of_cdp_profile USING gin (value);
CREATE INDEX ON keep.of_cdp_segment USING gin (value);
