// The short way from a log to its profile, for the log that most groups have: a few rows and nothing else.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/profile/dictionary.hpp"
#include "core/profile/format.hpp"
#include "core/profile/log.hpp"

namespace cdp::core::log {

// With at most as many rows as an attribute keeps pairs, nothing can overflow; and once the rows are in the order of
// time, so is what each attribute keeps. Values are copied as they stand. Writes the bytes that a ProfileBuilder would.
class Digest {
 public:
  explicit Digest(std::pmr::memory_resource* resource);

  // Appends the profile of the log, whose last item is followed by kSlack bytes. False, with nothing written, when the
  // log needs the long way: many rows, profiles among them, more than 1024 attributes (the builder checks their limit),
  // or two rows that differ in neither time nor source but in a value.
  bool write(ByteSpan log, Buffer& out);

 private:
  static constexpr std::size_t kMaxRows = format::kDefaultKeep, kTables = 8;
  static constexpr std::uint32_t kMaxNames = 1024;  // kept from one log to the next, and new in one
  static constexpr std::uint32_t kNone = Dictionary::kEmpty;
  static constexpr std::uint8_t kCounted = UINT8_MAX, kNoRow = UINT8_MAX;

  // A table of words, read: as names and as sources, when they are first met as such.
  struct Table {
    ByteSpan texts() const noexcept { return {bytes, size}; }

    std::uint64_t log = 0;  // the last one that it was met in
    std::size_t size = 0;
    std::byte bytes[kMostWordBytes];
    std::string_view words[kMostWords];
    std::uint32_t names[kMostWords], sources[kMostWords];
  };
  struct Row {
    std::int64_t time;
    const std::byte *members, *end;
    Table* table;  // of a coded row
    std::uint32_t source, source_rank;
  };
  // A (value, source) pair of an attribute: where its value stands, and in which rows it was seen last and first.
  struct Pair {
    const std::byte* value;  // with its head
    std::uint64_t mark;
    std::uint32_t size;
    std::uint8_t row, first_row, times;
    std::uint8_t pool;  // number of the value among the distinct ones
  };
  struct Attribute {
    // Bit of each mark that is in the pairs: mostly tells at once that a value is new.
    std::uint64_t marks = 0;
    std::uint8_t count = 0, pool = 0, last_row = kNoRow;
    std::uint8_t head_size = 0;  // 0: too long to be kept here
    std::byte head[28];          // how its record begins: text(name)
    Pair pairs[kMaxRows];
  };

  void start_over();
  bool read_rows(ByteSpan log);
  Table* table(ByteSpan texts);
  void sort_rows();
  bool add_members(std::uint8_t row);
  std::uint32_t attribute_of(std::string_view name, std::uint32_t guess);
  std::uint32_t attribute_of(Table& table, std::byte number);
  bool add_pair(Attribute& attribute, const std::byte* value, std::uint32_t size, std::uint8_t row);
  bool tied(std::uint8_t last, std::uint8_t row) const noexcept;
  std::uint8_t add_again(Attribute& attribute, std::uint64_t mark, ByteSpan value, std::uint8_t row);
  void sort_names();
  void number_times();
  void number_sources();
  void write_record(std::uint32_t name, std::byte*& end);

  Dictionary names_, sources_;
  std::pmr::vector<Table> tables_;
  std::uint64_t logs_ = 0;
  std::size_t next_table_ = 0;
  Row rows_[kMaxRows];
  std::uint8_t order_[kMaxRows];       // of the rows: most recent first, then by source
  std::uint32_t time_uses_[kMaxRows];  // by pairs, as their last or first time
  std::uint8_t source_index_[kMaxRows], time_index_[kMaxRows];
  std::size_t row_count_ = 0;
  bool ties_ = false;                                           // rows of the same time and source
  std::pmr::vector<Attribute> attributes_;                      // by name
  std::uint64_t name_set_[2 * kMaxNames / 64] = {};             // names that are in the log
  std::pmr::vector<std::uint32_t> present_, by_rank_, starts_;  // the same in their order
  std::pmr::vector<std::string_view> source_names_;
  std::pmr::vector<std::int64_t> times_;
  Buffer records_;
};

}  // namespace cdp::core::log
