// src/core/segment/program.cpp: headers, and the algebra of stored rules.
#include "core/segment/program.hpp"

#include <algorithm>
#include <string>

#include "core/segment/segment.hpp"

namespace cdp::core {

void fail_too_deep() {
  throw Error(Code::too_complex, "segment is nested too deeply", "A segment is nested at most 1000 levels deep.");
}

void fail_too_long() {
  throw Error(Code::limit_exceeded, "segment is too long",
              "The canonical text of a segment is at most 1 MB long, its stored form 8 MB.");
}

void append_segment_header(Buffer& out, std::uint32_t nodes, std::uint16_t needs) {
  out.byte(Segment::kMagic);
  out.byte(Segment::kVersion);
  out.le<std::uint16_t>(needs);
  out.le<std::uint32_t>(nodes);
  out.le<std::uint32_t>(0);
}

Segment::Segment(ByteSpan payload) : payload_(payload) {
  const bool whole = payload.size() > kHeaderSize + 2 && static_cast<std::uint8_t>(payload[0]) == kMagic;
  if (whole && (payload[1] != std::byte{kVersion} || (load_le<std::uint16_t>(payload.data() + 2) & ~need::kAll) != 0))
    throw Error(Code::not_supported,
                "unsupported version " + std::to_string(static_cast<int>(payload[1])) + " of type cdp.segment", {},
                "The value was written by a newer version of cdp; update the library.");
  if (!whole || load_le<std::uint32_t>(payload.data() + 8) != 0)
    throw Error(Code::corrupted, "stored value is not a valid cdp.segment");
}

namespace {

// Levels of logic below and including this node, those of filters, too.
int depth_of(const ProgramNode& node) {
  int deepest = 0;
  const auto below = [&](const ProgramNode& child) {
    deepest = std::max(deepest, depth_of(child));
    return false;
  };
  if (is_logic(node.op)) {
    any_operand(node, below);
    return deepest + 1;
  }
  if (node.op == Opcode::step || node.op == Opcode::absence || is_behaviour(node.op)) {
    if (node.op == Opcode::sequence || node.op == Opcode::funnel) {
      any_child(node.op == Opcode::funnel ? rule::FunnelParts(node).parts : node.body, below);
    } else if (const EventSubject events(node); events.filter) {
      below(*events.filter);
    }
  } else if (is_predicate(node.op)) {
    const std::byte* at = node.body.data();
    below(trusted_node(at));
  }
  return deepest;
}

std::uint32_t own_nodes(const Segment& segment, Opcode op) noexcept {
  return segment.node_count() - (segment.root().op == op ? 1 : 0);
}

// Its children when it is a node of this kind already, else itself.
ByteSpan operands(const Segment& segment, Opcode op) noexcept {
  const ProgramNode root = segment.root();
  return root.op == op ? root.body : segment.tree();
}

void finish(Buffer& out, std::size_t from) {
  const Segment made(out.span(from));
  if (made.payload().size() > kMaxRuleBytes + Segment::kHeaderSize) fail_too_long();
  if (depth_of(made.root()) > kMaxRuleDepth) fail_too_deep();
  Buffer text;
  print_segment(made, text);
}

}  // namespace

void combine_segments(Opcode op, const Segment& a, const Segment& b, Buffer& out) {
  const std::size_t from = out.size();
  const ByteSpan left = operands(a, op), right = operands(b, op);
  append_segment_header(out, own_nodes(a, op) + own_nodes(b, op) + 1, a.needs() | b.needs());
  out.byte(static_cast<std::uint8_t>(op));
  out.varint(left.size() + right.size());
  out.append(left);
  out.append(right);
  finish(out, from);
}

void negate_segment(const Segment& a, Buffer& out) {
  const std::size_t from = out.size();
  append_segment_header(out, a.node_count() + 1, a.needs());
  out.byte(static_cast<std::uint8_t>(Opcode::negation));
  out.varint(a.tree().size());
  out.append(a.tree());
  finish(out, from);
}

namespace {

// Calls visit(subject) for the subject of each predicate, but for those in filters.
template <typename Visit>
void for_each_subject(const ProgramNode& node, const Visit& visit) {
  if (is_logic(node.op)) {
    any_operand(node, [&](const ProgramNode& child) {
      for_each_subject(child, visit);
      return false;
    });
    return;
  }
  const std::byte* at = node.body.data();
  visit(trusted_node(at));
}

// Calls visit(node) for each node of in_zone and in_zone_of.
template <typename Visit>
void for_each_zone(const ProgramNode& node, const Visit& visit) {
  if (!is_logic(node.op)) return;
  if (is_zoned(node.op)) visit(node);
  any_operand(node, [&](const ProgramNode& child) {
    for_each_zone(child, visit);
    return false;
  });
}

void sort_once(std::pmr::vector<std::string_view>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

std::pmr::vector<std::string_view> attributes_used(const Segment& segment, std::pmr::memory_resource* resource) {
  std::pmr::vector<std::string_view> names(resource);
  if ((segment.needs() & need::kZones) != 0)
    for_each_zone(segment.root(), [&](const ProgramNode& zoned) {
      if (zoned.op == Opcode::in_zone_of) names.push_back(ZonedRule(zoned).zone);
    });
  for_each_subject(segment.root(), [&](const ProgramNode& subject) {
    if (is_attribute(subject.op)) names.push_back(Subject(subject).path);
  });
  sort_once(names);
  return names;
}

std::pmr::vector<std::string_view> events_used(const Segment& segment, std::pmr::memory_resource* resource) {
  std::pmr::vector<std::string_view> names(resource);
  for_each_subject(segment.root(), [&](const ProgramNode& subject) {
    for_each_event(subject, [&](std::string_view event) { names.push_back(event); });
  });
  sort_once(names);
  return names;
}

std::pmr::vector<std::string_view> segments_used(const Segment& segment, std::pmr::memory_resource* resource) {
  std::pmr::vector<std::string_view> names(resource);
  if (!segment.refers()) return names;
  for_each_subject(segment.root(), [&](const ProgramNode& subject) {
    if (subject.op == Opcode::segment) names.push_back(Subject(subject).path);
  });
  sort_once(names);
  return names;
}

std::uint16_t needs_of(const ProgramNode& rule) noexcept {
  const std::byte* at = rule.body.data();
  if (rule.op == Opcode::in_segment) return need::kSegments;
  if (!is_logic(rule.op)) return is_behaviour(trusted_node(at).op) ? need::kEvents : 0;
  const bool zone = rule.op == Opcode::in_zone_of || (rule.op == Opcode::in_zone && ZonedRule(rule).zone != kUtc);
  std::uint16_t needs = zone ? need::kZones : 0;
  any_operand(rule, [&needs](const ProgramNode& child) {
    needs |= needs_of(child);
    return false;
  });
  return needs;
}

}  // namespace cdp::core
