// src/sql/profile_fmgr.cpp: input, output and reading of cdp.profile.
#include "core/profile/codec.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/evidence.hpp"
#include "core/profile/golden.hpp"
#include "core/profile/timestamp.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/jsonb.hpp"
#include "sql/profile_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

CDP_FUNCTION(cdp_profile_in) {
  const std::string_view text(PG_GETARG_CSTRING(0));
  pg::ContextResource resource;
  core::ProfileBuilder builder(&resource);
  core::Buffer scratch(&resource);
  core::parse_profile(text, builder, scratch, &resource, pg::poll());
  return sql::finish_profile(builder);
}

CDP_FUNCTION(cdp_profile_out) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer text(&resource);
  core::print_profile(core::ProfileView(payload), text, pg::poll());
  text.byte(0);
  return CStringGetDatum(reinterpret_cast<char*>(text.release()));
}

CDP_FUNCTION(cdp_profile_recv) {
  auto* const message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const int length = message->len - message->cursor;
  const core::ByteSpan bytes(reinterpret_cast<const std::byte*>(pq_getmsgbytes(message, length)),
                             static_cast<std::size_t>(length));
  pg::ContextResource resource;
  core::ProfileBuilder builder(&resource);
  core::read_binary_profile(bytes, builder, pg::poll());
  return sql::finish_profile(builder);
}

CDP_FUNCTION(cdp_profile_send) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::write_binary_profile(core::ProfileView(payload), out);
  return pg::end_varlena(out);
}

// profile -> text
CDP_FUNCTION(cdp_profile_get) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const std::string_view path = pg::text_of(PG_GETARG_DATUM(1));
  const auto value = core::ProfileView(payload).golden(path);
  if (!value) PG_RETURN_NULL();
  return sql::to_jsonb(*value);
}

// profile ->> text
CDP_FUNCTION(cdp_profile_get_text) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const std::string_view path = pg::text_of(PG_GETARG_DATUM(1));
  const auto value = core::ProfileView(payload).golden(path);
  if (!value) PG_RETURN_NULL();
  if (value->type == core::Type::string) {
    const std::string_view text = core::as_text(value->bytes);
    return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
  }
  if (value->type == core::Type::number) {
    if (const auto integer = core::decimal_to_integer(value->bytes)) {  // as most are
      char digits[MAXINT8LEN + 1];
      return PointerGetDatum(cstring_to_text_with_len(digits, pg_lltoa(*integer, digits)));
    }
  }
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::print_text(*value, out);
  return pg::end_varlena(out);
}

// attributes(profile) -> jsonb
CDP_FUNCTION(cdp_profile_attributes) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer json(&resource);
  const core::ProfileView profile(payload);
  const core::Poll poll = pg::poll();
  json.byte('{');
  for (std::uint32_t i = 0; i < profile.size(); ++i) {
    poll();
    const core::Attribute attribute = profile.attribute(i);
    if (!attribute.known()) continue;
    if (json.size() > 1) json.append(", ");
    core::print_json_string(attribute.name(), json);
    json.append(": ");
    core::print_json(attribute.golden(), json);
  }
  json.byte('}');
  json.byte(0);
  const char* const text = reinterpret_cast<const char*>(json.data());
  return pg::call([text] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text)); });
}

namespace {

// A row of observations(): a kept pair, or the golden observation where it is not among them.
struct ObservationRow {
  std::string_view attribute;
  core::Value value;
  std::string_view source;
  std::int64_t last_seen;
  std::int64_t first_seen;  // with times = 0: not known
  std::uint64_t times;
  bool golden, exact;
  std::string_view reason;  // of a golden one
};

// Everything on the stack, nothing owned.
void put_observation(ReturnSetInfo* result, const ObservationRow& observation) {
  const bool erased = observation.value.type == core::Type::erased, counted = observation.times != 0;
  const Datum value = erased ? Datum{0} : sql::to_jsonb(observation.value);
  pg::call([&] {
    const auto text_of = [](std::string_view text) {
      return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
    };
    Datum row[9] = {text_of(observation.attribute),
                    value,
                    text_of(observation.source),
                    TimestampTzGetDatum(observation.first_seen),
                    TimestampTzGetDatum(observation.last_seen),
                    Int64GetDatum(static_cast<std::int64_t>(observation.times)),
                    BoolGetDatum(observation.golden),
                    BoolGetDatum(observation.exact),
                    observation.golden ? text_of(observation.reason) : Datum{0}};
    bool nulls[9] = {false, erased, false, !counted, false, !counted, false, false, !observation.golden};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

}  // namespace

// observations(profile) -> setof (attribute, value, source, first_seen, last_seen, times, golden, exact, reason)
CDP_FUNCTION(cdp_profile_observations) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  pg::ContextResource resource;
  const core::ProfileView profile(payload);
  core::EvidenceReader reader(profile, &resource);
  core::Policy policy(&resource);
  policy.assign(profile.section(core::Section::policy));
  core::Buffer derived(&resource);
  const core::Poll poll = pg::poll();
  pg::RowContext rows;
  for (std::uint32_t i = 0; i < profile.size(); ++i) {
    const core::Attribute attribute = profile.attribute(i);
    const core::Evidence evidence = reader.read(attribute);
    const core::Clause& clause = policy.clause_of(attribute.name());
    derived.clear();
    const core::Golden golden = core::choose(clause, evidence, derived, &resource);
    const bool exact = core::is_exact(clause, evidence);
    const std::string_view reason = core::reason_of(clause, evidence, golden);
    bool met = golden.derived || golden.value.type == core::Type::erased;
    for (std::size_t at = 0; at < evidence.entries.size(); ++at) {
      poll();
      const core::Entry& entry = evidence.entries[at];
      const bool is_golden = core::is_golden(clause, evidence, golden, at);
      met = met || is_golden;
      put_observation(result, {attribute.name(), entry.value, evidence.source_names[entry.source], entry.last_seen,
                               entry.first_seen, entry.times, is_golden, exact, reason});
      rows.reset();
    }
    if (met) continue;
    put_observation(result, {attribute.name(), golden.value, evidence.source_names[golden.source], golden.at, golden.at,
                             0, true, exact, reason});
    rows.reset();
  }
  return Datum{0};
}
