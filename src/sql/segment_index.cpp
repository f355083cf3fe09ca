// src/sql/segment_index.cpp: GIN over profiles, asked by rules, and over rules, asked by profiles.
#include <algorithm>
#include <cstring>

#include "core/segment/lookup.hpp"
#include "pg/entry.hpp"
#include "pg/interrupt.hpp"
#include "sql/profile_keys.hpp"
#include "sql/segment_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// The operators of both classes: whether the rule is true now, and whether it can be at any time.
constexpr StrategyNumber kMatches = 1;

// What an index scan keeps of one key of a question.
struct AskedKey {
  core::FactKey greatest;
  const core::LookupNode* nodes;  // of the whole question
};

template <typename T>
T* new_array(std::size_t count) {
  return pg::call([count] {
    return static_cast<T*>(MemoryContextAllocHuge(CurrentMemoryContext, std::max<std::size_t>(count, 1) * sizeof(T)));
  });
}

// As the array that GIN takes.
Datum* datums_of(std::size_t count, std::int32_t* result_count, const auto& key) {
  auto* const datums = new_array<Datum>(count);
  pg::call([&] {  // where int8 is passed by reference, its datums are allocated
    for (std::size_t i = 0; i < count; ++i) datums[i] = Int64GetDatum(key(i));
  });
  *result_count = static_cast<std::int32_t>(count);
  return datums;
}

std::int32_t* count_result(FunctionCallInfo fcinfo) { return reinterpret_cast<std::int32_t*>(PG_GETARG_POINTER(1)); }

// Every key of a question is a range: a single one is found as such.
Datum* asked_keys(FunctionCallInfo fcinfo, const core::Lookup& lookup) {
  const std::size_t count = lookup.keys.size();
  auto* const nodes = new_array<core::LookupNode>(lookup.nodes.size());
  std::copy(lookup.nodes.begin(), lookup.nodes.end(), nodes);
  auto* const asked = new_array<AskedKey>(count);
  auto* const extra = new_array<Pointer>(count);
  auto* const partial = new_array<bool>(count);
  for (std::size_t i = 0; i < count; ++i) {
    asked[i] = {lookup.keys[i].greatest, nodes};
    extra[i] = reinterpret_cast<Pointer>(&asked[i]);
    partial[i] = !lookup.keys[i].single();
  }
  *reinterpret_cast<bool**>(PG_GETARG_POINTER(3)) = partial;
  *reinterpret_cast<Pointer**>(PG_GETARG_POINTER(4)) = extra;
  return datums_of(count, count_result(fcinfo), [&](std::size_t i) { return lookup.keys[i].least; });
}

// What an index scan keeps of the paths of a profile: their keys in ascending order.
struct KnownPaths {
  const core::FactKey *first, *end;
};

// A key takes about 1 us to look up, and to pass over one of all paths that rules need 0.05 us; they are hundreds.
constexpr std::size_t kManyPaths = 24;

// The keys of a profile. Where it has many paths, they are one range, in which rules may need others, too.
Datum* asked_keys(FunctionCallInfo fcinfo, const std::pmr::vector<core::FactKey>& keys) {
  const auto first = std::lower_bound(keys.begin(), keys.end(), core::fact::least_known_to_rules());
  const auto last = std::upper_bound(first, keys.end(), core::fact::greatest_known_to_rules());
  const auto known = static_cast<std::size_t>(last - first), at = static_cast<std::size_t>(first - keys.begin());
  const std::size_t passed_over = known < kManyPaths ? 0 : known - 1, count = keys.size() - passed_over;
  auto* const own = new_array<core::FactKey>(known);
  std::copy(first, last, own);
  auto* const paths = new_array<KnownPaths>(1);
  *paths = {own, own + known};
  // With something of its own, GIN doesn't compare a key with all others to find equal ones.
  auto* const extra = new_array<Pointer>(count);
  std::fill_n(extra, count, reinterpret_cast<Pointer>(paths));
  auto* const partial = new_array<bool>(count);
  std::fill_n(partial, count, false);
  if (passed_over > 0) partial[at] = true;
  *reinterpret_cast<bool**>(PG_GETARG_POINTER(3)) = partial;
  *reinterpret_cast<Pointer**>(PG_GETARG_POINTER(4)) = extra;
  return datums_of(count, count_result(fcinfo), [&](std::size_t i) { return keys[i <= at ? i : i + passed_over]; });
}

// Whether a key may be there. Most are known not to be, and a profile has many: eight at a time.
bool any_possible(const GinTernaryValue* check, std::size_t count) {
  static_assert(GIN_FALSE == 0 && sizeof(GinTernaryValue) == 1);
  for (; count >= 8; count -= 8, check += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, check, sizeof eight);
    if (eight != 0) return true;
  }
  return std::any_of(check, check + count, [](GinTernaryValue one) { return one != GIN_FALSE; });
}

Datum can_match(Datum profile, Datum rule) {
  const core::ByteSpan payload = sql::profile_payload(profile);
  const core::Segment segment = sql::segment_arg(rule);
  pg::ContextResource resource;
  const auto keys = sql::keys_of(payload, sql::Keys::facts, &resource);
  return BoolGetDatum(core::can_match(core::lookup_of(segment, std::nullopt, &resource, pg::poll()), keys));
}

}  // namespace

