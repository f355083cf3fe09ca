// src/sql/space_settings.cpp: changes the rules of a space. Who is who by them is decided later, by cdp.resolve: here
// all that the new rules say of single identifiers and parts, and of customers as they are.
#include "sql/space_settings.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "core/bytes/error.hpp"
#include "core/identity/plan.hpp"
#include "pg/datum.hpp"
#include "pg/entry.hpp"
#include "pg/memory.hpp"
#include "sql/space_lock.hpp"
#include "sql/space_names.hpp"
#include "sql/space_patch.hpp"
#include "sql/space_plan.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;
using query::Statement;
using Ids = std::pmr::vector<std::int64_t>;
using Names = std::pmr::vector<std::string_view>;

const Statement kRespelled{
    "SELECT n.type FROM " CDP_TYPES_PATCHED
    " AS n JOIN {space}.identifier_type AS o ON o.type OPERATOR(pg_catalog.=) n.type"
    " WHERE coalesce(n.normaliser, '') OPERATOR(pg_catalog.<>) coalesce(o.normaliser, '')"
    "  AND EXISTS (SELECT FROM {space}.identifier AS i WHERE i.type OPERATOR(pg_catalog.=) n.type)"
    " ORDER BY n.type COLLATE pg_catalog.\"C\" LIMIT 1",
    {JSONBOID}};
// (space_observe.cpp says the same of new ones.)
const Statement kBlocked{
    "SELECT i.id FROM " CDP_SETTINGS_PATCHED " AS s CROSS JOIN " CDP_TYPES_PATCHED
    " AS t JOIN {space}.identifier AS i ON i.type OPERATOR(pg_catalog.=) t.type"
    "  CROSS JOIN LATERAL (SELECT i.value COLLATE pg_catalog.\"C\") AS v (value)"
    " WHERE (pg_catalog.jsonb_exists_any($1, '{blocked_values,blocked_pattern}') OR pg_catalog.jsonb_exists_any("
    "   pg_catalog.jsonb_extract_path($1, 'types', t.type), '{blocked_values,blocked_pattern}'))"
    "  AND i.blocked OPERATOR(pg_catalog.<>) (coalesce(pg_catalog.lower(v.value) OPERATOR(pg_catalog.=) ANY"
    "    (s.blocked_values OPERATOR(pg_catalog.||) t.blocked_values)"
    "    OR v.value OPERATOR(pg_catalog.~) s.blocked_pattern OR v.value OPERATOR(pg_catalog.~) t.blocked_pattern, "
    "false)"
    "   OR i.blocked AND coalesce(i.value OPERATOR(pg_catalog.<>) CASE WHEN t.normaliser IS NULL THEN i.value"
    "    WHEN t.normaliser OPERATOR(pg_catalog.=) 'phone' THEN cdp.normalize_phone(i.value, s.region)"
    "    ELSE cdp.normalize_email(i.value, t.normaliser OPERATOR(pg_catalog.=) 'email_of_provider') END, true))",
    {JSONBOID}};
const Statement kSetBlocked{
    "UPDATE {space}.identifier SET blocked = NOT blocked WHERE id OPERATOR(pg_catalog.=) ANY ($1)", {INT8ARRAYOID}};

const Statement kWriteSettings{
    "UPDATE {space}.space AS s SET link_threshold = n.link_threshold, review_threshold = n.review_threshold,"
    " max_identifiers = n.max_identifiers, max_closure = n.max_closure, hub_alarm = n.hub_alarm,"
    " blocked_values = n.blocked_values, blocked_pattern = n.blocked_pattern, region = n.region,"
    " rules_version = s.rules_version OPERATOR(pg_catalog.+) 1 FROM " CDP_SETTINGS_PATCHED " AS n",
    {JSONBOID}};
const Statement kWriteTypes{
    "INSERT INTO {space}.identifier_type AS t SELECT n.* FROM " CDP_TYPES_PATCHED
    " AS n WHERE pg_catalog.jsonb_exists(pg_catalog.jsonb_extract_path($1, 'types'), n.type)"
    " ON CONFLICT (type) DO UPDATE SET priority = EXCLUDED.priority, normaliser = EXCLUDED.normaliser,"
    "  max_per_profile = EXCLUDED.max_per_profile, max_degree = EXCLUDED.max_degree, links = EXCLUDED.links,"
    "  known = EXCLUDED.known, newest = EXCLUDED.newest, blocked_values = EXCLUDED.blocked_values,"
    "  blocked_pattern = EXCLUDED.blocked_pattern",
    {JSONBOID}};
