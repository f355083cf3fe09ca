// Batch under many sessions, its commits, its end before the end, and what others see of it.
#include <chrono>

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

std::string links(unsigned number) {
  const std::string n = std::to_string(number);
  return "SELECT cdp.add_links('{space}', $$SELECT 'email', 'e' || (g * 7 + " + n +
         ") % 30 || '@example.com', 'anonymous_id', 'a' || (g * 13 + " + n +
         " * 5) % 60, 1, '2026-01-01Z'::timestamptz + (g + " + n +
         ") * interval '1 min' FROM generate_series(1, 8) AS g$$)";
}

// Meanwhile somebody adds links, works them off, and writes the tables anew, again and again.
TEST(Resolve, BesideManySessions) {
  const Session session;
  make_space(session, "storm");
  make_space(session, "calm");
  const Storm storm(12, 80, 7);
  std::atomic<bool> over = false;
  unsigned rounds = 0;
  std::vector<std::string> failures;
  std::thread resolver([&] {
    const Session own;
    for (; rounds < 6 || !over; ++rounds) {
      for (const std::string& call :
           {rounds < 20 ? links(rounds) : std::string("SELECT 1"),
            std::string("CALL cdp.resolve('{space}', batch => 3)"), std::string("CALL cdp.resolve('{space}', 'all')"),
            std::string("SELECT cdp.resolve_whole('{space}', false, false, 0, -1000000)")}) {
        const Outcome outcome = own.run(in_space(call, "storm"));
        if (!outcome.ok()) failures.push_back(call + ": " + outcome.whole());
      }
    }
  });
  for (const std::string& failure : storm.rage("storm")) ADD_FAILURE() << failure;
  over = true;
  resolver.join();
  for (const std::string& failure : failures) ADD_FAILURE() << failure;
  for (const std::string& failure : storm.calm("calm", 7)) ADD_FAILURE() << failure;
  for (unsigned i = 0; i < std::min(rounds, 20U); ++i) EXPECT_TRUE(session.run(in_space(links(i), "calm")).ok());
  for (const char* const space : {"storm", "calm"}) {
    while (session.text(in_space("SELECT rows FROM cdp.drain_batch('{space}', 100)", space)) != "0") {
    }
    EXPECT_TRUE(session.run(in_space("CALL cdp.resolve('{space}')", space)).ok());
    expect_sound(session, space);
    EXPECT_EQ(session.text(in_space("SELECT (cdp.resolve_whole('{space}', false, true, 0, 0)).differing", space)), "0");
  }
  expect_same(session, "storm", "calm");
  EXPECT_NE(session.text("SELECT count(*) FROM storm.identifier WHERE hub"), "0") << "the storm was too weak";
}

TEST(Resolve, OneAtATime) {
  const Session first, second;
  make_space(first, "calm");
  ASSERT_TRUE(first.run("BEGIN").ok());
  ASSERT_TRUE(first.run("SELECT cdp.resolve_now('calm')").ok());
  const Outcome refused = second.run("CALL cdp.resolve('calm')");
  EXPECT_EQ(refused.state(), "55006");
  EXPECT_NE(refused.whole().find("Process " + std::to_string(first.pid()) + " "), std::string::npos) << refused.whole();
  ASSERT_TRUE(first.run("COMMIT").ok());
  EXPECT_TRUE(second.run("CALL cdp.resolve('calm')").ok());
}

