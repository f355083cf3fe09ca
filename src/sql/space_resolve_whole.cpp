// src/sql/space_resolve_whole.cpp: cdp.resolve of everybody.
#include <string>

#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/memory.hpp"
#include "sql/space_lock.hpp"
#include "sql/space_progress.hpp"
#include "sql/space_refusal.hpp"
#include "sql/space_summary.hpp"

extern "C" {
#include "storage/proc.h"
#include "utils/snapmgr.h"
}

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace identity = cdp::core::identity;
namespace query = cdp::pg::query;

namespace {

using query::Statement;
using Ids = std::pmr::vector<std::int64_t>;

// Only what looks as it was made: what others attached to the tables (columns, triggers, keys that refer to customers,
// subscriptions, slots whose plugins need no publication, partitions) would not notice; and of a table whose rows are
// elsewhere there is nothing to write.
const Statement kMayRewrite{
    "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c"
    "  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    "  WHERE n.nspname OPERATOR(pg_catalog.=) $1 AND c.relname OPERATOR(pg_catalog.=) ANY "
    "('{identifier,profile,dirty,link,part,decision,decision_side}')"
    "   AND (NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') OR c.relhassubclass"
    "    OR c.relkind OPERATOR(pg_catalog.<>) 'r'))"
    " AND pg_catalog.pg_relation_size(t.identifier::pg_catalog.regclass) OPERATOR(pg_catalog.>) 0"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_tables AS p"
    "  WHERE p.schemaname OPERATOR(pg_catalog.=) $1 AND p.tablename OPERATOR(pg_catalog.=) ANY "
    "('{identifier,profile}'))"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots AS r"
    "  WHERE r.database OPERATOR(pg_catalog.=) pg_catalog.current_database()"
    "   AND r.plugin OPERATOR(pg_catalog.<>) 'pgoutput')"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid OPERATOR(pg_catalog.=) ANY "
    "(ARRAY[t.identifier, t.profile]) AND NOT g.tgisinternal)"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k"
    "  WHERE k.confrelid OPERATOR(pg_catalog.=) t.profile AND k.conrelid OPERATOR(pg_catalog.<>) t.identifier"
    "   OR k.conrelid OPERATOR(pg_catalog.=) ANY (ARRAY[t.identifier, t.profile]) AND k.contype OPERATOR(pg_catalog.=)"
    " 'c' AND k.conname OPERATOR(pg_catalog.<>) 'profile_members_check')"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a"
    "  WHERE a.attrelid OPERATOR(pg_catalog.=) ANY (ARRAY[t.identifier, t.profile]) AND NOT a.attisdropped"
    "   AND a.attnum OPERATOR(pg_catalog.>) 0 AND a.attname OPERATOR(pg_catalog.<>) ALL ("
    "CASE WHEN a.attrelid OPERATOR(pg_catalog.=) t.identifier THEN $4 ELSE $5 END))"
    " FROM (SELECT $2 AS identifier, $3 AS profile) AS t",
    {TEXTOID, OIDOID, OIDOID, TEXTARRAYOID, TEXTARRAYOID}};
// What is read of all decides about all.
const Statement kHidden{
    "SELECT c.relname::pg_catalog.text FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n"
    " ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE n.nspname OPERATOR(pg_catalog.=) $1 AND c.relname OPERATOR(pg_catalog.=) ANY "
    "('{identifier,profile,dirty,link,part,decision,decision_side}') AND pg_catalog.row_security_active(c.oid)"
    " ORDER BY 1 LIMIT 1",
    {TEXTOID}};
const Statement kMostIsDirty{
    "SELECT (SELECT pg_catalog.count(*) FROM (SELECT FROM {space}.dirty LIMIT greatest(e.enough, 0)) AS d)"
    "  OPERATOR(pg_catalog.>=) e.enough"
    " FROM (SELECT $1 OPERATOR(pg_catalog.+) pg_catalog.count(*) OPERATOR(pg_catalog./) $2 AS enough"
    "  FROM {space}.identifier) AS e",
    {INT8OID, INT8OID}};
const Statement kTimeout{"SELECT pg_catalog.current_setting('lock_timeout')", {}};
const Statement kSetTimeout{"SELECT pg_catalog.set_config('lock_timeout', $1, true)", {TEXTOID}};
const Statement kLockWritten{"LOCK TABLE {space}.identifier, {space}.profile, {space}.dirty IN ACCESS EXCLUSIVE MODE",
                             {}};
const Statement kLockRead{
    "LOCK TABLE {space}.link, {space}.part, {space}.decision, {space}.decision_side IN SHARE ROW EXCLUSIVE MODE", {}};
// Conflicts with whoever vacuums, and with nobody who reads or writes.
const Statement kLockVacuum{
    "LOCK TABLE {space}.identifier, {space}.profile, {space}.dirty, {space}.link, {space}.part, {space}.decision,"
    " {space}.decision_side IN SHARE UPDATE EXCLUSIVE MODE",
    {}};
const Statement kHolders{
    "SELECT pg_catalog.string_agg(DISTINCT l.pid::pg_catalog.text, ', ') FROM pg_catalog.pg_locks AS l"
    " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) l.relation"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE n.nspname OPERATOR(pg_catalog.=) $1 AND c.relname OPERATOR(pg_catalog.=) ANY "
    "('{identifier,profile,dirty,link,part,decision,decision_side}')"
    " AND l.granted AND l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()"
    " AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d"
    "  WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())",
    {TEXTOID}};
const Statement kWait{"SELECT pg_catalog.pg_sleep(0.2)", {}};
const Statement kMark{
    "INSERT INTO {space}.dirty (identifier_id, cause) SELECT d.id, 'run' FROM pg_catalog.unnest($1) AS d (id)"
    " WHERE NOT EXISTS (SELECT FROM {space}.dirty AS o WHERE o.cause OPERATOR(pg_catalog.=) 'refused'"
    "  AND o.identifier_id OPERATOR(pg_catalog.=) d.id)",
    {INT8ARRAYOID}};
const Statement kWaiting{"SELECT dirty_id FROM {space}.dirty WHERE cause OPERATOR(pg_catalog.<>) 'refused'", {}};
const Statement kDone{"DELETE FROM {space}.dirty WHERE dirty_id OPERATOR(pg_catalog.=) ANY ($1)", {INT8ARRAYOID}};
const Statement kClean{"TRUNCATE {space}.dirty", {}};

constexpr std::int64_t kShare = 20;  // beyond the 20th part of all, and a few, it is much
constexpr int kTries = 50, kFewTries = 6;

// Until the transaction ends; false if that would have taken longer than so.
bool lock_within(const query::Schema& schema, const std::string& time,
                 std::initializer_list<const Statement*> statements) {
  const std::string before(schema.run(kTimeout, {}).text(0, 1));
  try {
    sql::Subtransaction inside;
    schema.run(kSetTimeout, {query::text(time)});
    for (const Statement* const each : statements) schema.run(*each, {});
    schema.run(kSetTimeout, {query::text(before)});
    inside.commit();
    return true;
  } catch (const pg::Error& error) {
    if (error.data()->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE) throw;
    return false;
  }
}

void tell_holders(const query::Schema& schema) {
  std::string holders;
  if (const query::Rows rows = schema.sweep(kHolders, {query::text(schema.name())}); !rows.is_null(0, 1))
    holders = rows.text(0, 1);
  pg::call([&] {
    ereport(WARNING,
            (errmsg("the tables are not written anew, since others keep using them"),
             holders.empty() ? 0 : errdetail("Locks on them are held by these processes: %s.", holders.c_str()),
             errhint("All is decided in batches, which takes longer.")));
  });
}

// Keeps everybody out, readers too. Waits only for moments: who is waiting for a table here may hold a customer, or be
// about to read one, and the one who gives in has to be this. But an autovacuum gives in only when somebody has waited
// for as long as deadlock_timeout.
bool lock_all(const query::Schema& schema) {
  bool alone = false;
  for (int i = 0; i < kTries; ++i) {
    sql::report_progress("resolve", schema.name(), "waiting for locks", i, kTries);
    if (lock_within(schema, "300ms", {&kLockWritten, &kLockRead})) return true;
    if (!alone) alone = lock_within(schema, std::to_string(DeadlockTimeout + 300) + "ms", {&kLockVacuum});
    schema.run(kWait, {});
  }
  tell_holders(schema);
  return false;
}

// All that is read of the space is of one moment. When nobody is writing then, what dirty has of it has been heard by
// everybody who writes later, and whoever wrote before is in it: so it is done with by deciding all.
class Moment {
 public:
  // `alone`: nobody else writes, or it is all the same.
  Moment(const query::Schema& schema, bool alone) : owner_(CurrentResourceOwner) {
    if (alone) take();
    const int tries = IsolationUsesXactSnapshot() ? 0 : kFewTries;
    for (int i = 0; i < tries && snapshot_ == nullptr; ++i) {
      try {
        sql::Subtransaction inside;  // rolled back, for its lock
        schema.run(kSetTimeout, {query::text("300ms")});
        sql::lock_space(schema);
        take();
      } catch (const pg::Error& error) {
        if (error.data()->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE) throw;
        schema.run(kWait, {});
      }
    }
    quiet_ = snapshot_ != nullptr;
    if (!quiet_) take();
    pg::call([this] { PushActiveSnapshot(snapshot_); });
  }
  bool quiet() const noexcept { return quiet_; }
  // After an error the server does that.
  void end() const {
    pg::call([this] {
      PopActiveSnapshot();
      UnregisterSnapshotFromOwner(snapshot_, owner_);
    });
  }

