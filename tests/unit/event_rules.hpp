// Random rules about events, each with a naive function that decides it over a plain list of events.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "behaviour_oracle.hpp"
#include "core/segment/segment.hpp"
#include "zones.hpp"

namespace cdp::core::test {

constexpr Truth kYes = Truth::yes, kNo = Truth::no, kUnknown = Truth::unknown;

inline Truth truth(bool yes) { return yes ? kYes : kNo; }
inline Truth negated(Truth t) { return t == kUnknown ? t : truth(t == kNo); }
inline Truth either(Truth a, Truth b) {
  if (a == kYes || b == kYes) return kYes;
  return a == kNo && b == kNo ? kNo : kUnknown;
}
inline Truth both(Truth a, Truth b) { return negated(either(negated(a), negated(b))); }

constexpr std::int64_t kHour = 3'600'000'000;
inline const std::int64_t kBase = parse_timestamp("2026-03-20").value();

// The value of a property; numbers in thousandths. In the order of values.
struct Scalar {
  int type;  // 1 boolean, 2 number, 3 string, 6 list
  __int128 number = 0;
  std::string text = {};
  friend auto operator<=>(const Scalar&, const Scalar&) = default;
};
using Properties = std::map<std::string, Scalar>;

inline Scalar number(__int128 thousandths) { return {2, thousandths}; }
inline Scalar text(const char* value) { return {3, 0, value}; }

// What events say, as the printer writes it, and by path.
inline const std::vector<std::pair<std::string, Properties>>& property_sets() {
  static const std::vector<std::pair<std::string, Properties>> sets = {
      {"{}", {}},
      {"{\"amount\": 50}", {{"amount", number(50'000)}}},
      {"{\"amount\": 50.5}", {{"amount", number(50'500)}}},
      {"{\"amount\": -3, \"category\": \"shoes\"}", {{"amount", number(-3'000)}, {"category", text("shoes")}}},
      {"{\"amount\": \"n/a\", \"category\": \"hats\"}", {{"amount", text("n/a")}, {"category", text("hats")}}},
      {"{\"category\": \"shoes\", \"item\": {\"price\": 7}}",
       {{"category", text("shoes")}, {"item.price", number(7'000)}}},
      {"{\"category\": \"hats\", \"item\": {\"name\": null, \"price\": 7.25}, \"ok\": true}",
       {{"category", text("hats")}, {"item.price", number(7'250)}, {"ok", {1, 1}}}},
      {"{\"amount\": 100, \"item.price\": 7}", {{"amount", number(100'000)}, {"item.price", number(7'000)}}},
      {"{\"category\": 50}", {{"category", number(50'000)}}},
      {"{\"ok\": false, \"tags\": [\"a\", \"b\"]}", {{"ok", {1, 0}}, {"tags", {6, 0, "ab"}}}},
      {"{\"amount\": 1000000000000000000000000000000.5}",
       {{"amount", number(static_cast<__int128>(1'000'000'000'000'000) * 1'000'000'000'000'000 * 1000 + 500)}}},
  };
  return sets;
}

struct Happening {
  std::int64_t time;
  std::string name;
  const Properties* properties;
};
struct Happenings : std::vector<Happening> {  // as stored
  std::optional<std::string> zone{};          // of the customer
};

inline const Scalar* read(const Happening& one, const std::string& path) {
  const auto found = one.properties->find(path);
  return found == one.properties->end() ? nullptr : &found->second;
}

using Condition = std::function<Truth(const Scalar*)>;
using Filter = std::function<Truth(const Properties&)>;

struct EventRule {
  std::string text;
  std::function<Truth(const Happenings&, std::int64_t)> decide;
};

// Thrown when a rule asks for days of a zone that is not known: then the predicate is unknown.
struct NoCalendar {};

// The calendar of the rule that is being decided.
inline NaiveCalendar& calendar_of_rule() {
  static NaiveCalendar calendar;
  return calendar;
}
inline const NaiveCalendar& naive_calendar() {
  if (!calendar_of_rule().known) throw NoCalendar();
  return calendar_of_rule();
}

class EventRules {
 public:
  explicit EventRules(unsigned seed) : random(seed) {}
  EventRule rule(int depth);
  int below(int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); }
  std::mt19937 random;

 private:
  struct Bounds {
    std::int64_t from, to;
  };
  struct When {
    std::string text;
    std::function<Bounds(std::int64_t)> bounds;
  };
  struct Chosen {
    std::string name, where;  // `where` with a space before it, or empty
    Filter filter;
  };
  struct Step {
    Chosen chosen;
    bool absent;
    std::optional<Duration> within;
    bool is(const Happening& one) const {
      return one.name == chosen.name && (!chosen.filter || chosen.filter(*one.properties) == kYes);
    }
  };
  class Taking;
  using Numbers = std::function<Truth(__int128 thousandths, __int128 divisor)>;
  struct Compared {
    std::string text;
    Numbers of;
  };
  struct Conditional {
    std::string text;
    Condition of;
  };

  template <typename T>
  T any_of(std::initializer_list<T> from) {
    return *(from.begin() + below(static_cast<int>(from.size())));
  }
  std::string event() { return any_of<std::string>({"a", "b", "c", "d", "x"}); }
  std::string path() {
    return any_of<std::string>({"amount", "amount", "category", "item.price", "ok", "tags", "none"});
  }
  std::int64_t time() { return kBase + (below(3) == 0 ? (below(5) - 2) * 24 : below(120) - 60) * kHour; }
  static std::string written(std::int64_t time);
  static std::string written(const Scalar& value);
  When when();
  When calendar_window();
  EventRule zoned(EventRule rule);
  Scalar scalar();
  Conditional condition();
  Compared compared(std::initializer_list<int> thousandths);
  Chosen chosen();
  Filter filter(int depth, std::string& text);
  static std::vector<Happening> selected(const Happenings& all, const Chosen& chosen, const Bounds& bounds);
  EventRule predicate();
  EventRule one_predicate();
  EventRule numeric(int kind);
  EventRule aggregate();
  EventRule days();
  EventRule temporal();
  EventRule valued();
  EventRule funnel();
  EventRule sequence();
};

}  // namespace cdp::core::test