// Its lock outlasts the commits of a run, whoever comes between, but no error.
TEST(Resolve, OneAtATimeThroughItsTransactions) {
  const Session first, second;
  make_space(first, "calm");
  const auto begin = [](const Session& session) {
    return session.run("SELECT cdp.begin_run('calm', 'dirty', false, false, 1, true)").state();
  };
  EXPECT_EQ(begin(first), "00000");
  EXPECT_EQ(begin(second), "55006");
  EXPECT_EQ(begin(first), "00000") << "it has its lock already";
  for (const char* const part : {"BEGIN", "SAVEPOINT part", "ROLLBACK TO part", "COMMIT"})
    ASSERT_TRUE(first.run(part).ok());
  EXPECT_EQ(begin(second), "55006") << "a part of a transaction that failed has not taken it";
  EXPECT_EQ(first.run("SELECT 1 / 0").state(), "22012");
  EXPECT_EQ(begin(second), "00000") << "given back by the error";
  EXPECT_EQ(begin(first), "55006");
  ASSERT_TRUE(second.run("SELECT cdp.end_run('calm', max(run_id), 'finished') FROM calm.run").ok());
  ASSERT_TRUE(first.run("BEGIN").ok());
  ASSERT_TRUE(first.run("SAVEPOINT part").ok());
  EXPECT_EQ(begin(first), "00000") << "given back by the end";
  ASSERT_TRUE(first.run("ROLLBACK TO part").ok());
  EXPECT_EQ(begin(second), "00000") << "given back by the part of the transaction that took it";
  ASSERT_TRUE(first.run("COMMIT").ok());
  ASSERT_TRUE(second.run("SELECT cdp.end_run('calm', max(run_id), 'finished') FROM calm.run").ok());
  ASSERT_TRUE(first.run("CALL cdp.resolve('calm')").ok());
  EXPECT_EQ(second.text("SELECT string_agg(outcome, ', ' ORDER BY run_id) FROM calm.run"),
            "broken off, broken off, finished, finished, finished");
}

void load(const Session& session, const std::string& space) {
  make_space(session, space);
  ASSERT_TRUE(session
                  .run(in_space("SELECT cdp.add_links('{space}', $$SELECT 'email', 'e' || g / 2 || '@example.com', "
                                "'user_id', 'u' || g / 3 FROM generate_series(1, 3000) AS g$$)",
                                space))
                  .ok());
}

// Which may not show what it would write over.
TEST(Resolve, UnderAnOldSnapshot) {
  const Session session, other;
  load(session, "calm");
  ASSERT_TRUE(session.run("BEGIN ISOLATION LEVEL REPEATABLE READ").ok());
  EXPECT_EQ(session.text("SELECT count(*) > 0 FROM calm.dirty"), "t");
  ASSERT_TRUE(other.run("SELECT cdp.identify('calm', '{\"email\": \"late@example.com\"}')").ok());
  EXPECT_EQ(session.text("SELECT rewritten FROM cdp.resolve_whole('calm', false, false, 0, -1000000)"), "f");
  ASSERT_TRUE(session.run("ROLLBACK").ok());
  EXPECT_EQ(session.text("SELECT rewritten FROM cdp.resolve_whole('calm', false, false, 0, -1000000)"), "t");
}

TEST(Resolve, CommitsBatchByBatch) {
  const Session session;
  load(session, "calm");
  const int dirty = std::stoi(session.text("SELECT count(*) FROM calm.dirty"));
  EXPECT_EQ(session.run("BEGIN").state(), "00000");
  EXPECT_EQ(session.run("CALL cdp.resolve('calm')").state(), "2D000");
  EXPECT_EQ(session.run("ROLLBACK").state(), "00000");
  EXPECT_TRUE(session.run("CALL cdp.resolve('calm', dry_run => true)").ok());
  EXPECT_EQ(session.text("SELECT outcome FROM calm.run ORDER BY run_id DESC LIMIT 1"), "dry run");
  EXPECT_EQ(session.text("SELECT count(*) FROM calm.change"), "0");
  EXPECT_TRUE(session.run("CALL cdp.resolve('calm', time_limit => '0 s', batch => 100)").ok());
  EXPECT_EQ(session.text("SELECT outcome FROM calm.run ORDER BY run_id DESC LIMIT 1"), "time limit");
  EXPECT_EQ(session.text("SELECT count(*) FROM calm.dirty"), std::to_string(dirty - 100));
  EXPECT_TRUE(session.run("CALL cdp.resolve('calm', batch => 1000)").ok());
  EXPECT_EQ(session.text("SELECT outcome FROM calm.run ORDER BY run_id DESC LIMIT 1"), "finished");
  EXPECT_EQ(session.text("SELECT count(*) FROM calm.dirty"), "0");
}

