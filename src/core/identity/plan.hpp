// What changes in the evidence, and what a change of evidence does to the clusters. A plan changes nothing: the caller
// makes it unlocked, locks its clusters, makes it again, and carries it out if both are equal.
#pragma once

#include <tuple>

#include "core/identity/store.hpp"

namespace cdp::core::identity {

struct SightingChange {
  enum class Act : std::uint8_t {
    add,     // joins what is there of the same source and rule: confidence = max, first_seen = min, last_seen = max
    remove,  // these three name it by source and rule
    reject,
    restore,  // a rejected one counts again
  };
  Act act = Act::add;
  std::int64_t a = 0, b = 0;  // in any order
  Sighting sighting;
};

struct DecisionChange {
  enum class Kind : std::uint8_t { must, cannot, cannot_lists };
  Kind kind = Kind::must;
  bool withdraw = false;                      // says again what was decided about whom
  std::int64_t key = 0;                       // the caller's name of the decision
  std::span<const std::int64_t> left, right;  // one each, unless they are lists
};

struct Changes {
  std::span<const SightingChange> sightings;
  std::span<const DecisionChange> decisions;
  // Identifiers to decide anew: what a changed rule reaches (see Reach), what became blocked or unblocked and all
  // neighbours of it, what was parked. The store has to count degrees by the new rules.
  std::span<const std::int64_t> touched;
};

// What is concerned by a change of the rules. All lists by place in the rules, which are never renumbered.
struct Reach {
  explicit Reach(std::pmr::memory_resource* resource) : types(resource), with_neighbours(resource), sources(resource) {}

  std::pmr::vector<TypeIndex> types;            // all identifiers of these
  std::pmr::vector<TypeIndex> with_neighbours;  // and of these, with whomever they are linked to
  std::pmr::vector<SourceIndex> sources;        // both ends of what these have sighted
  double from = 0, to = 0;                      // both ends of sightings with a confidence from here to below there
};
Reach reach_of(const Rules& before, const Rules& after, std::pmr::memory_resource* resource);

// Only its own: somebody else may have seen more of it meanwhile, where no lock of a customer keeps him out.
struct PutSighting {
  IdPair pair;
  Sighting sighting;
  bool judged = false;  // rejected, or no longer

  friend bool operator==(const PutSighting&, const PutSighting&) = default;
};

struct ClusterUnion {
  std::int64_t absorbed, into;  // the smaller into the larger

  friend bool operator==(const ClusterUnion&, const ClusterUnion&) = default;
};

struct Move {
  std::int64_t identifier, from, to;

  friend bool operator==(const Move&, const Move&) = default;
};

struct HubChange {
  std::int64_t identifier;
  bool hub;

  friend bool operator==(const HubChange&, const HubChange&) = default;
};

struct Parked {
  enum class Cause : std::uint8_t {
    closure,  // deciding it would take more than max_closure identifiers: the state is as before, and may be wrong
    flip,     // it stays a hub, or none, for now: its cluster has more than hub_alarm identifiers
  };
  Cause cause;
  std::int64_t a, b;  // equal if it is about one identifier

  friend bool operator==(const Parked&, const Parked&) = default;
  friend bool operator<(const Parked& a, const Parked& b) noexcept {
    return std::tie(a.cause, a.a, a.b) < std::tie(b.cause, b.a, b.b);
  }
};

struct Plan {
  explicit Plan(std::pmr::memory_resource* resource)
      : locks(resource),
        put(resource),
        dropped(resource),
        replaced(resource),
        unions(resource),
        moves(resource),
        clusters(resource),
        emptied(resource),
        hubs(resource),
        parked(resource),
        unparked(resource) {}

  std::pmr::vector<std::int64_t> locks;      // clusters, ascending; those of hubs and of blocked ones are left alone
  std::pmr::vector<PutSighting> put;         // new, or with new values
  std::pmr::vector<StoredSighting> dropped;  // gone
  std::pmr::vector<std::int64_t> replaced;   // decisions, new ones too, that a later one of the same pair replaces
  std::pmr::vector<ClusterUnion> unions;     // whole clusters
  std::pmr::vector<Move> moves;              // single identifiers, after the unions
  std::pmr::vector<StoredCluster> clusters;  // as they are from now on
  std::pmr::vector<std::int64_t> emptied;    // clusters that lost all their members by moves
  std::pmr::vector<HubChange> hubs;
  std::pmr::vector<Parked> parked;
  std::pmr::vector<std::int64_t> unparked;  // identifiers whose parked flip is no longer due, or has been made

  struct Counts {  // of pairs whose link changed, and of closures
    std::uint32_t settled = 0, united = 0, refused = 0, closures = 0, closure_identifiers = 0;
  };
  Counts counts;  // not compared

  friend bool operator==(const Plan& a, const Plan& b) {
    return a.locks == b.locks && a.put == b.put && a.dropped == b.dropped && a.replaced == b.replaced &&
           a.unions == b.unions && a.moves == b.moves && a.clusters == b.clusters && a.emptied == b.emptied &&
           a.hubs == b.hubs && a.parked == b.parked && a.unparked == b.unparked;
  }
};

}  // namespace cdp::core::identity
