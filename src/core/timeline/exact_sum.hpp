// A sum of decimals that stays exact: in 128 bits while that is enough, else digit by digit.
#pragma once

#include <memory_resource>
#include <optional>
#include <vector>

#include "core/profile/decimal.hpp"
#include "core/timeline/format.hpp"

namespace cdp::core::timeline {

class ExactSum {
 public:
  explicit ExactSum(std::pmr::memory_resource* resource) : long_(resource) {}

  void add(ByteSpan decimal) {
    if (const auto number = decimal_to_scaled(decimal); !number || !add(number->mantissa, number->scale)) {
      Buffer sum;
      append_decimal_sum(sum, long_total(), decimal);
      long_.assign(sum.data(), sum.data() + sum.size());
    }
  }

  // mantissa / 10^scale. False, with nothing added, when it does not fit.
  bool add(__int128 mantissa, unsigned scale) {
    __int128 sum = total_;
    for (unsigned s = scale_; s < scale; ++s)
      if (__builtin_mul_overflow(sum, 10, &sum)) return false;
    for (; scale < scale_; ++scale)
      if (__builtin_mul_overflow(mantissa, 10, &mantissa)) return false;
    if (__builtin_add_overflow(sum, mantissa, &sum) || sum > kMost || sum < -kMost) return false;
    total_ = sum;
    scale_ = scale;
    return true;
  }

  // While it fits 128 bits.
  struct Scaled {
    __int128 mantissa;
    unsigned scale;
  };
  std::optional<Scaled> scaled() const noexcept {
    return long_.empty() ? std::optional(Scaled{total_, scale_}) : std::nullopt;
  }

  void append_to(Buffer& out) const {
    Buffer part;
    append_decimal(part, total_, scale_);
    append_decimal_sum(out, long_total(), part.span());
  }

 private:
  static constexpr __int128 kMost = static_cast<__int128>(1) << 120;

  ByteSpan long_total() const noexcept {
    static constexpr std::byte kZero[] = {std::byte{0x80}};
    return long_.empty() ? ByteSpan(kZero) : ByteSpan(long_.data(), long_.size());
  }

  __int128 total_ = 0;
  unsigned scale_ = 0;
  std::pmr::vector<std::byte> long_;  // what did not fit
};

}  // namespace cdp::core::timeline
