// What stands in the conditions of a rule in JSON, as text: constants, times, windows, names.
#pragma once

#include <span>

#include "core/bytes/json_string.hpp"
#include "core/bytes/nearest.hpp"
#include "core/bytes/poll.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/timestamp.hpp"
#include "core/segment/tree_object.hpp"
#include "core/segment/tree_words.hpp"
#include "core/segment/words.hpp"
#include "core/segment/zones.hpp"

namespace cdp::core::tree {

class Values {
 public:
  Values(Buffer& text, const Poll& poll, std::pmr::memory_resource* resource, const Zones* zones)
      : text_(text), poll_(poll), resource_(resource), zones_(zones), path_(resource) {}

 protected:
  template <typename Where, typename Body>
  void inside(Where where, Body&& body) {
    path_.enter(where);
    body();
    path_.leave();
  }

  template <typename Visit>
  void elements(Value array, const char* expected, Visit&& visit) {
    if (array.type != Type::array) path_.fail(expected);
    std::size_t index = 0;
    any_element(array, [&](const Value& element) {
      inside(index, [&] { visit(element, index); });
      ++index;
      return false;
    });
    if (index == 0) path_.fail("an array is empty");
  }

  template <typename Write>
  void pair(Value array, Write&& write) {
    const std::byte* at = array.bytes.data();
    if (array.type != Type::array || trusted_varint(at) != 2) path_.fail("expected an array of two values");
    elements(array, "", [&](Value bound, std::size_t index) {
      if (index > 0) text_.append(" and ");
      write(bound);
    });
  }

  void list(Value array) {
    text_.byte('(');
    elements(array, "expected an array of values", [&](Value item, std::size_t index) {
      if (index > 0) text_.append(", ");
      constant(Compares::values, item);
    });
    text_.byte(')');
  }

  void constant(Compares what, Value value) {
    poll_();
    if (text_.size() > kMaxRuleText) fail_too_long();
    if (what == Compares::durations) return duration(value, Units::fixed);
    if (what == Compares::times) return instant(value);
    if (what == Compares::numbers && value.type != Type::number) path_.fail("expected a number");
    switch (value.type) {
      case Type::number: return print_decimal(value.bytes, text_);
      case Type::string: return print_json_string(as_text(value.bytes), text_);
      case Type::boolean: return text_.append(value.bytes[0] == std::byte{0} ? "false" : "true");
      case Type::object: return instant(value);
      default:
        path_.fail("expected a value",
                   value.type == Type::null ? "There is no null: write \"is\": \"unknown\" or \"is\": \"known\"." : "");
    }
  }

  void instant(Value value) {
    constexpr const char* kHint = "A time is {\"timestamp\": \"2026-01-31T10:00:00Z\"} or {\"date\": \"2026-01-31\"}.";
    if (value.type != Type::object) path_.fail("expected a time", kHint);
    Members members(value, path_);
    const bool date = members.has("date");
    const auto text = members.take(date ? "date" : "timestamp");
    members.finish();
    if (!text || text->type != Type::string) path_.fail("expected a time", kHint);
    const std::string_view written = as_text(text->bytes);
    const auto time = parse_timestamp(written);
    if (!time || (date && (written.find(':') != std::string_view::npos || written.back() == 'y')))
      inside(std::string_view(date ? "date" : "timestamp"),
             [&] { path_.fail(date ? "invalid date" : "invalid timestamp", kHint); });
    text_.append(date ? "date " : "timestamp ");
    print_json_string(written, text_);
  }

  void window(Value of, bool or_next) {
    Members members(of, path_, "A window is an object such as {\"last\": [30, \"days\"]}.");
    if (const auto last = members.take("last")) {
      text_.append("last ");
      inside(std::string_view("last"), [&] { duration(*last, Units::all); });
    } else if (const auto next = or_next ? members.take("next") : std::nullopt) {
      text_.append("next ");
      inside(std::string_view("next"),
             [&] { next->type == Type::string ? period(*next) : duration(*next, Units::all); });
    } else if (const auto now = members.take("this")) {
      text_.append("this ");
      inside(std::string_view("this"), [&] { period(*now); });
    } else if (const auto previous = members.take("previous")) {
      text_.append("previous ");
      inside(std::string_view("previous"), [&] { period(*previous); });
    } else if (const auto since = members.take("since")) {
      text_.append("since ");
      inside(std::string_view("since"), [&] { instant(*since); });
    } else if (const auto between = members.take("between")) {
      text_.append("between ");
      inside(std::string_view("between"), [&] { pair(*between, [&](Value bound) { instant(bound); }); });
    } else {
      members.finish();
      path_.fail("a window is empty", "A window is an object such as {\"last\": [30, \"days\"]}.");
    }
    members.finish();
  }

