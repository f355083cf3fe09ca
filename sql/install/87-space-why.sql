-- Why two identifiers are one customer, or two.

CREATE FUNCTION cdp.explain_merge(
  space pg_catalog.text, a pg_catalog.int8, b pg_catalog.int8,
  OUT step pg_catalog.int4,
  OUT from_id pg_catalog.int8, OUT from_type pg_catalog.text, OUT from_value pg_catalog.text,
  OUT to_id pg_catalog.int8, OUT to_type pg_catalog.text, OUT to_value pg_catalog.text,
  OUT outcome pg_catalog.text, OUT reason pg_catalog.text,
  OUT sources pg_catalog.text[], OUT confidence pg_catalog.float8,
  OUT first_seen pg_catalog.timestamptz, OUT last_seen pg_catalog.timestamptz, OUT decision_id pg_catalog.int8)
RETURNS SETOF pg_catalog.record
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT COST 10000 ROWS 5 AS 'MODULE_PATHNAME', 'cdp_space_explain_merge';
COMMENT ON FUNCTION cdp.explain_merge(pg_catalog.text, pg_catalog.int8, pg_catalog.int8) IS
  'Why two identifiers are one customer: the shortest way from one to the other, a row for each step. outcome: active, a link that joins, with what was sighted; must, a decision. No row if they are two customers: see cdp.why_not. Errors: 22004 for NULL, 22023 for the same identifier twice, 3F000 for an unknown space, 42704 for an identifier that does not exist.';

CREATE FUNCTION cdp.why_not(
  space pg_catalog.text, a pg_catalog.int8, b pg_catalog.int8,
  OUT step pg_catalog.int4,
  OUT from_id pg_catalog.int8, OUT from_type pg_catalog.text, OUT from_value pg_catalog.text,
  OUT to_id pg_catalog.int8, OUT to_type pg_catalog.text, OUT to_value pg_catalog.text,
  OUT outcome pg_catalog.text, OUT reason pg_catalog.text,
  OUT sources pg_catalog.text[], OUT confidence pg_catalog.float8,
  OUT first_seen pg_catalog.timestamptz, OUT last_seen pg_catalog.timestamptz, OUT decision_id pg_catalog.int8)
RETURNS SETOF pg_catalog.record
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT COST 10000 ROWS 5 AS 'MODULE_PATHNAME', 'cdp_space_why_not';
COMMENT ON FUNCTION cdp.why_not(pg_catalog.text, pg_catalog.int8, pg_catalog.int8) IS
  'Why two identifiers are not one customer. Step 0 is about the two customers as they are: limit or cannot_link, which nobody gets round; obstacles, when links lead from one to the other, but not all of them join; unlinked, when no way leads there; too_far, when none was found among max_closure identifiers; together, when they are one. The steps after it are the way that comes closest, with what becomes of each link: active, must, rejected, blocked, not_linking, below_threshold, review, hub, limit, cannot_link, trust, parked. reason says it in words. Errors: as cdp.explain_merge.';

CREATE FUNCTION cdp.merged_by(space pg_catalog.text, a pg_catalog.int8, b pg_catalog.int8) RETURNS pg_catalog.int8
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  quoted text := cdp.require_space(space);
  result bigint;
BEGIN
  -- Where somebody was before a change, the first move from then on says; who hasn't moved since is there still.
  EXECUTE format('
    SELECT c.change_id FROM (SELECT m.change_id FROM %1$s.move AS m WHERE m.identifier_id IN ($1, $2)) AS c,
      %1$s.identifier AS x, %1$s.identifier AS y
    WHERE x.id = $1 AND y.id = $2 AND x.cluster_id = y.cluster_id
      AND coalesce((SELECT m.from_cluster FROM %1$s.move AS m WHERE m.identifier_id = x.id AND m.change_id >= c.change_id ORDER BY m.change_id LIMIT 1), x.cluster_id)
       <> coalesce((SELECT m.from_cluster FROM %1$s.move AS m WHERE m.identifier_id = y.id AND m.change_id >= c.change_id ORDER BY m.change_id LIMIT 1), y.cluster_id)
    ORDER BY c.change_id DESC LIMIT 1', quoted) INTO result USING a, b;
  RETURN result;
END $$;
COMMENT ON FUNCTION cdp.merged_by(pg_catalog.text, pg_catalog.int8, pg_catalog.int8) IS
  'The change that made two identifiers one customer, the last time it happened: what cdp.unmerge takes back. NULL if they are two, for NULL, and when the log doesn''t know (see cdp.resolve about loads). Errors: 22004 for NULL as space, 3F000.';
