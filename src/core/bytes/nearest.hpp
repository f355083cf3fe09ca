// The word that somebody probably meant.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "core/bytes/utf8.hpp"

namespace cdp::core {

inline constexpr std::size_t kLongestWord = 16;  // longer ones are near to nothing

// The candidate at the least edit distance (insert, delete, replace, swap neighbours; letter case ignored), or
// nothing when none is near.
std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates);

}  // namespace cdp::core
