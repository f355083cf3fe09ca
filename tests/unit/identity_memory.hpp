// A store in memory that carries plans out, and counts what it is asked.
#pragma once

#include <gtest/gtest.h>

#include <unordered_map>
#include <unordered_set>

#include "bytes_of.hpp"
#include "core/identity/overlay.hpp"
#include "core/identity/stream.hpp"

namespace cdp::core::test {

class MemoryStore final : public identity::Store {
 public:
  struct Work {
    std::size_t calls = 0, rows = 0;
  };
  Work work;

  // The rules by which degrees are counted.
  void use(const identity::Rules& rules) { rules_ = &rules; }

  // A person of its own.
  void insert(std::int64_t id, identity::TypeIndex type, std::string value) {
    const std::int64_t cluster = next_cluster_++;
    identity::StoredIdentifier row{id, cluster, {}, type};
    values_[id] = std::move(value);
    row.value = as_bytes(values_.at(id));
    identifiers_[id] = row;
    members_[cluster].insert(id);
    identity::StoredCluster summary;
    summary.cluster = cluster;
    summary.label = id;
    summary.members = 1;
    summary.known = rules_->types[type].known;
    if (rules_->types[type].max_per_profile != identity::kUnlimited) summary.weights.push_back({type, 1});
    summaries_[cluster] = summary;
  }
  void block(std::int64_t id, bool blocked) { identifiers_.at(id).blocked = blocked; }

  const identity::StoredIdentifier& row(std::int64_t id) const { return identifiers_.at(id); }
  const identity::StoredCluster& summary_of(std::int64_t id) const { return summaries_.at(row(id).cluster); }
  std::int64_t label(std::int64_t id) const { return summary_of(id).label; }
  std::size_t clusters() const { return members_.size(); }
  const std::map<identity::IdPair, std::vector<identity::Sighting>>& sightings() const { return sightings_; }

  void carry_out(const identity::Plan& plan, const identity::Changes& changes) {
    check_locks(plan);
    carry_out_evidence(plan);
    carry_out_decisions(plan, changes);
    for (const identity::ClusterUnion& each : plan.unions) {
      const auto moved = members_.at(each.absorbed);
      EXPECT_LE(moved.size(), members_.at(each.into).size());
      for (const std::int64_t id : moved) move(id, each.into);
      erase(each.absorbed);
    }
    std::unordered_map<std::int64_t, std::int64_t> made;
    const auto actual = [&](std::int64_t cluster) {
      return cluster > 0
                 ? cluster
                 : made.try_emplace(cluster, next_cluster_ + static_cast<std::int64_t>(made.size())).first->second;
    };
    for (const identity::Move& each : plan.moves) {
      EXPECT_EQ(row(each.identifier).cluster, each.from);
      move(each.identifier, actual(each.to));
    }
    for (identity::StoredCluster summary : plan.clusters) {
      summary.cluster = actual(summary.cluster);
      summaries_[summary.cluster] = summary;
    }
    next_cluster_ += static_cast<std::int64_t>(made.size());
    for (const std::int64_t cluster : plan.emptied) erase(cluster);
    for (const identity::HubChange& each : plan.hubs) identifiers_.at(each.identifier).hub = each.hub;
    for (const identity::Parked& each : plan.parked)
      if (each.cause == identity::Parked::Cause::flip) identifiers_.at(each.a).flip_parked = true;
    for (const std::int64_t id : plan.unparked) identifiers_.at(id).flip_parked = false;
  }

  void pairs(std::span<const identity::IdPair> pairs, Rows<identity::StoredIdentifier>& ends,
             Rows<identity::StoredSighting>& sightings) override {
    called();
    std::set<std::int64_t> ids;
    for (const identity::IdPair& pair : pairs) {
      ids.insert({pair.a, pair.b});
      give_pair(pair, sightings);
    }
    for (const std::int64_t id : ids) give(id, ends);
  }

  void identifiers(std::span<const std::int64_t> ids, Rows<identity::StoredIdentifier>& rows) override {
    called();
    for (const std::int64_t id : ids) give(id, rows);
  }

