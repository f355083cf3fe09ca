// Must-links come before everything: what they join is one group, whatever limits, degrees, blocked values and
// thresholds say. Only a cannot-link contradicts them, which is an error, not a choice.
#pragma once

#include "core/identity/forest.hpp"

namespace cdp::core::identity {

// Unites what must-links join in a forest of the graph's identifiers, and places the cannot-links. 22023 if a must-link
// would join a cannot-link pair; the detail names the path from one to the other.
void contract(const Graph& graph, Forest& forest, std::pmr::memory_resource* resource, Poll poll);

}  // namespace cdp::core::identity
