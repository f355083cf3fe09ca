// The text of a profile.
#include "core/profile/codec.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

namespace {

std::string stored_of(std::string_view text) {
  core::ProfileBuilder builder(heap);
  core::Buffer scratch, stored;
  core::parse_profile(text, builder, scratch, heap);
  builder.write(stored);
  return text_of(stored);
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string stored = stored_of(input);
  core::Buffer text, wire, received;
  const core::ProfileView profile(core::as_bytes(stored));
  core::print_profile(profile, text);
  same(stored, stored_of(core::as_text(text.span())), "what its text gives");
  core::write_binary_profile(profile, wire);
  core::ProfileBuilder builder(heap);
  core::read_binary_profile(wire.span(), builder);
  builder.write(received);
  same(stored, text_of(received), "what its binary form gives");
}

}  // namespace cdp::fuzz
