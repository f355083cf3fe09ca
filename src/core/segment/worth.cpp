// src/core/segment/worth.cpp: weighs what is read of an index against what is saved.
#include "core/segment/worth.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/segment/weaken.hpp"

namespace cdp::core {

namespace {

// Walks over the rule once and collects what isn't worth looking up: of what must hold together, ranges that are read
// for more than they narrow down what the most selective part finds. (Not what all others find: values go together, and
// then the product of their shares is far too little.)
class Chooser {
 public:
  Chooser(std::optional<std::int64_t> as_of, const KeyStatistics& statistics, double entries_per_profile,
          const Poll& poll, std::pmr::memory_resource* resource)
      : as_of_(as_of),
        statistics_(statistics),
        entries_per_profile_(entries_per_profile),
        poll_(poll),
        resource_(resource),
        left_out_(resource) {}

  // Of all profiles: how many it finds, and entries that ranges read for that.
  struct Cost {
    double found, read;
    std::optional<KeyRange> range = std::nullopt;  // if that is one range and nothing else
  };

  Cost rule(const ProgramNode& node, bool negated) {
    poll_();
    const std::byte* at = node.body.data();
    switch (node.op) {
      case Opcode::negation: return rule(trusted_node(at), !negated);
      case Opcode::in_zone:
      case Opcode::in_zone_of: {
        const bool outside = std::exchange(zoned_, true);
        const Cost cost = rule(ZonedRule(node).rule, negated);
        zoned_ = outside;
        return cost;
      }
      case Opcode::all_of:
      case Opcode::any_of:
        return (node.op == Opcode::all_of) != negated ? all_of(node, negated) : any_of(node, negated);
      default: return cost_of(lookup_of(node, negated, zoned_, as_of_, resource_, poll_));
    }
  }

  bool left_out(const ProgramNode& node) const { return left_out_.contains(node.body.data()); }
  bool any_left_out() const { return !left_out_.empty(); }

 private:
  // Statistics may have been brought in from elsewhere, with values that are no numbers; and products get too small.
  static Cost sane(Cost cost) {
    return {cost.found >= kRarest ? std::min(cost.found, 1.0) : (cost.found < kRarest ? kRarest : 1),
            cost.read >= 0 ? cost.read : 0};
  }

  Cost any_of(const ProgramNode& node, bool negated) {
    Cost sum{1, 0};
    any_child(node.body, [&](const ProgramNode& child) {
      const Cost one = rule(child, negated);
      sum = {sum.found * (1 - one.found), sum.read + one.read};
      return false;
    });
    return sane({1 - sum.found, sum.read});
  }

  Cost cost_of(const Lookup& lookup) const {
    Cost cost = sane({share_of(lookup, statistics_), entries_read(lookup, statistics_)});
    if (lookup.keys.size() == 1 && lookup.keys[0].fact.kind == Fact::Kind::range) cost.range = lookup.keys[0];
    return cost;
  }
  Cost cost_of(const KeyRange& range) const {
    Lookup lookup(resource_);
    lookup.nodes.push_back({LookupNode::Kind::any_key, 1});
    lookup.keys.push_back(range);
    return cost_of(lookup);
  }

  struct Part {
    Cost cost;
    const std::byte* body;
    std::size_t with;  // which part this one is read with: ranges of one attribute are read as one
  };

  std::pmr::vector<Part> parts_of(const ProgramNode& node, bool negated) {
    std::pmr::vector<Part> parts(resource_);
    std::pmr::unordered_map<std::string_view, std::size_t> ranges(resource_);
    any_child(node.body, [&](const ProgramNode& child) {
      parts.push_back({rule(child, negated), child.body.data(), parts.size()});
      const auto range = parts.back().cost.range;
      if (!range) return false;
      const auto [at, is_first] = ranges.try_emplace(range->fact.path, parts.size() - 1);
      if (is_first) return false;
      KeyRange both = *parts[at->second].cost.range;
      both.narrow(*range);
      parts[at->second].cost = cost_of(both);
      parts.back().with = at->second;
      return false;
    });
    return parts;
  }

  Cost all_of(const ProgramNode& node, bool negated) {
    const std::pmr::vector<Part> parts = parts_of(node, negated);
    const Part* best = &parts.front();
    for (const Part& part : parts)
      if (parts[part.with].cost.found < best->cost.found) best = &parts[part.with];
    Cost kept{1, 0};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Part& part = parts[parts[i].with];
      if (&part != best && part.cost.read > best->cost.found * (1 - part.cost.found) * entries_per_profile_) {
        left_out_.insert(parts[i].body);
      } else if (parts[i].with == i) {
        kept = {kept.found * part.cost.found, kept.read + part.cost.read};
      }
    }
    return sane(kept);
  }

  std::optional<std::int64_t> as_of_;
  const KeyStatistics& statistics_;
  double entries_per_profile_;
  bool zoned_ = false;
  const Poll& poll_;
  std::pmr::memory_resource* resource_;
  std::pmr::unordered_set<const std::byte*> left_out_;
};

}  // namespace

bool has_choice(const Segment& segment, std::pmr::memory_resource* resource, const Poll& poll) {
  const Lookup lookup = lookup_of(segment, std::nullopt, resource, poll);
  return std::any_of(lookup.nodes.begin(), lookup.nodes.end(),
                     [](const LookupNode& node) { return node.kind == LookupNode::Kind::all_of; }) &&
         std::any_of(lookup.keys.begin(), lookup.keys.end(), [](const KeyRange& key) { return !key.single(); });
}

bool append_worth_looking_up(const Segment& segment, std::optional<std::int64_t> as_of, const KeyStatistics& statistics,
                             double entries_per_profile, Buffer& out, const Poll& poll,
                             std::pmr::memory_resource* resource, const Zones* zones) {
  Chooser chooser(as_of, statistics, entries_per_profile, poll, resource);
  chooser.rule(segment.root(), false);
  if (!chooser.any_left_out()) return false;
  return append_weaker(
      segment, [&](const ProgramNode& node) { return chooser.left_out(node); }, out, poll, resource, zones);
}

}  // namespace cdp::core
