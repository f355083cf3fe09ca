// src/core/segment/event_funnel.cpp: funnels, over names of events or over conditions on them.
#include <algorithm>
#include <array>
#include <bit>

#include "core/segment/behaviour.hpp"
#include "core/segment/calendar.hpp"
#include "core/timeline/funnel.hpp"

namespace cdp::core {

namespace rule {

namespace {

// The events in a window as a funnel reads them.
class EventsIn {
 public:
  EventsIn(const TimelineView& timeline, const Window& window)
      : timeline_(timeline), window_(window), range_(kept_in(timeline, window)) {
    folded_ = false;
    if (timeline.anything_folded()) for_each_folded([this](std::uint32_t, const Folded&) { folded_ = true; });
  }
  std::uint32_t first() const noexcept { return range_.begin; }
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

// The same for steps with conditions. The names are the numbers of the steps; an event has the name of each step whose
// condition it meets, and that of none when it meets no condition.
class FilteredEvents : public EventsIn {
 public:
  FilteredEvents(const TimelineView& timeline, const Window& window, const std::pmr::vector<EventSubject>& steps,
                 EventDictionary& dictionary, const Evaluator& evaluator, std::pmr::memory_resource* resource)
      : EventsIn(timeline, window),
        dictionary_(dictionary),
        evaluator_(evaluator),
        resource_(resource),
        steps_(steps.size(), resource) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      steps_[i].filter = steps[i].filter;
      steps_[i].name = timeline.find_name(steps[i].event);
    }
  }

  static std::string_view number(std::size_t step) noexcept { return {&kNumbers[step], 1}; }
  std::uint32_t none() const noexcept { return static_cast<std::uint32_t>(steps_.size()); }
  std::uint32_t name_count() const noexcept { return none() + 1; }
  template <typename Visit>
  void for_each_name(Visit&& visit) const {
    for (std::size_t i = 0; i <= steps_.size(); ++i) visit(number(i));
  }
  // What is folded may meet the conditions.
  template <typename Visit>
  void for_each_folded(Visit&& visit) const {
    EventsIn::for_each_folded([&](std::uint32_t name, const Folded& part) {
      bool any = false;
      for (std::uint32_t i = 0; i < none(); ++i) {
        if (steps_[i].name != name) continue;
        visit(i, part);
        any = true;
      }
      if (!any) visit(none(), part);
    });
  }

  // A bit for each step whose condition the event meets.
  std::uint64_t suits(std::uint32_t event) const {
    const std::uint32_t name = name_of(event);
    std::uint64_t bits = 0;
    for (std::uint32_t i = 0; i < none(); ++i) {
      Step& step = steps_[i];
      if (step.name != name) continue;
      if (step.filter && !step.bound) step.bound.emplace(*step.filter, dictionary_, evaluator_, resource_);
      if (!step.filter || step.bound->has(first() + event)) bits |= std::uint64_t{1} << i;
    }
    return bits;
  }

 private:
  struct Step {
    std::optional<ProgramNode> filter;
    std::optional<std::uint32_t> name;
    std::optional<EventFilter> bound;  // once it was needed
  };
  static constexpr auto kNumbers = [] {
    std::array<char, kMostSteps + 1> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<char>(i);
    return numbers;
  }();

  EventDictionary& dictionary_;
  const Evaluator& evaluator_;
  std::pmr::memory_resource* resource_;
  mutable std::pmr::vector<Step> steps_;
};

FunnelModes modes_of(std::uint8_t bits) noexcept {
  return {(bits & funnel_mode::kDeduplication) != 0, (bits & funnel_mode::kOrder) != 0,
          (bits & funnel_mode::kOnce) != 0, (bits & funnel_mode::kIncrease) != 0, (bits & funnel_mode::kReentry) != 0};
}

}  // namespace

}  // namespace rule

template <>
class StepEvents<rule::FilteredEvents> {
 public:
  static constexpr bool kShared = true;

  StepEvents(const rule::FilteredEvents& events, const Steps&, bool all) : events_(events), all_(all) { next(); }

  bool done() const noexcept { return at_ > events_.size(); }
  std::int64_t time() const noexcept { return time_; }
  std::uint32_t name() const noexcept { return name_; }
  std::uint64_t suits() const noexcept { return suits_; }

  void next() {
    suits_ = 0;
    if (left_ == 0 && !advance()) return;
    name_ = left_ == 0 ? Steps::kNone : static_cast<std::uint32_t>(std::countr_zero(left_));
    left_ &= left_ - 1;
  }

 private:
  bool advance() {
    for (; at_ < events_.size(); ++at_) {
      left_ = suits_ = events_.suits(at_);
      if (left_ == 0 && !all_) continue;
      time_ = events_.time(at_++);
      return true;
    }
    at_ = events_.size() + 1;
    return false;
  }

  const rule::FilteredEvents& events_;
  const bool all_;
  std::uint32_t at_ = 0, name_ = Steps::kNone;
  std::int64_t time_ = 0;
  std::uint64_t suits_ = 0, left_ = 0;  // of the event; what of it is still to come
};

namespace rule {

CountBounds Behaviour::funnel(const ProgramNode& subject) {
  const FunnelParts parts(subject);
  std::pmr::vector<EventSubject> steps(&room_);
  bool filtered = false;
  any_child(parts.parts, [&](const ProgramNode& part) {
    if (part.op == Opcode::step) steps.emplace_back(part);
    filtered = filtered || (part.op == Opcode::step && steps.back().filter);
    return false;
  });
  const Window in = window_of(window_in(subject));
  std::pmr::vector<std::string_view> names(&room_);
  Funnel funnel(&room_);
  const auto bounds = [&](const auto& events) -> CountBounds {
    funnel.define(names, modes_of(parts.modes));
    const auto limit = static_cast<core::Duration>(microseconds(parts.within));
    FunnelBounds bounds = funnel.bounds(events, limit, evaluator_.poll());
    if (!events.anything_folded()) return {bounds.least, bounds.most};
    // A first step that is folded need not be in the window, nor meet its condition.
    const auto first = timeline_.find_name(steps.front().event);
    const auto part = first ? timeline_.folded(*first) : std::nullopt;
    if (part && (steps.front().filter || folded_in(*part, in).least == 0))
      bounds.least = std::min(bounds.least, funnel.depth(events, limit, evaluator_.poll()));
    return {bounds.least, bounds.most};
  };
  if (!filtered) {
    for (const EventSubject& step : steps) names.push_back(step.event);
    return bounds(EventsIn(timeline_, in));
  }
  for (std::size_t i = 0; i < steps.size(); ++i) names.push_back(FilteredEvents::number(i));
  return bounds(FilteredEvents(timeline_, in, steps, dictionary_, evaluator_, &room_));
}

}  // namespace rule

}  // namespace cdp::core
