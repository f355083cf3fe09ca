-- audience: a set of profile ids. See docs/audience.md.

CREATE TYPE cdp.audience;

CREATE FUNCTION cdp.audience_in(pg_catalog.cstring) RETURNS cdp.audience
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_in';
CREATE FUNCTION cdp.audience_out(cdp.audience) RETURNS pg_catalog.cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_out';
CREATE FUNCTION cdp.audience_recv(pg_catalog.internal) RETURNS cdp.audience
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_recv';
CREATE FUNCTION cdp.audience_send(cdp.audience) RETURNS pg_catalog.bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_send';

COMMENT ON FUNCTION cdp.audience_in(pg_catalog.cstring) IS 'I/O; 22P02 for text that is no list of ids in braces.';
COMMENT ON FUNCTION cdp.audience_out(cdp.audience) IS 'I/O; the ids in braces, in ascending order. 54000 beyond 1 GB of text.';
COMMENT ON FUNCTION cdp.audience_recv(pg_catalog.internal) IS 'I/O; 22P03 for bytes that are no audience.';
COMMENT ON FUNCTION cdp.audience_send(cdp.audience) IS 'I/O; binary form, independent of byte order.';

CREATE TYPE cdp.audience (
  INPUT = cdp.audience_in,
  OUTPUT = cdp.audience_out,
  RECEIVE = cdp.audience_recv,
  SEND = cdp.audience_send,
  INTERNALLENGTH = VARIABLE,
  ALIGNMENT = int4,
  STORAGE = external
);
COMMENT ON TYPE cdp.audience IS
  'A set of profile ids of type bigint, compressed as Roaring bitmaps (Lemire, Ssi-Yan-Kai and Kaser 2016). Its text is the ids in braces; equal sets have equal bytes.';

-- From ids, and back

CREATE FUNCTION cdp.audience(ids pg_catalog.int8[]) RETURNS cdp.audience
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_from_array';
COMMENT ON FUNCTION cdp.audience(pg_catalog.int8[]) IS
  'The set of the ids in an array, in any order. NULL for NULL; 22004 for an array with a NULL in it.';
CREATE CAST (pg_catalog.int8[] AS cdp.audience) WITH FUNCTION cdp.audience(pg_catalog.int8[]);
COMMENT ON CAST (pg_catalog.int8[] AS cdp.audience) IS 'the set of the ids in an array';

-- What ARRAY[1, 2] is. Of another name, so that cdp.audience takes any array of whole numbers.
CREATE FUNCTION cdp.audience_of_integers(ids pg_catalog.int4[]) RETURNS cdp.audience
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_from_array';
COMMENT ON FUNCTION cdp.audience_of_integers(pg_catalog.int4[]) IS
  'The cast from integer[]: the set of the ids in an array. NULL for NULL; 22004 for an array with a NULL in it.';
CREATE CAST (pg_catalog.int4[] AS cdp.audience) WITH FUNCTION cdp.audience_of_integers(pg_catalog.int4[]);
COMMENT ON CAST (pg_catalog.int4[] AS cdp.audience) IS 'the set of the ids in an array';

