// src/core/timeline/paths.cpp
#include "core/timeline/paths.hpp"

#include <algorithm>
#include <tuple>

#include "core/timeline/sessions.hpp"

namespace cdp::core {

namespace {

using Ranks = std::pmr::vector<std::uint32_t>;  // equal for equal runs, in the order of their names

// The ranks of runs that are a run of `heads`, then one of `tails`, which begins `length` events later.
Ranks join(const Ranks& heads, const Ranks& tails, std::size_t length) {
  const std::size_t count = tails.size() > length ? tails.size() - length : 0;
  const auto key = [&](std::uint32_t at) { return std::tuple(heads[at], tails[at + length]); };
  Ranks order(count, heads.get_allocator()), ranks(count, heads.get_allocator());
  for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  for (std::size_t i = 1; i < count; ++i)
    ranks[order[i]] = ranks[order[i - 1]] + (key(order[i - 1]) < key(order[i]) ? 1 : 0);
  return ranks;
}

Ranks ranks_of(const Ranks& names, std::uint32_t n, const Poll& poll) {
  Ranks result(names.get_allocator()), power(names, names.get_allocator());
  std::size_t done = 0;  // how long the runs of `result` are; those of `power` are as long as `bit`
  for (std::uint32_t bit = 1;; bit <<= 1) {
    poll();
    if ((n & bit) != 0) {
      result = done == 0 ? power : join(result, power, done);
      done += bit;
      if (done == n) return result;
    }
    power = join(power, power, bit);
  }
}

}  // namespace

void Paths::find(const TimelineView& timeline, std::uint32_t n, const Poll& poll) {
  const auto horizon = last_horizon(timeline);
  names_.clear();
  for (std::uint32_t event = horizon ? timeline.upper_bound(*horizon) : 0; event < timeline.size(); ++event)
    names_.push_back(timeline.name_of(event));
  find(n, poll);
}

void Paths::find(std::span<const std::uint32_t> names, std::uint32_t n, const Poll& poll) {
  names_.assign(names.begin(), names.end());
  find(n, poll);
}

void Paths::find(std::uint32_t n, const Poll& poll) {
  paths_.clear();
  if (n == 0 || n > names_.size()) return;
  const Ranks ranks = ranks_of(names_, n, poll);
  for (std::uint32_t at = 0; at < ranks.size(); ++at) {
    if (ranks[at] >= paths_.size()) paths_.resize(ranks[at] + 1, Path{UINT32_MAX, 0, 0});
    Path& path = paths_[ranks[at]];
    if (path.times++ == 0) path.at = at;
    path.order = ranks[at];
  }
  std::erase_if(paths_, [](const Path& path) { return path.times == 0; });  // n = 1: a name that is folded alone
  std::sort(paths_.begin(), paths_.end(),
            [](const Path& a, const Path& b) { return a.times != b.times ? a.times > b.times : a.order < b.order; });
}

}  // namespace cdp::core
