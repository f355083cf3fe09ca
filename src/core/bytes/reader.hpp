// Reads bytes that nobody vouches for: every step is checked, every failure is the error the owner chose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/bytes/error.hpp"
#include "core/bytes/load.hpp"

namespace cdp::core {

class Reader {
 public:
  // `what` names the value in messages ("profile"), and must outlive the reader.
  Reader(ByteSpan bytes, const char* what, Code code = Code::invalid_binary) noexcept
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), what_(what), code_(code) {}

  // A reader of a part, with the same name and error.
  Reader within(ByteSpan part) const noexcept { return {part, what_, code_}; }

  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
  const std::byte* position() const noexcept { return at_; }

  ByteSpan take(std::size_t length) {
    if (length > left()) fail("it ends too early");
    const ByteSpan taken{at_, length};
    at_ += length;
    return taken;
  }

  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }
  template <std::unsigned_integral T>
  T le() {
    return load_le<T>(take(sizeof(T)).data());
  }
  template <std::unsigned_integral T>
  T be() {
    return load_be<T>(take(sizeof(T)).data());
  }

  // Only the shortest form is accepted, so that equal values have equal bytes.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      if (shift == 63 && next > 1) break;
      value |= static_cast<std::uint64_t>(next & 0x7F) << shift;
      if (next < 0x80) {
        if (next == 0 && shift != 0) break;
        return value;
      }
    }
    fail("a number in it is not in its shortest form");
  }

  // A count of things that take at least `least` bytes each: refused before anything is allocated for it.
  std::size_t count(std::size_t least = 1) {
    const std::uint64_t value = varint();
    if (value > left() / least) fail("a count in it is larger than the value");
    return static_cast<std::size_t>(value);
  }

  void expect_end() {
    if (left() != 0) fail("there are bytes after its end");
  }

  [[noreturn]] void fail(const char* detail) const {
    throw Error(code_, std::string("invalid binary representation of type ") + what_,
                std::string("The value was refused: ") + detail + ".");
  }

 private:
  const std::byte *at_, *end_;
  const char* what_;
  Code code_;
};

// A varint in bytes that were validated when they came in: no checks, for hot paths.
inline std::uint64_t trusted_varint(const std::byte*& at) noexcept {
  std::uint64_t value = static_cast<std::uint8_t>(*at++);
  if (value < 0x80) [[likely]]
    return value;
  value &= 0x7F;
  for (unsigned shift = 7;; shift += 7) {
    const std::uint64_t next = static_cast<std::uint8_t>(*at++);
    value |= (next & 0x7F) << shift;
    if (next < 0x80) return value;
  }
}

constexpr std::size_t varint_size(std::uint64_t value) noexcept {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

}  // namespace cdp::core
