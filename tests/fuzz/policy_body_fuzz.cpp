// The body of a survivorship policy, as it stands in a profile.
#include "core/profile/policy.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::check_policy(core::as_bytes(input), "cdp.policy", heap);
  core::Policy policy(heap);
  policy.assign(core::as_bytes(input));
  core::Buffer text, body;
  core::print_policy(policy, text);
  core::parse_policy(core::as_text(text.span()), body, heap);
  same(text_of(body), input, "what its text gives");
}

}  // namespace cdp::fuzz
