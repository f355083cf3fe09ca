// Whether a customer took steps in their order, with what must not have happened in between.
//
// One pass, from the last event to the first: of all ways to complete the steps from one on, that which begins earliest
// is enough, because it leaves the most room for the step before. Events of one time may stand in any order; an event
// counts for one step only.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/segment/program.hpp"
#include "core/timeline/assignment.hpp"
#include "core/timeline/duration.hpp"

namespace cdp::core::rule {

class Chain {
 public:
  // A bit for each step that an event can be, and for each absence that it ends.
  struct Matches {
    std::uint64_t steps = 0, absences = 0;
    bool any() const noexcept { return (steps | absences) != 0; }
  };

  explicit Chain(std::pmr::memory_resource* resource) : steps_(resource), absences_(resource), group_(resource) {}

  // In their order. `within`: at most so long after the step before.
  void add_step(std::optional<core::Duration> within) {
    steps_.push_back({within.value_or(kLongestDuration), within.has_value()});
  }
  // After the step added last: for so long, or until the next step. [first, last] is when events that are no longer
  // kept may have ended it.
  void add_absence(std::optional<core::Duration> lasting, std::optional<std::pair<std::int64_t, std::int64_t>> folded) {
    absences_.push_back({step_count() - 1, lasting, folded, std::nullopt});
  }
  std::uint32_t step_count() const noexcept { return static_cast<std::uint32_t>(steps_.size()); }
  std::uint32_t absence_count() const noexcept { return static_cast<std::uint32_t>(absences_.size()); }

  // Reads events [begin, end) from the last to the first: matches(event), time(event). With `doubtful`, folded events
  // end what they may have ended.
  template <typename Matching, typename Time>
  bool found(std::uint32_t begin, std::uint32_t end, Matching&& matches, Time&& time, std::int64_t as_of, bool doubtful,
             const Poll& poll) {
    start(as_of, doubtful);
    while (end > begin) {
      poll();
      const std::int64_t now = time(--end);
      Matches all = matches(end);
      if (end > begin && time(end - 1) == now) {
        group_.start(step_count());
        group_.offer(all.steps);
        for (; end > begin && time(end - 1) == now;) {
          poll();
          const Matches more = matches(--end);
          all.steps |= more.steps;
          all.absences |= more.absences;
          group_.offer(more.steps);
        }
        if (all.steps != 0) advance(now, true);
      } else if (all.steps != 0) {
        single_ = all.steps;
        advance(now, false);
      }
      if (steps_[0].begun) return true;
      for (std::uint32_t i = 0; all.absences != 0; ++i, all.absences >>= 1)
        if ((all.absences & 1) != 0) absences_[i].next = now;
    }
    return false;
  }

 private:
  struct Step {
    core::Duration within;
    bool limited;
    std::optional<std::int64_t> begun{};  // the earliest time from which it and all later ones were taken
  };
  struct Absence {
    std::uint32_t after;
    std::optional<core::Duration> lasting;
    std::optional<std::pair<std::int64_t, std::int64_t>> folded;
    std::optional<std::int64_t> next;  // the earliest event that ends it, after the one that is looked at
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;

  void start(std::int64_t as_of, bool doubtful) noexcept;
  void advance(std::int64_t now, bool group);
  bool may_follow(std::uint32_t step, std::int64_t now, std::optional<std::int64_t> next) const noexcept;
  bool is_absent(const Absence& absence, std::int64_t now, std::optional<std::int64_t> until) const noexcept;

  std::pmr::vector<Step> steps_;
  std::pmr::vector<Absence> absences_;
  std::int64_t as_of_ = 0;
  bool doubtful_ = false;
  std::uint64_t single_ = 0;
  Assignment group_;  // of events at one time
};

}  // namespace cdp::core::rule
