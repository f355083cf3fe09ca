// src/core/timeline/builder.cpp: taking events in, ordering them, folding what is not kept.
#include "core/timeline/builder.hpp"

#include <algorithm>

#include "core/timeline/property_walk.hpp"

namespace cdp::core {

namespace {

constexpr std::uint32_t kMostNames = 4096;        // that are remembered from one timeline to the next
constexpr std::uint64_t kMostEvents = INT64_MAX;  // counts stop there

std::uint64_t saturated_sum(std::uint64_t a, std::uint64_t b) noexcept { return std::min(a + b, kMostEvents); }

}  // namespace

TimelineBuilder::TimelineBuilder(std::pmr::memory_resource* resource, std::uint64_t most_properties)
    : copies_(4096, resource),
      names_(resource),
      keys_(resource),
      seed_(fold_multiply(reinterpret_cast<std::uintptr_t>(this), 0x9E3779B97F4A7C15)),
      most_properties_(most_properties),
      rows_(resource),
      folds_(resource),
      sums_(resource),
      sum_of_(resource),
      kept_(resource),
      uses_(resource),
      used_(resource),
      cells_(resource),
      cell_order_(resource),
      key_counts_(resource),
      message_ids_(resource),
      key_uses_(resource),
      values_(resource),
      value_slots_(resource),
      value_order_(resource),
      value_rank_(resource),
      with_(resource),
      timeline_names_(resource),
      timeline_values_(resource) {}

void TimelineBuilder::clear() {
  for (const Fold& fold : folds_) uses_[fold.name].fold = kNone;
  if (names_.size() > kMostNames) {
    names_.clear();
    uses_.clear();
  }
  if (keys_.size() > kMostNames) keys_.clear();
  copies_.release();
  rows_.clear();
  folds_.clear();
  sums_.clear();
  if (!sum_of_.empty()) sum_of_.clear();
  keep_ = timeline::kMostKept;
  cut_ = INT64_MIN;
  places_ = 0;
}

void TimelineBuilder::refuse_events() {
  throw Error(Code::limit_exceeded, "timeline exceeds the maximum size of 1 GB");
}

void TimelineBuilder::refuse_properties() {
  throw Error(Code::limit_exceeded, "timeline has too many properties",
              "Its kept events can have " + std::to_string(timeline::kMostProperties) + " properties in all.");
}

ByteSpan TimelineBuilder::copy(ByteSpan bytes) {
  auto* const copy = static_cast<std::byte*>(copies_.allocate(bytes.size() + 1, 1));
  copy_short(copy, bytes.data(), bytes.size());
  return {copy, bytes.size()};
}

// Small timelines can have many properties: what has been added is made into one before it takes too much memory.
void TimelineBuilder::make_room_for(std::uint64_t properties, const Poll& poll) {
  if (places_ + properties <= 2 * most_properties_ || places_ <= most_properties_) return;
  Buffer gathered(rows_.get_allocator().resource());
  write(gathered, poll);
  clear();
  add_places(TimelineView(copy(gathered.span())), poll);
}

void TimelineBuilder::add_timeline(const TimelineView& timeline, const Poll& poll) {
  std::uint64_t properties = 0;
  for (ColumnReader reader = timeline.columns(); reader.next();) properties += reader.column().presence().count();
  make_room_for(properties, poll);
  add_places(timeline, poll);
}

void TimelineBuilder::add_places(const TimelineView& timeline, const Poll& poll) {
  limit_keep(timeline.keep());
  cut(timeline.cut());
  timeline_names_.clear();
  timeline_values_.clear();
  timeline.for_each_name([this](std::string_view name) { timeline_names_.push_back(name); });
  timeline.for_each_value([this](Value value) {
    const auto head = varint_size(value.bytes.size() << 3);
    timeline_values_.push_back(value.bytes.data() - head);
  });
  timeline.for_each_folded([this](std::uint32_t name, const Folded& part) {
    add_folded(timeline_names_[name], part.count, part.first, part.horizon);
    part.for_each_sum([this](const Folded::Sum& sum) { add_folded_sum(sum.key, sum.count, sum.total); });
  });
  std::byte near[2048];
  std::pmr::monotonic_buffer_resource memory(near, sizeof near, rows_.get_allocator().resource());
  PropertyWalk walk(timeline, &memory);
  const auto ids = timeline.message_ids();
  timeline::PresenceCursor with_id(ids ? ids->presence() : timeline::Presence());
  using Place = timeline::RowProperties::Place;
  Buffer decimal(rows_.get_allocator().resource()), number(rows_.get_allocator().resource());
  for (std::uint32_t i = 0; i < timeline.size(); ++i) {
    poll();
    std::optional<std::string_view> id;
    if (const auto rank = ids ? with_id.find(i) : std::nullopt) {
      const std::byte* at = timeline_values_[ids->index(*rank)];
      id = as_text(trusted_value(at).bytes);
    }
    add_event(timeline.time(i), timeline_names_[timeline.name_of(i)], id);
    walk.next();
    if (!walk.any()) continue;
    auto* const places = static_cast<Place*>(copies_.allocate(walk.count() * sizeof(Place), alignof(Place)));
    Place* to = places;
    walk.for_each([&](std::string_view key, const TimelineColumn& column, std::uint32_t rank) {
      const std::byte* const text = as_bytes(key).data() - varint_size(key.size());
      if (column.is_numbers()) {
        decimal.clear();
        append_decimal(decimal, column.scaled(rank), column.scale());
        number.clear();
        append_value(number, {Type::number, decimal.span()});
        *to++ = {text, copy(number.span()).data()};
      } else {
        *to++ = {text, timeline_values_[column.index(rank)]};
      }
    });
    places_ += walk.count();
    rows_.back().properties = timeline::RowProperties(std::span<const Place>(places, to));
  }
}

// Message id, then properties; without one comes first.
int TimelineBuilder::compare_rest(const Row& a, const Row& b) const noexcept {
  if (a.id_size != b.id_size || a.id_size != kNone) {
    if (a.id_size == kNone || b.id_size == kNone) return a.id_size == kNone ? -1 : 1;
    const int order = compare_bytes(as_bytes({a.id, a.id_size}), as_bytes({b.id, b.id_size}));
    if (order != 0) return order;
  }
  return compare(a.properties, b.properties);
}

// Brings the rows into order, each event once.
void TimelineBuilder::sort_rows(const Poll& poll) {
  const auto& ranks = names_.ranks();
  kept_.resize(rows_.size());
  bool ordered = true;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    kept_[i] = {rows_[i].time, static_cast<std::uint64_t>(ranks[rows_[i].name]) << 32 | i};
    ordered = ordered && (i == 0 || kept_[i - 1].time < kept_[i].time);
  }
  if (ordered) return;
  std::sort(kept_.begin(), kept_.end(), [&](const Key& a, const Key& b) {
    poll();
    if (a.time != b.time) return a.time < b.time;
    if ((a.rest ^ b.rest) >> 32 != 0) return a.rest < b.rest;
    return compare_rest(rows_[a.row()], rows_[b.row()]) < 0;
  });
  const auto same = [this](const Key& a, const Key& b) {
    return a.time == b.time && (a.rest ^ b.rest) >> 32 == 0 && compare_rest(rows_[a.row()], rows_[b.row()]) == 0;
  };
  kept_.erase(std::unique(kept_.begin(), kept_.end(), same), kept_.end());
}