  void degrees(std::span<const identity::DegreeAsked> asked, Rows<std::uint32_t>& degrees) override {
    called();
    for (const identity::DegreeAsked& each : asked) {
      std::uint32_t degree = 0;
      for (const std::int64_t other : neighbours_[each.identifier]) {
        if (degree == each.enough) break;
        if (row(other).type != each.neighbour) continue;
        ++work.rows;
        degree += counts(identity::sorted_pair(each.identifier, other)) ? 1 : 0;
      }
      degrees.push_back(degree);
    }
  }

  void clusters(std::span<const std::int64_t> clusters, Rows<identity::StoredCluster>& rows) override {
    called();
    for (const std::int64_t cluster : clusters) {
      ++work.rows;
      if (!summaries_.contains(cluster)) continue;
      const identity::StoredCluster& row = summaries_.at(cluster);
      rows.push_back({row.cluster, row.label, row.members, row.known, row.walled, row.last, {row.weights, kHeap}});
    }
  }

  void conflicts(std::span<const std::int64_t> clusters, Rows<identity::ClusterSide>& rows) override {
    called();
    const std::set<std::int64_t> asked(clusters.begin(), clusters.end());
    for (const auto& [key, sides] : sides_) {
      std::set<std::int64_t> met[2];
      for (int side = 0; side < 2; ++side)
        for (const std::int64_t id : sides[side])
          if (asked.contains(row(id).cluster)) met[side].insert(row(id).cluster);
      if (met[0].empty() || met[1].empty()) continue;
      for (int side = 0; side < 2; ++side)
        for (const std::int64_t cluster : met[side]) rows.push_back({key, cluster, side == 1}), ++work.rows;
    }
  }

  void holders(std::span<const identity::HolderAsked> asked, Rows<identity::StoredIdentifier>& rows) override {
    called();
    for (const identity::HolderAsked& each : asked)
      for (const std::int64_t id : members_.at(each.cluster))
        if (row(id).type == each.type) give(id, rows);
  }

  void members(std::span<const std::int64_t> clusters, std::size_t most,
               Rows<identity::StoredIdentifier>& rows) override {
    called();
    for (const std::int64_t cluster : clusters) {
      for (const std::int64_t id : members_.at(cluster)) {
        if (rows.size() == most) return;
        give(id, rows);
      }
    }
  }

  void links(std::span<const std::int64_t> ids, Rows<identity::StoredSighting>& rows) override {
    called();
    const std::unordered_set<std::int64_t> asked(ids.begin(), ids.end());
    for (const std::int64_t id : ids)
      for (const std::int64_t other : neighbours_[id])
        if (!asked.contains(other) || id < other) give_pair(identity::sorted_pair(id, other), rows);
  }

  void decisions(std::span<const std::int64_t> ids, Rows<identity::PairDecision>& pairs,
                 Rows<identity::SideDecision>& sides) override {
    called();
    std::set<std::int64_t> given;
    for (const std::int64_t id : ids) {
      for (const std::int64_t key : decisions_of_[id]) {
        ++work.rows;
        if (const auto pair = pairs_.find(key); pair != pairs_.end()) {
          if (given.insert(key).second) pairs.push_back(pair->second);
        } else {
          sides.push_back({key, id, sides_.at(key)[1].contains(id)});
        }
      }
    }
  }

 private:
  void called() { ++work.calls; }

  void give(std::int64_t id, Rows<identity::StoredIdentifier>& rows) {
    if (!identifiers_.contains(id)) return;
    rows.push_back(row(id));
    ++work.rows;
  }
  void give_pair(const identity::IdPair& pair, Rows<identity::StoredSighting>& rows) {
    const auto found = sightings_.find(pair);
    if (found == sightings_.end()) return;
    for (const identity::Sighting& each : found->second) rows.push_back({pair, each}), ++work.rows;
  }

  bool counts(const identity::IdPair& pair) const {
    identity::Combination combination(*rules_);
    for (const identity::Sighting& each : sightings_.at(pair)) combination.add(each);
    const auto plain = [&](std::int64_t id) {
      return identity::Identifier{id, row(id).value, row(id).type, row(id).blocked, false};
    };
    return identity::counts_for_degree(*rules_, plain(pair.a), plain(pair.b), combination.bond());
  }

