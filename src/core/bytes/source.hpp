// Text that is being read: places in it, and complaints about them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes/buffer.hpp"

namespace cdp::core {

// A stretch of the text, in bytes.
struct Place {
  std::uint32_t begin = 0, end = 0;
};

class Source {
 public:
  // `what` names the text in messages ("segment"), and must outlive this. Refuses text that is not UTF-8 (42601).
  Source(std::string_view text, const char* what);

  std::string_view text() const noexcept { return text_; }
  std::string_view at(Place place) const noexcept { return text_.substr(place.begin, place.end - place.begin); }

  // 42601. Without a message of its own: syntax error at or near the token.
  [[noreturn]] void fail(Place place, std::string_view hint, std::string_view message = {}) const;

  // Appends what the JSON string at `place` (quotes included) stands for.
  void unquote(Place place, Buffer& out) const;

 private:
  std::uint32_t four_hex_digits(Place place, std::uint32_t from) const;
  [[noreturn]] void fail_escape(Place place, std::string_view hint) const;

  std::string_view text_;
  const char* what_;
};

// A token as a message shows it: on one line, cut to a readable length.
std::string shown(std::string_view token);

// Bytes of the UTF-8 character that starts with `lead`.
std::size_t code_point_length(char lead) noexcept;

}  // namespace cdp::core
