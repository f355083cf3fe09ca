-- segment: a rule over one customer. See docs/segment.md.

CREATE TYPE cdp.segment;

CREATE FUNCTION cdp.segment_in(pg_catalog.cstring) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_in';
CREATE FUNCTION cdp.segment_out(cdp.segment) RETURNS pg_catalog.cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_out';
CREATE FUNCTION cdp.segment_recv(pg_catalog.internal) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_recv';
CREATE FUNCTION cdp.segment_send(cdp.segment) RETURNS pg_catalog.bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_send';

COMMENT ON FUNCTION cdp.segment_in(pg_catalog.cstring) IS
  'I/O; 42601 with token, place and hint for text that is no rule, 54000 beyond 1 MB, 54001 beyond 1000 levels.';
COMMENT ON FUNCTION cdp.segment_out(cdp.segment) IS 'I/O; the canonical text.';
COMMENT ON FUNCTION cdp.segment_recv(pg_catalog.internal) IS
  'I/O; a version byte and the text. 22P03 for anything else, 54000 and 54001 as for text.';
COMMENT ON FUNCTION cdp.segment_send(cdp.segment) IS 'I/O; a version byte and the canonical text.';

CREATE TYPE cdp.segment (
  INPUT = cdp.segment_in,
  OUTPUT = cdp.segment_out,
  RECEIVE = cdp.segment_recv,
  SEND = cdp.segment_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = int4,
  STORAGE = extended
);
COMMENT ON TYPE cdp.segment IS
  'A rule over one customer''s profile, such as country in ("TR", "RS") and not email is unknown: read from text, stored compiled, printed in canonical form.';

-- Casts. From text implicitly, so that literals, parameters of drivers and arrays of text all work with @@.

CREATE FUNCTION cdp.segment(pg_catalog.text) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_from_text';
CREATE FUNCTION cdp.segment(pg_catalog.bpchar) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_from_text';
CREATE FUNCTION cdp.segment(pg_catalog.bytea) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_from_bytes';
CREATE FUNCTION cdp.to_bytes(cdp.segment) RETURNS pg_catalog.bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_to_bytes';

COMMENT ON FUNCTION cdp.segment(pg_catalog.text) IS
  'The rule in the text. NULL for NULL. 42601 with token, place and hint for text that is no rule, 54000 beyond 1 MB, 54001 beyond 1000 levels.';
COMMENT ON FUNCTION cdp.segment(pg_catalog.bpchar) IS
  'The rule in the text; trailing blanks do not matter. NULL for NULL. Errors as for text.';
COMMENT ON FUNCTION cdp.segment(pg_catalog.bytea) IS
  'The rule in its stored form (docs/format.md), completely checked. NULL for NULL. 22P03 for other bytes, 0A000 for those of a newer version.';
COMMENT ON FUNCTION cdp.to_bytes(cdp.segment) IS 'The stored form (docs/format.md). NULL for NULL.';

CREATE CAST (pg_catalog.text AS cdp.segment) WITH FUNCTION cdp.segment(pg_catalog.text) AS IMPLICIT;
CREATE CAST (pg_catalog.varchar AS cdp.segment) WITH FUNCTION cdp.segment(pg_catalog.text) AS IMPLICIT;
CREATE CAST (pg_catalog.bpchar AS cdp.segment) WITH FUNCTION cdp.segment(pg_catalog.bpchar) AS IMPLICIT;
CREATE CAST (pg_catalog.bytea AS cdp.segment) WITH FUNCTION cdp.segment(pg_catalog.bytea);
CREATE CAST (cdp.segment AS pg_catalog.bytea) WITH FUNCTION cdp.to_bytes(cdp.segment);
COMMENT ON CAST (pg_catalog.text AS cdp.segment) IS 'parse a rule';
COMMENT ON CAST (pg_catalog.varchar AS cdp.segment) IS 'parse a rule';
COMMENT ON CAST (pg_catalog.bpchar AS cdp.segment) IS 'parse a rule';
COMMENT ON CAST (pg_catalog.bytea AS cdp.segment) IS 'check a stored rule';
COMMENT ON CAST (cdp.segment AS pg_catalog.bytea) IS 'stored form of a rule';

