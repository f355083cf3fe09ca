// C++ containers in the server's memory contexts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <new>
#include <type_traits>
#include <utility>

#include "pg/guard.hpp"

namespace cdp::pg {

// A std::pmr resource over a memory context. Throws std::bad_alloc instead of raising; allows huge chunks.
// What is left in it when the context is reset is freed with the context.
class ContextResource final : public std::pmr::memory_resource {
 public:
  explicit ContextResource(MemoryContext context = CurrentMemoryContext) noexcept : context_(context) {}
  MemoryContext context() const noexcept { return context_; }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    // std::pmr's own resources ask for 16 bytes, the server aligns to 8: keep the start of such a chunk before it.
    const std::size_t slack = alignment > MAXIMUM_ALIGNOF ? alignment : 0;
    // The allocator raises, even when told not to, for a size that is not valid at all.
    if (!AllocHugeSizeIsValid(bytes) || !AllocHugeSizeIsValid(bytes + slack)) throw std::bad_alloc();
    void* const chunk = MemoryContextAllocExtended(context_, bytes + slack, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
    if (chunk == nullptr) throw std::bad_alloc();
    if (slack == 0) return chunk;
    void** const aligned =
        reinterpret_cast<void**>((reinterpret_cast<std::uintptr_t>(chunk) + slack) & ~(alignment - 1));
    aligned[-1] = chunk;
    return aligned;
  }
  void do_deallocate(void* memory, std::size_t, std::size_t alignment) noexcept override {
    pfree(alignment > MAXIMUM_ALIGNOF ? static_cast<void**>(memory)[-1] : memory);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override { return this == &other; }

  MemoryContext context_;
};

// Memory for one row at a time: current while this lives, emptied by reset(). What is left in it goes with the memory
// context that was current before, not with this: a server error that passes by stands in it.
class RowContext {
 public:
  RowContext()
      : outer_(CurrentMemoryContext),
        rows_(call([] { return AllocSetContextCreate(CurrentMemoryContext, "cdp row", ALLOCSET_DEFAULT_SIZES); })) {
    MemoryContextSwitchTo(rows_);
  }
  RowContext(const RowContext&) = delete;
  RowContext& operator=(const RowContext&) = delete;
  ~RowContext() { MemoryContextSwitchTo(outer_); }

  void reset() noexcept { MemoryContextReset(rows_); }

 private:
  MemoryContext outer_, rows_;
};

// An object that lives as long as `context`: its destructor runs when the context is reset or deleted, after the
// context's children are gone and before its own memory is. Throws, never raises.
template <typename T, typename... Arguments>
T* construct(MemoryContext context, Arguments&&... arguments) {
  static_assert(std::is_nothrow_destructible_v<T>);
  static_assert(alignof(T) <= MAXIMUM_ALIGNOF);
  struct Owned {
    MemoryContextCallback callback;
    alignas(T) std::byte object[sizeof(T)];
  };
  auto* const owned = static_cast<Owned*>(MemoryContextAllocExtended(context, sizeof(Owned), MCXT_ALLOC_NO_OOM));
  if (owned == nullptr) throw std::bad_alloc();
  T* const object = new (owned->object) T(std::forward<Arguments>(arguments)...);
  owned->callback.arg = object;
  owned->callback.func = [](void* argument) { static_cast<T*>(argument)->~T(); };
  MemoryContextRegisterResetCallback(context, &owned->callback);
  return object;
}

}  // namespace cdp::pg
