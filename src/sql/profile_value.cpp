// src/sql/profile_value.cpp: golden values as SQL types, and a whole profile as jsonb.
#include "core/profile/codec.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/jsonb.hpp"
#include "sql/profile_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

std::optional<core::Value> golden(FunctionCallInfo fcinfo) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const std::string_view path = pg::text_of(PG_GETARG_DATUM(1));
  return core::ProfileView(payload).golden(path);
}

}  // namespace

// number(profile, path) -> numeric
CDP_FUNCTION(cdp_profile_number) {
  const auto value = golden(fcinfo);
  if (!value || value->type != core::Type::number) PG_RETURN_NULL();
  return sql::to_numeric(*value);
}

// time(profile, path) -> timestamptz
CDP_FUNCTION(cdp_profile_time) {
  const auto value = golden(fcinfo);
  if (!value || value->type != core::Type::timestamp) PG_RETURN_NULL();
  PG_RETURN_TIMESTAMPTZ(core::timestamp_of(*value));
}

// has(profile, path) -> bool
CDP_FUNCTION(cdp_profile_has) { PG_RETURN_BOOL(golden(fcinfo).has_value()); }

// to_jsonb(profile) -> jsonb
CDP_FUNCTION(cdp_profile_to_jsonb) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer json(&resource);
  core::print_profile(core::ProfileView(payload), json, pg::poll());
  json.byte(0);
  const char* const text = reinterpret_cast<const char*>(json.data());
  return pg::call([text] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text)); });
}

// profile(jsonb) -> profile
CDP_FUNCTION(cdp_profile_from_jsonb) {
  const sql::JsonbReader document(pg::bytes_of(PG_GETARG_DATUM(0)));
  pg::ContextResource resource;
  core::ProfileBuilder builder(&resource);
  core::Buffer content(&resource);
  core::ValueWriter writer(content, &resource, core::kDocumentDepth);
  document.write(writer);
  const std::byte* at = content.data();
  core::interpret_profile(core::trusted_value(at), builder, pg::poll());
  return sql::finish_profile(builder);
}
