// src/core/profile/evidence.cpp: from a record to what is kept in it.
#include "core/profile/evidence.hpp"

#include "core/profile/format.hpp"

namespace cdp::core {

EvidenceReader::EvidenceReader(const ProfileView& profile, std::pmr::memory_resource* resource)
    : times_(resource),
      sources_(resource),
      values_(resource),
      entries_(resource),
      spans_(resource),
      extremes_(resource) {
  profile.for_each_time([this](std::int64_t time) { times_.push_back(time); });
  profile.for_each_source([this](std::string_view name) { sources_.push_back(name); });
}

Evidence EvidenceReader::read(const Attribute& attribute) {
  values_.clear();
  entries_.clear();
  spans_.clear();
  extremes_.clear();
  format::RecordCursor cursor = attribute.cursor();
  cursor.for_each_value([this](const Value& value) { values_.push_back(value); });
  while (cursor.entries_left() > 0) {
    const format::RawEntry raw = cursor.next_entry();
    entries_.push_back({values_[raw.value], raw.source, times_[raw.last], times_[raw.first], raw.times});
  }
  if (attribute.overflowed()) {
    const format::OverflowTail tail = cursor.overflow_tail();
    for (std::uint64_t left = tail.span_count; left > 0; --left) {
      const format::RawSpan raw = cursor.next_span();
      spans_.push_back(
          {raw.source, values_[raw.earliest], times_[raw.earliest_at], values_[raw.latest], times_[raw.latest_at]});
      SourceSpan& span = spans_.back();
      if (!raw.has_known) continue;
      span.known = values_[raw.known];
      span.known_at = times_[raw.known_at];
    }
    for (int left = cursor.has_extremes() ? 3 : 0; left > 0; --left) {
      const format::RawPoint raw = cursor.next_extreme();
      extremes_.push_back({values_[raw.value], raw.source, times_[raw.at]});
    }
  }
  return {attribute.overflowed(), attribute.partial(), entries_, spans_, extremes_, sources_};
}

}  // namespace cdp::core
