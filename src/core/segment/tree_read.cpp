// src/core/segment/tree_read.cpp: the text of the rule that a JSON describes. It is then read as any other: names and
// strings are written as the printer of rules writes them, so that nothing in them can be taken for a part of the rule.
#include "core/segment/tree.hpp"
#include "core/segment/tree_values.hpp"
#include "core/segment/tree_words.hpp"

namespace cdp::core {

namespace {

using tree::Compares;
using tree::Members;
using tree::Takes;

class TreeReader : tree::Values {
 public:
  using Values::Values;

  // A rule below `parent`, in the parentheses that it needs there. What nests takes little of the stack.
  void rule(Value json, Opcode parent, int depth) {
    poll_();
    if (text_.size() > kMaxRuleText) fail_too_long();
    const Logic logic = logic_of(json);
    if (logic.op == Opcode{0}) return predicate(json, depth);
    if (depth > kMaxRuleDepth) fail_too_deep();
    path_.enter(logic.key);
    if (logic.op == Opcode::negation) {
      text_.append("not ");
      rule(logic.below, Opcode::negation, depth + 1);
    } else if (logic.op == Opcode::in_zone) {
      zoned(json, parent, depth);
    } else {
      joined(logic, parent, depth);
    }
    path_.leave();
  }

 private:
  struct Logic {
    std::string_view key;
    Opcode op;  // 0: a predicate
    Value below;
  };

  [[gnu::noinline]] Logic logic_of(Value json) const {
    Members members(json, path_);
    if (members.has("in_time_zone") && !in_filter_) return {"rule", Opcode::in_zone, {}};
    constexpr std::pair<std::string_view, Opcode> kLogic[] = {
        {"all", Opcode::all_of}, {"any", Opcode::any_of}, {"not", Opcode::negation}};
    for (const auto& [key, op] : kLogic) {
      const auto below = members.take(key);
      if (!below) continue;
      members.finish();
      return {key, op, *below};
    }
    return {{}, Opcode{0}, {}};
  }

  // All that stands before a zone is in it.
  [[gnu::noinline]] void zoned(Value json, Opcode parent, int depth) {
    Members members(json, path_);
    const Value zone = *members.take("in_time_zone");
    path_.leave();
    const Value below = required(members, "rule");
    members.finish();
    path_.enter(std::string_view("rule"));
    if (parent != Opcode{0}) text_.byte('(');
    rule(below, Opcode::in_zone, depth + 1);
    text_.append(" in time zone ");
    path_.leave();
    path_.enter(std::string_view("in_time_zone"));
    this->zone(zone);
    if (parent != Opcode{0}) text_.byte(')');
  }

  void joined(const Logic& logic, Opcode parent, int depth) {
    if (logic.below.type != Type::array) path_.fail("expected an array of rules");
    const std::byte* at = logic.below.bytes.data();
    const bool one = trusted_varint(at) == 1;
    const bool parentheses =
        !one && (parent == Opcode::negation || (parent == Opcode::all_of && logic.op == Opcode::any_of));
    if (parentheses) text_.byte('(');
    elements(logic.below, "", [&](Value child, std::size_t index) {
      if (index > 0) text_.append(logic.op == Opcode::all_of ? " and " : " or ");
      rule(child, one ? parent : logic.op, depth + 1);
    });
    if (parentheses) text_.byte(')');
  }

  // What only the language itself knows to be wrong, such as a pattern that ends with a backslash.
  void check(std::size_t from) {
    try {
      Buffer stored(resource_);
      parse_segment(as_text(text_.span(from)), stored, poll_, resource_);
    } catch (const Error& error) {
      if (error.code() != Code::syntax_error) throw;
      path_.fail(error.message().starts_with("syntax error") ? "the parts of a condition don't fit" : error.message(),
                 error.hint());
    }
  }

