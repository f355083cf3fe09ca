// src/sql/space_store.cpp: what streaming asks about the identity graph, from the tables of a space.
#include "sql/space_store.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;
using query::Statement;

#define CDP_IDENTIFIER_COLUMNS "i.id, i.cluster_id, i.value, i.type, i.blocked, i.hub, i.flip_parked"
#define CDP_LINK_COLUMNS "l.a, l.b, l.confidence, l.first_seen, l.last_seen, l.source_id, l.rule, l.rejected"

const Statement kIdentifiers{"SELECT " CDP_IDENTIFIER_COLUMNS
                             " FROM {space}.identifier AS i WHERE i.id OPERATOR(pg_catalog.=) ANY ($1)",
                             {INT8ARRAYOID}};
const Statement kPairs{
    "SELECT " CDP_LINK_COLUMNS
    " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS p (a, b) JOIN {space}.link AS l"
    " ON l.a OPERATOR(pg_catalog.=) p.a AND l.b OPERATOR(pg_catalog.=) p.b",
    {INT8ARRAYOID, INT8ARRAYOID}};
const Statement kLinksFrom{
    "SELECT " CDP_LINK_COLUMNS " FROM {space}.link AS l WHERE l.a OPERATOR(pg_catalog.=) ANY ($1)", {INT8ARRAYOID}};
const Statement kLinksTo{"SELECT " CDP_LINK_COLUMNS " FROM {space}.link AS l WHERE l.b OPERATOR(pg_catalog.=) ANY ($1)",
                         {INT8ARRAYOID}};
// Counts no further than it has to. OFFSET has neighbours looked up by id: to find all of their type first would take
// the square of their number.
const Statement kDegrees{
    "SELECT CASE WHEN o.blocked OR o.type OPERATOR(pg_catalog.<>) ALL ($5) THEN 0 ELSE"
    " (SELECT pg_catalog.count(*) FROM (SELECT DISTINCT n.id FROM ("
    "  SELECT l.b AS other, l.source_id, l.confidence, l.rejected FROM {space}.link AS l"
    "   WHERE l.a OPERATOR(pg_catalog.=) asked.id"
    "  UNION ALL SELECT l.a, l.source_id, l.confidence, l.rejected FROM {space}.link AS l"
    "   WHERE l.b OPERATOR(pg_catalog.=) asked.id) AS l"
    "  JOIN {space}.source AS s ON s.source_id OPERATOR(pg_catalog.=) l.source_id,"
    "  LATERAL (SELECT i.id, i.type, i.blocked FROM {space}.identifier AS i WHERE i.id OPERATOR(pg_catalog.=) l.other"
    "   OFFSET 0) AS n"
    "  WHERE n.type OPERATOR(pg_catalog.=) asked.neighbour AND n.type OPERATOR(pg_catalog.=) ANY ($5) AND NOT n.blocked"
    "   AND s.trusted AND NOT l.rejected AND l.confidence OPERATOR(pg_catalog.>=) $4 LIMIT asked.enough) AS counted)"
    "  END"
    " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3)) WITH ORDINALITY AS asked "
    "(id, neighbour, enough, place) JOIN {space}.identifier AS o ON o.id OPERATOR(pg_catalog.=) asked.id"
    " ORDER BY asked.place",
    {INT8ARRAYOID, TEXTARRAYOID, INT8ARRAYOID, FLOAT8OID, TEXTARRAYOID}};
const Statement kClusters{
    "SELECT p.cluster_id, p.profile_id, p.members, p.known, p.walled, p.last_link_a, p.last_link_b,"
    " p.last_link_rank[1], p.last_link_rank[2], p.last_link_rank[3], p.last_link_rank[4]"
    " FROM {space}.profile AS p WHERE p.cluster_id OPERATOR(pg_catalog.=) ANY ($1)",
    {INT8ARRAYOID}};
const Statement kWeights{
    "SELECT p.cluster_id, w.key, w.value::pg_catalog.int4"
    " FROM {space}.profile AS p, pg_catalog.jsonb_each_text(p.weights) AS w"
    " WHERE p.cluster_id OPERATOR(pg_catalog.=) ANY ($1)"
    " ORDER BY p.cluster_id, w.key COLLATE pg_catalog.\"C\"",
    {INT8ARRAYOID}};
