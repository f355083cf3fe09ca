// The text of a rule while it is being read: places, tokens, complaints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes/buffer.hpp"

namespace cdp::core::rule {

// A stretch of the text, in bytes.
struct Place {
  std::uint32_t begin = 0, end = 0;
};

class Source {
 public:
  // Refuses text that is longer than a rule may be (54000) or not UTF-8 (42601).
  explicit Source(std::string_view text);

  std::string_view text() const noexcept { return text_; }
  std::string_view at(Place place) const noexcept { return text_.substr(place.begin, place.end - place.begin); }

  // 42601. Without a message of its own: syntax error at or near the token.
  [[noreturn]] void fail(Place place, std::string_view hint, std::string_view message = {}) const;

  // Appends what the JSON string at `place` (quotes included) stands for.
  void unquote(Place place, Buffer& out) const;

 private:
  std::uint32_t four_hex_digits(Place place, std::uint32_t from) const;

  std::string_view text_;
};

}  // namespace cdp::core::rule
