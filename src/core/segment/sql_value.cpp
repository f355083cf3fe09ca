// src/core/segment/sql_value.cpp: what a condition says of a value.
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "core/segment/sql_rule.hpp"

namespace cdp::core::rule {

namespace {

constexpr std::string_view kNeverKnown = "NULL::boolean";
constexpr int kMostDots = 6;  // each of them doubles the ways into an object

std::string_view type_name(Type type) noexcept {
  return type == Type::boolean ? "boolean" : (type == Type::number ? "number" : "string");
}

SqlText typed(const SqlLines& lines, Type type, const SqlValue& value) {
  if (type == Type::timestamp) return value.time;
  if (type == Type::string) return lines.text("(", value.json, " #>> '{}') COLLATE \"C\"");
  return lines.text("(", value.json, type == Type::number ? ")::numeric" : ")::boolean");
}

// The condition for values of one type, unknown for others.
SqlText guarded(const SqlLines& lines, Type type, const SqlValue& value, std::string_view condition) {
  if (type == Type::timestamp) return lines.text(condition);
  return lines.text("CASE WHEN jsonb_typeof(", value.json, ") = '", type_name(type), "' THEN ", condition, " END");
}

bool is_impossible(Type type, const SqlValue& value) noexcept { return type == Type::timestamp && value.time.empty(); }

}  // namespace

SqlText SqlRule::known(const SqlValue& value) {
  SqlText text("COALESCE(", value.json.get_allocator());
  text.append(value.json).append(" <> 'null', ");
  return value.time.empty() ? text.append("false)") : text.append(value.time).append(" IS NOT NULL)");
}

SqlText SqlRule::compared(Opcode op, const Value& constant, const SqlValue& value) const {
  if (is_impossible(constant.type, value)) return text(kNeverKnown);
  return guarded(
      lines_, constant.type, value,
      text(typed(lines_, constant.type, value), sql_operator(op), sql_constant(constant, lines_.resource())));
}

SqlText SqlRule::among(const ConstantList& list, const SqlValue& value) {
  const bool mixed = !list.all_of_type(list[0].type);
  SqlText cases = text();
  for (std::uint32_t i = 0; i < list.size();) {
    const Type type = list[i].type;
    SqlText items = text();
    for (; i < list.size() && list[i].type == type; ++i) {
      poll_();
      if (!items.empty()) items += ", ";
      items += sql_constant(list[i], lines_.resource());
    }
    if (is_impossible(type, value)) continue;
    const SqlText is = type == Type::timestamp ? text(value.time, " IS NOT NULL")
                                               : text("jsonb_typeof(", value.json, ") = '", type_name(type), "'");
    cases += text(" WHEN ", is, " THEN ", typed(lines_, type, value), " IN (", items, ")", mixed ? " OR NULL" : "");
  }
  return cases.empty() ? text(kNeverKnown) : text("CASE", cases, " END");
}

// The pattern, and the text, with folded letters: each character of the text that can become one of the pattern's.
SqlText SqlRule::folded(std::string_view of, std::string_view& pattern, SqlText& room) {
  const auto append = [](SqlText& to, UChar32 point) {
    char bytes[4];
    std::size_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, point);
    to.append(bytes, size);
  };
  if (folds_.empty())
    for (UChar32 point = 0; point <= 0x10FFFF; ++point)
      if (const UChar32 folded = u_foldCase(point, U_FOLD_CASE_DEFAULT); folded != point)
        folds_.push_back({static_cast<char32_t>(folded), static_cast<char32_t>(point)});
  std::pmr::vector<char32_t> wanted(lines_.resource());
  for (std::size_t at = 0; at < pattern.size();) {
    UChar32 point;
    U8_NEXT_UNSAFE(pattern.data(), at, point);
    append(room, u_foldCase(point, U_FOLD_CASE_DEFAULT));
    wanted.push_back(static_cast<char32_t>(u_foldCase(point, U_FOLD_CASE_DEFAULT)));
  }
  std::sort(wanted.begin(), wanted.end());
  SqlText from = text(), to = text();
  for (const Fold& fold : folds_) {
    if (!std::binary_search(wanted.begin(), wanted.end(), fold.folded)) continue;
    append(from, static_cast<UChar32>(fold.character));
    append(to, static_cast<UChar32>(fold.folded));
  }
  pattern = room;
  return from.empty() ? text(of) : text("translate(", of, ", ", quoted(from), ", ", quoted(to), ")");
}

SqlText SqlRule::alike(Opcode op, std::string_view pattern, const SqlValue& value) {
  SqlText left = text(value.json, " #>> '{}'"), room = text();
  if (op == Opcode::starts_with)
    return guarded(lines_, Type::string, value, text("starts_with(", left, ", ", quoted(pattern), ")"));
  left = op == Opcode::ilike || op == Opcode::not_ilike ? folded(left, pattern, room) : text("(", left, ")");
  const bool negated = op == Opcode::not_like || op == Opcode::not_ilike;
  return guarded(lines_, Type::string, value,
                 text(left, " COLLATE \"C\"", negated ? " NOT LIKE " : " LIKE ", quoted(pattern)));
}

