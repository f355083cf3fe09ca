// Reads a stored timeline in place: no copy, no tree. docs/format.md specifies the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/profile/value.hpp"
#include "core/timeline/format.hpp"
#include "core/timeline/presence.hpp"

namespace cdp::core {

// What is left of the events of one name that are not kept.
struct Folded {
  std::uint64_t count;          // at least one
  std::int64_t first, horizon;  // times of the earliest and of the latest of them
  std::uint64_t sum_count;      // numeric properties that any of them had
  const std::byte* sums;

  struct Sum {
    std::string_view key;
    std::uint64_t count;  // events that had a number there
    ByteSpan total;       // decimal
  };
  // Calls visit(const Sum&) in ascending order of keys.
  template <typename Visit>
  const std::byte* for_each_sum(Visit&& visit) const {
    const std::byte* at = sums;
    for (std::uint64_t left = sum_count; left > 0; --left) {
      const std::size_t key = trusted_varint(at);
      const std::string_view name = as_text({at, key});
      at += key;
      const std::uint64_t events = trusted_varint(at);
      const std::size_t size = trusted_varint(at);
      visit(Sum{name, events, {at, size}});
      at += size;
    }
    return at;
  }
  std::optional<Sum> sum(std::string_view key) const {
    std::optional<Sum> found;
    for_each_sum([&](const Sum& sum) {
      if (sum.key == key) found = sum;
    });
    return found;
  }
};

// The values of one property in the events that have it: numbers × 10^scale, or indexes into the dictionary.
class TimelineColumn {
 public:
  bool is_numbers() const noexcept { return numbers_; }
  unsigned scale() const noexcept { return scale_; }

  const timeline::Presence& presence() const noexcept { return presence_; }
  bool has(std::uint32_t event) const noexcept { return presence_.has(event); }
  // By rank.
  std::int64_t scaled(std::uint32_t rank) const noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(base_) + values_[rank]);
  }
  std::uint64_t index(std::uint32_t rank) const noexcept { return values_[rank]; }

 private:
  friend class TimelineView;
  friend class ColumnReader;
  timeline::Presence presence_;
  timeline::PackedBits values_;
  std::int64_t base_ = 0;
  unsigned scale_ = 0;
  bool numbers_ = false;
};

class TimelineView;

// A property of the events of a timeline; valid while the timeline's bytes are.
class PropertyColumns {
 public:
  bool any() const noexcept { return numbers_ || others_; }  // some event has it
  // All numbers of the property, unless they do not fit 64 bits at one scale; then they stand in others().
  const std::optional<TimelineColumn>& numbers() const noexcept { return numbers_; }
  const std::optional<TimelineColumn>& others() const noexcept { return others_; }

  bool has(std::uint32_t event) const noexcept {
    return (numbers_ && numbers_->has(event)) || (others_ && others_->has(event));
  }
  // The event's value; a number is written into `scratch` and valid until that changes. Looking a value up walks
  // the dictionary: a loop better compares indexes, see TimelineView::find_value().
  std::optional<Value> value(std::uint32_t event, Buffer& scratch) const;

 private:
  friend class TimelineView;
  std::optional<TimelineColumn> numbers_, others_;
  const std::byte* dictionary_ = nullptr;
};

// Steps through the columns in the order of keys; those of numbers first.
class ColumnReader {
 public:
  bool next() noexcept;
  std::string_view key() const noexcept { return key_; }
  const TimelineColumn& column() const noexcept { return column_; }

 private:
  friend class TimelineView;
  ColumnReader(const std::byte* at, const std::byte* end, std::uint32_t events, unsigned index_width) noexcept
      : at_(at), end_(end), events_(events), index_width_(index_width) {}
  void read_body(std::uint8_t head) noexcept;
  timeline::Presence read_presence(std::uint8_t head) noexcept;

  const std::byte *at_, *end_;
  std::uint32_t events_;
  unsigned index_width_;
  std::uint64_t left_ = 0;
  std::string_view key_;
  TimelineColumn column_;
};

class TimelineView {
 public:
  // `payload` is what follows the varlena length, and passed check_timeline() once.
  explicit TimelineView(ByteSpan payload) noexcept
      : payload_(payload),
        count_(load_le<std::uint32_t>(payload.data() + timeline::kCount)),
        flags_(load_le<std::uint16_t>(payload.data() + timeline::kFlags)),
        unit_(timeline::kUnits[static_cast<std::uint8_t>(payload[timeline::kUnit])]) {
    const std::byte* at = payload.data() + timeline::kBody;
    const std::byte* const end = payload.data() + payload.size();
    if (count_ != 0) base_ = unzigzag(trusted_varint(at)) * unit_;
    if ((flags_ & timeline::kCut) != 0) cut_ = unzigzag(trusted_varint(at));
    if ((flags_ & timeline::kKeeps) != 0) keep_ = static_cast<std::uint32_t>(trusted_varint(at));
    name_count_ = static_cast<std::uint32_t>(trusted_varint(at));
    const std::size_t size = trusted_varint(at);
    names_ = at;
    const unsigned name_width = timeline::index_width(name_count_);
    const unsigned width = static_cast<std::uint8_t>(payload[timeline::kWidth]);
    name_of_ = timeline::PackedBits(at + size, end, name_width);
    const std::byte* const times = at + size + timeline::packed_size(count_, name_width);
    times_ = timeline::PackedBits(times, end, width);
    rest_ = times + timeline::packed_size(count_ == 0 ? 0 : count_ - 1, width);
  }

