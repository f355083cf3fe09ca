// A customer with events, for rules to be evaluated over.
#pragma once

#include <string>

#include "core/profile/codec.hpp"
#include "core/profile/events.hpp"
#include "core/profile/json.hpp"
#include "core/timeline/builder.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

constexpr std::int64_t kShopperAsOf = 820'000'000'000'000, kShopperHour = 3'600'000'000;

// 60 events in 60 hours, some of them at one time; the newest `keep` of a name are kept.
inline std::string shopper_with(std::uint32_t keep) {
  static const char* const kNames[] = {"view", "cart", "a", "purchase", "b"};
  static const char* const kProperties[] = {R"({"amount": 60, "category": "shoes"})", R"({"a": 1, "b": "x"})", "{}",
                                            R"({"amount": 12.5, "item": {"brand": "a", "price": 7}})",
                                            R"({"amount": "n/a", "tags": ["a", 1], "b": true})"};
  core::TimelineBuilder events(heap);
  for (int i = 0; i < 60; ++i) {
    core::Buffer scratch;
    const core::Value object = core::parse_json(kProperties[i * 7 % 5], "json", scratch, heap);
    const std::byte* at = object.bytes.data();
    core::trusted_varint(at);
    const auto size = static_cast<std::size_t>(object.bytes.data() + object.bytes.size() - at);
    events.add_event(kShopperAsOf - (i - i % 3 - 6) * kShopperHour, kNames[i * 3 % 5], std::nullopt,
                     events.copy({at, size}));
  }
  events.limit_keep(keep);
  core::ProfileBuilder builder(heap);
  core::Buffer timeline, empty, out;
  events.write(timeline);
  builder.write(empty);
  core::attach(core::ProfileView(empty.span()), timeline.span(), out, heap);
  return std::string(core::as_text(out.span()));
}

inline const std::string& shopper() {
  static const std::string profile = shopper_with(1000);
  return profile;
}

inline const std::string& shopper_cut() {
  static const std::string profile = shopper_with(3);
  return profile;
}

}  // namespace cdp::fuzz
