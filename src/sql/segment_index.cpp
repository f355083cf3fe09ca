// src/sql/segment_index.cpp: GIN over profiles, asked by rules, and over rules, asked by profiles.
#include <algorithm>

#include "core/segment/lookup.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/profile_gate.hpp"
#include "sql/segment_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// An operator of profile_ops.
constexpr StrategyNumber kMatchesNow = 1;  // the other one: can match at any time

// What an index scan keeps of one key of a question.
struct AskedKey {
  core::FactKey greatest;
  const core::LookupNode* nodes;  // of the whole question
};

template <typename T>
T* new_array(std::size_t count) {
  return pg::call([count] { return static_cast<T*>(palloc(std::max<std::size_t>(count, 1) * sizeof(T))); });
}

// Each key once, as the array that GIN takes.
Datum* distinct_keys(std::pmr::vector<core::FactKey>& keys, std::int32_t* count) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  auto* const datums = new_array<Datum>(keys.size());
  std::transform(keys.begin(), keys.end(), datums, [](core::FactKey key) { return Int64GetDatum(key); });
  *count = static_cast<std::int32_t>(keys.size());
  return datums;
}

// Every key of a question is a range: a single one is found as such.
Datum* asked_keys(FunctionCallInfo fcinfo, const core::Lookup& lookup) {
  const std::size_t count = lookup.keys.size();
  auto* const nodes = new_array<core::LookupNode>(lookup.nodes.size());
  std::copy(lookup.nodes.begin(), lookup.nodes.end(), nodes);
  auto* const asked = new_array<AskedKey>(count);
  auto* const extra = new_array<Pointer>(count);
  auto* const partial = new_array<bool>(count);
  auto* const datums = new_array<Datum>(count);
  for (std::size_t i = 0; i < count; ++i) {
    asked[i] = {lookup.keys[i].greatest, nodes};
    extra[i] = reinterpret_cast<Pointer>(&asked[i]);
    partial[i] = lookup.keys[i].least != lookup.keys[i].greatest;
    datums[i] = Int64GetDatum(lookup.keys[i].least);
  }
  *reinterpret_cast<std::int32_t*>(PG_GETARG_POINTER(1)) = static_cast<std::int32_t>(count);
  *reinterpret_cast<bool**>(PG_GETARG_POINTER(3)) = partial;
  *reinterpret_cast<Pointer**>(PG_GETARG_POINTER(4)) = extra;
  return datums;
}

}  // namespace

// profile_ops: extractValue(profile, nkeys) -> keys
CDP_FUNCTION(cdp_profile_keys) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  std::pmr::vector<core::FactKey> keys(&resource);
  core::append_facts(core::ProfileView(payload), keys, pg::poll());
  return PointerGetDatum(distinct_keys(keys, reinterpret_cast<std::int32_t*>(PG_GETARG_POINTER(1))));
}

// profile_ops: extractQuery(segment, nkeys, strategy, partial, extra, nulls, mode) -> keys
CDP_FUNCTION(cdp_profile_asked_keys) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  std::optional<std::int64_t> as_of;
  if (PG_GETARG_UINT16(2) == kMatchesNow) as_of = GetCurrentTransactionStartTimestamp();
  pg::ContextResource resource;
  const core::Lookup lookup = core::lookup_of(segment, as_of, &resource, pg::poll());
  if (core::can_match(lookup.nodes.data(), [](std::size_t) { return false; }))
    *reinterpret_cast<std::int32_t*>(PG_GETARG_POINTER(6)) = GIN_SEARCH_MODE_ALL;
  return PointerGetDatum(asked_keys(fcinfo, lookup));
}

// profile_ops: comparePartial(asked, key, strategy, extra)
CDP_FUNCTION(cdp_profile_compare_partial) {
  const auto* const asked = reinterpret_cast<const AskedKey*>(PG_GETARG_POINTER(3));
  PG_RETURN_INT32(PG_GETARG_INT64(1) > asked->greatest ? 1 : 0);
}

// profile_ops: triConsistent(check, strategy, segment, nkeys, extra, keys, nulls)
CDP_FUNCTION(cdp_profile_consistent) {
  const auto* const check = reinterpret_cast<const GinTernaryValue*>(PG_GETARG_POINTER(0));
  if (PG_GETARG_INT32(3) == 0) PG_RETURN_GIN_TERNARY_VALUE(GIN_MAYBE);
  const auto* const asked = reinterpret_cast<const AskedKey*>(*reinterpret_cast<Pointer*>(PG_GETARG_POINTER(4)));
  const bool possible = core::can_match(asked->nodes, [check](std::size_t key) { return check[key] != GIN_FALSE; });
  if (!possible) PG_RETURN_GIN_TERNARY_VALUE(GIN_FALSE);
  if (PG_GETARG_UINT16(1) == kMatchesNow) PG_RETURN_GIN_TERNARY_VALUE(GIN_MAYBE);
  const bool certain = core::can_match(asked->nodes, [check](std::size_t key) { return check[key] == GIN_TRUE; });
  PG_RETURN_GIN_TERNARY_VALUE(certain ? GIN_TRUE : GIN_MAYBE);
}

// segment_ops: extractValue(segment, nkeys) -> keys
CDP_FUNCTION(cdp_segment_keys) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  std::pmr::vector<core::FactKey> keys = core::necessary_keys(segment, &resource, pg::poll());
  return PointerGetDatum(distinct_keys(keys, reinterpret_cast<std::int32_t*>(PG_GETARG_POINTER(1))));
}

// segment_ops: extractQuery(profile, nkeys, strategy, partial, extra, nulls, mode) -> keys
CDP_FUNCTION(cdp_segment_asked_keys) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  std::pmr::vector<core::FactKey> keys(&resource);
  core::append_facts_and_paths(core::ProfileView(payload), keys, pg::poll());
  return PointerGetDatum(distinct_keys(keys, reinterpret_cast<std::int32_t*>(PG_GETARG_POINTER(1))));
}

// segment_ops: triConsistent(check, strategy, profile, nkeys, extra, keys, nulls)
CDP_FUNCTION(cdp_segment_consistent) {
  const auto* const check = reinterpret_cast<const GinTernaryValue*>(PG_GETARG_POINTER(0));
  const bool any = std::any_of(check, check + PG_GETARG_INT32(3), [](GinTernaryValue one) { return one != GIN_FALSE; });
  PG_RETURN_GIN_TERNARY_VALUE(any ? GIN_MAYBE : GIN_FALSE);
}

// can_match(profile, segment): what an index over the profile alone can tell
CDP_FUNCTION(cdp_segment_can_match) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(1));
  pg::ContextResource resource;
  std::pmr::vector<core::FactKey> keys(&resource);
  core::append_facts(core::ProfileView(payload), keys, pg::poll());
  std::sort(keys.begin(), keys.end());
  const core::Lookup lookup = core::lookup_of(segment, std::nullopt, &resource, pg::poll());
  const bool possible = core::can_match(lookup.nodes.data(), [&](std::size_t key) {
    const auto at = std::lower_bound(keys.begin(), keys.end(), lookup.keys[key].least);
    return at != keys.end() && *at <= lookup.keys[key].greatest;
  });
  return BoolGetDatum(possible);
}