  // A name, or the attribute that has it.
  void zone(Value of) {
    if (of.type == Type::object) {
      Members members(of, path_);
      const auto attribute = members.take("attribute");
      members.finish();
      if (!attribute) path_.fail("expected a time zone");
      return path(*attribute, "attribute");
    }
    if (of.type != Type::string)
      path_.fail("expected a time zone", "A time zone is \"Europe/Istanbul\" or {\"attribute\": \"timezone\"}.");
    const std::string_view name = as_text(of.bytes);
    if (name != kUtc && (zones_ == nullptr || zones_->find(name) == nullptr))
      path_.fail("unknown time zone",
                 "A time zone has a name of the IANA database, such as \"Europe/Istanbul\" or \"UTC\".");
    print_json_string(name, text_);
  }

  // Of the calendar.
  void period(Value of) {
    const std::string_view name = of.type == Type::string ? as_text(of.bytes) : std::string_view();
    text_.append(one_of(name, std::span(kUnitNames).subspan(static_cast<std::size_t>(Unit::day)),
                        "expected \"day\", \"week\", \"month\" or \"year\""));
  }

  enum class Units : std::uint8_t { all, fixed };  // all: those of the calendar, too
  void duration(Value of, Units allowed) {
    constexpr const char* kHint = "A duration is an array such as [30, \"days\"].";
    const std::byte* at = of.bytes.data();
    if (of.type != Type::array || trusted_varint(at) != 2) path_.fail("expected a duration", kHint);
    const Value number = trusted_value(at), unit = trusted_value(at);
    const auto count = number.type == Type::number ? decimal_to_integer(number.bytes) : std::nullopt;
    if (!count || *count < 0 || unit.type != Type::string) path_.fail("expected a duration", kHint);
    std::string_view units[2 * kUnits], name = as_text(unit.bytes);
    constexpr std::string_view kCalendar = "calendar ";
    const bool calendar = allowed == Units::all && name.starts_with(kCalendar);
    if (calendar) name.remove_prefix(kCalendar.size());
    static constexpr std::string_view kPlural[kUnits] = {"minutes", "hours", "days", "weeks", "months", "years"};
    for (std::size_t i = 0; i < kUnits; ++i) {
      units[i] = kUnitNames[i];
      units[kUnits + i] = kPlural[i];
    }
    name = one_of(name, units, "unknown unit");
    if (allowed == Units::fixed && (name.starts_with("month") || name.starts_with("year")))
      path_.fail("months and years differ in length", "Use minutes, hours, days or weeks.");
    text_.append(std::to_string(*count));
    if (calendar && (name.starts_with("minute") || name.starts_with("hour")))
      path_.fail("units of the calendar are days, weeks, months and years");
    text_.append(calendar ? " calendar " : " ");
    text_.append(name);
  }

  // The text, which has to be one of these.
  std::string_view one_of(std::string_view text, std::span<const std::string_view> known, const char* otherwise) const {
    for (const std::string_view one : known)
      if (one == text) return one;
    const std::string_view near = nearest(text, known);
    path_.fail(otherwise, near.empty() ? std::string() : "Perhaps you meant \"" + std::string(near) + "\".");
  }

  std::string_view string(Value value, std::string_view key) {
    if (value.type != Type::string) inside(key, [&] { path_.fail("expected a string"); });
    if (text_.size() > kMaxRuleText) fail_too_long();
    return as_text(value.bytes);
  }
  void quoted(Value value, std::string_view key) { print_json_string(string(value, key), text_); }
  void path(Value value, std::string_view key) {
    const std::string_view name = string(value, key);
    if (name.empty()) inside(key, [&] { path_.fail("a name is empty"); });
    if (core::rule::is_plain_path(name)) return text_.append(name);
    text_.append("attr(");
    print_json_string(name, text_);
    text_.byte(')');
  }

  Buffer& text_;
  const Poll& poll_;
  std::pmr::memory_resource* resource_;
  const Zones* zones_;
  Path path_;
};

}  // namespace cdp::core::tree
