// src/core/timeline/builder_write.cpp: what is kept, as bytes (docs/format.md).
#include <algorithm>
#include <bit>

#include "core/bytes/hash.hpp"
#include "core/profile/layout.hpp"
#include "core/timeline/builder.hpp"

namespace cdp::core {

namespace {

constexpr std::size_t kWriterSlack = 8;

// The coarsest unit of the times that are in order.
template <typename Keys>
std::uint8_t coarsest_unit(const Keys& keys) noexcept {
  std::uint8_t unit = keys.empty() ? 0 : timeline::kUnitCount - 1;
  for (const auto& key : keys) {
    if (unit == 0) break;
    while (key.time % timeline::kUnits[unit] != 0) --unit;
  }
  return unit;
}

// Calls visit with the unit as a constant: dividing by one is several times faster.
template <typename Visit>
void with_unit(std::uint8_t unit, Visit&& visit) {
  switch (unit) {
    case 0: return visit(std::integral_constant<std::uint64_t, timeline::kUnits[0]>{});
    case 1: return visit(std::integral_constant<std::uint64_t, timeline::kUnits[1]>{});
    case 2: return visit(std::integral_constant<std::uint64_t, timeline::kUnits[2]>{});
    case 3: return visit(std::integral_constant<std::uint64_t, timeline::kUnits[3]>{});
    case 4: return visit(std::integral_constant<std::uint64_t, timeline::kUnits[4]>{});
    default: return visit(std::integral_constant<std::uint64_t, timeline::kUnits[5]>{});
  }
}

// Room for an array at the end of `out`; put_all writes it.
template <typename PutAll>
void write_bits(Buffer& out, std::uint64_t count, unsigned width, PutAll&& put_all) {
  const std::size_t start = out.size(), size = timeline::packed_size(count, width);
  timeline::BitWriter writer(out.extend(size + kWriterSlack));
  put_all(writer);
  writer.finish();
  out.truncate(start + size);
}

}  // namespace

void TimelineBuilder::write(Buffer& out, const Poll& poll) {
  if (uses_.size() < names_.size()) uses_.resize(names_.size());
  sort_rows(poll);
  fold_rows(poll);
  number_names();
  const bool ids =
      std::any_of(kept_.begin(), kept_.end(), [this](Key key) { return rows_[key.row()].id_size != kNone; });
  const bool properties =
      std::any_of(kept_.begin(), kept_.end(), [this](Key key) { return !rows_[key.row()].properties.empty(); });
  const std::size_t start = out.size();
  std::uint16_t flags = 0;
  if (!folds_.empty()) flags |= timeline::kFolded;
  if (cut_ != INT64_MIN) flags |= timeline::kCut;
  if (ids) flags |= timeline::kMessageIds;
  if (keep_ != timeline::kMostKept) flags |= timeline::kKeeps;
  if (properties) flags |= timeline::kProperties;
  std::byte* const header = out.extend(timeline::kBody);
  header[timeline::kMagicAt] = static_cast<std::byte>(timeline::kMagic);
  header[timeline::kVersionAt] = static_cast<std::byte>(timeline::kVersion);
  store_le(header + timeline::kFlags, flags);
  store_le(header + timeline::kCount, static_cast<std::uint32_t>(kept_.size()));
  store_le<std::uint32_t>(header + timeline::kReserved, 0);
  write_events(out);
  if (!folds_.empty()) write_folded(out);
  written_ = kept_.size();
  if (!ids && !properties) return;
  write_properties(start, out, poll);
  written_ += cells_.size();
}

// The names in use, in the order of their bytes.
void TimelineBuilder::number_names() {
  ++write_;
  used_.clear();
  const auto use = [this](std::uint32_t name) {
    if (uses_[name].write == write_) return;
    uses_[name].write = write_;
    used_.push_back(name);
  };
  for (const Key& key : kept_) use(rows_[key.row()].name);
  for (const Fold& fold : folds_) use(fold.name);
  const auto& ranks = names_.ranks();
  std::sort(used_.begin(), used_.end(), [&ranks](std::uint32_t a, std::uint32_t b) { return ranks[a] < ranks[b]; });
  for (std::uint32_t i = 0; i < used_.size(); ++i) uses_[used_[i]].index = i;
}

void TimelineBuilder::write_events(Buffer& out) {
  const std::size_t start = out.size() - timeline::kBody;
  const std::uint8_t unit = coarsest_unit(kept_);
  const auto scale = static_cast<std::uint64_t>(timeline::kUnits[unit]);
  unsigned width = 0;
  if (!kept_.empty()) {
    // Unsigned: from -infinity to infinity is more than an int64 holds.
    const std::uint64_t span =
        static_cast<std::uint64_t>(kept_.back().time) - static_cast<std::uint64_t>(kept_.front().time);
    width = static_cast<unsigned>(std::bit_width(span / scale));
    out.varint(zigzag(kept_.front().time / timeline::kUnits[unit]));
  }
  out.data()[start + timeline::kUnit] = static_cast<std::byte>(unit);
  out.data()[start + timeline::kWidth] = static_cast<std::byte>(width);
  if (cut_ != INT64_MIN) out.varint(zigzag(cut_));
  if (keep_ != timeline::kMostKept) out.varint(keep_);

  std::size_t names = 0;
  for (const std::uint32_t name : used_) names += names_.text(name).size() + kLongestVarint;
  const std::size_t before = out.size();
  std::byte* const room = out.extend(2 * kLongestVarint + names);
  std::byte* to = room + 2 * kLongestVarint;  // the length that precedes them is known afterwards
  for (const std::uint32_t name : used_) {
    put_varint(to, names_.text(name).size());
    put_bytes(to, as_bytes(names_.text(name)));
  }
  const auto size = static_cast<std::size_t>(to - room) - 2 * kLongestVarint;
  to = room;
  put_varint(to, used_.size());
  put_varint(to, size);
  std::memmove(to, room + 2 * kLongestVarint, size);
  out.truncate(before + static_cast<std::size_t>(to - room) + size);

  const std::uint64_t count = kept_.size();
  const unsigned name_width = timeline::index_width(used_.size());
  write_bits(out, count, name_width, [&](timeline::BitWriter& writer) {
    for (const Key& key : kept_) writer.put(uses_[rows_[key.row()].name].index, name_width);
  });
  if (count < 2) return;
  write_bits(out, count - 1, width, [&](timeline::BitWriter& writer) {
    const auto base = static_cast<std::uint64_t>(kept_.front().time);
    with_unit(unit, [&](auto divisor) {
      for (std::size_t i = 1; i < count; ++i)
        writer.put((static_cast<std::uint64_t>(kept_[i].time) - base) / divisor, width);
    });
  });
}

void TimelineBuilder::write_folded(Buffer& out) {
  const auto& ranks = names_.ranks();
  const auto& key_ranks = keys_.ranks();
  std::pmr::vector<std::uint32_t> folds(folds_.get_allocator().resource()), sums(folds_.get_allocator().resource());
  for (std::uint32_t i = 0; i < folds_.size(); ++i) folds.push_back(i);
  for (std::uint32_t i = 0; i < sums_.size(); ++i) sums.push_back(i);
  const auto rank_of = [&](std::uint32_t fold) { return ranks[folds_[fold].name]; };
  std::sort(folds.begin(), folds.end(), [&](std::uint32_t a, std::uint32_t b) { return rank_of(a) < rank_of(b); });
  std::sort(sums.begin(), sums.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (sums_[a].fold != sums_[b].fold) return rank_of(sums_[a].fold) < rank_of(sums_[b].fold);
    return key_ranks[sums_[a].key] < key_ranks[sums_[b].key];
  });
  out.varint(folds.size());
  std::size_t at = 0;
  Buffer total(folds_.get_allocator().resource());
  for (const std::uint32_t i : folds) {
    const Fold& fold = folds_[i];
    out.varint(uses_[fold.name].index);
    out.varint(fold.count);
    out.varint(zigzag(fold.first));
    out.varint(zigzag(fold.horizon));
    std::size_t end = at;
    while (end < sums.size() && sums_[sums[end]].fold == i) ++end;
    out.varint(end - at);
    for (; at < end; ++at) {
      const FoldSum& sum = sums_[sums[at]];
      const std::string_view key = keys_.text(sum.key);
      out.varint(key.size());
      out.append(key);
      out.varint(sum.count);
      total.clear();
      sum.total.append_to(total);
      out.varint(total.size());
      out.append(total.span());
    }
  }
}

