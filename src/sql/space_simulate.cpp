// src/sql/space_simulate.cpp: what changed rules would merge and split, by deciding everything under both.
#include <algorithm>
#include <optional>

#include "core/identity/cluster.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "pg/memory.hpp"
#include "sql/space_graph.hpp"
#include "sql/space_settings.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace identity = cdp::core::identity;
namespace query = cdp::pg::query;

namespace {

// What is needed of a partition to compare it.
struct Decided {
  explicit Decided(identity::Partition&& partition)
      : cluster_of(std::move(partition.cluster_of)),
        clusters(std::move(partition.clusters)),
        hubs(std::move(partition.hubs)) {}

  std::pmr::vector<std::uint32_t> cluster_of;
  std::pmr::vector<identity::Summary> clusters;
  std::pmr::vector<bool> hubs;
};

// Whether all sightings of a pair come to the same.
bool same_bonds(const identity::Rules& a, const identity::Rules& b) {
  return a.threshold == b.threshold &&
         std::equal(a.sources.begin(), a.sources.end(), b.sources.begin(), b.sources.end(),
                    [](const identity::Source& x, const identity::Source& y) {
                      return x.priority == y.priority && x.trusted == y.trusted;
                    });
}

class Simulation {
 public:
  Simulation(const query::Schema& schema, const sql::RulesChange& change, ReturnSetInfo* result,
             std::pmr::memory_resource* resource)
      : schema_(schema), change_(change), result_(result), resource_(resource) {}

  void run() {
    std::optional<sql::SpaceGraph> graph(std::in_place, schema_, change_.before(), resource_);
    const Decided before(identity::decide(graph->graph(change_.before().rules(), false), resource_, pg::poll()));
    if (!same_bonds(change_.before().rules(), change_.after().rules())) {
      graph.reset();  // the two together may be more than fits
      graph.emplace(schema_, change_.after(), resource_);
    }
    for (const std::int64_t id : change_.blocked()) graph->flip_blocked(graph->place(id));
    const Decided after(identity::decide(graph->graph(change_.after().rules(), false), resource_, pg::poll()));
    put_groups(before, after);
    for (std::uint32_t i = 0; i < graph->size(); ++i)
      if (before.hubs[i] != after.hubs[i])
        put_identifier(after.hubs[i] ? "hub" : "no_hub", graph->identifier(i).id, i, before, after);
    for (const std::int64_t id : change_.blocked()) {
      const std::uint32_t place = graph->place(id);
      put_identifier(graph->identifier(place).blocked ? "blocked" : "unblocked", id, place, before, after);
    }
  }

 private:
  struct Side {  // customers of a row
    explicit Side(std::pmr::memory_resource* resource) : profiles(resource), members(resource) {}
    void add(const identity::Summary& cluster) {
      profiles.push_back(cluster.label);
      members.push_back(static_cast<std::int32_t>(cluster.members));
    }
    void clear() {
      profiles.clear();
      members.clear();
    }
    std::pmr::vector<std::int64_t> profiles;
    std::pmr::vector<std::int32_t> members;
  };

  using Nodes = std::pmr::vector<std::uint32_t>;
  static std::uint32_t find(Nodes& parents, std::uint32_t node) {
    while (parents[node] != node) node = parents[node] = parents[parents[node]];
    return node;
  }

  // Customers before that share somebody with a customer after go together with it.
  void put_groups(const Decided& before, const Decided& after) {
    Nodes parents(before.clusters.size(), 0, resource_), first(after.clusters.size(), identity::kNone, resource_);
    for (std::uint32_t i = 0; i < parents.size(); ++i) parents[i] = i;
    for (std::size_t i = 0; i < before.cluster_of.size(); ++i) {
      std::uint32_t& of = first[after.cluster_of[i]];
      if (of == identity::kNone) of = before.cluster_of[i];
      const std::uint32_t a = find(parents, of), b = find(parents, before.cluster_of[i]);
      parents[std::max(a, b)] = std::min(a, b);
    }
    Nodes counted_before(parents.size(), 0, resource_), counted_after(parents.size(), 0, resource_);
    for (std::uint32_t i = 0; i < parents.size(); ++i) ++counted_before[find(parents, i)];
    for (const std::uint32_t one : first) ++counted_after[find(parents, one)];
    const auto differs = [&](std::uint32_t root) { return counted_before[root] > 1 || counted_after[root] > 1; };
    std::pmr::vector<Node> nodes(resource_);
    const auto add = [&](std::uint32_t node, bool is_after, const identity::Summary& cluster) {
      const std::uint32_t root = find(parents, node);
      if (differs(root)) nodes.push_back({root, is_after, &cluster});
    };
    for (std::uint32_t i = 0; i < parents.size(); ++i) add(i, false, before.clusters[i]);
    for (std::uint32_t i = 0; i < first.size(); ++i) add(first[i], true, after.clusters[i]);
    std::sort(nodes.begin(), nodes.end(), [](const Node& a, const Node& b) {
      return std::tuple(a.group, a.after, a.cluster->label) < std::tuple(b.group, b.after, b.cluster->label);
    });
    put_nodes(nodes);
  }

  struct Node {
    std::uint32_t group;
    bool after;
    const identity::Summary* cluster;
  };

  void put_nodes(std::span<const Node> nodes) {
    Side before(resource_), after(resource_);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      (nodes[i].after ? after : before).add(*nodes[i].cluster);
      if (i + 1 < nodes.size() && nodes[i + 1].group == nodes[i].group) continue;
      put(after.profiles.size() == 1    ? "merge"
          : before.profiles.size() == 1 ? "split"
                                        : "regroup",
          std::nullopt, before, after);
      before.clear();
      after.clear();
    }
  }

  void put_identifier(const char* kind, std::int64_t id, std::uint32_t place, const Decided& before,
                      const Decided& after) {
    Side was(resource_), is(resource_);
    was.add(before.clusters[before.cluster_of[place]]);
    is.add(after.clusters[after.cluster_of[place]]);
    put(kind, id, was, is);
  }

  void put(const char* kind, std::optional<std::int64_t> id, const Side& before, const Side& after) {
    Datum values[] = {Datum{0},
                      Int64GetDatum(id.value_or(0)),
                      query::array(before.profiles).value,
                      query::array(before.members).value,
                      query::array(after.profiles).value,
                      query::array(after.members).value};
    bool nulls[6] = {false, !id};
    pg::call([&] {
      values[0] = CStringGetTextDatum(kind);
      tuplestore_putvalues(result_->setResult, result_->setDesc, values, nulls);
    });
    row_.reset();
  }

  const query::Schema& schema_;
  const sql::RulesChange& change_;
  ReturnSetInfo* result_;
  std::pmr::memory_resource* resource_;
  pg::RowContext row_;
};

}  // namespace

// simulate(space, rules) -> setof (kind, identifier, profiles and members before and after)
CDP_FUNCTION(cdp_space_simulate) {
  for (const int i : {0, 1})
    if (PG_ARGISNULL(i))
      ereport(ERROR,
              (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", i == 0 ? "space" : "rules")));
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0));
  const query::Argument patch{PointerGetDatum(PG_GETARG_JSONB_P(1))};
  InitMaterializedSRF(fcinfo, 0);
  query::connect();
  {
    pg::ContextResource resource;
    const query::Schema schema(space, true);
    sql::require_space(schema);
    const sql::RulesChange change(schema, patch, &resource);
    Simulation(schema, change, reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo), &resource).run();
  }
  query::finish();
  return Datum{0};
}
