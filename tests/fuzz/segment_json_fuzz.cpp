// A rule in JSON, as it comes in through jsonb.
#include "core/profile/json.hpp"
#include "core/segment/tree.hpp"
#include "fuzz/fuzz.hpp"
#include "unit/zones.hpp"

namespace cdp::fuzz {

void fuzz(std::string_view input) {
  core::Buffer value, stored, json, again_value, again;
  core::parse_tree(core::parse_json(input, "jsonb", value, heap, {}, core::kMaxTreeDepth), stored, {}, heap,
                   &core::test::kZonesOfTests);
  core::check_segment(stored.span(), {}, heap, &core::test::kZonesOfTests);
  core::print_tree(core::Segment(stored.span()), json);
  core::parse_tree(core::parse_json(core::as_text(json.span()), "jsonb", again_value, heap, {}, core::kMaxTreeDepth),
                   again, {}, heap, &core::test::kZonesOfTests);
  same(text_of(stored), text_of(again), "what its JSON gives");
}

}  // namespace cdp::fuzz
