// The laws of docs/timeline.md: what a timeline keeps is a function of the set of events.
#include <map>
#include <set>

#include "core/timeline/codec.hpp"
#include "core/timeline/log.hpp"
#include "timeline_events.hpp"

namespace cdp::core {
namespace {

using namespace test;

// What a part of the events went through before it is merged.
struct Limits {
  std::uint32_t keep = timeline::kMostKept;
  std::int64_t cut = INT64_MIN;
};

// Merges random parts in a random tree. A part is a random piece of the events and, when they may overlap, some of the
// others once more; `limits` are those of the parts in turn.
Bytes regrouped(const std::vector<Event>& events, const std::vector<Limits>& limits, std::mt19937_64& random,
                bool overlapping) {
  std::vector<Event> shuffled = events;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  std::vector<Bytes> parts;
  for (std::size_t from = 0; from < shuffled.size() || parts.size() < limits.size();) {
    const std::size_t count = std::min(shuffled.size() - from, static_cast<std::size_t>(random() % 7));
    std::vector<Event> part(shuffled.begin() + static_cast<std::ptrdiff_t>(from),
                            shuffled.begin() + static_cast<std::ptrdiff_t>(from + count));
    for (std::size_t again = overlapping && !events.empty() ? random() % 3 : 0; again > 0; --again)
      part.push_back(shuffled[random() % shuffled.size()]);
    const Limits limit = parts.size() < limits.size() ? limits[parts.size()] : Limits{};
    parts.push_back(timeline_of(part, limit.keep, limit.cut));
    from += count;
  }
  while (parts.size() > 1) {
    const std::size_t i = random() % (parts.size() - 1);
    std::swap(parts[i], parts[random() % parts.size()]);
    parts[i] = merged(parts[i], parts[i + 1]);
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return parts.empty() ? timeline_of({}) : parts[0];
}

std::vector<Event> distinct(const std::vector<Event>& events) {
  const std::set<Event> set(events.begin(), events.end());
  return {set.begin(), set.end()};
}

std::vector<Limits> random_limits(std::mt19937_64& random, const std::vector<Event>& events) {
  std::vector<Limits> limits(random() % 4);
  for (Limits& limit : limits) {
    if (random() % 2 == 0) limit.keep = 1 + static_cast<std::uint32_t>(random() % 6);
    if (random() % 2 == 0 && !events.empty()) limit.cut = events[random() % events.size()].time;
    if (limit.cut < kEndOfTimestamps - 1 && random() % 2 == 0) ++limit.cut;
    if (!is_timestamp(limit.cut)) limit.cut = 0;
  }
  return limits;
}

Limits together(const std::vector<Limits>& limits) {
  Limits all;
  for (const Limits& limit : limits) {
    all.keep = std::min(all.keep, limit.keep);
    all.cut = std::max(all.cut, limit.cut);
  }
  return all;
}

TEST(Timeline, HoldsTheSetOfEvents) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 1000; ++round) {
    const auto events = random_events(random, random() % 60);
    const auto kept = events_of(timeline_of(events));
    const std::set<Event> expected(events.begin(), events.end());
    ASSERT_EQ(std::set<Event>(kept.begin(), kept.end()), expected);
    ASSERT_EQ(kept.size(), expected.size());
    for (std::size_t i = 1; i < kept.size(); ++i)
      ASSERT_LE(std::tie(kept[i - 1].time, kept[i - 1].name), std::tie(kept[i].time, kept[i].name));
  }
}

// L1: set union, however the events are grouped, whatever comes twice or late.
TEST(Timeline, IsAFunctionOfTheSetOfEvents) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 20'000; ++round) {
    const auto events = random_events(random, random() % (round % 10 == 0 ? 60 : 12));
    const Bytes whole = timeline_of(events);
    for (int again = 0; again < 3; ++again) ASSERT_EQ(regrouped(events, {}, random, true), whole);
    if (round % 10 != 0) continue;
    ASSERT_EQ(merged(whole, whole), whole);
    ASSERT_EQ(merged(whole, timeline_of({})), whole);
  }
}

