// What is known of events that are kept elsewhere: per name how many, the first and last, and exact sums of their
// numbers. Totals of different events add up.
#pragma once

#include "core/profile/facts.hpp"

namespace cdp::core {

// All events of one name, or what one numeric property of them adds up to.
struct Total {
  static constexpr bool kIdempotent = false;
  static constexpr const char *kTooMany = "profile has too many totals",
                              *kTooManyDetail =
                                  "A profile holds at most 65535 totals, of events and of their properties.";

  std::string_view event;
  std::optional<std::string_view> property;
  std::uint64_t count;               // of events; that had a number there
  std::int64_t first = 0, last = 0;  // of events only
  ByteSpan sum{};                    // of a property only; decimal

  std::string_view group() const noexcept { return event; }
  // The events come before their properties.
  friend int compare(const Total& a, const Total& b) noexcept {
    if (const int order = a.event.compare(b.event); order != 0) return order;
    if (a.property.has_value() != b.property.has_value()) return b.property ? -1 : 1;
    return a.property ? a.property->compare(*b.property) : 0;
  }
  void absorb(const Total& same, std::pmr::memory_resource& resource);  // 22003 for a sum out of range
  void use(facts::Encoder& encoder) const {
    if (property) {
      encoder.use_text(*property);
    } else {
      encoder.use_time(first);
      encoder.use_time(last);
    }
  }
  static void encode(std::span<const Total> group, facts::Encoder& encoder);
  template <typename Visit>
  static void decode(std::string_view event, Reader& body, const facts::Decoder& decoder, Visit&& visit) {
    const Total events = decode_events(event, body, decoder);
    visit(events);
    while (body.left() > 0) visit(decode_property(events, body, decoder));
  }

 private:
  static Total decode_events(std::string_view event, Reader& body, const facts::Decoder& decoder);
  static Total decode_property(const Total& events, Reader& body, const facts::Decoder& decoder);
};

using Totals = facts::Set<Total>;

}  // namespace cdp::core
