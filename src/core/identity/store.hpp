// What streaming asks about the stored graph. Every function takes a set and is meant to be one statement; what is
// asked is the state before the change, as one snapshot sees it. Rows come in any order, none twice.
//
// Spans in rows have to live as long as the plan is being made.
#pragma once

#include <memory_resource>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "core/identity/forest.hpp"

namespace cdp::core::identity {

struct IdPair {
  std::int64_t a, b;  // a < b

  friend bool operator==(const IdPair&, const IdPair&) = default;
  friend bool operator<(const IdPair& a, const IdPair& b) noexcept { return std::tie(a.a, a.b) < std::tie(b.a, b.b); }
};

struct StoredIdentifier {
  std::int64_t id, cluster;
  ByteSpan value;
  TypeIndex type;
  bool blocked = false;
  bool hub = false;          // as it was decided
  bool flip_parked = false;  // its degree says otherwise, but that waits for a steward
};

struct StoredSighting {
  IdPair pair;
  Sighting sighting;

  friend bool operator==(const StoredSighting&, const StoredSighting&) = default;
};

// The link that united a cluster at last, or any that ranks after it.
struct LastLink {
  Rank rank;
  IdPair pair;

  friend bool operator==(const LastLink&, const LastLink&) = default;
};

struct StoredCluster {
  std::int64_t cluster = 0;  // how the store names it; below zero one that a plan makes
  std::int64_t label = 0;    // the least id of its identifiers
  std::uint32_t members = 0;
  bool known = false;
  bool walled = false;                   // false only if no cannot-link is about any of its members
  std::optional<LastLink> last;          // none if must-links alone hold it together
  std::pmr::vector<TypeWeight> weights;  // of types with a limit, by type, none of zero

  friend bool operator==(const StoredCluster&, const StoredCluster&) = default;
};

struct HolderAsked {
  std::int64_t cluster;
  TypeIndex type;

  friend bool operator==(const HolderAsked&, const HolderAsked&) = default;
  friend bool operator<(const HolderAsked& a, const HolderAsked& b) noexcept {
    return std::tie(a.cluster, a.type) < std::tie(b.cluster, b.type);
  }
};

struct DegreeAsked {
  std::int64_t identifier;
  TypeIndex neighbour;
  std::uint32_t enough;  // counting may stop here
};

// Of one pair; a later one replaces it.
struct PairDecision {
  std::int64_t key;
  IdPair pair;
  bool must;

  friend bool operator==(const PairDecision&, const PairDecision&) = default;
};

// An identifier on a side of a cannot-link between two lists.
struct SideDecision {
  std::int64_t key;
  std::int64_t identifier;
  bool right;

  friend bool operator==(const SideDecision&, const SideDecision&) = default;
};

// A cluster on a side of a cannot-link, of a pair or of lists.
struct ClusterSide {
  std::int64_t key;
  std::int64_t cluster;
  bool right;
};

class Store {
 public:
  template <typename Row>
  using Rows = std::pmr::vector<Row>;

  virtual ~Store() = default;

  // Both ends of each pair, and what was sighted of the pairs.
  virtual void pairs(std::span<const IdPair> pairs, Rows<StoredIdentifier>& ends, Rows<StoredSighting>& sightings) = 0;
  virtual void identifiers(std::span<const std::int64_t> ids, Rows<StoredIdentifier>& rows) = 0;
  // How many neighbours of that type each has over trusted links that are eligible but for hubs, in the order asked.
  virtual void degrees(std::span<const DegreeAsked> asked, Rows<std::uint32_t>& degrees) = 0;
  virtual void clusters(std::span<const std::int64_t> clusters, Rows<StoredCluster>& rows) = 0;
  // Cannot-links that two of these clusters meet on different sides: which of the clusters stand where.
  virtual void conflicts(std::span<const std::int64_t> clusters, Rows<ClusterSide>& rows) = 0;
  // The members of one type: few, since it is one of which a profile has one.
  virtual void holders(std::span<const HolderAsked> asked, Rows<StoredIdentifier>& rows) = 0;
  // All members, or any `most` of them where there are more.
  virtual void members(std::span<const std::int64_t> clusters, std::size_t most, Rows<StoredIdentifier>& rows) = 0;
  // What was sighted of any of these with anybody.
  virtual void links(std::span<const std::int64_t> ids, Rows<StoredSighting>& rows) = 0;
  // Every decision about a pair with one of these, and where each of them stands.
  virtual void decisions(std::span<const std::int64_t> ids, Rows<PairDecision>& pairs, Rows<SideDecision>& sides) = 0;
};

}  // namespace cdp::core::identity
