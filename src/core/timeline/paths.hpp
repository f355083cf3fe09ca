// Paths: runs of n events that follow one another, counted by their names.
#pragma once

#include <memory_resource>
#include <span>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/timeline/view.hpp"

namespace cdp::core {

struct Path {
  std::uint32_t at;     // where in names() it stands for the first time
  std::uint32_t order;  // among the paths, by the bytes of their names
  std::uint32_t times;
};

class Paths {
 public:
  explicit Paths(std::pmr::memory_resource* resource) : names_(resource), paths_(resource) {}

  // Of the events behind everything that is folded. Prefix doubling: O(events × log(events) × log(n)).
  void find(const TimelineView& timeline, std::uint32_t n, const Poll& poll);
  void find(std::span<const std::uint32_t> names, std::uint32_t n, const Poll& poll);

  const std::pmr::vector<std::uint32_t>& names() const noexcept { return names_; }
  // The most frequent first, then in the order of their names.
  const std::pmr::vector<Path>& paths() const noexcept { return paths_; }

 private:
  void find(std::uint32_t n, const Poll& poll);

  std::pmr::vector<std::uint32_t> names_;
  std::pmr::vector<Path> paths_;
};

}  // namespace cdp::core
