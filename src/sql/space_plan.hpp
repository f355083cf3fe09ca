// Carries out what streaming planned, on the tables of a space. All clusters of the plan have to be locked.
#pragma once

#include "core/identity/plan.hpp"
#include "sql/space_anchor.hpp"
#include "sql/space_log.hpp"

namespace cdp::sql {

void carry_out(const pg::query::Schema& schema, const SpaceRules& rules, const core::identity::Plan& plan,
               const Anchors& anchors, const Cause& cause, std::pmr::memory_resource* resource);

// Makes customers of their parts anew: the clusters, each once.
void regroup(const pg::query::Schema& schema, std::span<const std::int64_t> clusters);

}  // namespace cdp::sql
