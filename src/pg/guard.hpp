// pg::call: calls into the server from frames that own C++ objects.
#pragma once

#include <type_traits>
#include <utility>

#include "pg/error.hpp"

namespace cdp::pg {

// Puts the server's handler stacks back, however the scope is left.
class ExceptionStackGuard {
 public:
  ExceptionStackGuard() noexcept : exceptions_(PG_exception_stack), contexts_(error_context_stack) {}
  ExceptionStackGuard(const ExceptionStackGuard&) = delete;
  ExceptionStackGuard& operator=(const ExceptionStackGuard&) = delete;
  ~ExceptionStackGuard() {
    PG_exception_stack = exceptions_;
    error_context_stack = contexts_;
  }

 private:
  sigjmp_buf* exceptions_;
  ErrorContextCallback* contexts_;
};

// Runs `body`, which may raise; a server error is thrown as pg::Error with every field kept. The frames
// between here and the server must own nothing: captures by reference, plain results. About 16 ns a call:
// once per call or batch, never per row. (The signal mask isn't saved: that would cost 400 ns.)
template <typename Body>
auto call(Body&& body) -> std::invoke_result_t<Body&> {
  using Result = std::invoke_result_t<Body&>;
  static_assert(std::is_void_v<Result> || std::is_trivially_destructible_v<Result>,
                "a server call must return plain data");
  const MemoryContext caller = CurrentMemoryContext;
  {
    const ExceptionStackGuard restore;
    sigjmp_buf trap;
    if (sigsetjmp(trap, 0) == 0) {
      PG_exception_stack = &trap;
      return body();
    }
  }
  throw_current_error(caller);
}

}  // namespace cdp::pg
