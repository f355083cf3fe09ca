-- Comparison of profiles, timelines, policies and components: the order is that of the canonical bytes, for grouping,
-- sorting and indexes. (That of segments and audiences stands with their types.)

-- profile

CREATE FUNCTION cdp.profile_eq(cdp.profile, cdp.profile) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_eq';
CREATE FUNCTION cdp.profile_ne(cdp.profile, cdp.profile) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_ne';
CREATE FUNCTION cdp.profile_lt(cdp.profile, cdp.profile) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_lt';
CREATE FUNCTION cdp.profile_le(cdp.profile, cdp.profile) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_le';
CREATE FUNCTION cdp.profile_gt(cdp.profile, cdp.profile) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_gt';
CREATE FUNCTION cdp.profile_ge(cdp.profile, cdp.profile) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_ge';
CREATE FUNCTION cdp.profile_cmp(cdp.profile, cdp.profile) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_cmp';
CREATE FUNCTION cdp.profile_hash(cdp.profile) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_hash';
CREATE FUNCTION cdp.profile_hash_extended(cdp.profile, pg_catalog.int8) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_hash_extended';
COMMENT ON FUNCTION cdp.profile_eq(cdp.profile, cdp.profile) IS
  'Whether the profiles are the same, that is, keep the same facts. NULL if either is NULL.';
COMMENT ON FUNCTION cdp.profile_ne(cdp.profile, cdp.profile) IS 'Whether the profiles are not the same. NULL if either is NULL.';
COMMENT ON FUNCTION cdp.profile_lt(cdp.profile, cdp.profile) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.profile_le(cdp.profile, cdp.profile) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.profile_gt(cdp.profile, cdp.profile) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.profile_ge(cdp.profile, cdp.profile) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.profile_cmp(cdp.profile, cdp.profile) IS 'Support of the btree operator class.';
COMMENT ON FUNCTION cdp.profile_hash(cdp.profile) IS 'Support of the hash operator class.';
COMMENT ON FUNCTION cdp.profile_hash_extended(cdp.profile, pg_catalog.int8) IS 'Support of the hash operator class.';

