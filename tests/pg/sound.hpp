// What holds of any space at any time, by tests/pgtap/common/sound.sql, and what it holds, by the names of identifiers:
// so two spaces can be compared.
#pragma once

#include <sstream>

#include "pg/session.hpp"

namespace cdp::test {

// A call that somebody makes; `{space}` in it is the name of the space.
inline std::string in_space(std::string call, const std::string& space) {
  constexpr std::string_view kPlace = "{space}";
  for (std::size_t at = call.find(kPlace); at != std::string::npos; at = call.find(kPlace, at + space.size()))
    call.replace(at, kPlace.size(), space);
  return call;
}

// What is broken in a space; empty if nothing is.
inline std::string broken(const Session& session, const std::string& space) {
  if (session.text("SELECT to_regprocedure('pg_temp.broken(text)') IS NULL") == "t") {
    std::ostringstream text;
    text << std::ifstream(CDP_SOUND).rdbuf();
    const Outcome made = session.run(text.str());
    EXPECT_TRUE(made.ok()) << made.whole();
  }
  return session.text("SELECT string_agg(b, E'\\n') FROM pg_temp.broken('" + space + "') AS b");
}

inline void expect_sound(const Session& session, const std::string& space) {
  EXPECT_EQ(broken(session, space), "") << "of " << space;
}

// Nothing if two texts are the same, else the first lines that differ.
inline std::string difference(const std::string& one, const std::string& other) {
  std::istringstream left(one), right(other);
  std::string a, b;
  do {
    if (!std::getline(left, a)) a = "(end)";
    if (!std::getline(right, b)) b = "(end)";
    if (a != b) return a + "\n" + b;
  } while (left || right);
  return "";
}

// Customers.
inline std::string partition(const Session& session, const std::string& space) {
  return session.text(in_space(
      "SELECT string_agg(who, E'\\n' ORDER BY who COLLATE \"C\") FROM (SELECT string_agg(concat_ws(' ', i.type, "
      "i.value, CASE WHEN i.hub THEN '(hub)' END, CASE WHEN i.blocked THEN '(blocked)' END), ', ' ORDER BY i.type "
      "COLLATE \"C\", i.value COLLATE \"C\") AS who FROM {space}.identifier AS i GROUP BY i.cluster_id) AS c",
      space));
}

// Customers with all that is known of them.
inline std::string customers(const Session& session, const std::string& space) {
  return session.text(in_space(
      "SELECT string_agg(who || ' = ' || profile || timeline, E'\\n' ORDER BY who COLLATE \"C\") FROM (SELECT "
      "string_agg(i.type || ' ' || i.value, ', ' ORDER BY i.type COLLATE \"C\", i.value COLLATE \"C\") AS who, "
      "p.profile::text, p.timeline::text FROM {space}.profile AS p JOIN {space}.identifier AS i USING (cluster_id) "
      "GROUP BY p.cluster_id) AS c",
      space));
}

inline void expect_same(const Session& session, const std::string& one, const std::string& other) {
  EXPECT_EQ(difference(partition(session, one), partition(session, other)), "");
  EXPECT_EQ(difference(customers(session, one), customers(session, other)), "");
}

// Links that would join two customers, but for a guard.
inline std::string quarantine(const Session& session, const std::string& space) {
  return session.text(
      in_space("SELECT string_agg(pair, E'\\n' ORDER BY pair COLLATE \"C\") FROM (SELECT least(l, r) || ' - ' || "
               "greatest(l, r) || ' ' || confidence || trusted || first_seen AS pair FROM (SELECT a_type || ' ' || "
               "a_value COLLATE \"C\" AS l, b_type || ' ' || b_value COLLATE \"C\" AS r, confidence, trusted, "
               "first_seen FROM {space}.quarantine) AS q) AS p",
               space));
}

}  // namespace cdp::test
