// One predicate on events: what they say as of an instant. What was cut off stays unknown: numbers and times are the
// interval of what is possible.
#pragma once

#include <memory_resource>
#include <utility>

#include "core/segment/event_filter.hpp"
#include "core/timeline/window.hpp"

namespace cdp::core::rule {

class Behaviour {
 public:
  Behaviour(const Evaluator& evaluator, const TimelineView& timeline) noexcept
      : evaluator_(evaluator), timeline_(timeline), dictionary_(timeline, &room_) {}

  Truth predicate(Opcode op, const ProgramNode& subject, const std::byte* arguments);
  // Appends what the subject is, as JSON: a number, a time, a value, or {"least": …, "most": …}; nothing when that is
  // nothing or can't be told.
  void show(const ProgramNode& subject, Buffer& out);
  // When the predicate may change by itself.
  std::int64_t next_change(Opcode op, const ProgramNode& subject, const std::byte* arguments);
  // Until when events that the subject reads are folded.
  std::optional<std::int64_t> horizon(const ProgramNode& subject) const;

 private:
  // Of a value that could be any: whether there is one for sure, then.
  struct Answered {
    Answer answer = Answer::none;
    Value value{};
    bool exists = false;
  };
  struct Times {
    Answer answer = Answer::none;  // unknown: between these, if there is one
    std::int64_t least = 0, most = 0;
    bool exists = false;
  };
  // The events of a subject's name in its window.
  struct Selected {
    explicit Selected(const EventSubject& subject) noexcept : subject(subject) {}
    EventSubject subject;
    Window window{};
    std::optional<std::uint32_t> name{};
    std::optional<Folded> part{};  // what is folded, if it may be in the window
    CountBounds folded{0, 0};
  };

  Window window_of(const std::optional<ProgramNode>& window) const;
  Selected select(const ProgramNode& subject) const;
  // Calls visit(event) for the kept ones that count, in their order.
  template <typename Visit>
  void for_each(const Selected& selected, Visit&& visit);
  std::optional<std::uint32_t> first_kept(const Selected& selected);
  std::optional<std::uint32_t> last_kept(const Selected& selected);
  bool folded_numbers(const Selected& selected) const noexcept;  // that may count

  CountBounds whole_number(const ProgramNode& subject);
  CountBounds count(const Selected& selected, std::uint64_t enough = UINT64_MAX);  // no more than that are told apart
  CountBounds days_active(const Selected& selected);
  CountBounds days_of_any(const Window& window);
  CountBounds distinct(const Selected& selected);
  CountBounds funnel(const ProgramNode& subject);
  std::optional<NumberTotal> total(const Selected& selected);
  Answered extreme(const Selected& selected);
  Answered most_frequent(const Selected& selected);
  Answered value_of(const Selected& selected);
  Answered value(const ProgramNode& subject);
  Times time_of(const Selected& selected);
  Truth sequence(const ProgramNode& subject);

  std::int64_t next_crossing_of(std::optional<std::uint32_t> name, const std::optional<ProgramNode>& window);
  std::int64_t next_time_change(Opcode op, const ProgramNode& subject, const std::byte* arguments);
  std::int64_t next_funnel_change(const ProgramNode& funnel, const std::optional<ProgramNode>& window);
  std::int64_t next_end_of_absence(const ProgramNode& sequence);
  template <typename Visit>
  void for_each_pass(const std::optional<ProgramNode>& window, std::int64_t time, const Visit& visit) const;

  Truth of_counts(Opcode op, const ProgramNode& subject, const std::byte* arguments);
  Truth of_total(Opcode op, const ProgramNode& subject, const std::byte* arguments);
  Truth of_value(Opcode op, const ProgramNode& subject, const std::byte* arguments);
  Truth of_time(Opcode op, const ProgramNode& subject, const std::byte* arguments);

  // Memory of one predicate: the first bytes are on the stack.
  class Room : public std::pmr::monotonic_buffer_resource {
   public:
    Room() : std::pmr::monotonic_buffer_resource(bytes_, sizeof bytes_) {}

   private:
    alignas(16) std::byte bytes_[4096];
  };

  const Evaluator& evaluator_;
  const TimelineView& timeline_;
  Room room_;
  EventDictionary dictionary_;
  Buffer scratch_{&room_};
};

template <typename Visit>
void Behaviour::for_each(const Selected& selected, Visit&& visit) {
  if (!selected.name) return;
  const EventRange range = kept_in(timeline_, selected.window);
  std::optional<EventFilter> filter;
  for (std::uint32_t event = range.begin; event < range.end; ++event) {
    if (timeline_.name_of(event) != *selected.name) continue;
    evaluator_.poll()();
    if (selected.subject.filter) {
      if (!filter) filter.emplace(*selected.subject.filter, dictionary_, evaluator_, &room_);
      if (!filter->has(event)) continue;
    }
    if (visit(event)) return;
  }
}

}  // namespace cdp::core::rule
