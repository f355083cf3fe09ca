// The stored form of a rule: a header, then one tree of nodes in prefix order. docs/format.md specifies it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/bytes/reader.hpp"
#include "core/profile/value.hpp"

namespace cdp::core {

// Limits of a rule: its canonical text, its stored form, and its depth of nesting.
inline constexpr std::size_t kMaxRuleText = 1 << 20, kMaxRuleBytes = 8 << 20;
inline constexpr int kMaxRuleDepth = 1000;
inline constexpr std::uint32_t kMostSteps = 64;  // of a sequence, absences among them; of a funnel with conditions

// Stored: fixed for ever, never reused. 00–0F logic, 10–3F predicates, 40–5F what a predicate looks at,
// 60–7F what it compares with.
enum class Opcode : std::uint8_t {
  all_of = 0x01,      // two or more nodes, none of them all_of
  any_of = 0x02,      // two or more nodes, none of them any_of
  negation = 0x03,    // one node
  in_zone = 0x04,     // text(name of a time zone), one node: whose days are those of the zone
  in_zone_of = 0x05,  // text(path of an attribute with such a name), one node

  equal = 0x10,  // these six: subject, value (freshness: duration)
  not_equal = 0x11,
  less = 0x12,
  at_most = 0x13,
  greater = 0x14,
  at_least = 0x15,
  between = 0x16,  // subject, value, value (freshness: two durations)
  not_between = 0x17,
  in = 0x18,  // subject, list
  not_in = 0x19,
  like = 0x1A,  // these five: subject, string
  not_like = 0x1B,
  ilike = 0x1C,
  not_ilike = 0x1D,
  starts_with = 0x1E,
  contains = 0x1F,      // subject, value
  contains_any = 0x20,  // subject, list
  contains_all = 0x21,
  is_known = 0x22,  // subject
  is_unknown = 0x23,
  within = 0x24,  // subject, window
  anniversary_within = 0x25,
  did = 0x26,             // subject: count
  found = 0x27,           // subject: sequence
  has_identifier = 0x28,  // subject: identifiers
  granted = 0x29,         // subject: consent
  in_segment = 0x2A,      // subject: segment

  golden = 0x40,       // path: the golden value
  observed = 0x41,     // path: each value seen
  from_source = 0x42,  // varint length and path, then the source's name: what that source said last
  freshness = 0x43,    // path: the time since the golden value was last seen
  property = 0x44,     // path: of an event, in its filter
  // The events of one name: text(name), then a filter (logic and predicates on properties) and a window, if any.
  count = 0x45,
  sum = 0x46,  // these six: text(name), text(path of the property), filter, window
  average = 0x47,
  least = 0x48,
  greatest = 0x49,
  distinct = 0x4A,
  most_frequent = 0x4B,
  first_time = 0x4C,
  last_time = 0x4D,
  first_value = 0x4E,  // these two with a property
  last_value = 0x4F,
  days_active = 0x50,
  days_of_any = 0x51,  // days with any event: a window
  funnel = 0x52,       // modes, duration, steps, a window or none
  sequence = 0x53,     // steps, a window or none
  identifiers = 0x54,  // type
  consent = 0x55,      // purpose
  segment = 0x56,      // name of another rule

