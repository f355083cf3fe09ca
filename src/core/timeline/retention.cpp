// src/core/timeline/retention.cpp
#include "core/timeline/retention.hpp"

#include <algorithm>

namespace cdp::core {

namespace {

// The first event of a name, kept or folded: folded ones are not after kept ones.
std::optional<std::int64_t> first_of(const TimelineView& timeline, std::uint32_t name) {
  if (const auto part = timeline.folded(name)) return part->first;
  for (std::uint32_t event = 0; event < timeline.size(); ++event)
    if (timeline.name_of(event) == name) return timeline.time(event);
  return std::nullopt;
}

}  // namespace

bool retention(const TimelineView& timeline, std::string_view cohort, std::string_view event, Duration period,
               std::uint32_t periods, std::pmr::vector<Returned>& returned, const Poll& poll) {
  const auto cohort_name = timeline.find_name(cohort);
  const auto start = cohort_name ? first_of(timeline, *cohort_name) : std::nullopt;
  if (!start) return false;
  returned.assign(periods, is_finite(*start) ? Returned::no : Returned::unknown);
  const auto name = timeline.find_name(event);
  if (!name || !is_finite(*start)) return true;

  // The period of a time that is not before the start; at least `periods` when it is behind the last one.
  const auto period_of = [&](std::int64_t time) -> std::uint64_t {
    if (time == kInfinity) return periods;
    return (static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(*start)) / period;
  };
  if (const auto part = timeline.folded(*name); part && part->horizon >= *start) {
    const std::uint64_t least = part->first < *start ? 0 : period_of(part->first);
    const std::uint64_t most = period_of(part->horizon);
    if (part->count > 2)  // others stood somewhere between
      for (std::uint64_t i = least; i <= most && i < periods; ++i) returned[i] = Returned::unknown;
    if (part->first >= *start && least < periods) returned[least] = Returned::yes;
    if (most < periods) returned[most] = Returned::yes;
  }
  for (std::uint32_t i = timeline.lower_bound(*start); i < timeline.size(); ++i) {
    poll();
    if (timeline.name_of(i) != *name) continue;
    const std::uint64_t at = period_of(timeline.time(i));
    if (at >= periods) break;
    returned[at] = Returned::yes;
  }
  return true;
}

}  // namespace cdp::core
