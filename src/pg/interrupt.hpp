// Cancellation and timeouts for loops in the core.
#pragma once

#include "core/bytes/poll.hpp"
#include "pg/guard.hpp"

namespace cdp::pg {

// Costs one load while nothing is pending; then throws what the server raises (57014, shutdown …).
inline core::Poll poll() noexcept {
  return {&InterruptPending, [] { call([] { CHECK_FOR_INTERRUPTS(); }); }};
}

}  // namespace cdp::pg
