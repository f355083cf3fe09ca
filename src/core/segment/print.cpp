// src/core/segment/print.cpp: the canonical text of a rule.
#include <string>
#include <utility>

#include "core/profile/decimal.hpp"
#include "core/profile/timestamp.hpp"
#include "core/segment/expand.hpp"
#include "core/segment/lookup.hpp"
#include "core/segment/words.hpp"

namespace cdp::core {

namespace {

constexpr std::string_view kUnitNames[kUnits] = {"minute", "hour", "day", "week", "month", "year"};

class Printer {
 public:
  explicit Printer(Buffer& out, const Definitions* definitions = nullptr)
      : out_(out), limit_(out.size() + kMaxRuleText), definitions_(definitions) {}

  void node(const ProgramNode& node) {
    if (out_.size() > limit_) fail_too_long();
    switch (node.op) {
      case Opcode::all_of: return joined(node, " and ");
      case Opcode::any_of: return joined(node, " or ");
      case Opcode::negation: {
        out_.append("not ");
        const std::byte* at = node.body.data();
        return below(Opcode::negation, trusted_node(at));
      }
      case Opcode::in_zone:
      case Opcode::in_zone_of: return zoned(node);
      default: return predicate(node);
    }
  }

  [[gnu::noinline]] void zone(const ProgramNode& node) {
    const std::string_view name = ZonedRule(node).zone;
    out_.append("in time zone ");
    if (node.op == Opcode::in_zone) return quoted(name);
    out_.append("attr(");
    quoted(name);
    out_.byte(')');
  }

  // A rule below logic, in the parentheses that it needs there.
  void below(Opcode parent, const ProgramNode& child) {
    if (definitions_ != nullptr && child.op == Opcode::in_segment) return append_definition(parent, child);
    const bool parentheses = is_zoned(child.op) ||
                             (child.op == Opcode::any_of && !is_zoned(parent) && parent != Opcode::any_of) ||
                             (child.op == Opcode::all_of && parent == Opcode::negation);
    if (parentheses) out_.byte('(');
    node(child);
    if (parentheses) out_.byte(')');
  }

  void value(const Value& value) {
    if (out_.size() > limit_) fail_too_long();
    switch (value.type) {
      case Type::boolean: return out_.append(value.bytes[0] == std::byte{0} ? "false" : "true");
      case Type::number: return print_decimal(value.bytes, out_);
      case Type::timestamp: return instant(timestamp_of(value));
      default: return print_json_string(as_text(value.bytes), out_);
    }
  }

  void fact(const Fact& fact) {
    if (fact.kind == Fact::Kind::always) return out_.append("always");
    if (fact.kind == Fact::Kind::event || fact.kind == Fact::Kind::identifier) {
      out_.append(fact.kind == Fact::Kind::event ? "event " : "identifier ");
      return print_json_string(fact.path, out_);
    }
    path(fact.path);
    switch (fact.kind) {
      case Fact::Kind::known: return out_.append(" known");
      case Fact::Kind::within: out_.append(" within "); return argument(fact.window);
      case Fact::Kind::range: {
        if (fact.first) out_.append(" from "), value(*fact.first);
        if (fact.last) out_.append(" until "), value(*fact.last);
        return;
      }
      default: out_.append(fact.kind == Fact::Kind::equal ? " = " : " contains "); return value(*fact.first);
    }
  }

 private:
  void joined(const ProgramNode& node, std::string_view word) {
    bool first = true;
    any_child(node.body, [&](const ProgramNode& child) {
      if (!first) out_.append(word);
      first = false;
      below(node.op, child);
      return false;
    });
  }

  // Not what it contains has the zone, but all that stands before it.
  void zoned(const ProgramNode& node) {
    ++zones_;
    below(node.op, ZonedRule(node).rule);
    --zones_;
    out_.byte(' ');
    zone(node);
  }

  // In the place of a reference below `parent`, the rule that it stands for. That means the same in any time zone.
  [[gnu::noinline]] void append_definition(Opcode parent, const ProgramNode& reference) {
    const std::byte* at = reference.body.data();
    const ProgramNode rule = definitions_->of(Subject(trusted_node(at)).path);
    if (zones_ == 0 || is_zoned(rule.op)) return below(parent, rule);
    out_.byte('(');
    const int around = std::exchange(zones_, 0);
    below(Opcode::in_zone, rule);
    zones_ = around;
    out_.append(" in time zone \"UTC\")");
  }

  void path(std::string_view path) {
    if (rule::is_plain_path(path)) return out_.append(path);
    out_.append("attr(");
    print_json_string(path, out_);
    out_.byte(')');
  }

