// src/sql/profile_agg.cpp: aggregates over observations and profiles.
//
// The state is a real cdp.profile: a log with room at its end, changed in place. So it travels between processes and
// machines as it is, and a group costs what its rows take.
#include <algorithm>

#include "core/profile/format.hpp"
#include "core/profile/log.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/jsonb.hpp"
#include "sql/profile_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace log = cdp::core::log;

namespace {

// A log this long is made into a profile, unless the profile alone takes a good part of it.
constexpr std::size_t kCompactAbove = 16 * 1024;
constexpr std::size_t kSmallest = 1024;

void check_aggregate(FunctionCallInfo fcinfo) {
  if (AggCheckCallContext(fcinfo, nullptr) == 0)
    ereport(ERROR,
            (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("aggregate support function called in non-aggregate context")));
}

core::ByteSpan payload_in(Datum state) noexcept {
  const auto* const value = reinterpret_cast<const struct varlena*>(DatumGetPointer(state));
  return {reinterpret_cast<const std::byte*>(VARDATA_ANY(value)), VARSIZE_ANY_EXHDR(value)};
}

// A log with room for `more` bytes of items after what `state` holds. Returns `state` itself when it has the room.
// Raises; owns nothing.
Datum with_room(Datum state, bool is_null, std::size_t more) {
  const core::ByteSpan old = is_null ? core::ByteSpan{} : payload_in(state);
  const bool is_log = !is_null && log::is_log(old);
  const std::size_t used = is_null ? log::kHeader : is_log ? log::used(old) : log::kHeader + log::item_size(old.size());
  if (is_log && used + more + log::kSlack <= old.size() && !VARATT_IS_SHORT(DatumGetPointer(state))) return state;
  const std::size_t needed = VARHDRSZ + used + more + log::kSlack;
  if (needed > core::kMaxValueBytes)
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("profile exceeds the maximum size of 1 GB")));
  const std::size_t size = std::min(std::max(is_null ? kSmallest : 2 * used, needed), core::kMaxValueBytes);
  auto* const fresh = static_cast<char*>(palloc(size));
  SET_VARSIZE(fresh, size);
  auto* const payload = reinterpret_cast<std::byte*>(VARDATA(fresh));
  log::begin(payload);
  if (is_log) {
    std::memcpy(payload, old.data(), used);
  } else if (!is_null) {
    log::append(payload, log::Item::profile, old);
  }
  // The state may be kept or sent as it is: nothing of what was in this memory before may go with it.
  std::memset(payload + used, 0, size - VARHDRSZ - used);
  return PointerGetDatum(fresh);
}

Datum digest(FunctionCallInfo fcinfo, core::ByteSpan payload) {
  sql::ProfileScratch& scratch = sql::profile_scratch(fcinfo);
  {
    pg::ContextResource resource;
    core::Buffer out(&resource);
    pg::begin_varlena(out);
    if (scratch.digest.write(payload, out)) return pg::end_varlena(out);
  }
  log::replay(payload, scratch.builder, pg::poll());
  return sql::finish_profile(scratch.builder);
}

// The state with room for `more` bytes. A log that has grown long is made into a profile first; it doubles before the
// next time, so that all of this costs no more than the appending itself.
Datum make_room(FunctionCallInfo fcinfo, std::size_t more) {
  const bool is_null = PG_ARGISNULL(0);
  const Datum state = is_null ? Datum{0} : PointerGetDatum(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
  if (!is_null) {
    const core::ByteSpan old = payload_in(state);
    if (log::is_log(old) && old.size() >= kCompactAbove && log::used(old) + more + log::kSlack > old.size())
      return with_room(digest(fcinfo, old), false, more);
  }
  return with_room(state, is_null, more);
}

std::byte* payload_of_log(Datum log) noexcept { return reinterpret_cast<std::byte*>(VARDATA(DatumGetPointer(log))); }

[[noreturn]] void missing(const char* what) {
  ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s of an observation must not be null", what)));
  pg_unreachable();
}

// Writes the row as an item into the function's scratch.
core::ByteSpan write_row(FunctionCallInfo fcinfo, const sql::JsonbReader& attributes, std::string_view source,
                         TimestampTz time) {
  sql::ProfileScratch& scratch = sql::row_scratch(fcinfo);
  log::begin_row(scratch.item, source, time);
  attributes.for_each_member([&](const sql::JsonbReader::Member& member) {
    if (member.is_string()) {
      log::append_string(scratch.item, member.key, member.string());
    } else {
      log::append_name(scratch.item, member.key);
      member.write(scratch.writer);
    }
  });
  return scratch.item.span();
}

}  // namespace

// profile_agg's transition: (state, attributes jsonb, source text, observed_at timestamptz)
CDP_FUNCTION(cdp_profile_agg_transition) {
  check_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    return PG_GETARG_DATUM(0);
  }
  if (PG_ARGISNULL(2)) missing("source");
  if (PG_ARGISNULL(3)) missing("time");
  const sql::JsonbReader attributes(pg::bytes_of(PG_GETARG_DATUM(1)));
  const std::string_view source = pg::text_of(PG_GETARG_DATUM(2));
  if (!attributes.is_object())
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("attributes of an observation must be a JSON object")));
  const core::ByteSpan row = write_row(fcinfo, attributes, source, PG_GETARG_TIMESTAMPTZ(3));
  const Datum state = make_room(fcinfo, log::item_size(row.size()));
  log::append(payload_of_log(state), log::Item::row, row);
  return state;
}

// Combines states, and takes profiles in: (state, profile or state)
CDP_FUNCTION(cdp_profile_agg_combine) {
  check_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    return PG_GETARG_DATUM(0);
  }
  const core::ByteSpan added = sql::profile_or_log_payload(PG_GETARG_DATUM(1));
  if (PG_ARGISNULL(0)) return PG_GETARG_DATUM(1);
  const bool is_log = log::is_log(added);
  const core::ByteSpan items = is_log ? added.subspan(log::kHeader, log::used(added) - log::kHeader) : added;
  const Datum state = make_room(fcinfo, is_log ? items.size() : log::item_size(items.size()));
  if (is_log) {
    log::append_items(payload_of_log(state), items);
  } else {
    log::append(payload_of_log(state), log::Item::profile, items);
  }
  return state;
}

CDP_FUNCTION(cdp_profile_agg_final) {
  check_aggregate(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const core::ByteSpan payload = sql::profile_or_log_payload(PG_GETARG_DATUM(0));
  return log::is_log(payload) ? digest(fcinfo, payload) : PG_GETARG_DATUM(0);
}
