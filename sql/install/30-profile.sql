-- profile: who the customer is. See docs/profile.md.

CREATE TYPE cdp.profile;

CREATE FUNCTION cdp.profile_in(pg_catalog.cstring) RETURNS cdp.profile
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_in';
CREATE FUNCTION cdp.profile_out(cdp.profile) RETURNS pg_catalog.cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_out';
CREATE FUNCTION cdp.profile_recv(pg_catalog.internal) RETURNS cdp.profile
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_recv';
CREATE FUNCTION cdp.profile_send(cdp.profile) RETURNS pg_catalog.bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_send';

COMMENT ON FUNCTION cdp.profile_in(pg_catalog.cstring) IS 'I/O; 22P02 for text that is no profile.';
COMMENT ON FUNCTION cdp.profile_out(cdp.profile) IS 'I/O; a JSON document that holds everything the profile keeps.';
COMMENT ON FUNCTION cdp.profile_recv(pg_catalog.internal) IS 'I/O; 22P03 for bytes that are no profile.';
COMMENT ON FUNCTION cdp.profile_send(cdp.profile) IS 'I/O; binary form, independent of byte order.';

CREATE TYPE cdp.profile (
  INPUT = cdp.profile_in,
  OUTPUT = cdp.profile_out,
  RECEIVE = cdp.profile_recv,
  SEND = cdp.profile_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = int4,
  STORAGE = external
);
COMMENT ON TYPE cdp.profile IS
  'What is known of one customer: per attribute the observed values with source and time, and the golden value chosen among them.';

-- Making

CREATE FUNCTION cdp.observe(attributes pg_catalog.jsonb, source pg_catalog.text, observed_at pg_catalog.timestamptz, policy cdp.policy DEFAULT NULL)
RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_observe';
COMMENT ON FUNCTION cdp.observe(pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz, cdp.policy) IS
  'The profile of one row of observations: what profile_agg makes of it alone. The empty profile for NULL attributes, so that merging it changes nothing. Errors as profile_agg.';

CREATE FUNCTION cdp.erase(attribute pg_catalog.text, source pg_catalog.text, erased_at pg_catalog.timestamptz) RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_erase';
COMMENT ON FUNCTION cdp.erase(pg_catalog.text, pg_catalog.text, pg_catalog.timestamptz) IS
  'The profile of one observation: that the source withdrew the attribute. It wins under the rules recent and priority, and reads as unknown; the other rules ignore it. Merge it with the rest. 22004 for NULL.';

-- Casts, none of them implicit: -> and || would become ambiguous.

CREATE FUNCTION cdp.to_jsonb(cdp.profile) RETURNS pg_catalog.jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_to_jsonb';
COMMENT ON FUNCTION cdp.to_jsonb(cdp.profile) IS
  'Everything the profile keeps: its text form as jsonb. NULL for NULL.';
CREATE FUNCTION cdp.profile(document pg_catalog.jsonb) RETURNS cdp.profile
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_from_jsonb';
COMMENT ON FUNCTION cdp.profile(pg_catalog.jsonb) IS
  'The profile that to_jsonb describes. NULL for NULL. 22P02 for anything else, 54000 and 54001 for limits.';
CREATE CAST (cdp.profile AS pg_catalog.jsonb) WITH FUNCTION cdp.to_jsonb(cdp.profile);
CREATE CAST (pg_catalog.jsonb AS cdp.profile) WITH FUNCTION cdp.profile(pg_catalog.jsonb);
COMMENT ON CAST (cdp.profile AS pg_catalog.jsonb) IS 'everything a profile keeps';
COMMENT ON CAST (pg_catalog.jsonb AS cdp.profile) IS 'a profile from what it keeps';

-- Merging

CREATE FUNCTION cdp.merge(cdp.profile, cdp.profile) RETURNS cdp.profile
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_merge';
COMMENT ON FUNCTION cdp.merge(cdp.profile, cdp.profile) IS
  'The profile of the observations of both: associative and commutative. Give each observation once: one given twice counts twice. The greater policy chooses. NULL if either is NULL. 22023 when the field groups of the policies differ, 54000 beyond 255 sources.';

