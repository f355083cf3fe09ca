// What a timeline says of a window, against plain loops over the events; and that what was folded turns answers into
// intervals or unknown, never into other answers.
#include <cmath>

#include "core/timeline/window.hpp"
#include "timeline_events.hpp"

namespace cdp::core {
namespace {

using namespace test;

std::vector<Event> matching(const std::vector<Event>& events, const std::string& name, const Window& window) {
  std::vector<Event> found;
  for (const Event& event : events)
    if (event.name == name && window.contains(event.time)) found.push_back(event);
  return found;
}

// The numbers of a property as exact decimals.
std::vector<Bytes> numbers_of(const std::vector<Event>& events, const std::string& key) {
  std::vector<Bytes> numbers;
  for (const Event& event : events) {
    Buffer scratch;
    const Value object = parse_json(event.properties, "json", scratch, kHeap);
    const auto value = member(object, key);
    if (value && value->type == Type::number) numbers.emplace_back(as_text(value->bytes));
  }
  return numbers;
}

Bytes sum_of(const std::vector<Bytes>& numbers) {
  Bytes total("\x80", 1);
  for (const Bytes& number : numbers) {
    Buffer sum;
    append_decimal_sum(sum, as_bytes(total), as_bytes(number));
    total = bytes_of(sum);
  }
  return total;
}

Window random_window(std::mt19937_64& random, const std::vector<Event>& events) {
  const auto edge = [&]() -> std::int64_t {
    if (events.empty() || random() % 8 == 0) return random() % 2 == 0 ? INT64_MIN : INT64_MAX;
    const std::int64_t time = events[random() % events.size()].time;
    if (time == INT64_MIN || time == INT64_MAX) return time;
    return time + static_cast<std::int64_t>(random() % 3) - 1;
  };
  switch (random() % 6) {
    case 0: return {};
    case 1: return {INT64_MIN, edge()};
    case 2: return {edge(), INT64_MAX};
    default: return {edge(), edge()};  // often empty
  }
}

template <typename T>
Bytes value_bytes(const std::optional<T>& value) {
  if (!value) return "";
  Buffer out;
  append_value(out, *value);
  return bytes_of(out);
}

// Compares every answer about `bytes`, which may have folded some of the events, with the events.
void compare_answers(const std::vector<Event>& events, const Bytes& bytes, const Window& window,
                     const std::string& name, bool must_know) {
  const TimelineView view(as_bytes(bytes));
  const auto found = matching(events, name, window);
  const CountBounds count = count_events(view, name, window);
  ASSERT_LE(count.least, found.size());
  ASSERT_GE(count.most, found.size());
  if (must_know) {
    ASSERT_TRUE(count.exact());
  }

  const TimeAnswer first = first_time(view, name, window), last = last_time(view, name, window);
  for (const TimeAnswer& answer : {first, last}) {
    if (must_know) {
      ASSERT_NE(answer.answer, Answer::unknown);
    }
    if (answer.answer == Answer::unknown) continue;
    ASSERT_EQ(answer.answer == Answer::none, found.empty());
  }
  if (first.answer == Answer::found) {
    ASSERT_EQ(first.time, found.front().time);
  }
  if (last.answer == Answer::found) {
    ASSERT_EQ(last.time, found.back().time);
  }

  const EventAnswer oldest = first_event(view, name, window), newest = last_event(view, name, window);
  for (const auto& [answer, event] : {std::pair(oldest, 0), std::pair(newest, 1)}) {
    if (answer.answer == Answer::unknown) continue;
    ASSERT_EQ(answer.answer == Answer::none, found.empty());
    if (found.empty()) continue;
    Buffer scratch, json;
    const Event& expected = event == 0 ? found.front() : found.back();
    const Value object = parse_json(expected.properties, "json", json, kHeap);
    for (const char* const key : {"amount", "page", "", "none"})
      ASSERT_EQ(value_bytes(view.property(key).value(answer.event, scratch)), value_bytes(member(object, key)));
  }

  const auto numbers = numbers_of(found, "amount");
  const auto total = total_of(view, name, "amount", window, kHeap);
  if (must_know) {
    ASSERT_TRUE(total.has_value());
  }
  if (total) {
    Buffer sum;
    total->sum.append_to(sum);
    ASSERT_EQ(bytes_of(sum), sum_of(numbers));
    ASSERT_EQ(total->count, numbers.size());
  }
  for (const bool greatest : {false, true}) {
    Buffer extreme;
    const Answer answer = extreme_of(view, name, "amount", window, greatest, extreme);
    if (answer == Answer::unknown) continue;
    ASSERT_EQ(answer == Answer::none, numbers.empty());
    if (numbers.empty()) continue;
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end(), [](const Bytes& a, const Bytes& b) {
      return compare_bytes(as_bytes(a), as_bytes(b)) < 0;
    });
    ASSERT_EQ(bytes_of(extreme), greatest ? *most : *least);
  }
}

TEST(TimelineWindow, AnswersAsPlainLoops) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    const Bytes bytes = timeline_of(random_events(random, random() % 40));
    const auto events = events_of(bytes);
    for (int again = 0; again < 10; ++again) {
      const std::string name = "e" + std::to_string(random() % 4);
      compare_answers(events, bytes, random_window(random, events), name, true);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(TimelineWindow, FoldingOnlyLeavesAnswersOpen) {
  std::mt19937_64 random(2);
  int open = 0;
  for (int round = 0; round < 3000; ++round) {
    const Bytes full = timeline_of(random_events(random, random() % 40));
    const auto events = events_of(full);
    TimelineBuilder builder(kHeap);
    builder.add_timeline(TimelineView(as_bytes(full)));
    if (random() % 2 == 0) builder.limit_keep(1 + static_cast<std::uint32_t>(random() % 5));
    if (random() % 2 == 0 && !events.empty()) builder.cut(events[random() % events.size()].time);
    const Bytes bytes = write(builder);
    for (int again = 0; again < 10; ++again) {
      const std::string name = "e" + std::to_string(random() % 4);
      const Window window = random_window(random, events);
      open += count_events(TimelineView(as_bytes(bytes)), name, window).exact() ? 0 : 1;
      compare_answers(events, bytes, window, name, false);
      if (HasFatalFailure()) return;
      // All of time is exact.
      const auto count = count_events(TimelineView(as_bytes(bytes)), name, {});
      ASSERT_TRUE(count.exact());
      ASSERT_TRUE(total_of(TimelineView(as_bytes(bytes)), name, "amount", {}, kHeap).has_value());
      ASSERT_NE(first_time(TimelineView(as_bytes(bytes)), name, {}).answer, Answer::unknown);
      ASSERT_NE(last_time(TimelineView(as_bytes(bytes)), name, {}).answer, Answer::unknown);
    }
  }
  EXPECT_GT(open, 300);
}

TEST(TimelineWindow, KnowsWhatLiesAtTheEndsOfTheFolded) {
  std::vector<Event> events;
  for (int i = 0; i < 10; ++i) events.push_back({100 + i * 10, "a", "{}", {}});  // folded: 100 … 140
  const Bytes bytes = timeline_of(events, 5);
  const TimelineView view(as_bytes(bytes));
  const auto bounds = [&](std::int64_t from, std::int64_t to) {
    const CountBounds count = count_events(view, "a", {from, to});
    return std::pair(count.least, count.most);
  };
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(bounds(141, 1000), Pair(5, 5));
  EXPECT_EQ(bounds(140, 1000), Pair(6, 9));
  EXPECT_EQ(bounds(100, 1000), Pair(10, 10));
  EXPECT_EQ(bounds(101, 1000), Pair(6, 9));
  EXPECT_EQ(bounds(101, 139), Pair(0, 3));
  EXPECT_EQ(bounds(0, 99), Pair(0, 0));
  EXPECT_EQ(bounds(0, 100), Pair(1, 4));
  EXPECT_EQ(first_time(view, "a", {140, 1000}).time, 140);
  EXPECT_EQ(first_time(view, "a", {139, 1000}).answer, Answer::unknown);
  EXPECT_EQ(last_time(view, "a", {0, 149}).time, 140);
  EXPECT_EQ(last_time(view, "a", {0, 139}).answer, Answer::unknown);
  EXPECT_EQ(last_time(view, "a", {0, 100}).time, 100);
  EXPECT_EQ(last_time(view, "a", {0, 99}).answer, Answer::none);
}

}  // namespace
}  // namespace cdp::core
