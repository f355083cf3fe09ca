// src/core/profile/digest.cpp: few rows, no sorting but that of the rows.
#include "core/profile/digest.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

#include "core/profile/layout.hpp"

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

// The last eight bytes of a value with its head; before a value there is always more of the log.
std::uint64_t mark_of(const std::byte* value, std::uint32_t size) noexcept {
  return load_le<std::uint64_t>(value + size - 8) >> (size < 8 ? 64 - 8 * size : 0);
}

}  // namespace

Digest::Digest(std::pmr::memory_resource* resource)
    : names_(resource),
      sources_(resource),
      tables_(resource),
      attributes_(resource),
      present_(resource),
      by_rank_(resource),
      starts_(resource),
      source_names_(resource),
      times_(resource),
      records_(resource) {}

void Digest::start_over() {
  for (const std::uint32_t name : present_) {
    Attribute& attribute = attributes_[name];
    attribute.marks = 0;
    attribute.count = attribute.pool = 0;
    attribute.last_row = kNoRow;
  }
  present_.clear();
  std::fill(std::begin(name_set_), std::end(name_set_), 0);  // an error may have left some
  if (names_.size() <= kMaxNames && sources_.size() <= kMaxNames) return;
  names_.clear();
  sources_.clear();
  attributes_.clear();
  by_rank_.clear();
  tables_.clear();
}

bool Digest::write(ByteSpan log, Buffer& out) {
  start_over();
  if (!read_rows(log)) return false;
  sort_rows();
  bool all = true;
  for (std::size_t i = 0; i < row_count_ && all; ++i) all = add_members(order_[i]);
  sort_names();
  if (!all) return false;
  number_times();
  number_sources();

  // Every value stands in the log; what is added to them is bounded.
  records_.clear();
  starts_.clear();
  std::size_t most = log.size() + sizeof(Attribute::head) + kSlack;
  for (const std::uint32_t name : present_) most += names_.text(name).size() + 16 + 8 * attributes_[name].count;
  std::byte* const start = records_.extend(most);
  std::byte* to = start;
  for (const std::uint32_t name : present_) {
    starts_.push_back(static_cast<std::uint32_t>(to - start));
    write_record(name, to);
  }
  append_profile({format::kDefaultKeep, source_names_, times_, starts_, {start, static_cast<std::size_t>(to - start)}},
                 out);
  return true;
}

bool Digest::read_rows(ByteSpan log) {
  row_count_ = 0;
  ++logs_;
  Table* words = nullptr;
  const std::byte* at = log.data() + kHeader;
  const std::byte* const end = log.data() + used(log);
  while (at != end) {
    const ItemView item = next_item(at);
    if (item.kind == Item::words) {
      words = table(item.content);
      if (words == nullptr) return false;
      continue;
    }
    if ((item.kind != Item::row && item.kind != Item::coded) || row_count_ == kMaxRows) return false;
    Row& row = rows_[row_count_++];
    row.time = static_cast<std::int64_t>(load_le<std::uint64_t>(item.content.data()));
    row.end = at;
    time_uses_[row_count_ - 1] = 0;
    if (item.kind == Item::coded) {
      const auto number = std::to_integer<std::size_t>(item.content[8]);
      if (words->sources[number] == kNone) words->sources[number] = sources_.intern(words->words[number]);
      row.source = words->sources[number];
      row.members = item.content.data() + 9;
      row.table = words;
    } else {
      const RowView view = read_row(item.content);
      row.source = sources_.intern(view.source, 0);
      row.members = view.members.data();
      row.table = nullptr;
    }
  }
  return true;
}

// The same tables come again and again: those met last are kept, unless one log alone has more.
Digest::Table* Digest::table(ByteSpan texts) {
  for (Table& table : tables_) {
    if (!same_bytes(table.texts(), texts)) continue;
    table.log = logs_;
    return &table;
  }
  if (tables_.size() < kTables) {
    tables_.reserve(kTables);
    tables_.emplace_back();
    next_table_ = tables_.size() - 1;
  } else {
    next_table_ = (next_table_ + 1) % kTables;
  }
  Table& table = tables_[next_table_];
  if (table.log == logs_) return nullptr;
  table.log = logs_;
  table.size = texts.size();
  std::memcpy(table.bytes, texts.data(), texts.size());
  const std::byte* at = table.bytes;
  const std::byte* const end = at + texts.size();
  for (std::size_t i = 0; at != end; ++i) {
    const std::size_t length = trusted_varint(at);
    table.words[i] = as_text({at, length});
    table.names[i] = table.sources[i] = kNone;
    at += length;
  }
  return &table;
}