  const tree::SubjectWord& subject_word(const Members& members) const {
    const tree::SubjectWord* found = nullptr;
    for (const tree::SubjectWord& word : tree::kSubjects)
      if (members.has(word.key) && (word.subject != Opcode::property || in_filter_) &&
          (found == nullptr || word.subject == Opcode::property))
        found = &word;
    if (found == nullptr) {
      members.refuse_unknown();
      path_.fail("a condition says nothing of what it is about", in_filter_
                                                                     ? "A condition on events has \"property\"."
                                                                     : "A condition has a key such as \"attribute\".");
    }
    if (in_filter_ != (found->subject == Opcode::property))
      path_.fail("misplaced key \"" + std::string(found->key) + "\"",
                 in_filter_ ? "A condition on events has \"property\"." : "");
    return *found;
  }

  [[gnu::noinline]] void predicate(Value json, int depth) {
    const std::size_t from = text_.size();
    Members members(json, path_);
    const tree::SubjectWord& word = subject_word(members);
    const Value of = *members.take(word.key);
    subject(word, of, members, depth);
    if (word.compares != Compares::nothing) condition(word.compares, members);
    members.finish();
    if (!in_filter_) check(from);
  }

  void subject(const tree::SubjectWord& word, Value of, Members& members, int depth) {
    if (word.subject == Opcode::segment) text_.append("in ");
    const bool call =
        word.subject != Opcode::golden && word.subject != Opcode::property && word.subject != Opcode::segment;
    if (call || word.subject == Opcode::segment) text_.append(word.function);
    text_.append(call ? "(" : (word.subject == Opcode::segment ? " " : ""));
    switch (word.takes) {
      case Takes::path: path(of, word.key); break;
      case Takes::name: quoted(of, word.key); break;
      case Takes::funnel: funnel(of, members, depth); break;
      case Takes::sequence: steps(of, word.key, depth); break;
      default: events(word, of, members, depth);
    }
    if (word.takes == Takes::sequence || word.takes == Takes::funnel) window_after(members, true);
    if (call) text_.byte(')');
    if (word.subject == Opcode::golden) source(members);
    if (word.takes != Takes::moments) return;
    if (const auto property = members.take("property")) {
      text_.byte('.');
      path(*property, "property");
      of_value_ = true;
    }
  }

  void source(Members& members) {
    const auto source = members.take("source");
    if (!source) return;
    text_.append(" from ");
    quoted(*source, "source");
  }

  void events(const tree::SubjectWord& word, Value of, Members& members, int depth) {
    const bool any = word.subject == Opcode::days_active && of.type == Type::null;
    if (!any) {
      quoted(of, word.key);
      if (word.takes == Takes::property_events) {
        text_.byte('.');
        path(required(members, "property"), "property");
      }
      filter(members, depth);
    }
    if (any && !members.has("window")) path_.fail("\"days_active\" of any event needs \"window\"");
    window_after(members, !any);
  }

  Value required(Members& members, std::string_view key) {
    const auto value = members.take(key);
    if (!value) path_.fail("key \"" + std::string(key) + "\" is missing");
    return *value;
  }

  void filter(Members& members, int depth) {
    const auto where = members.take("where");
    if (!where) return;
    text_.append(" where ");
    in_filter_ = true;
    inside(std::string_view("where"), [&] { rule(*where, Opcode{0}, depth); });
    in_filter_ = false;
  }

  void window_after(Members& members, bool comma) {
    const auto in = members.take("window");
    if (!in) return;
    if (comma) text_.append(", ");
    inside(std::string_view("window"), [&] { window(*in, false); });
  }

  void funnel(Value of, Members& members, int depth) {
    steps(of, "funnel", depth);
    text_.append(", within ");
    const Value within = required(members, "within");
    inside(std::string_view("within"), [&] { duration(within, Units::fixed); });
    const auto modes = members.take("modes");
    if (!modes) return;
    inside(std::string_view("modes"), [&] {
      elements(*modes, "expected an array of modes", [&](Value mode, std::size_t) {
        const std::string_view text = mode.type == Type::string ? as_text(mode.bytes) : std::string_view();
        std::string_view known[std::size(tree::kModes)];
        for (std::size_t i = 0; i < std::size(known); ++i) known[i] = tree::kModes[i].text;
        text_.append(", ");
        text_.append(one_of(text, known, "unknown mode"));
      });
    });
  }

