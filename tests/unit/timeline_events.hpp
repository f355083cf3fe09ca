// Random events, timelines made of them, and what a timeline says of its events: for the tests of timelines.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory_resource>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "bytes_of.hpp"
#include "core/profile/json.hpp"
#include "core/profile/timestamp.hpp"
#include "core/timeline/builder.hpp"

namespace cdp::core::test {

struct Event {
  std::int64_t time;
  std::string name;
  std::string properties;  // JSON object, as the printer writes it; "{}" for none
  std::optional<std::string> id = {};

  friend bool operator<(const Event& a, const Event& b) {
    return std::tie(a.time, a.name, a.id, a.properties) < std::tie(b.time, b.name, b.id, b.properties);
  }
  friend bool operator==(const Event& a, const Event& b) = default;
};

// The members of a JSON object as the builder takes them.
inline ByteSpan members(std::string_view json, Buffer& scratch) {
  const Value object = parse_json(json, "json", scratch, kHeap);
  const std::byte* at = object.bytes.data();
  trusted_varint(at);
  return {at, static_cast<std::size_t>(object.bytes.data() + object.bytes.size() - at)};
}

inline void add(TimelineBuilder& builder, const Event& event) {
  Buffer scratch;
  const ByteSpan properties = builder.copy(members(event.properties, scratch));
  std::optional<std::string_view> id;
  if (event.id) id = as_text(builder.copy(as_bytes(*event.id)));
  builder.add_event(event.time, event.name, id, properties);
}

// One that is used again and again is several times faster than a new one.
inline TimelineBuilder& cleared_builder() {
  static TimelineBuilder builder(kHeap);
  builder.clear();
  return builder;
}

inline Bytes write(TimelineBuilder& builder) {
  Buffer out;
  builder.write(out);
  builder.clear();
  return bytes_of(out);
}

inline Bytes timeline_of(std::span<const Event> events, std::uint32_t keep = timeline::kMostKept,
                         std::int64_t cut = INT64_MIN) {
  TimelineBuilder& builder = cleared_builder();
  for (const Event& event : events) add(builder, event);
  builder.limit_keep(keep);
  builder.cut(cut);
  return write(builder);
}

inline Bytes merged(const Bytes& a, const Bytes& b) {
  TimelineBuilder& builder = cleared_builder();
  builder.add_timeline(TimelineView(as_bytes(a)));
  builder.add_timeline(TimelineView(as_bytes(b)));
  return write(builder);
}

// The kept events, read one by one through the view.
inline std::vector<Event> events_of(const Bytes& bytes) {
  const TimelineView view(as_bytes(bytes));
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < view.size(); ++i) {
    Event event{view.time(i), std::string(view.name(view.name_of(i))), "", {}};
    Buffer json, scratch;
    json.byte('{');
    std::string previous = "\xff";
    for (ColumnReader reader = view.columns(); reader.next();) {
      const PropertyColumns property = view.property(reader.key());
      if (reader.key() == previous || !property.has(i)) continue;
      previous = reader.key();
      if (json.size() > 1) json.append(", ");
      print_json_string(reader.key(), json);
      json.append(": ");
      print_json(*property.value(i, scratch), json);
    }
    json.byte('}');
    event.properties = bytes_of(json);
    if (const auto ids = view.message_ids(); ids && ids->has(i))
      event.id = std::string(as_text(view.dictionary_value(ids->index(*ids->presence().find(i))).bytes));
    events.push_back(event);
  }
  return events;
}

inline std::vector<Event> random_events(std::mt19937_64& random, std::size_t count) {
  static const char* const kProperties[] = {"{}",
                                            "{}",
                                            "{}",
                                            "{\"amount\": 12.5}",
                                            "{\"amount\": 0.07}",
                                            "{\"amount\": -3}",
                                            "{\"amount\": \"n/a\"}",
                                            "{\"amount\": 9223372036854775807}",
                                            "{\"amount\": 1000000000000000000000000000000.5}",
                                            "{\"page\": \"home\"}",
                                            "{\"page\": \"İndex\", \"tags\": [1, null, {\"x\": true}]}",
                                            "{\"\": false, \"amount\": 99.99, \"page\": \"home\"}"};
  static const std::int64_t kTimes[] = {INT64_MIN, INT64_MAX, kLeastTimestamp, kEndOfTimestamps - 1, 0, -1};
  const std::int64_t grain = std::int64_t{1} << random() % 40, rich = random() % 3, ids = random() % 4;
  const std::uint64_t rare = random() % 3 == 0 ? 8 : 1;  // few enough events with properties to be listed
  std::vector<Event> events;
  for (std::size_t i = 0; i < count; ++i) {
    Event event;
    event.time = (static_cast<std::int64_t>(random() % 64) - 20) * grain;
    if (random() % 200 == 0) event.time = kTimes[random() % std::size(kTimes)];
    event.name = std::string("e") + std::to_string(random() % (1 + rich * 3));
    event.properties = kProperties[rich == 0 || random() % rare != 0 ? 0 : random() % std::size(kProperties)];
    if (ids == 0 && random() % 3 != 0 && random() % rare == 0) event.id = "m" + std::to_string(random() % 40);
    events.push_back(event);
  }
  return events;
}

}  // namespace cdp::core::test
