// src/core/segment/program.cpp: headers, the full check of bytes from outside, and the algebra of stored rules.
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

void append_segment_header(Buffer& out, std::uint32_t nodes) {
  out.byte(Segment::kMagic);
  out.byte(Segment::kVersion);
  out.le<std::uint16_t>(0);
  out.le<std::uint32_t>(nodes);
  out.le<std::uint32_t>(0);
}

Segment::Segment(ByteSpan payload) : payload_(payload) {
  const bool whole = payload.size() > kHeaderSize + 2 && static_cast<std::uint8_t>(payload[0]) == kMagic;
  if (whole && (payload[1] != std::byte{kVersion} || load_le<std::uint16_t>(payload.data() + 2) != 0))
    throw Error(Code::not_supported,
                "unsupported version " + std::to_string(static_cast<int>(payload[1])) + " of type cdp.segment", {},
                "The value was written by a newer version of cdp; update the library.");
  if (!whole || load_le<std::uint32_t>(payload.data() + 8) != 0)
    throw Error(Code::corrupted, "stored value is not a valid cdp.segment");
}

namespace {

// Follows the structure of bytes that nobody vouches for. What it leaves open (order of lists, spelling of
// patterns, names) is closed by printing the rule and reading it again.
class Checker {
 public:
  explicit Checker(const Poll& poll) : poll_(poll) {}

  std::uint32_t count() const noexcept { return count_; }

  void rule(Reader& reader, Opcode parent, int depth) {
    poll_();
    const auto [op, body] = node(reader);
    if (is_logic(op) && depth > kMaxRuleDepth) fail_too_deep();
    Reader inside(body, "cdp.segment");
    switch (op) {
      case Opcode::all_of:
      case Opcode::any_of: {
        if (op == parent) reader.fail("a conjunction in it is not flat");
        int children = 0;
        for (; inside.left() > 0; ++children) rule(inside, op, depth + 1);
        if (children < 2) reader.fail("a conjunction in it is too short");
        return;
      }
      case Opcode::negation: rule(inside, op, depth + 1); break;
      default: predicate(op, inside); break;
    }
    inside.expect_end();
  }

 private:
  ProgramNode node(Reader& reader) {
    ++count_;
    const auto op = static_cast<Opcode>(reader.byte());
    return {op, reader.take(reader.count())};
  }

  void predicate(Opcode op, Reader& reader) {
    if (op < Opcode::equal || op > Opcode::anniversary_within) reader.fail("it has an unknown operation");
    const auto [subject, body] = node(reader);
    if (!is_subject(subject)) reader.fail("it has an unknown subject");
    Reader inside(body, "cdp.segment");
    if (subject == Opcode::from_source) inside.take(inside.count());
    const bool freshness = subject == Opcode::freshness;
    if (freshness && op > Opcode::not_between) reader.fail("it has an unknown operation on freshness");
    const int arguments = op == Opcode::between || op == Opcode::not_between ? 2 : 1;
    if (op == Opcode::is_known || op == Opcode::is_unknown) return;
    if (op >= Opcode::within) return window(reader);
    if (op == Opcode::in || op == Opcode::not_in || op >= Opcode::contains_any) return list(reader);
    for (int i = 0; i < arguments; ++i) {
      if (freshness) {
        const auto [kind, length] = node(reader);
        if (kind != Opcode::duration) reader.fail("it has an unknown duration");
        duration(length);
      } else {
        const bool string = op >= Opcode::like && op <= Opcode::starts_with;
        if (constant(reader) != Type::string && string) reader.fail("a pattern in it is no string");
      }
    }
  }

  Type constant(Reader& reader) {
    const Value value = checked_value(reader, true);
    if (value.type != Type::boolean && value.type != Type::number && value.type != Type::string &&
        value.type != Type::timestamp)
      reader.fail("it compares with a value of an unknown type");
    return value.type;
  }

  void duration(ByteSpan body) {
    Reader reader(body, "cdp.segment");
    const std::uint8_t unit = reader.byte();
    if (unit >= kUnits || reader.varint() > most_of(static_cast<Unit>(unit))) reader.fail("it has an unknown duration");
    reader.expect_end();
  }

