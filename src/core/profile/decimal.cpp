// src/core/profile/decimal.cpp: codec of order-preserving exact decimals.
#include "core/profile/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace cdp::core {

namespace {

constexpr std::uint8_t kZero = 0x80, kSmallestLead = 0x82, kFarBelow = 0x81, kFarAbove = 0xFF, kEnd = 0xFF;
constexpr std::int32_t kLeastNearExponent = -31, kGreatestNearExponent = 93;

using Digits = std::pmr::vector<std::uint8_t>;

[[noreturn]] void fail(std::string_view text) {
  throw Error(Code::invalid_text, "invalid number: \"" + std::string(text.substr(0, 64)) + "\"");
}

[[noreturn]] void out_of_range() {
  throw Error(Code::invalid_text, "number out of range",
              "A number has at most 131072 digits before and 16383 digits after the decimal point.");
}

void append_exponent(Buffer& out, bool negative, std::int32_t exponent) {
  const auto sign = [negative](std::uint8_t lead) { return static_cast<std::uint8_t>(negative ? 0x100 - lead : lead); };
  if (exponent >= kLeastNearExponent && exponent <= kGreatestNearExponent) {
    out.byte(sign(static_cast<std::uint8_t>(kSmallestLead + exponent - kLeastNearExponent)));
    return;
  }
  out.byte(sign(exponent < 0 ? kFarBelow : kFarAbove));
  const std::uint32_t biased = static_cast<std::uint32_t>(exponent) ^ 0x80000000U;
  out.be<std::uint32_t>(negative ? ~biased : biased);
}

// The parts of a stored decimal, or valid = false.
struct Parts {
  bool valid = false, negative = false, zero = false;
  std::int32_t exponent = 0;
  ByteSpan digits{};

  int digit(std::size_t i) const noexcept {
    const int stored = static_cast<int>(digits[i]);
    return negative ? 0xFE - stored : stored;
  }
};

Parts split(ByteSpan bytes) noexcept {
  Parts parts;
  if (bytes.empty()) return parts;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  if (first == kZero) {
    parts.valid = bytes.size() == 1;
    parts.zero = true;
    return parts;
  }
  if (first == 0) return parts;
  parts.negative = first < kZero;
  const auto lead = static_cast<std::uint8_t>(parts.negative ? 0x100 - first : first);
  std::size_t from = 1;
  if (lead == kFarBelow || lead == kFarAbove) {
    if (bytes.size() < 5) return parts;
    std::uint32_t biased = load_be<std::uint32_t>(bytes.data() + 1);
    if (parts.negative) biased = ~biased;
    parts.exponent = static_cast<std::int32_t>(biased ^ 0x80000000U);
    if (lead == kFarBelow ? parts.exponent >= kLeastNearExponent : parts.exponent <= kGreatestNearExponent)
      return parts;
    from = 5;
  } else {
    parts.exponent = lead - kSmallestLead + kLeastNearExponent;
  }
  std::size_t until = bytes.size();
  if (parts.negative) {
    if (until <= from || static_cast<std::uint8_t>(bytes[until - 1]) != kEnd) return parts;
    --until;
  }
  parts.digits = bytes.subspan(from, until - from);
  parts.valid = !parts.digits.empty();
  return parts;
}

bool in_range(std::int32_t exponent, std::size_t digits, int first, int last) noexcept {
  if (exponent > kDecimalDigitsBefore / 2 + 1 || exponent < -kDecimalDigitsAfter) return false;
  const std::int64_t before = std::int64_t{2} * exponent - (first < 10 ? 1 : 0);
  const std::int64_t after = 2 * (static_cast<std::int64_t>(digits) - exponent) - (last % 10 == 0 ? 1 : 0);
  return before <= kDecimalDigitsBefore && after <= kDecimalDigitsAfter;
}

}  // namespace

void append_decimal(Buffer& out, bool negative, std::int32_t exponent, std::span<const std::uint8_t> digits) {
  while (!digits.empty() && digits.front() == 0) {
    digits = digits.subspan(1);
    --exponent;
  }
  while (!digits.empty() && digits.back() == 0) digits = digits.first(digits.size() - 1);
  if (digits.empty()) {
    out.byte(kZero);
    return;
  }
  if (!in_range(exponent, digits.size(), digits.front(), digits.back())) out_of_range();
  append_exponent(out, negative, exponent);
  std::byte* to = out.extend(digits.size() + (negative ? 1 : 0));
  for (const std::uint8_t digit : digits) *to++ = static_cast<std::byte>(negative ? 0xFE - digit : digit);
  if (negative) *to = static_cast<std::byte>(kEnd);
}

