// The outer layout of a stored profile: header, directory, tables, records (docs/format.md).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/bytes/buffer.hpp"
#include "core/profile/sections.hpp"

namespace cdp::core {

// What the records of a profile refer to, where each of them starts in `records`, and what follows them.
struct Layout {
  std::uint8_t keep;
  std::span<const std::string_view> sources;  // in the order of their bytes
  std::span<const std::int64_t> times;        // ascending
  std::span<const std::uint32_t> starts;
  ByteSpan records;
  SectionSpans sections{};
  std::uint16_t marks = 0;  // for the flags
};

void append_profile(const Layout& layout, Buffer& out);
// The profile with the same attributes and other sections and marks.
void append_with_sections(const ProfileView& profile, const SectionSpans& sections, std::uint16_t marks, Buffer& out);

// The number of the coarsest unit that loses nothing.
std::uint8_t coarsest_unit(std::span<const std::int64_t> times) noexcept;

inline constexpr std::size_t kLongestVarint = 10;

// Unchecked writes into room that was made before.
inline void put_varint(std::byte*& to, std::uint64_t value) noexcept {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<std::byte>(value | 0x80);
  *to++ = static_cast<std::byte>(value);
}
inline void put_bytes(std::byte*& to, ByteSpan bytes) noexcept {
  copy_short(to, bytes.data(), bytes.size());
  to += bytes.size();
}

}  // namespace cdp::core
