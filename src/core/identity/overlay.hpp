// The stored graph as it is after a change: what the store says, with the changed sightings, decisions and hubs in its
// place. Every read is set-wise; what was read once isn't asked for again.
#pragma once

#include <map>
#include <memory_resource>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/identity/plan.hpp"

namespace cdp::core::identity {

// The sightings of a pair before and after the change.
struct ChangedPair {
  explicit ChangedPair(std::pmr::memory_resource* resource) : sightings(resource) {}

  struct Row {
    Sighting before, after;
    bool was = false, is = false;
  };
  std::pmr::vector<Row> sightings;
  std::optional<Bond> before, after;
};

struct BondedPair {
  IdPair pair;
  Bond bond;
};

class Overlay {
 public:
  Overlay(Store& store, const Rules& rules, std::pmr::memory_resource* resource, Poll poll);

  // One call of the store for all pairs.
  void change_sightings(std::span<const SightingChange> changes);
  // Another one if any decision is changed; tells what they replace.
  void change_decisions(std::span<const DecisionChange> changes, std::pmr::vector<std::int64_t>& replaced);

  const std::pmr::map<IdPair, ChangedPair>& changed_pairs() const noexcept { return pairs_; }
  const Rules& rules() const noexcept { return rules_; }
  Store& store() noexcept { return store_; }

  // 42704 if one isn't stored.
  void need(std::span<const std::int64_t> ids);
  void remember(std::span<const StoredIdentifier> rows);
  const StoredIdentifier& identifier(std::int64_t id) const { return identifiers_.at(id); }
  bool has(std::int64_t id) const { return identifiers_.contains(id); }
  void set_hub(std::int64_t id, bool hub) { identifiers_.at(id).hub = hub; }

  // What the rules of link.hpp take.
  Identifier plain(std::int64_t id) const;
  Name name(std::int64_t id) const;
  // May the pair join, hubs considered? Both have to be known.
  bool eligible(IdPair pair, const Bond& bond) const;

  // After the change: how each pair is linked, if it is; both ends are known then. One call of the store.
  void bonds(std::span<const IdPair> pairs, std::pmr::map<IdPair, Bond>& bonds);
  // After the change: links and decisions of these with anybody.
  void links(std::span<const std::int64_t> ids, std::pmr::vector<BondedPair>& links);
  void decisions(std::span<const std::int64_t> ids, std::pmr::vector<IdPair>& musts,
                 std::pmr::vector<SideDecision>& sides);
  std::pmr::vector<SideDecision> added_sides() const;
  bool is_withdrawn(std::int64_t key) const { return withdrawn_.contains(key); }

 private:
  void apply(ChangedPair& pair, const SightingChange& change);
  std::optional<Bond> bond(const ChangedPair& pair, bool after) const;
  void withdraw(std::int64_t key);
  void state_lists(const DecisionChange& change);

  Store& store_;
  const Rules& rules_;
  std::pmr::memory_resource* resource_;
  Poll poll_;
  std::pmr::unordered_map<std::int64_t, StoredIdentifier> identifiers_;
  std::pmr::map<IdPair, ChangedPair> pairs_;
  std::pmr::unordered_map<std::int64_t, std::pmr::vector<IdPair>> pairs_of_;
  std::pmr::unordered_set<std::int64_t> withdrawn_;  // keys of decisions, replaced ones too
  std::pmr::map<IdPair, PairDecision> added_pairs_;
  std::pmr::vector<SideDecision> added_sides_;  // of lists
};

IdPair sorted_pair(std::int64_t a, std::int64_t b);  // 22023 if they are the same

}  // namespace cdp::core::identity
