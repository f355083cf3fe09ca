// How random rules about events are made, and what they mean: deliberately simple.
#pragma once

#include "event_rules_ordered.hpp"

namespace cdp::core::test {

inline std::string EventRules::written(std::int64_t time) {
  Buffer out;
  out.append("timestamp \"");
  print_timestamp(time, out);
  out.byte('"');
  return bytes_of(out);
}

inline std::string EventRules::written(const Scalar& value) {
  if (value.type == 1) return value.number != 0 ? "true" : "false";
  if (value.type == 3) return "\"" + value.text + "\"";
  Buffer decimal, out;
  append_decimal(decimal, value.number, 3);
  print_decimal(decimal.span(), out);
  return bytes_of(out);
}

// In days of the rule's calendar.
inline EventRules::When EventRules::calendar_window() {
  const std::string unit = any_of<std::string>({"day", "day", "week", "month", "year"});
  const char first = unit[0];
  if (below(2) == 0) {
    const int n = below(4);
    return {", last " + std::to_string(n) + " calendar " + unit + (n == 1 ? "" : "s"), [=](std::int64_t as_of) {
              const NaiveCalendar& calendar = naive_calendar();
              return Bounds{calendar.start(naive_units(calendar.day(as_of), first, 1 - n, 0).first), as_of};
            }};
  }
  const bool before = below(2) == 0;
  const std::string day = before ? "yesterday" : "today", other = (before ? "previous " : "this ") + unit;
  return {", " + (unit == "day" ? day : other), [=](std::int64_t as_of) {
            const NaiveCalendar& calendar = naive_calendar();
            const auto [from, end] = naive_units(calendar.day(as_of), first, before ? -1 : 0, before ? -1 : 0);
            return Bounds{calendar.start(from), std::min(calendar.start(end) - 1, as_of)};
          }};
}

// Days are those of the zone, as long as the rule is decided; the customer's zone may be no zone.
inline EventRule EventRules::zoned(EventRule rule) {
  if (below(3) != 0) return rule;
  const TestZone* const zone = &kTestZones[below(std::size(kTestZones))];
  const int kind = below(4);
  const std::string quoted = kind == 0 ? "\"UTC\"" : "\"" + std::string(zone->name) + "\"";
  return {"(" + rule.text + " in time zone " + (kind == 1 ? "attr(\"time zone\")" : quoted) + ")",
          [=, decide = rule.decide](const Happenings& all, std::int64_t as_of) {
            NaiveCalendar& calendar = calendar_of_rule();
            const NaiveCalendar outside = calendar;
            calendar = {kind == 0 ? nullptr : zone, true};
            if (kind == 1 && all.zone != "UTC") {
              calendar.zone = all.zone ? find_test_zone(*all.zone) : nullptr;
              calendar.known = calendar.zone != nullptr;
            } else if (kind == 1) {
              calendar.zone = nullptr;
            }
            const Truth truth = decide(all, as_of);
            calendar = outside;
            return truth;
          }};
}

inline EventRules::When EventRules::when() {
  if (below(4) == 0) return calendar_window();
  switch (below(7)) {
    case 0:
    case 1: return {"", [](std::int64_t as_of) { return Bounds{INT64_MIN, as_of}; }};
    case 2: {
      const int n = below(70);
      return {", last " + std::to_string(n) + (n == 1 ? " hour" : " hours"), [n](std::int64_t as_of) {
                return Bounds{as_of - n * kHour + 1, as_of};
              }};
    }
    case 3: {
      const int n = below(4);
      return {", last " + std::to_string(n) + (n == 1 ? " day" : " days"), [n](std::int64_t as_of) {
                return Bounds{as_of - n * 24 * kHour + 1, as_of};
              }};
    }
    case 4:
      return {", last 1 month", [](std::int64_t as_of) {
                Date date = date_from_days(naive_calendar().day(as_of));
                if (--date.month == 0) date = {date.year - 1, 12, date.day};
                if (date.month == 2) date.day = std::min(date.day, 28);
                return Bounds{naive_calendar().start(days_from_date(date)), as_of};
              }};
    case 5: {
      const std::int64_t from = time();
      return {", since " + written(from), [from](std::int64_t as_of) {
                return Bounds{NaiveCalendar::is_date(from) ? naive_calendar().instant(from) : from, as_of};
              }};
    }
    default: {
      const std::int64_t from = time(), to = time();
      return {", between " + written(from) + " and " + written(to), [from, to](std::int64_t as_of) {
                if (!NaiveCalendar::is_date(from) && !NaiveCalendar::is_date(to))
                  return Bounds{from, std::min(to, as_of)};
                const NaiveCalendar& calendar = naive_calendar();
                return Bounds{calendar.instant(from), std::min(calendar.instant(to), as_of)};
              }};
    }
  }
}

inline Scalar EventRules::scalar() {
  switch (below(4)) {
    case 0: return {1, below(2)};
    case 1: return text(any_of({"shoes", "hats", "n/a", "z"}));
    default: return number(any_of({50'000, 50'500, 50'250, 7'000, 7'250, -3'000, 0, 100'000, 50'001}));
  }
}

inline Truth compare_scalars(const std::string& op, const Scalar* value, const Scalar& constant) {
  if (value == nullptr || value->type != constant.type) return kUnknown;
  if (op == "=") return truth(*value == constant);
  if (op == "!=") return truth(*value != constant);
  if (op == "<") return truth(*value < constant);
  if (op == "<=") return truth(*value <= constant);
  return op == ">" ? truth(*value > constant) : truth(*value >= constant);
}

inline EventRules::Conditional EventRules::condition() {
  const Scalar a = scalar(), b = scalar();
  switch (below(8)) {
    case 0:
    case 1: {
      const bool not_between = below(3) == 0;
      return {(not_between ? " not between " : " between ") + written(a) + " and " + written(b), [=](const Scalar* v) {
                const Truth inside = both(compare_scalars(">=", v, a), compare_scalars("<=", v, b));
                return not_between ? negated(inside) : inside;
              }};
    }
    case 2: {
      const bool not_in = below(2) == 0;
      return {(not_in ? " not in (" : " in (") + written(a) + ", " + written(b) + ")", [=](const Scalar* v) {
                const Truth in = either(compare_scalars("=", v, a), compare_scalars("=", v, b));
                return not_in ? negated(in) : in;
              }};
    }
    case 3: return {" is known", [](const Scalar* v) { return truth(v != nullptr); }};
    case 4: return {" is unknown", [](const Scalar* v) { return truth(v == nullptr); }};
    case 5:
      if (below(2) == 0)
        return {" like \"%s\"", [](const Scalar* v) {
                  return v == nullptr || v->type != 3 ? kUnknown : truth(v->text.ends_with('s'));
                }};
      return {" contains \"a\"", [](const Scalar* v) { return v == nullptr || v->type != 6 ? kUnknown : kYes; }};
    default: {
      const std::string op = any_of<std::string>({"=", "!=", "<", "<=", ">", ">="});
      return {" " + op + " " + written(a), [=](const Scalar* v) { return compare_scalars(op, v, a); }};
    }
  }
}

inline Filter EventRules::filter(int depth, std::string& text) {
  if (depth == 0 || below(2) == 0) {
    const std::string path = this->path();
    const Conditional one = condition();
    text += path + one.text;
    return [=](const Properties& properties) {
      const auto found = properties.find(path);
      return one.of(found == properties.end() ? nullptr : &found->second);
    };
  }
  const int kind = below(3);
  text += kind == 0 ? "not (" : "(";
  const Filter a = filter(depth - 1, text);
  if (kind == 0) {
    text += ")";
    return [=](const Properties& properties) { return negated(a(properties)); };
  }
  text += kind == 1 ? ") and (" : ") or (";
  const Filter b = filter(depth - 1, text);
  text += ")";
  return [=](const Properties& properties) {
    return kind == 1 ? both(a(properties), b(properties)) : either(a(properties), b(properties));
  };
}

inline EventRules::Chosen EventRules::chosen() {
  Chosen chosen{event(), "", {}};
  if (below(2) == 0) return chosen;
  chosen.where = " where ";
  chosen.filter = filter(2, chosen.where);
  return chosen;
}

inline std::vector<Happening> EventRules::selected(const Happenings& all, const Chosen& chosen, const Bounds& bounds) {
  std::vector<Happening> found;
  for (const Happening& one : all)
    if (one.name == chosen.name && one.time >= bounds.from && one.time <= bounds.to &&
        (!chosen.filter || chosen.filter(*one.properties) == kYes))
      found.push_back(one);
  return found;
}

// A comparison of number / divisor with constants in thousandths.
inline EventRules::Compared EventRules::compared(std::initializer_list<int> thousandths) {
  const Scalar a = number(any_of(thousandths)), b = number(any_of(thousandths));
  if (below(4) == 0) {
    const bool not_between = below(2) == 0;
    return {(not_between ? " not between " : " between ") + written(a) + " and " + written(b),
            [=](__int128 n, __int128 by) { return truth((n >= a.number * by && n <= b.number * by) != not_between); }};
  }
  const std::string op = any_of<std::string>({"=", "!=", "<", "<=", ">", ">="});
  return {" " + op + " " + written(a), [=](__int128 n, __int128 by) {
            const Scalar scaled = number(a.number * by), value = number(n);
            return compare_scalars(op, &value, scaled);
          }};
}

inline EventRule EventRules::numeric(int kind) {
  if (kind == 3) return days();
  if (kind == 4) return aggregate();
  const Chosen chosen = this->chosen();
  const When when = this->when();
  const std::string path = this->path(), quoted = "\"" + chosen.name + "\"", rest = chosen.where + when.text + ")";
  const Compared few = compared({0, 1000, 2000, 3000, 1500, -1000, 5000});
  if (kind == 0)
    return {"did(" + quoted + rest, [=](const Happenings& all, std::int64_t as_of) {
              return truth(!selected(all, chosen, when.bounds(as_of)).empty());
            }};
  if (kind == 1)
    return {"count(" + quoted + rest + few.text, [=](const Happenings& all, std::int64_t as_of) {
              return few.of(static_cast<int>(selected(all, chosen, when.bounds(as_of)).size()) * 1000, 1);
            }};
  return {"distinct(" + quoted + "." + path + rest + few.text, [=](const Happenings& all, std::int64_t as_of) {
            std::set<Scalar> seen;
            for (const Happening& one : selected(all, chosen, when.bounds(as_of)))
              if (const Scalar* value = read(one, path)) seen.insert(*value);
            return few.of(static_cast<int>(seen.size()) * 1000, 1);
          }};
}

inline EventRule EventRules::days() {
  const Chosen chosen = this->chosen();
  const When when = this->when();
  const Compared few = compared({0, 1000, 2000, 3000, 1500, -1000, 5000});
  const bool any = below(2) == 0 && !when.text.empty();
  return {"days_active(" + (any ? when.text.substr(2) : "\"" + chosen.name + "\"" + chosen.where + when.text) + ")" +
              few.text,
          [=](const Happenings& all, std::int64_t as_of) {
            const Bounds bounds = when.bounds(as_of);
            const NaiveCalendar& calendar = naive_calendar();
            std::set<std::int64_t> days;
            for (const Happening& one : any ? std::vector<Happening>(all) : selected(all, chosen, bounds)) {
              if (one.time < bounds.from || one.time > bounds.to) continue;
              days.insert(one.time == INT64_MIN ? INT64_MIN : calendar.day(one.time));
            }
            return few.of(static_cast<int>(days.size()) * 1000, 1);
          }};
}

inline EventRule EventRules::aggregate() {
  const Chosen chosen = this->chosen();
  const When when = this->when();
  const std::string path = this->path(), function = any_of<std::string>({"sum", "avg", "min", "max"});
  const Compared many = compared({0, 50'000, 50'500, 100'000, 47'000, 47'500, -3'000, 25'250, 7'125, 14'250, 33'333});
  return {function + "(\"" + chosen.name + "\"." + path + chosen.where + when.text + ")" + many.text,
          [=](const Happenings& all, std::int64_t as_of) {
            std::vector<__int128> numbers;
            __int128 sum = 0;
            for (const Happening& one : selected(all, chosen, when.bounds(as_of)))
              if (const Scalar* value = read(one, path); value != nullptr && value->type == 2) {
                numbers.push_back(value->number);
                sum += value->number;
              }
            if (function == "sum") return many.of(sum, 1);
            if (numbers.empty()) return kUnknown;
            if (function == "avg") return many.of(sum, static_cast<__int128>(numbers.size()));
            return many.of(function == "min" ? *std::min_element(numbers.begin(), numbers.end())
                                             : *std::max_element(numbers.begin(), numbers.end()),
                           1);
          }};
}

inline EventRule EventRules::temporal() {
  const Chosen chosen = this->chosen();
  const When when = this->when(), within = this->when();
  const bool first = below(2) == 0;
  const std::int64_t a = time(), b = time();
  const int kind = below(within.text.empty() ? 4 : 6);
  const std::string op = any_of<std::string>({"=", "!=", "<", "<=", ">", ">="});
  std::string condition = " " + op + " " + written(a);
  if (kind == 0) condition = " is known";
  if (kind == 1) condition = " is unknown";
  if (kind == 2) condition = " between " + written(a) + " and " + written(b);
  if (kind >= 4) condition = " within " + within.text.substr(2);
  return {(first ? "first(\"" : "last(\"") + chosen.name + "\"" + chosen.where + when.text + ")" + condition,
          [=](const Happenings& all, std::int64_t as_of) {
            const auto found = selected(all, chosen, when.bounds(as_of));
            if (kind < 2) return truth(found.empty() == (kind == 1));
            if (found.empty()) return kUnknown;
            const std::int64_t time = first ? found.front().time : found.back().time;
            if (kind == 2) return truth(time >= a && time <= b);
            if (kind == 3) {
              const Scalar value = number(time);
              return compare_scalars(op, &value, number(a));
            }
            const Bounds bounds = within.bounds(as_of);
            return truth(time >= bounds.from && time <= bounds.to);
          }};
}

inline EventRule EventRules::valued() {
  const Chosen chosen = this->chosen();
  const When when = this->when();
  const std::string path = this->path();
  const Conditional condition = this->condition();
  const int kind = below(3);
  const std::string quoted = "\"" + chosen.name + "\"", rest = chosen.where + when.text + ")";
  return {(kind == 0 ? "most_frequent(" + quoted + "." + path + rest
                     : (kind == 1 ? "first(" : "last(") + quoted + rest + "." + path) +
              condition.text,
          [=](const Happenings& all, std::int64_t as_of) {
            const auto found = selected(all, chosen, when.bounds(as_of));
            if (found.empty()) return condition.of(nullptr);
            if (kind != 0) {
              const Properties& properties = *(kind == 1 ? found.front() : found.back()).properties;
              const auto value = properties.find(path);
              return condition.of(value == properties.end() ? nullptr : &value->second);
            }
            std::map<Scalar, int> times;
            for (const Happening& one : found)
              if (const auto value = one.properties->find(path); value != one.properties->end()) ++times[value->second];
            const Scalar* best = nullptr;
            for (const auto& [value, count] : times)
              if (best == nullptr || count > times[*best]) best = &value;
            return condition.of(best);
          }};
}

inline EventRule EventRules::predicate() {
  EventRule rule = one_predicate();
  return {rule.text, [decide = rule.decide](const Happenings& all, std::int64_t as_of) {
            try {
              return decide(all, as_of);
            } catch (const NoCalendar&) {
              return kUnknown;
            }
          }};
}

inline EventRule EventRules::one_predicate() {
  const int kind = below(10);
  if (kind < 5) return numeric(kind);
  if (kind == 5) return temporal();
  if (kind == 6) return valued();
  return kind == 7 ? funnel() : sequence();
}

inline EventRule EventRules::rule(int depth) {
  if (depth == 0 || below(3) == 0) return zoned(predicate());
  const EventRule a = zoned(rule(depth - 1));
  const int kind = below(3);
  if (kind == 0)
    return {"not (" + a.text + ")",
            [a](const Happenings& all, std::int64_t as_of) { return negated(a.decide(all, as_of)); }};
  const EventRule b = rule(depth - 1);
  return {"(" + a.text + (kind == 1 ? ") and (" : ") or (") + b.text + ")",
          [a, b, kind](const Happenings& all, std::int64_t as_of) {
            return (kind == 1 ? both : either)(a.decide(all, as_of), b.decide(all, as_of));
          }};
}

}  // namespace cdp::core::test