CREATE OPERATOR pg_catalog.|| (
  LEFTARG = cdp.profile, RIGHTARG = cdp.profile, FUNCTION = cdp.merge, COMMUTATOR = OPERATOR(pg_catalog.||)
);
COMMENT ON OPERATOR pg_catalog.|| (cdp.profile, cdp.profile) IS 'merge two profiles';

CREATE FUNCTION cdp.profile_agg_transition(cdp.profile, pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz)
RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'cdp_profile_agg_transition';
CREATE FUNCTION cdp.profile_agg_transition(cdp.profile, pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz, cdp.policy)
RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'cdp_profile_agg_policy_transition';
CREATE FUNCTION cdp.profile_agg_combine(cdp.profile, cdp.profile) RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_agg_combine';
CREATE FUNCTION cdp.profile_agg_final(cdp.profile) RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cdp_profile_agg_final';

COMMENT ON FUNCTION cdp.profile_agg_transition(cdp.profile, pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz) IS
  'Support of the aggregate profile_agg; 42809 outside an aggregate.';
COMMENT ON FUNCTION cdp.profile_agg_transition(cdp.profile, pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz, cdp.policy) IS
  'Support of the aggregate profile_agg; 42809 outside an aggregate.';
COMMENT ON FUNCTION cdp.profile_agg_combine(cdp.profile, cdp.profile) IS
  'Support of the aggregates profile_agg and rollup; 42809 outside an aggregate.';
COMMENT ON FUNCTION cdp.profile_agg_final(cdp.profile) IS
  'Support of the aggregates profile_agg and rollup; 42809 outside an aggregate.';

