// Streaming against batch and the naive reference, after every step of random histories.
#include <gtest/gtest.h>

#include "effort.hpp"
#include "identity_trial.hpp"

using namespace cdp::core;
using namespace cdp::core::test;

namespace {

// Everything that stands, told once more in another order.
void retell(Dice& dice, const World& world, const std::vector<std::int64_t>& labels) {
  World empty = world;
  empty.seen.clear();
  empty.decided.clear();
  empty.lists.clear();
  Trial trial(empty);
  Tally tally;
  using Row = std::tuple<Two, Two, Seen>;
  std::vector<Row> rows;
  for (const auto& [pair, all] : world.seen)
    for (const auto& [key, seen] : all)
      if (!seen.rejected) rows.emplace_back(pair, key, seen);
  dice.shuffle(rows);
  std::vector<std::pair<Two, World::Decided>> decided(world.decided.begin(), world.decided.end());
  dice.shuffle(decided);
  World now = empty;
  for (std::size_t i = 0; i < rows.size() || !decided.empty();) {
    Step step;
    if (!decided.empty() && (i == rows.size() || dice.chance(20))) {
      using Kind = identity::DecisionChange::Kind;
      const auto [pair, decision] = decided.back();
      decided.pop_back();
      now.decided[pair] = decision;
      step.decide(now, decision.must ? Kind::must : Kind::cannot, false, decision.key, {pair.first}, {pair.second});
    } else {
      for (int count = 1 + dice.below(3); count > 0 && i < rows.size(); --count, ++i)
        see(now, step, std::get<0>(rows[i]), std::get<1>(rows[i]), std::get<2>(rows[i]));
    }
    ASSERT_TRUE(trial.take(now, step, tally));
  }
  for (const auto& [key, lists] : world.lists) {
    Step step;
    now.lists[key] = lists;
    step.decide(now, identity::DecisionChange::Kind::cannot_lists, false, key, lists.first, lists.second);
    ASSERT_TRUE(trial.take(now, step, tally));
  }
  ASSERT_EQ(trial.judge().labels, labels);
}

TEST(IdentityStream, AgreesWithBatchAndTheReferenceAfterEveryStep) {
  Dice dice(seed(3));
  Tally tally;
  for (int i = 0; i < rounds(5'000); ++i) {
    Trial trial(roll_world(dice));
    for (int steps = 10 + dice.below(30); steps > 0; --steps) {
      World next = trial.world();
      const Step step = roll_step(dice, next);
      if (!trial.take(next, step, tally, dice.chance(10))) continue;
      ++tally.states;
      trial.check();
      if (testing::Test::HasFailure()) FAIL() << "history " << i;
    }
    if (i % 4 == 0) retell(dice, trial.world(), trial.judge().labels);
    if (testing::Test::HasFailure()) FAIL() << "retelling " << i;
  }
  std::printf("graphs: %ld, contradictions: %ld, settled: %ld, united: %ld, refused: %ld, closures: %ld of %.1f\n",
              tally.states, tally.contradictions, tally.settled, tally.united, tally.refused, tally.closures,
              static_cast<double>(tally.closure_identifiers) / static_cast<double>(tally.closures));
}

// Whatever was parked on the way: resolved, everything is as if it had never been.
TEST(IdentityStream, AgreesOnceWhatIsParkedIsResolved) {
  Dice dice(seed(8));
  int wrong = 0;
  const int graphs = rounds(1'000);
  for (int i = 0; i < graphs; ++i) {
    World world = roll_world(dice);
    world.hub_alarm = static_cast<std::uint32_t>(1 + dice.below(3));
    world.max_closure = static_cast<std::uint32_t>(1 + dice.below(5));
    Trial trial(world);
    Tally tally;
    for (int steps = 10 + dice.below(30); steps > 0; --steps) {
      World next = trial.world();
      const Step step = roll_step(dice, next);
      trial.take(next, step, tally);
    }
    wrong += trial.judge() == judge_by_batch(trial.world()) ? 0 : 1;
    trial.resolve();
    trial.check();
    for (const Person& person : world.people) ASSERT_FALSE(trial.store().row(person.id).flip_parked);
    if (HasFailure()) FAIL() << "history " << i;
  }
  EXPECT_GT(wrong, graphs / 10);  // or nothing was parked
}

// The rule that one would think of first: unite, unless something is quarantined nearby, else decide anew what hangs
// together. It doesn't see that a new link can make a hub, which takes other links away.
class QuarantineNearby {
 public:
  explicit QuarantineNearby(const World& world) {
    for (const Person& person : world.people) labels_.push_back(person.id);
  }

  const std::vector<std::int64_t>& labels() const { return labels_; }

  void take(const World& world, const Two& pair) {
    Reference reference(world);
    const Judged truth = reference.judge();
    if (labels_[pair.first] == labels_[pair.second] || !reference.eligible(pair)) return;
    Reference::Cluster both;
    for (int i = 0; i < static_cast<int>(labels_.size()); ++i)
      if (labels_[i] == labels_[pair.first] || labels_[i] == labels_[pair.second]) both.insert(i);
    bool nearby = false;
    for (const auto& [other, rows] : world.seen)
      nearby = nearby || (other != pair && reference.eligible(other) && labels_[other.first] != labels_[other.second] &&
                          (both.contains(other.first) || both.contains(other.second)));
    if (nearby) {
      for (const int each : connected(world, reference, both)) labels_[each] = truth.labels[each];
    } else if (reference.allowed(both)) {
      const std::int64_t label = std::min(labels_[pair.first], labels_[pair.second]);
      for (const int each : both) labels_[each] = label;
    }
  }

 private:
  Reference::Cluster connected(const World& world, const Reference& reference, Reference::Cluster all) const {
    for (std::size_t before = 0; before != all.size();) {
      before = all.size();
      for (const auto& [pair, rows] : world.seen)
        if (reference.eligible(pair) && (all.contains(pair.first) || all.contains(pair.second)))
          all.insert({pair.first, pair.second});
      for (const int each : Reference::Cluster(all))
        for (int i = 0; i < static_cast<int>(labels_.size()); ++i)
          if (labels_[i] == labels_[each]) all.insert(i);
    }
    return all;
  }

  std::vector<std::int64_t> labels_;
};

TEST(IdentityStream, QuarantineNearbyIsNotEnough) {
  Dice dice(seed(4));
  int wrong = 0;
  const int graphs = 300;
  for (int i = 0; i < graphs; ++i) {
    World world = roll_world(dice);
    for (WorldSource& source : world.sources) source.trusted = true;
    QuarantineNearby planted(world);
    for (int steps = 0; steps < 30; ++steps) {
      Step step;
      const Two pair = dice.two(static_cast<int>(world.people.size()));
      see(world, step, pair, {0, steps}, roll_seen(dice));
      planted.take(world, pair);
    }
    wrong += planted.labels() == judge_by_reference(world).labels ? 0 : 1;
  }
  EXPECT_GT(wrong, graphs / 10);
}

}  // namespace
