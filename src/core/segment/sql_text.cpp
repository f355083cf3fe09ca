// src/core/segment/sql_text.cpp: constants and windows as PostgreSQL reads them.
#include "core/segment/sql_text.hpp"

#include <algorithm>
#include <cstdio>

#include "core/profile/decimal.hpp"
#include "core/timeline/duration.hpp"

namespace cdp::core::rule {

void SqlLines::begin_line() {
  constexpr int kDeepest = 40;  // rules may nest a thousand levels
  if (out_.size() - start_ > kMaxSql)
    throw Error(Code::limit_exceeded, "SQL of the segment exceeds the maximum size of 64 MB");
  out_.byte('\n');
  for (int i = std::min(depth_, kDeepest); i > 0; --i) out_.append("  ");
}

SqlText sql_string(std::string_view text, std::pmr::memory_resource* resource) {
  const bool escaped =
      std::any_of(text.begin(), text.end(), [](char c) { return c == '\\' || static_cast<unsigned char>(c) < 0x20; });
  SqlText out(escaped ? "E'" : "'", resource);
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
      continue;
    }
    char code[8];
    std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned>(c));
    out += code;
  }
  out += '\'';
  return out;
}

SqlText sql_date(std::int64_t day, std::pmr::memory_resource* resource) {
  const Date date = date_from_days(day);
  char text[48];
  std::snprintf(text, sizeof text, "date '%04d-%02d-%02d%s'", date.year > 0 ? date.year : 1 - date.year, date.month,
                date.day, date.year > 0 ? "" : " BC");
  return {text, resource};
}

SqlText sql_instant(std::int64_t time, std::pmr::memory_resource* resource) {
  if (time == kInfinity) return {"timestamptz 'infinity'", resource};
  if (time == kMinusInfinity) return {"timestamptz '-infinity'", resource};
  std::int64_t day = time / kMicrosecondsPerDay, rest = time % kMicrosecondsPerDay;
  if (rest < 0) --day, rest += kMicrosecondsPerDay;
  const Date date = date_from_days(day);
  const std::int64_t seconds = rest / 1'000'000, fraction = rest % 1'000'000;
  char digits[16] = "", text[80];
  if (fraction != 0) std::snprintf(digits, sizeof digits, ".%06d", static_cast<int>(fraction));
  std::snprintf(text, sizeof text, "timestamptz '%04d-%02d-%02d %02d:%02d:%02d%s+00%s'",
                date.year > 0 ? date.year : 1 - date.year, date.month, date.day, static_cast<int>(seconds / 3600),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60), digits,
                date.year > 0 ? "" : " BC");
  return {text, resource};
}

SqlText sql_constant(const Value& value, std::pmr::memory_resource* resource) {
  switch (value.type) {
    case Type::boolean: return {value.bytes[0] == std::byte{0} ? "false" : "true", resource};
    case Type::timestamp: return sql_instant(timestamp_of(value), resource);
    case Type::string: return sql_string(as_text(value.bytes), resource);
    default: {
      Buffer digits(resource);
      print_decimal(value.bytes, digits);
      return SqlText(as_text(digits.span()), resource);
    }
  }
}

SqlText sql_interval(const Duration& duration, std::pmr::memory_resource* resource) {
  SqlText text("interval '", resource);
  const auto append = [&text](std::uint64_t count, const char* unit) {
    text += std::to_string(count);
    text += unit;
    if (count != 1) text += 's';
  };
  switch (duration.unit) {
    case Unit::minute:
      if (duration.count >= 60) append(duration.count / 60, " hour");
      if (duration.count >= 60 && duration.count % 60 != 0) text += ' ';
      if (duration.count < 60 || duration.count % 60 != 0) append(duration.count % 60, " minute");
      break;
    case Unit::hour: append(duration.count, " hour"); break;
    case Unit::day: append(24 * duration.count, " hour"); break;
    case Unit::week: append(168 * duration.count, " hour"); break;
    case Unit::month: append(duration.count, " month"); break;
    case Unit::year: append(duration.count, " year"); break;
  }
  text += '\'';
  return text;
}