  list = 0x60,      // u32 count, count × u32 end of each value, the values in ascending order, each one once
  duration = 0x61,  // unit, varint count
  // Windows.
  last = 0x62,  // these four: unit, varint count; those of the calendar with a unit of days or longer
  next = 0x63,
  last_calendar = 0x64,
  next_calendar = 0x65,
  previous_period = 0x66,  // these three: such a unit
  this_period = 0x67,
  next_period = 0x68,
  since = 0x69,          // a timestamp value
  between_times = 0x6A,  // two timestamp values
  step = 0x70,           // text(name), filter; in a sequence also how long after the step before at most
  absence = 0x71,        // the same, for how long after the step before
};

// Stored: fixed for ever.
enum class Unit : std::uint8_t { minute = 0, hour = 1, day = 2, week = 3, month = 4, year = 5 };
inline constexpr std::uint8_t kUnits = 6;

// Stored, as bits: the modes of a funnel.
namespace funnel_mode {
inline constexpr std::uint8_t kDeduplication = 1, kOrder = 2, kOnce = 4, kIncrease = 8, kReentry = 16, kAll = 31;
}

constexpr bool is_fixed(Unit unit) noexcept { return unit < Unit::month; }
// The greatest count of a unit: 10 000 years of 365.2425 days.
constexpr std::uint64_t most_of(Unit unit) noexcept {
  constexpr std::uint64_t kDays = 3'652'425;
  constexpr std::uint64_t kMost[kUnits] = {kDays * 1440, kDays * 24, kDays, kDays / 7, 120'000, 10'000};
  return kMost[static_cast<int>(unit)];
}
// Only for fixed units.
constexpr std::int64_t microseconds_in(Unit unit) noexcept {
  constexpr std::int64_t kMicroseconds[4] = {60'000'000, 3'600'000'000, 86'400'000'000, 604'800'000'000};
  return kMicroseconds[static_cast<int>(unit)];
}

constexpr bool is_logic(Opcode op) noexcept { return op >= Opcode::all_of && op <= Opcode::in_zone_of; }
constexpr bool is_zoned(Opcode op) noexcept { return op == Opcode::in_zone || op == Opcode::in_zone_of; }
constexpr bool is_predicate(Opcode op) noexcept { return op >= Opcode::equal && op <= Opcode::in_segment; }
constexpr bool is_subject(Opcode op) noexcept { return op >= Opcode::golden && op <= Opcode::segment; }
constexpr bool is_attribute(Opcode op) noexcept { return op >= Opcode::golden && op <= Opcode::freshness; }
// Reads events.
constexpr bool is_behaviour(Opcode op) noexcept { return op >= Opcode::count && op <= Opcode::sequence; }
constexpr bool is_window(Opcode op) noexcept { return op >= Opcode::last && op <= Opcode::between_times; }
constexpr bool is_period(Opcode op) noexcept { return op >= Opcode::previous_period && op <= Opcode::next_period; }
constexpr bool has_duration(Opcode op) noexcept { return op >= Opcode::duration && op <= Opcode::next_calendar; }
// What a subject is, and with that which predicates it can have.
constexpr bool is_moment(Opcode op) noexcept { return op == Opcode::first_time || op == Opcode::last_time; }
constexpr bool is_event_value(Opcode op) noexcept {
  return op == Opcode::most_frequent || op == Opcode::first_value || op == Opcode::last_value;
}
constexpr bool has_property(Opcode op) noexcept {
  return (op >= Opcode::sum && op <= Opcode::most_frequent) || op == Opcode::first_value || op == Opcode::last_value;
}

// The comparison that is true where this one is false, if there is one.
constexpr std::optional<Opcode> opposite(Opcode op) noexcept {
  switch (op) {
    case Opcode::equal: return Opcode::not_equal;
    case Opcode::not_equal: return Opcode::equal;
    case Opcode::less: return Opcode::at_least;
    case Opcode::at_most: return Opcode::greater;
    case Opcode::greater: return Opcode::at_most;
    case Opcode::at_least: return Opcode::less;
    case Opcode::between: return Opcode::not_between;
    case Opcode::not_between: return Opcode::between;
    case Opcode::in: return Opcode::not_in;
    case Opcode::not_in: return Opcode::in;
    case Opcode::is_known: return Opcode::is_unknown;
    case Opcode::is_unknown: return Opcode::is_known;
    default: return std::nullopt;
  }
}

// A node: opcode, varint(length of its body), body.
struct ProgramNode {
  Opcode op;
  ByteSpan body;
};

// Reads a node that was validated when it came in, and steps past it.
inline ProgramNode trusted_node(const std::byte*& at) noexcept {
  const auto op = static_cast<Opcode>(*at++);
  const std::uint64_t length = trusted_varint(at);
  const ProgramNode node{op, {at, static_cast<std::size_t>(length)}};
  at += length;
  return node;
}

// text(…): varint length and the bytes.
inline std::string_view trusted_text(const std::byte*& at) noexcept {
  const auto length = static_cast<std::size_t>(trusted_varint(at));
  at += length;
  return {reinterpret_cast<const char*>(at - length), length};
}

// Calls visit(node) for each node in a body that holds nothing but nodes; stops when it returns true.
template <typename Visit>
bool any_child(ByteSpan body, Visit&& visit) {
  for (const std::byte *at = body.data(), *const end = at + body.size(); at != end;)
    if (visit(trusted_node(at))) return true;
  return false;
}

// The rule of in_zone and in_zone_of, and the name or path.
struct ZonedRule {
  std::string_view zone;
  ProgramNode rule;

  explicit ZonedRule(const ProgramNode& node) noexcept : ZonedRule(node.body.data()) {}

 private:
  explicit ZonedRule(const std::byte* at) noexcept : zone(trusted_text(at)), rule(trusted_node(at)) {}
};

// Calls visit(node) for each rule that logic joins; stops when it returns true.
template <typename Visit>
bool any_operand(const ProgramNode& logic, Visit&& visit) {
  if (is_zoned(logic.op)) return visit(ZonedRule(logic).rule);
  return any_child(logic.body, visit);
}

// The subject of a predicate on an attribute, identifier, consent or segment: the path (type, purpose, name) and, of
// from_source, the source.
struct Subject {
  Opcode op;
  std::string_view path, source;

  explicit Subject(ProgramNode node) noexcept : op(node.op), path(as_text(node.body)) {
    if (op != Opcode::from_source) return;
    const std::byte* at = node.body.data();
    const auto length = static_cast<std::size_t>(trusted_varint(at));
    path = {reinterpret_cast<const char*>(at), length};
    source = {path.data() + length, static_cast<std::size_t>(as_text(node.body).end() - path.end())};
  }
};

// What is read of the events of one name; also a step of a funnel or sequence.
struct EventSubject {
  Opcode op;
  std::string_view event, property;                   // those that there are
  std::optional<ProgramNode> filter, window, within;  // within: a duration

  explicit EventSubject(ProgramNode node) noexcept : op(node.op) {
    const std::byte* at = node.body.data();
    const std::byte* const end = at + node.body.size();
    if (op != Opcode::days_of_any) event = trusted_text(at);
    if (has_property(op)) property = trusted_text(at);
    while (at != end) {
      const ProgramNode part = trusted_node(at);
      (is_window(part.op) ? window : (part.op == Opcode::duration ? within : filter)) = part;
    }
  }
};

namespace rule {

struct Duration {
  Unit unit;
  std::uint64_t count;

  explicit Duration(ByteSpan body) noexcept : unit(static_cast<Unit>(body[0])) {
    const std::byte* at = body.data() + 1;
    count = trusted_varint(at);
  }
};

// Of a funnel: parts are its duration, its steps, and a window.
struct FunnelParts {
  std::uint8_t modes;
  ByteSpan parts;
  Duration within;

  explicit FunnelParts(const ProgramNode& node) noexcept
      : modes(static_cast<std::uint8_t>(node.body[0])), parts(node.body.subspan(1)), within(first(parts)) {}

 private:
  static ByteSpan first(ByteSpan parts) noexcept {
    const std::byte* at = parts.data();
    return trusted_node(at).body;
  }
};

}  // namespace rule

// The constants of `in` and `contains any`: ascending, so that one is found by bisection.
class ConstantList {
 public:
  explicit ConstantList(ByteSpan body) noexcept
      : count_(load_le<std::uint32_t>(body.data())), ends_(body.data() + 4), values_(ends_ + 4 * std::size_t{count_}) {}
  std::uint32_t size() const noexcept { return count_; }
  Value operator[](std::uint32_t index) const noexcept {
    const std::byte* at = values_ + (index == 0 ? 0 : load_le<std::uint32_t>(ends_ + 4 * (index - std::size_t{1})));
    return trusted_value(at);
  }
  bool has(const Value& value) const noexcept {
    std::uint32_t from = 0, until = count_;
    while (from < until) {
      const std::uint32_t middle = from + (until - from) / 2;
      const int order = compare((*this)[middle], value);
      if (order == 0) return true;
      (order < 0 ? from : until) = order < 0 ? middle + 1 : middle;
    }
    return false;
  }
  // No constant is of another type: a value of this type that isn't in the list is known not to be.
  bool all_of_type(Type type) const noexcept { return (*this)[0].type == type && (*this)[count_ - 1].type == type; }

 private:
  std::uint32_t count_;
  const std::byte *ends_, *values_;
};

// Stored, as bits in the header: what it takes to evaluate a rule beside attributes, identifiers and consents;
// segments: those that it refers to, in its place.
namespace need {
inline constexpr std::uint16_t kEvents = 1, kZones = 2, kSegments = 4, kAll = 7;
}

// A stored rule; valid while its bytes are.
class Segment {
 public:
  static constexpr std::uint8_t kMagic = 0xC5, kVersion = 1;
  static constexpr std::size_t kHeaderSize = 12;  // after the four bytes of the varlena length

  // `payload` follows the varlena length and passed check_segment() or came from the parser. Checks the header
  // alone. 0A000 for a newer format, XX001 for anything that isn't a rule.
  explicit Segment(ByteSpan payload);

  ByteSpan payload() const noexcept { return payload_; }
  std::uint16_t needs() const noexcept { return load_le<std::uint16_t>(payload_.data() + 2); }
  bool refers() const noexcept { return (needs() & need::kSegments) != 0; }
  std::uint32_t node_count() const noexcept { return load_le<std::uint32_t>(payload_.data() + 4); }
  const std::byte* begin() const noexcept { return payload_.data() + kHeaderSize; }
  ByteSpan tree() const noexcept { return payload_.subspan(kHeaderSize); }
  ProgramNode root() const noexcept {
    const std::byte* at = begin();
    return trusted_node(at);
  }

 private:
  ByteSpan payload_;
};

// Steps and absences, and a window among them.
inline ByteSpan parts_of(const ProgramNode& funnel_or_sequence) noexcept {
  return funnel_or_sequence.op == Opcode::funnel ? rule::FunnelParts(funnel_or_sequence).parts
                                                 : funnel_or_sequence.body;
}
// The window of a subject that reads events.
inline std::optional<ProgramNode> window_in(const ProgramNode& subject) noexcept {
  if (subject.op != Opcode::funnel && subject.op != Opcode::sequence) return EventSubject(subject).window;
  std::optional<ProgramNode> window;
  any_child(parts_of(subject), [&window](const ProgramNode& part) {
    if (is_window(part.op)) window = part;
    return window.has_value();
  });
  return window;
}

// Calls visit(name) for every event that a subject names.
template <typename Visit>
void for_each_event(const ProgramNode& subject, Visit&& visit) {
  if (subject.op != Opcode::funnel && subject.op != Opcode::sequence) {
    if (is_behaviour(subject.op) && subject.op != Opcode::days_of_any) visit(EventSubject(subject).event);
    return;
  }
  any_child(parts_of(subject), [&](const ProgramNode& part) {
    if (part.op == Opcode::step || part.op == Opcode::absence) visit(EventSubject(part).event);
    return false;
  });
}

// As bits; of rules, which filters are not.
std::uint16_t needs_of(const ProgramNode& rule) noexcept;
inline bool reads_events(const ProgramNode& rule) noexcept { return (needs_of(rule) & need::kEvents) != 0; }

// The zone that no server has to be asked for.
inline constexpr std::string_view kUtc = "UTC";

[[noreturn]] void fail_too_deep();  // 54001
[[noreturn]] void fail_too_long();  // 54000

// Appends the header of a rule of `nodes` nodes that needs this.
void append_segment_header(Buffer& out, std::uint32_t nodes, std::uint16_t needs);

}  // namespace cdp::core
