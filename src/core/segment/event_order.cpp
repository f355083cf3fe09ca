// src/core/segment/event_order.cpp: funnels and sequences.
#include <algorithm>

#include "core/segment/behaviour.hpp"
#include "core/segment/calendar.hpp"
#include "core/segment/chain.hpp"
#include "core/timeline/funnel.hpp"

namespace cdp::core::rule {

namespace {

// The events in a window as a funnel reads them.
class EventsIn {
 public:
  EventsIn(const TimelineView& timeline, const Window& window)
      : timeline_(timeline), window_(window), range_(kept_in(timeline, window)) {
    folded_ = false;
    if (timeline.anything_folded()) for_each_folded([this](std::uint32_t, const Folded&) { folded_ = true; });
  }
  std::uint32_t size() const noexcept { return range_.end - range_.begin; }
  std::uint32_t name_of(std::uint32_t event) const noexcept { return timeline_.name_of(range_.begin + event); }
  std::int64_t time(std::uint32_t event) const noexcept { return timeline_.time(range_.begin + event); }
  std::uint32_t name_count() const noexcept { return timeline_.name_count(); }
  template <typename Visit>
  void for_each_name(Visit&& visit) const {
    timeline_.for_each_name(visit);
  }
  bool anything_folded() const noexcept { return folded_; }
  // Those parts that may be in the window, with when they may be there.
  template <typename Visit>
  void for_each_folded(Visit&& visit) const {
    timeline_.for_each_folded([&](std::uint32_t name, const Folded& part) {
      if (folded_in(part, window_).most == 0) return;
      Folded inside = part;
      inside.first = std::max(part.first, window_.from);
      inside.horizon = std::min(part.horizon, window_.to);
      visit(name, inside);
    });
  }

 private:
  const TimelineView& timeline_;
  Window window_;
  EventRange range_;
  bool folded_;
};

FunnelModes modes_of(std::uint8_t bits) noexcept {
  return {(bits & funnel_mode::kDeduplication) != 0, (bits & funnel_mode::kOrder) != 0,
          (bits & funnel_mode::kOnce) != 0, (bits & funnel_mode::kIncrease) != 0, (bits & funnel_mode::kReentry) != 0};
}

}  // namespace

CountBounds Behaviour::funnel(const ProgramNode& subject) {
  const FunnelParts parts(subject);
  std::pmr::vector<std::string_view> steps(&room_);
  std::optional<ProgramNode> window;
  any_child(parts.parts, [&](const ProgramNode& part) {
    if (part.op == Opcode::step) steps.push_back(EventSubject(part).event);
    if (is_window(part.op)) window = part;
    return false;
  });
  const Window in = window_of(window);
  const EventsIn events(timeline_, in);
  Funnel funnel(&room_);
  funnel.define(steps, modes_of(parts.modes));
  const auto limit = static_cast<core::Duration>(microseconds(parts.within));
  FunnelBounds bounds = funnel.bounds(events, limit, evaluator_.poll());
  if (!events.anything_folded()) return {bounds.least, bounds.most};
  // A first step that is folded need not be in the window.
  const auto first = timeline_.find_name(steps.front());
  const auto part = first ? timeline_.folded(*first) : std::nullopt;
  if (part && folded_in(*part, in).least == 0) bounds.least = std::min(bounds.least, funnel.depth(events, limit, {}));
  return {bounds.least, bounds.most};
}

namespace {

// A step or absence, bound to a timeline.
struct Part {
  std::optional<EventSubject> subject;
  std::optional<std::uint32_t> name;
  std::optional<EventFilter> filter;
  std::uint64_t bit = 0;

  bool is_absence() const noexcept { return subject->op == Opcode::absence; }
};

std::optional<core::Duration> length_of(const std::optional<ProgramNode>& duration) noexcept {
  return duration ? std::optional(static_cast<core::Duration>(microseconds(Duration(duration->body)))) : std::nullopt;
}

}  // namespace

Truth Behaviour::sequence(const ProgramNode& subject) {
  std::size_t count = 0;
  std::optional<ProgramNode> last;
  any_child(subject.body, [&](const ProgramNode& part) {
    is_window(part.op) ? void(last = part) : void(++count);
    return false;
  });
  const Window window = window_of(last);
  const std::int64_t as_of = evaluator_.as_of();
  std::pmr::vector<Part> parts(count, &room_);
  Chain chain(&room_);
  bool possible = !window.empty(), step_folded = false, absence_folded = false;
  const auto add = [&](Part& part, const ProgramNode& node) {
    part.subject.emplace(node);
    part.name = timeline_.find_name(part.subject->event);
    const auto folded = part.name && timeline_.anything_folded() ? timeline_.folded(*part.name) : std::nullopt;
    const auto within = length_of(part.subject->within);
    if (part.is_absence()) {
      part.bit = std::uint64_t{1} << chain.absence_count();
      const bool matters = folded && folded_in(*folded, {kMinusInfinity, as_of}).most > 0;
      absence_folded = absence_folded || matters;
      chain.add_absence(
          within, matters ? std::optional(std::pair(folded->first, std::min(folded->horizon, as_of))) : std::nullopt);
    } else {
      part.bit = std::uint64_t{1} << chain.step_count();
      possible = possible && part.name;
      step_folded = step_folded || (folded && folded_in(*folded, window).most > 0);
      chain.add_step(within);
    }
  };
  any_child(subject.body, [&, next = parts.begin()](const ProgramNode& node) mutable {
    if (!is_window(node.op)) add(*next++, node);
    return false;
  });
  if (!possible) return Truth::no;

  const auto matches = [&](std::uint32_t event) {
    Chain::Matches matches;
    const std::uint32_t name = timeline_.name_of(event);
    for (Part& part : parts) {
      if (part.name != name || (!part.is_absence() && timeline_.time(event) > window.to)) continue;
      if (part.subject->filter) {
        if (!part.filter) part.filter.emplace(*part.subject->filter, dictionary_, evaluator_, &room_);
        if (!part.filter->has(event)) continue;
      }
      (part.is_absence() ? matches.absences : matches.steps) |= part.bit;
    }
    return matches;
  };
  const auto time = [this](std::uint32_t event) { return timeline_.time(event); };
  const EventRange range = kept_in(timeline_, {window.from, as_of});
  const auto found = [&](bool doubtful) {
    return chain.found(range.begin, range.end, matches, time, as_of, doubtful, evaluator_.poll());
  };
  if (found(true)) return Truth::yes;
  if (step_folded) return Truth::unknown;
  return absence_folded && found(false) ? Truth::unknown : Truth::no;
}

}  // namespace cdp::core::rule
