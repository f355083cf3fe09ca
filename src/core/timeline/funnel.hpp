// How deep a customer got into a funnel: the steps reached in their order, all within a time after the first one.
//
// Modes and results are those of ClickHouse's windowFunnel. One pass: of all chains that reach a step, the one that
// started last is enough, because it has the most time left. Events of one time count in the order of the steps.
#pragma once

#include <algorithm>
#include <optional>

#include "core/bytes/poll.hpp"
#include "core/timeline/assignment.hpp"
#include "core/timeline/duration.hpp"
#include "core/timeline/steps.hpp"

namespace cdp::core {

struct FunnelModes {
  bool deduplication = false;  // a step that comes again ends the search
  bool order = false;          // so does, after a first step, any event that is not the next step or an earlier one
  bool once = false;           // an event counts for one step only
  bool increase = false;       // steps must not share a time
  bool reentry = false;        // under `order`: steps that come too early are skipped

  bool plain() const noexcept { return !deduplication && !order && !once && !increase; }
  // More events can make a result less.
  bool can_be_spoiled() const noexcept { return deduplication || order; }
  // Adds a mode by its name. 22023 for an unknown one.
  void add(std::string_view mode);
  // 22023 for a combination without a meaning.
  void check() const;
};

struct FunnelBounds {
  std::uint32_t least, most;
};

class Funnel {
 public:
  explicit Funnel(std::pmr::memory_resource* resource)
      : steps_(resource),
        levels_(resource),
        before_(resource),
        counts_(resource),
        used_(resource),
        shared_(resource),
        folded_(resource) {}

  void define(std::span<const std::string_view> steps, FunnelModes modes);

  // The deepest step that the kept events reach, counted from 1; 0 when there is no first step.
  template <typename Events>
  std::uint32_t depth(const Events& events, Duration limit, const Poll& poll) {
    steps_.bind(events);
    reached_ = 0;
    if (modes_.plain()) {
      walk<true>(events, limit, poll);
    } else {
      walk<false>(events, limit, poll);
    }
    return reached_;
  }

  // What it can be, given what is folded. Equal when nothing folded matters.
  template <typename Events>
  FunnelBounds bounds(const Events& events, Duration limit, const Poll& poll) {
    const std::uint32_t kept = depth(events, limit, poll);
    if (!events.anything_folded()) return {kept, kept};
    return bounds_with_folded(events, limit, poll, kept);
  }

 private:
  struct Level {
    std::int64_t start;  // of the latest chain that reached the step
    std::int64_t last;   // when it did
  };
  static constexpr Level kNoChain{};  // stands for itself by its address
  struct Span {
    std::int64_t first, horizon;
    bool covers(std::int64_t time) const noexcept { return first <= time && time <= horizon; }
  };

  template <bool Plain, typename Events>
  void walk(const Events& events, Duration limit, const Poll& poll);
  bool plain_single(std::int64_t time, std::uint32_t name, Duration limit) noexcept;
  bool strict_single(std::int64_t time, std::uint32_t name, Duration limit);
  bool group(std::int64_t time, std::uint32_t others, Duration limit, bool shared);
  void suffice(std::uint32_t step, std::uint32_t& first, bool shared);
  bool enter(std::uint32_t step, std::int64_t time, const Level* before, Duration limit) noexcept;

  template <typename Events>
  FunnelBounds bounds_with_folded(const Events& events, Duration limit, const Poll& poll, std::uint32_t kept);
  template <typename Events>
  std::uint32_t most(const Events& events, Duration limit, const Poll& poll);
  bool may_be(std::uint32_t step, std::int64_t time) const noexcept;

