// src/core/profile/timestamp.cpp: ISO 8601 text of instants.
#include "core/profile/timestamp.hpp"

namespace cdp::core {

namespace {

constexpr std::int64_t kDaysFrom0000To2000 = 730'425;  // 0000-03-01 to 2000-01-01

void print_padded(std::int64_t value, int width, Buffer& out) {
  char digits[20];
  int count = 0;
  do {
    digits[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  for (int i = count; i < width; ++i) out.byte('0');
  while (count > 0) out.byte(static_cast<std::uint8_t>(digits[--count]));
}

// Steps through text; `ok` turns false at the first thing that is missing.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  bool skip(char c) noexcept {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) noexcept { ok = ok && skip(c); }
  std::int64_t number(std::size_t least, std::size_t most) noexcept {
    std::int64_t value = 0;
    std::size_t count = 0;
    while (count < most && count < rest.size() && rest[count] >= '0' && rest[count] <= '9')
      value = value * 10 + (rest[count++] - '0');
    ok = ok && count >= least;
    rest.remove_prefix(count);
    return value;
  }
};

bool leap(std::int64_t year) noexcept { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(std::int64_t year, int month) noexcept {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : kDays[month - 1];
}

// Microseconds of "hh:mm[:ss[.ffffff]]"; 24:00 is not accepted.
std::int64_t scan_time_of_day(Scanner& scan) noexcept {
  const std::int64_t hour = scan.number(2, 2);
  scan.expect(':');
  const std::int64_t minute = scan.number(2, 2);
  std::int64_t second = 0, fraction = 0;
  if (scan.skip(':')) {
    second = scan.number(2, 2);
    if (scan.skip('.')) {
      const std::size_t before = scan.rest.size();
      fraction = scan.number(1, 6);
      for (std::size_t digits = before - scan.rest.size(); digits < 6; ++digits) fraction *= 10;
    }
  }
  scan.ok = scan.ok && hour < 24 && minute < 60 && second < 60;
  return ((hour * 60 + minute) * 60 + second) * 1'000'000 + fraction;
}

// Microseconds east of UTC: "Z", nothing, "+03", "+0330", "+03:30", and with seconds, as before there were zones.
std::int64_t scan_offset(Scanner& scan) noexcept {
  if (scan.skip('Z') || scan.skip('z') || scan.rest.empty()) return 0;
  const bool west = !scan.rest.empty() && scan.rest.front() == '-';
  if (!west && scan.rest.front() != '+') {
    scan.ok = false;
    return 0;
  }
  scan.rest.remove_prefix(1);
  const std::int64_t hours = scan.number(2, 2);
  std::int64_t rest[2] = {0, 0};  // minutes, seconds
  for (std::int64_t& part : rest) {
    if (scan.rest.empty()) break;
    scan.skip(':');
    part = scan.number(2, 2);
  }
  scan.ok = scan.ok && hours < 16 && rest[0] < 60 && rest[1] < 60;
  const std::int64_t offset = ((hours * 60 + rest[0]) * 60 + rest[1]) * 1'000'000;
  return west ? -offset : offset;
}

}  // namespace

std::int64_t days_from_date(Date date) noexcept {
  const std::int64_t year = static_cast<std::int64_t>(date.year) - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - kDaysFrom0000To2000;
}

Date date_from_days(std::int64_t days) noexcept {
  days += kDaysFrom0000To2000;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const auto month = static_cast<std::int32_t>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {static_cast<std::int32_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), month,
          static_cast<std::int32_t>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

void print_timestamp(std::int64_t time, Buffer& out) {
  if (time == kInfinity || time == kMinusInfinity) {
    out.append(time == kInfinity ? "infinity" : "-infinity");
    return;
  }
  std::int64_t days = time / kMicrosecondsPerDay, within = time % kMicrosecondsPerDay;
  if (within < 0) {
    within += kMicrosecondsPerDay;
    --days;
  }
  const Date date = date_from_days(days);
  if (date.year < 0) {
    out.byte('-');
  } else if (date.year > 9999) {
    out.byte('+');
  }
  print_padded(date.year < 0 ? -static_cast<std::int64_t>(date.year) : date.year, 4, out);
  out.byte('-');
  print_padded(date.month, 2, out);
  out.byte('-');
  print_padded(date.day, 2, out);
  out.byte('T');
  print_padded(within / 3'600'000'000, 2, out);
  out.byte(':');
  print_padded(within / 60'000'000 % 60, 2, out);
  out.byte(':');
  print_padded(within / 1'000'000 % 60, 2, out);
  if (std::int64_t fraction = within % 1'000'000; fraction != 0) {
    int width = 6;
    for (; fraction % 10 == 0; fraction /= 10) --width;
    out.byte('.');
    print_padded(fraction, width, out);
  }
  out.byte('Z');
}

bool print_date_or_timestamp(std::int64_t time, Buffer& out) {
  constexpr std::string_view kMidnight = "T00:00:00Z";
  print_timestamp(time, out);
  const bool date = as_text(out.span()).ends_with(kMidnight);
  if (date) out.truncate(out.size() - kMidnight.size());
  return date;
}

std::optional<std::int64_t> parse_timestamp(std::string_view text, bool* out_of_range) noexcept {
  if (text == "infinity") return kInfinity;
  if (text == "-infinity") return kMinusInfinity;
  Scanner scan{text};
  const bool negative = scan.skip('-');
  if (!negative) scan.skip('+');
  std::int64_t year = scan.number(4, 6);
  if (negative) year = -year;
  scan.expect('-');
  const auto month = static_cast<int>(scan.number(2, 2));
  scan.expect('-');
  const auto day = static_cast<int>(scan.number(2, 2));
  if (!scan.ok || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return std::nullopt;
  std::int64_t within = 0;
  if (!scan.rest.empty()) {
    if (!scan.skip('T') && !scan.skip('t')) scan.expect(' ');
    within = scan_time_of_day(scan);
    if (scan.ok) within -= scan_offset(scan);
  }
  if (!scan.ok || !scan.rest.empty()) return std::nullopt;
  const std::int64_t days = days_from_date({static_cast<std::int32_t>(year), month, day});
  std::int64_t time;
  if (__builtin_mul_overflow(days, kMicrosecondsPerDay, &time) || __builtin_add_overflow(time, within, &time) ||
      !is_timestamp(time)) {
    if (out_of_range != nullptr) *out_of_range = true;
    return std::nullopt;
  }
  return time;
}

}  // namespace cdp::core
