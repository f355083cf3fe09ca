// src/core/segment/evaluate.cpp: three-valued evaluation over the flat bytes of rule and profile. Nothing is allocated.
#include "core/profile/consents.hpp"
#include "core/profile/identifiers.hpp"
#include "core/segment/behaviour.hpp"
#include "core/segment/like.hpp"

namespace cdp::core {

namespace rule {

namespace {

// An attribute, and what of the path leads into its objects.
struct Target {
  Attribute attribute;
  std::string_view rest;

  // Nothing also for null and erased values.
  std::optional<Value> in(const Value& value) const noexcept {
    const auto found = rest.empty() ? value : member_at(value, rest);
    return found && found->type != Type::null && found->type != Type::erased ? found : std::nullopt;
  }
};

// Of several objects that the path may lead into it is the one that gives the golden value, else the outermost.
std::optional<Target> find_target(const ProfileView& profile, std::string_view path) noexcept {
  if (const auto whole = profile.find(path)) return Target{*whole, {}};
  std::optional<Target> outermost;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    const auto outer = profile.find(path.substr(0, dot));
    if (!outer) continue;
    const Target target{*outer, path.substr(dot + 1)};
    if (member_at(outer->golden(), target.rest)) return target;
    if (!outermost) outermost = target;
  }
  return outermost;
}

Truth compared(Opcode op, const Value& value, const Value& constant) noexcept {
  if (value.type != constant.type) return Truth::unknown;
  return truth(holds(op, compare_bytes(value.bytes, constant.bytes)));
}

Truth in_list(const Value& value, const ConstantList& list) noexcept {
  if (list.has(value)) return Truth::yes;
  return list.all_of_type(value.type) ? Truth::no : Truth::unknown;
}

// Whether what a predicate looks at depends on which days its calendar has.
bool needs_days(const ProgramNode& subject) noexcept {
  if (subject.op == Opcode::days_active || subject.op == Opcode::days_of_any) return true;
  if (!is_behaviour(subject.op)) return false;
  const auto window = window_in(subject);
  return window && is_of_days(*window);
}

}  // namespace

Truth Evaluator::contains(const Value& array, const Value& constant) const {
  poll_();
  Truth result = Truth::no;
  const bool found = any_element(array, [&](const Value& element) {
    const Truth one = compared(Opcode::equal, element, constant);
    if (one == Truth::unknown) result = one;
    return one == Truth::yes;
  });
  return found ? Truth::yes : result;
}

Truth Evaluator::contains_any(const Value& array, const ConstantList& list) const {
  Truth result = Truth::no;
  const bool found = any_element(array, [&](const Value& element) {
    poll_();
    const Truth one = in_list(element, list);
    if (one == Truth::unknown) result = one;
    return one == Truth::yes;
  });
  return found ? Truth::yes : result;
}

Truth Evaluator::contains_all(const Value& array, const ConstantList& list) const {
  Truth result = Truth::yes;
  for (std::uint32_t i = 0; i < list.size() && result != Truth::no; ++i)
    result = both(result, contains(array, list[i]));
  return result;
}

Truth Evaluator::test(Opcode op, const std::byte* at, const Value& value) const {
  switch (op) {
    case Opcode::equal:
    case Opcode::not_equal:
    case Opcode::less:
    case Opcode::at_most:
    case Opcode::greater:
    case Opcode::at_least: return compared(op, value, trusted_value(at));
    case Opcode::between:
    case Opcode::not_between: {
      const Truth above = compared(Opcode::at_least, value, trusted_value(at));
      const Truth within = both(above, compared(Opcode::at_most, value, trusted_value(at)));
      return op == Opcode::between ? within : negated(within);
    }
    case Opcode::in: return in_list(value, ConstantList(trusted_node(at).body));
    case Opcode::not_in: return negated(in_list(value, ConstantList(trusted_node(at).body)));
    case Opcode::like:
    case Opcode::not_like:
    case Opcode::ilike:
    case Opcode::not_ilike: {
      if (value.type != Type::string) return Truth::unknown;
      const bool fold = op == Opcode::ilike || op == Opcode::not_ilike;
      const bool matches = matches_pattern(as_text(value.bytes), as_text(trusted_value(at).bytes), fold, poll_);
      return truth(matches == (op == Opcode::like || op == Opcode::ilike));
    }
    case Opcode::starts_with:
      if (value.type != Type::string) return Truth::unknown;
      return truth(as_text(value.bytes).starts_with(as_text(trusted_value(at).bytes)));
    case Opcode::contains:
    case Opcode::contains_any:
    case Opcode::contains_all:
      if (value.type != Type::array) return Truth::unknown;
      if (op == Opcode::contains) return contains(value, trusted_value(at));
      return op == Opcode::contains_any ? contains_any(value, ConstantList(trusted_node(at).body))
                                        : contains_all(value, ConstantList(trusted_node(at).body));
    default: {
      if (value.type != Type::timestamp) return Truth::unknown;
      const ProgramNode window = trusted_node(at);
      const std::int64_t time = timestamp_of(value);
      if (op == Opcode::anniversary_within) return truth(has_anniversary(window, time, as_of_, calendar_));
      const Edges edges = edges_of(window, as_of_, calendar_);
      return truth(edges.contain(is_of_days(window) ? calendar_.instant_of(time) : time));
    }
  }
}

std::optional<Value> Evaluator::seen_by(const Subject& subject) const noexcept {
  if (subject.op == Opcode::golden) {
    const auto value = profile_.golden(subject.path);
    return value && value->type != Type::null ? value : std::nullopt;
  }
  const auto target = find_target(profile_, subject.path);
  if (!target) return std::nullopt;
  const auto entry = profile_.latest_from(target->attribute, subject.source);
  return entry ? target->in(entry->value) : std::nullopt;
}

bool Evaluator::any_observed(const Subject& subject, bool& overflowed, const void* visitor,
                             bool (*visit)(const void*, const Value&)) const {
  const auto target = find_target(profile_, subject.path);
  overflowed = target && target->attribute.overflowed();
  return target && target->attribute.any_entry(profile_, [&](const Entry& entry) {
    const auto value = target->in(entry.value);
    return value && visit(visitor, *value);
  });
}

Truth Evaluator::observed(Opcode op, const Subject& subject, const std::byte* at) const {
  bool overflowed = false, seen = false;
  Truth result = Truth::no;
  const bool found = any_observed(subject, overflowed, [&](const Value& value) {
    seen = true;
    if (op == Opcode::is_known || op == Opcode::is_unknown) return true;
    const Truth one = test(op, at, value);
    if (one == Truth::unknown) result = one;
    return one == Truth::yes;
  });
  if (op == Opcode::is_known || op == Opcode::is_unknown) return truth(found == (op == Opcode::is_known));
  if (found) return Truth::yes;
  return seen && !overflowed ? result : Truth::unknown;
}

std::optional<std::int64_t> Evaluator::freshness(const Subject& subject) const noexcept {
  const auto target = find_target(profile_, subject.path);
  if (!target || !target->in(target->attribute.golden())) return std::nullopt;
  const std::int64_t seen = profile_.golden_last_seen(target->attribute);
  std::int64_t age;
  return __builtin_sub_overflow(as_of_, seen, &age) ? (seen < 0 ? INT64_MAX : INT64_MIN) : age;
}

Truth Evaluator::fresh(Opcode op, const Subject& subject, const std::byte* at) const {
  const auto age = freshness(subject);
  if (!age) return Truth::unknown;
  const auto holds_for = [&](Opcode comparison) {
    const std::int64_t limit = microseconds(Duration(trusted_node(at).body));
    return holds(comparison, *age < limit ? -1 : (*age > limit ? 1 : 0));
  };
  if (op != Opcode::between && op != Opcode::not_between) return truth(holds_for(op));
  const bool above = holds_for(Opcode::at_least), below = holds_for(Opcode::at_most);
  return truth((above && below) == (op == Opcode::between));
}

// What the profile says of identifiers and consents.
Truth Evaluator::stated(Opcode op, const Subject& subject, const std::byte* at) const {
  if (op == Opcode::granted) return truth(has_consent(profile_.section(Section::consents), subject.path, as_of_));
  const auto count = static_cast<std::int64_t>(identifier_count(profile_.section(Section::identifiers), subject.path));
  if (op == Opcode::has_identifier) return truth(count > 0);
  return range_of_numbers(op, at, 0).value_or(Range{1, 0}).of_any(count, count);
}

// That of a profile without events is empty.
const TimelineView& Evaluator::timeline() const noexcept {
  static constexpr std::byte kNone[timeline::kSmallest] = {};
  if (!timeline_) {
    const ByteSpan section = profile_.section(Section::timeline);
    timeline_.emplace(section.empty() ? ByteSpan(kNone) : section);
  }
  return *timeline_;
}

Evaluator Evaluator::in_zone(const ProgramNode& node) const {
  Evaluator inside = *this;
  inside.calendar_ = {};
  std::string_view name = ZonedRule(node).zone;
  if (node.op == Opcode::in_zone_of) {
    const auto value = profile_.golden(name);
    name = value && value->type == Type::string ? as_text(value->bytes) : std::string_view();
  }
  if (name == kUtc) return inside;
  const Zones::Handle zone = zones_->find(name);
  if (zone == nullptr && node.op == Opcode::in_zone)
    throw Error(Code::invalid_parameter, "time zone \"" + std::string(name) + "\" of segment does not exist", {},
                "The time zones of this server are other than those the segment was made with.");
  inside.calendar_ = zone == nullptr ? Calendar::unknown() : Calendar(*zones_, zone);
  return inside;
}

bool Evaluator::depends_on_days(const ProgramNode& node) noexcept {
  const std::byte* at = node.body.data();
  const bool subject = needs_days(trusted_node(at));
  return subject || node.op == Opcode::anniversary_within ||
         (node.op == Opcode::within && is_of_days(trusted_node(at)));
}

Truth Evaluator::predicate(const ProgramNode& node) const {
  if (lacks_calendar(node)) return Truth::unknown;
  const std::byte* at = node.body.data();
  const ProgramNode looked_at = trusted_node(at);
  if (is_behaviour(looked_at.op)) return Behaviour(*this, timeline()).predicate(node.op, looked_at, at);
  const Subject subject(looked_at);
  if (subject.op >= Opcode::identifiers) return stated(node.op, subject, at);
  if (subject.op == Opcode::observed) return observed(node.op, subject, at);
  if (subject.op == Opcode::freshness) return fresh(node.op, subject, at);
  const auto value = seen_by(subject);
  if (node.op == Opcode::is_known) return truth(value.has_value());
  if (node.op == Opcode::is_unknown) return truth(!value);
  return value ? test(node.op, at, *value) : Truth::unknown;
}

Truth Evaluator::rule(const ProgramNode& node) const {
  if (!is_logic(node.op)) return predicate(node);
  poll_();
  if (node.op == Opcode::negation) {
    const std::byte* at = node.body.data();
    return negated(rule(trusted_node(at)));
  }
  if (node.op != Opcode::all_of && node.op != Opcode::any_of) return in_zone(node).rule(ZonedRule(node).rule);
  const Truth neutral = truth(node.op == Opcode::all_of), decisive = negated(neutral);
  Truth result = neutral;
  const bool decided = any_child(node.body, [&](const ProgramNode& child) {
    const Truth one = rule(child);
    if (one == Truth::unknown) result = one;
    return one == decisive;
  });
  return decided ? decisive : result;
}

void Evaluator::show(const ProgramNode& node, Buffer& out) const {
  if (lacks_calendar(node)) return;
  const std::byte* at = node.body.data();
  const ProgramNode looked_at = trusted_node(at);
  if (is_behaviour(looked_at.op)) return Behaviour(*this, timeline()).show(looked_at, out);
  const Subject subject(looked_at);
  if (subject.op == Opcode::identifiers) {
    out.append(std::to_string(identifier_count(profile_.section(Section::identifiers), subject.path)));
  } else if (subject.op == Opcode::consent) {
    out.append(predicate(node) == Truth::yes ? "true" : "false");
  } else if (subject.op == Opcode::observed) {
    bool overflowed = false;
    out.byte('[');
    const std::size_t first = out.size();
    any_observed(subject, overflowed, [&](const Value& value) {
      if (out.size() != first) out.append(", ");
      print_json(value, out);
      return false;
    });
    out.byte(']');
  } else if (subject.op == Opcode::freshness) {
    if (const auto age = freshness(subject)) out.append(std::to_string(*age / 1'000'000));
  } else if (const auto value = seen_by(subject)) {
    print_json(*value, out);
  }
}

std::optional<std::int64_t> Evaluator::horizon(const ProgramNode& node) const {
  const std::byte* at = node.body.data();
  const ProgramNode looked_at = trusted_node(at);
  return is_behaviour(looked_at.op) ? Behaviour(*this, timeline()).horizon(looked_at) : std::nullopt;
}

}  // namespace rule

