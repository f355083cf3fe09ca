-- policy: how golden values are chosen. See docs/profile.md.

CREATE TYPE cdp.policy;

CREATE FUNCTION cdp.policy_in(pg_catalog.cstring) RETURNS cdp.policy
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_in';
CREATE FUNCTION cdp.policy_out(cdp.policy) RETURNS pg_catalog.cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_out';
CREATE FUNCTION cdp.policy_recv(pg_catalog.internal) RETURNS cdp.policy
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_recv';
CREATE FUNCTION cdp.policy_send(cdp.policy) RETURNS pg_catalog.bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_send';

COMMENT ON FUNCTION cdp.policy_in(pg_catalog.cstring) IS
  'I/O; 42601 with token, place and hint for text that is no policy, 54000 beyond 1 MB, 65535 clauses or 255 sources in a list.';
COMMENT ON FUNCTION cdp.policy_out(cdp.policy) IS 'I/O; the canonical text.';
COMMENT ON FUNCTION cdp.policy_recv(pg_catalog.internal) IS
  'I/O; a version byte and the text. 22P03 for anything else, 54000 as for text.';
COMMENT ON FUNCTION cdp.policy_send(cdp.policy) IS 'I/O; a version byte and the canonical text.';

CREATE TYPE cdp.policy (
  INPUT = cdp.policy_in,
  OUTPUT = cdp.policy_out,
  RECEIVE = cdp.policy_recv,
  SEND = cdp.policy_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = int4,
  STORAGE = extended
);
COMMENT ON TYPE cdp.policy IS
  'Survivorship: which of the observed values of an attribute is the golden one, such as default recent; country priority(crm, web); tags collect.';

-- Casts. From text implicitly, so that parameters of drivers work.

CREATE FUNCTION cdp.policy(policy pg_catalog.text) RETURNS cdp.policy
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_from_text';
CREATE FUNCTION cdp.policy(policy pg_catalog.bpchar) RETURNS cdp.policy
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_policy_from_text';

COMMENT ON FUNCTION cdp.policy(pg_catalog.text) IS 'The policy in the text. NULL for NULL. Errors as policy_in.';
COMMENT ON FUNCTION cdp.policy(pg_catalog.bpchar) IS
  'The policy in the text; trailing blanks do not matter. NULL for NULL. Errors as policy_in.';

CREATE CAST (pg_catalog.text AS cdp.policy) WITH FUNCTION cdp.policy(pg_catalog.text) AS IMPLICIT;
CREATE CAST (pg_catalog.varchar AS cdp.policy) WITH FUNCTION cdp.policy(pg_catalog.text) AS IMPLICIT;
CREATE CAST (pg_catalog.bpchar AS cdp.policy) WITH FUNCTION cdp.policy(pg_catalog.bpchar) AS IMPLICIT;
COMMENT ON CAST (pg_catalog.text AS cdp.policy) IS 'parse a policy';
COMMENT ON CAST (pg_catalog.varchar AS cdp.policy) IS 'parse a policy';
COMMENT ON CAST (pg_catalog.bpchar AS cdp.policy) IS 'parse a policy';
