// src/core/bytes/utf8.cpp: validation by ICU's decoder.
#include "core/bytes/utf8.hpp"

#include <unicode/utf8.h>

namespace cdp::core {

bool is_utf8_text(ByteSpan bytes) noexcept {
  const auto* const text = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const auto length = static_cast<std::int64_t>(bytes.size());
  for (std::int64_t at = 0; at < length;) {
    if (text[at] < 0x80) {
      if (text[at++] == 0) return false;
      continue;
    }
    UChar32 point;
    U8_NEXT(text, at, length, point);
    if (point < 0) return false;
  }
  return true;
}

}  // namespace cdp::core
