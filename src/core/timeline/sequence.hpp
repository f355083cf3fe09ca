// How often a customer went through steps in their order, each at most a time after the one before.
//
// Counts the most chains that follow one another. One pass: the chain that ends first leaves the most for the next
// ones, and of all chains that reach a step the one that did so last is enough. Events of one time may stand in any
// order; an event counts for one step of one chain.
#pragma once

#include <algorithm>
#include <optional>

#include "core/bytes/poll.hpp"
#include "core/timeline/duration.hpp"
#include "core/timeline/steps.hpp"

namespace cdp::core {

class Sequence {
 public:
  explicit Sequence(std::pmr::memory_resource* resource)
      : steps_(resource), levels_(resource), counts_(resource), used_(resource) {}

  void define(std::span<const std::string_view> steps);

  // Chains among the kept events; stops at `enough`.
  template <typename Events>
  std::uint64_t count(const Events& events, Duration limit, std::uint64_t enough, const Poll& poll);

  // Nothing when what is folded could make it more.
  template <typename Events>
  std::optional<std::uint64_t> certain_count(const Events& events, Duration limit, const Poll& poll) {
    const std::uint64_t kept = count(events, limit, UINT64_MAX, poll);
    return folded_matters(events) ? std::nullopt : std::optional(kept);
  }
  template <typename Events>
  std::optional<bool> certain_found(const Events& events, Duration limit, const Poll& poll) {
    if (count(events, limit, 1, poll) > 0) return true;
    return folded_matters(events) ? std::nullopt : std::optional(false);
  }

 private:
  std::uint64_t single(std::int64_t time, std::uint32_t name, Duration limit) noexcept;
  std::uint64_t group(std::int64_t time, Duration limit) noexcept;
  bool complete(std::int64_t time, Duration limit) noexcept;
  std::uint64_t complete_within() noexcept;
  void advance(std::int64_t time, Duration limit) noexcept;
  template <typename Events>
  bool folded_matters(const Events& events);

  Steps steps_;
  std::uint32_t reached_ = 0;                      // levels below it are set
  std::pmr::vector<std::int64_t> levels_;          // when the step was last reached
  std::pmr::vector<std::uint32_t> counts_, used_;  // by name, of one group
};

template <typename Events>
std::uint64_t Sequence::count(const Events& events, Duration limit, std::uint64_t enough, const Poll& poll) {
  steps_.bind(events);
  reached_ = 0;
  std::uint64_t found = 0;
  StepEvents<Events> event(events, steps_, false);
  while (!event.done() && found < enough) {
    poll();
    const std::int64_t time = event.time();
    const std::uint32_t name = event.name();
    event.next();
    if (event.done() || event.time() != time) [[likely]] {
      found += single(time, name, limit);
      continue;
    }
    counts_[name] = 1;
    for (; !event.done() && event.time() == time; event.next()) ++counts_[event.name()];
    found += group(time, limit);
    std::fill(counts_.begin(), counts_.end(), 0);
  }
  return found;
}

// A folded event can be part of a chain when every step has an event, kept or folded.
template <typename Events>
bool Sequence::folded_matters(const Events& events) {
  if (!events.anything_folded()) return false;
  bool any = false;
  events.for_each_folded([&](std::uint32_t name, const auto&) { any = any || steps_.number(name) != Steps::kNone; });
  if (!any) return false;
  std::uint32_t known = 0;  // a timeline names what it keeps or has folded
  for (std::uint32_t name = 0; name < events.name_count(); ++name) known += steps_.number(name) != Steps::kNone;
  return known == steps_.name_count();
}

}  // namespace cdp::core