  void list(Reader& reader) {
    const auto [kind, body] = node(reader);
    if (kind != Opcode::list) reader.fail("it has an unknown list");
    Reader inside(body, "cdp.segment");
    const auto count = inside.le<std::uint32_t>();
    if (count == 0 || count > inside.left() / 5) reader.fail("a count in it is larger than the value");
    Reader ends(inside.take(std::size_t{count} * 4), "cdp.segment");
    const std::byte* const values = inside.position();
    for (std::uint32_t i = 0; i < count; ++i) {
      poll_();
      constant(inside);
      if (ends.le<std::uint32_t>() != static_cast<std::size_t>(inside.position() - values))
        reader.fail("a list in it has a wrong directory");
    }
    inside.expect_end();
  }

  void window(Reader& reader) {
    const auto [kind, body] = node(reader);
    if (kind == Opcode::last || kind == Opcode::next) return duration(body);
    if (kind != Opcode::since && kind != Opcode::between_times) reader.fail("it has an unknown window");
    Reader inside(body, "cdp.segment");
    for (int i = kind == Opcode::since ? 1 : 2; i > 0; --i)
      if (constant(inside) != Type::timestamp) reader.fail("a window in it is no time");
    inside.expect_end();
  }

  const Poll& poll_;
  std::uint32_t count_ = 0;
};

}  // namespace

void check_segment(ByteSpan payload, const Poll& poll, std::pmr::memory_resource* resource) {
  Reader reader(payload, "cdp.segment");
  if (reader.left() > kMaxRuleBytes + Segment::kHeaderSize) fail_too_long();
  if (reader.left() <= Segment::kHeaderSize + 2) reader.fail("it ends too early");
  try {
    const Segment header(payload);
  } catch (const Error& error) {
    if (error.code() != Code::corrupted) throw;
    reader.fail("its header is wrong");
  }
  reader.take(Segment::kHeaderSize);
  Checker checker(poll);
  checker.rule(reader, Opcode::negation, 1);
  reader.expect_end();
  const Segment segment(payload);
  if (checker.count() != segment.node_count()) reader.fail("its count is wrong");
  Buffer text(resource), again(resource);
  print_segment(segment, text);
  try {
    parse_segment(as_text(text.span()), again, poll, resource);
  } catch (const Error& error) {
    if (error.code() != Code::syntax_error) throw;
    reader.fail("a name or constant in it is not valid");
  }
  if (compare_bytes(again.span(), payload) != 0) reader.fail("it is not in canonical form");
}

namespace {

// Levels of logic below and including this node.
int depth_of(const ProgramNode& node) {
  if (!is_logic(node.op)) return 0;
  int deepest = 0;
  any_child(node.body, [&](const ProgramNode& child) {
    deepest = std::max(deepest, depth_of(child));
    return false;
  });
  return deepest + 1;
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
  append_segment_header(out, own_nodes(a, op) + own_nodes(b, op) + 1);
  out.byte(static_cast<std::uint8_t>(op));
  out.varint(left.size() + right.size());
  out.append(left);
  out.append(right);
  finish(out, from);
}

void negate_segment(const Segment& a, Buffer& out) {
  const std::size_t from = out.size();
  append_segment_header(out, a.node_count() + 1);
  out.byte(static_cast<std::uint8_t>(Opcode::negation));
  out.varint(a.tree().size());
  out.append(a.tree());
  finish(out, from);
}

namespace {

void collect(const ProgramNode& node, std::pmr::vector<std::string_view>& names) {
  if (is_subject(node.op)) {
    names.push_back(Subject(node).path);
    return;
  }
  if (is_logic(node.op)) {
    any_child(node.body, [&](const ProgramNode& child) {
      collect(child, names);
      return false;
    });
    return;
  }
  const std::byte* at = node.body.data();
  collect(trusted_node(at), names);
}

}  // namespace

std::pmr::vector<std::string_view> attributes_used(const Segment& segment, std::pmr::memory_resource* resource) {
  std::pmr::vector<std::string_view> names(resource);
  collect(segment.root(), names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace cdp::core
