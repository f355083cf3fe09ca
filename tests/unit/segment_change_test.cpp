// When rules change by themselves: exactly, and never late for attributes, consents and anniversaries.
#include <random>

#include "core/profile/builder.hpp"
#include "core/profile/codec.hpp"
#include "core/profile/events.hpp"
#include "segment_text.hpp"
#include "timeline_events.hpp"
#include "zones.hpp"

namespace cdp::core {
namespace {

using namespace test;

std::int64_t at(std::string_view text) { return parse_timestamp(text).value(); }

// Attributes are times, "last_seen" is that of the attribute `seen`; then come a consent and events.
Bytes customer(std::initializer_list<std::pair<const char*, std::int64_t>> attributes, std::vector<Event> events = {}) {
  ProfileBuilder builder(kHeap);
  for (const auto& [name, time] : attributes) {
    Buffer payload;
    append_timestamp_payload(payload, time);
    builder.add_observation(name, {Type::timestamp, builder.copy(payload.span())}, "crm",
                            std::string_view(name) == "seen" ? time : 0);
  }
  auto& consents = builder.sections().facts().consents();
  consents.add({"mail", "crm", at("2026-01-05T10:00:00Z"), true});
  consents.add({"mail", "crm", at("2026-03-05T10:00:00Z"), false});
  Buffer profile, out;
  builder.write(profile);
  if (events.empty()) return Bytes(as_text(profile.span()));
  const Bytes timeline = timeline_of(events);
  attach(ProfileView(profile.span()), as_bytes(timeline), out, kHeap);
  return Bytes(as_text(out.span()));
}

std::string next_of(std::string_view rule, const Bytes& customer, std::string_view as_of) {
  Buffer program, text;
  parse_segment(rule, program, {}, kHeap, &kZonesOfTests);
  print_timestamp(next_change(Segment(program.span()), ProfileView(as_bytes(customer)), at(as_of), {}, &kZonesOfTests),
                  text);
  return std::string(as_text(text.span()));
}

TEST(NextChange, IsWhereAnEdgeMeetsATime) {
  const Bytes one = customer({{"seen", at("2026-03-01T12:00:00Z")},
                              {"due", at("2026-04-10T12:00:00Z")},
                              {"born", at("1990-03-21")},
                              {"leap", at("2000-02-29")}},
                             {{at("2026-03-02T09:00:00Z"), "visit", "{}", {}},
                              {at("2026-03-09T18:00:00Z"), "visit", "{}", {}},
                              {at("2026-03-10T18:00:00Z"), "order", "{}", {}}});
  const char* const kCases[][3] = {
      // rule, as of, next change
      {"country = \"TR\" or due < date \"2026-01-01\" or identifiers(\"a\") > 2", "2026-03-10", "infinity"},
      {"did(\"visit\", last 7 days)", "2026-03-10", "2026-03-16T18:00:00Z"},
      {"did(\"visit\", last 7 days)", "2026-03-09", "2026-03-09T09:00:00Z"},
      {"did(\"visit\", last 7 days)", "2026-03-09T09:00:00Z", "2026-03-09T18:00:00Z"},
      {"did(\"visit\", last 7 days)", "2026-03-20", "infinity"},
      {"count(\"visit\") > 1", "2026-03-01", "2026-03-02T09:00:00Z"},
      {"count(\"visit\") > 1", "2026-03-10", "infinity"},
      {"not did(\"never\", last 7 days)", "2026-03-10", "infinity"},
      {"did(\"visit\", today)", "2026-03-09T12:00:00Z", "2026-03-09T18:00:00Z"},
      {"did(\"visit\", today)", "2026-03-09T20:00:00Z", "2026-03-10T00:00:00Z"},
      {"did(\"visit\", today) in time zone \"Test/East\"", "2026-03-09T20:00:00Z", "2026-03-09T21:00:00Z"},
      {"did(\"visit\", today)", "2026-03-11", "infinity"},
      {"did(\"visit\", previous week)", "2026-03-10", "2026-03-16T00:00:00Z"},
      {"did(\"visit\", last 1 month)", "2026-03-20", "2026-04-03T00:00:00Z"},
      {"did(\"visit\", last 2 calendar months)", "2026-03-20", "2026-05-01T00:00:00Z"},
      {"days_active(last 30 days) > 1", "2026-03-20", "2026-04-01T09:00:00Z"},
      {"last(\"visit\") within last 30 days", "2026-03-20", "2026-04-08T18:00:00Z"},
      {"first(\"visit\", last 10 days) within last 10 days", "2026-03-11", "2026-03-12T09:00:00Z"},
      {"sequence(\"visit\" then \"order\" then not \"visit\" within 3 days)", "2026-03-11", "2026-03-12T18:00:00Z"},
      {"sequence(\"visit\" then \"order\" within 1 day)", "2026-03-11", "infinity"},
      {"funnel(\"visit\", \"order\", within 1 day, last 10 days) = 2", "2026-03-11", "2026-03-12T09:00:00Z"},
      {"freshness(seen) < 10 days", "2026-03-05", "2026-03-11T12:00:00Z"},
      {"freshness(seen) <= 10 days", "2026-03-05", "2026-03-11T12:00:00.000001Z"},
      {"freshness(seen) between 10 days and 20 days", "2026-03-15", "2026-03-21T12:00:00.000001Z"},
      {"freshness(seen) > 1 day", "2026-03-15", "infinity"},
      {"freshness(none) > 1 day", "2026-03-15", "infinity"},
      {"seen within last 2 weeks", "2026-03-10", "2026-03-15T12:00:00Z"},
      {"due within next 2 weeks", "2026-03-10", "2026-03-27T12:00:00Z"},
      {"due within next 2 weeks", "2026-04-01", "2026-04-10T12:00:00Z"},
      {"due within next 2 weeks", "2026-04-11", "infinity"},
      {"due within next month", "2026-03-10", "2026-04-01T00:00:00Z"},
      {"due within this month", "2026-03-10", "2026-04-01T00:00:00Z"},
      {"due within this month", "2026-04-20", "2026-05-01T00:00:00Z"},
      {"due within this month", "2026-05-20", "infinity"},
      {"due within this month in time zone \"Test/East\"", "2026-03-10", "2026-03-31T21:00:00Z"},
      {"due within next 1 month", "2026-03-09", "2026-03-10T00:00:00Z"},
      {"due within next 1 month", "2026-03-10", "2026-04-10T12:00:00Z"},
      {"any(due) within last 1 month", "2026-04-11", "2026-05-11T00:00:00Z"},
      {"due from \"crm\" within since date \"2026-04-01\"", "2026-03-11", "2026-04-10T12:00:00Z"},
      {"due from \"web\" within since date \"2026-04-01\"", "2026-03-11", "infinity"},
      {"due within between date \"2026-04-01\" and date \"2026-05-01\"", "2026-03-11", "infinity"},
      {"born anniversary within next 7 days", "2026-03-10", "2026-03-14T00:00:00Z"},
      {"born anniversary within next 7 days", "2026-03-14", "2026-03-22T00:00:00Z"},
      {"born anniversary within next 7 days", "2026-03-22", "2027-03-14T00:00:00Z"},
      {"born anniversary within today in time zone \"Test/West\"", "2026-03-10", "2026-03-21T08:00:00Z"},
      {"leap anniversary within today", "2026-03-10", "2027-02-28T00:00:00Z"},
      {"leap anniversary within today", "2027-12-10", "2028-02-29T00:00:00Z"},
      {"born anniversary within this month in time zone attr(\"none\")", "2026-03-10", "infinity"},
      {"consent(\"mail\")", "2026-01-01", "2026-01-05T10:00:00Z"},
      {"consent(\"mail\")", "2026-02-01", "2026-03-05T10:00:00Z"},
      {"consent(\"mail\")", "2026-04-01", "infinity"},
      {"consent(\"phone\")", "2026-01-01", "infinity"},
      {"(did(\"visit\", last 7 days) and consent(\"mail\")) or not due within next 2 weeks", "2026-03-03",
       "2026-03-05T10:00:00Z"},
  };
  for (const auto& c : kCases) EXPECT_EQ(next_of(c[0], one, c[1]), c[2]) << c[0] << " as of " << c[1];
}

// What a window of folded events may hold ends with the window reaching their end.
TEST(NextChange, ReachesTheHorizon) {
  TimelineBuilder& builder = cleared_builder();
  const Bytes timeline = timeline_of(std::vector<Event>{{at("2026-03-02T09:00:00Z"), "visit", "{}", {}},
                                                        {at("2026-03-04T09:00:00Z"), "visit", "{}", {}},
                                                        {at("2026-03-09T18:00:00Z"), "visit", "{}", {}}});
  builder.add_timeline(TimelineView(as_bytes(timeline)));
  builder.limit_keep(1);
  const Bytes cut = write(builder);
  Buffer empty, out;
  ProfileBuilder nobody(kHeap);
  nobody.write(empty);
  attach(ProfileView(empty.span()), as_bytes(cut), out, kHeap);
  const Bytes one(as_text(out.span()));
  EXPECT_EQ(next_of("count(\"visit\", last 10 days) >= 3", one, "2026-03-10"), "2026-03-12T09:00:00Z");
  EXPECT_EQ(next_of("count(\"visit\", last 10 days) >= 3", one, "2026-03-13"), "2026-03-14T09:00:00Z");
  EXPECT_EQ(next_of("count(\"visit\", last 10 days) >= 3", one, "2026-03-14T09:00:00Z"), "2026-03-19T18:00:00Z");
}

// Day by day, for windows and anniversaries of random times in random zones.
TEST(NextChange, IsNeverLateAndSeldomEarly) {
  std::mt19937 random(77);
  const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
  int said = 0, changes = 0;
  for (int round = 0; round < 3'000; ++round) {
    const std::int64_t as_of = at("2026-03-20") + (below(120) - 60) * kZoneHour;
    const bool anniversary = below(2) == 0;
    const std::int64_t time =
        as_of + (below(3) * 24 * (below(80) - 40) + below(120)) * kZoneHour - (anniversary ? 366 * 24 * kZoneHour : 0);
    const Bytes bytes = customer({{"t", below(3) == 0 ? time - time % kMicrosecondsPerDay : time}});
    const std::string zone(kTestZones[below(std::size(kTestZones))].name);
    const std::string rule = std::string(anniversary ? "t anniversary within " : "t within ") +
                             kWindowsOfAttributes[below(std::size(kWindowsOfAttributes))] + " in time zone \"" + zone +
                             "\"";
    Buffer program;
    parse_segment(rule, program, {}, kHeap, &kZonesOfTests);
    const Segment segment(program.span());
    const ProfileView profile(as_bytes(bytes));
    const auto truth_at = [&](std::int64_t when) { return evaluate(segment, profile, when, {}, &kZonesOfTests); };
    const std::int64_t next = next_change(segment, profile, as_of, {}, &kZonesOfTests);
    ASSERT_GT(next, as_of);
    for (int hour = 1; hour < 60 * 24 && as_of + hour * kZoneHour - 1 < next; hour += hour < 200 ? 1 : 7)
      ASSERT_EQ(truth_at(as_of + hour * kZoneHour - 1), truth_at(as_of)) << rule << " " << hour;
    if (next == kInfinity) continue;
    ++said;
    changes += truth_at(next) != truth_at(as_of);
  }
  EXPECT_GT(said, 1'500);
  // An anniversary each year, or a date that is left out: one enters as the other leaves.
  EXPECT_GT(changes * 10, said * 9);
}

}  // namespace
}  // namespace cdp::core
