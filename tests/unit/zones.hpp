// Time zones for tests, with changes such as real ones have made, and their days by looking at every hour.
#pragma once

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/profile/timestamp.hpp"
#include "core/segment/zones.hpp"

namespace cdp::core::test {

inline constexpr std::int64_t kZoneHour = 3'600'000'000;

// Hours of the offset before and after the change, which is so many hours after 2026-03-20.
struct TestZone {
  std::string_view name;
  int before, after, change;
};

inline constexpr TestZone kTestZones[] = {
    {"Test/East", 3, 3, 0},
    {"Test/West", -8, -8, 0},
    {"Test/Skip", -3, -2, 3},   // 00:00 becomes 01:00
    {"Test/Repeat", 3, 1, 22},  // 01:00 becomes 23:00 of the day before
    {"Test/Jump", -10, 14, 34}  // a date is left out
};

inline const TestZone* find_test_zone(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kTestZones), std::end(kTestZones), [&](const auto& zone) { return zone.name == name; });
  return found == std::end(kTestZones) ? nullptr : found;
}

inline std::int64_t naive_floor(std::int64_t time, std::int64_t unit) {
  return time / unit - (time % unit < 0 ? 1 : 0);
}

// Of UTC when there is no zone.
inline std::int64_t local_date(const TestZone* zone, std::int64_t time) {
  static const std::int64_t kBase = parse_timestamp("2026-03-20").value();
  const int offset = zone == nullptr ? 0 : (time < kBase + zone->change * kZoneHour ? zone->before : zone->after);
  return naive_floor(time + offset * kZoneHour, kMicrosecondsPerDay);
}

inline std::int64_t naive_start(const TestZone* zone, std::int64_t day) {
  std::int64_t time = day * kMicrosecondsPerDay - 60 * kZoneHour;
  while (local_date(zone, time) < day) time += kZoneHour;
  return time;
}

inline std::int64_t naive_day(const TestZone* zone, std::int64_t time) {
  std::int64_t latest = local_date(zone, time);
  for (int hour = 0; hour < 60; ++hour)
    latest = std::max(latest, local_date(zone, (naive_floor(time, kZoneHour) - hour) * kZoneHour));
  return latest;
}

// What a rule's calendar says: of UTC, of a zone, or nothing.
struct NaiveCalendar {
  const TestZone* zone = nullptr;
  bool known = true;

  std::int64_t start(std::int64_t day) const {
    static std::map<std::pair<const TestZone*, std::int64_t>, std::int64_t> known;
    const auto [at, is_new] = known.try_emplace({zone, day});
    return is_new ? at->second = naive_start(zone, day) : at->second;
  }
  std::int64_t day(std::int64_t time) const {
    static std::map<std::pair<const TestZone*, std::int64_t>, std::int64_t> known;
    const auto [at, is_new] = known.try_emplace({zone, time});
    return is_new ? at->second = naive_day(zone, time) : at->second;
  }
  static bool is_date(std::int64_t time) {
    return naive_floor(time, kMicrosecondsPerDay) * kMicrosecondsPerDay == time;
  }
  std::int64_t instant(std::int64_t stated) const {
    return is_date(stated) ? start(naive_floor(stated, kMicrosecondsPerDay)) : stated;
  }
};

inline constexpr Zones kZonesOfTests = {
    [](std::string_view name) -> Zones::Handle { return find_test_zone(name); },
    [](Zones::Handle zone) { return static_cast<const TestZone*>(zone)->name; },
    [](Zones::Handle zone, std::int64_t day) { return NaiveCalendar{static_cast<const TestZone*>(zone)}.start(day); }};

// The first day of the day's week, month or year, one day after the other.
inline std::int64_t naive_first(std::int64_t day, char unit) {
  const auto is_first = [unit](std::int64_t one) {
    const Date date = date_from_days(one);
    if (unit == 'w') return naive_floor(one - 2, 7) * 7 + 2 == one;
    return unit == 'd' || (date.day == 1 && (unit == 'm' || date.month == 1));
  };
  while (!is_first(day)) --day;
  return day;
}
inline std::int64_t naive_next(std::int64_t first, char unit) {
  do ++first;
  while (naive_first(first, unit) != first);
  return first;
}

// A window of whole units: from `from` units after the one of the day to the end of `to` units after it.
inline std::pair<std::int64_t, std::int64_t> naive_units(std::int64_t day, char unit, int from, int to) {
  static std::map<std::tuple<std::int64_t, char, int, int>, std::pair<std::int64_t, std::int64_t>> known;
  const auto [at, is_new] = known.try_emplace({day, unit, from, to});
  if (!is_new) return at->second;
  std::int64_t first = naive_first(day, unit), end = naive_next(first, unit);
  for (; from < 0; ++from) first = naive_first(first - 1, unit);
  for (; from > 0; --from) first = naive_next(first, unit);
  for (; to < 0; ++to) end = naive_first(end - 1, unit);
  for (; to > 0; --to) end = naive_next(end, unit);
  return at->second = {first, end};
}

// Windows of every kind, for rules on attributes about 2026-03-20.
inline constexpr const char* kWindowsOfAttributes[] = {
    "today",
    "yesterday",
    "tomorrow",
    "this week",
    "previous week",
    "next month",
    "this year",
    "previous month",
    "last 3 calendar days",
    "next 2 calendar weeks",
    "last 2 calendar months",
    "last 1 month",
    "next 1 month",
    "last 12 days",
    "next 10 days",
    "last 2 days",
    "since date \"2026-03-19\"",
    "between date \"2026-03-19\" and timestamp \"2026-03-21T05:00:00Z\""};

}  // namespace cdp::core::test
