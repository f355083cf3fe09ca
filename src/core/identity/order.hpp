// The canonical order of links: by rank, ties by the bytes of the names of both ends.
#pragma once

#include <memory_resource>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/identity/link.hpp"

namespace cdp::core::identity {

// Sorts the places of links. Names are compared only where ranks are equal, and then once for each identifier rather
// than for each link.
void sort_links(const Graph& graph, std::pmr::vector<std::uint32_t>& links, std::pmr::memory_resource* resource,
                Poll poll);

}  // namespace cdp::core::identity