std::string_view sql_operator(Opcode op) noexcept {
  switch (op) {
    case Opcode::equal: return " = ";
    case Opcode::not_equal: return " <> ";
    case Opcode::less: return " < ";
    case Opcode::at_most: return " <= ";
    case Opcode::greater: return " > ";
    default: return " >= ";
  }
}

namespace {

constexpr std::string_view kToday = "(now() AT TIME ZONE 'UTC')::date";

// Longer than the server's calendar reaches back from today: 6 000 years of 365 days.
bool is_too_long(const Duration& duration) noexcept {
  constexpr std::int64_t kDays = 6'000 * 365;
  if (duration.unit == Unit::month) return duration.count > 6'000 * 12;
  return duration.unit == Unit::year ? duration.count > 6'000 : microseconds(duration) > kDays * kMicrosecondsPerDay;
}

std::int64_t day_of(std::int64_t time) noexcept {
  return time / kMicrosecondsPerDay - (time % kMicrosecondsPerDay < 0 ? 1 : 0);
}

}  // namespace

SqlText SqlClock::now() const { return as_of_ ? sql_instant(*as_of_, resource_) : text("now()"); }

SqlText SqlClock::moved(const Duration& duration, bool back) const {
  if (as_of_) {
    const auto by = static_cast<core::Duration>(microseconds(duration));
    std::int64_t time = back ? earlier(*as_of_, by) : later(*as_of_, by);
    if (!is_timestamp(time)) time = back ? kMinusInfinity : kEndOfTimestamps - 1;
    return sql_instant(time, resource_);
  }
  if (back && is_too_long(duration)) return sql_instant(kMinusInfinity, resource_);
  return text("now()", back ? " - " : " + ", sql_interval(duration, resource_));
}

SqlText SqlClock::before(const Duration& duration) const { return moved(duration, true); }

SqlText SqlClock::stated(std::string_view column, const ProgramNode& window, bool events) const {
  const std::byte* at = window.body.data();
  const std::int64_t from = timestamp_of(trusted_value(at));
  SqlText result = text(column, " >= ", sql_instant(from, resource_), " AND ");
  if (window.op == Opcode::since) return text(result, column, " <= ", now());
  result = text(result, column, " <= ", sql_instant(timestamp_of(trusted_value(at)), resource_));
  return events ? text(result, " AND ", column, " <= ", now()) : result;
}

// The start, in UTC, of the unit `count` units after the one of now.
SqlText SqlClock::start_of(Unit unit, std::int64_t count) const {
  return text(local_start_of(unit, count), " AT TIME ZONE 'UTC'");
}

SqlText SqlClock::local_start_of(Unit unit, std::int64_t count) const {
  constexpr std::string_view kUnits[] = {"minute", "hour", "day", "week", "month", "year"};
  const std::string_view name = kUnits[static_cast<int>(unit)];
  const SqlText start = text("date_trunc('", name, "', now() AT TIME ZONE 'UTC')");
  if (count == 0) return start;
  const std::string number = std::to_string(count < 0 ? -count : count);
  return text("(", start, count < 0 ? " - " : " + ", "interval '", number, " ", name, number == "1" ? "" : "s", "')");
}

// Of a window whose edges are starts of days.
SqlText SqlClock::within_days(std::string_view column, const ProgramNode& window, bool events) const {
  const bool last = window.op == Opcode::last || window.op == Opcode::last_calendar;
  const bool next = window.op == Opcode::next || window.op == Opcode::next_calendar;
  const SqlText after = text(column, next ? " > " : " >= "),
                not_seen = events ? text(" AND ", column, " <= ", now()) : text();
  if (as_of_) {
    const Edges edges = edges_of(window, *as_of_, {});
    const SqlText from = next ? now() : sql_instant(edges.from, resource_);
    const SqlText to = last ? now() : sql_instant(edges.to, resource_);
    return text(after, from, " AND ", column, " <= ", to, last ? text() : not_seen);
  }
  if (is_period(window.op)) {
    const auto unit = static_cast<Unit>(window.body[0]);
    const int count = window.op == Opcode::previous_period ? -1 : (window.op == Opcode::next_period ? 1 : 0);
    return text(after, start_of(unit, count), " AND ", column, " < ", start_of(unit, count + 1), not_seen);
  }
  const Duration duration(window.body);
  const auto count = static_cast<std::int64_t>(duration.count);
  if (last && is_too_long(duration))
    return text(column, " > ", sql_instant(kMinusInfinity, resource_), " AND ", column, " <= ", now());
  const bool calendar = window.op == Opcode::last_calendar || window.op == Opcode::next_calendar;
  const SqlText edge = calendar ? start_of(duration.unit, last ? 1 - count : count) : moved_day(duration, last);
  return last ? text(after, edge, " AND ", column, " <= ", now()) : text(after, now(), " AND ", column, " < ", edge);
}

