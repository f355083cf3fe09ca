// Strings as JSON writes them.
#pragma once

#include <string_view>

#include "core/bytes/buffer.hpp"

namespace cdp::core {

// Appends the text in double quotes; what JSON cannot hold as it stands is escaped. UTF-8 stays UTF-8.
void print_json_string(std::string_view text, Buffer& out);

}  // namespace cdp::core
