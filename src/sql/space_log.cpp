// src/sql/space_log.cpp: changes, and what caused them.
#include "sql/space_log.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;
using query::Statement;

const Statement kChange{
    "INSERT INTO {space}.change (cause, link_a, link_b, source_id, decision_id, run_id, at)"
    " VALUES ($1, $2, $3, $4, $5, $6, pg_catalog.clock_timestamp()) RETURNING change_id",
    {TEXTOID, INT8OID, INT8OID, INT4OID, INT8OID, INT8OID}};
const Statement kChangeLinks{
    "INSERT INTO {space}.change_link (change_id, a, b, source_id, rule) SELECT l.change_id, l.a, l.b, l.source_id, "
    "l.rule FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),"
    " pg_catalog.unnest($5)) AS l (change_id, a, b, source_id, rule)",
    {INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, INT4ARRAYOID}};
const Statement kClusters{"SELECT id, cluster_id FROM {space}.identifier WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
                          {INT8ARRAYOID}};

}  // namespace

void ChangeLog::write(const Cause& cause) {
  for (const identity::ClusterUnion& one : plan_.unions) join(one.absorbed, one.into);
  for (const identity::Move& one : plan_.moves) join(one.from, one.to);
  std::pmr::map<std::int64_t, Places> put(resource_);  // by the first cluster of each change
  for (const auto& one : roots_) put.try_emplace(root(one.first));
  std::pmr::unordered_map<std::int64_t, std::int64_t> clusters(resource_);
  find_clusters(clusters);
  std::pmr::map<std::int64_t, Places> beside(resource_);
  for (std::size_t i = 0; i < plan_.put.size(); ++i) {
    if (plan_.put[i].sighting.rejected) continue;
    const std::int64_t a = clusters.at(plan_.put[i].pair.a), b = clusters.at(plan_.put[i].pair.b);
    if (roots_.contains(a) && roots_.contains(b) && root(a) == root(b)) {
      put.at(root(a)).push_back(i);
    } else {
      for (const std::int64_t end : {a, b})
        if (roots_.contains(end)) beside.try_emplace(root(end)).first->second.push_back(i);
    }
  }
  // What made a hub of somebody has its other end elsewhere.
  for (const auto& [first, links] : put)
    write(first, links.empty() && beside.contains(first) ? beside.at(first) : links, cause);
}

void ChangeLog::write(std::int64_t root, const Places& links, const Cause& cause) {
  std::optional<std::int64_t> a, b;
  std::optional<std::int32_t> source_id = cause.source_id;
  if (!links.empty()) {
    const identity::PutSighting& one = plan_.put[links.front()];
    a = one.pair.a, b = one.pair.b, source_id = rules_.source_id(one.sighting.source);
  }
  const std::int64_t change =
      schema_
          .run(kChange, {query::text(cause.cause), query::optional(a, query::int8), query::optional(b, query::int8),
                         query::optional(source_id, query::int4), query::optional(cause.decision_id, query::int8),
                         query::optional(cause.run_id, query::int8)})
          .int8(0, 1);
  changes_[root] = change;
  Ids change_ids(links.size(), change, resource_), as(resource_), bs(resource_);
  std::pmr::vector<std::int32_t> sources(resource_), rules(resource_);
  for (const std::size_t i : links) {
    as.push_back(plan_.put[i].pair.a);
    bs.push_back(plan_.put[i].pair.b);
    sources.push_back(rules_.source_id(plan_.put[i].sighting.source));
    rules.push_back(static_cast<std::int32_t>(plan_.put[i].sighting.rule));
  }
  if (!links.empty())
    schema_.run(kChangeLinks, {query::array(change_ids), query::array(as), query::array(bs), query::array(sources),
                               query::array(rules)});
}

void ChangeLog::find_clusters(std::pmr::unordered_map<std::int64_t, std::int64_t>& clusters) const {
  Ids ends(resource_);
  for (const identity::PutSighting& one : plan_.put) ends.push_back(one.pair.a), ends.push_back(one.pair.b);
  if (ends.empty()) return;
  const query::Rows rows = schema_.run(kClusters, {query::array(ends)});
  for (std::uint64_t i = 0; i < rows.size(); ++i) clusters.emplace(rows.int8(i, 1), rows.int8(i, 2));
}

std::int64_t ChangeLog::root(std::int64_t cluster) {
  auto at = roots_.try_emplace(cluster, cluster).first;
  while (at->second != at->first) {
    const auto up = roots_.find(at->second);
    at->second = up->second;
    at = up;
  }
  return at->first;
}

}  // namespace cdp::sql
