// src/sql/profile_fmgr.cpp: input, output and reading of cdp.profile.
#include "core/profile/codec.hpp"
#include "core/profile/format.hpp"
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

// profile || profile
CDP_FUNCTION(cdp_profile_merge) {
  const core::ByteSpan left = sql::profile_payload(PG_GETARG_DATUM(0));
  const core::ByteSpan right = sql::profile_payload(PG_GETARG_DATUM(1));
  core::ProfileBuilder& builder = sql::profile_scratch(fcinfo).builder;
  builder.add_profile(core::ProfileView(left));
  builder.add_profile(core::ProfileView(right));
  return sql::finish_profile(builder);
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

// One row of observations(): everything on the stack, nothing owned.
void put_observation(ReturnSetInfo* result, const core::ProfileView& profile, const core::Attribute& attribute,
                     const core::Entry& entry, bool golden) {
  const std::string_view name = attribute.name(), source = profile.source(entry.source);
  const bool erased = entry.value.type == core::Type::erased, exact = !attribute.overflowed();
  const Datum value = erased ? Datum{0} : sql::to_jsonb(entry.value);
  const std::int64_t times = static_cast<std::int64_t>(entry.times);
  pg::call([&] {
    Datum row[8] = {PointerGetDatum(cstring_to_text_with_len(name.data(), static_cast<int>(name.size()))),
                    value,
                    PointerGetDatum(cstring_to_text_with_len(source.data(), static_cast<int>(source.size()))),
                    TimestampTzGetDatum(entry.first_seen),
                    TimestampTzGetDatum(entry.last_seen),
                    Int64GetDatum(times),
                    BoolGetDatum(golden),
                    BoolGetDatum(exact)};
    bool nulls[8] = {false, erased, false, !exact, false, !exact, false, false};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

}  // namespace

// observations(profile) -> setof (attribute, value, source, first_seen, last_seen, times, golden, exact)
CDP_FUNCTION(cdp_profile_observations) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  pg::ContextResource resource;
  const core::ProfileView profile(payload);
  std::pmr::vector<std::int64_t> times(&resource);  // looking one up in the profile would walk over those before it
  profile.for_each_time([&times](std::int64_t time) { times.push_back(time); });
  const core::Poll poll = pg::poll();
  pg::RowContext rows;
  for (std::uint32_t i = 0; i < profile.size(); ++i) {
    const core::Attribute attribute = profile.attribute(i);
    core::format::RecordCursor cursor = attribute.cursor();
    for (bool golden = true; cursor.entries_left() > 0; golden = false) {  // it is the most recent one
      poll();
      const core::format::RawEntry raw = cursor.next_entry();
      const core::Entry entry{cursor.value(raw.value), raw.source, times[raw.last], times[raw.first], raw.times};
      put_observation(result, profile, attribute, entry, golden);
      rows.reset();
    }
  }
  return Datum{0};
}