const Statement kWriteSources{
    "INSERT INTO {space}.source (source, priority, trusted) SELECT n.source, n.priority, n.trusted"
    " FROM " CDP_SOURCES_PATCHED
    " AS n WHERE pg_catalog.jsonb_exists(pg_catalog.jsonb_extract_path($1, 'sources'), n.source)"
    " ORDER BY n.source_id, n.source COLLATE pg_catalog.\"C\""
    " ON CONFLICT (source) DO UPDATE SET priority = EXCLUDED.priority, trusted = EXCLUDED.trusted",
    {JSONBOID}};

const Statement kSetKnown{
    "UPDATE {space}.profile AS p SET known = n.known FROM (SELECT i.cluster_id, pg_catalog.bool_or(t.known) AS known"
    "  FROM {space}.identifier AS i JOIN {space}.identifier_type AS t ON t.type OPERATOR(pg_catalog.=) i.type"
    "  WHERE i.cluster_id OPERATOR(pg_catalog.=) ANY (SELECT o.cluster_id FROM {space}.identifier AS o"
    "   WHERE o.type OPERATOR(pg_catalog.=) ANY ($1)) GROUP BY i.cluster_id) AS n"
    " WHERE p.cluster_id OPERATOR(pg_catalog.=) n.cluster_id AND p.known OPERATOR(pg_catalog.<>) n.known",
    {TEXTARRAYOID}};
