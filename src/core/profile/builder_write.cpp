// src/core/profile/builder_write.cpp: from what is kept to the canonical bytes (docs/format.md).
#include <algorithm>

#include "core/profile/builder.hpp"
#include "core/profile/format.hpp"
#include "core/profile/layout.hpp"

namespace cdp::core {

namespace {

void put_value(std::byte*& to, const Value& value) noexcept {
  put_varint(to, value.bytes.size() << 3 | static_cast<std::uint64_t>(value.type));
  put_bytes(to, value.bytes);
}

}  // namespace

void ProfileBuilder::write(Buffer& out, const Poll& poll) {
  const auto& name_ranks = names_.ranks();
  std::sort(present_.begin(), present_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return name_ranks[a] < name_ranks[b]; });
  plans_.clear();
  kept_.clear();
  kept_spans_.clear();
  kept_extremes_.clear();
  rank_times();
  const auto by_attribute = [](const auto& a, const auto& b) { return a.attribute < b.attribute; };
  std::sort(spans_.begin(), spans_.end(), by_attribute);
  std::sort(extremes_.begin(), extremes_.end(), by_attribute);
  rank_sources();
  for (const std::uint32_t attribute : present_) {
    poll();
    plan_attribute(attribute);
  }
  number_times();
  number_sources();
  starts_.clear();
  records_.clear();
  for (const Plan& plan : plans_) {
    poll();
    starts_.push_back(static_cast<std::uint32_t>(records_.size()));
    write_record(plan, records_);
  }
  append_profile(
      {keep_, source_names_, used_times_, starts_, records_.span(), sections_.write(poll), sections_.marks()}, out);
}

// Times in use, in order; from here on a time is the index into them.
void ProfileBuilder::number_times() {
  time_index_.assign(ranked_times_.size(), kNone);
  for (const Plan& plan : plans_) {
    for (std::size_t i = plan.entries; i < plan.entries_end; ++i) {
      time_index_[kept_[i].last] = 0;
      if (!plan.overflowed && kept_[i].times > 1) time_index_[kept_[i].first] = 0;
    }
  }
  for (const Span& span : kept_spans_) {
    time_index_[span.earliest_at] = time_index_[span.latest_at] = 0;
    if (span.has_known()) time_index_[span.known_at] = 0;
  }
  for (const Extreme& extreme : kept_extremes_) time_index_[extreme.at] = 0;
  used_times_.clear();
  for (std::size_t rank = 0; rank < ranked_times_.size(); ++rank) {
    if (time_index_[rank] == kNone) continue;
    time_index_[rank] = static_cast<std::uint32_t>(used_times_.size());
    used_times_.push_back(ranked_times_[rank]);
  }
}

void ProfileBuilder::rank_sources() {
  const auto& ranks = sources_.ranks();
  ranked_sources_.resize(sources_.size());
  for (std::uint32_t id = 0; id < sources_.size(); ++id) ranked_sources_[ranks[id]] = sources_.text(id);
}

// Sources in use, in the order of their bytes; likewise.
void ProfileBuilder::number_sources() {
  source_index_.assign(sources_.size(), kNone);
  for (const Point& entry : kept_) source_index_[entry.source] = 0;
  for (const Span& span : kept_spans_) source_index_[span.source] = 0;
  // Text from outside may name a source here alone.
  for (const Extreme& extreme : kept_extremes_) source_index_[extreme.source] = 0;
  source_names_.clear();
  for (std::uint32_t rank = 0; rank < sources_.size(); ++rank) {
    if (source_index_[rank] == kNone) continue;
    if (source_names_.size() == format::kMaxSources)
      throw Error(Code::limit_exceeded, "profile has too many sources", "A profile holds at most 255 sources.");
    source_index_[rank] = static_cast<std::uint32_t>(source_names_.size());
    source_names_.push_back(ranked_sources_[rank]);
  }
}

std::uint32_t ProfileBuilder::pooled(const MarkedValue& value) {
  std::uint32_t number = 0;
  while (number < pool_.size() && !(pool_[number] == value)) ++number;
  if (number == pool_.size()) pool_.push_back(value);
  return number;
}

