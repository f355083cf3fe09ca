// src/pg/direct.cpp: rows without the executor.
#include "pg/direct.hpp"

extern "C" {
#include "access/relation.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/index.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
}

namespace cdp::pg::direct {

// What was found out about a table; the server tells when it is no longer true.
struct Open::Known {
  Oid id = InvalidOid;
  const Table* table = nullptr;
  bool plain = false;
  Oid index = InvalidOid;
  std::array<AttrNumber, kMostColumns> columns;
};

namespace {

bool is_written(const Table& table, int column) { return table.first_written > 0 && column >= table.first_written; }

bool has_columns(Relation relation, const Table& table, AttrNumber* columns) {
  int i = 0;
  for (const Table::Column& one : table.columns) {
    const AttrNumber number = columns[i++] = get_attnum(RelationGetRelid(relation), one.name);
    if (number <= 0) return false;
    const Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), number - 1);
    if (attribute->atttypid != query::type_of(one.type) || attribute->attgenerated != '\0') return false;
  }
  return true;
}

// Those of foreign keys don't look at columns that are not their own.
bool has_triggers(Relation relation) {
  const TriggerDesc* const all = relation->trigdesc;
  for (int i = 0; all != nullptr && i < all->numtriggers; ++i) {
    const Trigger& one = all->triggers[i];
    if (TRIGGER_FOR_UPDATE(one.tgtype) && RI_FKey_trigger_type(one.tgfoid) == RI_TRIGGER_NONE) return true;
  }
  return false;
}

bool checks(Relation relation, const Table& table, const AttrNumber* columns) {
  const TupleConstr* const all = RelationGetDescr(relation)->constr;
  if (all == nullptr) return false;
  if (all->has_generated_stored) return true;
  Bitmapset* checked = nullptr;
  for (int i = 0; i < all->num_check; ++i)
    pull_varattnos(static_cast<Node*>(stringToNode(all->check[i].ccbin)), 1, &checked);
  const auto has = [checked](int number) {
    return bms_is_member(number - FirstLowInvalidHeapAttributeNumber, checked);
  };
  if (has(0)) return true;
  for (int i = 0; i < static_cast<int>(table.columns.size()); ++i)
    if (is_written(table, i) && has(columns[i])) return true;
  return false;
}

bool is_plain(Relation relation, const Table& table, const AttrNumber* columns) {
  const Form_pg_class about = relation->rd_rel;
  if (about->relkind != RELKIND_RELATION || about->relam != HEAP_TABLE_AM_OID || about->relhassubclass ||
      about->relispartition || about->relrowsecurity || relation->rd_rules != nullptr)
    return false;
  return table.first_written == 0 || (!has_triggers(relation) && !checks(relation, table, columns));
}

// An index of one's own may have some of the rows only.
bool has_all_rows(Relation relation, Relation index, const Table& table) {
  const List* const predicate = RelationGetIndexPredicate(index);
  if (table.only_if_null == nullptr) return predicate == NIL;
  if (list_length(predicate) != 1 || !IsA(linitial(predicate), NullTest)) return false;
  const auto* const test = static_cast<const NullTest*>(linitial(predicate));
  return test->nulltesttype == IS_NULL && IsA(test->arg, Var) &&
         reinterpret_cast<const Var*>(test->arg)->varattno ==
             get_attnum(RelationGetRelid(relation), table.only_if_null);
}

// The unique index of exactly these columns, or InvalidOid.
Oid index_of(Relation relation, const Table& table, const AttrNumber* columns) {
  Oid found = InvalidOid;
  List* const all = RelationGetIndexList(relation);
  ListCell* cell;
  foreach (cell, all) {
    const Relation index = index_open(lfirst_oid(cell), AccessShareLock);
    const Form_pg_index about = index->rd_index;
    bool same = about->indisunique && about->indisvalid && about->indisready && about->indnkeyatts == table.keys &&
                about->indnatts == table.keys && index->rd_rel->relam == BTREE_AM_OID && !about->indcheckxmin &&
                has_all_rows(relation, index, table);
    for (int i = 0; same && i < table.keys; ++i)
      same = about->indkey.values[i] == columns[i] && index->rd_opfamily[i] < FirstNormalObjectId;
    if (same) found = lfirst_oid(cell);
    index_close(index, AccessShareLock);
  }
  list_free(all);
  return found;
}

