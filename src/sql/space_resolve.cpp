// src/sql/space_resolve.cpp: decides anew what the table dirty names, a batch at a time.
#include <algorithm>
#include <string>

#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/memory.hpp"
#include "sql/space_refusal.hpp"
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
    "SELECT d.dirty_id, d.identifier_id, coalesce(d.other_id, d.identifier_id),"
    " d.cause OPERATOR(pg_catalog.=) 'refused' FROM {space}.dirty AS d"
    " WHERE d.dirty_id OPERATOR(pg_catalog.>) $1 AND d.dirty_id OPERATOR(pg_catalog.<=) $2 ORDER BY d.dirty_id LIMIT "
    "$3",
    {INT8OID, INT8OID, INT8OID}};
const Statement kFind{
    "SELECT i.id, i.cluster_id, i.hub OR i.blocked, p.xmin FROM {space}.identifier AS i"
    " JOIN {space}.profile AS p ON p.cluster_id OPERATOR(pg_catalog.=) i.cluster_id"
    " WHERE i.id OPERATOR(pg_catalog.=) ANY ($1)",
    {INT8ARRAYOID}};
const Statement kDone{"DELETE FROM {space}.dirty WHERE dirty_id OPERATOR(pg_catalog.=) ANY ($1)", {INT8ARRAYOID}};

// To be tried again by the next run: it begins with what is there then.
const Statement kRefuse{
    "WITH gone AS (DELETE FROM {space}.dirty AS d USING ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2))"
    "   AS n (dirty_id, detail) WHERE d.dirty_id OPERATOR(pg_catalog.=) n.dirty_id"
    "  RETURNING d.identifier_id, d.other_id, d.at, n.detail)"
    " INSERT INTO {space}.dirty (identifier_id, other_id, cause, detail, at)"
    " SELECT DISTINCT ON (g.identifier_id, g.other_id) g.identifier_id, g.other_id, 'refused', g.detail, g.at"
    " FROM gone AS g WHERE NOT EXISTS (SELECT FROM {space}.dirty AS o"
    "  WHERE o.cause OPERATOR(pg_catalog.=) 'refused' AND o.identifier_id OPERATOR(pg_catalog.=) g.identifier_id"
    "   AND coalesce(o.other_id, 0) OPERATOR(pg_catalog.=) coalesce(g.other_id, 0)"
    "   AND o.dirty_id OPERATOR(pg_catalog.<>) ALL ($1))"
    " ORDER BY g.identifier_id, g.other_id, g.at",
    {INT8ARRAYOID, TEXTARRAYOID}};

struct Counts {
  std::int64_t reached = 0, rows = 0, identifiers = 0, decided = 0, moved = 0, hubs = 0, parked = 0, refused = 0;
};

// A row of dirty: whom it names, and whether a run before failed to decide about them.
struct Waiting {
  std::int64_t id, a, b;
  bool refused;
};
using Rows = std::span<const Waiting>;

struct Run {
  std::int64_t id;
  bool flips;
};

