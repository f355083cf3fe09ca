// Input that is too large or no text at all: the right error or the right result, the backend alive, and its memory
// back afterwards.
#include <set>

#include "pg/session.hpp"

namespace {

using cdp::test::Outcome;
using cdp::test::Parameter;
using cdp::test::Session;

struct Case {
  const char *name, *statement, *expected;  // the first column as text, or a SQLSTATE
};

std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }

// big('x', n) is n million times the character: repeat() of one byte is slow.
const Case kLarge[] = {
    {"profile_of_letters", "SELECT pg_temp.big('x', 400)::cdp.profile", "22P02"},
    {"profile_of_brackets", "SELECT pg_temp.big('[', 300)::cdp.profile", "54001"},
    // jsonb has a limit of its own.
    {"profile_with_a_value_beyond_jsonb",
     "SELECT ('{\"attributes\": {\"a\": [{\"value\": \"' || pg_temp.big('x', 270) || '\", \"source\": \"s\", "
     "\"last_seen\": \"2026-01-01\"}]}}')::cdp.profile -> 'a'",
     "54000"},
    {"path", "SELECT '{}'::cdp.profile -> pg_temp.big('x', 300) IS NULL", "t"},
    {"segment_of_letters", "SELECT pg_temp.big('x', 900)::cdp.segment", "54000"},
    {"segment_of_brackets", "SELECT pg_temp.big('(', 300)::cdp.segment", "54000"},
    {"segment_of_bytes", "SELECT convert_to(pg_temp.big('x', 300), 'UTF8')::cdp.segment", "54000"},
    {"components_of_letters", "SELECT pg_temp.big('x', 300)::cdp.components", "22P02"},
    {"components_of_brackets", "SELECT pg_temp.big('[', 300)::cdp.components", "22P02"},
    {"components_with_a_long_identifier",
     "SELECT cdp.identifier_count(('[[\"a\",\"' || pg_temp.big('x', 100) || '\"]]')::cdp.components)", "2"},
    {"normalize_email", "SELECT cdp.normalize_email(pg_temp.big('x', 300)) IS NULL", "t"},
    {"normalize_name", "SELECT cdp.normalize_name(pg_temp.big('x', 300)) IS NULL", "t"},
    {"normalize_name_language", "SELECT cdp.normalize_name('Ada', pg_temp.big('x', 300))", "22023"},
    {"normalize_phone", "SELECT cdp.normalize_phone(pg_temp.big('1', 300)) IS NULL", "t"},
    {"normalize_phone_region", "SELECT cdp.normalize_phone('1', pg_temp.big('x', 300))", "22023"},
    {"connected_components_beyond_memory",
     "SELECT * FROM cdp.connected_components($$SELECT pg_temp.big('x', 300), 'b'$$)", "53200"},
    {"connected_components_of_a_long_identifier",
     "SET maintenance_work_mem = '2GB';"
     "SELECT max(length(identifier)) FROM cdp.connected_components($$SELECT pg_temp.big('x', 200), 'b'$$)",
     "200000000"},
    {"connected_components_beyond_a_row",
     "SET maintenance_work_mem = '2GB';"
     "SELECT * FROM cdp.connected_components($$SELECT pg_temp.big('x', 550), NULL$$)",
     "54000"},
    {"connected_components_agg",
     "SELECT cdp.identifier_count(cdp.connected_components_agg(pg_temp.big('x', 200), 'b'))", "2"},
    {"connected_components_agg_beyond",
     "SELECT cdp.connected_components_agg(pg_temp.big('x', 550), pg_temp.big('y', 550))", "54000"},
    {"attributes_near_the_limit_of_jsonb",
     "SELECT length(cdp.profile_agg(jsonb_build_object('a', pg_temp.big('x', 260)), 's', now()) ->> 'a')", "260000000"},
    {"many_attributes",
     "SELECT cdp.profile_agg((SELECT jsonb_object_agg(i, i) FROM generate_series(1, 100000) AS i), 's', now())",
     "54000"},
    {"timeline_of_letters", "SELECT pg_temp.big('x', 400)::cdp.timeline", "22P02"},
    {"timeline_of_brackets", "SELECT pg_temp.big('[', 300)::cdp.timeline", "54001"},
    {"event", "SELECT cdp.count(cdp.event(pg_temp.big('e', 200), now()) || '{}', pg_temp.big('e', 200))", "1"},
    {"message_id", "SELECT cdp.count(cdp.timeline_agg('e', now(), NULL, pg_temp.big('m', 200)), 'e')", "1"},
    {"events_beyond", "SELECT cdp.timeline_agg(pg_temp.big('e', 550), now()) FROM generate_series(1, 2)", "54000"},
    {"source", "SELECT cdp.profile_agg('{\"a\": 1}', pg_temp.big('s', 200), now()) ->> 'a'", "1"},
};

