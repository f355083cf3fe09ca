// CDP_FUNCTION: the entry of every function that the server calls.
//
//   CDP_FUNCTION(cdp_profile_out) { ... uses fcinfo and the PG_GETARG macros ... }
//
// The body may throw anything. It may call the server directly only while no C++ object with a destructor
// is alive (decode first, encode last); otherwise through pg::call.
#pragma once

#include "pg/error.hpp"

namespace cdp::pg {

template <Datum (*Body)(FunctionCallInfo)>
Datum entry(FunctionCallInfo fcinfo) {
  const MemoryContext caller = CurrentMemoryContext;
  PendingError pending;
  try {
    return Body(fcinfo);
  } catch (...) {
    // Where the body was working may live long, and a soft error returns to the caller as if nothing had happened.
    MemoryContextSwitchTo(caller);
    pending.capture();
  }
  // The handler has ended: jumping out of a live one would leak the exception object.
  return pending.raise_or_save(fcinfo);
}

// The same for callbacks (destination receivers, hooks): runs `body`, raises what it threw.
template <typename Body>
auto guarded_callback(Body&& body) -> decltype(body()) {
  const MemoryContext caller = CurrentMemoryContext;
  PendingError pending;
  try {
    return body();
  } catch (...) {
    MemoryContextSwitchTo(caller);
    pending.capture();
  }
  pending.raise();
}

}  // namespace cdp::pg

#define CDP_FUNCTION(name)                                                     \
  static Datum name##_body(FunctionCallInfo fcinfo);                           \
  extern "C" {                                                                 \
  PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                    \
  PG_FUNCTION_INFO_V1(name);                                                   \
  Datum name(PG_FUNCTION_ARGS) { return cdp::pg::entry<name##_body>(fcinfo); } \
  }                                                                            \
  static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)
