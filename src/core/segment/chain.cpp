// src/core/segment/chain.cpp: the steps that events of one time take.
#include "core/segment/chain.hpp"

#include <algorithm>

namespace cdp::core::rule {

void Chain::start(std::int64_t as_of, bool doubtful) noexcept {
  as_of_ = as_of;
  doubtful_ = doubtful;
  for (Step& step : steps_) step.begun.reset();
  for (Absence& absence : absences_) absence.next.reset();
}

// No event that ends it lies after `now` and before `until`, or for as long as it lasts, which has to be over.
bool Chain::is_absent(const Absence& absence, std::int64_t now, std::optional<std::int64_t> until) const noexcept {
  const std::int64_t end = !absence.lasting || !is_finite(now) ? now : later(now, *absence.lasting);
  if (absence.lasting) {
    if (end > as_of_ || (absence.next && *absence.next <= end)) return false;
  } else if (absence.next && (!until || *absence.next < *until)) {
    return false;
  }
  if (!doubtful_ || !absence.folded) return true;
  const auto [first, last] = *absence.folded;
  if (last <= now || (!absence.lasting && until == now)) return true;
  return absence.lasting ? first > end : until && first >= *until;
}

// The step at `now`, and the one after it at `next`; of the last step that is none.
bool Chain::may_follow(std::uint32_t step, std::int64_t now, std::optional<std::int64_t> next) const noexcept {
  if (next && steps_[step + 1].limited && !within(*next, now, steps_[step + 1].within)) return false;
  return std::all_of(absences_.begin(), absences_.end(),
                     [&](const Absence& absence) { return absence.after != step || is_absent(absence, now, next); });
}

void Chain::advance(std::int64_t now, bool group) {
  std::optional<std::int64_t> after;   // when the step after this one was begun, before these events
  std::uint32_t until = step_count();  // the events suffice for the steps from here to before that
  std::uint32_t nearest = kNone;       // the first step from here on after which it goes on with later events
  for (std::uint32_t step = step_count(); step-- > 0;) {
    const auto before = steps_[step].begun;
    const bool is_last = step + 1 == step_count();
    if (group) {
      while (until > step && !group_.place(step))
        if (--until > step) group_.release(until);
    } else {
      until = (single_ >> step & 1) != 0 ? step + 1 : step;
    }
    if ((is_last || after) && may_follow(step, now, after)) {
      nearest = step;
    } else if (nearest != kNone && !may_follow(step, now, now)) {
      nearest = kNone;
    }
    if (nearest < until && nearest >= step && until > step) steps_[step].begun = now;
    after = before;
  }
}

}  // namespace cdp::core::rule
