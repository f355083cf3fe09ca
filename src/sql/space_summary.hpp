// What the row of a customer tells streaming of its members, as everything that was decided has it.
#pragma once

#include <string>

#include "core/identity/store.hpp"
#include "sql/space_whole.hpp"

namespace cdp::sql {

// As the column `weights` keeps them.
std::string weights_text(const SpaceRules& rules, const core::identity::Partition& partition, std::uint32_t cluster);
core::identity::LastLink last_link(const SpaceGraph& graph, const SpaceRules& rules, std::uint32_t link);

// Of customers that are composed as was decided those whose rows are not safe to go by, as after a change of the
// rules: one identifier each.
std::pmr::vector<std::int64_t> stale_customers(const pg::query::Schema& schema, const SpaceRules& rules,
                                               const SpaceGraph& graph, const WholeDecision& decision,
                                               std::pmr::memory_resource* resource);

}  // namespace cdp::sql
