// Deciding anew what a change may reach: everything connected with its seeds through eligible links, refused ones too,
// through must-links, and through clusters as they are. Rules, ranks and the deciding itself are those of batch; who is
// a hub is given, since the degrees of those at the border can't be counted here.
#pragma once

#include "core/identity/cluster.hpp"
#include "core/identity/subgraph.hpp"

namespace cdp::core::identity {

class Closure {
 public:
  Closure(Overlay& overlay, std::pmr::memory_resource* resource, Poll poll);

  // False if it has more than `most` identifiers: then it is of no further use. A few calls of the store for each step
  // from clusters to their neighbours, whatever the number of either.
  bool load(std::span<const std::int64_t> seeds, std::size_t most);
  bool contains(std::int64_t id) const { return subgraph_.contains(id); }
  std::size_t size() const noexcept { return subgraph_.size(); }
  std::span<const std::int64_t> clusters() const noexcept { return clusters_; }

  // What becomes of its clusters. Each keeps its name where most of it stays; new ones are numbered down from `fresh`.
  void decide(Plan& plan, std::int64_t& fresh) const;

 private:
  bool take_members(std::size_t most);
  void take_links();
  void visit(std::int64_t id);

  Overlay& overlay_;
  std::pmr::memory_resource* resource_;
  Poll poll_;
  Subgraph subgraph_;
  std::pmr::vector<std::int64_t> clusters_;  // old ones, in the order of discovery
  std::pmr::unordered_set<std::int64_t> visited_;
  std::size_t loaded_ = 0;                  // of clusters_
  std::pmr::vector<std::int64_t> members_;  // that came last
};

// Throws as contract() if what stewards have decided now contradicts itself anywhere near these identifiers.
void check_decisions(Overlay& overlay, std::span<const std::int64_t> ids, std::pmr::memory_resource* resource,
                     Poll poll);

}  // namespace cdp::core::identity
