// Exact decimals whose bytes compare as the numbers do, so that comparing two is one memcmp.
//
// value = ± 0.D1 D2 D3 … × 100^E with base-100 digits, D1 and the last digit not zero:
//   zero      80
//   positive  lead, digits as they are; lead = 82 + E + 31 for −31 ≤ E ≤ 93, else 81 (smaller) or FF (larger)
//             followed by E + 2^31 as four bytes, big end first
//   negative  0x100 − lead, the bytes of E inverted, digits as FE − D, closed by FF
// The range is that of the server's numeric: 131072 digits before the point, 16383 after it.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/buffer.hpp"

namespace cdp::core {

inline constexpr std::int32_t kDecimalDigitsBefore = 131072;
inline constexpr std::int32_t kDecimalDigitsAfter = 16383;

// Appends the number with these base-100 digits, the first one standing for D × 100^(exponent − 1). Zeros at
// both ends are dropped. 22P02 beyond the range.
void append_decimal(Buffer& out, bool negative, std::int32_t exponent, std::span<const std::uint8_t> digits);

// Appends the number written in `text` (JSON number syntax: 12, -0.5, 1.2e3). 22P02 when it is not one.
void append_decimal(Buffer& out, std::string_view text);
void append_decimal(Buffer& out, std::int64_t value);
// mantissa / 10^scale, for |mantissa| below 2^120.
void append_decimal(Buffer& out, __int128 mantissa, unsigned scale);

// Appends the sum. 22003 beyond the range.
void append_decimal_sum(Buffer& out, ByteSpan a, ByteSpan b);

// A number as mantissa / 10^scale with the least scale; nothing when that takes more than 64 bits, or a scale above 18.
struct ScaledDecimal {
  std::int64_t mantissa;
  unsigned scale;
};
std::optional<ScaledDecimal> decimal_to_scaled(ByteSpan decimal) noexcept;

// Appends the exact sum of the numbers. 22003 beyond the range.
void append_sum(Buffer& out, std::span<const ByteSpan> numbers, std::pmr::memory_resource* resource);

// The number as the server's numeric takes it apart: digits of base 10000, the first one standing for D × 10000^weight,
// none of both ends zero (none at all for zero), and decimal digits after the point.
struct Numeral {
  bool negative = false;
  std::int32_t weight = 0, scale = 0;
};
Numeral take_apart(ByteSpan decimal, std::pmr::vector<std::uint16_t>& digits);

// Plain notation without exponent or needless zeros: "-0.5", "1200".
void print_decimal(ByteSpan decimal, Buffer& out);

// The number as an integer; nothing when it is not one of 64 bits.
std::optional<std::int64_t> decimal_to_integer(ByteSpan decimal) noexcept;

// The nearest double; beyond its range ±infinity. For statistics, never for comparing.
double decimal_to_double(ByteSpan decimal) noexcept;

// True when the bytes are the canonical form of some number in range.
bool is_decimal(ByteSpan decimal) noexcept;

}  // namespace cdp::core
