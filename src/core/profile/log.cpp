// src/core/profile/log.cpp: the growing state of profile aggregates.
#include "core/profile/log.hpp"

#include <algorithm>
#include <memory_resource>
#include <vector>

#include "core/profile/format.hpp"
#include "core/profile/layout.hpp"

namespace cdp::core::log {

namespace {

std::string_view read_text(const std::byte*& at) noexcept {
  const std::size_t length = trusted_varint(at);
  at += length;
  return as_text({at - length, length});
}

std::string_view word(ByteSpan words, std::byte number) noexcept {
  const std::byte* at = words.data();
  for (auto left = std::to_integer<unsigned>(number); left > 0; --left) read_text(at);
  return read_text(at);
}

RowView read_coded(ByteSpan content, ByteSpan words) noexcept {
  return {static_cast<std::int64_t>(load_le<std::uint64_t>(content.data())), word(words, content[8]),
          content.subspan(9), words};
}

}  // namespace

RowView read_row(ByteSpan content) noexcept {
  const std::byte* at = content.data() + 8;
  const std::string_view source = read_text(at);
  const ByteSpan members(at, static_cast<std::size_t>(content.data() + content.size() - at));
  return {static_cast<std::int64_t>(load_le<std::uint64_t>(content.data())), source, members};
}

void replay_row(const RowView& row, ProfileBuilder& builder) {
  builder.begin_row(row.source, row.time);
  const std::byte* at = row.members.data();
  const std::byte* const end = at + row.members.size();
  while (at != end) {
    const std::string_view name = row.words.empty() ? read_text(at) : word(row.words, *at++);
    builder.add_to_row(name, trusted_value(at));
  }
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

std::uint32_t Words::add(std::string_view word) {
  const std::size_t size = table_.size() + varint_size(word.size()) + word.size();
  if (words_.size() == kMostWords || size > kMostWordBytes) return kNone;
  // What may run out of memory comes first, so that a word is added as a whole or not at all.
  table_.reserve(kMostWordBytes);
  ends_.reserve(kMostWords);
  const std::uint32_t number = words_.intern(word);
  ends_.push_back(static_cast<std::uint32_t>(size));
  append_name(table_, word);
  return number;
}

std::size_t item_size(std::size_t content) noexcept { return 1 + varint_size(content) + content; }

void append(std::byte* payload, Item kind, ByteSpan content) noexcept {
  std::byte* at = payload + used({payload, kHeader});
  *at++ = static_cast<std::byte>(kind);
  std::uint64_t length = content.size();
  for (; length >= 0x80; length >>= 7) *at++ = static_cast<std::byte>(length | 0x80);
  *at++ = static_cast<std::byte>(length);
  std::memcpy(at, content.data(), content.size());
  if (kind == Item::words) std::memcpy(payload + kWordsAt, payload + 4, 4);
  extend_to(payload, at + content.size());
}

void append_row(std::byte* payload, ByteSpan row) noexcept {
  std::byte* const to = payload + used({payload, kHeader});
  std::memcpy(to, row.data(), row.size());
  extend_to(payload, to + row.size());
}

void append_log(std::byte* payload, ByteSpan log) noexcept {
  const std::size_t at = used({payload, kHeader});
  append_row(payload, items(log));
  const std::uint32_t words = load_le<std::uint32_t>(log.data() + kWordsAt);
  if (words != 0) store_le(payload + kWordsAt, static_cast<std::uint32_t>(at + words - kHeader));
}

bool begins_with_policy(ByteSpan payload, ByteSpan body) noexcept {
  const std::byte* at = payload.data() + kHeader;
  if (at == payload.data() + used(payload)) return false;
  const auto kind = static_cast<Item>(*at++);
  const std::size_t length = trusted_varint(at);
  if (kind == Item::profile) return same_bytes(ProfileView({at, length}).section(Section::policy), body);
  return kind == Item::policy && same_bytes({at, length}, body);
}

void replay(ByteSpan payload, ProfileBuilder& builder, const Poll& poll) {
  std::byte near[2048];
  std::pmr::monotonic_buffer_resource memory(near, sizeof near);
  std::pmr::vector<RowView> rows(&memory);
  rows.reserve(16);
  ByteSpan words;
  const std::byte* at = payload.data() + kHeader;
  const std::byte* const end = payload.data() + used(payload);
  while (at != end) {
    poll();
    const ItemView item = next_item(at);
    switch (item.kind) {
      case Item::row:
      case Item::row_under_policy: rows.push_back(read_row(item.content)); break;
      case Item::coded: rows.push_back(read_coded(item.content, words)); break;
      case Item::words: words = item.content; break;
      case Item::profile: builder.add_profile(ProfileView(item.content)); break;
      case Item::policy: builder.sections().add_policy(item.content); break;
    }
    // Attributes that no policy has shaped go with no policy's.
    const bool plain = item.kind == Item::row || item.kind == Item::coded;
    if (plain && !rows.back().members.empty()) builder.sections().add_policy({});
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
