// Cancellation, and the end of the stack: long loops and what nests call a Poll, which costs a load and a comparison
// while nothing is the matter.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>

namespace cdp::core {

class Poll {
 public:
  using Slow = void (*)();  // throws when the work has to stop

  constexpr Poll() noexcept = default;  // never cancels: unit tests, fuzzers
  // `deep` throws when the stack is used up; it is asked once for so many bytes of it.
  Poll(const volatile std::sig_atomic_t* pending, Slow slow, Slow deep = nullptr) noexcept
      : pending_(pending), slow_(slow), deep_(deep), asked_(deep == nullptr ? 0 : here()) {}

  void operator()() const {
    if (pending_ != nullptr && *pending_ != 0) [[unlikely]]
      slow_();
    if (here() + kStep < asked_) [[unlikely]]
      descend();
  }

 private:
  static constexpr std::uintptr_t kStep = 32 * 1024;

  // The stack grows downwards.
  static std::uintptr_t here() noexcept { return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); }
  [[gnu::noinline]] void descend() const {
    deep_();
    asked_ = here();
  }

  const volatile std::sig_atomic_t* pending_ = nullptr;
  Slow slow_ = nullptr, deep_ = nullptr;
  mutable std::uintptr_t asked_ = 0;  // where the stack was when it was asked for last
};

}  // namespace cdp::core
