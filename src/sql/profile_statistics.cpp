// src/sql/profile_statistics.cpp: reads what ANALYZE found in a column of profiles.
#include "sql/profile_statistics.hpp"

#include <algorithm>

namespace cdp::sql {

namespace {

std::span<const core::FactKey> keys_in(const AttStatsSlot& slot) {
  auto* const keys = static_cast<core::FactKey*>(palloc(std::max(slot.nvalues, 1) * sizeof(core::FactKey)));
  for (int i = 0; i < slot.nvalues; ++i) keys[i] = DatumGetInt64(slot.values[i]);
  return {keys, static_cast<std::size_t>(slot.nvalues)};
}

}  // namespace

double known_share(const VariableStatData& column) {
  return 1 - reinterpret_cast<Form_pg_statistic>(GETSTRUCT(column.statsTuple))->stanullfrac;
}

std::optional<ProfileColumn> read_profiles(const VariableStatData& column) {
  if (!HeapTupleIsValid(column.statsTuple)) return std::nullopt;
  constexpr int kBoth = ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS;
  AttStatsSlot common{}, ordered{};
  if (!get_attstatsslot(&common, column.statsTuple, STATISTIC_KIND_MCELEM, InvalidOid, kBoth)) return std::nullopt;
  if (common.valuetype != INT8OID || common.nnumbers != common.nvalues + 3) return std::nullopt;
  ProfileColumn result;
  result.known = known_share(column);
  result.keys.common = keys_in(common);
  auto* const shares = static_cast<float*>(palloc(std::max(common.nvalues, 1) * sizeof(float)));
  std::copy_n(common.numbers, common.nvalues, shares);
  result.keys.shares = {shares, result.keys.common.size()};
  result.keys.least = common.numbers[common.nvalues];
  free_attstatsslot(&common);
  if (get_attstatsslot(&ordered, column.statsTuple, kOrderedKeys, InvalidOid, kBoth) && ordered.valuetype == INT8OID &&
      ordered.nnumbers == 1) {
    result.keys.bounds = keys_in(ordered);
    result.keys.ordered = ordered.numbers[0];
    free_attstatsslot(&ordered);
  }
  return result;
}

}  // namespace cdp::sql
