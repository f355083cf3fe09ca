// Text in UTF-8. Only what does not come from the server can be something else, and has to be checked.
#pragma once

#include <string_view>

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

constexpr char ascii_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// The beginning of an argument, short enough to be named in a message: at most so many bytes, and whole code points.
constexpr std::string_view excerpt(std::string_view text, std::size_t longest = 40) noexcept {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  return text.substr(0, longest);
}

}  // namespace cdp::core
