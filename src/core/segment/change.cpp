// src/core/segment/change.cpp: when a rule may become true or false by itself. The answer of a predicate can only
// change where an edge of a window meets an event, the span of folded events, a stated time or another edge.
#include <algorithm>

#include "core/profile/consents.hpp"
#include "core/segment/behaviour.hpp"
#include "core/timeline/duration.hpp"

namespace cdp::core {

namespace rule {

namespace {

// By microseconds that may be negative.
std::int64_t moved(std::int64_t time, std::int64_t by) noexcept {
  return by < 0 ? earlier(time, static_cast<core::Duration>(-by)) : later(time, static_cast<core::Duration>(by));
}

// The earliest of the instants after as_of that it was told.
class Earliest {
 public:
  explicit Earliest(std::int64_t as_of) noexcept : as_of_(as_of) {}
  void add(std::int64_t time) noexcept {
    if (time > as_of_ && time < time_) time_ = time;
  }
  std::int64_t time() const noexcept { return time_; }

 private:
  std::int64_t as_of_, time_ = kInfinity;
};

// Reading the arguments of a predicate that are timestamps.
template <typename Visit>
void for_each_time(Opcode op, const std::byte* at, Visit&& visit) {
  if (op < Opcode::equal || op > Opcode::not_between) return;
  visit(timestamp_of(trusted_value(at)));
  if (op == Opcode::between || op == Opcode::not_between) visit(timestamp_of(trusted_value(at)));
}

}  // namespace

// An age grows with time: it reaches a limit, and a microsecond later it is above it.
std::int64_t Evaluator::next_age(Opcode op, const Subject& subject, const std::byte* at) const {
  const auto age = freshness(subject);
  Earliest next(as_of_);
  if (!age) return next.time();
  const std::int64_t seen = as_of_ - *age;
  const bool between = op == Opcode::between || op == Opcode::not_between;
  const auto limit = [&at] { return microseconds(Duration(trusted_node(at).body)); };
  const std::int64_t first = moved(seen, limit()), last = between ? moved(seen, limit()) : first;
  if (op != Opcode::at_most && op != Opcode::greater) next.add(first);
  if (op != Opcode::less && op != Opcode::at_least) next.add(moved(last, 1));
  return next.time();
}

std::int64_t Evaluator::next_change(const ProgramNode& node) const {
  if (lacks_calendar(node)) return kInfinity;
  const std::byte* at = node.body.data();
  const ProgramNode looked_at = trusted_node(at);
  if (is_behaviour(looked_at.op)) return Behaviour(*this, timeline()).next_change(node.op, looked_at, at);
  const Subject subject(looked_at);
  Earliest next(as_of_);
  if (subject.op == Opcode::consent) next.add(next_consent(profile_.section(Section::consents), subject.path, as_of_));
  if (subject.op == Opcode::freshness) next.add(next_age(node.op, subject, at));
  if (node.op != Opcode::within && node.op != Opcode::anniversary_within) return next.time();
  const ProgramNode window = trusted_node(at);
  const auto visit = [&](const Value& value) {
    if (value.type != Type::timestamp) return false;
    const std::int64_t time = timestamp_of(value);
    if (node.op == Opcode::anniversary_within)
      next.add(next_anniversary(window, time, as_of_, calendar_));
    else
      next.add(next_crossing(window, is_of_days(window) ? calendar_.instant_of(time) : time, as_of_, calendar_, false));
    return false;
  };
  bool overflowed = false;
  if (subject.op == Opcode::observed) {
    any_observed(subject, overflowed, visit);
  } else if (const auto value = seen_by(subject)) {
    visit(*value);
  }
  return next.time();
}

// Of the events of one name, in a window or all: the first one in it leaves first, and of those after it the first
// enters first. Where folded ones begin and end is known.
std::int64_t Behaviour::next_crossing_of(std::optional<std::uint32_t> name, const std::optional<ProgramNode>& window) {
  const std::int64_t as_of = evaluator_.as_of();
  Earliest next(as_of);
  const auto add = [&](std::int64_t time) {
    next.add(window ? next_crossing(*window, time, as_of, evaluator_.calendar(), true) : time);
  };
  const Window now = window_of(window);
  const auto first = [&](std::uint32_t from) {
    for (std::uint32_t event = from; event < timeline_.size(); ++event) {
      if (name && timeline_.name_of(event) != *name) continue;
      evaluator_.poll()();
      return add(timeline_.time(event));
    }
  };
  const std::uint32_t begin = timeline_.lower_bound(now.from);
  first(begin);
  first(std::max(begin, timeline_.upper_bound(now.to)));
  first(std::max(begin, timeline_.upper_bound(as_of)));
  timeline_.for_each_folded([&](std::uint32_t folded_name, const Folded& part) {
    if (name && folded_name != *name) return;
    add(part.first);
    add(part.horizon);
    next.add(now.from);  // of a window that is yet to begin
    // Where a date is left out a window of days may be empty, and only that tells it from the one before.
    const Calendar& calendar = evaluator_.calendar();
    if (window && is_of_days(*window) && !calendar.is_utc()) next.add(calendar.start_of(calendar.day_of(as_of) + 1));
  });
  return next.time();
}

// Where an end of what may be in the window moves with the window, it passes each of these times.
template <typename Visit>
void Behaviour::for_each_pass(const std::optional<ProgramNode>& window, std::int64_t time, const Visit& visit) const {
  visit(time);
  visit(moved(time, 1));
  if (!window) return;
  if (window->op == Opcode::last && !is_of_days(*window)) {
    const std::int64_t reach = microseconds(Duration(window->body));
    visit(moved(moved(time, reach), -1));
    visit(moved(time, reach));
    visit(moved(moved(time, reach), 1));
  } else if (is_of_days(*window)) {
    const Calendar& calendar = evaluator_.calendar();
    visit(calendar.start_of(calendar.day_of(evaluator_.as_of()) + 1));
  }
}

// The time itself enters and leaves the window of the condition; an end of an interval passes what it is compared with.
std::int64_t Behaviour::next_time_change(Opcode op, const ProgramNode& subject, const std::byte* at) {
  const std::int64_t as_of = evaluator_.as_of();
  const Selected selected = select(subject);
  const Times times = time_of(selected);
  Earliest next(as_of);
  const auto pass = [&](std::int64_t time) {
    for_each_pass(selected.subject.window, time, [&next](std::int64_t one) { next.add(one); });
  };
  const bool moves = times.answer == Answer::unknown && selected.part;
  if (moves) for_each_time(op, at, pass);
  if (op != Opcode::within) return next.time();
  const ProgramNode window = trusted_node(at);
  const auto cross = [&](std::int64_t time) {
    next.add(next_crossing(window, time, as_of, evaluator_.calendar(), true));
  };
  if (times.answer != Answer::none) {
    cross(times.least);
    cross(times.most);
  }
  if (!moves) return next.time();
  cross(selected.part->first);
  cross(selected.part->horizon);
  const Edges edges = edges_of(window, as_of, evaluator_.calendar());
  pass(edges.from);
  pass(edges.to);
  if (is_of_days(window)) next.add(evaluator_.calendar().start_of(evaluator_.calendar().day_of(as_of) + 1));
  return next.time();
}

// A funnel weighs the span of folded events, as much of it as is in the window, against the events that are kept.
std::int64_t Behaviour::next_funnel_change(const ProgramNode& funnel, const std::optional<ProgramNode>& window) {
  Earliest next(evaluator_.as_of());
  if (!timeline_.anything_folded()) return next.time();
  const std::int64_t limit = microseconds(FunnelParts(funnel).within);
  const auto pass = [&](std::int64_t time) {
    for (const std::int64_t by : {-limit, std::int64_t{0}, limit})
      for_each_pass(window, moved(time, by), [&next](std::int64_t one) { next.add(one); });
  };
  for (std::uint32_t event = 0; event < timeline_.size(); ++event) {
    evaluator_.poll()();
    pass(timeline_.time(event));
  }
  timeline_.for_each_folded([&](std::uint32_t, const Folded& part) {
    pass(part.first);
    pass(part.horizon);
  });
  return next.time();
}

// What must not happen within a time after a step is known when that is over.
std::int64_t Behaviour::next_end_of_absence(const ProgramNode& sequence) {
  const std::int64_t as_of = evaluator_.as_of();
  Earliest next(as_of);
  any_child(sequence.body, [&](const ProgramNode& part) {
    if (part.op != Opcode::absence) return false;
    const EventSubject absence(part);
    if (!absence.within) return false;
    const std::int64_t lasting = microseconds(Duration(absence.within->body));
    const std::uint32_t event = timeline_.upper_bound(moved(as_of, -lasting));
    if (event < timeline_.size()) next.add(moved(timeline_.time(event), lasting));
    return false;
  });
  return next.time();
}

std::int64_t Behaviour::next_change(Opcode op, const ProgramNode& subject, const std::byte* at) {
  Earliest next(evaluator_.as_of());
  if (subject.op == Opcode::funnel || subject.op == Opcode::sequence) {
    const auto window = window_in(subject);
    // Absence reaches to as_of, whatever the window.
    any_child(parts_of(subject), [&](const ProgramNode& part) {
      if (part.op != Opcode::step && part.op != Opcode::absence) return false;
      const auto name = timeline_.find_name(EventSubject(part).event);
      if (name) next.add(next_crossing_of(name, window));
      if (name && part.op == Opcode::absence) next.add(next_crossing_of(name, std::nullopt));
      return false;
    });
    next.add(subject.op == Opcode::funnel ? next_funnel_change(subject, window) : next_end_of_absence(subject));
    return next.time();
  }
  const EventSubject of(subject);
  const auto name = timeline_.find_name(of.event);
  if (subject.op == Opcode::days_of_any) {
    next.add(next_crossing_of(std::nullopt, of.window));
  } else if (name) {
    next.add(next_crossing_of(name, of.window));
  }
  if (is_moment(subject.op)) next.add(next_time_change(op, subject, at));
  return next.time();
}

namespace {

std::int64_t next_change_of(const ProgramNode& node, const Evaluator& evaluator) {
  evaluator.poll()();
  if (!is_logic(node.op)) return evaluator.next_change(node);
  const Evaluator inside = is_zoned(node.op) ? evaluator.in_zone(node) : evaluator;
  std::int64_t next = kInfinity;
  any_operand(node, [&](const ProgramNode& child) {
    next = std::min(next, next_change_of(child, inside));
    return false;
  });
  return next;
}

}  // namespace

}  // namespace rule

std::int64_t next_change(const Segment& segment, const ProfileView& profile, std::int64_t as_of, const Poll& poll,
                         const Zones* zones) {
  require_facts(segment, profile, zones);
  return rule::next_change_of(segment.root(), rule::Evaluator(profile, as_of, poll, zones));
}

}  // namespace cdp::core
