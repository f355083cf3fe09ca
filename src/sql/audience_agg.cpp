// src/sql/audience_agg.cpp: aggregates over ids and audiences.
//
// The state is a real cdp.audience: a log with room at its end, changed in place. A row costs eight bytes; a log that
// has grown long is made into a set.
#include <algorithm>
#include <cstring>

#include "pg/aggregate.hpp"
#include "pg/entry.hpp"
#include "sql/audience_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace log = cdp::core::audience_log;

using core::ByteSpan;

namespace {

constexpr std::size_t kSmallest = 64;
constexpr std::size_t kCompactFrom = 64 * 1024;

// The state when it is a log that may be changed in place; else nothing.
std::span<std::byte> own_log(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) return {};
  auto* const state = PG_GETARG_POINTER(0);
  if (VARATT_IS_EXTENDED(state)) return {};
  const std::span<std::byte> value{reinterpret_cast<std::byte*>(VARDATA(state)), VARSIZE(state) - VARHDRSZ};
  core::check_audience(value);
  return core::is_audience_log(value) ? value : std::span<std::byte>{};
}

// A log that holds what `state` does (empty: nothing) and has room for `more` bytes. What was known twice is dropped
// once it has grown long; the room doubles, so that a row costs O(1) copies.
Datum grown(ByteSpan state, std::size_t more) {
  pg::ContextResource memory;
  core::Buffer set(&memory), fresh(&memory);
  ByteSpan items, one;
  if (!state.empty() && !core::is_audience_log(state)) {
    one = state;
  } else if (!state.empty() && log::used(state) >= kCompactFrom) {
    log::write_set(state, set, &memory, pg::poll());
    one = set.span();
  } else if (!state.empty()) {
    items = log::items(state);
  }
  const std::size_t kept = items.size() + (one.empty() ? 0 : log::kItemHead + one.size());
  const std::size_t needed = log::kHeader + kept + more;
  constexpr std::size_t kMost = core::kMaxValueBytes - VARHDRSZ;
  std::size_t room = std::max({kSmallest, needed, std::min(2 * (log::kHeader + kept), kMost)});
  if (!one.empty()) room = std::max(room, kCompactFrom);
  pg::begin_varlena(fresh);
  fresh.extend(room);
  const std::span<std::byte> payload{fresh.data() + VARHDRSZ, room};
  log::begin(payload.data());
  log::append_items(payload, items);
  if (!one.empty()) log::append_set(payload, one);
  // The state may be kept or sent as it is: nothing of what was in this memory before may go with it.
  const std::size_t used = log::used(payload);
  std::memset(payload.data() + used, 0, room - used);
  return pg::end_varlena(fresh);
}

// The bytes of the state, none when there is no state yet.
ByteSpan state_bytes(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) return {};
  const ByteSpan state = pg::bytes_of(PG_GETARG_DATUM(0));
  core::check_audience(state);
  return state;
}

std::span<std::byte> payload_of(Datum log) {
  auto* const value = DatumGetPointer(log);
  return {reinterpret_cast<std::byte*>(VARDATA(value)), VARSIZE(value) - VARHDRSZ};
}

Datum unchanged(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  return PG_GETARG_DATUM(0);
}

}  // namespace

// audience_agg's transition: (state, id)
CDP_FUNCTION(cdp_audience_agg_transition) {
  pg::check_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged(fcinfo);
  const std::int64_t id = PG_GETARG_INT64(1);
  const std::span<std::byte> own = own_log(fcinfo);
  if (!own.empty() && log::append_id(own, id)) return PG_GETARG_DATUM(0);
  const Datum state = grown(state_bytes(fcinfo), log::kItemHead + log::kId);
  log::append_id(payload_of(state), id);
  return state;
}

// Combines states, and takes audiences in: (state, audience or state)
CDP_FUNCTION(cdp_audience_agg_combine) {
  pg::check_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) return unchanged(fcinfo);
  const ByteSpan added = pg::bytes_of(PG_GETARG_DATUM(1));
  core::check_audience(added);
  const auto append = [added](std::span<std::byte> to) {
    return core::is_audience_log(added) ? log::append_items(to, log::items(added)) : log::append_set(to, added);
  };
  const std::span<std::byte> own = own_log(fcinfo);
  if (!own.empty() && append(own)) return PG_GETARG_DATUM(0);
  const Datum state = grown(state_bytes(fcinfo), log::kItemHead + added.size());
  append(payload_of(state));
  return state;
}

CDP_FUNCTION(cdp_audience_agg_final) {
  pg::check_aggregate(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const ByteSpan state = state_bytes(fcinfo);
  if (!core::is_audience_log(state)) return PG_GETARG_DATUM(0);
  pg::ContextResource memory;
  core::Buffer out(&memory);
  pg::begin_varlena(out);
  log::write_set(state, out, &memory, pg::poll());
  return pg::end_varlena(out);
}
