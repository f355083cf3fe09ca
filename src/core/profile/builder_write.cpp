// src/core/profile/builder_write.cpp: from what is kept to the canonical bytes (docs/format.md).
#include <algorithm>

#include "core/profile/builder.hpp"
#include "core/profile/format.hpp"

namespace cdp::core {

namespace {

std::uint8_t coarsest_unit(const std::pmr::vector<std::int64_t>& times) noexcept {
  if (times.empty()) return 0;
  for (std::uint8_t unit = format::kUnitCount; --unit > 0;)
    if (std::all_of(times.begin(), times.end(), [unit](std::int64_t t) { return t % format::kUnits[unit] == 0; }))
      return unit;
  return 0;
}

}  // namespace

void ProfileBuilder::write(Buffer& out) {
  const auto& name_ranks = names_.ranks();
  std::sort(present_.begin(), present_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return name_ranks[a] < name_ranks[b]; });
  plans_.clear();
  kept_.clear();
  kept_spans_.clear();
  kept_extremes_.clear();
  for (const std::uint32_t attribute : present_) plan_attribute(attribute);
  collect_times();
  number_sources();

  Vector<std::uint32_t> starts(resource_);
  starts.reserve(plans_.size());
  records_.clear();
  for (const Plan& plan : plans_) {
    starts.push_back(static_cast<std::uint32_t>(records_.size()));
    write_record(plan, records_);
  }
  Buffer tables(resource_);
  write_tables(tables);

  const std::size_t fixed = format::kDirectory + tables.size() + records_.size();
  const std::uint8_t width = fixed + 2 * plans_.size() <= UINT16_MAX ? 2 : 4;
  out.reserve(out.size() + fixed + width * plans_.size());
  out.byte(format::kMagic);
  out.byte(format::kVersion);
  out.le<std::uint16_t>(0);
  out.le(static_cast<std::uint32_t>(plans_.size()));
  out.le<std::uint32_t>(0);
  out.byte(plans_.empty() ? 0 : keep_);
  out.byte(static_cast<std::uint8_t>(source_ids_.size()));
  out.byte(coarsest_unit(times_));
  out.byte(width);
  const std::size_t records_at = format::kDirectory + width * plans_.size() + tables.size();
  for (const std::uint32_t start : starts) {
    if (width == 2) {
      out.le(static_cast<std::uint16_t>(records_at + start));
    } else {
      out.le(static_cast<std::uint32_t>(records_at + start));
    }
  }
  out.append(tables.span());
  out.append(records_.span());
}

void ProfileBuilder::write_tables(Buffer& out) {
  for (const std::uint32_t id : source_ids_) {
    out.varint(sources_.text(id).size());
    out.append(sources_.text(id));
  }
  const auto unit = format::kUnits[coarsest_unit(times_)];
  out.varint(times_.size());
  for (std::size_t i = 0; i < times_.size(); ++i) {
    if (i == 0) {
      out.varint(zigzag(times_[0] / unit));
    } else {
      // Unsigned: from -infinity to infinity is more than an int64 holds.
      out.varint((static_cast<std::uint64_t>(times_[i]) - static_cast<std::uint64_t>(times_[i - 1])) /
                 static_cast<std::uint64_t>(unit));
    }
  }
}

// The distinct values of an attribute: the golden one first, the others in order.
void ProfileBuilder::pool_values(const Plan& plan) {
  pool_.clear();
  for (std::size_t i = plan.entries; i < plan.entries_end; ++i) pool_.push_back(kept_[i].value);
  for (std::size_t i = plan.spans; i < plan.spans_end; ++i) {
    pool_.push_back(kept_spans_[i].earliest);
    pool_.push_back(kept_spans_[i].latest);
  }
  for (std::size_t i = plan.extremes; i < plan.extremes_end; ++i) pool_.push_back(kept_extremes_[i].value);
  std::sort(pool_.begin(), pool_.end(), [](const Value& a, const Value& b) { return compare(a, b) < 0; });
  pool_.erase(std::unique(pool_.begin(), pool_.end()), pool_.end());
  const auto golden = std::find(pool_.begin(), pool_.end(), kept_[plan.entries].value);
  std::rotate(pool_.begin(), golden, golden + 1);
}

std::uint64_t ProfileBuilder::value_index(Value value) const noexcept {
  if (pool_[0] == value) return 0;
  const auto at = std::lower_bound(pool_.begin() + 1, pool_.end(), value,
                                   [](const Value& a, const Value& b) { return compare(a, b) < 0; });
  return static_cast<std::uint64_t>(at - pool_.begin());
}

std::uint64_t ProfileBuilder::time_index(std::int64_t time) const noexcept {
  return static_cast<std::uint64_t>(std::lower_bound(times_.begin(), times_.end(), time) - times_.begin());
}

void ProfileBuilder::write_record(const Plan& plan, Buffer& out) {
  const std::string_view name = names_.text(plan.attribute);
  out.varint(name.size());
  out.append(name);
  const Entry& golden = kept_[plan.entries];
  if (!plan.overflowed && plan.observations == 1) {
    out.byte(0);
    append_value(out, golden.value);
    out.byte(source_index_[golden.source]);
    out.varint(time_index(golden.last_seen));
    return;
  }
  out.byte(format::kSeveral | (plan.overflowed ? format::kOverflowed : 0));
  pool_values(plan);
  out.varint(pool_.size());
  for (const Value& value : pool_) append_value(out, value);
  out.varint(plan.entries_end - plan.entries);
  for (std::size_t i = plan.entries; i < plan.entries_end; ++i) {
    const Entry& entry = kept_[i];
    out.varint(value_index(entry.value));
    out.byte(source_index_[entry.source]);
    out.varint(time_index(entry.last_seen));
    if (plan.overflowed) continue;
    out.varint(entry.times);
    if (entry.times > 1) out.varint(time_index(entry.first_seen));
  }
  if (plan.overflowed) write_overflow(plan, out);
}

void ProfileBuilder::write_overflow(const Plan& plan, Buffer& out) {
  out.varint(plan.observations);
  out.varint(plan.spans_end - plan.spans);
  for (std::size_t i = plan.spans; i < plan.spans_end; ++i) {
    const SourceSpan& span = kept_spans_[i];
    out.byte(source_index_[span.source]);
    out.varint(value_index(span.earliest));
    out.varint(time_index(span.earliest_at));
    out.varint(value_index(span.latest));
    out.varint(time_index(span.latest_at));
  }
  out.byte(plan.extremes_end > plan.extremes ? 1 : 0);
  for (std::size_t i = plan.extremes; i < plan.extremes_end; ++i) {
    const Extreme& extreme = kept_extremes_[i];
    out.varint(value_index(extreme.value));
    out.byte(source_index_[extreme.source]);
    out.varint(time_index(extreme.at));
  }
}

}  // namespace cdp::core
