// Sessions, retention, paths, attribution and states against reference implementations, on all events and on timelines
// that have folded some.
#include <cmath>
#include <map>

#include "behaviour_oracle.hpp"
#include "core/timeline/attribution.hpp"
#include "core/timeline/paths.hpp"
#include "core/timeline/retention.hpp"
#include "core/timeline/sessions.hpp"
#include "core/timeline/states.hpp"

namespace cdp::core::test {
namespace {

constexpr int kCases = 40'000;

std::vector<Event> random_behaviour(std::mt19937_64& random, std::size_t most_events) {
  static const char* const kNames[] = {"a", "b", "c", "d"};
  static const char* const kProperties[] = {"{}",         "{\"v\": \"x\"}", "{\"v\": \"y\"}", "{\"v\": 1.50}",
                                            "{\"v\": 2}", "{\"v\": true}",  "{\"v\": \"2\"}", "{\"w\": \"x\"}"};
  std::vector<Event> events;
  const std::size_t count = random() % (most_events + 1), times = 2 + random() % 60, names = 1 + random() % 4;
  for (std::size_t i = 0; i < count; ++i) {
    Event event{static_cast<std::int64_t>(random() % times) - 5, kNames[random() % names],
                kProperties[random() % std::size(kProperties)], std::to_string(i)};
    if (random() % 300 == 0) event.time = random() % 2 == 0 ? INT64_MIN : INT64_MAX;
    events.push_back(event);
  }
  std::sort(events.begin(), events.end());
  return events;
}

Bytes random_timeline(std::mt19937_64& random, const std::vector<Event>& events) {
  if (random() % 2 == 0) return timeline_of(events);
  return timeline_of(events, static_cast<std::uint32_t>(1 + random() % 8),
                     random() % 2 == 0 ? INT64_MIN : static_cast<std::int64_t>(random() % 30) - 6);
}

std::string value_text(const Event& event, const std::string& key) {  // "" without it
  const std::string at = "{\"" + key + "\": ";
  if (event.properties.substr(0, at.size()) != at) return "";
  std::string text = event.properties.substr(at.size(), event.properties.size() - at.size() - 1);
  if (text == "1.50") return "1.5";
  return text.front() == '"' ? text.substr(1, text.size() - 2) : text;
}

std::optional<std::int64_t> latest_folded(const TimelineView& view) {
  std::optional<std::int64_t> latest;
  for (std::uint32_t name = 0; name < view.name_count(); ++name)
    if (const auto part = view.folded(name)) latest = std::max(latest.value_or(INT64_MIN), part->horizon);
  return latest;
}

using SessionRow = std::tuple<std::int64_t, std::int64_t, std::uint64_t>;

std::vector<SessionRow> sessions_of(const std::vector<Event>& events, Duration gap) {
  std::vector<SessionRow> sessions;
  for (const Event& event : events) {
    if (sessions.empty() || !near(std::get<1>(sessions.back()), event.time, gap))
      sessions.emplace_back(event.time, event.time, 0);
    std::get<1>(sessions.back()) = event.time;
    ++std::get<2>(sessions.back());
  }
  return sessions;
}

TEST(Sessions, AreThoseOfAllEventsBehindTheHorizon) {
  std::mt19937_64 random(11);
  std::uint64_t with_folded = 0;
  for (int i = 0; i < kCases; ++i) {
    const auto events = random_behaviour(random, 30);
    const Duration gap = 1 + random() % 8;
    const Bytes bytes = random_timeline(random, events);
    const TimelineView view(as_bytes(bytes));
    std::vector<SessionRow> expected = sessions_of(events, gap), actual;
    if (const auto horizon = latest_folded(view)) {
      std::erase_if(expected, [&](const SessionRow& session) { return std::get<0>(session) <= *horizon; });
      with_folded += !expected.empty();
    }
    for_each_session(view, gap, [&](const Session& one) { actual.emplace_back(one.start, one.end, one.events); }, {});
    ASSERT_EQ(actual, expected);
  }
  EXPECT_GT(with_folded, 1000);
}

TEST(Retention, AgreesWithTheReference) {
  std::mt19937_64 random(12);
  std::uint64_t unknown = 0, no = 0, yes = 0;
  std::pmr::vector<Returned> returned(kHeap);
  for (int i = 0; i < kCases; ++i) {
    const auto events = random_behaviour(random, 20);
    const std::string cohort = random() % 2 == 0 ? "a" : "b", event = random() % 2 == 0 ? "a" : "c";
    const Duration period = 1 + random() % 12;
    const auto periods = static_cast<std::uint32_t>(1 + random() % 6);
    const Bytes bytes = random_timeline(random, events);
    const TimelineView view(as_bytes(bytes));
    const bool any = retention(view, cohort, event, period, periods, returned, {});
    const auto first = std::find_if(events.begin(), events.end(), [&](const Event& one) { return one.name == cohort; });
    ASSERT_EQ(any, first != events.end());
    if (!any) continue;
    ASSERT_EQ(returned.size(), periods);
    if (!is_finite(first->time)) {
      ASSERT_EQ(std::count(returned.begin(), returned.end(), Returned::unknown), periods);
      continue;
    }
    for (std::uint32_t at = 0; at < periods; ++at) {
      const auto start = first->time + static_cast<std::int64_t>(at * period);
      const bool truth = std::any_of(events.begin(), events.end(), [&](const Event& one) {
        return one.name == event && one.time >= start && one.time < start + static_cast<std::int64_t>(period);
      });
      if (returned[at] != Returned::unknown) {
        ASSERT_EQ(returned[at] == Returned::yes, truth);
      } else {
        ASSERT_TRUE(view.folded(*view.find_name(event)));
      }
      ++(returned[at] == Returned::unknown ? unknown : truth ? yes : no);
    }
  }
  EXPECT_GT(unknown, 1000);
  EXPECT_GT(no, 5 * unknown);
  EXPECT_GT(yes, 5 * unknown);
}

TEST(Paths, AreCountedRunsOfNames) {
  std::mt19937_64 random(13);
  Paths paths(kHeap);
  std::uint64_t repeated = 0;
  for (int i = 0; i < kCases; ++i) {
    const auto events = random_behaviour(random, 40);
    const auto n = static_cast<std::uint32_t>(1 + random() % 9);
    const Bytes bytes = random_timeline(random, events);
    const TimelineView view(as_bytes(bytes));
    const auto horizon = latest_folded(view);
    Names names;
    for (const Event& event : events)
      if (!horizon || event.time > *horizon) names.push_back(event.name);
    std::map<Names, std::uint32_t> expected;
    for (std::size_t at = 0; at + n <= names.size(); ++at)
      ++expected[Names(names.begin() + static_cast<std::ptrdiff_t>(at),
                       names.begin() + static_cast<std::ptrdiff_t>(at + n))];
    std::vector<std::pair<Names, std::uint32_t>> ordered(expected.begin(), expected.end()), actual;
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    paths.find(view, n, {});
    for (const Path& path : paths.paths()) {
      Names one;
      for (std::uint32_t at = path.at; at < path.at + n; ++at) one.emplace_back(view.name(paths.names()[at]));
      actual.emplace_back(one, path.times);
      repeated += path.times > 1;
    }
    ASSERT_EQ(actual, ordered);
  }
  EXPECT_GT(repeated, 1000);
  paths.find(std::span<const std::uint32_t>{}, 1, {});
  EXPECT_TRUE(paths.paths().empty());
  const std::vector<std::uint32_t> long_run(100'000, 7);
  paths.find(long_run, 60'000, {});
  ASSERT_EQ(paths.paths().size(), 1U);
  EXPECT_EQ(paths.paths().front().times, 40'001U);
}

std::vector<double> weights(const std::vector<const Event*>& touches, std::int64_t conversion, AttributionModel model) {
  const std::size_t n = touches.size();
  std::vector<double> weight(n, 0);
  switch (model) {
    case AttributionModel::first: weight.front() = 1; break;
    case AttributionModel::last: weight.back() = 1; break;
    case AttributionModel::linear: std::fill(weight.begin(), weight.end(), 1.0 / static_cast<double>(n)); break;
    case AttributionModel::position:
      if (n == 1) weight = {1};
      if (n == 2) weight = {0.5, 0.5};
      if (n > 2) {
        std::fill(weight.begin(), weight.end(), 0.2 / static_cast<double>(n - 2));
        weight.front() = weight.back() = 0.4;
      }
      break;
    case AttributionModel::decay: {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const double days = static_cast<double>(conversion - touches[i]->time) / 86'400'000'000.0;
        sum += weight[i] = std::exp2(-days / 7);
      }
      for (double& one : weight) one /= sum;
    }
  }
  return weight;
}

TEST(Attribution, AgreesWithTheReference) {
  std::mt19937_64 random(14);
  std::pmr::vector<double> credits(kHeap);
  std::uint64_t left_out = 0, counted = 0;
  for (int i = 0; i < kCases; ++i) {
    auto events = random_behaviour(random, 25);
    for (Event& event : events) event.time = is_finite(event.time) ? event.time * 86'400'000'000 : 0;
    std::sort(events.begin(), events.end());
    const Bytes bytes = timeline_of(events, static_cast<std::uint32_t>(1 + random() % 12));
    const TimelineView view(as_bytes(bytes));
    const auto model = static_cast<AttributionModel>(random() % 5);
    std::optional<Duration> lookback;
    if (random() % 3 != 0) lookback = (1 + random() % 20) * 86'400'000'000;
    const std::string touch = random() % 10 == 0 ? "a" : "b";

    std::map<std::string, double> expected;
    const auto folded = view.find_name(touch) ? view.folded(*view.find_name(touch)) : std::nullopt;
    std::uint64_t conversions_folded = 0;
    if (const auto name = view.find_name("a"))
      if (const auto part = view.folded(*name)) conversions_folded = part->count;
    for (const Event& conversion : events) {
      if (conversion.name != "a") continue;
      if (conversions_folded > 0) {
        --conversions_folded;
        continue;
      }
      const auto in_reach = [&](std::int64_t time) {
        return time <= conversion.time && (!lookback || near(time, conversion.time, *lookback));
      };
      std::vector<const Event*> touches;
      for (const Event& event : events)
        if (event.name == touch && in_reach(event.time)) touches.push_back(&event);
      bool certain = true;
      if (folded)
        for (std::int64_t time = folded->first; time <= folded->horizon; time += 86'400'000'000)
          certain = certain && !in_reach(time);
      if (!certain && model == AttributionModel::last) {
        std::size_t before = 0;  // touches of any time up to the conversion
        for (const Event& event : events) before += event.name == touch && event.time <= conversion.time;
        certain = before > folded->count && !touches.empty();
      }
      ++(certain ? counted : left_out);
      if (!certain) continue;
      if (touches.empty()) {
        expected[""] += 1;
        continue;
      }
      const auto weight = weights(touches, conversion.time, model);
      for (std::size_t at = 0; at < touches.size(); ++at)
        if (weight[at] > 0) expected[value_text(*touches[at], "v")] += weight[at];
    }
    Labels channels(view, "v", kHeap);
    attribute(view, "a", touch, channels, model, lookback, credits, {});
    std::map<std::string, double> actual;
    for (std::uint32_t channel = 0; channel < credits.size(); ++channel)
      if (credits[channel] >= 0) actual[channel == 0 ? "" : std::string(channels.text(channel))] = credits[channel];
    ASSERT_EQ(actual.size(), expected.size());
    for (const auto& [channel, credit] : expected) ASSERT_NEAR(actual.at(channel), credit, 1e-9) << channel;
  }
  EXPECT_GT(left_out, 1000);
  EXPECT_GT(counted, 1000);
}

TEST(States, AgreeWithTheReference) {
  std::mt19937_64 random(15);
  std::pmr::vector<Duration> durations(kHeap);
  std::uint64_t states_seen = 0;
  for (int i = 0; i < kCases; ++i) {
    auto events = random_behaviour(random, 25);
    if (random() % 2 == 0) std::erase_if(events, [](const Event& event) { return !is_finite(event.time); });
    const Bytes bytes = random_timeline(random, events);
    const TimelineView view(as_bytes(bytes));
    // With a state since minus infinity, the time before the next event would be infinite: it is in none.
    const bool endless = !events.empty() && events.front().time == INT64_MIN;
    const std::int64_t since =
        !endless && random() % 2 == 0 ? INT64_MIN : static_cast<std::int64_t>(random() % 40) - 10;
    const auto as_of = static_cast<std::int64_t>(random() % 80) - 10;
    // Instant by instant: the state is what the last event that tells one tells, since the first kept one.
    const auto kept = events_of(bytes);
    std::map<std::string, Duration> expected;
    for (std::int64_t at = -20; at < 80; ++at) {
      if (at < since || at >= as_of) continue;
      std::string state;
      for (const Event& event : kept)
        if (event.name == "a" && event.time <= at && !value_text(event, "v").empty()) state = value_text(event, "v");
      if (!state.empty()) ++expected[state];
    }
    Labels states(view, "v", kHeap);
    time_in_state(view, "a", states, since, as_of, durations, {});
    std::map<std::string, Duration> actual;
    for (std::uint32_t state = 0; state < durations.size(); ++state)
      if (durations[state] > 0) actual[std::string(states.text(state))] = durations[state];
    ASSERT_EQ(actual, expected);
    states_seen += actual.size();
  }
  EXPECT_GT(states_seen, 10'000);
}

TEST(Duration, KnowsInfinityAndBounds) {
  EXPECT_TRUE(within(5, 0, 5));
  EXPECT_FALSE(within(6, 0, 5));
  EXPECT_TRUE(within(kInfinity, kInfinity, 0));
  EXPECT_TRUE(within(kMinusInfinity, kMinusInfinity, 0));
  EXPECT_FALSE(within(kLeastTimestamp, kMinusInfinity, kLongestDuration));
  EXPECT_FALSE(within(kInfinity, kEndOfTimestamps - 1, kLongestDuration));
  EXPECT_TRUE(within(kEndOfTimestamps - 1, 0, kLongestDuration) == (kEndOfTimestamps - 1 <= 9'000'000'000'000'000'000));
}

}  // namespace
}  // namespace cdp::core::test
