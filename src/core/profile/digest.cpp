// src/core/profile/digest.cpp: few rows, no sorting but that of the rows.
#include "core/profile/digest.hpp"

#include <algorithm>
#include <cstddef>

#include "core/profile/layout.hpp"
#include "core/profile/log.hpp"

namespace cdp::core::log {

namespace {

// A copy of always the same length, which needs no branch, where the value is short; both ends have the room.
void put_with_slack(std::byte*& to, const std::byte* from, std::uint32_t size) noexcept {
  static_assert(kSlack == 16);
  if (size <= kSlack) {
    std::memcpy(to, from, kSlack);
  } else {
    std::memcpy(to, from, size);
  }
  to += size;
}

}  // namespace

Digest::Digest(std::pmr::memory_resource* resource)
    : names_(resource),
      sources_(resource),
      attributes_(resource),
      present_(resource),
      starts_(resource),
      source_names_(resource),
      times_(resource),
      records_(resource) {}

bool Digest::write(ByteSpan log, Buffer& out) {
  if (names_.size() > kMaxNames) {
    names_.clear();
    attributes_.clear();
    present_.clear();
  }
  if (sources_.size() > kMaxNames) sources_.clear();
  for (const std::uint32_t name : present_) attributes_[name].count = attributes_[name].pool = 0;
  present_.clear();
  pair_count_ = 0;
  if (!read_rows(log)) return false;
  for (std::size_t i = 0; i < row_count_; ++i)
    if (!add_members(static_cast<std::uint8_t>(i))) return false;
  const auto& ranks = names_.ranks();
  std::sort(present_.begin(), present_.end(), [&](std::uint32_t a, std::uint32_t b) { return ranks[a] < ranks[b]; });
  number_rows();

  // Every value stands in the log, so does every name that is written; what is added to them is bounded.
  records_.clear();
  starts_.clear();
  std::size_t names = 0;
  for (const std::uint32_t name : present_) names += names_.text(name).size() + 16;
  std::byte* const start = records_.extend(log.size() + names + 8 * pair_count_ + kSlack);
  std::byte* to = start;
  for (const std::uint32_t name : present_) {
    starts_.push_back(static_cast<std::uint32_t>(to - start));
    write_record(name, to);
  }
  append_profile({format::kDefaultKeep, source_names_, times_, starts_, {start, static_cast<std::size_t>(to - start)}},
                 out);
  return true;
}

// Rows in the order in which their observations are kept: most recent first, then by source.
bool Digest::read_rows(ByteSpan log) {
  row_count_ = 0;
  const std::byte* at = log.data() + kHeader;
  const std::byte* const end = log.data() + used(log);
  while (at != end) {
    const auto kind = static_cast<Item>(*at++);
    const std::size_t length = trusted_varint(at);
    if (kind != Item::row || row_count_ == kMaxRows) return false;
    const RowView view = read_row({at, length});
    Row& row = rows_[row_count_++];
    row = Row{view.time, view.source, view.members, sources_.intern(view.source, 0), false, false, 0, 0};
    at += length;
  }
  const auto& ranks = sources_.ranks();
  for (std::size_t i = 0; i < row_count_; ++i) rows_[i].source_rank = ranks[rows_[i].source_rank];
  std::sort(rows_, rows_ + row_count_, [](const Row& a, const Row& b) {
    return a.time != b.time ? a.time > b.time : a.source_rank < b.source_rank;
  });
  return true;
}

bool Digest::add_members(std::uint8_t row) {
  const std::byte* at = rows_[row].members.data();
  const std::byte* const end = at + rows_[row].members.size();
  std::uint32_t name = Dictionary::kEmpty;
  while (at != end) {
    const std::size_t length = trusted_varint(at);
    name = names_.intern(as_text({at, length}), name + 1);
    if (name >= attributes_.size()) attributes_.resize(name + 1);
    at += length;
    const std::byte* const value = at;
    trusted_value(at);
    Attribute& attribute = attributes_[name];
    if (attribute.count == 0) {
      if (present_.size() == kMaxNames) return false;
      present_.push_back(name);
    }
    if (!add_pair(attribute, value, static_cast<std::uint32_t>(at - value), row)) return false;
  }
  return true;
}

bool Digest::add_pair(Attribute& attribute, const std::byte* value, std::uint32_t size, std::uint8_t row) {
  // Tells most different values apart without a look at them, and without a branch on how long they are.
  const std::uint32_t mark = size ^ std::to_integer<std::uint32_t>(value[size / 2]) << 8 ^
                             std::to_integer<std::uint32_t>(value[size - 1]) << 16 ^
                             std::to_integer<std::uint32_t>(value[size * 3 / 4]) << 24;
  std::uint8_t pool = attribute.pool;
  for (std::uint32_t i = 0; i < attribute.count; ++i) {
    Pair& pair = attribute.pairs[i];
    if (pair.mark != mark || !same_bytes({pair.value, pair.size}, {value, size})) continue;
    if (rows_[pair.row].source_rank == rows_[row].source_rank) {
      pair.first_row = row;
      ++pair.times;
      return true;
    }
    pool = pair.pool;
  }
  if (attribute.count > 0) {
    // A tie ends by the values' order, which is the long way's business.
    const Row& last = rows_[attribute.pairs[attribute.count - 1].row];
    if (last.time == rows_[row].time && last.source_rank == rows_[row].source_rank) return false;
  }
  attribute.pairs[attribute.count++] = {value, size, mark, row, row, 1, pool};
  attribute.pool += pool == attribute.pool;
  ++pair_count_;
  return true;
}

// Numbers the times and sources that are in use.
void Digest::number_rows() {
  for (const std::uint32_t name : present_) {
    const Attribute& attribute = attributes_[name];
    for (std::uint32_t i = 0; i < attribute.count; ++i) {
      const Pair& pair = attribute.pairs[i];
      rows_[pair.row].time_used = rows_[pair.row].source_used = rows_[pair.first_row].time_used = true;
    }
  }
  times_.clear();
  for (std::size_t i = row_count_; i-- > 0;) {
    Row& row = rows_[i];
    if (!row.time_used) continue;
    if (times_.empty() || times_.back() != row.time) times_.push_back(row.time);
    row.time_index = static_cast<std::uint8_t>(times_.size() - 1);
  }
  source_names_.clear();
  std::uint32_t ranks[kMaxRows];
  std::size_t count = 0;
  for (std::size_t i = 0; i < row_count_; ++i)
    if (rows_[i].source_used) ranks[count++] = rows_[i].source_rank;
  std::sort(ranks, ranks + count);
  count = static_cast<std::size_t>(std::unique(ranks, ranks + count) - ranks);
  source_names_.resize(count);
  for (std::size_t i = 0; i < row_count_; ++i) {
    Row& row = rows_[i];
    if (!row.source_used) continue;
    row.source_index = static_cast<std::uint8_t>(std::lower_bound(ranks, ranks + count, row.source_rank) - ranks);
    source_names_[row.source_index] = row.source;
  }
}

void Digest::write_record(std::uint32_t name, std::byte*& to) {
  const Attribute& attribute = attributes_[name];
  put_varint(to, names_.text(name).size());
  put_bytes(to, as_bytes(names_.text(name)));
  if (attribute.count == 1 && attribute.pairs[0].times == 1) {
    const Pair& pair = attribute.pairs[0];
    *to++ = std::byte{0};
    put_with_slack(to, pair.value, pair.size);
    *to++ = static_cast<std::byte>(rows_[pair.row].source_index);
    *to++ = static_cast<std::byte>(rows_[pair.row].time_index);
    return;
  }
  *to++ = static_cast<std::byte>(format::kSeveral);
  *to++ = static_cast<std::byte>(attribute.pool);
  std::uint8_t pool = 0;
  for (std::uint32_t i = 0; i < attribute.count; ++i) {
    if (attribute.pairs[i].pool != pool) continue;
    ++pool;
    put_with_slack(to, attribute.pairs[i].value, attribute.pairs[i].size);
  }
  *to++ = static_cast<std::byte>(attribute.count);
  for (std::uint32_t i = 0; i < attribute.count; ++i) {
    const Pair& pair = attribute.pairs[i];
    *to++ = static_cast<std::byte>(pair.pool);
    *to++ = static_cast<std::byte>(rows_[pair.row].source_index);
    *to++ = static_cast<std::byte>(rows_[pair.row].time_index);
    *to++ = static_cast<std::byte>(pair.times);
    if (pair.times > 1) *to++ = static_cast<std::byte>(rows_[pair.first_row].time_index);
  }
}

}  // namespace cdp::core::log
