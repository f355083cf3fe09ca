#include "core/identity/subgraph.hpp"

namespace cdp::core::identity {

Subgraph::Subgraph(const Overlay& overlay, std::pmr::memory_resource* resource)
    : overlay_(overlay),
      identifiers_(resource),
      links_(resource),
      musts_(resource),
      walls_(resource),
      place_(resource),
      wall_(resource),
      linked_(resource) {}

void Subgraph::add_identifier(std::int64_t id) {
  place_.emplace(id, static_cast<std::uint32_t>(identifiers_.size()));
  identifiers_.push_back(overlay_.plain(id));
}

void Subgraph::add_links(std::span<const BondedPair> links) {
  for (const BondedPair& link : links) {
    const auto a = place_.find(link.pair.a), b = place_.find(link.pair.b);
    if (a == place_.end() || b == place_.end()) continue;
    if (linked_.try_emplace(std::uint64_t{a->second} << 32 | b->second, true).second)
      links_.push_back({a->second, b->second, link.bond});
  }
}

void Subgraph::add_decisions(std::span<const IdPair> musts, std::span<const SideDecision> sides) {
  for (const IdPair& must : musts)
    if (contains(must.a) && contains(must.b)) musts_.push_back({place(must.a), place(must.b)});
  for (const SideDecision& side : sides) {
    if (!contains(side.identifier)) continue;
    const std::uint32_t wall = wall_.try_emplace(side.key, static_cast<std::uint32_t>(wall_.size())).first->second;
    walls_.push_back({wall, side.right, place(side.identifier)});
  }
}

Graph Subgraph::graph() const noexcept { return {&overlay_.rules(), identifiers_, links_, musts_, walls_, true}; }

}  // namespace cdp::core::identity
