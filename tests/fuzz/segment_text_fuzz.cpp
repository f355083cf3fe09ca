// The text of a rule; what cutting off events does to what it says.
#include "core/segment/segment.hpp"
#include "fuzz/shopper.hpp"

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
  const core::Segment segment(stored.span());
  const auto truth = [&](const std::string& profile) {
    return core::evaluate(segment, core::ProfileView(core::as_bytes(profile)), kShopperAsOf);
  };
  const core::Truth cut = truth(shopper_cut());
  if (cut != core::Truth::unknown)
    same(std::to_string(static_cast<int>(cut)), std::to_string(static_cast<int>(truth(shopper()))),
         "once cut, the truth");
}

}  // namespace cdp::fuzz
