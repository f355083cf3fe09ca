// Windows of time relative to an instant, in UTC.
#pragma once

#include <cstdint>

#include "core/segment/program.hpp"

namespace cdp::core::rule {

// Both belong to the window; nothing does when the first is after the second.
struct Edges {
  std::int64_t from, to;
  bool contain(std::int64_t time) const noexcept { return from <= time && time <= to; }
};

// The window (a node of last, next, since or between_times) as seen from `as_of`:
//   last N minutes … weeks  (as_of − N, as_of]        last N months, years  [start of the day N months ago, as_of]
//   next N minutes … weeks  (as_of, as_of + N]        next N months, years  (as_of, end of the day N months ahead]
//   since t                 [t, as_of]                between a and b       [a, b]
// Months are added to the date; a day past the month's end becomes its last day.
// The infinities are in no window but those that name them.
Edges edges_of(const ProgramNode& window, std::int64_t as_of) noexcept;

// Whether an anniversary of `time` (of its date; 29 February is 28 February in common years; the date itself is
// none) lies on one of the window's days: last N [day − N, day], next N [day, day + N], since and between from
// the first to the last day, where `day` is that of as_of.
bool has_anniversary(const ProgramNode& window, std::int64_t time, std::int64_t as_of) noexcept;

// Saturating.
std::int64_t microseconds(const Duration& duration) noexcept;

}  // namespace cdp::core::rule
