// src/sql/space_write.cpp: the protocol of locks.
#include "sql/space_write.hpp"

#include <algorithm>
#include <cstdint>

#include "core/bytes/error.hpp"
#include "core/identity/stream.hpp"
#include "pg/interrupt.hpp"
#include "sql/space_store.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
using Clusters = std::pmr::vector<std::int64_t>;

constexpr int kTries = 8;

// It takes more locks, or others were faster; or somebody may be linking what ceases to be a hub, whom no lock of a
// customer keeps out: what he links isn't seen before he is done.
enum class Outcome : std::uint8_t { done, again, only_alone };

bool frees_hub(const identity::Plan& plan) {
  return std::any_of(plan.hubs.begin(), plan.hubs.end(), [](const identity::HubChange& one) { return !one.hub; });
}

class Attempts {
 public:
  Attempts(const pg::query::Schema& schema, const SpaceRules& rules, SpaceWork& work,
           std::pmr::memory_resource* resource)
      : schema_(schema), rules_(rules), work_(work), resource_(resource), locked_(resource), more_(resource) {}

  Outcome once(bool alone) {
    locked_ = work_.clusters();
    locked_.insert(locked_.end(), more_.begin(), more_.end());
    std::sort(locked_.begin(), locked_.end());
    locked_.erase(std::unique(locked_.begin(), locked_.end()), locked_.end());
    const auto versions = lock_clusters(schema_, locked_, work_.wants_rows(), resource_);
    if (versions.size() != locked_.size()) {
      more_.clear();
      return Outcome::again;
    }
    if (!work_.holds(versions) && !holds(work_.clusters())) return Outcome::again;
    const identity::Changes changes = work_.changes();
    bool moved = false;
    if (!changes.sightings.empty() || !changes.decisions.empty() || !changes.touched.empty()) {
      SpaceStore store(schema_, rules_, resource_);
      const identity::Rules rules = work_.rules(rules_.rules());
      const identity::Plan plan = identity::plan_changes(store, rules, changes, resource_, pg::poll());
      if (!alone && frees_hub(plan)) return Outcome::only_alone;
      if (!holds(plan.locks)) return Outcome::again;
      const Anchors anchors(schema_, plan.hubs, resource_);
      if (!holds(anchors.clusters())) return Outcome::again;
      work_.planned(plan);
      carry_out(schema_, rules_, plan, anchors, work_.cause(), resource_);
      moved = !plan.unions.empty() || !plan.moves.empty() || !plan.hubs.empty();
    }
    work_.conclude(moved);
    return Outcome::done;
  }

 private:
  // Remembers for the next time what isn't locked.
  bool holds(const Clusters& needed) {
    const std::size_t before = more_.size();
    std::set_difference(needed.begin(), needed.end(), locked_.begin(), locked_.end(), std::back_inserter(more_));
    if (more_.size() == before) return true;
    more_.insert(more_.end(), locked_.begin(), locked_.end());
    return false;
  }

  const pg::query::Schema& schema_;
  const SpaceRules& rules_;
  SpaceWork& work_;
  std::pmr::memory_resource* resource_;
  Clusters locked_, more_;
};

}  // namespace

void write_space(const pg::query::Schema& schema, const SpaceRules& rules, SpaceWork& work,
                 std::pmr::memory_resource* resource) {
  work.prepare();
  Attempts attempts(schema, rules, work, resource);
  const auto done = [&](bool alone) {
    for (int attempt = 0; attempt < kTries; ++attempt) {
      Subtransaction inside;
      if (!alone) share_space(schema);
      const Outcome outcome = attempts.once(alone);
      if (outcome == Outcome::again) continue;
      if (outcome == Outcome::only_alone) return false;
      inside.commit();
      return true;
    }
    return false;
  };
  if (done(false)) return;
  // The lock has to outlast the attempts.
  Subtransaction outer;
  lock_space(schema);
  if (!done(true))
    throw core::Error(core::Code::wrong_state, "customers change although nobody else may change them", {},
                      "Somebody writes to the tables of the space by other means, or rows of them are hidden.");
  outer.commit();
}

}  // namespace cdp::sql
