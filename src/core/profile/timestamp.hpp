// Instants as text: ISO 8601 in UTC, proleptic Gregorian calendar, independent of any setting.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/bytes/buffer.hpp"

namespace cdp::core {

// Microseconds since 2000-01-01 00:00 UTC; the extremes of int64 are the infinities.
inline constexpr std::int64_t kMinusInfinity = INT64_MIN, kInfinity = INT64_MAX;
inline constexpr std::int64_t kMicrosecondsPerDay = 86'400'000'000;
// The server's range of timestamps: 4713 BC to 294276 AD.
inline constexpr std::int64_t kLeastTimestamp = -211'813'488'000'000'000, kEndOfTimestamps = 9'223'371'331'200'000'000;

inline bool is_timestamp(std::int64_t time) noexcept {
  return time == kMinusInfinity || time == kInfinity || (time >= kLeastTimestamp && time < kEndOfTimestamps);
}

// "2026-01-31T10:00:00Z", fractions only when there are any; years before 1 and after 9999 signed and
// astronomical ("-0043-03-15T00:00:00Z"); "infinity", "-infinity".
void print_timestamp(std::int64_t time, Buffer& out);
// The same, of a midnight the date alone: "2026-01-31". Tells whether it is one.
bool print_date_or_timestamp(std::int64_t time, Buffer& out);

// Reads that, and offsets ("+03:00"), a date alone, a space for T; without an offset it is UTC. Nothing when it is no
// instant, or beyond the range, which `out_of_range` tells apart.
std::optional<std::int64_t> parse_timestamp(std::string_view text, bool* out_of_range = nullptr) noexcept;

struct Date {
  std::int32_t year, month, day;  // astronomical year; month and day from 1
};

// Days since 2000-01-01 and back; Howard Hinnant's days_from_civil algorithm.
std::int64_t days_from_date(Date date) noexcept;
Date date_from_days(std::int64_t days) noexcept;

}  // namespace cdp::core
