// src/sql/space_whole.cpp: decides the whole graph of a space.
#include "sql/space_whole.hpp"

#include "pg/interrupt.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;

// Whoever it hides from a steward, hub_alarm counts the customers as they are stored.
bool hold_flips(SpaceGraph& graph, const identity::Partition& partition, std::uint32_t hub_alarm,
                std::pmr::vector<bool>& parked, std::pmr::memory_resource* resource) {
  std::pmr::vector<std::uint32_t> members(graph.clusters().size(), 0, resource);
  for (std::uint32_t i = 0; i < graph.size(); ++i) ++members[graph.cluster_of(i)];
  bool any = false;
  for (std::uint32_t i = 0; i < graph.size(); ++i) {
    if (partition.hubs[i] == graph.identifier(i).hub || members[graph.cluster_of(i)] <= hub_alarm) continue;
    parked[i] = any = true;
  }
  if (!any) return false;
  for (std::uint32_t i = 0; i < graph.size(); ++i)
    if (!parked[i]) graph.set_hub(i, partition.hubs[i]);
  return true;
}

}  // namespace

WholeDecision::WholeDecision(SpaceGraph& graph, const SpaceRules& rules, bool flips,
                             std::pmr::memory_resource* resource)
    : graph_(graph),
      resource_(resource),
      partition_(identity::decide(graph.graph(rules.rules(), false), resource, pg::poll())),
      differing_(resource),
      parked_(graph.size(), false, resource) {
  std::pmr::vector<bool> stored(resource);
  for (std::uint32_t i = 0; i < graph.size(); ++i) stored.push_back(graph.identifier(i).hub);
  if (!flips && hold_flips(graph, partition_, rules.rules().hub_alarm, parked_, resource)) {
    partition_ = identity::decide(graph.graph(rules.rules(), true), resource, pg::poll());
    for (std::uint32_t i = 0; i < graph.size(); ++i) graph.set_hub(i, stored[i]);
  }
  compare();
}

// A cluster is as it is stored if all its members are in one stored cluster, which has no others.
void WholeDecision::compare() {
  const std::size_t decided = partition_.clusters.size(), stored = graph_.clusters().size();
  std::pmr::vector<std::uint32_t> from(decided, identity::kNone, resource_), into(stored, identity::kNone, resource_);
  std::pmr::vector<bool> merging(decided, false, resource_), splitting(stored, false, resource_);
  for (std::uint32_t i = 0; i < graph_.size(); ++i) {
    const std::uint32_t now = partition_.cluster_of[i], before = graph_.cluster_of(i);
    if (from[now] == identity::kNone) from[now] = before;
    if (into[before] == identity::kNone) into[before] = now;
    merging[now] = merging[now] || from[now] != before;
    splitting[before] = splitting[before] || into[before] != now;
  }
  differing_.assign(decided, false);
  for (std::uint32_t i = 0; i < graph_.size(); ++i) {
    const std::uint32_t now = partition_.cluster_of[i];
    if (merging[now] || splitting[graph_.cluster_of(i)]) differing_[now] = true;
  }
  std::pmr::vector<bool> taken(decided, false, resource_);
  for (const std::uint32_t now : into) {
    if (taken[now]) ++counts_.merged;
    taken[now] = true;
  }
  for (std::uint32_t i = 0; i < graph_.size(); ++i) {
    if (differs(i)) ++counts_.differing;
    if (flipped(i)) ++counts_.hubs;
    if (parked_[i]) ++counts_.parked;
  }
  for (const bool each : splitting) counts_.split += each ? 1 : 0;
}

}  // namespace cdp::sql
