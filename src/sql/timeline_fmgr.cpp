// src/sql/timeline_fmgr.cpp: input, output and making of cdp.timeline.
#include "core/timeline/codec.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/timeline_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

CDP_FUNCTION(cdp_timeline_in) {
  const std::string_view text(PG_GETARG_CSTRING(0));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::parse_timeline(text, out, &resource, pg::poll());
  return pg::end_varlena(out);
}

CDP_FUNCTION(cdp_timeline_out) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer text(&resource);
  core::print_timeline(timeline, text, pg::poll());
  text.byte(0);
  return CStringGetDatum(reinterpret_cast<char*>(text.release()));
}

CDP_FUNCTION(cdp_timeline_recv) {
  auto* const message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const int length = message->len - message->cursor;
  const core::ByteSpan bytes(reinterpret_cast<const std::byte*>(pq_getmsgbytes(message, length)),
                             static_cast<std::size_t>(length));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::read_binary_timeline(bytes, out, &resource, pg::poll());
  return pg::end_varlena(out);
}

CDP_FUNCTION(cdp_timeline_send) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::write_binary_timeline(timeline, out);
  return pg::end_varlena(out);
}

// event(event text, at timestamptz, properties jsonb, message_id text)
CDP_FUNCTION(cdp_timeline_event) {
  const core::timeline::EventItem event = sql::event_args(fcinfo, 0);
  core::TimelineBuilder& builder = sql::timeline_builder(fcinfo);
  builder.add_event(event.time, event.name, event.message_id, event.properties);
  return sql::finish_timeline(builder);
}

// cut(timeline, before)
CDP_FUNCTION(cdp_timeline_cut) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  core::TimelineBuilder& builder = sql::timeline_builder(fcinfo);
  builder.add_timeline(timeline, pg::poll());
  builder.cut(PG_GETARG_TIMESTAMPTZ(1));
  return sql::finish_timeline(builder);
}

// keep(timeline, newest)
CDP_FUNCTION(cdp_timeline_keep) {
  const std::int32_t newest = PG_GETARG_INT32(1);
  if (newest < 1 || newest > static_cast<std::int32_t>(core::timeline::kMostKept))
    throw core::Error(core::Code::invalid_parameter, "newest must be between 1 and 1000");
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  core::TimelineBuilder& builder = sql::timeline_builder(fcinfo);
  builder.add_timeline(timeline, pg::poll());
  builder.limit_keep(static_cast<std::uint32_t>(newest));
  return sql::finish_timeline(builder);
}

namespace {

Datum text_datum(std::string_view text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

// One row of events(): everything on the stack, nothing owned. `json` is closed by a NUL; none: no properties.
void put_event(ReturnSetInfo* result, const core::EventPrinter& event, const char* json) {
  pg::call([&] {
    const bool no_id = !event.message_id().has_value();
    Datum row[4] = {text_datum(event.name()), TimestampTzGetDatum(event.time()),
                    json == nullptr ? Datum{0} : DirectFunctionCall1(jsonb_in, CStringGetDatum(json)),
                    no_id ? Datum{0} : text_datum(*event.message_id())};
    bool nulls[4] = {false, false, json == nullptr, no_id};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

struct Total {
  std::string_view name;
  std::uint64_t kept;
  std::int64_t first, last;
  std::optional<core::Folded> folded;
};

void put_total(ReturnSetInfo* result, const Total& total) {
  pg::call([&] {
    const bool none = !total.folded.has_value();
    const std::uint64_t folded = none ? 0 : total.folded->count;
    const std::uint64_t count = std::min<std::uint64_t>(total.kept + folded, INT64_MAX);
    Datum row[6] = {text_datum(total.name),
                    Int64GetDatum(static_cast<std::int64_t>(count)),
                    TimestampTzGetDatum(none ? total.first : total.folded->first),
                    TimestampTzGetDatum(total.kept == 0 ? total.folded->horizon : total.last),
                    Int64GetDatum(static_cast<std::int64_t>(folded)),
                    TimestampTzGetDatum(none ? 0 : total.folded->horizon)};
    bool nulls[6] = {false, false, false, false, false, none};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

}  // namespace

// events(timeline) -> setof (event, at, properties, message_id)
CDP_FUNCTION(cdp_timeline_events) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  pg::ContextResource resource;
  core::EventPrinter event(timeline, &resource);
  core::Buffer json(&resource);
  const core::Poll poll = pg::poll();
  pg::RowContext rows;
  for (std::uint32_t i = 0; i < timeline.size(); ++i) {
    poll();
    event.next();
    json.clear();
    if (event.has_properties()) {
      event.print_properties(json);
      json.byte(0);
    }
    put_event(result, event, json.size() == 0 ? nullptr : reinterpret_cast<const char*>(json.data()));
    rows.reset();
  }
  return Datum{0};
}

// totals(timeline) -> setof (event, count, first, last, folded, horizon)
CDP_FUNCTION(cdp_timeline_totals) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  pg::ContextResource resource;
  std::pmr::vector<Total> totals(&resource);
  timeline.for_each_name([&totals](std::string_view name) { totals.push_back({name, 0, 0, 0, {}}); });
  timeline.for_each_folded([&totals](std::uint32_t name, const core::Folded& part) { totals[name].folded = part; });
  const core::Poll poll = pg::poll();
  for (std::uint32_t i = 0; i < timeline.size(); ++i) {
    poll();
    Total& total = totals[timeline.name_of(i)];
    total.last = timeline.time(i);
    if (total.kept++ == 0) total.first = total.last;
  }
  pg::RowContext rows;
  for (const Total& total : totals) {
    poll();
    put_total(result, total);
    rows.reset();
  }
  return Datum{0};
}
