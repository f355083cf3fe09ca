// The text of an audience.
#include "core/audience/audience.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::Buffer stored, text, again, wire, received;
  core::parse_audience(input, stored, heap, {});
  core::print_audience(core::Audience(stored.span()), text, {});
  core::parse_audience(core::as_text(text.span()), again, heap, {});
  same(text_of(stored), text_of(again), "what its text gives");
  core::write_binary_audience(core::Audience(stored.span()), wire);
  core::read_binary_audience(wire.span(), received, {});
  same(text_of(stored), text_of(received), "what its binary form gives");
}

}  // namespace cdp::fuzz
