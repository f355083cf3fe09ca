// src/core/segment/event_order.cpp: sequences.
#include <algorithm>

#include "core/segment/behaviour.hpp"
#include "core/segment/calendar.hpp"
#include "core/segment/chain.hpp"

namespace cdp::core::rule {

namespace {

std::optional<core::Duration> length_of(const std::optional<ProgramNode>& duration) noexcept {
  return duration ? std::optional(static_cast<core::Duration>(microseconds(Duration(duration->body)))) : std::nullopt;
}

// The steps of a sequence, bound to a timeline.
class BoundSequence {
 public:
  BoundSequence(const ProgramNode& sequence, const Window& window, EventDictionary& dictionary,
                const Evaluator& evaluator, std::pmr::memory_resource* resource)
      : dictionary_(dictionary),
        evaluator_(evaluator),
        resource_(resource),
        window_(window),
        parts_(count_of(sequence), resource),
        chain_(resource) {
    any_child(sequence.body, [this, next = parts_.begin()](const ProgramNode& node) mutable {
      if (!is_window(node.op)) add(*next++, node);
      return false;
    });
  }

  Truth truth() {
    if (!possible_) return Truth::no;
    if (found(true)) return Truth::yes;
    if (step_folded_) return Truth::unknown;
    return absence_folded_ && found(false) ? Truth::unknown : Truth::no;
  }

 private:
  struct Part {
    std::optional<EventSubject> subject;
    std::optional<std::uint32_t> name;
    std::optional<EventFilter> filter;  // once it was needed
    std::uint64_t bit = 0;
    bool is_absence() const noexcept { return subject->op == Opcode::absence; }
  };

  static std::size_t count_of(const ProgramNode& sequence) noexcept {
    std::size_t count = 0;
    any_child(sequence.body, [&count](const ProgramNode& part) {
      count += is_window(part.op) ? 0 : 1;
      return false;
    });
    return count;
  }

  // Absence reaches beyond the window, for steps at its end.
  void add(Part& part, const ProgramNode& node) {
    const TimelineView& timeline = dictionary_.timeline();
    part.subject.emplace(node);
    part.name = timeline.find_name(part.subject->event);
    const auto folded = part.name && timeline.anything_folded() ? timeline.folded(*part.name) : std::nullopt;
    const auto within = length_of(part.subject->within);
    if (part.is_absence()) {
      const std::int64_t as_of = evaluator_.as_of();
      const bool matters = folded && folded_in(*folded, {kMinusInfinity, as_of}).most > 0;
      absence_folded_ = absence_folded_ || matters;
      part.bit = std::uint64_t{1} << chain_.absence_count();
      chain_.add_absence(
          within, matters ? std::optional(std::pair(folded->first, std::min(folded->horizon, as_of))) : std::nullopt);
    } else {
      possible_ = possible_ && part.name;
      step_folded_ = step_folded_ || (folded && folded_in(*folded, window_).most > 0);
      part.bit = std::uint64_t{1} << chain_.step_count();
      chain_.add_step(within);
    }
  }

  Chain::Matches matches(std::uint32_t event) {
    Chain::Matches matches;
    const TimelineView& timeline = dictionary_.timeline();
    const std::uint32_t name = timeline.name_of(event);
    for (Part& part : parts_) {
      if (part.name != name || (!part.is_absence() && timeline.time(event) > window_.to)) continue;
      if (part.subject->filter) {
        if (!part.filter) part.filter.emplace(*part.subject->filter, dictionary_, evaluator_, resource_);
        if (!part.filter->has(event)) continue;
      }
      (part.is_absence() ? matches.absences : matches.steps) |= part.bit;
    }
    return matches;
  }

  bool found(bool doubtful) {
    const TimelineView& timeline = dictionary_.timeline();
    const EventRange range = kept_in(timeline, {window_.from, evaluator_.as_of()});
    return chain_.found(
        range.begin, range.end, [this](std::uint32_t event) { return matches(event); },
        [&timeline](std::uint32_t event) { return timeline.time(event); }, evaluator_.as_of(), doubtful,
        evaluator_.poll());
  }

  EventDictionary& dictionary_;
  const Evaluator& evaluator_;
  std::pmr::memory_resource* resource_;
  const Window window_;
  std::pmr::vector<Part> parts_;
  Chain chain_;
  bool possible_ = true, step_folded_ = false, absence_folded_ = false;
};

}  // namespace

Truth Behaviour::sequence(const ProgramNode& subject) {
  const Window in = window_of(window_in(subject));
  return in.empty() ? Truth::no : BoundSequence(subject, in, dictionary_, evaluator_, &room_).truth();
}

}  // namespace cdp::core::rule
