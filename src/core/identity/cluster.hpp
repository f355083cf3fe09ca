// Who is who, in batch: the partition as a function of the evidence, whatever the order in which it came.
//
// 1. A link is eligible if it isn't rejected, no end is blocked or of a type that doesn't link, its confidence reaches
//    the threshold, and no end is a hub. Degrees count trusted links that are eligible but for hubs, of all identifiers
//    before any hub is dropped.
// 2. Must-links are contracted; a group weighs min(max_per_profile, count) of a type.
// 3. Eligible links are taken in canonical order, and unite two clusters unless a limit would be exceeded, a
// cannot-link
//    pair would meet, or an untrusted link would unite two clusters that both hold a known person. All trusted links
//    come first, so what trust forbids is settled by whole trusted parts.
//
// Time is that of sorting the links; memory 32 bytes a link and about 20 + 4 for each limited type an identifier.
#pragma once

#include <memory_resource>
#include <span>
#include <vector>

#include "core/identity/forest.hpp"

namespace cdp::core::identity {

// What streaming needs to know of a cluster without its members.
struct Summary {
  std::int64_t label = 0;  // the least id of its identifiers
  std::uint32_t members = 0;
  bool known = false;   // holds an identifier of a known type
  bool walled = false;  // may stand on a side of a cannot-link
  std::uint32_t last =
      kNone;  // the link that united it at last, if any did; nothing that ranks after it can have mattered
};

struct Partition {
  explicit Partition(std::pmr::memory_resource* resource)
      : cluster_of(resource),
        clusters(resource),
        weights(resource),
        limited_types(resource),
        verdicts(resource),
        hubs(resource) {}

  std::pmr::vector<std::uint32_t> cluster_of;  // of each identifier, in `clusters`
  std::pmr::vector<Summary> clusters;          // in the order of their first identifiers
  std::pmr::vector<std::uint32_t> weights;     // of each cluster in turn, for each of `limited_types`
  std::pmr::vector<TypeIndex> limited_types;
  std::pmr::vector<Verdict> verdicts;  // of each link
  std::pmr::vector<bool> hubs;         // of each identifier

  std::int64_t label(std::uint32_t identifier) const noexcept { return clusters[cluster_of[identifier]].label; }
};

// 22023 for a link of an identifier with itself, and for decisions that contradict each other.
Partition decide(const Graph& graph, std::pmr::memory_resource* resource, Poll poll = {});

}  // namespace cdp::core::identity
