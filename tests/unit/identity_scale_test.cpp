// Large and hostile graphs: the work is counted, not timed. And what is parked because it would be too much.
#include <gtest/gtest.h>

#include "core/identity/why.hpp"
#include "identity_batch.hpp"
#include "identity_memory.hpp"

using namespace cdp::core;
using namespace cdp::core::identity;
using namespace cdp::core::test;

namespace {

constexpr int kMany = 100'000;
constexpr TypeIndex kUser = 0, kDevice = 1;

long polls = 0;
volatile std::sig_atomic_t always = 1;
Poll counting() {
  polls = 0;
  return Poll(&always, [] { ++polls; });
}

class Large {
 public:
  Large() {
    types_[kUser] = {.name = "user_id", .priority = 2, .max_per_profile = 1, .known = true};
    types_[kDevice] = {.name = "device", .priority = 1};
    rules.types = types_;
    rules.sources = sources_;
    store.use(rules);
  }
  Type& type(TypeIndex at) { return types_[at]; }

  void people(int from, int count, TypeIndex type) {
    for (int i = from; i < from + count; ++i) store.insert(i, type, "v" + std::to_string(i));
  }
  static SightingChange seen(std::int64_t a, std::int64_t b, std::int64_t at = 0) {
    return {SightingChange::Act::add, a, b, {.confidence = 1, .first_seen = at, .last_seen = at}};
  }
  static SightingChange gone(std::int64_t a, std::int64_t b) {
    SightingChange change = seen(a, b);
    change.act = SightingChange::Act::remove;
    return change;
  }
  Plan take(const Changes& changes) {
    store.work = {};
    Plan plan = plan_changes(store, rules, changes, kHeap);
    work = store.work;
    store.carry_out(plan, changes);
    return plan;
  }
  Plan take(const std::vector<SightingChange>& sightings) { return take({sightings, {}, {}}); }
  Plan take(const SightingChange& sighting) { return take({{&sighting, 1}, {}, {}}); }
  Plan touch(std::initializer_list<std::int64_t> ids) { return take({{}, {}, {ids.begin(), ids.size()}}); }

  Rules rules;
  MemoryStore store;
  MemoryStore::Work work;  // of the last change

