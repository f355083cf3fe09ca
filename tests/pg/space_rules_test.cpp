// Rules that change while many sessions write by them: nobody goes on by those that were.
#include "pg/space_storm.hpp"

namespace {

using cdp::test::difference;
using cdp::test::in_space;
using cdp::test::Outcome;
using cdp::test::partition;
using cdp::test::Session;
using cdp::test::Storm;

void make_space(const Session& session, const std::string& space) {
  ASSERT_TRUE(session.run("SET client_min_messages = warning; DROP SCHEMA IF EXISTS " + space + " CASCADE").ok());
  const Outcome made = session.run(in_space(
      "SELECT cdp.create_space('{space}'), cdp.set_rules('{space}', '{\"sources\": {\"web\": {\"trusted\": false}}}')",
      space));
  ASSERT_TRUE(made.ok()) << made.whole();
}

// Of devices in the end those with an even number are blocked, as those of the one or the other half are in between.
const char* const kRules[] = {
    R"({"types": {"device_id": {"max_degree": {}, "blocked_pattern": "^d[0-4]$"}, "email": {"max_per_profile": 1}}})",
    R"({"types": {"device_id": {"links": false, "known": true, "blocked_pattern": "^d[5-9]"}, "user_id": {"max_per_profile": null}}})",
    R"({"types": {"device_id": {"links": true, "known": false, "max_degree": {"user_id": 1}, "blocked_pattern": "[02468]$"},
        "email": {"max_per_profile": 5}, "user_id": {"max_per_profile": 1}}})"};

TEST(SpaceRules, ChangeInAStorm) {
  const Session session;
  make_space(session, "storm");
  make_space(session, "calm");
  const Storm storm(8, 100, 3);
  std::atomic<bool> over = false;
  std::thread ruler([&over] {
    const Session rules;
    for (int i = 0; i % 3 != 0 || !over; ++i) {
      const Outcome set = rules.run(std::string("SELECT cdp.set_rules('storm', '") + kRules[i % 3] + "')");
      EXPECT_TRUE(set.ok()) << set.whole();
      EXPECT_TRUE(rules.run("SELECT pg_sleep(0.03)").ok());
      if (i % 5 != 0) continue;
      EXPECT_EQ(rules.run("CALL cdp.resolve('storm')").whole(), "00000: ");
    }
  });
  for (const std::string& failure : storm.rage("storm")) ADD_FAILURE() << failure;
  over = true;
  ruler.join();
  ASSERT_TRUE(session.run(std::string("SELECT cdp.set_rules('calm', '") + kRules[2] + "')").ok());
  for (const std::string& failure : storm.calm("calm", 3)) ADD_FAILURE() << failure;
  for (const std::string space : {"storm", "calm"}) {
    while (session.text("SELECT rows FROM cdp.drain_batch('" + space + "', 100)") != "0") {
    }
    EXPECT_EQ(session.run("CALL cdp.resolve('" + space + "', flips => true)").whole(), "00000: ");
    cdp::test::expect_sound(session, space);
  }
  EXPECT_EQ(difference(partition(session, "storm"), partition(session, "calm")), "");
  EXPECT_GT(std::stol(session.text("SELECT rules_version FROM storm.space")), 8) << "the rules hardly changed";
  EXPECT_NE(session.text("SELECT count(*) FROM storm.identifier WHERE blocked"), "0");
  EXPECT_NE(session.text("SELECT count(*) FROM storm.identifier WHERE hub"), "0") << "the storm was too weak";
}

// Whoever has an old snapshot can't see by what rules to write.
TEST(SpaceRules, OldSnapshot) {
  const Session session, other;
  make_space(session, "calm");
  for (const char* const level : {"REPEATABLE READ", "SERIALIZABLE"}) {
    ASSERT_TRUE(session.run(std::string("BEGIN ISOLATION LEVEL ") + level + "; SELECT FROM calm.space").ok());
    EXPECT_TRUE(other.run("SELECT cdp.set_rules('calm', '{\"hub_alarm\": 7}')").ok());
    EXPECT_EQ(session.run("SELECT cdp.identify('calm', '{\"user_id\": \"u\"}')").state(), "40001") << level;
    EXPECT_TRUE(session.run("ROLLBACK").ok());
    ASSERT_TRUE(session.run(std::string("BEGIN ISOLATION LEVEL ") + level).ok());
    EXPECT_TRUE(session.run("SELECT cdp.identify('calm', '{\"user_id\": \"u\"}')").ok()) << level;
    EXPECT_EQ(session.run("SELECT cdp.set_rules('calm', '{}')").state(), "0A000") << level;
    EXPECT_TRUE(session.run("ROLLBACK").ok());
  }
}

// Who has written keeps the rules as they are until the transaction ends; who only reads does not.
TEST(SpaceRules, WaitsForWriters) {
  const Session session, other;
  make_space(session, "calm");
  ASSERT_TRUE(session
                  .run("BEGIN; SELECT cdp.lookup('calm', 'user_id', 'u'), cdp.current_id('calm', 1), "
                       "cdp.identifier_id('calm', 'user_id', 'u'), count(*) FROM cdp.simulate('calm', '{}')")
                  .ok());
  const char* const set = "SET lock_timeout = '100ms'; SELECT cdp.set_rules('calm', '{\"hub_alarm\": 7}')";
  EXPECT_TRUE(other.run(set).ok());
  EXPECT_TRUE(session.run("SELECT cdp.identify('calm', '{\"user_id\": \"u\"}')").ok());
  EXPECT_EQ(other.run(set).state(), "55P03");
  EXPECT_TRUE(session.run("COMMIT").ok());
  EXPECT_TRUE(other.run(set).ok());
  EXPECT_TRUE(session.run("BEGIN READ ONLY; SELECT cdp.simulate('calm', '{\"hub_alarm\": 9}')").ok());
  EXPECT_TRUE(session.run("COMMIT").ok());
}

// A slip makes a new type, but not silently.
TEST(SpaceRules, TellsWhatIsNearlyCalledLikeAnother) {
  const Session session;
  ASSERT_TRUE(session.run("SET client_min_messages = warning; DROP SCHEMA IF EXISTS slips CASCADE").ok());
  ASSERT_TRUE(session.run("SELECT cdp.create_space('slips'); RESET client_min_messages").ok());
  std::string told;
  PQsetNoticeProcessor(
      session.get(), [](void* all, const char* text) { *static_cast<std::string*>(all) += text; }, &told);
  ASSERT_TRUE(session.run("SELECT cdp.set_rules('slips', '{\"types\": {\"loyalty\": {}}}')").ok());
  EXPECT_EQ(told, "");
  ASSERT_TRUE(session.run("SELECT cdp.set_rules('slips', '{\"types\": {\"emial\": {}, \"phone\": {}}}')").ok());
  EXPECT_NE(told.find("identifier type \"emial\" is new"), std::string::npos) << told;
  EXPECT_NE(told.find("If you meant \"email\""), std::string::npos) << told;
  EXPECT_EQ(told.find("\"phone\""), std::string::npos) << told;
  told.clear();
  ASSERT_TRUE(session.run("SELECT cdp.set_rules('slips', '{\"types\": {\"emial\": null}}')").ok());
  EXPECT_EQ(told, "");
  PQsetNoticeProcessor(
      session.get(), [](void*, const char*) {}, nullptr);
}

}  // namespace
