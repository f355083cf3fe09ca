-- The events of a profile: embedded as a timeline, or kept elsewhere and summed up. See docs/profile.md.

CREATE FUNCTION cdp.attach(profile cdp.profile, timeline cdp.timeline) RETURNS cdp.profile
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_attach';
COMMENT ON FUNCTION cdp.attach(cdp.profile, cdp.timeline) IS
  'The profile with these events, merged with those that it has. On a detached profile the timeline is declared to be all of its events: it takes the place of the totals, and the profile is detached no longer. NULL if either is NULL.';

CREATE OPERATOR pg_catalog.|| (LEFTARG = cdp.profile, RIGHTARG = cdp.timeline, FUNCTION = cdp.attach);
COMMENT ON OPERATOR pg_catalog.|| (cdp.profile, cdp.timeline) IS 'attach events to a profile';

CREATE FUNCTION cdp.detach(profile cdp.profile) RETURNS cdp.profile
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_detach';
COMMENT ON FUNCTION cdp.detach(cdp.profile) IS
  'The profile without its events, which are kept elsewhere from now on: what is left of them is their totals. Attaching cdp.timeline(profile) gives the profile back. 54000 beyond 65535 totals.';

CREATE FUNCTION cdp.is_detached(profile cdp.profile) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_is_detached';
COMMENT ON FUNCTION cdp.is_detached(cdp.profile) IS
  'Whether events of the profile are kept elsewhere. What is merged with a detached profile is detached.';

CREATE FUNCTION cdp.timeline(profile cdp.profile) RETURNS cdp.timeline
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_timeline';
COMMENT ON FUNCTION cdp.timeline(cdp.profile) IS
  'The events of the profile; an empty timeline when it has none. 22023 for a detached profile, whose events are elsewhere.';

CREATE FUNCTION cdp.totals(profile cdp.profile)
RETURNS TABLE (event pg_catalog.text, count pg_catalog.int8, first pg_catalog.timestamptz, last pg_catalog.timestamptz,
               sums pg_catalog.jsonb)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_profile_totals';
COMMENT ON FUNCTION cdp.totals(cdp.profile) IS
  'Per name of an event how many there are, when the first and the last was, and for each numeric property its exact sum with the number of events that have it. Of the embedded events and of those in the totals; those of a detached profile are as they were when it was detached.';
