// Clusters while they are united: union-find with what each cluster weighs, whether it holds a known person, and on
// which sides of cannot-links it stands. Batch starts from identifiers, streaming from stored clusters; what forbids a
// union is decided here and nowhere else.
//
// That a union is forbidden is hereditary: it stays so when either side grows. All that streaming does rests on it.
#pragma once

#include <memory_resource>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/identity/link.hpp"

namespace cdp::core::identity {

struct TypeWeight {
  TypeIndex type;
  std::uint32_t weight;

  friend bool operator==(const TypeWeight&, const TypeWeight&) = default;
};

// Why two clusters can't be one; `active` if they can.
struct Verdict {
  Outcome outcome = Outcome::active;
  TypeIndex type = 0;  // of a limit

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

class Forest {
 public:
  Forest(const Rules& rules, std::size_t expected, std::pmr::memory_resource* resource, Poll poll);

  // A tree of one node, numbered in the order of the calls.
  void add_identifier(TypeIndex type);
  void add_cluster(std::span<const TypeWeight> weights, std::uint32_t members, bool known);

  std::uint32_t find(std::uint32_t node) noexcept {
    while (nodes_[node].parent != node) node = nodes_[node].parent = nodes_[nodes_[node].parent].parent;
    return node;
  }
  void prefetch(const Link& link) const noexcept {
    __builtin_prefetch(&nodes_[link.a]);
    __builtin_prefetch(&nodes_[link.b]);
  }

  // Of two different roots, as all below.
  Verdict verdict(std::uint32_t a, std::uint32_t b, bool trusted);
  std::uint32_t unite(std::uint32_t a, std::uint32_t b);  // the root of both

  // Of must-links, before any other union: whatever the limits; a group weighs no more than a limit in the end.
  void cap_weights(std::uint32_t root) noexcept;

  // False if the cluster stands on the other side already.
  bool stand(std::uint32_t root, std::uint32_t wall, bool right);

  std::size_t size() const noexcept { return nodes_.size(); }
  std::uint32_t members(std::uint32_t root) const noexcept { return nodes_[root].members; }
  bool known(std::uint32_t root) const noexcept { return nodes_[root].known; }
  bool walled(std::uint32_t root) const noexcept { return nodes_[root].walled; }
  std::span<const TypeIndex> limited_types() const noexcept { return limited_; }
  std::uint32_t weight(std::uint32_t root, std::size_t slot) const noexcept {
    return weights_[root * limited_.size() + slot];
  }

 private:
  struct Node {
    std::uint32_t parent;
    std::uint32_t members : 30, known : 1, walled : 1;
  };
  using Sides = std::pmr::unordered_set<std::uint32_t>;  // wall * 2 + right

  bool meet(std::uint32_t a, std::uint32_t b);
  void unite_sides(std::uint32_t into, std::uint32_t from);
  std::uint32_t* weights_of(std::uint32_t node) noexcept { return weights_.data() + node * limited_.size(); }

  const Rules* rules_;
  Poll poll_;
  std::pmr::vector<TypeIndex> limited_;      // the types with a limit
  std::pmr::vector<std::uint32_t> slot_of_;  // of a type in limited_, or kNone
  std::pmr::vector<Node> nodes_;
  std::pmr::vector<std::uint32_t> weights_;               // a row for each node
  std::pmr::unordered_map<std::uint32_t, Sides> sides_;   // of roots
  std::pmr::unordered_set<std::uint64_t> known_to_meet_;  // pairs of roots that were found to stand on two sides
};

}  // namespace cdp::core::identity
