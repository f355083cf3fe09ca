// src/core/segment/retention.cpp: how far back rules look at events.
#include <algorithm>
#include <string>

#include "core/bytes/source.hpp"
#include "core/profile/timestamp.hpp"
#include "core/segment/calendar.hpp"
#include "core/segment/segment.hpp"

namespace cdp::core {

namespace {

// The shortest time from the start of the window to as_of; a year that ends with February has the shortest months. 0
// where the window does not move.
std::int64_t reach_of(const ProgramNode& window) {
  if (window.op == Opcode::since || window.op == Opcode::between_times) return 0;
  const std::int64_t as_of = days_from_date({2026, 3, 1}) * kMicrosecondsPerDay;
  return std::max<std::int64_t>(0, as_of - rule::edges_of(window, as_of, {}).from);
}

std::optional<ProgramNode> window_of(const ProgramNode& subject) {
  if (subject.op != Opcode::funnel && subject.op != Opcode::sequence) return EventSubject(subject).window;
  std::optional<ProgramNode> window;
  any_child(subject.op == Opcode::funnel ? rule::FunnelParts(subject).parts : subject.body,
            [&](const ProgramNode& part) {
              if (is_window(part.op)) window = part;
              return false;
            });
  return window;
}

std::string days(std::int64_t time) {
  const std::int64_t count = (time + kMicrosecondsPerDay - 1) / kMicrosecondsPerDay;
  return std::to_string(count) + (count == 1 ? " day" : " days");
}

void check(const ProgramNode& node, std::int64_t kept, const Poll& poll) {
  poll();
  if (is_logic(node.op)) {
    any_operand(node, [&](const ProgramNode& child) {
      check(child, kept, poll);
      return false;
    });
    return;
  }
  const std::byte* at = node.body.data();
  const ProgramNode subject = trusted_node(at);
  if (!is_behaviour(subject.op)) return;
  const auto window = window_of(subject);
  const std::int64_t reach = window ? reach_of(*window) : 0;
  if (reach <= kept) return;
  Buffer text;
  print_node(node, text);
  throw Error(
      Code::invalid_parameter, "segment looks further back than events are kept",
      shown(as_text(text.span())) + " looks back at least " + days(reach) + "; events are kept for " + days(kept) + ".",
      "Shorten the window, or keep events for longer.");
}

}  // namespace

void check_retention(const Segment& segment, std::int64_t kept, const Poll& poll) {
  if ((segment.needs() & need::kEvents) != 0) check(segment.root(), kept, poll);
}

}  // namespace cdp::core