namespace {

[[noreturn]] void fail_reference(const Segment& segment) {
  Buffer name;
  print_json_string(segments_used(segment, std::pmr::get_default_resource()).front(), name);
  throw Error(Code::invalid_parameter, "segment refers to segment " + std::string(as_text(name.span())),
              "A rule is evaluated without a look at other rules.",
              "Put the other rules in with cdp.expand(rule, names, rules).");
}

// Of the rule alone.
void require_rule(const Segment& segment, const Zones* zones) {
  if (segment.refers()) fail_reference(segment);
  if ((segment.needs() & need::kZones) != 0 && zones == nullptr)
    throw Error(Code::not_supported, "segment depends on a time zone",
                "The rules of time zones change, so the answer is not the same for ever.",
                "Use cdp.matches_in_zone(profile, segment, as_of).");
}

}  // namespace

void require_facts(const Segment& segment, const ProfileView& profile, const Zones* zones) {
  require_rule(segment, zones);
  if (profile.detached() && (segment.needs() & need::kEvents) != 0)
    throw Error(Code::invalid_parameter, "segment reads events, but those of the profile are kept elsewhere",
                "The profile is detached: it has totals of its events, not the events.",
                "Match the profile with its timeline: profile || timeline.");
}

Truth evaluate(const Segment& segment, const ProfileView& profile, std::int64_t as_of, const Poll& poll,
               const Zones* zones) {
  require_facts(segment, profile, zones);
  return rule::Evaluator(profile, as_of, poll, zones).rule(segment.root());
}

