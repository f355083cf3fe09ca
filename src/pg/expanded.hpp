// Values that grow in variables: p := p || x in a loop costs what x takes, not what p does.
//
// A growing value is an expanded object of the server's: it refers to a log of flat values, which it may share, and
// sees the first so many bytes of it. What is added goes to the log's end, if the value sees the log that far; the
// result refers to the same log and sees more of it, while the value that was added to sees what it saw before. The log
// is merged into one flat value when somebody reads it, and when it has grown long.
#pragma once

#include <array>

#include "pg/datum.hpp"

namespace cdp::pg {

// The payloads in a log, oldest first.
class Parts {
 public:
  static constexpr std::size_t kHead = 4;  // before each: its length

  explicit Parts(core::ByteSpan log) noexcept : log_(log) {}
  core::ByteSpan first() const noexcept { return at(0); }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t from = 0; from < log_.size(); from += kHead + at(from).size()) visit(at(from));
  }

 private:
  core::ByteSpan at(std::size_t from) const noexcept {
    return log_.subspan(from + kHead, core::load_le<std::uint32_t>(log_.data() + from));
  }
  core::ByteSpan log_;
};

// What the parts of a log have together; what each number counts is the type's business.
using Load = std::array<std::uint64_t, 7>;

struct Growing;  // a growing value

// One for each type, alive as long as the process.
class GrowingType {
 public:
  // Adds the part to the load; the first part comes before all others. False when merging it with what is there could
  // be refused, for a limit or a conflict: such a part is merged at once, so that the error comes where it is made.
  using Admit = bool (*)(Load& load, core::ByteSpan first, core::ByteSpan part);
  // Appends the payload of the value that all parts give. Throws.
  using Merge = void (*)(const Parts& parts, core::Buffer& out);

  constexpr GrowingType(Admit admit, Merge merge) : admit_(admit), merge_(merge) {}

  // What an operator over two values of the type does. `payload(i)` reads an argument, `merge(left, right)` makes the
  // flat result. May raise: call while no C++ object is alive.
  template <typename Payload, typename MergeTwo>
  Datum add(FunctionCallInfo fcinfo, Payload&& payload, MergeTwo&& merge) {
    if (Growing* const own = find(PG_GETARG_DATUM(0)); own != nullptr) [[unlikely]]
      if (const Datum sum = append(*own, payload(1)); sum != 0) return sum;
    const core::ByteSpan left = payload(0), right = payload(1);
    if (is_recent(left)) [[unlikely]]
      if (const Datum sum = begin(fcinfo, left, right); sum != 0) return sum;
    const Datum result = merge(left, right);
    remember(result);
    return result;
  }

 private:
  friend struct Growing;

  // A flat result, to be known again when it comes back as an operand.
  struct Mark {
    std::size_t size = 0;
    std::uint64_t sample = 0;
    bool operator==(const Mark&) const = default;
  };
  static Mark mark_of(core::ByteSpan payload) noexcept {
    if (payload.size() < 8) return {payload.size(), 0};
    const auto sample = [payload](std::size_t at) { return core::load_le<std::uint64_t>(payload.data() + at); };
    return {payload.size(), sample(payload.size() - 8) ^ sample(payload.size() / 2 - 4) * 3};
  }
  void remember(Datum result) noexcept {
    const auto* const value = DatumGetPointer(result);
    recent_[next_++ % recent_.size()] = mark_of(
        {reinterpret_cast<const std::byte*>(VARDATA_ANY(value)), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))});
  }
  bool is_recent(core::ByteSpan payload) const noexcept {
    const Mark mark = mark_of(payload);
    for (const Mark& each : recent_)
      if (each == mark) return true;
    return false;
  }

  Growing* find(Datum datum) const noexcept;
  // Nothing (0) where the flat way has to be gone.
  Datum append(Growing& to, core::ByteSpan part);
  Datum begin(FunctionCallInfo fcinfo, core::ByteSpan left, core::ByteSpan right);
  Datum begin(core::ByteSpan left, core::ByteSpan right);

  Admit admit_;
  Merge merge_;
  // A value is made to grow when a variable holds what an operator has just returned: so does a loop. A growing value
  // that nothing is added to was a waste: after each of these, more chances are let pass.
  std::array<Mark, 4> recent_{};
  unsigned next_ = 0, wait_ = 0, next_wait_ = 1;
};

// The same as bytes_of for a value that may be a growing one: its flat form is kept with it, and made but once.
core::ByteSpan flat_bytes(Datum expanded);
inline core::ByteSpan value_bytes(Datum datum) {
  if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum))) [[unlikely]]
    return flat_bytes(datum);
  return bytes_of(datum);
}

}  // namespace cdp::pg
