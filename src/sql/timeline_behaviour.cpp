// src/sql/timeline_behaviour.cpp: funnels, sequences and retention over a timeline.
#include "sql/timeline_behaviour.hpp"

#include "core/timeline/funnel.hpp"
#include "core/timeline/retention.hpp"
#include "core/timeline/sequence.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/timeline_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace cdp::sql {

core::Duration duration_arg(Datum interval, const char* name, core::Duration least) {
  const Interval& value = *DatumGetIntervalP(interval);
  if (value.month != 0)
    throw core::Error(core::Code::invalid_parameter, std::string(name) + " must be a fixed duration", {},
                      "Months and years differ in length; use days or hours.");
  const __int128 total = static_cast<__int128>(value.day) * core::kMicrosecondsPerDay + value.time;
  if (total < static_cast<__int128>(least))
    throw core::Error(core::Code::invalid_parameter,
                      std::string(name) + (least == 0 ? " must not be negative" : " must be positive"));
  return static_cast<core::Duration>(std::min<__int128>(total, core::kLongestDuration));
}

std::pmr::vector<std::string_view> texts_arg(Datum array, const char* name, std::pmr::memory_resource* resource) {
  struct Elements {
    Datum* values;
    bool* nulls;
    int count, dimensions;
  };
  const Elements elements = pg::call([array] {
    ArrayType* const value = DatumGetArrayTypeP(array);
    Elements found{nullptr, nullptr, 0, ARR_NDIM(value)};
    deconstruct_array(value, TEXTOID, -1, false, TYPALIGN_INT, &found.values, &found.nulls, &found.count);
    return found;
  });
  if (elements.dimensions > 1)
    throw core::Error(core::Code::invalid_parameter, std::string(name) + " must be an array of one dimension");
  std::pmr::vector<std::string_view> texts(resource);
  for (int i = 0; i < elements.count; ++i) {
    if (elements.nulls[i])
      throw core::Error(core::Code::null_not_allowed, std::string(name) + " must not contain nulls");
    texts.push_back(core::as_text({reinterpret_cast<const std::byte*>(VARDATA_ANY(elements.values[i])),
                                   static_cast<std::size_t>(VARSIZE_ANY_EXHDR(elements.values[i]))}));
  }
  return texts;
}

Datum new_interval(core::Duration duration) {
  auto* const interval = static_cast<Interval*>(palloc0(sizeof(Interval)));
  interval->day = static_cast<std::int32_t>(duration / core::kMicrosecondsPerDay);
  interval->time = static_cast<TimeOffset>(duration % core::kMicrosecondsPerDay);
  return IntervalPGetDatum(interval);
}

}  // namespace cdp::sql

namespace {

// What doesn't depend on the timeline: as good as always the same from call to call, so it is kept with the bytes of
// the arrays that it was made of.
template <typename Plan>
struct Prepared {
  explicit Prepared(MemoryContext context) : resource(context), plan(&resource), steps(&resource), modes(&resource) {}
  pg::ContextResource resource;
  Plan plan;
  core::Buffer steps, modes;
};

template <typename Plan, typename Define>
Plan& prepared(FunctionCallInfo fcinfo, Datum steps, core::ByteSpan mode_bytes, Define&& define) {
  void*& extra = fcinfo->flinfo->fn_extra;
  if (extra == nullptr) extra = pg::construct<Prepared<Plan>>(fcinfo->flinfo->fn_mcxt, fcinfo->flinfo->fn_mcxt);
  auto& kept = *static_cast<Prepared<Plan>*>(extra);
  const core::ByteSpan bytes(reinterpret_cast<const std::byte*>(VARDATA_ANY(DatumGetPointer(steps))),
                             static_cast<std::size_t>(VARSIZE_ANY_EXHDR(DatumGetPointer(steps))));
  if (kept.steps.size() != 0 && core::same_bytes(kept.steps.span(), bytes) &&
      core::same_bytes(kept.modes.span(), mode_bytes))
    return kept.plan;
  kept.steps.clear();
  kept.modes.clear();
  pg::ContextResource resource;
  define(kept.plan, sql::texts_arg(steps, "steps", &resource), &resource);
  kept.modes.append(mode_bytes);
  kept.steps.append(bytes);  // last: its presence makes it valid
  return kept.plan;
}

// steps (argument 1), modes (argument 3)
core::Funnel& funnel_args(FunctionCallInfo fcinfo, Datum steps, Datum modes, core::ByteSpan mode_bytes) {
  return prepared<core::Funnel>(fcinfo, steps, mode_bytes,
                                [modes](core::Funnel& funnel, const auto& names, std::pmr::memory_resource* resource) {
                                  core::FunnelModes chosen;
                                  for (const std::string_view mode : sql::texts_arg(modes, "modes", resource))
                                    chosen.add(mode);
                                  funnel.define(names, chosen);
                                });
}

core::FunnelBounds funnel_bounds(FunctionCallInfo fcinfo) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const Datum steps = PointerGetDatum(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
  const Datum modes = PointerGetDatum(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(3)));
  const core::Duration within = sql::duration_arg(PG_GETARG_DATUM(2), "within", 0);
  return funnel_args(fcinfo, steps, modes, pg::bytes_of(modes)).bounds(timeline, within, pg::poll());
}