// Found from all but the largest, whose members may be very many; and step by step, rather than from all decisions.
const Statement kConflicts{
    "WITH smaller AS MATERIALIZED (SELECT p.cluster_id FROM {space}.profile AS p"
    "  WHERE p.cluster_id OPERATOR(pg_catalog.=) ANY ($1) ORDER BY p.members DESC OFFSET 1),"
    " met AS MATERIALIZED (SELECT DISTINCT s.decision_id FROM smaller AS c, LATERAL (SELECT i.id"
    "   FROM {space}.identifier AS i WHERE i.cluster_id OPERATOR(pg_catalog.=) c.cluster_id OFFSET 0) AS i,"
    "  LATERAL (SELECT t.decision_id FROM {space}.decision_side AS t"
    "   WHERE t.identifier_id OPERATOR(pg_catalog.=) i.id OFFSET 0) AS s,"
    "  LATERAL (SELECT FROM {space}.decision AS d WHERE d.decision_id OPERATOR(pg_catalog.=) s.decision_id"
    "   AND d.withdrawn_at IS NULL AND d.kind OPERATOR(pg_catalog.=) ANY ('{cannot,cannot_lists}') OFFSET 0) AS d)"
    " SELECT DISTINCT s.decision_id, i.cluster_id, s.is_right FROM met AS m,"
    "  LATERAL (SELECT t.* FROM {space}.decision_side AS t"
    "   WHERE t.decision_id OPERATOR(pg_catalog.=) m.decision_id OFFSET 0) AS s,"
    "  LATERAL (SELECT n.cluster_id FROM {space}.identifier AS n"
    "   WHERE n.id OPERATOR(pg_catalog.=) s.identifier_id OFFSET 0) AS i"
    " WHERE i.cluster_id OPERATOR(pg_catalog.=) ANY ($1) ORDER BY s.decision_id",
    {INT8ARRAYOID}};
const Statement kHolders{"SELECT " CDP_IDENTIFIER_COLUMNS
                         " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS h (cluster_id, type)"
                         " JOIN {space}.identifier AS i ON i.cluster_id OPERATOR(pg_catalog.=) h.cluster_id"
                         " AND i.type OPERATOR(pg_catalog.=) h.type",
                         {INT8ARRAYOID, TEXTARRAYOID}};
const Statement kMembers{"SELECT " CDP_IDENTIFIER_COLUMNS
                         " FROM {space}.identifier AS i WHERE i.cluster_id OPERATOR(pg_catalog.=) ANY ($1) LIMIT $2",
                         {INT8ARRAYOID, INT8OID}};
const Statement kPairDecisions{
    "SELECT d.decision_id, l.identifier_id, r.identifier_id, d.kind OPERATOR(pg_catalog.=) 'must'"
    " FROM {space}.decision AS d"
    " JOIN {space}.decision_side AS l ON l.decision_id OPERATOR(pg_catalog.=) d.decision_id AND NOT l.is_right"
    " JOIN {space}.decision_side AS r ON r.decision_id OPERATOR(pg_catalog.=) d.decision_id AND r.is_right"
    " WHERE d.withdrawn_at IS NULL AND d.kind OPERATOR(pg_catalog.=) ANY ('{must,cannot}') AND d.decision_id"
    "  OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT s.decision_id FROM {space}.decision_side AS s"
    "  WHERE s.identifier_id OPERATOR(pg_catalog.=) ANY ($1)))",
    {INT8ARRAYOID}};
const Statement kSideDecisions{
    "SELECT d.decision_id, s.identifier_id, s.is_right FROM {space}.decision_side AS s"
    " JOIN {space}.decision AS d ON d.decision_id OPERATOR(pg_catalog.=) s.decision_id"
    " WHERE s.identifier_id OPERATOR(pg_catalog.=) ANY ($1) AND d.withdrawn_at IS NULL"
    " AND d.kind OPERATOR(pg_catalog.=) 'cannot_lists'",
    {INT8ARRAYOID}};

