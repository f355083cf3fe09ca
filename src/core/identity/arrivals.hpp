// Links that arrive between different clusters: rules 1 to 3 of stream.hpp, from the summaries of clusters alone.
// Neither the members nor the links of any cluster are read.
#pragma once

#include <functional>
#include <map>

#include "core/identity/overlay.hpp"

namespace cdp::core::identity {

struct Arrival {
  IdPair pair;
  Rank rank;
  bool trusted;
};

class Arrivals {
 public:
  Arrivals(Overlay& overlay, std::pmr::memory_resource* resource, Poll poll);

  void add(const Arrival& arrival) { arrivals_.push_back(arrival); }
  // A new cannot-link is about one of its members.
  void wall(std::int64_t cluster) { walled_.insert(cluster); }

  // Takes them one after the other, those of the best ranks first, and keeps those that rules 1 and 2 don't settle, nor
  // rule 3 by the clusters' last links.
  void decide(Plan::Counts& counts);

  // Of what was kept, except in clusters that were decided anew since: refuses by rule 3 what the ends' own links show
  // to come too late. `anew` is called with the others, which fall under rule 4.
  void refuse(Plan::Counts& counts, const std::pmr::unordered_set<std::int64_t>& decided,
              const std::function<void(IdPair)>& anew);

  // What was united, except in clusters that were decided anew since.
  void conclude(Plan& plan, const std::pmr::unordered_set<std::int64_t>& decided);

 private:
  void load();
  void build_walls();
  // The one that ranks after the other, or the only one.
  const std::optional<LastLink>& later(const std::optional<LastLink>& a, const std::optional<LastLink>& b);
  bool may_be_parted(std::uint32_t root) const noexcept { return last_[root] && last_[root]->rank.untrusted(); }
  void take(const Arrival& arrival, Plan::Counts& counts);
  bool is_of_one(const Verdict& verdict) const noexcept;
  using Holders = std::pmr::map<HolderAsked, std::pmr::vector<std::int64_t>>;
  void load_holders(Holders& holders);
  bool holds(std::int64_t end, const std::pmr::vector<std::int64_t>& holders, const Arrival& arrival,
             const std::pmr::map<IdPair, Bond>& bonds);
  StoredCluster united(std::uint32_t root, std::span<const std::uint32_t> places) const;

  Overlay& overlay_;
  std::pmr::memory_resource* resource_;
  Poll poll_;
  struct Kept {
    Arrival arrival;
    Verdict verdict;
  };
  std::pmr::vector<Arrival> arrivals_;
  std::pmr::vector<Kept> kept_;
  std::pmr::unordered_set<std::int64_t> walled_;
  std::pmr::vector<StoredCluster> clusters_;  // nodes of the forest
  std::pmr::unordered_map<std::int64_t, std::uint32_t> place_;
  std::pmr::vector<std::optional<LastLink>> last_;  // of roots
  Forest forest_;
};

}  // namespace cdp::core::identity
