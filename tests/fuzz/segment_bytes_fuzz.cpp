// The stored form of a rule, as it comes in through bytea; what is taken is also evaluated.
#include "core/profile/codec.hpp"
#include "core/segment/segment.hpp"
#include "fuzz/shopper.hpp"
#include "unit/zones.hpp"

namespace cdp::fuzz {

constexpr const core::Zones* zones = &core::test::kZonesOfTests;

void fuzz(std::string_view input) {
  core::check_segment(core::as_bytes(input), {}, heap, zones);
  const core::Segment segment(core::as_bytes(input));
  core::Buffer text, again, empty, negated;
  core::print_segment(segment, text);
  core::parse_segment(core::as_text(text.span()), again, {}, heap, zones);
  same(input, text_of(again), "what its text gives");
  core::ProfileBuilder builder(heap);
  builder.write(empty);
  core::evaluate(segment, core::ProfileView(empty.span()), 0, {}, zones);
  core::evaluate(segment, core::ProfileView(core::as_bytes(shopper())), kShopperAsOf, {}, zones);
  core::negate_segment(segment, negated);
  core::check_segment(negated.span(), {}, heap, zones);
}

}  // namespace cdp::fuzz
