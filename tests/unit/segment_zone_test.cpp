// Rules in time zones: their text, windows on attributes, anniversaries, and what indexes find of them.
#include <random>

#include "core/profile/builder.hpp"
#include "core/profile/codec.hpp"
#include "indexed.hpp"
#include "segment_text.hpp"
#include "zones.hpp"

namespace cdp::core {
namespace {

using namespace test;

constexpr Truth kYes = Truth::yes, kNo = Truth::no, kUnknown = Truth::unknown;
auto* const kMemory = std::pmr::new_delete_resource();

std::int64_t at(std::string_view text) { return parse_timestamp(text).value(); }

Bytes compiled_in_zones(std::string_view text) {
  Buffer out;
  parse_segment(text, out, {}, kMemory, &kZonesOfTests);
  return Bytes(as_text(out.span()));
}

struct Attribute {
  std::string name;
  std::int64_t time;
};

Bytes customer(std::string_view zone, std::initializer_list<Attribute> attributes) {
  ProfileBuilder builder(kMemory);
  if (!zone.empty()) builder.add_observation("zone", {Type::string, as_bytes(zone)}, "crm", 0);
  for (const Attribute& one : attributes) {
    Buffer payload;
    append_timestamp_payload(payload, one.time);
    const Value value{Type::timestamp, payload.span()};
    builder.add_observation(one.name, {value.type, builder.copy(payload.span())}, "crm", 0);
  }
  Buffer out;
  builder.write(out);
  return Bytes(as_text(out.span()));
}

Truth truth_in(std::string_view rule, const Bytes& customer, std::string_view as_of) {
  const Bytes bytes = compiled_in_zones(rule);
  return evaluate(Segment(as_bytes(bytes)), ProfileView(as_bytes(customer)), at(as_of), {}, &kZonesOfTests);
}

TEST(ZoneText, IsCanonical) {
  const std::pair<const char*, const char*> kCases[] = {
      {"DID(\"a\", Today) IN Time ZONE \"UTC\"", "did(\"a\", today) in time zone \"UTC\""},
      {"did(\"a\", this day) in time zone zone", "did(\"a\", today) in time zone attr(\"zone\")"},
      {"x within previous days in time zone attr(\"a.b\")", "x within yesterday in time zone attr(\"a.b\")"},
      {"x within next day", "x within tomorrow"},
      {"((did(\"a\", this week)))", "did(\"a\", this week)"},
      {"(a = 1 and did(\"a\", previous month)) in time zone \"Test/East\"",
       "a = 1 and did(\"a\", previous month) in time zone \"Test/East\""},
      {"a = 1 and (did(\"a\", last 1 calendar weeks) in time zone \"Test/East\")",
       "a = 1 and (did(\"a\", last 1 calendar week) in time zone \"Test/East\")"},
      {"not (x within next 2 calendar years in time zone \"Test/East\")",
       "not (x within next 2 calendar years in time zone \"Test/East\")"},
      {"not x within next year in time zone \"Test/East\"", "not x within next year in time zone \"Test/East\""},
      {"(a = 1 in time zone \"Test/East\") in time zone \"UTC\"",
       "(a = 1 in time zone \"Test/East\") in time zone \"UTC\""},
      {"x in (1) in time zone \"UTC\" /* one */", "x in (1) in time zone \"UTC\""},
      {"attr(\"today\") = 1 or time = 2 or calendar is known",
       "attr(\"today\") = 1 or attr(\"time\") = 2 or attr(\"calendar\") is known"},
  };
  for (const auto& [text, canonical] : kCases) {
    const Bytes rule = compiled_in_zones(text);
    EXPECT_EQ(printed(rule), canonical) << text;
    EXPECT_EQ(compiled_in_zones(canonical), rule) << text;
    EXPECT_NO_THROW(check_segment(as_bytes(rule), {}, kMemory, &kZonesOfTests)) << text;
  }
}

TEST(ZoneText, SaysWhatIsWrong) {
  const struct {
    const char *text, *part;
  } kCases[] = {
      {"did(\"a\", today) in time zone \"Nowhere\"", "unknown time zone in segment: \"Nowhere\""},
      {"did(\"a\", today) in time zone", "syntax error at end of segment"},
      {"did(\"a\", today) in zone \"UTC\"", "at or near \"zone\""},
      {"did(\"a\", last 2 calendar hours)", "at or near \"hours\""},
      {"did(\"a\", this hour)", "at or near \"hour\""},
      {"did(\"a\", tomorrow)", "at or near \"tomorrow\""},
      {"did(\"a\" where (b = 1 in time zone \"UTC\"))", "at or near \"in\""},
      {"did(\"a\", last week)", "at or near \"week\""},
  };
  for (const auto& c : kCases) {
    const Error error = error_of([&] { compiled_in_zones(c.text); });
    EXPECT_EQ(error.code(), Code::syntax_error) << c.text;
    EXPECT_NE(error.message().find(c.part), std::string::npos) << error.message();
  }
  EXPECT_NE(error_of([] { compiled_in_zones("did(\"a\", last week)"); }).hint().find("previous week"),
            std::string::npos);
  // A server that knows no zones.
  EXPECT_EQ(error_of([] { compiled("a = 1 in time zone \"Test/East\""); }).code(), Code::syntax_error);
}

TEST(ZoneBytes, AreChecked) {
  const auto code_of = [](const Bytes& bytes) {
    try {
      check_segment(as_bytes(bytes), {}, kMemory, &kZonesOfTests);
    } catch (const Error& error) {
      return error.code();
    }
    return Code::bug;  // stands for: accepted
  };
  const Bytes rule = compiled_in_zones("did(\"a\", last 2 calendar days) in time zone \"Test/East\"");
  ASSERT_EQ(code_of(rule), Code::bug);
  for (std::size_t i = 0; i < rule.size(); ++i) {
    for (const int bit : {0, 1, 2, 3, 4, 5, 6, 7}) {
      Bytes other = rule;
      other[i] = static_cast<char>(other[i] ^ (1 << bit));
      const Code code = code_of(other);
      if (code == Code::bug) {
        EXPECT_EQ(compiled_in_zones(printed(other)), other);
      } else {
        EXPECT_TRUE(code == Code::invalid_binary || code == Code::not_supported) << i << " " << bit;
      }
    }
  }
}

TEST(ZoneNeeds, AreToldByTheHeader) {
  const auto needs = [](std::string_view text) { return Segment(as_bytes(compiled_in_zones(text))).needs(); };
  EXPECT_EQ(needs("a = 1"), 0);
  EXPECT_EQ(needs("a = 1 in time zone \"UTC\""), 0);
  EXPECT_EQ(needs("a = 1 in time zone \"Test/East\""), need::kZones);
  EXPECT_EQ(needs("a = 1 or not (did(\"a\") in time zone attr(\"z\"))"), need::kZones | need::kEvents);
  const Bytes zone = compiled_in_zones("a = 1 in time zone \"Test/East\""), events = compiled_in_zones("did(\"a\")");
  Buffer both, not_zone;
  combine_segments(Opcode::all_of, Segment(as_bytes(zone)), Segment(as_bytes(events)), both);
  EXPECT_EQ(printed(Bytes(as_text(both.span()))), "(a = 1 in time zone \"Test/East\") and did(\"a\")");
  EXPECT_EQ(Segment(both.span()).needs(), need::kZones | need::kEvents);
  negate_segment(Segment(as_bytes(zone)), not_zone);
  EXPECT_EQ(printed(Bytes(as_text(not_zone.span()))), "not (a = 1 in time zone \"Test/East\")");
  const Bytes nobody = customer("", {});
  EXPECT_EQ(error_of([&] { evaluate(Segment(as_bytes(zone)), ProfileView(as_bytes(nobody)), 0); }).code(),
            Code::not_supported);
  // One that was a zone when the rule was made.
  Bytes gone = zone;
  gone.replace(gone.find("East"), 4, "Lost");
  EXPECT_EQ(
      error_of([&] { evaluate(Segment(as_bytes(gone)), ProfileView(as_bytes(nobody)), 0, {}, &kZonesOfTests); }).code(),
      Code::invalid_parameter);
}

TEST(ZoneTruth, OfWindowsOnAttributes) {
  const Bytes east = customer("Test/East", {{"seen", at("2026-03-20T22:30:00Z")}, {"due", at("2026-03-21")}});
  const struct {
    const char *rule, *as_of;
    Truth expected;
  } kCases[] = {
      // 01:30 of the 21st in Test/East.
      {"seen within today", "2026-03-21T01:00:00Z", kNo},
      {"seen within yesterday", "2026-03-21T01:00:00Z", kYes},
      {"seen within today in time zone \"Test/East\"", "2026-03-21T01:00:00Z", kYes},
      {"seen within today in time zone \"Test/East\"", "2026-03-20T22:00:00Z", kYes},
      {"seen within yesterday in time zone \"Test/East\"", "2026-03-20T20:00:00Z", kNo},
      {"seen within tomorrow in time zone \"Test/East\"", "2026-03-20T20:00:00Z", kYes},
      // A date is that day, wherever.
      {"due within today in time zone \"Test/West\"", "2026-03-21T09:00:00Z", kYes},
      {"due within today in time zone \"Test/West\"", "2026-03-21T07:00:00Z", kNo},
      {"due within today in time zone \"Test/East\"", "2026-03-20T21:00:00Z", kYes},
      {"due within today in time zone \"Test/East\"", "2026-03-20T20:59:59Z", kNo},
      {"due within since date \"2026-03-21\" in time zone \"Test/East\"", "2026-03-22", kYes},
      {"seen within since date \"2026-03-21\" in time zone \"Test/East\"", "2026-03-22", kYes},
      {"seen within since timestamp \"2026-03-21T00:00:01Z\" in time zone \"Test/East\"", "2026-03-22", kNo},
      // A sliding window is no matter of days: the date is its midnight in UTC.
      {"due within last 1 hour in time zone \"Test/East\"", "2026-03-20T21:30:00Z", kNo},
      {"due within last 1 hour in time zone \"Test/East\"", "2026-03-21T00:30:00Z", kYes},
      {"due within this week", "2026-03-22T23:00:00Z", kYes},
      {"due within previous week", "2026-03-22T23:00:00Z", kNo},
      {"due within previous week in time zone \"Test/East\"", "2026-03-22T23:00:00Z", kYes},
      {"due within next 2 calendar days", "2026-03-20T12:00:00Z", kYes},
      {"due within next 1 calendar day", "2026-03-20T12:00:00Z", kNo},
      {"due within next 1 calendar month", "2026-03-20T12:00:00Z", kYes},
      {"due within last 1 calendar month", "2026-04-01", kNo},
      {"due within last 2 calendar months", "2026-04-01", kYes},
      {"due within this year", "2026-12-31T22:00:00Z", kYes},
      {"due within this year in time zone \"Test/East\"", "2026-12-31T22:00:00Z", kNo},
      {"due within last 0 calendar days", "2026-03-21T12:00:00Z", kNo},
      // Of the customer's own zone, and of none.
      {"seen within today in time zone attr(\"zone\")", "2026-03-21T01:00:00Z", kYes},
      {"seen within today in time zone attr(\"none\")", "2026-03-21T01:00:00Z", kUnknown},
      {"not seen within today in time zone attr(\"seen\")", "2026-03-21T01:00:00Z", kUnknown},
      {"seen within last 2 hours in time zone attr(\"none\")", "2026-03-21T01:00:00Z", kNo},
      {"seen within last 3 hours in time zone attr(\"none\")", "2026-03-21T01:00:00Z", kYes},
      {"seen is known and zone = \"Test/East\" in time zone attr(\"none\")", "2026-03-21T01:00:00Z", kYes},
      {"due anniversary within today in time zone attr(\"none\")", "2027-03-21", kUnknown},
      // Anniversaries: of the local date, of a date as it stands.
      {"due anniversary within today", "2027-03-20T22:00:00Z", kNo},
      {"due anniversary within today in time zone \"Test/East\"", "2027-03-20T22:00:00Z", kYes},
      {"due anniversary within today in time zone \"Test/West\"", "2027-03-21T07:59:59Z", kNo},
      {"due anniversary within today in time zone \"Test/West\"", "2027-03-21T08:00:00Z", kYes},
      {"seen anniversary within today", "2027-03-20T12:00:00Z", kYes},
      {"seen anniversary within today in time zone \"Test/East\"", "2027-03-20T12:00:00Z", kNo},
      {"seen anniversary within tomorrow in time zone \"Test/East\"", "2027-03-20T12:00:00Z", kYes},
      {"seen anniversary within this month in time zone \"Test/East\"", "2027-02-28T22:00:00Z", kYes},
      {"due anniversary within next 2 calendar weeks", "2027-03-08", kYes},
      {"due anniversary within previous year", "2028-01-01", kYes},
  };
  for (const auto& c : kCases) EXPECT_EQ(truth_in(c.rule, east, c.as_of), c.expected) << c.rule << " as of " << c.as_of;
}

// Days that begin at one o'clock, come twice in part, or never come.
TEST(ZoneTruth, OfDaysThatAreNoUsualDays) {
  const Bytes nobody = customer("", {{"a", at("2026-03-20T03:00:00Z")},
                                     {"b", at("2026-03-20T02:59:59Z")},
                                     {"c", at("2026-03-20T21:30:00Z")},
                                     {"d", at("2026-03-21T09:59:59Z")},
                                     {"e", at("2026-03-21T10:00:00Z")}});
  EXPECT_EQ(truth_in("a within today in time zone \"Test/Skip\"", nobody, "2026-03-20T12:00:00Z"), kYes);
  EXPECT_EQ(truth_in("b within today in time zone \"Test/Skip\"", nobody, "2026-03-20T12:00:00Z"), kNo);
  // From 22:00 on it is 23:00 of the 20th again; but what lies after the first midnight, at 21:00, is the 21st.
  EXPECT_EQ(truth_in("c within yesterday in time zone \"Test/Repeat\"", nobody, "2026-03-20T22:30:00Z"), kNo);
  EXPECT_EQ(truth_in("c within today in time zone \"Test/Repeat\"", nobody, "2026-03-20T22:30:00Z"), kYes);
  EXPECT_EQ(truth_in("c within yesterday in time zone \"Test/Repeat\"", nobody, "2026-03-21T23:00:00Z"), kYes);
  // After the 20th comes the 22nd.
  EXPECT_EQ(truth_in("d within yesterday in time zone \"Test/Jump\"", nobody, "2026-03-21T11:00:00Z"), kNo);
  EXPECT_EQ(truth_in("d within last 3 calendar days in time zone \"Test/Jump\"", nobody, "2026-03-21T11:00:00Z"), kYes);
  EXPECT_EQ(truth_in("e within today in time zone \"Test/Jump\"", nobody, "2026-03-21T11:00:00Z"), kYes);
}

// Whatever is true is found by the index, at that time and for any time.
TEST(ZoneIndex, MissesNoMatch) {
  std::mt19937 random(7);
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  int matches = 0, found = 0, others = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::int64_t now = at("2026-03-20") + (below(2) * 11 * 24 + below(120) - 60) * kZoneHour;
    const std::int64_t time = now + (below(3) == 0 ? (below(80) - 40) * 24 : below(120) - 60) * kZoneHour;
    const Bytes bytes = customer("", {{"t", below(3) == 0 ? time - time % kMicrosecondsPerDay : time}});
    const Indexed indexed(bytes);
    const auto zone = std::string(kTestZones[below(std::size(kTestZones))].name);
    const std::string rule = std::string(below(4) == 0 ? "not not t within " : "t within ") +
                             kWindowsOfAttributes[below(std::size(kWindowsOfAttributes))] + " in time zone \"" + zone +
                             "\"";
    const Bytes program = compiled_in_zones(rule);
    const Segment segment(as_bytes(program));
    const bool matched = evaluate(segment, ProfileView(as_bytes(bytes)), now, {}, &kZonesOfTests) == kYes;
    const bool at_once = indexed.found_by(lookup_of(segment, now, kMemory));
    ASSERT_FALSE(matched && !at_once) << rule << " " << (time - now) / kZoneHour;
    ASSERT_FALSE(matched && !indexed.found_by(lookup_of(segment, std::nullopt, kMemory))) << rule;
    ASSERT_FALSE(matched && !indexed.has_one_of(necessary_keys(segment, kMemory))) << rule;
    ++(matched ? matches : others);
    found += !matched && at_once;
  }
  EXPECT_GT(matches, 5'000);
  EXPECT_LT(found, others * 3 / 4);
}

}  // namespace
}  // namespace cdp::core