  void quoted(std::string_view text) { print_json_string(text, out_); }

  void subject(const ProgramNode& node) {
    if (is_behaviour(node.op)) return behaviour(node);
    const Subject subject(node);
    switch (node.op) {
      case Opcode::golden:
      case Opcode::property: return path(subject.path);
      case Opcode::from_source:
        path(subject.path);
        out_.append(" from ");
        return quoted(subject.source);
      case Opcode::identifiers:
      case Opcode::consent:
        out_.append(node.op == Opcode::consent ? "consent(" : "identifiers(");
        quoted(subject.path);
        break;
      default: out_.append(node.op == Opcode::observed ? "any(" : "freshness("); path(subject.path);
    }
    out_.byte(')');
  }

  static std::string_view function_of(Opcode op) noexcept {
    switch (op) {
      case Opcode::count: return "count(";
      case Opcode::sum: return "sum(";
      case Opcode::average: return "avg(";
      case Opcode::least: return "min(";
      case Opcode::greatest: return "max(";
      case Opcode::distinct: return "distinct(";
      case Opcode::most_frequent: return "most_frequent(";
      case Opcode::first_time:
      case Opcode::first_value: return "first(";
      case Opcode::last_time:
      case Opcode::last_value: return "last(";
      case Opcode::days_active:
      case Opcode::days_of_any: return "days_active(";
      case Opcode::funnel: return "funnel(";
      default: return "sequence(";
    }
  }

  void behaviour(const ProgramNode& node) {
    out_.append(function_of(node.op));
    if (node.op == Opcode::funnel) {
      funnel(node);
    } else if (node.op == Opcode::sequence) {
      sequence(node);
    } else {
      const EventSubject of(node);
      if (node.op != Opcode::days_of_any) events(of);
      if (of.window) {
        if (node.op != Opcode::days_of_any) out_.append(", ");
        argument(*of.window);
      }
      out_.byte(')');
      if (node.op != Opcode::first_value && node.op != Opcode::last_value) return;
      out_.byte('.');
      path(of.property);
    }
  }

  void events(const EventSubject& of) {
    if (out_.size() > limit_) fail_too_long();
    quoted(of.event);
    if (has_property(of.op) && of.op != Opcode::first_value && of.op != Opcode::last_value) {
      out_.byte('.');
      path(of.property);
    }
    if (!of.filter) return;
    out_.append(" where ");
    node(*of.filter);
  }

  void funnel(const ProgramNode& funnel) {
    const rule::FunnelParts of(funnel);
    bool first = true;
    any_child(of.parts, [&](const ProgramNode& part) {
      if (part.op != Opcode::step) return false;
      if (!first) out_.append(", ");
      first = false;
      events(EventSubject(part));
      return false;
    });
    out_.append(", within ");
    duration(of.within);
    constexpr std::pair<std::uint8_t, std::string_view> kModes[] = {
        {funnel_mode::kDeduplication, "strict deduplication"},
        {funnel_mode::kOrder, "strict order"},
        {funnel_mode::kOnce, "strict once"},
        {funnel_mode::kIncrease, "strict increase"},
        {funnel_mode::kReentry, "allow reentry"}};
    for (const auto& [bit, name] : kModes) {
      if ((of.modes & bit) == 0) continue;
      out_.append(", ");
      out_.append(name);
    }
    window_of(of.parts);
  }

  void sequence(const ProgramNode& sequence) {
    bool first = true;
    any_child(sequence.body, [&](const ProgramNode& part) {
      if (is_window(part.op)) return false;
      if (!first) out_.append(" then ");
      first = false;
      const EventSubject of(part);
      if (of.op == Opcode::absence) out_.append("not ");
      events(of);
      if (!of.within) return false;
      out_.append(" within ");
      argument(*of.within);
      return false;
    });
    window_of(sequence.body);
  }

  // The window among the parts, and the end.
  void window_of(ByteSpan parts) {
    any_child(parts, [&](const ProgramNode& part) {
      if (!is_window(part.op)) return false;
      out_.append(", ");
      argument(part);
      return true;
    });
    out_.byte(')');
  }

  static std::string_view operator_of(Opcode op) noexcept {
    switch (op) {
      case Opcode::equal: return " = ";
      case Opcode::not_equal: return " != ";
      case Opcode::less: return " < ";
      case Opcode::at_most: return " <= ";
      case Opcode::greater: return " > ";
      case Opcode::at_least: return " >= ";
      case Opcode::between: return " between ";
      case Opcode::not_between: return " not between ";
      case Opcode::in: return " in ";
      case Opcode::not_in: return " not in ";
      case Opcode::like: return " like ";
      case Opcode::not_like: return " not like ";
      case Opcode::ilike: return " ilike ";
      case Opcode::not_ilike: return " not ilike ";
      case Opcode::starts_with: return " starts with ";
      case Opcode::contains: return " contains ";
      case Opcode::contains_any: return " contains any ";
      case Opcode::contains_all: return " contains all ";
      case Opcode::is_known: return " is known";
      case Opcode::is_unknown: return " is unknown";
      case Opcode::within: return " within ";
      default: return " anniversary within ";
    }
  }

