// A change of the rules of a space, as JSON: {"link_threshold": 0.8, "types": {"email": {"max_per_profile": 3}}}.
// What it doesn't name stays; what it names that isn't there is new; types and sources that are null are removed.
#pragma once

#include "pg/query.hpp"

namespace cdp::sql {

class SpaceRules;

// The tables of rules with the change, of jsonb, that is the first argument of a statement.
#define CDP_SETTINGS_PATCHED \
  "(SELECT n.* FROM {space}.space AS o, LATERAL pg_catalog.jsonb_populate_record(o, $1) AS n)"
#define CDP_TYPES_PATCHED                                                                                              \
  "(SELECT n.* FROM {space}.identifier_type AS o, LATERAL pg_catalog.jsonb_populate_record(o,"                         \
  "  coalesce(pg_catalog.jsonb_extract_path($1, 'types', o.type), '{}')) AS n"                                         \
  " UNION ALL SELECT n.* FROM pg_catalog.jsonb_each(pg_catalog.jsonb_extract_path($1, 'types')) AS p,"                 \
  "  LATERAL pg_catalog.jsonb_populate_record(NULL::{space}.identifier_type, '{\"priority\": 100, \"max_degree\": {}," \
  " \"links\": true, \"known\": false, \"newest\": false, \"blocked_values\": []}'::pg_catalog.jsonb"                  \
  "   OPERATOR(pg_catalog.||) p.value OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('type', p.key)) AS n"      \
  "  WHERE NOT EXISTS (SELECT FROM {space}.identifier_type AS o WHERE o.type OPERATOR(pg_catalog.=) p.key))"
#define CDP_SOURCES_PATCHED                                                                                         \
  "(SELECT n.* FROM {space}.source AS o, LATERAL pg_catalog.jsonb_populate_record(o,"                               \
  "  coalesce(pg_catalog.jsonb_extract_path($1, 'sources', o.source), '{}')) AS n"                                  \
  " UNION ALL SELECT n.* FROM pg_catalog.jsonb_each(pg_catalog.jsonb_extract_path($1, 'sources')) AS p,"            \
  "  LATERAL pg_catalog.jsonb_populate_record(NULL::{space}.source,"                                                \
  "   '{\"priority\": 100, \"trusted\": true}'::pg_catalog.jsonb"                                                   \
  "   OPERATOR(pg_catalog.||) p.value OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_object('source', p.key)) AS n" \
  "  WHERE NOT EXISTS (SELECT FROM {space}.source AS o WHERE o.source OPERATOR(pg_catalog.=) p.key))"

// A change of nothing.
pg::query::Argument no_patch();
// That only makes what is new in a change, as it is unless something is said of it.
pg::query::Argument only_new(const pg::query::Schema& schema, pg::query::Argument patch);

// 22023 for what can be no rule, by the path to it.
void check_patch(const pg::query::Schema& schema, pg::query::Argument patch);
// What that can't tell: whether types that a change speaks of exist, with those that come with it.
void check_names(const pg::query::Schema& schema, pg::query::Argument patch, const SpaceRules& with_new);

}  // namespace cdp::sql
