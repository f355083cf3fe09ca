-- The views of a space, for stewards and reports. They read with the caller's rights.
--
-- Names and operators are those of cdp.create_space's search_path. Where sightings are added up, they are grouped by all
-- that one may ask for, so that conditions are met first. In changes, a customer that others joined or left was there
-- before and after unless its first identifier, whose id is its name, moved itself. A maximum rather than EXISTS asks about
-- one pair at a time; EXISTS might hash all links for the sake of a few.

CREATE FUNCTION cdp.space_views(space pg_catalog.text) RETURNS pg_catalog.text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN pg_catalog.replace($ddl$
CREATE VIEW {space}.hubs WITH (security_invoker = true) AS
SELECT i.id AS identifier_id, i.type, i.value, p.profile_id, d.key AS neighbour,
  CASE WHEN d.key IS NOT NULL THEN (SELECT count(DISTINCT n.id)
    FROM (SELECT l.b AS other, l.source_id, l.confidence FROM {space}.link AS l WHERE l.a = i.id AND NOT l.rejected
          UNION ALL SELECT l.a, l.source_id, l.confidence FROM {space}.link AS l WHERE l.b = i.id AND NOT l.rejected) AS l
    JOIN {space}.identifier AS n ON n.id = l.other AND n.type = d.key AND NOT n.blocked
    JOIN {space}.identifier_type AS o ON o.type = n.type AND o.links
    JOIN {space}.source AS s ON s.source_id = l.source_id AND s.trusted
    WHERE t.links AND NOT i.blocked AND l.confidence >= (SELECT link_threshold FROM {space}.space)) END AS degree,
  d.value::bigint AS max_degree
FROM {space}.identifier AS i
JOIN {space}.profile AS p ON p.cluster_id = i.cluster_id
JOIN {space}.identifier_type AS t ON t.type = i.type
LEFT JOIN LATERAL jsonb_each_text(t.max_degree) AS d ON true
WHERE i.hub;
COMMENT ON VIEW {space}.hubs IS 'Identifiers with so many neighbours that they join nobody: a row for each, and type of neighbours that counts.';
COMMENT ON COLUMN {space}.hubs.identifier_id IS 'The identifier.';
COMMENT ON COLUMN {space}.hubs.type IS 'Its type.';
COMMENT ON COLUMN {space}.hubs.value IS 'Its value.';
COMMENT ON COLUMN {space}.hubs.profile_id IS 'The customer that it is by itself.';
COMMENT ON COLUMN {space}.hubs.neighbour IS 'A type of neighbours that has a limit; NULL if none has any more, and cdp.resolve has yet to decide.';
COMMENT ON COLUMN {space}.hubs.degree IS 'How many neighbours of that type count: over links of trusted sources that would join customers otherwise.';
COMMENT ON COLUMN {space}.hubs.max_degree IS 'How many there may be.';

CREATE VIEW {space}.quarantine WITH (security_invoker = true) AS
SELECT l.a, x.type AS a_type, x.value AS a_value, p.profile_id AS a_profile_id,
  l.b, y.type AS b_type, y.value AS b_value, q.profile_id AS b_profile_id,
  max(l.confidence) AS confidence, bool_and(s.trusted) AS trusted, array_agg(DISTINCT s.source COLLATE "C") COLLATE "default" AS sources,
  min(l.first_seen) AS first_seen, max(l.last_seen) AS last_seen
FROM {space}.link AS l
JOIN {space}.identifier AS x ON x.id = l.a
JOIN {space}.identifier AS y ON y.id = l.b
JOIN {space}.identifier_type AS t ON t.type = x.type
JOIN {space}.identifier_type AS u ON u.type = y.type
JOIN {space}.profile AS p ON p.cluster_id = x.cluster_id
JOIN {space}.profile AS q ON q.cluster_id = y.cluster_id
JOIN {space}.source AS s ON s.source_id = l.source_id
WHERE x.cluster_id <> y.cluster_id AND NOT l.rejected AND t.links AND u.links
  AND NOT x.blocked AND NOT y.blocked AND NOT x.hub AND NOT y.hub
  AND (s.trusted OR (
    SELECT max(k.confidence) FROM {space}.link AS k JOIN {space}.source AS r ON r.source_id = k.source_id
    WHERE k.a = l.a AND k.b = l.b AND NOT k.rejected AND r.trusted)
    >= (SELECT link_threshold FROM {space}.space) IS NOT TRUE)
GROUP BY l.a, x.type, x.value, p.profile_id, l.b, y.type, y.value, q.profile_id
HAVING max(l.confidence) >= (SELECT link_threshold FROM {space}.space);
COMMENT ON VIEW {space}.quarantine IS 'Links that would join two customers, but for a limit, a cannot-link, or the trust in their source; a row for each pair. Ask for those of a customer by a_profile_id and by b_profile_id, each in a query of its own.';
COMMENT ON COLUMN {space}.quarantine.a IS 'One identifier, the lesser id.';
COMMENT ON COLUMN {space}.quarantine.a_type IS 'Its type.';
COMMENT ON COLUMN {space}.quarantine.a_value IS 'Its value.';
COMMENT ON COLUMN {space}.quarantine.a_profile_id IS 'Its customer.';
COMMENT ON COLUMN {space}.quarantine.b IS 'The other identifier.';
COMMENT ON COLUMN {space}.quarantine.b_type IS 'Its type.';
COMMENT ON COLUMN {space}.quarantine.b_value IS 'Its value.';
COMMENT ON COLUMN {space}.quarantine.b_profile_id IS 'Its customer.';
COMMENT ON COLUMN {space}.quarantine.confidence IS 'How sure it is: what trusted sources say, if that is enough to link.';
COMMENT ON COLUMN {space}.quarantine.trusted IS 'Whether trusted sources are enough to link.';
COMMENT ON COLUMN {space}.quarantine.sources IS 'Who says so.';
COMMENT ON COLUMN {space}.quarantine.first_seen IS 'When it was seen first, by these.';
COMMENT ON COLUMN {space}.quarantine.last_seen IS 'When it was seen last, by these; may lag behind.';

CREATE VIEW {space}.review WITH (security_invoker = true) AS
SELECT l.a, x.type AS a_type, x.value AS a_value, p.profile_id AS a_profile_id,
  l.b, y.type AS b_type, y.value AS b_value, q.profile_id AS b_profile_id,
  max(l.confidence) AS confidence, array_agg(DISTINCT s.source COLLATE "C") COLLATE "default" AS sources,
  min(l.first_seen) AS first_seen, max(l.last_seen) AS last_seen
FROM {space}.link AS l
JOIN {space}.identifier AS x ON x.id = l.a
JOIN {space}.identifier AS y ON y.id = l.b
JOIN {space}.identifier_type AS t ON t.type = x.type
JOIN {space}.identifier_type AS u ON u.type = y.type
JOIN {space}.profile AS p ON p.cluster_id = x.cluster_id
JOIN {space}.profile AS q ON q.cluster_id = y.cluster_id
JOIN {space}.source AS s ON s.source_id = l.source_id
WHERE x.cluster_id <> y.cluster_id AND NOT l.rejected AND t.links AND u.links AND NOT x.blocked AND NOT y.blocked
GROUP BY l.a, x.type, x.value, p.profile_id, l.b, y.type, y.value, q.profile_id
HAVING max(l.confidence) >= (SELECT review_threshold FROM {space}.space)
  AND max(l.confidence) < (SELECT link_threshold FROM {space}.space);
COMMENT ON VIEW {space}.review IS 'Links that are not sure enough to join two customers, but worth a look: from review_threshold up to link_threshold; a row for each pair. Ask for those of a customer as in quarantine.';
COMMENT ON COLUMN {space}.review.a IS 'One identifier, the lesser id.';
COMMENT ON COLUMN {space}.review.a_type IS 'Its type.';
COMMENT ON COLUMN {space}.review.a_value IS 'Its value.';
COMMENT ON COLUMN {space}.review.a_profile_id IS 'Its customer.';
COMMENT ON COLUMN {space}.review.b IS 'The other identifier.';
COMMENT ON COLUMN {space}.review.b_type IS 'Its type.';
COMMENT ON COLUMN {space}.review.b_value IS 'Its value.';
COMMENT ON COLUMN {space}.review.b_profile_id IS 'Its customer.';
COMMENT ON COLUMN {space}.review.confidence IS 'How sure it is.';
COMMENT ON COLUMN {space}.review.sources IS 'Who says so.';
COMMENT ON COLUMN {space}.review.first_seen IS 'When it was seen first.';
COMMENT ON COLUMN {space}.review.last_seen IS 'When it was seen last; may lag behind.';

CREATE VIEW {space}.weak_links WITH (security_invoker = true) AS
SELECT p.profile_id, l.a, x.type AS a_type, x.value AS a_value, l.b, y.type AS b_type, y.value AS b_value,
  max(l.confidence) AS confidence, bool_and(s.trusted) AS trusted, sum(l.times)::bigint AS times,
  array_agg(DISTINCT s.source COLLATE "C") COLLATE "default" AS sources, min(l.first_seen) AS first_seen, max(l.last_seen) AS last_seen,
  CASE WHEN NOT bool_and(s.trusted) THEN 'untrusted' WHEN max(l.confidence) < 1 THEN 'unsure' ELSE 'seen once' END AS why
FROM {space}.link AS l
JOIN {space}.identifier AS x ON x.id = l.a
JOIN {space}.identifier AS y ON y.id = l.b
JOIN {space}.identifier_type AS t ON t.type = x.type
JOIN {space}.identifier_type AS u ON u.type = y.type
JOIN {space}.profile AS p ON p.cluster_id = x.cluster_id
JOIN {space}.source AS s ON s.source_id = l.source_id
WHERE x.cluster_id = y.cluster_id AND NOT l.rejected AND t.links AND u.links
  AND NOT x.blocked AND NOT y.blocked AND NOT x.hub AND NOT y.hub
  AND (s.trusted OR (
    SELECT max(k.confidence) FROM {space}.link AS k JOIN {space}.source AS r ON r.source_id = k.source_id
    WHERE k.a = l.a AND k.b = l.b AND NOT k.rejected AND r.trusted)
    >= (SELECT link_threshold FROM {space}.space) IS NOT TRUE)
  AND (NOT EXISTS (
      SELECT FROM {space}.link AS k JOIN {space}.identifier AS n ON n.id = k.b AND n.cluster_id = x.cluster_id
      JOIN {space}.identifier_type AS o ON o.type = n.type AND o.links
      WHERE k.a = x.id AND k.b <> y.id AND NOT k.rejected AND NOT n.hub AND NOT n.blocked
        AND k.confidence >= (SELECT link_threshold FROM {space}.space))
    AND NOT EXISTS (
      SELECT FROM {space}.link AS k JOIN {space}.identifier AS n ON n.id = k.a AND n.cluster_id = x.cluster_id
      JOIN {space}.identifier_type AS o ON o.type = n.type AND o.links
      WHERE k.b = x.id AND k.a <> y.id AND NOT k.rejected AND NOT n.hub AND NOT n.blocked
        AND k.confidence >= (SELECT link_threshold FROM {space}.space))
    AND NOT EXISTS (
      SELECT FROM {space}.decision_side AS k JOIN {space}.decision AS n ON n.decision_id = k.decision_id
      WHERE k.identifier_id = x.id AND n.kind = 'must' AND n.withdrawn_at IS NULL)
    OR NOT EXISTS (
      SELECT FROM {space}.link AS k JOIN {space}.identifier AS n ON n.id = k.b AND n.cluster_id = x.cluster_id
      JOIN {space}.identifier_type AS o ON o.type = n.type AND o.links
      WHERE k.a = y.id AND k.b <> x.id AND NOT k.rejected AND NOT n.hub AND NOT n.blocked
        AND k.confidence >= (SELECT link_threshold FROM {space}.space))
    AND NOT EXISTS (
      SELECT FROM {space}.link AS k JOIN {space}.identifier AS n ON n.id = k.a AND n.cluster_id = x.cluster_id
      JOIN {space}.identifier_type AS o ON o.type = n.type AND o.links
      WHERE k.b = y.id AND k.a <> x.id AND NOT k.rejected AND NOT n.hub AND NOT n.blocked
        AND k.confidence >= (SELECT link_threshold FROM {space}.space))
    AND NOT EXISTS (
      SELECT FROM {space}.decision_side AS k JOIN {space}.decision AS n ON n.decision_id = k.decision_id
      WHERE k.identifier_id = y.id AND n.kind = 'must' AND n.withdrawn_at IS NULL))
GROUP BY p.profile_id, l.a, x.type, x.value, l.b, y.type, y.value
HAVING max(l.confidence) >= (SELECT link_threshold FROM {space}.space)
  AND (max(l.confidence) < 1 OR NOT bool_and(s.trusted) OR sum(l.times) = 1);
COMMENT ON VIEW {space}.weak_links IS 'Links by which alone an identifier belongs to its customer (no other link that joins, and no must-link, leads from it to the customer''s others), and that are of untrusted sources, not quite sure, or were seen once, as all that was loaded once is; a row for each pair.';
COMMENT ON COLUMN {space}.weak_links.profile_id IS 'The customer.';
COMMENT ON COLUMN {space}.weak_links.a IS 'One identifier, the lesser id.';
COMMENT ON COLUMN {space}.weak_links.a_type IS 'Its type.';
COMMENT ON COLUMN {space}.weak_links.a_value IS 'Its value.';
COMMENT ON COLUMN {space}.weak_links.b IS 'The other identifier.';
COMMENT ON COLUMN {space}.weak_links.b_type IS 'Its type.';
COMMENT ON COLUMN {space}.weak_links.b_value IS 'Its value.';
COMMENT ON COLUMN {space}.weak_links.confidence IS 'How sure it is: what trusted sources say, if that is enough to link.';
COMMENT ON COLUMN {space}.weak_links.trusted IS 'Whether trusted sources are enough to link.';
COMMENT ON COLUMN {space}.weak_links.times IS 'How often it was seen; may lag behind.';
COMMENT ON COLUMN {space}.weak_links.sources IS 'Who says so.';
COMMENT ON COLUMN {space}.weak_links.first_seen IS 'When it was seen first, by these.';
COMMENT ON COLUMN {space}.weak_links.last_seen IS 'When it was seen last, by these; may lag behind.';
COMMENT ON COLUMN {space}.weak_links.why IS 'Why it is here: untrusted (no trusted source says so); unsure (confidence below 1); seen once (sure, but nobody has said so again: of evidence in bulk that says little).';

CREATE VIEW {space}.parked WITH (security_invoker = true) AS
SELECT 'flip' AS kind, i.id AS identifier_id, i.type, i.value, p.profile_id, NULL::bigint AS other_id, NULL::text AS other_type,
  NULL::text AS other_value, NULL::bigint AS other_profile_id, NULL::timestamptz AS at, NULL::text AS detail
FROM {space}.identifier AS i JOIN {space}.profile AS p ON p.cluster_id = i.cluster_id
WHERE i.flip_parked
UNION ALL
SELECT CASE d.cause WHEN 'parked' THEN 'closure' ELSE d.cause END, d.identifier_id, i.type, i.value, p.profile_id, d.other_id,
  o.type, o.value, q.profile_id, d.at, d.detail
FROM {space}.dirty AS d
LEFT JOIN {space}.identifier AS i ON i.id = d.identifier_id
LEFT JOIN {space}.profile AS p ON p.cluster_id = i.cluster_id
LEFT JOIN {space}.identifier AS o ON o.id = d.other_id
LEFT JOIN {space}.profile AS q ON q.cluster_id = o.cluster_id
WHERE d.cause IN ('parked', 'refused');
COMMENT ON VIEW {space}.parked IS 'What waits for a steward or cdp.resolve: until then customers may be other than the evidence says.';
COMMENT ON COLUMN {space}.parked.kind IS 'flip: the identifier should become a hub, or cease to be one, in a customer of more than hub_alarm identifiers; closure: to decide would have taken more than max_closure identifiers; refused: cdp.resolve could not decide it, such as when the customer would be beyond a limit.';
COMMENT ON COLUMN {space}.parked.identifier_id IS 'The identifier.';
COMMENT ON COLUMN {space}.parked.type IS 'Its type.';
COMMENT ON COLUMN {space}.parked.value IS 'Its value.';
COMMENT ON COLUMN {space}.parked.profile_id IS 'Its customer.';
COMMENT ON COLUMN {space}.parked.other_id IS 'Of a link that waits: its other end.';
COMMENT ON COLUMN {space}.parked.other_type IS 'Type of the other end.';
COMMENT ON COLUMN {space}.parked.other_value IS 'Value of the other end.';
COMMENT ON COLUMN {space}.parked.other_profile_id IS 'Customer of the other end.';
COMMENT ON COLUMN {space}.parked.at IS 'Since when; NULL for flips.';
COMMENT ON COLUMN {space}.parked.detail IS 'Why it was refused.';

CREATE VIEW {space}.decisions WITH (security_invoker = true) AS
SELECT d.decision_id, d.kind,
  CASE WHEN d.kind = 'reject' THEN ARRAY(SELECT i.type || ' ' || i.value FROM {space}.decision_link AS l JOIN {space}.identifier AS i ON i.id = l.a
      WHERE l.decision_id = d.decision_id ORDER BY l.a, l.b, l.source_id, l.rule)
    ELSE ARRAY(SELECT i.type || ' ' || i.value FROM {space}.decision_side AS s JOIN {space}.identifier AS i ON i.id = s.identifier_id
      WHERE s.decision_id = d.decision_id AND NOT s.is_right ORDER BY i.id) END AS left_side,
  CASE WHEN d.kind = 'reject' THEN ARRAY(SELECT i.type || ' ' || i.value FROM {space}.decision_link AS l JOIN {space}.identifier AS i ON i.id = l.b
      WHERE l.decision_id = d.decision_id ORDER BY l.a, l.b, l.source_id, l.rule)
    ELSE ARRAY(SELECT i.type || ' ' || i.value FROM {space}.decision_side AS s JOIN {space}.identifier AS i ON i.id = s.identifier_id
      WHERE s.decision_id = d.decision_id AND s.is_right ORDER BY i.id) END AS right_side,
  d.withdrawn_at IS NULL AS holds, d.reason, d.actor, d.at, d.withdrawn_at, d.withdrawn_by, d.replaced_by
FROM {space}.decision AS d;
COMMENT ON VIEW {space}.decisions IS 'What stewards decided, and about whom: a row for each decision. Of an identifier: WHERE ''email ada@example.com'' = ANY (left_side || right_side).';
COMMENT ON COLUMN {space}.decisions.decision_id IS 'Number of the decision: cdp.undo withdraws it.';
COMMENT ON COLUMN {space}.decisions.kind IS 'must: the two are one; cannot: they are not; cannot_lists: nobody of the one list is anybody of the other; reject: the links count for nothing.';
COMMENT ON COLUMN {space}.decisions.left_side IS 'Whom it is about, type and value of each; of a rejection, one end of each link.';
COMMENT ON COLUMN {space}.decisions.right_side IS 'Whom they are joined to or kept from; of a rejection, the other end of each link, in the same order.';
COMMENT ON COLUMN {space}.decisions.holds IS 'Whether it still holds: neither withdrawn nor replaced.';
COMMENT ON COLUMN {space}.decisions.reason IS 'Why.';
COMMENT ON COLUMN {space}.decisions.actor IS 'Who decided.';
COMMENT ON COLUMN {space}.decisions.at IS 'When.';
COMMENT ON COLUMN {space}.decisions.withdrawn_at IS 'When it ceased to hold.';
COMMENT ON COLUMN {space}.decisions.withdrawn_by IS 'Who withdrew it.';
COMMENT ON COLUMN {space}.decisions.replaced_by IS 'The decision about the same pair that replaced it.';

CREATE VIEW {space}.changes WITH (security_invoker = true) AS
SELECT c.change_id, c.at, c.cause, a.type || ' ' || a.value AS link_a, b.type || ' ' || b.value AS link_b, s.source,
  c.decision_id, c.run_id, c.actor,
  (SELECT count(*) FROM {space}.move AS m WHERE m.change_id = c.change_id) AS moves,
  ARRAY(SELECT r.from_profile FROM {space}.rename AS r WHERE r.change_id = c.change_id
        UNION SELECT m.from_profile FROM {space}.move AS m WHERE m.change_id = c.change_id
        UNION SELECT m.to_profile FROM {space}.move AS m WHERE m.change_id = c.change_id
          AND NOT EXISTS (SELECT FROM {space}.rename AS r WHERE r.cluster_id = m.to_cluster AND r.change_id = m.change_id)
          AND NOT EXISTS (SELECT FROM {space}.move AS n WHERE n.identifier_id = m.to_profile AND n.change_id = m.change_id)
        ORDER BY 1) AS from_profiles,
  ARRAY(SELECT r.to_profile FROM {space}.rename AS r WHERE r.change_id = c.change_id
        UNION SELECT m.to_profile FROM {space}.move AS m WHERE m.change_id = c.change_id
        UNION SELECT m.from_profile FROM {space}.move AS m WHERE m.change_id = c.change_id
          AND NOT EXISTS (SELECT FROM {space}.rename AS r WHERE r.cluster_id = m.from_cluster AND r.change_id = m.change_id)
          AND NOT EXISTS (SELECT FROM {space}.move AS n WHERE n.identifier_id = m.from_profile AND n.change_id = m.change_id)
        ORDER BY 1) AS to_profiles
FROM {space}.change AS c
LEFT JOIN {space}.identifier AS a ON a.id = c.link_a
LEFT JOIN {space}.identifier AS b ON b.id = c.link_b
LEFT JOIN {space}.source AS s ON s.source_id = c.source_id;
COMMENT ON VIEW {space}.changes IS 'The log of merges and splits: a row for each change. Who came from where says moves.';
COMMENT ON COLUMN {space}.changes.change_id IS 'The change.';
COMMENT ON COLUMN {space}.changes.at IS 'When.';
COMMENT ON COLUMN {space}.changes.cause IS 'What caused it: link, decision, rules, removal or run, as in the table change.';
COMMENT ON COLUMN {space}.changes.link_a IS 'One end of the link that caused it: type and value.';
COMMENT ON COLUMN {space}.changes.link_b IS 'The other end.';
COMMENT ON COLUMN {space}.changes.source IS 'Who said that the two belong together.';
COMMENT ON COLUMN {space}.changes.decision_id IS 'The decision that caused it.';
COMMENT ON COLUMN {space}.changes.run_id IS 'The run that caused it.';
COMMENT ON COLUMN {space}.changes.actor IS 'The role that ran the statement.';
COMMENT ON COLUMN {space}.changes.moves IS 'How many identifiers went to another cluster; the others of theirs stayed and at most have a new profile_id.';
COMMENT ON COLUMN {space}.changes.from_profiles IS 'The customers that there were before, of all that it was about.';
COMMENT ON COLUMN {space}.changes.to_profiles IS 'The customers that there were after it: one less than before it if it made two one.';

CREATE VIEW {space}.moves WITH (security_invoker = true) AS
SELECT m.change_id, m.at, m.identifier_id, i.type, i.value, m.from_profile AS from_profile_id, m.to_profile AS to_profile_id
FROM {space}.move AS m LEFT JOIN {space}.identifier AS i ON i.id = m.identifier_id
WHERE m.from_profile <> m.to_profile
UNION ALL
SELECT r.change_id, r.at, i.id, i.type, i.value, r.from_profile, r.to_profile
FROM {space}.rename AS r JOIN {space}.identifier AS i ON i.cluster_id = r.cluster_id
WHERE NOT EXISTS (SELECT FROM {space}.move AS n WHERE n.identifier_id = i.id AND n.change_id >= r.change_id)
UNION ALL
SELECT r.change_id, r.at, m.identifier_id, i.type, i.value, r.from_profile, r.to_profile
FROM {space}.rename AS r JOIN {space}.move AS m ON m.from_cluster = r.cluster_id AND m.change_id > r.change_id
LEFT JOIN {space}.identifier AS i ON i.id = m.identifier_id
WHERE NOT EXISTS (SELECT FROM {space}.move AS n
  WHERE n.identifier_id = m.identifier_id AND n.change_id >= r.change_id AND n.change_id < m.change_id);
COMMENT ON VIEW {space}.moves IS 'Whose customer changed: a row for each identifier and change, whether the identifier moved or its customer''s profile_id became another.';
COMMENT ON COLUMN {space}.moves.change_id IS 'The change.';
COMMENT ON COLUMN {space}.moves.at IS 'When.';
COMMENT ON COLUMN {space}.moves.identifier_id IS 'The identifier.';
COMMENT ON COLUMN {space}.moves.type IS 'Its type.';
COMMENT ON COLUMN {space}.moves.value IS 'Its value.';
COMMENT ON COLUMN {space}.moves.from_profile_id IS 'Its customer before.';
COMMENT ON COLUMN {space}.moves.to_profile_id IS 'Its customer since.';

CREATE VIEW {space}.customer WITH (security_invoker = true) AS
SELECT p.profile_id, p.profile || p.timeline AS profile, p.members AS identifiers, p.known
FROM {space}.profile AS p
WHERE NOT EXISTS (SELECT FROM {space}.identifier AS i WHERE i.id = p.profile_id AND i.blocked);
COMMENT ON VIEW {space}.customer IS 'Customers: a row each. What is blocked is none.';
COMMENT ON COLUMN {space}.customer.profile_id IS 'The customer.';
COMMENT ON COLUMN {space}.customer.profile IS 'Golden record, with what every source said, and what events add up to.';
COMMENT ON COLUMN {space}.customer.identifiers IS 'Number of identifiers.';
COMMENT ON COLUMN {space}.customer.known IS 'Whether one of the identifiers marks a known person.';

CREATE VIEW {space}.customer_identifier WITH (security_invoker = true) AS
SELECT p.profile_id, i.type, i.value, i.created_at, i.hub, i.blocked, i.id AS identifier_id
FROM {space}.identifier AS i JOIN {space}.profile AS p ON p.cluster_id = i.cluster_id;
COMMENT ON VIEW {space}.customer_identifier IS 'Identifiers of customers: a row each.';
COMMENT ON COLUMN {space}.customer_identifier.profile_id IS 'The customer.';
COMMENT ON COLUMN {space}.customer_identifier.type IS 'Type of the identifier.';
COMMENT ON COLUMN {space}.customer_identifier.value IS 'Its value.';
COMMENT ON COLUMN {space}.customer_identifier.created_at IS 'When it came in.';
COMMENT ON COLUMN {space}.customer_identifier.hub IS 'It has too many neighbours to join customers.';
COMMENT ON COLUMN {space}.customer_identifier.blocked IS 'The value identifies nobody.';
COMMENT ON COLUMN {space}.customer_identifier.identifier_id IS 'Number of the identifier; it never changes.';

CREATE VIEW {space}.customer_event WITH (security_invoker = true) AS
SELECT p.profile_id, e.at, e.event, e.kind, s.source, e.payload -> 'properties' AS properties, e.received_at, e.event_id
FROM {space}.event AS e
JOIN {space}.part AS t ON t.part_id = e.part_id
JOIN {space}.identifier AS i ON i.id = t.anchor
JOIN {space}.profile AS p ON p.cluster_id = i.cluster_id
LEFT JOIN {space}.source AS s ON s.source_id = e.source_id;
COMMENT ON VIEW {space}.customer_event IS 'Events of customers: a row each. Those that identify nobody are in the table event only.';
COMMENT ON COLUMN {space}.customer_event.profile_id IS 'The customer.';
COMMENT ON COLUMN {space}.customer_event.at IS 'When it happened, by the clock of the receiver.';
COMMENT ON COLUMN {space}.customer_event.event IS 'What was done; NULL for identify and alias.';
COMMENT ON COLUMN {space}.customer_event.kind IS 'identify, track, page, screen, group, alias, or cloud for a CloudEvent.';
COMMENT ON COLUMN {space}.customer_event.source IS 'Where it came from.';
COMMENT ON COLUMN {space}.customer_event.properties IS 'Its properties, of track, page and screen; the table event has all that was sent.';
COMMENT ON COLUMN {space}.customer_event.received_at IS 'When it arrived.';
COMMENT ON COLUMN {space}.customer_event.event_id IS 'Number of the event.';
$ddl$, '{space}', space);
COMMENT ON FUNCTION cdp.space_views(pg_catalog.text) IS
  'The statements that make the views of a space on its tables, whose name is given as in SQL, quoted where need be. NULL for NULL.';
