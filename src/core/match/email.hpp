// One form for all spellings of an e-mail address.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/bytes/buffer.hpp"

namespace cdp::core {

inline constexpr std::size_t kMaxEmailInput = 4096;  // bytes, blanks around it included

// Appends the normalised address and returns true, or leaves `out` alone and returns false: not an address.
// Syntax: RFC 5321 dot-atom (RFC 6531 where not ASCII), at most 64 octets, at a domain of at least two labels
// and at most 253 octets after IDNA 2008 with the mapping of UTS 46. `provider_rules` removes what the large
// mail providers ignore: tags after '+', and Gmail's dots. Throws std::bad_alloc.
bool normalize_email(std::string_view text, bool provider_rules, Buffer& out);

}  // namespace cdp::core
