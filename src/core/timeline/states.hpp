// How long a customer was in each state: an event begins a state, which lasts until the next one.
#pragma once

#include <vector>

#include "core/bytes/poll.hpp"
#include "core/timeline/duration.hpp"
#include "core/timeline/labels.hpp"

namespace cdp::core {

// By label of `states`: the time in [since, as_of) that the state lasted. The time before the first kept event that
// tells a state is in none, nor is the infinite time after an event at minus infinity when `since` is that.
void time_in_state(const TimelineView& timeline, std::string_view event, Labels& states, std::int64_t since,
                   std::int64_t as_of, std::pmr::vector<Duration>& durations, const Poll& poll);

}  // namespace cdp::core