void raise_updated() {
  ereport(ERROR,
          (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE), errmsg("could not serialize access due to concurrent update")));
}

RegProcedure equality_of(Oid type) {
  switch (type) {
    case BOOLOID: return F_BOOLEQ;
    case INT4OID: return F_INT4EQ;
    case INT8OID: return F_INT8EQ;
    case TEXTOID: return F_TEXTEQ;
    default: return F_ARRAY_EQ;
  }
}

}  // namespace

Open::Known& Open::known_of(Relation relation, const Table& table) {
  static Known all[64];
  static std::uint64_t changes = 0;
  static bool watching = false;
  if (!watching) {
    CacheRegisterRelcacheCallback(
        [](Datum, Oid changed) {
          ++changes;
          for (Known& one : all)
            if (changed == InvalidOid || one.id == changed) one.id = InvalidOid;
        },
        Datum{0});
    watching = true;
  }
  const Oid id = RelationGetRelid(relation);
  Known& place = all[id % 64];
  if (place.id == id && place.table == &table) return place;
  const std::uint64_t before = changes;
  Known found;
  found.table = &table;
  found.plain = has_columns(relation, table, found.columns.data()) && is_plain(relation, table, found.columns.data());
  if (found.plain) found.index = index_of(relation, table, found.columns.data());
  // What changed meanwhile may be part of it: as good as what the executor knows, but for this once.
  found.id = changes == before ? id : InvalidOid;
  place = found;
  return place;
}

bool Open::open(const query::Schema& schema, const Table& table) {
  const Oid id = schema.table(table.name);
  if (!OidIsValid(id)) return false;
  const AclMode rights = table.rights;
  if (pg_class_aclmask(id, GetUserId(), rights, ACLMASK_ALL) != rights) return false;
  const bool writes = table.first_written > 0;
  relation_ = try_relation_open(id, writes ? RowExclusiveLock : AccessShareLock);
  if (relation_ == nullptr) return false;
  const Known& known = known_of(relation_, table);
  if (!known.plain || !OidIsValid(known.index)) {
    table_close(relation_, NoLock);
    return false;
  }
  if (writes) CheckCmdReplicaIdentity(relation_, CMD_UPDATE);
  table_ = &table;
  index_ = index_open(known.index, AccessShareLock);
  columns_ = known.columns;
  return true;
}

void Open::begin(Snapshot snapshot) {
  context_ = CurrentMemoryContext;
  for (int i = 0; i < table_->keys; ++i) {
    const Oid type = table_->columns.begin()[i].type;
    ScanKeyEntryInitialize(&keys_[static_cast<std::size_t>(i)], 0, static_cast<AttrNumber>(i + 1),
                           BTEqualStrategyNumber, InvalidOid, index_->rd_indcollation[i], equality_of(type), Datum{0});
  }
#if PG_VERSION_NUM >= 180000
  scan_ = index_beginscan(relation_, index_, snapshot, nullptr, table_->keys, 0);
#else
  scan_ = index_beginscan(relation_, index_, snapshot, table_->keys, 0);
#endif
  slot_ = table_slot_create(relation_, nullptr);
}

void Open::close() {
  if (slot_ != nullptr) ExecDropSingleTupleTableSlot(slot_);
  if (scan_ != nullptr) index_endscan(scan_);
  index_close(index_, NoLock);
  table_close(relation_, NoLock);
}

HeapTuple Open::find(std::initializer_list<Datum> key) {
  std::size_t count = 0;
  for (const Datum one : key) keys_[count++].sk_argument = one;
  // The scan keeps memory of its own for as long as it lasts.
  const MemoryContext caller = MemoryContextSwitchTo(context_);
  index_rescan(scan_, keys_.data(), static_cast<int>(count), nullptr, 0);
  const bool found = index_getnext_slot(scan_, ForwardScanDirection, slot_);
  MemoryContextSwitchTo(caller);
  HeapTuple copy = nullptr;
  if (found) copy = ExecCopySlotHeapTuple(slot_);
  ExecClearTuple(slot_);
  return copy;
}