void append_decimal(Buffer& out, std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  const std::size_t mark = rest.find_first_of("eE");
  std::string_view mantissa = rest.substr(0, mark);
  std::int64_t shift = 0;
  if (mark != std::string_view::npos) {
    std::string_view power = rest.substr(mark + 1);
    const bool below = !power.empty() && power.front() == '-';
    if (!power.empty() && (power.front() == '-' || power.front() == '+')) power.remove_prefix(1);
    if (power.empty() || power.find_first_not_of("0123456789") != std::string_view::npos) fail(text);
    for (const char c : power) shift = shift > 100'000'000 ? shift : shift * 10 + (c - '0');
    if (below) shift = -shift;
  }
  const std::size_t point = mantissa.find('.');
  const std::size_t whole = point == std::string_view::npos ? mantissa.size() : point;
  if (whole == 0 || point == mantissa.size() - 1 || (whole > 1 && mantissa[0] == '0')) fail(text);
  const auto digit_at = [&](std::size_t i) { return mantissa[i < whole ? i : i + 1]; };
  const std::size_t count = mantissa.size() - (point == std::string_view::npos ? 0 : 1);
  std::size_t first = 0;
  for (std::size_t i = 0; i < count; ++i)
    if (digit_at(i) < '0' || digit_at(i) > '9') fail(text);
  while (first < count && digit_at(first) == '0') ++first;
  if (first == count) {
    out.byte(kZero);
    return;
  }
  // Decimal digits before the point of the first one kept; the pairs of base 100 align to the point.
  const std::int64_t before = static_cast<std::int64_t>(whole) - static_cast<std::int64_t>(first) + shift;
  if (before > kDecimalDigitsBefore || before < -kDecimalDigitsAfter) out_of_range();
  const bool single = (before & 1) != 0;
  const auto exponent = static_cast<std::int32_t>((before + (single ? 1 : 0)) / 2);
  std::byte scratch[512];
  std::pmr::monotonic_buffer_resource memory(scratch, sizeof scratch);
  Digits digits(&memory);
  digits.reserve((count - first) / 2 + 2);
  std::size_t i = first;
  if (single) digits.push_back(static_cast<std::uint8_t>(digit_at(i++) - '0'));
  for (; i < count; i += 2)
    digits.push_back(static_cast<std::uint8_t>((digit_at(i) - '0') * 10 + (i + 1 < count ? digit_at(i + 1) - '0' : 0)));
  append_decimal(out, negative, exponent, digits);
}

void append_decimal(Buffer& out, std::int64_t value) {
  std::uint8_t digits[10];
  std::size_t from = 10;
  std::uint64_t magnitude = value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  for (; magnitude != 0; magnitude /= 100) digits[--from] = static_cast<std::uint8_t>(magnitude % 100);
  append_decimal(out, value < 0, static_cast<std::int32_t>(10 - from), {digits + from, 10 - from});
}

void append_sum(Buffer& out, std::span<const ByteSpan> numbers, std::pmr::memory_resource* resource) {
  // Digits of all numbers stand in one row of columns, from the greatest exponent to the last digit.
  std::int32_t highest = INT32_MIN, lowest = INT32_MAX;
  for (const ByteSpan number : numbers) {
    const Parts parts = split(number);
    if (parts.zero) continue;
    highest = std::max(highest, parts.exponent);
    lowest = std::min(lowest, parts.exponent - static_cast<std::int32_t>(parts.digits.size()));
  }
  if (highest < lowest) {
    out.byte(kZero);
    return;
  }
  constexpr std::size_t kCarries = 10;  // room for what 2^64 numbers carry
  std::pmr::vector<std::int64_t> columns(static_cast<std::size_t>(highest - lowest) + kCarries, resource);
  for (const ByteSpan number : numbers) {
    const Parts parts = split(number);
    const std::size_t from = kCarries + static_cast<std::size_t>(highest - parts.exponent);
    for (std::size_t i = 0; !parts.zero && i < parts.digits.size(); ++i)
      columns[from + i] += parts.negative ? -parts.digit(i) : parts.digit(i);
  }
  const auto carry = [&columns] {
    for (std::size_t i = columns.size() - 1; i > 0; --i) {
      std::int64_t digit = columns[i] % 100;
      if (digit < 0) digit += 100;
      columns[i - 1] += (columns[i] - digit) / 100;
      columns[i] = digit;
    }
  };
  carry();
  const bool negative = columns[0] < 0;
  if (negative) {
    for (std::int64_t& column : columns) column = -column;
    carry();
  }
  Digits digits(columns.begin(), columns.end(), resource);
  const auto exponent = highest + static_cast<std::int32_t>(kCarries);
  // Only carries can leave the range.
  std::size_t leading = 0;
  while (leading < digits.size() && digits[leading] == 0) ++leading;
  const auto magnitude = exponent - static_cast<std::int32_t>(leading);
  if (leading < digits.size() && 2 * magnitude - (digits[leading] < 10 ? 1 : 0) > kDecimalDigitsBefore)
    throw Error(Code::number_out_of_range, "sum out of range",
                "A number has at most 131072 digits before the decimal point.");
  append_decimal(out, negative, exponent, digits);
}

