// Windows of time relative to an instant, and the days of a time zone that some of them have their edges at.
#pragma once

#include <cstdint>

#include "core/segment/program.hpp"
#include "core/segment/zones.hpp"

namespace cdp::core::rule {

// The days of one time zone. Both functions ascend with their argument, also where clocks are put back across midnight.
class Calendar {
 public:
  constexpr Calendar() noexcept = default;  // of UTC
  Calendar(const Zones& zones, Zones::Handle zone) noexcept : zones_(&zones), zone_(zone) {}
  // Of a customer whose zone is not known: nothing else may be asked of it.
  static Calendar unknown() noexcept {
    Calendar calendar;
    calendar.known_ = false;
    return calendar;
  }
  bool known() const noexcept { return known_; }
  bool is_utc() const noexcept { return zones_ == nullptr; }

  // The first instant of the day, and the last day that begins at or before `time` (finite). In days since 2000-01-01.
  std::int64_t start_of(std::int64_t day) const;
  std::int64_t day_of(std::int64_t time) const;

  // A timestamp of an attribute or a rule: midnight in UTC is a date, which begins when that day begins here.
  std::int64_t instant_of(std::int64_t stated) const;
  std::int64_t date_of(std::int64_t stated) const;

 private:
  const Zones* zones_ = nullptr;
  Zones::Handle zone_ = nullptr;
  bool known_ = true;
};

// Both belong to the window; nothing does when the first is after the second.
struct Edges {
  std::int64_t from, to;
  bool contain(std::int64_t time) const noexcept { return from <= time && time <= to; }
};

// The window as seen from `as_of`, whose day is D, in the calendar's days and weeks from Monday on:
//   last N minutes … weeks  (as_of − N, as_of]        last N months, years  [start of the day N months before D, as_of]
//   next N minutes … weeks  (as_of, as_of + N]        next N months, years  (as_of, end of the day N months after D]
//   last N calendar units   [start of the N-th unit back, that of D being the first, as_of]
//   next N calendar units   (as_of, end of the N-th unit, that of D being the first]
//   previous, this, next    the whole unit before that of D, that of D, the one after it
//   since t                 [t, as_of]                between a and b       [a, b]
// Months are added to the date; a day past the month's end becomes its last day.
// The infinities are in no window but those that name them.
Edges edges_of(const ProgramNode& window, std::int64_t as_of, const Calendar& calendar);

// Whether the window's edges are starts of days: then dates are days of the calendar, not midnights in UTC.
bool is_of_days(const ProgramNode& window) noexcept;

// Whether an anniversary of `time` (of its date; 29 February is 28 February in common years; the date itself is
// none) lies on one of the window's days: last N [D − N, D], next N [D, D + N], the others from the first to the last
// day, where D is that of as_of.
bool has_anniversary(const ProgramNode& window, std::int64_t time, std::int64_t as_of, const Calendar& calendar);

// The first instant after as_of at which `time` enters or leaves the window; kInfinity when there is none. `seen`: what
// is later than as_of is in no window.
std::int64_t next_crossing(const ProgramNode& window, std::int64_t time, std::int64_t as_of, const Calendar& calendar,
                           bool seen);
// The first midnight after as_of with which has_anniversary() may become true or false; kInfinity when there is none.
std::int64_t next_anniversary(const ProgramNode& window, std::int64_t time, std::int64_t as_of,
                              const Calendar& calendar);

// Saturating.
std::int64_t microseconds(const Duration& duration) noexcept;

}  // namespace cdp::core::rule