// The start of the UTC day so many months before; after the end of that so many months ahead.
SqlText SqlClock::moved_day(const Duration& duration, bool back) const {
  SqlText by = sql_interval(duration, resource_);
  if (!back) by.insert(by.size() - 1, " 1 day");
  return text("(date_trunc('day', now() AT TIME ZONE 'UTC')", back ? " - " : " + ", by, ") AT TIME ZONE 'UTC'");
}

SqlText SqlClock::within(std::string_view column, const std::optional<ProgramNode>& window, bool events) const {
  if (!window) return text(column, " <= ", now());
  if (window->op == Opcode::since || window->op == Opcode::between_times) return stated(column, *window, events);
  if (is_of_days(*window)) return within_days(column, *window, events);
  const Duration duration(window->body);
  if (window->op == Opcode::last) return text(column, " > ", moved(duration, true), " AND ", column, " <= ", now());
  return text(column, " > ", now(), " AND ", column, " <= ", moved(duration, false));
}

SqlText SqlClock::date_of(std::int64_t time) const {
  return sql_date(day_of(std::clamp(time, kLeastTimestamp, kEndOfTimestamps - 1)), resource_);
}

std::pair<SqlText, SqlText> SqlClock::days(const ProgramNode& window) const {
  const SqlText today = as_of_ ? date_of(*as_of_) : text(kToday);
  if (window.op == Opcode::since || window.op == Opcode::between_times) {
    const std::byte* at = window.body.data();
    SqlText from = date_of(timestamp_of(trusted_value(at)));
    return {std::move(from), window.op == Opcode::since ? today : date_of(timestamp_of(trusted_value(at)))};
  }
  if (is_period(window.op)) {
    if (as_of_) {
      const Edges edges = edges_of(window, *as_of_, {});
      return {date_of(edges.from), date_of(edges.to)};
    }
    const auto unit = static_cast<Unit>(window.body[0]);
    const int count = window.op == Opcode::previous_period ? -1 : (window.op == Opcode::next_period ? 1 : 0);
    return {text(local_start_of(unit, count), "::date"), text(local_start_of(unit, count + 1), "::date - 1")};
  }
  const bool last = window.op == Opcode::last || window.op == Opcode::last_calendar;
  const SqlText other = other_day(window, today, last);
  return last ? std::pair(other, today) : std::pair(today, other);
}

// The first day of a window that ends today, the last one of a window that begins today.
SqlText SqlClock::other_day(const ProgramNode& window, const SqlText& today, bool last) const {
  const Duration duration(window.body);
  const auto count = static_cast<std::int64_t>(duration.count);
  const bool calendar = window.op == Opcode::last_calendar || window.op == Opcode::next_calendar;
  const bool whole_days = !calendar && is_fixed(duration.unit);
  if (as_of_ && whole_days) {
    const auto by = static_cast<core::Duration>(microseconds(duration));
    return date_of(last ? earlier(*as_of_, by) : later(*as_of_, by));
  }
  if (as_of_) {
    const Edges edges = edges_of(window, *as_of_, {});
    return date_of(last ? edges.from : edges.to);
  }
  if (last && is_too_long(duration)) return text("date '-infinity'");
  if (calendar && last) return text(local_start_of(duration.unit, 1 - count), "::date");
  if (calendar) return text(local_start_of(duration.unit, count), "::date - 1");
  const std::string_view sign = last ? " - " : " + ";
  if (whole_days) return text(today, sign, std::to_string(microseconds(duration) / kMicrosecondsPerDay));
  return text("(", today, sign, sql_interval(duration, resource_), ")::date");
}

}  // namespace cdp::core::rule
