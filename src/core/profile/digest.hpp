// The short way from a log to its profile, for the log that most groups have: a few rows and nothing else.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/profile/dictionary.hpp"
#include "core/profile/format.hpp"

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
  static constexpr std::size_t kMaxRows = format::kDefaultKeep;
  static constexpr std::uint32_t kMaxNames = 1024;  // names in a log, and kept from one to the next

  struct Row {
    std::int64_t time;
    std::string_view source;
    ByteSpan members;
    std::uint32_t source_rank;
    bool time_used, source_used;
    std::uint8_t time_index, source_index;
  };
  // A (value, source) pair of an attribute: where its value stands, and in which rows it was seen last and first.
  struct Pair {
    const std::byte* value;  // with its head
    std::uint32_t size, mark;
    std::uint8_t row, first_row, times;
    std::uint8_t pool;  // number of the value among the distinct ones
  };
  struct Attribute {
    std::uint8_t count = 0, pool = 0;
    Pair pairs[kMaxRows];
  };

  bool read_rows(ByteSpan log);
  bool add_members(std::uint8_t row);
  bool add_pair(Attribute& attribute, const std::byte* value, std::uint32_t size, std::uint8_t row);
  void number_rows();
  void write_record(std::uint32_t name, std::byte*& to);

  Dictionary names_, sources_;
  Row rows_[kMaxRows];
  std::size_t row_count_ = 0, pair_count_ = 0;
  std::pmr::vector<Attribute> attributes_;  // by name
  std::pmr::vector<std::uint32_t> present_, starts_;
  std::pmr::vector<std::string_view> source_names_;
  std::pmr::vector<std::int64_t> times_;
  Buffer records_;
};

}  // namespace cdp::core::log
