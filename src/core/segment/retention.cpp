// src/core/segment/retention.cpp: how far back rules look at events.
#include <string>

#include "core/bytes/source.hpp"
#include "core/profile/timestamp.hpp"
#include "core/segment/calendar.hpp"
#include "core/segment/segment.hpp"

namespace cdp::core {

namespace {

// As of when a window begins the longest time ago, of the shortest units there are: at the end of a unit of the
// calendar; sliding months end with February.
std::int64_t instant_for(const ProgramNode& window) noexcept {
  const bool sliding = window.op == Opcode::last || window.op == Opcode::next;
  const auto unit = static_cast<Unit>(window.body[0]);
  Date date{2026, 3, 1};
  if (!sliding && unit == Unit::week) date.day = 2;  // a Monday
  if (!sliding && unit == Unit::year) date = {2026, 1, 1};
  return days_from_date(date) * kMicrosecondsPerDay - (sliding ? 0 : 1);
}

// How far back the window reaches; 0 where it does not move.
std::int64_t reach_of(const ProgramNode& window) {
  if (window.op == Opcode::since || window.op == Opcode::between_times) return 0;
  const std::int64_t as_of = instant_for(window);
  return as_of - rule::edges_of(window, as_of, {}).from;
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
  const auto window = window_in(subject);
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
