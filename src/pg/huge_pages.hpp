// A memory context whose large blocks ask for huge pages: random access over a hundred megabytes is
// otherwise bound by the translation of addresses.
#pragma once

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <cstdint>

#include "pg/memory.hpp"

namespace cdp::pg {

class HugePageResource final : public std::pmr::memory_resource {
 public:
  explicit HugePageResource(MemoryContext context = CurrentMemoryContext) noexcept : blocks_(context) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    void* const memory = blocks_.allocate(bytes, alignment);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    constexpr std::uintptr_t kHugePage = 2 * 1024 * 1024;
    const auto begin = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t first = (begin + kHugePage - 1) & ~(kHugePage - 1), last = (begin + bytes) & ~(kHugePage - 1);
    // Advice only: where it fails, small pages serve.
    if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
#endif
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept override {
    blocks_.deallocate(memory, bytes, alignment);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  ContextResource blocks_;
};

}  // namespace cdp::pg
