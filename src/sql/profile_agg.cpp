// src/sql/profile_agg.cpp: aggregates over observations and profiles.
//
// The state is a real cdp.profile: a log with room at its end, changed in place. So it travels between processes and
// machines as it is, and a group costs what its rows take.
#include <algorithm>
#include <bit>
#include <optional>

#include "core/profile/format.hpp"
#include "core/profile/layout.hpp"
#include "core/profile/log.hpp"
#include "pg/aggregate.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/jsonb.hpp"
#include "sql/policy_gate.hpp"
#include "sql/profile_gate.hpp"
#include "sql/profile_row.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace log = cdp::core::log;

namespace {

// A state that would grow beyond this is made into a profile first.
constexpr std::size_t kCompactAbove = 4 * 1024;
constexpr std::size_t kSmallest = 256;

// A log with room for `more` bytes of items after what `state` holds. Returns `state` itself when it has the room.
// Raises; owns nothing.
Datum with_room(Datum state, bool is_null, std::size_t more) {
  const core::ByteSpan old = is_null ? core::ByteSpan{} : pg::inline_bytes(state);
  const bool is_log = !is_null && log::is_log(old);
  const std::size_t used = is_null ? log::kHeader : is_log ? log::used(old) : log::kHeader + log::item_size(old.size());
  if (is_log && used + more + log::kSlack <= old.size() && !VARATT_IS_SHORT(DatumGetPointer(state))) return state;
  const std::size_t needed = VARHDRSZ + used + more + log::kSlack;
  if (needed > core::kMaxValueBytes)
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("profile exceeds the maximum size of 1 GB")));
  // The server's allocator rounds up to powers of two anyway. A profile gets half as much room again: it is made into
  // one anew when that is used up.
  const std::size_t wanted = is_null || is_log ? needed : std::max(needed, used + used / 2);
  const std::size_t size = std::min(std::max(kSmallest, std::bit_ceil(wanted)), core::kMaxValueBytes);
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
    const core::ByteSpan old = pg::inline_bytes(state);
    if (log::is_log(old) && VARHDRSZ + old.size() >= kCompactAbove && log::used(old) + more + log::kSlack > old.size())
      return with_room(digest(fcinfo, old), false, more);
  }
  return with_room(state, is_null, more);
}

std::byte* payload_of_log(Datum log) noexcept { return reinterpret_cast<std::byte*>(VARDATA(DatumGetPointer(log))); }

// A row of the aggregate's input.
struct Observed {
  sql::JsonbReader attributes;
  std::string_view source;
  TimestampTz time;
};

[[noreturn]] void missing(const char* what) {
  ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s of an observation must not be null", what)));
  pg_unreachable();
}

// Writes the row as an item into the function's scratch.
core::ByteSpan write_row(sql::ProfileScratch& scratch, const Observed& row) {
  scratch.item.clear();
  log::begin_row(scratch.item, row.source, row.time);
  row.attributes.for_each_member([&](const sql::JsonbReader::Member& member) {
    if (member.is_string()) {
      log::append_string(scratch.item, member.key, member.string());
    } else {
      log::append_name(scratch.item, member.key);
      member.write(scratch.writer);
    }
  });
  return scratch.item.span();
}

// The row with numbers in place of names, written to `to`, which has room for as many bytes as the jsonb and
// kCodedFixed more: an entry and a header of four bytes each are more than what any value or name is preceded by.
// Returns its end, or nothing when a name has no number; `greatest` is the greatest number.
std::byte* write_coded(sql::ProfileScratch& scratch, const Observed& row, std::byte* to, std::uint32_t& greatest) {
  scratch.source = scratch.words.number(row.source, scratch.source);
  if (scratch.source == log::Words::kNone) return nullptr;
  greatest = scratch.source;
  std::byte* const start = to;
  to = log::begin_coded(to, row.time, scratch.source);
  std::uint32_t number = log::Words::kNone;
  const bool all = row.attributes.all_members([&](const sql::JsonbReader::Member& member) {
    number = scratch.words.number(member.key, number + 1);
    if (number == log::Words::kNone) return false;
    if (number > greatest) greatest = number;
    *to++ = static_cast<std::byte>(number);
    if (member.is_string()) {
      core::put_varint(to, member.string().size() << 3 | static_cast<std::uint64_t>(core::Type::string));
      core::put_bytes(to, core::as_bytes(member.string()));
    } else {
      scratch.item.clear();
      member.write(scratch.writer);
      core::put_bytes(to, scratch.item.span());
    }
    return true;
  });
  if (!all) return nullptr;
  log::end_coded(start, to);
  return to;
}

