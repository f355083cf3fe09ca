// Rules about events, identifiers and consents: canonical text, stored form, errors, hostile input.
#include <random>

#include "segment_text.hpp"

namespace cdp::core {
namespace {

using namespace test;

// Each rule in its canonical text.
const char* const kRules[] = {
    "has identifier(\"email\")",
    "identifiers(\"device\") > 3 or identifiers(\"é\\\"\") not between 1 and 2.5",
    "consent(\"marketing\") and not consent(\"\")",
    "in segment \"vip\" and not in segment \"é\\\"\" and attr(\"segment\") = 1",
    "did(\"purchase\")",
    "not did(\"refund\", last 90 days)",
    "did(\"purchase\" where amount > 50 and category = \"shoes\", last 30 days)",
    "did(\"purchase\" where (a = 1 or not b in (1, 2)) and attr(\"Total Amount\") is known and c.d like \"x%\")",
    "did(\"a\" where a = 1 or b not like \"x\" and not (c ilike \"y\" or d starts with \"z\"))",
    "did(\"a\" where a contains 1 and b contains any (1, 2) and c contains all (\"x\") and d is unknown)",
    "did(\"a\" where attr(\"where\") between 1 and 2 and attr(\"last\") not between \"a\" and \"b\")",
    "count(\"purchase\") >= 2",
    "count(\"purchase\" where amount > 50, since date \"2026-01-01\") between 2 and 5",
    "count(\"\", between timestamp \"2026-01-01T10:00:00Z\" and date \"2026-02-01\") != 0.5",
    "sum(\"purchase\".amount, last 90 days) > 500",
    "avg(\"purchase\".attr(\"Total Amount\") where x = 1, last 3 months) <= -1.5",
    "min(\"purchase\".amount) < 1 and max(\"purchase\".item.price where a = 1) > 2",
    "distinct(\"view\".product, last 7 days) >= 5",
    "most_frequent(\"view\".category) = \"shoes\" or most_frequent(\"view\".category) is unknown",
    "most_frequent(\"view\".category where a = 1, last 2 years) in (1, \"x\")",
    "first(\"purchase\") within last 30 days",
    "last(\"purchase\" where a = 1, last 1 year) < date \"2026-01-01\"",
    "last(\"purchase\") between date \"2026-01-01\" and timestamp \"2026-01-01T10:00:00Z\"",
    "first(\"purchase\") is known and last(\"x\") is unknown and last(\"y\") within since date \"2026-01-01\"",
    "last(\"purchase\").amount > 100 and first(\"purchase\" where a = 1, last 3 days).b.c like \"x\"",
    "last(\"purchase\").attr(\"last\") is unknown",
    "days_active(last 30 days) >= 10 and days_active(\"login\") = 1",
    "days_active(\"login\" where a = 1, last 30 days) >= 10",
    "funnel(\"view\", \"cart\", \"purchase\", within 7 days) >= 2",
    "funnel(\"view\", within 1 hour, strict deduplication, strict order, strict once, strict increase, allow reentry, "
    "last 30 days) = 1",
    "funnel(\"view\" where category = \"shoes\", \"cart\", \"purchase\" where a = 1 or not b in (1, 2), within 7 days, "
    "strict order, last 30 days) >= 2",
    "sequence(\"view\" then \"cart\" within 1 hour then not \"refund\" within 7 days then \"purchase\" within 1 day, "
    "last 30 days)",
    "sequence(\"view\" where a = 1 or b = 2 then not \"cart\" where c = 3 then \"x\" where d = 4 within 3 minutes)",
    "not (did(\"a\") and has identifier(\"b\")) or attr(\"count\") = 1",
};

TEST(BehaviourText, IsCanonical) {
  for (const char* text : kRules) {
    SCOPED_TRACE(text);
    const Bytes rule = compiled(text);
    EXPECT_EQ(printed(rule), text);
    EXPECT_NO_THROW(check_segment(as_bytes(rule)));
  }
}

TEST(BehaviourText, BecomesCanonical) {
  const std::pair<const char*, const char*> kCases[] = {
      {"HAS Identifier ( \"email\" )", "has identifier(\"email\")"},
      {"did(\"a\" WHERE ((x=1) and (y=2 and z=3)))", "did(\"a\" where x = 1 and y = 2 and z = 3)"},
      {"did(\"a\" where attr(\"x\") in (2, 1, 2))", "did(\"a\" where x in (1, 2))"},
      {"count ( \"a\" , last 1 days ) = 01e0", nullptr},
      {"sum(\"a\" . b) = 1", "sum(\"a\".b) = 1"},
      {"last(\"a\" where last = 1, last 1 day) . last > 0",
       "last(\"a\" where attr(\"last\") = 1, last 1 day).attr(\"last\") > 0"},
      {"did(\"a\" where where where = 1)", nullptr},
      {"sum(\"a\".where where where = 1) = 1", "sum(\"a\".attr(\"where\") where attr(\"where\") = 1) = 1"},
      {"funnel(\"a\", within 60 seconds) = 1", nullptr},
      {"funnel(\"a\", within 1 hours, allow reentry, strict order, strict order) = 1",
       "funnel(\"a\", within 1 hour, strict order, allow reentry) = 1"},
      {"segment = 1 AND IN Segment \"a\"", "attr(\"segment\") = 1 and in segment \"a\""},
      {"has = 1 and then = 2 and strict = 3 and identifier = 4 and did = 5 and first = 6",
       "attr(\"has\") = 1 and attr(\"then\") = 2 and attr(\"strict\") = 3 and attr(\"identifier\") = 4 and "
       "attr(\"did\") = 5 and attr(\"first\") = 6"},
  };
  for (const auto& [text, expected] : kCases) {
    SCOPED_TRACE(text);
    if (expected == nullptr) {
      EXPECT_EQ(error_of([&] { compiled(text); }).code(), Code::syntax_error);
    } else {
      EXPECT_EQ(printed(compiled(text)), expected);
      EXPECT_EQ(compiled(expected), compiled(text));
    }
  }
}

TEST(BehaviourText, SaysWhatIsWrong) {
  struct Case {
    const char *text, *message, *place, *hint;
  };
  const Case kCases[] = {
      {"count(\"a\") = \"b\"", "\"\"b\"\"", "Line 1, column 14", "Expected a number."},
      {"count(\"a\")", "end of segment", "Line 1, column 11", "\">=\""},
      {"count(\"a\") is known", "\"is\"", "Line 1, column 12", "Expected"},
      {"count(a) = 1", "\"a\"", "Line 1, column 7", "Expected a string."},
      {"cout(\"a\") = 1", "unknown function \"cout\"", "Line 1, column 1", "\"count\""},
      {"days_actve(\"a\") = 1", "unknown function", "Line 1, column 1", "\"days_active\""},
      {"did(\"a\" wher b = 1)", "\"wher\"", "Line 1, column 9", "\"where\""},
      {"did(\"a\" where = 1)", "\"=\"", "Line 1, column 15", "property of the event"},
      {"did(\"a\" where any(b) = 1)", "\"any\"", "Line 1, column 15", "property of the event"},
      {"did(\"a\" where did(\"b\"))", "\"did\"", "Line 1, column 15", "property of the event"},
      {"did(\"a\" where b within last 3 days)", "\"within\"", "Line 1, column 17", "Expected an operator"},
      {"did(\"a\", next 3 days)", "\"next\"", "Line 1, column 10", "\"last\""},
      {"did(\"a\", lat 3 days)", "\"lat\"", "Line 1, column 10", "\"last\""},
      {"did(\"a\") = 1", "\"=\"", "Line 1, column 10", "\"and\""},
      {"sum(\"a\") > 1", "\")\"", "Line 1, column 8", "\".\""},
      {"sum(\"a\".) > 1", "\")\"", "Line 1, column 9", "Expected a name."},
      {"first(\"a\") = 1", "\"1\"", "Line 1, column 14", "\"timestamp\""},
      {"first(\"a\") like \"x\"", "\"like\"", "Line 1, column 12", "Expected"},
      {"first(\"a\") within next 3 days", "\"next\"", "Line 1, column 19", "\"last\""},
      {"funnel(\"a\", \"b\") = 1", "\")\"", "Line 1, column 16", "\",\""},
      {"funnel(\"a\" where b, within 1 day) = 1", "\",\"", "Line 1, column 19", "Expected an operator"},
      {"funnel(\"a\", within 1 month) = 1", "\"1 month\"", "Line 1, column 20", "use minutes"},
      {"funnel(\"a\", within 1 day, strict odrer) = 1", "\"odrer\"", "Line 1, column 34", "\"order\""},
      {"funnel(\"a\", within 1 day, allow reentry) = 1", "allow reentry", "Line 1, column 25", "strict order"},
      {"sequence(\"a\")", "\")\"", "Line 1, column 13", "\"then\""},
      {"sequence(not \"a\" then \"b\")", "\"not\"", "Line 1, column 10", "Expected a string."},
      {"sequence(\"a\" within 1 day then \"b\")", "\"within\"", "Line 1, column 14", "\"then\""},
      {"has identifiers(\"a\")", "\"identifiers\"", "Line 1, column 5", "\"identifier\""},
      {"identifiers(\"a\") = \"x\"", "\"\"x\"\"", "Line 1, column 20", "Expected a number."},
      {"a = did(\"x\")", "\"did\"", "Line 1, column 5", "double quotes"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    const Error error = error_of([&] { compiled(c.text); });
    EXPECT_EQ(error.code(), Code::syntax_error);
    EXPECT_NE(error.message().find(c.message), std::string::npos) << error.message();
    EXPECT_EQ(error.detail().rfind(std::string(c.place) + " ", 0), 0u) << error.detail();
    EXPECT_NE(error.hint().find(c.hint), std::string::npos) << error.hint();
  }
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(BehaviourText, IsBounded) {
  EXPECT_NO_THROW(compiled("sequence(\"a\"" + repeated(" then \"a\"", 63) + ")"));
  EXPECT_NE(error_of([] { compiled("sequence(\"a\"" + repeated(" then \"a\"", 64) + ")"); }).hint().find("64"),
            std::string::npos);
  const std::string deep = "did(\"a\" where " + repeated("not ", 1000) + "b = 1)";
  const Bytes rule = compiled(deep);
  EXPECT_NO_THROW(check_segment(as_bytes(rule)));
  EXPECT_EQ(error_of([&] { compiled("not " + deep); }).code(), Code::too_complex);
  Buffer negated;
  EXPECT_EQ(error_of([&] { negate_segment(Segment(as_bytes(rule)), negated); }).code(), Code::too_complex);
  EXPECT_EQ(error_of([] { compiled("did(\"a\" where " + repeated("(", 100'000)); }).code(), Code::too_complex);
  EXPECT_EQ(error_of([] { compiled(repeated("did(\"a\" where ", 50'000)); }).code(), Code::syntax_error);
}

TEST(BehaviourText, NamesItsEventsAndAttributes) {
  const Bytes rule = compiled(
      "a = 1 and did(\"p\" where b = 1) and (sum(\"q\".c) > 1 or not sequence(\"r\" then not \"s\" where d = 1)) and "
      "funnel(\"t\", \"p\", within 1 day) = 2 and days_active(last 3 days) > 1 and identifiers(\"e\") > 1 and "
      "last(\"é\").f = 1 and consent(\"g\")");
  const auto list = [](const auto& names) { return std::vector<std::string>(names.begin(), names.end()); };
  std::pmr::memory_resource* const heap = std::pmr::get_default_resource();
  EXPECT_EQ(list(attributes_used(Segment(as_bytes(rule)), heap)), std::vector<std::string>{"a"});
  EXPECT_EQ(list(events_used(Segment(as_bytes(rule)), heap)), (std::vector<std::string>{"p", "q", "r", "s", "t", "é"}));
}

Bytes all_rules() {
  std::string text;
  for (const char* rule : kRules) text += (text.empty() ? "(" : " and (") + std::string(rule) + ")";
  return compiled(text);
}

TEST(BehaviourBytes, RefusesEverythingButTheOneForm) {
  int accepted = 0;
  for (const char* text : kRules) {
    const Bytes rule = compiled(text);
    for (std::size_t length = 0; length < rule.size(); ++length)
      EXPECT_EQ(code_of_bytes(rule.substr(0, length)), Code::invalid_binary) << text << length;
    for (std::size_t i = 0; i < rule.size(); ++i) {
      for (int bits = 1; bits < 256; ++bits) {
        Bytes changed = rule;
        changed[i] = static_cast<char>(changed[i] ^ bits);
        if (code_of_bytes(changed) != Code::bug) continue;
        ++accepted;
        EXPECT_EQ(compiled(printed(changed)), changed);
      }
    }
  }
  EXPECT_GT(accepted, 1000);
}

TEST(BehaviourBytes, SurvivesRandomBytes) {
  std::mt19937 random(7);
  const Bytes rule = all_rules();
  ASSERT_EQ(code_of_bytes(rule), Code::bug);
  for (int round = 0; round < 20'000; ++round) {
    Bytes changed = rule;
    for (int changes = 1 + static_cast<int>(random() % 3); changes > 0; --changes)
      changed[12 + random() % (changed.size() - 12)] = static_cast<char>(random());
    if (code_of_bytes(changed) == Code::bug) {
      EXPECT_EQ(compiled(printed(changed)), changed);
    }
  }
}

// A filter in a filter in a filter: what holds no logic must not nest.
TEST(BehaviourBytes, DoesNotNestWithoutLogic) {
  Buffer body;
  for (int i = 0; i < 200'000; ++i) {
    Buffer outer;
    outer.byte(static_cast<std::uint8_t>(Opcode::count));
    if (body.size() > 100'000) break;
    outer.varint(body.size() + 2);
    outer.byte(1);
    outer.byte('a');
    outer.append(body.span());
    body.clear();
    body.byte(static_cast<std::uint8_t>(Opcode::did));
    body.varint(outer.size());
    body.append(outer.span());
  }
  Buffer rule;
  append_segment_header(rule, 1, need::kEvents);
  rule.append(body.span());
  EXPECT_EQ(code_of_bytes(Bytes(as_text(rule.span()))), Code::invalid_binary);
}

TEST(BehaviourText, SurvivesRandomText) {
  const char* const kPieces[] = {"did(",
                                 "\"a\"",
                                 "where",
                                 "b",
                                 "=",
                                 "1",
                                 ")",
                                 ",",
                                 "last",
                                 "3",
                                 "days",
                                 "count(",
                                 ">",
                                 "sum(",
                                 ".",
                                 "c",
                                 "first(",
                                 "within",
                                 "sequence(",
                                 "then",
                                 "not",
                                 "funnel(",
                                 "has",
                                 "identifier(",
                                 "consent(",
                                 "is",
                                 "known",
                                 "and",
                                 "or",
                                 "(",
                                 "days_active(",
                                 "strict",
                                 "order",
                                 "allow",
                                 "in",
                                 "most_frequent("};
  std::mt19937 random(12);
  int read = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::string text = kPieces[random() % 2 == 0 ? 0 : random() % std::size(kPieces)];
    for (int length = static_cast<int>(random() % 10); length >= 0; --length)
      text += std::string(kPieces[random() % std::size(kPieces)]) + (random() % 4 == 0 ? "" : " ");
    try {
      const Bytes rule = compiled(text);
      EXPECT_EQ(compiled(printed(rule)), rule) << text;
      ++read;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::syntax_error) << text;
    }
  }
  EXPECT_GT(read, 10);
}

}  // namespace
}  // namespace cdp::core
