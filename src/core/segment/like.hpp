// Patterns of like and ilike: % any run of characters, _ one character, backslash takes the next one as it is.
#pragma once

#include <string_view>

#include "core/bytes/poll.hpp"

namespace cdp::core::rule {

// Both are valid UTF-8. Time at most the product of the lengths: only the last % is tried again (Kirk Krauss,
// "Matching Wildcards: An Algorithm"). With `fold`, characters are compared after simple Unicode case folding.
bool matches_pattern(std::string_view text, std::string_view pattern, bool fold, const Poll& poll);

}  // namespace cdp::core::rule
