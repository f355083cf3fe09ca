// src/sql/audience_plan.cpp: what the planner asks about audiences.
#include <algorithm>

#include "pg/entry.hpp"
#include "sql/audience_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

constexpr double kUnknownShare = 0.01;

// The number of ids of a constant.
double cardinality_of(Datum constant) {
  const core::ByteSpan value = pg::bytes_of(constant);
  sql::AudienceWork work;
  return static_cast<double>(work.read(value).cardinality());
}

}  // namespace

// Selectivity of id <@ audience and audience @> id: of a column's distinct ids, the share that a constant audience has.
CDP_FUNCTION(cdp_audience_id_sel) {
  auto* const root = reinterpret_cast<PlannerInfo*>(PG_GETARG_POINTER(0));
  auto* const arguments = reinterpret_cast<List*>(PG_GETARG_POINTER(2));
  VariableStatData column;
  Node* other = nullptr;
  bool on_left = false;
  if (!get_restriction_variable(root, arguments, PG_GETARG_INT32(3), &column, &other, &on_left))
    return Float8GetDatum(kUnknownShare);
  double share = kUnknownShare;
  if (column.vartype == INT8OID && IsA(other, Const)) {
    const auto* const constant = castNode(Const, other);
    bool is_default = false;
    const double distinct = get_variable_numdistinct(&column, &is_default);
    double nulls = 0;
    if (HeapTupleIsValid(column.statsTuple))
      nulls = reinterpret_cast<Form_pg_statistic>(GETSTRUCT(column.statsTuple))->stanullfrac;
    if (constant->constisnull) {
      share = 0;
    } else if (!is_default) {
      share = std::min(1.0, cardinality_of(constant->constvalue) / distinct) * (1 - nulls);
    }
  }
  ReleaseVariableStats(column);
  CLAMP_PROBABILITY(share);
  return Float8GetDatum(share);
}

// Rows of to_ids over a constant.
CDP_FUNCTION(cdp_audience_to_ids_support) {
  auto* const request = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
  if (!IsA(request, SupportRequestRows)) return PointerGetDatum(nullptr);
  auto* const rows = castNode(SupportRequestRows, request);
  if (rows->node == nullptr || !IsA(rows->node, FuncExpr)) return PointerGetDatum(nullptr);
  Node* const argument =
      estimate_expression_value(rows->root, static_cast<Node*>(linitial(castNode(FuncExpr, rows->node)->args)));
  if (!IsA(argument, Const)) return PointerGetDatum(nullptr);
  const auto* const constant = castNode(Const, argument);
  rows->rows = constant->constisnull ? 0 : cardinality_of(constant->constvalue);
  return PointerGetDatum(request);
}
