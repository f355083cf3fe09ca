// The bytes of a stored profile, after the varlena length. docs/format.md is the specification.
#pragma once

#include <cstdint>

#include "core/profile/view.hpp"

namespace cdp::core::format {

inline constexpr std::uint8_t kMagic = 0xC1, kVersion = 1;
// A profile under construction: a log of what was put in. Only aggregates make it; see log.hpp.
inline constexpr std::uint8_t kLogMagic = 0xC2;

// Offsets of the header's fields.
inline constexpr std::size_t kMagicAt = 0, kVersionAt = 1, kFlags = 2, kCount = 4, kReserved = 8, kKeep = 12,
                             kSourceCount = 13, kUnit = 14, kWidth = 15, kDirectory = 16;

// What the time table counts in: the coarsest unit that loses nothing.
inline constexpr std::int64_t kUnits[] = {1, 1'000, 1'000'000, 60'000'000, 3'600'000'000, 86'400'000'000};
inline constexpr std::uint8_t kUnitCount = 6;

// Bits of the header's flags: one for each section, by its number; then marks.
inline constexpr std::uint16_t kSectionFlags = (1U << kSectionCount) - 1;
inline constexpr std::uint16_t kDetached = 1U << kSectionCount;  // events are kept elsewhere
inline constexpr std::uint16_t kKnownFlags = kSectionFlags | kDetached;

// Bits of a record's head. Without kSeveral the record is one observation: value, source, time. A derived golden value
// follows the head. kPartial: observations were taken out after the attribute had overflowed.
inline constexpr std::uint8_t kOverflowed = 1, kSeveral = 2, kDerived = 4, kPartial = 8;

inline constexpr std::uint8_t kDefaultKeep = 16;
inline constexpr std::size_t kMaxSources = 255, kMaxAttributes = 65535;
// Values that the pairs, spans and extremes of one attribute can refer to at most.
inline constexpr std::size_t kMaxPool = 255 + 3 * kMaxSources + 3;

struct RawEntry {
  std::uint64_t value, last, first, times;
  std::uint32_t source;
};

struct RawSpan {
  std::uint64_t earliest, earliest_at, latest, latest_at, known, known_at;
  std::uint32_t source;
  bool has_known;
};

struct RawPoint {
  std::uint64_t value, at;
  std::uint32_t source;
};

struct OverflowTail {
  std::uint64_t observations, span_count;
};

// Steps through one record whose bytes were validated when they came in: entries, then the overflow part.
class RecordCursor {
 public:
  RecordCursor(std::uint8_t head, const std::byte* values) noexcept : head_(head), at_(values) {
    values_ = (head & kSeveral) != 0 ? trusted_varint(at_) : 1;
    pool_ = at_;
    for (std::uint64_t i = 0; i < values_; ++i) trusted_value(at_);
    left_ = (head & kSeveral) != 0 ? trusted_varint(at_) : 1;
  }

  template <typename Visit>
  void for_each_value(Visit&& visit) const {
    const std::byte* at = pool_;
    for (std::uint64_t i = 0; i < values_; ++i) visit(trusted_value(at));
  }

  std::uint64_t entries_left() const noexcept { return left_; }

  Value value(std::uint64_t index) const noexcept {
    const std::byte* at = pool_;
    while (index-- > 0) trusted_value(at);
    return trusted_value(at);
  }

  RawEntry next_entry() noexcept {
    --left_;
    RawEntry entry{};
    if ((head_ & kSeveral) != 0) entry.value = trusted_varint(at_);
    entry.source = static_cast<std::uint8_t>(*at_++);
    entry.last = entry.first = trusted_varint(at_);
    entry.times = 1;
    if ((head_ & kOverflowed) != 0) {
      entry.times = 0;
    } else if ((head_ & kSeveral) != 0) {
      entry.times = trusted_varint(at_);
      if (entry.times > 1) entry.first = trusted_varint(at_);
    }
    return entry;
  }

  // Skips the entries that are left; the spans follow.
  OverflowTail overflow_tail() noexcept {
    while (left_ > 0) next_entry();
    const std::uint64_t observations = trusted_varint(at_);
    return {observations, trusted_varint(at_)};
  }

  RawSpan next_span() noexcept {
    RawSpan span{};
    span.source = static_cast<std::uint8_t>(*at_++);
    span.has_known = *at_++ != std::byte{0};
    span.earliest = trusted_varint(at_);
    span.earliest_at = trusted_varint(at_);
    span.latest = trusted_varint(at_);
    span.latest_at = trusted_varint(at_);
    if (span.has_known) {
      span.known = trusted_varint(at_);
      span.known_at = trusted_varint(at_);
    }
    return span;
  }

  // After the spans: whether least, greatest and longest follow (not when everything was erased).
  bool has_extremes() noexcept { return *at_++ != std::byte{0}; }
  RawPoint next_extreme() noexcept {
    RawPoint point{};
    point.value = trusted_varint(at_);
    point.source = static_cast<std::uint8_t>(*at_++);
    point.at = trusted_varint(at_);
    return point;
  }

 private:
  std::uint8_t head_;
  const std::byte *at_, *pool_ = nullptr;
  std::uint64_t values_ = 0, left_ = 0;
};

}  // namespace cdp::core::format

namespace cdp::core {

inline format::RecordCursor Attribute::cursor() const noexcept { return {head_, values_}; }

template <typename Visit>
bool Attribute::any_entry(const ProfileView& profile, Visit&& visit) const {
  format::RecordCursor cursor = this->cursor();
  while (cursor.entries_left() > 0) {
    const format::RawEntry raw = cursor.next_entry();
    const Entry entry{cursor.value(raw.value), raw.source, profile.time(raw.last), profile.time(raw.first), raw.times};
    if (visit(entry)) return true;
  }
  return false;
}

template <typename Visit>
void ProfileView::for_each_source(Visit&& visit) const {
  const std::byte* at = sources_;
  for (std::uint32_t i = 0; i < source_count_; ++i) {
    const std::size_t length = trusted_varint(at);
    visit(as_text({at, length}));
    at += length;
  }
}

template <typename Visit>
void ProfileView::for_each_time(Visit&& visit) const {
  const std::byte* at = times();
  std::uint64_t time = 0;
  const std::uint64_t count = trusted_varint(at);
  for (std::uint64_t i = 0; i < count; ++i) {
    time = i == 0 ? static_cast<std::uint64_t>(unzigzag(trusted_varint(at))) : time + trusted_varint(at);
    visit(static_cast<std::int64_t>(time * static_cast<std::uint64_t>(format::kUnits[unit_])));
  }
}

}  // namespace cdp::core
