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

-- Spaces: plain ones and one of an odd name, with everything that comes in by itself; some merged, split and refused.
CREATE FUNCTION keep.space_names() RETURNS text[] LANGUAGE sql AS $$SELECT '{c360,"Müşteri \"1\"; --"}'::text[]$$;
CREATE FUNCTION keep.feed(space text, first int, last int) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT format('%s: %s', i, cdp.identify(space, jsonb_build_object('user_id', 'u' || i % 7 + i / 40, CASE i % 3 WHEN 0 THEN 'email' WHEN 1 THEN 'device_id' ELSE 'anonymous_id' END,
    'é' || i % 5 + i / 40 || '@example.com'), jsonb_build_object('n', i), CASE WHEN i % 4 = 0 THEN 'forms' ELSE 'default' END, '2026-01-01Z'::timestamptz + i * interval '1 hour'))
  FROM generate_series(first, last) AS i
  UNION ALL SELECT format('%s: %s', i, e.status) FROM generate_series(first, last) AS i, cdp.ingest(space, jsonb_build_object('type', 'track', 'event', 'viewed', 'messageId', 'm' || i / 2,
    'userId', 'u' || i % 9, 'timestamp', '2026-01-01Z'::timestamptz + i * interval '1 day'), 'default', '2026-06-01Z') AS e
$$;
SELECT cdp.create_space(name) FROM unnest(keep.space_names()) AS name;
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY keep.space_names() LOOP
    EXECUTE format($q$
      INSERT INTO %1$I.source (source, trusted) VALUES ('forms', false);
      UPDATE %1$I.identifier_type SET max_degree = '{"user_id": 2}', blocked_values = '{é3@example.com}' WHERE type = 'device_id';
      UPDATE %1$I.space SET region = 'RS', rules_version = rules_version + 1;
      INSERT INTO %1$I.decision (kind, reason) VALUES ('cannot', 'O''Brien said so');
      INSERT INTO %1$I.decision_side VALUES (1, 1, false), (1, 2, true)$q$, name);
  END LOOP;
END
$$;
SELECT keep.feed(name, 1, 40) FROM unnest(keep.space_names()) AS name;

-- The tables of the spaces: what is in them, and, when `clock` is not, without what the clock and the database say.
CREATE FUNCTION keep.space_digest(clock bool DEFAULT true) RETURNS TABLE (name text, digest text) LANGUAGE plpgsql AS $$
DECLARE
  columns text;
BEGIN
  FOR name, columns IN
    SELECT c.oid::regclass::text, string_agg(format('r.%I', a.attname), ', ' ORDER BY a.attnum) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace = ANY (ARRAY(SELECT quote_ident(n)::regnamespace FROM unnest(keep.space_names()) n))
      AND (clock OR a.attname <> ALL ('{at,created_at,received_at,stored_at}')) GROUP BY c.oid ORDER BY 1 LOOP
    EXECUTE format('SELECT count(*) || '' '' || coalesce(md5(string_agg(t, '','' ORDER BY t)), '''') FROM (SELECT ROW(%s)::text AS t FROM %s r) s', columns, name) INTO digest;
    RETURN NEXT;
  END LOOP;
END
$$;
