// The text of a survivorship policy.
#include "core/profile/policy.hpp"
#include "fuzz/fuzz.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::Buffer body, text, again, text_again;
  core::parse_policy(input, body, heap);
  if (body.size() > 0) core::check_policy(body.span(), "cdp.policy", heap);
  core::Policy policy(heap);
  policy.assign(body.span());
  core::print_policy(policy, text);
  core::parse_policy(core::as_text(text.span()), again, heap);
  same(text_of(body), text_of(again), "what its text gives");
  policy.assign(again.span());
  core::print_policy(policy, text_again);
  same(text_of(text), text_of(text_again), "its text, again");
}

}  // namespace cdp::fuzz
