// src/sql/space_summary.cpp: rows of customers beside what was decided about everybody.
#include "sql/space_summary.hpp"

#include <algorithm>
#include <map>

#include "core/bytes/json_string.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;

const query::Statement kSummaries{
    "SELECT cluster_id, profile_id, members, known, walled, weights::pg_catalog.text, last_link_a, last_link_b,"
    " last_link_rank[1], last_link_rank[2], last_link_rank[3], last_link_rank[4] FROM {space}.profile",
    {}};

// As the server prints jsonb.
std::string canonical(const std::string& json) {
  return pg::call([&]() -> const char* {
    return DatumGetCString(
        DirectFunctionCall1(jsonb_out, DirectFunctionCall1(jsonb_in, CStringGetDatum(json.c_str()))));
  });
}

// Whether streaming may take the stored link for the last one: it is, or ranks after it.
bool is_last(const query::Rows& rows, std::uint64_t i, const identity::LastLink& decided) {
  if (rows.is_null(i, 7)) return false;
  const auto bits = [&](int column) { return static_cast<std::uint64_t>(rows.int8(i, column)); };
  const identity::LastLink stored{{bits(9), bits(10), bits(11), static_cast<std::uint32_t>(bits(12))},
                                  {rows.int8(i, 7), rows.int8(i, 8)}};
  return decided.rank < stored.rank || decided == stored;
}

}  // namespace

std::string weights_text(const SpaceRules& rules, const identity::Partition& partition, std::uint32_t cluster) {
  core::Buffer out;
  out.byte('{');
  const std::size_t limited = partition.limited_types.size();
  for (std::size_t slot = 0; slot < limited; ++slot) {
    const std::uint32_t weight = partition.weights[cluster * limited + slot];
    if (weight == 0) continue;
    if (out.size() > 1) out.byte(',');
    core::print_json_string(rules.rules().types[partition.limited_types[slot]].name, out);
    out.append(":" + std::to_string(weight));
  }
  out.byte('}');
  return std::string(core::as_text(out.span()));
}

identity::LastLink last_link(const SpaceGraph& graph, const SpaceRules& rules, std::uint32_t link) {
  const identity::Link& one = graph.link(link);
  const identity::Identifier &a = graph.identifier(one.a), &b = graph.identifier(one.b);
  return {identity::rank_of(rules.rules(), a.type, b.type, one.bond), {std::min(a.id, b.id), std::max(a.id, b.id)}};
}

std::pmr::vector<std::int64_t> stale_customers(const query::Schema& schema, const SpaceRules& rules,
                                               const SpaceGraph& graph, const WholeDecision& decision,
                                               std::pmr::memory_resource* resource) {
  const identity::Partition& partition = decision.partition();
  std::pmr::vector<std::uint32_t> decided(graph.clusters().size(), identity::kNone, resource);
  for (std::uint32_t i = 0; i < graph.size(); ++i)
    if (!decision.differs(i)) decided[graph.cluster_of(i)] = partition.cluster_of[i];
  std::map<std::string, std::string> weights;  // few different ones
  std::pmr::vector<std::int64_t> stale(resource);
  query::each_row(schema, kSummaries, {}, [&](const query::Rows& rows, std::uint64_t i) {
    const std::uint32_t stored = graph.clusters().find(rows.int8(i, 1));
    if (stored == identity::kNone || decided[stored] == identity::kNone) return;
    const identity::Summary& cluster = partition.clusters[decided[stored]];
    std::string text = weights_text(rules, partition, decided[stored]);
    auto known = weights.find(text);
    if (known == weights.end()) known = weights.emplace(text, canonical(text)).first;
    if (rows.int8(i, 2) == cluster.label && static_cast<std::uint32_t>(rows.int4(i, 3)) == cluster.members &&
        rows.boolean(i, 4) == cluster.known && (rows.boolean(i, 5) || !cluster.walled) &&
        rows.text(i, 6) == known->second &&
        (cluster.last == identity::kNone || is_last(rows, i, last_link(graph, rules, cluster.last))))
      return;
    stale.push_back(cluster.label);
  });
  return stale;
}

}  // namespace cdp::sql
