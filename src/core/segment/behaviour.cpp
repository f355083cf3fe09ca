// src/core/segment/behaviour.cpp: which events count, and how many, when and what they were.
#include "core/segment/behaviour.hpp"

#include <algorithm>

#include "core/profile/timestamp.hpp"
#include "core/segment/calendar.hpp"

namespace cdp::core::rule {

// Nothing after as_of is ever seen.
Window Behaviour::window_of(const std::optional<ProgramNode>& window) const {
  const std::int64_t as_of = evaluator_.as_of();
  if (!window) return {kMinusInfinity, as_of};
  const Edges edges = edges_of(*window, as_of, evaluator_.calendar());
  return {edges.from, std::min(edges.to, as_of)};
}

Behaviour::Selected Behaviour::select(const ProgramNode& subject) const {
  Selected selected{EventSubject(subject)};
  selected.window = window_of(selected.subject.window);
  selected.name = timeline_.find_name(selected.subject.event);
  if (!selected.name || !timeline_.anything_folded()) return selected;
  selected.part = timeline_.folded(*selected.name);
  if (selected.part) selected.folded = folded_in(*selected.part, selected.window);
  if (selected.folded.most == 0) selected.part.reset();
  return selected;
}

std::optional<std::uint32_t> Behaviour::first_kept(const Selected& selected) {
  std::optional<std::uint32_t> found;
  for_each(selected, [&](std::uint32_t event) {
    found = event;
    return true;
  });
  return found;
}

std::optional<std::uint32_t> Behaviour::last_kept(const Selected& selected) {
  std::optional<std::uint32_t> found;
  if (selected.subject.filter) {
    for_each(selected, [&](std::uint32_t event) {
      found = event;
      return false;
    });
  } else if (selected.name) {
    const EventRange range = kept_in(timeline_, selected.window);
    for (std::uint32_t event = range.end; !found && event-- > range.begin;)
      if (timeline_.name_of(event) == *selected.name) found = event;
  }
  return found;
}

CountBounds Behaviour::count(const Selected& selected, std::uint64_t enough) {
  std::uint64_t kept = 0;
  if (!selected.subject.filter && selected.name && timeline_.name_count() == 1) {
    const EventRange range = kept_in(timeline_, selected.window);
    kept = range.end - range.begin;
  } else {
    for_each(selected, [&](std::uint32_t) { return ++kept >= enough; });
  }
  return {kept + (selected.subject.filter ? 0 : selected.folded.least), kept + selected.folded.most};
}

namespace {

// Counts the days of times that ascend.
struct Days {
  const Calendar& calendar;
  std::uint64_t count = 0;
  std::int64_t end = kMinusInfinity;  // of the last one
  void add(std::int64_t time) {
    if (time < end) return;
    ++count;
    end = calendar.start_of(calendar.day_of(time) + 1);
    if (end <= time) end = kInfinity;  // the last day of all
  }
};

}  // namespace

CountBounds Behaviour::days_active(const Selected& selected) {
  Days days{evaluator_.calendar()};
  for_each(selected, [&](std::uint32_t event) {
    days.add(timeline_.time(event));
    return false;
  });
  return {days.count, days.count + selected.folded.most};
}

CountBounds Behaviour::days_of_any(const Window& window) {
  Days days{evaluator_.calendar()};
  const EventRange range = kept_in(timeline_, window);
  for (std::uint32_t event = range.begin; event < range.end; ++event) days.add(timeline_.time(event));
  CountBounds bounds{days.count, days.count};
  timeline_.for_each_folded([&](std::uint32_t, const Folded& part) { bounds.most += folded_in(part, window).most; });
  return bounds;
}

// The earliest and the latest time of what is folded are known. Kept events are not before it.
Behaviour::Times Behaviour::time_of(const Selected& selected) {
  const bool first = selected.subject.op == Opcode::first_time;
  const auto kept = first ? first_kept(selected) : last_kept(selected);
  const std::int64_t time = kept ? timeline_.time(*kept) : 0;
  if (kept && (!first || !selected.part)) return {Answer::found, time, time, true};
  if (!selected.part) return {};
  const Folded& part = *selected.part;
  const Window& window = selected.window;
  Times times{Answer::unknown, std::max(window.from, part.first), std::min(window.to, part.horizon), kept.has_value()};
  if (!selected.subject.filter) {
    const std::int64_t end = first ? part.first : part.horizon;
    if (window.contains(end)) return {Answer::found, end, end, true};
    times.exists = times.exists || selected.folded.least > 0;
  }
  // Should none of the folded ones count, or be in the window.
  if (kept && (selected.subject.filter || !window.contains(part.horizon))) times.most = time;
  return times;
}

Behaviour::Answered Behaviour::value_of(const Selected& selected) {
  const bool first = selected.subject.op == Opcode::first_value;
  const auto event = first && selected.part ? std::nullopt : (first ? first_kept(selected) : last_kept(selected));
  if (!event) return {selected.part ? Answer::unknown : Answer::none};
  const auto value = EventValues(dictionary_, selected.subject.property, &room_).value(*event, scratch_);
  return value ? Answered{Answer::found, *value, true} : Answered{};
}

Truth Behaviour::of_time(Opcode op, const ProgramNode& subject, const std::byte* at) {
  const Times times = time_of(select(subject));
  if (op == Opcode::is_known || op == Opcode::is_unknown) {
    const Truth known = times.answer == Answer::unknown && !times.exists ? Truth::unknown : truth(times.exists);
    return op == Opcode::is_known ? known : negated(known);
  }
  if (!times.exists) return Truth::unknown;
  if (op != Opcode::within) return range_of_times(op, at).of_any(times.least, times.most);
  const Edges edges = edges_of(trusted_node(at), evaluator_.as_of(), evaluator_.calendar());
  return Range{edges.from, edges.to}.of_any(times.least, times.most);
}

Truth Behaviour::of_value(Opcode op, const ProgramNode& subject, const std::byte* at) {
  const Answered answered = value(subject);
  if (op == Opcode::is_known || op == Opcode::is_unknown) {
    const Truth known =
        answered.answer == Answer::unknown && !answered.exists ? Truth::unknown : truth(answered.exists);
    return op == Opcode::is_known ? known : negated(known);
  }
  return answered.answer == Answer::found ? evaluator_.test(op, at, answered.value) : Truth::unknown;
}

Truth Behaviour::of_counts(Opcode op, const ProgramNode& subject, const std::byte* at) {
  const Range range = op == Opcode::did ? Range{1, INT64_MAX} : range_of_numbers(op, at, 0).value_or(Range{1, 0});
  const auto of = [&range](const CountBounds& bounds) {
    constexpr std::uint64_t kMost = INT64_MAX;
    return range.of_any(static_cast<std::int64_t>(std::min(bounds.least, kMost)),
                        static_cast<std::int64_t>(std::min(bounds.most, kMost)));
  };
  if (subject.op != Opcode::count) return of(whole_number(subject));
  Selected selected = select(subject);
  if (!selected.subject.filter) return of(count(selected));
  // Mostly too few events are there anyway: then no property is looked at.
  std::optional<ProgramNode> filter = std::exchange(selected.subject.filter, std::nullopt);
  const Truth early = of({0, count(selected).most});
  if (early != Truth::unknown) return early;
  selected.subject.filter = filter;
  const bool at_least = range.most == INT64_MAX && range.least >= 0 && !range.others;
  return of(count(selected, at_least ? static_cast<std::uint64_t>(range.least) : UINT64_MAX));
}

Truth Behaviour::predicate(Opcode op, const ProgramNode& subject, const std::byte* at) {
  switch (subject.op) {
    case Opcode::sum:
    case Opcode::average: return of_total(op, subject, at);
    case Opcode::first_time:
    case Opcode::last_time: return of_time(op, subject, at);
    case Opcode::least:
    case Opcode::greatest:
    case Opcode::most_frequent:
    case Opcode::first_value:
    case Opcode::last_value: return of_value(op, subject, at);
    case Opcode::sequence: return sequence(subject);
    default: return of_counts(op, subject, at);
  }
}

CountBounds Behaviour::whole_number(const ProgramNode& subject) {
  switch (subject.op) {
    case Opcode::count: return count(select(subject));
    case Opcode::days_active: return days_active(select(subject));
    case Opcode::days_of_any: return days_of_any(window_of(EventSubject(subject).window));
    case Opcode::distinct: return distinct(select(subject));
    default: return funnel(subject);
  }
}

Behaviour::Answered Behaviour::value(const ProgramNode& subject) {
  const Selected selected = select(subject);
  switch (subject.op) {
    case Opcode::most_frequent: return most_frequent(selected);
    case Opcode::first_value:
    case Opcode::last_value: return value_of(selected);
    default: return extreme(selected);
  }
}

std::optional<std::int64_t> Behaviour::horizon(const ProgramNode& subject) const {
  std::optional<std::int64_t> latest;
  if (!timeline_.anything_folded()) return latest;
  const auto add = [&latest](const std::optional<std::int64_t>& horizon) {
    if (horizon && (!latest || *latest < *horizon)) latest = horizon;
  };
  if (subject.op == Opcode::days_of_any) {
    timeline_.for_each_folded([&](std::uint32_t, const Folded& part) { add(part.horizon); });
  } else {
    for_each_event(subject, [&](std::string_view event) {
      if (const auto name = timeline_.find_name(event)) add(timeline_.horizon(*name));
    });
  }
  return latest;
}

}  // namespace cdp::core::rule
