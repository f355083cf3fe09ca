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
  for (int i = 0; i < rounds(4'000); ++i) {
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

}  // namespace
