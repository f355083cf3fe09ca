// The laws of docs/timeline.md: what a timeline keeps is a function of the set of events.
#include <set>

#include "timeline_events.hpp"

namespace cdp::core {
namespace {

using namespace test;

// Merges random parts, which may overlap, in a random tree.
Bytes regrouped(const std::vector<Event>& events, std::mt19937_64& random, bool overlapping) {
  std::vector<Event> shuffled = events;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  std::vector<Bytes> parts;
  for (std::size_t from = 0; from < shuffled.size();) {
    const std::size_t count = std::min(shuffled.size() - from, static_cast<std::size_t>(random() % 9));
    std::vector<Event> part(shuffled.begin() + static_cast<std::ptrdiff_t>(from),
                            shuffled.begin() + static_cast<std::ptrdiff_t>(from + count));
    for (std::size_t again = overlapping ? random() % 3 : 0; again > 0; --again)
      part.push_back(shuffled[random() % shuffled.size()]);
    parts.push_back(timeline_of(part));
    from += count;
  }
  parts.push_back(timeline_of({}));
  while (parts.size() > 1) {
    const std::size_t i = random() % (parts.size() - 1);
    std::swap(parts[i], parts[random() % parts.size()]);
    parts[i] = merged(parts[i], parts[i + 1]);
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return parts[0];
}

TEST(Timeline, HoldsTheSetOfEvents) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 1000; ++round) {
    const auto events = random_events(random, random() % 60);
    const std::set<Event> expected(events.begin(), events.end());
    const auto kept = events_of(timeline_of(events));
    ASSERT_EQ(std::set<Event>(kept.begin(), kept.end()), expected);
    ASSERT_EQ(kept.size(), expected.size());
    for (std::size_t i = 1; i < kept.size(); ++i)
      ASSERT_LE(std::tie(kept[i - 1].time, kept[i - 1].name), std::tie(kept[i].time, kept[i].name));
  }
}

TEST(Timeline, IsAFunctionOfTheSetOfEvents) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 3000; ++round) {
    const auto events = random_events(random, random() % 30);
    const Bytes whole = timeline_of(events);
    for (int again = 0; again < 4; ++again) ASSERT_EQ(regrouped(events, random, true), whole);
    ASSERT_EQ(merged(whole, whole), whole);
    ASSERT_EQ(merged(whole, timeline_of({})), whole);
  }
}

}  // namespace
}  // namespace cdp::core
