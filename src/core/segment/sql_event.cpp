// src/core/segment/sql_event.cpp: what events were, how many, and when, in SQL.
#include "core/segment/sql_rule.hpp"

namespace cdp::core::rule {

SqlValue SqlRule::property_at(std::string_view path, std::string_view alias) const {
  return {member(text(alias, ".properties"), path), text(), text()};
}

void SqlRule::filter(const ProgramNode& node, std::string_view alias) {
  poll_();
  const std::byte* at = node.body.data();
  if (!is_logic(node.op)) {
    const SqlValue value = property_at(as_text(trusted_node(at).body), alias);
    lines_.add(condition(node.op, at, value));
    return;
  }
  if (node.op == Opcode::negation) lines_.add("NOT ");
  lines_.add("(");
  bool first = true;
  any_child(node.body, [&](const ProgramNode& child) {
    if (!first) lines_.add(node.op == Opcode::all_of ? " AND " : " OR ");
    first = false;
    filter(child, alias);
    return false;
  });
  lines_.add(")");
}

// The rows of the events that count, as e.
void SqlRule::selected(const EventSubject& subject) {
  lines_.line("FROM customer_event AS e").line("WHERE e.customer_id = c.customer_id");
  if (subject.op != Opcode::days_of_any) lines_.line("  AND e.event = ", quoted(subject.event));
  lines_.line("  AND ", clock_.within("e.occurred_at", subject.window, true));
  if (!subject.filter) return;
  lines_.line("  AND ");
  filter(*subject.filter, "e");
}

void SqlRule::number(Opcode op, const EventSubject& subject, const std::byte* at) {
  const SqlValue value =
      has_property(subject.op) ? property_at(subject.property, "e") : SqlValue{text(), text(), text()};
  const SqlText amount =
      text("CASE WHEN jsonb_typeof(", value.json, ") = 'number' THEN (", value.json, ")::numeric END");
  SqlText left = text(), factor = text();
  switch (subject.op) {
    case Opcode::count: left = text("count(*)"); break;
    case Opcode::sum: left = text("COALESCE(sum(", amount, "), 0)"); break;
    case Opcode::average:  // exactly, which a quotient is not
      left = text("sum(", amount, ")");
      factor = text(" * count(", amount, ")");
      break;
    case Opcode::least: left = text("min(", amount, ")"); break;
    case Opcode::greatest: left = text("max(", amount, ")"); break;
    case Opcode::distinct: left = text("count(DISTINCT NULLIF(", value.json, ", 'null'))"); break;
    default: left = text("count(DISTINCT (e.occurred_at AT TIME ZONE 'UTC')::date)"); break;
  }
  lines_.add("(SELECT ", comparison(left, op, at, factor));
  selected(subject);
  lines_.add(")");
}

void SqlRule::moment(Opcode op, const EventSubject& subject, const std::byte* at) {
  const std::string_view time = subject.op == Opcode::first_time ? "min(e.occurred_at)" : "max(e.occurred_at)";
  if (op == Opcode::is_known || op == Opcode::is_unknown) {
    lines_.add(op == Opcode::is_known ? "EXISTS (SELECT" : "NOT EXISTS (SELECT");
  } else {
    lines_.add("(SELECT ",
               op == Opcode::within ? clock_.within(time, trusted_node(at), false) : comparison(time, op, at));
  }
  selected(subject);
  lines_.add(")");
}

// Of one value, after `order`; nothing is known when there is none.
void SqlRule::one_value(Opcode op, const std::byte* at, const SqlValue& value, const EventSubject& subject,
                        std::string_view order) {
  const bool never_unknown = op == Opcode::is_known || op == Opcode::is_unknown;
  if (never_unknown) lines_.add(op == Opcode::is_known ? "COALESCE(" : "NOT COALESCE(");
  lines_.add("(SELECT ", never_unknown ? known(value) : condition(op, at, value));
  if (subject.op == Opcode::most_frequent) {
    lines_.line("FROM (SELECT ", member("e.properties", subject.property), " AS value");
    lines_.indent();
    selected(subject);
    lines_.add(") AS v");
    lines_.dedent();
    lines_.line("WHERE ", known(value)).line("GROUP BY v.value");
  } else {
    selected(subject);
  }
  lines_.line("ORDER BY ", order).line("LIMIT 1").add(never_unknown ? "), false)" : ")");
}

void SqlRule::event_value(Opcode op, const EventSubject& subject, const std::byte* at) {
  if (subject.op == Opcode::first_value)
    return one_value(op, at, property_at(subject.property, "e"), subject, "e.occurred_at, e.position");
  if (subject.op == Opcode::last_value)
    return one_value(op, at, property_at(subject.property, "e"), subject, "e.occurred_at DESC, e.position DESC");
  if (op >= Opcode::contains && op <= Opcode::contains_all)
    refuse("\"contains\" on the most frequent value", "Of lists that are as frequent none is the least in SQL.");
  constexpr std::string_view kOrder =
      "count(*) DESC, array_position(ARRAY['boolean', 'number', 'string'], jsonb_typeof(v.value)), "
      "CASE WHEN jsonb_typeof(v.value) = 'boolean' THEN (v.value)::boolean END, "
      "CASE WHEN jsonb_typeof(v.value) = 'number' THEN (v.value)::numeric END, "
      "CASE WHEN jsonb_typeof(v.value) = 'string' THEN v.value #>> '{}' END COLLATE \"C\"";
  one_value(op, at, {text("v.value"), text(), text()}, subject, kOrder);
}

void SqlRule::events(Opcode op, const ProgramNode& about, const std::byte* at) {
  lines_.indent();
  if (about.op == Opcode::sequence) {
    sequence(about);
  } else if (about.op == Opcode::funnel) {
    funnel(op, about, at);
  } else if (const EventSubject subject(about); op == Opcode::did) {
    lines_.add("EXISTS (SELECT");
    selected(subject);
    lines_.add(")");
  } else if (is_moment(about.op)) {
    moment(op, subject, at);
  } else if (is_event_value(about.op)) {
    event_value(op, subject, at);
  } else {
    number(op, subject, at);
  }
  lines_.dedent();
}

}  // namespace cdp::core::rule
