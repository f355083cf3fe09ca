// What single characters of names become in a matching key.
#pragma once

#include <unicode/umachine.h>

#include <string_view>

#include "core/match/name.hpp"

namespace cdp::core {

// Spellings of a folded, composed Latin letter that decomposition does not reach (dotless i, d with stroke …);
// empty for all others.
std::string_view plain_latin(UChar32 c, Language language) noexcept;

// The Persian letter for an Arabic-script letter that looks or sounds the same; 0 to leave it out; else `c`.
UChar32 plain_arabic(UChar32 c) noexcept;

// Latin for a small letter of the Serbian Cyrillic alphabet; empty for all other characters.
std::string_view serbian_latin(UChar32 c) noexcept;

// Apostrophes and what is typed in their place: they stand inside words and are left out of keys.
bool is_apostrophe(UChar32 c) noexcept;

}  // namespace cdp::core
