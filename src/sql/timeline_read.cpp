// src/sql/timeline_read.cpp: reading cdp.timeline: counts, sums, first and last in a window.
//
// An answer that folded events leave open is NULL.
#include "core/profile/timestamp.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/jsonb.hpp"
#include "sql/timeline_behaviour.hpp"
#include "sql/timeline_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// The window in this argument; all of time when there is none.
core::Window window_in(FunctionCallInfo fcinfo, int argument) {
  return PG_NARGS() > argument ? sql::window_arg(PG_GETARG_DATUM(argument)) : core::Window{};
}

Datum count_datum(std::uint64_t count) {
  return Int64GetDatum(static_cast<std::int64_t>(std::min<std::uint64_t>(count, INT64_MAX)));
}

Datum numeric_datum(core::Buffer& text) {
  text.byte(0);
  char* const digits = reinterpret_cast<char*>(text.data());
  return pg::call([digits] {
    return DirectFunctionCall3(numeric_in, CStringGetDatum(digits), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
  });
}

Datum decimal_datum(core::ByteSpan decimal) {
  pg::ContextResource resource;
  core::Buffer text(&resource);
  core::print_decimal(decimal, text);
  return numeric_datum(text);
}

Datum sum_datum(const core::NumberTotal& total) {
  pg::ContextResource resource;
  core::Buffer decimal(&resource);
  total.sum.append_to(decimal);
  return decimal_datum(decimal.span());
}

Datum extreme(FunctionCallInfo fcinfo, bool greatest) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view event = pg::text_of(PG_GETARG_DATUM(1)), property = pg::text_of(PG_GETARG_DATUM(2));
  const core::Window window = window_in(fcinfo, 3);
  pg::ContextResource resource;
  core::Buffer decimal(&resource);
  if (core::extreme_of(timeline, event, property, window, greatest, decimal) != core::Answer::found) PG_RETURN_NULL();
  return decimal_datum(decimal.span());
}

Datum instant(FunctionCallInfo fcinfo,
              core::TimeAnswer (*find)(const core::TimelineView&, std::string_view, const core::Window&) noexcept) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view event = pg::text_of(PG_GETARG_DATUM(1));
  const core::TimeAnswer found = find(timeline, event, window_in(fcinfo, 2));
  if (found.answer != core::Answer::found) PG_RETURN_NULL();
  return TimestampTzGetDatum(found.time);
}

Datum value_of(FunctionCallInfo fcinfo,
               core::EventAnswer (*find)(const core::TimelineView&, std::string_view, const core::Window&) noexcept) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view event = pg::text_of(PG_GETARG_DATUM(1)), property = pg::text_of(PG_GETARG_DATUM(2));
  const core::EventAnswer found = find(timeline, event, window_in(fcinfo, 3));
  if (found.answer != core::Answer::found) PG_RETURN_NULL();
  pg::ContextResource resource;
  core::Buffer scratch(&resource);
  const auto value = timeline.property(property).value(found.event, scratch);
  if (!value) PG_RETURN_NULL();
  return sql::to_jsonb(*value);
}

}  // namespace

// count(timeline, event [, window])
CDP_FUNCTION(cdp_timeline_count) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view event = pg::text_of(PG_GETARG_DATUM(1));
  const core::CountBounds count = core::count_events(timeline, event, window_in(fcinfo, 2));
  if (!count.exact()) PG_RETURN_NULL();
  return count_datum(count.least);
}

// count_bounds(timeline, event, window) -> int8range
CDP_FUNCTION(cdp_timeline_count_bounds) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view event = pg::text_of(PG_GETARG_DATUM(1));
  const core::CountBounds count = core::count_events(timeline, event, window_in(fcinfo, 2));
  RangeBound least{}, most{};
  least.val = count_datum(count.least);
  least.inclusive = least.lower = true;
  most.val = count_datum(count.most);
  most.inclusive = true;
  most.infinite = count.most >= INT64_MAX;  // its successor, which the canonical form needs, is no int8
  TypeCacheEntry* const type = lookup_type_cache(INT8RANGEOID, TYPECACHE_RANGE_INFO);
#if PG_VERSION_NUM >= 160000
  return RangeTypePGetDatum(make_range(type, &least, &most, false, nullptr));
#else
  return RangeTypePGetDatum(make_range(type, &least, &most, false));
#endif
}

// sum(timeline, event, property [, window])
CDP_FUNCTION(cdp_timeline_sum) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view event = pg::text_of(PG_GETARG_DATUM(1)), property = pg::text_of(PG_GETARG_DATUM(2));
  const core::Window window = window_in(fcinfo, 3);
  pg::ContextResource resource;
  const auto total = core::total_of(timeline, event, property, window, &resource);
  if (!total) PG_RETURN_NULL();
  return sum_datum(*total);
}

// avg(timeline, event, property [, window])
CDP_FUNCTION(cdp_timeline_avg) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view event = pg::text_of(PG_GETARG_DATUM(1)), property = pg::text_of(PG_GETARG_DATUM(2));
  const core::Window window = window_in(fcinfo, 3);
  pg::ContextResource resource;
  const auto total = core::total_of(timeline, event, property, window, &resource);
  if (!total || total->count == 0) PG_RETURN_NULL();
  const Datum sum = sum_datum(*total);
  const std::int64_t count = static_cast<std::int64_t>(total->count);
  return pg::call([=] { return DirectFunctionCall2(numeric_div, sum, NumericGetDatum(int64_to_numeric(count))); });
}

CDP_FUNCTION(cdp_timeline_min) { return extreme(fcinfo, false); }
CDP_FUNCTION(cdp_timeline_max) { return extreme(fcinfo, true); }

// first(timeline, event [, window]), last(…)
CDP_FUNCTION(cdp_timeline_first) { return instant(fcinfo, core::first_time); }
CDP_FUNCTION(cdp_timeline_last) { return instant(fcinfo, core::last_time); }

// first_value(timeline, event, property [, window]) -> jsonb, last_value(…)
CDP_FUNCTION(cdp_timeline_first_value) { return value_of(fcinfo, core::first_event); }
CDP_FUNCTION(cdp_timeline_last_value) { return value_of(fcinfo, core::last_event); }

// recency(timeline, event, as_of) -> interval
CDP_FUNCTION(cdp_timeline_recency) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view event = pg::text_of(PG_GETARG_DATUM(1));
  const TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(2);
  if (as_of == core::kInfinity || as_of == core::kMinusInfinity)
    throw core::Error(core::Code::invalid_parameter, "as_of must be a finite timestamp");
  const core::TimeAnswer last = core::last_time(timeline, event, {INT64_MIN, as_of});
  if (last.answer != core::Answer::found || last.time == core::kMinusInfinity) PG_RETURN_NULL();
  // The server's own subtraction overflows beyond 292 277 years; all of time is twice that.
  return sql::new_interval(static_cast<core::Duration>(as_of) - static_cast<core::Duration>(last.time));
}

// horizon(timeline, event) -> timestamptz
CDP_FUNCTION(cdp_timeline_horizon) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const auto name = timeline.find_name(pg::text_of(PG_GETARG_DATUM(1)));
  const auto horizon = name ? timeline.horizon(*name) : std::nullopt;
  if (!horizon) PG_RETURN_NULL();
  return TimestampTzGetDatum(*horizon);
}
