// What a timeline says of the events of one name in a window of time. Where folded events may lie in the window the
// answer is an interval, or unknown; it is never guessed.
#pragma once

#include <algorithm>
#include <memory_resource>
#include <optional>
#include <string_view>

#include "core/timeline/exact_sum.hpp"
#include "core/timeline/view.hpp"

namespace cdp::core {

// Microseconds since 2000-01-01 UTC, both ends included.
struct Window {
  std::int64_t from = INT64_MIN, to = INT64_MAX;

  static constexpr Window none() noexcept { return {INT64_MAX, INT64_MIN}; }
  bool empty() const noexcept { return from > to; }
  bool contains(std::int64_t time) const noexcept { return from <= time && time <= to; }
};

struct CountBounds {
  std::uint64_t least, most;
  bool exact() const noexcept { return least == most; }
};

// How many of the folded events lie in the window: one is known to be at each end of their span.
CountBounds folded_in(const Folded& part, const Window& window) noexcept;

// Positions of the kept events in the window, of whatever name.
struct EventRange {
  std::uint32_t begin, end;
};
inline EventRange kept_in(const TimelineView& timeline, const Window& window) noexcept {
  if (window.empty()) return {0, 0};
  return {window.from == INT64_MIN ? 0 : timeline.lower_bound(window.from),
          window.to == INT64_MAX ? timeline.size() : timeline.upper_bound(window.to)};
}

inline CountBounds count_events(const TimelineView& timeline, std::string_view event, const Window& window) noexcept {
  const auto name = timeline.find_name(event);
  if (!name) return {0, 0};
  const EventRange range = kept_in(timeline, window);
  std::uint64_t kept = 0;
  if (timeline.name_count() == 1) {
    kept = range.end - range.begin;
  } else {
    for (std::uint32_t i = range.begin; i < range.end; ++i) kept += timeline.name_of(i) == *name ? 1 : 0;
  }
  if (!timeline.anything_folded()) [[likely]]
    return {kept, kept};
  const auto part = timeline.folded(*name);
  if (!part) return {kept, kept};
  const CountBounds folded = folded_in(*part, window);
  return {kept + folded.least, kept + folded.most};
}

// The answer, nothing, or that it is unknown.
enum class Answer : std::uint8_t { found, none, unknown };

struct TimeAnswer {
  Answer answer;
  std::int64_t time = 0;
};
TimeAnswer first_time(const TimelineView& timeline, std::string_view event, const Window& window) noexcept;
TimeAnswer last_time(const TimelineView& timeline, std::string_view event, const Window& window) noexcept;

struct EventAnswer {
  Answer answer;
  std::uint32_t event = 0;  // its position
};
EventAnswer first_event(const TimelineView& timeline, std::string_view event, const Window& window) noexcept;
EventAnswer last_event(const TimelineView& timeline, std::string_view event, const Window& window) noexcept;

// The sum of a property over the events that have a number there, and how many they are. Nothing when it is unknown.
struct NumberTotal {
  timeline::ExactSum sum;
  std::uint64_t count;
};
std::optional<NumberTotal> total_of(const TimelineView& timeline, std::string_view event, std::string_view property,
                                    const Window& window, std::pmr::memory_resource* resource);

// The least or the greatest of these numbers; a decimal, in `out`.
Answer extreme_of(const TimelineView& timeline, std::string_view event, std::string_view property, const Window& window,
                  bool greatest, Buffer& out);

}  // namespace cdp::core