  // Nothing may be changed that isn't locked.
  void check_locks(const identity::Plan& plan) const {
    EXPECT_TRUE(std::is_sorted(plan.locks.begin(), plan.locks.end()));
    const auto locked = [&](std::int64_t cluster) {
      return cluster < 0 || std::binary_search(plan.locks.begin(), plan.locks.end(), cluster);
    };
    for (const identity::ClusterUnion& each : plan.unions) EXPECT_TRUE(locked(each.absorbed) && locked(each.into));
    for (const identity::Move& each : plan.moves) EXPECT_TRUE(locked(each.from) && locked(each.to));
    for (const identity::StoredCluster& each : plan.clusters) EXPECT_TRUE(locked(each.cluster));
    for (const std::int64_t cluster : plan.emptied) EXPECT_TRUE(locked(cluster));
  }

  void carry_out_evidence(const identity::Plan& plan) {
    const auto same = [](const identity::Sighting& a, const identity::Sighting& b) {
      return a.source == b.source && a.rule == b.rule;
    };
    for (const identity::StoredSighting& each : plan.dropped) {
      auto& rows = sightings_.at(each.pair);
      EXPECT_EQ(std::erase_if(rows, [&](const auto& row) { return same(row, each.sighting); }), 1U);
      if (!rows.empty()) continue;
      sightings_.erase(each.pair);
      neighbours_[each.pair.a].erase(each.pair.b);
      neighbours_[each.pair.b].erase(each.pair.a);
    }
    for (const identity::PutSighting& each : plan.put) {
      auto& rows = sightings_[each.pair];
      std::erase_if(rows, [&](const auto& row) { return same(row, each.sighting); });
      rows.push_back(each.sighting);
      neighbours_[each.pair.a].insert(each.pair.b);
      neighbours_[each.pair.b].insert(each.pair.a);
    }
  }

  void carry_out_decisions(const identity::Plan& plan, const identity::Changes& changes) {
    using Kind = identity::DecisionChange::Kind;
    for (const identity::DecisionChange& change : changes.decisions) {
      if (change.withdraw) {
        forget(change.key);
        continue;
      }
      for (const auto& side : {change.left, change.right})
        for (const std::int64_t id : side) decisions_of_[id].insert(change.key);
      if (change.kind != Kind::cannot_lists)
        pairs_[change.key] = {change.key, identity::sorted_pair(change.left[0], change.right[0]),
                              change.kind == Kind::must};
      if (change.kind == Kind::must) continue;
      sides_[change.key][0].insert(change.left.begin(), change.left.end());
      sides_[change.key][1].insert(change.right.begin(), change.right.end());
    }
    for (const std::int64_t key : plan.replaced) forget(key);
  }
  void forget(std::int64_t key) {
    pairs_.erase(key);
    sides_.erase(key);
    for (auto& [id, keys] : decisions_of_) keys.erase(key);
  }

  void move(std::int64_t id, std::int64_t to) {
    members_.at(row(id).cluster).erase(id);
    members_[to].insert(id);
    identifiers_.at(id).cluster = to;
  }
  void erase(std::int64_t cluster) {
    EXPECT_TRUE(members_.at(cluster).empty());
    members_.erase(cluster);
    summaries_.erase(cluster);
  }

  const identity::Rules* rules_ = nullptr;
  std::int64_t next_cluster_ = 1;
  std::unordered_map<std::int64_t, std::string> values_;
  std::unordered_map<std::int64_t, identity::StoredIdentifier> identifiers_;
  std::unordered_map<std::int64_t, std::unordered_set<std::int64_t>> members_, neighbours_;
  std::unordered_map<std::int64_t, identity::StoredCluster> summaries_;
  std::map<identity::IdPair, std::vector<identity::Sighting>> sightings_;
  std::map<std::int64_t, identity::PairDecision> pairs_;
  std::map<std::int64_t, std::unordered_set<std::int64_t>[2]> sides_;
  std::unordered_map<std::int64_t, std::set<std::int64_t>> decisions_of_;
};

}  // namespace cdp::core::test