-- Matching

CREATE FUNCTION cdp.matches(profile cdp.profile, segment cdp.segment) RETURNS pg_catalog.bool
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20 SUPPORT cdp.matches_support AS 'MODULE_PATHNAME', 'cdp_segment_matches';
CREATE FUNCTION cdp.matched_by(segment cdp.segment, profile cdp.profile) RETURNS pg_catalog.bool
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20 SUPPORT cdp.matches_support AS 'MODULE_PATHNAME', 'cdp_segment_matched_by';
CREATE FUNCTION cdp.matches(profile cdp.profile, segment cdp.segment, as_of pg_catalog.timestamptz)
RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 SUPPORT cdp.matches_support AS 'MODULE_PATHNAME', 'cdp_segment_matches_at';
CREATE FUNCTION cdp.matches_in_zone(profile cdp.profile, segment cdp.segment, as_of pg_catalog.timestamptz)
RETURNS pg_catalog.bool
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20 SUPPORT cdp.matches_support AS 'MODULE_PATHNAME', 'cdp_segment_matches_in_zone';
CREATE FUNCTION cdp.matches_with_events(profile cdp.profile, timeline cdp.timeline, segment cdp.segment)
RETURNS pg_catalog.bool
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20 SUPPORT cdp.matches_support AS 'MODULE_PATHNAME', 'cdp_segment_matches_with';
CREATE FUNCTION cdp.matches_with_events(
  profile cdp.profile, timeline cdp.timeline, segment cdp.segment, as_of pg_catalog.timestamptz)
RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 SUPPORT cdp.matches_support AS 'MODULE_PATHNAME', 'cdp_segment_matches_with_at';
CREATE FUNCTION cdp.matches_with_events_in_zone(
  profile cdp.profile, timeline cdp.timeline, segment cdp.segment, as_of pg_catalog.timestamptz)
RETURNS pg_catalog.bool
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 20 SUPPORT cdp.matches_support AS 'MODULE_PATHNAME', 'cdp_segment_matches_with_in_zone';
CREATE FUNCTION cdp.without_events(segment cdp.segment) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_without_events';

COMMENT ON FUNCTION cdp.matches_with_events(cdp.profile, cdp.timeline, cdp.segment) IS
  'Whether the rule is true of profile || timeline, which the planner turns into this call: the timeline is read only if the rule reads events. NULL if an argument is NULL.';
COMMENT ON FUNCTION cdp.matches_with_events(cdp.profile, cdp.timeline, cdp.segment, pg_catalog.timestamptz) IS
  'The same at as_of. NULL if an argument is NULL. 22023 for an infinite as_of; 0A000 for a rule in a time zone other than UTC.';
COMMENT ON FUNCTION cdp.matches_with_events_in_zone(cdp.profile, cdp.timeline, cdp.segment, pg_catalog.timestamptz) IS
  'The same of a rule in any time zone, see matches_in_zone. NULL if an argument is NULL. 22023 for an infinite as_of.';
COMMENT ON FUNCTION cdp.without_events(cdp.segment) IS
  'What the rule says without looking at events: true of every profile that the rule can be true of, with whatever timeline. NULL for NULL.';

COMMENT ON FUNCTION cdp.matches(cdp.profile, cdp.segment) IS
  'Whether the rule is true of the customer at the start of the transaction; false when it is unknown. NULL if an argument is NULL. 22023 for a time zone that this server does not know.';
COMMENT ON FUNCTION cdp.matched_by(cdp.segment, cdp.profile) IS
  'matches with the arguments exchanged: the function of segment @@ profile.';
COMMENT ON FUNCTION cdp.matches(cdp.profile, cdp.segment, pg_catalog.timestamptz) IS
  'Whether the rule is true of the customer at as_of; false when it is unknown. NULL if an argument is NULL. 22023 for an infinite as_of; 0A000 for a rule in a time zone other than UTC, see cdp.matches_in_zone.';