Datum Open::value(HeapTuple row, int column) const {
  bool null;
  const Datum value = heap_getattr(row, columns_[static_cast<std::size_t>(column)], RelationGetDescr(relation_), &null);
  if (null)
    ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("a column of \"%s\" must not be null", table_->name)));
  return value;
}

HeapTuple Open::lock(HeapTuple row) const {
  std::uint8_t flags = TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS;
  if (!IsolationUsesXactSnapshot()) flags |= TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
  TM_FailureData failure;
  const TM_Result result =
      table_tuple_lock(relation_, &row->t_self, scan_->xs_snapshot, slot_, GetCurrentCommandId(true),
                       LockTupleExclusive, LockWaitBlock, flags, &failure);
  if (result != TM_Ok && IsolationUsesXactSnapshot()) raise_updated();
  const HeapTuple copy = result == TM_Ok ? ExecCopySlotHeapTuple(slot_) : nullptr;
  ExecClearTuple(slot_);
  return copy;
}

bool Open::try_lock(HeapTuple row) const {
  TM_FailureData failure;
  const TM_Result result =
      table_tuple_lock(relation_, &row->t_self, scan_->xs_snapshot, slot_, GetCurrentCommandId(true),
                       LockTupleNoKeyExclusive, LockWaitSkip, 0, &failure);
  ExecClearTuple(slot_);
  return result == TM_Ok;
}

namespace {

// The row has moved to another page: as catalogs do it.
void add_to_indexes(Relation relation, TupleTableSlot* slot, [[maybe_unused]] bool only_summarizing) {
  EState* const state = CreateExecutorState();
  ResultRelInfo* const result = makeNode(ResultRelInfo);
  result->ri_RelationDesc = relation;
  ExecOpenIndices(result, false);
#if PG_VERSION_NUM >= 160000
  List* const again = ExecInsertIndexTuples(result, slot, state, true, false, nullptr, NIL, only_summarizing);
#else
  List* const again = ExecInsertIndexTuples(result, slot, state, true, false, nullptr, NIL);
#endif
  list_free(again);
  ExecCloseIndices(result);
  FreeExecutorState(state);
}

}  // namespace

void Open::write(HeapTuple row, std::initializer_list<Datum> values) const {
  const TupleDesc description = RelationGetDescr(relation_);
  const auto width = static_cast<std::size_t>(description->natts);
  auto* const all = static_cast<Datum*>(palloc0(width * sizeof(Datum)));
  auto* const nulls = static_cast<bool*>(palloc0(width));
  auto* const replaced = static_cast<bool*>(palloc0(width));
  auto column = static_cast<std::size_t>(table_->first_written);
  for (const Datum one : values) {
    const auto at = static_cast<std::size_t>(columns_[column++] - 1);
    all[at] = one;
    replaced[at] = one != 0;
  }
  const HeapTuple made = heap_modify_tuple(row, description, all, nulls, replaced);
  TupleTableSlot* const slot = MakeSingleTupleTableSlot(description, &TTSOpsHeapTuple);
  ExecStoreHeapTuple(made, slot, false);
  TM_FailureData failure;
  LockTupleMode lock;
#if PG_VERSION_NUM >= 160000
  TU_UpdateIndexes indexes = TU_None;
  constexpr TU_UpdateIndexes none = TU_None;
#else
  bool indexes = false;
  constexpr bool none = false;
#endif
  const TM_Result result = table_tuple_update(relation_, &row->t_self, slot, GetCurrentCommandId(true),
                                              scan_->xs_snapshot, InvalidSnapshot, true, &failure, &lock, &indexes);
  if (result != TM_Ok) raise_updated();
#if PG_VERSION_NUM >= 160000
  if (indexes != none) add_to_indexes(relation_, slot, indexes == TU_Summarizing);
#else
  if (indexes != none) add_to_indexes(relation_, slot, false);
#endif
  ExecDropSingleTupleTableSlot(slot);
}

}  // namespace cdp::pg::direct
