// src/sql/segment_fmgr.cpp: input, output, casts and algebra of cdp.segment.
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "pg/zones.hpp"
#include "sql/last_parse.hpp"
#include "sql/segment_gate.hpp"
#include "sql/text_wire.hpp"
#include "sql/texts.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

Datum parsed(std::string_view text) {
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::parse_segment(text, out, pg::poll(), &resource, &pg::zones());
  return pg::end_varlena(out);
}

}  // namespace

CDP_FUNCTION(cdp_segment_in) { return parsed(PG_GETARG_CSTRING(0)); }

CDP_FUNCTION(cdp_segment_out) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer text(&resource);
  core::print_segment(segment, text);
  text.byte(0);
  return CStringGetDatum(reinterpret_cast<char*>(text.release()));
}

CDP_FUNCTION(cdp_segment_recv) { return sql::receive_text(fcinfo, "cdp.segment", parsed); }

CDP_FUNCTION(cdp_segment_send) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer text(&resource);
  core::print_segment(segment, text);
  return sql::send_text(text);
}

// segment(text)
CDP_FUNCTION(cdp_segment_from_text) { return sql::parse_once(fcinfo, parsed); }

// segment(bytea): a full check
CDP_FUNCTION(cdp_segment_from_bytes) {
  const core::ByteSpan bytes = pg::bytes_of(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::check_segment(bytes, pg::poll(), &resource, &pg::zones());
  return pg::new_varlena(bytes, &resource);
}

// to_bytes(segment)
CDP_FUNCTION(cdp_segment_to_bytes) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  return pg::new_varlena(segment.payload(), &resource);
}

namespace {

Datum combined(FunctionCallInfo fcinfo, core::Opcode op) {
  const core::Segment a = sql::segment_arg(PG_GETARG_DATUM(0)), b = sql::segment_arg(PG_GETARG_DATUM(1));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::combine_segments(op, a, b, out);
  return pg::end_varlena(out);
}

}  // namespace

CDP_FUNCTION(cdp_segment_and) { return combined(fcinfo, core::Opcode::all_of); }
CDP_FUNCTION(cdp_segment_or) { return combined(fcinfo, core::Opcode::any_of); }

CDP_FUNCTION(cdp_segment_not) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::negate_segment(segment, out);
  return pg::end_varlena(out);
}

// without_events(segment)
CDP_FUNCTION(cdp_segment_without_events) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::append_without_events(segment, out, pg::poll(), &resource, &pg::zones());
  return pg::end_varlena(out);
}

// attributes_used(segment) -> text[]
CDP_FUNCTION(cdp_segment_attributes_used) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  return sql::texts(core::attributes_used(segment, &resource));
}

// events_used(segment) -> text[]
CDP_FUNCTION(cdp_segment_events_used) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  return sql::texts(core::events_used(segment, &resource));
}