Numeral take_apart(ByteSpan decimal, std::pmr::vector<std::uint16_t>& digits) {
  const Parts parts = split(decimal);
  if (parts.zero || !parts.valid) return {};
  const auto count = static_cast<std::int32_t>(parts.digits.size());
  // Pairs of digits align to the point.
  const std::int32_t shift = parts.exponent & 1;
  for (std::int32_t i = -shift; i < count; i += 2) {
    const auto pair = [&](std::int32_t at) {
      return at >= 0 && at < count ? parts.digit(static_cast<std::size_t>(at)) : 0;
    };
    digits.push_back(static_cast<std::uint16_t>(pair(i) * 100 + pair(i + 1)));
  }
  const std::int32_t after = 2 * (count - parts.exponent);
  const bool short_end = parts.digit(parts.digits.size() - 1) % 10 == 0;
  return {parts.negative, (parts.exponent + shift) / 2 - 1, after <= 0 ? 0 : after - (short_end ? 1 : 0)};
}

void print_decimal(ByteSpan decimal, Buffer& out) {
  const Parts parts = split(decimal);
  if (parts.zero || !parts.valid) {
    out.byte('0');
    return;
  }
  if (parts.negative) out.byte('-');
  const auto count = static_cast<std::int32_t>(parts.digits.size());
  const auto pair = [&](std::int32_t i) { return i >= 0 && i < count ? parts.digit(static_cast<std::size_t>(i)) : 0; };
  if (parts.exponent <= 0) {
    out.byte('0');
  } else {
    for (std::int32_t i = 0; i < parts.exponent; ++i) {
      const int digit = pair(i);
      if (i > 0 || digit >= 10) out.byte(static_cast<std::uint8_t>('0' + digit / 10));
      out.byte(static_cast<std::uint8_t>('0' + digit % 10));
    }
  }
  if (parts.exponent >= count) return;
  out.byte('.');
  for (std::int32_t i = parts.exponent; i < count; ++i) {
    const int digit = pair(i);
    out.byte(static_cast<std::uint8_t>('0' + digit / 10));
    if (i < count - 1 || digit % 10 != 0) out.byte(static_cast<std::uint8_t>('0' + digit % 10));
  }
}

std::optional<std::int64_t> decimal_to_integer(ByteSpan decimal) noexcept {
  const Parts parts = split(decimal);
  if (parts.zero) return 0;
  if (!parts.valid || parts.exponent > 10 || static_cast<std::int32_t>(parts.digits.size()) > parts.exponent)
    return std::nullopt;
  std::int64_t value = 0;  // negative all the way: its range is the larger one
  for (std::int32_t i = 0; i < parts.exponent; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (__builtin_mul_overflow(value, 100, &value) ||
        __builtin_sub_overflow(value, at < parts.digits.size() ? parts.digit(at) : 0, &value))
      return std::nullopt;
  }
  if (parts.negative) return value;
  return value == INT64_MIN ? std::nullopt : std::optional(-value);
}

void append_decimal(Buffer& out, __int128 mantissa, unsigned scale) {
  const bool negative = mantissa < 0;
  auto magnitude = static_cast<unsigned __int128>(negative ? -mantissa : mantissa);
  if (scale % 2 != 0) {  // pairs of digits align to the point
    magnitude *= 10;
    ++scale;
  }
  std::uint8_t digits[20];
  std::size_t from = sizeof digits;
  for (; magnitude > UINT64_MAX; magnitude /= 100) digits[--from] = static_cast<std::uint8_t>(magnitude % 100);
  for (auto low = static_cast<std::uint64_t>(magnitude); low != 0; low /= 100)
    digits[--from] = static_cast<std::uint8_t>(low % 100);
  const std::size_t count = sizeof digits - from;
  append_decimal(out, negative, static_cast<std::int32_t>(count) - static_cast<std::int32_t>(scale / 2),
                 {digits + from, count});
}

