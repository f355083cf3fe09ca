// The wall, seen from outside: whatever is thrown or raised behind it arrives as an ordinary error with every field,
// destructors have run, and nothing is left in memory.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <tuple>

#include "pg/connection.hpp"

namespace {

using cdp::test::sqlstate;
using cdp::test::value;
using Fields = std::tuple<std::string, std::string, std::string, std::string>;  // SQLSTATE, message, detail, hint

class Wall : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ifstream file("wall/wall.sql");
    const std::string script{std::istreambuf_iterator<char>(file), {}};
    pqxx::connection setup;
    pqxx::nontransaction(setup).exec(script);
  }

  pqxx::row trapped(const std::string& kind) {
    pqxx::nontransaction work(connection);
    return work.exec_params1("SELECT * FROM wall.trap($1)", kind);
  }

  Fields fields(const std::string& kind) {
    const pqxx::row row = trapped(kind);
    return {row[0].c_str(), row[1].c_str(), row[2].c_str(), row[3].c_str()};
  }

  int live() { return value<int>(connection, "SELECT wall.live()"); }

  pqxx::connection connection;
};

TEST_F(Wall, EveryCodeHasItsSqlstate) {
  const std::pair<const char*, const char*> expected[] = {{"invalid_text", "22P02"},
                                                          {"invalid_binary", "22P03"},
                                                          {"invalid_parameter", "22023"},
                                                          {"null_not_allowed", "22004"},
                                                          {"syntax_error", "42601"},
                                                          {"datatype_mismatch", "42804"},
                                                          {"limit_exceeded", "54000"},
                                                          {"too_complex", "54001"},
                                                          {"out_of_memory", "53200"},
                                                          {"not_supported", "0A000"},
                                                          {"corrupted", "XX001"},
                                                          {"missing_object", "58P01"},
                                                          {"bug", "XX000"}};
  for (const auto& [kind, state] : expected)
    EXPECT_EQ(fields(kind), Fields(state, "core message", "Core detail.", "Core hint.")) << kind;
  EXPECT_EQ(live(), 0);
}

TEST_F(Wall, ForeignExceptionsBecomeErrors) {
  EXPECT_EQ(fields("runtime_error"), Fields("XX000", "standard message", "", ""));
  EXPECT_EQ(fields("bad_alloc"), Fields("53200", "out of memory", "", ""));
  EXPECT_EQ(fields("int"), Fields("XX000", "unrecognized C++ exception", "", ""));
  EXPECT_EQ(fields("constructor"), Fields("22023", "constructor failed", "", ""));
  EXPECT_EQ(live(), 0);
}

TEST_F(Wall, ServerErrorKeepsEveryField) {
  const Fields whole("22P03", "server message", "Server detail.", "Server hint.");
  const std::string own = "testing the wall\n", outer = "PL/pgSQL function wall.trap(text) line 3 at PERFORM";
  for (const char* kind : {"server", "callback_server"}) {
    EXPECT_EQ(fields(kind), whole) << kind;
    const std::string context = trapped(kind)[4].c_str();
    EXPECT_EQ(context.find(own), 0u) << context;
    EXPECT_EQ(context.rfind(outer), context.size() - outer.size()) << context;
    EXPECT_EQ(context.find(outer), context.rfind(outer)) << "context is repeated: " << context;
  }
  EXPECT_EQ(live(), 0);
}

TEST_F(Wall, CoreErrorThroughServerFrames) {
  EXPECT_EQ(fields("callback_core"), Fields("42601", "core message", "", ""));
  EXPECT_EQ(live(), 0);
}

TEST_F(Wall, FailedAllocationIsOutOfMemory) {
  EXPECT_EQ(fields("huge_allocation"), Fields("53200", "out of memory", "", ""));
  EXPECT_EQ(fields("invalid_allocation"), Fields("53200", "out of memory", "", ""));
  EXPECT_EQ(live(), 0);
}

TEST_F(Wall, OverAlignedAllocationsAreServed) {
  EXPECT_EQ(fields("aligned_allocation"), Fields("22023", "all aligned", "", ""));
}

TEST_F(Wall, MessagesAreValidAndBounded) {
  EXPECT_EQ(fields("invalid_utf8"), Fields("22P02", "bad ?( bytes", "", ""));
  EXPECT_EQ(std::get<1>(fields("long_message")).size(), 65536u);
}

