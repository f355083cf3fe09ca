// Telephone numbers by libphonenumber. A module of its own: whoever never asks for a number never pays for
// loading the library and its metadata.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes/buffer.hpp"

namespace cdp::phone {

inline constexpr std::size_t kMaxPhoneBytes = 512;  // the library reads 250 characters at most

// Appends the number in E.164 form and returns true, or leaves `out` alone and returns false: not a number
// that its country assigns. `region` is the ISO 3166-1 code of the country that numbers without a country
// calling code are from. 22023 for a region that the library doesn't know.
bool normalize(std::string_view text, std::optional<std::string_view> region, core::Buffer& out);

// The library's version as its file name has it ("8.12"), or empty where it has none.
std::string library_version();

}  // namespace cdp::phone
