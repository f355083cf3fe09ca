// A world, and a store that is told of its changes one after the other; after each, streaming, batch and the naive
// reference have to agree.
#pragma once

#include <memory>

#include "identity_batch.hpp"
#include "identity_memory.hpp"
#include "identity_steps.hpp"

namespace cdp::core::test {

struct Tally {
  long states = 0, contradictions = 0, united = 0, refused = 0, settled = 0, closures = 0, closure_identifiers = 0;

  void add(const identity::Plan::Counts& counts) {
    united += counts.united;
    refused += counts.refused;
    settled += counts.settled;
    closures += counts.closures;
    closure_identifiers += counts.closure_identifiers;
  }
};

class Trial {
 public:
  explicit Trial(World world) : world_(std::move(world)) {
    adopt_rules();
    for (const Person& person : world_.people) insert(person);
  }

  // Somebody new, of whom nothing is known yet.
  void meet(const Person& person) {
    world_.people.push_back(person);
    insert(person);
  }
  // Everything, without bounds.
  void resolve() {
    World next = world_;
    next.hub_alarm = next.max_closure = identity::kUnlimited;
    Step step;
    step.rules_changed = true;
    for (int i = 0; i < static_cast<int>(world_.people.size()); ++i) step.touched.insert(i);
    Tally tally;
    EXPECT_TRUE(take(next, step, tally));
  }

  const identity::Rules& rules() const { return rules_->rules; }

  const World& world() const { return world_; }
  MemoryStore& store() { return store_; }

  // False, and nothing has happened, if stewards would contradict themselves; then the code must have said so.
  bool take(World next, const Step& step, Tally& tally, bool twice = false) {
    const bool contradiction = !step.decisions.empty() && judge_by_reference(next).contradiction;
    std::vector<std::int64_t> touched;
    for (const int each : step.touched) touched.push_back(world_.people[each].id);
    const identity::Changes changes{step.sightings, step.decisions, touched};
    std::swap(world_, next);
    if (step.rules_changed) adopt_rules();
    for (const Person& person : world_.people) store_.block(person.id, person.blocked);
    try {
      const identity::Plan plan = identity::plan_changes(store_, rules_->rules, changes, kHeap);
      EXPECT_FALSE(contradiction);
      if (twice) {
        EXPECT_EQ(plan, identity::plan_changes(store_, rules_->rules, changes, kHeap));
      }
      EXPECT_TRUE(plan.parked.empty() || !unbounded());
      store_.carry_out(plan, changes);
      tally.add(plan.counts);
      return true;
    } catch (const Error& error) {
      EXPECT_TRUE(contradiction) << error.what() << " " << error.detail();
      EXPECT_EQ(error.code(), Code::invalid_parameter);
      std::swap(world_, next);
      ++tally.contradictions;
      return false;
    }
  }

  // What streaming has come to.
  Judged judge() const {
    Judged judged;
    for (std::size_t i = 0; i < world_.people.size(); ++i) {
      judged.labels.push_back(store_.label(world_.people[i].id));
      if (store_.row(world_.people[i].id).hub) judged.hubs.insert(static_cast<int>(i));
    }
    const WorldGraph graph(world_, rules_->rules);
    for (const identity::Link& link : graph.links) {
      const int a = static_cast<int>(link.a), b = static_cast<int>(link.b);
      if (!judged.hubs.contains(a) && !judged.hubs.contains(b) && judged.labels[a] != judged.labels[b] &&
          barred(rules_->rules, graph.identifiers[link.a], graph.identifiers[link.b], link.bond) ==
              identity::Outcome::active)
        judged.refused.insert({a, b});
    }
    return judged;
  }

  void check() const {
    const WorldGraph graph(world_, rules_->rules);
    const identity::Partition partition = identity::decide(graph.graph, kHeap);
    const Judged streamed = judge();
    ASSERT_EQ(streamed, in_words(graph, partition));
    ASSERT_EQ(streamed, judge_by_reference(world_));
    check_sightings();
    for (std::uint32_t i = 0; i < graph.identifiers.size(); ++i) check_summary(graph, partition, i);
  }

 private:
  bool unbounded() const {
    return world_.hub_alarm == identity::kUnlimited && world_.max_closure == identity::kUnlimited;
  }
  void insert(const Person& person) {
    store_.insert(person.id, static_cast<identity::TypeIndex>(person.type), person.value);
    store_.block(person.id, person.blocked);
  }
  void adopt_rules() {
    rules_ = std::make_unique<WorldRules>(world_);
    store_.use(rules_->rules);
  }

  void check_sightings() const {
    std::size_t stored = 0, told = 0;
    for (const auto& [pair, rows] : store_.sightings()) stored += rows.size();
    for (const auto& [pair, rows] : world_.seen) {
      const auto ids = identity::sorted_pair(world_.people[pair.first].id, world_.people[pair.second].id);
      for (const auto& [key, seen] : rows) {
        const auto& kept = store_.sightings().at(ids);
        ASSERT_NE(std::find(kept.begin(), kept.end(), sighting_of(key, seen)), kept.end());
        ++told;
      }
    }
    ASSERT_EQ(stored, told);
  }

  void check_summary(const WorldGraph& graph, const identity::Partition& partition, std::uint32_t i) const {
    const identity::StoredCluster& stored = store_.summary_of(graph.identifiers[i].id);
    const identity::Summary& summary = partition.clusters[partition.cluster_of[i]];
    ASSERT_EQ(stored.members, summary.members);
    ASSERT_EQ(stored.known, summary.known);
    ASSERT_TRUE(stored.walled || !summary.walled);
    std::vector<identity::TypeWeight> weights;
    for (std::size_t slot = 0; slot < partition.limited_types.size(); ++slot) {
      const auto weight = partition.weights[partition.cluster_of[i] * partition.limited_types.size() + slot];
      if (weight != 0) weights.push_back({partition.limited_types[slot], weight});
    }
    ASSERT_TRUE(std::equal(weights.begin(), weights.end(), stored.weights.begin(), stored.weights.end()));
    if (summary.last == identity::kNone) return;
    // A bound may be later than need be, never earlier.
    const identity::Link& last = graph.links[summary.last];
    ASSERT_TRUE(stored.last);
    ASSERT_FALSE(stored.last->rank <
                 rank_of(rules_->rules, graph.identifiers[last.a].type, graph.identifiers[last.b].type, last.bond));
  }

  World world_;
  std::unique_ptr<WorldRules> rules_;
  MemoryStore store_;
};

}  // namespace cdp::core::test
