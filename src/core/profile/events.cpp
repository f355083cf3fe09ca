// src/core/profile/events.cpp: attaching events to a profile, and summing them up.
#include "core/profile/events.hpp"

#include "core/profile/format.hpp"
#include "core/profile/layout.hpp"
#include "core/timeline/builder.hpp"

namespace cdp::core {

namespace {

constexpr std::size_t kTotals = static_cast<std::size_t>(Section::totals),
                      kTimeline = static_cast<std::size_t>(Section::timeline);

SectionSpans sections_of(const ProfileView& profile) noexcept {
  SectionSpans spans{};
  for (std::size_t i = 0; i < kSectionCount; ++i) spans[i] = profile.section(static_cast<Section>(i));
  return spans;
}

}  // namespace

bool is_empty_timeline(ByteSpan timeline) noexcept {
  return load_le<std::uint32_t>(timeline.data() + timeline::kCount) == 0 &&
         load_le<std::uint16_t>(timeline.data() + timeline::kFlags) == 0;
}

void attach(const ProfileView& profile, ByteSpan timeline, Buffer& out, std::pmr::memory_resource* resource,
            const Poll& poll) {
  SectionSpans sections = sections_of(profile);
  sections[kTotals] = {};
  Buffer merged(resource);
  if (sections[kTimeline].empty()) {
    if (!is_empty_timeline(timeline)) sections[kTimeline] = timeline;
  } else if (!is_empty_timeline(timeline)) {
    TimelineBuilder builder(resource);
    builder.add_timeline(TimelineView(sections[kTimeline]), poll);
    builder.add_timeline(TimelineView(timeline), poll);
    builder.write(merged, poll);
    sections[kTimeline] = merged.span();
  }
  append_with_sections(profile, sections, 0, out);
}

void detach(const ProfileView& profile, Buffer& out, std::pmr::memory_resource* resource, const Poll& poll) {
  SectionSpans sections = sections_of(profile);
  Buffer room(resource), written(resource);
  if (!sections[kTimeline].empty()) {
    Totals totals(resource);
    totals.add_section(sections[kTotals], poll);
    add_events(sections[kTimeline], totals, room, resource, poll);
    totals.write(written, poll);
    sections[kTotals] = written.span();
    sections[kTimeline] = {};
  }
  append_with_sections(profile, sections, format::kDetached, out);
}

void add_events(ByteSpan timeline, Totals& to, Buffer& room, std::pmr::memory_resource* resource, const Poll& poll) {
  // A timeline that keeps no event is the totals of all of them.
  TimelineBuilder builder(resource);
  builder.add_timeline(TimelineView(timeline), poll);
  builder.limit_keep(0);
  builder.write(room, poll);
  const TimelineView folded(room.span());
  std::pmr::vector<std::string_view> names(resource);
  folded.for_each_name([&names](std::string_view name) { names.push_back(name); });
  folded.for_each_folded([&](std::uint32_t name, const Folded& part) {
    to.add({names[name], {}, part.count, part.first, part.horizon, {}});
    part.for_each_sum([&](const Folded::Sum& sum) { to.add({names[name], sum.key, sum.count, 0, 0, sum.total}); });
  });
}

}  // namespace cdp::core
