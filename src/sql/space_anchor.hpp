// Whose a part is: its anchor, the identifier of the best type that is neither blocked nor a hub. Here what becomes of
// parts when identifiers become hubs or cease to be.
#pragma once

#include "core/identity/plan.hpp"
#include "pg/query.hpp"

namespace cdp::sql {

// The parts whose anchor these changes move.
class Anchors {
 public:
  // Before the changes are made.
  Anchors(const pg::query::Schema& schema, std::span<const core::identity::HubChange> hubs,
          std::pmr::memory_resource* resource);

  bool empty() const noexcept { return parts_.empty(); }
  // That lose parts or get them, as clusters are before the plan; ascending. They have to be locked.
  const std::pmr::vector<std::int64_t>& clusters() const noexcept { return clusters_; }
  // Both of the two anchors of each part.
  std::span<const std::int64_t> identifiers() const noexcept { return identifiers_; }
  // Who is made anew of its parts after this is not asked here.
  void move(const pg::query::Schema& schema) const;

 private:
  std::pmr::vector<std::int64_t> parts_, anchors_, identifiers_, clusters_;
};

}  // namespace cdp::sql
