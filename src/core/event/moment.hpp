// When an event happened, by the clocks of its sender and of its receiver.
#pragma once

#include "core/event/event.hpp"
#include "core/event/fields.hpp"

namespace cdp::core::event {

// What an event says of time; what it lacks is absent or null.
struct Times {
  Place original;   // by the sender's clock
  Place sent_at;    // likewise
  Place corrected;  // by the clock of a receiver; goes before the others
};

// Fills in `at` and `clamped`.
bool read_moment(Fields& fields, const Times& times, std::int64_t received_at, std::int64_t tolerance, Event& event);

}  // namespace cdp::core::event
