// src/sql/segment_tree.cpp: rules as jsonb.
#include "core/segment/tree.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "pg/zones.hpp"
#include "sql/jsonb.hpp"
#include "sql/segment_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

// to_jsonb(segment)
CDP_FUNCTION(cdp_segment_to_jsonb) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  core::Buffer json(&resource);
  core::print_tree(segment, json);
  json.byte(0);
  const char* const text = reinterpret_cast<const char*>(json.data());
  return pg::call([text] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text)); });
}

// segment(jsonb)
CDP_FUNCTION(cdp_segment_from_jsonb) {
  const sql::JsonbReader document(pg::bytes_of(PG_GETARG_DATUM(0)));
  pg::ContextResource resource;
  core::Buffer value(&resource), out(&resource);
  core::ValueWriter writer(value, &resource, core::kMaxTreeDepth);
  document.write(writer);
  const std::byte* at = value.data();
  pg::begin_varlena(out);
  core::parse_tree(core::trusted_value(at), out, pg::poll(), &resource, &pg::zones());
  return pg::end_varlena(out);
}
