// The module cdp_phone: magic block and the functions over telephone numbers.
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "phone/phone.hpp"

extern "C" {
PG_MODULE_MAGIC;
}

// normalize_phone(phone text, region text) -> text
CDP_FUNCTION(cdp_normalize_phone) {
  const bool has_region = !PG_ARGISNULL(1);
  const std::string_view region = has_region ? cdp::pg::text_of(PG_GETARG_DATUM(1)) : std::string_view();
  const bool has_phone = !PG_ARGISNULL(0) && cdp::pg::size_of(PG_GETARG_DATUM(0)) <= cdp::phone::kMaxPhoneBytes;
  const std::string_view phone = has_phone ? cdp::pg::text_of(PG_GETARG_DATUM(0)) : std::string_view();

  cdp::pg::ContextResource resource;
  cdp::core::Buffer result(&resource);
  cdp::pg::begin_varlena(result);
  if (!cdp::phone::normalize(phone, has_region ? std::optional(region) : std::nullopt, result)) PG_RETURN_NULL();
  return cdp::pg::end_varlena(result);
}

// phone_version() -> text
CDP_FUNCTION(cdp_phone_version) {
  cdp::pg::ContextResource resource;
  cdp::core::Buffer result(&resource);
  cdp::pg::begin_varlena(result);
  const std::string version = cdp::phone::library_version();
  if (version.empty()) PG_RETURN_NULL();
  result.append(version);
  return cdp::pg::end_varlena(result);
}
