-- Connected components of a user's own pairs: as a set-returning function, and as an aggregate.

CREATE FUNCTION cdp.connected_components(query pg_catalog.text)
RETURNS TABLE (identifier pg_catalog.text, component pg_catalog.text)
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 ROWS 100000
AS 'MODULE_PATHNAME', 'cdp_connected_components';
COMMENT ON FUNCTION cdp.connected_components(pg_catalog.text) IS
  'Connected components of the pairs that a query returns in two columns of type text (varchar, char, name, or a domain over them): each identifier once, with the least identifier of its component in byte order as label. A NULL end leaves the other as an identifier alone. Runs the query as the caller; memory up to maintenance_work_mem. Errors: 22004 for NULL, 22023 for what is no single SELECT, 42804 for other columns, 53200 beyond the memory limit. Union-find: Tarjan and van Leeuwen (1984).';

CREATE FUNCTION cdp.connected_component_ids(query pg_catalog.text)
RETURNS TABLE (identifier pg_catalog.int8, component pg_catalog.int8)
LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 ROWS 100000
AS 'MODULE_PATHNAME', 'cdp_connected_component_ids';
COMMENT ON FUNCTION cdp.connected_component_ids(pg_catalog.text) IS
  'Connected components of the pairs that a query returns in two columns of type bigint, integer or smallint: each identifier once, with the least identifier of its component as label. NULL, memory and errors as with cdp.connected_components.';

CREATE TYPE cdp.components;

CREATE FUNCTION cdp.components_in(pg_catalog.cstring) RETURNS cdp.components
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_in';
COMMENT ON FUNCTION cdp.components_in(pg_catalog.cstring) IS 'Input function of cdp.components. Errors: 22P02.';
CREATE FUNCTION cdp.components_out(cdp.components) RETURNS pg_catalog.cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_out';
COMMENT ON FUNCTION cdp.components_out(cdp.components) IS 'Output function of cdp.components.';
CREATE FUNCTION cdp.components_recv(pg_catalog.internal) RETURNS cdp.components
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_recv';
COMMENT ON FUNCTION cdp.components_recv(pg_catalog.internal) IS 'Binary input function of cdp.components. Errors: 22P03.';
CREATE FUNCTION cdp.components_send(cdp.components) RETURNS pg_catalog.bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_send';
COMMENT ON FUNCTION cdp.components_send(cdp.components) IS 'Binary output function of cdp.components.';

CREATE TYPE cdp.components (
  INPUT = cdp.components_in, OUTPUT = cdp.components_out,
  RECEIVE = cdp.components_recv, SEND = cdp.components_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = external
);
COMMENT ON TYPE cdp.components IS
  'A partition of identifiers into connected components, made by cdp.connected_components_agg. Its text is a JSON array of components, each an array of strings; equal partitions have equal bytes.';

CREATE FUNCTION cdp.identifier_count(components cdp.components) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_identifier_count';
COMMENT ON FUNCTION cdp.identifier_count(cdp.components) IS 'Number of identifiers. NULL for NULL.';

CREATE FUNCTION cdp.component_count(components cdp.components) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_component_count';
COMMENT ON FUNCTION cdp.component_count(cdp.components) IS 'Number of components. NULL for NULL.';

CREATE FUNCTION cdp.members(components cdp.components, OUT identifier pg_catalog.text, OUT component pg_catalog.text)
RETURNS SETOF pg_catalog.record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 1000 AS 'MODULE_PATHNAME', 'cdp_components_members';
COMMENT ON FUNCTION cdp.members(cdp.components) IS
  'The identifiers in byte order, each with the label of its component, which is the least identifier in it. No rows for NULL.';

