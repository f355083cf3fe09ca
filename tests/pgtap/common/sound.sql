-- What a space holds at any moment, whatever came in. Returns what is broken.
CREATE FUNCTION pg_temp.broken(space text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY EXECUTE pg_catalog.format($q$
    WITH RECURSIVE must AS (
      SELECT x.identifier_id AS a, y.identifier_id AS b FROM %1$s.decision AS d JOIN %1$s.decision_side AS x ON x.decision_id = d.decision_id
      JOIN %1$s.decision_side AS y ON y.decision_id = d.decision_id AND y.identifier_id <> x.identifier_id WHERE d.kind = 'must' AND d.withdrawn_at IS NULL),
    walk AS (SELECT a AS id, a AS other FROM must UNION SELECT w.id, m.b FROM walk AS w JOIN must AS m ON m.a = w.other),
    -- Whom must-links join, whatever the limits say, counts up to the limit.
    contracted AS (SELECT id, min(other) AS least FROM walk GROUP BY id),
    member AS (
      SELECT i.cluster_id, min(i.id) AS least, count(*) AS members, bool_or(t.known) AS known FROM %1$s.identifier AS i
      JOIN %1$s.identifier_type AS t ON t.type = i.type GROUP BY i.cluster_id),
    weight AS (
      SELECT g.cluster_id, g.type, sum(least(g.members, g.max_per_profile)) AS members, g.max_per_profile FROM (
        SELECT i.cluster_id, i.type, t.max_per_profile, count(*) AS members FROM %1$s.identifier AS i
        JOIN %1$s.identifier_type AS t ON t.type = i.type AND t.max_per_profile IS NOT NULL LEFT JOIN contracted AS c ON c.id = i.id
        GROUP BY i.cluster_id, i.type, t.max_per_profile, coalesce(c.least, i.id)) AS g
      GROUP BY g.cluster_id, g.type, g.max_per_profile),
    anchored AS (
      SELECT i.cluster_id, cdp.rollup(t.profile ORDER BY t.part_id) AS profile, cdp.rollup(t.timeline ORDER BY t.part_id) AS timeline
      FROM %1$s.part AS t JOIN %1$s.identifier AS i ON i.id = t.anchor GROUP BY i.cluster_id),
    best AS (
      SELECT t.part_id, t.anchor, (SELECT i.id FROM unnest(t.identifiers) AS m (id) JOIN %1$s.identifier AS i ON i.id = m.id AND NOT i.blocked
        JOIN %1$s.identifier_type AS y ON y.type = i.type ORDER BY i.hub, y.priority, i.type COLLATE "C", i.value COLLATE "C" LIMIT 1) AS best
      FROM %1$s.part AS t)
    SELECT 'customer without identifiers: ' || p.profile_id FROM %1$s.profile AS p WHERE p.cluster_id NOT IN (SELECT cluster_id FROM member)
    UNION ALL SELECT format('customer %%s is called %%s', m.least, p.profile_id) FROM %1$s.profile AS p JOIN member AS m ON m.cluster_id = p.cluster_id WHERE p.profile_id <> m.least
    UNION ALL SELECT format('customer %%s has %%s identifiers, not %%s', p.profile_id, m.members, p.members) FROM %1$s.profile AS p JOIN member AS m ON m.cluster_id = p.cluster_id
      WHERE p.members <> m.members
    UNION ALL SELECT format('customer %%s is known: %%s', p.profile_id, p.known) FROM %1$s.profile AS p JOIN member AS m ON m.cluster_id = p.cluster_id WHERE p.known <> m.known
    UNION ALL SELECT format('customer %%s has %%s of %%s, and %%s is written', p.profile_id, w.members, w.type, p.weights ->> w.type)
      FROM %1$s.profile AS p JOIN weight AS w ON w.cluster_id = p.cluster_id WHERE (p.weights ->> w.type)::bigint IS DISTINCT FROM w.members
    UNION ALL SELECT format('customer %%s has %%s of %%s', p.profile_id, w.members, w.type) FROM %1$s.profile AS p JOIN weight AS w ON w.cluster_id = p.cluster_id
      WHERE w.members > w.max_per_profile
    UNION ALL SELECT format('customer %%s is not what its parts say', p.profile_id) FROM %1$s.profile AS p LEFT JOIN anchored AS a ON a.cluster_id = p.cluster_id
      WHERE (p.profile::text, p.timeline::text) IS DISTINCT FROM (coalesce(a.profile, '{}')::text, coalesce(a.timeline, '{}')::text)
    UNION ALL SELECT format('part %%s is anchored in %%s, not in %%s', part_id, anchor, best) FROM best WHERE anchor <> best
    UNION ALL SELECT format('identifier %%s is blocked or a hub, and not alone', i.id) FROM %1$s.identifier AS i JOIN member AS m ON m.cluster_id = i.cluster_id
      WHERE (i.blocked OR i.hub) AND m.members > 1 AND i.id NOT IN (SELECT id FROM contracted)
    UNION ALL SELECT 'link of nobody: ' || l.a || ' ' || l.b FROM %1$s.link AS l
      WHERE NOT EXISTS (SELECT FROM %1$s.identifier WHERE id = l.a) OR NOT EXISTS (SELECT FROM %1$s.identifier WHERE id = l.b)
    UNION ALL SELECT 'move without its change: ' || m.change_id FROM %1$s.move AS m LEFT JOIN %1$s.change AS c ON c.change_id = m.change_id WHERE c.at IS DISTINCT FROM m.at
    UNION ALL SELECT 'rename without its change: ' || r.change_id FROM %1$s.rename AS r LEFT JOIN %1$s.change AS c ON c.change_id = r.change_id WHERE c.at IS DISTINCT FROM r.at
    UNION ALL SELECT 'change without effect: ' || c.change_id FROM %1$s.change AS c
      WHERE NOT EXISTS (SELECT FROM %1$s.move WHERE change_id = c.change_id) AND NOT EXISTS (SELECT FROM %1$s.rename WHERE change_id = c.change_id)
    UNION ALL SELECT 'move or rename to the same: ' || change_id FROM %1$s.move WHERE from_cluster = to_cluster
    UNION ALL SELECT 'move or rename to the same: ' || change_id FROM %1$s.rename WHERE from_profile = to_profile
    $q$, cdp.require_space(space));
END $$;

-- Who is one with whom: the customers, as lists of "type value".
CREATE FUNCTION pg_temp.customers(space text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE pg_catalog.format('SELECT string_agg(c, '' | '' ORDER BY c COLLATE "C") FROM (SELECT string_agg(type || '' '' || value, '', '' ORDER BY type, value COLLATE "C") AS c
    FROM %s.identifier GROUP BY cluster_id) AS g', cdp.require_space(space)) INTO result;
  RETURN result;
END $$;
