// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). Integers only: the
// standard library's distributions differ between implementations, and the sample must be the same bytes on every
// machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace example {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // 0 … bound - 1. The bias of the modulus is below 2^-40 for the bounds used here.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  int between(int low, int high) { return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1))); }
  bool percent(unsigned chance) { return below(100) < chance; }

  template <typename Container>
  const auto& pick(const Container& from) {
    return from[below(std::size(from))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace example