// The distinct values of an attribute: the golden one, unless it is none of them, then in the order in which they are
// first referred to.
void ProfileBuilder::pool_values(const Plan& plan) {
  pool_.clear();
  if (!plan.derived) pool_.push_back(plan.golden);
  for (std::size_t i = plan.entries; i < plan.entries_end; ++i) kept_[i].next = pooled(kept_[i].value);
  for (std::size_t i = plan.spans; i < plan.spans_end; ++i) {
    kept_spans_[i].earliest_value = pooled(kept_spans_[i].earliest);
    kept_spans_[i].latest_value = pooled(kept_spans_[i].latest);
    if (kept_spans_[i].has_known()) kept_spans_[i].known_value = pooled(kept_spans_[i].known);
  }
  for (std::size_t i = plan.extremes; i < plan.extremes_end; ++i)
    kept_extremes_[i].value_number = pooled(kept_extremes_[i].value);
}

void ProfileBuilder::write_record(const Plan& plan, Buffer& out) {
  const std::string_view name = names_.text(plan.attribute);
  const Point& only = kept_[plan.entries];
  const bool single = !plan.overflowed && plan.observations == 1;
  const unsigned derived = plan.derived ? format::kDerived : 0;
  if (single) {
    pool_.assign(1, only.value);
  } else {
    pool_values(plan);
  }
  // Room for the longest forms, cut to what was written.
  std::size_t most = name.size() + 5 * kLongestVarint + (plan.entries_end - plan.entries) * 5 * kLongestVarint;
  for (const MarkedValue& value : pool_) most += value.bytes.size() + kLongestVarint;
  if (plan.derived) most += plan.golden.bytes.size() + kLongestVarint;
  const std::size_t start = out.size();
  std::byte* to = out.extend(most);
  put_varint(to, name.size());
  put_bytes(to, as_bytes(name));
  if (single) {
    *to++ = static_cast<std::byte>(derived);
    if (plan.derived) put_value(to, plan.golden);
    put_value(to, only.value);
    *to++ = static_cast<std::byte>(source_index_[only.source]);
    put_varint(to, time_index_[only.last]);
  } else {
    *to++ = static_cast<std::byte>(format::kSeveral | derived | (plan.overflowed ? format::kOverflowed : 0) |
                                   (plan.overflowed && plan.partial ? format::kPartial : 0));
    if (plan.derived) put_value(to, plan.golden);
    put_varint(to, pool_.size());
    for (const MarkedValue& value : pool_) put_value(to, value);
    put_varint(to, plan.entries_end - plan.entries);
    for (std::size_t i = plan.entries; i < plan.entries_end; ++i) {
      const Point& entry = kept_[i];
      put_varint(to, entry.next);
      *to++ = static_cast<std::byte>(source_index_[entry.source]);
      put_varint(to, time_index_[entry.last]);
      if (plan.overflowed) continue;
      put_varint(to, entry.times);
      if (entry.times > 1) put_varint(to, time_index_[entry.first]);
    }
  }
  out.truncate(start + static_cast<std::size_t>(to - (out.data() + start)));
  if (plan.overflowed) write_overflow(plan, out);
}

void ProfileBuilder::write_overflow(const Plan& plan, Buffer& out) {
  out.varint(plan.observations);
  out.varint(plan.spans_end - plan.spans);
  for (std::size_t i = plan.spans; i < plan.spans_end; ++i) {
    const Span& span = kept_spans_[i];
    out.byte(static_cast<std::uint8_t>(source_index_[span.source]));
    out.byte(span.has_known() ? 1 : 0);
    out.varint(span.earliest_value);
    out.varint(time_index_[span.earliest_at]);
    out.varint(span.latest_value);
    out.varint(time_index_[span.latest_at]);
    if (!span.has_known()) continue;
    out.varint(span.known_value);
    out.varint(time_index_[span.known_at]);
  }
  out.byte(plan.extremes_end > plan.extremes ? 1 : 0);
  for (std::size_t i = plan.extremes; i < plan.extremes_end; ++i) {
    const Extreme& extreme = kept_extremes_[i];
    out.varint(extreme.value_number);
    out.byte(static_cast<std::uint8_t>(source_index_[extreme.source]));
    out.varint(time_index_[extreme.at]);
  }
}

}  // namespace cdp::core
