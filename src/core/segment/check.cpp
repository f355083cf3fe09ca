// src/core/segment/check.cpp: the full check of bytes from outside.
#include "core/segment/segment.hpp"

namespace cdp::core {

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
      case Opcode::in_zone:
      case Opcode::in_zone_of:
        if (in_filter_) reader.fail("it has a time zone in a filter");
        inside.take(inside.count());
        [[fallthrough]];
      case Opcode::negation: rule(inside, op, depth + 1); break;
      default:
        if (!in_filter_) depth_ = depth - 1;
        predicate(op, inside);
        break;
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
    if (!is_predicate(op)) reader.fail("it has an unknown operation");
    const auto [subject, body] = node(reader);
    if (!is_subject(subject) || (subject == Opcode::property) != in_filter_) reader.fail("it has an unknown subject");
    if (!allows(subject, op)) reader.fail("it has an unknown operation on its subject");
    Reader inside(body, "cdp.segment");
    if (subject == Opcode::from_source) inside.take(inside.count());
    if (is_behaviour(subject)) behaviour(subject, inside);
    const int arguments = op == Opcode::between || op == Opcode::not_between ? 2 : 1;
    if (op == Opcode::is_known || op == Opcode::is_unknown || op > Opcode::anniversary_within) return;
    if (op >= Opcode::within) return window(reader);
    if (op == Opcode::in || op == Opcode::not_in || op >= Opcode::contains_any) return list(reader);
    for (int i = 0; i < arguments; ++i) {
      if (subject == Opcode::freshness) {
        part(reader, Opcode::duration);
      } else {
        const Type type = constant(reader);
        if (op >= Opcode::like && op <= Opcode::starts_with && type != Type::string)
          reader.fail("a pattern in it is no string");
        if (is_number(subject) && type != Type::number) reader.fail("it compares a number with something else");
        if (is_moment(subject) && type != Type::timestamp) reader.fail("it compares a time with something else");
      }
    }
  }

  static bool is_number(Opcode subject) noexcept {
    return (is_behaviour(subject) && !is_moment(subject) && !is_event_value(subject)) || subject == Opcode::identifiers;
  }

  static bool allows(Opcode subject, Opcode op) noexcept {
    if (op == Opcode::did) return subject == Opcode::count;
    if (op == Opcode::found || subject == Opcode::sequence) return op == Opcode::found && subject == Opcode::sequence;
    if (op == Opcode::granted || subject == Opcode::consent) return op == Opcode::granted && subject == Opcode::consent;
    if (op == Opcode::in_segment || subject == Opcode::segment)
      return op == Opcode::in_segment && subject == Opcode::segment;
    if (op == Opcode::has_identifier) return subject == Opcode::identifiers;
    if (is_number(subject) || subject == Opcode::freshness) return op <= Opcode::not_between;
    if (is_moment(subject))
      return op <= Opcode::not_between || op == Opcode::is_known || op == Opcode::is_unknown || op == Opcode::within;
    return op < Opcode::within || !(is_event_value(subject) || subject == Opcode::property);
  }

  // What a subject that reads events says.
  void behaviour(Opcode op, Reader& reader) {
    if (op == Opcode::funnel) {
      if ((reader.byte() & ~funnel_mode::kAll) != 0) reader.fail("it has an unknown mode");
      part(reader, Opcode::duration);
    }
    if (op == Opcode::funnel || op == Opcode::sequence) return steps(op, reader);
    if (op != Opcode::days_of_any) reader.take(reader.count());
    if (has_property(op)) reader.take(reader.count());
    if (op != Opcode::days_of_any) filter(reader);
    if (reader.left() > 0 || op == Opcode::days_of_any) window(reader);
    reader.expect_end();
  }

  void steps(Opcode op, Reader& reader) {
    int count = 0;
    while (reader.left() > 0 && !is_window(next(reader))) {
      const auto [kind, body] = node(reader);
      if (kind != Opcode::step && (kind != Opcode::absence || op == Opcode::funnel || count == 0))
        reader.fail("it has an unknown step");
      ++count;
      Reader inside(body, "cdp.segment");
      inside.take(inside.count());
      filter(inside);
      if (op == Opcode::sequence && inside.left() > 0) part(inside, Opcode::duration);
      inside.expect_end();
    }
    if (count == 0) reader.fail("it has no steps");
    if (reader.left() > 0) window(reader);
    reader.expect_end();
  }

  // Filters do not stand in filters, and so take no more of the stack than their logic.
  void filter(Reader& reader) {
    if (reader.left() == 0 || (!is_logic(next(reader)) && !is_predicate(next(reader)))) return;
    in_filter_ = true;
    rule(reader, Opcode::negation, depth_ + 1);
    in_filter_ = false;
  }

  static Opcode next(const Reader& reader) noexcept { return static_cast<Opcode>(*reader.position()); }

  void part(Reader& reader, Opcode kind) {
    const auto [found, body] = node(reader);
    if (found != kind) reader.fail("it has an unknown duration");
    duration(body);
  }

  Type constant(Reader& reader) {
    const Value value = checked_value(reader, true);
    if (value.type != Type::boolean && value.type != Type::number && value.type != Type::string &&
        value.type != Type::timestamp)
      reader.fail("it compares with a value of an unknown type");
    return value.type;
  }

  static bool is_of_calendar(std::uint8_t unit) noexcept {
    return unit < kUnits && static_cast<Unit>(unit) >= Unit::day;
  }

  void duration(ByteSpan body, bool any_unit = true) {
    Reader reader(body, "cdp.segment");
    const std::uint8_t unit = reader.byte();
    if (unit >= kUnits || (!any_unit && !is_of_calendar(unit)) || reader.varint() > most_of(static_cast<Unit>(unit)))
      reader.fail("it has an unknown duration");
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
    if (has_duration(kind)) return duration(body, kind == Opcode::last || kind == Opcode::next);
    if (is_period(kind)) {
      Reader inside(body, "cdp.segment");
      if (!is_of_calendar(inside.byte())) reader.fail("it has an unknown period");
      return inside.expect_end();
    }
    if (kind != Opcode::since && kind != Opcode::between_times) reader.fail("it has an unknown window");
    Reader inside(body, "cdp.segment");
    for (int i = kind == Opcode::since ? 1 : 2; i > 0; --i)
      if (constant(inside) != Type::timestamp) reader.fail("a window in it is no time");
    inside.expect_end();
  }

  const Poll& poll_;
  std::uint32_t count_ = 0;
  int depth_ = 0;  // of logic around the predicate
  bool in_filter_ = false;
};

}  // namespace

void check_segment(ByteSpan payload, const Poll& poll, std::pmr::memory_resource* resource, const Zones* zones) {
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
    parse_segment(as_text(text.span()), again, poll, resource, zones);
  } catch (const Error& error) {
    if (error.code() != Code::syntax_error) throw;
    reader.fail("a name or constant in it is not valid");
  }
  if (compare_bytes(again.span(), payload) != 0) reader.fail("it is not in canonical form");
}

}  // namespace cdp::core
