// A set of 65536 small numbers as bits, to compute in.
#pragma once

#include <bit>
#include <cstring>

#include "core/audience/format.hpp"

namespace cdp::core::audience {

// Two words at a time: what every 64-bit machine has, without asking which instructions it knows.
using Lane = std::uint64_t __attribute__((vector_size(16)));
inline constexpr std::size_t kLanes = kBitsetBytes / sizeof(Lane);

inline Lane load_lane(const void* from) noexcept {
  Lane lane;
  std::memcpy(&lane, from, sizeof lane);
  return lane;
}

inline Lane ones_in(Lane x) noexcept {
  x -= (x >> 1) & 0x5555555555555555;
  x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333);
  x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F;
  x += x >> 8;
  x += x >> 16;
  x += x >> 32;
  return x & 0x7F;
}

// Bits set in lane_at(0) … lane_at(kLanes - 1), by carry-save adders over eight lanes (Harley and Seal).
template <typename LaneAt>
std::uint32_t count_ones(LaneAt&& lane_at) noexcept {
  const auto add = [](Lane& sum, Lane a, Lane b) noexcept {
    const Lane either = sum ^ a, carry = (sum & a) | (either & b);
    sum = either ^ b;
    return carry;
  };
  Lane ones{}, twos{}, fours{}, eights{};
  for (std::size_t i = 0; i < kLanes; i += 8) {
    Lane first = add(ones, lane_at(i), lane_at(i + 1)), second = add(ones, lane_at(i + 2), lane_at(i + 3));
    const Lane four = add(twos, first, second);
    first = add(ones, lane_at(i + 4), lane_at(i + 5));
    second = add(ones, lane_at(i + 6), lane_at(i + 7));
    eights += ones_in(add(fours, four, add(twos, first, second)));
  }
  const Lane total = 8 * eights + 4 * ones_in(fours) + 2 * ones_in(twos) + ones_in(ones);
  return static_cast<std::uint32_t>(total[0] + total[1]);
}

class Bitmap {
 public:
  static constexpr std::size_t kWords = kBitsetBytes / 8;

  Bitmap() noexcept { words_[0] = 0; }
  std::uint64_t* words() noexcept { return words_ + 1; }
  const std::uint64_t* words() const noexcept { return words_ + 1; }

  void clear() noexcept { std::memset(words(), 0, kBitsetBytes); }
  void load(const std::byte* bitset) noexcept {
    std::memcpy(words(), bitset, kBitsetBytes);
    little_endian();
  }
  void store(std::byte* to) noexcept {
    little_endian();
    std::memcpy(to, words(), kBitsetBytes);
    little_endian();
  }

  void set(std::uint32_t value) noexcept { words()[value / 64] |= bit(value); }
  void reset(std::uint32_t value) noexcept { words()[value / 64] &= ~bit(value); }
  void flip(std::uint32_t value) noexcept { words()[value / 64] ^= bit(value); }
  // The same for first … last; nothing when first > last.
  void set(std::uint32_t first, std::uint32_t last) noexcept {
    each_word(first, last, [](std::uint64_t& word, std::uint64_t mask) { word |= mask; });
  }
  void reset(std::uint32_t first, std::uint32_t last) noexcept {
    each_word(first, last, [](std::uint64_t& word, std::uint64_t mask) { word &= ~mask; });
  }
  void flip(std::uint32_t first, std::uint32_t last) noexcept {
    each_word(first, last, [](std::uint64_t& word, std::uint64_t mask) { word ^= mask; });
  }

  std::uint32_t cardinality() const noexcept {
    return count_ones([this](std::size_t i) { return load_lane(words() + 2 * i); });
  }
  // Maximal runs of neighbours: bits whose lower neighbour is not set.
  std::uint32_t runs() const noexcept {
    return count_ones([this](std::size_t i) {
      const Lane lane = load_lane(words() + 2 * i), lower = load_lane(words_ + 2 * i);
      return lane & ~((lane << 1) | (lower >> 63));
    });
  }

  template <typename Visit>
  void for_each(Visit&& visit) const noexcept {
    for (std::uint32_t i = 0; i < kWords; ++i)
      for (std::uint64_t word = words()[i]; word != 0; word &= word - 1)
        visit(i * 64 + static_cast<std::uint32_t>(std::countr_zero(word)));
  }
  // visit(first, last) of each maximal run.
  template <typename Visit>
  void for_each_run(Visit&& visit) const noexcept {
    for (std::uint32_t at = next(0, 0); at < kChunkIds;) {
      const std::uint32_t end = next(at, ~std::uint64_t{0});
      visit(at, end - 1);
      at = next(end, 0);
    }
  }

 private:
  static constexpr std::uint64_t bit(std::uint32_t value) noexcept { return std::uint64_t{1} << (value % 64); }

  template <typename Change>
  void each_word(std::uint32_t first, std::uint32_t last, Change&& change) noexcept {
    if (first > last) return;
    const std::uint32_t from = first / 64, to = last / 64;
    const std::uint64_t head = ~std::uint64_t{0} << (first % 64), tail = ~std::uint64_t{0} >> (63 - last % 64);
    if (from == to) return change(words()[from], head & tail);
    change(words()[from], head);
    for (std::uint32_t i = from + 1; i < to; ++i) change(words()[i], ~std::uint64_t{0});
    change(words()[to], tail);
  }

  // The first position at or after `at` that is set, or with inverted words not set; 65536 when there is none.
  std::uint32_t next(std::uint32_t at, std::uint64_t inverted) const noexcept {
    if (at >= kChunkIds) return kChunkIds;
    std::uint32_t i = at / 64;
    std::uint64_t word = (words()[i] ^ inverted) & (~std::uint64_t{0} << (at % 64));
    while (word == 0) {
      if (++i == kWords) return kChunkIds;
      word = words()[i] ^ inverted;
    }
    return i * 64 + static_cast<std::uint32_t>(std::countr_zero(word));
  }

  void little_endian() noexcept {
    if constexpr (std::endian::native == std::endian::big)
      for (std::size_t i = 0; i < kWords; ++i) words()[i] = byte_swap(words()[i]);
  }

  std::uint64_t words_[1 + kWords];  // the first one stays zero: the lower neighbour of bit 0
};

}  // namespace cdp::core::audience
