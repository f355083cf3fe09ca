// src/sql/segment_match.cpp: one customer against one rule.
#include "core/profile/events.hpp"
#include "core/profile/timestamp.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "pg/zones.hpp"
#include "sql/profile_gate.hpp"
#include "sql/segment_gate.hpp"
#include "sql/timeline_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// Unknown is no match.
Datum matched(Datum profile_datum, Datum segment_datum, std::int64_t as_of, const core::Zones* zones) {
  const core::ByteSpan payload = sql::profile_payload(profile_datum);
  const core::Segment segment = sql::segment_arg(segment_datum);
  const core::ProfileView profile(payload);
  return BoolGetDatum(core::evaluate(segment, profile, as_of, pg::poll(), zones) == core::Truth::yes);
}

// Of profile || timeline. A timeline that the rule doesn't ask for stays where it is.
Datum matched_with(FunctionCallInfo fcinfo, std::int64_t as_of, const core::Zones* zones) {
  const Datum profile_datum = PG_GETARG_DATUM(0), timeline_datum = PG_GETARG_DATUM(1),
              segment_datum = PG_GETARG_DATUM(2);
  const core::Segment segment = sql::segment_arg(segment_datum);
  if ((segment.needs() & core::need::kEvents) == 0) return matched(profile_datum, segment_datum, as_of, zones);
  const core::ByteSpan payload = sql::profile_payload(profile_datum);
  const core::ByteSpan timeline = sql::timeline_payload(timeline_datum);
  const core::ProfileView profile(payload);
  if (profile.section(core::Section::timeline).empty())
    return BoolGetDatum(core::evaluate(segment, profile, timeline, as_of, pg::poll(), zones) == core::Truth::yes);
  pg::ContextResource resource;
  core::Buffer both(&resource);
  core::attach(profile, timeline, both, &resource, pg::poll());
  return BoolGetDatum(core::evaluate(segment, core::ProfileView(both.span()), as_of, pg::poll(), zones) ==
                      core::Truth::yes);
}

std::int64_t finite(std::int64_t as_of) {
  if (as_of == core::kInfinity || as_of == core::kMinusInfinity)
    throw core::Error(core::Code::invalid_parameter, "as_of must be a finite timestamp");
  return as_of;
}

// A row of explain(): everything on the stack, nothing owned.
void put_explanation(ReturnSetInfo* result, const core::Explanation& explanation) {
  pg::call([&] {
    const std::string_view text = explanation.predicate, value = explanation.value;
    const bool no_value = value.empty(), unknown = explanation.truth == core::Truth::unknown;
    Datum row[4] = {PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size()))), Datum{0},
                    BoolGetDatum(explanation.truth == core::Truth::yes),
                    TimestampTzGetDatum(explanation.horizon.value_or(0))};
    if (!no_value) row[1] = DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(value.data(), value.size())));
    bool nulls[4] = {false, no_value, unknown, !explanation.horizon};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

}  // namespace

// profile @@ segment, matches(profile, segment)
CDP_FUNCTION(cdp_segment_matches) {
  return matched(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), GetCurrentTransactionStartTimestamp(), &pg::zones());
}

// segment @@ profile
CDP_FUNCTION(cdp_segment_matched_by) {
  return matched(PG_GETARG_DATUM(1), PG_GETARG_DATUM(0), GetCurrentTransactionStartTimestamp(), &pg::zones());
}

// matches(profile, segment, as_of)
CDP_FUNCTION(cdp_segment_matches_at) {
  return matched(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), finite(PG_GETARG_TIMESTAMPTZ(2)), nullptr);
}

// matches_in_zone(profile, segment, as_of)
CDP_FUNCTION(cdp_segment_matches_in_zone) {
  return matched(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), finite(PG_GETARG_TIMESTAMPTZ(2)), &pg::zones());
}

// next_change(profile, segment, as_of)
CDP_FUNCTION(cdp_segment_next_change) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(1));
  const core::ProfileView profile(payload);
  const std::int64_t as_of = finite(PG_GETARG_TIMESTAMPTZ(2));
  return TimestampTzGetDatum(core::next_change(segment, profile, as_of, pg::poll(), &pg::zones()));
}

// matches_with_events(profile, timeline, segment)
CDP_FUNCTION(cdp_segment_matches_with) {
  return matched_with(fcinfo, GetCurrentTransactionStartTimestamp(), &pg::zones());
}

// matches_with_events(profile, timeline, segment, as_of)
CDP_FUNCTION(cdp_segment_matches_with_at) { return matched_with(fcinfo, finite(PG_GETARG_TIMESTAMPTZ(3)), nullptr); }

// matches_with_events_in_zone(profile, timeline, segment, as_of)
CDP_FUNCTION(cdp_segment_matches_with_in_zone) {
  return matched_with(fcinfo, finite(PG_GETARG_TIMESTAMPTZ(3)), &pg::zones());
}

// explain(profile, segment, as_of) -> setof (predicate, value, result, horizon)
CDP_FUNCTION(cdp_segment_explain) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(1));
  const std::int64_t as_of = finite(PG_GETARG_TIMESTAMPTZ(2));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  const core::ProfileView profile(payload);
  pg::RowContext rows;
  const auto put = [result, &rows](const core::Explanation& one) {
    put_explanation(result, one);
    rows.reset();
  };
  core::explain(segment, profile, as_of, put, pg::poll(), &pg::zones());
  return Datum{0};
}
