// What every survivorship rule chooses, computed slowly from all observations.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bytes_of.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/value.hpp"

namespace cdp::core::test {

struct Observation {
  std::string attribute;
  Type type;
  Bytes payload;
  std::string source;
  std::int64_t time;

  Value value() const { return {type, as_bytes(payload)}; }
  bool known() const { return type != Type::erased; }
};

using Sighted = std::vector<Observation>;

inline bool value_less(const Observation& a, const Observation& b) { return compare(a.value(), b.value()) < 0; }
inline bool same_value(const Observation& a, const Observation& b) { return a.value() == b.value(); }

inline bool more_recent(const Observation& a, const Observation& b) {
  return a.time != b.time ? a.time > b.time : a.source != b.source ? a.source < b.source : value_less(a, b);
}

struct Expected {
  Type type = Type::erased;
  Bytes payload;
};
inline Expected expected(const Observation& o) { return {o.type, o.payload}; }

inline std::map<std::string, Sighted> by_source(const Sighted& sorted) {
  std::map<std::string, Sighted> sources;
  for (const Observation& o : sorted) sources[o.source].push_back(o);
  return sources;
}

inline Sighted known_of(const Sighted& all) {
  Sighted known;
  std::copy_if(all.begin(), all.end(), std::back_inserter(known), [](const Observation& o) { return o.known(); });
  return known;
}

// The most recent distinct (value, source) pairs, as their latest observations.
inline Sighted distinct_pairs(const Sighted& sorted) {
  Sighted pairs;
  for (const Observation& o : sorted)
    if (std::none_of(pairs.begin(), pairs.end(),
                     [&o](const Observation& p) { return p.source == o.source && same_value(p, o); }))
      pairs.push_back(o);
  return pairs;
}

inline Expected model_sum(const Sighted& known) {
  __int128 thousandths = 0;
  bool any = false;
  for (const auto& [source, said] : by_source(known)) {
    if (said.front().type != Type::number) continue;
    any = true;
    Buffer text;
    print_decimal(as_bytes(said.front().payload), text);
    std::string digits = bytes_of(text);
    const std::size_t point = digits.find('.');
    const std::size_t after = point == std::string::npos ? 0 : digits.size() - point - 1;
    if (point != std::string::npos) digits.erase(point, 1);
    digits.append(3 - after, '0');
    __int128 value = 0;
    for (const char c : digits)
      if (c != '-') value = value * 10 + (c - '0');
    thousandths += digits[0] == '-' ? -value : value;
  }
  if (!any) return {};
  std::string digits;
  for (__int128 rest = thousandths < 0 ? -thousandths : thousandths; rest != 0; rest /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  digits = (thousandths < 0 ? "-" : "") + (digits.empty() ? "0" : digits) + "e-3";
  Buffer sum;
  append_decimal(sum, digits);
  return {Type::number, bytes_of(sum)};
}

inline Expected model_collect(const Sighted& known) {
  if (known.empty()) return {};
  std::vector<std::pair<Type, Bytes>> values;
  const auto add = [&values](const Value& v) { values.emplace_back(v.type, Bytes(as_text(v.bytes))); };
  for (const Observation& o : known) {
    if (o.type != Type::array) {
      add(o.value());
    } else {
      any_element(o.value(), [&](const Value& e) { return e.type != Type::null ? add(e), false : false; });
    }
  }
  const std::set<std::pair<Type, Bytes>> distinct(values.begin(), values.end());
  Buffer array;
  array.varint(distinct.size());
  for (const auto& [type, payload] : distinct) append_value(array, {type, as_bytes(payload)});
  return {Type::array, bytes_of(array)};
}

inline std::size_t text_length(const Observation& o) {
  Buffer text;
  print_text(o.value(), text);
  const std::string bytes = bytes_of(text);
  return static_cast<std::size_t>(std::count_if(bytes.begin(), bytes.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

inline Expected model(const std::string& rule, Sighted all, std::size_t keep) {
  std::sort(all.begin(), all.end(), more_recent);
  const Sighted pairs = distinct_pairs(all), known = known_of(all);
  const bool overflowed = pairs.size() > keep;
  if (rule == "recent" || (rule == "frequent" && overflowed)) return expected(all.front());
  if (rule.starts_with("priority")) {
    auto sources = by_source(all);
    for (std::size_t at = rule.find('s'); at != std::string::npos; at = rule.find('s', at + 1)) {
      const auto found = sources.find(rule.substr(at, 2));
      if (found != sources.end()) return expected(found->second.front());
    }
    return expected(all.front());
  }
  if (rule == "sum") return model_sum(known);
  if (rule == "collect")
    return model_collect(
        known_of({pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(std::min(keep, pairs.size()))}));
  if (known.empty()) return {};
  if (rule == "max") return expected(*std::max_element(known.begin(), known.end(), value_less));
  if (rule == "min") return expected(*std::min_element(known.begin(), known.end(), value_less));
  if (rule == "longest") {
    return expected(*std::max_element(known.begin(), known.end(), [](const Observation& a, const Observation& b) {
      return text_length(a) != text_length(b) ? text_length(a) < text_length(b) : more_recent(b, a);
    }));
  }
  if (rule == "first") {
    return expected(*std::min_element(known.begin(), known.end(), [](const Observation& a, const Observation& b) {
      return a.time != b.time ? a.time < b.time : a.source != b.source ? a.source < b.source : value_less(a, b);
    }));
  }
  const auto times = [&known](const Observation& o) {
    return std::count_if(known.begin(), known.end(), [&o](const Observation& k) { return same_value(k, o); });
  };
  return expected(*std::max_element(known.begin(), known.end(), [&](const Observation& a, const Observation& b) {
    return times(a) != times(b) ? times(a) < times(b) : more_recent(b, a);
  }));
}

}  // namespace cdp::core::test
