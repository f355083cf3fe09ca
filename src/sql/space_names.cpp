// src/sql/space_names.cpp: names that a change of the rules makes and removes.
#include "sql/space_names.hpp"

#include <string>
#include <vector>

#include "core/bytes/error.hpp"
#include "core/bytes/nearest.hpp"

namespace cdp::sql {

namespace {

namespace query = pg::query;
using query::Statement;

#define CDP_REMOVED(what)                                                             \
  "(SELECT p.key FROM pg_catalog.jsonb_each(pg_catalog.jsonb_extract_path($1, '" what \
  "')) AS p"                                                                          \
  " WHERE pg_catalog.jsonb_typeof(p.value) OPERATOR(pg_catalog.=) 'null')"
#define CDP_ADDED(what, table, column)                                                                                \
  "SELECT p.key FROM pg_catalog.jsonb_each(pg_catalog.jsonb_extract_path($1, '" what                                  \
  "')) AS p"                                                                                                          \
  " WHERE pg_catalog.jsonb_typeof(p.value) OPERATOR(pg_catalog.<>) 'null' AND NOT EXISTS (SELECT FROM {space}." table \
  " AS o WHERE o." column " OPERATOR(pg_catalog.=) p.key) ORDER BY p.key COLLATE pg_catalog.\"C\""
// What a source has in a table.
#define CDP_HAS(table) \
  " OR EXISTS (SELECT FROM {space}." table " AS t WHERE t.source_id OPERATOR(pg_catalog.=) s.source_id)"
#define CDP_HAS_NAMED(table) \
  " OR EXISTS (SELECT FROM {space}." table " AS t WHERE t.source OPERATOR(pg_catalog.=) s.source)"

// The name, whether there is such a one, and what uses it.
const Statement kRemovedTypes{
    "SELECT r.key, EXISTS (SELECT FROM {space}.identifier_type AS t WHERE t.type OPERATOR(pg_catalog.=) r.key),"
    " CASE WHEN EXISTS (SELECT FROM {space}.identifier AS i WHERE i.type OPERATOR(pg_catalog.=) r.key)"
    "   THEN 'There are identifiers of the type.'"
    "  WHEN EXISTS (SELECT FROM {space}.identifier_type AS t WHERE t.type OPERATOR(pg_catalog.<>) ALL (ARRAY"
    "    (SELECT x.key FROM " CDP_REMOVED("types") " AS x)) AND pg_catalog.jsonb_exists("
    "    coalesce(pg_catalog.jsonb_extract_path($1, 'types', t.type, 'max_degree'), t.max_degree), r.key))"
    "   THEN 'Rules max_degree of other types name it.' END"
    " FROM " CDP_REMOVED("types") " AS r ORDER BY r.key COLLATE pg_catalog.\"C\"",
    {JSONBOID}};
const Statement kRemovedSources{
    "SELECT r.key, s.source_id IS NOT NULL, CASE WHEN false" CDP_HAS("link") CDP_HAS("part") CDP_HAS("event")
        CDP_HAS("message") CDP_HAS("change") CDP_HAS("change_link") CDP_HAS("decision_link") CDP_HAS_NAMED("inbox")
            CDP_HAS_NAMED("rejected")
    " THEN 'There is something of it in the space.' END"
    " FROM " CDP_REMOVED("sources") " AS r LEFT JOIN {space}.source AS s ON s.source OPERATOR(pg_catalog.=) r.key"
    " ORDER BY r.key COLLATE pg_catalog.\"C\"",
    {JSONBOID}};
const Statement kAddedTypes{CDP_ADDED("types", "identifier_type", "type"), {JSONBOID}};
const Statement kAddedSources{CDP_ADDED("sources", "source", "source"), {JSONBOID}};
const Statement kTypes{"SELECT type FROM {space}.identifier_type", {}};
const Statement kSources{"SELECT source FROM {space}.source", {}};
const Statement kWithout{
    "SELECT coalesce(pg_catalog.jsonb_object_agg(e.key, CASE WHEN e.key OPERATOR(pg_catalog.=) ANY ('{types,sources}')"
    "  THEN (SELECT coalesce(pg_catalog.jsonb_object_agg(p.key, p.value), '{}') FROM pg_catalog.jsonb_each(e.value) AS "
    "p WHERE pg_catalog.jsonb_typeof(p.value) OPERATOR(pg_catalog.<>) 'null') ELSE e.value END), '{}')"
    " FROM pg_catalog.jsonb_each($1) AS e",
    {JSONBOID}};
const Statement kRemoveTypes{
    "DELETE FROM {space}.identifier_type WHERE type OPERATOR(pg_catalog.=) ANY (ARRAY" CDP_REMOVED("types") ")",
    {JSONBOID}};
const Statement kRemoveSources{
    "DELETE FROM {space}.source WHERE source OPERATOR(pg_catalog.=) ANY (ARRAY" CDP_REMOVED("sources") ")", {JSONBOID}};

struct Names {
  const char* member;
  const char* what;
  const Statement &all, &added, &removed, &remove;
};
const Names kNames[] = {{"types", "identifier type", kTypes, kAddedTypes, kRemovedTypes, kRemoveTypes},
                        {"sources", "source", kSources, kAddedSources, kRemovedSources, kRemoveSources}};

std::vector<std::string> texts(const query::Rows& rows) {
  std::vector<std::string> result;
  for (std::uint64_t i = 0; i < rows.size(); ++i) result.emplace_back(rows.text(i, 1));
  return result;
}

std::string near_to(const query::Schema& schema, const Names& names, const std::string& name) {
  const std::vector<std::string> all = texts(schema.sweep(names.all, {}));
  return std::string(core::nearest(name, std::vector<std::string_view>(all.begin(), all.end())));
}

}  // namespace

void tell_new_names(const query::Schema& schema, query::Argument patch) {
  for (const Names& names : kNames) {
    for (const std::string& name : texts(schema.sweep(names.added, {patch}))) {
      const std::string near = near_to(schema, names, name);
      if (near.empty()) continue;
      pg::call([&] {
        ereport(NOTICE, (errmsg("%s \"%s\" is new", names.what, name.c_str()),
                         errhint("If you meant \"%s\": null removes what is not in use, {\"%s\": {\"%s\": null}}.",
                                 near.c_str(), names.member, name.c_str())));
      });
    }
  }
}

void check_removed(const query::Schema& schema, query::Argument patch) {
  for (const Names& names : kNames) {
    const query::Rows rows = schema.sweep(names.removed, {patch});
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
      const std::string name(rows.text(i, 1));
      if (!rows.boolean(i, 2)) {
        const std::string near = near_to(schema, names, name);
        throw core::Error(core::Code::invalid_parameter,
                          "invalid rule \"" + std::string(names.member) + "." + name + "\"",
                          "There is none, so there is none to remove.",
                          near.empty() ? std::string() : "Perhaps you meant \"" + near + "\".");
      }
      if (!rows.is_null(i, 3))
        throw core::Error(core::Code::wrong_state, std::string(names.what) + " \"" + name + "\" cannot be removed",
                          std::string(rows.text(i, 3)), "Only what is not in use can be removed.");
    }
  }
}

query::Argument without_removed(const query::Schema& schema, query::Argument patch) {
  const query::Rows row = schema.run(kWithout, {patch});
  return {pg::call([&row] { return PointerGetDatum(PG_DETOAST_DATUM_COPY(row.value(0, 1))); })};
}

void remove_names(const query::Schema& schema, query::Argument patch) {
  for (const Names& names : kNames) schema.sweep(names.remove, {patch});
}

}  // namespace cdp::sql