CREATE FUNCTION cdp.member_ids(components cdp.components, OUT identifier pg_catalog.int8, OUT component pg_catalog.int8)
RETURNS SETOF pg_catalog.record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 1000 AS 'MODULE_PATHNAME', 'cdp_components_member_ids';
COMMENT ON FUNCTION cdp.member_ids(cdp.components) IS
  'The same for components of numbers (cdp.connected_component_ids_agg): the label is the least number. No rows for NULL. Errors: 22023 when an identifier is no bigint.';

CREATE FUNCTION cdp.components_union(a cdp.components, b cdp.components) RETURNS cdp.components
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_union';
COMMENT ON FUNCTION cdp.components_union(cdp.components, cdp.components) IS
  'The partition that follows from the evidence of both: components with a common identifier become one. NULL when either is NULL. Errors: 54000 beyond 1 GB.';

CREATE OPERATOR pg_catalog.|| (
  LEFTARG = cdp.components, RIGHTARG = cdp.components,
  FUNCTION = cdp.components_union, COMMUTATOR = OPERATOR(pg_catalog.||)
);
COMMENT ON OPERATOR pg_catalog.||(cdp.components, cdp.components) IS 'union of the evidence of two partitions';

-- Aggregates. The state is a real type, so that parallel workers and the nodes of a cluster can pass it on; the
-- transition functions append to it in place, the final function brings it into canonical form.
CREATE FUNCTION cdp.components_accum(cdp.components, pg_catalog.text, pg_catalog.text) RETURNS cdp.components
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_accum';
COMMENT ON FUNCTION cdp.components_accum(cdp.components, pg_catalog.text, pg_catalog.text) IS
  'Transition function of cdp.connected_components_agg.';
CREATE FUNCTION cdp.component_ids_accum(cdp.components, pg_catalog.int8, pg_catalog.int8) RETURNS cdp.components
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_accum_ids';
COMMENT ON FUNCTION cdp.component_ids_accum(cdp.components, pg_catalog.int8, pg_catalog.int8) IS
  'Transition function of cdp.connected_component_ids_agg.';
CREATE FUNCTION cdp.components_combine(cdp.components, cdp.components) RETURNS cdp.components
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_combine';
COMMENT ON FUNCTION cdp.components_combine(cdp.components, cdp.components) IS
  'Combine function of the aggregates over cdp.components.';
CREATE FUNCTION cdp.components_final(cdp.components) RETURNS cdp.components
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_components_final';
COMMENT ON FUNCTION cdp.components_final(cdp.components) IS
  'Final function of the aggregates over cdp.components.';

CREATE AGGREGATE cdp.connected_components_agg(a pg_catalog.text, b pg_catalog.text) (
  SFUNC = cdp.components_accum, STYPE = cdp.components, SSPACE = 256,
  COMBINEFUNC = cdp.components_combine,
  FINALFUNC = cdp.components_final, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.connected_components_agg(pg_catalog.text, pg_catalog.text) IS
  'Connected components of the pairs (a, b). A NULL end leaves the other as an identifier alone; NULL when there was no identifier at all. Errors: 54000 beyond 1 GB.';

CREATE AGGREGATE cdp.connected_component_ids_agg(a pg_catalog.int8, b pg_catalog.int8) (
  SFUNC = cdp.component_ids_accum, STYPE = cdp.components, SSPACE = 256,
  COMBINEFUNC = cdp.components_combine,
  FINALFUNC = cdp.components_final, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.connected_component_ids_agg(pg_catalog.int8, pg_catalog.int8) IS
  'The same for pairs of numbers, which cdp.member_ids lists. NULLs as there. Errors: 54000 beyond 1 GB.';

CREATE AGGREGATE cdp.rollup(components cdp.components) (
  SFUNC = cdp.components_combine, STYPE = cdp.components, SSPACE = 256,
  COMBINEFUNC = cdp.components_combine,
  FINALFUNC = cdp.components_final, FINALFUNC_MODIFY = READ_ONLY,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.rollup(cdp.components) IS
  'The partition that follows from the evidence of all values. NULL when there was none. Errors: 54000 beyond 1 GB.';
