// The normalisers that need no more than ICU and libidn2. Sizes are checked before anything is fetched.
#include "core/match/email.hpp"
#include "core/match/name.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"

// normalize_email(email text, provider_rules boolean) -> text
CDP_FUNCTION(cdp_normalize_email) {
  const Datum argument = PG_GETARG_DATUM(0);
  if (cdp::pg::size_of(argument) > cdp::core::kMaxEmailInput) PG_RETURN_NULL();
  const std::string_view email = cdp::pg::text_of(argument);

  cdp::pg::ContextResource resource;
  cdp::core::Buffer result(&resource);
  cdp::pg::begin_varlena(result);
  if (!cdp::core::normalize_email(email, PG_GETARG_BOOL(1), result)) PG_RETURN_NULL();
  return cdp::pg::end_varlena(result);
}

// normalize_name(name text, language text) -> text
CDP_FUNCTION(cdp_normalize_name) {
  const std::string_view tag = PG_ARGISNULL(1) ? std::string_view() : cdp::pg::text_of(PG_GETARG_DATUM(1));
  const auto language = PG_ARGISNULL(1) ? cdp::core::Language::none : cdp::core::parse_language(tag);
  if (PG_ARGISNULL(0) || cdp::pg::size_of(PG_GETARG_DATUM(0)) > cdp::core::kMaxNameBytes) PG_RETURN_NULL();
  const std::string_view name = cdp::pg::text_of(PG_GETARG_DATUM(0));

  cdp::pg::ContextResource resource;
  cdp::core::Buffer result(&resource);
  cdp::pg::begin_varlena(result);
  if (!cdp::core::normalize_name(name, language, result)) PG_RETURN_NULL();
  return cdp::pg::end_varlena(result);
}
