// src/core/segment/necessary.cpp: what every profile has that a rule is true of.
#include <algorithm>

#include "core/segment/lookup.hpp"
#include "core/segment/quantity.hpp"

namespace cdp::core {

namespace {

// From what few profiles have to what all have.
enum class Rank : std::uint8_t { identifier, equality, event, known, always };

struct Need {
  Rank rank;
  std::pmr::vector<NecessaryKey> keys;  // one of them

  bool cheaper_than(const Need& other) const noexcept {
    return rank != other.rank ? rank < other.rank : keys.size() < other.keys.size();
  }
};

// In ascending order, each one once.
void settle(std::pmr::vector<NecessaryKey>& keys) {
  std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  const auto same = [](const auto& a, const auto& b) { return a.key == b.key; };
  keys.erase(std::unique(keys.begin(), keys.end(), same), keys.end());
}

class Finder {
 public:
  Finder(std::pmr::memory_resource* resource, const Poll& poll) : resource_(resource), poll_(poll) {}

  Need rule(const ProgramNode& node, bool negated) const {
    poll_();
    const std::byte* at = node.body.data();
    switch (node.op) {
      case Opcode::negation: return rule(trusted_node(at), !negated);
      case Opcode::in_zone:
      case Opcode::in_zone_of: return rule(ZonedRule(node).rule, negated);
      case Opcode::all_of:
      case Opcode::any_of:
        return (node.op == Opcode::all_of) != negated ? cheapest(node, negated) : united(node, negated);
      default: return predicate(node, negated);
    }
  }

 private:
  Need one(Rank rank, const NecessaryKey& key) const {
    Need need{rank, std::pmr::vector<NecessaryKey>(resource_)};
    need.keys.push_back(key);
    return need;
  }
  Need always() const { return one(Rank::always, {fact::kAlways, {}}); }

  Need cheapest(const ProgramNode& node, bool negated) const {
    Need best = always();
    any_child(node.body, [&](const ProgramNode& child) {
      Need need = rule(child, negated);
      if (need.cheaper_than(best)) best = std::move(need);
      return false;
    });
    return best;
  }

  Need united(const ProgramNode& node, bool negated) const {
    Need all{Rank::identifier, std::pmr::vector<NecessaryKey>(resource_)};
    const bool too_many = any_child(node.body, [&](const ProgramNode& child) {
      const Need need = rule(child, negated);
      all.rank = std::max(all.rank, need.rank);
      all.keys.insert(all.keys.end(), need.keys.begin(), need.keys.end());
      settle(all.keys);
      return all.rank == Rank::always || all.keys.size() > kMostNecessary;
    });
    return too_many ? always() : all;
  }

  NecessaryKey path(std::string_view path) const {
    return {fact::known_to_rules(fact::Path(path).known()), {Fact::Kind::known, path}};
  }
  Need known(std::string_view text) const { return one(Rank::known, path(text)); }

  // Some source gave a value: the outermost attribute is known.
  Need observed(std::string_view text) const {
    Need need = known(text);
    for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.', dot + 1))
      need.keys.push_back(path(text.substr(0, dot)));
    return need.keys.size() > kMostNecessary ? always() : need;
  }

  Need predicate(const ProgramNode& node, bool negated) const {
    const std::byte* at = node.body.data();
    const ProgramNode about = trusted_node(at);
    if (!is_attribute(about.op)) {
      const auto fact = needed_fact(node, negated);
      if (!fact) return always();
      return one(fact->kind == Fact::Kind::event ? Rank::event : Rank::identifier, {key_of(*fact), *fact});
    }
    const Subject subject(about);
    const std::optional<Opcode> op = negated ? opposite(node.op) : node.op;
    if (op == Opcode::is_unknown) return always();
    if (subject.op == Opcode::observed || subject.op == Opcode::from_source) return observed(subject.path);
    if (subject.op == Opcode::freshness || !op) return known(subject.path);
    switch (*op) {
      case Opcode::equal: return one(Rank::equality, equal(subject.path, trusted_value(at)));
      case Opcode::contains: return one(Rank::equality, contains(subject.path, trusted_value(at)));
      case Opcode::contains_all:
        return one(Rank::equality, contains(subject.path, ConstantList(trusted_node(at).body)[0]));
      case Opcode::in:
      case Opcode::contains_any: {
        const ConstantList list(trusted_node(at).body);
        if (list.size() > kMostNecessary) return known(subject.path);
        Need need{Rank::equality, std::pmr::vector<NecessaryKey>(resource_)};
        for (std::uint32_t i = 0; i < list.size(); ++i)
          need.keys.push_back(*op == Opcode::in ? equal(subject.path, list[i]) : contains(subject.path, list[i]));
        return need;
      }
      default: return known(subject.path);
    }
  }

  static NecessaryKey equal(std::string_view path, const Value& value) {
    return {fact::Path(path).value(value), {Fact::Kind::equal, path, value}};
  }
  static NecessaryKey contains(std::string_view path, const Value& value) {
    return {fact::Path(path).element(value), {Fact::Kind::contains, path, value}};
  }

  std::pmr::memory_resource* resource_;
  const Poll& poll_;
};

// The first event that a funnel or sequence can't do without, or that another subject is about.
std::string_view first_event(const ProgramNode& subject) {
  if (subject.op != Opcode::funnel && subject.op != Opcode::sequence) return EventSubject(subject).event;
  std::string_view event;
  any_child(subject.op == Opcode::funnel ? rule::FunnelParts(subject).parts : subject.body,
            [&](const ProgramNode& part) {
              if (part.op == Opcode::step) event = EventSubject(part).event;
              return part.op == Opcode::step;
            });
  return event;
}

// Of numbers that are 0 without events or identifiers.
bool is_number(Opcode op) noexcept {
  return op == Opcode::count || op == Opcode::sum || op == Opcode::distinct || op == Opcode::days_active ||
         op == Opcode::funnel || op == Opcode::identifiers;
}

}  // namespace

std::optional<Fact> needed_fact(const ProgramNode& predicate, bool negated) {
  const std::byte* at = predicate.body.data();
  const ProgramNode subject = trusted_node(at);
  if (subject.op == Opcode::consent || subject.op == Opcode::segment || subject.op == Opcode::days_of_any)
    return std::nullopt;
  const bool counted = is_number(subject.op) && predicate.op >= Opcode::equal && predicate.op <= Opcode::not_between;
  if (counted) {
    const auto range = rule::range_of_numbers(predicate.op, at, 0);
    if (!range || range->has(0) != negated) return std::nullopt;
  } else if (predicate.op == Opcode::did || predicate.op == Opcode::found || predicate.op == Opcode::has_identifier) {
    if (negated) return std::nullopt;
  } else if (predicate.op == (negated ? Opcode::is_known : Opcode::is_unknown)) {
    return std::nullopt;
  }
  if (subject.op == Opcode::identifiers) return Fact{Fact::Kind::identifier, Subject(subject).path};
  return Fact{Fact::Kind::event, first_event(subject)};
}

FactKey key_of(const Fact& needed) noexcept {
  return needed.kind == Fact::Kind::identifier ? fact::identifier(needed.path) : fact::event(needed.path);
}

std::pmr::vector<NecessaryKey> necessary_keys(const Segment& segment, std::pmr::memory_resource* resource,
                                              const Poll& poll) {
  std::pmr::vector<NecessaryKey> keys = Finder(resource, poll).rule(segment.root(), false).keys;
  settle(keys);
  return keys;
}

}  // namespace cdp::core
