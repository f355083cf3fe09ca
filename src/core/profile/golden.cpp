// src/core/profile/golden.cpp: one function per rule of survivorship.
#include "core/profile/golden.hpp"

#include <algorithm>
#include <vector>

#include "core/bytes/utf8.hpp"
#include "core/profile/decimal.hpp"

namespace cdp::core {

namespace {

constexpr std::uint32_t kNoSource = UINT32_MAX;
constexpr Value kUnknown{Type::erased, {}};
constexpr Golden kNothing{kUnknown, false, kNoSource, 0};

bool is_known(const Value& value) noexcept { return value.type != Type::erased; }

Golden chosen(const Entry& entry) noexcept { return {entry.value, false, entry.source, entry.last_seen}; }
Golden chosen(const Sighting& sighting) noexcept { return {sighting.value, false, sighting.source, sighting.at}; }

// Whether no entry before this one is of its source, erases not counted if `known`.
bool is_latest_of_source(const Evidence& evidence, bool known, std::size_t index) noexcept {
  const Entry& entry = evidence.entries[index];
  if (known && !is_known(entry.value)) return false;
  const auto before = evidence.entries.first(index);
  return std::none_of(before.begin(), before.end(), [&](const Entry& other) {
    return other.source == entry.source && (!known || is_known(other.value));
  });
}

// Calls visit(const Sighting&) with the latest observation of each source; of those that are no erase if `known`.
template <typename Visit>
void for_each_latest(const Evidence& evidence, bool known, Visit&& visit) {
  for (const SourceSpan& span : evidence.spans) {
    if (!known || is_known(span.latest)) {
      visit(Sighting{span.latest, span.source, span.latest_at});
    } else if (is_known(span.known)) {
      visit(Sighting{span.known, span.source, span.known_at});
    }
  }
  if (evidence.overflowed) return;
  for (std::size_t i = 0; i < evidence.entries.size(); ++i)
    if (is_latest_of_source(evidence, known, i))
      visit(Sighting{evidence.entries[i].value, evidence.entries[i].source, evidence.entries[i].last_seen});
}

// The earliest observation; of simultaneous ones by source, then value.
Golden choose_first(const Evidence& evidence) {
  Golden best = kNothing;
  const auto offer = [&best](const Value& value, std::uint32_t source, std::int64_t at) {
    if (!is_known(value)) return;
    const bool wins =
        !is_known(best.value) || at < best.at ||
        (at == best.at && (source < best.source || (source == best.source && compare(value, best.value) < 0)));
    if (wins) best = {value, false, source, at};
  };
  for (const SourceSpan& span : evidence.spans) offer(span.earliest, span.source, span.earliest_at);
  if (evidence.overflowed) return best;
  for (const Entry& entry : evidence.entries) offer(entry.value, entry.source, entry.first_seen);
  return best;
}

// The latest observation of the source that stands first in the list; those not listed after it, by recency.
Golden choose_by_priority(const Clause& clause, const Evidence& evidence) {
  std::size_t best_place = SIZE_MAX;
  Sighting best{kUnknown, 0, 0};
  for_each_latest(evidence, false, [&](const Sighting& latest) {
    const auto place = static_cast<std::size_t>(
        std::find(clause.sources.begin(), clause.sources.end(), evidence.source_names[latest.source]) -
        clause.sources.begin());
    if (place > best_place ||
        (place == best_place && (latest.at < best.at || (latest.at == best.at && latest.source > best.source))))
      return;
    best_place = place;
    best = latest;
  });
  return chosen(best);
}

// Of equal values the most recent observation, which comes first among the entries.
Golden choose_extreme(Survivorship rule, const Evidence& evidence) {
  if (evidence.overflowed) {
    if (evidence.extremes.empty()) return kNothing;
    return chosen(evidence.extremes[rule == Survivorship::min ? 0 : rule == Survivorship::max ? 1 : 2]);
  }
  const Entry* best = nullptr;
  std::size_t longest = 0;
  for (const Entry& entry : evidence.entries) {
    if (!is_known(entry.value)) continue;
    const std::size_t length = rule == Survivorship::longest ? length_of(entry.value) : 0;
    const int order = best == nullptr ? 1 : compare(entry.value, best->value);
    const bool wins = best == nullptr || (rule == Survivorship::max   ? order > 0
                                          : rule == Survivorship::min ? order < 0
                                                                      : length > longest);
    if (!wins) continue;
    best = &entry;
    longest = length;
  }
  return best == nullptr ? kNothing : chosen(*best);
}

// The value that was observed most often, by all sources together; of equally frequent ones the most recent.
Golden choose_frequent(const Evidence& evidence) {
  if (evidence.overflowed) return chosen(evidence.entries.front());
  const Entry* best = nullptr;
  std::uint64_t most = 0;
  for (const Entry& entry : evidence.entries) {
    if (!is_known(entry.value)) continue;
    std::uint64_t times = 0;
    for (const Entry& other : evidence.entries)
      if (other.value == entry.value) times = std::min(times + other.times, kMaxTimes);
    if (times <= most) continue;
    best = &entry;
    most = times;
  }
  return best == nullptr ? kNothing : chosen(*best);
}

Golden choose_sum(const Evidence& evidence, Buffer& memory, std::pmr::memory_resource* resource) {
  std::pmr::vector<ByteSpan> numbers(resource);
  for_each_latest(evidence, true, [&numbers](const Sighting& latest) {
    if (latest.value.type == Type::number) numbers.push_back(latest.value.bytes);
  });
  if (numbers.empty()) return {kUnknown, true, kNoSource, 0};
  const std::size_t start = memory.size();
  append_sum(memory, numbers, resource);
  return {{Type::number, memory.span(start)}, true, kNoSource, 0};
}

// The distinct values in their order, an array standing for its elements.
Golden choose_collect(const Evidence& evidence, Buffer& memory, std::pmr::memory_resource* resource) {
  std::pmr::vector<Value> values(resource);
  bool any = false;
  for (const Entry& entry : evidence.entries) {
    if (!is_known(entry.value)) continue;
    any = true;
    if (entry.value.type != Type::array) {
      values.push_back(entry.value);
      continue;
    }
    any_element(entry.value, [&values](const Value& element) {
      if (element.type != Type::null) values.push_back(element);
      return false;
    });
  }
  if (!any) return {kUnknown, true, kNoSource, 0};
  std::sort(values.begin(), values.end(), [](const Value& a, const Value& b) { return compare(a, b) < 0; });
  values.erase(std::unique(values.begin(), values.end()), values.end());
  const std::size_t start = memory.size();
  memory.varint(values.size());
  for (const Value& value : values) append_value(memory, value);
  return {{Type::array, memory.span(start)}, true, kNoSource, 0};
}

}  // namespace

std::size_t length_of(const Value& value) {
  if (value.type == Type::string) return code_points(value.bytes);
  Buffer text;
  print_text(value, text);
  return code_points(text.span());
}

Golden choose(const Clause& clause, const Evidence& evidence, Buffer& memory, std::pmr::memory_resource* resource) {
  switch (clause.rule) {
    case Survivorship::recent: break;
    case Survivorship::first: return choose_first(evidence);
    case Survivorship::priority: return choose_by_priority(clause, evidence);
    case Survivorship::sum: return choose_sum(evidence, memory, resource);
    case Survivorship::max:
    case Survivorship::min:
    case Survivorship::longest: return choose_extreme(clause.rule, evidence);
    case Survivorship::frequent: return choose_frequent(evidence);
    case Survivorship::collect: return choose_collect(evidence, memory, resource);
  }
  return chosen(evidence.entries.front());
}

bool is_exact(const Clause& clause, const Evidence& evidence) noexcept {
  switch (clause.rule) {
    case Survivorship::frequent:
    case Survivorship::collect: return !evidence.overflowed;
    case Survivorship::max:
    case Survivorship::min:
    case Survivorship::longest: return !evidence.partial;
    default: return true;
  }
}

bool is_golden(const Clause& clause, const Evidence& evidence, const Golden& golden, std::size_t index) noexcept {
  const Entry& entry = evidence.entries[index];
  if (!golden.derived) return entry.source == golden.source && entry.value == golden.value;
  if (clause.rule == Survivorship::collect) return is_known(entry.value);
  return entry.value.type == Type::number && is_latest_of_source(evidence, true, index);
}

std::string_view reason_of(const Clause& clause, const Evidence& evidence, const Golden& golden) noexcept {
  switch (clause.rule) {
    case Survivorship::recent: break;
    case Survivorship::first: return "earliest";
    case Survivorship::priority: {
      const auto& sources = clause.sources;
      const bool listed =
          golden.source != kNoSource &&
          std::find(sources.begin(), sources.end(), evidence.source_names[golden.source]) != sources.end();
      return listed ? "latest of the first preferred source that has one" : "latest; no preferred source has one";
    }
    case Survivorship::sum: return "latest of its source, in the sum";
    case Survivorship::max: return "greatest";
    case Survivorship::min: return "least";
    case Survivorship::longest: return "longest";
    case Survivorship::frequent:
      if (!evidence.overflowed) return "most frequent";
      return "latest; too many values to count";
    case Survivorship::collect: return "in the collection";
  }
  const auto& entries = evidence.entries;
  if (entries.size() < 2 || entries[0].last_seen != entries[1].last_seen) return "latest";
  return "latest; of several at that time the first by source and value";
}

}  // namespace cdp::core
