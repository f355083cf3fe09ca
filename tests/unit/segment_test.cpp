// The segment language: canonical text, stored form, errors, hostile input.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/segment/segment.hpp"

namespace cdp::core {
namespace {

using Bytes = std::string;

Bytes compiled(std::string_view text) {
  Buffer out;
  parse_segment(text, out);
  return Bytes(as_text(out.span()));
}

std::string printed(const Bytes& rule) {
  Buffer out;
  print_segment(Segment(as_bytes(rule)), out);
  return std::string(as_text(out.span()));
}

std::string canonical(std::string_view text) { return printed(compiled(text)); }

template <typename Body>
Error error_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {Code::bug, ""};
}

Error rejected(std::string_view text) {
  return error_of([&] { compiled(text); });
}

Code code_of_bytes(const Bytes& bytes) {
  try {
    check_segment(as_bytes(bytes));
  } catch (const Error& error) {
    return error.code();
  }
  return Code::bug;  // stands for: accepted
}

TEST(SegmentText, IsCanonical) {
  const std::pair<const char*, const char*> kCases[] = {
      {"a=1", "a = 1"},
      {"  A  =  1.50e1 ", "A = 15"},
      {"a = -0", "a = 0"},
      {"a = \"\\u0041\\u00e9\\ud83d\\ude00\\/\"", "a = \"Aé😀/\""},
      {"a = \"\\u001f\\\"\\\\\\n\"", "a = \"\\u001f\\\"\\\\\\n\""},
      {"a = TRUE or a != False", "a = true or a != false"},
      {"((a = 1)) AND (b = 2 and c = 3)", "a = 1 and b = 2 and c = 3"},
      {"(a = 1 and b = 2) or (c = 3 or d = 4)", "a = 1 and b = 2 or c = 3 or d = 4"},
      {"(a = 1 or b = 2) and c = 3", "(a = 1 or b = 2) and c = 3"},
      {"not (a = 1)", "not a = 1"},
      {"not not a = 1", "not not a = 1"},
      {"not (a = 1 and b = 2)", "not (a = 1 and b = 2)"},
      {"not a = 1 and b = 2", "not a = 1 and b = 2"},
      {"a in (\"b\", 2, true, \"a\", 2.0, 1)", "a in (true, 1, 2, \"a\", \"b\")"},
      {"a not in (1)", "a not in (1)"},
      {"a between 1 and 2 and b not between \"x\" and \"y\"", "a between 1 and 2 and b not between \"x\" and \"y\""},
      {"a like \"x%\" or a not like \"_\" or a ilike \"I\" or a not ilike \"I\"",
       "a like \"x%\" or a not like \"_\" or a ilike \"I\" or a not ilike \"I\""},
      {"a starts with \"x\"", "a starts with \"x\""},
      {"a contains 1 or a contains any (2, 1) or a contains all (\"x\")",
       "a contains 1 or a contains any (1, 2) or a contains all (\"x\")"},
      {"a is known and b is unknown", "a is known and b is unknown"},
      {"attr(\"a\") = 1", "a = 1"},
      {"attr(\"a.b\") = 1", "a.b = 1"},
      {"attr(\"a..b\") = 1", "attr(\"a..b\") = 1"},
      {"attr(\"Loyalty Tier\") = 1", "attr(\"Loyalty Tier\") = 1"},
      {"attr(\"9\") = 1", "attr(\"9\") = 1"},
      {"attr(\"In\") = 1", "attr(\"In\") = 1"},
      {"date = 1 and last = 2 and attr(\"since\") = 3",
       "attr(\"date\") = 1 and attr(\"last\") = 2 and attr(\"since\") = 3"},
      {"count = 1 and a.count = 2", "attr(\"count\") = 1 and a.count = 2"},
      {"any (a.b) > 1 and any(attr(\"x y\")) in (1)", "any(a.b) > 1 and any(attr(\"x y\")) in (1)"},
      {"a from \"crm\" = 1 and a from \"\" is known", "a from \"crm\" = 1 and a from \"\" is known"},
      {"freshness(a) < 30 Days", "freshness(a) < 30 days"},
      {"freshness(a) between 1 minutes and 2 weeks", "freshness(a) between 1 minute and 2 weeks"},
      {"a within last 1 month", "a within last 1 month"},
      {"a within next 0 years", "a within next 0 years"},
      {"a within since timestamp \"2026-01-31 10:00:00.5+03:00\"",
       "a within since timestamp \"2026-01-31T07:00:00.5Z\""},
      {"a within between date \"2026-01-01\" and date \"2026-02-01\"",
       "a within between date \"2026-01-01\" and date \"2026-02-01\""},
      {"a < timestamp \"2026-01-31T00:00:00Z\"", "a < date \"2026-01-31\""},
      {"a < timestamp \"infinity\"", "a < timestamp \"infinity\""},
      {"a < date \"-0043-03-15\"", "a < date \"-0043-03-15\""},
      {"b anniversary within next 7 days", "b anniversary within next 7 days"},
      {"/**/a/* x * / */=/***/1", "a = 1"},
  };
  for (const auto& [text, expected] : kCases) {
    SCOPED_TRACE(text);
    const Bytes rule = compiled(text);
    EXPECT_EQ(printed(rule), expected);
    EXPECT_EQ(compiled(printed(rule)), rule);
    EXPECT_NO_THROW(check_segment(as_bytes(rule)));
  }
}

TEST(SegmentText, SaysWhatIsWrong) {
  struct Case {
    const char *text, *message, *place, *hint;
  };
  const Case kCases[] = {
      {"", "syntax error at end of segment", "Line 1, column 1", "country = \"TR\""},
      {"a = 1\n and\n  b lik \"x\"", "\"lik\"", "Line 3, column 5", "Perhaps you meant \"like\"."},
      {"é = 1", "\"é\"", "Line 1, column 1", "attr"},
      {"\"é\" = 1", "\"\"é\"\"", "Line 1, column 1", "Expected a condition"},
      {"a = \"é\" 5", "\"5\"", "Line 1, column 9", "Expected the end of the segment, \"and\" or \"or\"."},
      {"a b", "\"b\"", "Line 1, column 3", "Expected an operator"},
      {"a not known", "\"known\"", "Line 1, column 7", "Expected \"between\", \"ilike\", \"in\" or \"like\"."},
      {"a = “x”", "\"“x”\"", "Line 1, column 5", "straight double quotes"},
      {"a in [1]", "\"[\"", "Line 1, column 6", "parentheses"},
      {"a like %x%", "\"%\"", "Line 1, column 8", "\"%@example.com\""},
      {"a ~ \"x\"", "\"~\"", "Line 1, column 3", "\"like\""},
      {"a = 1;", "\";\"", "Line 1, column 6", "semicolon"},
      {"a = 1 -- x", "\"-\"", "Line 1, column 7", "/* ... */"},
      {"a-b = 1", "\"-\"", "Line 1, column 2", "attr"},
      {"a >= 2026-01-31", "\"-01\"", "Line 1, column 10", "date \"2026-01-31\""},
      {"a >= 2026-10-31", "\"-10\"", "Line 1, column 10", "date \"2026-01-31\""},
      {"a contains (\"x\")", "\"(\"", "Line 1, column 12", "contains any"},
      {"from = 1", "\"from\"", "Line 1, column 1", "attr(\"from\")"},
      {"cuont(a) = 1", "unknown function \"cuont\"", "Line 1, column 1", "\"count\""},
      {"frobnicate(a) = 1", "unknown function", "Line 1, column 1", "The functions are"},
      {"atr(\"a\") = 1", "unknown function", "Line 1, column 1", "\"attr\""},
      {"a = 1 && b = 2", "\"&&\"", "Line 1, column 7", "\"and\""},
      {"a <> 1", "\"<>\"", "Line 1, column 3", "\"!=\""},
      {"!a = 1", "\"!\"", "Line 1, column 1", "\"not\""},
      {"a = 'x'", "\"'\"", "Line 1, column 5", "double quotes"},
      {"a = null", "\"null\"", "Line 1, column 5", "is unknown"},
      {"a = TR", "\"TR\"", "Line 1, column 5", "\"TR\""},
      {"a = .5", "\".\"", "Line 1, column 5", ""},
      {"a = +5", "\"+\"", "Line 1, column 5", ""},
      {"a = 1x", "\"1x\"", "Line 1, column 5", "JSON"},
      {"a = 1e200000", "number out of range", "Line 1, column 5", "131072"},
      {"a = \"\t\"", "control character", "Line 1, column 6", "escape"},
      {"a = \"\\x\"", "invalid escape", "Line 1, column 6", "JSON"},
      {"a = \"\\u12g4\"", "invalid escape", "Line 1, column 6", "four"},
      {"a = \"\\u12\"", "invalid escape", "Line 1, column 6", "four"},
      {"a = \"\\ud800\"", "invalid escape", "Line 1, column 6", "low"},
      {"a = \"\\ud800\\u0041\"", "invalid escape", "Line 1, column 6", "low"},
      {"a = \"\\udc00\"", "invalid escape", "Line 1, column 6", "high"},
      {"a = \"\\u0000\"", "invalid escape", "Line 1, column 6", "U+0000"},
      {"a = \"", "unterminated string", "Line 1, column 5", "double quote"},
      {"a = \"\\", "unterminated string", "Line 1, column 5", "double quote"},
      {"a = 1 /* ", "unterminated comment", "Line 1, column 7", "*/"},
      {"a like 5", "\"5\"", "Line 1, column 8", "Expected a string."},
      {"a like \"x\\\\\"", "backslash", "Line 1, column 8", "\\\\"},
      {"attr(\"\") = 1", "empty name", "Line 1, column 6", ""},
      {"a within last -1 days", "\"-1\"", "Line 1, column 15", "whole number"},
      {"a within last 99999999999999999999 days", "too long", "Line 1, column 15", "10000 years"},
      {"a within last 1 dya", "\"dya\"", "Line 1, column 17", "\"days\""},
      {"a within 30 days", "\"30\"", "Line 1, column 10", "\"last\""},
      {"b anniversary within last 3 hours", "\"last 3 hours\"", "Line 1, column 22", "whole day"},
      {"freshness(a) = 1 year", "\"1 year\"", "Line 1, column 16", "Months and years"},
      {"freshness(a) is known", "\"is\"", "Line 1, column 14", "Expected"},
      {"a = date \"2026-01-31T10:00:00Z\"", "invalid date", "Line 1, column 10", "2026-01-31"},
      {"a = timestamp \"2026-02-30\"", "invalid timestamp", "Line 1, column 15", ""},
      {"any(a from \"b\") = 1", "\"from\"", "Line 1, column 7", ""},
      {"a = \xff", "invalid byte sequence", "Line 1, column 5", ""},
      {"a = \"\xed\xa0\x80\"", "invalid byte sequence", "Line 1, column 6", ""},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    const Error error = rejected(c.text);
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

TEST(SegmentText, BoundsNesting) {
  const std::string condition = "a = 1";
  EXPECT_EQ(canonical(repeated("(", 1000) + condition + repeated(")", 1000)), condition);
  EXPECT_NO_THROW(canonical(repeated("not ", 1000) + "any(a) in (1)"));
  EXPECT_EQ(rejected(repeated("not ", 1001) + condition).code(), Code::too_complex);
  EXPECT_EQ(rejected(repeated("(", 1001) + condition + repeated(")", 1001)).code(), Code::too_complex);
  EXPECT_EQ(rejected(repeated("(", 1 << 20)).code(), Code::too_complex);
  EXPECT_EQ(rejected(repeated("not(", 1 << 18)).code(), Code::too_complex);
  EXPECT_EQ(rejected(repeated("a=1 and(b=2 or(", 60'000)).code(), Code::too_complex);
  EXPECT_EQ(rejected(repeated(")", 1 << 20)).code(), Code::syntax_error);
  EXPECT_NO_THROW(canonical(condition + repeated(" and not a = 1", 20'000)));
  Buffer deep;
  EXPECT_EQ(
      error_of([&] { negate_segment(Segment(as_bytes(compiled(repeated("not ", 1000) + condition))), deep); }).code(),
      Code::too_complex);
}

TEST(SegmentText, BoundsLength) {
  EXPECT_EQ(rejected(std::string((1 << 20) + 1, ' ')).code(), Code::limit_exceeded);
  std::string numbers;
  for (int i = 0; i < 20; ++i) numbers += "1e" + std::to_string(131'000 + i) + ",";
  EXPECT_EQ(rejected("a in (" + numbers + "1)").code(), Code::limit_exceeded)
      << "each number prints with 131 000 digits";
  EXPECT_NO_THROW(canonical("a = \"" + std::string((1 << 20) - 10, 'x') + "\""));
  std::string list = "a in (0";
  for (int i = 1; i < 100'000; ++i) list += "," + std::to_string(i);
  const Bytes rule = compiled(list + ")");
  EXPECT_EQ(compiled(printed(rule)), rule);
}

TEST(SegmentBytes, RefusesEverythingButTheOneForm) {
  const Bytes rule = compiled(
      "a = 1 and (b in (1, 2, \"x\") or not any(c) like \"a%\") and d from \"crm\" within last 3 months and "
      "freshness(e) < 3 days and f contains any (true, \"y\") and g anniversary within since date \"2026-01-01\"");
  ASSERT_EQ(code_of_bytes(rule), Code::bug);
  for (std::size_t length = 0; length < rule.size(); ++length)
    EXPECT_EQ(code_of_bytes(rule.substr(0, length)), Code::invalid_binary) << length;
  EXPECT_EQ(code_of_bytes(rule + '\0'), Code::invalid_binary);
  Bytes newer = rule;
  newer[1] = 2;
  EXPECT_EQ(code_of_bytes(newer), Code::not_supported);
  // Every change of a byte is refused, or makes another rule that is canonical itself.
  int accepted = 0;
  for (std::size_t i = 0; i < rule.size(); ++i) {
    for (int bits = 1; bits < 256; ++bits) {
      Bytes changed = rule;
      changed[i] = static_cast<char>(changed[i] ^ bits);
      if (code_of_bytes(changed) != Code::bug) continue;
      ++accepted;
      EXPECT_EQ(compiled(printed(changed)), changed);
    }
  }
  EXPECT_GT(accepted, 0);
}

TEST(SegmentBytes, SurvivesRandomBytes) {
  std::mt19937 random(7);
  const Bytes rule =
      compiled("a = 1 and (b in (1, 2, \"x\") or not any(c) like \"a%\") and f contains all (true, \"y\")");
  for (int round = 0; round < 20'000; ++round) {
    Bytes changed = rule;
    for (int changes = 1 + static_cast<int>(random() % 6); changes > 0; --changes)
      changed[12 + random() % (changed.size() - 12)] = static_cast<char>(random());
    if (round % 3 == 0) changed.resize(12 + random() % changed.size());
    if (code_of_bytes(changed) == Code::bug) {
      EXPECT_EQ(compiled(printed(changed)), changed);
    }
  }
}

TEST(SegmentText, SurvivesRandomText) {
  const char* const kPieces[] = {
      "a",           "b.c",  "=",    "!=",      "(",     ")",          "and",
      "or",          "not",  "in",   "like",    "\"x\"", "1",          "-2.5e3",
      "within",      "last", "3",    "days",    ",",     "any(",       "is",
      "known",       "from", "date", "\"\\u00", "\xc3",  "contains",   "between",
      "\"",          "/*",   "*/",   "'",       "attr(", "freshness(", "timestamp \"2026-01-01\"",
      "anniversary", "true", "all"};
  std::mt19937 random(11);
  int read = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (int length = static_cast<int>(random() % 12); length >= 0; --length)
      text += std::string(kPieces[random() % std::size(kPieces)]) + (random() % 4 == 0 ? "" : " ");
    try {
      const Bytes rule = compiled(text);
      EXPECT_EQ(compiled(printed(rule)), rule) << text;
      ++read;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::syntax_error) << text;
      EXPECT_FALSE(error.detail().empty());
    }
  }
  EXPECT_GT(read, 10);
}

TEST(SegmentAlgebra, JoinsFlat) {
  const Bytes a = compiled("a = 1 and b = 2"), b = compiled("c = 3 or d = 4");
  const Segment left(as_bytes(a)), right(as_bytes(b));
  const auto joined = [&](Opcode op, const Segment& x, const Segment& y) {
    Buffer out;
    combine_segments(op, x, y, out);
    check_segment(out.span());
    Buffer text;
    print_segment(Segment(out.span()), text);
    return std::string(as_text(text.span()));
  };
  EXPECT_EQ(joined(Opcode::all_of, left, right), "a = 1 and b = 2 and (c = 3 or d = 4)");
  EXPECT_EQ(joined(Opcode::any_of, left, right), "a = 1 and b = 2 or c = 3 or d = 4");
  EXPECT_EQ(joined(Opcode::all_of, left, left), "a = 1 and b = 2 and a = 1 and b = 2");
  Buffer negated;
  negate_segment(left, negated);
  EXPECT_NO_THROW(check_segment(negated.span()));
}

TEST(SegmentAlgebra, NamesItsAttributes) {
  const Bytes rule =
      compiled("b = 1 and (a.c in (1) or not any(z) is known) and b from \"s\" = 1 and freshness(attr(\"é\")) < 1 day");
  const auto names = attributes_used(Segment(as_bytes(rule)), std::pmr::get_default_resource());
  EXPECT_EQ(std::vector<std::string_view>(names.begin(), names.end()),
            (std::vector<std::string_view>{"a.c", "b", "z", "é"}));
}

TEST(SegmentText, Cancels) {
  static volatile std::sig_atomic_t pending = 1;
  const Poll poll(&pending, [] { throw Error(Code::out_of_memory, "cancelled"); });
  Buffer out;
  EXPECT_EQ(error_of([&] { parse_segment("a = 1", out, poll); }).message(), "cancelled");
}

}  // namespace
}  // namespace cdp::core