Ids named_by(Rows rows, std::pmr::memory_resource* resource) {
  Ids ids(resource);
  for (const Waiting& row : rows) {
    ids.push_back(row.a);
    ids.push_back(row.b);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

// Whatever it takes: there is no bound to what is decided at a time.
class Work final : public sql::SpaceWork {
 public:
  Work(const query::Schema& schema, Rows rows, Run run, std::pmr::memory_resource* resource)
      : schema_(schema), resource_(resource), run_(run), rows_(resource), ids_(named_by(rows, resource)) {
    for (const Waiting& row : rows) rows_.push_back(row.id);
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
    if (run_.flips) rules.hub_alarm = identity::kUnlimited;
    return rules;
  }
  sql::Cause cause() const override { return {"run", std::nullopt, std::nullopt, run_.id}; }
  void planned(const identity::Plan& plan) override {
    counts_.decided = plan.counts.closure_identifiers;
    counts_.moved = static_cast<std::int64_t>(plan.moves.size());
    counts_.hubs = static_cast<std::int64_t>(plan.hubs.size());
    counts_.parked = static_cast<std::int64_t>(plan.parked.size());
  }
  void conclude(bool) override { schema_.run(kDone, {query::array(rows_)}); }

  const Counts& counts() const noexcept { return counts_; }

 private:
  const query::Schema& schema_;
  std::pmr::memory_resource* resource_;
  Run run_;
  Ids rows_, ids_;  // of dirty; whom they name
  std::vector<sql::ClusterVersion> found_;
  bool hubs_ = false;
  Counts counts_;
};

// All rows at once. Those that can't be decided, such as when their customer would be beyond a limit, cost the others
// nothing: they are found by trials, which keep no locks, and noted.
class Batch {
 public:
  Batch(const query::Schema& schema, const sql::SpaceRules& rules, Run run, std::pmr::memory_resource* resource)
      : schema_(schema), rules_(rules), run_(run), resource_(resource), bad_(resource) {}

  Counts work_off(std::int64_t after, std::int64_t last, std::int64_t most) {
    std::pmr::vector<Waiting> rows(resource_);
    {
      const query::Rows found = schema_.run(kTake, {query::int8(after), query::int8(last), query::int8(most)});
      for (std::uint64_t i = 0; i < found.size(); ++i)
        rows.push_back({found.int8(i, 1), found.int8(i, 2), found.int8(i, 3), found.boolean(i, 4)});
    }
    Rows left(rows);
    while (!left.empty() && !work_off(left)) left = left.first(left.size() / 2);
    return counts_;
  }

 private:
  struct Bad {
    std::int64_t row;
    std::string why;
  };

  // False if they can't be decided together, though each of them can.
  bool work_off(Rows rows) {
    bad_.clear();
    std::pmr::vector<Waiting> good(resource_);
    for (const Waiting& row : rows)
      if (!row.refused || decides({&row, 1}, false)) good.push_back(row);
    while (!good.empty() && !decides(good, true)) {
      const std::size_t before = bad_.size();
      if (good.size() > 1) search(good);
      if (bad_.size() == before) return false;
      std::erase_if(good, [this](const Waiting& row) {
        return std::any_of(bad_.begin(), bad_.end(), [&](const Bad& bad) { return bad.row == row.id; });
      });
    }
    if (good.empty()) counts_ = {};
    counts_.reached = rows.back().id;
    counts_.rows = static_cast<std::int64_t>(rows.size());
    counts_.identifiers = static_cast<std::int64_t>(named_by(rows, resource_).size());
    counts_.refused = static_cast<std::int64_t>(bad_.size());
    if (!bad_.empty()) refuse();
    return true;
  }

  void search(Rows rows) {
    for (const Rows half : {rows.first(rows.size() / 2), rows.subspan(rows.size() / 2)})
      if (!decides(half, false) && half.size() > 1) search(half);
  }

  // Notes a single row that it can't decide.
  bool decides(Rows rows, bool keep) {
    const auto refusal = sql::refusal_of([&] {
      sql::Subtransaction trial;
      Work work(schema_, rows, run_, resource_);
      sql::write_space(schema_, rules_, work, resource_);
      if (!keep) return;
      trial.commit();
      counts_ = work.counts();
    });
    if (refusal && rows.size() == 1)
      bad_.push_back({rows.front().id, refusal->sentence + " (" + unpack_sql_state(refusal->sqlstate) + ")"});
    return !refusal;
  }

  void refuse() {
    Ids rows(resource_);
    std::pmr::vector<std::string_view> details(resource_);
    for (const Bad& bad : bad_) {
      rows.push_back(bad.row);
      details.push_back(bad.why);
    }
    schema_.run(kRefuse, {query::array(rows), query::array(std::span<const std::string_view>(details))});
    const std::string space(schema_.name());
    pg::call([&] {
      ereport(WARNING, (errmsg_plural("%zu row of dirty cannot be decided", "%zu rows of dirty cannot be decided",
                                      bad_.size(), bad_.size()),
                        errdetail("The first: %s", bad_.front().why.c_str()),
                        errhint("The view %s.parked lists them; the next run tries them again.",
                                quote_identifier(space.c_str()))));
    });
  }

  const query::Schema& schema_;
  const sql::SpaceRules& rules_;
  Run run_;
  std::pmr::memory_resource* resource_;
  std::pmr::vector<Bad> bad_;
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

// resolve_batch(space, after, last, most, flips, run) -> reached, rows, identifiers, decided, moved, hubs, parked,
// refused
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
    counts = Batch(schema, *rules, {run, flips}, &resource).work_off(after, last, most);
  }
  query::finish();
  return row_of(fcinfo, {counts.reached, counts.rows, counts.identifiers, counts.decided, counts.moved, counts.hubs,
                         counts.parked, counts.refused});
}
