// The bytes of a cdp.audience (docs/format.md). An id is read as an unsigned key in the order of the signed ids; keys
// with the same upper 32 bits form a group, which is a bitmap in the portable format of RoaringFormatSpec.
#pragma once

#include <cstdint>

#include "core/bytes/load.hpp"

namespace cdp::core::audience {

inline constexpr std::uint8_t kMagic = 0xC8, kLogMagic = 0xCA, kVersion = 1, kWireVersion = 1;
inline constexpr std::size_t kCount = 4, kReserved = 8, kCardinality = 12;
inline constexpr std::size_t kHeader = 20;  // then the directory: per group its upper 32 bits and where it ends
inline constexpr std::size_t kEntry = 8;

inline constexpr std::uint32_t kCookieNoRuns = 12346, kCookieRuns = 12347;
inline constexpr std::uint32_t kOffsetsFrom = 4;  // chunks from which on a group with runs has a table of offsets
inline constexpr std::uint32_t kChunkIds = 65536, kMostInArray = 4096;
inline constexpr std::size_t kBitsetBytes = 8192;

constexpr std::uint64_t key_of(std::int64_t id) noexcept {
  return static_cast<std::uint64_t>(id) ^ (std::uint64_t{1} << 63);
}
constexpr std::int64_t id_of(std::uint64_t key) noexcept {
  return static_cast<std::int64_t>(key ^ (std::uint64_t{1} << 63));
}

enum class Kind : std::uint8_t { array, bitset, runs };

// The one representation of so many ids in so many runs: the shortest; of equals no runs.
constexpr Kind kind_of(std::uint32_t cardinality, std::uint32_t runs) noexcept {
  const std::size_t plain = cardinality <= kMostInArray ? cardinality * std::size_t{2} : kBitsetBytes;
  if (2 + runs * std::size_t{4} < plain) return Kind::runs;
  return cardinality <= kMostInArray ? Kind::array : Kind::bitset;
}

inline void write_header(std::byte* to, std::uint32_t groups, std::uint64_t cardinality) noexcept {
  to[0] = std::byte{kMagic};
  to[1] = std::byte{kVersion};
  store_le(to + 2, std::uint16_t{0});
  store_le(to + kCount, groups);
  store_le(to + kReserved, std::uint32_t{0});
  store_le(to + kCardinality, cardinality);
}

}  // namespace cdp::core::audience
