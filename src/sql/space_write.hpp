// How a space is changed, whoever does it: under locks of all the customers concerned, taken in one sorted statement,
// in a subtransaction that is rolled back and begun again with more of them when the plan turns out to need more.
#pragma once

#include "core/identity/plan.hpp"
#include "sql/space_lock.hpp"
#include "sql/space_plan.hpp"

namespace cdp::sql {

class SpaceWork {
 public:
  virtual ~SpaceWork() = default;

  // Before anything is locked: inserts what has to be there, in the order in which everybody does. It stays when an
  // attempt is rolled back; so nobody who has locks waits for what somebody else inserts.
  virtual void prepare() {}
  // Reads anew, and tells, ascending, the clusters concerned. Called before they are locked and after; may be begun
  // again.
  virtual std::pmr::vector<std::int64_t> clusters() = 0;
  // Whether what was read still holds, or could be mended, by the clusters that are locked now: then it isn't all read
  // again.
  virtual bool holds(std::span<const ClusterVersion>) { return false; }
  virtual bool wants_rows() const { return false; }  // of those clusters
  // What to change of the graph, if anything; the spans live until the next call of anything here.
  virtual core::identity::Changes changes() = 0;
  // By which rules to plan; what stands in them has to outlive the plan.
  virtual core::identity::Rules rules(const core::identity::Rules& of_space) const { return of_space; }
  virtual Cause cause() const = 0;
  // What will be done, as soon as nothing can come between any more.
  virtual void planned(const core::identity::Plan&) {}
  // The rest. `moved`: what clusters() read may have changed by what was planned.
  virtual void conclude(bool moved) = 0;
};

// When others are faster again and again, or when a hub ceases to be one, it keeps them out.
void write_space(const pg::query::Schema& schema, const SpaceRules& rules, SpaceWork& work,
                 std::pmr::memory_resource* resource);

}  // namespace cdp::sql
