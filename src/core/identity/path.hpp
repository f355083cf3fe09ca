// Shortest paths in a graph of undirected edges some of which are obstacles: first as few obstacles as possible, then
// as few edges.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "core/bytes/poll.hpp"

namespace cdp::core::identity {

struct Edge {
  std::uint32_t a, b;
  bool obstacle = false;
};

// The places in `edges` of what leads from one node to the other, in that order; none if nothing does, or if they are
// the same. Of equal paths the one of the earlier edges, so that the answer is the same every time.
std::pmr::vector<std::uint32_t> shortest_path(std::span<const Edge> edges, std::uint32_t nodes, std::uint32_t from,
                                              std::uint32_t to, std::pmr::memory_resource* resource, Poll poll);

}  // namespace cdp::core::identity