  ByteSpan payload() const noexcept { return payload_; }
  std::uint32_t size() const noexcept { return count_; }  // kept events, in order of time

  // The names of events that are kept or folded, in ascending order of bytes. Both walk the names.
  std::uint32_t name_count() const noexcept { return name_count_; }
  std::string_view name(std::uint32_t name) const noexcept;
  std::optional<std::uint32_t> find_name(std::string_view name) const noexcept {
    const std::byte* at = names_;
    for (std::uint32_t i = 0; i < name_count_; ++i) {
      const std::size_t length = trusted_varint(at);
      if (same_bytes({at, length}, as_bytes(name))) return i;
      at += length;
    }
    return std::nullopt;
  }
  template <typename Visit>
  void for_each_name(Visit&& visit) const {
    const std::byte* at = names_;
    for (std::uint32_t i = 0; i < name_count_; ++i) {
      const std::size_t length = trusted_varint(at);
      visit(as_text({at, length}));
      at += length;
    }
  }

  // Microseconds since 2000-01-01 UTC; INT64_MIN and INT64_MAX are the infinities.
  std::int64_t time(std::uint32_t event) const noexcept {
    if (event == 0) return base_;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(base_) +
                                     times_[event - 1] * static_cast<std::uint64_t>(unit_));
  }
  std::uint32_t name_of(std::uint32_t event) const noexcept { return static_cast<std::uint32_t>(name_of_[event]); }

  // The first event with time >= t, and with time > t; size() if there is none.
  std::uint32_t lower_bound(std::int64_t t) const noexcept {
    return partition([t](std::int64_t time) { return time < t; });
  }
  std::uint32_t upper_bound(std::int64_t t) const noexcept {
    return partition([t](std::int64_t time) { return time <= t; });
  }

  // What is no longer kept.
  std::int64_t cut() const noexcept { return cut_; }  // events before it are folded; INT64_MIN: none
  bool has_cut() const noexcept { return (flags_ & timeline::kCut) != 0; }
  std::uint32_t keep() const noexcept { return keep_; }  // events of a name beyond these are folded
  bool anything_folded() const noexcept { return (flags_ & timeline::kFolded) != 0; }
  std::optional<Folded> folded(std::uint32_t name) const noexcept;
  // The time of the last folded event of the name. Kept events of the name are not before it.
  std::optional<std::int64_t> horizon(std::uint32_t name) const noexcept {
    const auto part = folded(name);
    return part ? std::optional(part->horizon) : std::nullopt;
  }
  // Calls visit(name, const Folded&) in ascending order of names.
  template <typename Visit>
  const std::byte* for_each_folded(Visit&& visit) const {
    const std::byte* at = rest_;
    if (!anything_folded()) return at;
    for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
      const auto name = static_cast<std::uint32_t>(trusted_varint(at));
      Folded part{};
      part.count = trusted_varint(at);
      part.first = unzigzag(trusted_varint(at));
      part.horizon = unzigzag(trusted_varint(at));
      part.sum_count = trusted_varint(at);
      part.sums = at;
      at = part.for_each_sum([](const Folded::Sum&) {});
      visit(name, part);
    }
    return at;
  }

  // Properties and message ids.
  bool has_message_ids() const noexcept { return (flags_ & timeline::kMessageIds) != 0; }
  PropertyColumns property(std::string_view key) const noexcept;
  ColumnReader columns() const noexcept;                       // of properties
  std::optional<TimelineColumn> message_ids() const noexcept;  // indexes of strings
  std::uint64_t dictionary_size() const noexcept;
  Value dictionary_value(std::uint64_t index) const noexcept;           // walks the dictionary
  std::optional<std::uint64_t> find_value(Value value) const noexcept;  // its index; walks the dictionary
  template <typename Visit>
  const std::byte* for_each_value(Visit&& visit) const {
    const std::byte* at = dictionary();
    if ((flags_ & timeline::kDictionary) != 0)
      for (std::uint64_t left = trusted_varint(at); left > 0; --left) visit(trusted_value(at));
    return at;
  }

 private:
  template <typename Before>
  std::uint32_t partition(Before&& before) const noexcept {
    std::uint32_t low = 0, high = count_;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (before(time(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  const std::byte* dictionary() const noexcept;  // or what follows in its stead
  ColumnReader column_reader() const noexcept;   // before the column of message ids

  ByteSpan payload_;
  std::uint32_t count_, name_count_ = 0, keep_ = timeline::kMostKept;
  std::uint16_t flags_;
  std::int64_t unit_, base_ = 0, cut_ = INT64_MIN;
  timeline::PackedBits name_of_, times_;  // times without the first, which is base_
  const std::byte *names_ = nullptr, *rest_ = nullptr;
};

}  // namespace cdp::core
