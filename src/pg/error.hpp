// How an error crosses the wall: a server error travels through C++ as pg::Error, a C++ exception leaves
// C++ as a PendingError, raised only after its handler has ended.
#pragma once

#include "core/bytes/error.hpp"
#include "pg/postgres.hpp"

namespace cdp::pg {

// An error of the server, kept whole. Only entry<> may catch it, and who has rolled back the subtransaction that it
// came from: else the server would be left half-done.
class Error {
 public:
  explicit Error(ErrorData* data) noexcept : data_(data) {}
  ErrorData* data() const noexcept { return data_; }

 private:
  ErrorData* data_;
};

int sqlstate_of(core::Code code) noexcept;

// A caught exception reduced to plain data, so that jumping away from it skips no destructor.
struct PendingError {
  ErrorData* original;  // a server error, raised again as it was
  int sqlstate;
  bool soft;  // bad input data: may be saved instead of raised
  const char *message, *detail, *hint;

  void capture() noexcept;  // call inside a handler
  [[noreturn]] void raise() const;
  Datum raise_or_save(FunctionCallInfo fcinfo) const;  // saves into a soft-error context where the caller gave one
};

// Copies the server's current error, clears it, and throws it as pg::Error (std::bad_alloc if even that fails).
[[noreturn]] void throw_current_error(MemoryContext caller);

}  // namespace cdp::pg
