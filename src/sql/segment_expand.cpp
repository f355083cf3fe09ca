// src/sql/segment_expand.cpp: rules that refer to other rules.
#include <algorithm>

#include "core/segment/expand.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "pg/zones.hpp"
#include "sql/segment_gate.hpp"
#include "sql/texts.hpp"
#include "sql/timeline_behaviour.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// The elements of an array of rules, as they stand in it.
struct Rules {
  core::ByteSpan* payloads = nullptr;
  int count = 0, dimensions = 0;
  bool null = false;
};

Rules rules_arg(Datum array) {
  ArrayType* const value = DatumGetArrayTypeP(array);
  Rules rules{nullptr, 0, ARR_NDIM(value), false};
  Datum* elements;
  bool* nulls;
  deconstruct_array(value, ARR_ELEMTYPE(value), -1, false, TYPALIGN_INT, &elements, &nulls, &rules.count);
  rules.payloads = static_cast<core::ByteSpan*>(palloc0(sizeof(core::ByteSpan) * std::max(rules.count, 1)));
  for (int i = 0; i < rules.count; ++i) {
    if (nulls[i]) {
      rules.null = true;
    } else {
      rules.payloads[i] = pg::bytes_of(elements[i]);
    }
  }
  return rules;
}

}  // namespace

// expand(rule, names text[], rules segment[]): without arrays as with empty ones, which array_agg never makes.
CDP_FUNCTION(cdp_segment_expand) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const core::Segment rule = sql::segment_arg(PG_GETARG_DATUM(0));
  const Rules rules = PG_ARGISNULL(2) ? Rules{} : rules_arg(PG_GETARG_DATUM(2));
  pg::ContextResource resource;
  std::pmr::vector<std::string_view> names(&resource);
  if (!PG_ARGISNULL(1)) names = sql::texts_arg(PG_GETARG_DATUM(1), "names", &resource);
  if (rules.dimensions > 1) throw core::Error(core::Code::invalid_parameter, "rules must be an array of one dimension");
  if (rules.null) throw core::Error(core::Code::null_not_allowed, "rules must not contain nulls");
  if (names.size() != static_cast<std::size_t>(rules.count))
    throw core::Error(
        core::Code::invalid_parameter, "names and rules must be of the same length",
        "There are " + std::to_string(names.size()) + " names and " + std::to_string(rules.count) + " rules.");
  std::pmr::vector<core::Definition> definitions(&resource);
  for (std::size_t i = 0; i < names.size(); ++i) definitions.push_back({names[i], core::Segment(rules.payloads[i])});
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  core::expand_segment(rule, definitions, out, pg::poll(), &resource, &pg::zones());
  return pg::end_varlena(out);
}

// segments_used(segment) -> text[]
CDP_FUNCTION(cdp_segment_segments_used) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  return sql::texts(core::segments_used(segment, &resource));
}
