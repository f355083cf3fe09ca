// From ids to an audience.
#include <algorithm>
#include <array>
#include <utility>

#include "core/audience/audience.hpp"
#include "core/audience/builder.hpp"

namespace cdp::core {

namespace audience {
namespace {

constexpr std::size_t kRadixFrom = 512;  // below, comparing is as fast

// Ascending, by counting sort of each byte that is not the same in all keys.
void radix_sort(std::pmr::vector<std::uint64_t>& keys, Poll poll) {
  std::uint64_t varying = 0;
  for (const std::uint64_t key : keys) varying |= key ^ keys[0];
  std::pmr::vector<std::uint64_t> other(keys.size(), keys.get_allocator());
  for (unsigned shift = 0; shift < 64; shift += 8) {
    if ((varying >> shift & 0xFF) == 0) continue;
    poll();
    std::array<std::size_t, 256> start{};
    for (const std::uint64_t key : keys) ++start[key >> shift & 0xFF];
    std::size_t before = 0;
    for (std::size_t& entry : start) before += std::exchange(entry, before);
    for (const std::uint64_t key : keys) other[start[key >> shift & 0xFF]++] = key;
    keys.swap(other);
  }
}

void sort_distinct(std::pmr::vector<std::uint64_t>& keys, Poll poll) {
  if (!std::is_sorted(keys.begin(), keys.end())) {
    if (keys.size() < kRadixFrom) {
      std::sort(keys.begin(), keys.end());
    } else {
      radix_sort(keys, poll);
    }
  }
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

// The ids from keys[i] on with the same upper 48 bits; returns where they end.
std::size_t add_chunk(const std::pmr::vector<std::uint64_t>& keys, std::size_t i, GroupBuilder& to) {
  const std::uint64_t upper = keys[i] >> 16;
  const auto key = static_cast<std::uint16_t>(upper);
  std::array<std::uint16_t, kMostInArray> values;
  const std::size_t begin = i;
  for (; i < keys.size() && i - begin < values.size() && keys[i] >> 16 == upper; ++i)
    values[i - begin] = static_cast<std::uint16_t>(keys[i]);
  if (i == keys.size() || keys[i] >> 16 != upper) {
    to.add_array(key, {values.data(), i - begin});
    return i;
  }
  Bitmap bitmap;
  bitmap.clear();
  for (i = begin; i < keys.size() && keys[i] >> 16 == upper; ++i) bitmap.set(keys[i] & 0xFFFF);
  to.add_bitmap(key, bitmap);
  return i;
}

}  // namespace
}  // namespace audience

void AudienceBuilder::write(Buffer& out) {
  if (sets_[current_].size() == 0) return write_keys(out);
  compact();
  out.append(sets_[current_].span());
}

// The larger the set, the more keys until the next time, so that each of them costs O(1) of it.
void AudienceBuilder::compact() {
  Buffer fresh(keys_.get_allocator().resource());
  write_keys(fresh);
  keys_.clear();
  Buffer &before = sets_[current_], &after = sets_[1 - current_];
  after.clear();
  if (before.size() == 0) {
    after.append(fresh.span());
  } else {
    combine_audiences(SetOperation::union_of, Audience(before.span()), Audience(fresh.span()), after,
                      keys_.get_allocator().resource(), poll_);
  }
  current_ = 1 - current_;
  limit_ = std::max(limit_, after.size() / sizeof(std::uint64_t));
}

void AudienceBuilder::write_keys(Buffer& out) {
  audience::sort_distinct(keys_, poll_);
  const auto count_distinct = [this](std::size_t i, std::size_t end, unsigned shift) {
    std::size_t count = 0;
    for (const std::size_t begin = i; i < end; ++i) count += i == begin || keys_[i] >> shift != keys_[i - 1] >> shift;
    return count;
  };
  audience::Writer writer(count_distinct(0, keys_.size(), 32), out, keys_.get_allocator().resource());
  for (std::size_t i = 0; i < keys_.size();) {
    const std::uint64_t high = keys_[i] >> 32;
    std::size_t end = i;
    while (end < keys_.size() && keys_[end] >> 32 == high) ++end;
    audience::GroupBuilder& group = writer.begin_group(count_distinct(i, end, 16));
    while (i < end) {
      poll_();
      i = audience::add_chunk(keys_, i, group);
    }
    writer.end_group(static_cast<std::uint32_t>(high));
  }
  writer.finish();
}

}  // namespace cdp::core
