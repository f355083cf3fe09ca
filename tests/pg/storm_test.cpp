// Storms: many sessions that bring in evidence of overlapping customers, stewards who decide about them, and batches
// that run meanwhile. Nothing is lost, nobody waits in a circle, and it ends as if everything had been decided at once.
#include <iostream>
#include <set>

#include "pg/space_teller.hpp"

namespace {

using cdp::test::difference;
using cdp::test::Outcome;
using cdp::test::Session;
using cdp::test::Story;
using cdp::test::Teller;

void make_space(const std::string& space) {
  const Session session;
  ASSERT_TRUE(session.run("SET client_min_messages = warning; DROP SCHEMA IF EXISTS " + space + " CASCADE").ok());
  ASSERT_TRUE(session.run("SELECT cdp.create_space('" + space + "')").ok());
}

// Until it is over: what is dirty, everything, everything by writing the tables anew.
unsigned resolve(const std::atomic<bool>& over) {
  const Session session;
  unsigned rounds = 0;
  for (; rounds < 2 || !over; ++rounds)
    for (const char* const call :
         {"CALL cdp.resolve('storm', batch => 2)", "CALL cdp.resolve('storm', 'all', flips => true)",
          "SELECT cdp.resolve_whole('storm', false, false, 0, -1000000)"})
      EXPECT_EQ(session.run(call).whole(), "00000: ") << call;
  return rounds;
}

// Of whom the story doesn't tell, so that its stewards' decisions don't depend on others'.
void make_others(const std::string& space) {
  const Session session;
  ASSERT_TRUE(session
                  .run("SELECT cdp.identify('" + space +
                       "', jsonb_build_object('email', 'other' || g / 4 || '@example.com', 'device_id', 'other' || g),"
                       " NULL, 'default', '2026-01-01Z') FROM generate_series(1, 40) AS g")
                  .ok());
}

// Somebody leaves a customer, a link is forgotten, a merge is taken back; and then not.
void decide_and_undo(const std::atomic<bool>& over) {
  const Session session;
  const std::vector<std::string> decisions = {
      "SELECT cdp.split('storm', ARRAY[i.id]) FROM storm.identifier AS i JOIN storm.profile AS p USING (cluster_id)"
      " WHERE p.members > 1 AND i.value LIKE 'other%' ORDER BY random() LIMIT 1",
      "SELECT cdp.reject('storm', ARRAY[l.a], ARRAY[l.b], ARRAY[l.source_id], ARRAY[l.rule]) FROM storm.link AS l"
      " JOIN storm.identifier AS i ON i.id = l.a WHERE NOT l.rejected AND i.value LIKE 'other%' ORDER BY random() "
      "LIMIT 1",
      "SELECT u.decisions[1] FROM (SELECT c.change_id FROM storm.change AS c JOIN storm.move AS m USING (change_id)"
      " JOIN storm.identifier AS i ON i.id = m.identifier_id WHERE c.cause IN ('link', 'run') AND i.value LIKE 'other%'"
      " ORDER BY random() LIMIT 1) AS c, cdp.unmerge('storm', c.change_id) AS u"};
  for (std::size_t i = 0; !over; ++i) {
    const Outcome decided = session.run(decisions[i % decisions.size()]);
    // Others were faster, must-links hold it, or no evidence caused it.
    EXPECT_TRUE(decided.ok() || decided.state() == "22023" || decided.state() == "55000") << decided.whole();
    if (!decided.ok() || !decided.at(0)) continue;
    const Outcome undone = session.run("SELECT cdp.undo('storm', " + *decided.at(0) + ")");
    EXPECT_TRUE(undone.ok()) << undone.whole();
  }
}

void weather(unsigned seed, unsigned count, unsigned graphs, unsigned items) {
  for (const char* const space : {"storm", "calm", "batch"}) make_space(space);
  const Story story(seed, graphs, items);
  Teller storm("storm", seed), calm("calm", seed + 1), batch("batch", seed + 2);
  const std::vector<Session> sessions(count);
  storm.begin(story.initial_rules());
  calm.begin(story.initial_rules());
  for (const char* const space : {"storm", "calm"}) make_others(space);
  std::atomic<bool> over = false;
  unsigned rounds = 0;
  std::thread resolver([&] { rounds = resolve(over); });
  std::thread splitter([&] { decide_and_undo(over); });
  storm.tell_with(story, sessions, 3);
  over = true;
  resolver.join();
  splitter.join();
  calm.tell(story, false);
  storm.end();
  calm.end();
  batch.tell_at_once(story, "storm");
  EXPECT_EQ(storm.outcomes, calm.outcomes);
  EXPECT_EQ(storm.broken(), "");
  EXPECT_EQ(difference(storm.partition(), batch.partition()), "");
  EXPECT_EQ(difference(storm.partition(), calm.partition()), "");
  EXPECT_EQ(difference(storm.quarantine(), calm.quarantine()), "");
  EXPECT_EQ(story.blocks_anew() ? "" : difference(storm.customers(), calm.customers()), "");
  EXPECT_EQ(storm.ask("SELECT count(*), count(DISTINCT message_id) FROM {space}.event"),
            calm.ask("SELECT count(*), count(DISTINCT message_id) FROM {space}.event"));
  std::cout << story.items().size() << " items, " << story.decisions().size() << " decisions, " << rounds
            << " rounds of batches, " << storm.ask("SELECT count(*) FROM {space}.decision WHERE kind = 'cannot_lists'")
            << " splits, " << storm.ask("SELECT count(*) FROM {space}.decision WHERE kind = 'reject'")
            << " rejections, " << storm.ask("SELECT count(*) FROM {space}.move") << " moves\n";
  EXPECT_NE(storm.ask("SELECT count(*) FROM {space}.identifier WHERE hub"), "0") << "the storm was too weak";
  EXPECT_GT(story.decisions().size(), 30U) << "the storm was too weak";
}

TEST(Storm, EightSessions) { weather(1, 8, 10, 60); }
TEST(Storm, ThirtyTwoSessions) { weather(2, 32, 10, 80); }

// Two sources send the same customers in opposite orders, and each an event that can't be stored, which is found late.
TEST(Storm, RefusedAmongOthers) {
  make_space("storm");
  const std::string bad = R"( || jsonb_build_object('type', 'identify', 'userId', 'bad', 'traits',)"
                          R"( jsonb_build_object('a', (repeat('[', 3000) || repeat(']', 3000))::jsonb))))";
  const auto ingest = [&](const char* order) {
    return "SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM cdp.ingest('storm', (SELECT jsonb_agg("
           "jsonb_build_object('type', 'track', 'userId', 'u' || g, 'event', 'e') ORDER BY g " +
           std::string(order) + ") FROM generate_series(1, 32) AS g)" + bad;
  };
  std::vector<std::thread> threads;
  for (const char* const order : {"ASC", "DESC"})
    threads.emplace_back([order, &ingest] {
      const Session session;
      for (int i = 0; i < 40; ++i) {
        const Outcome outcome = session.run(ingest(order));
        ASSERT_TRUE(outcome.ok()) << outcome.whole();
        EXPECT_EQ(outcome.at(0), "rejected stored");
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Session().run("SELECT count(*) FROM storm.event").at(0), "2560");
}

// Whoever comes too late is told that there is no such space; nobody is told of a deadlock, or of what is inside.
TEST(Storm, SpaceThatComesAndGoes) {
  make_space("storm");
  std::atomic<bool> over = false;
  const std::vector<std::string> calls = {
      "SELECT cdp.identify('storm', jsonb_build_object('user_id', (random() * 5)::integer::text, 'email', (random() * "
      "5)::integer || '@example.com'))",
      "SELECT cdp.ingest('storm', jsonb_build_object('type', 'track', 'event', 'e', 'userId', (random() * "
      "5)::integer::text))",
      "SELECT cdp.drain_batch('storm', 5)",
      "SELECT cdp.lookup('storm', 'user_id', '1'), cdp.lookup('storm', 'user_id', '1', now())",
      "CALL cdp.resolve('storm')",
      "CALL cdp.resolve('storm', 'all')",
      "SELECT cdp.add_links('storm', $$VALUES ('user_id', '1', 'email', '1@example.com')$$)",
      "SELECT cdp.set_rules('storm', '{\"hub_alarm\": 7}')",
      "SELECT cdp.cut('storm', cdp.identifier_id('storm', 'user_id', '1'), cdp.identifier_id('storm', 'user_id', '2'))",
      "SELECT cdp.forget_messages('storm', '0')",
      "SELECT cdp.simulate('storm', '{\"hub_alarm\": 7}')"};
  std::vector<std::thread> threads;
  std::atomic<unsigned> done = 0, gone = 0;
  for (std::size_t i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      const Session session;
      for (std::size_t n = i; !over; ++n) {
        const Outcome outcome = session.run(calls[n % calls.size()]);
        ++(outcome.ok() ? done : gone);
        static const std::set<std::string> kKnown = {"00000", "3F000", "42P01", "42704", "22004", "55006"};
        EXPECT_TRUE(kKnown.contains(outcome.state())) << calls[n % calls.size()] << ": " << outcome.whole();
      }
    });
  const Session owner;
  for (int i = 0; i < 8; ++i) {
    for (const char* const call :
         {"SELECT pg_sleep(0.03)", "SELECT cdp.drop_space('storm')", "SELECT cdp.create_space('storm')"}) {
      const Outcome outcome = owner.run(call);
      EXPECT_TRUE(outcome.ok()) << call << ": " << outcome.whole();
    }
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(done, 30U);
  EXPECT_GT(gone, 8U);
}

}  // namespace
