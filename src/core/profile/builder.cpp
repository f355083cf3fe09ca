// src/core/profile/builder.cpp: from observations to what is kept of them.
#include "core/profile/builder.hpp"

#include <algorithm>
#include <functional>

#include "core/profile/format.hpp"
#include "core/profile/golden.hpp"

namespace cdp::core {

namespace {

constexpr std::uint32_t kDictionaryLimit = 4096;  // names kept from one profile to the next
constexpr std::size_t kFewPairs = 32;             // up to here comparing all with all is faster than sorting

// Saturating, so that it stays associative whatever comes in.
std::uint64_t add_times(std::uint64_t a, std::uint64_t b) noexcept { return a > kMaxTimes - b ? kMaxTimes : a + b; }

// Where an attribute's run begins in what is in the order of attributes.
template <typename T>
auto run_of(const std::pmr::vector<T>& all, std::uint32_t attribute) {
  return std::lower_bound(all.begin(), all.end(), attribute,
                          [](const T& each, std::uint32_t wanted) { return each.attribute < wanted; });
}

}  // namespace

ProfileBuilder::ProfileBuilder(std::pmr::memory_resource* resource)
    : copies_(resource),
      sections_(resource),
      names_(resource),
      sources_(resource),
      times_(resource),
      points_(resource),
      groups_(resource),
      present_(resource),
      spans_(resource),
      extremes_(resource),
      profile_sources_(resource),
      profile_times_(resource),
      profile_values_(resource),
      plans_(resource),
      kept_(resource),
      kept_spans_(resource),
      kept_extremes_(resource),
      time_order_(resource),
      time_rank_(resource),
      ranked_times_(resource),
      used_times_(resource),
      time_index_(resource),
      source_index_(resource),
      ranked_sources_(resource),
      source_names_(resource),
      pool_(resource),
      evidence_entries_(resource),
      evidence_spans_(resource),
      evidence_extremes_(resource),
      starts_(resource),
      records_(resource) {}

void ProfileBuilder::clear() {
  for (const std::uint32_t name : present_) groups_[name] = Group{};
  present_.clear();
  times_.clear();
  points_.clear();
  spans_.clear();
  extremes_.clear();
  sections_.clear();
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

void ProfileBuilder::refuse_attributes() {
  throw Error(Code::limit_exceeded, "profile has too many attributes", "A profile holds at most 65535 attributes.");
}

void ProfileBuilder::add_entry(const Entry& entry) {
  const std::uint32_t last = time(entry.last_seen);
  add_point(MarkedValue(entry.value), entry.source, last, time(entry.first_seen), entry.times);
  if (keep_ == 0) keep_ = format::kDefaultKeep;
}

void ProfileBuilder::add_overflow(std::uint64_t observations) {
  Group& group = this->group();
  group.overflowed = true;
  group.observations = add_times(group.observations, observations);
}

void ProfileBuilder::add_span(const SourceSpan& span) {
  spans_.push_back({MarkedValue(span.earliest), MarkedValue(span.latest), MarkedValue(span.known), span.source,
                    time(span.earliest_at), time(span.latest_at), time(span.known_at), attribute_});
}

void ProfileBuilder::add_extreme(Value value, std::uint32_t source, std::int64_t at) {
  extremes_.push_back({MarkedValue(value), source, time(at), attribute_});
}

void ProfileBuilder::add_profile(const ProfileView& profile) {
  sections_.add(profile);
  if (profile.size() == 0) return;
  limit_keep(profile.keep());
  profile_sources_.clear();
  profile_times_.clear();
  profile.for_each_source([this](std::string_view name) { profile_sources_.push_back(source(name)); });
  profile.for_each_time([this](std::int64_t at) { profile_times_.push_back(time(at)); });
  for (std::uint32_t i = 0; i < profile.size(); ++i) add_record(profile.attribute(i));
}

void ProfileBuilder::add_record(const Attribute& attribute) {
  begin_attribute(attribute.name());
  format::RecordCursor cursor = attribute.cursor();
  profile_values_.clear();
  cursor.for_each_value([this](const Value& value) { profile_values_.push_back(MarkedValue(value)); });
  while (cursor.entries_left() > 0) {
    const format::RawEntry entry = cursor.next_entry();
    add_point(profile_values_[entry.value], profile_sources_[entry.source], profile_times_[entry.last],
              profile_times_[entry.first], entry.times);
  }
  if (!attribute.overflowed()) return;
  const format::OverflowTail tail = cursor.overflow_tail();
  add_overflow(tail.observations);
  if (attribute.partial()) add_gap();
  for (std::uint64_t left = tail.span_count; left > 0; --left) {
    const format::RawSpan span = cursor.next_span();
    spans_.push_back({profile_values_[span.earliest], profile_values_[span.latest],
                      span.has_known ? profile_values_[span.known] : MarkedValue(Value{Type::erased, {}}),
                      profile_sources_[span.source], profile_times_[span.earliest_at], profile_times_[span.latest_at],
                      profile_times_[span.known_at], attribute_});
  }
  if (!cursor.has_extremes()) return;
  for (int which = 0; which < 3; ++which) {
    const format::RawPoint point = cursor.next_extreme();
    extremes_.push_back(
        {profile_values_[point.value], profile_sources_[point.source], profile_times_[point.at], attribute_});
  }
}

// From here on a time is its rank: equal times have equal ranks.
void ProfileBuilder::rank_times() {
  const std::size_t count = times_.size();
  time_order_.resize(count);
  time_rank_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) time_order_[i] = time_rank_[i] = i;
  ranked_times_.assign(times_.begin(), times_.end());
  // A log is replayed in the order of time.
  if (std::adjacent_find(times_.begin(), times_.end(), std::greater_equal<>()) == times_.end()) return;
  std::sort(time_order_.begin(), time_order_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return times_[a] < times_[b]; });
  ranked_times_.clear();
  for (const std::uint32_t number : time_order_) {
    if (ranked_times_.empty() || ranked_times_.back() != times_[number]) ranked_times_.push_back(times_[number]);
    time_rank_[number] = static_cast<std::uint32_t>(ranked_times_.size() - 1);
  }
}

