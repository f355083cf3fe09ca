// What every fuzz target shares. A target defines `fuzz`, which gives the bytes to a parser and checks that what it
// takes is a fixed point; refusing them is fine, with an error that a user may cause.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory_resource>
#include <string>
#include <string_view>

#include "core/bytes/buffer.hpp"
#include "core/bytes/error.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input);

inline std::pmr::memory_resource* const heap = std::pmr::new_delete_resource();

inline std::string text_of(const core::Buffer& buffer) { return std::string(core::as_text(buffer.span())); }

inline void same(std::string_view a, std::string_view b, const char* what) {
  if (a == b) return;
  std::fprintf(stderr, "not the same: %s\n", what);
  std::abort();
}

}  // namespace cdp::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using cdp::core::Code;
  try {
    cdp::fuzz::fuzz({reinterpret_cast<const char*>(data), size});
  } catch (const cdp::core::Error& error) {
    if (error.code() == Code::bug || error.code() == Code::corrupted) {
      std::fprintf(stderr, "%s\n", error.what());
      std::abort();
    }
  }
  return 0;
}