 private:
  void take() {
    snapshot_ = pg::call([this] {
      return RegisterSnapshotOnOwner(IsolationUsesXactSnapshot() ? GetTransactionSnapshot() : GetLatestSnapshot(),
                                     owner_);
    });
  }

  ResourceOwner owner_;
  Snapshot snapshot_ = nullptr;
  bool quiet_ = false;
};

struct Outcome {
  std::int64_t identifiers = 0, links = 0, customers = 0, moved = 0;
  sql::WholeDecision::Counts counts;
  bool rewritten = false;
};

class Whole {
 public:
  Whole(const query::Schema& schema, const sql::SpaceRules& rules, std::int64_t run, bool flips, bool dry,
        std::int64_t few, std::pmr::memory_resource* resource)
      : schema_(schema), rules_(rules), run_(run), flips_(flips), dry_(dry), few_(few), resource_(resource) {}

  Outcome decide() {
    check_rows();
    // A snapshot from before the locks doesn't show what is written over.
    may_ = !dry_ && !IsolationUsesXactSnapshot() &&
           schema_
               .sweep(kMayRewrite, {query::text(schema_.name()),
                                    {ObjectIdGetDatum(schema_.table("identifier"))},
                                    {ObjectIdGetDatum(schema_.table("profile"))},
                                    query::array(sql::kIdentifierColumns),
                                    query::array(sql::kProfileColumns)})
               .boolean(0, 1);
    if (may_ && schema_.sweep(kMostIsDirty, {query::int8(few_), query::int8(kShare)}).boolean(0, 1))
      may_ = locked_ = lock_all(schema_);
    while (!once()) {
    }
    return result_;
  }

