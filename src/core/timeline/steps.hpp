// The steps of a funnel or a sequence: names of events, of which one may stand for several steps.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes/load.hpp"

namespace cdp::core {

class Steps {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit Steps(std::pmr::memory_resource* resource)
      : names_(resource), name_of_(resource), steps_(resource), first_(resource), numbers_(resource) {}

  // 22023 when there is no step.
  void assign(std::span<const std::string_view> steps);

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(name_of_.size()); }

  // The distinct names are numbered in ascending order of bytes.
  std::uint32_t name_count() const noexcept { return static_cast<std::uint32_t>(names_.size()); }
  std::uint32_t name_of(std::uint32_t step) const noexcept { return name_of_[step]; }
  // The steps that an event of this name satisfies, ascending.
  std::span<const std::uint32_t> steps_of(std::uint32_t name) const noexcept {
    return {steps_.data() + first_[name], first_[name + 1] - first_[name]};
  }

  // Looks a timeline's names up, once for each timeline; number() then maps its names to ours.
  template <typename Events>
  void bind(const Events& events) {
    if (numbers_.size() < events.name_count()) numbers_.resize(events.name_count());
    std::uint32_t* number = numbers_.data();
    std::uint32_t next = 0;
    events.for_each_name([&](std::string_view name) {
      int order = -1;
      while (next < names_.size() && (order = compare_bytes(as_bytes(names_[next]), as_bytes(name))) < 0) ++next;
      *number++ = next < names_.size() && order == 0 ? next : kNone;
    });
  }
  std::uint32_t number(std::uint32_t name) const noexcept { return numbers_[name]; }

 private:
  std::pmr::vector<std::pmr::string> names_;
  std::pmr::vector<std::uint32_t> name_of_;        // by step
  std::pmr::vector<std::uint32_t> steps_, first_;  // those of name i: steps_[first_[i]] to steps_[first_[i + 1]]
  std::pmr::vector<std::uint32_t> numbers_;        // by the timeline's names
};

// The events that are steps, one after the other, with their names as the steps number them. Specialised for events
// that come once for each of several steps.
template <typename Events>
class StepEvents {
 public:
  // With `all`, events of other names come, too, as Steps::kNone.
  StepEvents(const Events& events, const Steps& steps, bool all) noexcept
      : events_(events), steps_(steps), size_(events.size()), all_(all) {
    next();
  }

  static constexpr bool kShared = false;              // one event may come several times
  std::uint64_t suits() const noexcept { return 0; }  // of a shared event when it comes first: a bit for each step

  bool done() const noexcept { return at_ > size_; }
  std::int64_t time() const noexcept { return time_; }
  std::uint32_t name() const noexcept { return name_; }

  void next() noexcept {
    while (at_ < size_) {
      name_ = steps_.number(events_.name_of(at_));
      ++at_;
      if (all_ || name_ != Steps::kNone) {
        time_ = events_.time(at_ - 1);
        return;
      }
    }
    at_ = size_ + 1;
  }

 private:
  const Events& events_;
  const Steps& steps_;
  const std::uint32_t size_;
  const bool all_;
  std::uint32_t at_ = 0, name_ = Steps::kNone;
  std::int64_t time_ = 0;
};

}  // namespace cdp::core
