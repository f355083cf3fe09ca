// The binary protocol of profiles.
#include "core/profile/codec.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::ProfileBuilder builder(heap), again(heap);
  core::Buffer stored, wire, text, scratch, parsed;
  core::read_binary_profile(core::as_bytes(input), builder);
  builder.write(stored);
  const core::ProfileView profile(stored.span());
  core::write_binary_profile(profile, wire);
  same(text_of(wire), input, "what is sent again");
  core::print_profile(profile, text);
  core::parse_profile(core::as_text(text.span()), again, scratch, heap);
  again.write(parsed);
  same(text_of(parsed), text_of(stored), "what its text gives");
}

}  // namespace cdp::fuzz
