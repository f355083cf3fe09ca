-- What comes in, and who somebody is.

CREATE FUNCTION cdp.identify(
  space pg_catalog.text, identifiers pg_catalog.jsonb, attributes pg_catalog.jsonb DEFAULT NULL,
  source pg_catalog.text DEFAULT 'default', at pg_catalog.timestamptz DEFAULT pg_catalog.now()) RETURNS pg_catalog.int8
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'cdp_space_identify';
COMMENT ON FUNCTION cdp.identify(pg_catalog.text, pg_catalog.jsonb, pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz) IS
  'Takes in that a source saw these identifiers ({"email": "ana@example.com", "user_id": "17"}, values or arrays of such) with one customer, and attributes of that customer; decides who is who, and returns the customer''s profile_id. NULL if all of the identifiers are blocked, or there are none. A call that tells something new takes a subtransaction with a number of its own: more than 64 of them in one transaction slow down everybody''s snapshots until it ends, so let many rows come in by cdp.identify_many. Errors: 22004 for NULL, 3F000 for an unknown space, 42704 for an unknown type of identifiers or source, 22023 for what is no identifier, 54000 for too many or too long ones, 40001 under REPEATABLE READ when others were faster.';

CREATE FUNCTION cdp.identify_many(
  space pg_catalog.text, identifiers pg_catalog.jsonb[], attributes pg_catalog.jsonb[] DEFAULT NULL,
  source pg_catalog.text DEFAULT 'default', at pg_catalog.timestamptz[] DEFAULT NULL) RETURNS pg_catalog.int8[]
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'cdp_space_identify_many';
COMMENT ON FUNCTION cdp.identify_many(pg_catalog.text, pg_catalog.jsonb[], pg_catalog.jsonb[], pg_catalog.text, pg_catalog.timestamptz[]) IS
  'Many observations of one source in one step: the same as cdp.identify of each, in whatever order, but faster, without deadlocks, and in one subtransaction. attributes and at have as many elements as identifiers, or are NULL: none, and now. Returns the customers in the same order. All of it or, on an error, nothing is taken in. Errors: as cdp.identify; 22023 for lists of different lengths.';

CREATE FUNCTION cdp.lookup(
  space pg_catalog.text, type pg_catalog.text, value pg_catalog.text, as_of pg_catalog.timestamptz DEFAULT NULL)
RETURNS pg_catalog.int8
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT COST 100 AS 'MODULE_PATHNAME', 'cdp_space_lookup';
COMMENT ON FUNCTION cdp.lookup(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.timestamptz) IS
  'The profile_id of the customer with this identifier, in whatever spelling: now, or as it was believed at an earlier time. NULL if nobody has, or had, it, for what is blocked, and for NULL. Errors: 22004 for NULL as space, 3F000 for an unknown space, 42704 for an unknown type of identifiers.';

CREATE FUNCTION cdp.current_id(space pg_catalog.text, profile_id pg_catalog.int8) RETURNS pg_catalog.int8
LANGUAGE c STABLE PARALLEL SAFE STRICT COST 100 AS 'MODULE_PATHNAME', 'cdp_space_current_id';
COMMENT ON FUNCTION cdp.current_id(pg_catalog.text, pg_catalog.int8) IS
  'The profile_id that a customer has now who once had this one. NULL for NULL and for one that nobody ever had. Errors: 3F000 for an unknown space.';
