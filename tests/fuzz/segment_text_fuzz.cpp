// The text of a rule; what cutting off events does to what it says; the rule as SQL.
#include "core/segment/sql.hpp"
#include "fuzz/shopper.hpp"
#include "unit/zones.hpp"

namespace cdp::fuzz {

constexpr const core::Zones* zones = &core::test::kZonesOfTests;

namespace {

// There is a query, or a reason why not.
void as_sql(const core::Segment& segment, std::optional<std::int64_t> as_of) {
  core::Buffer query;
  try {
    core::print_sql(segment, as_of, query, {}, std::pmr::get_default_resource());
  } catch (const core::Error& error) {
    if (error.code() != core::Code::not_supported) throw;
    return;
  }
  if (!core::as_text(query.span()).starts_with("SELECT ")) std::abort();
}

}  // namespace

void fuzz(std::string_view input) {
  core::Buffer stored, text, again, text_again;
  core::parse_segment(input, stored, {}, heap, zones);
  core::check_segment(stored.span(), {}, heap, zones);
  core::print_segment(core::Segment(stored.span()), text);
  core::parse_segment(core::as_text(text.span()), again, {}, heap, zones);
  same(text_of(stored), text_of(again), "what its text gives");
  core::print_segment(core::Segment(again.span()), text_again);
  same(text_of(text), text_of(text_again), "its text, again");
  const core::Segment segment(stored.span());
  const auto truth = [&](const std::string& profile) {
    return core::evaluate(segment, core::ProfileView(core::as_bytes(profile)), kShopperAsOf, {}, zones);
  };
  const core::Truth cut = truth(shopper_cut());
  if (cut != core::Truth::unknown)
    same(std::to_string(static_cast<int>(cut)), std::to_string(static_cast<int>(truth(shopper()))),
         "once cut, the truth");
  as_sql(segment, std::nullopt);
  as_sql(segment, kShopperAsOf);
}

}  // namespace cdp::fuzz
