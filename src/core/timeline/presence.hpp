// Which events have what a column is about: all of them, those whose bit is set, or those that are listed.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

#include "core/bytes/reader.hpp"
#include "core/timeline/bits.hpp"
#include "core/timeline/format.hpp"

namespace cdp::core::timeline {

// How it is stored that `present` of so many events have it, as bits of the column's head: what takes the fewest bytes.
constexpr std::uint8_t presence_form(std::uint64_t present, std::uint64_t events) noexcept {
  if (present == events) return 0;
  const std::size_t list = varint_size(present) + packed_size(present, index_width(events));
  return list < packed_size(events, 1) ? kFew : kSome;
}

class Presence {
 public:
  Presence() = default;  // no event
  static Presence all(std::uint32_t events) noexcept {
    Presence presence;
    presence.form_ = Form::all;
    presence.count_ = events;
    return presence;
  }
  static Presence bitmap(PackedBits bits, std::uint32_t events) noexcept {
    Presence presence;
    presence.form_ = Form::bitmap;
    presence.numbers_ = bits;
    presence.count_ = presence.count_bits(0, events);
    return presence;
  }
  static Presence list(PackedBits events, std::uint32_t count) noexcept {
    Presence presence;
    presence.numbers_ = events;
    presence.count_ = count;
    return presence;
  }

  // The events that have it are numbered in their order, by rank.
  std::uint32_t count() const noexcept { return count_; }

  bool has(std::uint32_t event) const noexcept {
    if (form_ == Form::all) return true;
    return form_ == Form::bitmap ? bit(event) : find(event).has_value();
  }
  // The event's rank, if it has it: O(events / 64) in a bitmap, O(log count) in a list.
  std::optional<std::uint32_t> find(std::uint32_t event) const noexcept {
    if (form_ == Form::all) return event;
    if (form_ == Form::bitmap) return bit(event) ? std::optional(count_bits(0, event)) : std::nullopt;
    const std::uint32_t rank = lower_bound(event);
    return rank < count_ && numbers_[rank] == event ? std::optional(rank) : std::nullopt;
  }

  bool is_list() const noexcept { return form_ == Form::list; }
  // The event of a rank; of a list only.
  std::uint32_t listed(std::uint32_t rank) const noexcept { return static_cast<std::uint32_t>(numbers_[rank]); }

 private:
  friend class PresenceCursor;
  enum class Form : std::uint8_t { list, bitmap, all };

  bool bit(std::uint32_t event) const noexcept {
    return (static_cast<std::uint8_t>(numbers_.begin()[event / 8]) >> (event % 8) & 1) != 0;
  }
  std::uint32_t count_bits(std::uint32_t from, std::uint32_t to) const noexcept {
    std::uint32_t count = 0, i = from;
    for (; i % 8 != 0 && i < to; ++i) count += bit(i) ? 1 : 0;
    for (; to - i >= 64; i += 64)
      count += static_cast<std::uint32_t>(std::popcount(load_le<std::uint64_t>(numbers_.begin() + i / 8)));
    for (; i < to; ++i) count += bit(i) ? 1 : 0;
    return count;
  }
  std::uint32_t lower_bound(std::uint32_t event) const noexcept {
    std::uint32_t low = 0, high = count_;
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (numbers_[middle] < event) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  Form form_ = Form::list;
  std::uint32_t count_ = 0;
  PackedBits numbers_;  // the bits of a bitmap, the events of a list
};

// Finds the ranks of events that ascend or descend from call to call by going on where it was; a list it searches when
// they descend.
class PresenceCursor {
 public:
  PresenceCursor() = default;
  explicit PresenceCursor(const Presence& presence) noexcept : presence_(presence) {}

  std::optional<std::uint32_t> find(std::uint32_t event) noexcept {
    if (presence_.form_ == Presence::Form::all) return event;
    if (presence_.form_ == Presence::Form::bitmap) {
      if (!presence_.bit(event)) return std::nullopt;
      if (event >= at_) {
        rank_ += presence_.count_bits(at_, event);
      } else if (at_ != kNone && at_ - event < event) {
        rank_ -= presence_.count_bits(event, at_);
      } else {
        rank_ = presence_.count_bits(0, event);
      }
      at_ = event;
      return rank_;
    }
    if (event < at_) {
      stand_at(presence_.lower_bound(event));
    } else {
      while (next_ < event) stand_at(rank_ + 1);
    }
    at_ = event;
    return next_ == event ? std::optional(rank_) : std::nullopt;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  void stand_at(std::uint32_t rank) noexcept {
    rank_ = rank;
    next_ = rank < presence_.count_ ? presence_.listed(rank) : kNone;
  }

  Presence presence_;
  std::uint32_t at_ = kNone;  // the event that was found last; at first none, so that it is looked up
  std::uint32_t rank_ = 0;    // of that event in a bitmap, of the first event from there on in a list
  std::uint32_t next_ = kNone;
};

}  // namespace cdp::core::timeline
