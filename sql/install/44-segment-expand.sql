-- Rules that refer to other rules. See docs/segment.md.

CREATE FUNCTION cdp.segments_used(segment cdp.segment) RETURNS pg_catalog.text[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_segments_used';
COMMENT ON FUNCTION cdp.segments_used(cdp.segment) IS
  'The segments that the rule refers to, in ascending order of bytes, each one once. NULL for NULL.';

CREATE FUNCTION cdp.expand(rule cdp.segment, names pg_catalog.text[], rules cdp.segment[]) RETURNS cdp.segment
LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cdp_segment_expand';
COMMENT ON FUNCTION cdp.expand(cdp.segment, pg_catalog.text[], cdp.segment[]) IS
  'The rule with each "in segment" replaced by the rule of that name, and theirs likewise. NULL for a NULL rule; a NULL array is an empty one. 42704 for a name without a rule, 42P19 for a rule that needs itself, 22004 for NULL elements, 22023 for arrays of different lengths and for a name with two rules, 54000 beyond 1 MB, 54001 beyond 1000 levels.';
