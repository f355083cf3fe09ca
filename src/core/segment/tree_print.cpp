// src/core/segment/tree_print.cpp: a rule as JSON.
#include <string>

#include "core/bytes/json_string.hpp"
#include "core/profile/timestamp.hpp"
#include "core/segment/tree.hpp"
#include "core/segment/tree_words.hpp"

namespace cdp::core {

namespace {

class TreePrinter {
 public:
  explicit TreePrinter(Buffer& out) : out_(out) {}

  void rule(const ProgramNode& node) {
    out_.byte('{');
    if (node.op == Opcode::negation) {
      out_.append("\"not\": ");
      const std::byte* at = node.body.data();
      rule(trusted_node(at));
    } else if (is_zoned(node.op)) {
      zoned(node);
    } else if (is_logic(node.op)) {
      out_.append(node.op == Opcode::all_of ? "\"all\": [" : "\"any\": [");
      bool first = true;
      any_child(node.body, [&](const ProgramNode& child) {
        comma(first);
        rule(child);
        return false;
      });
      out_.byte(']');
    } else {
      predicate(node);
    }
    out_.byte('}');
  }

 private:
  void zoned(const ProgramNode& node) {
    const ZonedRule of(node);
    out_.append("\"in_time_zone\": ");
    if (node.op == Opcode::in_zone_of) out_.append("{\"attribute\": ");
    text(of.zone);
    if (node.op == Opcode::in_zone_of) out_.byte('}');
    key("rule");
    rule(of.rule);
  }

  void comma(bool& first) {
    if (!first) out_.append(", ");
    first = false;
  }
  void key(std::string_view key) {
    out_.append(", \"");
    out_.append(key);
    out_.append("\": ");
  }
  void text(std::string_view text) { print_json_string(text, out_); }
  void member(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }

  static const tree::SubjectWord& word_of(Opcode predicate, Opcode subject) noexcept {
    if (subject == Opcode::from_source) subject = Opcode::golden;
    if (subject == Opcode::days_of_any) subject = Opcode::days_active;
    if (subject == Opcode::first_value) subject = Opcode::first_time;
    if (subject == Opcode::last_value) subject = Opcode::last_time;
    const auto fits = [=](const tree::SubjectWord& word) {
      return word.subject == subject && (word.predicate == Opcode{0} || word.predicate == predicate);
    };
    const tree::SubjectWord* word = tree::kSubjects;
    while (!fits(*word)) ++word;
    return *word;
  }

  void predicate(const ProgramNode& node) {
    const std::byte* at = node.body.data();
    const std::byte* const end = at + node.body.size();
    const ProgramNode of = trusted_node(at);
    const tree::SubjectWord& word = word_of(node.op, of.op);
    out_.byte('"');
    out_.append(word.key);
    out_.append("\": ");
    if (of.op == Opcode::funnel) {
      funnel(of);
    } else if (of.op == Opcode::sequence) {
      steps(of.body);
    } else if (is_behaviour(of.op)) {
      events(EventSubject(of));
    } else {
      const Subject subject(of);
      text(subject.path);
      if (of.op == Opcode::from_source) member("source", subject.source);
    }
    if (word.compares != tree::Compares::nothing) condition(node.op, of.op, at, end);
  }

  void events(const EventSubject& of) {
    if (of.op == Opcode::days_of_any) {
      out_.append("null");
    } else {
      text(of.event);
    }
    if (has_property(of.op)) member("property", of.property);
    chosen(of);
  }

  void chosen(const EventSubject& of) {
    if (of.filter) {
      key("where");
      rule(*of.filter);
    }
    if (of.within) {
      key("within");
      duration(*of.within);
    }
    if (of.window) {
      key("window");
      window(*of.window);
    }
  }

  // Those of a funnel or sequence, and its window.
  void steps(ByteSpan parts) {
    out_.byte('[');
    bool first = true;
    std::optional<ProgramNode> in;
    any_child(parts, [&](const ProgramNode& part) {
      if (is_window(part.op)) in = part;
      if (part.op != Opcode::step && part.op != Opcode::absence) return false;
      comma(first);
      const EventSubject of(part);
      out_.append(of.op == Opcode::absence ? "{\"not\": " : "{\"event\": ");
      text(of.event);
      chosen(of);
      out_.byte('}');
      return false;
    });
    out_.byte(']');
    if (!in) return;
    key("window");
    window(*in);
  }

