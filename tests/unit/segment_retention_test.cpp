// Rules beside how long events are kept.
#include "segment_text.hpp"

namespace cdp::core {
namespace {

using namespace test;

constexpr std::int64_t kDay = 86'400'000'000;

TEST(Retention, RefusesWindowsThatReachFurtherBack) {
  const struct {
    const char* rule;
    int needed;  // days; 0: none
  } kCases[] = {
      {"a within last 90 days and consent(\"x\") or identifiers(\"y\") > 1", 0},
      {"count(\"a\") > 1", 0},
      {"did(\"a\", since date \"2020-01-01\")", 0},
      {"did(\"a\", between date \"2020-01-01\" and date \"2021-01-01\")", 0},
      {"did(\"a\", last 90 days)", 90},
      {"not did(\"a\", last 2 weeks)", 14},
      {"b = 1 or (count(\"a\" where c = 1, last 36 hours) = 0 in time zone \"UTC\")", 2},
      {"sum(\"a\".b, last 12 months) > 1", 365},
      {"last(\"a\", last 1 month) is known", 28},
      {"days_active(last 3 calendar days) > 1", 3},
      {"did(\"a\", today)", 1},
      {"did(\"a\", this week)", 7},
      {"did(\"a\", this month)", 28},
      {"did(\"a\", last 2 calendar months)", 59},
      {"did(\"a\", this year)", 365},
      {"did(\"a\", previous week)", 14},
      {"did(\"a\", yesterday)", 2},
      {"funnel(\"a\", \"b\", within 99 days, last 30 days) = 1", 30},
      {"sequence(\"a\" then not \"b\" within 99 days, last 5 days)", 5},
      {"did(\"a\", last 1 day) and did(\"b\", last 8 days)", 8},
  };
  for (const auto& c : kCases) {
    const Bytes rule = compiled(c.rule);
    const Segment segment(as_bytes(rule));
    EXPECT_NO_THROW(check_retention(segment, c.needed * kDay)) << c.rule;
    if (c.needed == 0) continue;
    const Error error = error_of([&] { check_retention(segment, (c.needed - 1) * kDay); });
    EXPECT_EQ(error.code(), Code::invalid_parameter) << c.rule;
    const std::string days = std::to_string(c.needed) + (c.needed == 1 ? " day;" : " days;");
    EXPECT_NE(error.detail().find("at least " + days), std::string::npos) << error.detail();
  }
}

}  // namespace
}  // namespace cdp::core
