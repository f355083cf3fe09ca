// What the whole graph of a space comes to, decided in batch, and how that differs from what is stored.
#pragma once

#include <array>

#include "core/identity/cluster.hpp"
#include "sql/space_graph.hpp"

namespace cdp::sql {

// By the places of SpaceGraph.
class WholeDecision {
 public:
  // `flips`: also where hub_alarm would have a steward decide.
  WholeDecision(SpaceGraph& graph, const SpaceRules& rules, bool flips, std::pmr::memory_resource* resource);

  const core::identity::Partition& partition() const noexcept { return partition_; }
  // It or others with whom it is, or was, are decided otherwise than they are stored, or whether it is a hub.
  bool differs(std::uint32_t place) const noexcept {
    return differing_[partition_.cluster_of[place]] || flipped(place);
  }
  bool flipped(std::uint32_t place) const noexcept { return partition_.hubs[place] != graph_.identifier(place).hub; }
  // Waits for a steward.
  bool parked(std::uint32_t place) const noexcept { return parked_[place]; }

  struct Counts {
    std::int64_t differing = 0;  // identifiers
    std::int64_t merged = 0;     // customers that become part of others
    std::int64_t split = 0;      // customers that others leave
    std::int64_t hubs = 0, parked = 0;
  };
  const Counts& counts() const noexcept { return counts_; }

 private:
  void compare();

  SpaceGraph& graph_;
  std::pmr::memory_resource* resource_;
  core::identity::Partition partition_;
  std::pmr::vector<bool> differing_;  // of decided clusters
  std::pmr::vector<bool> parked_;     // of identifiers
  Counts counts_;
};

// All columns of the tables that are written anew, in this order.
inline constexpr std::array<std::string_view, 8> kIdentifierColumns{"id",   "cluster_id", "hub",     "flip_parked",
                                                                    "type", "value",      "blocked", "created_at"};
inline constexpr std::array<std::string_view, 11> kProfileColumns{
    "cluster_id", "profile_id", "profile",     "timeline",    "members",       "known",
    "walled",     "weights",    "last_link_a", "last_link_b", "last_link_rank"};

// Writes what was decided over what is stored, all of it. The space has to be locked, the tables too. Returns how many
// identifiers go to another customer.
std::int64_t rewrite_space(const pg::query::Schema& schema, const SpaceRules& rules, const SpaceGraph& graph,
                           const WholeDecision& decision, std::int64_t run, std::pmr::memory_resource* resource);

}  // namespace cdp::sql