CREATE FUNCTION cdp.to_array(audience cdp.audience) RETURNS pg_catalog.int8[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_to_array';
COMMENT ON FUNCTION cdp.to_array(cdp.audience) IS
  'The ids in ascending order. NULL for NULL; 54000 beyond 1 GB, some 134 million ids.';
CREATE CAST (cdp.audience AS pg_catalog.int8[]) WITH FUNCTION cdp.to_array(cdp.audience);
COMMENT ON CAST (cdp.audience AS pg_catalog.int8[]) IS 'the ids in ascending order';

CREATE FUNCTION cdp.to_ids_support(pg_catalog.internal) RETURNS pg_catalog.internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_to_ids_support';
COMMENT ON FUNCTION cdp.to_ids_support(pg_catalog.internal) IS
  'Planner support of cdp.to_ids: of a constant as many rows as it has ids.';

CREATE FUNCTION cdp.to_ids(audience cdp.audience) RETURNS SETOF pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 10000 SUPPORT cdp.to_ids_support
AS 'MODULE_PATHNAME', 'cdp_audience_to_ids';
COMMENT ON FUNCTION cdp.to_ids(cdp.audience) IS 'The ids in ascending order, a row each. No rows for NULL.';

-- Reading

CREATE FUNCTION cdp.cardinality(audience cdp.audience) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_cardinality';
COMMENT ON FUNCTION cdp.cardinality(cdp.audience) IS
  'Number of ids; of a value out of line, only the beginning is read. NULL for NULL.';

CREATE FUNCTION cdp.min_id(audience cdp.audience) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_min_id';
COMMENT ON FUNCTION cdp.min_id(cdp.audience) IS
  'The least id. NULL for NULL and for the empty set.';

CREATE FUNCTION cdp.max_id(audience cdp.audience) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_max_id';
COMMENT ON FUNCTION cdp.max_id(cdp.audience) IS
  'The greatest id. NULL for NULL and for the empty set.';

CREATE FUNCTION cdp.intersection_cardinality(a cdp.audience, b cdp.audience) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_intersection_cardinality';
COMMENT ON FUNCTION cdp.intersection_cardinality(cdp.audience, cdp.audience) IS
  'Number of ids in both, without making a set of them. NULL if either is NULL.';

CREATE FUNCTION cdp.union_cardinality(a cdp.audience, b cdp.audience) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_union_cardinality';
COMMENT ON FUNCTION cdp.union_cardinality(cdp.audience, cdp.audience) IS
  'Number of ids in either, without making a set of them. NULL if either is NULL.';

CREATE FUNCTION cdp.jaccard(a cdp.audience, b cdp.audience) RETURNS pg_catalog.float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_jaccard';
COMMENT ON FUNCTION cdp.jaccard(cdp.audience, cdp.audience) IS
  'Jaccard index: ids in both per id in either, from 0 to 1; 1 for two empty sets. NULL if either is NULL.';

-- Set operations

CREATE FUNCTION cdp.audience_intersection(a cdp.audience, b cdp.audience) RETURNS cdp.audience
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_intersection';
COMMENT ON FUNCTION cdp.audience_intersection(cdp.audience, cdp.audience) IS
  'The ids in both. NULL if either is NULL. 54000 beyond 1 GB.';

CREATE OPERATOR pg_catalog.& (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_intersection, COMMUTATOR = OPERATOR(pg_catalog.&)
);
COMMENT ON OPERATOR pg_catalog.& (cdp.audience, cdp.audience) IS 'ids in both';

CREATE FUNCTION cdp.audience_union(a cdp.audience, b cdp.audience) RETURNS cdp.audience
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_union';
COMMENT ON FUNCTION cdp.audience_union(cdp.audience, cdp.audience) IS
  'The ids in either. NULL if either is NULL. 54000 beyond 1 GB.';

CREATE OPERATOR pg_catalog.| (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_union, COMMUTATOR = OPERATOR(pg_catalog.|)
);
COMMENT ON OPERATOR pg_catalog.| (cdp.audience, cdp.audience) IS 'ids in either';

CREATE FUNCTION cdp.audience_difference(a cdp.audience, b cdp.audience) RETURNS cdp.audience
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_difference';
COMMENT ON FUNCTION cdp.audience_difference(cdp.audience, cdp.audience) IS
  'The ids in the first but not in the second. NULL if either is NULL. 54000 beyond 1 GB.';

CREATE OPERATOR pg_catalog.- (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_difference
);
COMMENT ON OPERATOR pg_catalog.- (cdp.audience, cdp.audience) IS 'ids in the left one only';

CREATE FUNCTION cdp.audience_symmetric_difference(a cdp.audience, b cdp.audience) RETURNS cdp.audience
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_symmetric_difference';
COMMENT ON FUNCTION cdp.audience_symmetric_difference(cdp.audience, cdp.audience) IS
  'The ids in exactly one. NULL if either is NULL. 54000 beyond 1 GB.';

CREATE OPERATOR pg_catalog.# (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_symmetric_difference, COMMUTATOR = OPERATOR(pg_catalog.#)
);
COMMENT ON OPERATOR pg_catalog.# (cdp.audience, cdp.audience) IS 'ids in exactly one';

-- Containment

