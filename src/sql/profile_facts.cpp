// src/sql/profile_facts.cpp: identifiers and consents of a profile.
#include "core/profile/consents.hpp"
#include "core/profile/identifiers.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/profile_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

[[noreturn]] void missing(const char* what) {
  ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", what)));
  pg_unreachable();
}

// Inside pg::call only.
Datum text_datum(std::string_view text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

}  // namespace

// identifier(type, value, source, seen_at) -> profile
CDP_FUNCTION(cdp_profile_identifier) {
  if (PG_ARGISNULL(0)) missing("type of an identifier");
  if (PG_ARGISNULL(2)) missing("source of an identifier");
  if (PG_ARGISNULL(3)) missing("time of an identifier");
  const std::string_view type = pg::text_of(PG_GETARG_DATUM(0)), source = pg::text_of(PG_GETARG_DATUM(2));
  const bool none = PG_ARGISNULL(1);
  const std::string_view value = none ? std::string_view() : pg::text_of(PG_GETARG_DATUM(1));
  const TimestampTz seen_at = PG_GETARG_TIMESTAMPTZ(3);
  core::ProfileBuilder& builder = sql::profile_scratch(fcinfo).builder;
  if (!none) builder.sections().facts().identifiers().add({type, value, source, seen_at, seen_at});
  return sql::finish_profile(builder);
}

// identifiers(profile [, type]) -> setof (type, value, source, first_seen, last_seen)
CDP_FUNCTION(cdp_profile_identifiers) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const bool one_type = PG_NARGS() == 2;
  const std::string_view type = one_type ? pg::text_of(PG_GETARG_DATUM(1)) : std::string_view();
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  pg::ContextResource resource;
  core::Identifiers identifiers(&resource);
  identifiers.add_section(core::ProfileView(payload).section(core::Section::identifiers), pg::poll());
  pg::RowContext rows;
  identifiers.for_each(
      [&](const core::Identifier& each) {
        if (one_type && each.type != type) return;
        pg::call([&] {
          Datum row[5] = {text_datum(each.type), text_datum(each.value), text_datum(each.source_name),
                          TimestampTzGetDatum(each.first_seen), TimestampTzGetDatum(each.last_seen)};
          bool nulls[5] = {};
          tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
        });
        rows.reset();
      },
      pg::poll());
  return Datum{0};
}

// has_identifier(profile, type [, value]) -> boolean
CDP_FUNCTION(cdp_profile_has_identifier) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const std::string_view type = pg::text_of(PG_GETARG_DATUM(1));
  const bool any = PG_NARGS() == 2;
  const std::string_view value = any ? std::string_view() : pg::text_of(PG_GETARG_DATUM(2));
  const core::ByteSpan section = core::ProfileView(payload).section(core::Section::identifiers);
  return BoolGetDatum(any ? core::has_identifier(section, type) : core::has_identifier(section, type, value));
}

// identifier_count(profile, type) -> bigint
CDP_FUNCTION(cdp_profile_identifier_count) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const std::string_view type = pg::text_of(PG_GETARG_DATUM(1));
  const core::ByteSpan section = core::ProfileView(payload).section(core::Section::identifiers);
  return Int64GetDatum(static_cast<std::int64_t>(core::identifier_count(section, type)));
}

// consent(purpose, granted, source, given_at) -> profile
CDP_FUNCTION(cdp_profile_consent) {
  if (PG_ARGISNULL(0)) missing("purpose of a consent");
  if (PG_ARGISNULL(2)) missing("source of a consent");
  if (PG_ARGISNULL(3)) missing("time of a consent");
  const std::string_view purpose = pg::text_of(PG_GETARG_DATUM(0)), source = pg::text_of(PG_GETARG_DATUM(2));
  core::ProfileBuilder& builder = sql::profile_scratch(fcinfo).builder;
  if (!PG_ARGISNULL(1))
    builder.sections().facts().consents().add({purpose, source, PG_GETARG_TIMESTAMPTZ(3), PG_GETARG_BOOL(1)});
  return sql::finish_profile(builder);
}

// consents(profile) -> setof (purpose, granted, source, at)
CDP_FUNCTION(cdp_profile_consents) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  pg::ContextResource resource;
  core::Consents consents(&resource);
  consents.add_section(core::ProfileView(payload).section(core::Section::consents), pg::poll());
  pg::RowContext rows;
  consents.for_each(
      [&](const core::Consent& each) {
        pg::call([&] {
          Datum row[4] = {text_datum(each.purpose), BoolGetDatum(each.granted), text_datum(each.source_name),
                          TimestampTzGetDatum(each.at)};
          bool nulls[4] = {};
          tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
        });
        rows.reset();
      },
      pg::poll());
  return Datum{0};
}

// has_consent(profile, purpose, as_of) -> boolean
CDP_FUNCTION(cdp_profile_has_consent) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const std::string_view purpose = pg::text_of(PG_GETARG_DATUM(1));
  const core::ByteSpan section = core::ProfileView(payload).section(core::Section::consents);
  return BoolGetDatum(core::has_consent(section, purpose, PG_GETARG_TIMESTAMPTZ(2)));
}
