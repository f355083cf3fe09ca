// src/core/segment/worth.cpp: which parts of a rule an index should look up.
#include <algorithm>
#include <unordered_set>

#include "core/segment/statistics.hpp"
#include "core/segment/weaken.hpp"

namespace cdp::core {

namespace {

// A profile that is fetched and looked at in vain takes as long as so many entries of a range. (Measured with a million
// profiles in memory: 0.12 us an entry; 0.25 us a profile when most pages are read, 2 us when few are.)
constexpr double kEntriesPerProfile = 10;

// Walks over the rule once and collects what isn't worth looking up: of what must hold together, ranges that are read
// for more than they narrow down.
class Chooser {
 public:
  Chooser(std::optional<std::int64_t> as_of, const KeyStatistics& statistics, const Poll& poll,
          std::pmr::memory_resource* resource)
      : as_of_(as_of), statistics_(statistics), poll_(poll), resource_(resource), left_out_(resource) {}

  // Of all profiles: how many it finds, and entries that ranges read for that.
  struct Cost {
    double found, read;
  };

  Cost rule(const ProgramNode& node, bool negated) {
    poll_();
    const std::byte* at = node.body.data();
    switch (node.op) {
      case Opcode::negation: return rule(trusted_node(at), !negated);
      case Opcode::all_of:
      case Opcode::any_of:
        return (node.op == Opcode::all_of) != negated ? all_of(node, negated) : any_of(node, negated);
      default: {
        const Lookup lookup = lookup_of(node, negated, as_of_, resource_, poll_);
        return {sane(share_of(lookup, statistics_)), sane(entries_read(lookup, statistics_))};
      }
    }
  }

  bool left_out(const ProgramNode& node) const { return left_out_.contains(node.body.data()); }
  bool any_left_out() const { return !left_out_.empty(); }

 private:
  // Statistics may have been brought in from elsewhere, with values that are no numbers.
  static double sane(double value) { return value >= 0 ? value : 1; }

  Cost any_of(const ProgramNode& node, bool negated) {
    Cost sum{1, 0};
    any_child(node.body, [&](const ProgramNode& child) {
      const Cost one = rule(child, negated);
      sum = {sum.found * (1 - one.found), sum.read + one.read};
      return false;
    });
    return {1 - sum.found, sum.read};
  }

  // The least selective first, so that the last one is never left out.
  Cost all_of(const ProgramNode& node, bool negated) {
    struct Part {
      Cost cost;
      const std::byte* body;
    };
    std::pmr::vector<Part> parts(resource_);
    Cost kept{1, 0};
    any_child(node.body, [&](const ProgramNode& child) {
      const Cost one = rule(child, negated);
      parts.push_back({one, child.body.data()});
      kept = {kept.found * one.found, kept.read + one.read};
      return false;
    });
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.cost.found > b.cost.found; });
    parts.pop_back();
    for (const auto& [cost, body] : parts) {
      const double others = kept.found / cost.found;
      if (cost.read <= others * (1 - cost.found) * kEntriesPerProfile) continue;
      left_out_.insert(body);
      kept = {others, kept.read - cost.read};
    }
    return kept;
  }

  std::optional<std::int64_t> as_of_;
  const KeyStatistics& statistics_;
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
                             Buffer& out, const Poll& poll, std::pmr::memory_resource* resource, const Zones* zones) {
  Chooser chooser(as_of, statistics, poll, resource);
  chooser.rule(segment.root(), false);
  if (!chooser.any_left_out()) return false;
  return append_weaker(
      segment, [&](const ProgramNode& node) { return chooser.left_out(node); }, out, poll, resource, zones);
}

}  // namespace cdp::core
