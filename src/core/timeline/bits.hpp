// Arrays of unsigned numbers of one width in bits, low bits first.
#pragma once

#include <bit>
#include <cstdint>

#include "core/bytes/load.hpp"

namespace cdp::core::timeline {

constexpr std::size_t packed_size(std::uint64_t count, unsigned width) noexcept {
  return static_cast<std::size_t>((count * width + 7) / 8);
}

// Bits that number `count` things from 0.
constexpr unsigned index_width(std::uint64_t count) noexcept {
  return count < 2 ? 0 : static_cast<unsigned>(std::bit_width(count - 1));
}

constexpr std::uint64_t low_bits(unsigned width) noexcept {
  return width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

// Reads in place. Loads eight bytes at a time, but none behind the end of the value, which is longer than that.
class PackedBits {
 public:
  PackedBits() = default;
  PackedBits(const std::byte* begin, const std::byte* end_of_value, unsigned width) noexcept
      : begin_(begin), last_(end_of_value - 8), width_(width) {}

  unsigned width() const noexcept { return width_; }
  const std::byte* begin() const noexcept { return begin_; }

  std::uint64_t operator[](std::uint64_t index) const noexcept {
    if (width_ == 0) return 0;
    const std::uint64_t bit = index * width_;
    const std::byte* at = begin_ + bit / 8;
    unsigned shift = bit % 8;
    if (at > last_) {
      shift += 8 * static_cast<unsigned>(at - last_);
      at = last_;
    }
    std::uint64_t bits = load_le<std::uint64_t>(at) >> shift;
    if (shift + width_ > 64) bits |= static_cast<std::uint64_t>(at[8]) << (64 - shift);
    return bits & low_bits(width_);
  }

 private:
  const std::byte *begin_ = nullptr, *last_ = nullptr;
  unsigned width_ = 0;
};

// Writes into room that was made before: packed_size() bytes and eight more, which may be overwritten.
class BitWriter {
 public:
  explicit BitWriter(std::byte* to) noexcept : to_(to) {}

  void put(std::uint64_t value, unsigned width) noexcept {
    pending_ |= value << filled_;
    if (filled_ + width < 64) {
      filled_ += width;
      return;
    }
    store_le(to_, pending_);
    to_ += 8;
    pending_ = filled_ == 0 ? 0 : value >> (64 - filled_);
    filled_ = filled_ + width - 64;
  }

  // Returns where the array ends.
  std::byte* finish() noexcept {
    store_le(to_, pending_);
    return to_ + (filled_ + 7) / 8;
  }

 private:
  std::byte* to_;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;
};

}  // namespace cdp::core::timeline
