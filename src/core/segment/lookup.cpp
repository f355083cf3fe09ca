// src/core/segment/lookup.cpp: what a rule that holds tells about the keys of the profile. `not` is pushed to the
// conditions: unknown is no match, so a negated condition, too, needs something to be known.
#include "core/segment/lookup.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/segment/calendar.hpp"
#include "core/timeline/duration.hpp"

namespace cdp::core {

namespace {

using Kind = LookupNode::Kind;

class Writer {
 public:
  Writer(Lookup& to, std::optional<std::int64_t> as_of, const Poll& poll, Events events, bool zoned)
      : to_(to), as_of_(as_of), poll_(poll), zoned_(zoned), events_(events) {}

  // Appends what the rule looks up; nothing, and false, when any profile might match.
  bool rule(const ProgramNode& node, bool negated) {
    poll_();
    const std::byte* at = node.body.data();
    switch (node.op) {
      case Opcode::negation: return rule(trusted_node(at), !negated);
      case Opcode::in_zone:
      case Opcode::in_zone_of: return in_zone(node, negated);
      case Opcode::all_of:
      case Opcode::any_of:
        return (node.op == Opcode::all_of) != negated ? all_of(node, negated) : any_of(node, negated);
      default: return predicate(node, negated);
    }
  }

 private:
  bool in_zone(const ProgramNode& node, bool negated) {
    const bool outside = std::exchange(zoned_, true);
    const bool found = rule(ZonedRule(node).rule, negated);
    zoned_ = outside;
    return found;
  }

  bool all_of(const ProgramNode& node, bool negated) {
    const std::size_t here = add(Kind::all_of);
    Ranges ranges(to_.keys.get_allocator());
    any_child(node.body, [&](const ProgramNode& child) {
      const std::size_t from = to_.nodes.size();
      if (rule(child, negated) && !narrowed(from, ranges)) ++to_.nodes[here].count;
      return false;
    });
    const std::uint32_t count = to_.nodes[here].count;
    if (count < 2) to_.nodes.erase(to_.nodes.begin() + static_cast<std::ptrdiff_t>(here));
    return count > 0;
  }

  // Several ranges of one attribute are read as one. If the nodes `from` there on are such a range and there is another
  // one, that is narrowed, and these are gone.
  using Ranges = std::pmr::unordered_map<std::string_view, std::size_t>;
  bool narrowed(std::size_t from, Ranges& ranges) {
    if (from + 1 != to_.nodes.size() || to_.nodes[from].kind != Kind::any_key || to_.nodes[from].count != 1)
      return false;
    const KeyRange range = to_.keys.back();
    if (range.fact.kind != Fact::Kind::range) return false;
    const auto [at, is_first] = ranges.try_emplace(range.fact.path, to_.keys.size() - 1);
    if (is_first) return false;
    to_.keys[at->second].narrow(range);
    to_.keys.pop_back();
    to_.nodes.pop_back();
    return true;
  }

  bool any_of(const ProgramNode& node, bool negated) {
    const std::size_t keys = to_.keys.size(), here = add(Kind::any_of);
    const bool all = any_child(node.body, [&](const ProgramNode& child) {
      ++to_.nodes[here].count;
      return !rule(child, negated);
    });
    if (!all) return true;
    to_.nodes.resize(here, LookupNode{});
    to_.keys.resize(keys, KeyRange{});
    return false;
  }

  std::size_t add(Kind kind) {
    to_.nodes.push_back({kind, 0});
    return to_.nodes.size() - 1;
  }
  void key(FactKey least, FactKey greatest, const Fact& fact) {
    to_.keys.push_back({least, greatest, fact});
    ++to_.nodes.back().count;
  }
  bool one(FactKey least, FactKey greatest, const Fact& fact) {
    add(Kind::any_key);
    key(least, greatest, fact);
    return true;
  }

  // Any value of the path; of an object's member, as golden as what surrounds it.
  void path(std::string_view text) {
    const fact::Path path(text);
    key(path.least(), path.greatest(), {Fact::Kind::known, text});
  }
  bool known(std::string_view text) {
    add(Kind::any_key);
    path(text);
    return true;
  }

  // Some source gave a value: only the outermost attribute has a key for that.
  bool observed(std::string_view text) {
    add(Kind::any_key);
    for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.', dot + 1))
      path(text.substr(0, dot));
    path(text);
    return true;
  }

  bool needed(const ProgramNode& node, bool negated) {
    if (events_ == Events::elsewhere && reads_events(node)) return false;
    const auto fact = needed_fact(node, negated);
    return fact && one(key_of(*fact), key_of(*fact), *fact);
  }

  bool predicate(const ProgramNode& node, bool negated) {
    const std::byte* at = node.body.data();
    const ProgramNode about = trusted_node(at);
    if (!is_attribute(about.op)) return needed(node, negated);
    const Subject subject(about);
    const std::optional<Opcode> op = negated ? opposite(node.op) : node.op;
    if (op == Opcode::is_unknown) return false;
    if (subject.op == Opcode::observed || subject.op == Opcode::from_source) return observed(subject.path);
    if (subject.op == Opcode::freshness || !op) return known(subject.path);
    return golden(*op, subject.path, at);
  }

