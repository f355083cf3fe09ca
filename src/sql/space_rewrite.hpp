// Writes a whole table anew, as the server's own commands do: all rows into a new heap, then that in place of the old
// one, and all indexes built from it. For a table of which most rows change this is many times faster than UPDATE.
#pragma once

#include <span>
#include <string_view>

#include "pg/guard.hpp"
#include "pg/postgres.hpp"

struct BulkInsertStateData;

namespace cdp::sql {

// Plain data: of what an error interrupts, the server disposes. The table has to be locked by ACCESS EXCLUSIVE.
class TableRewrite {
 public:
  // `columns` have to be all there are. 55006 if the session itself is at work with the table.
  TableRewrite(Oid table, std::span<const std::string_view> columns);
  TableRewrite(const TableRewrite&) = delete;
  TableRewrite& operator=(const TableRewrite&) = delete;

  // Of the old rows the next one, or false. In the order of the columns given.
  bool next(Datum* values, bool* nulls);
  void put(const Datum* values, const bool* nulls);
  void finish();

 private:
  static constexpr int kBatch = 500, kMostColumns = 16;

  void open(std::span<const std::string_view> columns);
  void flush();

  Oid table_, heap_ = InvalidOid;
  Relation old_ = nullptr, new_ = nullptr;
  TableScanDesc scan_ = nullptr;
  Snapshot snapshot_ = nullptr;
  TupleTableSlot* read_ = nullptr;
  TupleTableSlot* slots_[kBatch] = {};
  int waiting_ = 0;
  BulkInsertStateData* state_ = nullptr;
  int columns_[kMostColumns] = {};  // places in a row
  int count_ = 0;
};

}  // namespace cdp::sql
