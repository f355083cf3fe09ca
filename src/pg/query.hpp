// Statements of the extension's own on the tables of a schema: prepared once a session for each schema, run with plain
// arguments, read row by row. Everything here throws and never raises, but needs what SPI needs: connect() before,
// finish() after what went well. (After an error the server cleans up by itself.)
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pg/guard.hpp"
#include "pg/postgres.hpp"

namespace cdp::pg::query {

inline void connect() {
  call([] { SPI_connect(); });
}
inline void finish() {
  call([] { SPI_finish(); });
}

// One object for each statement, with the life of the session: it is what plans are remembered by. `{space}` in the
// text stands for the name of the schema.
struct Statement {
  const char* text;
  std::initializer_list<Oid> types;
};

// Of arguments that are arrays of the extension's own types, whatever their numbers are in this database.
inline constexpr Oid kProfileArray = UINT32_MAX - 1, kTimelineArray = UINT32_MAX;
// These types themselves, and what number they have. Raises.
inline constexpr Oid kProfile = UINT32_MAX - 3, kTimeline = UINT32_MAX - 2;
Oid type_of(Oid type);

struct Argument {
  Datum value = 0;
  bool null = false;
};

// Arrays without nulls, in the current memory context.
Argument array(std::span<const std::int64_t> values, Oid element = INT8OID);  // also TIMESTAMPTZOID
Argument array(std::span<const std::int32_t> values);
Argument array(std::span<const double> values);
Argument array(std::span<const bool> values);
Argument array(std::span<const std::string_view> values);
Argument varlena_array(std::span<const Datum> values, Oid array);  // kProfileArray, kTimelineArray, JSONBARRAYOID
Argument text(std::string_view value);
inline Argument int8(std::int64_t value) { return {Int64GetDatum(value)}; }
inline Argument int4(std::int32_t value) { return {Int32GetDatum(value)}; }
inline Argument float8(double value) { return {Float8GetDatum(value)}; }

// NULL for nothing.
template <typename T, typename Make>
Argument optional(const std::optional<T>& value, const Make& make) {
  return value ? make(*value) : Argument{0, true};
}

// What a statement returned. Its memory is given back when this is destroyed.
class Rows {
 public:
  Rows(SPITupleTable* table, std::uint64_t count) noexcept : table_(table), count_(count) {}
  Rows(Rows&& other) noexcept : table_(other.table_), count_(other.count_) { other.table_ = nullptr; }
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  std::uint64_t size() const noexcept { return count_; }  // of rows returned, or changed by what returns none
  bool is_null(std::uint64_t row, int column) const noexcept;
  Datum value(std::uint64_t row, int column) const noexcept;
  std::int64_t int8(std::uint64_t row, int column) const noexcept { return DatumGetInt64(value(row, column)); }
  std::int32_t int4(std::uint64_t row, int column) const noexcept { return DatumGetInt32(value(row, column)); }
  double float8(std::uint64_t row, int column) const noexcept { return DatumGetFloat8(value(row, column)); }
  bool boolean(std::uint64_t row, int column) const noexcept { return DatumGetBool(value(row, column)); }
  // Valid while the rows are.
  std::string_view text(std::uint64_t row, int column) const;

 private:
  SPITupleTable* table_;
  std::uint64_t count_;
};

// The tables of one schema.
class Schema {
 public:
  // `name` has to outlive it. Only to be looked at: all is as the caller's statement sees it.
  explicit Schema(std::string_view name, bool look_only = false) noexcept : name_(name), look_only_(look_only) {}
  Rows run(const Statement& statement, std::initializer_list<Argument> arguments) const {
    return execute(statement, arguments, look_only_);
  }
  // Sees what the caller's statement sees, not what was written since it began.
  Rows read(const Statement& statement, std::initializer_list<Argument> arguments) const {
    return execute(statement, arguments, true);
  }
  std::string_view name() const noexcept { return name_; }
  // InvalidOid if there is no such table, or no such schema.
  Oid table(const char* table) const;
  // The name of one of its tables, as SQL reads it.
  std::string qualified(const char* table) const;
  // For statements about whole tables: planned as the server sees fit.
  Rows sweep(const Statement& statement, std::initializer_list<Argument> arguments) const;
  // Sees what has been committed by now, whatever the isolation level. Without arguments.
  Rows newest(const Statement& statement) const;
  bool look_only() const noexcept { return look_only_; }

 private:
  friend class Cursor;
  Rows execute(const Statement& statement, std::initializer_list<Argument> arguments, bool read_only) const;

  std::string_view name_;
  bool look_only_;
};

// What a statement about whole tables returns, some rows at a time. Nothing may be rolled back between.
class Cursor {
 public:
  explicit Cursor(const Schema& schema, const Statement& statement, std::initializer_list<Argument> arguments = {});
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  Rows next() const;  // none at the end
  // After an error the server closes it.
  void close() const {
    call([this] { SPI_cursor_close(portal_); });
  }

 private:
  Portal portal_;
};

// Calls `take(rows, i)` for each row.
template <typename Take>
void each_row(const Schema& schema, const Statement& statement, std::initializer_list<Argument> arguments,
              const Take& take) {
  const Cursor cursor(schema, statement, arguments);
  for (;;) {
    const Rows rows = cursor.next();
    if (rows.size() == 0) break;
    for (std::uint64_t i = 0; i < rows.size(); ++i) take(rows, i);
  }
  cursor.close();
}

}  // namespace cdp::pg::query
