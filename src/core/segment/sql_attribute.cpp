// src/core/segment/sql_attribute.cpp: attributes, identifiers and consents in SQL.
#include "core/segment/sql_rule.hpp"

namespace cdp::core::rule {

namespace {

bool is_nested(std::string_view path) noexcept { return path.find('.') != std::string_view::npos; }

// Calls visit(name, rest) for each attribute that a path can mean, the one that is preferred first.
template <typename Visit>
void for_each_place(std::string_view path, Visit&& visit) {
  visit(path, std::string_view());
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
    visit(path.substr(0, dot), path.substr(dot + 1));
}

}  // namespace

// A nested value is that of m, which place() defines.
SqlValue SqlRule::value_at(std::string_view path, std::string_view alias, bool list) const {
  const std::string_view of = is_nested(path) ? "m" : alias;
  return {text(of, ".value"), text(of, ".time"), list ? text(of, ".times") : text()};
}

// What of the row that is called `alias` the path means.
SqlText SqlRule::place(std::string_view path, std::string_view alias) const {
  require_short(path);
  SqlText value = text("CASE ", alias, ".attribute");
  for_each_place(path, [&](std::string_view name, std::string_view rest) {
    const SqlText whole = text(alias, ".value");
    value += text(" WHEN ", quoted(name), " THEN ", rest.empty() ? whole : member(whole, rest));
  });
  const SqlText is_whole = text("CASE WHEN ", alias, ".attribute = ", quoted(path), " THEN ", alias);
  SqlText times = alias == "a" ? text(", ", is_whole, ".times ELSE '{}' END AS times") : text();
  return text("CROSS JOIN LATERAL (SELECT ", value, " END AS value, ", is_whole, ".time END AS time", times, ") AS m");
}

namespace {

SqlText names_of(const SqlLines& lines, std::string_view path) {
  SqlText names = lines.text();
  for_each_place(path, [&](std::string_view name, std::string_view) {
    names += lines.text(names.empty() ? "" : ", ", sql_string(name, lines.resource()));
  });
  return names;
}

SqlText preference(const SqlLines& lines, std::string_view path) {
  SqlText order = lines.text("array_position(ARRAY[");
  return order.append(names_of(lines, path)).append("], a.attribute)");
}

}  // namespace

void SqlRule::from_attribute(std::string_view path) {
  lines_.line("FROM customer_attribute AS a");
  if (is_nested(path)) lines_.line(place(path, "a"));
  lines_.line("WHERE a.customer_id = c.customer_id");
  if (!is_nested(path)) {
    lines_.line("  AND a.attribute = ", quoted(path));
  } else {
    lines_.line("  AND a.attribute IN (", names_of(lines_, path), ")");
  }
}

// Of several attributes that a path can mean the first one that has such a member.
void SqlRule::preferred(std::string_view path) {
  if (!is_nested(path)) return;
  lines_.line("  AND (a.attribute = ", quoted(path), " OR m.value IS NOT NULL)");
  lines_.line("ORDER BY ", preference(lines_, path)).line("LIMIT 1");
}

void SqlRule::golden(Opcode op, std::string_view path, const std::byte* at) {
  const bool never_unknown = op == Opcode::is_known || op == Opcode::is_unknown;
  const SqlValue value = value_at(path, "a", true);
  if (never_unknown) lines_.add(op == Opcode::is_known ? "COALESCE(" : "NOT COALESCE(");
  lines_.indent();
  lines_.add("(SELECT ", never_unknown ? known(value) : condition(op, at, value));
  from_attribute(path);
  preferred(path);
  lines_.add(never_unknown ? "), false)" : ")");
  lines_.dedent();
}

void SqlRule::from_observations(const Subject& subject) {
  lines_.line("FROM customer_observation AS o");
  if (is_nested(subject.path)) lines_.line(place(subject.path, "o"));
  lines_.line("WHERE o.customer_id = c.customer_id");
  if (!is_nested(subject.path)) {
    lines_.line("  AND o.attribute = ", quoted(subject.path));
  } else {
    lines_.line("  AND o.attribute = (SELECT a.attribute");
    lines_.indent();
    from_attribute(subject.path);
    lines_.line("ORDER BY a.attribute <> ", quoted(subject.path), " AND m.value IS NULL, ",
                preference(lines_, subject.path));
    lines_.line("LIMIT 1)");
    lines_.dedent();
  }
  if (subject.op == Opcode::from_source) lines_.line("  AND o.source = ", quoted(subject.source), " AND o.latest");
}

void SqlRule::observed(Opcode op, const Subject& subject, const std::byte* at) {
  const SqlValue value = value_at(subject.path, "o", false);
  lines_.indent();
  if (op == Opcode::is_known || op == Opcode::is_unknown) {
    lines_.add(op == Opcode::is_known ? "EXISTS (SELECT" : "NOT EXISTS (SELECT");
    from_observations(subject);
    lines_.line("  AND ", known(value), ")");
  } else if (subject.op == Opcode::from_source) {
    lines_.add("(SELECT ", condition(op, at, value));
    from_observations(subject);
    lines_.add(")");
  } else {
    // One that holds is enough; otherwise one that leaves it open.
    lines_.add("(SELECT CASE WHEN bool_or(t.holds) THEN true WHEN bool_and(t.holds IS NOT NULL) THEN false END");
    lines_.line("FROM (SELECT ", condition(op, at, value), " AS holds");
    lines_.indent();
    from_observations(subject);
    lines_.line("  AND ", known(value), ") AS t)");
    lines_.dedent();
  }
  lines_.dedent();
}

namespace {

// Of times that lie so long back.
Opcode reversed(Opcode op) noexcept {
  switch (op) {
    case Opcode::less: return Opcode::greater;
    case Opcode::at_most: return Opcode::at_least;
    case Opcode::greater: return Opcode::less;
    case Opcode::at_least: return Opcode::at_most;
    default: return op;
  }
}

}  // namespace

void SqlRule::fresh(Opcode op, std::string_view path, const std::byte* at) {
  const SqlText low = clock_.before(Duration(trusted_node(at).body));
  lines_.indent();
  lines_.add("(SELECT CASE WHEN ", known(value_at(path, "a", true)), " THEN a.last_seen");
  if (op == Opcode::between || op == Opcode::not_between) {
    const SqlText high = clock_.before(Duration(trusted_node(at).body));
    lines_.add(op == Opcode::between ? " BETWEEN " : " NOT BETWEEN ", high, " AND ", low);
  } else {
    lines_.add(sql_operator(reversed(op)), low);
  }
  lines_.add(" END");
  from_attribute(path);
  preferred(path);
  lines_.add(")");
  lines_.dedent();
}

void SqlRule::stated(Opcode op, const Subject& subject, const std::byte* at) {
  lines_.indent();
  if (op == Opcode::granted) {
    lines_.add("COALESCE((SELECT s.granted").line("FROM customer_consent AS s");
    lines_.line("WHERE s.customer_id = c.customer_id").line("  AND s.purpose = ", quoted(subject.path));
    lines_.line("  AND s.at <= ", clock_.now()).line("ORDER BY s.at DESC, s.granted").line("LIMIT 1), false)");
  } else {
    const bool any = op == Opcode::has_identifier;
    lines_.add(any ? "EXISTS (SELECT" : "(SELECT ", any ? text() : comparison("count(DISTINCT i.value)", op, at));
    lines_.line("FROM customer_identifier AS i").line("WHERE i.customer_id = c.customer_id");
    lines_.line("  AND i.type = ", quoted(subject.path), ")");
  }
  lines_.dedent();
}

}  // namespace cdp::core::rule