// L2: once something is folded, for parts that share no event.
TEST(Timeline, FoldsTheSameInAnyGrouping) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20'000; ++round) {
    const auto events = distinct(random_events(random, random() % (round % 10 == 0 ? 60 : 12)));
    const auto limits = random_limits(random, events);
    const Limits all = together(limits);
    const Bytes whole = timeline_of(events, all.keep, all.cut);
    for (int again = 0; again < 3; ++again) ASSERT_EQ(regrouped(events, limits, random, false), whole);
  }
}

// The totals against plain arithmetic.
TEST(Timeline, FoldsWhatIsNotKept) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 2000; ++round) {
    const auto events = distinct(random_events(random, random() % 60));
    const Limits all = together(random_limits(random, events));
    const Bytes bytes = timeline_of(events, all.keep, all.cut);
    const TimelineView view(as_bytes(bytes));
    struct Total {
      std::uint64_t count = 0;
      std::int64_t first = INT64_MAX, horizon = INT64_MIN;
      std::map<std::string, std::pair<std::uint64_t, double>> sums;
    };
    std::map<std::string, std::vector<Event>> by_name;
    for (const Event& event : events) by_name[event.name].push_back(event);
    std::multiset<Event> kept;
    std::map<std::string, Total> folded;
    for (auto& [name, of_name] : by_name) {
      const auto order = events_of(timeline_of(of_name));  // the total order, in which the newest are the last
      for (std::size_t i = 0; i < order.size(); ++i) {
        const Event& event = order[i];
        if (order.size() - i <= all.keep && event.time >= all.cut) {
          kept.insert(event);
          continue;
        }
        Total& total = folded[name];
        ++total.count;
        total.first = std::min(total.first, event.time);
        total.horizon = std::max(total.horizon, event.time);
        Buffer scratch;
        const ByteSpan properties = members(event.properties, scratch);
        for (const std::byte* at = properties.data(); at != properties.data() + properties.size();) {
          const std::size_t length = trusted_varint(at);
          const std::string key(as_text({at, length}));
          at += length;
          const Value value = trusted_value(at);
          if (value.type != Type::number) continue;
          ++total.sums[key].first;
          total.sums[key].second += decimal_to_double(value.bytes);
        }
      }
    }
    const auto read = events_of(bytes);
    ASSERT_EQ(std::multiset<Event>(read.begin(), read.end()), kept);
    std::size_t parts = 0;
    view.for_each_folded([&](std::uint32_t name, const Folded& part) {
      ++parts;
      ASSERT_EQ(folded.count(std::string(view.name(name))), 1u);
      const Total& total = folded[std::string(view.name(name))];
      EXPECT_EQ(part.count, total.count);
      EXPECT_EQ(part.first, total.first);
      EXPECT_EQ(part.horizon, total.horizon);
      EXPECT_EQ(view.horizon(name), total.horizon);
      EXPECT_EQ(part.sum_count, total.sums.size());
      part.for_each_sum([&](const Folded::Sum& sum) {
        const auto at = total.sums.find(std::string(sum.key));
        ASSERT_NE(at, total.sums.end());
        EXPECT_EQ(sum.count, at->second.first);
        EXPECT_NEAR(decimal_to_double(sum.total), at->second.second, 1e-9 * std::abs(at->second.second) + 1e-6);
      });
    });
    ASSERT_EQ(parts, folded.size());
    ASSERT_EQ(flaw_in_folded(view, kHeap), nullptr);
  }
}

