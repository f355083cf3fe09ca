#include "core/audience/builder.hpp"

#include <algorithm>

namespace cdp::core::audience {

namespace {

std::byte* put_values(std::byte* to, std::span<const std::uint16_t> values) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(to, values.data(), values.size_bytes());
    return to + values.size_bytes();
  }
  for (const std::uint16_t value : values) {
    store_le(to, value);
    to += 2;
  }
  return to;
}

std::byte* put_run(std::byte* to, std::uint32_t first, std::uint32_t last) noexcept {
  store_le(to, static_cast<std::uint16_t>(first));
  store_le(to + 2, static_cast<std::uint16_t>(last - first));
  return to + 4;
}

std::size_t header_bytes(std::size_t chunks, bool runs) noexcept {
  if (!runs) return 8 + 8 * chunks;
  return 4 + (chunks + 7) / 8 + (chunks >= kOffsetsFrom ? 8 : 4) * chunks;
}

}  // namespace

void GroupBuilder::enter(std::uint16_t key, std::uint32_t cardinality, bool runs) {
  entries_.push_back(
      {key, static_cast<std::uint16_t>(cardinality - 1), static_cast<std::uint32_t>(out_.size() - containers_), runs});
  cardinality_ += cardinality;
}

void GroupBuilder::add(const Chunk& chunk) {
  enter(chunk.key, chunk.cardinality, chunk.kind == Kind::runs);
  out_.append(chunk.bytes());
}

void GroupBuilder::add_array(std::uint16_t key, std::span<const std::uint16_t> ascending) {
  if (ascending.empty()) return;
  const auto cardinality = static_cast<std::uint32_t>(ascending.size());
  std::uint32_t runs = 1;
  for (std::size_t i = 1; i < ascending.size(); ++i) runs += ascending[i] != ascending[i - 1] + 1;
  const Kind kind = kind_of(cardinality, runs);
  if (kind == Kind::bitset) {
    bitmap_.clear();
    for (const std::uint16_t value : ascending) bitmap_.set(value);
    return add_bitmap(key, bitmap_);
  }
  enter(key, cardinality, kind == Kind::runs);
  if (kind == Kind::array) {
    put_values(out_.extend(ascending.size_bytes()), ascending);
    return;
  }
  put(static_cast<std::uint16_t>(runs));
  std::byte* to = out_.extend(runs * std::size_t{4});
  for (std::size_t i = 0, next = 0; i < ascending.size(); i = next) {
    for (next = i + 1; next < ascending.size() && ascending[next] == ascending[next - 1] + 1;) ++next;
    to = put_run(to, ascending[i], ascending[next - 1]);
  }
}

void GroupBuilder::add_runs(std::uint16_t key, std::span<const Run> maximal) {
  if (maximal.empty()) return;
  std::uint32_t cardinality = 0;
  for (const Run& run : maximal) cardinality += run.last - run.first + 1u;
  const Kind kind = kind_of(cardinality, static_cast<std::uint32_t>(maximal.size()));
  if (kind == Kind::bitset) {
    bitmap_.clear();
    for (const Run& run : maximal) bitmap_.set(run.first, run.last);
    return add_bitmap(key, bitmap_);
  }
  enter(key, cardinality, kind == Kind::runs);
  if (kind == Kind::array) {
    std::byte* to = out_.extend(cardinality * std::size_t{2});
    for (const Run& run : maximal)
      for (std::uint32_t value = run.first; value <= run.last; ++value, to += 2)
        store_le(to, static_cast<std::uint16_t>(value));
    return;
  }
  put(static_cast<std::uint16_t>(maximal.size()));
  std::byte* to = out_.extend(maximal.size() * 4);
  for (const Run& run : maximal) to = put_run(to, run.first, run.last);
}

