// src/sql/segment_sql.cpp: rules as plain SQL, and what of a profile the relations that it reads are made of.
#include "core/profile/timestamp.hpp"
#include "core/segment/sql.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/jsonb.hpp"
#include "sql/profile_gate.hpp"
#include "sql/segment_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

// to_sql(segment, as_of) -> text
CDP_FUNCTION(cdp_segment_to_sql) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  std::optional<std::int64_t> as_of;
  if (!PG_ARGISNULL(1)) as_of = PG_GETARG_TIMESTAMPTZ(1);
  if (as_of == core::kInfinity || as_of == core::kMinusInfinity)
    throw core::Error(core::Code::invalid_parameter, "as_of must be a finite timestamp");
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::print_sql(segment, as_of, out, pg::poll(), &resource);
  return pg::end_varlena(out);
}