// The properties of the kept events, grouped by key; within a key in the order of the events.
void TimelineBuilder::collect_cells(const Poll& poll) {
  cells_.clear();
  key_uses_.clear();
  std::uint32_t key = 0;
  for (std::uint32_t event = 0; event < kept_.size(); ++event) {
    poll();
    rows_[kept_[event].row()].properties.for_each([&](const timeline::RowProperties::Property& property) {
      poll();
      if (cells_.size() == most_properties_) refuse_properties();
      key = keys_.intern(property.key, key);
      const bool is_number = property.value.type == Type::number;
      const auto scaled = is_number ? decimal_to_scaled(property.value.bytes) : std::nullopt;
      cells_.push_back({property.at, scaled ? scaled->mantissa : 0, key, event, 0,
                        scaled ? static_cast<std::uint8_t>(scaled->scale) : kNotScaled, is_number});
      ++key;  // the next key tends to follow
    });
  }
  key_counts_.assign(keys_.size(), 0);
  const auto& ranks = keys_.ranks();
  for (const Cell& cell : cells_)
    if (key_counts_[cell.key]++ == 0) key_uses_.push_back({cell.key, ranks[cell.key], 0, 0});
  std::sort(key_uses_.begin(), key_uses_.end(), [](const KeyUse& a, const KeyUse& b) { return a.rank < b.rank; });
  std::uint32_t begin = 0;
  for (KeyUse& use : key_uses_) {
    const std::uint32_t count = key_counts_[use.key];
    use.begin = key_counts_[use.key] = begin;
    use.end = begin += count;
  }
  cell_order_.resize(cells_.size());
  for (std::uint32_t i = 0; i < cells_.size(); ++i) cell_order_[key_counts_[cells_[i].key]++] = i;
}