// profile_ops: extractValue(profile, nkeys) -> keys
CDP_FUNCTION(cdp_profile_keys) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  const auto keys = sql::keys_of(payload, sql::Keys::facts, &resource);
  return PointerGetDatum(datums_of(keys.size(), count_result(fcinfo), [&](std::size_t i) { return keys[i]; }));
}

// profile_ops: extractQuery(segment, nkeys, strategy, partial, extra, nulls, mode) -> keys
CDP_FUNCTION(cdp_profile_asked_keys) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  std::optional<std::int64_t> as_of;
  if (PG_GETARG_UINT16(2) == kMatches) as_of = GetCurrentTransactionStartTimestamp();
  pg::ContextResource resource;
  const core::Lookup lookup = core::lookup_of(segment, as_of, &resource, pg::poll());
  // GIN takes time in proportion to the square of the number of keys before it reads the first page.
  if (!lookup.is_always() && lookup.keys.size() <= core::kMostLookedUp)
    return PointerGetDatum(asked_keys(fcinfo, lookup));
  *reinterpret_cast<std::int32_t*>(PG_GETARG_POINTER(6)) = GIN_SEARCH_MODE_ALL;
  *count_result(fcinfo) = 0;
  return PointerGetDatum(nullptr);
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
  if (PG_GETARG_UINT16(1) == kMatches) PG_RETURN_GIN_TERNARY_VALUE(GIN_MAYBE);
  const bool certain = core::can_match(asked->nodes, [check](std::size_t key) { return check[key] == GIN_TRUE; });
  PG_RETURN_GIN_TERNARY_VALUE(certain ? GIN_TRUE : GIN_MAYBE);
}

// segment_ops: extractValue(segment, nkeys) -> keys
CDP_FUNCTION(cdp_segment_keys) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  const auto keys = core::necessary_keys(segment, &resource, pg::poll());
  return PointerGetDatum(datums_of(keys.size(), count_result(fcinfo), [&](std::size_t i) { return keys[i].key; }));
}

// segment_ops: extractQuery(profile, nkeys, strategy, partial, extra, nulls, mode) -> keys
CDP_FUNCTION(cdp_segment_asked_keys) {
  const core::ByteSpan payload = sql::profile_payload(PG_GETARG_DATUM(0));
  pg::ContextResource resource;
  const auto keys = sql::keys_of(payload, sql::Keys::facts_for_rules, &resource);
  return PointerGetDatum(asked_keys(fcinfo, keys));
}

// segment_ops: comparePartial(asked, key, strategy, extra)
CDP_FUNCTION(cdp_segment_compare_partial) {
  const auto* const paths = reinterpret_cast<const KnownPaths*>(PG_GETARG_POINTER(3));
  const core::FactKey key = PG_GETARG_INT64(1);
  if (key > paths->end[-1]) PG_RETURN_INT32(1);
  PG_RETURN_INT32(std::binary_search(paths->first, paths->end, key) ? 0 : -1);
}

// segment_ops: triConsistent(check, strategy, profile, nkeys, extra, keys, nulls)
CDP_FUNCTION(cdp_segment_consistent) {
  const auto* const check = reinterpret_cast<const GinTernaryValue*>(PG_GETARG_POINTER(0));
  PG_RETURN_GIN_TERNARY_VALUE(any_possible(check, static_cast<std::size_t>(PG_GETARG_INT32(3))) ? GIN_MAYBE
                                                                                                : GIN_FALSE);
}

// can_match(profile, segment): what an index over the profile alone can tell
CDP_FUNCTION(cdp_segment_can_match) { return can_match(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)); }

// can_be_matched_by(segment, profile)
CDP_FUNCTION(cdp_segment_can_be_matched_by) { return can_match(PG_GETARG_DATUM(1), PG_GETARG_DATUM(0)); }

// debug_index(segment) -> setof (index, depth, looks_up, first_key, last_key)
CDP_FUNCTION(cdp_segment_debug_index) {
  const core::Segment segment = sql::segment_arg(PG_GETARG_DATUM(0));
  const std::int64_t as_of = GetCurrentTransactionStartTimestamp();
  InitMaterializedSRF(fcinfo, 0);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  pg::ContextResource resource;
  const core::Lookup lookup = core::lookup_of(segment, as_of, &resource, pg::poll());
  const auto necessary = core::necessary_keys(segment, &resource, pg::poll());
  core::Buffer text(&resource);
  pg::RowContext rows;
  const auto put = [&](const char* index, int depth, std::string_view shown, bool no_keys, core::FactKey first,
                       core::FactKey last) {
    pg::call([&] {
      Datum row[5] = {CStringGetTextDatum(index), Int32GetDatum(depth),
                      PointerGetDatum(cstring_to_text_with_len(shown.data(), static_cast<int>(shown.size()))),
                      Int64GetDatum(first), Int64GetDatum(last)};
      bool nulls[5] = {false, false, false, no_keys, no_keys};
      tuplestore_putvalues(result->setResult, result->setDesc, row, nulls);
    });
    rows.reset();
    pg::poll()();
  };
  core::describe(lookup, [&](const core::LookupLine& line) {
    const bool no_keys = line.range == nullptr;
    put("profile_ops", line.depth, line.text, no_keys, no_keys ? 0 : line.range->least,
        no_keys ? 0 : line.range->greatest);
  });
  for (const core::NecessaryKey& one : necessary) {
    text.clear();
    core::print_fact(one.fact, text);
    put("segment_ops", 0, core::as_text(text.span()), false, one.key, one.key);
  }
  return Datum{0};
}
