// src/sql/space_name.cpp: one spelling of each identifier.
#include "sql/space_name.hpp"

#include <cstring>
#include <string>

#include "core/bytes/error.hpp"
#include "core/match/email.hpp"

namespace cdp::sql {

namespace {

const pg::query::Statement kPhone{"SELECT cdp.normalize_phone($1, $2)", {TEXTOID, TEXTOID}};

std::string_view keep(std::string_view text, std::pmr::memory_resource* resource) {
  if (text.empty()) return {};
  auto* const copy = static_cast<char*>(resource->allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

}  // namespace

Spelled spell(const pg::query::Schema& schema, const SpaceRules& rules, core::identity::TypeIndex type,
              std::string_view value, std::pmr::memory_resource* resource) {
  if (value.size() > kLongestValue)
    throw core::Error(
        core::Code::limit_exceeded, "identifier is too long",
        "It has " + std::to_string(value.size()) + " bytes, at most " + std::to_string(kLongestValue) + " are kept.");
  const Normaliser normaliser = rules.normaliser(type);
  if (normaliser == Normaliser::none) return {value, true};
  if (normaliser == Normaliser::phone) {
    const std::string_view region = rules.region();
    const pg::query::Rows row = schema.run(
        kPhone, {pg::query::text(value), region.empty() ? pg::query::Argument{0, true} : pg::query::text(region)});
    if (row.is_null(0, 1)) return {value, false};
    return {keep(row.text(0, 1), resource), true};
  }
  core::Buffer out;
  if (!core::normalize_email(value, normaliser == Normaliser::email_of_provider, out)) return {value, false};
  return {keep(core::as_text(out.span()), resource), true};
}

}  // namespace cdp::sql
