-- Indexes: profiles by rule, and rules by profile. See docs/segment.md.

CREATE FUNCTION cdp.can_match(profile cdp.profile, segment cdp.segment) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'cdp_segment_can_match';
COMMENT ON FUNCTION cdp.can_match(cdp.profile, cdp.segment) IS
  'False when the index keys of the profile rule out that the rule is true of it at any time; true tells nothing. NULL if an argument is NULL.';
CREATE OPERATOR pg_catalog.@~ (
  LEFTARG = cdp.profile, RIGHTARG = cdp.segment, FUNCTION = cdp.can_match,
  RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR pg_catalog.@~ (cdp.profile, cdp.segment) IS 'index keys of the customer allow the rule';

CREATE FUNCTION cdp.profile_keys(cdp.profile, pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_keys';
-- STABLE: windows of time are looked up as they are now.
CREATE FUNCTION cdp.profile_asked_keys(
  cdp.segment, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_asked_keys';
CREATE FUNCTION cdp.profile_compare_partial(pg_catalog.int8, pg_catalog.int8, pg_catalog.int2, pg_catalog.internal)
RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_compare_partial';
CREATE FUNCTION cdp.profile_consistent(
  pg_catalog.internal, pg_catalog.int2, cdp.segment, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) RETURNS pg_catalog."char"
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_consistent';
COMMENT ON FUNCTION cdp.profile_keys(cdp.profile, pg_catalog.internal) IS 'Support of GIN: the keys of a profile.';
COMMENT ON FUNCTION cdp.profile_asked_keys(
  cdp.segment, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) IS 'Support of GIN: the keys that a rule looks up.';
COMMENT ON FUNCTION cdp.profile_compare_partial(pg_catalog.int8, pg_catalog.int8, pg_catalog.int2, pg_catalog.internal)
  IS 'Support of GIN: whether a key lies in the range that is looked up.';
COMMENT ON FUNCTION cdp.profile_consistent(
  pg_catalog.internal, pg_catalog.int2, cdp.segment, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) IS 'Support of GIN: whether a profile with these keys can match.';

CREATE OPERATOR CLASS cdp.profile_ops DEFAULT FOR TYPE cdp.profile USING gin AS
  OPERATOR 1 pg_catalog.@@ (cdp.profile, cdp.segment),
  OPERATOR 2 pg_catalog.@~ (cdp.profile, cdp.segment),
  FUNCTION 1 pg_catalog.btint8cmp(pg_catalog.int8, pg_catalog.int8),
  FUNCTION 2 cdp.profile_keys(cdp.profile, pg_catalog.internal),
  FUNCTION 3 cdp.profile_asked_keys(
    cdp.segment, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
    pg_catalog.internal),
  FUNCTION 5 cdp.profile_compare_partial(pg_catalog.int8, pg_catalog.int8, pg_catalog.int2, pg_catalog.internal),
  FUNCTION 6 cdp.profile_consistent(
    pg_catalog.internal, pg_catalog.int2, cdp.segment, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
    pg_catalog.internal),
  STORAGE pg_catalog.int8;
COMMENT ON OPERATOR CLASS cdp.profile_ops USING gin IS 'profiles by rule';

CREATE FUNCTION cdp.segment_keys(cdp.segment, pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_keys';
CREATE FUNCTION cdp.segment_asked_keys(
  cdp.profile, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_asked_keys';
CREATE FUNCTION cdp.segment_consistent(
  pg_catalog.internal, pg_catalog.int2, cdp.profile, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) RETURNS pg_catalog."char"
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_consistent';
COMMENT ON FUNCTION cdp.segment_keys(cdp.segment, pg_catalog.internal) IS
  'Support of GIN: keys of which a profile has one if the rule is true of it.';
COMMENT ON FUNCTION cdp.segment_asked_keys(
  cdp.profile, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) IS 'Support of GIN: the keys that a profile looks up.';
COMMENT ON FUNCTION cdp.segment_consistent(
  pg_catalog.internal, pg_catalog.int2, cdp.profile, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) IS 'Support of GIN: whether a rule with these keys can be true.';

CREATE OPERATOR CLASS cdp.segment_ops DEFAULT FOR TYPE cdp.segment USING gin AS
  OPERATOR 1 pg_catalog.@@ (cdp.segment, cdp.profile),
  FUNCTION 1 pg_catalog.btint8cmp(pg_catalog.int8, pg_catalog.int8),
  FUNCTION 2 cdp.segment_keys(cdp.segment, pg_catalog.internal),
  FUNCTION 3 cdp.segment_asked_keys(
    cdp.profile, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
    pg_catalog.internal),
  FUNCTION 6 cdp.segment_consistent(
    pg_catalog.internal, pg_catalog.int2, cdp.profile, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
    pg_catalog.internal),
  STORAGE pg_catalog.int8;
COMMENT ON OPERATOR CLASS cdp.segment_ops USING gin IS 'rules by profile';
