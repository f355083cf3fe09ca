-- Rules as JSON, for programs in which people put them together. See docs/segment-json.md.

CREATE FUNCTION cdp.to_jsonb(cdp.segment) RETURNS pg_catalog.jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_to_jsonb';
COMMENT ON FUNCTION cdp.to_jsonb(cdp.segment) IS
  'The rule as a tree of objects (docs/segment-json.md). NULL for NULL.';
CREATE FUNCTION cdp.segment(tree pg_catalog.jsonb) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_from_jsonb';
COMMENT ON FUNCTION cdp.segment(pg_catalog.jsonb) IS
  'The rule that to_jsonb describes. NULL for NULL. 22P02 with the place in the JSON for anything else, 54000 beyond 1 MB, 54001 beyond 1000 levels.';
CREATE CAST (cdp.segment AS pg_catalog.jsonb) WITH FUNCTION cdp.to_jsonb(cdp.segment);
CREATE CAST (pg_catalog.jsonb AS cdp.segment) WITH FUNCTION cdp.segment(pg_catalog.jsonb);
COMMENT ON CAST (cdp.segment AS pg_catalog.jsonb) IS 'a rule as a tree of objects';
COMMENT ON CAST (pg_catalog.jsonb AS cdp.segment) IS 'a rule from a tree of objects';
