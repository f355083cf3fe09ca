// What a sample of profiles tells about the keys of all of them, and how many profiles a rule finds by that.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/segment/lookup.hpp"

namespace cdp::core {

// As the server stores it.
struct KeyStatistics {
  std::span<const FactKey> common;  // the most frequent keys, ascending
  std::span<const float> shares;    // of each, the share of profiles that have it
  double least = 0;                 // a key that isn't among them is rarer than this
  std::span<const FactKey> bounds;  // equally many ordered keys lie between each two; ascending, repeats
  double ordered = 0;               // how many ordered keys a profile has
};

inline constexpr double kRarest = 1e-6;  // no share is estimated to be less

// The share of profiles for which can_match() is true, if keys are independent of each other.
double share_of(const Lookup& lookup, const KeyStatistics& statistics);
// How many entries of the index the ranges in it make it read, for each profile that there is.
double entries_read(const Lookup& lookup, const KeyStatistics& statistics);

// Takes in the keys of a sample in bounded memory: frequent ones by lossy counting (Manku and Motwani: a key is
// forgotten again when it turns out to be rare), ordered ones by a reservoir.
class KeyCounter {
 public:
  KeyCounter(std::size_t most, std::pmr::memory_resource* resource);

  // The keys of one more profile, each once.
  void add(const std::pmr::vector<FactKey>& keys);
  // Sorts. `most` bounds and common keys at the most.
  void finish();

  std::uint64_t profiles() const noexcept { return profiles_; }
  // After finish():
  std::span<const FactKey> common() const noexcept { return common_; }
  std::span<const float> shares() const noexcept { return shares_; }
  double least() const noexcept { return least_; }
  double greatest() const noexcept { return greatest_; }
  std::span<const FactKey> bounds() const noexcept { return bounds_; }
  double ordered() const noexcept;
  // Valid while this is.
  KeyStatistics statistics() const noexcept { return {common_, shares_, least_, bounds_, ordered()}; }

 private:
  struct Count {
    std::uint32_t seen, missed;  // at the most so many before it was remembered
  };
  void forget_rare();
  void keep_ordered(FactKey key);
  void choose_common();
  void choose_bounds();

  std::size_t most_, bucket_;
  std::uint64_t profiles_ = 0, keys_ = 0, ordered_ = 0, random_ = 0x9E3779B97F4A7C15;
  std::pmr::unordered_map<FactKey, Count> counts_;
  std::pmr::vector<FactKey> reservoir_, common_, bounds_;
  std::pmr::vector<float> shares_;
  double least_ = 0, greatest_ = 0;
};

}  // namespace cdp::core
