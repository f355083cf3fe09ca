// A space under many sessions: nothing is lost, nobody waits in a circle, and the result is that of one session.
#include "pg/space_storm.hpp"

namespace {

using cdp::test::expect_same;
using cdp::test::expect_sound;
using cdp::test::in_space;
using cdp::test::Outcome;
using cdp::test::Session;
using cdp::test::Storm;

void make_space(const Session& session, const std::string& space) {
  ASSERT_TRUE(session.run("SET client_min_messages = warning; DROP SCHEMA IF EXISTS " + space + " CASCADE").ok());
  const Outcome made = session.run(in_space(
      "SELECT cdp.create_space('{space}'); INSERT INTO {space}.source (source, trusted) VALUES ('web', false); UPDATE "
      "{space}.space SET rules_version = rules_version + 1",
      space));
  ASSERT_TRUE(made.ok()) << made.whole();
}

void weather(unsigned sessions, unsigned calls, unsigned seed) {
  const Session session;
  make_space(session, "storm");
  make_space(session, "calm");
  const Storm storm(sessions, calls, seed);
  for (const std::string& failure : storm.rage("storm")) ADD_FAILURE() << failure;
  for (const std::string& failure : storm.calm("calm", seed)) ADD_FAILURE() << failure;
  while (session.text("SELECT rows FROM cdp.drain_batch('storm', 100)") != "0") {
  }
  while (session.text("SELECT rows FROM cdp.drain_batch('calm', 100)") != "0") {
  }
  expect_sound(session, "storm");
  expect_sound(session, "calm");
  expect_same(session, "storm", "calm");
  EXPECT_EQ(session.text("SELECT count(*) FROM storm.event"), session.text("SELECT count(*) FROM calm.event"));
  EXPECT_NE(session.text("SELECT count(*) FROM storm.identifier WHERE hub"), "0") << "the storm was too weak";
  EXPECT_NE(session.text("SELECT count(*) FROM storm.move"), "0") << "the storm was too weak";
}

TEST(Space, EightSessions) { weather(8, 120, 1); }
TEST(Space, ThirtyTwoSessions) { weather(32, 30, 2); }

TEST(Space, DrainCommitsBatchByBatch) {
  const Session session;
  make_space(session, "calm");
  ASSERT_TRUE(session
                  .run("INSERT INTO calm.inbox (event) SELECT jsonb_build_object('type', 'track', 'userId', 'u' || i % "
                       "10, 'event', 'e', 'messageId', i) FROM generate_series(1, 1000) AS i")
                  .ok());
  EXPECT_EQ(session.run("BEGIN").state(), "00000");
  EXPECT_EQ(session.run("CALL cdp.drain('calm')").state(), "2D000");
  EXPECT_EQ(session.run("ROLLBACK").state(), "00000");
  EXPECT_EQ(session.text("SELECT count(*) FROM calm.inbox"), "1000");
  EXPECT_EQ(session.run("CALL cdp.drain('calm', time_limit => '0 s', batch => 300)").whole(), "00000: ");
  EXPECT_EQ(session.text("SELECT count(*) FROM calm.inbox"), "700") << "one batch, and the time is up";
  EXPECT_EQ(session.run("CALL cdp.drain('calm', batch => 300)").whole(), "00000: ");
  EXPECT_EQ(session.text("SELECT count(*) FROM calm.inbox"), "0");
  EXPECT_EQ(session.text("SELECT count(*) FROM calm.event"), "1000");
  expect_sound(session, "calm");
}

// Of an error of a nested statement the server itself disposes: nothing is freed twice.
TEST(Space, ErrorsOfTriggersPassBy) {
  const Session session;
  make_space(session, "calm");
  ASSERT_TRUE(
      session
          .run("CREATE FUNCTION calm.never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RAISE "
               "EXCEPTION 'never' USING ERRCODE = 'XX002'; END $$; CREATE TRIGGER never BEFORE INSERT ON "
               "calm.rejected FOR EACH ROW EXECUTE FUNCTION calm.never(); INSERT INTO calm.inbox (event) VALUES "
               "('nonsense')")
          .ok());
  std::string told;
  PQsetNoticeProcessor(
      session.get(), [](void* all, const char* text) { *static_cast<std::string*>(all) += text; }, &told);
  EXPECT_EQ(session.run("CALL cdp.drain('calm')").state(), "XX002");
  EXPECT_EQ(told, "");
  PQsetNoticeProcessor(
      session.get(), [](void*, const char*) {}, nullptr);
}

}  // namespace
