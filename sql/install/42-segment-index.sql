-- Indexes: profiles by rule, and rules by profile. See docs/segment.md.

CREATE FUNCTION cdp.can_match(profile cdp.profile, segment cdp.segment) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 80 AS 'MODULE_PATHNAME', 'cdp_segment_can_match';
COMMENT ON FUNCTION cdp.can_match(cdp.profile, cdp.segment) IS
  'False when the index keys of the profile rule out that the rule is true of it at any time; true tells nothing. NULL if an argument is NULL.';
CREATE FUNCTION cdp.can_be_matched_by(segment cdp.segment, profile cdp.profile) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 80 AS 'MODULE_PATHNAME', 'cdp_segment_can_be_matched_by';
COMMENT ON FUNCTION cdp.can_be_matched_by(cdp.segment, cdp.profile) IS
  'can_match with the arguments exchanged: the function of segment @~ profile.';
CREATE OPERATOR pg_catalog.@~ (
  LEFTARG = cdp.profile, RIGHTARG = cdp.segment, FUNCTION = cdp.can_match, COMMUTATOR = OPERATOR(pg_catalog.@~),
  RESTRICT = cdp.matchsel, JOIN = cdp.matchjoinsel
);
CREATE OPERATOR pg_catalog.@~ (
  LEFTARG = cdp.segment, RIGHTARG = cdp.profile, FUNCTION = cdp.can_be_matched_by, COMMUTATOR = OPERATOR(pg_catalog.@~),
  RESTRICT = cdp.matchsel, JOIN = cdp.matchjoinsel
);
COMMENT ON OPERATOR pg_catalog.@~ (cdp.profile, cdp.segment) IS 'index keys of the customer allow the rule';
COMMENT ON OPERATOR pg_catalog.@~ (cdp.segment, cdp.profile) IS 'rule is allowed by the index keys of the customer';

CREATE FUNCTION cdp.debug_index(segment cdp.segment)
RETURNS TABLE (index pg_catalog.text, depth pg_catalog.int4, looks_up pg_catalog.text, first_key pg_catalog.int8, last_key pg_catalog.int8)
LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_segment_debug_index';
COMMENT ON FUNCTION cdp.debug_index(cdp.segment) IS
  'What indexes look a rule up by. index = profile_ops: the keys of profiles that the rule asks for now, each row indented by depth under its "all of" or "any of", first_key to last_key; "always" when it has to look at every profile. index = segment_ops: the keys of which a profile must have one for the rule to be found by it; "always" when every profile finds it. No rows for NULL.';

-- GIN wants its support functions declared with the indexed type, also where they get what it is asked with.

