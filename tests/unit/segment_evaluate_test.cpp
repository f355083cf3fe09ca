// Evaluation of segments: truth tables, times, and a naive oracle over random rules and customers.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/profile/builder.hpp"
#include "core/profile/codec.hpp"
#include "core/profile/timestamp.hpp"
#include "core/segment/segment.hpp"

namespace cdp::core {
namespace {

using Bytes = std::string;

constexpr Truth kYes = Truth::yes, kNo = Truth::no, kUnknown = Truth::unknown;

Bytes compiled(std::string_view text) {
  Buffer out;
  parse_segment(text, out);
  return Bytes(as_text(out.span()));
}

// From the text form of a profile.
Bytes profile(std::string_view text) {
  ProfileBuilder builder(std::pmr::new_delete_resource());
  Buffer scratch, out;
  parse_profile(text, builder, scratch, std::pmr::new_delete_resource());
  builder.write(out);
  return Bytes(as_text(out.span()));
}

std::int64_t at(std::string_view text) { return parse_timestamp(text).value(); }

Truth truth(std::string_view rule, const Bytes& customer, std::int64_t as_of = 0) {
  const Bytes bytes = compiled(rule);
  return evaluate(Segment(as_bytes(bytes)), ProfileView(as_bytes(customer)), as_of);
}

std::string quoted(std::string_view text) {
  Buffer out;
  print_json_string(text, out);
  return std::string(as_text(out.span()));
}

// A profile with one attribute of one observation; `value` is JSON, or a time when `type` says so.
Bytes one(std::string_view name, std::string_view value, const char* type = "value",
          std::string_view seen = "2026-01-01T00:00:00Z") {
  return profile("{\"attributes\": {" + quoted(name) + ": [{\"" + type + "\": " + std::string(value) +
                 ", \"source\": \"crm\", \"last_seen\": " + quoted(seen) + "}]}}");
}

struct Case {
  const char* rule;
  Truth expected;
};

void expect_all(const Bytes& customer, std::initializer_list<Case> cases, std::int64_t as_of = 0) {
  for (const Case& c : cases) EXPECT_EQ(truth(c.rule, customer, as_of), c.expected) << c.rule;
}

const char* const kCustomer = R"({"attributes": {
  "age": [{"value": 30, "source": "crm", "last_seen": "2026-01-05T00:00:00Z"},
          {"value": 17, "source": "web", "last_seen": "2026-01-02T00:00:00Z"}],
  "country": [{"value": "TR", "source": "web", "last_seen": "2026-01-03T00:00:00Z"},
              {"value": "RS", "source": "crm", "last_seen": "2026-01-01T00:00:00Z"}],
  "gone": [{"erased": true, "source": "crm", "last_seen": "2026-01-05T00:00:00Z"},
           {"value": "x", "source": "web", "last_seen": "2026-01-02T00:00:00Z"}],
  "vip": [{"value": true, "source": "crm", "last_seen": "2026-01-05T00:00:00Z"}],
  "tags": [{"value": ["a", "b", 3], "source": "crm", "last_seen": "2026-01-05T00:00:00Z"}],
  "none": [{"value": [], "source": "crm", "last_seen": "2026-01-05T00:00:00Z"}],
  "address": [{"value": {"city": "Ankara", "geo": {"zone": 3}, "flat": null}, "source": "crm", "last_seen": "2026-01-05T00:00:00Z"}],
  "mail": [{"value": "Ali.Veli@Example.com", "source": "crm", "last_seen": "2026-01-05T00:00:00Z"}]
}})";

