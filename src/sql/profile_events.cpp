// src/sql/profile_events.cpp: the events of a profile.
#include "core/profile/events.hpp"
#include "core/profile/facts_text.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/profile_gate.hpp"
#include "sql/timeline_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

// profile || timeline, attach(profile, timeline)
CDP_FUNCTION(cdp_profile_attach) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const core::ByteSpan timeline = sql::timeline_payload(PG_GETARG_DATUM(1));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::attach(core::ProfileView(payload), timeline, out, &resource, pg::poll());
  return pg::end_varlena(out);
}

// detach(profile)
CDP_FUNCTION(cdp_profile_detach) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::detach(core::ProfileView(payload), out, &resource, pg::poll());
  return pg::end_varlena(out);
}

// is_detached(profile)
CDP_FUNCTION(cdp_profile_is_detached) {
  return BoolGetDatum(core::ProfileView(sql::profile_payload(PG_GETARG_DATUM(0))).detached());
}

// timeline(profile)
CDP_FUNCTION(cdp_profile_timeline) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const core::ProfileView profile(payload);
  if (profile.detached())
    throw core::Error(core::Code::invalid_parameter, "the events of a detached profile are kept elsewhere", {},
                      "Attach them: profile || timeline.");
  pg::ContextResource resource;
  const core::ByteSpan timeline = profile.section(core::Section::timeline);
  if (!timeline.empty()) return pg::new_varlena(timeline, &resource);
  core::TimelineBuilder none(&resource);
  return sql::finish_timeline(none);
}

namespace {

// One row of totals(): nothing owned but the text of the sums.
void put_total(ReturnSetInfo* result, std::span<const core::Total> group, const char* sums) {
  const core::Total& events = group[0];
  pg::call([&] {
    const std::string_view event = events.event;
    Datum row[5] = {PointerGetDatum(cstring_to_text_with_len(event.data(), static_cast<int>(event.size()))),
                    Int64GetDatum(static_cast<std::int64_t>(events.count)), TimestampTzGetDatum(events.first),
                    TimestampTzGetDatum(events.last), DirectFunctionCall1(jsonb_in, CStringGetDatum(sums))};
    bool nulls[5] = {};
    tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
  });
}

}  // namespace

// totals(profile) -> setof (event, count, first, last, sums)
CDP_FUNCTION(cdp_profile_totals) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  pg::ContextResource resource;
  const core::ProfileView profile(payload);
  core::Totals totals(&resource);
  core::Buffer room(&resource), sums(&resource);
  totals.add_section(profile.section(core::Section::totals), pg::poll());
  if (const core::ByteSpan timeline = profile.section(core::Section::timeline); !timeline.empty())
    core::add_events(timeline, totals, room, &resource, pg::poll());
  pg::RowContext rows;
  totals.for_each_group(
      [&](std::span<const core::Total> group) {
        sums.clear();
        core::print_sums(group.subspan(1), sums);
        sums.byte(0);
        put_total(result, group, reinterpret_cast<const char*>(sums.data()));
        rows.reset();
      },
      pg::poll());
  return Datum{0};
}
