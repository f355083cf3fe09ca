// Why two identifiers are one person or two, on random graphs: every step has to be true, and the way the shortest.
#include <gtest/gtest.h>

#include "core/identity/why.hpp"
#include "effort.hpp"
#include "identity_trial.hpp"

using namespace cdp::core;
using namespace cdp::core::identity;
using namespace cdp::core::test;

namespace {

// A random history, and all that batch says of its end.
class End {
 public:
  explicit End(Dice& dice) : trial(roll_world(dice)) {
    Tally tally;
    for (int steps = 10 + dice.below(30); steps > 0; --steps) {
      World next = trial.world();
      const Step step = roll_step(dice, next);
      trial.take(next, step, tally);
    }
    const WorldGraph graph(trial.world(), trial.rules());
    const Partition partition = decide(graph.graph, kHeap);
    labels = in_words(graph, partition).labels;
    for (std::size_t i = 0; i < graph.links.size(); ++i)
      verdicts[{graph.links[i].a, graph.links[i].b}] = partition.verdicts[i];
  }

  int place(std::int64_t id) const {
    const auto& people = trial.world().people;
    return static_cast<int>(
        std::find_if(people.begin(), people.end(), [&](const Person& each) { return each.id == id; }) - people.begin());
  }
  std::int64_t id(int place) const { return trial.world().people[place].id; }
  bool must(const Two& pair) const {
    const auto found = trial.world().decided.find(pair);
    return found != trial.world().decided.end() && found->second.must;
  }

  // Steps from one to all others over must-links and links that join.
  std::map<int, int> distances(int from) const {
    std::map<int, int> found{{from, 0}};
    for (bool changed = true; changed;) {
      changed = false;
      const auto reach = [&](const Two& pair) {
        for (const auto& [a, b] : {pair, Two{pair.second, pair.first}})
          if (found.contains(a) && (!found.contains(b) || found[b] > found[a] + 1))
            found[b] = found[a] + 1, changed = true;
      };
      for (const auto& [pair, decided] : trial.world().decided)
        if (decided.must) reach(pair);
      for (const auto& [pair, verdict] : verdicts)
        if (joins(pair)) reach(pair);
    }
    return found;
  }
  bool joins(const Two& pair) const { return verdicts.at(pair).outcome == Outcome::active; }

  // Returns how many of its steps don't join.
  int check(const std::pmr::vector<PathStep>& path, int a, int b) const {
    int obstacles = 0;
    std::int64_t at = id(a);
    for (const PathStep& step : path) {
      EXPECT_EQ(step.a, at);
      at = step.b;
      const Two pair{std::min(place(step.a), place(step.b)), std::max(place(step.a), place(step.b))};
      if (step.must) {
        EXPECT_TRUE(must(pair));
      } else {
        EXPECT_EQ(step.verdict, verdicts.at(pair));
        obstacles += step.verdict.outcome == Outcome::active ? 0 : 1;
      }
    }
    EXPECT_EQ(at, id(b));
    return obstacles;
  }

  Trial trial;
  std::vector<std::int64_t> labels;
  std::map<Two, Verdict> verdicts;
};

TEST(IdentityWhy, WaysAreTrueAndShortest) {
  Dice dice(seed(5));
  int merged = 0, apart = 0, nowhere = 0;
  for (int i = 0; i < rounds(1'500); ++i) {
    End end(dice);
    for (int pairs = 0; pairs < 4; ++pairs) {
      const auto [a, b] = dice.two(static_cast<int>(end.labels.size()));
      const auto path = explain_merge(end.trial.store(), end.trial.rules(), end.id(a), end.id(b), kHeap);
      const WhyNot why = why_not(end.trial.store(), end.trial.rules(), end.id(a), end.id(b), 1000, kHeap);
      ASSERT_EQ(why.together, end.labels[a] == end.labels[b]);
      if (why.together) {
        ++merged;
        ASSERT_EQ(end.check(path, a, b), 0);
        ASSERT_EQ(static_cast<int>(path.size()), end.distances(a).at(b));
        continue;
      }
      ASSERT_TRUE(path.empty());
      ASSERT_TRUE(why.complete);
      if (end.verdicts.contains({a, b})) {
        ASSERT_EQ(why.path.size(), 1U);
      }
      if (why.path.empty()) {
        ++nowhere;
      } else {
        ++apart;
        ASSERT_GE(end.check(why.path, a, b), 1);
      }
    }
    if (HasFailure()) FAIL() << "graph " << i;
  }
  EXPECT_GT(merged, 100);
  EXPECT_GT(apart, 1000);
  EXPECT_GT(nowhere, 50);
}

// A reason holds for the clusters as they are: without a limit or a cannot-link in the way, only trust is left.
TEST(IdentityWhy, ReasonsOfRefusalsAreTrue) {
  Dice dice(seed(6));
  std::map<Outcome, int> seen;
  for (int i = 0; i < rounds(1'500); ++i) {
    End end(dice);
    Reference reference(end.trial.world());
    ASSERT_EQ(reference.judge().labels, end.labels);
    for (const auto& [pair, verdict] : end.verdicts) {
      ++seen[verdict.outcome];
      if (!is_refused(verdict.outcome)) continue;
      Reference::Cluster both;
      for (int each = 0; each < static_cast<int>(end.labels.size()); ++each)
        if (end.labels[each] == end.labels[pair.first] || end.labels[each] == end.labels[pair.second])
          both.insert(each);
      ASSERT_EQ(reference.allowed(both), verdict.outcome == Outcome::trust) << "graph " << i;
    }
  }
  for (const Outcome outcome :
       {Outcome::active, Outcome::rejected, Outcome::blocked, Outcome::not_linking, Outcome::below_threshold,
        Outcome::review, Outcome::hub, Outcome::limit, Outcome::cannot_link, Outcome::trust})
    EXPECT_GT(seen[outcome], 20) << static_cast<int>(outcome);
}

TEST(IdentityWhy, LooksNoFurtherThanAllowed) {
  Dice dice(seed(7));
  int incomplete = 0;
  for (int i = 0; i < 300; ++i) {
    End end(dice);
    const auto [a, b] = dice.two(static_cast<int>(end.labels.size()));
    const WhyNot why = why_not(end.trial.store(), end.trial.rules(), end.id(a), end.id(b), 2, kHeap);
    incomplete += why.complete ? 0 : 1;
    ASSERT_TRUE(why.complete || why.path.empty());
  }
  EXPECT_GT(incomplete, 20);
}

}  // namespace
