// Anything long stops soon when it is cancelled, by another session, by the protocol's own request or by a timeout,
// and the session goes on.
#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "pg/session.hpp"

namespace {

using cdp::test::Outcome;
using cdp::test::Session;
using std::chrono::steady_clock;

// RESET itself runs under the limit that it lifts.
void lift_timeout(Session& session) {
  while (!session.run("RESET statement_timeout").ok() && PQstatus(session.get()) == CONNECTION_OK) {
  }
}

struct Job {
  const char *name, *statement;  // takes minutes
};

std::ostream& operator<<(std::ostream& out, const Job& job) { return out << job.name; }

// Jobs that are one long call, and jobs of many short ones.
const Job kJobs[] = {
    {"connected_components",
     "SELECT count(*) FROM cdp.connected_components('SELECT (i % 100000)::text, (i % 77777)::text "
     "FROM generate_series(1, 2000000000) AS i')"},
    {"connected_component_ids",
     "SELECT count(*) FROM cdp.connected_component_ids('SELECT i % 100000, i % 77777 FROM generate_series(1, "
     "2000000000) AS i')"},
    {"connected_components_agg",
     "SELECT cdp.component_count(cdp.connected_components_agg((i % 100000)::text, (i % 77777)::text)) FROM "
     "generate_series(1, 2000000000) AS i"},
    {"profile_agg",
     "SELECT cdp.profile_agg(jsonb_build_object('n', i, 'city', i % 1000), 's' || i % 7, "
     "'2026-01-01 00:00+00'::timestamptz + i * interval '1 second') FROM generate_series(1, 2000000000) AS i"},
    {"rollup",
     "SELECT cdp.rollup(profile) FROM (SELECT cdp.profile_agg(jsonb_build_object('n', i % 50), 's', now()) AS profile "
     "FROM generate_series(1, 100) AS i OFFSET 0) AS p, generate_series(1, 2000000000)"},
    {"timeline_agg",
     "SELECT cdp.timeline_agg('e' || i % 7, '2026-01-01 00:00+00'::timestamptz + i * interval '1 second', "
     "jsonb_build_object('n', i)) FROM generate_series(1, 2000000000) AS i"},
    {"timeline_rollup",
     "SELECT cdp.rollup(timeline) FROM (SELECT cdp.timeline_agg('e', now() + i * interval '1 second') AS timeline "
     "FROM generate_series(1, 500) AS i OFFSET 0) AS p, generate_series(1, 2000000000)"},
    // One call with half a million names.
    {"reading_timelines",
     "SELECT sum(cdp.count((SELECT '{\"events\": [' || string_agg('{\"event\": \"' || j || '\", \"at\": "
     "\"2026-01-01\"}', ',') || ']}' FROM generate_series(i, i + 500000) AS j)::cdp.timeline, 'a')) FROM "
     "generate_series(1, 10000000) AS i"},
    // One call: at each of ten million places of the text, half a million characters fit before one that doesn't.
    {"like",
     "SELECT cdp.profile_agg(jsonb_build_object('a', repeat('a', 10000000)), 's', now()) @@ "
     "('a like \"%' || repeat('a', 500000) || 'b%\"')::cdp.segment"},
    {"segment",
     "SELECT count(*) FROM (SELECT cdp.profile_agg('{\"a\": 1}', 's', now()) AS profile OFFSET 0) AS p, "
     "(SELECT (string_agg('a = -' || i, ' or '))::cdp.segment AS rule FROM generate_series(1, 50000) AS i) AS r, "
     "generate_series(1, 10000000) AS i WHERE cdp.matches(profile, rule, now() + i * interval '1 second')"},
    {"reading_rules",
     "SELECT count(('a in (' || i || repeat(', 1', 300000) || ')')::cdp.segment) FROM "
     "generate_series(1, 10000000) AS i"},
    {"reading_components",
     "SELECT sum(cdp.identifier_count(('[[\"' || i || '\"' || repeat(',\"b\"', 1000000) || ']]')::cdp.components)) "
     "FROM "
     "generate_series(1, 10000000) AS i"},
};

class Cancel : public testing::TestWithParam<Job> {
 protected:
  using Stop = void (*)(Session& session);

  // Runs the job, stops it after a while.
  void stopped_by(Stop stop) {
    Session session;
    steady_clock::time_point asked;
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
      asked = steady_clock::now();
      stop(session);
    });
    const Outcome outcome = session.run(GetParam().statement);
    const auto ended = steady_clock::now();
    other.join();
    EXPECT_EQ(outcome.state(), "57014") << outcome.whole();
    EXPECT_LT(ended - asked, std::chrono::seconds(1));
    usable(session);
  }

  static void usable(Session& session) {
    EXPECT_TRUE(session.alive());
    EXPECT_EQ(session.text("SELECT component FROM cdp.connected_components($$SELECT 'b', 'a'$$) LIMIT 1"), "a");
    EXPECT_EQ(session.text("SELECT cdp.profile_agg('{\"a\": 1}', 's', now()) @@ 'a = 1'"), "t");
  }
};

TEST_P(Cancel, ByAnotherSession) {
  stopped_by([](Session& session) {
    EXPECT_EQ(Session().text("SELECT pg_cancel_backend(" + std::to_string(session.pid()) + ")"), "t");
  });
}

TEST_P(Cancel, ByTheProtocol) {
  stopped_by([](Session& session) {
    const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> request(PQgetCancel(session.get()), PQfreeCancel);
    char error[256];
    EXPECT_TRUE(PQcancel(request.get(), error, sizeof error)) << error;
  });
}

TEST_P(Cancel, ByTimeout) {
  Session session;
  session.run("SET statement_timeout = '250ms'");
  const auto began = steady_clock::now();
  const Outcome outcome = session.run(GetParam().statement);
  EXPECT_EQ(outcome.state(), "57014") << outcome.whole();
  EXPECT_LT(steady_clock::now() - began, std::chrono::milliseconds(1250));
  lift_timeout(session);
  usable(session);
}

INSTANTIATE_TEST_SUITE_P(Jobs, Cancel, testing::ValuesIn(kJobs),
                         [](const auto& info) { return std::string(info.param.name); });

// Wherever in its work it is: while rows come in, while components are labelled, while the result goes out.
TEST(CancelAnywhere, ConnectedComponents) {
  Session session;
  const std::string statement =
      "SELECT count(*) FROM cdp.connected_components('SELECT ''user:'' || i, ''device:'' || i / 3 FROM "
      "generate_series(1, 500000) AS i')";
  const auto began = steady_clock::now();
  EXPECT_EQ(session.text(statement), "666667");
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
  long memory = 0;
  for (int i = 1; i <= 12; ++i) {
    const auto limit = std::max<std::chrono::milliseconds>(whole * i / 13, std::chrono::milliseconds(1));
    session.run("SET statement_timeout = " + std::to_string(limit.count()));
    const auto start = steady_clock::now();
    const std::string state = session.run(statement).state();
    EXPECT_TRUE(state == "57014" || state == "00000") << state;
    EXPECT_LT(steady_clock::now() - start, limit + std::chrono::seconds(1));
    lift_timeout(session);
    if (i == 1) memory = session.memory();
  }
  EXPECT_EQ(session.text(statement), "666667");
  EXPECT_LT(session.memory() - memory, 4 << 20);
}

}  // namespace
