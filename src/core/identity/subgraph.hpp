// A part of the stored graph, loaded, as the Graph that decide() and contract() take.
#pragma once

#include <unordered_map>
#include <vector>

#include "core/identity/overlay.hpp"

namespace cdp::core::identity {

class Subgraph {
 public:
  Subgraph(const Overlay& overlay, std::pmr::memory_resource* resource);

  bool contains(std::int64_t id) const { return place_.contains(id); }
  std::uint32_t place(std::int64_t id) const { return place_.at(id); }
  std::size_t size() const noexcept { return identifiers_.size(); }
  std::int64_t id(std::uint32_t place) const noexcept { return identifiers_[place].id; }
  std::span<const Identifier> identifiers() const noexcept { return identifiers_; }
  std::span<const Link> links() const noexcept { return links_; }
  std::span<const Must> musts() const noexcept { return musts_; }

  void add_identifier(std::int64_t id);  // once each; the overlay has to know it
  // What has an end elsewhere, or came before, is left out.
  void add_links(std::span<const BondedPair> links);
  void add_decisions(std::span<const IdPair> musts, std::span<const SideDecision> sides);

  Graph graph() const noexcept;

 private:
  const Overlay& overlay_;
  std::pmr::vector<Identifier> identifiers_;
  std::pmr::vector<Link> links_;
  std::pmr::vector<Must> musts_;
  std::pmr::vector<WallSide> walls_;
  std::pmr::unordered_map<std::int64_t, std::uint32_t> place_, wall_;  // of ids, of keys
  std::pmr::unordered_map<std::uint64_t, bool> linked_;                // pairs of places
};

}  // namespace cdp::core::identity
