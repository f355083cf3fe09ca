// What to write instead of a token that can't stand where it does.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cdp::core::rule {

// `before` is the text up to the token, which is empty at the end; `expected` are the names of the tokens that could
// stand there, as the grammar calls them.
std::string hint_for(std::string_view token, std::string_view before, std::span<const std::string_view> expected);

}  // namespace cdp::core::rule
