// Timestamps.
#include "core/profile/timestamp.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  const auto time = core::parse_timestamp(input);
  if (!time) return;
  if (!core::is_timestamp(*time)) std::abort();
  core::Buffer text;
  core::print_timestamp(*time, text);
  if (core::parse_timestamp(core::as_text(text.span())) != time) std::abort();
}

}  // namespace cdp::fuzz