Truth evaluate(const Segment& segment, const ProfileView& profile, ByteSpan timeline, std::int64_t as_of,
               const Poll& poll, const Zones* zones) {
  require_rule(segment, zones);
  return rule::Evaluator(profile, timeline, as_of, poll, zones).rule(segment.root());
}

namespace {

void explain_node(const ProgramNode& node, const rule::Evaluator& evaluator, const std::optional<ProgramNode>& zone,
                  Buffer& scratch, const std::function<void(const Explanation&)>& visit) {
  if (is_logic(node.op)) {
    const bool zoned = is_zoned(node.op);
    const rule::Evaluator inside = zoned ? evaluator.in_zone(node) : evaluator;
    any_operand(node, [&](const ProgramNode& child) {
      explain_node(child, inside, zoned ? std::optional(node) : zone, scratch, visit);
      return false;
    });
    return;
  }
  scratch.clear();
  print_node(node, scratch);
  if (zone && rule::Evaluator::depends_on_days(node)) {
    scratch.byte(' ');
    print_zone(*zone, scratch);
  }
  const std::size_t split = scratch.size();
  evaluator.show(node, scratch);
  const std::string_view all = as_text(scratch.span());
  visit({all.substr(0, split), all.substr(split), evaluator.predicate(node), evaluator.horizon(node)});
}

}  // namespace

void explain(const Segment& segment, const ProfileView& profile, std::int64_t as_of,
             const std::function<void(const Explanation&)>& visit, const Poll& poll, const Zones* zones) {
  require_facts(segment, profile, zones);
  Buffer scratch;
  explain_node(segment.root(), rule::Evaluator(profile, as_of, poll, zones), std::nullopt, scratch, visit);
}

}  // namespace cdp::core
