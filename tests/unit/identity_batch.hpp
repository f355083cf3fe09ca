// The world as a Graph, and what decide() makes of it in the words of the reference.
#pragma once

#include "bytes_of.hpp"
#include "core/bytes/error.hpp"
#include "core/identity/cluster.hpp"
#include "identity_reference.hpp"

namespace cdp::core::test {

inline identity::Sighting sighting_of(const Two& key, const Seen& seen) {
  return {seen.confidence,
          seen.first,
          seen.last,
          static_cast<identity::SourceIndex>(key.first),
          static_cast<std::uint32_t>(key.second),
          seen.rejected};
}

struct WorldGraph {
  explicit WorldGraph(const World& world, const identity::Rules& rules) {
    for (const Person& person : world.people)
      identifiers.push_back(
          {person.id, as_bytes(person.value), static_cast<identity::TypeIndex>(person.type), person.blocked, false});
    for (const auto& [pair, rows] : world.seen) {
      if (rows.empty()) continue;
      identity::Combination combination(rules);
      for (const auto& [key, seen] : rows) combination.add(sighting_of(key, seen));
      links.push_back(
          {static_cast<std::uint32_t>(pair.first), static_cast<std::uint32_t>(pair.second), combination.bond()});
    }
    for (const auto& [pair, decided] : world.decided) {
      const auto a = static_cast<std::uint32_t>(pair.first), b = static_cast<std::uint32_t>(pair.second);
      const auto wall = static_cast<std::uint32_t>(decided.key);
      if (decided.must) {
        musts.push_back({a, b});
      } else {
        walls.push_back({wall, false, a});
        walls.push_back({wall, true, b});
      }
    }
    for (const auto& [key, lists] : world.lists) {
      for (const int each : lists.first)
        walls.push_back({static_cast<std::uint32_t>(key), false, static_cast<std::uint32_t>(each)});
      for (const int each : lists.second)
        walls.push_back({static_cast<std::uint32_t>(key), true, static_cast<std::uint32_t>(each)});
    }
    graph = {&rules, identifiers, links, musts, walls, false};
  }
  WorldGraph(const WorldGraph&) = delete;
  WorldGraph& operator=(const WorldGraph&) = delete;

  std::vector<identity::Identifier> identifiers;
  std::vector<identity::Link> links;
  std::vector<identity::Must> musts;
  std::vector<identity::WallSide> walls;
  identity::Graph graph;
};

inline Judged in_words(const WorldGraph& world, const identity::Partition& partition) {
  Judged judged;
  for (std::uint32_t i = 0; i < world.identifiers.size(); ++i) {
    judged.labels.push_back(partition.label(i));
    if (partition.hubs[i]) judged.hubs.insert(static_cast<int>(i));
  }
  for (std::size_t i = 0; i < world.links.size(); ++i)
    if (identity::is_refused(partition.verdicts[i].outcome))
      judged.refused.insert({static_cast<int>(world.links[i].a), static_cast<int>(world.links[i].b)});
  return judged;
}

inline Judged judge_by_batch(const World& world) {
  const WorldRules rules(world);
  const WorldGraph graph(world, rules.rules);
  try {
    return in_words(graph, identity::decide(graph.graph, kHeap));
  } catch (const Error& error) {
    Judged judged;
    judged.contradiction = error.code() == Code::invalid_parameter;
    return judged;
  }
}

inline Judged judge_by_reference(const World& world, Planted planted = Planted::nothing) {
  return Reference(world, planted).judge();
}

}  // namespace cdp::core::test