CREATE FUNCTION cdp.audience_id_sel(pg_catalog.internal, pg_catalog.oid, pg_catalog.internal, pg_catalog.int4)
RETURNS pg_catalog.float8
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_id_sel';
COMMENT ON FUNCTION cdp.audience_id_sel(pg_catalog.internal, pg_catalog.oid, pg_catalog.internal, pg_catalog.int4) IS
  'Restriction selectivity of id <@ audience: the share that a constant audience has of the distinct ids of a column.';

CREATE FUNCTION cdp.audience_contains(a cdp.audience, id pg_catalog.int8) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_contains_id';
COMMENT ON FUNCTION cdp.audience_contains(cdp.audience, pg_catalog.int8) IS
  'Whether the id is in the set. NULL if either is NULL.';

CREATE FUNCTION cdp.audience_contained(id pg_catalog.int8, a cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_id_contained';
COMMENT ON FUNCTION cdp.audience_contained(pg_catalog.int8, cdp.audience) IS
  'Whether the id is in the set. NULL if either is NULL.';

CREATE FUNCTION cdp.audience_contains(a cdp.audience, b cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_contains';
COMMENT ON FUNCTION cdp.audience_contains(cdp.audience, cdp.audience) IS
  'Whether every id of b is in a. NULL if either is NULL.';

CREATE FUNCTION cdp.audience_contained(a cdp.audience, b cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_contained';
COMMENT ON FUNCTION cdp.audience_contained(cdp.audience, cdp.audience) IS
  'Whether every id of a is in b. NULL if either is NULL.';

CREATE FUNCTION cdp.audience_overlap(a cdp.audience, b cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_overlap';
COMMENT ON FUNCTION cdp.audience_overlap(cdp.audience, cdp.audience) IS
  'Whether an id is in both. NULL if either is NULL.';

CREATE OPERATOR pg_catalog.@> (
  LEFTARG = cdp.audience, RIGHTARG = pg_catalog.int8, FUNCTION = cdp.audience_contains, COMMUTATOR = OPERATOR(pg_catalog.<@),
  RESTRICT = cdp.audience_id_sel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR pg_catalog.@> (cdp.audience, pg_catalog.int8) IS 'the id is in the set';
CREATE OPERATOR pg_catalog.<@ (
  LEFTARG = pg_catalog.int8, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_contained, COMMUTATOR = OPERATOR(pg_catalog.@>),
  RESTRICT = cdp.audience_id_sel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR pg_catalog.<@ (pg_catalog.int8, cdp.audience) IS 'the id is in the set';
CREATE OPERATOR pg_catalog.@> (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_contains, COMMUTATOR = OPERATOR(pg_catalog.<@),
  RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR pg_catalog.@> (cdp.audience, cdp.audience) IS 'superset';
CREATE OPERATOR pg_catalog.<@ (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_contained, COMMUTATOR = OPERATOR(pg_catalog.@>),
  RESTRICT = pg_catalog.contsel, JOIN = pg_catalog.contjoinsel
);
COMMENT ON OPERATOR pg_catalog.<@ (cdp.audience, cdp.audience) IS 'subset';
CREATE OPERATOR pg_catalog.&& (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_overlap, COMMUTATOR = OPERATOR(pg_catalog.&&),
  RESTRICT = pg_catalog.matchingsel, JOIN = pg_catalog.matchingjoinsel
);
COMMENT ON OPERATOR pg_catalog.&& (cdp.audience, cdp.audience) IS 'an id is in both';

-- Comparison: the order is that of the bytes, for grouping, sorting and indexes.

CREATE FUNCTION cdp.audience_eq(cdp.audience, cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_eq';
CREATE FUNCTION cdp.audience_ne(cdp.audience, cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_ne';
CREATE FUNCTION cdp.audience_lt(cdp.audience, cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_lt';
CREATE FUNCTION cdp.audience_le(cdp.audience, cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_le';
CREATE FUNCTION cdp.audience_gt(cdp.audience, cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_gt';
CREATE FUNCTION cdp.audience_ge(cdp.audience, cdp.audience) RETURNS pg_catalog.bool
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_ge';
CREATE FUNCTION cdp.audience_cmp(cdp.audience, cdp.audience) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_cmp';
CREATE FUNCTION cdp.audience_hash(cdp.audience) RETURNS pg_catalog.int4
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_hash';
CREATE FUNCTION cdp.audience_hash_extended(cdp.audience, pg_catalog.int8) RETURNS pg_catalog.int8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_hash_extended';
COMMENT ON FUNCTION cdp.audience_eq(cdp.audience, cdp.audience) IS 'Whether the sets are the same.';
COMMENT ON FUNCTION cdp.audience_ne(cdp.audience, cdp.audience) IS 'Whether the sets are not the same.';
COMMENT ON FUNCTION cdp.audience_lt(cdp.audience, cdp.audience) IS 'Order of the stored bytes: for grouping and indexes.';
COMMENT ON FUNCTION cdp.audience_le(cdp.audience, cdp.audience) IS 'Order of the stored bytes: for grouping and indexes.';
COMMENT ON FUNCTION cdp.audience_gt(cdp.audience, cdp.audience) IS 'Order of the stored bytes: for grouping and indexes.';
COMMENT ON FUNCTION cdp.audience_ge(cdp.audience, cdp.audience) IS 'Order of the stored bytes: for grouping and indexes.';
COMMENT ON FUNCTION cdp.audience_cmp(cdp.audience, cdp.audience) IS 'Support of btree: order of the stored bytes.';
COMMENT ON FUNCTION cdp.audience_hash(cdp.audience) IS 'Support of hash: hash of the stored bytes.';
COMMENT ON FUNCTION cdp.audience_hash_extended(cdp.audience, pg_catalog.int8) IS
  'Support of hash: seeded hash of the stored bytes.';

CREATE OPERATOR pg_catalog.= (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_eq, COMMUTATOR = OPERATOR(pg_catalog.=),
  NEGATOR = OPERATOR(pg_catalog.<>), RESTRICT = pg_catalog.eqsel, JOIN = pg_catalog.eqjoinsel, HASHES, MERGES
);
CREATE OPERATOR pg_catalog.<> (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_ne, COMMUTATOR = OPERATOR(pg_catalog.<>),
  NEGATOR = OPERATOR(pg_catalog.=), RESTRICT = pg_catalog.neqsel, JOIN = pg_catalog.neqjoinsel
);
CREATE OPERATOR pg_catalog.< (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_lt, COMMUTATOR = OPERATOR(pg_catalog.>),
  NEGATOR = OPERATOR(pg_catalog.>=), RESTRICT = pg_catalog.scalarltsel, JOIN = pg_catalog.scalarltjoinsel
);
CREATE OPERATOR pg_catalog.<= (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_le, COMMUTATOR = OPERATOR(pg_catalog.>=),
  NEGATOR = OPERATOR(pg_catalog.>), RESTRICT = pg_catalog.scalarlesel, JOIN = pg_catalog.scalarlejoinsel
);
CREATE OPERATOR pg_catalog.> (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_gt, COMMUTATOR = OPERATOR(pg_catalog.<),
  NEGATOR = OPERATOR(pg_catalog.<=), RESTRICT = pg_catalog.scalargtsel, JOIN = pg_catalog.scalargtjoinsel
);
CREATE OPERATOR pg_catalog.>= (
  LEFTARG = cdp.audience, RIGHTARG = cdp.audience, FUNCTION = cdp.audience_ge, COMMUTATOR = OPERATOR(pg_catalog.<=),
  NEGATOR = OPERATOR(pg_catalog.<), RESTRICT = pg_catalog.scalargesel, JOIN = pg_catalog.scalargejoinsel
);
COMMENT ON OPERATOR pg_catalog.= (cdp.audience, cdp.audience) IS 'same set';
COMMENT ON OPERATOR pg_catalog.<> (cdp.audience, cdp.audience) IS 'other set';
COMMENT ON OPERATOR pg_catalog.< (cdp.audience, cdp.audience) IS 'less in order of bytes';
COMMENT ON OPERATOR pg_catalog.<= (cdp.audience, cdp.audience) IS 'less or equal in order of bytes';
COMMENT ON OPERATOR pg_catalog.> (cdp.audience, cdp.audience) IS 'greater in order of bytes';
COMMENT ON OPERATOR pg_catalog.>= (cdp.audience, cdp.audience) IS 'greater or equal in order of bytes';

CREATE OPERATOR CLASS cdp.audience_ops DEFAULT FOR TYPE cdp.audience USING btree AS
  OPERATOR 1 pg_catalog.< (cdp.audience, cdp.audience),
  OPERATOR 2 pg_catalog.<= (cdp.audience, cdp.audience),
  OPERATOR 3 pg_catalog.= (cdp.audience, cdp.audience),
  OPERATOR 4 pg_catalog.>= (cdp.audience, cdp.audience),
  OPERATOR 5 pg_catalog.> (cdp.audience, cdp.audience),
  FUNCTION 1 cdp.audience_cmp(cdp.audience, cdp.audience);
CREATE OPERATOR CLASS cdp.audience_ops DEFAULT FOR TYPE cdp.audience USING hash AS
  OPERATOR 1 pg_catalog.= (cdp.audience, cdp.audience),
  FUNCTION 1 cdp.audience_hash(cdp.audience),
  FUNCTION 2 cdp.audience_hash_extended(cdp.audience, pg_catalog.int8);
COMMENT ON OPERATOR CLASS cdp.audience_ops USING btree IS 'order of stored bytes';
COMMENT ON OPERATOR CLASS cdp.audience_ops USING hash IS 'hash of stored bytes';
COMMENT ON OPERATOR FAMILY cdp.audience_ops USING btree IS 'order of stored bytes';
COMMENT ON OPERATOR FAMILY cdp.audience_ops USING hash IS 'hash of stored bytes';

-- Aggregates. The state is a real type, so that parallel workers and the nodes of a cluster can pass it on; the transition
-- functions append to it in place, the final function makes it a set.

CREATE FUNCTION cdp.audience_agg_transition(cdp.audience, pg_catalog.int8) RETURNS cdp.audience
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_agg_transition';
CREATE FUNCTION cdp.audience_agg_combine(cdp.audience, cdp.audience) RETURNS cdp.audience
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_audience_agg_combine';
CREATE FUNCTION cdp.audience_agg_final(cdp.audience) RETURNS cdp.audience
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'cdp_audience_agg_final';
COMMENT ON FUNCTION cdp.audience_agg_transition(cdp.audience, pg_catalog.int8) IS
  'Support of the aggregate audience_agg; 42809 outside an aggregate.';
COMMENT ON FUNCTION cdp.audience_agg_combine(cdp.audience, cdp.audience) IS
  'Support of the aggregates audience_agg and union; 42809 outside an aggregate.';
COMMENT ON FUNCTION cdp.audience_agg_final(cdp.audience) IS
  'Support of the aggregates audience_agg and union; 42809 outside an aggregate.';

CREATE AGGREGATE cdp.audience_agg(id pg_catalog.int8) (
  SFUNC = cdp.audience_agg_transition,
  STYPE = cdp.audience,
  SSPACE = 1024,
  COMBINEFUNC = cdp.audience_agg_combine,
  FINALFUNC = cdp.audience_agg_final, FINALFUNC_MODIFY = READ_ONLY,
  INITCOND = '{}',
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.audience_agg(pg_catalog.int8) IS
  'The set of the ids; the empty one if there are none. NULLs are ignored. 54000 beyond 1 GB.';

CREATE AGGREGATE cdp.union(audience cdp.audience) (
  SFUNC = cdp.audience_agg_combine,
  STYPE = cdp.audience,
  SSPACE = 65536,
  COMBINEFUNC = cdp.audience_agg_combine,
  FINALFUNC = cdp.audience_agg_final, FINALFUNC_MODIFY = READ_ONLY,
  INITCOND = '{}',
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.union(cdp.audience) IS
  'The ids that are in any of the sets; the empty set if there are none. NULLs are ignored. 54000 beyond 1 GB.';

CREATE AGGREGATE cdp.intersect(audience cdp.audience) (
  SFUNC = cdp.audience_intersection,
  STYPE = cdp.audience,
  SSPACE = 16384,
  COMBINEFUNC = cdp.audience_intersection,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE cdp.intersect(cdp.audience) IS
  'The ids that are in all of the sets. NULLs are ignored; NULL if there is nothing else.';
