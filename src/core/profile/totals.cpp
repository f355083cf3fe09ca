// src/core/profile/totals.cpp: the section of totals of events.
//
// The body of an event's name: varint(count), varint(first), varint(last − first), numbers of times, then until its end
// per property in ascending order varint(number of its name), varint(events that have it), varint(size) and the sum, a
// decimal.
#include "core/profile/totals.hpp"

#include "core/profile/decimal.hpp"
#include "core/profile/view.hpp"

namespace cdp::core {

void Total::absorb(const Total& same, std::pmr::memory_resource& resource) {
  // Saturating, so that it stays associative whatever comes in.
  count = count > kMaxTimes - same.count ? kMaxTimes : count + same.count;
  if (!property) {
    first = std::min(first, same.first);
    last = std::max(last, same.last);
    return;
  }
  Buffer added;
  append_decimal_sum(added, sum, same.sum);
  auto* const kept = static_cast<std::byte*>(resource.allocate(added.size(), 1));
  std::memcpy(kept, added.data(), added.size());
  sum = {kept, added.size()};
}

void Total::encode(std::span<const Total> group, facts::Encoder& encoder) {
  Buffer& body = encoder.body();
  const std::uint64_t first = encoder.time(group[0].first);
  body.varint(group[0].count);
  body.varint(first);
  body.varint(encoder.time(group[0].last) - first);
  for (const Total& each : group.subspan(1)) {
    body.varint(encoder.text(*each.property));
    body.varint(each.count);
    body.varint(each.sum.size());
    body.append(each.sum);
  }
}

Total Total::decode_events(std::string_view event, Reader& body, const facts::Decoder& decoder) {
  const std::uint64_t count = body.varint(), first = body.varint(), last = first + body.varint();
  if (count == 0 || count > kMaxTimes) body.fail("a count of events is out of range");
  if (last < first) body.fail("the first event is after the last one");
  return {event, {}, count, decoder.time(body, first), decoder.time(body, last), {}};
}

Total Total::decode_property(const Total& events, Reader& body, const facts::Decoder& decoder) {
  const std::string_view property = decoder.table_text(body, body.varint());
  const std::uint64_t count = body.varint();
  if (count == 0 || count > events.count) body.fail("a count of events is out of range");
  const ByteSpan sum = body.take(body.count());
  if (!is_decimal(sum)) body.fail("a sum is not a number");
  return {events.event, property, count, 0, 0, sum};
}

}  // namespace cdp::core
