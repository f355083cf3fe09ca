// Titles, forms of address and degrees that stand around names, in the form that keys have.
#pragma once

#include <string_view>

#include "core/match/name.hpp"

namespace cdp::core {

// Whether `word`, periods and hyphens taken out, is no part of the name when it stands before or after it.
bool is_title_before(std::string_view word, Language language) noexcept;
bool is_title_after(std::string_view word, Language language) noexcept;

}  // namespace cdp::core
