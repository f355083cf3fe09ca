// src/core/timeline/log.cpp: the growing state of timeline aggregates.
#include "core/timeline/log.hpp"

#include "core/profile/layout.hpp"

namespace cdp::core::timeline {

namespace {

std::uint64_t id_head(const EventItem& event) noexcept { return event.message_id ? event.message_id->size() + 1 : 0; }

std::size_t content_size(const EventItem& event) noexcept {
  return 8 + varint_size(event.name.size()) + event.name.size() + varint_size(id_head(event)) +
         (event.message_id ? event.message_id->size() : 0) + event.properties.size();
}

void set_used(std::byte* log, const std::byte* end) noexcept {
  store_le(log + kCount, static_cast<std::uint32_t>(end - log));
}

void replay_event(ByteSpan content, TimelineBuilder& builder) {
  const auto time = static_cast<std::int64_t>(load_le<std::uint64_t>(content.data()));
  const std::byte* at = content.data() + 8;
  const std::size_t length = trusted_varint(at);
  const std::string_view name = as_text({at, length});
  at += length;
  std::optional<std::string_view> id;
  if (const std::uint64_t head = trusted_varint(at); head != 0) {
    id = as_text({at, static_cast<std::size_t>(head - 1)});
    at += head - 1;
  }
  builder.add_event(time, name, id, {at, static_cast<std::size_t>(content.data() + content.size() - at)});
}

}  // namespace

void begin_log(std::byte* payload) noexcept {
  payload[kMagicAt] = static_cast<std::byte>(kLogMagic);
  payload[kVersionAt] = static_cast<std::byte>(kVersion);
  store_le<std::uint16_t>(payload + kFlags, 0);
  store_le<std::uint32_t>(payload + kCount, kLogHeader);
  store_le<std::uint32_t>(payload + kReserved, 0);
}

std::size_t timeline_size(std::size_t payload) noexcept { return 1 + varint_size(payload) + payload; }
std::size_t event_size(const EventItem& event) noexcept { return timeline_size(content_size(event)); }

void append_event(std::byte* log, const EventItem& event) noexcept {
  std::byte* to = log + log_used({log, kLogHeader});
  *to++ = static_cast<std::byte>(Item::event);
  put_varint(to, content_size(event));
  store_le(to, static_cast<std::uint64_t>(event.time));
  to += 8;
  put_varint(to, event.name.size());
  put_bytes(to, as_bytes(event.name));
  put_varint(to, id_head(event));
  if (event.message_id) put_bytes(to, as_bytes(*event.message_id));
  put_bytes(to, event.properties);
  set_used(log, to);
}

void append_timeline(std::byte* log, ByteSpan payload) noexcept {
  std::byte* to = log + log_used({log, kLogHeader});
  *to++ = static_cast<std::byte>(Item::timeline);
  put_varint(to, payload.size());
  put_bytes(to, payload);
  set_used(log, to);
}

void append_items(std::byte* log, ByteSpan items) noexcept {
  std::byte* to = log + log_used({log, kLogHeader});
  put_bytes(to, items);
  set_used(log, to);
}

void replay_log(ByteSpan payload, TimelineBuilder& builder, const Poll& poll) {
  const std::byte* at = payload.data() + kLogHeader;
  const std::byte* const end = payload.data() + log_used(payload);
  while (at != end) {
    poll();
    const auto kind = static_cast<Item>(*at++);
    const std::size_t length = trusted_varint(at);
    if (kind == Item::event) {
      replay_event({at, length}, builder);
    } else {
      builder.add_timeline(TimelineView({at, length}), poll);
    }
    at += length;
  }
}

}  // namespace cdp::core::timeline