TEST(SegmentTruth, OfComparisons) {
  expect_all(profile(kCustomer), {{"age = 30", kYes},
                                  {"age != 30", kNo},
                                  {"age < 30.5", kYes},
                                  {"age <= 30", kYes},
                                  {"age > 30", kNo},
                                  {"age >= 30.0", kYes},
                                  {"age = \"30\"", kUnknown},
                                  {"age != \"30\"", kUnknown},
                                  {"age = true", kUnknown},
                                  {"vip = true", kYes},
                                  {"vip != true", kNo},
                                  {"country > \"T\"", kYes},
                                  {"country < \"TR \"", kYes},
                                  {"missing = 1", kUnknown},
                                  {"missing != 1", kUnknown},
                                  {"not missing = 1", kUnknown},
                                  {"gone = \"x\"", kUnknown},
                                  {"age between 30 and 30", kYes},
                                  {"age between 31 and 99", kNo},
                                  {"age not between 31 and 99", kYes},
                                  {"age between \"a\" and 10", kNo},
                                  {"age between \"a\" and 50", kUnknown},
                                  {"age not between \"a\" and 10", kYes},
                                  {"missing between 1 and 2", kUnknown},
                                  {"missing not between 1 and 2", kUnknown},
                                  {"age in (1, 30)", kYes},
                                  {"age in (1, 31)", kNo},
                                  {"age in (\"x\", 30)", kYes},
                                  {"age in (\"x\", 31)", kUnknown},
                                  {"age not in (1, 31)", kYes},
                                  {"age not in (30)", kNo},
                                  {"age not in (\"x\")", kUnknown},
                                  {"missing in (1)", kUnknown},
                                  {"missing not in (1)", kUnknown},
                                  {"tags = \"a\"", kUnknown},
                                  {"address = 1", kUnknown}});
}

TEST(SegmentTruth, OfPatterns) {
  expect_all(profile(kCustomer), {{"mail like \"%@Example.com\"", kYes},
                                  {"mail like \"%@example.com\"", kNo},
                                  {"mail ilike \"%@example.COM\"", kYes},
                                  {"mail not like \"%@example.com\"", kYes},
                                  {"mail not ilike \"%@example.com\"", kNo},
                                  {"mail like \"ALI%\"", kNo},
                                  {"mail like \"Ali_Veli%\"", kYes},
                                  {"mail like \"%e%i%e%\"", kYes},
                                  {"mail like \"%\"", kYes},
                                  {"mail like \"\"", kNo},
                                  {"mail like \"%\\\\.com\"", kYes},
                                  {"mail like \"%\\\\%\"", kNo},
                                  {"mail starts with \"Ali.\"", kYes},
                                  {"mail starts with \"ali\"", kNo},
                                  {"mail starts with \"\"", kYes},
                                  {"age like \"3%\"", kUnknown},
                                  {"missing like \"%\"", kUnknown},
                                  {"missing not like \"%\"", kUnknown},
                                  {"missing starts with \"\"", kUnknown},
                                  {"age starts with \"3\"", kUnknown}});
  const Bytes street = one("s", "\"Улица ЂУРЂЕВДАНСКА İ 100%_\\\\\"");
  expect_all(street, {{"s ilike \"улица ђурђевданска%\"", kYes},
                      {"s like \"улица%\"", kNo},
                      {"s like \"_____ %\"", kYes},
                      {"s like \"______ %\"", kNo},
                      {"s like \"%100\\\\%\\\\_\\\\\\\\\"", kYes},
                      {"s like \"%_\\\\%%\"", kYes}});
}