// The state with the row in it, in the coded form; nothing when the row or the state is better off without.
std::optional<Datum> append_coded(FunctionCallInfo fcinfo, sql::ProfileScratch& scratch, const Observed& row) {
  const std::size_t most = row.attributes.size() + log::kCodedFixed;
  if (most > log::kLongestCoded) return std::nullopt;
  std::uint32_t greatest = 0;
  std::size_t used = 0;
  if (!PG_ARGISNULL(0) && VARATT_IS_4B_U(DatumGetPointer(PG_GETARG_DATUM(0)))) {
    const Datum state = PG_GETARG_DATUM(0);
    const core::ByteSpan old = pg::inline_bytes(state);
    if (log::is_log(old)) {
      used = log::used(old);
      if (used + most + log::kSlack <= old.size()) {
        std::byte* const payload = payload_of_log(state);
        std::byte* const end = write_coded(scratch, row, payload + used, greatest);
        if (end == nullptr) return std::nullopt;
        if (scratch.words.agrees(log::last_words(old), greatest)) {
          log::extend_to(payload, end);
          return state;
        }
      }
    }
  }
  scratch.row.clear();
  std::byte* const at = scratch.row.extend(most);
  std::byte* const end = write_coded(scratch, row, at, greatest);
  // A table has to be worth its room.
  const core::ByteSpan table = scratch.words.table();
  if (end == nullptr || table.size() > used + most) return std::nullopt;
  const core::ByteSpan coded{at, end};
  const Datum state = make_room(fcinfo, log::item_size(table.size()) + coded.size());
  std::byte* const payload = payload_of_log(state);
  if (!scratch.words.agrees(log::last_words(pg::inline_bytes(state)), greatest))
    log::append(payload, log::Item::words, table);
  log::append_row(payload, coded);
  return state;
}

}  // namespace

// profile_agg's transition: (state, attributes jsonb, source text, observed_at timestamptz)
CDP_FUNCTION(cdp_profile_agg_transition) {
  pg::check_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    return PG_GETARG_DATUM(0);
  }
  if (PG_ARGISNULL(2)) missing("source");
  if (PG_ARGISNULL(3)) missing("time");
  const Observed row{sql::JsonbReader(pg::bytes_of(PG_GETARG_DATUM(1))), pg::text_of(PG_GETARG_DATUM(2)),
                     PG_GETARG_TIMESTAMPTZ(3)};
  if (!row.attributes.is_object())
    ereport(ERROR,
            (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("attributes of an observation must be a JSON object")));
  sql::ProfileScratch& scratch = sql::row_scratch(fcinfo);
  if (const auto state = append_coded(fcinfo, scratch, row)) return *state;
  const core::ByteSpan item = write_row(scratch, row);
  const Datum state = make_room(fcinfo, log::item_size(item.size()));
  log::append(payload_of_log(state), log::Item::row, item);
  return state;
}

// The same with a policy: (state, attributes jsonb, source text, observed_at timestamptz, policy)
CDP_FUNCTION(cdp_profile_agg_policy_transition) {
  pg::check_aggregate(fcinfo);
  const core::ByteSpan policy = PG_ARGISNULL(4) ? core::ByteSpan{} : sql::policy_arg(PG_GETARG_DATUM(4));
  if (PG_ARGISNULL(1) || policy.empty()) return cdp_profile_agg_transition_body(fcinfo);
  if (PG_ARGISNULL(2)) missing("source");
  if (PG_ARGISNULL(3)) missing("time");
  const sql::JsonbReader attributes(pg::bytes_of(PG_GETARG_DATUM(1)));
  const std::string_view source = pg::text_of(PG_GETARG_DATUM(2));
  const core::ByteSpan row = sql::shaped_row(fcinfo, attributes, source, PG_GETARG_TIMESTAMPTZ(3), policy);
  const Datum state = make_room(fcinfo, log::item_size(row.size()) + log::item_size(policy.size()));
  std::byte* const payload = payload_of_log(state);
  if (!log::begins_with_policy({payload, log::used({payload, log::kHeader})}, policy))
    log::append(payload, log::Item::policy, policy);
  log::append(payload, log::Item::row_under_policy, row);
  return state;
}

// Combines states, and takes profiles in: (state, profile or state)
CDP_FUNCTION(cdp_profile_agg_combine) {
  pg::check_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    return PG_GETARG_DATUM(0);
  }
  const core::ByteSpan added = sql::profile_or_log_payload(PG_GETARG_DATUM(1));
  if (PG_ARGISNULL(0)) return PG_GETARG_DATUM(1);
  const bool is_log = log::is_log(added);
  const Datum state = make_room(fcinfo, is_log ? log::items(added).size() : log::item_size(added.size()));
  if (is_log) {
    log::append_log(payload_of_log(state), added);
  } else {
    log::append(payload_of_log(state), log::Item::profile, added);
  }
  return state;
}

CDP_FUNCTION(cdp_profile_agg_final) {
  pg::check_aggregate(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const core::ByteSpan payload = sql::profile_or_log_payload(PG_GETARG_DATUM(0));
  return log::is_log(payload) ? digest(fcinfo, payload) : PG_GETARG_DATUM(0);
}
