// F(S, N, c): builds the timeline of a set of events. What it writes depends on the events alone, not on their order
// nor on how they were grouped into timelines on the way. docs/timeline.md states the laws.
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/profile/dictionary.hpp"
#include "core/timeline/exact_sum.hpp"
#include "core/timeline/row_properties.hpp"
#include "core/timeline/view.hpp"

namespace cdp::core {

class TimelineBuilder {
 public:
  explicit TimelineBuilder(std::pmr::memory_resource* resource,
                           std::uint64_t most_properties = timeline::kMostProperties);

  // `properties` are text(key) and value, keys in strictly ascending order of bytes, without null. They and the
  // message id must live until write(); the name is copied.
  void add_event(std::int64_t time, std::string_view name, std::optional<std::string_view> message_id = {},
                 ByteSpan properties = {}) {
    if (rows_.size() == UINT32_MAX) refuse_events();
    name_ = names_.intern(name, name_);
    rows_.push_back({time, name_, message_id ? static_cast<std::uint32_t>(message_id->size()) : kNone,
                     message_id ? message_id->data() : nullptr, timeline::RowProperties(properties)});
  }
  // The timeline's bytes must live until write().
  void add_timeline(const TimelineView& timeline, const Poll& poll = {});
  void limit_keep(std::uint32_t keep) noexcept { keep_ = keep < keep_ ? keep : keep_; }
  void cut(std::int64_t before) noexcept { cut_ = before > cut_ ? before : cut_; }

  // The totals of events that are no longer kept, and their sums, which belong to the last totals.
  void add_folded(std::string_view name, std::uint64_t count, std::int64_t first, std::int64_t horizon);
  void add_folded_sum(std::string_view key, std::uint64_t count, ByteSpan total);

  // A copy of bytes that lives until clear().
  ByteSpan copy(ByteSpan bytes);

  // Appends the canonical payload of everything added. 54000 beyond 1 GB and beyond kMostProperties, 22003 for a sum
  // out of range.
  void write(Buffer& out, const Poll& poll = {});

  [[noreturn]] static void refuse_properties();

  // Events and their properties that write() wrote last: what it costs to add them again.
  std::uint64_t written() const noexcept { return written_; }

  // Forgets everything added, also what an exception left half done; keeps the memory.
  void clear();

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  template <typename T>
  using Vector = std::pmr::vector<T>;

  struct Row {
    std::int64_t time;
    std::uint32_t name, id_size;  // id_size: kNone without a message id
    const char* id;
    timeline::RowProperties properties;
  };
  // A row in the order of time and name. The low half of `rest` is the row, the high half the name's rank.
  struct Key {
    std::int64_t time;
    std::uint64_t rest;
    std::uint32_t row() const noexcept { return static_cast<std::uint32_t>(rest); }
  };
  struct NameUse {
    std::uint32_t write = 0;  // the last one that used it
    std::uint32_t kept = 0, index = 0, fold = kNone;
  };
  struct Fold {
    std::uint32_t name;
    std::uint64_t count;
    std::int64_t first, horizon;
  };
  struct FoldSum {
    std::uint32_t fold, key;
    std::uint64_t count;
    timeline::ExactSum total;
  };
  // A property of a kept event.
  struct Cell {
    const std::byte* value;  // with its head
    std::int64_t mantissa;
    std::uint32_t key, event;
    std::uint32_t index;  // in values_, then in the dictionary
    std::uint8_t scale;   // kNotScaled: mantissa and scale don't hold it
    bool is_number;
  };
  static constexpr std::uint8_t kNotScaled = UINT8_MAX;
  // Where a long value was found when it was last interned, that of one write().
  struct Interned {
    const std::byte* value = nullptr;
    std::uint32_t write = 0, index = 0;
  };
  // The cells of a key: a range of cell_order_, and how its numbers are stored.
  struct KeyUse {
    std::uint32_t key, rank, begin, end;
    std::uint32_t numbers = 0;  // cells in the column of numbers
    unsigned scale = 0, width = 0;
    std::int64_t base = 0;
  };

  [[noreturn]] static void refuse_events();
  void add_places(const TimelineView& timeline, const Poll& poll);
  void make_room_for(std::uint64_t properties, const Poll& poll);
  int compare_rest(const Row& a, const Row& b) const noexcept;
  void sort_rows(const Poll& poll);
  void fold_rows(const Poll& poll);
  void fold_row(const Row& row);
  std::uint32_t fold_of(std::uint32_t name, std::int64_t time);
  void add_to_sum(std::uint32_t fold, std::string_view key, std::uint64_t count, ByteSpan total);
  void number_names();
  void write_events(Buffer& out);
  void write_folded(Buffer& out);
  void collect_cells(const Poll& poll);
  void scale_numbers(KeyUse& use);
  std::uint32_t intern(const Value& value);
  std::uint32_t intern_at(const std::byte* value);
  std::size_t slot_of(const Value& value) const noexcept;
  void intern_values(const Poll& poll);
  void rank_values(const Poll& poll);
  void write_properties(std::size_t start, Buffer& out, const Poll& poll);
  void write_column(const KeyUse& use, bool numbers, bool same_key, Buffer& out);
  void write_presence(std::uint8_t form, Buffer& out);
  void write_message_ids(Buffer& out);

  std::pmr::monotonic_buffer_resource copies_;
  Dictionary names_, keys_;
  std::uint32_t name_ = 0, keep_ = timeline::kMostKept, write_ = 0;
  std::int64_t cut_ = INT64_MIN;
  std::uint64_t seed_;             // of the hashes of values; see Dictionary
  std::uint64_t most_properties_;  // that may be written
  std::uint64_t written_ = 0;
  std::uint64_t places_ = 0;  // of properties in timelines that were added
  Vector<Row> rows_;
  Vector<Fold> folds_;
  Vector<FoldSum> sums_;
  std::pmr::unordered_map<std::uint64_t, std::uint32_t> sum_of_;  // fold and key
  // What is written.
  Vector<Key> kept_;
  Vector<NameUse> uses_;        // by name
  Vector<std::uint32_t> used_;  // names, then in order
  Vector<Cell> cells_;
  Vector<std::uint32_t> cell_order_, key_counts_, message_ids_;
  Vector<KeyUse> key_uses_;
  Vector<Value> values_;  // distinct ones
  Vector<std::uint32_t> value_slots_, value_order_, value_rank_;
  std::array<Interned, 256> interned_;
  Vector<std::uint32_t> with_;  // events that have what a column is about
  // Of a timeline that is being added.
  Vector<std::string_view> timeline_names_;
  Vector<const std::byte*> timeline_values_;  // with their heads
};

}  // namespace cdp::core
