// Small dictionary of repeated strings (attribute names, sources): string to number, and the order of bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/bytes/hash.hpp"

namespace cdp::core {

// Keeps copies, so that it can serve many profiles; starts over once it holds more than a bounded number.
class Dictionary {
 public:
  static constexpr std::uint32_t kEmpty = UINT32_MAX;

  // Where the dictionary stands in memory differs from process to process and is told to nobody, so nobody can choose
  // strings that collide.
  explicit Dictionary(std::pmr::memory_resource* resource)
      : seed_(fold_multiply(reinterpret_cast<std::uintptr_t>(this), 0x9E3779B97F4A7C15)),
        arena_(4096, resource),
        texts_(resource),
        ranks_(resource),
        slots_(16, kEmpty, resource) {}

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(texts_.size()); }
  std::string_view text(std::uint32_t id) const noexcept { return texts_[id]; }

  // `guess` and what follows it are tried first: rows tend to bring the same strings in the same order, some left out.
  std::uint32_t intern(std::string_view text, std::uint32_t guess = kEmpty) {
    const std::uint32_t found = find(text, guess);
    return found != kEmpty ? found : add(text);
  }

  // kEmpty when it isn't there.
  std::uint32_t find(std::string_view text, std::uint32_t guess = kEmpty) const noexcept {
    for (std::uint32_t tries = 4; tries > 0 && guess < texts_.size(); --tries, ++guess)
      if (same_bytes(as_bytes(texts_[guess]), as_bytes(text))) return guess;
    for (std::size_t slot = slot_of(text);; slot = (slot + 1) & mask()) {
      const std::uint32_t id = slots_[slot];
      if (id == kEmpty || same_bytes(as_bytes(texts_[id]), as_bytes(text))) return id;
    }
  }

  // Position of each string in the order of bytes; valid until the next new string.
  const std::pmr::vector<std::uint32_t>& ranks() {
    if (ranks_.size() != texts_.size()) {
      std::pmr::vector<std::uint32_t> order(texts_.size(), texts_.get_allocator().resource());
      for (std::uint32_t i = 0; i < size(); ++i) order[i] = i;
      std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
        return compare_bytes(as_bytes(texts_[a]), as_bytes(texts_[b])) < 0;
      });
      ranks_.resize(texts_.size());
      for (std::uint32_t i = 0; i < size(); ++i) ranks_[order[i]] = i;
    }
    return ranks_;
  }

  void clear() {
    texts_.clear();
    ranks_.clear();
    std::fill(slots_.begin(), slots_.end(), kEmpty);
    arena_.release();
  }

 private:
  std::size_t mask() const noexcept { return slots_.size() - 1; }
  std::size_t slot_of(std::string_view text) const noexcept { return hash_bytes(as_bytes(text), seed_) & mask(); }

  std::uint32_t add(std::string_view text) {
    if (texts_.size() * 2 >= slots_.size()) grow();
    auto* const copy = static_cast<char*>(arena_.allocate(text.size() + 1, 1));
    std::copy(text.begin(), text.end(), copy);
    texts_.emplace_back(copy, text.size());
    place(size() - 1);
    return size() - 1;
  }

  void grow() {
    slots_.assign(slots_.size() * 2, kEmpty);
    for (std::uint32_t id = 0; id < size(); ++id) place(id);
  }

  void place(std::uint32_t id) noexcept {
    std::size_t slot = slot_of(texts_[id]);
    while (slots_[slot] != kEmpty) slot = (slot + 1) & mask();
    slots_[slot] = id;
  }

  std::uint64_t seed_;
  std::pmr::monotonic_buffer_resource arena_;
  std::pmr::vector<std::string_view> texts_;
  std::pmr::vector<std::uint32_t> ranks_;
  std::pmr::vector<std::uint32_t> slots_;
};

}  // namespace cdp::core
