// Rules as drivers send them, and where clients are told that one is wrong.
#include "pg/session.hpp"

namespace {

using cdp::test::Outcome;
using cdp::test::Parameter;
using cdp::test::Session;

constexpr Oid kUnknown = 705, kBpchar = 1042, kVarchar = 1043;

// Customers of whom 20 are in C7, with an index.
void make_customers(const Session& session) {
  session.run(
      "CREATE TEMPORARY TABLE customer (id int, p cdp.profile);"
      "INSERT INTO customer SELECT i, cdp.observe(jsonb_build_object('country', 'C' || i % 100), 'crm', '2026-01-01')"
      " FROM generate_series(1, 2000) AS i;"
      "CREATE INDEX ON customer USING gin (p); ANALYZE customer");
}

class Driver : public testing::TestWithParam<std::tuple<Oid, bool, const char*>> {};

TEST_P(Driver, RuleAsParameterUsesTheIndex) {
  const auto [type, binary, mode] = GetParam();
  Session session;
  make_customers(session);
  session.run(std::string("SET enable_seqscan = off; SET plan_cache_mode = ") + mode);
  // The server takes a parameter without a type for a rule, whose binary form starts with a version.
  const std::string rule = "country = \"C7\"", wire = binary && type == 0 ? "\x01" + rule : rule;
  const std::string query = "SELECT count(*) FROM customer WHERE p @@ $1";
  for (int i = 0; i < 7; ++i) EXPECT_EQ(session.run(query, {{wire, type, binary}}, false).at(0), "20");
  const Outcome plan = session.run("EXPLAIN (COSTS OFF) " + query, {{wire, type, binary}}, false);
  std::string text;
  for (int row = 0; plan.at(row); ++row) text += *plan.at(row) + "\n";
  EXPECT_NE(text.find("Index Cond: (p @@ "), std::string::npos) << text << plan.whole();
  EXPECT_EQ(session.run(query, {{std::nullopt, type, binary}}, false).at(0), "0");
}

INSTANTIATE_TEST_SUITE_P(Types, Driver,
                         testing::Combine(testing::Values(Oid{0}, cdp::test::kText, kVarchar, kBpchar), testing::Bool(),
                                          testing::Values("auto", "force_custom_plan", "force_generic_plan")),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(Driver, ArrayOfRulesAsParameter) {
  Session session;
  make_customers(session);
  for (const Oid type : {Oid{0}, Oid{1009}, Oid{1015}})  // text[], varchar[]
    EXPECT_EQ(session
                  .run("SELECT count(*) FROM customer WHERE p @@ ANY ($1)",
                       {{R"({"country = \"C7\"","country = \"C8\""})", type, false}}, false)
                  .at(0),
              "40")
        << type;
}

// Prepared once and executed with other rules: each is parsed anew.
TEST(Driver, PreparedStatementTakesAnyRule) {
  Session session;
  make_customers(session);
  PQclear(PQprepare(session.get(), "ask", "SELECT count(*) FROM customer WHERE p @@ $1", 1, &cdp::test::kText));
  for (int i = 0; i < 20; ++i) {
    const std::string rule = "country in (\"C1\", \"C" + std::to_string(1 + i % 3) + "\")";
    const char* const value = rule.c_str();
    const Outcome outcome(PQexecPrepared(session.get(), "ask", 1, &value, nullptr, nullptr, 0));
    EXPECT_EQ(outcome.at(0), i % 3 == 0 ? "20" : "40") << rule;
  }
}

// The position in characters, from 1, that clients draw the caret at; "" when there is none.
std::string position_of(const Outcome& outcome) {
  const char* const at = PQresultErrorField(outcome.get(), PG_DIAG_STATEMENT_POSITION);
  return at != nullptr ? at : "";
}

// In each statement the literal starts at the mark ^, which is taken out.
class Caret : public testing::TestWithParam<const char*> {};

TEST_P(Caret, IsAtTheLiteral) {
  Session session;
  std::string statement = GetParam();
  const std::size_t mark = statement.find('^');
  ASSERT_NE(mark, std::string::npos);
  statement.erase(mark, 1);
  std::size_t characters = 0;
  for (std::size_t i = 0; i < mark; ++i) characters += (statement[i] & 0xC0) != 0x80;
  const Outcome outcome = session.run(statement);
  EXPECT_EQ(outcome.state(), "42601") << outcome.whole();
  EXPECT_EQ(position_of(outcome), std::to_string(characters + 1)) << outcome.whole();
  EXPECT_NE(outcome.message().find("near \"lik\""), std::string::npos) << outcome.whole();
  EXPECT_NE(outcome.whole().find("Perhaps you meant \"like\"."), std::string::npos) << outcome.whole();
  EXPECT_TRUE(session.alive());
}

INSTANTIATE_TEST_SUITE_P(
    Literals, Caret,
    testing::Values("SELECT '{}'::cdp.profile @@ ^'a lik \"x\"'",
                    "SELECT 'ğüş',\n  '{}'::cdp.profile\n  @@ ^'a = \"ğ\" and\n  b lik \"x\"'",
                    "SELECT '{}'::cdp.profile @@ ^E'a\\n lik \\x22x\\x22'",
                    "SELECT '{}'::cdp.profile @@ ^$q$a lik \"it's\"$q$",
                    "SELECT '{}'::cdp.profile @@ ^U&'a = \"\\011f\" or b lik \"x\"'",
                    "SELECT ^'a lik \"x\"' @@ '{}'::cdp.profile", "SELECT ^'a lik \"x\"'::cdp.segment",
                    "SELECT cdp.segment ^'a lik \"x\"'", "SELECT cdp.matches('{}', ^'a lik \"x\"')",
                    "SELECT '{}'::cdp.profile @@ ANY (ARRAY['a = 1', ^'a lik \"x\"']::cdp.segment[])"),
    [](const auto& info) { return std::to_string(info.index); });

// A parameter, or a text that isn't a literal of the type, has no place in the statement; the detail has the rule's.
TEST(Caret, IsNowhereForParameters) {
  Session session;
  const std::string query = "SELECT '{}'::cdp.profile @@ $1";
  for (const Oid type : {Oid{0}, cdp::test::kText, kVarchar, kUnknown}) {
    const Outcome outcome = session.run(query, {{"a = 1\n and b lik \"x\"", type, false}}, false);
    EXPECT_EQ(outcome.state(), "42601") << outcome.whole();
    EXPECT_EQ(position_of(outcome), "") << outcome.whole();
    EXPECT_NE(outcome.whole().find("Line 2, column 8 of the segment."), std::string::npos) << outcome.whole();
  }
}

// Rules at the limits of size and depth, by every way in.
TEST(Limits, HoldForEveryWayIn) {
  Session session;
  const Oid segment = session.oid("cdp.segment");
  const auto nested = [](int depth) { return std::string(depth, '(') + "a = 1" + std::string(depth, ')'); };
  const auto state = [&](const std::string& rule) {
    const std::string as_text = session.run("SELECT $1::cdp.segment", {{rule}}, false).state();
    EXPECT_EQ(session.run("SELECT $1::text::cdp.segment", {{rule, cdp::test::kText, true}}, false).state(), as_text);
    EXPECT_EQ(session.run("SELECT $1", {{"\x01" + rule, segment, true}}, false).state(), as_text);
    return as_text;
  };
  EXPECT_EQ(state(nested(1000)), "00000");
  EXPECT_EQ(state(nested(1001)), "54001");
  EXPECT_EQ(state(nested(100'000)), "54001");
  std::string nots;
  for (int i = 0; i < 200'000; ++i) nots += "not ";
  EXPECT_EQ(state(nots + "a = 1"), "54001");
  EXPECT_EQ(state(nots.substr(0, 4000) + "a = 1"), "00000");
  EXPECT_EQ(state(nots.substr(0, 4004) + "a = 1"), "54001");
  std::string list = "a in (1";
  while (list.size() < (1 << 20) - 20) list += "," + std::to_string(list.size());
  EXPECT_EQ(state("a = \"" + std::string((1 << 20) - 6, 'x') + "\""), "00000");
  EXPECT_EQ(state("a = \"" + std::string(1 << 20, 'x') + "\""), "54000");
  EXPECT_EQ(state(list + ")"), "54000");  // in canonical form there is a blank after each comma
  EXPECT_TRUE(session.alive());
}

TEST(Limits, HoldForAlgebra) {
  Session session;
  const auto loop = [&](const std::string& step, int times) {
    return session
        .run("DO $$DECLARE s cdp.segment := 'a = 1'; BEGIN FOR i IN 1 .. " + std::to_string(times) +
             " LOOP s := " + step + "; END LOOP; END$$")
        .state();
  };
  EXPECT_EQ(loop("! s", 1000), "00000");
  EXPECT_EQ(loop("! s", 1001), "54001");
  EXPECT_EQ(loop("(s & 'b = 1') | 'c = 1'", 500), "00000");
  EXPECT_EQ(loop("(s & 'b = 1') | 'c = 1'", 501), "54001");
  EXPECT_EQ(loop("s & s", 25), "54000");
  EXPECT_EQ(loop("s | s", 25), "54000");
  EXPECT_TRUE(session.alive());
}

}  // namespace
