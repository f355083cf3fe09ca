// src/core/profile/layout.cpp: puts the parts of a profile together.
#include "core/profile/layout.hpp"

#include "core/profile/format.hpp"

namespace cdp::core {

std::uint8_t coarsest_unit(std::span<const std::int64_t> times) noexcept {
  std::uint8_t unit = times.empty() ? 0 : format::kUnitCount - 1;
  for (const std::int64_t time : times) {
    if (unit == 0) break;
    while (time % format::kUnits[unit] != 0) --unit;
  }
  return unit;
}

namespace {

// Sources and times; returns where they end. Divided by a constant where the compiler can see it.
template <std::int64_t Unit>
void put_times(std::byte*& to, std::span<const std::int64_t> times) noexcept {
  put_varint(to, times.size());
  if (times.empty()) return;
  put_varint(to, zigzag(times[0] / Unit));
  for (std::size_t i = 1; i < times.size(); ++i) {
    // Unsigned: from -infinity to infinity is more than an int64 holds.
    const std::uint64_t since = static_cast<std::uint64_t>(times[i]) - static_cast<std::uint64_t>(times[i - 1]);
    put_varint(to, since / static_cast<std::uint64_t>(Unit));
  }
}

void put_times(std::byte*& to, std::span<const std::int64_t> times, std::uint8_t unit) noexcept {
  switch (unit) {
    case 0: return put_times<format::kUnits[0]>(to, times);
    case 1: return put_times<format::kUnits[1]>(to, times);
    case 2: return put_times<format::kUnits[2]>(to, times);
    case 3: return put_times<format::kUnits[3]>(to, times);
    case 4: return put_times<format::kUnits[4]>(to, times);
    default: return put_times<format::kUnits[5]>(to, times);
  }
}

// What a profile has behind its records, and how wide that makes the directory.
struct Tail {
  Tail(const SectionSpans& parts, std::size_t records) noexcept : slots(records) {
    for (std::size_t i = 0; i < kSectionCount; ++i) {
      if (parts[i].empty()) continue;
      flags = static_cast<std::uint16_t>(flags | 1U << i);
      size += parts[i].size();
      ++slots;
    }
  }
  // When tables and records take this much.
  std::uint8_t width(std::size_t body) const noexcept {
    return format::kDirectory + body + size + 2 * slots <= UINT16_MAX ? 2 : 4;
  }

  std::uint16_t flags = 0;
  std::size_t slots, size = 0;
};

class DirectoryWriter {
 public:
  DirectoryWriter(std::byte* payload, std::uint8_t width) noexcept
      : payload_(payload), slot_(payload + format::kDirectory), width_(width) {
    payload[format::kWidth] = static_cast<std::byte>(width);
  }

  void put(std::size_t offset) noexcept {
    if (width_ == 2) {
      store_le(slot_, static_cast<std::uint16_t>(offset));
    } else {
      store_le(slot_, static_cast<std::uint32_t>(offset));
    }
    slot_ += width_;
  }

  // The sections and their offsets; returns where they end.
  std::size_t put_sections(const SectionSpans& sections, std::size_t at) noexcept {
    for (const ByteSpan section : sections) {
      if (section.empty()) continue;
      put(at);
      std::memcpy(payload_ + at, section.data(), section.size());
      at += section.size();
    }
    return at;
  }

 private:
  std::byte *payload_, *slot_;
  std::uint8_t width_;
};

}  // namespace

void append_profile(const Layout& layout, Buffer& out) {
  std::size_t tables_at_most = kLongestVarint * (1 + layout.times.size());
  for (const std::string_view source : layout.sources) tables_at_most += varint_size(source.size()) + source.size();
  const std::size_t count = layout.starts.size(), start = out.size();
  const Tail tail(layout.sections, count);
  const std::uint8_t unit = coarsest_unit(layout.times);

  // The tables go behind the wider directory first: whether the narrow one serves depends on their size.
  std::byte* const payload =
      out.extend(format::kDirectory + 4 * tail.slots + tables_at_most + layout.records.size() + tail.size);
  std::byte* const wide = payload + format::kDirectory + 4 * tail.slots;
  std::byte* to = wide;
  for (const std::string_view source : layout.sources) {
    put_varint(to, source.size());
    put_bytes(to, as_bytes(source));
  }
  put_times(to, layout.times, unit);
  const auto tables = static_cast<std::size_t>(to - wide);
  const std::uint8_t width = tail.width(tables + layout.records.size());
  const std::size_t records_at = format::kDirectory + width * tail.slots + tables;
  std::byte* const records = payload + records_at;
  if (width == 2) std::memmove(records - tables, wide, tables);
  if (!layout.records.empty()) std::memcpy(records, layout.records.data(), layout.records.size());

  payload[format::kMagicAt] = static_cast<std::byte>(format::kMagic);
  payload[format::kVersionAt] = static_cast<std::byte>(format::kVersion);
  store_le(payload + format::kFlags, static_cast<std::uint16_t>(tail.flags | layout.marks));
  store_le(payload + format::kCount, static_cast<std::uint32_t>(count));
  store_le<std::uint32_t>(payload + format::kReserved, 0);
  payload[format::kKeep] = static_cast<std::byte>(count == 0 ? 0 : layout.keep);
  payload[format::kSourceCount] = static_cast<std::byte>(layout.sources.size());
  payload[format::kUnit] = static_cast<std::byte>(unit);
  DirectoryWriter directory(payload, width);
  for (const std::uint32_t record : layout.starts) directory.put(records_at + record);
  out.truncate(start + directory.put_sections(layout.sections, records_at + layout.records.size()));
}

void append_with_sections(const ProfileView& profile, const SectionSpans& sections, std::uint16_t marks, Buffer& out) {
  const ByteSpan from = profile.payload(), body = profile.tables_and_records();
  const Tail tail(sections, profile.size());
  const std::uint8_t width = tail.width(body.size());
  const std::size_t body_at = format::kDirectory + width * tail.slots, start = out.size();
  std::byte* const payload = out.extend(body_at + body.size() + tail.size);
  std::memcpy(payload, from.data(), format::kDirectory);
  store_le(payload + format::kFlags, static_cast<std::uint16_t>(tail.flags | marks));
  std::memcpy(payload + body_at, body.data(), body.size());
  const auto body_was_at = static_cast<std::size_t>(body.data() - from.data());
  DirectoryWriter directory(payload, width);
  for (std::uint32_t i = 0; i < profile.size(); ++i) directory.put(profile.offset(i) - body_was_at + body_at);
  out.truncate(start + directory.put_sections(sections, body_at + body.size()));
}

}  // namespace cdp::core
