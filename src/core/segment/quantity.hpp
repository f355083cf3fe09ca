// Comparisons of whole numbers that are not known exactly.
#pragma once

#include <cstdint>
#include <optional>

#include "core/segment/truth.hpp"
#include "core/timeline/exact_sum.hpp"

namespace cdp::core::rule {

// The numbers that a comparison is true of: those from `least` to `most`, or all others.
struct Range {
  std::int64_t least, most;
  bool others = false;

  bool has(std::int64_t number) const noexcept { return (least <= number && number <= most) != others; }
  // Of a number that is one of these.
  Truth of_any(std::int64_t from, std::int64_t to) const noexcept {
    if (least > most || to < least || from > most) return truth(others);
    return least <= from && to <= most ? truth(!others) : Truth::unknown;
  }
};

// For a comparison (equal … not_between) of number / 10^scale with numbers. Nothing when that takes more than 64 bits,
// which for a scale of 0 it never does, or when a constant is no number.
std::optional<Range> range_of_numbers(Opcode op, const std::byte* arguments, unsigned scale);
// For one with timestamps.
Range range_of_times(Opcode op, const std::byte* arguments) noexcept;

// Whether total / divisor compares so with the numbers.
bool compare_total(Opcode op, const std::byte* arguments, const timeline::ExactSum& total, std::uint64_t divisor);

}  // namespace cdp::core::rule