// As it was when it united them: sightings that came since may have lifted it, but nothing else was decided then.
identity::LastLink last_link(const query::Rows& from, std::uint64_t row) {
  const auto bits = [&](int column) { return static_cast<std::uint64_t>(from.int8(row, column)); };
  return {{bits(8), bits(9), bits(10), static_cast<std::uint32_t>(bits(11))}, {from.int8(row, 6), from.int8(row, 7)}};
}

}  // namespace

core::ByteSpan SpaceStore::keep(std::string_view text) {
  if (text.empty()) return {};
  auto* const copy = static_cast<std::byte*>(resource_->allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void SpaceStore::take(const query::Rows& from, Rows<identity::StoredIdentifier>& rows) {
  for (std::uint64_t i = 0; i < from.size(); ++i) {
    identity::StoredIdentifier& row = rows.emplace_back();
    row.id = from.int8(i, 1);
    row.cluster = from.int8(i, 2);
    row.value = keep(from.text(i, 3));
    row.type = rules_.type(from.text(i, 4));
    row.blocked = from.boolean(i, 5);
    row.hub = from.boolean(i, 6);
    row.flip_parked = from.boolean(i, 7);
  }
}

void SpaceStore::take(const query::Rows& from, Rows<identity::StoredSighting>& rows) {
  for (std::uint64_t i = 0; i < from.size(); ++i) {
    identity::StoredSighting& row = rows.emplace_back();
    row.pair = {from.int8(i, 1), from.int8(i, 2)};
    row.sighting.confidence = from.float8(i, 3);
    row.sighting.first_seen = from.int8(i, 4);
    row.sighting.last_seen = from.int8(i, 5);
    row.sighting.source = rules_.source_of(from.int4(i, 6));
    row.sighting.rule = static_cast<std::uint32_t>(from.int4(i, 7));
    row.sighting.rejected = from.boolean(i, 8);
  }
}

void SpaceStore::pairs(std::span<const identity::IdPair> pairs, Rows<identity::StoredIdentifier>& ends,
                       Rows<identity::StoredSighting>& sightings) {
  std::pmr::vector<std::int64_t> a(resource_), b(resource_), ids(resource_);
  for (const identity::IdPair& pair : pairs) {
    a.push_back(pair.a);
    b.push_back(pair.b);
    ids.push_back(pair.a);
    ids.push_back(pair.b);
  }
  identifiers(ids, ends);
  take(schema_.run(kPairs, {query::array(a), query::array(b)}), sightings);
}

void SpaceStore::identifiers(std::span<const std::int64_t> ids, Rows<identity::StoredIdentifier>& rows) {
  take(schema_.run(kIdentifiers, {query::array(ids)}), rows);
}

void SpaceStore::degrees(std::span<const identity::DegreeAsked> asked, Rows<std::uint32_t>& degrees) {
  std::pmr::vector<std::int64_t> ids(resource_), enough(resource_);
  std::pmr::vector<std::string_view> neighbours(resource_);
  for (const identity::DegreeAsked& one : asked) {
    ids.push_back(one.identifier);
    neighbours.push_back(rules_.rules().types[one.neighbour].name);
    enough.push_back(one.enough);
  }
  std::pmr::vector<std::string_view> linking(resource_);
  for (const identity::Type& type : rules_.rules().types)
    if (type.links) linking.push_back(type.name);
  const query::Rows rows = schema_.run(
      kDegrees, {query::array(ids), query::array(std::span<const std::string_view>(neighbours)), query::array(enough),
                 query::float8(rules_.rules().threshold), query::array(std::span<const std::string_view>(linking))});
  for (std::uint64_t i = 0; i < rows.size(); ++i) degrees.push_back(static_cast<std::uint32_t>(rows.int8(i, 1)));
}

void SpaceStore::clusters(std::span<const std::int64_t> clusters, Rows<identity::StoredCluster>& rows) {
  {
    const query::Rows from = schema_.run(kClusters, {query::array(clusters)});
    for (std::uint64_t i = 0; i < from.size(); ++i) {
      identity::StoredCluster& row = rows.emplace_back();
      row.cluster = from.int8(i, 1);
      row.label = from.int8(i, 2);
      row.members = static_cast<std::uint32_t>(from.int4(i, 3));
      row.known = from.boolean(i, 4);
      row.walled = from.boolean(i, 5);
      if (!from.is_null(i, 6)) row.last = last_link(from, i);
    }
  }
  add_weights(clusters, rows);
}

void SpaceStore::add_weights(std::span<const std::int64_t> clusters, Rows<identity::StoredCluster>& rows) {
  std::pmr::unordered_map<std::int64_t, identity::StoredCluster*> by_id(resource_);
  for (identity::StoredCluster& row : rows) by_id.emplace(row.cluster, &row);
  const query::Rows from = schema_.run(kWeights, {query::array(clusters)});
  for (std::uint64_t i = 0; i < from.size(); ++i) {
    const identity::TypeIndex type = rules_.type(from.text(i, 2));
    if (rules_.rules().types[type].max_per_profile == identity::kUnlimited) continue;
    by_id.at(from.int8(i, 1))->weights.push_back({type, static_cast<std::uint32_t>(from.int4(i, 3))});
  }
}

void SpaceStore::conflicts(std::span<const std::int64_t> clusters, Rows<identity::ClusterSide>& rows) {
  const query::Rows from = schema_.run(kConflicts, {query::array(clusters)});
  for (std::uint64_t begin = 0, end = 0; begin < from.size(); begin = end) {
    bool sides[2] = {false, false};
    for (end = begin; end < from.size() && from.int8(end, 1) == from.int8(begin, 1); ++end)
      sides[from.boolean(end, 3) ? 1 : 0] = true;
    if (!sides[0] || !sides[1]) continue;
    for (std::uint64_t i = begin; i < end; ++i) rows.push_back({from.int8(i, 1), from.int8(i, 2), from.boolean(i, 3)});
  }
}

void SpaceStore::holders(std::span<const identity::HolderAsked> asked, Rows<identity::StoredIdentifier>& rows) {
  std::pmr::vector<std::int64_t> clusters(resource_);
  std::pmr::vector<std::string_view> types(resource_);
  for (const identity::HolderAsked& one : asked) {
    clusters.push_back(one.cluster);
    types.push_back(rules_.rules().types[one.type].name);
  }
  take(schema_.run(kHolders, {query::array(clusters), query::array(std::span<const std::string_view>(types))}), rows);
}

void SpaceStore::members(std::span<const std::int64_t> clusters, std::size_t most,
                         Rows<identity::StoredIdentifier>& rows) {
  const auto limit = static_cast<std::int64_t>(std::min<std::size_t>(most, INT64_MAX));
  take(schema_.run(kMembers, {query::array(clusters), query::int8(limit)}), rows);
}

void SpaceStore::links(std::span<const std::int64_t> ids, Rows<identity::StoredSighting>& rows) {
  take(schema_.run(kLinksFrom, {query::array(ids)}), rows);
  const auto first = static_cast<std::ptrdiff_t>(rows.size());
  take(schema_.run(kLinksTo, {query::array(ids)}), rows);
  // Those between two of them came twice. (Asked of the server it would compare each with all.)
  std::pmr::vector<std::int64_t> asked(ids.begin(), ids.end(), resource_);
  std::sort(asked.begin(), asked.end());
  rows.erase(std::remove_if(rows.begin() + first, rows.end(),
                            [&](const identity::StoredSighting& row) {
                              return std::binary_search(asked.begin(), asked.end(), row.pair.a);
                            }),
             rows.end());
}

void SpaceStore::decisions(std::span<const std::int64_t> ids, Rows<identity::PairDecision>& pairs,
                           Rows<identity::SideDecision>& sides) {
  {
    const query::Rows from = schema_.run(kPairDecisions, {query::array(ids)});
    for (std::uint64_t i = 0; i < from.size(); ++i) {
      const std::int64_t left = from.int8(i, 2), right = from.int8(i, 3);
      pairs.push_back({from.int8(i, 1), {std::min(left, right), std::max(left, right)}, from.boolean(i, 4)});
    }
  }
  const query::Rows from = schema_.run(kSideDecisions, {query::array(ids)});
  for (std::uint64_t i = 0; i < from.size(); ++i)
    sides.push_back({from.int8(i, 1), from.int8(i, 2), from.boolean(i, 3)});
}

}  // namespace cdp::sql
