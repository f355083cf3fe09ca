// The bytes of a stored timeline, after the varlena length. docs/format.md is the specification.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cdp::core::timeline {

inline constexpr std::uint8_t kMagic = 0xC6, kVersion = 1;
// A timeline under construction: a log of what was put in. Only aggregates make it; see log.hpp.
inline constexpr std::uint8_t kLogMagic = 0xC7;

// Offsets of the header's fields.
inline constexpr std::size_t kMagicAt = 0, kVersionAt = 1, kFlags = 2, kCount = 4, kReserved = 8, kUnit = 12,
                             kWidth = 13, kBody = 14;
inline constexpr std::size_t kSmallest = kBody + 2;  // no names, which take no bytes

inline constexpr std::uint16_t kFolded = 1, kCut = 2, kMessageIds = 4, kKeeps = 8, kProperties = 16, kDictionary = 32,
                               kAllFlags = 63;

// What times are counted in: the coarsest unit that loses nothing.
inline constexpr std::int64_t kUnits[] = {1, 1'000, 1'000'000, 60'000'000, 3'600'000'000, 86'400'000'000};
inline constexpr std::uint8_t kUnitCount = 6;

// How many events of a name are kept; a timeline can keep fewer.
inline constexpr std::uint32_t kMostKept = 1000;
// Properties of all kept events together. A column that all events share takes no room for each of them, so the bytes
// of a timeline don't bound what it expands to.
inline constexpr std::uint64_t kMostProperties = 10'000'000;

// Bits of a column's head.
inline constexpr std::uint8_t kNumbers = 1, kSome = 2, kSameKey = 4, kFew = 8, kAllColumnBits = 15;
inline constexpr unsigned kMaxScale = 18;

}  // namespace cdp::core::timeline
