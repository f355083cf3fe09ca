#include "core/identity/path.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>

namespace cdp::core::identity {

namespace {

constexpr std::uint32_t kNoEdge = UINT32_MAX;
constexpr std::uint64_t kStep = 1, kObstacle = std::uint64_t{1} << 32;

// The edges at each node, one after the other.
struct Adjacency {
  std::pmr::vector<std::uint32_t> begin, edges;

  Adjacency(std::span<const Edge> all, std::uint32_t nodes, std::pmr::memory_resource* resource)
      : begin(std::size_t{nodes} + 1, 0, resource), edges(all.size() * 2, resource) {
    for (const Edge& edge : all) ++begin[edge.a], ++begin[edge.b];
    std::uint32_t sum = 0;
    for (std::uint32_t& each : begin) sum += each, each = sum;
    for (std::size_t i = all.size(); i-- > 0;) {
      edges[--begin[all[i].a]] = static_cast<std::uint32_t>(i);
      edges[--begin[all[i].b]] = static_cast<std::uint32_t>(i);
    }
  }
};

}  // namespace

std::pmr::vector<std::uint32_t> shortest_path(std::span<const Edge> edges, std::uint32_t nodes, std::uint32_t from,
                                              std::uint32_t to, std::pmr::memory_resource* resource, Poll poll) {
  const Adjacency adjacency(edges, nodes, resource);
  std::pmr::vector<std::uint64_t> cost(nodes, UINT64_MAX, resource);
  std::pmr::vector<std::uint32_t> by(nodes, kNoEdge, resource);
  using Reached = std::tuple<std::uint64_t, std::uint32_t>;  // cost, node
  std::priority_queue<Reached, std::pmr::vector<Reached>, std::greater<>> queue(std::greater<>{},
                                                                                std::pmr::vector<Reached>(resource));
  cost[from] = 0;
  queue.emplace(0, from);
  while (!queue.empty()) {
    const auto [reached, node] = queue.top();
    queue.pop();
    if (node == to) break;
    if (reached > cost[node]) continue;
    for (std::uint32_t i = adjacency.begin[node]; i < adjacency.begin[node + 1]; ++i) {
      poll();
      const std::uint32_t at = adjacency.edges[i];
      const Edge& edge = edges[at];
      const std::uint32_t next = edge.a == node ? edge.b : edge.a;
      const std::uint64_t total = reached + kStep + (edge.obstacle ? kObstacle : 0);
      if (total >= cost[next]) continue;
      cost[next] = total;
      by[next] = at;
      queue.emplace(total, next);
    }
  }
  std::pmr::vector<std::uint32_t> path(resource);
  for (std::uint32_t node = to; node != from && by[node] != kNoEdge;) {
    path.push_back(by[node]);
    node = edges[by[node]].a == node ? edges[by[node]].b : edges[by[node]].a;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace cdp::core::identity
