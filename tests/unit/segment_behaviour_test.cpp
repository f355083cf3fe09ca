// What rules about events, identifiers and consents say: what the random oracle does not reach.
#include <chrono>

#include "core/profile/builder.hpp"
#include "core/profile/codec.hpp"
#include "core/profile/events.hpp"
#include "segment_text.hpp"
#include "timeline_events.hpp"

namespace cdp::core {
namespace {

using namespace test;

constexpr Truth kYes = Truth::yes, kNo = Truth::no, kUnknown = Truth::unknown;

std::int64_t at(std::string_view text) { return parse_timestamp(text).value(); }

Bytes profile(std::string_view text) {
  ProfileBuilder builder(kHeap);
  Buffer scratch, out;
  parse_profile(text, builder, scratch, kHeap);
  builder.write(out);
  return bytes_of(out);
}

Bytes with_events(const Bytes& timeline) {
  Buffer out;
  const Bytes empty = profile("{}");
  attach(ProfileView(as_bytes(empty)), as_bytes(timeline), out, kHeap);
  return bytes_of(out);
}

Truth truth(std::string_view rule, const Bytes& customer, std::int64_t as_of) {
  const Bytes bytes = compiled(rule);
  return evaluate(Segment(as_bytes(bytes)), ProfileView(as_bytes(customer)), as_of);
}

struct Case {
  const char* rule;
  Truth expected;
};

void expect_all(const Bytes& customer, std::int64_t as_of, std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(truth(c.rule, customer, as_of), c.expected) << c.rule;
}

std::string explained(std::string_view rule, const Bytes& customer, std::int64_t as_of) {
  const Bytes bytes = compiled(rule);
  std::string all;
  explain(Segment(as_bytes(bytes)), ProfileView(as_bytes(customer)), as_of, [&](const Explanation& one) {
    all += (all.empty() ? "" : "; ") + std::string(one.value) + (one.horizon ? " folded" : "");
  });
  return all;
}

TEST(BehaviourTruth, OfIdentifiersAndConsents) {
  const Bytes customer = profile(R"({
    "identifiers": {"email": [{"value": "a@x", "source": "crm", "first_seen": "2026-01-01", "last_seen": "2026-01-02"},
                              {"value": "b@x", "source": "crm", "first_seen": "2026-01-01", "last_seen": "2026-01-02"},
                              {"value": "b@x", "source": "web", "first_seen": "2026-01-01", "last_seen": "2026-01-02"}]},
    "consents": {"marketing": [{"granted": true, "source": "crm", "at": "2026-01-10"},
                               {"granted": false, "source": "crm", "at": "2026-01-20"}]}})");
  expect_all(customer, at("2026-01-15"),
             {{"has identifier(\"email\")", kYes},
              {"has identifier(\"device\")", kNo},
              {"identifiers(\"email\") = 2", kYes},
              {"identifiers(\"email\") between 2.5 and 3", kNo},
              {"identifiers(\"device\") < 1", kYes},
              {"consent(\"marketing\")", kYes},
              {"consent(\"other\")", kNo}});
  EXPECT_EQ(truth("consent(\"marketing\")", customer, at("2026-01-09T23:59:59Z")), kNo);
  EXPECT_EQ(truth("consent(\"marketing\")", customer, at("2026-01-10")), kYes);
  EXPECT_EQ(truth("not consent(\"marketing\")", customer, at("2026-01-20")), kYes);
  EXPECT_EQ(explained("has identifier(\"email\") and consent(\"marketing\")", customer, at("2026-01-15")), "2; true");
}

Bytes purchases(int count, std::uint32_t keep) {
  std::vector<Event> events;
  for (int i = 1; i <= count; ++i)
    events.push_back({at("2026-01-01") + i * kMicrosecondsPerDay,
                      "purchase",
                      "{\"amount\": " + std::to_string(i * 10) + ", \"item\": {\"price\": 1}}",
                      {}});
  return with_events(timeline_of(events, keep));
}

TEST(BehaviourTruth, OfWhatIsFolded) {
  const Bytes customer = purchases(10, 3);  // the 2nd to the 8th are folded
  const std::int64_t now = at("2026-01-15");
  expect_all(customer, now,
             {{"count(\"purchase\") = 10", kYes},
              {"sum(\"purchase\".amount) = 550", kYes},
              {"avg(\"purchase\".amount) = 55", kYes},
              {"avg(\"purchase\".amount) > 55.0000000001", kNo},
              {"sum(\"purchase\".item.price) = 10", kUnknown},
              {"min(\"purchase\".amount) < 1000", kUnknown},
              {"sum(\"purchase\".none) = 0", kYes},
              {"max(\"purchase\".none) = 0", kUnknown},
              {"count(\"purchase\", last 9 days) = 5", kUnknown},
              {"count(\"purchase\", last 9 days) between 4 and 9", kYes},
              {"count(\"purchase\", last 9 days) > 9", kNo},
              {"count(\"purchase\", last 6 days) = 2", kYes},
              {"did(\"purchase\", last 9 days)", kYes},
              {"did(\"purchase\" where amount > 1000)", kUnknown},
              {"did(\"purchase\" where amount > 1000, last 6 days)", kNo},
              {"first(\"purchase\") = date \"2026-01-02\"", kYes},
              {"first(\"purchase\", last 9 days) within last 9 days", kYes},
              {"first(\"purchase\", last 9 days) > date \"2026-01-08\"", kNo},
              {"first(\"purchase\", last 9 days) is known", kYes},
              {"first(\"purchase\" where amount > 1000) is known", kUnknown},
              {"first(\"purchase\" where amount > 80) <= date \"2026-01-10\"", kYes},
              {"first(\"purchase\").amount = 10", kUnknown},
              {"last(\"purchase\") = date \"2026-01-11\"", kYes},
              {"last(\"purchase\").amount = 100", kYes},
              {"most_frequent(\"purchase\".amount) is known", kYes},
              {"most_frequent(\"purchase\".amount) = 80", kUnknown},
              {"distinct(\"purchase\".amount) >= 3", kYes},
              {"distinct(\"purchase\".amount) > 10", kNo},
              {"days_active(last 6 days) = 2", kYes},
              {"days_active(\"purchase\") >= 4", kUnknown},
              {"funnel(\"purchase\", \"purchase\", within 1 day) = 2", kYes},
              {"sequence(\"purchase\" then \"purchase\" within 1 day)", kYes},
              {"sequence(\"purchase\" where amount = 10 then \"purchase\")", kUnknown},
              {"sequence(\"purchase\" then \"refund\")", kNo},
              {"sequence(\"purchase\" where amount = 10 then \"purchase\", last 6 days)", kNo}});
  EXPECT_EQ(
      explained("count(\"purchase\", last 9 days) > 1 and first(\"purchase\", last 9 days) is known and did(\"x\") and "
                "sum(\"purchase\".amount, last 9 days) > 1 and last(\"purchase\").amount = 1 and "
                "avg(\"purchase\".amount) = 1 and days_active(last 6 days) = 1",
                customer, now),
      "{\"least\": 4, \"most\": 9} folded; {\"least\": \"2026-01-06T00:00:00.000001Z\", \"most\": "
      "\"2026-01-08T00:00:00Z\"} folded; 0;  folded; 100 folded; 55 folded; 2 folded");
  // As of a time among what is folded.
  expect_all(customer, at("2026-01-05"),
             {{"count(\"purchase\") = 10", kNo},
              {"count(\"purchase\") between 1 and 7", kYes},
              {"sum(\"purchase\".amount) > 0", kUnknown},
              {"first(\"purchase\") = date \"2026-01-02\"", kYes},
              {"last(\"purchase\") < date \"2026-01-06\"", kYes},
              {"last(\"purchase\") is known", kYes},
              {"did(\"purchase\", last 2 days)", kUnknown}});
  expect_all(customer, at("2026-01-01"), {{"count(\"purchase\") = 0", kYes}, {"did(\"purchase\")", kNo}});
}

TEST(BehaviourTruth, OfAbsence) {
  std::vector<Event> events = {{at("2026-01-01"), "view", "{}", {}},
                               {at("2026-01-01T01:00:00Z"), "cart", "{}", {}},
                               {at("2026-01-01T03:00:00Z"), "purchase", "{}", {}}};
  const Bytes customer = with_events(timeline_of(events));
  expect_all(customer, at("2026-01-01T03:00:00Z"),
             {{"sequence(\"view\" then \"cart\" within 1 hour)", kYes},
              {"sequence(\"view\" then \"cart\" within 59 minutes)", kNo},
              {"sequence(\"cart\" then not \"purchase\" within 1 hour)", kYes},
              {"sequence(\"cart\" then not \"purchase\" within 2 hours)", kNo},
              {"sequence(\"cart\" then not \"purchase\" within 119 minutes)", kYes},
              {"sequence(\"cart\" then not \"refund\" within 2 hours)", kYes},
              {"sequence(\"cart\" then not \"refund\" within 121 minutes)", kNo},
              {"sequence(\"cart\" then not \"purchase\")", kNo},
              {"sequence(\"cart\" then not \"refund\")", kYes},
              {"sequence(\"view\" then not \"cart\" then \"purchase\")", kNo},
              {"sequence(\"view\" then not \"purchase\" then \"cart\" then not \"view\")", kYes},
              {"sequence(\"cart\" then not \"purchase\" within 1 hour then \"purchase\")", kYes},
              {"sequence(\"view\" then not \"cart\" within 1 hour then \"purchase\")", kNo},
              {"sequence(\"cart\" then not \"purchase\" within 1 hour, between date \"2026-01-01\" and timestamp "
               "\"2026-01-01T01:00:00Z\")",
               kYes}});
  EXPECT_EQ(truth("sequence(\"cart\" then not \"purchase\" within 1 hour)", customer, at("2026-01-01T01:59:59Z")), kNo)
      << "the hour is not over";
}

TEST(BehaviourTruth, NeedsTheEventsOfADetachedProfile) {
  Buffer detached;
  detach(ProfileView(as_bytes(purchases(3, 1000))), detached, kHeap);
  const Bytes customer = bytes_of(detached);
  for (const char* rule : {"did(\"x\")", "a is unknown or did(\"purchase\")", "a is known and not sum(\"p\".a) > 1"}) {
    const Error error = error_of([&] { truth(rule, customer, 0); });
    EXPECT_EQ(error.code(), Code::invalid_parameter);
    EXPECT_NE(error.hint().find("profile || timeline"), std::string::npos);
    EXPECT_EQ(error_of([&] { explained(rule, customer, 0); }).code(), Code::invalid_parameter);
  }
  EXPECT_EQ(truth("a is unknown and identifiers(\"x\") = 0", customer, 0), kYes);
}

TEST(BehaviourTruth, OfNumbersThatAreLong) {
  std::vector<Event> events;
  for (int i = 0; i < 3; ++i)
    events.push_back({at("2026-01-01") + i,
                      "a",
                      "{\"n\": 1000000000000000000000000000000000000000.5, \"m\": 9223372036854775807}",
                      {}});
  const Bytes customer = with_events(timeline_of(events));
  expect_all(customer, at("2026-01-02"),
             {{"count(\"a\") < 1e300", kYes},
              {"count(\"a\") > -1e300", kYes},
              {"count(\"a\") = 1e300", kNo},
              {"count(\"a\") != 1e300", kYes},
              {"count(\"a\") between -1e300 and 1e300", kYes},
              {"count(\"a\") >= 3.0000000000000000000000001", kNo},
              {"count(\"a\") > 2.9999999999999999999999999", kYes},
              {"count(\"a\") >= -0.0000000000000000000000001", kYes},
              {"count(\"a\") between 3 and 3.0000000000000000000000001", kYes},
              {"sum(\"a\".n) = 3000000000000000000000000000000000000001.5", kYes},
              {"sum(\"a\".m) = 27670116110564327421", kYes},
              {"sum(\"a\".m) > 27670116110564327421.00000000000000000000001", kNo},
              {"avg(\"a\".n) = 1000000000000000000000000000000000000000.5", kYes},
              {"avg(\"a\".n) between 1e39 and 1e40", kYes},
              {"max(\"a\".m) = 9223372036854775807", kYes},
              {"did(\"a\" where n > 1e39 and m >= 9223372036854775807 and m < 9223372036854775808)", kYes},
              {"did(\"a\" where m > 9223372036854775807)", kNo},
              {"did(\"a\" where m < 1e300 and m > -1e300 and m != 0.00000000000000000000000001)", kYes}});
}

// 40 000 events, of 40 names, in the order that suits backtracking least.
Bytes many_events(std::int64_t apart) {
  TimelineBuilder& builder = cleared_builder();
  for (int i = 0; i < 40'000; ++i) {
    const std::string name = "e" + std::to_string(i % 40);
    builder.add_event(at("2026-01-01") + i * apart, name, as_text(builder.copy(as_bytes(std::to_string(i)))), {});
  }
  return with_events(write(builder));
}

TEST(BehaviourTruth, IsLinearInTheNumberOfEvents) {
  std::string same = "sequence(\"e0\"", all = same, absent = same;
  for (int i = 1; i < 62; ++i) {
    same += " then \"e0\" within 1 minute";
    all += " then \"e" + std::to_string(i % 40) + "\"";
    if (i < 31) absent += " then not \"x\" then \"e" + std::to_string(i % 20) + "\"";
  }
  const std::int64_t now = at("2026-12-31");
  const auto began = std::chrono::steady_clock::now();
  for (const std::int64_t apart : {0, 1, 1'000'000}) {
    const Truth at_once = apart == 0 ? kYes : kNo;
    const Bytes customer = many_events(apart);
    EXPECT_EQ(truth(same + " then \"x\")", customer, now), kNo) << "no such event";
    EXPECT_EQ(truth(same + " then \"e1\" within 0 minutes)", customer, now), at_once);
    EXPECT_EQ(truth(same + " then not \"e0\")", customer, now), kYes);
    EXPECT_EQ(truth(all + " then \"e5\" then not \"e5\" within 52 weeks)", customer, now), at_once);
    EXPECT_EQ(truth(all + ")", customer, now), kYes);
    EXPECT_EQ(truth(absent + ")", customer, now), kYes);
    EXPECT_EQ(truth("funnel(\"e0\", \"e1\", \"e2\", \"e3\", within 0 minutes) = 4", customer, now), at_once);
    EXPECT_EQ(truth("days_active(last 1 year) = 1", customer, now), kYes);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}

TEST(BehaviourTruth, AllocatesNothing) {
  std::vector<Event> events;
  for (int i = 0; i < 20; ++i)
    events.push_back(
        {at("2026-01-01") + i * 3'600'000'000,
         i % 3 == 0 ? "view" : "purchase",
         "{\"amount\": " + std::to_string(i * 10) + ".5, \"category\": \"c" + std::to_string(i % 4) + "\"}",
         {}});
  const Bytes customer = with_events(timeline_of(events));
  const ProfileView view(as_bytes(customer));
  for (const char* rule :
       {"did(\"purchase\", last 7 days)",
        "count(\"purchase\" where amount > 50 and category = \"c1\", last 30 days) >= 2",
        "sum(\"purchase\".amount, last 90 days) > 500", "avg(\"purchase\".amount) > 5.5",
        "min(\"purchase\".amount) > 0", "distinct(\"view\".category) >= 2", "most_frequent(\"view\".category) = \"c1\"",
        "first(\"view\") within last 1 day", "last(\"purchase\" where amount < 100).category in (\"c1\", \"c2\")",
        "days_active(last 30 days) >= 10", "funnel(\"view\", \"purchase\", within 7 days) >= 2",
        "sequence(\"view\" then \"purchase\" where amount > 10 within 1 day then not \"x\" within 1 hour)"}) {
    const Bytes bytes = compiled(rule);
    std::pmr::memory_resource* const before = std::pmr::set_default_resource(std::pmr::null_memory_resource());
    EXPECT_NO_THROW(evaluate(Segment(as_bytes(bytes)), view, at("2026-01-03"))) << rule;
    std::pmr::set_default_resource(before);
  }
}

}  // namespace
}  // namespace cdp::core