void append_decimal_sum(Buffer& out, ByteSpan a, ByteSpan b) {
  const Parts parts[2] = {split(a), split(b)};
  if (parts[0].zero) return out.append(b);
  if (parts[1].zero) return out.append(a);
  const auto last = [](const Parts& p) { return p.exponent - static_cast<std::int32_t>(p.digits.size()); };
  const std::int32_t top = std::max(parts[0].exponent, parts[1].exponent) + 1;
  const std::int32_t bottom = std::min(last(parts[0]), last(parts[1]));
  std::pmr::vector<int> columns(static_cast<std::size_t>(top - bottom));  // the first one is for a carry
  for (const Parts& p : parts)
    for (std::size_t i = 0; i < p.digits.size(); ++i)
      columns[static_cast<std::size_t>(top - p.exponent) + i] += p.negative ? -p.digit(i) : p.digit(i);
  bool negative = false;
  for (const int column : columns) {
    negative = column < 0;
    if (column != 0) break;
  }
  Digits digits(columns.size());
  int carry = 0;
  for (std::size_t i = columns.size(); i-- > 0;) {
    int digit = (negative ? -columns[i] : columns[i]) + carry;
    carry = digit < 0 ? -1 : digit / 100;
    digit -= carry * 100;
    digits[i] = static_cast<std::uint8_t>(digit);
  }
  try {
    append_decimal(out, negative, top, digits);
  } catch (const Error&) {
    throw Error(Code::number_out_of_range, "sum out of range",
                "A number has at most 131072 digits before and 16383 digits after the decimal point.");
  }
}

std::optional<ScaledDecimal> decimal_to_scaled(ByteSpan decimal) noexcept {
  const Parts parts = split(decimal);
  if (parts.zero) return ScaledDecimal{0, 0};
  const auto count = static_cast<std::int32_t>(parts.digits.size());
  if (!parts.valid || parts.exponent > 10 || count > 10 || count - parts.exponent > 9) return std::nullopt;
  std::int64_t value = 0;  // negative all the way: its range is the larger one
  for (std::int32_t i = 0; i < std::max(count, parts.exponent); ++i) {
    int digit = i < count ? parts.digit(static_cast<std::size_t>(i)) : 0, step = 100;
    if (i == count - 1 && i >= parts.exponent && digit % 10 == 0) {  // a single digit ends the fraction
      digit /= 10;
      step = 10;
    }
    if (__builtin_mul_overflow(value, step, &value) || __builtin_sub_overflow(value, digit, &value))
      return std::nullopt;
  }
  if (!parts.negative && value == INT64_MIN) return std::nullopt;
  unsigned scale = 0;
  if (count > parts.exponent) {
    scale = 2 * static_cast<unsigned>(count - parts.exponent);
    if (parts.digit(static_cast<std::size_t>(count - 1)) % 10 == 0) --scale;
  }
  return ScaledDecimal{parts.negative ? value : -value, scale};
}

namespace {

// Up to 15 digits and powers of ten up to 22 are doubles, so that one operation rounds once.
bool small_double(const Parts& parts, double& value) noexcept {
  constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const std::int64_t exponent = 2 * (parts.exponent - static_cast<std::int64_t>(parts.digits.size()));
  if (parts.digits.size() > 7 || exponent < -22 || exponent > 22) return false;
  std::int64_t digits = 0;
  for (std::size_t i = 0; i < parts.digits.size(); ++i) digits = digits * 100 + parts.digit(i);
  value =
      exponent < 0 ? static_cast<double>(digits) / kPowers[-exponent] : static_cast<double>(digits) * kPowers[exponent];
  return true;
}

}  // namespace

double decimal_to_double(ByteSpan decimal) noexcept {
  const Parts parts = split(decimal);
  if (parts.zero || !parts.valid) return 0;
  double value = 0;
  if (!small_double(parts, value)) {
    // No two doubles have a middle of more than 767 digits: of what follows only that it isn't zero counts.
    constexpr std::size_t kMost = 384;
    char text[2 * kMost + 32];
    char* to = text;
    *to++ = '.';
    for (std::size_t i = 0; i < std::min(parts.digits.size(), kMost); ++i) {
      *to++ = static_cast<char>('0' + parts.digit(i) / 10);
      *to++ = static_cast<char>('0' + parts.digit(i) % 10);
    }
    if (parts.digits.size() > kMost) *to++ = '1';
    *to++ = 'e';
    to = std::to_chars(to, std::end(text), 2 * static_cast<std::int64_t>(parts.exponent)).ptr;
    if (std::from_chars(text, to, value).ec == std::errc::result_out_of_range)
      value = parts.exponent > 0 ? std::numeric_limits<double>::infinity() : 0;
  }
  return parts.negative ? -value : value;
}

bool is_decimal(ByteSpan decimal) noexcept {
  const Parts parts = split(decimal);
  if (!parts.valid || parts.zero) return parts.valid;
  for (std::size_t i = 0; i < parts.digits.size(); ++i)
    if (const int digit = parts.digit(i); digit < 0 || digit > 99) return false;
  const int first = parts.digit(0), last = parts.digit(parts.digits.size() - 1);
  return first != 0 && last != 0 && in_range(parts.exponent, parts.digits.size(), first, last);
}

}  // namespace cdp::core
