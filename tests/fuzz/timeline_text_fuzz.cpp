// The text of a timeline.
#include "core/timeline/codec.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::Buffer stored, text, again, wire, received;
  core::parse_timeline(input, stored, heap);
  core::check_timeline(stored.span(), heap);
  const core::TimelineView timeline(stored.span());
  core::print_timeline(timeline, text);
  core::parse_timeline(core::as_text(text.span()), again, heap);
  same(text_of(stored), text_of(again), "what its text gives");
  core::write_binary_timeline(timeline, wire);
  core::read_binary_timeline(wire.span(), received, heap);
  same(text_of(stored), text_of(received), "what its binary form gives");
}

}  // namespace cdp::fuzz
