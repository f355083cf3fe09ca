-- Stored rules, one tenth as many as there are profiles: an equality that one of 128 000 (attribute, value) pairs
-- meets, and a range. In stored_rule_always every tenth one may be met by anybody. Profiles of 50 to 2000 facts.
CREATE FUNCTION pg_temp.rule_of(i bigint) RETURNS cdp.segment LANGUAGE sql IMMUTABLE AS $$
  SELECT format('attr_%s = "v%s" and attr_%s > "v%s"', hashint8extended(i, 1) & 127, abs(hashint8extended(i, 2) % 1000),
                hashint8extended(i, 3) & 127, hashint8extended(i, 4) & 7)::cdp.segment$$;
CREATE UNLOGGED TABLE stored_rule AS
SELECT i AS id, pg_temp.rule_of(i) AS rule FROM generate_series(1, greatest(:profiles / 10, 1000)) AS i;
CREATE UNLOGGED TABLE stored_rule_few AS SELECT * FROM stored_rule WHERE id <= 1000;
CREATE UNLOGGED TABLE stored_rule_always AS
SELECT id, CASE WHEN id % 10 = 0 THEN format('missing_%s is unknown', id)::cdp.segment & 'not attr_1 is known' ELSE rule END AS rule FROM stored_rule;
CREATE UNLOGGED TABLE probe AS
SELECT facts, id, cdp.observe(jsonb_object_agg('attr_' || i, 'v' || abs(hashint8extended(id * 100000 + i, 5) % 1000)), 'crm', '2026-01-01') AS profile
FROM unnest('{50,100,500,2000}'::int[]) AS facts, generate_series(1, 100) AS id, generate_series(0, facts - 1) AS i
GROUP BY facts, id;
CREATE INDEX ON stored_rule USING gin (rule) WITH (fastupdate = off);
CREATE INDEX ON stored_rule_few USING gin (rule) WITH (fastupdate = off);
CREATE INDEX ON stored_rule_always USING gin (rule) WITH (fastupdate = off);
VACUUM ANALYZE stored_rule, stored_rule_few, stored_rule_always, probe;
