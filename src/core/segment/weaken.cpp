// src/core/segment/weaken.cpp: what is left of a rule when some of its conditions can't be, or needn't be, asked.
#include "core/segment/weaken.hpp"

namespace cdp::core {

namespace {

// Writes what is left as text: reading that gives the stored form.
class Writer {
 public:
  Writer(const LeftOut& left_out, Buffer& text, const Poll& poll) : left_out_(left_out), text_(text), poll_(poll) {}

  // False, and nothing written, when what is left out alone can make the node true (where it is negated: false).
  bool node(const ProgramNode& node, bool negated) {
    poll_();
    if (left_out_(node)) return false;
    switch (node.op) {
      case Opcode::negation: return negation(node, negated);
      case Opcode::all_of: return negated ? every(node, " and ", negated) : some(node, " and ", negated);
      case Opcode::any_of: return negated ? some(node, " or ", negated) : every(node, " or ", negated);
      case Opcode::in_zone:
      case Opcode::in_zone_of: return in_zone(node, negated);
      default: print_node(node, text_); return true;
    }
  }

 private:
  bool child(const ProgramNode& child, bool negated, Opcode parent) {
    const bool enclosed = child.op == Opcode::any_of || (child.op == Opcode::all_of && parent == Opcode::negation);
    if (!enclosed) return node(child, negated);
    const std::size_t from = text_.size();
    text_.byte('(');
    if (!node(child, negated)) {
      text_.truncate(from);
      return false;
    }
    text_.byte(')');
    return true;
  }

  bool in_zone(const ProgramNode& node, bool negated) {
    const std::size_t from = text_.size();
    text_.byte('(');
    if (!this->node(ZonedRule(node).rule, negated)) {
      text_.truncate(from);
      return false;
    }
    text_.byte(' ');
    print_zone(node, text_);
    text_.byte(')');
    return true;
  }

  bool negation(const ProgramNode& node, bool negated) {
    const std::size_t from = text_.size();
    const std::byte* at = node.body.data();
    text_.append("not ");
    if (child(trusted_node(at), !negated, node.op)) return true;
    text_.truncate(from);
    return false;
  }

  // Each child says something by itself: those that are left do.
  bool some(const ProgramNode& node, std::string_view word, bool negated) {
    const std::size_t from = text_.size();
    std::size_t end = from;
    any_child(node.body, [&](const ProgramNode& part) {
      if (end != from) text_.append(word);
      if (child(part, negated, node.op)) {
        end = text_.size();
      } else {
        text_.truncate(end);
      }
      return false;
    });
    return end != from;
  }

  // They say something only together.
  bool every(const ProgramNode& node, std::string_view word, bool negated) {
    const std::size_t from = text_.size();
    const bool lost = any_child(node.body, [&](const ProgramNode& part) {
      if (text_.size() != from) text_.append(word);
      return !child(part, negated, node.op);
    });
    if (lost) text_.truncate(from);
    return !lost;
  }

  const LeftOut& left_out_;
  Buffer& text_;
  const Poll& poll_;
};

}  // namespace

bool append_weaker(const Segment& segment, const LeftOut& left_out, Buffer& out, const Poll& poll,
                   std::pmr::memory_resource* resource, const Zones* zones) {
  Buffer text(resource);
  const bool left = Writer(left_out, text, poll).node(segment.root(), false);
  if (!left) text.append("x is known or x is unknown");
  parse_segment(as_text(text.span()), out, poll, resource, zones);
  return left;
}

bool append_without_events(const Segment& segment, Buffer& out, const Poll& poll, std::pmr::memory_resource* resource,
                           const Zones* zones) {
  return append_weaker(
      segment, [](const ProgramNode& node) { return !is_logic(node.op) && reads_events(node); }, out, poll, resource,
      zones);
}

}  // namespace cdp::core
