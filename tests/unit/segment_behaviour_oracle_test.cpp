// Random rules about random events: what a naive oracle says, and what cutting may change.
#include "core/profile/builder.hpp"
#include "core/profile/events.hpp"
#include "effort.hpp"
#include "event_rules_made.hpp"
#include "indexed.hpp"

namespace cdp::core {
namespace {

using namespace test;

Bytes with_events(const Bytes& timeline, const std::optional<std::string>& zone) {
  ProfileBuilder builder(kHeap);
  Buffer empty, out;
  if (zone) builder.add_observation("time zone", {Type::string, as_bytes(*zone)}, "crm", kBase);
  builder.write(empty);
  attach(ProfileView(empty.span()), as_bytes(timeline), out, kHeap);
  return bytes_of(out);
}

Bytes shortened(const Bytes& timeline, std::uint32_t keep, std::int64_t cut) {
  TimelineBuilder& builder = cleared_builder();
  builder.add_timeline(TimelineView(as_bytes(timeline)));
  builder.limit_keep(keep);
  builder.cut(cut);
  return write(builder);
}

struct Customer {
  Happenings happenings;
  Bytes profile;
  std::vector<Bytes> cut;  // the same customer with less kept
};

Customer random_customer(EventRules& rules) {
  std::vector<Event> events;
  const int grain = 1 + rules.below(8), names = 1 + rules.below(4), most = rules.below(14);
  const int sets = rules.below(2) == 0 ? 10 : 11;
  for (int i = 0; i < most; ++i) {
    Event event{kBase + (rules.below(100 / grain) - 50 / grain) * grain * kHour,
                std::string(1, static_cast<char>('a' + rules.below(names))),
                "{}",
                {}};
    if (rules.below(60) == 0) event.time = rules.below(2) == 0 ? INT64_MIN : INT64_MAX;
    event.properties = property_sets()[static_cast<std::size_t>(rules.below(sets))].first;
    events.push_back(event);
  }
  const Bytes timeline = timeline_of(events);
  Customer customer;
  if (rules.below(4) != 0) {
    const int zone = rules.below(7);
    customer.happenings.zone =
        zone < 5 ? std::string(kTestZones[zone].name) : std::string(zone == 5 ? "UTC" : "Test/Nowhere");
  }
  customer.profile = with_events(timeline, customer.happenings.zone);
  for (const Event& event : events_of(timeline)) {
    const auto set = std::find_if(property_sets().begin(), property_sets().end(),
                                  [&](const auto& one) { return one.first == event.properties; });
    customer.happenings.push_back({event.time, event.name, &set->second});
  }
  for (int i = 0; i < 3; ++i) {
    const std::int64_t cut = rules.below(2) == 0 ? INT64_MIN : kBase + (rules.below(100) - 50) * kHour;
    const auto keep = static_cast<std::uint32_t>(rules.below(2) == 0 ? 1000 : 1 + rules.below(4));
    customer.cut.push_back(with_events(shortened(timeline, keep, cut), customer.happenings.zone));
  }
  return customer;
}

std::string shown(const Customer& customer) {
  std::string all = "\n";
  for (const Happening& one : customer.happenings) {
    const auto set = std::find_if(property_sets().begin(), property_sets().end(),
                                  [&](const auto& known) { return &known.second == one.properties; });
    all += std::to_string((one.time - kBase) / kHour) + " " + one.name + " " + set->first + "\n";
  }
  return all;
}

TEST(BehaviourOracle, AgreesAndCuttingOnlyForgets) {
  EventRules rules(seed(2027));
  std::vector<Customer> customers;
  for (int i = 0; i < 300; ++i) customers.push_back(random_customer(rules));
  int counts[3] = {}, kept[3] = {}, forgotten = 0;
  for (int round = 0; round < rounds(12'000); ++round) {
    const EventRule rule = rules.rule(round % 3);
    Buffer program, text, again;
    parse_segment(rule.text, program, {}, kHeap, &kZonesOfTests);
    print_segment(Segment(program.span()), text);
    parse_segment(as_text(text.span()), again, {}, kHeap, &kZonesOfTests);
    ASSERT_EQ(as_text(again.span()), as_text(program.span())) << rule.text;
    if (round % 10 == 0) check_segment(program.span(), {}, kHeap, &kZonesOfTests);
    for (int i = 0; i < 20; ++i) {
      const Customer& customer = customers[static_cast<std::size_t>(rules.below(static_cast<int>(customers.size())))];
      const std::int64_t as_of = kBase + (rules.below(140) - 60) * kHour;
      const Truth expected = rule.decide(customer.happenings, as_of);
      const Segment segment(program.span());
      ASSERT_EQ(evaluate(segment, ProfileView(as_bytes(customer.profile)), as_of, {}, &kZonesOfTests), expected)
          << rule.text << " as of " << (as_of - kBase) / kHour << shown(customer);
      ++counts[static_cast<int>(expected)];
      for (const Bytes& cut : customer.cut) {
        const Truth less = evaluate(segment, ProfileView(as_bytes(cut)), as_of, {}, &kZonesOfTests);
        if (less != kUnknown) {
          ASSERT_EQ(less, expected) << rule.text << " as of " << (as_of - kBase) / kHour << shown(customer);
          ++kept[static_cast<int>(less)];
        } else if (expected != kUnknown) {
          ++forgotten;
        }
      }
    }
  }
  for (const int count : counts) EXPECT_GT(count, 5'000);
  report_combinations(counts);
  EXPECT_GT(kept[0], 50'000);
  EXPECT_GT(kept[1], 50'000);
  EXPECT_GT(forgotten, 10'000);
}

// Whatever is true of a customer, whose events may be folded, is found by the names of the events.
TEST(BehaviourOracle, IndexesMissNoMatch) {
  EventRules rules(seed(2028));
  std::vector<std::pair<Bytes, Indexed>> customers;
  for (int i = 0; i < 100; ++i) {
    const Customer customer = random_customer(rules);
    customers.emplace_back(customer.profile, Indexed(customer.profile));
    customers.emplace_back(customer.cut[0], Indexed(customer.cut[0]));
  }
  int matches = 0, others = 0, found = 0, percolated = 0;
  for (int round = 0; round < rounds(6'000); ++round) {
    Buffer program;
    parse_segment(rules.rule(round % 3).text, program, {}, kHeap, &kZonesOfTests);
    const Segment segment(program.span());
    const Lookup ever = lookup_of(segment, std::nullopt, kHeap);
    const auto necessary = necessary_keys(segment, kHeap);
    for (int i = 0; i < 20; ++i) {
      const auto& [profile, indexed] = customers[static_cast<std::size_t>(rules.below(200))];
      const std::int64_t as_of = kBase + (rules.below(140) - 60) * kHour;
      const bool matched = evaluate(segment, ProfileView(as_bytes(profile)), as_of, {}, &kZonesOfTests) == kYes;
      const bool any = indexed.found_by(ever), one = indexed.has_one_of(necessary);
      Buffer text;
      print_segment(segment, text);
      ASSERT_FALSE(matched && !any) << as_text(text.span());
      ASSERT_FALSE(matched && !one) << as_text(text.span());
      ++(matched ? matches : others);
      found += !matched && any;
      percolated += !matched && one;
    }
  }
  EXPECT_GT(matches, 10'000);
  EXPECT_LT(found, others * 8 / 10);
  EXPECT_LT(percolated, others * 9 / 10);
}

// Looked at in small steps, nothing changes before it is said to; and what is said is seldom far too early.
TEST(BehaviourOracle, NextChangeIsNeverLate) {
  EventRules rules(seed(2029));
  std::vector<Customer> customers;
  for (int i = 0; i < 200; ++i) customers.push_back(random_customer(rules));
  int changes = 0, said = 0, never = 0, at_once = 0;
  for (int round = 0; round < rounds(6'000); ++round) {
    const EventRule rule = rules.rule(round % 3);
    Buffer program;
    parse_segment(rule.text, program, {}, kHeap, &kZonesOfTests);
    const Segment segment(program.span());
    for (int i = 0; i < 4; ++i) {
      const Customer& customer = customers[static_cast<std::size_t>(rules.below(200))];
      const Bytes& bytes = i % 2 == 0 ? customer.profile : customer.cut[static_cast<std::size_t>(rules.below(3))];
      const ProfileView profile(as_bytes(bytes));
      const std::int64_t as_of = kBase + (rules.below(140) - 60) * kHour + rules.below(3) - 1;
      const std::int64_t next = next_change(segment, profile, as_of, {}, &kZonesOfTests);
      ASSERT_GT(next, as_of);
      const auto truth_at = [&](std::int64_t time) { return evaluate(segment, profile, time, {}, &kZonesOfTests); };
      const Truth now = truth_at(as_of);
      for (int step = 1; step < 3 * 70; ++step) {
        const std::int64_t time = naive_floor(as_of + step / 3 * kHour, kHour) * kHour + step % 3 - 1;
        if (time <= as_of || time >= next) continue;
        ASSERT_EQ(truth_at(time), now) << rule.text << " as of " << as_of - kBase << ", " << (time - as_of) << " later";
      }
      if (next == kInfinity) {
        ++never;
      } else {
        ++said;
        changes += truth_at(next) != now;
        at_once += next == as_of + 1;
      }
    }
  }
  EXPECT_GT(changes, 800);
  EXPECT_GT(never, 2'000);
  EXPECT_LT(said, changes * 12);
  EXPECT_LT(at_once, said / 10);
}

}  // namespace
}  // namespace cdp::core
