// src/sql/profile_analyze.cpp: ANALYZE of columns of profiles. Statistics hold keys, never values.
#include <algorithm>

#include "core/bytes/hash.hpp"
#include "core/segment/statistics.hpp"
#include "pg/entry.hpp"
#include "sql/profile_keys.hpp"
#include "sql/profile_statistics.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// A greater profile would take longer than it tells.
constexpr std::size_t kTooWide = 1 << 20;
// As many keys per unit of the target as the server takes of lexemes.
constexpr int kKeysPerTarget = 10;

int target_of(const VacAttrStats* stats) {
#if PG_VERSION_NUM >= 170000
  const int target = stats->attstattarget;
#else
  const int target = stats->attr->attstattarget;
#endif
  return target < 0 ? default_statistics_target : target;
}

void be_polite() {
#if PG_VERSION_NUM >= 180000
  vacuum_delay_point(true);
#else
  vacuum_delay_point();
#endif
}

struct Sample {
  explicit Sample(std::size_t most, std::pmr::memory_resource* resource) : keys(most, resource), hashes(resource) {}
  core::KeyCounter keys;
  std::pmr::vector<std::uint64_t> hashes;  // of whole profiles
  double nulls = 0, wide = 0, bytes = 0;
};

void take(Sample& sample, VacAttrStats* stats, AnalyzeAttrFetchFunc fetch, int rows) {
  pg::RowContext row_memory;
  for (int row = 0; row < rows; ++row) {
    bool is_null = false, is_wide = false;
    const core::ByteSpan payload = pg::call([&]() -> core::ByteSpan {
      be_polite();
      const Datum value = fetch(stats, row, &is_null);
      if (is_null) return {};
      sample.bytes += static_cast<double>(VARSIZE_ANY(DatumGetPointer(value)));
      is_wide = pg::size_of(value) > kTooWide;
      if (is_wide) return {};
      return sql::profile_payload(value);
    });
    if (is_null) {
      ++sample.nulls;
    } else if (is_wide) {
      ++sample.wide;
    } else {
      pg::ContextResource row_resource;
      auto keys = sql::keys_of(payload, sql::Keys::facts_and_paths, &row_resource);
      std::erase(keys, core::fact::kAlways);
      sample.keys.add(keys);
      sample.hashes.push_back(core::hash_bytes(payload));
    }
    row_memory.reset();
  }
}

// The estimator of Haas and Stokes that the server uses; as it stores it: negative when it grows with the table.
double distinct_of(std::pmr::vector<std::uint64_t>& hashes, double wide, double known_share, double rows) {
  std::sort(hashes.begin(), hashes.end());
  double distinct = wide, once = wide;
  for (std::size_t from = 0, to; from < hashes.size(); from = to) {
    for (to = from + 1; to < hashes.size() && hashes[to] == hashes[from];) ++to;
    ++distinct;
    if (to == from + 1) ++once;
  }
  const double sampled = static_cast<double>(hashes.size()) + wide, known = rows * known_share;
  if (sampled == 0) return 0;
  if (once == sampled) return -known_share;
  const double all = known <= sampled ? distinct : sampled * distinct / (sampled - once + once * sampled / known);
  const double estimate = std::clamp(all, distinct, std::max(known, distinct));
  return estimate > 0.1 * rows ? -(estimate / rows) : estimate;
}

struct Slot {
  std::int16_t kind;
  Oid operator_;
};

void store(VacAttrStats* stats, int slot, Slot as, std::span<const core::FactKey> keys, std::span<const float> first,
           std::initializer_list<double> rest) {
  pg::call([&] {
    auto* const values = static_cast<Datum*>(MemoryContextAlloc(stats->anl_context, keys.size() * sizeof(Datum)));
    auto* const numbers =
        static_cast<float4*>(MemoryContextAlloc(stats->anl_context, (first.size() + rest.size()) * sizeof(float4)));
    const MemoryContext caller = MemoryContextSwitchTo(stats->anl_context);
    for (std::size_t i = 0; i < keys.size(); ++i) values[i] = Int64GetDatum(keys[i]);
    MemoryContextSwitchTo(caller);
    float4* const end = std::copy(first.begin(), first.end(), numbers);
    std::transform(rest.begin(), rest.end(), end, [](double number) { return static_cast<float4>(number); });
    stats->stakind[slot] = as.kind;
    stats->staop[slot] = as.operator_;
    stats->stacoll[slot] = InvalidOid;
    stats->stanumbers[slot] = numbers;
    stats->numnumbers[slot] = static_cast<int>(first.size() + rest.size());
    stats->stavalues[slot] = values;
    stats->numvalues[slot] = static_cast<int>(keys.size());
    stats->statypid[slot] = INT8OID;
    stats->statyplen[slot] = sizeof(std::int64_t);
    stats->statypbyval[slot] = FLOAT8PASSBYVAL;
    stats->statypalign[slot] = TYPALIGN_DOUBLE;
  });
}

void analyze(VacAttrStats* stats, AnalyzeAttrFetchFunc fetch, int rows, double total_rows) {
  const TypeCacheEntry* const int8 = lookup_type_cache(INT8OID, TYPECACHE_EQ_OPR | TYPECACHE_LT_OPR);
  pg::ContextResource resource;
  Sample sample(static_cast<std::size_t>(std::max(target_of(stats), 1)) * kKeysPerTarget, &resource);
  take(sample, stats, fetch, rows);
  if (rows <= 0) return;
  const double known = rows - sample.nulls;
  stats->stats_valid = true;
  stats->stanullfrac = static_cast<float4>(sample.nulls / rows);
  stats->stawidth = known > 0 ? static_cast<int>(sample.bytes / known) : 0;
  stats->stadistinct = static_cast<float4>(distinct_of(sample.hashes, sample.wide, known / rows, total_rows));
  sample.keys.finish();
  if (sample.keys.common().empty()) return;
  // The greatest and least share, and that of NULL elements, stand behind those of the keys, as for arrays.
  store(stats, 0, {STATISTIC_KIND_MCELEM, int8->eq_opr}, sample.keys.common(), sample.keys.shares(),
        {sample.keys.least(), sample.keys.greatest(), 0});
  if (!sample.keys.bounds().empty())
    store(stats, 1, {sql::kOrderedKeys, int8->lt_opr}, sample.keys.bounds(), {}, {sample.keys.ordered()});
}

}  // namespace

// profile_typanalyze(VacAttrStats) -> whether to analyze
CDP_FUNCTION(cdp_profile_typanalyze) {
  auto* const stats = reinterpret_cast<VacAttrStats*>(PG_GETARG_POINTER(0));
  stats->compute_stats = [](VacAttrStats* of, AnalyzeAttrFetchFunc fetch, int rows, double total_rows) {
    pg::guarded_callback([&] { analyze(of, fetch, rows, total_rows); });
  };
  stats->minrows = 300 * target_of(stats);  // as for histograms of other types
  return BoolGetDatum(true);
}
