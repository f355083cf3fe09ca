-- What stewards decide. Decisions are rows of the tables decision, decision_side and decision_link.

CREATE FUNCTION cdp.identifier_id(space pg_catalog.text, type pg_catalog.text, value pg_catalog.text) RETURNS pg_catalog.int8
LANGUAGE c STABLE PARALLEL SAFE CALLED ON NULL INPUT COST 100 AS 'MODULE_PATHNAME', 'cdp_space_identifier_id';
COMMENT ON FUNCTION cdp.identifier_id(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
  'The id of an identifier, in whatever spelling. NULL if there is none, and for NULL. Errors: 22004 for NULL as space, 3F000 for an unknown space, 42704 for an unknown type of identifiers.';

CREATE FUNCTION cdp.join(space pg_catalog.text, a pg_catalog.int8, b pg_catalog.int8, reason pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.int8
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_join';
COMMENT ON FUNCTION cdp.join(pg_catalog.text, pg_catalog.int8, pg_catalog.int8, pg_catalog.text) IS
  'Decides that two identifiers are of one customer, whatever the rules say: a must-link. It replaces what was decided about the two before. Returns the decision. When to decide who is concerned takes more than max_closure identifiers, a WARNING tells that the decision waits for cdp.resolve. Errors: 22004, 3F000, 42704 for an identifier that does not exist, 22023 when the two are the same or a cannot-link forbids it, naming the path.';

CREATE FUNCTION cdp.cut(space pg_catalog.text, a pg_catalog.int8, b pg_catalog.int8, reason pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.int8
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_cut';
COMMENT ON FUNCTION cdp.cut(pg_catalog.text, pg_catalog.int8, pg_catalog.int8, pg_catalog.text) IS
  'Decides that two identifiers are never of one customer: a cannot-link. It replaces what was decided about the two before. Returns the decision. Errors: as cdp.join; 22023 when must-links join the two.';

CREATE FUNCTION cdp.split(space pg_catalog.text, identifiers pg_catalog.int8[], reason pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.int8
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_part';
COMMENT ON FUNCTION cdp.split(pg_catalog.text, pg_catalog.int8[], pg_catalog.text) IS
  'Decides that these identifiers of a customer are never of one customer with the rest of it, as it is now. Returns the decision. Errors: 22004, 3F000, 42704 for an identifier that does not exist, 22023 when they are of several customers, or all of one, or a must-link joins the sides.';

CREATE FUNCTION cdp.keep_apart(
  space pg_catalog.text, a pg_catalog.int8[], b pg_catalog.int8[], reason pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.int8
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_part';
COMMENT ON FUNCTION cdp.keep_apart(pg_catalog.text, pg_catalog.int8[], pg_catalog.int8[], pg_catalog.text) IS
  'Decides that none of the one identifiers is ever of one customer with any of the others. Returns the decision. Errors: as cdp.split.';

CREATE FUNCTION cdp.reject(
  space pg_catalog.text, a pg_catalog.int8[], b pg_catalog.int8[], source_id pg_catalog.int4[], rule pg_catalog.int4[],
  reason pg_catalog.text DEFAULT NULL)
RETURNS pg_catalog.int8
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_reject';
COMMENT ON FUNCTION cdp.reject(pg_catalog.text, pg_catalog.int8[], pg_catalog.int8[], pg_catalog.int4[], pg_catalog.int4[], pg_catalog.text) IS
  'Decides that evidence counts for nothing, also when it is seen again: rows of the table link. What isn''t there, or is rejected already, is passed over. Returns the decision, NULL if nothing is left. Errors: 22004, 22023 for lists of different lengths, 3F000.';

CREATE FUNCTION cdp.undo(space pg_catalog.text, decision_id pg_catalog.int8) RETURNS pg_catalog.void
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_undo';
COMMENT ON FUNCTION cdp.undo(pg_catalog.text, pg_catalog.int8) IS
  'Withdraws a decision. What it had replaced holds again. Errors: 22004, 3F000, 42704 for a decision that does not exist, 55000 for one that does not hold any longer, 22023 when what holds again contradicts later decisions.';

CREATE FUNCTION cdp.change_members(
  space pg_catalog.text, change_id pg_catalog.int8,
  OUT identifier_id pg_catalog.int8, OUT cluster_before pg_catalog.int8, OUT cluster_after pg_catalog.int8)
RETURNS SETOF pg_catalog.record
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- Where somebody was, the first move since then says; who hasn't moved since is there still.
  RETURN QUERY EXECUTE format('
    WITH cluster (id) AS (
      SELECT m.from_cluster FROM %1$s.move AS m WHERE m.change_id = $1 UNION SELECT m.to_cluster FROM %1$s.move AS m WHERE m.change_id = $1),
    member AS (
      SELECT i.id, i.cluster_id FROM cluster AS c JOIN %1$s.identifier AS i ON i.cluster_id = c.id
      WHERE NOT EXISTS (SELECT FROM %1$s.move AS o WHERE o.identifier_id = i.id AND o.change_id >= $1)
      UNION ALL
      SELECT o.identifier_id, o.from_cluster FROM cluster AS c JOIN %1$s.move AS o ON o.from_cluster = c.id AND o.change_id >= $1
      WHERE NOT EXISTS (SELECT FROM %1$s.move AS e WHERE e.identifier_id = o.identifier_id AND e.change_id >= $1 AND e.change_id < o.change_id))
    SELECT m.id, m.cluster_id, coalesce((SELECT o.to_cluster FROM %1$s.move AS o WHERE o.identifier_id = m.id AND o.change_id = $1), m.cluster_id)
    FROM member AS m', cdp.require_space(space)) USING change_id;
END $$;
COMMENT ON FUNCTION cdp.change_members(pg_catalog.text, pg_catalog.int8) IS
  'Who was whom before a change, and after it, by the log: all identifiers of the customers that it concerned. Equal numbers of clusters are one customer. Errors: 22004 for NULL as space, 3F000.';

CREATE FUNCTION cdp.unmerge(
  space pg_catalog.text, change_id pg_catalog.int8, force pg_catalog.bool DEFAULT false, reason pg_catalog.text DEFAULT NULL,
  OUT status pg_catalog.text, OUT decisions pg_catalog.int8[], OUT a pg_catalog.int8, OUT b pg_catalog.int8)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  quoted text := cdp.require_space(space);
  -- Two whom the change united, and who are one.
  still text := format('
    WITH side AS (
      SELECT m.identifier_id AS id, m.cluster_before AS side, m.cluster_after AS merged, i.cluster_id AS now
      FROM cdp.change_members($1, $2) AS m JOIN %s.identifier AS i ON i.id = m.identifier_id),
    least AS (SELECT DISTINCT ON (merged, now) id, side, merged, now FROM side ORDER BY merged, now, id)
    SELECT l.id, s.id FROM least AS l JOIN side AS s ON s.merged = l.merged AND s.now = l.now AND s.side <> l.side ORDER BY 1, 2 LIMIT 1', quoted);
  cause text;
  decision bigint;
  kind text;
  holds boolean;
  links record;
  one record;
BEGIN
  IF change_id IS NULL THEN
    RAISE EXCEPTION 'change_id must not be null' USING ERRCODE = 'null_value_not_allowed',
      HINT = 'cdp.merged_by gives null for two whom no change has made one: see cdp.explain_merge and cdp.why_not.';
  END IF;
  IF force IS NULL THEN
    RAISE EXCEPTION 'force must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  EXECUTE format('SELECT c.cause, c.decision_id, d.kind, d.withdrawn_at IS NULL FROM %1$s.change AS c
    LEFT JOIN %1$s.decision AS d ON d.decision_id = c.decision_id WHERE c.change_id = $1', quoted)
    INTO cause, decision, kind, holds USING change_id;
  IF cause IS NULL THEN
    RAISE EXCEPTION 'change % does not exist', change_id USING ERRCODE = 'undefined_object';
  END IF;
  IF cause = 'decision' AND holds THEN
    RAISE EXCEPTION 'change % was made by decision %', change_id, decision USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = format('Withdraw it: SELECT cdp.undo(%L, %s).', space, decision);
  END IF;
  IF cause = 'decision' AND kind <> 'reject' THEN
    RAISE EXCEPTION 'change % is of decision %, which does not hold any longer', change_id, decision
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Decide again, by cdp.cut or cdp.split.';
  END IF;
  -- Evidence that was rejected, and then was not.
  EXECUTE format('SELECT array_agg(l.a) AS a, array_agg(l.b) AS b, array_agg(l.source_id) AS source_id, array_agg(l.rule) AS rule
    FROM %s AS l WHERE %s = $1', CASE cause WHEN 'decision' THEN quoted || '.decision_link' ELSE quoted || '.change_link' END,
    CASE cause WHEN 'decision' THEN 'l.decision_id' ELSE 'l.change_id' END) INTO links USING CASE cause WHEN 'decision' THEN decision ELSE change_id END;
  IF cause = 'run' AND links.a IS NULL THEN
    -- All that lies between the sides.
    EXECUTE format('
      WITH member AS MATERIALIZED (SELECT * FROM cdp.change_members($1, $2))
      SELECT array_agg(l.a) AS a, array_agg(l.b) AS b, array_agg(l.source_id) AS source_id, array_agg(l.rule) AS rule
      FROM member AS m JOIN %1$s.link AS l ON l.a = m.identifier_id JOIN member AS o ON o.identifier_id = l.b
      WHERE o.cluster_after = m.cluster_after AND o.cluster_before <> m.cluster_before AND NOT l.rejected', quoted) INTO links USING space, change_id;
  END IF;
  IF links.a IS NULL AND NOT force THEN
    RAISE EXCEPTION 'change % was not caused by evidence', change_id USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'With force => true the sides are kept apart all the same.';
  END IF;
  decisions := '{}';
  IF links.a IS NOT NULL THEN
    decisions := array_remove(ARRAY[cdp.reject(space, links.a, links.b, links.source_id, links.rule, reason)], NULL);
  END IF;
  EXECUTE still INTO a, b USING space, change_id;
  status := CASE WHEN a IS NULL THEN 'parted'
    WHEN (SELECT bool_and(e.outcome IN ('active', 'must')) FROM cdp.explain_merge(space, a, b) AS e) THEN 'still_together' ELSE 'parked' END;
  IF status = 'parted' OR NOT force THEN
    RETURN;
  END IF;
  -- Each side from all those after it.
  FOR one IN
    WITH member AS (SELECT m.identifier_id AS id, m.cluster_after AS merged, min(m.identifier_id) OVER (PARTITION BY m.cluster_after, m.cluster_before) AS side
      FROM cdp.change_members(space, change_id) AS m),
    side AS (SELECT m.merged, m.side, array_agg(m.id ORDER BY m.id) AS members FROM member AS m GROUP BY m.merged, m.side)
    SELECT s.members, (SELECT array_agg(m.id) FROM member AS m WHERE m.merged = s.merged AND m.side > s.side) AS others FROM side AS s ORDER BY s.merged, s.side
  LOOP
    IF one.others IS NOT NULL THEN
      decisions := decisions || cdp.keep_apart(space, one.members, one.others, reason);
    END IF;
  END LOOP;
  EXECUTE still INTO a, b USING space, change_id;
  status := CASE WHEN a IS NULL THEN 'forced_apart' ELSE 'parked' END;
END $$;
COMMENT ON FUNCTION cdp.unmerge(pg_catalog.text, pg_catalog.int8, pg_catalog.bool, pg_catalog.text) IS
  'Takes back a change: rejects the evidence that caused it, all of it: of a call of cdp.identify_many or cdp.ingest what it said of these customers, of a run of cdp.resolve all that lies between those whom it united; so that everything is as it would have been without. status: parted; still_together, when other evidence joins those whom it united: a and b are two who are still one, and cdp.explain_merge says why; forced_apart, when force has kept the sides apart all the same, by the members that they had then; parked, when to decide it takes more than max_closure identifiers: a and b wait for cdp.resolve. decisions: what cdp.undo withdraws. Errors: 22004, 3F000, 42704 for a change that does not exist, 55000 for one that was decided (other than by withdrawing a rejection), or that no evidence caused; 22023 when must-links join the sides that force keeps apart.';
