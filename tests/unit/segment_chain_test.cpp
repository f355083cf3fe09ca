// Chains of steps, against every choice of events: many of them at one time, each good for several steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "core/segment/chain.hpp"

namespace cdp::core::rule {
namespace {

struct Event {
  std::int64_t time;
  Chain::Matches matches;
};

struct Absence {
  std::uint32_t after;
  std::optional<core::Duration> lasting;
};

struct Sequence {
  std::vector<std::optional<core::Duration>> steps;
  std::vector<Absence> absences;
};

bool found_by_trying(const Sequence& sequence, const std::vector<Event>& events, std::int64_t as_of) {
  std::vector<bool> used(events.size());
  const auto absent = [&](std::size_t after, std::int64_t time, std::optional<std::int64_t> next) {
    for (std::size_t i = 0; i < sequence.absences.size(); ++i) {
      const Absence& absence = sequence.absences[i];
      if (absence.after != after) continue;
      const std::int64_t end = time + static_cast<std::int64_t>(absence.lasting.value_or(0));
      if (absence.lasting && end > as_of) return false;
      for (const Event& event : events) {
        if ((event.matches.absences >> i & 1) == 0 || event.time <= time) continue;
        if (absence.lasting ? event.time <= end : !next || event.time < *next) return false;
      }
    }
    return true;
  };
  const std::function<bool(std::size_t, std::int64_t)> take = [&](std::size_t step, std::int64_t last) {
    if (step == sequence.steps.size()) return absent(step - 1, last, {});
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::int64_t time = events[i].time;
      if (used[i] || (events[i].matches.steps >> step & 1) == 0) continue;
      if (step > 0 &&
          (time < last || (sequence.steps[step] && time - last > static_cast<std::int64_t>(*sequence.steps[step])) ||
           !absent(step - 1, last, time)))
        continue;
      used[i] = true;
      if (take(step + 1, time)) return true;
      used[i] = false;
    }
    return false;
  };
  return take(0, 0);
}

bool found(const Sequence& sequence, const std::vector<Event>& events, std::int64_t as_of) {
  Chain chain(std::pmr::new_delete_resource());
  for (std::uint32_t step = 0; step < sequence.steps.size(); ++step) {
    chain.add_step(sequence.steps[step]);
    for (const Absence& absence : sequence.absences)
      if (absence.after == step) chain.add_absence(absence.lasting, {});
  }
  return chain.found(
      0, static_cast<std::uint32_t>(events.size()), [&](std::uint32_t i) { return events[i].matches; },
      [&](std::uint32_t i) { return events[i].time; }, as_of, true, {});
}

TEST(SegmentChain, AgreesWithEveryChoice) {
  std::mt19937 random(5);
  const auto below = [&random](unsigned limit) { return random() % limit; };
  int counts[2] = {};
  for (int round = 0; round < 300'000; ++round) {
    Sequence sequence;
    const unsigned steps = 1 + below(5), times = 1 + below(4), density = 2 + below(3);
    for (unsigned step = 0; step < steps; ++step) {
      sequence.steps.push_back(below(3) == 0 ? std::optional<core::Duration>(below(3)) : std::nullopt);
      for (; below(4) == 0 && sequence.absences.size() < 4;)
        sequence.absences.push_back({step, below(2) == 0 ? std::optional<core::Duration>(below(4)) : std::nullopt});
    }
    std::vector<Event> events;
    for (unsigned count = below(8); count > 0; --count) {
      Event event{1 + static_cast<std::int64_t>(below(times)), {}};
      for (unsigned step = 0; step < steps; ++step)
        if (below(density) == 0) event.matches.steps |= std::uint64_t{1} << step;
      for (std::size_t i = 0; i < sequence.absences.size(); ++i)
        if (below(6) == 0) event.matches.absences |= std::uint64_t{1} << i;
      events.push_back(event);
    }
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.time < b.time; });
    const std::int64_t as_of = 4 + static_cast<std::int64_t>(below(3));
    const bool expected = found_by_trying(sequence, events, as_of);
    ASSERT_EQ(found(sequence, events, as_of), expected) << "round " << round;
    ++counts[expected ? 1 : 0];
  }
  EXPECT_GT(counts[0], 50'000);
  EXPECT_GT(counts[1], 50'000);
}

}  // namespace
}  // namespace cdp::core::rule
