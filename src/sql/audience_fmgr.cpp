// src/sql/audience_fmgr.cpp: input, output, set operations of cdp.audience.
#include <cstring>

#include "pg/entry.hpp"
#include "sql/audience_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

using core::Audience;
using core::ByteSpan;

CDP_FUNCTION(cdp_audience_in) {
  sql::AudienceWork work;
  pg::begin_varlena(work.result);
  core::parse_audience(PG_GETARG_CSTRING(0), work.result, &work.memory, pg::poll());
  return pg::end_varlena(work.result);
}

CDP_FUNCTION(cdp_audience_out) {
  const ByteSpan value = pg::value_bytes(PG_GETARG_DATUM(0));
  sql::AudienceWork work;
  core::print_audience(work.read(value), work.result, pg::poll());
  work.result.byte(0);
  return PointerGetDatum(work.result.release());
}

CDP_FUNCTION(cdp_audience_recv) {
  auto* const message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const ByteSpan wire{reinterpret_cast<const std::byte*>(message->data + message->cursor),
                      static_cast<std::size_t>(message->len - message->cursor)};
  message->cursor = message->len;
  sql::AudienceWork work;
  pg::begin_varlena(work.result);
  core::read_binary_audience(wire, work.result, pg::poll());
  return pg::end_varlena(work.result);
}

CDP_FUNCTION(cdp_audience_send) {
  const ByteSpan value = pg::value_bytes(PG_GETARG_DATUM(0));
  sql::AudienceWork work;
  pg::begin_varlena(work.result);
  core::write_binary_audience(work.read(value), work.result);
  return pg::end_varlena(work.result);
}

namespace {

Datum combined(FunctionCallInfo fcinfo, core::SetOperation operation) {
  const ByteSpan a = sql::remembered_bytes(fcinfo, 0), b = sql::remembered_bytes(fcinfo, 1);
  sql::AudienceWork work;
  const Audience first = work.read(a), second = work.read_second(b);
  pg::begin_varlena(work.result);
  core::combine_audiences(operation, first, second, work.result, &work.memory, pg::poll());
  return pg::end_varlena(work.result);
}

template <typename Compute>
auto over_both(FunctionCallInfo fcinfo, Compute&& compute) {
  const ByteSpan a = sql::remembered_bytes(fcinfo, 0), b = sql::remembered_bytes(fcinfo, 1);
  sql::AudienceWork work;
  const Audience first = work.read(a), second = work.read_second(b);
  return compute(first, second);
}

}  // namespace

CDP_FUNCTION(cdp_audience_intersection) { return combined(fcinfo, core::SetOperation::intersection); }
CDP_FUNCTION(cdp_audience_difference) { return combined(fcinfo, core::SetOperation::difference); }
CDP_FUNCTION(cdp_audience_symmetric_difference) { return combined(fcinfo, core::SetOperation::symmetric_difference); }

CDP_FUNCTION(cdp_audience_intersection_cardinality) {
  return Int64GetDatum(over_both(fcinfo, [](Audience a, Audience b) { return core::count_common(a, b, pg::poll()); }));
}
CDP_FUNCTION(cdp_audience_union_cardinality) {
  return Int64GetDatum(over_both(fcinfo, [](Audience a, Audience b) {
    return a.cardinality() + b.cardinality() - core::count_common(a, b, pg::poll());
  }));
}
CDP_FUNCTION(cdp_audience_jaccard) {
  return Float8GetDatum(over_both(fcinfo, [](Audience a, Audience b) { return core::jaccard(a, b, pg::poll()); }));
}
CDP_FUNCTION(cdp_audience_overlap) {
  return BoolGetDatum(over_both(fcinfo, [](Audience a, Audience b) { return core::overlap(a, b, pg::poll()); }));
}
CDP_FUNCTION(cdp_audience_contains) {
  return BoolGetDatum(over_both(fcinfo, [](Audience a, Audience b) { return core::contains_all(a, b, pg::poll()); }));
}
CDP_FUNCTION(cdp_audience_contained) {
  return BoolGetDatum(over_both(fcinfo, [](Audience a, Audience b) { return core::contains_all(b, a, pg::poll()); }));
}