TEST_F(Wall, ObjectsLiveAsLongAsTheirContext) {
  EXPECT_EQ(value<int>(connection, "SELECT wall.construct()"), 1);
  EXPECT_EQ(live(), 0);
  EXPECT_EQ(value<int>(connection, "SELECT wall.construct_and_reset()"), 0);
  // The statement fails while the object exists.
  EXPECT_EQ(sqlstate(connection, "SELECT wall.construct(), wall.fail('server')"), "22P03");
  EXPECT_EQ(live(), 0);
}

TEST_F(Wall, CancelStopsALoopOfTheCore) {
  pqxx::connection other;
  const int pid = connection.backendpid();
  std::string state;
  std::chrono::steady_clock::time_point stopped;
  std::thread spinning([&] {
    state = sqlstate(connection, "SELECT wall.spin(60)");
    stopped = std::chrono::steady_clock::now();
  });
  const std::string running =
      "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%spin(60)' "
      "AND pid = " +
      std::to_string(pid);
  while (value<int>(other, running) == 0) usleep(10'000);
  usleep(50'000);
  const auto asked = std::chrono::steady_clock::now();
  value<bool>(other, "SELECT pg_cancel_backend(" + std::to_string(pid) + ")");
  spinning.join();
  EXPECT_EQ(state, "57014");
  EXPECT_LT(stopped - asked, std::chrono::seconds(5));
  EXPECT_EQ(live(), 0);
}

TEST_F(Wall, StatementTimeoutStopsALoopOfTheCore) {
  pqxx::nontransaction(connection).exec("SET statement_timeout = '100ms'");
  EXPECT_EQ(sqlstate(connection, "SELECT wall.spin(60)"), "57014");
  pqxx::nontransaction(connection).exec("RESET statement_timeout");
  EXPECT_EQ(live(), 0);
}

TEST_F(Wall, TerminationStopsALoopOfTheCore) {
  pqxx::connection victim, other;
  const int pid = victim.backendpid();
  std::thread spinning([&] { EXPECT_THROW(sqlstate(victim, "SELECT wall.spin(60)"), pqxx::broken_connection); });
  usleep(200'000);
  value<bool>(other, "SELECT pg_terminate_backend(" + std::to_string(pid) + ")");
  spinning.join();
  EXPECT_EQ(value<int>(other, "SELECT count(*) FROM pg_stat_activity WHERE pid = " + std::to_string(pid)), 0);
}

TEST_F(Wall, BadInputIsSoftWhereTheServerAsks) {
  if (connection.server_version() < 160000) GTEST_SKIP() << "soft errors came with PostgreSQL 16";
  const auto valid = [&](const std::string& kind) {
    return value<bool>(connection, "SELECT pg_input_is_valid('" + kind + "', 'wall.soft')");
  };
  EXPECT_TRUE(valid("fine"));
  EXPECT_FALSE(valid("invalid_text"));
  EXPECT_FALSE(valid("syntax_error"));
  EXPECT_EQ(sqlstate(connection, "SELECT pg_input_is_valid('corrupted', 'wall.soft')"), "XX001");
  EXPECT_EQ(sqlstate(connection, "SELECT pg_input_is_valid('server', 'wall.soft')"), "22P03");
  EXPECT_EQ(value<std::string>(connection, "SELECT hint FROM pg_input_error_info('invalid_text', 'wall.soft')"),
            "Core hint.");
  EXPECT_EQ(live(), 0);
}

struct Memory {
  long resident, contexts;
};

// What 100 000 trapped errors of one kind leave in the backend.
class Storm : public Wall, public testing::WithParamInterface<const char*> {
 protected:
  Memory memory() {
    long pages = 0, resident = 0;
    std::ifstream("/proc/" + std::to_string(connection.backendpid()) + "/statm") >> pages >> resident;
    return {resident * sysconf(_SC_PAGESIZE),
            value<long>(connection, "SELECT sum(total_bytes) FROM pg_backend_memory_contexts")};
  }

  void storm(int times) {
    const std::string call = std::string("wall.storm('") + GetParam() + "', " + std::to_string(times) + ")";
    EXPECT_EQ(value<int>(connection, "SELECT " + call), times);
  }
};

TEST_P(Storm, LeavesNothing) {
  memory();
  storm(2'000);
  const Memory before = memory();
  storm(100'000);
  const Memory after = memory();
  constexpr long kAllowed = 1 << 20;
  EXPECT_LT(after.resident - before.resident, kAllowed);
  EXPECT_LT(after.contexts - before.contexts, kAllowed);
  EXPECT_EQ(live(), 0);
}

INSTANTIATE_TEST_SUITE_P(Wall, Storm,
                         testing::Values("invalid_binary", "runtime_error", "bad_alloc", "int", "server",
                                         "callback_core", "callback_server", "huge_allocation", "constructor",
                                         "foreign_context"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