// Somebody else's statement that keeps a table is told; it is done without writing the table anew.
TEST(Resolve, TellsWhoIsInTheWay) {
  const Session session, other, watcher;
  load(session, "calm");
  std::string told;
  PQsetNoticeProcessor(
      session.get(), [](void* all, const char* text) { *static_cast<std::string*>(all) += text; }, &told);
  ASSERT_TRUE(other.run("BEGIN; LOCK TABLE calm.part IN ROW EXCLUSIVE MODE").ok());
  const auto began = std::chrono::steady_clock::now();
  ASSERT_EQ(PQsendQuery(session.get(), "SELECT rewritten FROM cdp.resolve_whole('calm', false, false, 0, -1000000)"),
            1);
  std::string phase;
  for (int i = 0; i < 2000 && phase != "waiting for locks"; ++i) {
    phase =
        watcher.text("SELECT coalesce(min(phase), '') FROM cdp.progress WHERE pid = " + std::to_string(session.pid()));
    usleep(1000);
  }
  EXPECT_EQ(phase, "waiting for locks");
  EXPECT_EQ(Outcome(PQgetResult(session.get())).at(0), "f");
  EXPECT_EQ(PQgetResult(session.get()), nullptr);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(45)) << "it tried all twice";
  EXPECT_NE(told.find("these processes: " + std::to_string(other.pid()) + "."), std::string::npos) << told;
  ASSERT_TRUE(other.run("COMMIT").ok());
  PQsetNoticeProcessor(
      session.get(), [](void*, const char*) {}, nullptr);
}