void GroupBuilder::add_bitmap(std::uint16_t key, Bitmap& bitmap) {
  const std::uint32_t cardinality = bitmap.cardinality();
  if (cardinality == 0) return;
  const std::uint32_t runs = bitmap.runs();
  const Kind kind = kind_of(cardinality, runs);
  enter(key, cardinality, kind == Kind::runs);
  if (kind == Kind::bitset) return bitmap.store(out_.extend(kBitsetBytes));
  if (kind == Kind::array) {
    std::byte* to = out_.extend(cardinality * std::size_t{2});
    bitmap.for_each([&to](std::uint32_t value) {
      store_le(to, static_cast<std::uint16_t>(value));
      to += 2;
    });
    return;
  }
  put(static_cast<std::uint16_t>(runs));
  std::byte* to = out_.extend(runs * std::size_t{4});
  bitmap.for_each_run([&to](std::uint32_t first, std::uint32_t last) { to = put_run(to, first, last); });
}

void GroupBuilder::begin(std::size_t most_chunks) {
  entries_.clear();
  cardinality_ = 0;
  begin_ = out_.size();
  out_.extend(header_bytes(most_chunks, false));
  containers_ = out_.size();
}

std::uint64_t GroupBuilder::end() {
  if (entries_.empty()) {
    out_.truncate(begin_);
    return 0;
  }
  const auto count = static_cast<std::uint32_t>(entries_.size());
  const bool runs = std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.runs; });
  const std::size_t header = header_bytes(count, runs), room = containers_ - begin_, bytes = out_.size() - containers_;
  if (header > room) out_.extend(header - room);
  std::byte* to = out_.data() + begin_;
  std::memmove(to + header, to + room, bytes);
  out_.truncate(begin_ + header + bytes);
  store_le(to, runs ? kCookieRuns | (count - 1) << 16 : kCookieNoRuns);
  to += 4;
  if (runs) {
    std::memset(to, 0, (count + 7) / 8);
    for (std::uint32_t i = 0; i < count; ++i)
      if (entries_[i].runs) to[i / 8] |= std::byte{1} << (i % 8);
    to += (count + 7) / 8;
  } else {
    store_le(to, count);
    to += 4;
  }
  for (const Entry& entry : entries_) {
    store_le(to, entry.key);
    store_le(to + 2, entry.less_one);
    to += 4;
  }
  if (!runs || count >= kOffsetsFrom) {
    for (const Entry& entry : entries_) {
      store_le(to, static_cast<std::uint32_t>(header + entry.offset));
      to += 4;
    }
  }
  return cardinality_;
}

Writer::Writer(std::size_t most_groups, Buffer& out, std::pmr::memory_resource* resource)
    : out_(out), begin_(out.size()), most_(most_groups), group_(out, resource) {
  out_.extend(kHeader + most_ * kEntry);
}

void Writer::enter(std::uint32_t high) {
  std::byte* const entry = out_.data() + begin_ + kHeader + count_++ * kEntry;
  store_le(entry, high);
  store_le(entry + 4, static_cast<std::uint32_t>(out_.size() - begin_ - kHeader - most_ * kEntry));
}

void Writer::end_group(std::uint32_t high) {
  const std::uint64_t cardinality = group_.end();
  if (cardinality == 0) return;
  cardinality_ += cardinality;
  enter(high);
}

void Writer::copy_group(std::uint32_t high, ByteSpan bytes) {
  const Group group(bytes.data());
  for (std::uint32_t i = 0; i < group.size(); ++i) cardinality_ += group.cardinality(i);
  out_.append(bytes);
  enter(high);
}

void Writer::finish() {
  std::byte* const begin = out_.data() + begin_;
  if (count_ < most_) {
    std::byte* const to = begin + kHeader + count_ * kEntry;
    const std::byte* const from = begin + kHeader + most_ * kEntry;
    std::memmove(to, from, static_cast<std::size_t>(out_.data() + out_.size() - from));
    out_.truncate(out_.size() - (most_ - count_) * kEntry);
  }
  write_header(begin, static_cast<std::uint32_t>(count_), cardinality_);
}

}  // namespace cdp::core::audience
