// src/core/timeline/sequence.cpp: chains over single events and over events of one time.
#include "core/timeline/sequence.hpp"

namespace cdp::core {

void Sequence::define(std::span<const std::string_view> steps) {
  steps_.assign(steps);
  levels_.resize(steps_.size());
  counts_.assign(steps_.name_count(), 0);
  used_.assign(steps_.name_count(), 0);
}

// The number of chains that end with it: 0 or 1.
std::uint64_t Sequence::single(std::int64_t time, std::uint32_t name, Duration limit) noexcept {
  const auto steps = steps_.steps_of(name);
  for (auto at = steps.rbegin(); at != steps.rend(); ++at) {  // the deepest first: the event counts for one step
    const std::uint32_t step = *at;
    if (step > reached_ || (step != 0 && !within(time, levels_[step - 1], limit))) continue;
    if (step + 1 == steps_.size()) {
      reached_ = 0;
      return 1;
    }
    levels_[step] = time;
    if (step == reached_) ++reached_;
  }
  return 0;
}

std::uint64_t Sequence::group(std::int64_t time, Duration limit) noexcept {
  const std::uint64_t found = complete(time, limit) ? 1 + complete_within() : 0;
  advance(time, limit);
  return found;
}

// Ends a chain that was begun before, with as few of these events as possible.
bool Sequence::complete(std::int64_t time, Duration limit) noexcept {
  std::fill(used_.begin(), used_.end(), 0);
  for (std::uint32_t first = steps_.size(); first-- > 0;) {
    const std::uint32_t name = steps_.name_of(first);
    if (++used_[name] > counts_[name]) return false;
    if (first > reached_ || (first != 0 && !within(time, levels_[first - 1], limit))) continue;
    for (std::uint32_t i = 0; i < used_.size(); ++i) counts_[i] -= used_[i];
    reached_ = 0;
    return true;
  }
  return false;
}

// Whole chains of the events that are left.
std::uint64_t Sequence::complete_within() noexcept {
  std::uint32_t chains = UINT32_MAX;
  for (std::uint32_t name = 0; name < counts_.size(); ++name)
    chains = std::min(chains, counts_[name] / static_cast<std::uint32_t>(steps_.steps_of(name).size()));
  for (std::uint32_t name = 0; name < counts_.size(); ++name)
    counts_[name] -= chains * static_cast<std::uint32_t>(steps_.steps_of(name).size());
  return chains;
}

// Moves on with the events that are left.
void Sequence::advance(std::int64_t time, Duration limit) noexcept {
  std::fill(used_.begin(), used_.end(), 0);
  const std::uint32_t reached = reached_;
  std::uint32_t first = 0;  // the events suffice for the steps from here
  std::uint32_t from = 0;   // a chain of before can be continued here, the last such place; or one begun, at 0
  std::int64_t before = 0;  // when the step before this one was reached, before these events
  for (std::uint32_t step = 0; step < steps_.size(); ++step) {
    const std::uint32_t name = steps_.name_of(step);
    for (++used_[name]; used_[name] > counts_[name]; ++first) --used_[steps_.name_of(first)];
    if (step != 0 && step <= reached && within(time, before, limit)) from = step;
    before = levels_[step];
    if (first > step || from < first) continue;
    levels_[step] = time;
    reached_ = std::max(reached_, step + 1);
  }
}

}  // namespace cdp::core