// In the JSON of a list there is null where a timestamp stands.
SqlText SqlRule::containing(Opcode op, const std::byte* at, const SqlValue& value) {
  const SqlValue element{text("i.value"), text(), text()};
  const auto in_list = [&](const SqlText& condition) {
    return text("true = ANY (SELECT ", condition, " FROM jsonb_array_elements(", value.json, ") AS i (value))");
  };
  const SqlText times = value.times.empty() ? text("'{}'::timestamptz[]") : value.times;
  const auto in_times = [&](const SqlText& found, bool only) {
    const SqlText others = text("jsonb_array_length(", value.json, ") = cardinality(", times, ")");
    return only ? text("CASE WHEN ", found, " THEN true WHEN ", others, " THEN false END") : found;
  };
  const auto has = [&](const Value& constant) {
    if (constant.type != Type::timestamp) return in_list(compared(Opcode::equal, constant, element));
    return in_times(text(sql_constant(constant, lines_.resource()), " = ANY (", times, ")"), true);
  };
  SqlText found = text();
  if (op == Opcode::contains) {
    found = has(trusted_value(at));
  } else if (const ConstantList list(trusted_node(at).body); op == Opcode::contains_all) {
    for (std::uint32_t i = 0; i < list.size(); ++i) {
      poll_();
      if (i > 0) found += " AND ";
      found += has(list[i]);
    }
  } else {
    SqlText instants = text();
    for (std::uint32_t i = 0; i < list.size(); ++i)
      if (list[i].type == Type::timestamp)
        instants += text(instants.empty() ? "" : ", ", sql_constant(list[i], lines_.resource()));
    const bool only = list.all_of_type(Type::timestamp);
    if (!instants.empty()) found = in_times(text(times, " && ARRAY[", instants, "]"), only);
    if (!only) found = text(found, found.empty() ? "" : " OR ", in_list(among(list, element)));
  }
  return text("CASE WHEN jsonb_typeof(", value.json, ") = 'array' THEN ", found, " END");
}

// The candidates are the last two years that can have one.
SqlText SqlRule::anniversary(const ProgramNode& window, const SqlValue& value) const {
  if (value.time.empty()) return text(kNeverKnown);
  const auto [first, last] = clock_.days(window);
  const SqlText day = text("(", value.time, " AT TIME ZONE 'UTC')::date");
  const SqlText years = text("extract(year FROM ", last, ")::int - extract(year FROM ", day, ")::int");
  return text("CASE WHEN isfinite(", value.time, ") THEN EXISTS (SELECT FROM generate_series(greatest(1, ", years,
              " - 2), ", years, ") AS y (n) WHERE (", day, " + make_interval(years => y.n))::date BETWEEN ", first,
              " AND ", last, ") WHEN ", value.time, " IS NOT NULL THEN false END");
}

SqlText SqlRule::condition(Opcode op, const std::byte* at, const SqlValue& value) {
  switch (op) {
    case Opcode::between:
    case Opcode::not_between: {
      const Value low = trusted_value(at), high = trusted_value(at);
      const std::string_view no = op == Opcode::between ? "" : "NOT ";
      if (low.type != high.type)
        return text(no, "(", compared(Opcode::at_least, low, value), " AND ", compared(Opcode::at_most, high, value),
                    ")");
      if (is_impossible(low.type, value)) return text(kNeverKnown);
      return guarded(lines_, low.type, value,
                     text(typed(lines_, low.type, value), " ", no, "BETWEEN ", sql_constant(low, lines_.resource()),
                          " AND ", sql_constant(high, lines_.resource())));
    }
    case Opcode::in: return among(ConstantList(trusted_node(at).body), value);
    case Opcode::not_in: return text("NOT ", among(ConstantList(trusted_node(at).body), value));
    case Opcode::like:
    case Opcode::not_like:
    case Opcode::ilike:
    case Opcode::not_ilike:
    case Opcode::starts_with: return alike(op, as_text(trusted_value(at).bytes), value);
    case Opcode::contains:
    case Opcode::contains_any:
    case Opcode::contains_all: return containing(op, at, value);
    case Opcode::is_known: return known(value);
    case Opcode::is_unknown: return text("NOT ", known(value));
    case Opcode::within:
      return value.time.empty() ? text(kNeverKnown) : clock_.within(value.time, trusted_node(at), false);
    case Opcode::anniversary_within: return anniversary(trusted_node(at), value);
    default: return compared(op, trusted_value(at), value);
  }
}

void SqlRule::require_short(std::string_view path) {
  if (std::count(path.begin(), path.end(), '.') > kMostDots)
    refuse("a path with more than 6 dots", "Give the attribute or property a shorter name.");
}

SqlText SqlRule::member(std::string_view object, std::string_view path) const {
  require_short(path);
  SqlText ways = text(object, " -> ", quoted(path));
  bool several = false;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    several = true;
    ways += text(", ", member(text(object, " -> ", quoted(path.substr(0, dot))), path.substr(dot + 1)));
  }
  return several ? text("COALESCE(", ways, ")") : ways;
}

}  // namespace cdp::core::rule