  void funnel(const ProgramNode& node) {
    const rule::FunnelParts of(node);
    steps(of.parts);
    key("within");
    duration(of.within);
    if (of.modes == 0) return;
    key("modes");
    out_.byte('[');
    bool first = true;
    for (const tree::ModeWord& mode : tree::kModes) {
      if ((of.modes & mode.bit) == 0) continue;
      comma(first);
      text(mode.text);
    }
    out_.byte(']');
  }

  void condition(Opcode op, Opcode subject, const std::byte* at, const std::byte* end) {
    if (op == Opcode::is_known || op == Opcode::is_unknown)
      return member("is", op == Opcode::is_known ? "known" : "unknown");
    const tree::OperatorWord* word = tree::kOperators;
    while (word->op != op) ++word;
    key(word->key);
    if (op == Opcode::in || op == Opcode::not_in || op == Opcode::contains_any || op == Opcode::contains_all)
      return list(ConstantList(trusted_node(at).body));
    if (op >= Opcode::within) return window(trusted_node(at));
    const bool two = op == Opcode::between || op == Opcode::not_between;
    if (two) out_.byte('[');
    for (bool first = true; at != end;) {
      comma(first);
      if (subject == Opcode::freshness) {
        duration(trusted_node(at));
      } else {
        value(trusted_value(at));
      }
    }
    if (two) out_.byte(']');
  }

  void list(const ConstantList& list) {
    out_.byte('[');
    bool first = true;
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      comma(first);
      value(list[i]);
    }
    out_.byte(']');
  }

  void window(const ProgramNode& node) {
    const std::byte* at = node.body.data();
    const bool calendar = node.op == Opcode::last_calendar || node.op == Opcode::next_calendar;
    switch (node.op) {
      case Opcode::last:
      case Opcode::last_calendar:
        out_.append("{\"last\": ");
        duration(node, calendar);
        break;
      case Opcode::next:
      case Opcode::next_calendar:
        out_.append("{\"next\": ");
        duration(node, calendar);
        break;
      case Opcode::previous_period: period("previous", node); break;
      case Opcode::this_period: period("this", node); break;
      case Opcode::next_period: period("next", node); break;
      case Opcode::since:
        out_.append("{\"since\": ");
        value(trusted_value(at));
        break;
      default:
        out_.append("{\"between\": [");
        value(trusted_value(at));
        out_.append(", ");
        value(trusted_value(at));
        out_.byte(']');
    }
    out_.byte('}');
  }

  void period(std::string_view which, const ProgramNode& node) {
    out_.append("{\"");
    out_.append(which);
    out_.append("\": \"");
    out_.append(tree::kUnitNames[static_cast<std::uint8_t>(node.body[0])]);
    out_.byte('"');
  }

  void duration(const ProgramNode& node, bool calendar = false) { duration(rule::Duration(node.body), calendar); }
  void duration(const rule::Duration& duration, bool calendar = false) {
    out_.byte('[');
    out_.append(std::to_string(duration.count));
    out_.append(calendar ? ", \"calendar " : ", \"");
    out_.append(tree::kUnitNames[static_cast<int>(duration.unit)]);
    out_.append(duration.count == 1 ? "\"]" : "s\"]");
  }

  void value(const Value& value) {
    if (value.type != Type::timestamp) return print_json(value, out_);
    Buffer text;
    const bool date = print_date_or_timestamp(timestamp_of(value), text);
    out_.append(date ? "{\"date\": \"" : "{\"timestamp\": \"");
    out_.append(as_text(text.span()));
    out_.append("\"}");
  }

  Buffer& out_;
};

}  // namespace

void print_tree(const Segment& segment, Buffer& out) { TreePrinter(out).rule(segment.root()); }

}  // namespace cdp::core
