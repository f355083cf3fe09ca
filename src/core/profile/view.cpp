// src/core/profile/view.cpp: reading a stored profile in place.
#include "core/profile/view.hpp"

#include <bit>

#include "core/profile/format.hpp"

namespace cdp::core {

namespace {

std::size_t section_count(std::uint16_t flags) noexcept {
  const unsigned sections = flags & format::kSectionFlags;
  return sections == 0 ? 0 : static_cast<std::size_t>(std::popcount(sections));
}

}  // namespace

ProfileView::ProfileView(ByteSpan payload) noexcept
    : payload_(payload),
      flags_(load_le<std::uint16_t>(payload.data() + format::kFlags)),
      count_(load_le<std::uint32_t>(payload.data() + format::kCount)),
      keep_(static_cast<std::uint8_t>(payload[format::kKeep])),
      source_count_(static_cast<std::uint8_t>(payload[format::kSourceCount])),
      unit_(static_cast<std::uint8_t>(payload[format::kUnit])),
      width_(static_cast<std::uint8_t>(payload[format::kWidth])),
      directory_(payload.data() + format::kDirectory),
      sources_(directory_ + (count_ + section_count(flags_)) * width_) {}

bool ProfileView::detached() const noexcept { return (flags_ & format::kDetached) != 0; }

std::size_t ProfileView::offset(std::size_t slot) const noexcept {
  const std::byte* const at = directory_ + slot * width_;
  return width_ == 2 ? load_le<std::uint16_t>(at) : load_le<std::uint32_t>(at);
}

ByteSpan ProfileView::section(Section section) const noexcept {
  const unsigned bit = 1U << static_cast<unsigned>(section);
  if ((flags_ & bit) == 0) return {};
  const std::size_t slot = count_ + section_count(static_cast<std::uint16_t>(flags_ & (bit - 1)));
  const std::size_t start = offset(slot);
  const bool is_last = (flags_ & format::kSectionFlags) < 2 * bit;
  return payload_.subspan(start, (is_last ? payload_.size() : offset(slot + 1)) - start);
}

ByteSpan ProfileView::tables_and_records() const noexcept {
  const auto start = static_cast<std::size_t>(sources_ - payload_.data());
  const std::size_t end = (flags_ & format::kSectionFlags) == 0 ? payload_.size() : offset(count_);
  return payload_.subspan(start, end - start);
}

Attribute ProfileView::attribute(std::uint32_t index) const noexcept {
  const std::byte* at = payload_.data() + offset(index);
  Attribute attribute;
  const std::size_t length = trusted_varint(at);
  attribute.name_ = as_text({at, length});
  at += length;
  attribute.head_ = static_cast<std::uint8_t>(*at++);
  if ((attribute.head_ & format::kDerived) != 0) {
    attribute.golden_ = trusted_value(at);
    attribute.values_ = at;
    return attribute;
  }
  attribute.values_ = at;
  if ((attribute.head_ & format::kSeveral) != 0) trusted_varint(at);
  attribute.golden_ = trusted_value(at);
  return attribute;
}

std::uint64_t Attribute::observations() const noexcept { return cursor().overflow_tail().observations; }

std::optional<Attribute> ProfileView::find(std::string_view name) const noexcept {
  std::uint32_t low = 0, high = count_;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const std::byte* at = payload_.data() + offset(middle);
    const std::size_t length = trusted_varint(at);
    int order = length == 0 || name.empty() ? 0 : static_cast<int>(at[0]) - static_cast<unsigned char>(name[0]);
    if (order == 0) {  // mostly the first letter tells
      order = compare_bytes({at, length}, as_bytes(name));
      if (order == 0) return attribute(middle);
    }
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

std::optional<Value> ProfileView::golden(std::string_view path) const noexcept {
  if (const auto whole = find(path)) {
    if (!whole->known()) return std::nullopt;
    return whole->golden();
  }
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
    if (const auto outer = find(path.substr(0, dot)))
      if (const auto value = member_at(outer->golden(), path.substr(dot + 1)))
        return value->type == Type::null ? std::nullopt : value;
  return std::nullopt;
}

std::string_view ProfileView::source(std::uint32_t index) const noexcept {
  const std::byte* at = sources_;
  for (;; --index) {
    const std::size_t length = trusted_varint(at);
    if (index == 0) return as_text({at, length});
    at += length;
  }
}

std::optional<std::uint32_t> ProfileView::find_source(std::string_view name) const noexcept {
  const std::byte* at = sources_;
  for (std::uint32_t i = 0; i < source_count_; ++i) {
    const std::size_t length = trusted_varint(at);
    if (as_text({at, length}) == name) return i;
    at += length;
  }
  return std::nullopt;
}

const std::byte* ProfileView::times() const noexcept {
  const std::byte* at = sources_;
  for (std::uint32_t i = 0; i < source_count_; ++i) {
    const std::size_t length = trusted_varint(at);
    at += length;
  }
  return at;
}

std::int64_t ProfileView::time(std::uint64_t index) const noexcept {
  const std::byte* at = times();
  trusted_varint(at);  // how many
  auto time = static_cast<std::uint64_t>(unzigzag(trusted_varint(at)));
  for (; index > 0; --index) time += trusted_varint(at);
  return static_cast<std::int64_t>(time * static_cast<std::uint64_t>(format::kUnits[unit_]));
}

std::optional<Entry> ProfileView::latest_from(const Attribute& attribute, std::string_view source) const noexcept {
  const auto index = find_source(source);
  if (!index) return std::nullopt;
  std::optional<Entry> found;
  if (!attribute.overflowed()) {
    // Entries are in order of last seen: the first one of the source is its latest.
    attribute.any_entry(*this, [&](const Entry& entry) {
      if (entry.source != *index) return false;
      found = entry;
      return true;
    });
    return found;
  }
  format::RecordCursor cursor = attribute.cursor();
  const auto tail = cursor.overflow_tail();
  for (std::uint64_t i = 0; i < tail.span_count; ++i) {
    const format::RawSpan span = cursor.next_span();
    if (span.source == *index) return Entry{cursor.value(span.latest), span.source, time(span.latest_at), 0, 0};
  }
  return std::nullopt;
}

std::int64_t ProfileView::golden_last_seen(const Attribute& attribute) const noexcept {
  format::RecordCursor cursor = attribute.cursor();
  while (cursor.entries_left() > 0) {
    const format::RawEntry entry = cursor.next_entry();
    const bool counts = attribute.derived() ? cursor.value(entry.value).type != Type::erased : entry.value == 0;
    if (counts) return time(entry.last);
  }
  if (!attribute.overflowed()) return time(attribute.cursor().next_entry().last);
  // A value that none of the recent entries has, for it is the first, or an extreme one.
  std::uint64_t seen = 0;
  const auto offer = [&](std::uint64_t value, std::uint64_t at) {
    const bool counts = attribute.derived() ? cursor.value(value).type != Type::erased : value == 0;
    if (counts && at > seen) seen = at;
  };
  const format::OverflowTail tail = cursor.overflow_tail();
  for (std::uint64_t left = tail.span_count; left > 0; --left) {
    const format::RawSpan span = cursor.next_span();
    offer(span.earliest, span.earliest_at);
    offer(span.latest, span.latest_at);
    if (span.has_known) offer(span.known, span.known_at);
  }
  if (cursor.has_extremes()) {
    for (int which = 0; which < 3; ++which) {
      const format::RawPoint point = cursor.next_extreme();
      offer(point.value, point.at);
    }
  }
  return time(seen);
}

}  // namespace cdp::core
