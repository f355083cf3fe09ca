// The text of a rule.
#include "core/segment/segment.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::Buffer stored, text, again, text_again;
  core::parse_segment(input, stored);
  core::check_segment(stored.span());
  core::print_segment(core::Segment(stored.span()), text);
  core::parse_segment(core::as_text(text.span()), again);
  same(text_of(stored), text_of(again), "what its text gives");
  core::print_segment(core::Segment(again.span()), text_again);
  same(text_of(text), text_of(text_again), "its text, again");
}

}  // namespace cdp::fuzz
