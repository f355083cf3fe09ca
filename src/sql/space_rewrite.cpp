// src/sql/space_rewrite.cpp: a table written anew.
#include "sql/space_rewrite.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/multixact.h"
#include "access/tableam.h"
#include "commands/cluster.h"
#include "commands/tablecmds.h"
#include "storage/predicate.h"
#include "utils/snapmgr.h"
}

namespace cdp::sql {

TableRewrite::TableRewrite(Oid table, std::span<const std::string_view> columns) : table_(table) {
  pg::call([&] { open(columns); });
}

// Raises, as all that is called within pg::call.
void TableRewrite::open(std::span<const std::string_view> columns) {
  old_ = table_open(table_, AccessExclusiveLock);
  CheckTableNotInUse(old_, "cdp.resolve");
  for (const std::string_view each : columns) {
    const char* const column = pnstrdup(each.data(), each.size());
    const AttrNumber number = get_attnum(table_, column);
    if (number == InvalidAttrNumber)
      ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
                      errmsg("column \"%s\" of table \"%s\" does not exist", column, RelationGetRelationName(old_))));
    columns_[count_++] = number - 1;
  }
  for (int i = 0, known = 0; i < RelationGetDescr(old_)->natts; ++i) {
    if (!TupleDescAttr(RelationGetDescr(old_), i)->attisdropped) ++known;
    if (known > count_)
      ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                      errmsg("table \"%s\" has columns of others", RelationGetRelationName(old_))));
  }
  heap_ = make_new_heap(table_, old_->rd_rel->reltablespace, old_->rd_rel->relam, old_->rd_rel->relpersistence,
                        AccessExclusiveLock);
  new_ = table_open(heap_, AccessExclusiveLock);
  for (TupleTableSlot*& slot : slots_) slot = table_slot_create(new_, nullptr);
  state_ = GetBulkInsertState();
}

bool TableRewrite::next(Datum* values, bool* nulls) {
  return pg::call([&] {
    if (scan_ == nullptr) {
      read_ = table_slot_create(old_, nullptr);
      snapshot_ = RegisterSnapshot(GetLatestSnapshot());
      scan_ = table_beginscan(old_, snapshot_, 0, nullptr);
    }
    if (!table_scan_getnextslot(scan_, ForwardScanDirection, read_)) return false;
    slot_getallattrs(read_);
    for (int i = 0; i < count_; ++i) {
      values[i] = read_->tts_values[columns_[i]];
      nulls[i] = read_->tts_isnull[columns_[i]];
    }
    return true;
  });
}

void TableRewrite::put(const Datum* values, const bool* nulls) {
  pg::call([&] {
    TupleTableSlot* const slot = slots_[waiting_];
    ExecClearTuple(slot);
    for (int i = 0; i < slot->tts_tupleDescriptor->natts; ++i) slot->tts_isnull[i] = true;  // dropped columns
    for (int i = 0; i < count_; ++i) {
      slot->tts_values[columns_[i]] = values[i];
      slot->tts_isnull[columns_[i]] = nulls[i];
    }
    ExecStoreVirtualTuple(slot);
    ExecMaterializeSlot(slot);
    if (++waiting_ == kBatch) flush();
  });
}

void TableRewrite::flush() {
  CHECK_FOR_INTERRUPTS();
  if (waiting_ > 0)
    table_multi_insert(new_, slots_, waiting_, GetCurrentCommandId(true), TABLE_INSERT_SKIP_FSM, state_);
  waiting_ = 0;
}

void TableRewrite::finish() {
  pg::call([&] {
    flush();
    if (scan_ != nullptr) {
      table_endscan(scan_);
      UnregisterSnapshot(snapshot_);
      ExecDropSingleTupleTableSlot(read_);
    }
    for (TupleTableSlot* const slot : slots_) ExecDropSingleTupleTableSlot(slot);
    FreeBulkInsertState(state_);
    table_finish_bulk_insert(new_, TABLE_INSERT_SKIP_FSM);
    const char persistence = old_->rd_rel->relpersistence;
    TransferPredicateLocksToHeapRelation(old_);  // as rows are in other places now
    table_close(new_, NoLock);
    table_close(old_, NoLock);
    finish_heap_swap(table_, heap_, false, false, true, true, RecentXmin, ReadNextMultiXactId(), persistence);
    CommandCounterIncrement();
  });
}

}  // namespace cdp::sql
