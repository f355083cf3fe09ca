-- What a profile holds beside attributes: identifiers and consents. See docs/profile.md.

-- Identifiers

CREATE FUNCTION cdp.identifier(type pg_catalog.text, value pg_catalog.text, source pg_catalog.text, seen_at pg_catalog.timestamptz)
RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_identifier';
COMMENT ON FUNCTION cdp.identifier(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.timestamptz) IS
  'A profile of one fact: a source saw this identifier ("email", "device") at a time. The empty profile for a NULL value; 22004 for another NULL.';

CREATE FUNCTION cdp.identifiers(profile cdp.profile)
RETURNS TABLE (type pg_catalog.text, value pg_catalog.text, source pg_catalog.text,
               first_seen pg_catalog.timestamptz, last_seen pg_catalog.timestamptz)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_profile_identifiers';
COMMENT ON FUNCTION cdp.identifiers(cdp.profile) IS
  'Every identifier that is kept, of each type the 100 least values, with each source that gave it, and when that did so first and last; by type, value and source.';

CREATE FUNCTION cdp.identifiers(profile cdp.profile, type pg_catalog.text)
RETURNS TABLE (type pg_catalog.text, value pg_catalog.text, source pg_catalog.text,
               first_seen pg_catalog.timestamptz, last_seen pg_catalog.timestamptz)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 2 AS 'MODULE_PATHNAME', 'cdp_profile_identifiers';
COMMENT ON FUNCTION cdp.identifiers(cdp.profile, pg_catalog.text) IS
  'The identifiers of one type that are kept, the 100 least values, with each source that gave them, and when that did so first and last.';

CREATE FUNCTION cdp.has_identifier(profile cdp.profile, type pg_catalog.text) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_has_identifier';
COMMENT ON FUNCTION cdp.has_identifier(cdp.profile, pg_catalog.text) IS 'Whether the customer has an identifier of this type.';

CREATE FUNCTION cdp.has_identifier(profile cdp.profile, type pg_catalog.text, value pg_catalog.text) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_has_identifier';
COMMENT ON FUNCTION cdp.has_identifier(cdp.profile, pg_catalog.text, pg_catalog.text) IS
  'Whether the customer has this very identifier, of those that are kept: of each type the 100 least values.';

CREATE FUNCTION cdp.identifier_count(profile cdp.profile, type pg_catalog.text) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_identifier_count';
COMMENT ON FUNCTION cdp.identifier_count(cdp.profile, pg_catalog.text) IS
  'How many distinct identifiers of this type the customer has, whatever sources gave them; 0 when there is none, 100 when there are more.';

-- Consents

CREATE FUNCTION cdp.consent(purpose pg_catalog.text, granted pg_catalog.bool, source pg_catalog.text, given_at pg_catalog.timestamptz)
RETURNS cdp.profile
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_consent';
COMMENT ON FUNCTION cdp.consent(pg_catalog.text, pg_catalog.bool, pg_catalog.text, pg_catalog.timestamptz) IS
  'A profile of one fact: the customer granted, or withdrew, consent for a purpose at a time, and this source says so. The empty profile when granted is NULL; 22004 for another NULL.';

CREATE FUNCTION cdp.consents(profile cdp.profile)
RETURNS TABLE (purpose pg_catalog.text, granted pg_catalog.bool, source pg_catalog.text, at pg_catalog.timestamptz)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'cdp_profile_consents';
COMMENT ON FUNCTION cdp.consents(cdp.profile) IS
  'The history of every consent: grants and withdrawals, by purpose and time; at one time a withdrawal comes last.';

CREATE FUNCTION cdp.has_consent(profile cdp.profile, purpose pg_catalog.text, as_of pg_catalog.timestamptz) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_profile_has_consent';
COMMENT ON FUNCTION cdp.has_consent(cdp.profile, pg_catalog.text, pg_catalog.timestamptz) IS
  'Whether the latest entry for the purpose at or before as_of is a grant; of entries at the same time a withdrawal wins. False when nothing was ever granted.';
