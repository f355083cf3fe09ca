// Memory that runs out at a chosen request, and memory that tells how much was in use.
#pragma once

#include <algorithm>
#include <memory_resource>
#include <new>

#include "bytes_of.hpp"

namespace cdp::core::test {

// Refuses one request, after so many that it granted.
class Scarce final : public std::pmr::memory_resource {
 public:
  explicit Scarce(int granted) : left_(granted) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (left_-- == 0) throw std::bad_alloc();
    return kHeap->allocate(bytes, alignment);
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    kHeap->deallocate(memory, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
  int left_;
};

class Measured final : public std::pmr::memory_resource {
 public:
  std::size_t most() const noexcept { return most_; }  // bytes at one time

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    most_ = std::max(most_, now_ += bytes);
    return kHeap->allocate(bytes, alignment);
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    now_ -= bytes;
    kHeap->deallocate(memory, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
  std::size_t now_ = 0, most_ = 0;
};

}  // namespace cdp::core::test
