// src/sql/space_resolve.cpp: decides anew what the table dirty names, a batch at a time.
#include <algorithm>

#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/memory.hpp"
#include "sql/space_write.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace identity = cdp::core::identity;
namespace query = cdp::pg::query;

namespace {

using query::Statement;
using Ids = std::pmr::vector<std::int64_t>;

const Statement kTake{
    "SELECT d.dirty_id, d.identifier_id, coalesce(d.other_id, d.identifier_id) FROM {space}.dirty AS d"
    " WHERE d.dirty_id OPERATOR(pg_catalog.>) $1 AND d.dirty_id OPERATOR(pg_catalog.<=) $2 ORDER BY d.dirty_id LIMIT "
    "$3",
    {INT8OID, INT8OID, INT8OID}};
const Statement kFind{
    "SELECT i.id, i.cluster_id, i.hub OR i.blocked, p.xmin FROM {space}.identifier AS i"
    " JOIN {space}.profile AS p ON p.cluster_id OPERATOR(pg_catalog.=) i.cluster_id"
    " WHERE i.id OPERATOR(pg_catalog.=) ANY ($1)",
    {INT8ARRAYOID}};
const Statement kDone{"DELETE FROM {space}.dirty WHERE dirty_id OPERATOR(pg_catalog.=) ANY ($1)", {INT8ARRAYOID}};

struct Counts {
  std::int64_t reached = 0, rows = 0, identifiers = 0, decided = 0, moved = 0, hubs = 0, parked = 0;
};

// Whatever it takes: there is no bound to what is decided at a time.
class Batch final : public sql::SpaceWork {
 public:
  Batch(const query::Schema& schema, std::pmr::memory_resource* resource, std::int64_t run, bool flips)
      : schema_(schema), resource_(resource), run_(run), flips_(flips), rows_(resource), ids_(resource) {}

  Counts work_off(const sql::SpaceRules& rules, std::int64_t after, std::int64_t last, std::int64_t most) {
    take(after, last, most);
    if (!rows_.empty()) sql::write_space(schema_, rules, *this, resource_);
    return counts_;
  }

  Ids clusters() override {
    Ids clusters(resource_), found(resource_);
    found_.clear();
    hubs_ = false;
    const query::Rows rows = schema_.run(kFind, {query::array(ids_)});
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
      found.push_back(rows.int8(i, 1));
      hubs_ = hubs_ || rows.boolean(i, 3);
      if (rows.boolean(i, 3)) continue;
      clusters.push_back(rows.int8(i, 2));
      found_.push_back({rows.int8(i, 2), DatumGetTransactionId(rows.value(i, 4))});
    }
    std::sort(found.begin(), found.end());
    ids_ = std::move(found);  // nobody asks for who isn't there
    std::sort(clusters.begin(), clusters.end());
    clusters.erase(std::unique(clusters.begin(), clusters.end()), clusters.end());
    return clusters;
  }

  // Hubs aren't locked.
  bool holds(std::span<const sql::ClusterVersion> locked) override {
    return !hubs_ && std::all_of(found_.begin(), found_.end(), [&](const sql::ClusterVersion& one) {
      const auto at =
          std::lower_bound(locked.begin(), locked.end(), one.cluster,
                           [](const sql::ClusterVersion& each, std::int64_t id) { return each.cluster < id; });
      return at != locked.end() && *at == one;
    });
  }

  identity::Changes changes() override { return {{}, {}, ids_}; }
  identity::Rules rules(const identity::Rules& of_space) const override {
    identity::Rules rules = of_space;
    rules.max_closure = identity::kUnlimited;
    if (flips_) rules.hub_alarm = identity::kUnlimited;
    return rules;
  }
  sql::Cause cause() const override { return {"run", std::nullopt, std::nullopt, run_}; }
  void planned(const identity::Plan& plan) override {
    counts_.decided = plan.counts.closure_identifiers;
    counts_.moved = static_cast<std::int64_t>(plan.moves.size());
    counts_.hubs = static_cast<std::int64_t>(plan.hubs.size());
    counts_.parked = static_cast<std::int64_t>(plan.parked.size());
  }
  void conclude(bool) override { schema_.run(kDone, {query::array(rows_)}); }

 private:
  void take(std::int64_t after, std::int64_t last, std::int64_t most) {
    const query::Rows rows = schema_.run(kTake, {query::int8(after), query::int8(last), query::int8(most)});
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
      rows_.push_back(rows.int8(i, 1));
      ids_.push_back(rows.int8(i, 2));
      ids_.push_back(rows.int8(i, 3));
    }
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    if (!rows_.empty()) counts_.reached = rows_.back();
    counts_.rows = static_cast<std::int64_t>(rows_.size());
    counts_.identifiers = static_cast<std::int64_t>(ids_.size());
  }

  const query::Schema& schema_;
  std::pmr::memory_resource* resource_;
  std::int64_t run_;
  bool flips_;
  Ids rows_, ids_;  // of dirty; whom they name
  std::vector<sql::ClusterVersion> found_;
  bool hubs_ = false;
  Counts counts_;
};

Datum row_of(FunctionCallInfo fcinfo, std::initializer_list<std::int64_t> numbers) {
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) elog(ERROR, "a row was expected");
  Datum values[8];
  bool nulls[8] = {};
  int count = 0;
  for (const std::int64_t number : numbers) values[count++] = Int64GetDatum(number);
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}

}  // namespace

// resolve_batch(space, after, last, most, flips, run) -> reached, rows, identifiers, decided, moved, hubs, parked
CDP_FUNCTION(cdp_space_resolve_batch) {
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0));
  const std::int64_t after = PG_GETARG_INT64(1), last = PG_GETARG_INT64(2), most = PG_GETARG_INT64(3),
                     run = PG_GETARG_INT64(5);
  const bool flips = PG_GETARG_BOOL(4);
  Counts counts;
  query::connect();
  {
    pg::ContextResource resource;
    const query::Schema schema(space);
    const auto rules = sql::rules_of(schema);
    counts = Batch(schema, &resource, run, flips).work_off(*rules, after, last, most);
  }
  query::finish();
  return row_of(fcinfo, {counts.reached, counts.rows, counts.identifiers, counts.decided, counts.moved, counts.hubs,
                         counts.parked});
}
