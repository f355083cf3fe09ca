// What a timeline keeps of the id of a message: enough to tell two events apart that are the same otherwise.
#pragma once

#include <array>
#include <string_view>

namespace cdp::core::event {

// Eleven characters, from 64 bits of XXH3; stored, so it never changes.
struct ShortId {
  std::array<char, 11> text;
  std::string_view view() const noexcept { return {text.data(), text.size()}; }
};
ShortId short_id(std::string_view message_id) noexcept;

}  // namespace cdp::core::event
