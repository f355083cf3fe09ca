// Cancellation, timeouts and the end of the stack, for loops and recursion in the core.
#pragma once

#include "core/bytes/poll.hpp"
#include "pg/guard.hpp"

namespace cdp::pg {

// Costs one load while nothing is pending; then throws what the server raises (57014, shutdown …).
inline core::Poll poll() noexcept {
  return {&InterruptPending, [] { call([] { CHECK_FOR_INTERRUPTS(); }); }, [] { call([] { check_stack_depth(); }); }};
}

}  // namespace cdp::pg
