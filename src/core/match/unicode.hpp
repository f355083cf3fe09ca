// UTF-8 for the normalisers: decoding that survives any bytes, and appending.
#pragma once

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstddef>
#include <string_view>

#include "core/bytes/buffer.hpp"
#include "core/bytes/utf8.hpp"

namespace cdp::core {

// The code point at `at`, which moves behind it; negative for bytes that are not UTF-8.
inline UChar32 next_code_point(std::string_view text, std::size_t& at) noexcept {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  UChar32 code_point;
  U8_NEXT(bytes, at, text.size(), code_point);
  return code_point;
}

// What can stand around a value unseen: white space, byte order marks, direction marks.
inline bool is_blank(UChar32 c) noexcept { return c >= 0 && (u_isUWhiteSpace(c) || u_charType(c) == U_FORMAT_CHAR); }

inline std::string_view trim_blank(std::string_view text) noexcept {
  std::size_t begin = 0, end = 0;
  bool started = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    if (is_blank(next_code_point(text, at))) continue;
    if (!started) begin = before;
    started = true;
    end = at;
  }
  return text.substr(begin, end - begin);
}

inline bool is_ascii(std::string_view text) noexcept {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

constexpr bool is_ascii_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_ascii_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace cdp::core