COMMENT ON FUNCTION cdp.matches_in_zone(cdp.profile, cdp.segment, pg_catalog.timestamptz) IS
  'matches for every rule, also in a time zone: the rules of time zones change, so this is not immutable. NULL if an argument is NULL. 22023 for an infinite as_of, and for a zone that this server does not know.';

CREATE OPERATOR pg_catalog.@@ (
  LEFTARG = cdp.profile, RIGHTARG = cdp.segment, FUNCTION = cdp.matches, COMMUTATOR = OPERATOR(pg_catalog.@@),
  RESTRICT = cdp.matchsel, JOIN = cdp.matchjoinsel
);
CREATE OPERATOR pg_catalog.@@ (
  LEFTARG = cdp.segment, RIGHTARG = cdp.profile, FUNCTION = cdp.matched_by, COMMUTATOR = OPERATOR(pg_catalog.@@),
  RESTRICT = cdp.matchsel, JOIN = cdp.matchjoinsel
);
COMMENT ON OPERATOR pg_catalog.@@ (cdp.profile, cdp.segment) IS 'customer matches rule';
COMMENT ON OPERATOR pg_catalog.@@ (cdp.segment, cdp.profile) IS 'rule matches customer';

CREATE FUNCTION cdp.explain(profile cdp.profile, segment cdp.segment, as_of pg_catalog.timestamptz DEFAULT pg_catalog.now())
RETURNS TABLE (predicate pg_catalog.text, value pg_catalog.jsonb, result pg_catalog.bool, horizon pg_catalog.timestamptz)
LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_segment_explain';
COMMENT ON FUNCTION cdp.explain(cdp.profile, cdp.segment, pg_catalog.timestamptz) IS
  'Why a customer matches a rule: one row per predicate, from left to right. value: what it looked at (all observed values for any(), seconds for freshness(), {"least": ..., "most": ...} for what is not known exactly), NULL if there is nothing; result: NULL for unknown; horizon: until when events that it looked at are folded. No rows if an argument is NULL. 22023 for an infinite as_of, and when the rule reads events that are kept elsewhere.';

CREATE FUNCTION cdp.next_change(profile cdp.profile, segment cdp.segment, as_of pg_catalog.timestamptz DEFAULT pg_catalog.now())
RETURNS pg_catalog.timestamptz
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 40 AS 'MODULE_PATHNAME', 'cdp_segment_next_change';
COMMENT ON FUNCTION cdp.next_change(cdp.profile, cdp.segment, pg_catalog.timestamptz) IS
  'When, after as_of, time alone may change what the rule says of the customer: an event leaves a window, a day begins that moves one, an age or an anniversary is reached. Until then matches gives the same answer. It may be too early, but is never late; infinity when there is no such time. NULL if an argument is NULL. Errors as for matches_in_zone.';

CREATE FUNCTION cdp.check_retention(segment cdp.segment, kept pg_catalog.interval) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_check_retention';
COMMENT ON FUNCTION cdp.check_retention(cdp.segment, pg_catalog.interval) IS
  'The rule itself, when events that are kept for so long (a month is 30 days) are enough for its windows. NULL if an argument is NULL. 22023 when a window looks further back, and for a negative interval; windows with stated times, and rules without any, pass.';