// Into the order in which their observations are kept.
void Digest::sort_rows() {
  const auto& ranks = sources_.ranks();
  ties_ = false;
  for (std::size_t i = 0; i < row_count_; ++i) {
    Row& row = rows_[i];
    row.source_rank = ranks[row.source];
    std::size_t at = i;
    for (; at > 0; --at) {
      const Row& before = rows_[order_[at - 1]];
      if (before.time > row.time) break;
      if (before.time == row.time) {
        ties_ |= before.source_rank == row.source_rank;
        if (before.source_rank <= row.source_rank) break;
      }
      order_[at] = order_[at - 1];
    }
    order_[at] = static_cast<std::uint8_t>(i);
  }
}

bool Digest::add_members(std::uint8_t number) {
  const Row row = rows_[number];
  const std::byte* at = row.members;
  std::uint32_t name = kNone;
  while (at != row.end) {
    if (row.table != nullptr) {
      name = row.table->names[std::to_integer<std::size_t>(*at)];
      if (name == kNone) [[unlikely]]
        name = attribute_of(*row.table, *at);
      ++at;
    } else {
      const std::size_t length = trusted_varint(at);
      name = attribute_of(as_text({at, length}), name + 1);
      at += length;
    }
    if (name == kNone) [[unlikely]]
      return false;
    name_set_[name / 64] |= std::uint64_t{1} << name % 64;
    const std::byte* const value = at;
    trusted_value(at);
    if (!add_pair(attributes_[name], value, static_cast<std::uint32_t>(at - value), number)) [[unlikely]]
      return false;
  }
  return true;
}

std::uint32_t Digest::attribute_of(Table& table, std::byte number) {
  const auto which = std::to_integer<std::size_t>(number);
  return table.names[which] = attribute_of(table.words[which], kNone);
}

// kNone when there are too many.
std::uint32_t Digest::attribute_of(std::string_view name, std::uint32_t guess) {
  // Room first, so that an attribute and its name always have the same number.
  if (attributes_.size() == attributes_.capacity()) attributes_.reserve(2 * attributes_.size() + 16);
  const std::uint32_t number = names_.intern(name, guess);
  if (number < attributes_.size()) return number;
  if (number >= 2 * kMaxNames) return kNone;
  Attribute& attribute = attributes_.emplace_back();
  if (name.size() < sizeof attribute.head) {
    attribute.head_size = static_cast<std::uint8_t>(1 + name.size());
    attribute.head[0] = static_cast<std::byte>(name.size());
    std::memcpy(attribute.head + 1, name.data(), name.size());
  }
  return number;
}

inline bool Digest::add_pair(Attribute& attribute, const std::byte* value, std::uint32_t size, std::uint8_t row) {
  const std::uint64_t mark = mark_of(value, size);
  const std::uint64_t bit = std::uint64_t{1} << (mark * 0x9E3779B97F4A7C15 >> 58);
  std::uint8_t pool = attribute.pool;
  if ((attribute.marks & bit) != 0) [[unlikely]] {
    pool = add_again(attribute, mark, {value, size}, row);
    if (pool == kCounted) return true;
  }
  // A tie ends by the values' order, which is the long way's business.
  const std::uint8_t last = attribute.last_row;
  if (last == row) [[unlikely]]
    return false;
  if (ties_ && tied(last, row)) [[unlikely]]
    return false;
  // Field by field: a copy of the whole would wait for its parts.
  Pair& pair = attribute.pairs[attribute.count];
  pair.value = value;
  pair.mark = mark;
  pair.size = size;
  pair.row = pair.first_row = row;
  pair.times = 1;
  pair.pool = pool;
  attribute.marks |= bit;
  attribute.pool = static_cast<std::uint8_t>(attribute.pool + (pool == attribute.pool));
  ++attribute.count;
  attribute.last_row = row;
  ++time_uses_[row];
  return true;
}

bool Digest::tied(std::uint8_t last, std::uint8_t row) const noexcept {
  return last != kNoRow && rows_[last].time == rows_[row].time && rows_[last].source == rows_[row].source;
}

// When it repeats a pair, counts it there. Else it returns which of the distinct values it is.
std::uint8_t Digest::add_again(Attribute& attribute, std::uint64_t mark, ByteSpan value, std::uint8_t row) {
  std::uint8_t pool = attribute.pool;
  for (std::uint32_t i = 0; i < attribute.count; ++i) {
    Pair& before = attribute.pairs[i];
    if (before.mark != mark || before.size != value.size()) continue;
    if (value.size() > 8 && std::memcmp(before.value, value.data(), value.size()) != 0) continue;
    pool = before.pool;
    if (rows_[before.row].source != rows_[row].source) continue;
    if (before.first_row != before.row) --time_uses_[before.first_row];
    if (row != before.row) ++time_uses_[row];
    before.first_row = row;
    ++before.times;
    return kCounted;
  }
  return pool;
}

