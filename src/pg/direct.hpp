// Single rows of plain tables, found by unique indexes and overwritten without the executor: for what is done to a few
// rows again and again. What the executor alone can do (triggers, row security, checks, generated columns, partitions)
// makes a table one that isn't plain; its rows are left to SQL.
//
// All of it raises: inside pg::call only. After an error the server closes what is open.
#pragma once

#include <array>
#include <initializer_list>

#include "pg/query.hpp"

namespace cdp::pg::direct {

// What is done to a table of a space. One object each, with the life of the session.
struct Table {
  struct Column {
    const char* name;
    Oid type;  // also query::kProfile, query::kTimeline
  };
  const char* name;
  int keys;                               // so many columns are those of a unique index, in its order
  std::initializer_list<Column> columns;  // named by their place here
  int first_written = 0;                  // columns from here on are overwritten; 0: none is
  AclMode rights = ACL_SELECT;
  const char* only_if_null = nullptr;  // a column: that index has the rows where it is NULL, all others aren't found
};

class Open {
 public:
  // False if there is no such table, if it isn't plain, or if the caller may not do that to it.
  bool open(const query::Schema& schema, const Table& table);
  // Once after it was opened: what find() sees, in memory that lives as long as it is open.
  void begin(Snapshot snapshot);
  void close();

  // A copy of the row, or null.
  HeapTuple find(std::initializer_list<Datum> key);
  // Of a column that is never null.
  Datum value(HeapTuple row, int column) const;

  // Waits for whoever has locked it, and keeps others from writing it until the transaction ends. A copy of the row as
  // it is then, or null if it is gone; 40001 where the transaction may not see what has become of it.
  HeapTuple lock(HeapTuple row) const;
  // Without waiting: false if somebody else has locked or written this row since it was found.
  bool try_lock(HeapTuple row) const;
  // `values` of the columns from first_written on, of which those that aren't 0 are overwritten. Waits for who has
  // locked the row; 40001 if it was written since it was found.
  void write(HeapTuple row, std::initializer_list<Datum> values) const;

 private:
  static constexpr int kMostColumns = 10, kMostKeys = 4;

  struct Known;
  static Known& known_of(Relation relation, const Table& table);

  Relation relation_, index_;
  const Table* table_;
  std::array<AttrNumber, kMostColumns> columns_;
  // One scan for all that is found: to begin one costs as much as to find a row.
  IndexScanDesc scan_ = nullptr;
  TupleTableSlot* slot_ = nullptr;
  MemoryContext context_ = nullptr;
  std::array<ScanKeyData, kMostKeys> keys_;
};

}  // namespace cdp::pg::direct
