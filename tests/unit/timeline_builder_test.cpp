// What a builder owes to what was in it, what it holds, and what nobody can make of it.
#include <ctime>
#include <optional>

#include "core/bytes/hash.hpp"
#include "scarce.hpp"
#include "timeline_events.hpp"

namespace cdp::core {
namespace {

using namespace test;

// A builder that is used again owes nothing to what was in it.
TEST(TimelineBuilder, StartsAfreshAfterClear) {
  std::mt19937_64 random(7);
  TimelineBuilder builder(kHeap);
  for (int round = 0; round < 2000; ++round) {
    const auto events = random_events(random, random() % 20);
    const std::uint32_t keep = 1 + static_cast<std::uint32_t>(random() % 4);
    constexpr std::int64_t kCut = 0;
    const bool limited = random() % 2 == 0, abandoned = random() % 4 == 0;
    for (const Event& event : events) add(builder, event);
    if (limited) {
      builder.limit_keep(keep);
      builder.cut(kCut);
    }
    if (abandoned) {
      Buffer out;
      builder.write(out);
      builder.clear();
      continue;
    }
    ASSERT_EQ(write(builder), limited ? timeline_of(events, keep, kCut) : timeline_of(events));
  }
}

// So many events, one a microsecond, that all have the same so many properties.
Bytes alike(std::int64_t from, int count, int properties) {
  std::string json;
  for (int i = 0; i < properties; ++i) json += (i == 0 ? "{\"" : ", \"") + std::to_string(100 + i) + "\": 1";
  std::vector<Event> events;
  for (int i = 0; i < count; ++i) events.push_back({from + i, "e", json + "}"});
  return timeline_of(events);
}

TEST(TimelineBuilder, WritesSoManyPropertiesAndNoMore) {
  const Bytes events = alike(0, 20, 5), one = alike(20, 1, 1);
  TimelineBuilder builder(kHeap, 100);
  builder.add_timeline(TimelineView(as_bytes(events)));
  EXPECT_EQ(write(builder), events);
  builder.add_timeline(TimelineView(as_bytes(events)));
  builder.add_timeline(TimelineView(as_bytes(one)));
  try {
    write(builder);
    ADD_FAILURE() << "101 properties were written";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::limit_exceeded);
  }
  builder.clear();
  builder.add_timeline(TimelineView(as_bytes(events)));
  builder.add_timeline(TimelineView(as_bytes(one)));
  builder.limit_keep(20);
  const Bytes kept = write(builder);
  EXPECT_EQ(TimelineView(as_bytes(kept)).size(), 20u);
}

// However many timelines come, what they expand to is not in memory all at once.
TEST(TimelineBuilder, GathersManyTimelinesInBoundedMemory) {
  Measured memory;
  const Bytes events = alike(0, 10, 100);
  TimelineBuilder builder(&memory, 1000);
  add(builder, {-1, "first", "{\"x\": 1}", "id"});
  builder.limit_keep(9);
  for (int i = 0; i < 300; ++i) builder.add_timeline(TimelineView(as_bytes(events)));
  const std::vector<Event> last{{7, "last", "{\"x\": 2}"}};
  const Bytes fewer = timeline_of(last, 8);
  builder.add_timeline(TimelineView(as_bytes(fewer)));
  const Bytes written = write(builder);
  const TimelineView result(as_bytes(written));
  EXPECT_EQ(result.size(), 10u);
  EXPECT_EQ(result.keep(), 8u);
  EXPECT_LT(memory.most(), 600'000u);
}

// Events of timelines refer to the bytes of these; in order they are as the others.
TEST(TimelineBuilder, OrdersEventsOfTimelinesAndOthersAlike) {
  std::mt19937_64 random(11);
  static const char* const kValues[] = {"1",    "-2.5", "\"a\"", "\"b\"",
                                        "true", "[1]",  "\"\"",  "10000000000000000000000.5"};
  for (int round = 0; round < 3000; ++round) {
    std::vector<Event> events;
    for (int i = 0; i < 6; ++i) {
      std::string json;
      for (const char* const key : {"", "a", "aa", "b"})
        if (random() % 2 == 0)
          json += (json.empty() ? "{\"" : ", \"") + std::string(key) + "\": " + kValues[random() % std::size(kValues)];
      events.push_back({static_cast<std::int64_t>(random() % 2), "e", json.empty() ? "{}" : json + "}"});
    }
    const std::size_t half = random() % 7;
    const Bytes part = timeline_of(std::span(events).first(half));
    const Bytes expected = timeline_of(events);
    TimelineBuilder& builder = cleared_builder();
    for (const Event& event : std::span(events).subspan(half)) add(builder, event);
    builder.add_timeline(TimelineView(as_bytes(part)));
    ASSERT_EQ(write(builder), expected);
  }
}

// Nobody can choose values that collide: some that do without a secret seed take no longer than others.
TEST(TimelineBuilder, IsNotSlowedDownByChosenValues) {
  constexpr std::uint64_t kSeed = static_cast<std::uint64_t>(Type::string), kCount = 20'000;
  const auto value = [](std::uint64_t first, bool chosen) {
    const std::uint64_t state = kSeed ^ (16 * 0x9E3779B97F4A7C15);
    const std::uint64_t second = chosen ? fold_multiply(state ^ first, 0xD6E8FEB86659FD93) : first;
    Bytes bytes(16, 0);
    store_le(reinterpret_cast<std::byte*>(bytes.data()), first);
    store_le(reinterpret_cast<std::byte*>(bytes.data()) + 8, second);
    return bytes;
  };
  ASSERT_EQ(hash_bytes(as_bytes(value(1, true)), kSeed), hash_bytes(as_bytes(value(2, true)), kSeed));
  ASSERT_NE(hash_bytes(as_bytes(value(1, false)), kSeed), hash_bytes(as_bytes(value(2, false)), kSeed));
  const auto duration = [&](bool chosen) {
    TimelineBuilder builder(kHeap);
    for (std::uint64_t i = 0; i < kCount; ++i) {
      Buffer property;
      property.varint(1);
      property.append("x");
      append_value(property, {Type::string, as_bytes(value(i, chosen))});
      builder.add_event(static_cast<std::int64_t>(i), std::to_string(i / 1000), {}, builder.copy(property.span()));
    }
    const std::clock_t start = std::clock();  // of the processor: whatever else the machine does
    write(builder);
    return std::clock() - start;
  };
  const auto usual = std::min(duration(false), duration(false));
  EXPECT_LT(std::min(duration(true), duration(true)), 8 * usual);
}

TEST(TimelineBuilder, StartsAfreshWhereMemoryRanOut) {
  std::vector<Event> events;
  for (int i = 0; i < 40; ++i) {
    const std::string number = std::to_string(i);
    events.push_back(
        {i, "e" + std::to_string(i % 20),
         "{\"key" + number + "\": " + number + ", \"long\": 1e" + number + ", \"text\": \"" + number + "\"}",
         "m" + number});
  }
  const Bytes expected = timeline_of(events, 1), more = merged(expected, timeline_of(events));
  int refused = 0;
  for (int granted = 0;; ++granted) {
    Scarce memory(granted);
    std::optional<TimelineBuilder> builder;
    const auto written = [&] {
      Buffer out(&memory);
      if (!builder) builder.emplace(&memory);
      builder->clear();
      for (const Event& event : events) add(*builder, event);
      builder->add_timeline(TimelineView(as_bytes(expected)));
      builder->write(out);
      return bytes_of(out);
    };
    try {
      ASSERT_EQ(written(), more);
      break;
    } catch (const std::bad_alloc&) {
      ++refused;
    }
    ASSERT_EQ(written(), more);
  }
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace cdp::core