// Combines points of the same (value, source) among those kept from `from` on, and orders the result: most recent
// first, then source, type and bytes, which is the fixed order of a tie.
void ProfileBuilder::merge_pairs(std::size_t from) {
  const auto more_recent = [](const Point& a, const Point& b) {
    return a.order() != b.order() ? a.order() < b.order() : compare(a.value, b.value) < 0;
  };
  const bool many = kept_.size() - from > kFewPairs;
  if (many) merge_many_pairs(from);
  const auto begin = kept_.begin() + static_cast<std::ptrdiff_t>(from);
  // A log is replayed in such an order that mostly there is nothing to do.
  if (!std::is_sorted(begin, kept_.end(), more_recent)) std::sort(begin, kept_.end(), more_recent);
  if (many) return;
  // The first of equal pairs has the last time; what follows it adds the rest.
  std::size_t end = from;
  for (std::size_t i = from; i < kept_.size(); ++i) {
    const Point& next = kept_[i];
    std::size_t same = from;
    while (same < end && (kept_[same].source != next.source || !(kept_[same].value == next.value))) ++same;
    if (same < end) {
      kept_[same].first = std::min(kept_[same].first, next.first);
      kept_[same].times = add_times(kept_[same].times, next.times);
    } else if (i != end++) {
      kept_[end - 1] = next;
    }
  }
  kept_.resize(end);
}

void ProfileBuilder::merge_many_pairs(std::size_t from) {
  std::sort(kept_.begin() + static_cast<std::ptrdiff_t>(from), kept_.end(), [](const Point& a, const Point& b) {
    return a.source != b.source ? a.source < b.source : compare(a.value, b.value) < 0;
  });
  std::size_t last = from;
  for (std::size_t i = from + 1; i < kept_.size(); ++i) {
    const Point& next = kept_[i];
    if (kept_[last].source != next.source || !(kept_[last].value == next.value)) {
      kept_[++last] = next;
      continue;
    }
    kept_[last].last = std::max(kept_[last].last, next.last);
    kept_[last].first = std::min(kept_[last].first, next.first);
    kept_[last].times = add_times(kept_[last].times, next.times);
  }
  kept_.resize(last + 1);
}

void ProfileBuilder::plan_attribute(std::uint32_t attribute) {
  const auto& ranks = sources_.ranks();
  const Group& group = groups_[attribute];
  Plan plan{.attribute = attribute,
            .overflowed = group.overflowed,
            .partial = group.partial,
            .observations = group.observations,
            .entries = kept_.size(),
            .spans = kept_spans_.size(),
            .extremes = kept_extremes_.size()};
  for (std::uint32_t i = group.first_point; i != kNone; i = points_[i].next) {
    Point& point = kept_.emplace_back(points_[i]);
    point.source = ranks[point.source];
    point.last = time_rank_[point.last];
    point.first = time_rank_[point.first];
    plan.observations = add_times(plan.observations, point.times);
  }
  if (kept_.size() - plan.entries > 1) merge_pairs(plan.entries);
  if (kept_.size() - plan.entries > keep_) plan.overflowed = true;
  if (plan.overflowed) {
    fold_spans(plan);
    fold_extremes(plan);
    kept_.resize(std::min(kept_.size(), plan.entries + keep_));
  }
  plan.entries_end = kept_.size();
  plan.spans_end = kept_spans_.size();
  plan.extremes_end = kept_extremes_.size();
  plan.golden = kept_[plan.entries].value;  // the most recent one
  if (!sections_.policy().is_plain()) choose_golden(plan);
  plans_.push_back(plan);
}