// Which gives way only to those who wait for long enough.
TEST(Resolve, BesideAnAutovacuum) {
  const Session session;
  load(session, "calm");
  ASSERT_TRUE(session
                  .run("INSERT INTO calm.identifier (type, value, cluster_id) SELECT 'device_id', g::text, (SELECT "
                       "min(cluster_id) FROM calm.profile) FROM generate_series(1, 20000) AS g; DELETE FROM "
                       "calm.identifier WHERE type = 'device_id'; ALTER TABLE calm.identifier SET "
                       "(autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)")
                  .ok());
  ASSERT_TRUE(session.run("ALTER SYSTEM SET autovacuum_naptime = '1s'").ok());
  ASSERT_TRUE(session.run("SELECT pg_reload_conf()").ok());
  const std::string vacuum =
      "SELECT count(*) FROM pg_stat_progress_vacuum AS v JOIN pg_stat_activity AS a USING (pid) WHERE v.relid = "
      "'calm.identifier'::regclass AND a.backend_type = 'autovacuum worker'";
  for (int i = 0; i < 6000 && session.text(vacuum) == "0"; ++i) usleep(10'000);
  EXPECT_EQ(session.text(vacuum), "1");
  EXPECT_EQ(session.text("SELECT rewritten FROM cdp.resolve_whole('calm', false, false, 0, -1000000)"), "t");
  EXPECT_TRUE(session.run("ALTER SYSTEM RESET autovacuum_naptime").ok());
  EXPECT_TRUE(session.run("SELECT pg_reload_conf()").ok());
}

// What wasn't committed when the process was stopped is still to be done.
TEST(Resolve, GoesOnWhereItWasStopped) {
  const Session session;
  load(session, "calm");
  load(session, "storm");
  ASSERT_TRUE(session.run("CALL cdp.resolve('calm')").ok());
  const std::string all = session.text("SELECT count(*) FROM storm.dirty");
  {
    const Session stopped;
    ASSERT_EQ(PQsendQuery(stopped.get(), "CALL cdp.resolve('storm', batch => 10)"), 1);
    while (session.text("SELECT count(*) FROM storm.change") == "0") usleep(1000);
    ASSERT_TRUE(session.run("SELECT pg_terminate_backend(" + std::to_string(stopped.pid()) + ", 10000)").ok());
  }
  EXPECT_NE(session.text("SELECT count(*) FROM storm.dirty"), "0") << "it was too late";
  EXPECT_NE(session.text("SELECT count(*) FROM storm.dirty"), all);
  EXPECT_EQ(session.text("SELECT coalesce(outcome, 'none') FROM storm.run"), "none");
  EXPECT_TRUE(session.run("CALL cdp.resolve('storm')").ok());
  EXPECT_EQ(session.text("SELECT count(*) FROM storm.dirty"), "0");
  expect_same(session, "storm", "calm");
}

// Serializable transactions hear of what was read in the table as it was before.
TEST(Resolve, KeepsPredicateLocks) {
  const Session session, open, reader;
  load(session, "calm");
  const char* const kBegin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
  ASSERT_TRUE(open.run(kBegin).ok());
  ASSERT_TRUE(open.run("SELECT FROM calm.space").ok());
  ASSERT_TRUE(reader.run(kBegin).ok());
  ASSERT_TRUE(reader.run("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off").ok());
  ASSERT_TRUE(reader.run("SELECT * FROM calm.identifier WHERE id = 1").ok());
  ASSERT_TRUE(reader.run("INSERT INTO calm.run (job) VALUES ('read')").ok());
  ASSERT_TRUE(reader.run("COMMIT").ok());
  const char* const kLocks =
      "SELECT string_agg(locktype, ' ' ORDER BY locktype) FROM pg_locks WHERE mode = 'SIReadLock' AND relation = "
      "'calm.identifier'::regclass";
  EXPECT_EQ(session.text(kLocks), "tuple");
  EXPECT_EQ(session.text("SELECT rewritten FROM cdp.resolve_whole('calm', false, false, 0, -1000000)"), "t");
  EXPECT_EQ(session.text(kLocks), "relation");
}

TEST(Resolve, TellsHowMuchIsLeft) {
  const Session session, other, watcher;
  load(session, "calm");
  ASSERT_TRUE(session.run("CALL cdp.resolve('calm', batch => 100, time_limit => '0 s')").ok());
  const std::string dirty = session.text("SELECT count(*) FROM calm.dirty");
  ASSERT_TRUE(other.run("BEGIN; SELECT FROM calm.profile FOR UPDATE").ok());
  ASSERT_EQ(PQsendQuery(session.get(), "CALL cdp.resolve('calm')"), 1);
  std::string seen;
  for (int i = 0; i < 2000 && seen.empty(); ++i) {
    seen = watcher.text("SELECT coalesce(min(concat_ws('|', phase, done, total)), '') FROM cdp.progress WHERE pid = " +
                        std::to_string(session.pid()));
    usleep(1000);
  }
  EXPECT_EQ(seen, "rows of dirty|0|" + dirty);
  ASSERT_TRUE(other.run("COMMIT").ok());
  EXPECT_TRUE(Outcome(PQgetResult(session.get())).ok());
  EXPECT_EQ(PQgetResult(session.get()), nullptr);
}

// Types of the same names in the search_path of the caller are none of its business.
TEST(Resolve, UnderAnyPath) {
  const Session session;
  load(session, "calm");
  ASSERT_TRUE(session
                  .run("CREATE SCHEMA odd; CREATE DOMAIN odd.text AS pg_catalog.int4; CREATE DOMAIN odd.timestamptz AS "
                       "pg_catalog.int4; SET search_path = odd, pg_catalog")
                  .ok());
  for (const char* const call : {"CALL cdp.resolve('calm')", "CALL cdp.drain('calm')"}) {
    const Outcome outcome = session.run(call);
    EXPECT_TRUE(outcome.ok()) << outcome.whole();
  }
  ASSERT_TRUE(session.run("RESET search_path; DROP SCHEMA odd CASCADE").ok());
}

TEST(Resolve, ProgressBeforeTheCommit) {
  const Session worker, watcher;
  ASSERT_EQ(PQsendQuery(worker.get(),
                        "BEGIN; SELECT cdp.report_progress('resolve', 'a: b', 'reading links', 7, 9), pg_sleep(60)"),
            1);
  std::string seen;
  for (int i = 0; i < 2000 && seen.empty(); ++i) {
    seen = watcher.text(
        "SELECT coalesce(min(concat_ws('|', job, space, phase, done, total)), '') FROM cdp.progress "
        "WHERE pid = " +
        std::to_string(worker.pid()));
    usleep(1000);
  }
  EXPECT_EQ(seen, "resolve|a: b|reading links|7|9");
  ASSERT_TRUE(watcher.run("SELECT pg_cancel_backend(" + std::to_string(worker.pid()) + ")").ok());
}

}  // namespace
