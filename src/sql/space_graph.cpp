// src/sql/space_graph.cpp: reads the identity graph of a space.
#include "sql/space_graph.hpp"

#include <algorithm>
#include <cstring>

#include "core/identity/link.hpp"
#include "sql/space_progress.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;
using query::Statement;

const Statement kIdentifiers{
    "SELECT id, cluster_id, value, type, blocked, hub, flip_parked FROM {space}.identifier ORDER BY id", {}};
const Statement kLinks{
    "SELECT a, b, confidence, first_seen, last_seen, source_id, rule, rejected FROM {space}.link ORDER BY a, b", {}};
const Statement kMusts{
    "SELECT l.identifier_id, r.identifier_id FROM {space}.decision AS d"
    " JOIN {space}.decision_side AS l ON l.decision_id OPERATOR(pg_catalog.=) d.decision_id AND NOT l.is_right"
    " JOIN {space}.decision_side AS r ON r.decision_id OPERATOR(pg_catalog.=) d.decision_id AND r.is_right"
    " WHERE d.withdrawn_at IS NULL AND d.kind OPERATOR(pg_catalog.=) 'must'",
    {}};
const Statement kWalls{
    "SELECT d.decision_id, s.identifier_id, s.is_right FROM {space}.decision AS d"
    " JOIN {space}.decision_side AS s ON s.decision_id OPERATOR(pg_catalog.=) d.decision_id"
    " WHERE d.withdrawn_at IS NULL AND d.kind OPERATOR(pg_catalog.=) ANY ('{cannot,cannot_lists}')"
    " ORDER BY d.decision_id",
    {}};

constexpr std::int64_t kBetweenReports = 10'000;  // rows

}  // namespace

void Places::build(std::pmr::vector<std::int64_t> ascending) {
  ids_ = std::move(ascending);
  table_.clear();
  if (ids_.empty()) return;
  const auto range = static_cast<std::uint64_t>(ids_.back()) - static_cast<std::uint64_t>(ids_.front());
  if (range / 8 > ids_.size()) return;
  table_.assign(range + 1, identity::kNone);
  for (std::uint32_t i = 0; i < ids_.size(); ++i) table_[static_cast<std::uint64_t>(ids_[i] - ids_.front())] = i;
}

std::uint32_t Places::find(std::int64_t id) const noexcept {
  if (ids_.empty() || id < ids_.front() || id > ids_.back()) return identity::kNone;
  if (!table_.empty()) return table_[static_cast<std::uint64_t>(id - ids_.front())];
  const auto at = std::lower_bound(ids_.begin(), ids_.end(), id);
  return *at == id ? static_cast<std::uint32_t>(at - ids_.begin()) : identity::kNone;
}

SpaceGraph::SpaceGraph(const query::Schema& schema, const SpaceRules& rules, std::pmr::memory_resource* resource)
    : rules_(rules),
      resource_(resource),
      values_(resource),
      identifiers_(resource),
      flip_parked_(resource),
      places_(resource),
      clusters_(resource),
      cluster_of_(resource),
      links_(resource),
      musts_(resource),
      walls_(resource) {
  read_identifiers(schema);
  read_links(schema);
  read_decisions(schema);
}

void SpaceGraph::read_identifiers(const query::Schema& schema) {
  std::pmr::vector<std::int64_t> ids(resource_), clusters(resource_);
  query::each_row(schema, kIdentifiers, {}, [&](const query::Rows& rows, std::uint64_t i) {
    const std::string_view value = rows.text(i, 3);
    auto* const copy = static_cast<std::byte*>(values_.allocate(value.size() + 1, 1));
    std::memcpy(copy, value.data(), value.size());
    ids.push_back(rows.int8(i, 1));
    clusters.push_back(rows.int8(i, 2));
    identifiers_.push_back(
        {ids.back(), {copy, value.size()}, rules_.type(rows.text(i, 4)), rows.boolean(i, 5), rows.boolean(i, 6)});
    flip_parked_.push_back(rows.boolean(i, 7));
    if (ids.size() % kBetweenReports == 0)
      report_progress("resolve", schema.name(), "reading identifiers", static_cast<std::int64_t>(ids.size()), 0);
  });
  places_.build(std::move(ids));
  std::pmr::vector<std::int64_t> distinct(clusters, resource_);
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  clusters_.build(std::move(distinct));
  cluster_of_.reserve(clusters.size());
  for (const std::int64_t cluster : clusters) cluster_of_.push_back(clusters_.find(cluster));
}

// All sightings of a pair become one link.
void SpaceGraph::read_links(const query::Schema& schema) {
  identity::Combination combination(rules_.rules());
  identity::Link link{identity::kNone, identity::kNone, {}};
  const auto end = [&] {
    if (link.a == identity::kNone || link.b == identity::kNone) return;
    link.bond = combination.bond();
    links_.push_back(link);
  };
  std::int64_t a = 0, b = 0, read = 0;
  query::each_row(schema, kLinks, {}, [&](const query::Rows& rows, std::uint64_t i) {
    if (rows.int8(i, 1) != a || rows.int8(i, 2) != b) {
      end();
      a = rows.int8(i, 1), b = rows.int8(i, 2);
      link.a = place(a), link.b = place(b);
      combination = identity::Combination(rules_.rules());
    }
    combination.add({rows.float8(i, 3), rows.int8(i, 4), rows.int8(i, 5), rules_.source_of(rows.int4(i, 6)),
                     static_cast<std::uint32_t>(rows.int4(i, 7)), rows.boolean(i, 8)});
    if (++read % kBetweenReports == 0) report_progress("resolve", schema.name(), "reading links", read, 0);
  });
  end();
}

void SpaceGraph::read_decisions(const query::Schema& schema) {
  query::each_row(schema, kMusts, {}, [&](const query::Rows& rows, std::uint64_t i) {
    const std::uint32_t a = place(rows.int8(i, 1)), b = place(rows.int8(i, 2));
    if (a != identity::kNone && b != identity::kNone) musts_.push_back({a, b});
  });
  std::int64_t decision = 0;
  std::uint32_t wall = 0;
  query::each_row(schema, kWalls, {}, [&](const query::Rows& rows, std::uint64_t i) {
    if (rows.int8(i, 1) != decision) ++wall;
    decision = rows.int8(i, 1);
    if (const std::uint32_t at = place(rows.int8(i, 2)); at != identity::kNone)
      walls_.push_back({wall, rows.boolean(i, 3), at});
  });
}

}  // namespace cdp::sql
