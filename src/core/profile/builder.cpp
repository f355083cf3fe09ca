// src/core/profile/builder.cpp: from observations to what is kept of them.
#include "core/profile/builder.hpp"

#include <algorithm>

#include "core/bytes/utf8.hpp"
#include "core/profile/format.hpp"

namespace cdp::core {

namespace {

constexpr std::uint32_t kDictionaryLimit = 4096;  // names kept from one profile to the next

// The fixed order of a tie: most recent first, then source, type and bytes.
bool more_recent(const Entry& a, const Entry& b) noexcept {
  if (a.last_seen != b.last_seen) return a.last_seen > b.last_seen;
  if (a.source != b.source) return a.source < b.source;
  return compare(a.value, b.value) < 0;
}

bool same_pair_order(const Entry& a, const Entry& b) noexcept {
  return a.source != b.source ? a.source < b.source : compare(a.value, b.value) < 0;
}

// Saturating, so that it stays associative whatever comes in.
std::uint64_t add_times(std::uint64_t a, std::uint64_t b) noexcept { return a > kMaxTimes - b ? kMaxTimes : a + b; }

// Characters of the value's text.
std::size_t length_of(Value value) {
  if (value.type == Type::string) return code_points(value.bytes);
  Buffer text;
  print_text(value, text);
  return code_points(text.span());
}

}  // namespace

ProfileBuilder::ProfileBuilder(std::pmr::memory_resource* resource)
    : resource_(resource),
      copies_(resource),
      names_(resource),
      sources_(resource),
      points_(resource),
      groups_(resource),
      present_(resource),
      spans_(resource),
      extremes_(resource),
      plans_(resource),
      pairs_(resource),
      kept_(resource),
      kept_spans_(resource),
      kept_extremes_(resource),
      times_(resource),
      source_index_(resource),
      source_ids_(resource),
      pool_(resource),
      records_(resource) {}

void ProfileBuilder::clear() {
  for (const std::uint32_t name : present_) groups_[name] = Group{};
  present_.clear();
  points_.clear();
  spans_.clear();
  extremes_.clear();
  copies_.release();
  keep_ = 0;
  if (names_.size() > kDictionaryLimit) {
    names_.clear();
    groups_.clear();
  }
  if (sources_.size() > kDictionaryLimit) sources_.clear();
}

ByteSpan ProfileBuilder::copy(ByteSpan bytes) {
  auto* const to = static_cast<std::byte*>(copies_.allocate(bytes.size() + 1, 1));
  std::copy(bytes.begin(), bytes.end(), to);
  return {to, bytes.size()};
}

void ProfileBuilder::begin_attribute(std::string_view name) {
  attribute_ = names_.intern(name);
  if (attribute_ >= groups_.size()) groups_.resize(attribute_ + 1);
}

ProfileBuilder::Group& ProfileBuilder::group() {
  Group& group = groups_[attribute_];
  if (group.first_point == kNone && !group.overflowed) present_.push_back(attribute_);
  return group;
}

void ProfileBuilder::add_entry(const Entry& entry) {
  Group& group = this->group();
  points_.push_back(Point{entry, group.first_point});
  group.first_point = static_cast<std::uint32_t>(points_.size() - 1);
  if (keep_ == 0) keep_ = format::kDefaultKeep;
}

void ProfileBuilder::add_overflow(std::uint64_t observations) {
  Group& group = this->group();
  group.overflowed = true;
  group.observations = add_times(group.observations, observations);
}

void ProfileBuilder::add_span(const SourceSpan& span) { spans_.push_back({span, attribute_}); }

void ProfileBuilder::add_extreme(Value value, std::uint32_t source, std::int64_t at) {
  extremes_.push_back({{value, source, at}, attribute_});
}

void ProfileBuilder::add_profile(const ProfileView& profile) {
  if (profile.size() == 0) return;
  limit_keep(profile.keep());
  std::uint32_t sources[format::kMaxSources];
  for (std::uint32_t i = 0; i < profile.source_count(); ++i) sources[i] = source(profile.source(i));
  for (std::uint32_t i = 0; i < profile.size(); ++i) {
    const Attribute attribute = profile.attribute(i);
    begin_attribute(attribute.name());
    attribute.any_entry(profile, [&](Entry entry) {
      entry.source = sources[entry.source];
      add_entry(entry);
      return false;
    });
    if (!attribute.overflowed()) continue;
    format::RecordCursor cursor = attribute.cursor();
    const format::OverflowTail tail = cursor.overflow_tail();
    add_overflow(tail.observations);
    for (std::uint64_t left = tail.span_count; left > 0; --left) {
      const format::RawSpan span = cursor.next_span();
      add_span({sources[span.source], cursor.value(span.earliest), cursor.value(span.latest),
                profile.time(span.earliest_at), profile.time(span.latest_at)});
    }
    if (!cursor.has_extremes()) continue;
    for (int which = 0; which < 3; ++which) {
      const format::RawPoint point = cursor.next_extreme();
      add_extreme(cursor.value(point.value), sources[point.source], profile.time(point.at));
    }
  }
}

// Combines points of the same (value, source) in pairs_.
void ProfileBuilder::merge_pairs() {
  if (pairs_.size() < 2) return;
  std::sort(pairs_.begin(), pairs_.end(), same_pair_order);
  std::size_t kept = 0;
  for (std::size_t i = 1; i < pairs_.size(); ++i) {
    Entry& last = pairs_[kept];
    const Entry& next = pairs_[i];
    if (last.source != next.source || !(last.value == next.value)) {
      pairs_[++kept] = next;
      continue;
    }
    last.last_seen = std::max(last.last_seen, next.last_seen);
    last.first_seen = std::min(last.first_seen, next.first_seen);
    last.times = add_times(last.times, next.times);
  }
  pairs_.resize(kept + 1);
}

void ProfileBuilder::plan_attribute(std::uint32_t attribute) {
  const auto& ranks = sources_.ranks();
  const Group& group = groups_[attribute];
  pairs_.clear();
  for (std::uint32_t i = group.first_point; i != kNone; i = points_[i].next) {
    pairs_.push_back(points_[i]);
    pairs_.back().source = ranks[points_[i].source];
  }
  Plan plan{attribute, group.overflowed, group.observations, kept_.size(), 0, kept_spans_.size(), 0,
            kept_extremes_.size(), 0};
  for (const Entry& entry : pairs_) plan.observations = add_times(plan.observations, entry.times);
  merge_pairs();
  if (pairs_.size() > keep_) plan.overflowed = true;
  if (plan.overflowed) {
    fold_spans(attribute, plan);
    fold_extremes(attribute, plan);
  }
  std::sort(pairs_.begin(), pairs_.end(), more_recent);
  if (pairs_.size() > keep_) pairs_.resize(keep_);
  kept_.insert(kept_.end(), pairs_.begin(), pairs_.end());
  plan.entries_end = kept_.size();
  plan.spans_end = kept_spans_.size();
  plan.extremes_end = kept_extremes_.size();
  plans_.push_back(plan);
}

// Per source its earliest and latest observation: of pairs_, and of what overflowed operands say.
void ProfileBuilder::fold_spans(std::uint32_t attribute, Plan& plan) {
  const auto& ranks = sources_.ranks();
  // Two candidates a pair, in any order; folding sorts them by source.
  for (const Entry& entry : pairs_) {
    const std::int64_t earliest_at = entry.times == 0 ? entry.last_seen : entry.first_seen;
    kept_spans_.push_back({entry.source, entry.value, entry.value, earliest_at, entry.last_seen});
  }
  for (const OverflowSpan& span : spans_) {
    if (span.attribute != attribute) continue;
    kept_spans_.push_back(span);
    kept_spans_.back().source = ranks[span.source];
  }
  const auto begin = kept_spans_.begin() + static_cast<std::ptrdiff_t>(plan.spans);
  std::stable_sort(begin, kept_spans_.end(),
                   [](const SourceSpan& a, const SourceSpan& b) { return a.source < b.source; });
  auto last = begin;
  for (auto next = begin + 1; next != kept_spans_.end(); ++next) {
    if (last->source != next->source) {
      *++last = *next;
      continue;
    }
    if (next->earliest_at < last->earliest_at ||
        (next->earliest_at == last->earliest_at && compare(next->earliest, last->earliest) < 0)) {
      last->earliest = next->earliest;
      last->earliest_at = next->earliest_at;
    }
    if (next->latest_at > last->latest_at ||
        (next->latest_at == last->latest_at && compare(next->latest, last->latest) < 0)) {
      last->latest = next->latest;
      last->latest_at = next->latest_at;
    }
  }
  kept_spans_.resize(static_cast<std::size_t>(last - kept_spans_.begin()) + 1);
}

// The least, greatest and longest value that is not an erase; of equal ones the most recent observation.
void ProfileBuilder::fold_extremes(std::uint32_t attribute, Plan& plan) {
  const auto& ranks = sources_.ranks();
  Extreme best[3];
  std::size_t longest = 0;
  bool any = false;
  const auto newer = [](const Extreme& a, const Extreme& b) {
    return a.at != b.at ? a.at > b.at : a.source < b.source;
  };
  const auto offer = [&](const Extreme& candidate) {
    if (candidate.value.type == Type::erased) return;
    const std::size_t length = length_of(candidate.value);
    if (!any) {
      best[0] = best[1] = best[2] = candidate;
      longest = length;
      any = true;
      return;
    }
    const int least = compare(candidate.value, best[0].value), greatest = compare(candidate.value, best[1].value);
    if (least < 0 || (least == 0 && newer(candidate, best[0]))) best[0] = candidate;
    if (greatest > 0 || (greatest == 0 && newer(candidate, best[1]))) best[1] = candidate;
    const bool tie_won = newer(candidate, best[2]) ||
                         (!newer(best[2], candidate) && compare(candidate.value, best[2].value) < 0);
    if (length > longest || (length == longest && tie_won)) {
      best[2] = candidate;
      longest = length;
    }
  };
  for (const Entry& entry : pairs_) offer({entry.value, entry.source, entry.last_seen});
  for (const OverflowExtreme& extreme : extremes_)
    if (extreme.attribute == attribute) offer({extreme.value, ranks[extreme.source], extreme.at});
  if (any) kept_extremes_.insert(kept_extremes_.end(), best, best + 3);
  plan.extremes_end = kept_extremes_.size();
}

void ProfileBuilder::collect_times() {
  times_.clear();
  for (const Entry& entry : kept_) times_.push_back(entry.last_seen);
  for (const Plan& plan : plans_) {
    if (plan.overflowed) continue;
    for (std::size_t i = plan.entries; i < plan.entries_end; ++i)
      if (kept_[i].times > 1) times_.push_back(kept_[i].first_seen);
  }
  for (const SourceSpan& span : kept_spans_) {
    times_.push_back(span.earliest_at);
    times_.push_back(span.latest_at);
  }
  for (const Extreme& extreme : kept_extremes_) times_.push_back(extreme.at);
  std::sort(times_.begin(), times_.end());
  times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
}

// Numbers the sources in use in the order of their bytes.
void ProfileBuilder::number_sources() {
  const auto& ranks = sources_.ranks();
  Vector<std::uint32_t> by_rank(sources_.size(), kNone, resource_);
  for (std::uint32_t id = 0; id < sources_.size(); ++id) by_rank[ranks[id]] = id;
  Vector<bool> used(sources_.size(), false, resource_);
  for (const Entry& entry : kept_) used[entry.source] = true;
  for (const SourceSpan& span : kept_spans_) used[span.source] = true;
  source_index_.assign(sources_.size(), 0);
  source_ids_.clear();
  for (std::uint32_t rank = 0; rank < sources_.size(); ++rank) {
    if (!used[rank]) continue;
    if (source_ids_.size() == format::kMaxSources)
      throw Error(Code::limit_exceeded, "profile has too many sources", "A profile holds at most 255 sources.");
    source_index_[rank] = static_cast<std::uint8_t>(source_ids_.size());
    source_ids_.push_back(by_rank[rank]);
  }
}

}  // namespace cdp::core
