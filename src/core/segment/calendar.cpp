// src/core/segment/calendar.cpp: windows and anniversaries.
#include "core/segment/calendar.hpp"

#include <algorithm>

#include "core/profile/timestamp.hpp"

namespace cdp::core::rule {

namespace {

// Every finite instant, and the days they fall on; a window reaches no further.
constexpr std::int64_t kFirst = kLeastTimestamp, kLast = kEndOfTimestamps - 1;
// Zones differ from UTC by less than two days.
constexpr std::int64_t kReach = 2;

std::int64_t clamped(std::int64_t time) noexcept { return std::clamp(time, kFirst, kLast); }

std::int64_t shifted(std::int64_t time, std::int64_t by) noexcept {
  std::int64_t sum;
  if (__builtin_add_overflow(time, by, &sum)) return by < 0 ? kFirst : kLast;
  return clamped(sum);
}

std::int64_t utc_day_of(std::int64_t time) noexcept {
  const std::int64_t day = time / kMicrosecondsPerDay;
  return time % kMicrosecondsPerDay < 0 ? day - 1 : day;
}

bool is_date(std::int64_t time) noexcept {
  return time != kInfinity && time != kMinusInfinity && time % kMicrosecondsPerDay == 0;
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

// The day `count` units (of days and more) later.
std::int64_t add(std::int64_t day, Unit unit, std::int64_t count) noexcept {
  switch (unit) {
    case Unit::week: return day + 7 * count;
    case Unit::month: return add_months(day, count);
    case Unit::year: return add_months(day, 12 * count);
    default: return day + count;
  }
}

// The first day of the unit that the day lies in.
std::int64_t first_of(std::int64_t day, Unit unit) noexcept {
  constexpr std::int64_t kMonday = 2;  // 2000-01-03
  Date date = date_from_days(day);
  date.day = 1;
  switch (unit) {
    case Unit::week: return day - ((day - kMonday) % 7 + 7) % 7;
    case Unit::year: date.month = 1; [[fallthrough]];
    case Unit::month: return days_from_date(date);
    default: return day;
  }
}

// The first day of a window of whole units, and the one after its last day.
struct Days {
  std::int64_t first, end;
};

Unit unit_of(const ProgramNode& window) noexcept { return static_cast<Unit>(window.body[0]); }

Days days_of_period(const ProgramNode& window, std::int64_t today) noexcept {
  const Unit unit = unit_of(window);
  const std::int64_t back = window.op == Opcode::previous_period ? -1 : (window.op == Opcode::next_period ? 1 : 0);
  const std::int64_t first = add(first_of(today, unit), unit, back);
  return {first, add(first, unit, 1)};
}

// Of the last or next N units, that of today being the first one.
Days days_of_calendar(const ProgramNode& window, std::int64_t today) noexcept {
  const Duration duration(window.body);
  const auto count = static_cast<std::int64_t>(duration.count);
  const std::int64_t first = first_of(today, duration.unit);
  return {add(first, duration.unit, 1 - count), add(first, duration.unit, count)};
}

// Two timestamps of a window; since has its own upper end.
Edges stated(const ProgramNode& window, std::int64_t as_of) noexcept {
  const std::byte* at = window.body.data();
  const std::int64_t from = timestamp_of(trusted_value(at));
  return {from, window.op == Opcode::since ? as_of : timestamp_of(trusted_value(at))};
}

// Whole days, both ends included, when it is `today`. Both ends ascend with that.
Edges days_of(const ProgramNode& window, std::int64_t today, const Calendar& calendar) {
  if (window.op == Opcode::since || window.op == Opcode::between_times) {
    const Edges edges = stated(window, 0);
    const std::int64_t to = window.op == Opcode::since ? today : calendar.date_of(clamped(edges.to));
    return {calendar.date_of(clamped(edges.from)), to};
  }
  if (is_period(window.op)) {
    const Days days = days_of_period(window, today);
    return {days.first, days.end - 1};
  }
  if (window.op == Opcode::last_calendar) return {days_of_calendar(window, today).first, today};
  if (window.op == Opcode::next_calendar) return {today, days_of_calendar(window, today).end - 1};
  const Duration duration(window.body);
  const auto count = static_cast<std::int64_t>(duration.count);
  return window.op == Opcode::last ? Edges{add(today, duration.unit, -count), today}
                                   : Edges{today, add(today, duration.unit, count)};
}

// The start of the first day after `today` of which is(day) is true; from then on it stays true.
template <typename Is>
std::int64_t start_of_first(std::int64_t today, const Calendar& calendar, const Is& is) {
  std::int64_t before = today, step = 1;
  while (!is(before + step)) {
    before += step;
    step *= 2;
    if (step > kLast / kMicrosecondsPerDay) return kInfinity;
  }
  std::int64_t after = before + step;
  while (after - before > 1) {
    const std::int64_t middle = before + (after - before) / 2;
    (is(middle) ? after : before) = middle;
  }
  return after > kLast / kMicrosecondsPerDay - kReach ? kInfinity : calendar.start_of(after);
}

}  // namespace

std::int64_t Calendar::start_of(std::int64_t day) const {
  constexpr std::int64_t kFirstDay = kFirst / kMicrosecondsPerDay + kReach,
                         kLastDay = kLast / kMicrosecondsPerDay - kReach;
  if (day < kFirstDay || day > kLastDay || is_utc()) {
    std::int64_t time;
    if (__builtin_mul_overflow(day, kMicrosecondsPerDay, &time)) return day < 0 ? kFirst : kLast;
    return clamped(time);
  }
  return zones_->start_of_day(zone_, day);
}

std::int64_t Calendar::day_of(std::int64_t time) const {
  const std::int64_t day = utc_day_of(time);
  if (is_utc()) return day;
  std::int64_t begun = day - kReach, not_begun = day + kReach + 1;
  for (std::int64_t probe = day; not_begun - begun > 1; probe = begun + (not_begun - begun) / 2)
    (start_of(probe) <= time ? begun : not_begun) = probe;
  return begun;
}

std::int64_t Calendar::instant_of(std::int64_t stated) const {
  return is_utc() || !is_date(stated) ? stated : start_of(utc_day_of(stated));
}

std::int64_t Calendar::date_of(std::int64_t stated) const {
  return is_date(stated) ? utc_day_of(stated) : day_of(stated);
}

std::int64_t microseconds(const Duration& duration) noexcept {
  return static_cast<std::int64_t>(duration.count) * microseconds_in(duration.unit);
}

bool is_of_days(const ProgramNode& window) noexcept {
  if (window.op == Opcode::last || window.op == Opcode::next) return !is_fixed(unit_of(window));
  if (window.op != Opcode::since && window.op != Opcode::between_times) return true;
  const Edges edges = stated(window, 1);
  return is_date(edges.from) || is_date(edges.to);
}

Edges edges_of(const ProgramNode& window, std::int64_t as_of, const Calendar& calendar) {
  const bool last = window.op == Opcode::last || window.op == Opcode::last_calendar;
  if (window.op == Opcode::since || window.op == Opcode::between_times) {
    const Edges edges = stated(window, as_of);
    return {calendar.instant_of(edges.from), window.op == Opcode::since ? as_of : calendar.instant_of(edges.to)};
  }
  if ((window.op == Opcode::last || window.op == Opcode::next) && is_fixed(unit_of(window))) {
    const std::int64_t reach = microseconds(Duration(window.body));
    return last ? Edges{shifted(as_of, -reach) + 1, as_of} : Edges{as_of + 1, shifted(as_of, reach)};
  }
  const Edges days = days_of(window, calendar.day_of(as_of), calendar);
  if (last) return {calendar.start_of(days.from), as_of};
  const std::int64_t to = shifted(calendar.start_of(days.to + 1), -1);
  return {is_period(window.op) ? calendar.start_of(days.from) : as_of + 1, to};
}

namespace {

std::int64_t anniversary_in(std::int32_t year, const Date& date) noexcept {
  return days_from_date({year, date.month, std::min(date.day, days_in_month(year, date.month))});
}

// The year of the latest one that is not after `day`.
std::int32_t year_until(std::int64_t day, const Date& date) noexcept {
  const std::int32_t year = date_from_days(day).year;
  return anniversary_in(year, date) > day ? year - 1 : year;
}

}  // namespace

bool has_anniversary(const ProgramNode& window, std::int64_t time, std::int64_t as_of, const Calendar& calendar) {
  if (time == kInfinity || time == kMinusInfinity) return false;
  const Edges days = days_of(window, calendar.day_of(as_of), calendar);
  const Date date = date_from_days(calendar.date_of(time));
  const std::int32_t year = year_until(days.to, date);
  return year > date.year && anniversary_in(year, date) >= days.from;
}

std::int64_t next_anniversary(const ProgramNode& window, std::int64_t time, std::int64_t as_of,
                              const Calendar& calendar) {
  if (time == kInfinity || time == kMinusInfinity) return kInfinity;
  const std::int64_t today = calendar.day_of(as_of);
  const Edges days = days_of(window, today, calendar);
  const Date date = date_from_days(calendar.date_of(time));
  const std::int32_t year = std::max(year_until(days.to, date), date.year);
  if (year > date.year && anniversary_in(year, date) >= days.from)
    return start_of_first(today, calendar, [&, latest = anniversary_in(year, date)](std::int64_t day) {
      return days_of(window, day, calendar).from > latest;
    });
  return start_of_first(today, calendar, [&, next = anniversary_in(year + 1, date)](std::int64_t day) {
    return days_of(window, day, calendar).to >= next;
  });
}

std::int64_t next_crossing(const ProgramNode& window, std::int64_t time, std::int64_t as_of, const Calendar& calendar,
                           bool seen) {
  const std::int64_t reach =
      has_duration(window.op) && is_fixed(unit_of(window)) ? microseconds(Duration(window.body)) : 0;
  const Edges edges = edges_of(window, as_of, calendar);
  const bool later = time > as_of;
  switch (window.op) {
    case Opcode::since: return later && time >= edges.from ? time : kInfinity;
    case Opcode::between_times: return seen && later && edges.contain(time) ? time : kInfinity;
    case Opcode::last:
      if (later) return time;
      if (is_fixed(unit_of(window))) return edges.contain(time) ? shifted(time, reach) : kInfinity;
      break;
    case Opcode::last_calendar:
      if (later) return time;
      break;
    case Opcode::next:
    case Opcode::next_calendar:
      if (!later) return kInfinity;
      if (edges.contain(time)) return time;
      if (window.op == Opcode::next && is_fixed(unit_of(window))) return shifted(time, -reach);
      break;
    default: break;
  }
  if (time < edges.from && window.op != Opcode::next && window.op != Opcode::next_calendar) return kInfinity;
  const std::int64_t today = calendar.day_of(as_of), day = calendar.day_of(clamped(time));
  if (edges.contain(time)) {
    const std::int64_t leaves =
        start_of_first(today, calendar, [&](std::int64_t one) { return days_of(window, one, calendar).from > day; });
    return seen && later ? time : leaves;
  }
  const std::int64_t enters =
      start_of_first(today, calendar, [&](std::int64_t one) { return days_of(window, one, calendar).to >= day; });
  return seen && later ? std::max(enters, time) : enters;
}

}  // namespace cdp::core::rule
