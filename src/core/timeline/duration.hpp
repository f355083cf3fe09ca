// Fixed durations between the times of events.
#pragma once

#include <cstdint>

#include "core/profile/timestamp.hpp"

namespace cdp::core {

// Microseconds. Longer than any two finite times are apart would say nothing more.
using Duration = std::uint64_t;
inline constexpr Duration kLongestDuration = 9'000'000'000'000'000'000;

// Whether `time` lies at most `limit` after `start`, which is not after it. An infinite time is near to itself alone.
inline bool within(std::int64_t time, std::int64_t start, Duration limit) noexcept {
  return static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(start) <= limit &&
         (time != kInfinity || start == kInfinity);
}

inline bool is_finite(std::int64_t time) noexcept { return time != kInfinity && time != kMinusInfinity; }

// time + duration, no further than infinity.
inline std::int64_t later(std::int64_t time, Duration duration) noexcept {
  const auto room = static_cast<std::uint64_t>(kInfinity) - static_cast<std::uint64_t>(time);
  return duration >= room ? kInfinity : static_cast<std::int64_t>(static_cast<std::uint64_t>(time) + duration);
}

// time - duration, no further than minus infinity.
inline std::int64_t earlier(std::int64_t time, Duration duration) noexcept {
  const auto room = static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(kMinusInfinity);
  return duration >= room ? kMinusInfinity : static_cast<std::int64_t>(static_cast<std::uint64_t>(time) - duration);
}

}  // namespace cdp::core