 private:
  void check_rows() const {
    const query::Rows hidden = schema_.run(kHidden, {query::text(schema_.name())});
    if (hidden.size() == 0) return;
    const std::string table(hidden.text(0, 1));
    pg::call([&] {
      ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                      errmsg("row security of table \"%s\" may hide rows from who decides about all", table.c_str()),
                      errhint("Call it as a role that the policies do not concern, such as the owner without FORCE.")));
    });
  }

  // False if it has to be done again, locked.
  bool once() {
    const Moment moment(schema_, locked_ || dry_);
    const query::Schema then(schema_.name(), true);
    sql::SpaceGraph graph(then, rules_, resource_);
    sql::report_progress("resolve", schema_.name(), "deciding", 0, 0);
    const sql::WholeDecision decision(graph, rules_, flips_, resource_);
    const bool much = decision.counts().differing > few_ + static_cast<std::int64_t>(graph.size()) / kShare;
    Findings findings{ids(), ids()};
    if (moment.quiet() && !dry_ && !(much && locked_)) findings = look(then, graph, decision);
    moment.end();
    result_.identifiers = static_cast<std::int64_t>(graph.size());
    result_.links = static_cast<std::int64_t>(graph.links());
    result_.customers = static_cast<std::int64_t>(decision.partition().clusters.size());
    result_.counts = decision.counts();
    if (dry_) return true;
    if (much && may_ && !locked_) {
      may_ = locked_ = lock_all(schema_);
      if (locked_) return false;
    }
    if (!much || !locked_ || !rewrite(graph, decision)) mark(graph, decision, findings);
    return true;
  }

  // What is dirty, and which rows of customers are not as decided, though their customers are.
  struct Findings {
    Ids waiting, stale;
  };
  Ids ids() const { return Ids(resource_); }
  Findings look(const query::Schema& then, const sql::SpaceGraph& graph, const sql::WholeDecision& decision) const {
    Findings found{ids(), sql::stale_customers(then, rules_, graph, decision, resource_)};
    query::each_row(then, kWaiting, {},
                    [&](const query::Rows& rows, std::uint64_t i) { found.waiting.push_back(rows.int8(i, 1)); });
    return found;
  }

  // False if a customer can't be made: by batches the others can.
  bool rewrite(const sql::SpaceGraph& graph, const sql::WholeDecision& decision) {
    const auto refusal = sql::refusal_of([&] {
      sql::Subtransaction inside;
      result_.moved = sql::rewrite_space(schema_, rules_, graph, decision, run_, resource_);
      schema_.run(kClean, {});
      inside.commit();
      result_.rewritten = true;
    });
    if (!refusal) return true;
    pg::call([&] {
      ereport(WARNING, (errmsg("the tables are not written anew, since a customer cannot be made"),
                        errdetail("%s", refusal->sentence.c_str()),
                        errhint("All others are decided in batches, which takes longer.")));
    });
    return false;
  }

  void mark(const sql::SpaceGraph& graph, const sql::WholeDecision& decision, const Findings& findings) const {
    if (!findings.waiting.empty()) schema_.sweep(kDone, {query::array(findings.waiting)});
    Ids differing(findings.stale, resource_);
    for (std::uint32_t i = 0; i < graph.size(); ++i)
      if (decision.differs(i) || decision.parked(i) != graph.flip_parked(i))
        differing.push_back(graph.identifier(i).id);
    if (!differing.empty()) schema_.sweep(kMark, {query::array(differing)});
  }

  const query::Schema& schema_;
  const sql::SpaceRules& rules_;
  std::int64_t run_;
  bool flips_, dry_;
  std::int64_t few_;
  bool may_ = false, locked_ = false;
  std::pmr::memory_resource* resource_;
  Outcome result_;
};

}  // namespace

// resolve_whole(space, flips, dry_run, run, few) -> identifiers, links, customers, differing, merged, split, hubs,
// parked, moved, rewritten
CDP_FUNCTION(cdp_space_resolve_whole) {
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0));
  const bool flips = PG_GETARG_BOOL(1), dry = PG_GETARG_BOOL(2);
  const std::int64_t run = PG_GETARG_INT64(3), few = PG_GETARG_INT64(4);
  TupleDesc row;
  if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE) elog(ERROR, "a row was expected");
  Outcome result;
  query::connect();
  {
    pg::ContextResource resource;
    const query::Schema schema(space);
    const auto rules = sql::rules_of(schema);
    result = Whole(schema, *rules, run, flips, dry, few, &resource).decide();
    sql::end_progress();
  }
  query::finish();
  const auto& counts = result.counts;
  Datum values[10];
  bool nulls[10] = {};
  int i = 0;
  for (const std::int64_t each : {result.identifiers, result.links, result.customers, counts.differing, counts.merged,
                                  counts.split, counts.hubs, counts.parked, result.moved})
    values[i++] = Int64GetDatum(each);
  values[i] = BoolGetDatum(result.rewritten);
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}