class Large : public testing::TestWithParam<Case> {};

TEST_P(Large, EndsWellAndGivesItsMemoryBack) {
  Session session;
  session.run(
      "CREATE FUNCTION pg_temp.big(c text, millions int) RETURNS text LANGUAGE sql VOLATILE AS "
      "$$SELECT repeat(repeat(c, 1000), 1000 * millions)$$");
  session.run("SELECT '{}'::cdp.profile @@ 'a = 1', '[]'::cdp.components, cdp.normalize_phone('1')");
  const long before = session.memory();
  const Outcome outcome = session.run(GetParam().statement);
  const std::string expected = GetParam().expected;
  EXPECT_EQ(outcome.ok() ? outcome.at(0).value_or("NULL").substr(0, 100) : outcome.state(), expected)
      << outcome.whole().substr(0, 500);
  EXPECT_LT(outcome.message().size(), 1000u);
  EXPECT_TRUE(session.alive());
  EXPECT_LT(session.memory() - before, 50 << 20);
}

INSTANTIATE_TEST_SUITE_P(Inputs, Large, testing::ValuesIn(kLarge),
                         [](const auto& info) { return std::string(info.param.name); });

// Text that is not valid UTF-8 is stopped by the server, as text, as a binary parameter, and inside a statement.
class Encoding : public testing::TestWithParam<const char*> {};

TEST_P(Encoding, InvalidTextIsRefused) {
  Session session;
  const std::string call = GetParam();
  ASSERT_TRUE(session.run("SELECT " + call, {{"a"}}, false).state() != "22021");
  for (const std::string& bad : {std::string("a\xc3("), std::string("\xff"), std::string("\xed\xa0\x80"),
                                 std::string("\xc0\x80"), std::string("a\xf4\x90\x80\x80"), std::string("a\xe2\x82")}) {
    EXPECT_EQ(session.run("SELECT " + call, {{bad}}, false).state(), "22021") << call;
    const bool is_text = call.find("$1::text") != std::string::npos;
    if (is_text) {
      EXPECT_EQ(session.run("SELECT " + call, {{bad, cdp::test::kText, true}}, false).state(), "22021") << call;
      EXPECT_EQ(session.run("SELECT " + call, {{std::string("a\0b", 3), cdp::test::kText, true}}, false).state(),
                "22021")
          << call;
    }
    std::string literal = call;
    literal.replace(literal.find("$1"), 2, "'" + bad + "'");
    EXPECT_EQ(session.run("SELECT " + literal).state(), "22021") << call;
  }
  EXPECT_TRUE(session.alive());
}

INSTANTIATE_TEST_SUITE_P(Calls, Encoding,
                         testing::Values("$1::cdp.profile", "$1::cdp.segment", "$1::cdp.components",
                                         "$1::text::cdp.profile", "$1::text::cdp.segment", "$1::text::cdp.components",
                                         "$1::cdp.timeline", "$1::text::cdp.timeline", "cdp.event($1::text, now())",
                                         "cdp.normalize_email($1::text)", "cdp.normalize_name($1::text)",
                                         "cdp.normalize_name('Ada', $1::text)", "cdp.normalize_phone($1::text)",
                                         "cdp.normalize_phone('1', $1::text)", "'{}'::cdp.profile -> $1::text",
                                         "cdp.connected_components_agg($1::text, 'b')",
                                         "cdp.profile_agg('{}', $1::text, now())",
                                         "cdp.connected_components($1::text)"),
                         [](const auto& info) { return std::to_string(info.index); });

// A client in another encoding reads and writes segments, whose binary form is text.
TEST(ClientEncoding, BinarySegmentIsConverted) {
  Session session;
  session.run("SET client_encoding = 'LATIN9'");
  const Oid segment = session.oid("cdp.segment");
  const std::string wire =
      "\x01"
      "city = \"M\xfcnchen \xa4\"";
  const Outcome back = session.run("SELECT $1, $1 = U&'city = \"M\\00fcnchen \\20ac\"'", {{wire, segment, true}}, true);
  ASSERT_TRUE(back.ok()) << back.whole();
  EXPECT_EQ(back.at(0, 0), wire);
  EXPECT_EQ(back.at(0, 1), std::string(1, '\1'));
  session.run("SET client_encoding = 'SQL_ASCII'");
  EXPECT_EQ(session.run("SELECT $1", {{wire, segment, true}}, true).state(), "22P03");
}

}  // namespace
