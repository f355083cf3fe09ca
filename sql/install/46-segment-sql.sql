-- Rules as plain SQL, and the rows that such SQL reads. See docs/segment-sql.md.

CREATE FUNCTION cdp.to_sql(segment cdp.segment, as_of pg_catalog.timestamptz DEFAULT NULL) RETURNS pg_catalog.text
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_to_sql';
COMMENT ON FUNCTION cdp.to_sql(cdp.segment, pg_catalog.timestamptz) IS
  'The rule as a query for the ids of the customers of whom it is true, over plain tables (docs/segment-sql.md) and without any function of the extension: at as_of, or, without one, whenever the query runs. NULL for a NULL segment. 0A000 for what has no plain form, such as a funnel with modes; 22023 for an infinite as_of; 54000 beyond 64 MB.';

CREATE FUNCTION cdp.golden_values(profile cdp.profile)
RETURNS TABLE (attribute pg_catalog.text, value pg_catalog.jsonb, "time" pg_catalog.timestamptz,
               times pg_catalog.timestamptz[], last_seen pg_catalog.timestamptz)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'cdp_profile_golden_values';
COMMENT ON FUNCTION cdp.golden_values(cdp.profile) IS
  'Each attribute with its golden value: as JSON, or as a timestamp when it is one; of a list the timestamps are in times, with null in their place. value and time are NULL when it is erased or unknown. last_seen: when it was last seen. No rows for NULL.';

CREATE FUNCTION cdp.observed_values(profile cdp.profile)
RETURNS TABLE (attribute pg_catalog.text, source pg_catalog.text, value pg_catalog.jsonb, "time" pg_catalog.timestamptz,
               last_seen pg_catalog.timestamptz, latest pg_catalog.bool)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'cdp_profile_observed_values';
COMMENT ON FUNCTION cdp.observed_values(cdp.profile) IS
  'Each kept value of each attribute and source: as JSON, or as a timestamp when it is one; both are NULL for an erase. latest: it is what the source said last. No rows for NULL.';
