// The identity graph of a space, read as a whole: what batch decides about.
#pragma once

#include "sql/space_rules.hpp"

namespace cdp::sql {

// Where ids stand in an ascending list of them: by a table where they are dense, else by search.
class Places {
 public:
  explicit Places(std::pmr::memory_resource* resource) : ids_(resource), table_(resource) {}
  void build(std::pmr::vector<std::int64_t> ascending);
  std::size_t size() const noexcept { return ids_.size(); }
  std::int64_t id(std::uint32_t place) const noexcept { return ids_[place]; }
  std::uint32_t find(std::int64_t id) const noexcept;  // core::identity::kNone if it isn't there

 private:
  std::pmr::vector<std::int64_t> ids_;
  std::pmr::vector<std::uint32_t> table_;  // from the least id on; empty if they are not dense
};

class SpaceGraph {
 public:
  // What others commit meanwhile is in it or isn't; of a space that is locked it is exact.
  SpaceGraph(const pg::query::Schema& schema, const SpaceRules& rules, std::pmr::memory_resource* resource);

  core::identity::Graph graph(const core::identity::Rules& rules, bool hubs_given) const noexcept {
    return {&rules, identifiers_, links_, musts_, walls_, hubs_given};
  }
  std::size_t size() const noexcept { return identifiers_.size(); }
  std::size_t links() const noexcept { return links_.size(); }
  const core::identity::Identifier& identifier(std::uint32_t place) const noexcept { return identifiers_[place]; }
  const core::identity::Link& link(std::uint32_t place) const noexcept { return links_[place]; }
  std::uint32_t place(std::int64_t id) const noexcept { return places_.find(id); }
  bool flip_parked(std::uint32_t place) const noexcept { return flip_parked_[place]; }
  void set_hub(std::uint32_t place, bool hub) noexcept { identifiers_[place].hub = hub; }
  void flip_blocked(std::uint32_t place) noexcept { identifiers_[place].blocked = !identifiers_[place].blocked; }

  // Clusters as they are stored, numbered in the order of their ids.
  std::uint32_t cluster_of(std::uint32_t place) const noexcept { return cluster_of_[place]; }
  const Places& clusters() const noexcept { return clusters_; }

 private:
  void read_identifiers(const pg::query::Schema& schema);
  void read_links(const pg::query::Schema& schema);
  void read_decisions(const pg::query::Schema& schema);

  const SpaceRules& rules_;
  std::pmr::memory_resource* resource_;
  std::pmr::monotonic_buffer_resource values_;
  std::pmr::vector<core::identity::Identifier> identifiers_;
  std::pmr::vector<bool> flip_parked_;
  Places places_, clusters_;
  std::pmr::vector<std::uint32_t> cluster_of_;
  std::pmr::vector<core::identity::Link> links_;
  std::pmr::vector<core::identity::Must> musts_;
  std::pmr::vector<core::identity::WallSide> walls_;
};

}  // namespace cdp::sql
