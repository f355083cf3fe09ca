// src/sql/space_name.cpp: one spelling of each identifier.
#include "sql/space_name.hpp"

#include <cstring>
#include <memory>
#include <string>

#include "core/bytes/error.hpp"
#include "core/match/email.hpp"
#include "pg/interrupt.hpp"
#include "sql/space_rows.hpp"

namespace cdp::sql {

namespace {

namespace query = pg::query;
using query::Statement;

const Statement kFind{
    "SELECT w.place, i.id, i.cluster_id, i.hub, i.blocked FROM ROWS FROM (pg_catalog.unnest($1), "
    "pg_catalog.unnest($2)) WITH ORDINALITY AS w (type, value, place)"
    " JOIN {space}.identifier AS i ON i.type OPERATOR(pg_catalog.=) w.type AND i.value OPERATOR(pg_catalog.=) w.value",
    {TEXTARRAYOID, TEXTARRAYOID}};
// In the order in which everybody inserts; with their customers, or not at all.
const Statement kInsert{
    "WITH sequence AS MATERIALIZED (SELECT pg_catalog.pg_get_serial_sequence($3, 'cluster_id')::pg_catalog.regclass AS "
    "id),"
    " made AS (INSERT INTO {space}.identifier (type, value, cluster_id, blocked)"
    "  SELECT w.type, w.value, pg_catalog.nextval((SELECT id FROM sequence)), NOT w.readable OR"
    "   coalesce(pg_catalog.lower(v.value) OPERATOR(pg_catalog.=) ANY (s.blocked_values OPERATOR(pg_catalog.||) "
    "t.blocked_values)"
    "   OR v.value OPERATOR(pg_catalog.~) s.blocked_pattern OR v.value OPERATOR(pg_catalog.~) t.blocked_pattern, false)"
    "  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($4)) AS w (type, value, "
    "readable) CROSS JOIN LATERAL (SELECT w.value COLLATE pg_catalog.\"C\") AS v (value)"
    "   JOIN {space}.identifier_type AS t ON t.type OPERATOR(pg_catalog.=) w.type, {space}.space AS s"
    "  ORDER BY w.type COLLATE pg_catalog.\"C\", w.value COLLATE pg_catalog.\"C\""
    "  ON CONFLICT (type, value) DO NOTHING RETURNING id, type, cluster_id)"
    " INSERT INTO {space}.profile (cluster_id, profile_id, known, weights) SELECT m.cluster_id, m.id, t.known,"
    "  CASE WHEN t.max_per_profile IS NULL THEN '{}'::pg_catalog.jsonb ELSE pg_catalog.jsonb_build_object(t.type, 1) "
    "END"
    "  FROM made AS m JOIN {space}.identifier_type AS t ON t.type OPERATOR(pg_catalog.=) m.type",
    {TEXTARRAYOID, TEXTARRAYOID, TEXTOID, BOOLARRAYOID}};
const pg::query::Statement kPhone{"SELECT cdp.normalize_phone($1, $2)", {TEXTOID, TEXTOID}};

std::string_view keep(std::string_view text, std::pmr::memory_resource* resource) {
  if (text.empty()) return {};
  auto* const copy = static_cast<char*>(resource->allocate(text.size(), 1));
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

}  // namespace

Spelled spell(const pg::query::Schema& schema, const SpaceRules& rules, core::identity::TypeIndex type,
              std::string_view value, std::pmr::memory_resource* resource) {
  if (value.size() > kLongestValue)
    throw core::Error(
        core::Code::limit_exceeded, "identifier is too long",
        "It has " + std::to_string(value.size()) + " bytes, at most " + std::to_string(kLongestValue) + " are kept.");
  const Normaliser normaliser = rules.normaliser(type);
  if (normaliser == Normaliser::none) return {value, true};
  if (normaliser == Normaliser::phone) {
    const std::string_view region = rules.region();
    const pg::query::Rows row = schema.run(
        kPhone, {pg::query::text(value), region.empty() ? pg::query::Argument{0, true} : pg::query::text(region)});
    if (row.is_null(0, 1)) return {value, false};
    return {keep(row.text(0, 1), resource), true};
  }
  core::Buffer out;
  if (!core::normalize_email(value, normaliser == Normaliser::email_of_provider, out)) return {value, false};
  return {keep(core::as_text(out.span()), resource), true};
}

namespace {

// The same as kFind.
bool look_up(const query::Schema& schema, std::span<Name> names) {
  pg::direct::Open identifiers;
  OpenRows rows;
  if (schema.look_only() || !rows.begin(schema, {{&identifiers, &kIdentifierRows}})) return false;
  for (Name& one : names) {
    pg::poll()();
    if (!pg::call([&] { return find_name(identifiers, one); })) one.id = 0;
  }
  rows.end();
  return true;
}

}  // namespace

void find_names(const query::Schema& schema, std::span<Name> names, std::pmr::memory_resource* resource) {
  if (look_up(schema, names)) return;
  std::pmr::vector<std::string_view> types(resource), values(resource);
  for (Name& one : names) {
    one.id = 0;
    types.push_back(one.type);
    values.push_back(one.value);
  }
  const query::Rows rows = schema.run(kFind, {query::array(std::span<const std::string_view>(types)),
                                              query::array(std::span<const std::string_view>(values))});
  for (std::uint64_t i = 0; i < rows.size(); ++i) {
    Name& one = names[static_cast<std::size_t>(rows.int8(i, 1)) - 1];
    one.id = rows.int8(i, 2);
    one.cluster = rows.int8(i, 3);
    one.hub = rows.boolean(i, 4);
    one.blocked = rows.boolean(i, 5);
  }
}

std::int64_t settle_names(const query::Schema& schema, std::span<Name> names, std::pmr::memory_resource* resource) {
  find_names(schema, names, resource);
  std::pmr::vector<std::string_view> types(resource), values(resource);
  const std::unique_ptr<bool[]> readable(new bool[names.size()]);
  for (const Name& one : names) {
    if (one.id != 0) continue;
    readable[types.size()] = one.readable;
    types.push_back(one.type);
    values.push_back(one.value);
  }
  if (types.empty()) return 0;
  schema.run(kInsert, {query::array(std::span<const std::string_view>(types)),
                       query::array(std::span<const std::string_view>(values)),
                       query::text(schema.qualified("profile")), query::array({readable.get(), types.size()})});
  find_names(schema, names, resource);
  return static_cast<std::int64_t>(types.size());
}

}  // namespace cdp::sql
