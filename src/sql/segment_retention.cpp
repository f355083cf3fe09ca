// src/sql/segment_retention.cpp: rules beside how long events are kept.
#include "core/profile/timestamp.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/segment_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// Months are 30 days long.
std::int64_t microseconds_of(const Interval* interval) {
  const std::int64_t days = interval->day + std::int64_t{interval->month} * DAYS_PER_MONTH;
  std::int64_t time;
  if (__builtin_mul_overflow(days, core::kMicrosecondsPerDay, &time) ||
      __builtin_add_overflow(time, interval->time, &time))
    time = days < 0 ? -1 : core::kInfinity;
  if (time < 0) throw core::Error(core::Code::invalid_parameter, "retention must not be negative");
  return time;
}

}  // namespace

// check_retention(segment, kept interval) -> segment
CDP_FUNCTION(cdp_segment_check_retention) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  core::check_retention(segment, microseconds_of(PG_GETARG_INTERVAL_P(1)), pg::poll());
  return PG_GETARG_DATUM(0);
}
