#include "core/audience/chunk.hpp"

#include <utility>

#include "core/audience/bitmap.hpp"

namespace cdp::core::audience {

namespace {

// The first i in [from, size) with at(i) >= value, else size.
template <typename At>
std::uint32_t lower_bound(std::uint32_t from, std::uint32_t size, std::uint32_t value, At&& at) noexcept {
  while (from < size) {
    const std::uint32_t middle = from + (size - from) / 2;
    if (at(middle) < value) {
      from = middle + 1;
    } else {
      size = middle;
    }
  }
  return from;
}

std::uint32_t common_in_arrays(const Chunk& few, const Chunk& many) noexcept {
  std::uint32_t i = 0, j = 0, common = 0;
  if (few.cardinality * 32 < many.cardinality) {
    for (; i < few.cardinality && j < many.cardinality; ++i) {
      const std::uint32_t value = few.value(i);
      j = lower_bound(j, many.cardinality, value, [&](std::uint32_t k) { return many.value(k); });
      common += j < many.cardinality && many.value(j) == value;
    }
    return common;
  }
  while (i < few.cardinality && j < many.cardinality) {
    const std::uint32_t x = few.value(i), y = many.value(j);
    common += x == y;
    i += x <= y;
    j += y <= x;
  }
  return common;
}

std::uint32_t common_in_bitset(const Chunk& other, const Chunk& bitset) noexcept {
  if (other.kind == Kind::array) {
    std::uint32_t common = 0;
    for (std::uint32_t i = 0; i < other.cardinality; ++i) common += bitset.bit(other.value(i));
    return common;
  }
  if (other.kind == Kind::bitset)
    return count_ones([&](std::size_t i) { return load_lane(other.data + 16 * i) & load_lane(bitset.data + 16 * i); });
  Bitmap bitmap;
  bitmap.load(bitset.data);
  std::uint32_t gap = 0;
  for (std::uint32_t i = 0; i < other.runs; ++i) {
    if (other.first(i) > gap) bitmap.reset(gap, other.first(i) - 1);
    gap = other.last(i) + 1;
  }
  bitmap.reset(gap, kChunkIds - 1);
  return bitmap.cardinality();
}

}  // namespace

bool Chunk::contains(std::uint32_t wanted) const noexcept {
  if (kind == Kind::bitset) return bit(wanted);
  if (kind == Kind::array) {
    const std::uint32_t i = lower_bound(0, cardinality, wanted, [this](std::uint32_t k) { return value(k); });
    return i < cardinality && value(i) == wanted;
  }
  const std::uint32_t i = lower_bound(0, runs, wanted, [this](std::uint32_t k) { return last(k); });
  return i < runs && first(i) <= wanted;
}

std::uint32_t count_common(const Chunk& a, const Chunk& b) noexcept {
  if (b.kind == Kind::bitset) return common_in_bitset(a, b);
  if (a.kind == Kind::bitset) return common_in_bitset(b, a);
  if (a.kind == Kind::array && b.kind == Kind::array)
    return a.cardinality < b.cardinality ? common_in_arrays(a, b) : common_in_arrays(b, a);
  std::uint32_t common = 0;
  if (a.kind == Kind::runs && b.kind == Kind::runs) {
    intersect_runs(
        a, b, [&common](std::uint32_t first, std::uint32_t last, bool keep) { common += keep ? last - first + 1 : 0; });
  } else {
    const bool swap = a.kind == Kind::runs;
    match_runs(swap ? b : a, swap ? a : b,
               [&common](std::uint32_t, bool inside, bool keep) { common += inside & keep; });
  }
  return common;
}

bool Group::contains(std::uint32_t low) const noexcept {
  const std::uint32_t i = lower_bound(0, count_, low >> 16, [this](std::uint32_t k) { return key(k); });
  return i < count_ && key(i) == low >> 16 && chunk(i).contains(low & 0xFFFF);
}

}  // namespace cdp::core::audience