CREATE OPERATOR pg_catalog.= (
  LEFTARG = cdp.profile, RIGHTARG = cdp.profile, FUNCTION = cdp.profile_eq, COMMUTATOR = OPERATOR(pg_catalog.=),
  NEGATOR = OPERATOR(pg_catalog.<>), RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR pg_catalog.<> (
  LEFTARG = cdp.profile, RIGHTARG = cdp.profile, FUNCTION = cdp.profile_ne, COMMUTATOR = OPERATOR(pg_catalog.<>),
  NEGATOR = OPERATOR(pg_catalog.=), RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
CREATE OPERATOR pg_catalog.< (
  LEFTARG = cdp.profile, RIGHTARG = cdp.profile, FUNCTION = cdp.profile_lt, COMMUTATOR = OPERATOR(pg_catalog.>),
  NEGATOR = OPERATOR(pg_catalog.>=), RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
CREATE OPERATOR pg_catalog.<= (
  LEFTARG = cdp.profile, RIGHTARG = cdp.profile, FUNCTION = cdp.profile_le, COMMUTATOR = OPERATOR(pg_catalog.>=),
  NEGATOR = OPERATOR(pg_catalog.>), RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
CREATE OPERATOR pg_catalog.> (
  LEFTARG = cdp.profile, RIGHTARG = cdp.profile, FUNCTION = cdp.profile_gt, COMMUTATOR = OPERATOR(pg_catalog.<),
  NEGATOR = OPERATOR(pg_catalog.<=), RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
CREATE OPERATOR pg_catalog.>= (
  LEFTARG = cdp.profile, RIGHTARG = cdp.profile, FUNCTION = cdp.profile_ge, COMMUTATOR = OPERATOR(pg_catalog.<=),
  NEGATOR = OPERATOR(pg_catalog.<), RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.= (cdp.profile, cdp.profile) IS 'same profile';
COMMENT ON OPERATOR pg_catalog.<> (cdp.profile, cdp.profile) IS 'other profile';
COMMENT ON OPERATOR pg_catalog.< (cdp.profile, cdp.profile) IS 'less in order of bytes';
COMMENT ON OPERATOR pg_catalog.<= (cdp.profile, cdp.profile) IS 'less or equal in order of bytes';
COMMENT ON OPERATOR pg_catalog.> (cdp.profile, cdp.profile) IS 'greater in order of bytes';
COMMENT ON OPERATOR pg_catalog.>= (cdp.profile, cdp.profile) IS 'greater or equal in order of bytes';

CREATE OPERATOR CLASS cdp.profile_ops DEFAULT FOR TYPE cdp.profile USING btree AS
  OPERATOR 1 pg_catalog.< (cdp.profile, cdp.profile),
  OPERATOR 2 pg_catalog.<= (cdp.profile, cdp.profile),
  OPERATOR 3 pg_catalog.= (cdp.profile, cdp.profile),
  OPERATOR 4 pg_catalog.>= (cdp.profile, cdp.profile),
  OPERATOR 5 pg_catalog.> (cdp.profile, cdp.profile),
  FUNCTION 1 cdp.profile_cmp(cdp.profile, cdp.profile);
CREATE OPERATOR CLASS cdp.profile_ops DEFAULT FOR TYPE cdp.profile USING hash AS
  OPERATOR 1 pg_catalog.= (cdp.profile, cdp.profile),
  FUNCTION 1 cdp.profile_hash(cdp.profile),
  FUNCTION 2 cdp.profile_hash_extended(cdp.profile, pg_catalog.int8);
COMMENT ON OPERATOR CLASS cdp.profile_ops USING btree IS 'order of canonical bytes';
COMMENT ON OPERATOR CLASS cdp.profile_ops USING hash IS 'hash of canonical bytes';
COMMENT ON OPERATOR FAMILY cdp.profile_ops USING btree IS 'order of canonical bytes';
COMMENT ON OPERATOR FAMILY cdp.profile_ops USING hash IS 'hash of canonical bytes';

-- timeline

CREATE FUNCTION cdp.timeline_eq(cdp.timeline, cdp.timeline) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_eq';
CREATE FUNCTION cdp.timeline_ne(cdp.timeline, cdp.timeline) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_ne';
CREATE FUNCTION cdp.timeline_lt(cdp.timeline, cdp.timeline) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_lt';
CREATE FUNCTION cdp.timeline_le(cdp.timeline, cdp.timeline) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_le';
CREATE FUNCTION cdp.timeline_gt(cdp.timeline, cdp.timeline) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_gt';
CREATE FUNCTION cdp.timeline_ge(cdp.timeline, cdp.timeline) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_ge';
CREATE FUNCTION cdp.timeline_cmp(cdp.timeline, cdp.timeline) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_cmp';
CREATE FUNCTION cdp.timeline_hash(cdp.timeline) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_hash';
CREATE FUNCTION cdp.timeline_hash_extended(cdp.timeline, pg_catalog.int8) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_timeline_hash_extended';
COMMENT ON FUNCTION cdp.timeline_eq(cdp.timeline, cdp.timeline) IS
  'Whether the timelines are the same, that is, keep the same events, totals and limits. NULL if either is NULL.';
COMMENT ON FUNCTION cdp.timeline_ne(cdp.timeline, cdp.timeline) IS 'Whether the timelines are not the same. NULL if either is NULL.';
COMMENT ON FUNCTION cdp.timeline_lt(cdp.timeline, cdp.timeline) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.timeline_le(cdp.timeline, cdp.timeline) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.timeline_gt(cdp.timeline, cdp.timeline) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.timeline_ge(cdp.timeline, cdp.timeline) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.timeline_cmp(cdp.timeline, cdp.timeline) IS 'Support of the btree operator class.';
COMMENT ON FUNCTION cdp.timeline_hash(cdp.timeline) IS 'Support of the hash operator class.';
COMMENT ON FUNCTION cdp.timeline_hash_extended(cdp.timeline, pg_catalog.int8) IS 'Support of the hash operator class.';

CREATE OPERATOR pg_catalog.= (
  LEFTARG = cdp.timeline, RIGHTARG = cdp.timeline, FUNCTION = cdp.timeline_eq, COMMUTATOR = OPERATOR(pg_catalog.=),
  NEGATOR = OPERATOR(pg_catalog.<>), RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR pg_catalog.<> (
  LEFTARG = cdp.timeline, RIGHTARG = cdp.timeline, FUNCTION = cdp.timeline_ne, COMMUTATOR = OPERATOR(pg_catalog.<>),
  NEGATOR = OPERATOR(pg_catalog.=), RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
CREATE OPERATOR pg_catalog.< (
  LEFTARG = cdp.timeline, RIGHTARG = cdp.timeline, FUNCTION = cdp.timeline_lt, COMMUTATOR = OPERATOR(pg_catalog.>),
  NEGATOR = OPERATOR(pg_catalog.>=), RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
CREATE OPERATOR pg_catalog.<= (
  LEFTARG = cdp.timeline, RIGHTARG = cdp.timeline, FUNCTION = cdp.timeline_le, COMMUTATOR = OPERATOR(pg_catalog.>=),
  NEGATOR = OPERATOR(pg_catalog.>), RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
CREATE OPERATOR pg_catalog.> (
  LEFTARG = cdp.timeline, RIGHTARG = cdp.timeline, FUNCTION = cdp.timeline_gt, COMMUTATOR = OPERATOR(pg_catalog.<),
  NEGATOR = OPERATOR(pg_catalog.<=), RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
CREATE OPERATOR pg_catalog.>= (
  LEFTARG = cdp.timeline, RIGHTARG = cdp.timeline, FUNCTION = cdp.timeline_ge, COMMUTATOR = OPERATOR(pg_catalog.<=),
  NEGATOR = OPERATOR(pg_catalog.<), RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.= (cdp.timeline, cdp.timeline) IS 'same timeline';
COMMENT ON OPERATOR pg_catalog.<> (cdp.timeline, cdp.timeline) IS 'other timeline';
COMMENT ON OPERATOR pg_catalog.< (cdp.timeline, cdp.timeline) IS 'less in order of bytes';
COMMENT ON OPERATOR pg_catalog.<= (cdp.timeline, cdp.timeline) IS 'less or equal in order of bytes';
COMMENT ON OPERATOR pg_catalog.> (cdp.timeline, cdp.timeline) IS 'greater in order of bytes';
COMMENT ON OPERATOR pg_catalog.>= (cdp.timeline, cdp.timeline) IS 'greater or equal in order of bytes';

CREATE OPERATOR CLASS cdp.timeline_ops DEFAULT FOR TYPE cdp.timeline USING btree AS
  OPERATOR 1 pg_catalog.< (cdp.timeline, cdp.timeline),
  OPERATOR 2 pg_catalog.<= (cdp.timeline, cdp.timeline),
  OPERATOR 3 pg_catalog.= (cdp.timeline, cdp.timeline),
  OPERATOR 4 pg_catalog.>= (cdp.timeline, cdp.timeline),
  OPERATOR 5 pg_catalog.> (cdp.timeline, cdp.timeline),
  FUNCTION 1 cdp.timeline_cmp(cdp.timeline, cdp.timeline);
CREATE OPERATOR CLASS cdp.timeline_ops DEFAULT FOR TYPE cdp.timeline USING hash AS
  OPERATOR 1 pg_catalog.= (cdp.timeline, cdp.timeline),
  FUNCTION 1 cdp.timeline_hash(cdp.timeline),
  FUNCTION 2 cdp.timeline_hash_extended(cdp.timeline, pg_catalog.int8);
COMMENT ON OPERATOR CLASS cdp.timeline_ops USING btree IS 'order of canonical bytes';
COMMENT ON OPERATOR CLASS cdp.timeline_ops USING hash IS 'hash of canonical bytes';
COMMENT ON OPERATOR FAMILY cdp.timeline_ops USING btree IS 'order of canonical bytes';
COMMENT ON OPERATOR FAMILY cdp.timeline_ops USING hash IS 'hash of canonical bytes';

-- policy

CREATE FUNCTION cdp.policy_eq(cdp.policy, cdp.policy) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_eq';
CREATE FUNCTION cdp.policy_ne(cdp.policy, cdp.policy) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_ne';
CREATE FUNCTION cdp.policy_lt(cdp.policy, cdp.policy) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_lt';
CREATE FUNCTION cdp.policy_le(cdp.policy, cdp.policy) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_le';
CREATE FUNCTION cdp.policy_gt(cdp.policy, cdp.policy) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_gt';
CREATE FUNCTION cdp.policy_ge(cdp.policy, cdp.policy) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_ge';
CREATE FUNCTION cdp.policy_cmp(cdp.policy, cdp.policy) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_cmp';
CREATE FUNCTION cdp.policy_hash(cdp.policy) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_hash';
CREATE FUNCTION cdp.policy_hash_extended(cdp.policy, pg_catalog.int8) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_hash_extended';
COMMENT ON FUNCTION cdp.policy_eq(cdp.policy, cdp.policy) IS
  'Whether the policies are the same, that is, have the same canonical text. NULL if either is NULL.';
COMMENT ON FUNCTION cdp.policy_ne(cdp.policy, cdp.policy) IS 'Whether the policies are not the same. NULL if either is NULL.';
COMMENT ON FUNCTION cdp.policy_lt(cdp.policy, cdp.policy) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.policy_le(cdp.policy, cdp.policy) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.policy_gt(cdp.policy, cdp.policy) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.policy_ge(cdp.policy, cdp.policy) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.policy_cmp(cdp.policy, cdp.policy) IS 'Support of the btree operator class.';
COMMENT ON FUNCTION cdp.policy_hash(cdp.policy) IS 'Support of the hash operator class.';
COMMENT ON FUNCTION cdp.policy_hash_extended(cdp.policy, pg_catalog.int8) IS 'Support of the hash operator class.';

CREATE OPERATOR pg_catalog.= (
  LEFTARG = cdp.policy, RIGHTARG = cdp.policy, FUNCTION = cdp.policy_eq, COMMUTATOR = OPERATOR(pg_catalog.=),
  NEGATOR = OPERATOR(pg_catalog.<>), RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR pg_catalog.<> (
  LEFTARG = cdp.policy, RIGHTARG = cdp.policy, FUNCTION = cdp.policy_ne, COMMUTATOR = OPERATOR(pg_catalog.<>),
  NEGATOR = OPERATOR(pg_catalog.=), RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
CREATE OPERATOR pg_catalog.< (
  LEFTARG = cdp.policy, RIGHTARG = cdp.policy, FUNCTION = cdp.policy_lt, COMMUTATOR = OPERATOR(pg_catalog.>),
  NEGATOR = OPERATOR(pg_catalog.>=), RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
CREATE OPERATOR pg_catalog.<= (
  LEFTARG = cdp.policy, RIGHTARG = cdp.policy, FUNCTION = cdp.policy_le, COMMUTATOR = OPERATOR(pg_catalog.>=),
  NEGATOR = OPERATOR(pg_catalog.>), RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
CREATE OPERATOR pg_catalog.> (
  LEFTARG = cdp.policy, RIGHTARG = cdp.policy, FUNCTION = cdp.policy_gt, COMMUTATOR = OPERATOR(pg_catalog.<),
  NEGATOR = OPERATOR(pg_catalog.<=), RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
CREATE OPERATOR pg_catalog.>= (
  LEFTARG = cdp.policy, RIGHTARG = cdp.policy, FUNCTION = cdp.policy_ge, COMMUTATOR = OPERATOR(pg_catalog.<=),
  NEGATOR = OPERATOR(pg_catalog.<), RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.= (cdp.policy, cdp.policy) IS 'same policy';
COMMENT ON OPERATOR pg_catalog.<> (cdp.policy, cdp.policy) IS 'other policy';
COMMENT ON OPERATOR pg_catalog.< (cdp.policy, cdp.policy) IS 'less in order of bytes';
COMMENT ON OPERATOR pg_catalog.<= (cdp.policy, cdp.policy) IS 'less or equal in order of bytes';
COMMENT ON OPERATOR pg_catalog.> (cdp.policy, cdp.policy) IS 'greater in order of bytes';
COMMENT ON OPERATOR pg_catalog.>= (cdp.policy, cdp.policy) IS 'greater or equal in order of bytes';

CREATE OPERATOR CLASS cdp.policy_ops DEFAULT FOR TYPE cdp.policy USING btree AS
  OPERATOR 1 pg_catalog.< (cdp.policy, cdp.policy),
  OPERATOR 2 pg_catalog.<= (cdp.policy, cdp.policy),
  OPERATOR 3 pg_catalog.= (cdp.policy, cdp.policy),
  OPERATOR 4 pg_catalog.>= (cdp.policy, cdp.policy),
  OPERATOR 5 pg_catalog.> (cdp.policy, cdp.policy),
  FUNCTION 1 cdp.policy_cmp(cdp.policy, cdp.policy);
CREATE OPERATOR CLASS cdp.policy_ops DEFAULT FOR TYPE cdp.policy USING hash AS
  OPERATOR 1 pg_catalog.= (cdp.policy, cdp.policy),
  FUNCTION 1 cdp.policy_hash(cdp.policy),
  FUNCTION 2 cdp.policy_hash_extended(cdp.policy, pg_catalog.int8);
COMMENT ON OPERATOR CLASS cdp.policy_ops USING btree IS 'order of canonical bytes';
COMMENT ON OPERATOR CLASS cdp.policy_ops USING hash IS 'hash of canonical bytes';
COMMENT ON OPERATOR FAMILY cdp.policy_ops USING btree IS 'order of canonical bytes';
COMMENT ON OPERATOR FAMILY cdp.policy_ops USING hash IS 'hash of canonical bytes';

-- components

CREATE FUNCTION cdp.components_eq(cdp.components, cdp.components) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_eq';
CREATE FUNCTION cdp.components_ne(cdp.components, cdp.components) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_ne';
CREATE FUNCTION cdp.components_lt(cdp.components, cdp.components) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_lt';
CREATE FUNCTION cdp.components_le(cdp.components, cdp.components) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_le';
CREATE FUNCTION cdp.components_gt(cdp.components, cdp.components) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_gt';
CREATE FUNCTION cdp.components_ge(cdp.components, cdp.components) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_ge';
CREATE FUNCTION cdp.components_cmp(cdp.components, cdp.components) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_cmp';
CREATE FUNCTION cdp.components_hash(cdp.components) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_hash';
CREATE FUNCTION cdp.components_hash_extended(cdp.components, pg_catalog.int8) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_hash_extended';
COMMENT ON FUNCTION cdp.components_eq(cdp.components, cdp.components) IS
  'Whether the partitions are the same, that is, group the same identifiers in the same way. NULL if either is NULL.';
COMMENT ON FUNCTION cdp.components_ne(cdp.components, cdp.components) IS 'Whether the partitions are not the same. NULL if either is NULL.';
COMMENT ON FUNCTION cdp.components_lt(cdp.components, cdp.components) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.components_le(cdp.components, cdp.components) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.components_gt(cdp.components, cdp.components) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.components_ge(cdp.components, cdp.components) IS 'Order of the canonical bytes: for sorting, grouping and joins.';
COMMENT ON FUNCTION cdp.components_cmp(cdp.components, cdp.components) IS 'Support of the btree operator class.';
COMMENT ON FUNCTION cdp.components_hash(cdp.components) IS 'Support of the hash operator class.';
COMMENT ON FUNCTION cdp.components_hash_extended(cdp.components, pg_catalog.int8) IS 'Support of the hash operator class.';

CREATE OPERATOR pg_catalog.= (
  LEFTARG = cdp.components, RIGHTARG = cdp.components, FUNCTION = cdp.components_eq, COMMUTATOR = OPERATOR(pg_catalog.=),
  NEGATOR = OPERATOR(pg_catalog.<>), RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR pg_catalog.<> (
  LEFTARG = cdp.components, RIGHTARG = cdp.components, FUNCTION = cdp.components_ne, COMMUTATOR = OPERATOR(pg_catalog.<>),
  NEGATOR = OPERATOR(pg_catalog.=), RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
CREATE OPERATOR pg_catalog.< (
  LEFTARG = cdp.components, RIGHTARG = cdp.components, FUNCTION = cdp.components_lt, COMMUTATOR = OPERATOR(pg_catalog.>),
  NEGATOR = OPERATOR(pg_catalog.>=), RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
CREATE OPERATOR pg_catalog.<= (
  LEFTARG = cdp.components, RIGHTARG = cdp.components, FUNCTION = cdp.components_le, COMMUTATOR = OPERATOR(pg_catalog.>=),
  NEGATOR = OPERATOR(pg_catalog.>), RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
CREATE OPERATOR pg_catalog.> (
  LEFTARG = cdp.components, RIGHTARG = cdp.components, FUNCTION = cdp.components_gt, COMMUTATOR = OPERATOR(pg_catalog.<),
  NEGATOR = OPERATOR(pg_catalog.<=), RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
CREATE OPERATOR pg_catalog.>= (
  LEFTARG = cdp.components, RIGHTARG = cdp.components, FUNCTION = cdp.components_ge, COMMUTATOR = OPERATOR(pg_catalog.<=),
  NEGATOR = OPERATOR(pg_catalog.<), RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.= (cdp.components, cdp.components) IS 'same partition';
COMMENT ON OPERATOR pg_catalog.<> (cdp.components, cdp.components) IS 'other partition';
COMMENT ON OPERATOR pg_catalog.< (cdp.components, cdp.components) IS 'less in order of bytes';
COMMENT ON OPERATOR pg_catalog.<= (cdp.components, cdp.components) IS 'less or equal in order of bytes';
COMMENT ON OPERATOR pg_catalog.> (cdp.components, cdp.components) IS 'greater in order of bytes';
COMMENT ON OPERATOR pg_catalog.>= (cdp.components, cdp.components) IS 'greater or equal in order of bytes';

CREATE OPERATOR CLASS cdp.components_ops DEFAULT FOR TYPE cdp.components USING btree AS
  OPERATOR 1 pg_catalog.< (cdp.components, cdp.components),
  OPERATOR 2 pg_catalog.<= (cdp.components, cdp.components),
  OPERATOR 3 pg_catalog.= (cdp.components, cdp.components),
  OPERATOR 4 pg_catalog.>= (cdp.components, cdp.components),
  OPERATOR 5 pg_catalog.> (cdp.components, cdp.components),
  FUNCTION 1 cdp.components_cmp(cdp.components, cdp.components);
CREATE OPERATOR CLASS cdp.components_ops DEFAULT FOR TYPE cdp.components USING hash AS
  OPERATOR 1 pg_catalog.= (cdp.components, cdp.components),
  FUNCTION 1 cdp.components_hash(cdp.components),
  FUNCTION 2 cdp.components_hash_extended(cdp.components, pg_catalog.int8);
COMMENT ON OPERATOR CLASS cdp.components_ops USING btree IS 'order of canonical bytes';
COMMENT ON OPERATOR CLASS cdp.components_ops USING hash IS 'hash of canonical bytes';
COMMENT ON OPERATOR FAMILY cdp.components_ops USING btree IS 'order of canonical bytes';
COMMENT ON OPERATOR FAMILY cdp.components_ops USING hash IS 'hash of canonical bytes';
