// src/core/timeline/states.cpp
#include "core/timeline/states.hpp"

#include <algorithm>

namespace cdp::core {

void time_in_state(const TimelineView& timeline, std::string_view event, Labels& states, std::int64_t since,
                   std::int64_t as_of, std::pmr::vector<Duration>& durations, const Poll& poll) {
  durations.clear();
  const auto name = timeline.find_name(event);
  if (!name) return;
  std::uint32_t state = Labels::kNone;
  std::int64_t from = 0;
  const auto end_state = [&](std::int64_t at) {
    const std::int64_t begin = std::max(from, since), end = std::min(at, as_of);
    if (state == Labels::kNone || begin >= end || begin == kMinusInfinity) return;
    if (state >= durations.size()) durations.resize(state + 1, 0);
    durations[state] += static_cast<Duration>(end) - static_cast<Duration>(begin);
  };
  for (std::uint32_t i = 0; i < timeline.size() && timeline.time(i) < as_of; ++i) {
    poll();
    if (timeline.name_of(i) != *name) continue;
    const std::uint32_t next = states.of(i);
    if (next == Labels::kNone) continue;
    end_state(timeline.time(i));
    state = next;
    from = timeline.time(i);
  }
  end_state(as_of);
}

}  // namespace cdp::core
