// Reference implementations over plain lists of events, written from the definitions and without regard to time:
// what the tests of behaviour compare with.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "core/timeline/funnel.hpp"
#include "timeline_events.hpp"

namespace cdp::core::test {

using Names = std::vector<std::string>;

inline std::vector<std::string_view> views(const Names& names) { return {names.begin(), names.end()}; }

inline bool near(std::int64_t a, std::int64_t b, Duration limit) {  // a <= b
  if (!is_finite(a) || !is_finite(b)) return a == b;
  return static_cast<unsigned __int128>(static_cast<__int128>(b) - a) <= limit;
}

// The deepest k for which there are events of steps 1 to k in ascending order of time, the last one at most `limit`
// after the first: tries every choice.
inline std::uint32_t deepest_choice(const std::vector<Event>& events, const Names& steps, Duration limit, bool once,
                                    bool increase) {
  std::uint32_t best = 0;
  std::vector<std::size_t> chosen;
  const std::function<void()> extend = [&] {
    best = std::max(best, static_cast<std::uint32_t>(chosen.size()));
    if (chosen.size() == steps.size() || best == steps.size()) return;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].name != steps[chosen.size()]) continue;
      if (!chosen.empty()) {
        const std::int64_t last = events[chosen.back()].time;
        if (events[i].time < last || (increase && events[i].time == last)) continue;
        if (!near(events[chosen.front()].time, events[i].time, limit)) continue;
        if (once && std::find(chosen.begin(), chosen.end(), i) != chosen.end()) continue;
      }
      chosen.push_back(i);
      extend();
      chosen.pop_back();
    }
  };
  extend();
  return best;
}

// The definition of the modes: a list of (event, step), in the order of time, then of steps, an event that is no step
// before them; it is read once, and every chain is remembered (without `once`, each level's newest).
// is(event, step): whether that one is that step; both by index.
template <typename Events, typename Is>
std::uint32_t funnel_by_modes(const Events& events, std::size_t step_count, Is&& is, Duration limit,
                              FunnelModes modes) {
  struct Chain {
    std::int64_t start, last;
    std::vector<std::size_t> events;
  };
  std::vector<std::tuple<std::int64_t, std::size_t, std::size_t>> entries;  // step from 1; 0: none
  for (std::size_t i = 0; i < events.size(); ++i) {
    bool any = false;
    for (std::size_t step = 0; step < step_count; ++step)
      if (is(i, step)) {
        entries.emplace_back(events[i].time, step + 1, i);
        any = true;
      }
    if (!any && modes.order) entries.emplace_back(events[i].time, 0, i);
  }
  std::sort(entries.begin(), entries.end());
  std::vector<std::vector<Chain>> chains(step_count + 1);
  const auto deepest = [&] {
    std::uint32_t depth = 0;
    for (std::uint32_t step = 1; step <= step_count; ++step)
      if (!chains[step].empty()) depth = step;
    return depth;
  };
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& [time, step, event] = entries[i];
    const auto same = [&, time = time, step = step](std::size_t other) {
      return other < entries.size() && std::get<0>(entries[other]) == time && std::get<1>(entries[other]) == step;
    };
    // Events of one time are in no order: of several for a step, the step comes again once any of them reached it.
    const bool repeated = modes.deduplication && i > 0 && same(i - 1) && !same(i + 1);
    if (step == 0) {
      if (!chains[1].empty()) break;
    } else if (step == 1) {
      if (!modes.once) chains[1].clear();
      chains[1].push_back({time, time, {event}});
    } else if (modes.deduplication && !chains[step].empty() && !(i > 0 && same(i - 1))) {
      return deepest();
    } else if (chains[step - 1].empty()) {
      if (modes.order && !chains[1].empty() && !modes.reentry) return deepest();
    } else {
      for (const Chain& chain : chains[step - 1]) {
        if (!near(chain.start, time, limit) || (modes.increase && chain.last >= time)) continue;
        if (modes.once && std::find(chain.events.begin(), chain.events.end(), event) != chain.events.end()) continue;
        Chain longer{chain.start, time, chain.events};
        longer.events.push_back(event);
        if (!modes.once) chains[step].clear();
        chains[step].push_back(longer);
      }
    }
    if (repeated && step > 1 && !chains[step].empty()) return deepest();
  }
  return deepest();
}

inline std::uint32_t funnel_by_modes(const std::vector<Event>& events, const Names& steps, Duration limit,
                                     FunnelModes modes) {
  const auto is = [&](std::size_t event, std::size_t step) { return events[event].name == steps[step]; };
  return funnel_by_modes(events, steps.size(), is, limit, modes);
}

// The most chains one after another: tries every choice of events for a chain; what comes before a chain's last event,
// in time, can't be used any more, nor what it used itself.
inline std::uint64_t most_chains(const std::vector<Event>& events, const Names& steps, Duration limit) {
  std::uint64_t best = 0;
  std::vector<bool> used(events.size(), false);
  const std::function<void(std::size_t, std::optional<std::int64_t>, std::uint64_t, std::int64_t)> extend =
      [&](std::size_t step, std::optional<std::int64_t> last, std::uint64_t done, std::int64_t after) {
        best = std::max(best, done);
        for (std::size_t i = 0; i < events.size(); ++i) {
          const std::int64_t time = events[i].time;
          if (used[i] || events[i].name != steps[step] || time < after) continue;
          if (last && (time < *last || !near(*last, time, limit))) continue;
          used[i] = true;
          if (step + 1 == steps.size()) {
            extend(0, std::nullopt, done + 1, time);
          } else {
            extend(step + 1, time, done, after);
          }
          used[i] = false;
        }
      };
  extend(0, std::nullopt, 0, INT64_MIN);
  return best;
}

}  // namespace cdp::core::test