  void steps(Value array, std::string_view key, int depth) {
    const bool chain = key == "sequence";
    inside(key, [&] {
      std::size_t count = 0;
      elements(array, "expected an array of steps", [&](Value step, std::size_t index) {
        if (index > 0) text_.append(chain ? " then " : ", ");
        ++count;
        Members members(step, path_, "A step is an object such as {\"event\": \"view\"}.");
        const auto absent = chain && index > 0 ? members.take("not") : std::nullopt;
        if (absent) text_.append("not ");
        const auto event = absent ? absent : members.take("event");
        if (!event) {
          members.refuse_unknown();
          path_.fail("a step says nothing of its event", "A step is an object such as {\"event\": \"view\"}.");
        }
        quoted(*event, absent ? "not" : "event");
        filter(members, depth);
        const auto within = chain && index > 0 ? members.take("within") : std::nullopt;
        if (within) {
          text_.append(" within ");
          inside(std::string_view("within"), [&] { duration(*within, Units::fixed); });
        }
        members.finish();
      });
      if (chain && count < 2) path_.fail("a sequence has at least two steps");
    });
  }

  void condition(Compares what, Members& members) {
    if (std::exchange(of_value_, false)) what = Compares::values;
    const tree::OperatorWord* found = nullptr;
    for (const tree::OperatorWord& word : tree::kOperators) {
      if (!members.has(word.key)) continue;
      if (found != nullptr)
        path_.fail("two operators in one condition: \"" + std::string(found->key) + "\" and \"" +
                   std::string(word.key) + "\"");
      found = &word;
    }
    if (found == nullptr) {
      members.refuse_unknown();
      path_.fail("a condition has no operator", "An operator is a key such as \"=\" or \"in\".");
    }
    if (!tree::allows(what, found->op)) path_.fail("operator \"" + std::string(found->key) + "\" does not apply here");
    const Value argument = *members.take(found->key);
    text_.byte(' ');
    inside(found->key, [&] { arguments(what, *found, argument); });
  }

  void arguments(Compares what, const tree::OperatorWord& word, Value of) {
    text_.append(word.key);
    text_.byte(' ');
    switch (word.op) {
      case Opcode::is_known: {
        constexpr std::string_view kKnown[] = {"known", "unknown"};
        return text_.append(one_of(of.type == Type::string ? as_text(of.bytes) : std::string_view(), kKnown,
                                   "expected \"known\" or \"unknown\""));
      }
      case Opcode::between:
      case Opcode::not_between: return pair(of, [&](Value bound) { constant(what, bound); });
      case Opcode::in:
      case Opcode::not_in:
      case Opcode::contains_any:
      case Opcode::contains_all: return list(of);
      case Opcode::like:
      case Opcode::not_like:
      case Opcode::ilike:
      case Opcode::not_ilike:
      case Opcode::starts_with:
        if (of.type != Type::string) path_.fail("expected a string");
        return print_json_string(as_text(of.bytes), text_);
      case Opcode::within:
      case Opcode::anniversary_within: return window(of, what == Compares::anything);
      default: return constant(what, of);
    }
  }

  bool in_filter_ = false;
  bool of_value_ = false;  // of an event that is the first or last
};

}  // namespace

void parse_tree(Value json, Buffer& out, const Poll& poll, std::pmr::memory_resource* resource, const Zones* zones) {
  Buffer text(resource);
  TreeReader(text, poll, resource, zones).rule(json, Opcode{0}, 1);
  parse_segment(as_text(text.span()), out, poll, resource, zones);
}

}  // namespace cdp::core
