// src/core/segment/sql.cpp: the query, logic, and which translation a predicate takes.
#include "core/segment/sql.hpp"

#include "core/segment/sql_rule.hpp"

namespace cdp::core {

namespace rule {

void SqlRule::refuse(const char* what, const char* hint) {
  throw Error(Code::not_supported, std::string("cannot express ") + what + " in plain SQL", {}, hint);
}

void SqlRule::query(const ProgramNode& root) {
  lines_.add("SELECT c.customer_id").line("FROM customer AS c").line("WHERE ");
  rule(root);
}

void SqlRule::rule(const ProgramNode& node) {
  poll_();
  const std::byte* at = node.body.data();
  switch (node.op) {
    case Opcode::all_of: return joined(node, "AND ");
    case Opcode::any_of: return joined(node, "OR ");
    case Opcode::negation: lines_.add("NOT "); return rule(trusted_node(at));
    case Opcode::in_zone:
    case Opcode::in_zone_of:
      if (node.op == Opcode::in_zone_of || ZonedRule(node).zone != kUtc)
        refuse("days of a time zone", "Days of UTC can be expressed.");
      return rule(ZonedRule(node).rule);
    case Opcode::in_segment: refuse("another segment", "Put its rule in first: cdp.expand(segment, names, segments).");
    default: return predicate(node);
  }
}

void SqlRule::joined(const ProgramNode& node, std::string_view word) {
  lines_.add("(");
  lines_.indent();
  bool first = true;
  any_child(node.body, [&](const ProgramNode& child) {
    lines_.line(first ? "" : word);
    first = false;
    rule(child);
    return false;
  });
  lines_.dedent();
  lines_.line(")");
}

void SqlRule::predicate(const ProgramNode& node) {
  const std::byte* at = node.body.data();
  const ProgramNode about = trusted_node(at);
  if (is_behaviour(about.op)) return events(node.op, about, at);
  const Subject subject(about);
  switch (subject.op) {
    case Opcode::golden: return golden(node.op, subject.path, at);
    case Opcode::freshness: return fresh(node.op, subject.path, at);
    case Opcode::observed:
    case Opcode::from_source: return observed(node.op, subject, at);
    default: return stated(node.op, subject, at);
  }
}

// Of something that is a number or a time, with constants of its kind.
SqlText SqlRule::comparison(std::string_view left, Opcode op, const std::byte* at, std::string_view factor) const {
  const SqlText low = constant(at);
  if (op != Opcode::between && op != Opcode::not_between) return text(left, sql_operator(op), low, factor);
  const SqlText high = constant(at);
  return text(left, op == Opcode::between ? " BETWEEN " : " NOT BETWEEN ", low, factor, " AND ", high, factor);
}

}  // namespace rule

void print_sql(const Segment& segment, std::optional<std::int64_t> as_of, Buffer& out, const Poll& poll,
               std::pmr::memory_resource* resource) {
  rule::SqlRule(out, as_of, poll, resource).query(segment.root());
}

}  // namespace cdp::core
