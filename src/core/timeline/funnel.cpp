// src/core/timeline/funnel.cpp: the modes of a funnel.
#include "core/timeline/funnel.hpp"

#include "core/bytes/error.hpp"

namespace cdp::core {

void FunnelModes::add(std::string_view mode) {
  if (mode == "strict_deduplication") {
    deduplication = true;
  } else if (mode == "strict_order") {
    order = true;
  } else if (mode == "strict_once") {
    once = true;
  } else if (mode == "strict_increase") {
    increase = true;
  } else if (mode == "allow_reentry") {
    reentry = true;
  } else {
    throw Error(Code::invalid_parameter, "unrecognized mode of a funnel: \"" + std::string(mode) + "\"", {},
                "Modes are strict_deduplication, strict_order, strict_once, strict_increase and allow_reentry.");
  }
}

void FunnelModes::check() const {
  if (reentry && !order) throw Error(Code::invalid_parameter, "mode allow_reentry needs mode strict_order");
}

void Funnel::define(std::span<const std::string_view> steps, FunnelModes modes) {
  modes.check();
  steps_.assign(steps);
  modes_ = modes;
  levels_.resize(steps_.size());
  before_.resize(steps_.size());
  counts_.assign(steps_.name_count(), 0);
  used_.assign(steps_.name_count(), 0);
  folded_.assign(steps_.name_count(), std::nullopt);
}

// An event at `step`, which continues the chain `before` or, when that is none, begins one. Whether the search ends.
bool Funnel::enter(std::uint32_t step, std::int64_t time, const Level* before, Duration limit) noexcept {
  if (step != 0) {
    if (modes_.deduplication && step < reached_) return true;
    if (step > reached_) return modes_.order && !modes_.reentry && reached_ > 0;
    if (before == &kNoChain) return false;
    if (before != nullptr && (!within(time, before->start, limit) || (modes_.increase && before->last >= time)))
      return false;
  }
  levels_[step] = {step == 0 || before == nullptr ? time : before->start, time};
  return step == reached_ && ++reached_ == steps_.size();
}

bool Funnel::strict_single(std::int64_t time, std::uint32_t name, Duration limit) {
  if (name == Steps::kNone) return reached_ > 0;
  const auto steps = steps_.steps_of(name);
  if (steps.size() == 1) {
    const std::uint32_t step = steps.front();
    return enter(step, time, step == 0 ? nullptr : &levels_[step - 1], limit);
  }
  counts_[name] = 1;
  const bool ended = group(time, 0, limit, false);
  counts_[name] = 0;
  return ended;
}

// Moves `first` so that the events of a group suffice for the steps from there to this one, one event for each.
void Funnel::suffice(std::uint32_t step, std::uint32_t& first, bool shared) {
  if (shared) {
    for (; first <= step && !shared_.place(step); ++first)
      if (first < step) shared_.release(first);
    return;
  }
  const std::uint32_t name = steps_.name_of(step);
  for (++used_[name]; used_[name] > counts_[name]; ++first) --used_[steps_.name_of(first)];
}

// The events of one time: counts_ of each name, and `others` that are no step.
bool Funnel::group(std::int64_t time, std::uint32_t others, Duration limit, bool shared) {
  if (modes_.order && others > 0 && reached_ > 0) return true;
  const std::uint32_t reached = reached_;
  if (modes_.once) {
    std::copy_n(levels_.begin(), reached, before_.begin());
    std::fill(used_.begin(), used_.end(), 0);
  }
  std::uint32_t first = 0;
  for (std::uint32_t step = 0; step < steps_.size(); ++step) {
    const std::uint32_t name = steps_.name_of(step);
    const Level* before = step == 0 ? nullptr : &levels_[step - 1];
    if (modes_.once) {
      // What was reached before these events is continued from the first step that they suffice for.
      suffice(step, first, shared);
      const std::uint32_t from = modes_.increase ? step : first;
      before = from == 0 ? nullptr : (from <= reached ? &before_[from - 1] : &kNoChain);
    }
    for (std::uint32_t i = 0; i < counts_[name] && i < (modes_.deduplication ? 2 : 1); ++i)
      if (enter(step, time, before, limit)) return true;
  }
  return false;
}

}  // namespace cdp::core
