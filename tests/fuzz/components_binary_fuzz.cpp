// The binary protocol of partitions.
#include "core/identity/components_value.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::Buffer stored, wire, text, parsed;
  core::components_from_wire(core::as_bytes(input), stored, heap, {});
  core::components_to_wire(stored.span(), wire, heap);
  same(text_of(wire), input, "what is sent again");
  core::components_to_text(stored.span(), text, heap, {});
  core::components_from_text(core::as_text(text.span()), parsed, heap, {});
  same(text_of(parsed), text_of(stored), "what its text gives");
}

}  // namespace cdp::fuzz
