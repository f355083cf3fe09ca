// Who is who depends on the evidence, not on the order in which it came, by which door, from how many at once, or
// whether it was decided one by one or all together.
#include <iostream>

#include "pg/space_teller.hpp"

namespace {

using cdp::test::difference;
using cdp::test::Session;
using cdp::test::Story;
using cdp::test::Teller;

constexpr unsigned kStories = 84, kGraphs = 6, kItems = 9, kSessions = 8;

struct Tally {
  unsigned graphs = 0, hubs = 0, quarantined = 0, blocked = 0, decided = 0, refused = 0, ruled = 0, moved = 0;
};

void make_space(const std::string& space) {
  const Session session;
  ASSERT_TRUE(session.run("SET client_min_messages = warning; DROP SCHEMA IF EXISTS " + space + " CASCADE").ok());
  ASSERT_TRUE(session.run("SELECT cdp.create_space('" + space + "')").ok());
}

void expect_same(const Teller& one, const Teller& other, bool golden) {
  EXPECT_EQ(difference(one.partition(), other.partition()), "");
  EXPECT_EQ(difference(one.quarantine(), other.quarantine()), "");
  EXPECT_EQ(golden ? difference(one.customers(), other.customers()) : "", "");
  EXPECT_EQ(other.broken(), "");
}

void count(const Story& story, const Teller& teller, Tally& tally) {
  const auto ask = [&](const char* query) { return static_cast<unsigned>(std::stoul(teller.ask(query))); };
  tally.graphs += kGraphs;
  tally.hubs += ask("SELECT count(*) FROM {space}.identifier WHERE hub");
  tally.blocked += ask("SELECT count(*) FROM {space}.identifier WHERE blocked");
  tally.quarantined += ask("SELECT count(*) FROM {space}.quarantine");
  tally.moved += ask("SELECT count(*) FROM {space}.move");
  tally.ruled += static_cast<unsigned>(story.changes().size());
  for (const std::string& outcome : teller.outcomes) ++(outcome == "00000" ? tally.decided : tally.refused);
}

TEST(Order, DoesNotMatter) {
  for (const char* const space : {"order_one", "order_bulk", "order_many", "order_batch"}) make_space(space);
  const std::vector<Session> sessions(kSessions);
  Tally tally;
  for (unsigned seed = 1; seed <= kStories && !HasFailure(); ++seed) {
    SCOPED_TRACE("story " + std::to_string(seed));
    const Story story(seed, kGraphs, kItems);
    static Teller one("order_one", 1), bulk("order_bulk", 2), many("order_many", 3), batch("order_batch", 4);
    for (Teller* const teller : {&one, &bulk, &many}) teller->begin(story.initial_rules());
    std::thread other([&story] { one.tell(story, false); });
    std::thread third([&story] { bulk.tell(story, true); });
    many.tell_with(story, sessions, 1);
    other.join();
    third.join();
    for (Teller* const teller : {&one, &bulk, &many}) teller->end();
    batch.tell_at_once(story, "order_one");
    EXPECT_EQ(one.broken(), "");
    EXPECT_EQ(one.outcomes, bulk.outcomes);
    EXPECT_EQ(one.outcomes, many.outcomes);
    expect_same(one, bulk, !story.blocks_anew());
    expect_same(one, many, !story.blocks_anew());
    expect_same(one, batch, false);
    EXPECT_EQ(bulk.ask("SELECT (cdp.resolve_whole('{space}', true, true, 0, 0)).differing"), "0");
    count(story, one, tally);
  }
  std::cout << tally.graphs << " graphs, " << tally.hubs << " hubs, " << tally.quarantined << " links in quarantine, "
            << tally.blocked << " blocked, " << tally.decided << " decisions (" << tally.refused << " refused), "
            << tally.ruled << " changes of rules, " << tally.moved << " moves\n";
  if (HasFailure()) return;
  EXPECT_GE(tally.graphs, 500U);
  for (const unsigned some : {tally.hubs, tally.quarantined, tally.blocked, tally.decided, tally.refused, tally.ruled})
    EXPECT_GT(some, kGraphs * 5) << "the stories are too tame";
}

}  // namespace