// The numbers of a key are stored as integers of one scale, if all of them fit 64 bits so.
void TimelineBuilder::scale_numbers(KeyUse& use) {
  unsigned scale = 0;
  std::uint32_t numbers = 0;
  for (std::uint32_t i = use.begin; i < use.end; ++i) {
    const Cell& cell = cells_[cell_order_[i]];
    if (!cell.is_number) continue;
    if (cell.scale == kNotScaled) return;
    ++numbers;
    scale = std::max<unsigned>(scale, cell.scale);
  }
  if (numbers == 0) return;
  std::int64_t least = INT64_MAX, greatest = INT64_MIN;
  for (std::uint32_t i = use.begin; i < use.end; ++i) {
    const Cell& cell = cells_[cell_order_[i]];
    if (!cell.is_number) continue;
    std::int64_t mantissa = cell.mantissa;
    for (unsigned s = cell.scale; s < scale; ++s)
      if (__builtin_mul_overflow(mantissa, 10, &mantissa)) return;
    least = std::min(least, mantissa);
    greatest = std::max(greatest, mantissa);
  }
  use.numbers = numbers;
  use.scale = scale;
  use.base = least;
  use.width =
      static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(greatest) - static_cast<std::uint64_t>(least)));
}

std::size_t TimelineBuilder::slot_of(const Value& value) const noexcept {
  return hash_bytes(value.bytes, seed_ ^ static_cast<std::uint64_t>(value.type));
}

std::uint32_t TimelineBuilder::intern(const Value& value) {
  if (values_.size() * 2 >= value_slots_.size()) {
    value_slots_.assign(std::max<std::size_t>(64, value_slots_.size() * 2), kNone);
    for (std::uint32_t i = 0; i < values_.size(); ++i) {
      std::size_t slot = slot_of(values_[i]);
      while (value_slots_[slot &= value_slots_.size() - 1] != kNone) ++slot;
      value_slots_[slot] = i;
    }
  }
  for (std::size_t slot = slot_of(value);; ++slot) {
    const std::uint32_t found = value_slots_[slot &= value_slots_.size() - 1];
    if (found == kNone) {
      values_.push_back(value);
      return value_slots_[slot] = static_cast<std::uint32_t>(values_.size()) - 1;
    }
    if (values_[found] == value) return found;
  }
}

// A long value that many events share isn't read for each of them.
std::uint32_t TimelineBuilder::intern_at(const std::byte* at) {
  constexpr std::size_t kLong = 64;
  const std::byte* after = at;
  const Value value = trusted_value(after);
  if (value.bytes.size() < kLong) return intern(value);
  Interned& known = interned_[fold_multiply(reinterpret_cast<std::uintptr_t>(at), seed_) % interned_.size()];
  if (known.value != at || known.write != write_) known = {at, write_, intern(value)};
  return known.index;
}

void TimelineBuilder::intern_values(const Poll& poll) {
  values_.clear();
  value_slots_.clear();
  for (KeyUse& use : key_uses_) {
    scale_numbers(use);
    for (std::uint32_t i = use.begin; i < use.end; ++i) {
      poll();
      Cell& cell = cells_[cell_order_[i]];
      if (use.numbers == 0 || !cell.is_number) cell.index = intern_at(cell.value);
    }
  }
  message_ids_.clear();
  for (const Key& key : kept_) {
    poll();
    const Row& row = rows_[key.row()];
    const bool none = row.id_size == kNone;
    message_ids_.push_back(none ? kNone : intern({Type::string, as_bytes({row.id, row.id_size})}));
  }
}

