// src/core/segment/sql_order.cpp: sequences and funnels in SQL: whether there are events that can be their steps.
#include "core/segment/quantity.hpp"
#include "core/segment/sql_rule.hpp"

namespace cdp::core::rule {

namespace {

SqlText alias_of(const SqlLines& lines, std::size_t step) { return lines.text("e", std::to_string(step + 1)); }

}  // namespace

// An event that can be the step, given those before it; the steps after it go inside. Nested, they are tried one after
// the other, as a join of all of them need not be.
void SqlRule::open_step(const EventSubject& subject, std::size_t step, const std::optional<ProgramNode>& window) {
  const SqlText alias = alias_of(lines_, step);
  lines_.add("EXISTS (SELECT");
  if (step > 0) lines_.indent();
  lines_.indent();
  lines_.line("FROM customer_event AS ", alias).line("WHERE ", alias, ".customer_id = c.customer_id");
  lines_.line("  AND ", alias, ".event = ", quoted(subject.event));
  lines_.line("  AND ", clock_.within(text(alias, ".occurred_at"), window, true));
  if (subject.filter) {
    lines_.line("  AND ");
    filter(*subject.filter, alias);
  }
  if (step > 0) lines_.line("  AND ", alias, ".occurred_at >= ", alias_of(lines_, step - 1), ".occurred_at");
}

void SqlRule::close_steps(std::size_t count) {
  for (; count > 0; --count) {
    lines_.add(")");
    lines_.dedent();
    if (count > 1) lines_.dedent();
  }
}

// None after step `before`, for a time that is over, or until `after`, or now.
void SqlRule::absence(const EventSubject& subject, std::string_view before, std::string_view after) {
  if (subject.within) {
    const Duration lasting(subject.within->body);
    lines_.line("  AND ", before, ".occurred_at <= ", clock_.before(lasting));
  }
  lines_.line("  AND NOT EXISTS (SELECT FROM customer_event AS n WHERE n.customer_id = c.customer_id AND n.event = ",
              quoted(subject.event), " AND n.occurred_at > ", before, ".occurred_at AND n.occurred_at ");
  if (subject.within) {
    lines_.add("<= ", before, ".occurred_at + ", sql_interval(Duration(subject.within->body), lines_.resource()));
  } else if (after.empty()) {
    lines_.add("<= ", clock_.now());
  } else {
    lines_.add("< ", after, ".occurred_at");
  }
  if (subject.filter) {
    lines_.add(" AND ");
    filter(*subject.filter, "n");
  }
  lines_.add(")");
}

void SqlRule::sequence(const ProgramNode& about) {
  std::pmr::vector<EventSubject> parts(lines_.resource());
  std::size_t steps = 0;
  any_child(about.body, [&](const ProgramNode& part) {
    if (is_window(part.op)) return false;
    parts.emplace_back(part);
    steps += part.op == Opcode::step ? 1 : 0;
    return false;
  });
  const auto window = window_in(about);
  std::pmr::vector<std::size_t> until_next(lines_.resource());  // absences
  std::size_t reached = 0;                                      // how many steps stand before this part
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const EventSubject& part = parts[i];
    const SqlText alias = alias_of(lines_, reached), before = alias_of(lines_, reached == 0 ? 0 : reached - 1);
    if (part.op == Opcode::absence) {
      if (part.within || reached == steps) {
        absence(part, before, {});
      } else {
        until_next.push_back(i);
      }
      continue;
    }
    if (reached > 0) lines_.line("  AND ");
    open_step(part, reached, window);
    if (part.within)
      lines_.line("  AND ", alias, ".occurred_at <= ", before, ".occurred_at + ",
                  sql_interval(Duration(part.within->body), lines_.resource()));
    another_event(parts, i, reached);
    for (const std::size_t absent : until_next) absence(parts[absent], before, alias);
    until_next.clear();
    ++reached;
  }
  close_steps(steps);
}

// Not one that an earlier step has.
void SqlRule::another_event(const std::pmr::vector<EventSubject>& parts, std::size_t part, std::size_t step) {
  for (std::size_t other = 0, earlier = 0; other < part; ++other) {
    if (parts[other].op == Opcode::absence) continue;
    if (parts[other].event == parts[part].event)
      lines_.line("  AND ", alias_of(lines_, step), ".position <> ", alias_of(lines_, earlier), ".position");
    ++earlier;
  }
}

// Whether the first `count` steps were taken.
void SqlRule::reached(const std::pmr::vector<EventSubject>& steps, std::size_t count, const ProgramNode& funnel) {
  const auto window = window_in(funnel);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) lines_.line("  AND ");
    open_step(steps[i], i, window);
    if (i > 0)
      lines_.line("  AND ", alias_of(lines_, i), ".occurred_at <= e1.occurred_at + ",
                  sql_interval(FunnelParts(funnel).within, lines_.resource()));
  }
  close_steps(count);
}

// The depths of which the comparison is true, as runs: reached so far, and no further.
void SqlRule::funnel(Opcode op, const ProgramNode& about, const std::byte* at) {
  const FunnelParts parts(about);
  if (parts.modes != 0)
    refuse("a funnel with modes", "Modes follow one pass over the events; a funnel without them has a plain form.");
  std::pmr::vector<EventSubject> steps(lines_.resource());
  any_child(parts.parts, [&](const ProgramNode& part) {
    if (part.op == Opcode::step) steps.emplace_back(part);
    return false;
  });
  const Range range = range_of_numbers(op, at, 0).value_or(Range{1, 0});
  const auto holds_at = [&](std::size_t depth) {
    return range.of_any(static_cast<std::int64_t>(depth), static_cast<std::int64_t>(depth)) == Truth::yes;
  };
  lines_.add("(");
  bool any = false;
  for (std::size_t from = 0, to; from <= steps.size(); from = to) {
    to = from + 1;
    if (!holds_at(from)) continue;
    while (to <= steps.size() && holds_at(to)) ++to;
    if (any) lines_.line("OR ");
    any = true;
    if (from == 0 && to > steps.size()) lines_.add("true");
    if (from > 0) reached(steps, from, about);
    if (from > 0 && to <= steps.size()) lines_.line("AND ");
    if (to <= steps.size()) {
      lines_.add("NOT ");
      reached(steps, to, about);
    }
  }
  lines_.add(any ? ")" : "false)");
}

}  // namespace cdp::core::rule
