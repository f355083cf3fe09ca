// src/core/profile/log.cpp: the growing state of profile aggregates.
#include "core/profile/log.hpp"

#include <algorithm>
#include <memory_resource>
#include <vector>

#include "core/profile/format.hpp"
#include "core/profile/layout.hpp"

namespace cdp::core::log {

namespace {

std::size_t varint_size(std::uint64_t value) noexcept {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void replay_row(const RowView& row, ProfileBuilder& builder) {
  builder.begin_row(row.source, row.time);
  const std::byte* at = row.members.data();
  const std::byte* const end = at + row.members.size();
  while (at != end) {
    const std::size_t length = trusted_varint(at);
    const std::string_view name = as_text({at, length});
    at += length;
    builder.add_to_row(name, trusted_value(at));
  }
}

}  // namespace

RowView read_row(ByteSpan content) noexcept {
  const std::byte* at = content.data() + 8;
  const std::size_t length = trusted_varint(at);
  const ByteSpan members(at + length, static_cast<std::size_t>(content.data() + content.size() - at) - length);
  return {static_cast<std::int64_t>(load_le<std::uint64_t>(content.data())), as_text({at, length}), members};
}

void begin(std::byte* payload) noexcept {
  payload[0] = static_cast<std::byte>(format::kLogMagic);
  payload[1] = static_cast<std::byte>(format::kVersion);
  store_le<std::uint16_t>(payload + 2, 0);
  store_le<std::uint32_t>(payload + 4, kHeader);
  store_le<std::uint32_t>(payload + 8, 0);
}

void begin_row(Buffer& item, std::string_view source, std::int64_t time) {
  item.le(static_cast<std::uint64_t>(time));
  append_name(item, source);
}

void append_string(Buffer& item, std::string_view name, std::string_view value) {
  const std::size_t start = item.size();
  std::byte* to = item.extend(name.size() + value.size() + 2 * kLongestVarint);
  put_varint(to, name.size());
  put_bytes(to, as_bytes(name));
  put_varint(to, value.size() << 3 | static_cast<std::uint64_t>(Type::string));
  put_bytes(to, as_bytes(value));
  item.truncate(start + static_cast<std::size_t>(to - (item.data() + start)));
}

std::size_t item_size(std::size_t content) noexcept { return 1 + varint_size(content) + content; }

void append(std::byte* payload, Item kind, ByteSpan content) noexcept {
  std::byte* at = payload + used({payload, kHeader});
  *at++ = static_cast<std::byte>(kind);
  std::uint64_t length = content.size();
  for (; length >= 0x80; length >>= 7) *at++ = static_cast<std::byte>(length | 0x80);
  *at++ = static_cast<std::byte>(length);
  std::memcpy(at, content.data(), content.size());
  store_le(payload + 4, static_cast<std::uint32_t>(at + content.size() - payload));
}

void append_items(std::byte* payload, ByteSpan items) noexcept {
  const std::size_t at = used({payload, kHeader});
  std::memcpy(payload + at, items.data(), items.size());
  store_le(payload + 4, static_cast<std::uint32_t>(at + items.size()));
}

void replay(ByteSpan payload, ProfileBuilder& builder, const Poll& poll) {
  std::byte near[2048];
  std::pmr::monotonic_buffer_resource memory(near, sizeof near);
  std::pmr::vector<RowView> rows(&memory);
  rows.reserve(32);
  const std::byte* at = payload.data() + kHeader;
  const std::byte* const end = payload.data() + used(payload);
  while (at != end) {
    poll();
    const auto kind = static_cast<Item>(*at++);
    const std::size_t length = trusted_varint(at);
    if (kind == Item::row) {
      rows.push_back(read_row({at, length}));
    } else {
      builder.add_profile(ProfileView({at, length}));
    }
    at += length;
  }
  // Oldest first: the builder meets the points of an attribute in the order in which it keeps them, and need not sort.
  std::sort(rows.begin(), rows.end(), [](const RowView& a, const RowView& b) {
    return a.time != b.time ? a.time < b.time : a.source > b.source;
  });
  for (const RowView& row : rows) {
    poll();
    replay_row(row, builder);
  }
}

}  // namespace cdp::core::log
