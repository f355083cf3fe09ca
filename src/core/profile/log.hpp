// A profile under construction: what an aggregate carries from row to row. Observations are appended as they come and
// made into a profile at the end, or when the log has grown much longer than the profile would be.
//
// It has the header of a stored value with a magic of its own; the count is the number of bytes in use, so that there
// can be room after them. Then items: u8 kind, varint length, content.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/profile/builder.hpp"

namespace cdp::core::log {

inline constexpr std::size_t kHeader = 12;  // bytes before the first item; the count is at offset 4

// Bytes that are left free, and may be read, behind the last item.
inline constexpr std::size_t kSlack = 16;

enum class Item : std::uint8_t {
  row = 1,      // eight bytes of time, varint(length) source, then varint(length) name and value, to the end
  profile = 2,  // the payload of a profile
};

inline bool is_log(ByteSpan payload) noexcept { return payload[0] == std::byte{0xC2}; }
inline std::size_t used(ByteSpan payload) noexcept { return load_le<std::uint32_t>(payload.data() + 4); }

// Writes the header of an empty log.
void begin(std::byte* payload) noexcept;

// One row in the form of an item; the pieces must be appended in this order.
void begin_row(Buffer& item, std::string_view source, std::int64_t time);
inline void append_name(Buffer& item, std::string_view name) {
  item.varint(name.size());
  item.append(name);
}

// Name and string value in one step: most members are strings.
void append_string(Buffer& item, std::string_view name, std::string_view value);

// Bytes that the item takes in a log.
std::size_t item_size(std::size_t content) noexcept;

// Puts an item at the end; the caller has made sure that there is room for item_size(content)
// and the slack.
void append(std::byte* payload, Item kind, ByteSpan content) noexcept;

// The same for items that are complete: those of another log.
void append_items(std::byte* payload, ByteSpan items) noexcept;

// A row in place.
struct RowView {
  std::int64_t time;
  std::string_view source;
  ByteSpan members;  // text(name) and value, until the end
};
RowView read_row(ByteSpan content) noexcept;

// Adds everything in the log to the builder.
void replay(ByteSpan payload, ProfileBuilder& builder, const Poll& poll = {});

}  // namespace cdp::core::log
