// The text of a partition.
#include "core/identity/components_value.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::Buffer stored, text, again, wire, received;
  core::components_from_text(input, stored, heap, {});
  core::components_to_text(stored.span(), text, heap, {});
  core::components_from_text(core::as_text(text.span()), again, heap, {});
  same(text_of(stored), text_of(again), "what its text gives");
  core::components_to_wire(stored.span(), wire, heap);
  core::components_from_wire(wire.span(), received, heap, {});
  same(text_of(stored), text_of(received), "what its binary form gives");
}

}  // namespace cdp::fuzz
