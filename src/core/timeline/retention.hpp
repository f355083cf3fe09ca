// Whether a customer came back, period by period after the first time.
#pragma once

#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/timeline/duration.hpp"
#include "core/timeline/view.hpp"

namespace cdp::core {

enum class Returned : std::uint8_t { no, yes, unknown };

// Whether `event` happened in [first + i × period, first + (i + 1) × period), for each i below `periods`, where first
// is the time of the first `cohort` event. False when that never happened. `periods` and `period` are not 0.
bool retention(const TimelineView& timeline, std::string_view cohort, std::string_view event, Duration period,
               std::uint32_t periods, std::pmr::vector<Returned>& returned, const Poll& poll);

}  // namespace cdp::core
