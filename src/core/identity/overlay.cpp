#include "core/identity/overlay.hpp"

#include <algorithm>
#include <string>

#include "core/bytes/error.hpp"

namespace cdp::core::identity {

IdPair sorted_pair(std::int64_t a, std::int64_t b) {
  if (a == b) throw Error(Code::invalid_parameter, "an identifier cannot be linked with itself");
  return {std::min(a, b), std::max(a, b)};
}

Overlay::Overlay(Store& store, const Rules& rules, std::pmr::memory_resource* resource, Poll poll)
    : store_(store),
      rules_(rules),
      resource_(resource),
      poll_(poll),
      identifiers_(resource),
      pairs_(resource),
      pairs_of_(resource),
      withdrawn_(resource),
      added_pairs_(resource),
      added_sides_(resource) {}

void Overlay::remember(std::span<const StoredIdentifier> rows) {
  for (const StoredIdentifier& row : rows) identifiers_.try_emplace(row.id, row);
}

void Overlay::need(std::span<const std::int64_t> ids) {
  std::pmr::vector<std::int64_t> missing(resource_);
  for (const std::int64_t id : ids)
    if (!has(id)) missing.push_back(id);
  if (missing.empty()) return;
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  std::pmr::vector<StoredIdentifier> rows(resource_);
  store_.identifiers(missing, rows);
  remember(rows);
  for (const std::int64_t id : missing)
    if (!has(id)) throw Error(Code::undefined_object, "identifier " + std::to_string(id) + " does not exist");
}

Identifier Overlay::plain(std::int64_t id) const {
  const StoredIdentifier& row = identifier(id);
  return {row.id, row.value, row.type, row.blocked, row.hub};
}

Name Overlay::name(std::int64_t id) const {
  const StoredIdentifier& row = identifier(id);
  return {rules_.types[row.type].name, row.value};
}

bool Overlay::eligible(IdPair pair, const Bond& bond) const {
  const Identifier a = plain(pair.a), b = plain(pair.b);
  return !a.hub && !b.hub && barred(rules_, a, b, bond) == Outcome::active;
}

void Overlay::change_sightings(std::span<const SightingChange> changes) {
  if (changes.empty()) return;
  for (const SightingChange& change : changes) pairs_.try_emplace(sorted_pair(change.a, change.b), resource_);
  std::pmr::vector<IdPair> asked(resource_);
  std::pmr::vector<std::int64_t> ends(resource_);
  for (const auto& [pair, state] : pairs_) {
    asked.push_back(pair);
    for (const std::int64_t end : {pair.a, pair.b}) {
      ends.push_back(end);
      pairs_of_.try_emplace(end).first->second.push_back(pair);
    }
  }
  std::pmr::vector<StoredIdentifier> rows(resource_);
  std::pmr::vector<StoredSighting> sightings(resource_);
  store_.pairs(asked, rows, sightings);
  remember(rows);
  need(ends);
  for (const StoredSighting& row : sightings)
    pairs_.at(row.pair).sightings.push_back({row.sighting, row.sighting, true, true});
  for (const SightingChange& change : changes) apply(pairs_.at(sorted_pair(change.a, change.b)), change);
  for (auto& [pair, state] : pairs_) {
    std::sort(state.sightings.begin(), state.sightings.end(), [](const auto& a, const auto& b) {
      return a.after.source != b.after.source ? a.after.source < b.after.source : a.after.rule < b.after.rule;
    });
    state.before = bond(state, false);
    state.after = bond(state, true);
  }
}

void Overlay::apply(ChangedPair& pair, const SightingChange& change) {
  using Act = SightingChange::Act;
  const Sighting& given = change.sighting;
  auto row = std::find_if(pair.sightings.begin(), pair.sightings.end(), [&](const ChangedPair::Row& each) {
    return each.after.source == given.source && each.after.rule == given.rule;
  });
  if (row == pair.sightings.end()) {
    if (change.act == Act::add) pair.sightings.push_back({given, given, false, true});
    return;
  }
  Sighting& after = row->after;
  switch (change.act) {
    case Act::remove: row->is = false; break;
    case Act::reject: after.rejected = true; break;
    case Act::restore: after.rejected = false; break;
    case Act::add:
      if (!row->is) {
        after = given;
        row->is = true;
        break;
      }
      after.confidence = std::max(after.confidence, given.confidence);
      after.first_seen = std::min(after.first_seen, given.first_seen);
      after.last_seen = std::max(after.last_seen, given.last_seen);
      break;
  }
}

std::optional<Bond> Overlay::bond(const ChangedPair& pair, bool after) const {
  Combination combination(rules_);
  bool any = false;
  for (const ChangedPair::Row& row : pair.sightings) {
    if (!(after ? row.is : row.was)) continue;
    combination.add(after ? row.after : row.before);
    any = true;
  }
  return any ? std::optional(combination.bond()) : std::nullopt;
}

void Overlay::bonds(std::span<const IdPair> pairs, std::pmr::map<IdPair, Bond>& bonds) {
  std::pmr::vector<IdPair> asked(resource_);
  for (const IdPair& pair : pairs) {
    const auto changed = pairs_.find(pair);
    if (changed == pairs_.end()) {
      asked.push_back(pair);
    } else if (changed->second.after) {
      bonds.emplace(pair, *changed->second.after);
    }
  }
  if (asked.empty()) return;
  std::pmr::vector<StoredIdentifier> ends(resource_);
  std::pmr::vector<StoredSighting> rows(resource_);
  store_.pairs(asked, ends, rows);
  remember(ends);
  std::pmr::map<IdPair, Combination> combinations(resource_);
  for (const StoredSighting& row : rows) combinations.try_emplace(row.pair, rules_).first->second.add(row.sighting);
  for (const auto& [pair, combination] : combinations) bonds.emplace(pair, combination.bond());
}

void Overlay::links(std::span<const std::int64_t> ids, std::pmr::vector<BondedPair>& links) {
  if (ids.empty()) return;
  std::pmr::vector<StoredSighting> rows(resource_);
  store_.links(ids, rows);
  std::sort(rows.begin(), rows.end(), [](const StoredSighting& a, const StoredSighting& b) { return a.pair < b.pair; });
  for (std::size_t from = 0, to = 0; from < rows.size(); from = to) {
    poll_();
    Combination combination(rules_);
    for (; to < rows.size() && rows[to].pair == rows[from].pair; ++to) combination.add(rows[to].sighting);
    if (!pairs_.contains(rows[from].pair)) links.push_back({rows[from].pair, combination.bond()});
  }
  for (const std::int64_t id : ids) {
    const auto found = pairs_of_.find(id);
    if (found == pairs_of_.end()) continue;
    for (const IdPair& pair : found->second)
      if (const auto& after = pairs_.at(pair).after) links.push_back({pair, *after});
  }
}

void Overlay::change_decisions(std::span<const DecisionChange> changes, std::pmr::vector<std::int64_t>& replaced) {
  if (changes.empty()) return;
  std::pmr::vector<std::int64_t> ids(resource_);
  for (const DecisionChange& change : changes) {
    if (change.kind != DecisionChange::Kind::cannot_lists && (change.left.size() != 1 || change.right.size() != 1))
      throw Error(Code::invalid_parameter, "a decision about a pair needs one identifier on each side");
    ids.insert(ids.end(), change.left.begin(), change.left.end());
    ids.insert(ids.end(), change.right.begin(), change.right.end());
  }
  need(ids);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::pmr::vector<PairDecision> pairs(resource_);
  std::pmr::vector<SideDecision> sides(resource_);
  store_.decisions(ids, pairs, sides);
  std::pmr::map<IdPair, std::int64_t> standing(resource_);
  for (const PairDecision& decision : pairs) standing[decision.pair] = decision.key;
  for (const DecisionChange& change : changes) {
    if (change.withdraw) {
      withdraw(change.key);
    } else if (change.kind == DecisionChange::Kind::cannot_lists) {
      state_lists(change);
    } else {
      const IdPair pair = sorted_pair(change.left[0], change.right[0]);
      const auto [found, fresh] = standing.try_emplace(pair, change.key);
      if (!fresh && !is_withdrawn(found->second)) {
        replaced.push_back(found->second);
        withdraw(found->second);
      }
      found->second = change.key;
      added_pairs_[pair] = {change.key, pair, change.kind == DecisionChange::Kind::must};
    }
  }
}

void Overlay::withdraw(std::int64_t key) {
  withdrawn_.insert(key);
  std::erase_if(added_sides_, [&](const SideDecision& side) { return side.key == key; });
  std::erase_if(added_pairs_, [&](const auto& each) { return each.second.key == key; });
}

void Overlay::state_lists(const DecisionChange& change) {
  const std::pmr::unordered_set<std::int64_t> left(change.left.begin(), change.left.end(), 0, resource_);
  for (const std::int64_t id : change.right)
    if (left.contains(id))
      throw Error(Code::invalid_parameter, "an identifier cannot stand on both sides of a cannot-link");
  for (const std::int64_t id : change.left) added_sides_.push_back({change.key, id, false});
  for (const std::int64_t id : change.right) added_sides_.push_back({change.key, id, true});
}

namespace {

void add_sides(const PairDecision& decision, std::pmr::vector<SideDecision>& sides) {
  sides.push_back({decision.key, decision.pair.a, false});
  sides.push_back({decision.key, decision.pair.b, true});
}

}  // namespace

std::pmr::vector<SideDecision> Overlay::added_sides() const {
  std::pmr::vector<SideDecision> sides(added_sides_, resource_);
  for (const auto& [pair, decision] : added_pairs_)
    if (!decision.must) add_sides(decision, sides);
  return sides;
}

void Overlay::decisions(std::span<const std::int64_t> ids, std::pmr::vector<IdPair>& musts,
                        std::pmr::vector<SideDecision>& sides) {
  std::pmr::vector<PairDecision> pairs(resource_);
  std::pmr::vector<SideDecision> stored(resource_);
  store_.decisions(ids, pairs, stored);
  const std::pmr::unordered_set<std::int64_t> asked(ids.begin(), ids.end(), 0, resource_);
  const auto add = [&](const PairDecision& decision) {
    if (!asked.contains(decision.pair.a) && !asked.contains(decision.pair.b)) return;
    if (decision.must) {
      musts.push_back(decision.pair);
    } else {
      add_sides(decision, sides);
    }
  };
  for (const PairDecision& decision : pairs)
    if (!is_withdrawn(decision.key)) add(decision);
  for (const SideDecision& side : stored)
    if (!is_withdrawn(side.key)) sides.push_back(side);
  for (const auto& [pair, decision] : added_pairs_) add(decision);
  for (const SideDecision& side : added_sides_)
    if (asked.contains(side.identifier)) sides.push_back(side);
}

}  // namespace cdp::core::identity
