// src/sql/comparison_fmgr.cpp: equality, an order and hashes of types whose equal values have equal canonical bytes,
// for grouping, sorting and indexes.
#include "core/identity/components_value.hpp"
#include "pg/entry.hpp"
#include "sql/audience_gate.hpp"
#include "sql/policy_gate.hpp"
#include "sql/profile_gate.hpp"
#include "sql/segment_gate.hpp"
#include "sql/timeline_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

using core::ByteSpan;

namespace {

// From a stored value to its canonical bytes: its own, or released ones where it is the state of an aggregate.

ByteSpan components_bytes(Datum datum) {
  const ByteSpan value = pg::bytes_of(datum);
  pg::ContextResource resource;
  core::Buffer scratch(&resource);
  const ByteSpan canonical = core::canonical_components(value, scratch, &resource, pg::poll());
  if (canonical.data() != value.data()) scratch.release();
  return canonical;
}

ByteSpan audience_bytes(Datum datum) {
  const ByteSpan value = pg::bytes_of(datum);
  sql::AudienceWork work;
  const ByteSpan canonical = work.read(value).bytes();
  if (canonical.data() != value.data()) work.scratch.release();
  return canonical;
}

ByteSpan segment_bytes(Datum datum) { return sql::segment_arg(datum).payload(); }

void free_canonical(ByteSpan bytes, const void* value) {
  const auto* const begin = static_cast<const std::byte*>(value);
  if (bytes.data() < begin || bytes.data() > begin + VARSIZE_ANY(value)) pfree(const_cast<std::byte*>(bytes.data()));
}

// Sorts and index searches compare in memory that lives long: nothing may stay in it.
template <ByteSpan (*canonical)(Datum)>
int compared(FunctionCallInfo fcinfo) {
  void* const a = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
  void* const b = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
  const ByteSpan first = canonical(PointerGetDatum(a)), second = canonical(PointerGetDatum(b));
  const int order = core::compare_bytes(first, second);
  free_canonical(first, a);
  free_canonical(second, b);
  PG_FREE_IF_COPY(a, 0);
  PG_FREE_IF_COPY(b, 1);
  return order;
}

template <ByteSpan (*canonical)(Datum), typename Hash>
Datum hashed(FunctionCallInfo fcinfo, Hash&& hash) {
  void* const value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
  const ByteSpan bytes = canonical(PointerGetDatum(value));
  const Datum result = hash(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  free_canonical(bytes, value);
  PG_FREE_IF_COPY(value, 0);
  return result;
}

}  // namespace

// The functions of the operators and operator classes of a type: TYPE_eq and so on.
#define CDP_COMPARISONS(type, canonical)                                                                        \
  CDP_FUNCTION(type##_eq) { PG_RETURN_BOOL(compared<canonical>(fcinfo) == 0); }                                 \
  CDP_FUNCTION(type##_ne) { PG_RETURN_BOOL(compared<canonical>(fcinfo) != 0); }                                 \
  CDP_FUNCTION(type##_lt) { PG_RETURN_BOOL(compared<canonical>(fcinfo) < 0); }                                  \
  CDP_FUNCTION(type##_le) { PG_RETURN_BOOL(compared<canonical>(fcinfo) <= 0); }                                 \
  CDP_FUNCTION(type##_gt) { PG_RETURN_BOOL(compared<canonical>(fcinfo) > 0); }                                  \
  CDP_FUNCTION(type##_ge) { PG_RETURN_BOOL(compared<canonical>(fcinfo) >= 0); }                                 \
  CDP_FUNCTION(type##_cmp) { PG_RETURN_INT32(compared<canonical>(fcinfo)); }                                    \
  CDP_FUNCTION(type##_hash) { return hashed<canonical>(fcinfo, hash_any); }                                     \
  CDP_FUNCTION(type##_hash_extended) {                                                                          \
    const auto seed = static_cast<std::uint64_t>(PG_GETARG_INT64(1));                                           \
    return hashed<canonical>(                                                                                   \
        fcinfo, [seed](const unsigned char* bytes, int size) { return hash_any_extended(bytes, size, seed); }); \
  }                                                                                                             \
  static_assert(true)

CDP_COMPARISONS(cdp_profile, sql::profile_payload);
CDP_COMPARISONS(cdp_policy, sql::policy_arg);
CDP_COMPARISONS(cdp_timeline, sql::timeline_payload);
CDP_COMPARISONS(cdp_components, components_bytes);
CDP_COMPARISONS(cdp_audience, audience_bytes);
CDP_COMPARISONS(cdp_segment, segment_bytes);