 private:
  Type types_[2];
  Source sources_[1] = {{1, true}};
};

std::vector<SightingChange> star(int count) {
  std::vector<SightingChange> sightings;
  for (int i = 1; i < count; ++i) sightings.push_back(Large::seen(0, i));
  return sightings;
}
std::vector<SightingChange> chain(int from, int count) {
  std::vector<SightingChange> sightings;
  for (int i = from; i + 1 < from + count; ++i) sightings.push_back(Large::seen(i, i + 1));
  return sightings;
}

TEST(IdentityScale, LargeClusterGrowsWithoutBeingRead) {
  Large large;
  large.people(0, kMany + 3, kDevice);
  large.take(star(kMany));
  ASSERT_EQ(large.store.clusters(), 4U);
  const Plan merge = large.take(Large::seen(77, kMany, 1));  // rule 2
  EXPECT_EQ(merge.unions.size(), 1U);
  EXPECT_TRUE(merge.moves.empty());
  EXPECT_LE(large.work.calls, 2U);
  EXPECT_LE(large.work.rows, 10U);
  large.take(Large::seen(77, kMany, 5));  // rule 1, of a known pair and of a new one
  EXPECT_EQ(large.work.calls, 1U);
  large.take(Large::seen(78, kMany));
  EXPECT_EQ(large.work.calls, 1U);
  EXPECT_LE(large.work.rows, 10U);
}

TEST(IdentityScale, RefusedByALargeCluster) {
  Large large;
  large.people(0, kMany, kDevice);
  large.people(kMany, 100, kUser);
  large.take(star(kMany));
  large.take(Large::seen(0, kMany));
  for (int i = 1; i < 100; ++i) {
    const Plan plan = large.take(Large::seen(5, kMany + i, 9));  // rule 3
    EXPECT_EQ(plan.counts.refused, 1U);
    EXPECT_LE(large.work.calls, 3U);
    EXPECT_LE(large.work.rows, 10U);
  }
}

// An e-mail that each of them has used: every user after the first is refused, and the closure would hold them all.
TEST(IdentityScale, RefusedByWhoeverCameFirst) {
  Large large;
  large.people(0, 2, kDevice);
  large.people(2, 2'000, kUser);
  large.take(Large::seen(0, 2));
  SightingChange weak = Large::seen(0, 1);
  weak.sighting.confidence = 0.9;  // ranks after the users' links
  large.take(weak);
  for (int i = 3; i < 2'000; ++i) {
    const Plan plan = large.take(Large::seen(0, i, i));
    ASSERT_EQ(plan.counts.refused, 1U);
    ASSERT_EQ(plan.counts.closures, 0U);
    ASSERT_LE(large.work.calls, 4U);
    ASSERT_LE(large.work.rows, 12U);
  }
  // One that was there before the first is another matter.
  EXPECT_EQ(large.take(Large::seen(0, 2'001, -1)).counts.closures, 1U);
  EXPECT_EQ(large.store.label(2'001), 0);
  EXPECT_EQ(large.store.label(2), 2);
}

TEST(IdentityScale, HubIsNotWalked) {
  Large large;
  const DegreeLimit limit[] = {{kUser, 3}};
  large.type(kDevice).max_degree = limit;
  large.people(0, 1, kDevice);
  large.people(1, kMany + 10, kUser);
  large.take(star(kMany));
  EXPECT_TRUE(large.store.row(0).hub);
  EXPECT_EQ(large.store.clusters(), static_cast<std::size_t>(kMany) + 11);
  const Plan plan = large.take(Large::seen(0, kMany + 1));
  EXPECT_EQ(large.work.calls, 1U);  // nor are its neighbours counted again
  EXPECT_LE(large.work.rows, 3U);
  EXPECT_EQ(plan.locks.size(), 1U);  // the hub isn't locked
  EXPECT_EQ(why_not(large.store, large.rules, 5, 6, 100, kHeap).path.size(), 2U);
}

TEST(IdentityScale, HubIsNotWalkedInItsOwnCluster) {
  Large large;
  const DegreeLimit limit[] = {{kUser, 3}};
  large.type(kDevice).max_degree = limit;
  large.people(0, 1, kDevice);
  large.people(1, kMany, kUser);
  large.take(star(kMany));
  const std::int64_t left[] = {0}, right[] = {1};
  const DecisionChange must{DecisionChange::Kind::must, false, 1, left, right};
  large.take({{}, {&must, 1}, {}});
  EXPECT_EQ(large.store.label(1), 0);
  EXPECT_LE(large.work.rows, 30U);
}

// One cluster is one step of the walk, however long its chains are; nothing recurses.
TEST(IdentityScale, LongChainIsCut) {
  Large large;
  large.people(0, kMany, kDevice);
  large.take(chain(0, kMany));
  ASSERT_EQ(large.store.clusters(), 1U);
  EXPECT_EQ(explain_merge(large.store, large.rules, 0, kMany - 1, kHeap).size(), kMany - 1U);
  SightingChange cut = Large::seen(kMany / 2, kMany / 2 + 1);
  cut.act = SightingChange::Act::remove;
  const Plan plan = large.take(cut);
  EXPECT_EQ(large.store.clusters(), 2U);
  EXPECT_LE(plan.moves.size(), kMany / 2U);
  EXPECT_LE(large.work.calls, 5U);
  EXPECT_LE(large.work.rows, 3U * kMany);
}

TEST(IdentityScale, ManyCannotLinksOnOneCluster) {
  Large large;
  std::vector<Identifier> identifiers;
  std::vector<Link> links;
  std::vector<WallSide> walls;
  const Bond bond{.confidence = 1, .trusted = true}, later{.confidence = 1, .first_seen = 1, .trusted = true};
  for (std::uint32_t i = 0; i < 3 * kMany; ++i) identifiers.push_back({i, {}, kDevice});
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < 3 * kMany; ++i) names.push_back(std::to_string(i));
  for (std::uint32_t i = 0; i < 3 * kMany; ++i) identifiers[i].value = as_bytes(names[i]);
  // A chain of all of the first third; each of the second third must not join a member of it, but is linked to it. The
  // last third keeps apart from the second, and each one is linked to one of it and to the first.
  for (std::uint32_t i = 0; i + 1 < kMany; ++i) links.push_back({i, i + 1, bond});
  for (std::uint32_t i = 0; i < kMany; ++i) {
    walls.push_back({i, false, i});
    walls.push_back({i, true, kMany + i});
    walls.push_back({kMany + i, false, kMany + i});
    walls.push_back({kMany + i, true, 2 * kMany + i});
    links.push_back({(i * 7) % kMany, kMany + i, later});
    links.push_back({kMany + i, 2 * kMany + i, later});
    links.push_back({2 * kMany + i, (i * 11) % kMany, bond});
  }
  const Graph graph{&large.rules, identifiers, links, {}, walls, false};
  const Partition partition = decide(graph, kHeap, counting());
  EXPECT_EQ(partition.clusters.size(), kMany + 1U);
  EXPECT_LT(polls, 20L * kMany);
}

// Two clusters with long lists of cannot-links, only one of which is between them, and many links.
TEST(IdentityScale, OneWallBetweenTwoClustersWithMany) {
  constexpr std::uint32_t kEach = 20'000;
  Large large;
  std::vector<Identifier> identifiers;
  std::vector<Link> links;
  std::vector<WallSide> walls;
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < 4 * kEach; ++i) names.push_back(std::to_string(i));
  for (std::uint32_t i = 0; i < 4 * kEach; ++i) identifiers.push_back({i, as_bytes(names[i]), kDevice});
  const auto bond = [](std::int64_t at) { return Bond{.confidence = 1, .first_seen = at, .trusted = true}; };
  for (std::uint32_t i = 0; i + 1 < kEach; ++i) {
    links.push_back({i, i + 1, bond(0)});
    links.push_back({kEach + i, kEach + i + 1, bond(0)});
  }
  for (std::uint32_t i = 0; i < kEach; ++i) {
    for (std::uint32_t side = 0; side < 2; ++side) {
      walls.push_back({2 * i + side, false, side * kEach + i});
      walls.push_back({2 * i + side, true, (2 + side) * kEach + i});
    }
    links.push_back({i, kEach + i, bond(1)});
  }
  walls.push_back({9 * kEach, false, 3});
  walls.push_back({9 * kEach, true, kEach + 5});
  const Graph graph{&large.rules, identifiers, links, {}, walls, false};
  const Partition partition = decide(graph, kHeap, counting());
  EXPECT_EQ(partition.clusters.size(), 2 * kEach + 2U);
  EXPECT_LT(polls, 20L * kEach);
}

// It is the newcomer that moves, whichever end of the link is named first.
TEST(IdentityScale, ClusterWithManyCannotLinksGrows) {
  constexpr std::uint32_t kEach = 20'000;
  Large large;
  std::vector<std::string> names;
  std::vector<Identifier> identifiers;
  std::vector<Link> links;
  std::vector<WallSide> walls;
  for (std::uint32_t i = 0; i < 2 * kEach; ++i) names.push_back(std::to_string(i));
  for (std::uint32_t i = 0; i < 2 * kEach; ++i) identifiers.push_back({i, as_bytes(names[i]), kDevice});
  for (std::uint32_t i = 1; i < kEach; ++i) {
    links.push_back({i, 0, {.confidence = 1, .first_seen = i, .trusted = true}});
    walls.push_back({i, false, 0});
    walls.push_back({i, true, kEach + i});
  }
  const Partition partition = decide({&large.rules, identifiers, links, {}, walls, false}, kHeap, counting());
  EXPECT_EQ(partition.clusters[0].members, kEach);
  EXPECT_LT(polls, 20L * kEach);
}

TEST(IdentityScale, BatchIsLinearInStarsAndChains) {
  for (const bool chained : {false, true}) {
    Large large;
    std::vector<std::string> names;
    std::vector<Identifier> identifiers;
    std::vector<Link> links;
    for (std::uint32_t i = 0; i < kMany; ++i) names.push_back(std::to_string(i));
    for (std::uint32_t i = 0; i < kMany; ++i) identifiers.push_back({kMany - i, as_bytes(names[i]), kDevice});
    for (std::uint32_t i = 1; i < kMany; ++i)
      links.push_back({chained ? i - 1 : 0, i, {.confidence = 1, .trusted = true}});
    const Partition partition = decide({&large.rules, identifiers, links, {}, {}, false}, kHeap, counting());
    ASSERT_EQ(partition.clusters.size(), 1U);
    EXPECT_EQ(partition.clusters[0].label, 1);
    EXPECT_LT(polls, kMany / 100);
  }
}

// Two users whose chains meet: the later link of the second would have to be decided with everything.
TEST(IdentityScale, TooLargeAClosureIsParkedUntilResolved) {
  Large large;
  large.people(0, 50, kDevice);
  large.people(50, 2, kUser);
  large.take(chain(0, 50));
  large.take(Large::seen(0, 50, 9));
  large.rules.max_closure = 20;
  const Plan parked = large.take(Large::seen(49, 51, 5));  // before that of the first user
  ASSERT_EQ(parked.parked.size(), 1U);
  EXPECT_EQ(parked.parked[0], (Parked{Parked::Cause::closure, 49, 51}));
  EXPECT_TRUE(parked.moves.empty() && parked.unions.empty());
  EXPECT_EQ(parked.put.size(), 1U);
  EXPECT_EQ(large.store.label(50), 0);
  large.rules.max_closure = kUnlimited;
  const Plan resolved = large.touch({49, 51});
  EXPECT_TRUE(resolved.parked.empty());
  EXPECT_EQ(large.store.label(50), 50);
  EXPECT_EQ(large.store.label(51), 0);
}

// A chain of twenty devices: too long to be decided anew when one of them becomes a hub.
struct Alarmed : Large {
  explicit Alarmed(std::uint32_t most) : limit{{kDevice, most}} {
    type(kDevice).max_degree = limit;
    people(0, 30, kDevice);
    take(chain(0, 20));
    rules.hub_alarm = 10;
  }
  DegreeLimit limit[1];
};

TEST(IdentityScale, HubInALargeClusterIsParkedUntilResolved) {
  Alarmed large(3);
  large.take(Large::seen(5, 21));
  const Plan parked = large.take(Large::seen(5, 22));  // its fourth neighbour
  ASSERT_EQ(parked.parked.size(), 1U);
  EXPECT_EQ(parked.parked[0], (Parked{Parked::Cause::flip, 5, 5}));
  EXPECT_FALSE(large.store.row(5).hub);
  EXPECT_TRUE(large.take(Large::seen(5, 23)).parked.empty());  // it is already
  EXPECT_EQ(large.store.label(23), 0);
  EXPECT_EQ(large.take(Large::gone(18, 19)).counts.closures, 1U);  // in which it is no hub yet
  EXPECT_EQ(large.store.label(23), 0);
  large.rules.hub_alarm = kUnlimited;
  const Plan resolved = large.touch({5});
  EXPECT_EQ(resolved.unparked.size(), 1U);
  EXPECT_TRUE(large.store.row(5).hub);
  EXPECT_EQ(large.store.label(5), 5);
  EXPECT_EQ(large.store.label(6), 6);
  EXPECT_EQ(large.store.label(18), 6);
  EXPECT_EQ(large.store.label(23), 23);
}

TEST(IdentityScale, ParkedFlipIsMootWhenTheNeighbourLeaves) {
  Alarmed large(2);
  EXPECT_EQ(large.take(Large::seen(5, 21)).parked.size(), 1U);
  const Plan plan = large.take(Large::gone(5, 21));
  EXPECT_EQ(plan.unparked.size(), 1U);
  EXPECT_TRUE(plan.parked.empty());
  EXPECT_FALSE(large.store.row(5).flip_parked);
  EXPECT_EQ(large.store.label(21), 21);
  EXPECT_EQ(large.store.label(5), 0);
}

}  // namespace
