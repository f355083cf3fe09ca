-- Normalisers. They are STABLE, not IMMUTABLE: a new ICU, libidn2 or libphonenumber may change a result. Store
-- what they return. The costs are measured, in units of pg_catalog.upper().
-- Names and numbers are CALLED ON NULL INPUT because a NULL language or region says "not known".

CREATE FUNCTION cdp.normalize_email(email pg_catalog.text, provider_rules pg_catalog.bool DEFAULT false)
RETURNS pg_catalog.text
LANGUAGE c STABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'cdp_normalize_email';
COMMENT ON FUNCTION cdp.normalize_email(pg_catalog.text, pg_catalog.bool) IS
  'One form for all spellings of an e-mail address: trimmed, lower case, domain in ASCII (IDNA 2008). With '
  'provider_rules also without what large providers ignore (tags after +, dots at Gmail). NULL for what is not '
  'an address (RFC 5321 dot-atom at a host name of two labels or more) and for NULL in any argument.';

CREATE FUNCTION cdp.normalize_name(name pg_catalog.text, language pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.text
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'cdp_normalize_name';
COMMENT ON FUNCTION cdp.normalize_name(pg_catalog.text, pg_catalog.text) IS
  'Matching key of a person''s name: case, accents, apostrophes, titles and look-alike letters removed, Serbian '
  'in Latin script, digits in ASCII. language is a BCP 47 tag (az, en, fa, id, sr, tr; others raise 22023) or '
  'NULL when it is not known. NULL for a NULL name, for a name without letters or digits, and beyond 1024 bytes.';

-- In a library of its own, loaded by the first call: it takes milliseconds and megabytes.
CREATE FUNCTION cdp.normalize_phone(phone pg_catalog.text, region pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.text
LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS '$libdir/cdp_phone', 'cdp_normalize_phone';
COMMENT ON FUNCTION cdp.normalize_phone(pg_catalog.text, pg_catalog.text) IS
  'Telephone number in E.164 form by libphonenumber. region is the ISO 3166-1 code of the country that numbers '
  'without a country calling code are from (an unrecognized one raises 22023), or NULL when every number '
  'carries its code. NULL for a NULL phone, for what is not a valid number, and beyond 512 bytes.';

CREATE FUNCTION cdp.phone_version() RETURNS pg_catalog.text
LANGUAGE c STABLE PARALLEL SAFE AS '$libdir/cdp_phone', 'cdp_phone_version';
COMMENT ON FUNCTION cdp.phone_version() IS
  'Version of the libphonenumber in use, from its file name; NULL where the file has none.';
