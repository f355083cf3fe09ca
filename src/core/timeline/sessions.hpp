// Visits: runs of events that are at most a gap apart.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes/poll.hpp"
#include "core/timeline/duration.hpp"

namespace cdp::core {

// When the last folded event was: behind it every event of the customer is kept.
template <typename Events>
std::optional<std::int64_t> last_horizon(const Events& events) {
  std::optional<std::int64_t> last;
  events.for_each_folded([&](std::uint32_t, const auto& part) {
    if (!last || *last < part.horizon) last = part.horizon;
  });
  return last;
}

struct Session {
  std::int64_t start, end;
  std::uint64_t events;
};

// Calls visit(const Session&) in order of time. A session that can have folded events in it is left out.
template <typename Events, typename Visit>
void for_each_session(const Events& events, Duration gap, Visit&& visit, const Poll& poll) {
  std::uint32_t event = 0;
  if (const auto horizon = last_horizon(events)) {
    std::int64_t last = *horizon;
    for (event = events.upper_bound(last); event < events.size() && within(events.time(event), last, gap); ++event)
      last = events.time(event);
  }
  while (event < events.size()) {
    Session session{events.time(event), events.time(event), 0};
    do {
      poll();
      session.end = events.time(event);
      ++session.events;
      ++event;
    } while (event < events.size() && within(events.time(event), session.end, gap));
    visit(session);
  }
}

}  // namespace cdp::core
