// The binary protocol of timelines.
#include "core/timeline/codec.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::Buffer stored, wire, text, parsed;
  core::read_binary_timeline(core::as_bytes(input), stored, heap);
  const core::TimelineView timeline(stored.span());
  core::write_binary_timeline(timeline, wire);
  same(text_of(wire), input, "what is sent again");
  core::print_timeline(timeline, text);
  core::parse_timeline(core::as_text(text.span()), parsed, heap);
  same(text_of(parsed), text_of(stored), "what its text gives");
}

}  // namespace cdp::fuzz
