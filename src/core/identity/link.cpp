#include "core/identity/link.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "core/bytes/error.hpp"

namespace cdp::core::identity {

namespace {

[[noreturn]] void fail(std::string message) { throw Error(Code::invalid_parameter, std::move(message)); }

void check_type(const Rules& rules, const Type& type) {
  const std::string name(type.name);
  if (type.max_per_profile == 0) fail("max_per_profile of identifier type \"" + name + "\" must be at least 1");
  if (type.priority > kMaxPriority) fail("priority of identifier type \"" + name + "\" is out of range");
  for (std::size_t i = 0; i < type.max_degree.size(); ++i) {
    if (type.max_degree[i].neighbour >= rules.types.size())
      fail("max_degree of identifier type \"" + name + "\" names a type that does not exist");
    for (std::size_t j = 0; j < i; ++j)
      if (type.max_degree[j].neighbour == type.max_degree[i].neighbour)
        fail("max_degree of identifier type \"" + name + "\" names a type twice");
  }
}

// Orders as the number does.
constexpr std::uint64_t ascending(std::int64_t time) noexcept {
  return static_cast<std::uint64_t>(time) ^ (std::uint64_t{1} << 63);
}

}  // namespace

void check_rules(const Rules& rules) {
  if (rules.types.size() > UINT16_MAX) fail("too many identifier types");
  for (const Type& type : rules.types) check_type(rules, type);
  for (const Source& source : rules.sources)
    if (source.priority > kMaxPriority) fail("priority of a source is out of range");
  if (!(rules.threshold >= 0 && rules.threshold <= 1)) fail("threshold must be between 0 and 1");
  if (!(rules.review_threshold >= 0 && rules.review_threshold <= rules.threshold))
    fail("review threshold must be between 0 and the threshold");
}

void Combination::take(Bond& into, bool first, const Sighting& sighting, const Source& source) noexcept {
  if (first) {
    into.confidence = sighting.confidence;
    into.first_seen = sighting.first_seen;
    into.last_seen = sighting.last_seen;
    into.source_priority = source.priority;
    return;
  }
  into.confidence = std::max(into.confidence, sighting.confidence);
  into.first_seen = std::min(into.first_seen, sighting.first_seen);
  into.last_seen = std::max(into.last_seen, sighting.last_seen);
  into.source_priority = std::min(into.source_priority, source.priority);
}

void Combination::add(const Sighting& sighting) {
  if (!(sighting.confidence >= 0 && sighting.confidence <= 1)) fail("confidence of a link must be between 0 and 1");
  if (sighting.source >= rules_->sources.size()) fail("source of a link does not exist");
  const Source& source = rules_->sources[sighting.source];
  if (sighting.rejected) {
    take(rejected_, !any_rejected_, sighting, source);
    any_rejected_ = true;
    return;
  }
  take(all_, !any_, sighting, source);
  any_ = true;
  if (!source.trusted) return;
  take(trusted_, !any_trusted_, sighting, source);
  any_trusted_ = true;
}

Bond Combination::bond() const noexcept {
  const bool enough = any_trusted_ && trusted_.confidence >= rules_->threshold;
  Bond bond = enough ? trusted_ : any_ ? all_ : rejected_;
  bond.trusted = enough;
  bond.rejected = !any_;
  return bond;
}

Rank rank_of(const Rules& rules, TypeIndex a, TypeIndex b, const Bond& bond) noexcept {
  constexpr std::uint64_t kMagnitude = ~(std::uint64_t{1} << 63);
  const Type &of_a = rules.types[a], &of_b = rules.types[b];
  const std::uint64_t better = std::min(of_a.priority, of_b.priority), other = std::max(of_a.priority, of_b.priority);
  const bool newest = of_a.newest || of_b.newest;
  // The bits of doubles that aren't negative order as they do; adding zero leaves only one zero.
  const auto confidence = std::bit_cast<std::uint64_t>(bond.confidence + 0.0);
  Rank rank;
  rank.strength = (bond.trusted ? 0 : ~kMagnitude) | (~confidence & kMagnitude);
  rank.priorities = better << 32 | other << 1 | (newest ? 1 : 0);
  rank.time = newest ? ~ascending(bond.last_seen) : ascending(bond.first_seen);
  rank.source = bond.source_priority;
  return rank;
}

int compare_ends(Name a1, Name b1, Name a2, Name b2) noexcept {
  if (compare_names(a1, b1) > 0) std::swap(a1, b1);
  if (compare_names(a2, b2) > 0) std::swap(a2, b2);
  const int lesser = compare_names(a1, a2);
  return lesser != 0 ? lesser : compare_names(b1, b2);
}

}  // namespace cdp::core::identity
