// src/sql/space_lock.cpp: locks of customers, and of a whole space.
#include "sql/space_lock.hpp"

#include <optional>

#include "pg/interrupt.hpp"
#include "pg/lock_tag.hpp"
#include "pg/memory.hpp"
#include "sql/space_rows.hpp"

extern "C" {
#include "utils/acl.h"
}

namespace cdp::sql {

namespace {

namespace query = pg::query;

const query::Statement kLock{
    "SELECT cluster_id, xmin FROM {space}.profile WHERE cluster_id OPERATOR(pg_catalog.=) ANY ($1)"
    " ORDER BY cluster_id FOR UPDATE",
    {INT8ARRAYOID}};
// Numbers that nobody else takes, with that of the space's own table.
constexpr std::int32_t kSpace = 1667524705, kRules = 1667524707;

LOCKTAG tag_of(std::int32_t what, const query::Schema& schema) { return pg::lock_tag(what, schema.table("space")); }

// Until the transaction ends.
void acquire(std::int32_t what, LOCKMODE mode, const query::Schema& schema) {
  pg::call([&] {
    const LOCKTAG tag = tag_of(what, schema);
    LockAcquire(&tag, mode, false, false);
  });
}

}  // namespace

Subtransaction::Subtransaction() : context_(CurrentMemoryContext), owner_(CurrentResourceOwner) {
  pg::call([] { BeginInternalSubTransaction(nullptr); });
  MemoryContextSwitchTo(context_);
}

void Subtransaction::end() {
  open_ = false;
  MemoryContextSwitchTo(context_);
  CurrentResourceOwner = owner_;
}

void Subtransaction::commit() {
  pg::call([] { ReleaseCurrentSubTransaction(); });
  end();
}

// An error that is on its way must not leave it open: the server would take the transaction for one of the client's.
Subtransaction::~Subtransaction() {
  if (!open_) return;
  RollbackAndReleaseCurrentSubTransaction();
  end();
}

namespace {

// The same as kLock; false if the table isn't a plain one.
bool lock_rows(const query::Schema& schema, std::span<const std::int64_t> clusters, bool with_rows,
               std::pmr::vector<ClusterVersion>& locked) {
  pg::direct::Open customers;
  OpenRows rows;
  if (!rows.begin(schema, {{&customers, &kProfileRows}})) return false;
  {
    std::optional<pg::RowContext> memory;
    if (!with_rows) memory.emplace();
    for (const std::int64_t cluster : clusters) {
      pg::poll()();
      const HeapTuple row = pg::call([&] {
        const HeapTuple found = customers.find({Int64GetDatum(cluster)});
        return found == nullptr ? nullptr : customers.lock(found);
      });
      if (row == nullptr) continue;
      locked.push_back({cluster, HeapTupleHeaderGetRawXmin(row->t_data), with_rows ? row : nullptr});
      if (memory) memory->reset();
    }
  }
  rows.end();
  return true;
}

}  // namespace

std::pmr::vector<ClusterVersion> lock_clusters(const query::Schema& schema, std::span<const std::int64_t> clusters,
                                               bool with_rows, std::pmr::memory_resource* resource) {
  std::pmr::vector<ClusterVersion> locked(resource);
  if (lock_rows(schema, clusters, with_rows, locked)) return locked;
  const query::Rows rows = schema.run(kLock, {query::array(clusters)});
  for (std::uint64_t i = 0; i < rows.size(); ++i)
    locked.push_back({rows.int8(i, 1), DatumGetTransactionId(rows.value(i, 2))});
  return locked;
}

void lock_space(const query::Schema& schema) { acquire(kSpace, ExclusiveLock, schema); }
void share_space(const query::Schema& schema) { acquire(kSpace, ShareLock, schema); }

bool try_share_space(const query::Schema& schema) {
  const LOCKTAG tag = tag_of(kSpace, schema);
  return LockAcquire(&tag, ShareLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}
void unshare_space(const query::Schema& schema) {
  const LOCKTAG tag = tag_of(kSpace, schema);
  LockRelease(&tag, ShareLock, false);
}

void lock_rules(const query::Schema& schema) {
  pg::call([&] {
    const Oid table = schema.table("space");
    if (const AclResult result = pg_class_aclcheck(table, GetUserId(), ACL_UPDATE); result != ACLCHECK_OK)
      aclcheck_error(result, OBJECT_TABLE, "space");
  });
  acquire(kRules, ExclusiveLock, schema);
}
void share_rules(const query::Schema& schema) { acquire(kRules, ShareLock, schema); }

}  // namespace cdp::sql
