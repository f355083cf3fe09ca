// Checks of text that does not come from the server, which only hands out valid UTF-8.
#pragma once

#include "core/bytes/load.hpp"

namespace cdp::core {

// Valid UTF-8 (no surrogates, no overlong forms) without NUL.
bool is_utf8_text(ByteSpan bytes) noexcept;

// Code points in valid UTF-8.
inline std::size_t code_points(ByteSpan bytes) noexcept {
  std::size_t count = 0;
  for (const std::byte b : bytes) count += (static_cast<std::uint8_t>(b) & 0xC0) != 0x80;
  return count;
}

}  // namespace cdp::core
