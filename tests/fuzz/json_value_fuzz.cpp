// JSON values, with their decimals.
#include "core/profile/json.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::Buffer value, text, again, text_again;
  core::print_json(core::parse_json(input, "cdp.profile", value, heap), text);
  core::print_json(core::parse_json(core::as_text(text.span()), "cdp.profile", again, heap), text_again);
  same(text_of(value), text_of(again), "what its text gives");
  same(text_of(text), text_of(text_again), "its text, again");
}

}  // namespace cdp::fuzz
