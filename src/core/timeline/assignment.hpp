// Events of one time for steps, one event for each: an event may suit several steps, at most 64.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <vector>

namespace cdp::core {

class Assignment {
 public:
  explicit Assignment(std::pmr::memory_resource* resource) : events_(resource), taken_(resource) {}

  // For so many steps, without events.
  void start(std::uint32_t steps) {
    steps_ = steps;
    std::fill_n(offered_, steps, 0);
    events_.clear();
    taken_.assign(steps, kNone);
  }

  // An event with a bit for each step that it suits. As many events as there are steps are enough for each of them.
  void offer(std::uint64_t suits) {
    bool wanted = false;
    for (std::uint32_t step = 0; step < steps_; ++step)
      if ((suits >> step & 1) != 0 && offered_[step] < steps_) wanted = ++offered_[step] > 0;
    if (wanted) events_.push_back({suits, kNone});
  }

  // Finds the step an event, for which others may have to move (an augmenting path).
  bool place(std::uint32_t step) {
    std::uint64_t tried = 0;
    return place(step, tried);
  }
  void release(std::uint32_t step) noexcept { events_[taken_[step]].taken = kNone; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Event {
    std::uint64_t suits;
    std::uint32_t taken;  // the step that it stands for
  };

  bool place(std::uint32_t step, std::uint64_t& tried) {
    tried |= std::uint64_t{1} << step;
    for (std::uint32_t i = 0; i < events_.size(); ++i) {
      Event& event = events_[i];
      if ((event.suits >> step & 1) == 0) continue;
      if (event.taken != kNone && ((tried >> event.taken & 1) != 0 || !place(event.taken, tried))) continue;
      event.taken = step;
      taken_[step] = i;
      return true;
    }
    return false;
  }

  std::uint32_t steps_ = 0;
  std::uint32_t offered_[64] = {};  // events that each step can have
  std::pmr::vector<Event> events_;
  std::pmr::vector<std::uint32_t> taken_;  // by step: its event
};

}  // namespace cdp::core
