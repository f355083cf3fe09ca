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

-- Merging

CREATE FUNCTION cdp.merge(cdp.profile, cdp.profile) RETURNS cdp.profile
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_merge';
COMMENT ON FUNCTION cdp.merge(cdp.profile, cdp.profile) IS
  'The profile of the observations of both: associative and commutative. Give each observation once: one given twice counts twice. NULL if either is NULL. 54000 beyond 255 sources.';

CREATE OPERATOR pg_catalog.|| (
  LEFTARG = cdp.profile, RIGHTARG = cdp.profile, FUNCTION = cdp.merge, COMMUTATOR = OPERATOR(pg_catalog.||)
);
COMMENT ON OPERATOR pg_catalog.|| (cdp.profile, cdp.profile) IS 'merge two profiles';

CREATE FUNCTION cdp.profile_agg_transition(cdp.profile, pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz)
RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'cdp_profile_agg_transition';
CREATE FUNCTION cdp.profile_agg_combine(cdp.profile, cdp.profile) RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_agg_combine';
CREATE FUNCTION cdp.profile_agg_final(cdp.profile) RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cdp_profile_agg_final';

COMMENT ON FUNCTION cdp.profile_agg_transition(cdp.profile, pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz) IS
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

CREATE AGGREGATE cdp.rollup(profile cdp.profile) (
  SFUNC = cdp.profile_agg_combine,
  STYPE = cdp.profile,
  SSPACE = 8192,
  COMBINEFUNC = cdp.profile_agg_combine,
  FINALFUNC = cdp.profile_agg_final,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.rollup(cdp.profile) IS
  'Merges profiles into one. NULLs are ignored; NULL if there is nothing else.';

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

CREATE FUNCTION cdp.attributes(profile cdp.profile) RETURNS pg_catalog.jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_attributes';
COMMENT ON FUNCTION cdp.attributes(cdp.profile) IS
  'The golden record as one flat JSON object; attributes that are unknown or erased are left out.';

CREATE FUNCTION cdp.observations(profile cdp.profile)
RETURNS TABLE (attribute pg_catalog.text, value pg_catalog.jsonb, source pg_catalog.text,
               first_seen pg_catalog.timestamptz, last_seen pg_catalog.timestamptz, times pg_catalog.int8,
               golden pg_catalog.bool, exact pg_catalog.bool)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'cdp_profile_observations';
COMMENT ON FUNCTION cdp.observations(cdp.profile) IS
  'Provenance: each kept (value, source) of each attribute, most recent first, and which one is golden. NULL value: erased. first_seen and times are NULL once an attribute had more than 16 distinct pairs; exact tells.';
