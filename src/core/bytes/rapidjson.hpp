// The only door to RapidJSON: its event parser, which neither ends the process nor hands out null when memory is
// exhausted.
#pragma once

#include <cstdlib>
#include <new>

#include "core/bytes/error.hpp"

#define RAPIDJSON_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : throw cdp::core::Error(cdp::core::Code::bug, "JSON parser in a wrong state"))
#define RAPIDJSON_NOEXCEPT_ASSERT(condition) static_cast<void>(0)
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace cdp::core {

// The allocator of the parser's stack.
class JsonAllocator {
 public:
  [[maybe_unused]] static constexpr bool kNeedFree = true;
  void* Malloc(std::size_t size) { return size == 0 ? nullptr : checked(std::malloc(size)); }
  void* Realloc(void* old, std::size_t, std::size_t size) {
    if (size != 0) return checked(std::realloc(old, size));
    std::free(old);
    return nullptr;
  }
  static void Free(void* memory) noexcept { std::free(memory); }

 private:
  static void* checked(void* memory) {
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
};

using JsonReader = rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;

// The events of a document; what a handler does not take goes to its Default().
template <typename Handler>
using JsonHandler = rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler>;

// On an explicit stack instead of the machine's, and refusing what is not UTF-8.
inline constexpr unsigned kJsonFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

}  // namespace cdp::core
