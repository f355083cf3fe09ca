// The log of what is written over everybody at once.
#pragma once

#include "core/identity/cluster.hpp"
#include "sql/space_graph.hpp"

namespace cdp::sql {

// A change for each group of customers whose members mingle. Who was a customer all alone, of whom nothing was said and
// nothing is logged, is not logged where only such become one: after a load of evidence that would be everybody.
// `names`: the cluster_id of each decided cluster. Returns how many identifiers go to another customer.
std::int64_t log_whole(const pg::query::Schema& schema, const SpaceGraph& graph,
                       const core::identity::Partition& partition, std::span<const std::int64_t> names,
                       std::int64_t run, std::pmr::memory_resource* resource);

}  // namespace cdp::sql
