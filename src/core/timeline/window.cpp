// src/core/timeline/window.cpp: counts, sums, first and last in a window.
#include "core/timeline/window.hpp"

#include <vector>

namespace cdp::core {

namespace {

bool overlaps(const Folded& part, const Window& window) noexcept {
  return !window.empty() && window.from <= part.horizon && part.first <= window.to;
}

std::optional<Folded> folded_part(const TimelineView& timeline, std::uint32_t name) noexcept {
  return timeline.anything_folded() ? timeline.folded(name) : std::nullopt;
}

// Calls visit(position) for the kept events of a name in the window.
template <typename Visit>
void for_each_kept(const TimelineView& timeline, std::uint32_t name, const Window& window, Visit&& visit) {
  const EventRange range = kept_in(timeline, window);
  for (std::uint32_t i = range.begin; i < range.end; ++i)
    if (timeline.name_of(i) == name) visit(i);
}

// Steps through a column in the order of events.
class Numbers {
 public:
  Numbers(const PropertyColumns& property, const TimelineView& timeline) : property_(property) {
    if (property.numbers()) numbers_ = timeline::PresenceCursor(property.numbers()->presence());
    if (!property.others()) return;
    others_ = timeline::PresenceCursor(property.others()->presence());
    std::uint64_t index = 0;
    timeline.for_each_value([&](Value value) {
      if (value.type == Type::number) {
        if (long_.empty()) first_long_ = index;
        long_.push_back(value.bytes);
      }
      ++index;
    });
  }

  // Calls scaled(mantissa, scale) or decimal(bytes) when the event has a number.
  template <typename Scaled, typename Decimal>
  void visit(std::uint32_t event, Scaled&& scaled, Decimal&& decimal) {
    if (const auto rank = numbers_.find(event)) {
      scaled(property_.numbers()->scaled(*rank), property_.numbers()->scale());
    } else if (const auto other = long_.empty() ? std::nullopt : others_.find(event)) {
      const std::uint64_t index = property_.others()->index(*other);
      if (index >= first_long_ && index - first_long_ < long_.size()) decimal(long_[index - first_long_]);
    }
  }

