// A 64-bit hash of bytes for in-memory tables: multiply-and-fold over eight-byte steps, as wyhash and
// its relatives do. Not for stored keys, not against chosen collisions beyond slowing down.
#pragma once

#include <cstdint>

#include "core/bytes/load.hpp"

namespace cdp::core {

inline std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) noexcept {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t hash_bytes(ByteSpan bytes, std::uint64_t seed = 0) noexcept {
  constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15, kOther = 0xD6E8FEB86659FD93;
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t state = seed ^ (left * kMix);
  for (; left >= 8; left -= 8, at += 8) state = fold_multiply(state ^ load_le<std::uint64_t>(at), kOther);
  std::uint64_t tail = 0;
  if (left >= 4) {
    tail = load_le<std::uint32_t>(at) | (static_cast<std::uint64_t>(load_le<std::uint32_t>(at + left - 4)) << 32);
  } else if (left > 0) {
    tail = static_cast<std::uint64_t>(at[0]) | (static_cast<std::uint64_t>(at[left >> 1]) << 8) |
           (static_cast<std::uint64_t>(at[left - 1]) << 16);
  }
  return fold_multiply(state ^ tail ^ kMix, kOther ^ (tail << 1));
}

}  // namespace cdp::core