-- A state takes about half a kilobyte for six rows and is bounded by some 32 kB. The planner is told more than the average, because
-- many groups are worked through faster in sorted order than at random places of a hash table (measured: 1.8 times).
CREATE AGGREGATE cdp.profile_agg(attributes pg_catalog.jsonb, source pg_catalog.text, observed_at pg_catalog.timestamptz) (
  SFUNC = cdp.profile_agg_transition,
  STYPE = cdp.profile,
  SSPACE = 8192,
  COMBINEFUNC = cdp.profile_agg_combine,
  FINALFUNC = cdp.profile_agg_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.profile_agg(pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz) IS
  'Golden record: each row is one observation of every attribute in it, by a source, at a time. JSON null says nothing; rows with NULL attributes are ignored; NULL if there are none. 22004 for a NULL source or time, 22023 for attributes that are no JSON object.';

CREATE AGGREGATE cdp.profile_agg(attributes pg_catalog.jsonb, source pg_catalog.text, observed_at pg_catalog.timestamptz, policy cdp.policy) (
  SFUNC = cdp.profile_agg_transition,
  STYPE = cdp.profile,
  SSPACE = 8192,
  COMBINEFUNC = cdp.profile_agg_combine,
  FINALFUNC = cdp.profile_agg_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.profile_agg(pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz, cdp.policy) IS
  'Golden record under a survivorship policy, which shapes the rows and chooses the golden values; a NULL policy is none. Of several policies the greater (declared_at, text) chooses. Otherwise as without one; in addition 22023 when the field groups of two policies differ, 22007 and 22008 for a value that is no timestamp where the policy wants one.';

CREATE AGGREGATE cdp.rollup(profile cdp.profile) (
  SFUNC = cdp.profile_agg_combine,
  STYPE = cdp.profile,
  SSPACE = 8192,
  COMBINEFUNC = cdp.profile_agg_combine,
  FINALFUNC = cdp.profile_agg_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.rollup(cdp.profile) IS
  'Merges profiles into one. NULLs are ignored; NULL if there is nothing else. Errors as merge.';

-- Reading

CREATE FUNCTION cdp.value(profile cdp.profile, path pg_catalog.text) RETURNS pg_catalog.jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_get';
COMMENT ON FUNCTION cdp.value(cdp.profile, pg_catalog.text) IS
  'Golden value of an attribute, or of a member of a nested object ("address.city"). NULL when it is unknown or erased.';
CREATE OPERATOR pg_catalog.-> (LEFTARG = cdp.profile, RIGHTARG = pg_catalog.text, FUNCTION = cdp.value);
COMMENT ON OPERATOR pg_catalog.-> (cdp.profile, pg_catalog.text) IS 'golden value as jsonb';

CREATE FUNCTION cdp.value_text(profile cdp.profile, path pg_catalog.text) RETURNS pg_catalog.text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_get_text';
COMMENT ON FUNCTION cdp.value_text(cdp.profile, pg_catalog.text) IS
  'Golden value as text: strings without quotes, anything else as JSON. NULL when it is unknown or erased.';
CREATE OPERATOR pg_catalog.->> (LEFTARG = cdp.profile, RIGHTARG = pg_catalog.text, FUNCTION = cdp.value_text);
COMMENT ON OPERATOR pg_catalog.->> (cdp.profile, pg_catalog.text) IS 'golden value as text';

CREATE FUNCTION cdp.number(profile cdp.profile, path pg_catalog.text) RETURNS pg_catalog.numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_number';
COMMENT ON FUNCTION cdp.number(cdp.profile, pg_catalog.text) IS
  'Golden value as a number, exact. NULL when it is unknown, erased or anything but a number; strings are not converted.';
CREATE FUNCTION cdp.time(profile cdp.profile, path pg_catalog.text) RETURNS pg_catalog.timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_time';
COMMENT ON FUNCTION cdp.time(cdp.profile, pg_catalog.text) IS
  'Golden value as an instant. NULL when it is unknown, erased or anything but a timestamp; a string is one only where the policy says "as timestamp".';
CREATE FUNCTION cdp.has(profile cdp.profile, path pg_catalog.text) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_has';
COMMENT ON FUNCTION cdp.has(cdp.profile, pg_catalog.text) IS
  'Whether the golden value is known: neither missing nor erased. NULL if an argument is NULL.';

CREATE FUNCTION cdp.attributes(profile cdp.profile) RETURNS pg_catalog.jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_attributes';
COMMENT ON FUNCTION cdp.attributes(cdp.profile) IS
  'The golden record as one flat JSON object; attributes that are unknown or erased are left out.';

CREATE FUNCTION cdp.observations(profile cdp.profile)
RETURNS TABLE (attribute pg_catalog.text, value pg_catalog.jsonb, source pg_catalog.text,
               first_seen pg_catalog.timestamptz, last_seen pg_catalog.timestamptz, times pg_catalog.int8,
               golden pg_catalog.bool, exact pg_catalog.bool, reason pg_catalog.text)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'cdp_profile_observations';
COMMENT ON FUNCTION cdp.observations(cdp.profile) IS
  'Provenance: each kept (value, source) of each attribute, most recent first, then the golden observation where it is none of them. NULL value: erased. golden: it won, or a derived value was computed from it. exact: the golden value is that of all observations. reason: why it won, NULL where it did not. first_seen and times are NULL once an attribute had more than 16 distinct pairs. No rows for NULL.';

-- Policies, and taking observations out

CREATE FUNCTION cdp.policy_of(profile cdp.profile) RETURNS cdp.policy
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_policy_of';
COMMENT ON FUNCTION cdp.policy_of(cdp.profile) IS
  'The policy that chose the golden values; "default recent" for a profile without one. NULL for NULL.';
CREATE FUNCTION cdp.with_policy(profile cdp.profile, policy cdp.policy) RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_with_policy';
COMMENT ON FUNCTION cdp.with_policy(cdp.profile, cdp.policy) IS
  'The same observations with golden values chosen by another policy. "ignore empty" and "as timestamp" act on rows that are taken in, not here. A NULL policy is none; NULL for a NULL profile. 0A000 when the field groups differ.';
CREATE FUNCTION cdp.without(profile cdp.profile, source pg_catalog.text DEFAULT NULL, attribute pg_catalog.text DEFAULT NULL)
RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_without';
COMMENT ON FUNCTION cdp.without(cdp.profile, pg_catalog.text, pg_catalog.text) IS
  'The profile without what a source said, its identifiers and consents included, without an attribute, or with both given without what the source said of the attribute. Exact until the attribute overflowed; then its counts and extremes are those of what is left. NULL for a NULL profile. 22023 when both are NULL.';
