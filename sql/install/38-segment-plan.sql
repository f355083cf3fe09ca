-- What the planner asks about rules: statistics of profiles, selectivity, index conditions. See docs/segment.md.

CREATE FUNCTION cdp.profile_typanalyze(pg_catalog.internal) RETURNS pg_catalog.bool
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_typanalyze';
COMMENT ON FUNCTION cdp.profile_typanalyze(pg_catalog.internal) IS
  'Support of ANALYZE: which keys profiles have, as most_common_elems. No values are kept.';
ALTER TYPE cdp.profile SET (ANALYZE = cdp.profile_typanalyze);

CREATE FUNCTION cdp.matchsel(pg_catalog.internal, pg_catalog.oid, pg_catalog.internal, pg_catalog.int4)
RETURNS pg_catalog.float8
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_matchsel';
CREATE FUNCTION cdp.matchjoinsel(pg_catalog.internal, pg_catalog.oid, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal)
RETURNS pg_catalog.float8
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_matchjoinsel';
CREATE FUNCTION cdp.matches_support(pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_matches_support';
COMMENT ON FUNCTION cdp.matchsel(pg_catalog.internal, pg_catalog.oid, pg_catalog.internal, pg_catalog.int4) IS
  'Support of the planner: the share of profiles, or of rules, that an index would find. 0.001 without statistics.';
COMMENT ON FUNCTION cdp.matchjoinsel(pg_catalog.internal, pg_catalog.oid, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal) IS
  'Support of the planner: the same of pairs, over a sample of the rules. 0.001 without statistics.';
COMMENT ON FUNCTION cdp.matches_support(pg_catalog.internal) IS
  'Support of the planner: lets calls of matches use indexes, and estimates them.';
