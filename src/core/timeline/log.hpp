// A timeline under construction: what an aggregate carries from row to row. Events are appended as they come and made
// into a timeline at the end, or when the log has grown much longer than the timeline would be.
//
// It has the header of a stored value with a magic of its own; the count is the number of bytes in use, so that there
// can be room after them. Then items: u8 kind, varint length, content.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/timeline/builder.hpp"

namespace cdp::core::timeline {

inline constexpr std::size_t kLogHeader = 12;  // bytes before the first item

enum class Item : std::uint8_t {
  event = 1,  // eight bytes of time, text(name), varint(0) or varint(1 + length) message id, then properties to the end
  timeline = 2,  // the payload of a timeline
};

struct EventItem {
  std::int64_t time;
  std::string_view name;
  std::optional<std::string_view> message_id;
  ByteSpan properties;  // text(key) and value, keys in strictly ascending order
};

inline bool is_log(ByteSpan payload) noexcept { return payload[0] == std::byte{kLogMagic}; }
inline std::size_t log_used(ByteSpan payload) noexcept { return load_le<std::uint32_t>(payload.data() + kCount); }

// Writes the header of an empty log.
void begin_log(std::byte* payload) noexcept;

// Bytes that an item takes.
std::size_t event_size(const EventItem& event) noexcept;
std::size_t timeline_size(std::size_t payload) noexcept;

// Put an item at the end; the caller has made sure that there is room.
void append_event(std::byte* log, const EventItem& event) noexcept;
void append_timeline(std::byte* log, ByteSpan payload) noexcept;
void append_items(std::byte* log, ByteSpan items) noexcept;  // complete ones: those of another log

// Adds everything in the log to the builder, which refers to the log's bytes from then on.
void replay_log(ByteSpan payload, TimelineBuilder& builder, const Poll& poll = {});

}  // namespace cdp::core::timeline
