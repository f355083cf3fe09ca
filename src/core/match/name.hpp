// One matching key for all spellings of a person's name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/bytes/buffer.hpp"

namespace cdp::core {

inline constexpr std::size_t kMaxNameBytes = 1024;

// A set of languages, so that a title can belong to several.
enum class Language : std::uint8_t { none = 1, az = 2, en = 4, fa = 8, id = 16, sr = 32, tr = 64 };

// From a BCP 47 tag such as tr, sr-Latn-RS or EN_gb: the first subtag counts. 22023 for any other.
Language parse_language(std::string_view tag);

// Appends the key and returns true, or leaves `out` alone and returns false: no letter or digit in it, or
// longer than kMaxNameBytes. Keys are compared byte by byte; the key of a key, under the same language, is itself.
// The rules are in docs/match.md. Bytes that are not UTF-8 separate words.
bool normalize_name(std::string_view name, Language language, Buffer& out);

}  // namespace cdp::core
