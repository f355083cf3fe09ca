// src/sql/timeline_merge.cpp: timeline || timeline.
#include <algorithm>

#include "core/profile/decimal.hpp"
#include "pg/entry.hpp"
#include "pg/expanded.hpp"
#include "pg/interrupt.hpp"
#include "sql/timeline_gate.hpp"

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;

namespace {

// What a load counts: columns in the bytes that they take for each event at most; `added` the events after the first
// part. The rest are times.
enum Counted : std::size_t { events, columns, bytes, properties, added, latest, settled, kinds };
static_assert(kinds <= std::tuple_size_v<pg::Load>);

std::int64_t as_time(std::uint64_t counted) noexcept { return static_cast<std::int64_t>(counted); }

// So many events added to a timeline fold none after the time in `settled`.
std::uint32_t few(const core::TimelineView& first) noexcept { return first.keep() / 2; }

// Whether every number is of 64 bits: then no sum of folded events can leave the range.
bool has_small_numbers(const core::TimelineView& timeline) {
  bool small = true;
  const auto look_at = [&small](core::ByteSpan decimal) {
    small = small && core::decimal_to_scaled(decimal).has_value();
  };
  timeline.for_each_value([&](const core::Value& value) {
    if (value.type == core::Type::number) look_at(value.bytes);
  });
  timeline.for_each_folded([&](std::uint32_t, const core::Folded& part) {
    part.for_each_sum([&](const core::Folded::Sum& sum) { look_at(sum.total); });
  });
  return small;
}

// With a few events more, the oldest of a name may be folded: the time of the latest such event.
std::int64_t latest_to_fold(const core::TimelineView& first) {
  pg::ContextResource resource;
  std::pmr::vector<std::int64_t> left(first.name_count(), -static_cast<std::int64_t>(first.keep() - few(first)),
                                      &resource);
  for (std::uint32_t i = 0; i < first.size(); ++i) ++left[first.name_of(i)];
  std::int64_t time = INT64_MIN;
  for (std::uint32_t i = 0; i < first.size(); ++i)
    if (left[first.name_of(i)]-- > 0) time = first.time(i);
  return time;
}

// Totals don't know what they were made of: an event that comes again counts twice when it was folded in the meantime.
// In a log both would be there, and count once. So an event must be later than all in the log, or than all of it that
// can have been folded.
bool counts_the_same(pg::Load& load, const core::TimelineView& first, const core::TimelineView& part) {
  if (part.has_cut() || part.anything_folded() || part.keep() != core::timeline::kMostKept) return false;
  if (part.size() == 0) return true;
  load[added] += part.size();
  const std::int64_t from = part.time(0), to = part.time(part.size() - 1);
  const bool folds_none = load[added] <= few(first) && from > as_time(load[settled]) && from >= first.cut();
  if (from <= as_time(load[latest]) && !folds_none) return false;
  load[latest] = static_cast<std::uint64_t>(std::max(as_time(load[latest]), to));
  return true;
}

// Whether what all parts give is of a size that is allowed.
bool fits(pg::Load& load, const core::TimelineView& part) {
  // Of an event: time, name, message id. Of a cell: bits of presence, a number in two forms; its key once it is folded.
  constexpr std::uint64_t kEvent = 64, kCell = 32;
  load[events] += part.size();
  load[bytes] += part.payload().size();
  for (core::ColumnReader reader = part.columns(); reader.next();) {
    load[columns] += kCell + reader.key().size();
    load[properties] += reader.column().presence().count();
  }
  return load[properties] <= core::timeline::kMostProperties &&
         load[events] * (kEvent + load[columns]) + 4 * load[bytes] <= core::kMaxValueBytes;
}

bool admit(pg::Load& load, core::ByteSpan first, core::ByteSpan part) {
  const core::TimelineView timeline(part);
  if (!fits(load, timeline) || !has_small_numbers(timeline)) return false;
  if (!first.empty()) return counts_the_same(load, core::TimelineView(first), timeline);
  load[settled] = static_cast<std::uint64_t>(latest_to_fold(timeline));
  load[latest] = static_cast<std::uint64_t>(timeline.size() == 0 ? INT64_MIN : timeline.time(timeline.size() - 1));
  return true;
}

void merge(const pg::Parts& parts, core::Buffer& out) {
  pg::ContextResource resource;
  core::TimelineBuilder builder(&resource);
  const core::Poll poll = pg::poll();
  parts.for_each([&](core::ByteSpan part) { builder.add_timeline(core::TimelineView(part), poll); });
  builder.write(out, poll);
}

constinit pg::GrowingType growing(admit, merge);

}  // namespace

CDP_FUNCTION(cdp_timeline_merge) {
  return growing.add(
      fcinfo, [fcinfo](int argument) { return sql::timeline_payload(PG_GETARG_DATUM(argument)); },
      [fcinfo](core::ByteSpan left, core::ByteSpan right) {
        core::TimelineBuilder& builder = sql::timeline_builder(fcinfo);
        builder.add_timeline(core::TimelineView(left), pg::poll());
        builder.add_timeline(core::TimelineView(right), pg::poll());
        return sql::finish_timeline(builder);
      });
}
