// src/sql/space_anchor.cpp: moves parts to the anchors that they have by now.
#include "sql/space_anchor.hpp"

#include <algorithm>
#include <memory>

namespace cdp::sql {

namespace {

namespace query = pg::query;

// Only identifiers that were linked are in a part together. What isn't anchored in a hub has a better anchor already.
const query::Statement kMoving{
    "WITH flipped AS MATERIALIZED (SELECT * FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS f (id, "
    "hub)),"
    " near AS (SELECT f.id, f.id AS anchor FROM flipped AS f"
    "  UNION SELECT f.id, l.b FROM flipped AS f JOIN {space}.link AS l ON l.a OPERATOR(pg_catalog.=) f.id WHERE NOT "
    "f.hub"
    "  UNION SELECT f.id, l.a FROM flipped AS f JOIN {space}.link AS l ON l.b OPERATOR(pg_catalog.=) f.id WHERE NOT "
    "f.hub),"
    " best AS (SELECT DISTINCT t.part_id, t.anchor, (SELECT i.id FROM pg_catalog.unnest(t.identifiers) AS m (id)"
    "   JOIN {space}.identifier AS i ON i.id OPERATOR(pg_catalog.=) m.id"
    "   JOIN {space}.identifier_type AS y ON y.type OPERATOR(pg_catalog.=) i.type WHERE NOT i.blocked"
    "   ORDER BY coalesce((SELECT f.hub FROM flipped AS f WHERE f.id OPERATOR(pg_catalog.=) i.id), i.hub),"
    "    y.priority, i.type COLLATE pg_catalog.\"C\", i.value COLLATE pg_catalog.\"C\" LIMIT 1) AS best"
    "  FROM near AS n, LATERAL (SELECT p.* FROM {space}.part AS p WHERE p.anchor OPERATOR(pg_catalog.=) n.anchor"
    "   AND n.id OPERATOR(pg_catalog.=) ANY (p.identifiers) OFFSET 0) AS t)"
    " SELECT b.part_id, b.anchor, b.best, o.cluster_id, n.cluster_id FROM best AS b"
    " JOIN {space}.identifier AS o ON o.id OPERATOR(pg_catalog.=) b.anchor"
    " JOIN {space}.identifier AS n ON n.id OPERATOR(pg_catalog.=) b.best"
    " WHERE b.best OPERATOR(pg_catalog.<>) b.anchor",
    {INT8ARRAYOID, BOOLARRAYOID}};
const query::Statement kMove{
    "UPDATE {space}.part AS t SET anchor = m.anchor FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS m "
    "(part_id, anchor)"
    " WHERE t.part_id OPERATOR(pg_catalog.=) m.part_id",
    {INT8ARRAYOID, INT8ARRAYOID}};

}  // namespace

Anchors::Anchors(const query::Schema& schema, std::span<const core::identity::HubChange> hubs,
                 std::pmr::memory_resource* resource)
    : parts_(resource), anchors_(resource), identifiers_(resource), clusters_(resource) {
  if (hubs.empty()) return;
  std::pmr::vector<std::int64_t> ids(resource);
  const std::unique_ptr<bool[]> is_hub(new bool[hubs.size()]);
  for (const core::identity::HubChange& one : hubs) {
    is_hub[ids.size()] = one.hub;
    ids.push_back(one.identifier);
  }
  const query::Rows rows = schema.run(kMoving, {query::array(ids), query::array({is_hub.get(), ids.size()})});
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    parts_.push_back(rows.int8(i, 1));
    anchors_.push_back(rows.int8(i, 3));
    for (const int column : {2, 3}) identifiers_.push_back(rows.int8(i, column));
    for (const int column : {4, 5}) clusters_.push_back(rows.int8(i, column));
  }
  std::sort(clusters_.begin(), clusters_.end());
  clusters_.erase(std::unique(clusters_.begin(), clusters_.end()), clusters_.end());
}

void Anchors::move(const query::Schema& schema) const {
  if (!empty()) schema.run(kMove, {query::array(parts_), query::array(anchors_)});
}

}  // namespace cdp::sql