TEST(Timeline, KeepsAThousandOfEachName) {
  std::vector<Event> events;
  for (std::int64_t i = 0; i < 3000; ++i)
    events.push_back({i * 1'000'000, i % 3 == 0 ? "buy" : "view", "{\"n\": 0.1}", {}});
  const Bytes bytes = timeline_of(events);
  const TimelineView view(as_bytes(bytes));
  EXPECT_EQ(view.size(), 2000u);
  EXPECT_FALSE(view.horizon(*view.find_name("buy")));
  EXPECT_EQ(view.horizon(*view.find_name("view")), 1'499'000'000);
  const Folded part = *view.folded(*view.find_name("view"));
  EXPECT_EQ(part.count, 1000u);
  Buffer sum;
  print_decimal(part.sum("n")->total, sum);
  EXPECT_EQ(bytes_of(sum), "100");
  EXPECT_EQ(view.find_name("other"), std::nullopt);
}

TEST(Timeline, FindsTimes) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 500; ++round) {
    const Bytes bytes = timeline_of(random_events(random, random() % 40));
    const TimelineView view(as_bytes(bytes));
    for (int again = 0; again < 20; ++again) {
      std::int64_t t = (static_cast<std::int64_t>(random() % 70) - 25) << random() % 40;
      if (again == 0) t = INT64_MIN;
      if (again == 1) t = INT64_MAX;
      std::uint32_t lower = 0, upper = 0;
      while (lower < view.size() && view.time(lower) < t) ++lower;
      while (upper < view.size() && view.time(upper) <= t) ++upper;
      ASSERT_EQ(view.lower_bound(t), lower);
      ASSERT_EQ(view.upper_bound(t), upper);
    }
  }
}

// A log gives the same bytes as its events, whether they went in one by one or as timelines.
TEST(TimelineLog, GivesTheTimelineOfItsItems) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 1000; ++round) {
    const auto events = random_events(random, random() % 40);
    std::vector<std::byte> log(64 * 1024), other(64 * 1024);
    timeline::begin_log(log.data());
    timeline::begin_log(other.data());
    for (const Event& event : events) {
      Buffer scratch;
      timeline::EventItem item{event.time, event.name, {}, members(event.properties, scratch)};
      if (event.id) item.message_id = *event.id;
      std::byte* const to = random() % 2 == 0 ? log.data() : other.data();
      const std::size_t used = timeline::log_used({to, timeline::kLogHeader});
      if (random() % 4 == 0) {
        const Bytes one = timeline_of({&event, 1});
        timeline::append_timeline(to, as_bytes(one));
        ASSERT_EQ(timeline::log_used({to, timeline::kLogHeader}), used + timeline::timeline_size(one.size()));
      } else {
        timeline::append_event(to, item);
        ASSERT_EQ(timeline::log_used({to, timeline::kLogHeader}), used + timeline::event_size(item));
      }
    }
    const ByteSpan others(other.data(), timeline::log_used(other));
    timeline::append_items(log.data(), others.subspan(timeline::kLogHeader));
    ASSERT_TRUE(timeline::is_log(log));
    TimelineBuilder builder(kHeap);
    timeline::replay_log(log, builder);
    ASSERT_EQ(write(builder), timeline_of(events));
  }
}

// Twenty events of five names: what a customer of a web shop does in half a year.
TEST(Timeline, IsSmall) {
  static const char* const kNames[] = {"view", "cart", "purchase", "search", "refund"};
  std::mt19937_64 random(8);
  std::size_t rich = 0, plain = 0;
  for (int customer = 0; customer < 100; ++customer) {
    std::vector<Event> with, without;
    for (int i = 0; i < 20; ++i) {
      const auto time = static_cast<std::int64_t>(820'454'400'000'000 + random() % (180 * 86'400'000'000ULL));
      const std::string amount = std::to_string(random() % 10'000);
      const std::string name = kNames[i % 5];
      with.push_back({time, name, "{\"amount\": " + amount + "e-2}", {}});
      without.push_back({time - time % 1'000'000, name, "{}", {}});
    }
    rich += 4 + timeline_of(with).size();
    plain += 4 + timeline_of(without).size();
  }
  EXPECT_LE(rich, 22'500u);
  EXPECT_LE(plain, 12'300u);
}

}  // namespace
}  // namespace cdp::core
