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

std::size_t varint_size(std::uint64_t value) noexcept {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

}  // namespace

void append_profile(const Layout& layout, Buffer& out) {
  std::size_t tables_at_most = kLongestVarint * (1 + layout.times.size());
  for (const std::string_view source : layout.sources) tables_at_most += varint_size(source.size()) + source.size();
  const std::size_t count = layout.starts.size(), start = out.size();
  std::size_t slots = count, sections_size = 0;
  std::uint16_t flags = 0;
  for (std::size_t i = 0; i < kSectionCount; ++i) {
    if (layout.sections[i].empty()) continue;
    flags = static_cast<std::uint16_t>(flags | 1U << i);
    sections_size += layout.sections[i].size();
    ++slots;
  }
  const std::uint8_t unit = coarsest_unit(layout.times);

  // The tables go behind the wider directory first: whether the narrow one serves depends on their size.
  const std::size_t behind = layout.records.size() + sections_size;
  std::byte* const payload = out.extend(format::kDirectory + 4 * slots + tables_at_most + behind);
  std::byte* const wide = payload + format::kDirectory + 4 * slots;
  std::byte* to = wide;
  for (const std::string_view source : layout.sources) {
    put_varint(to, source.size());
    put_bytes(to, as_bytes(source));
  }
  put_times(to, layout.times, unit);
  const auto tables = static_cast<std::size_t>(to - wide);
  const std::uint8_t width = format::kDirectory + tables + behind + 2 * slots <= UINT16_MAX ? 2 : 4;
  const std::size_t records_at = format::kDirectory + width * slots + tables;
  std::byte* const records = payload + records_at;
  if (width == 2) std::memmove(records - tables, wide, tables);
  if (!layout.records.empty()) std::memcpy(records, layout.records.data(), layout.records.size());

  payload[format::kMagicAt] = static_cast<std::byte>(format::kMagic);
  payload[format::kVersionAt] = static_cast<std::byte>(format::kVersion);
  store_le(payload + format::kFlags, flags);
  store_le(payload + format::kCount, static_cast<std::uint32_t>(count));
  store_le<std::uint32_t>(payload + format::kReserved, 0);
  payload[format::kKeep] = static_cast<std::byte>(count == 0 ? 0 : layout.keep);
  payload[format::kSourceCount] = static_cast<std::byte>(layout.sources.size());
  payload[format::kUnit] = static_cast<std::byte>(unit);
  payload[format::kWidth] = static_cast<std::byte>(width);
  std::byte* slot = payload + format::kDirectory;
  const auto put_offset = [&](std::size_t offset) {
    if (width == 2) {
      store_le(slot, static_cast<std::uint16_t>(offset));
    } else {
      store_le(slot, static_cast<std::uint32_t>(offset));
    }
    slot += width;
  };
  for (const std::uint32_t record : layout.starts) put_offset(records_at + record);
  std::size_t at = records_at + layout.records.size();
  for (const ByteSpan section : layout.sections) {
    if (section.empty()) continue;
    put_offset(at);
    std::memcpy(payload + at, section.data(), section.size());
    at += section.size();
  }
  out.truncate(start + at);
}

}  // namespace cdp::core