CREATE FUNCTION cdp.profile_keys(cdp.profile, pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_keys';
-- STABLE: windows of time are looked up as they are now.
CREATE FUNCTION cdp.profile_asked_keys(
  cdp.profile, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_asked_keys';
CREATE FUNCTION cdp.profile_compare_partial(pg_catalog.int8, pg_catalog.int8, pg_catalog.int2, pg_catalog.internal)
RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_compare_partial';
CREATE FUNCTION cdp.profile_consistent(
  pg_catalog.internal, pg_catalog.int2, cdp.profile, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) RETURNS pg_catalog."char"
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_consistent';
COMMENT ON FUNCTION cdp.profile_keys(cdp.profile, pg_catalog.internal) IS 'Support of GIN: the keys of a profile.';
COMMENT ON FUNCTION cdp.profile_asked_keys(
  cdp.profile, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) IS 'Support of GIN: the keys that a rule looks up.';
COMMENT ON FUNCTION cdp.profile_compare_partial(pg_catalog.int8, pg_catalog.int8, pg_catalog.int2, pg_catalog.internal)
  IS 'Support of GIN: whether a key lies in the range that is looked up.';
COMMENT ON FUNCTION cdp.profile_consistent(
  pg_catalog.internal, pg_catalog.int2, cdp.profile, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) IS 'Support of GIN: whether a profile with these keys can match.';

CREATE OPERATOR CLASS cdp.profile_ops DEFAULT FOR TYPE cdp.profile USING gin AS
  OPERATOR 1 pg_catalog.@@ (cdp.profile, cdp.segment),
  OPERATOR 2 pg_catalog.@~ (cdp.profile, cdp.segment),
  FUNCTION 1 pg_catalog.btint8cmp(pg_catalog.int8, pg_catalog.int8),
  FUNCTION 2 cdp.profile_keys(cdp.profile, pg_catalog.internal),
  FUNCTION 3 cdp.profile_asked_keys(
    cdp.profile, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
    pg_catalog.internal),
  FUNCTION 5 cdp.profile_compare_partial(pg_catalog.int8, pg_catalog.int8, pg_catalog.int2, pg_catalog.internal),
  FUNCTION 6 cdp.profile_consistent(
    pg_catalog.internal, pg_catalog.int2, cdp.profile, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
    pg_catalog.internal),
  STORAGE pg_catalog.int8;
COMMENT ON OPERATOR CLASS cdp.profile_ops USING gin IS 'profiles by rule';

CREATE FUNCTION cdp.segment_keys(cdp.segment, pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_keys';
CREATE FUNCTION cdp.segment_asked_keys(
  cdp.segment, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_asked_keys';
CREATE FUNCTION cdp.segment_compare_partial(pg_catalog.int8, pg_catalog.int8, pg_catalog.int2, pg_catalog.internal)
RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_compare_partial';
CREATE FUNCTION cdp.segment_consistent(
  pg_catalog.internal, pg_catalog.int2, cdp.segment, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) RETURNS pg_catalog."char"
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_consistent';
COMMENT ON FUNCTION cdp.segment_keys(cdp.segment, pg_catalog.internal) IS
  'Support of GIN: keys of which a profile has one if the rule is true of it.';
COMMENT ON FUNCTION cdp.segment_asked_keys(
  cdp.segment, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) IS 'Support of GIN: the keys that a profile looks up.';
COMMENT ON FUNCTION cdp.segment_compare_partial(
  pg_catalog.int8, pg_catalog.int8, pg_catalog.int2, pg_catalog.internal) IS
  'Support of GIN: whether a profile with many attributes knows the one of a key.';
COMMENT ON FUNCTION cdp.segment_consistent(
  pg_catalog.internal, pg_catalog.int2, cdp.segment, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
  pg_catalog.internal) IS 'Support of GIN: whether a rule with these keys can be true.';

CREATE OPERATOR CLASS cdp.segment_ops DEFAULT FOR TYPE cdp.segment USING gin AS
  OPERATOR 1 pg_catalog.@@ (cdp.segment, cdp.profile),
  OPERATOR 2 pg_catalog.@~ (cdp.segment, cdp.profile),
  FUNCTION 1 pg_catalog.btint8cmp(pg_catalog.int8, pg_catalog.int8),
  FUNCTION 2 cdp.segment_keys(cdp.segment, pg_catalog.internal),
  FUNCTION 3 cdp.segment_asked_keys(
    cdp.segment, pg_catalog.internal, pg_catalog.int2, pg_catalog.internal, pg_catalog.internal, pg_catalog.internal,
    pg_catalog.internal),
  FUNCTION 5 cdp.segment_compare_partial(pg_catalog.int8, pg_catalog.int8, pg_catalog.int2, pg_catalog.internal),
  FUNCTION 6 cdp.segment_consistent(
    pg_catalog.internal, pg_catalog.int2, cdp.segment, pg_catalog.int4, pg_catalog.internal, pg_catalog.internal,
    pg_catalog.internal),
  STORAGE pg_catalog.int8;
COMMENT ON OPERATOR CLASS cdp.segment_ops USING gin IS 'rules by profile';
COMMENT ON OPERATOR FAMILY cdp.profile_ops USING gin IS 'profiles by rule';
COMMENT ON OPERATOR FAMILY cdp.segment_ops USING gin IS 'rules by profile';
