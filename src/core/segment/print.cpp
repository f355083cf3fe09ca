// src/core/segment/print.cpp: the canonical text of a rule.
#include <string>

#include "core/profile/decimal.hpp"
#include "core/profile/timestamp.hpp"
#include "core/segment/lookup.hpp"
#include "core/segment/words.hpp"

namespace cdp::core {

namespace {

constexpr std::string_view kUnitNames[kUnits] = {"minute", "hour", "day", "week", "month", "year"};

class Printer {
 public:
  explicit Printer(Buffer& out) : out_(out), limit_(out.size() + kMaxRuleText) {}

  void node(const ProgramNode& node) {
    if (out_.size() > limit_) fail_too_long();
    switch (node.op) {
      case Opcode::all_of: return joined(node, " and ", Opcode::any_of);
      case Opcode::any_of: return joined(node, " or ", Opcode::any_of);
      case Opcode::negation: {
        out_.append("not ");
        const std::byte* at = node.body.data();
        const ProgramNode child = trusted_node(at);
        return enclosed(child, child.op == Opcode::all_of || child.op == Opcode::any_of);
      }
      default: return predicate(node);
    }
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
  void joined(const ProgramNode& node, std::string_view word, Opcode enclose) {
    bool first = true;
    any_child(node.body, [&](const ProgramNode& child) {
      if (!first) out_.append(word);
      first = false;
      enclosed(child, child.op == enclose);
      return false;
    });
  }

  void enclosed(const ProgramNode& child, bool parentheses) {
    if (parentheses) out_.byte('(');
    node(child);
    if (parentheses) out_.byte(')');
  }

  void path(std::string_view path) {
    if (rule::is_plain_path(path)) return out_.append(path);
    out_.append("attr(");
    print_json_string(path, out_);
    out_.byte(')');
  }

  void subject(const Subject& subject) {
    if (subject.op == Opcode::golden) return path(subject.path);
    if (subject.op == Opcode::from_source) {
      path(subject.path);
      out_.append(" from ");
      return print_json_string(subject.source, out_);
    }
    out_.append(subject.op == Opcode::observed ? "any(" : "freshness(");
    path(subject.path);
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

  void predicate(const ProgramNode& node) {
    const std::byte* at = node.body.data();
    const std::byte* const end = at + node.body.size();
    const Subject of(trusted_node(at));
    subject(of);
    out_.append(operator_of(node.op));
    for (bool first = true; at != end; first = false) {
      if (!first) out_.append(" and ");
      if (of.op == Opcode::freshness || node.op == Opcode::in || node.op == Opcode::not_in ||
          node.op >= Opcode::contains_any) {
        argument(trusted_node(at));
      } else {
        value(trusted_value(at));
      }
    }
  }

  void argument(const ProgramNode& node) {
    switch (node.op) {
      case Opcode::list: return list(ConstantList(node.body));
      case Opcode::duration: return duration(Duration(node.body));
      case Opcode::last: out_.append("last "); return duration(Duration(node.body));
      case Opcode::next: out_.append("next "); return duration(Duration(node.body));
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

  void duration(const Duration& duration) {
    out_.append(std::to_string(duration.count));
    out_.byte(' ');
    out_.append(kUnitNames[static_cast<int>(duration.unit)]);
    if (duration.count != 1) out_.byte('s');
  }

  // A midnight is a date.
  void instant(std::int64_t time) {
    Buffer text;
    print_timestamp(time, text);
    std::string_view shown = as_text(text.span());
    constexpr std::string_view kMidnight = "T00:00:00Z";
    const bool date = shown.ends_with(kMidnight);
    if (date) shown.remove_suffix(kMidnight.size());
    out_.append(date ? "date \"" : "timestamp \"");
    out_.append(shown);
    out_.byte('"');
  }

  Buffer& out_;
  std::size_t limit_;
};

}  // namespace

void print_node(const ProgramNode& node, Buffer& out) { Printer(out).node(node); }
void print_fact(const Fact& fact, Buffer& out) { Printer(out).fact(fact); }

void print_segment(const Segment& segment, Buffer& out) {
  const std::size_t from = out.size();
  Printer(out).node(segment.root());
  if (out.size() - from > kMaxRuleText) fail_too_long();
}

}  // namespace cdp::core