TEST(SegmentTruth, OfPatternsIsNotExponential) {
  const Bytes customer = one("s", "\"" + std::string(20'000, 'a') + "\"");
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "%a";
  EXPECT_EQ(truth("s like \"" + pattern + "%b\"", customer), kNo);
  EXPECT_EQ(truth("s ilike \"" + pattern + "%A\"", customer), kYes);
}

TEST(SegmentTruth, OfLists) {
  expect_all(profile(kCustomer), {{"tags contains \"a\"", kYes},
                                  {"tags contains \"z\"", kUnknown},
                                  {"tags contains 3", kYes},
                                  {"none contains 3", kNo},
                                  {"tags contains any (\"z\", \"b\")", kYes},
                                  {"tags contains any (\"z\", 4)", kUnknown},
                                  {"none contains any (1)", kNo},
                                  {"tags contains all (\"a\", 3)", kYes},
                                  {"tags contains all (\"a\", \"z\")", kUnknown},
                                  {"none contains all (1, 2)", kNo},
                                  {"country contains \"TR\"", kUnknown},
                                  {"missing contains \"TR\"", kUnknown}});
  const Bytes plain = one("tags", "[\"a\", \"b\"]"), holed = one("tags", "[\"a\", null]");
  expect_all(plain, {{"tags contains \"z\"", kNo},
                     {"tags contains any (\"y\", \"z\")", kNo},
                     {"tags contains 1", kUnknown},
                     {"tags contains all (\"a\", \"z\")", kNo},
                     {"not tags contains \"z\"", kYes}});
  expect_all(holed, {{"tags contains \"a\"", kYes}, {"tags contains \"z\"", kUnknown}});
}

TEST(SegmentTruth, OfSources) {
  expect_all(profile(kCustomer), {{"age from \"web\" = 17", kYes},
                                  {"age from \"crm\" = 17", kNo},
                                  {"age from \"shop\" = 17", kUnknown},
                                  {"age from \"shop\" is unknown", kYes},
                                  {"gone from \"crm\" is known", kNo},
                                  {"gone from \"web\" = \"x\"", kYes},
                                  {"missing from \"crm\" = 1", kUnknown},
                                  {"address.city from \"crm\" = \"Ankara\"", kYes},
                                  {"any(age) = 17", kYes},
                                  {"any(age) != 17", kYes},
                                  {"any(age) > 30", kNo},
                                  {"any(age) in (1, 2)", kNo},
                                  {"any(age) not in (30)", kYes},
                                  {"any(age) = \"x\"", kUnknown},
                                  {"any(gone) = \"x\"", kYes},
                                  {"any(gone) = \"y\"", kNo},
                                  {"any(missing) = 1", kUnknown},
                                  {"any(missing) is known", kNo},
                                  {"any(gone) is known", kYes},
                                  {"gone is known", kNo},
                                  {"gone is unknown", kYes},
                                  {"any(address.city) like \"A%\"", kYes},
                                  {"any(address.flat) is known", kNo},
                                  {"any(address.street) = 1", kUnknown}});
}

TEST(SegmentTruth, OfPaths) {
  expect_all(profile(kCustomer), {{"address.city = \"Ankara\"", kYes},
                                  {"address.geo.zone = 3", kYes},
                                  {"address.geo.x = 3", kUnknown},
                                  {"address.flat = 3", kUnknown},
                                  {"address.flat is known", kNo},
                                  {"address.flat is unknown", kYes},
                                  {"address is known", kYes},
                                  {"age.city is known", kNo}});
}

TEST(SegmentTruth, OfOverflowedAttributes) {
  std::string text = "{\"attributes\": {\"c\": [";
  ProfileBuilder builder(std::pmr::new_delete_resource());
  for (int i = 0; i < 40; ++i) {
    Buffer payload;
    payload.append("v" + std::to_string(i));
    builder.add_observation("c", {Type::string, builder.copy(payload.span())}, "crm", i * 1'000'000);
  }
  Buffer out;
  builder.write(out);
  const Bytes customer(as_text(out.span()));
  expect_all(customer, {{"any(c) = \"v39\"", kYes},
                        {"any(c) = \"v1\"", kUnknown},
                        {"any(c) = \"nothing\"", kUnknown},
                        {"not any(c) = \"v1\"", kUnknown},
                        {"any(c) is known", kYes},
                        {"any(c) is unknown", kNo},
                        {"c = \"v39\"", kYes},
                        {"c = \"v1\"", kNo},
                        {"c from \"crm\" = \"v39\"", kYes}});
}

TEST(SegmentTruth, OfLogic) {
  const Bytes customer = one("a", "1");
  const std::map<Truth, std::string> words{{kYes, "a = 1"}, {kNo, "a = 2"}, {kUnknown, "b = 1"}};
  for (const auto& [x, first] : words) {
    EXPECT_EQ(truth("not " + first, customer), x == kUnknown ? kUnknown : (x == kYes ? kNo : kYes));
    for (const auto& [y, second] : words) {
      const bool no = x == kNo || y == kNo, yes = x == kYes || y == kYes, open = x == kUnknown || y == kUnknown;
      EXPECT_EQ(truth(first + " and " + second, customer), no ? kNo : (open ? kUnknown : kYes)) << first << second;
      EXPECT_EQ(truth(first + " or " + second, customer), yes ? kYes : (open ? kUnknown : kNo)) << first << second;
    }
  }
}

Bytes time_of(std::string_view name, std::string_view time) { return one(name, quoted(time), "time"); }

TEST(SegmentTime, Windows) {
  const std::int64_t now = at("2026-03-31T10:00:00Z");
  const auto holds = [&](const char* window, const char* time) {
    return truth(std::string("t within ") + window, time_of("t", time), now) == kYes;
  };
  EXPECT_TRUE(holds("last 30 days", "2026-03-31T10:00:00Z"));
  EXPECT_TRUE(holds("last 30 days", "2026-03-01T10:00:00.000001Z"));
  EXPECT_FALSE(holds("last 30 days", "2026-03-01T10:00:00Z"));
  EXPECT_FALSE(holds("last 30 days", "2026-03-31T10:00:00.000001Z"));
  EXPECT_FALSE(holds("next 2 hours", "2026-03-31T10:00:00Z"));
  EXPECT_TRUE(holds("next 2 hours", "2026-03-31T12:00:00Z"));
  EXPECT_FALSE(holds("next 2 hours", "2026-03-31T12:00:00.000001Z"));
  EXPECT_TRUE(holds("last 1 month", "2026-02-28T00:00:00Z")) << "31 March less a month is 28 February";
  EXPECT_FALSE(holds("last 1 month", "2026-02-27T23:59:59Z"));
  EXPECT_TRUE(holds("last 25 months", "2024-02-29T00:00:00Z"));
  EXPECT_FALSE(holds("last 25 months", "2024-02-28T23:59:59Z"));
  EXPECT_TRUE(holds("next 1 month", "2026-04-30T23:59:59.999999Z"));
  EXPECT_FALSE(holds("next 1 month", "2026-05-01T00:00:00Z"));
  EXPECT_TRUE(holds("last 10000 years", "-4700-01-01T00:00:00Z"));
  EXPECT_FALSE(holds("last 10000 years", "-infinity"));
  EXPECT_FALSE(holds("next 10000 years", "infinity"));
  EXPECT_TRUE(holds("since date \"2026-03-01\"", "2026-03-01T00:00:00Z"));
  EXPECT_FALSE(holds("since date \"2026-03-01\"", "2026-04-01T00:00:00Z"));
  EXPECT_TRUE(holds("between date \"2026-04-01\" and date \"2026-04-02\"", "2026-04-02T00:00:00Z"));
  EXPECT_FALSE(holds("between date \"2026-04-01\" and date \"2026-04-02\"", "2026-04-02T00:00:01Z"));
  EXPECT_EQ(truth("t within last 1 day", one("t", "\"2026-03-31\""), now), kUnknown) << "a string is no time";
  EXPECT_EQ(truth("x within last 1 day", one("t", "1"), now), kUnknown);
}

TEST(SegmentTime, EdgesOfTheCalendarDoNotOverflow) {
  for (const char* time : {"294276-12-31T23:59:59.999999Z", "-4712-01-01T00:00:00Z"}) {
    for (const char* window : {"last 10000 years", "next 10000 years", "next 120000 months", "last 5259492000 minutes",
                               "next 5259492000 minutes", "since timestamp \"-infinity\""}) {
      truth(std::string("t within ") + window, time_of("t", "2026-01-01"), at(time));
      truth(std::string("t within ") + window, time_of("t", time), at(time));
    }
    truth("t anniversary within next 10000 years", time_of("t", time), at(time));
    truth("t anniversary within between timestamp \"-infinity\" and timestamp \"infinity\"", time_of("t", time),
          at(time));
    truth("freshness(t) < 1 day", time_of("t", time), at(time));
  }
}

TEST(SegmentTime, AnniversariesAgreeWithACalendar) {
  const auto leap = [](std::int32_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; };
  std::mt19937 random(3);
  for (const char* birthday : {"1988-02-29", "1990-12-31", "2000-01-01", "1999-03-01", "2026-02-14"}) {
    const Bytes customer = time_of("b", std::string(birthday) + "T15:00:00Z");
    const Date born = date_from_days(at(birthday) / kMicrosecondsPerDay - (at(birthday) < 0 ? 1 : 0));
    const Date exact =
        born.day == 0
            ? born
            : date_from_days(days_from_date({std::stoi(birthday), std::stoi(birthday + 5), std::stoi(birthday + 8)}));
    for (int round = 0; round < 400; ++round) {
      const std::int64_t today = days_from_date({2023, 12, 1}) + static_cast<int>(random() % 1600);
      const int length = static_cast<int>(random() % 20);
      const bool ahead = random() % 2 == 0;
      bool expected = false;
      for (std::int64_t day = ahead ? today : today - length; day <= (ahead ? today + length : today); ++day) {
        const Date date = date_from_days(day);
        const bool moved = exact.month == 2 && exact.day == 29 && !leap(date.year) && date.month == 2 && date.day == 28;
        expected =
            expected || (date.year > exact.year && ((date.month == exact.month && date.day == exact.day) || moved));
      }
      const std::string rule =
          "b anniversary within " + std::string(ahead ? "next " : "last ") + std::to_string(length) + " days";
      const std::int64_t as_of = today * kMicrosecondsPerDay + static_cast<std::int64_t>(random() % 86'400) * 1'000'000;
      ASSERT_EQ(truth(rule, customer, as_of), expected ? kYes : kNo) << birthday << " " << rule << " day " << today;
    }
  }
}

TEST(SegmentTime, Freshness) {
  const Bytes customer = one("a", "1", "value", "2026-01-01T00:00:00Z");
  expect_all(customer,
             {{"freshness(a) < 3 days", kYes},
              {"freshness(a) = 2 days", kYes},
              {"freshness(a) != 48 hours", kNo},
              {"freshness(a) between 1 day and 2 days", kYes},
              {"freshness(a) not between 1 day and 2 days", kNo},
              {"freshness(b) < 3 days", kUnknown},
              {"freshness(a.x) < 3 days", kUnknown},
              {"not freshness(b) < 3 days", kUnknown}},
             at("2026-01-03T00:00:00Z"));
}

// A path may lead into several attributes: what is asked of observations is asked of where the golden value stands.
TEST(Evaluate, ObservationsStandWhereTheGoldenValueDoes) {
  const auto seen = [](const char* value, const char* source) {
    return std::string("[{\"value\": ") + value + ", \"source\": \"" + source +
           "\", \"last_seen\": \"2026-01-01T00:00:00Z\"}]";
  };
  const auto with = [&](const char* outer, const char* inner) {
    return profile("{\"attributes\": {\"a\": " + seen(outer, "crm") + ", \"a.b\": " + seen(inner, "web") + "}}");
  };
  const std::int64_t now = at("2026-01-02");
  const Bytes second = with("{\"x\": 1}", "{\"c\": 2}"), both = with("{\"b\": {\"c\": 1}}", "{\"c\": 2}");
  for (const char* rule :
       {"a.b.c = 2", "any(a.b.c) = 2", "a.b.c from \"web\" = 2", "freshness(a.b.c) = 1 day", "any(a.b.c) is known"})
    EXPECT_EQ(truth(rule, second, now), kYes) << rule;
  for (const char* rule : {"a.b.c = 1", "any(a.b.c) = 1", "a.b.c from \"crm\" = 1", "not any(a.b.c) = 2"})
    EXPECT_EQ(truth(rule, both, now), kYes) << rule;
  EXPECT_EQ(truth("a.b.c from \"web\" is unknown", both, now), kYes);
  EXPECT_EQ(truth("any(a.b.c) is unknown", with("3", "[4]"), now), kYes);
}

}  // namespace
}  // namespace cdp::core