// Of whom must-links have joined, by the numbers of their groups: a group weighs no more than the limit.
const Statement kSetWeights{
    "UPDATE {space}.profile AS p SET weights = p.weights OPERATOR(pg_catalog.-) $1 OPERATOR(pg_catalog.||) n.weights"
    " FROM (SELECT w.cluster_id, coalesce(pg_catalog.jsonb_object_agg(w.type, w.weight)"
    "   FILTER (WHERE w.weight IS NOT NULL), '{}') AS weights"
    "  FROM (SELECT g.cluster_id, g.type, pg_catalog.sum(CASE WHEN g.place IS NULL THEN g.members"
    "    ELSE LEAST(g.members, g.most) END) FILTER (WHERE g.most IS NOT NULL) AS weight"
    "   FROM (SELECT i.cluster_id, i.type, m.place, t.max_per_profile AS most, pg_catalog.count(*) AS members"
    "    FROM {space}.identifier AS i JOIN {space}.identifier_type AS t ON t.type OPERATOR(pg_catalog.=) i.type"
    "    LEFT JOIN ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS m (id, place)"
    "     ON m.id OPERATOR(pg_catalog.=) i.id"
    "    WHERE i.type OPERATOR(pg_catalog.=) ANY ($1) GROUP BY i.cluster_id, i.type, m.place, t.max_per_profile) AS g"
    "   GROUP BY g.cluster_id, g.type) AS w GROUP BY w.cluster_id) AS n"
    " WHERE p.cluster_id OPERATOR(pg_catalog.=) n.cluster_id",
    {TEXTARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};
const Statement kMusts{
    "SELECT l.identifier_id, r.identifier_id FROM {space}.decision AS d"
    " JOIN {space}.decision_side AS l ON l.decision_id OPERATOR(pg_catalog.=) d.decision_id AND NOT l.is_right"
    " JOIN {space}.decision_side AS r ON r.decision_id OPERATOR(pg_catalog.=) d.decision_id AND r.is_right"
    " WHERE d.withdrawn_at IS NULL AND d.kind OPERATOR(pg_catalog.=) 'must'",
    {}};

// What tells nothing of a column has no need to read the table.
const Statement kMark{
    "WITH touched AS MATERIALIZED (SELECT i.id FROM {space}.identifier AS i WHERE i.type OPERATOR(pg_catalog.=) ANY "
    "($2)"
    "  UNION SELECT b.id FROM pg_catalog.unnest($3) AS b (id))"
    " INSERT INTO {space}.dirty (identifier_id, cause) SELECT DISTINCT d.id, 'rules' FROM ("
    "  SELECT i.id FROM {space}.identifier AS i WHERE i.type OPERATOR(pg_catalog.=) ANY ($1)"
    "  UNION ALL SELECT t.id FROM touched AS t"
    "  UNION ALL SELECT l.b FROM touched AS t JOIN {space}.link AS l ON l.a OPERATOR(pg_catalog.=) t.id"
    "  UNION ALL SELECT l.a FROM touched AS t JOIN {space}.link AS l ON l.b OPERATOR(pg_catalog.=) t.id"
    "  UNION ALL SELECT pg_catalog.unnest(ARRAY[l.a, l.b]) FROM {space}.link AS l"
    "   WHERE l.source_id OPERATOR(pg_catalog.=) ANY ($4) AND pg_catalog.cardinality($4) OPERATOR(pg_catalog.>) 0"
    "  UNION ALL SELECT pg_catalog.unnest(ARRAY[l.a, l.b]) FROM {space}.link AS l"
    "   WHERE l.confidence OPERATOR(pg_catalog.>=) $5 AND l.confidence OPERATOR(pg_catalog.<) $6"
    "    AND $5 OPERATOR(pg_catalog.<) $6"
    "  UNION ALL SELECT i.id FROM {space}.identifier AS i WHERE i.flip_parked AND $7) AS d",
    {TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID, INT4ARRAYOID, FLOAT8OID, FLOAT8OID, BOOLOID}};

// (space_anchor.cpp says the same of hubs.) Where all are blocked the first is as good as any.
const Statement kAnchors{
    "WITH best AS (SELECT DISTINCT ON (t.part_id) t.part_id, t.anchor, i.id FROM {space}.part AS t"
    "   CROSS JOIN LATERAL pg_catalog.unnest(t.identifiers) AS m (id)"
    "   JOIN {space}.identifier AS i ON i.id OPERATOR(pg_catalog.=) m.id"
    "   JOIN {space}.identifier_type AS y ON y.type OPERATOR(pg_catalog.=) i.type"
    "   WHERE pg_catalog.cardinality(t.identifiers) OPERATOR(pg_catalog.>) 1"
    "   ORDER BY t.part_id, i.blocked, i.hub, y.priority, i.type COLLATE pg_catalog.\"C\","
    "    i.value COLLATE pg_catalog.\"C\"),"
    " moved AS (UPDATE {space}.part AS t SET anchor = b.id FROM best AS b"
    "  WHERE b.part_id OPERATOR(pg_catalog.=) t.part_id AND b.id OPERATOR(pg_catalog.<>) b.anchor"
    "  RETURNING b.anchor AS before, b.id AS now)"
    " SELECT DISTINCT i.cluster_id FROM (SELECT m.before FROM moved AS m UNION SELECT m.now FROM moved AS m) AS e (id)"
    " JOIN {space}.identifier AS i ON i.id OPERATOR(pg_catalog.=) e.id",
    {}};

// Numbers of the groups that must-links join.
class Groups {
 public:
  Groups(const query::Schema& schema, std::pmr::memory_resource* resource)
      : parent_(resource), ids_(resource), groups_(resource) {
    query::each_row(schema, kMusts, {}, [&](const query::Rows& rows, std::uint64_t i) {
      parent_[find(rows.int8(i, 1))] = find(rows.int8(i, 2));
    });
    for (const auto& [id, parent] : parent_) ids_.push_back(id);
    for (const std::int64_t id : ids_) groups_.push_back(find(id));
  }
  const Ids& ids() const noexcept { return ids_; }
  const Ids& groups() const noexcept { return groups_; }

 private:
  std::int64_t find(std::int64_t id) {
    parent_.try_emplace(id, id);
    while (parent_[id] != id) id = parent_[id] = parent_[parent_[id]];
    return id;
  }

  std::pmr::unordered_map<std::int64_t, std::int64_t> parent_;
  Ids ids_, groups_;
};

class Setter {
 public:
  Setter(const query::Schema& schema, const RulesChange& change, std::pmr::memory_resource* resource)
      : schema_(schema), change_(change), resource_(resource) {}

  // How many identifiers are to be decided anew.
  std::int64_t set() const {
    for (const Statement* const write : {&kWriteSettings, &kWriteTypes, &kWriteSources})
      schema_.sweep(*write, {change_.patch()});
    if (!change_.blocked().empty()) schema_.sweep(kSetBlocked, {query::array(change_.blocked())});
    set_summaries();
    move_anchors();
    remove_names(schema_, change_.given());
    return mark();
  }

 private:
  using Types = std::span<const identity::Type>;
  Types before() const noexcept { return change_.before().rules().types; }
  Types after() const noexcept { return change_.after().rules().types; }

  template <typename T>
  Names changed(T identity::Type::*what) const {
    Names names(resource_);
    for (std::size_t i = 0; i < after().size(); ++i)
      if (before()[i].*what != after()[i].*what) names.push_back(after()[i].name);
    return names;
  }
  static query::Argument array(const Names& names) { return query::array(std::span<const std::string_view>(names)); }

  void set_summaries() const {
    if (const Names known = changed(&identity::Type::known); !known.empty()) schema_.sweep(kSetKnown, {array(known)});
    const Names limits = changed(&identity::Type::max_per_profile);
    if (limits.empty()) return;
    const Groups groups(schema_, resource_);
    schema_.sweep(kSetWeights, {array(limits), query::array(groups.ids()), query::array(groups.groups())});
  }

  void move_anchors() const {
    if (change_.blocked().empty() && changed(&identity::Type::priority).empty()) return;
    Ids clusters(resource_);
    const query::Rows rows = schema_.sweep(kAnchors, {});
    for (std::uint64_t i = 0; i < rows.size(); ++i) clusters.push_back(rows.int8(i, 1));
    if (!clusters.empty()) regroup(schema_, clusters);
  }

  std::int64_t mark() const {
    const identity::Rules &old_rules = change_.before().rules(), &new_rules = change_.after().rules();
    const identity::Reach reach = identity::reach_of(old_rules, new_rules, resource_);
    const auto names = [&](const auto& types) {
      Names result(resource_);
      for (const identity::TypeIndex type : types) result.push_back(new_rules.types[type].name);
      return array(result);
    };
    std::pmr::vector<std::int32_t> sources(resource_);
    for (const identity::SourceIndex source : reach.sources) sources.push_back(change_.before().source_id(source));
    // What waits for a steward may not have to any longer.
    const bool flips = old_rules.hub_alarm < new_rules.hub_alarm;
    return static_cast<std::int64_t>(schema_
                                         .sweep(kMark, {names(reach.types),
                                                        names(reach.with_neighbours),
                                                        query::array(change_.blocked()),
                                                        query::array(sources),
                                                        query::float8(reach.from),
                                                        query::float8(reach.to),
                                                        {BoolGetDatum(flips)}})
                                         .size());
  }

  const query::Schema& schema_;
  const RulesChange& change_;
  std::pmr::memory_resource* resource_;
};

}  // namespace