  // What nests takes little of the stack.
  [[gnu::noinline]] void predicate(const ProgramNode& node) {
    const std::byte* at = node.body.data();
    const std::byte* const end = at + node.body.size();
    const ProgramNode of = trusted_node(at);
    if (node.op == Opcode::did) {
      out_.append("did(");
      const EventSubject did(of);
      events(did);
      if (did.window) {
        out_.append(", ");
        argument(*did.window);
      }
      return out_.byte(')');
    }
    if (node.op == Opcode::has_identifier) {
      out_.append("has identifier(");
      quoted(Subject(of).path);
      return out_.byte(')');
    }
    if (node.op == Opcode::in_segment) {
      out_.append("in segment ");
      return quoted(Subject(of).path);
    }
    subject(of);
    if (node.op > Opcode::anniversary_within) return;
    out_.append(operator_of(node.op));
    for (bool first = true; at != end; first = false) {
      if (!first) out_.append(" and ");
      if (of.op == Opcode::freshness || node.op == Opcode::in || node.op == Opcode::not_in ||
          node.op == Opcode::contains_any || node.op == Opcode::contains_all || node.op >= Opcode::within) {
        argument(trusted_node(at));
      } else {
        value(trusted_value(at));
      }
    }
  }

  void argument(const ProgramNode& node) {
    switch (node.op) {
      case Opcode::list: return list(ConstantList(node.body));
      case Opcode::duration: return duration(rule::Duration(node.body));
      case Opcode::last:
      case Opcode::last_calendar: out_.append("last "); return duration(rule::Duration(node.body), node.op);
      case Opcode::next:
      case Opcode::next_calendar: out_.append("next "); return duration(rule::Duration(node.body), node.op);
      case Opcode::previous_period: return period(node, "yesterday", "previous ");
      case Opcode::this_period: return period(node, "today", "this ");
      case Opcode::next_period: return period(node, "tomorrow", "next ");
      default: break;
    }
    const std::byte* at = node.body.data();
    out_.append(node.op == Opcode::since ? "since " : "between ");
    value(trusted_value(at));
    if (node.op == Opcode::since) return;
    out_.append(" and ");
    value(trusted_value(at));
  }

  void list(const ConstantList& list) {
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      out_.append(i == 0 ? "(" : ", ");
      value(list[i]);
    }
    out_.byte(')');
  }

  void period(const ProgramNode& node, std::string_view of_days, std::string_view of_others) {
    const auto unit = static_cast<Unit>(node.body[0]);
    out_.append(unit == Unit::day ? of_days : of_others);
    if (unit != Unit::day) out_.append(kUnitNames[static_cast<int>(unit)]);
  }

  void duration(const rule::Duration& duration, Opcode window = Opcode::duration) {
    out_.append(std::to_string(duration.count));
    out_.append(window == Opcode::last_calendar || window == Opcode::next_calendar ? " calendar " : " ");
    out_.append(kUnitNames[static_cast<int>(duration.unit)]);
    if (duration.count != 1) out_.byte('s');
  }

  // A midnight is a date.
  void instant(std::int64_t time) {
    Buffer text;
    const bool date = print_date_or_timestamp(time, text);
    out_.append(date ? "date \"" : "timestamp \"");
    out_.append(as_text(text.span()));
    out_.byte('"');
  }

  Buffer& out_;
  std::size_t limit_;
  int zones_ = 0;                   // around what is printed
  const Definitions* definitions_;  // of the rules that references are replaced with, if they are
};

}  // namespace

void print_node(const ProgramNode& node, Buffer& out) { Printer(out).node(node); }
void print_zone(const ProgramNode& node, Buffer& out) { Printer(out).zone(node); }
void print_fact(const Fact& fact, Buffer& out) { Printer(out).fact(fact); }

void print_expanded(const ProgramNode& rule, const Definitions& definitions, Buffer& out) {
  Printer(out, &definitions).below(Opcode::any_of, rule);
}

void print_segment(const Segment& segment, Buffer& out) {
  const std::size_t from = out.size();
  Printer(out).node(segment.root());
  if (out.size() - from > kMaxRuleText) fail_too_long();
}

}  // namespace cdp::core
