// Unaligned little- and big-endian loads and stores. Every stored integer passes through here.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace cdp::core {

using ByteSpan = std::span<const std::byte>;

template <std::unsigned_integral T>
constexpr T byte_swap(T value) noexcept {
  if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
  if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
  return value;
}

template <std::unsigned_integral T>
T load_le(const std::byte* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) value = byte_swap(value);
  return value;
}

template <std::unsigned_integral T>
T load_be(const std::byte* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::little) value = byte_swap(value);
  return value;
}

template <std::unsigned_integral T>
void store_le(std::byte* to, T value) noexcept {
  if constexpr (std::endian::native == std::endian::big) value = byte_swap(value);
  std::memcpy(to, &value, sizeof(T));
}

template <std::unsigned_integral T>
void store_be(std::byte* to, T value) noexcept {
  if constexpr (std::endian::native == std::endian::little) value = byte_swap(value);
  std::memcpy(to, &value, sizeof(T));
}

inline std::string_view as_text(ByteSpan bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline ByteSpan as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// memcpy and equality for what is mostly a few bytes long: two loads that may overlap instead of a call.
inline void copy_short(std::byte* to, const std::byte* from, std::size_t size) noexcept {
  const auto overlap = [&]<typename Word>(Word head) {
    Word tail;
    std::memcpy(&head, from, sizeof(Word));
    std::memcpy(&tail, from + size - sizeof(Word), sizeof(Word));
    std::memcpy(to, &head, sizeof(Word));
    std::memcpy(to + size - sizeof(Word), &tail, sizeof(Word));
  };
  if (size > 16) {
    std::memcpy(to, from, size);
  } else if (size >= 8) {
    overlap(std::uint64_t{});
  } else if (size >= 4) {
    overlap(std::uint32_t{});
  } else if (size > 0) {
    to[0] = from[0];
    if (size > 1) {
      to[size - 1] = from[size - 1];
      to[1] = from[1];
    }
  }
}

inline bool same_bytes(ByteSpan a, ByteSpan b) noexcept {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  const auto overlap = [&]<typename Word>(Word) {
    Word heads[2], tails[2];
    std::memcpy(&heads[0], a.data(), sizeof(Word));
    std::memcpy(&heads[1], b.data(), sizeof(Word));
    std::memcpy(&tails[0], a.data() + size - sizeof(Word), sizeof(Word));
    std::memcpy(&tails[1], b.data() + size - sizeof(Word), sizeof(Word));
    return ((heads[0] ^ heads[1]) | (tails[0] ^ tails[1])) == 0;
  };
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  if (size >= 8) return overlap(std::uint64_t{});
  if (size >= 4) return overlap(std::uint32_t{});
  for (std::size_t i = 0; i < size; ++i)
    if (a[i] != b[i]) return false;
  return true;
}

// Order of the bytes as unsigned numbers, a prefix before what it begins: the order of every dictionary.
inline int compare_bytes(ByteSpan a, ByteSpan b) noexcept {
  const std::size_t common = a.size() < b.size() ? a.size() : b.size();
  const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  if (order != 0) return order;
  return a.size() < b.size() ? -1 : (a.size() > b.size() ? 1 : 0);
}

}  // namespace cdp::core