core::Sequence& sequence_args(FunctionCallInfo fcinfo, Datum steps) {
  return prepared<core::Sequence>(
      fcinfo, steps, {},
      [](core::Sequence& sequence, const auto& names, std::pmr::memory_resource*) { sequence.define(names); });
}

}  // namespace

// funnel(timeline, steps, within, modes) -> integer
CDP_FUNCTION(cdp_timeline_funnel) {
  const core::FunnelBounds bounds = funnel_bounds(fcinfo);
  if (bounds.least != bounds.most) PG_RETURN_NULL();
  return Int32GetDatum(static_cast<std::int32_t>(bounds.least));
}

// funnel_bounds(timeline, steps, within, modes) -> int4range
CDP_FUNCTION(cdp_timeline_funnel_bounds) {
  const core::FunnelBounds bounds = funnel_bounds(fcinfo);
  RangeBound least{}, most{};
  least.val = Int32GetDatum(static_cast<std::int32_t>(bounds.least));
  least.inclusive = least.lower = true;
  most.val = Int32GetDatum(static_cast<std::int32_t>(bounds.most));
  most.inclusive = true;
  TypeCacheEntry* const type = lookup_type_cache(INT4RANGEOID, TYPECACHE_RANGE_INFO);
#if PG_VERSION_NUM >= 160000
  return RangeTypePGetDatum(make_range(type, &least, &most, false, nullptr));
#else
  return RangeTypePGetDatum(make_range(type, &least, &most, false));
#endif
}

// sequence_count(timeline, steps, within) -> bigint
CDP_FUNCTION(cdp_timeline_sequence_count) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const Datum steps = PointerGetDatum(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
  const core::Duration within = sql::duration_arg(PG_GETARG_DATUM(2), "within", 0);
  const auto count = sequence_args(fcinfo, steps).certain_count(timeline, within, pg::poll());
  if (!count) PG_RETURN_NULL();
  return Int64GetDatum(static_cast<std::int64_t>(*count));
}

// sequence_found(timeline, steps, within) -> boolean
CDP_FUNCTION(cdp_timeline_sequence_found) {
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const Datum steps = PointerGetDatum(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
  const core::Duration within = sql::duration_arg(PG_GETARG_DATUM(2), "within", 0);
  const auto found = sequence_args(fcinfo, steps).certain_found(timeline, within, pg::poll());
  if (!found) PG_RETURN_NULL();
  return BoolGetDatum(*found);
}

// retention(timeline, cohort_event, return_event, period, periods) -> boolean[]
CDP_FUNCTION(cdp_timeline_retention) {
  constexpr std::int32_t kMostPeriods = 100'000;
  const core::TimelineView timeline = sql::timeline_arg(PG_GETARG_DATUM(0));
  const std::string_view cohort = pg::text_of(PG_GETARG_DATUM(1)), event = pg::text_of(PG_GETARG_DATUM(2));
  const core::Duration period = sql::duration_arg(PG_GETARG_DATUM(3), "period", 1);
  const std::int32_t periods = PG_GETARG_INT32(4);
  if (periods < 1 || periods > kMostPeriods)
    throw core::Error(core::Code::invalid_parameter, "periods must be between 1 and 100000");
  pg::ContextResource resource;
  std::pmr::vector<core::Returned> returned(&resource);
  if (!core::retention(timeline, cohort, event, period, static_cast<std::uint32_t>(periods), returned, pg::poll()))
    PG_RETURN_NULL();
  const core::Returned* const values = returned.data();
  return pg::call([values, periods] {
    auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(periods)));
    auto* const nulls = static_cast<bool*>(palloc(sizeof(bool) * static_cast<std::size_t>(periods)));
    for (int i = 0; i < periods; ++i) {
      elements[i] = BoolGetDatum(values[i] == core::Returned::yes);
      nulls[i] = values[i] == core::Returned::unknown;
    }
    int dimension = periods, from = 1;
    return PointerGetDatum(construct_md_array(elements, nulls, 1, &dimension, &from, BOOLOID, 1, true, TYPALIGN_CHAR));
  });
}
