// src/sql/timeline_agg.cpp: aggregates over events and timelines.
//
// The state is a real cdp.timeline: a log with room at its end, changed in place. So it travels between processes and
// machines as it is, and a group costs what its rows take.
#include <algorithm>

#include "pg/aggregate.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/timeline_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace timeline = cdp::core::timeline;

namespace {

// A log this long is made into a timeline, unless the timeline alone takes a good part of it.
constexpr std::size_t kCompactAbove = 64 * 1024;
constexpr std::size_t kFirstRoom = 256;
// Room after a timeline for each of its events and properties.
constexpr std::size_t kSparePerItem = 16, kMostSpare = 32 * 1024 * 1024;

std::byte* payload_of_log(Datum log) noexcept { return reinterpret_cast<std::byte*>(VARDATA(DatumGetPointer(log))); }

// A log with room for `more` bytes of items, and for `spare` in all, after what `state` holds. Raises; owns nothing.
Datum with_room(Datum state, bool is_null, std::size_t more, std::size_t spare = 0) {
  const core::ByteSpan old = is_null ? core::ByteSpan{} : pg::inline_bytes(state);
  const bool is_log = !is_null && timeline::is_log(old);
  const std::size_t used = is_null  ? timeline::kLogHeader
                           : is_log ? timeline::log_used(old)
                                    : timeline::kLogHeader + timeline::timeline_size(old.size());
  const std::size_t needed = VARHDRSZ + used + more;
  if (needed > core::kMaxValueBytes)
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("timeline exceeds the maximum size of 1 GB")));
  const std::size_t grown = is_null ? kFirstRoom : used + std::max(used, spare);
  const std::size_t size = std::min(std::max(grown, needed), core::kMaxValueBytes);
  auto* const fresh = static_cast<char*>(palloc(size));
  SET_VARSIZE(fresh, size);
  auto* const payload = reinterpret_cast<std::byte*>(VARDATA(fresh));
  timeline::begin_log(payload);
  if (is_log) {
    std::memcpy(payload, old.data(), used);
  } else if (!is_null) {
    timeline::append_timeline(payload, old);
  }
  // The state may be kept or sent as it is: nothing of what was in this memory before may go with it.
  std::memset(payload + used, 0, size - VARHDRSZ - used);
  return PointerGetDatum(fresh);
}

struct Digest {
  Datum timeline;
  std::size_t written;  // events and properties
};

Digest digest(FunctionCallInfo fcinfo, core::ByteSpan log) {
  core::TimelineBuilder& builder = sql::timeline_builder(fcinfo);
  timeline::replay_log(log, builder, pg::poll());
  const Datum compact = sql::finish_timeline(builder);
  return {compact, builder.written()};
}

bool has_room(Datum state, std::size_t more) noexcept {
  const core::ByteSpan payload = pg::inline_bytes(state);
  return timeline::is_log(payload) && timeline::log_used(payload) + more <= payload.size() &&
         !VARATT_IS_SHORT(DatumGetPointer(state));
}

// A log that has grown long is made into a timeline before it grows further. Before the next time it doubles, and takes
// in a fair part of what the timeline expands to, which may be far more than its size: so all of this costs about as
// much as the appending itself.
Datum make_room(FunctionCallInfo fcinfo, std::size_t more) {
  if (PG_ARGISNULL(0)) return with_room(Datum{0}, true, more);
  const Datum state = PointerGetDatum(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
  if (has_room(state, more)) return state;
  const core::ByteSpan old = pg::inline_bytes(state);
  if (timeline::is_log(old) && old.size() >= kCompactAbove) {
    const auto [compact, written] = digest(fcinfo, old);
    return with_room(compact, false, more, std::min(kSparePerItem * written, kMostSpare));
  }
  return with_room(state, false, more);
}

}  // namespace

// timeline_agg's transition: (state, event text, at timestamptz [, properties jsonb [, message_id text]])
CDP_FUNCTION(cdp_timeline_agg_transition) {
  pg::check_aggregate(fcinfo);
  const timeline::EventItem event = sql::event_args(fcinfo, 1);
  const Datum state = make_room(fcinfo, timeline::event_size(event));
  timeline::append_event(payload_of_log(state), event);
  return state;
}

// Combines states, and takes timelines in: (state, timeline or state)
CDP_FUNCTION(cdp_timeline_agg_combine) {
  pg::check_aggregate(fcinfo);
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    return PG_GETARG_DATUM(0);
  }
  const core::ByteSpan added = sql::timeline_or_log_payload(PG_GETARG_DATUM(1));
  if (PG_ARGISNULL(0)) return PG_GETARG_DATUM(1);
  if (timeline::is_log(added)) {
    const core::ByteSpan items = added.subspan(timeline::kLogHeader, timeline::log_used(added) - timeline::kLogHeader);
    const Datum state = make_room(fcinfo, items.size());
    timeline::append_items(payload_of_log(state), items);
    return state;
  }
  const Datum state = make_room(fcinfo, timeline::timeline_size(added.size()));
  timeline::append_timeline(payload_of_log(state), added);
  return state;
}

CDP_FUNCTION(cdp_timeline_agg_final) {
  pg::check_aggregate(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const core::ByteSpan payload = sql::timeline_or_log_payload(PG_GETARG_DATUM(0));
  return timeline::is_log(payload) ? digest(fcinfo, payload).timeline : PG_GETARG_DATUM(0);
}
