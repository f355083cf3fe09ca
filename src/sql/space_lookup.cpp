// src/sql/space_lookup.cpp: whose an identifier is, or was believed to be.
#include <optional>

#include "core/bytes/error.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/memory.hpp"
#include "sql/space_name.hpp"

namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace query = cdp::pg::query;

namespace {

using query::Statement;

const Statement kNow{
    "SELECT p.profile_id FROM {space}.identifier AS i"
    " JOIN {space}.profile AS p ON p.cluster_id OPERATOR(pg_catalog.=) i.cluster_id"
    " WHERE i.type OPERATOR(pg_catalog.=) $1 AND i.value OPERATOR(pg_catalog.=) $2 AND NOT i.blocked",
    {TEXTOID, TEXTOID}};
// The first move since then says which cluster it was in, and the first renaming of that one what it was called. What
// is blocked now may have had a customer then.
const Statement kThen{
    "SELECT coalesce(r.from_profile, m.from_profile, CASE WHEN NOT i.blocked THEN p.profile_id END)"
    " FROM {space}.identifier AS i"
    " JOIN {space}.profile AS p ON p.cluster_id OPERATOR(pg_catalog.=) i.cluster_id"
    " LEFT JOIN LATERAL (SELECT o.from_cluster, o.from_profile FROM {space}.move AS o"
    "  WHERE o.identifier_id OPERATOR(pg_catalog.=) i.id AND o.at OPERATOR(pg_catalog.>) $3"
    "  ORDER BY o.change_id LIMIT 1) AS m ON true"
    " LEFT JOIN LATERAL (SELECT o.from_profile FROM {space}.rename AS o"
    "  WHERE o.cluster_id OPERATOR(pg_catalog.=) coalesce(m.from_cluster, i.cluster_id)"
    "  AND o.at OPERATOR(pg_catalog.>) $3 ORDER BY o.change_id LIMIT 1) AS r ON true"
    " WHERE i.type OPERATOR(pg_catalog.=) $1 AND i.value OPERATOR(pg_catalog.=) $2"
    "  AND i.created_at OPERATOR(pg_catalog.<=) $3",
    {TEXTOID, TEXTOID, TIMESTAMPTZOID}};
const Statement kCurrent{
    "SELECT p.profile_id FROM {space}.identifier AS i"
    " JOIN {space}.profile AS p ON p.cluster_id OPERATOR(pg_catalog.=) i.cluster_id"
    " WHERE i.id OPERATOR(pg_catalog.=) $1",
    {INT8OID}};

const Statement kIdentifier{
    "SELECT i.id FROM {space}.identifier AS i"
    " WHERE i.type OPERATOR(pg_catalog.=) $1 AND i.value OPERATOR(pg_catalog.=) $2",
    {TEXTOID, TEXTOID}};

std::optional<std::int64_t> only_id(const query::Rows& rows) {
  if (rows.size() == 0 || rows.is_null(0, 1)) return std::nullopt;
  return rows.int8(0, 1);
}

}  // namespace

// lookup(space, type, value, as_of) -> the customer
CDP_FUNCTION(cdp_space_lookup) {
  if (PG_ARGISNULL(0)) ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("space must not be null")));
  if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) PG_RETURN_NULL();
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0)), type = pg::text_of(PG_GETARG_DATUM(1)),
                         value = pg::text_of(PG_GETARG_DATUM(2));
  query::connect();
  std::optional<std::int64_t> profile;
  {
    pg::ContextResource resource;
    const query::Schema schema(space, true);
    const auto rules = sql::rules_of(schema);
    const auto type_index = rules->type(type);
    if (value.size() <= sql::kLongestValue) {
      const query::Argument name = query::text(type),
                            spelled = query::text(sql::spell(schema, *rules, type_index, value, &resource).value);
      profile = only_id(PG_ARGISNULL(3) ? schema.read(kNow, {name, spelled})
                                        : schema.read(kThen, {name, spelled, {PG_GETARG_DATUM(3)}}));
    }
  }
  query::finish();
  if (!profile) PG_RETURN_NULL();
  PG_RETURN_INT64(*profile);
}

// identifier_id(space, type, value) -> its id
CDP_FUNCTION(cdp_space_identifier_id) {
  if (PG_ARGISNULL(0)) ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("space must not be null")));
  if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) PG_RETURN_NULL();
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0)), type = pg::text_of(PG_GETARG_DATUM(1)),
                         value = pg::text_of(PG_GETARG_DATUM(2));
  query::connect();
  std::optional<std::int64_t> id;
  {
    pg::ContextResource resource;
    const query::Schema schema(space, true);
    const auto rules = sql::rules_of(schema);
    const auto type_index = rules->type(type);
    if (value.size() <= sql::kLongestValue)
      id = only_id(schema.read(
          kIdentifier,
          {query::text(type), query::text(sql::spell(schema, *rules, type_index, value, &resource).value)}));
  }
  query::finish();
  if (!id) PG_RETURN_NULL();
  PG_RETURN_INT64(*id);
}

// current_id(space, profile_id) -> the customer now
CDP_FUNCTION(cdp_space_current_id) {
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0));
  query::connect();
  std::optional<std::int64_t> profile;
  {
    const query::Schema schema(space, true);
    sql::rules_of(schema);
    profile = only_id(schema.read(kCurrent, {query::int8(PG_GETARG_INT64(1))}));
  }
  query::finish();
  if (!profile) PG_RETURN_NULL();
  PG_RETURN_INT64(*profile);
}