  Steps steps_;
  FunnelModes modes_;
  std::uint32_t reached_ = 0;  // levels below it are set
  std::pmr::vector<Level> levels_, before_;
  std::pmr::vector<std::uint32_t> counts_, used_;  // by name, of one group
  Assignment shared_;                              // of the group's events, when one may suit several names
  std::pmr::vector<std::optional<Span>> folded_;   // by name
};

// One event alone at its time, no modes. Whether the last step was reached.
inline bool Funnel::plain_single(std::int64_t time, std::uint32_t name, Duration limit) noexcept {
  for (const std::uint32_t step : steps_.steps_of(name)) {
    if (step == 0) {
      levels_[0].start = time;
    } else if (step <= reached_ && within(time, levels_[step - 1].start, limit)) {
      levels_[step].start = levels_[step - 1].start;
    } else {
      continue;
    }
    if (step == reached_ && ++reached_ == steps_.size()) return true;
  }
  return false;
}

template <bool Plain, typename Events>
void Funnel::walk(const Events& events, Duration limit, const Poll& poll) {
  StepEvents<Events> event(events, steps_, !Plain && modes_.order);
  while (!event.done()) {
    poll();
    const std::int64_t time = event.time();
    const std::uint32_t name = event.name();
    const std::uint64_t suits = event.suits();
    event.next();
    if (event.done() || event.time() != time) [[likely]] {
      if (Plain ? plain_single(time, name, limit) : strict_single(time, name, limit)) return;
      continue;
    }
    std::uint32_t others = 0;
    const auto add = [&](std::uint32_t one, std::uint64_t suited) {
      ++(one == Steps::kNone ? others : counts_[one]);
      if (suited != 0) shared_.offer(suited);
    };
    if (StepEvents<Events>::kShared) shared_.start(steps_.size());
    add(name, suits);
    for (; !event.done() && event.time() == time; event.next()) {
      poll();
      add(event.name(), event.suits());
    }
    const bool ended = group(time, others, limit, StepEvents<Events>::kShared);
    std::fill(counts_.begin(), counts_.end(), 0);
    if (ended) return;
  }
}

template <typename Events>
FunnelBounds Funnel::bounds_with_folded(const Events& events, Duration limit, const Poll& poll, std::uint32_t kept) {
  const auto exact = FunnelBounds{kept, kept};
  if (kept == steps_.size() && !modes_.can_be_spoiled()) return exact;
  std::fill(folded_.begin(), folded_.end(), std::nullopt);
  std::optional<std::int64_t> others;  // the latest horizon of other names
  bool any = false;
  events.for_each_folded([&](std::uint32_t name, const auto& part) {
    const std::uint32_t number = steps_.number(name);
    if (number != Steps::kNone) {
      folded_[number] = Span{part.first, part.horizon};
      any = true;
    } else if (modes_.order && (!others || *others < part.horizon)) {
      others = part.horizon;
    }
  });
  if (!any && !others) return exact;

  // Nothing before the first first step counts in any mode.
  const std::uint32_t first = steps_.name_of(0);
  bool matters = folded_[first].has_value();
  if (!matters) {
    StepEvents<Events> event(events, steps_, false);
    while (!event.done() && event.name() != first) event.next();
    if (event.done()) return exact;
    matters = others && *others > event.time();
    for (const auto& span : folded_) matters = matters || (span && span->horizon >= event.time());
  }
  if (!matters) return exact;
  const std::uint32_t least = modes_.can_be_spoiled() ? 1 : (kept > 1 ? kept : 1);
  return {least, most(events, limit, poll)};
}

// The depth without modes, if events of the folded names stood wherever they can.
template <typename Events>
std::uint32_t Funnel::most(const Events& events, Duration limit, const Poll& poll) {
  // A chain can be moved so that its folded events stand at kept ones or at the ends of where they can.
  std::pmr::vector<std::int64_t> times(levels_.get_allocator());
  for (const auto& span : folded_) {
    if (!span) continue;
    times.push_back(span->first);
    times.push_back(span->horizon);
  }
  std::sort(times.begin(), times.end());
  auto mark = times.begin();
  reached_ = 0;
  StepEvents<Events> event(events, steps_, false);
  while (!event.done() || mark != times.end()) {
    poll();
    const std::int64_t time = event.done() || (mark != times.end() && *mark < event.time()) ? *mark : event.time();
    while (mark != times.end() && *mark == time) ++mark;
    for (; !event.done() && event.time() == time; event.next()) ++counts_[event.name()];
    for (std::uint32_t step = 0; step < steps_.size() && step <= reached_; ++step)
      if (may_be(step, time) && (step == 0 || within(time, levels_[step - 1].start, limit))) {
        levels_[step].start = step == 0 ? time : levels_[step - 1].start;
        if (step == reached_) ++reached_;
      }
    std::fill(counts_.begin(), counts_.end(), 0);
    if (reached_ == steps_.size()) break;
  }
  return reached_;
}

inline bool Funnel::may_be(std::uint32_t step, std::int64_t time) const noexcept {
  const std::uint32_t name = steps_.name_of(step);
  return counts_[name] > 0 || (folded_[name] && folded_[name]->covers(time));
}

}  // namespace cdp::core