void ProfileBuilder::Span::offer(const MarkedValue& value, std::uint32_t at) {
  const bool erase = value.type == Type::erased, only_erases = earliest.type == Type::erased;
  if (erase == only_erases) {
    if (at < earliest_at || (at == earliest_at && compare(value, earliest) < 0)) {
      earliest = value;
      earliest_at = at;
    }
  } else if (only_erases) {
    earliest = value;
    earliest_at = at;
  }
  const auto newer = [&](const MarkedValue& than, std::uint32_t than_at) {
    return at > than_at || (at == than_at && compare(value, than) < 0);
  };
  if (newer(latest, latest_at)) {
    latest = value;
    latest_at = at;
  }
  if (!erase && (known.type == Type::erased || newer(known, known_at))) {
    known = value;
    known_at = at;
  }
}

void ProfileBuilder::Span::offer(const Span& other) {
  offer(other.earliest, other.earliest_at);
  offer(other.latest, other.latest_at);
  if (other.known.type != Type::erased) offer(other.known, other.known_at);
}

// Per source its earliest and latest observation: of the pairs, and of what overflowed operands say.
void ProfileBuilder::fold_spans(Plan& plan) {
  const auto& ranks = sources_.ranks();
  // A pair of an overflowed operand stands for its last observation alone: its first is not known.
  for (std::size_t i = plan.entries; i < kept_.size(); ++i) {
    const Point& pair = kept_[i];
    kept_spans_.push_back({pair.value, pair.value, pair.value, pair.source, pair.times == 0 ? pair.last : pair.first,
                           pair.last, pair.last, plan.attribute});
  }
  for (auto at = run_of(spans_, plan.attribute); at != spans_.end() && at->attribute == plan.attribute; ++at) {
    const Span& span = *at;
    kept_spans_.push_back({span.earliest, span.latest, span.known, ranks[span.source], time_rank_[span.earliest_at],
                           time_rank_[span.latest_at], time_rank_[span.known_at], plan.attribute});
  }
  const auto begin = kept_spans_.begin() + static_cast<std::ptrdiff_t>(plan.spans);
  std::sort(begin, kept_spans_.end(), [](const Span& a, const Span& b) { return a.source < b.source; });
  auto last = begin;
  last->offer(Span(*begin));
  for (auto next = begin + 1; next != kept_spans_.end(); ++next) {
    if (last->source != next->source) *++last = *next;
    last->offer(Span(*next));
  }
  kept_spans_.erase(last + 1, kept_spans_.end());
}

// The least, greatest and longest value that is not an erase; of equal ones the most recent observation.
void ProfileBuilder::fold_extremes(Plan& plan) {
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
    const bool wins_tie =
        newer(candidate, best[2]) || (!newer(best[2], candidate) && compare(candidate.value, best[2].value) < 0);
    if (length > longest || (length == longest && wins_tie)) {
      best[2] = candidate;
      longest = length;
    }
  };
  for (std::size_t i = plan.entries; i < kept_.size(); ++i)
    offer({kept_[i].value, kept_[i].source, kept_[i].last, plan.attribute});
  for (auto at = run_of(extremes_, plan.attribute); at != extremes_.end() && at->attribute == plan.attribute; ++at)
    offer({at->value, ranks[at->source], time_rank_[at->at], plan.attribute});
  if (any) kept_extremes_.insert(kept_extremes_.end(), best, best + 3);
}

// By the attribute's clause, from what is kept. Times are ranks here.
void ProfileBuilder::choose_golden(Plan& plan) {
  const Clause& clause = sections_.policy().clause_of(names_.text(plan.attribute));
  if (clause.rule == Survivorship::recent) return;
  evidence_entries_.clear();
  evidence_spans_.clear();
  evidence_extremes_.clear();
  for (std::size_t i = plan.entries; i < plan.entries_end; ++i) {
    const Point& pair = kept_[i];
    evidence_entries_.push_back({pair.value, pair.source, pair.last, pair.first, pair.times});
  }
  for (std::size_t i = plan.spans; i < plan.spans_end; ++i) {
    const Span& span = kept_spans_[i];
    evidence_spans_.push_back(
        {span.source, span.earliest, span.earliest_at, span.latest, span.latest_at, span.known, span.known_at});
  }
  for (std::size_t i = plan.extremes; i < plan.extremes_end; ++i) {
    const Extreme& extreme = kept_extremes_[i];
    evidence_extremes_.push_back({extreme.value, extreme.source, extreme.at});
  }
  std::pmr::memory_resource* const resource = copies_.upstream_resource();
  Buffer memory(resource);
  Golden golden = choose(
      clause, {plan.overflowed, plan.partial, evidence_entries_, evidence_spans_, evidence_extremes_, ranked_sources_},
      memory, resource);
  if (golden.derived) golden.value.bytes = copy(golden.value.bytes);
  plan.derived = golden.derived;
  plan.golden = MarkedValue(golden.value);
}

}  // namespace cdp::core