void TimelineBuilder::rank_values(const Poll& poll) {
  value_order_.resize(values_.size());
  value_rank_.resize(values_.size());
  for (std::uint32_t i = 0; i < values_.size(); ++i) value_order_[i] = i;
  std::sort(value_order_.begin(), value_order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    poll();
    return compare(values_[a], values_[b]) < 0;
  });
  for (std::uint32_t i = 0; i < values_.size(); ++i) value_rank_[value_order_[i]] = i;
}

void TimelineBuilder::write_properties(std::size_t start, Buffer& out, const Poll& poll) {
  collect_cells(poll);
  intern_values(poll);
  rank_values(poll);
  if (!values_.empty()) {
    std::byte* const flags = out.data() + start + timeline::kFlags;
    store_le(flags, static_cast<std::uint16_t>(load_le<std::uint16_t>(flags) | timeline::kDictionary));
    out.varint(values_.size());
  }
  for (const std::uint32_t value : value_order_) append_value(out, values_[value]);
  write_message_ids(out);
  if (key_uses_.empty()) return;
  std::size_t columns = 0;
  for (const KeyUse& use : key_uses_) columns += (use.numbers > 0) + (use.end - use.begin > use.numbers);
  out.varint(columns);
  for (const KeyUse& use : key_uses_) {
    poll();
    if (use.numbers > 0) write_column(use, true, false, out);
    if (use.end - use.begin > use.numbers) write_column(use, false, use.numbers > 0, out);
  }
}

// Which events have what the column is about, in the form that the column's head announces.
void TimelineBuilder::write_presence(std::uint8_t form, Buffer& out) {
  if (form == timeline::kFew) {
    out.varint(with_.size());
    const unsigned width = timeline::index_width(kept_.size());
    write_bits(out, with_.size(), width, [&](timeline::BitWriter& writer) {
      for (const std::uint32_t event : with_) writer.put(event, width);
    });
  }
  if (form != timeline::kSome) return;
  const std::size_t size = timeline::packed_size(kept_.size(), 1);
  std::byte* const bits = out.extend(size);
  std::memset(bits, 0, size);
  for (const std::uint32_t event : with_) bits[event / 8] |= static_cast<std::byte>(1 << event % 8);
}

void TimelineBuilder::write_message_ids(Buffer& out) {
  with_.clear();
  for (std::uint32_t i = 0; i < message_ids_.size(); ++i)
    if (message_ids_[i] != kNone) with_.push_back(i);
  if (with_.empty()) return;
  const std::uint8_t form = timeline::presence_form(with_.size(), kept_.size());
  out.byte(form);
  write_presence(form, out);
  const unsigned width = timeline::index_width(values_.size());
  write_bits(out, with_.size(), width, [&](timeline::BitWriter& writer) {
    for (const std::uint32_t event : with_) writer.put(value_rank_[message_ids_[event]], width);
  });
}

void TimelineBuilder::write_column(const KeyUse& use, bool numbers, bool same_key, Buffer& out) {
  with_.clear();
  const auto belongs = [&](const Cell& cell) { return (use.numbers > 0 && cell.is_number) == numbers; };
  for (std::uint32_t i = use.begin; i < use.end; ++i)
    if (const Cell& cell = cells_[cell_order_[i]]; belongs(cell)) with_.push_back(cell.event);
  const std::uint8_t form = timeline::presence_form(with_.size(), kept_.size());
  out.byte(static_cast<std::uint8_t>((numbers ? timeline::kNumbers : 0) | (same_key ? timeline::kSameKey : 0) | form));
  if (!same_key) {
    const std::string_view key = keys_.text(use.key);
    out.varint(key.size());
    out.append(key);
  }
  if (numbers) {
    out.byte(static_cast<std::uint8_t>(use.scale));
    out.byte(static_cast<std::uint8_t>(use.width));
    out.varint(zigzag(use.base));
  }
  write_presence(form, out);
  const unsigned width = numbers ? use.width : timeline::index_width(values_.size());
  write_bits(out, with_.size(), width, [&](timeline::BitWriter& writer) {
    for (std::uint32_t i = use.begin; i < use.end; ++i) {
      const Cell& cell = cells_[cell_order_[i]];
      if (!belongs(cell)) continue;
      std::int64_t mantissa = cell.mantissa;
      for (unsigned s = cell.scale; numbers && s < use.scale; ++s) mantissa *= 10;
      writer.put(numbers ? static_cast<std::uint64_t>(mantissa) - static_cast<std::uint64_t>(use.base)
                         : value_rank_[cell.index],
                 width);
    }
  });
}

}  // namespace cdp::core
