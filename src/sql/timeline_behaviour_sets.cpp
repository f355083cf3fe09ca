// src/sql/timeline_behaviour_sets.cpp: sessions, paths, attribution and states of a timeline.
#include "core/timeline/attribution.hpp"
#include "core/timeline/paths.hpp"
#include "core/timeline/sessions.hpp"
#include "core/timeline/states.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/timeline_behaviour.hpp"
#include "sql/timeline_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

ReturnSetInfo* begin_rows(FunctionCallInfo fcinfo) {
  InitMaterializedSRF(fcinfo, 0);
  return reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
}

Datum new_text(std::string_view text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

// Rows: everything on the stack, nothing owned.

void put_session(ReturnSetInfo* result, std::int64_t number, const core::Session& session) {
  pg::call([&] {
    const auto length = static_cast<core::Duration>(session.end) - static_cast<core::Duration>(session.start);
    Datum row[5] = {Int64GetDatum(number), TimestampTzGetDatum(session.start), TimestampTzGetDatum(session.end),
                    sql::new_interval(length), Int64GetDatum(static_cast<std::int64_t>(session.events))};
    bool nulls[5] = {};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

void put_path(ReturnSetInfo* result, const std::string_view* texts, const std::uint32_t* names, std::uint32_t n,
              std::int64_t times) {
  pg::call([&] {
    auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * n));
    for (std::uint32_t i = 0; i < n; ++i) elements[i] = new_text(texts[names[i]]);
    Datum row[2] = {PointerGetDatum(construct_array(elements, static_cast<int>(n), TEXTOID, -1, false, TYPALIGN_INT)),
                    Int64GetDatum(times)};
    bool nulls[2] = {};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

void put_labelled(ReturnSetInfo* result, const core::Labels& labels, std::uint32_t label, Datum (*value)(const void*),
                  const void* argument) {
  const bool none = label == core::Labels::kNone;
  const std::string_view text = none ? std::string_view() : labels.text(label);
  pg::call([&] {
    Datum row[2] = {none ? Datum{0} : new_text(text), value(argument)};
    bool nulls[2] = {none, false};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

// The labels in the order of their texts, the one without a text last.
std::pmr::vector<std::uint32_t> in_order(const core::Labels& labels, std::uint32_t count,
                                         std::pmr::memory_resource* resource) {
  std::pmr::vector<std::uint32_t> order(resource);
  for (std::uint32_t label = 1; label < count; ++label) order.push_back(label);
  std::sort(order.begin(), order.end(), [&labels](std::uint32_t a, std::uint32_t b) {
    return core::compare_bytes(core::as_bytes(labels.text(a)), core::as_bytes(labels.text(b))) < 0;
  });
  if (count > 0) order.push_back(core::Labels::kNone);
  return order;
}

}  // namespace

// sessions(timeline, gap) -> setof (session, started_at, ended_at, duration, events)
CDP_FUNCTION(cdp_timeline_sessions) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const core::Duration gap = sql::duration_arg(PG_GETARG_DATUM(1), "gap", 1);
  ReturnSetInfo* const result = begin_rows(fcinfo);
  pg::RowContext rows;
  std::int64_t number = 0;
  const auto put = [&](const core::Session& session) {
    put_session(result, ++number, session);
    rows.reset();
  };
  core::for_each_session(timeline, gap, put, pg::poll());
  return Datum{0};
}

// paths(timeline, n) -> setof (path, times)
CDP_FUNCTION(cdp_timeline_paths) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::int32_t n = PG_GETARG_INT32(1);
  if (n < 1) throw core::Error(core::Code::invalid_parameter, "n must be positive");
  ReturnSetInfo* const result = begin_rows(fcinfo);
  pg::ContextResource resource;
  const core::Poll poll = pg::poll();
  std::pmr::vector<std::string_view> texts(&resource);
  timeline.for_each_name([&texts](std::string_view name) { texts.push_back(name); });
  core::Paths paths(&resource);
  paths.find(timeline, static_cast<std::uint32_t>(n), poll);
  pg::RowContext rows;
  for (const core::Path& path : paths.paths()) {
    poll();
    put_path(result, texts.data(), paths.names().data() + path.at, static_cast<std::uint32_t>(n), path.times);
    rows.reset();
  }
  return Datum{0};
}

// attribution(timeline, conversion, touch, channel, model [, lookback]) -> setof (channel, conversions)
CDP_FUNCTION(cdp_timeline_attribution) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view conversion = pg::text_of(PG_GETARG_DATUM(1)), touch = pg::text_of(PG_GETARG_DATUM(2)),
                         channel = pg::text_of(PG_GETARG_DATUM(3)), model_name = pg::text_of(PG_GETARG_DATUM(4));
  const core::AttributionModel model = core::attribution_model(model_name);
  std::optional<core::Duration> lookback;
  if (PG_NARGS() > 5) lookback = sql::duration_arg(PG_GETARG_DATUM(5), "lookback", 1);
  ReturnSetInfo* const result = begin_rows(fcinfo);
  pg::ContextResource resource;
  core::Labels channels(timeline, channel, &resource);
  std::pmr::vector<double> credits(&resource);
  core::attribute(timeline, conversion, touch, channels, model, lookback, credits, pg::poll());
  pg::RowContext rows;
  for (const std::uint32_t label : in_order(channels, static_cast<std::uint32_t>(credits.size()), &resource)) {
    if (credits[label] < 0) continue;
    put_labelled(
        result, channels, label, [](const void* credit) { return Float8GetDatum(*static_cast<const double*>(credit)); },
        &credits[label]);
    rows.reset();
  }
  return Datum{0};
}

// time_in_state(timeline, event, property, as_of [, since]) -> setof (state, duration)
CDP_FUNCTION(cdp_timeline_time_in_state) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view event = pg::text_of(PG_GETARG_DATUM(1)), property = pg::text_of(PG_GETARG_DATUM(2));
  const TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(3);
  const TimestampTz since = PG_NARGS() > 4 ? PG_GETARG_TIMESTAMPTZ(4) : core::kMinusInfinity;
  if (!core::is_finite(as_of)) throw core::Error(core::Code::invalid_parameter, "as_of must be a finite timestamp");
  ReturnSetInfo* const result = begin_rows(fcinfo);
  pg::ContextResource resource;
  core::Labels states(timeline, property, &resource);
  std::pmr::vector<core::Duration> durations(&resource);
  core::time_in_state(timeline, event, states, since, as_of, durations, pg::poll());
  pg::RowContext rows;
  for (const std::uint32_t label : in_order(states, static_cast<std::uint32_t>(durations.size()), &resource)) {
    if (durations[label] == 0) continue;
    put_labelled(
        result, states, label,
        [](const void* duration) { return sql::new_interval(*static_cast<const core::Duration*>(duration)); },
        &durations[label]);
    rows.reset();
  }
  return Datum{0};
}