// The newest events of each name stay, unless they are before the cut.
void TimelineBuilder::fold_rows(const Poll& poll) {
  if (kept_.size() <= keep_ && (kept_.empty() || kept_.front().time >= cut_)) return;
  for (const Row& row : rows_) uses_[row.name].kept = 0;
  std::size_t to = kept_.size();
  for (std::size_t i = kept_.size(); i-- > 0;) {
    poll();
    const Row& row = rows_[kept_[i].row()];
    std::uint32_t& kept = uses_[row.name].kept;
    if (kept < keep_ && row.time >= cut_) {
      ++kept;
      kept_[--to] = kept_[i];
    } else {
      fold_row(row);
    }
  }
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(to));
}

void TimelineBuilder::fold_row(const Row& row) {
  const std::uint32_t index = fold_of(row.name, row.time);
  Fold& fold = folds_[index];
  fold.count = saturated_sum(fold.count, 1);
  fold.first = std::min(fold.first, row.time);
  fold.horizon = std::max(fold.horizon, row.time);
  row.properties.for_each([&](const timeline::RowProperties::Property& property) {
    if (property.value.type == Type::number) add_to_sum(index, property.key, 1, property.value.bytes);
  });
}

std::uint32_t TimelineBuilder::fold_of(std::uint32_t name, std::int64_t time) {
  if (uses_.size() < names_.size()) uses_.resize(names_.size());
  std::uint32_t& fold = uses_[name].fold;
  if (fold == kNone) {
    folds_.push_back({name, 0, time, time});
    fold = static_cast<std::uint32_t>(folds_.size()) - 1;
  }
  return fold;
}

void TimelineBuilder::add_to_sum(std::uint32_t fold, std::string_view key, std::uint64_t count, ByteSpan total) {
  const std::uint32_t id = keys_.intern(key);
  const std::uint64_t place = static_cast<std::uint64_t>(fold) << 32 | id;
  auto at = sum_of_.find(place);
  if (at == sum_of_.end()) {
    if (sums_.size() == sums_.capacity()) sums_.reserve(std::max<std::size_t>(16, 2 * sums_.size()));
    timeline::ExactSum none(sums_.get_allocator().resource());
    at = sum_of_.emplace(place, static_cast<std::uint32_t>(sums_.size())).first;  // the last step that may fail
    sums_.push_back({fold, id, 0, std::move(none)});
  }
  FoldSum& sum = sums_[at->second];
  sum.total.add(total);
  sum.count = saturated_sum(sum.count, count);
}

void TimelineBuilder::add_folded(std::string_view name, std::uint64_t count, std::int64_t first, std::int64_t horizon) {
  name_ = names_.intern(name, name_);
  Fold& fold = folds_[fold_of(name_, first)];
  fold.count = saturated_sum(fold.count, count);
  fold.first = std::min(fold.first, first);
  fold.horizon = std::max(fold.horizon, horizon);
}

void TimelineBuilder::add_folded_sum(std::string_view key, std::uint64_t count, ByteSpan total) {
  add_to_sum(uses_[name_].fold, key, count, total);
}

}  // namespace cdp::core
