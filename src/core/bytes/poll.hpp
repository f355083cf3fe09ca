// Cancellation: long loops call a Poll, which costs one load while nothing is pending.
#pragma once

#include <csignal>

namespace cdp::core {

class Poll {
 public:
  using Slow = void (*)();  // throws when the work has to stop

  constexpr Poll() noexcept = default;  // never cancels: unit tests, fuzzers
  constexpr Poll(const volatile std::sig_atomic_t* pending, Slow slow) noexcept : pending_(pending), slow_(slow) {}

  void operator()() const {
    if (pending_ != nullptr && *pending_ != 0) [[unlikely]]
      slow_();
  }

 private:
  const volatile std::sig_atomic_t* pending_ = nullptr;
  Slow slow_ = nullptr;
};

}  // namespace cdp::core
