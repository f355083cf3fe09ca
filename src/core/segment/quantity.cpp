// src/core/segment/quantity.cpp: comparisons with constants, in integers where they fit.
#include "core/segment/quantity.hpp"

#include <algorithm>
#include <charconv>

#include "core/profile/decimal.hpp"

namespace cdp::core::rule {

namespace {

// A constant in units of 10^-scale, rounded down.
struct Floor {
  __int128 value;
  bool exact;
};

__int128 power_of_ten(unsigned exponent) noexcept {
  __int128 power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

// Of a number that is too long to be scaled.
Floor long_floor(ByteSpan decimal) {
  Buffer text;
  print_decimal(decimal, text);
  std::string_view digits = as_text(text.span());
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const std::size_t point = digits.find('.');
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + std::min(point, digits.size()), whole);
  if (error != std::errc()) return {static_cast<__int128>(negative ? -1 : 1) << 100, true};
  const bool exact = point == std::string_view::npos;
  return {negative ? -static_cast<__int128>(whole) - (exact ? 0 : 1) : whole, exact};
}

std::optional<Floor> floor_of(const Value& constant, unsigned scale) {
  if (constant.type != Type::number) return std::nullopt;
  const auto number = decimal_to_scaled(constant.bytes);
  if (!number) return scale == 0 ? std::optional(long_floor(constant.bytes)) : std::nullopt;
  if (number->scale <= scale)
    return Floor{static_cast<__int128>(number->mantissa) * power_of_ten(scale - number->scale), true};
  const auto unit = static_cast<std::int64_t>(power_of_ten(number->scale - scale));
  const std::int64_t rest = number->mantissa % unit;
  return Floor{number->mantissa / unit - (rest < 0 ? 1 : 0), rest == 0};
}

Range clamped(__int128 least, __int128 most, bool others) noexcept {
  if (least > INT64_MAX || most < INT64_MIN || least > most) return {1, 0, others};
  return {static_cast<std::int64_t>(std::max<__int128>(least, INT64_MIN)),
          static_cast<std::int64_t>(std::min<__int128>(most, INT64_MAX)), others};
}

Range range_of(Opcode op, Floor low, Floor high) noexcept {
  const __int128 ceiling = low.value + (low.exact ? 0 : 1);
  constexpr __int128 kEnd = static_cast<__int128>(1) << 110;
  switch (op) {
    case Opcode::equal: return clamped(ceiling, low.value, false);
    case Opcode::not_equal: return clamped(ceiling, low.value, true);
    case Opcode::less: return clamped(-kEnd, ceiling - 1, false);
    case Opcode::at_most: return clamped(-kEnd, low.value, false);
    case Opcode::greater: return clamped(low.value + 1, kEnd, false);
    case Opcode::at_least: return clamped(ceiling, kEnd, false);
    default: return clamped(ceiling, high.value, op == Opcode::not_between);
  }
}

bool is_between(Opcode op) noexcept { return op == Opcode::between || op == Opcode::not_between; }

// Appends decimal × times.
void append_multiple(Buffer& out, ByteSpan decimal, std::uint64_t times) {
  Buffer power, sum, next;
  power.append(decimal);
  sum.byte(0x80);
  for (; times > 0; times >>= 1) {
    next.clear();
    if ((times & 1) != 0) {
      append_decimal_sum(next, sum.span(), power.span());
      sum.clear();
      sum.append(next.span());
      next.clear();
    }
    append_decimal_sum(next, power.span(), power.span());
    power.clear();
    power.append(next.span());
  }
  out.append(sum.span());
}

std::optional<int> quick_order(const timeline::ExactSum& total, ByteSpan constant, std::uint64_t divisor) {
  const auto sum = total.scaled();
  const auto number = decimal_to_scaled(constant);
  if (!sum || !number) return std::nullopt;
  __int128 left = sum->mantissa, right = number->mantissa;
  if (__builtin_mul_overflow(right, static_cast<__int128>(divisor), &right)) return std::nullopt;
  for (unsigned scale = sum->scale; scale < number->scale; ++scale)
    if (__builtin_mul_overflow(left, 10, &left)) return std::nullopt;
  for (unsigned scale = number->scale; scale < sum->scale; ++scale)
    if (__builtin_mul_overflow(right, 10, &right)) return std::nullopt;
  return left < right ? -1 : (left > right ? 1 : 0);
}

// Of total / divisor and the constant.
int order_of(const timeline::ExactSum& total, ByteSpan constant, std::uint64_t divisor) {
  if (const auto order = quick_order(total, constant, divisor)) return *order;
  Buffer sum, multiple;
  total.append_to(sum);
  append_multiple(multiple, constant, divisor);
  return compare_bytes(sum.span(), multiple.span());
}

}  // namespace

std::optional<Range> range_of_numbers(Opcode op, const std::byte* at, unsigned scale) {
  if (op > Opcode::not_between) return std::nullopt;
  const auto low = floor_of(trusted_value(at), scale);
  const auto high = is_between(op) ? floor_of(trusted_value(at), scale) : low;
  return low && high ? std::optional(range_of(op, *low, *high)) : std::nullopt;
}

Range range_of_times(Opcode op, const std::byte* at) noexcept {
  const Floor low{timestamp_of(trusted_value(at)), true};
  return range_of(op, low, is_between(op) ? Floor{timestamp_of(trusted_value(at)), true} : low);
}

bool compare_total(Opcode op, const std::byte* at, const timeline::ExactSum& total, std::uint64_t divisor) {
  const int order = order_of(total, trusted_value(at).bytes, divisor);
  if (!is_between(op)) return holds(op, order);
  return (order >= 0 && order_of(total, trusted_value(at).bytes, divisor) <= 0) == (op == Opcode::between);
}

}  // namespace cdp::core::rule