// Makes the set of names a list, in their order.
void Digest::sort_names() {
  const auto& ranks = names_.ranks();
  const auto empty = [this](std::uint64_t set, std::size_t first, auto&& name_of) {
    for (; set != 0; set &= set - 1)
      present_.push_back(name_of(first + static_cast<std::size_t>(std::countr_zero(set))));
  };
  if (attributes_.size() > 64) {
    for (std::size_t i = 0; i < attributes_.size(); i += 64)
      empty(std::exchange(name_set_[i / 64], 0), i, [](std::size_t name) { return static_cast<std::uint32_t>(name); });
    std::sort(present_.begin(), present_.end(), [&](std::uint32_t a, std::uint32_t b) { return ranks[a] < ranks[b]; });
    return;
  }
  if (by_rank_.size() != names_.size()) {
    by_rank_.resize(names_.size());
    for (std::uint32_t name = 0; name < names_.size(); ++name) by_rank_[ranks[name]] = name;
  }
  std::uint64_t set = 0;
  for (std::uint64_t names = std::exchange(name_set_[0], 0); names != 0; names &= names - 1)
    set |= std::uint64_t{1} << ranks[static_cast<std::size_t>(std::countr_zero(names))];
  empty(set, 0, [this](std::size_t rank) { return by_rank_[rank]; });
}

// Numbers the times that are in use.
void Digest::number_times() {
  times_.clear();
  for (std::size_t i = row_count_; i-- > 0;) {
    const std::uint8_t number = order_[i];
    if (time_uses_[number] == 0) continue;
    if (times_.empty() || times_.back() != rows_[number].time) times_.push_back(rows_[number].time);
    time_index_[number] = static_cast<std::uint8_t>(times_.size() - 1);
  }
}

// Numbers the sources that are in use: each member of a row is in some pair of its source.
void Digest::number_sources() {
  source_names_.clear();
  if (sources_.size() <= 64) {
    std::uint64_t set = 0;
    for (std::size_t i = 0; i < row_count_; ++i)
      set |= static_cast<std::uint64_t>(rows_[i].members != rows_[i].end) << rows_[i].source_rank;
    source_names_.resize(static_cast<std::size_t>(std::popcount(set)));
    for (std::size_t i = 0; i < row_count_; ++i) {
      if (rows_[i].members == rows_[i].end) continue;
      const std::uint64_t before = set & ((std::uint64_t{1} << rows_[i].source_rank) - 1);
      source_index_[i] = static_cast<std::uint8_t>(std::popcount(before));
      source_names_[source_index_[i]] = sources_.text(rows_[i].source);
    }
    return;
  }
  std::uint32_t ranks[kMaxRows];
  std::size_t count = 0;
  for (std::size_t i = 0; i < row_count_; ++i)
    if (rows_[i].members != rows_[i].end) ranks[count++] = rows_[i].source_rank;
  std::sort(ranks, ranks + count);
  count = static_cast<std::size_t>(std::unique(ranks, ranks + count) - ranks);
  source_names_.resize(count);
  for (std::size_t i = 0; i < row_count_; ++i) {
    if (rows_[i].members == rows_[i].end) continue;
    source_index_[i] = static_cast<std::uint8_t>(std::lower_bound(ranks, ranks + count, rows_[i].source_rank) - ranks);
    source_names_[source_index_[i]] = sources_.text(rows_[i].source);
  }
}

void Digest::write_record(std::uint32_t name, std::byte*& end) {
  const Attribute& attribute = attributes_[name];
  std::byte* to = end;
  if (attribute.head_size != 0) {
    std::memcpy(to, attribute.head, sizeof attribute.head);
    to += attribute.head_size;
  } else {
    put_varint(to, names_.text(name).size());
    put_bytes(to, as_bytes(names_.text(name)));
  }
  const std::uint32_t count = attribute.count;
  if (count == 1 && attribute.pairs[0].times == 1) {
    const Pair& pair = attribute.pairs[0];
    *to++ = std::byte{0};
    put_with_slack(to, pair.value, pair.size);
    *to++ = static_cast<std::byte>(source_index_[pair.row]);
    *to++ = static_cast<std::byte>(time_index_[pair.row]);
    end = to;
    return;
  }
  *to++ = static_cast<std::byte>(format::kSeveral);
  *to++ = static_cast<std::byte>(attribute.pool);
  std::uint8_t pool = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    // Copied in any case, kept if it is the first of its value: cheaper than a branch that nobody can foresee.
    const Pair& pair = attribute.pairs[i];
    std::byte* end_of_value = to;
    put_with_slack(end_of_value, pair.value, pair.size);
    to = pair.pool == pool ? end_of_value : to;
    pool = static_cast<std::uint8_t>(pool + (pair.pool == pool));
  }
  *to++ = static_cast<std::byte>(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const Pair& pair = attribute.pairs[i];
    to[0] = static_cast<std::byte>(pair.pool);
    to[1] = static_cast<std::byte>(source_index_[pair.row]);
    to[2] = static_cast<std::byte>(time_index_[pair.row]);
    to[3] = static_cast<std::byte>(pair.times);
    to[4] = static_cast<std::byte>(time_index_[pair.first_row]);
    to += pair.times > 1 ? 5 : 4;
  }
  end = to;
}

}  // namespace cdp::core::log
