// The tree that the parser builds, and its flat form. Nodes are numbers, so the parser's stack holds plain data.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/bytes/buffer.hpp"
#include "core/bytes/poll.hpp"
#include "core/bytes/source.hpp"
#include "core/segment/program.hpp"
#include "core/segment/zones.hpp"

namespace cdp::core::rule {

using NodeIndex = std::uint32_t;

class Builder {
 public:
  Builder(const Source& source, const Poll& poll, std::pmr::memory_resource* resource, const Zones* zones)
      : source_(source), poll_(poll), zones_(zones), nodes_(resource), payloads_(resource), scratch_(resource) {}

  const Source& source() const noexcept { return source_; }
  const Poll& poll() const noexcept { return poll_; }

  // Logic: all_of and any_of take in the children of a child of their own kind.
  NodeIndex join(Opcode op, NodeIndex left, NodeIndex right);
  NodeIndex branch(Opcode op, NodeIndex only);
  NodeIndex in_zone(NodeIndex rule, Place name);  // 42601 for a name that is no zone
  NodeIndex in_zone_of(NodeIndex rule, NodeIndex path);

  // Predicates: a subject and its arguments.
  NodeIndex predicate(Opcode op, NodeIndex first) { return add(op, first); }
  NodeIndex predicate(Opcode op, NodeIndex first, NodeIndex second) { return adopt(add(op, first), second); }
  NodeIndex predicate(Opcode op, NodeIndex first, NodeIndex second, NodeIndex third) {
    return adopt(predicate(op, first, second), third);
  }
  NodeIndex anniversary(NodeIndex subject, NodeIndex window, Place place);
  // Conditions are predicates that lack their subject, which comes first in the end.
  NodeIndex condition(Opcode op) { return add(op); }
  NodeIndex pattern(Opcode op, Place string);
  NodeIndex attach(NodeIndex condition, NodeIndex subject) noexcept;

  // Subjects, from a name as written or a quoted one.
  NodeIndex path(Place name);
  NodeIndex quoted_path(Place string);
  NodeIndex subject(Opcode op, NodeIndex path);
  NodeIndex from_source(NodeIndex path, Place source);
  NodeIndex fact(Opcode op, Place string);

  // What is read of events.
  NodeIndex event(Place string);
  NodeIndex property(NodeIndex events, NodeIndex path);
  NodeIndex value_at(NodeIndex moment, NodeIndex path);
  NodeIndex funnel(NodeIndex stages, Place stages_place, NodeIndex within, std::uint32_t modes, Place modes_place);
  NodeIndex extend_chain(NodeIndex chain, NodeIndex step, Place step_place);
  NodeIndex adopt(NodeIndex parent, NodeIndex child) noexcept {
    append(parent, child);
    return parent;
  }

  // Constants.
  NodeIndex number(Place place);
  NodeIndex string(Place place);
  NodeIndex boolean(bool value);
  NodeIndex timestamp(Place string);
  NodeIndex date(Place string);
  NodeIndex begin_list(NodeIndex first) { return branch(Opcode::list, first); }
  NodeIndex extend_list(NodeIndex list, NodeIndex next) { return adopt(list, next); }
  NodeIndex end_list(NodeIndex list);  // puts it in order, each value once
  NodeIndex duration(Place count, Unit unit, Place unit_place);
  NodeIndex fixed(NodeIndex duration, Place place, const char* instead);  // refuses months and years
  NodeIndex window(Opcode op, NodeIndex first, NodeIndex second = kNone);
  NodeIndex period(Opcode op, Unit unit);

  void finish(NodeIndex root) noexcept { root_ = root; }
  // Appends the stored form of the finished tree. 54000, 54001.
  void emit(Buffer& out);

 private:
  static constexpr NodeIndex kNone = UINT32_MAX;
  static constexpr Opcode kValue = Opcode{0};  // a constant: its stored value is the payload

  struct Node {
    Opcode op;
    Unit unit = Unit::minute;
    NodeIndex first = kNone, last = kNone, next = kNone;
    std::uint32_t payload = 0, length = 0;  // in payloads_
    std::uint64_t size = 0;                 // of the body; for a duration first its count
  };

  NodeIndex add(Opcode op, NodeIndex first = kNone);
  void append(NodeIndex parent, NodeIndex child) noexcept;
  NodeIndex constant(Type type);  // of the bytes in scratch_
  NodeIndex instant(Place string, bool date_only);
  NodeIndex named(NodeIndex node);      // of the bytes in scratch_
  NodeIndex with_text(NodeIndex node);  // the same, after their length
  void zone_name(Place place);          // into scratch_, as it is spelled
  ByteSpan payload(const Node& node) const noexcept { return payloads_.span(node.payload).first(node.length); }
  Value value(NodeIndex index) const noexcept;

  std::uint64_t measure(NodeIndex index, int depth);
  void write(NodeIndex index, Buffer& out);
  void write_list(const Node& list, Buffer& out);

  const Source& source_;
  const Poll& poll_;
  const Zones* zones_;
  std::pmr::vector<Node> nodes_;
  Buffer payloads_, scratch_;
  NodeIndex root_ = kNone;
  std::uint32_t count_ = 0;
};

}  // namespace cdp::core::rule