  bool golden(Opcode op, std::string_view text, const std::byte* at) {
    const fact::Path path(text);
    switch (op) {
      case Opcode::equal: {
        const Value value = trusted_value(at);
        return one(path.value(value), path.value(value), {Fact::Kind::equal, text, value});
      }
      case Opcode::contains: {
        const Value value = trusted_value(at);
        return one(path.element(value), path.element(value), {Fact::Kind::contains, text, value});
      }
      case Opcode::less:
      case Opcode::at_most: return range(text, std::nullopt, trusted_value(at));
      case Opcode::greater:
      case Opcode::at_least: return range(text, trusted_value(at), std::nullopt);
      case Opcode::between: {
        const Value least = trusted_value(at);
        return range(text, least, trusted_value(at));
      }
      case Opcode::in:
      case Opcode::contains_any:
      case Opcode::contains_all: return list(op, text, ConstantList(trusted_node(at).body));
      case Opcode::within: return window(text, trusted_node(at));
      default: return known(text);
    }
  }

  // Strings are in no order in the index.
  bool range(std::string_view text, std::optional<Value> first, std::optional<Value> last) {
    if ((first && !fact::is_ordered(first->type)) || (last && !fact::is_ordered(last->type))) return known(text);
    const fact::Path path(text);
    return one(first ? path.value(*first) : path.least(), last ? path.value(*last) : path.greatest_number(),
               {Fact::Kind::range, text, first, last});
  }

  bool list(Opcode op, std::string_view text, const ConstantList& list) {
    const bool all = op == Opcode::contains_all;
    if (list.size() > kMostLookedUp && !all) return known(text);
    const fact::Path path(text);
    add(all ? Kind::all_keys : Kind::any_key);
    for (std::uint32_t i = 0; i < std::min(list.size(), kMostLookedUp); ++i) {
      poll_();
      const bool whole = op == Opcode::in;
      const FactKey one = whole ? path.value(list[i]) : path.element(list[i]);
      key(one, one, {whole ? Fact::Kind::equal : Fact::Kind::contains, text, list[i]});
    }
    return true;
  }

  bool window(std::string_view text, const ProgramNode& node) {
    const bool fixed = node.op == Opcode::since || node.op == Opcode::between_times;
    const bool shifts = zoned_ && rule::is_of_days(node);
    if (shifts && !as_of_) return known(text);
    if (!as_of_ && !fixed) return known(text);
    if (!as_of_) {
      const std::byte* at = node.body.data();
      const Value first = trusted_value(at);
      if (node.op == Opcode::since) return range(text, first, std::nullopt);
      return range(text, first, trusted_value(at));
    }
    const fact::Path path(text);
    // In a zone it may be another day than in UTC; edges and dates lie up to two days from where they are there.
    rule::Edges edges = rule::edges_of(node, *as_of_, {});
    if (shifts)
      edges = {earlier(rule::edges_of(node, earlier(*as_of_, kZoned), {}).from, kZoned),
               later(rule::edges_of(node, later(*as_of_, kZoned), {}).to, kZoned)};
    return one(path.time(edges.from), path.time(edges.to), {Fact::Kind::within, text, {}, {}, node});
  }

  static constexpr Duration kZoned = 4 * kMicrosecondsPerDay;

  Lookup& to_;
  std::optional<std::int64_t> as_of_;
  const Poll& poll_;
  bool zoned_;
  Events events_;
};

void describe_node(const Lookup& lookup, std::size_t& node, std::size_t& key, int depth, Buffer& scratch,
                   const std::function<void(const LookupLine&)>& visit) {
  const LookupNode here = lookup.nodes[node++];
  const bool keys = here.kind == Kind::any_key || here.kind == Kind::all_keys;
  const bool line = !keys || here.count > 1;
  if (here.kind == Kind::always) return visit({depth, "always", nullptr});
  if (line) visit({depth, here.kind == Kind::all_of || here.kind == Kind::all_keys ? "all of" : "any of", nullptr});
  for (std::uint32_t i = 0; i < here.count; ++i) {
    if (keys) {
      const KeyRange& range = lookup.keys[key++];
      scratch.clear();
      print_fact(range.fact, scratch);
      visit({depth + (line ? 1 : 0), as_text(scratch.span()), &range});
    } else {
      describe_node(lookup, node, key, depth + 1, scratch, visit);
    }
  }
}

}  // namespace

void KeyRange::narrow(const KeyRange& other) noexcept {
  if (other.fact.first && (other.least > least || !fact.first)) fact.first = other.fact.first;
  if (other.fact.last && (other.greatest < greatest || !fact.last)) fact.last = other.fact.last;
  least = std::max(least, other.least);
  greatest = std::min(greatest, other.greatest);
}

Lookup lookup_of(const Segment& segment, std::optional<std::int64_t> as_of, std::pmr::memory_resource* resource,
                 const Poll& poll, Events events) {
  return lookup_of(segment.root(), false, false, as_of, resource, poll, events);
}

Lookup lookup_of(const ProgramNode& part, bool negated, bool zoned, std::optional<std::int64_t> as_of,
                 std::pmr::memory_resource* resource, const Poll& poll, Events events) {
  Lookup lookup(resource);
  if (!Writer(lookup, as_of, poll, events, zoned).rule(part, negated)) lookup.nodes.push_back({Kind::always, 0});
  return lookup;
}

bool can_match(const Lookup& lookup, const std::pmr::vector<FactKey>& facts) {
  return can_match(lookup.nodes.data(), [&](std::size_t key) {
    const auto at = std::lower_bound(facts.begin(), facts.end(), lookup.keys[key].least);
    return at != facts.end() && *at <= lookup.keys[key].greatest;
  });
}

void describe(const Lookup& lookup, const std::function<void(const LookupLine&)>& visit) {
  Buffer scratch;
  std::size_t node = 0, key = 0;
  describe_node(lookup, node, key, 0, scratch, visit);
}

}  // namespace cdp::core
