// src/core/segment/calendar.cpp: windows and anniversaries.
#include "core/segment/calendar.hpp"

#include <algorithm>

#include "core/profile/timestamp.hpp"

namespace cdp::core::rule {

namespace {

// Every finite instant, and the days they fall on; a window reaches no further.
constexpr std::int64_t kFirst = kLeastTimestamp, kLast = kEndOfTimestamps - 1;

std::int64_t clamped(std::int64_t time) noexcept { return std::clamp(time, kFirst, kLast); }

std::int64_t shifted(std::int64_t time, std::int64_t by) noexcept {
  std::int64_t sum;
  if (__builtin_add_overflow(time, by, &sum)) return by < 0 ? kFirst : kLast;
  return clamped(sum);
}

std::int64_t day_of(std::int64_t time) noexcept {
  const std::int64_t day = time / kMicrosecondsPerDay;
  return time % kMicrosecondsPerDay < 0 ? day - 1 : day;
}

std::int64_t start_of(std::int64_t day) noexcept {
  std::int64_t time;
  if (__builtin_mul_overflow(day, kMicrosecondsPerDay, &time)) return day < 0 ? kFirst : kLast;
  return clamped(time);
}

bool is_leap(std::int32_t year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

std::int32_t days_in_month(std::int32_t year, std::int32_t month) noexcept {
  constexpr std::int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

std::int64_t add_months(std::int64_t day, std::int64_t months) noexcept {
  Date date = date_from_days(day);
  const std::int64_t month = std::int64_t{date.year} * 12 + date.month - 1 + months;
  const std::int64_t year = month >= 0 ? month / 12 : -((11 - month) / 12);
  date.year = static_cast<std::int32_t>(year);
  date.month = static_cast<std::int32_t>(month - year * 12 + 1);
  date.day = std::min(date.day, days_in_month(date.year, date.month));
  return days_from_date(date);
}

// The day that lies the duration (of days and more) after, or with sign −1 before, `day`.
std::int64_t add_days(std::int64_t day, const Duration& duration, std::int64_t sign) noexcept {
  const std::int64_t count = sign * static_cast<std::int64_t>(duration.count);
  switch (duration.unit) {
    case Unit::week: return day + 7 * count;
    case Unit::month: return add_months(day, count);
    case Unit::year: return add_months(day, 12 * count);
    default: return day + count;
  }
}

// Two timestamps of a window; since has its own upper end.
Edges stated(const ProgramNode& window, std::int64_t as_of) noexcept {
  const std::byte* at = window.body.data();
  const std::int64_t from = timestamp_of(trusted_value(at));
  return {from, window.op == Opcode::since ? as_of : timestamp_of(trusted_value(at))};
}

}  // namespace

std::int64_t microseconds(const Duration& duration) noexcept {
  return static_cast<std::int64_t>(duration.count) * microseconds_in(duration.unit);
}

Edges edges_of(const ProgramNode& window, std::int64_t as_of) noexcept {
  if (window.op != Opcode::last && window.op != Opcode::next) return stated(window, as_of);
  const Duration duration(window.body);
  const bool last = window.op == Opcode::last;
  if (is_fixed(duration.unit)) {
    const std::int64_t reach = microseconds(duration);
    return last ? Edges{shifted(as_of, -reach) + 1, as_of} : Edges{as_of + 1, shifted(as_of, reach)};
  }
  const std::int64_t day = add_days(day_of(as_of), duration, last ? -1 : 1);
  return last ? Edges{start_of(day), as_of} : Edges{as_of + 1, shifted(start_of(day + 1), -1)};
}

bool has_anniversary(const ProgramNode& window, std::int64_t time, std::int64_t as_of) noexcept {
  if (time == kInfinity || time == kMinusInfinity) return false;
  Edges days{};
  if (window.op == Opcode::last || window.op == Opcode::next) {
    const std::int64_t today = day_of(as_of);
    const Duration duration(window.body);
    days = window.op == Opcode::last ? Edges{add_days(today, duration, -1), today}
                                     : Edges{today, add_days(today, duration, 1)};
  } else {
    const Edges edges = stated(window, as_of);
    days = {day_of(clamped(edges.from)), day_of(clamped(edges.to))};
  }
  const Date date = date_from_days(day_of(time));
  const auto anniversary = [&](std::int32_t year) {
    return days_from_date({year, date.month, std::min(date.day, days_in_month(year, date.month))});
  };
  // The latest one that is not after the window decides.
  std::int32_t year = date_from_days(days.to).year;
  if (anniversary(year) > days.to) --year;
  return year > date.year && anniversary(year) >= days.from;
}

}  // namespace cdp::core::rule