CREATE FUNCTION cdp.attributes_used(segment cdp.segment) RETURNS pg_catalog.text[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_attributes_used';
COMMENT ON FUNCTION cdp.attributes_used(cdp.segment) IS
  'The attributes that the rule reads, as paths, those with time zones among them, in ascending order of bytes, each one once. NULL for NULL.';

CREATE FUNCTION cdp.events_used(segment cdp.segment) RETURNS pg_catalog.text[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_events_used';
COMMENT ON FUNCTION cdp.events_used(cdp.segment) IS
  'The events that the rule names (days_active of any event names none), in ascending order of bytes, each one once. NULL for NULL.';

-- Algebra

CREATE FUNCTION cdp.segment_and(cdp.segment, cdp.segment) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_and';
CREATE FUNCTION cdp.segment_or(cdp.segment, cdp.segment) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_or';
CREATE FUNCTION cdp.segment_not(cdp.segment) RETURNS cdp.segment
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_not';
COMMENT ON FUNCTION cdp.segment_and(cdp.segment, cdp.segment) IS
  'The rule "a and b". NULL if either is NULL. 54000 beyond 1 MB, 54001 beyond 1000 levels.';
COMMENT ON FUNCTION cdp.segment_or(cdp.segment, cdp.segment) IS
  'The rule "a or b". NULL if either is NULL. 54000 beyond 1 MB, 54001 beyond 1000 levels.';
COMMENT ON FUNCTION cdp.segment_not(cdp.segment) IS
  'The rule "not a", which is unknown where a is. NULL for NULL. 54000 beyond 1 MB, 54001 beyond 1000 levels.';

CREATE OPERATOR pg_catalog.& (LEFTARG = cdp.segment, RIGHTARG = cdp.segment, FUNCTION = cdp.segment_and);
CREATE OPERATOR pg_catalog.| (LEFTARG = cdp.segment, RIGHTARG = cdp.segment, FUNCTION = cdp.segment_or);
CREATE OPERATOR pg_catalog.! (RIGHTARG = cdp.segment, FUNCTION = cdp.segment_not);
COMMENT ON OPERATOR pg_catalog.& (cdp.segment, cdp.segment) IS 'both rules';
COMMENT ON OPERATOR pg_catalog.| (cdp.segment, cdp.segment) IS 'either rule';
COMMENT ON OPERATOR pg_catalog.! (NONE, cdp.segment) IS 'negated rule';

-- Equality and order, of the stored form, which is canonical.

CREATE FUNCTION cdp.segment_eq(cdp.segment, cdp.segment) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_eq';
CREATE FUNCTION cdp.segment_ne(cdp.segment, cdp.segment) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_ne';
CREATE FUNCTION cdp.segment_lt(cdp.segment, cdp.segment) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_lt';
CREATE FUNCTION cdp.segment_le(cdp.segment, cdp.segment) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_le';
CREATE FUNCTION cdp.segment_gt(cdp.segment, cdp.segment) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_gt';
CREATE FUNCTION cdp.segment_ge(cdp.segment, cdp.segment) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_ge';
CREATE FUNCTION cdp.segment_cmp(cdp.segment, cdp.segment) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_cmp';
CREATE FUNCTION cdp.segment_hash(cdp.segment) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_hash';
CREATE FUNCTION cdp.segment_hash_extended(cdp.segment, pg_catalog.int8) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_segment_hash_extended';

COMMENT ON FUNCTION cdp.segment_eq(cdp.segment, cdp.segment) IS
  'Whether the canonical texts are equal. Syntactic: "a and b" is not "b and a".';
COMMENT ON FUNCTION cdp.segment_ne(cdp.segment, cdp.segment) IS 'Whether the canonical texts differ.';
COMMENT ON FUNCTION cdp.segment_lt(cdp.segment, cdp.segment) IS 'Order of the stored bytes: for grouping and indexes.';
COMMENT ON FUNCTION cdp.segment_le(cdp.segment, cdp.segment) IS 'Order of the stored bytes: for grouping and indexes.';
COMMENT ON FUNCTION cdp.segment_gt(cdp.segment, cdp.segment) IS 'Order of the stored bytes: for grouping and indexes.';
COMMENT ON FUNCTION cdp.segment_ge(cdp.segment, cdp.segment) IS 'Order of the stored bytes: for grouping and indexes.';
COMMENT ON FUNCTION cdp.segment_cmp(cdp.segment, cdp.segment) IS 'Support of btree: order of the stored bytes.';
COMMENT ON FUNCTION cdp.segment_hash(cdp.segment) IS 'Support of hash: hash of the stored bytes.';
COMMENT ON FUNCTION cdp.segment_hash_extended(cdp.segment, pg_catalog.int8) IS
  'Support of hash: seeded hash of the stored bytes.';

CREATE OPERATOR pg_catalog.= (
  LEFTARG = cdp.segment, RIGHTARG = cdp.segment, FUNCTION = cdp.segment_eq, COMMUTATOR = OPERATOR(pg_catalog.=),
  NEGATOR = OPERATOR(pg_catalog.<>), RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR pg_catalog.<> (
  LEFTARG = cdp.segment, RIGHTARG = cdp.segment, FUNCTION = cdp.segment_ne, COMMUTATOR = OPERATOR(pg_catalog.<>),
  NEGATOR = OPERATOR(pg_catalog.=), RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
CREATE OPERATOR pg_catalog.< (
  LEFTARG = cdp.segment, RIGHTARG = cdp.segment, FUNCTION = cdp.segment_lt, COMMUTATOR = OPERATOR(pg_catalog.>),
  NEGATOR = OPERATOR(pg_catalog.>=), RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
CREATE OPERATOR pg_catalog.<= (
  LEFTARG = cdp.segment, RIGHTARG = cdp.segment, FUNCTION = cdp.segment_le, COMMUTATOR = OPERATOR(pg_catalog.>=),
  NEGATOR = OPERATOR(pg_catalog.>), RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
CREATE OPERATOR pg_catalog.> (
  LEFTARG = cdp.segment, RIGHTARG = cdp.segment, FUNCTION = cdp.segment_gt, COMMUTATOR = OPERATOR(pg_catalog.<),
  NEGATOR = OPERATOR(pg_catalog.<=), RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
CREATE OPERATOR pg_catalog.>= (
  LEFTARG = cdp.segment, RIGHTARG = cdp.segment, FUNCTION = cdp.segment_ge, COMMUTATOR = OPERATOR(pg_catalog.<=),
  NEGATOR = OPERATOR(pg_catalog.<), RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.= (cdp.segment, cdp.segment) IS 'same rule';
COMMENT ON OPERATOR pg_catalog.<> (cdp.segment, cdp.segment) IS 'other rule';
COMMENT ON OPERATOR pg_catalog.< (cdp.segment, cdp.segment) IS 'less in order of bytes';
COMMENT ON OPERATOR pg_catalog.<= (cdp.segment, cdp.segment) IS 'less or equal in order of bytes';
COMMENT ON OPERATOR pg_catalog.> (cdp.segment, cdp.segment) IS 'greater in order of bytes';
COMMENT ON OPERATOR pg_catalog.>= (cdp.segment, cdp.segment) IS 'greater or equal in order of bytes';

CREATE OPERATOR CLASS cdp.segment_ops DEFAULT FOR TYPE cdp.segment USING btree AS
  OPERATOR 1 pg_catalog.< (cdp.segment, cdp.segment),
  OPERATOR 2 pg_catalog.<= (cdp.segment, cdp.segment),
  OPERATOR 3 pg_catalog.= (cdp.segment, cdp.segment),
  OPERATOR 4 pg_catalog.>= (cdp.segment, cdp.segment),
  OPERATOR 5 pg_catalog.> (cdp.segment, cdp.segment),
  FUNCTION 1 cdp.segment_cmp(cdp.segment, cdp.segment);
CREATE OPERATOR CLASS cdp.segment_ops DEFAULT FOR TYPE cdp.segment USING hash AS
  OPERATOR 1 pg_catalog.= (cdp.segment, cdp.segment),
  FUNCTION 1 cdp.segment_hash(cdp.segment),
  FUNCTION 2 cdp.segment_hash_extended(cdp.segment, pg_catalog.int8);
COMMENT ON OPERATOR CLASS cdp.segment_ops USING btree IS 'order of stored bytes';
COMMENT ON OPERATOR CLASS cdp.segment_ops USING hash IS 'hash of stored bytes';
COMMENT ON OPERATOR FAMILY cdp.segment_ops USING btree IS 'order of stored bytes';
COMMENT ON OPERATOR FAMILY cdp.segment_ops USING hash IS 'hash of stored bytes';
