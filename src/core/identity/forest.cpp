#include "core/identity/forest.hpp"

#include <algorithm>
#include <utility>

#include "core/bytes/error.hpp"

namespace cdp::core::identity {

namespace {

constexpr std::size_t kMostNodes = (std::size_t{1} << 30) - 1;

constexpr std::uint64_t pair_key(std::uint32_t a, std::uint32_t b) noexcept {
  return static_cast<std::uint64_t>(std::min(a, b)) << 32 | std::max(a, b);
}

}  // namespace

Forest::Forest(const Rules& rules, std::size_t expected, std::pmr::memory_resource* resource, Poll poll)
    : rules_(&rules),
      poll_(poll),
      limited_(resource),
      slot_of_(rules.types.size(), kNone, resource),
      nodes_(resource),
      weights_(resource),
      sides_(resource),
      known_to_meet_(resource) {
  if (expected > kMostNodes) throw Error(Code::limit_exceeded, "too many identifiers in one graph");
  for (std::size_t type = 0; type < rules.types.size(); ++type) {
    if (rules.types[type].max_per_profile == kUnlimited) continue;
    slot_of_[type] = static_cast<std::uint32_t>(limited_.size());
    limited_.push_back(static_cast<TypeIndex>(type));
  }
  nodes_.reserve(expected);
  weights_.reserve(expected * limited_.size());
}

void Forest::add_identifier(TypeIndex type) {
  const std::uint32_t slot = slot_of_[type];
  const TypeWeight weight{type, 1};
  add_cluster({&weight, slot == kNone ? 0U : 1U}, 1, rules_->types[type].known);
}

void Forest::add_cluster(std::span<const TypeWeight> weights, std::uint32_t members, bool known) {
  const auto node = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({node, members, known, false});
  weights_.resize(weights_.size() + limited_.size());
  for (const TypeWeight& each : weights)
    if (slot_of_[each.type] != kNone) weights_of(node)[slot_of_[each.type]] = each.weight;
}

Verdict Forest::verdict(std::uint32_t a, std::uint32_t b, bool trusted) {
  const std::uint32_t *const of_a = weights_of(a), *const of_b = weights_of(b);
  for (std::size_t slot = 0; slot < limited_.size(); ++slot)
    if (std::uint64_t{of_a[slot]} + of_b[slot] > rules_->types[limited_[slot]].max_per_profile)
      return {Outcome::limit, limited_[slot]};
  if (nodes_[a].walled && nodes_[b].walled && meet(a, b)) return {Outcome::cannot_link};
  if (!trusted && nodes_[a].known && nodes_[b].known) return {Outcome::trust};
  return {};
}

std::uint32_t Forest::unite(std::uint32_t a, std::uint32_t b) {
  if (nodes_[a].members < nodes_[b].members) std::swap(a, b);
  for (std::size_t slot = 0; slot < limited_.size(); ++slot) weights_of(a)[slot] += weights_of(b)[slot];
  if (nodes_[b].walled) unite_sides(a, b);
  nodes_[b].parent = a;
  nodes_[a].members += nodes_[b].members;
  nodes_[a].known |= nodes_[b].known;
  nodes_[a].walled |= nodes_[b].walled;
  return a;
}

void Forest::cap_weights(std::uint32_t root) noexcept {
  for (std::size_t slot = 0; slot < limited_.size(); ++slot) {
    std::uint32_t& weight = weights_of(root)[slot];
    weight = std::min(weight, rules_->types[limited_[slot]].max_per_profile);
  }
}

bool Forest::stand(std::uint32_t root, std::uint32_t wall, bool right) {
  Sides& sides = sides_.try_emplace(root).first->second;
  const std::uint32_t side = wall << 1 | (right ? 1 : 0);
  if (sides.contains(side ^ 1)) return false;
  sides.insert(side);
  nodes_[root].walled = true;
  return true;
}

// Walks over the shorter list; a pair that was found once isn't looked for again while both are roots.
bool Forest::meet(std::uint32_t a, std::uint32_t b) {
  const std::uint64_t key = pair_key(a, b);
  if (known_to_meet_.contains(key)) return true;
  const Sides *few = &sides_.at(a), *many = &sides_.at(b);
  if (few->size() > many->size()) std::swap(few, many);
  for (const std::uint32_t side : *few) {
    poll_();
    if (!many->contains(side ^ 1)) continue;
    known_to_meet_.insert(key);
    return true;
  }
  return false;
}

// A cluster at least doubles when it is united into another, so a side moves no more often than log2 of the members.
void Forest::unite_sides(std::uint32_t into, std::uint32_t from) {
  Sides moved = std::move(sides_.at(from));
  sides_.erase(from);
  Sides& kept = sides_.try_emplace(into).first->second;
  for (const std::uint32_t side : moved) {
    poll_();
    kept.insert(side);
  }
}

}  // namespace cdp::core::identity
