// Pieces of SQL: constants, names, layout.
#pragma once

#include <memory_resource>
#include <string>

#include "core/bytes/poll.hpp"
#include "core/segment/calendar.hpp"

namespace cdp::core::rule {

using SqlText = std::pmr::string;

inline constexpr std::size_t kMaxSql = 64 << 20;  // of what a rule is written as

// SQL in the making: lines, and the depth to which they are indented.
class SqlLines {
 public:
  SqlLines(Buffer& out, std::pmr::memory_resource* resource) noexcept
      : out_(out), start_(out.size()), resource_(resource) {}

  template <typename... Parts>
  SqlLines& add(const Parts&... parts) {
    (out_.append(std::string_view(parts)), ...);
    return *this;
  }
  // Begins one. 54000 when it became too long.
  template <typename... Parts>
  SqlLines& line(const Parts&... parts) {
    begin_line();
    return add(parts...);
  }
  void indent() noexcept { ++depth_; }
  void dedent() noexcept { --depth_; }
  std::pmr::memory_resource* resource() const noexcept { return resource_; }

  template <typename... Parts>
  SqlText text(const Parts&... parts) const {
    SqlText text(resource_);
    (text.append(std::string_view(parts)), ...);
    return text;
  }

 private:
  void begin_line();
  Buffer& out_;
  const std::size_t start_;
  std::pmr::memory_resource* resource_;
  int depth_ = 0;
};

// 'text', whatever is in it and however the session reads backslashes.
SqlText sql_string(std::string_view text, std::pmr::memory_resource* resource);
SqlText sql_instant(std::int64_t time, std::pmr::memory_resource* resource);
SqlText sql_date(std::int64_t day, std::pmr::memory_resource* resource);
// A boolean, number, string or timestamp.
SqlText sql_constant(const Value& value, std::pmr::memory_resource* resource);
// In hours and minutes; of days and more in days and months.
SqlText sql_interval(const Duration& duration, std::pmr::memory_resource* resource);
std::string_view sql_operator(Opcode op) noexcept;

// The instant that a rule speaks of, and those that lie a time from it: constants, or counted from now().
class SqlClock {
 public:
  SqlClock(std::optional<std::int64_t> as_of, std::pmr::memory_resource* resource)
      : as_of_(as_of), resource_(resource) {}

  SqlText now() const;
  // Of a fixed duration.
  SqlText before(const Duration& duration) const;
  // Whether `column` lies in the window; without one, or for events, not after now.
  SqlText within(std::string_view column, const std::optional<ProgramNode>& window, bool events) const;
  // The first and last day on which an anniversary lies in the window.
  std::pair<SqlText, SqlText> days(const ProgramNode& window) const;

 private:
  template <typename... Parts>
  SqlText text(const Parts&... parts) const {
    SqlText text(resource_);
    (text.append(std::string_view(parts)), ...);
    return text;
  }
  SqlText moved(const Duration& duration, bool back) const;
  SqlText moved_day(const Duration& duration, bool back) const;
  SqlText start_of(Unit unit, std::int64_t count) const;
  SqlText local_start_of(Unit unit, std::int64_t count) const;
  SqlText within_days(std::string_view column, const ProgramNode& window, bool events) const;
  SqlText date_of(std::int64_t time) const;
  SqlText other_day(const ProgramNode& window, const SqlText& today, bool last) const;
  SqlText stated(std::string_view column, const ProgramNode& window, bool events) const;

  const std::optional<std::int64_t> as_of_;
  std::pmr::memory_resource* resource_;
};

}  // namespace cdp::core::rule