 private:
  const PropertyColumns& property_;
  std::uint64_t first_long_ = 0;
  std::vector<ByteSpan> long_;  // the dictionary's numbers, which stand together
  timeline::PresenceCursor numbers_, others_;
};

}  // namespace

CountBounds folded_in(const Folded& part, const Window& window) noexcept {
  if (!overlaps(part, window)) return {0, 0};
  const bool first = window.contains(part.first), last = window.contains(part.horizon);
  if (first && last) return {part.count, part.count};
  // One event is at each end of the span, the others are anywhere in it.
  const std::uint64_t inside = (first ? 1 : 0) + (last ? 1 : 0);
  return {inside, inside + part.count - 2};
}

TimeAnswer first_time(const TimelineView& timeline, std::string_view event, const Window& window) noexcept {
  const auto name = timeline.find_name(event);
  if (!name) return {Answer::none};
  if (const auto part = folded_part(timeline, *name); part && overlaps(*part, window)) {
    if (window.contains(part->first)) return {Answer::found, part->first};
    // What is folded and not before the window can only be at its horizon when that is where the window begins, or
    // when there are no others.
    if (window.contains(part->horizon) && (window.from == part->horizon || part->count == 2))
      return {Answer::found, part->horizon};
    if (folded_in(*part, window).most > 0) return {Answer::unknown};
  }
  const EventAnswer kept = first_event(timeline, event, window);
  if (kept.answer != Answer::found) return {kept.answer};
  return {Answer::found, timeline.time(kept.event)};
}

TimeAnswer last_time(const TimelineView& timeline, std::string_view event, const Window& window) noexcept {
  const auto name = timeline.find_name(event);
  if (!name) return {Answer::none};
  const EventAnswer kept = last_event(timeline, event, window);
  if (kept.answer == Answer::found) return {Answer::found, timeline.time(kept.event)};
  const auto part = folded_part(timeline, *name);
  if (!part || folded_in(*part, window).most == 0) return {Answer::none};
  if (window.contains(part->horizon)) return {Answer::found, part->horizon};
  if (window.to == part->first || part->count == 2) return {Answer::found, part->first};
  return {Answer::unknown};
}

EventAnswer first_event(const TimelineView& timeline, std::string_view event, const Window& window) noexcept {
  const auto name = timeline.find_name(event);
  if (!name) return {Answer::none};
  if (const auto part = folded_part(timeline, *name); part && folded_in(*part, window).most > 0)
    return {Answer::unknown};
  const EventRange range = kept_in(timeline, window);
  for (std::uint32_t i = range.begin; i < range.end; ++i)
    if (timeline.name_of(i) == *name) return {Answer::found, i};
  return {Answer::none};
}

EventAnswer last_event(const TimelineView& timeline, std::string_view event, const Window& window) noexcept {
  const auto name = timeline.find_name(event);
  if (!name) return {Answer::none};
  const EventRange range = kept_in(timeline, window);
  // Kept events are not before folded ones.
  for (std::uint32_t i = range.end; i-- > range.begin;)
    if (timeline.name_of(i) == *name) return {Answer::found, i};
  const auto part = folded_part(timeline, *name);
  return {part && folded_in(*part, window).most > 0 ? Answer::unknown : Answer::none};
}

std::optional<NumberTotal> total_of(const TimelineView& timeline, std::string_view event, std::string_view property,
                                    const Window& window, std::pmr::memory_resource* resource) {
  NumberTotal total{timeline::ExactSum(resource), 0};
  const auto name = timeline.find_name(event);
  if (!name) return total;
  if (const auto part = folded_part(timeline, *name)) {
    const CountBounds folded = folded_in(*part, window);
    if (const auto sum = folded.most > 0 ? part->sum(property) : std::nullopt) {
      if (folded.least < part->count) return std::nullopt;
      total.sum.add(sum->total);
      total.count = sum->count;
    }
  }
  const PropertyColumns columns = timeline.property(property);
  if (!columns.any()) return total;
  Numbers numbers(columns, timeline);
  for_each_kept(timeline, *name, window, [&](std::uint32_t i) {
    numbers.visit(
        i,
        [&](std::int64_t mantissa, unsigned scale) {
          ++total.count;
          if (total.sum.add(mantissa, scale)) return;
          Buffer decimal;
          append_decimal(decimal, mantissa, scale);
          total.sum.add(decimal.span());
        },
        [&](ByteSpan decimal) {
          ++total.count;
          total.sum.add(decimal);
        });
  });
  return total;
}

Answer extreme_of(const TimelineView& timeline, std::string_view event, std::string_view property, const Window& window,
                  bool greatest, Buffer& out) {
  const auto name = timeline.find_name(event);
  if (!name) return Answer::none;
  if (const auto part = folded_part(timeline, *name))
    if (folded_in(*part, window).most > 0 && part->sum(property)) return Answer::unknown;
  const PropertyColumns columns = timeline.property(property);
  if (!columns.any()) return Answer::none;
  // Numbers of the one column compare as integers, the others as bytes.
  std::optional<std::int64_t> scaled;
  std::optional<ByteSpan> decimal;
  Numbers numbers(columns, timeline);
  for_each_kept(timeline, *name, window, [&](std::uint32_t i) {
    numbers.visit(
        i,
        [&](std::int64_t mantissa, unsigned) {
          if (!scaled || (greatest ? mantissa > *scaled : mantissa < *scaled)) scaled = mantissa;
        },
        [&](ByteSpan bytes) {
          if (!decimal || (greatest ? compare_bytes(bytes, *decimal) > 0 : compare_bytes(bytes, *decimal) < 0))
            decimal = bytes;
        });
  });
  if (!scaled && !decimal) return Answer::none;
  if (scaled) {
    append_decimal(out, *scaled, columns.numbers()->scale());
  } else {
    out.append(*decimal);
  }
  return Answer::found;
}

}  // namespace cdp::core