RulesChange::RulesChange(const query::Schema& schema, query::Argument patch, std::pmr::memory_resource* resource)
    : given_(patch), blocked_(resource) {
  check_patch(schema, given_);
  check_removed(schema, given_);
  tell_new_names(schema, given_);
  patch_ = without_removed(schema, given_);
  change(schema);
}

void RulesChange::change(const query::Schema& schema) {
  const query::Argument patch = patch_;
  before_ = std::make_shared<const SpaceRules>(schema, only_new(schema, patch));
  check_names(schema, patch, *before_);
  after_ = std::make_shared<const SpaceRules>(schema, patch);
  if (const query::Rows rows = schema.run(kRespelled, {patch}); rows.size() > 0)
    throw core::Error(core::Code::wrong_state,
                      "normaliser of identifier type \"" + std::string(rows.text(0, 1)) + "\" cannot change",
                      "There are identifiers of the type, which would have to be spelled otherwise.",
                      "Make another type for what comes in from now on.");
  query::each_row(schema, kBlocked, {patch},
                  [&](const query::Rows& rows, std::uint64_t i) { blocked_.push_back(rows.int8(i, 1)); });
}

}  // namespace cdp::sql

namespace core = cdp::core;
namespace pg = cdp::pg;
namespace sql = cdp::sql;
namespace query = cdp::pg::query;

// set_rules(space, rules) -> how many identifiers are to be decided anew
CDP_FUNCTION(cdp_space_set_rules) {
  for (const int i : {0, 1})
    if (PG_ARGISNULL(i))
      ereport(ERROR,
              (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", i == 0 ? "space" : "rules")));
  // What others have just stored has to be seen.
  if (IsolationUsesXactSnapshot())
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("rules can only change in a transaction at READ COMMITTED")));
  const std::string_view space = pg::text_of(PG_GETARG_DATUM(0));
  const query::Argument patch{PointerGetDatum(PG_GETARG_JSONB_P(1))};
  std::int64_t dirty;
  query::connect();
  {
    pg::ContextResource resource;
    const query::Schema schema(space);
    sql::require_space(schema);
    sql::lock_rules(schema);
    const sql::RulesChange change(schema, patch, &resource);
    dirty = sql::Setter(schema, change, &resource).set();
  }
  query::finish();
  PG_RETURN_INT64(dirty);
}
