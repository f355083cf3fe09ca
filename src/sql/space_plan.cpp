// src/sql/space_plan.cpp: writes what streaming planned: evidence, who moved where, and the log of it.
#include "sql/space_plan.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/bytes/json_string.hpp"
#include "sql/space_log.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;
using query::Statement;

// What others have added since it was read stays: cdp.add_links locks no customer, and nobody locks hubs. Who judges
// has not seen it once more.
const Statement kPut{
    "INSERT INTO {space}.link AS l (a, b, source_id, rule, confidence, first_seen, last_seen, rejected, times)"
    " SELECT * FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), "
    "pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7), "
    "pg_catalog.unnest($8), pg_catalog.unnest($9))"
    " ON CONFLICT (a, b, source_id, rule) DO UPDATE SET confidence = greatest(l.confidence, EXCLUDED.confidence),"
    " first_seen = least(l.first_seen, EXCLUDED.first_seen), last_seen = greatest(l.last_seen, EXCLUDED.last_seen),"
    " rejected = CASE WHEN EXCLUDED.times OPERATOR(pg_catalog.=) 0 THEN EXCLUDED.rejected ELSE l.rejected END,"
    " times = l.times OPERATOR(pg_catalog.+) EXCLUDED.times",
    {INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, INT4ARRAYOID, FLOAT8ARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID,
     BOOLARRAYOID, INT8ARRAYOID}};
const Statement kDrop{
    "DELETE FROM {space}.link AS l USING ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), "
    "pg_catalog.unnest($3), pg_catalog.unnest($4)) AS d (a, b, source_id, rule)"
    " WHERE l.a OPERATOR(pg_catalog.=) d.a AND l.b OPERATOR(pg_catalog.=) d.b"
    " AND l.source_id OPERATOR(pg_catalog.=) d.source_id AND l.rule OPERATOR(pg_catalog.=) d.rule",
    {INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, INT4ARRAYOID}};
const Statement kReplace{
    "UPDATE {space}.decision SET withdrawn_at = pg_catalog.clock_timestamp(), withdrawn_by = CURRENT_USER,"
    " replaced_by = $2 WHERE decision_id OPERATOR(pg_catalog.=) ANY ($1)",
    {INT8ARRAYOID, INT8OID}};
// Of each absorbed cluster and where it went.
const Statement kUnite{
    "WITH went AS (SELECT * FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), "
    "pg_catalog.unnest($4)) AS w (absorbed, kept, change_id, label)),"
    " moved AS (UPDATE {space}.identifier AS i SET cluster_id = w.kept FROM went AS w"
    "  WHERE i.cluster_id OPERATOR(pg_catalog.=) w.absorbed RETURNING i.id, w.absorbed, w.kept, w.change_id, w.label)"
    " INSERT INTO {space}.move (change_id, identifier_id, from_cluster, to_cluster, from_profile, to_profile, at)"
    " SELECT m.change_id, m.id, m.absorbed, m.kept, f.profile_id, m.label, c.at FROM moved AS m"
    " JOIN {space}.profile AS f ON f.cluster_id OPERATOR(pg_catalog.=) m.absorbed"
    " JOIN {space}.change AS c ON c.change_id OPERATOR(pg_catalog.=) m.change_id",
    {INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};
const Statement kRollUp{
    "UPDATE {space}.profile AS p SET profile = p.profile OPERATOR(pg_catalog.||) a.profile,"
    " timeline = p.timeline OPERATOR(pg_catalog.||) a.timeline FROM (SELECT w.kept, cdp.rollup(o.profile) AS profile,"
    "  cdp.rollup(o.timeline) AS timeline FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS w "
    "(absorbed, kept)"
    "  JOIN {space}.profile AS o ON o.cluster_id OPERATOR(pg_catalog.=) w.absorbed GROUP BY w.kept) AS a"
    " WHERE p.cluster_id OPERATOR(pg_catalog.=) a.kept",
    {INT8ARRAYOID, INT8ARRAYOID}};
const Statement kEmpty{"DELETE FROM {space}.profile WHERE cluster_id OPERATOR(pg_catalog.=) ANY ($1)", {INT8ARRAYOID}};
// A label may be that of another cluster until that one has its new one: first names that nobody has, far below those
// of new clusters.
const Statement kUnname{
    "WITH named AS (SELECT p.cluster_id, p.profile_id, n.label, n.change_id FROM ROWS FROM (pg_catalog.unnest($1), "
    "pg_catalog.unnest($2), pg_catalog.unnest($3)) AS n (cluster_id, label, change_id)"
    "  JOIN {space}.profile AS p ON p.cluster_id OPERATOR(pg_catalog.=) n.cluster_id"
    "  WHERE p.profile_id OPERATOR(pg_catalog.<>) n.label),"
    " logged AS (INSERT INTO {space}.rename (change_id, cluster_id, from_profile, to_profile, at)"
    "  SELECT c.change_id, n.cluster_id, n.profile_id, n.label, c.at FROM named AS n"
    "  JOIN {space}.change AS c ON c.change_id OPERATOR(pg_catalog.=) n.change_id)"
    " UPDATE {space}.profile AS p SET profile_id = p.cluster_id OPERATOR(pg_catalog.-) 4611686018427387904 FROM named "
    "AS n"
    " WHERE p.cluster_id OPERATOR(pg_catalog.=) n.cluster_id",
    {INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};
const Statement kSummaries{
    "UPDATE {space}.profile AS p SET profile_id = n.label, members = n.members, known = n.known, walled = n.walled,"
    " weights = n.weights::pg_catalog.jsonb,"
    " last_link_a = CASE WHEN n.a OPERATOR(pg_catalog.<>) 0 THEN n.a END,"
    " last_link_b = CASE WHEN n.b OPERATOR(pg_catalog.<>) 0 THEN n.b END,"
    " last_link_rank = CASE WHEN n.a OPERATOR(pg_catalog.<>) 0 THEN ARRAY[n.strength, n.priorities, n.seen, n.source] "
    "END"
    " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), "
    "pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7), pg_catalog.unnest($8), pg_catalog.unnest($9),"
    " pg_catalog.unnest($10), pg_catalog.unnest($11), pg_catalog.unnest($12)) AS n (cluster_id, label, members, known,"
    " walled, weights, a, b, strength, priorities, seen, source)"
    " WHERE p.cluster_id OPERATOR(pg_catalog.=) n.cluster_id",
    {INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, BOOLARRAYOID, BOOLARRAYOID, TEXTARRAYOID, INT8ARRAYOID, INT8ARRAYOID,
     INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};
const Statement kHubs{
    "UPDATE {space}.identifier AS i SET hub = h.hub FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS h "
    "(id, hub)"
    " WHERE i.id OPERATOR(pg_catalog.=) h.id",
    {INT8ARRAYOID, BOOLARRAYOID}};
// Who has waited for the customer's lock has to see that something has changed.
const Statement kTouch{
    "UPDATE {space}.profile AS p SET members = p.members FROM {space}.identifier AS i"
    " WHERE p.cluster_id OPERATOR(pg_catalog.=) i.cluster_id AND i.id OPERATOR(pg_catalog.=) ANY ($1)",
    {INT8ARRAYOID}};
const Statement kPark{
    "INSERT INTO {space}.dirty (identifier_id, other_id, cause)"
    " SELECT p.a, CASE WHEN p.b OPERATOR(pg_catalog.<>) p.a THEN p.b END, 'parked' FROM ROWS FROM "
    "(pg_catalog.unnest($1), pg_catalog.unnest($2)) AS p (a, b)",
    {INT8ARRAYOID, INT8ARRAYOID}};
const Statement kParkFlips{"UPDATE {space}.identifier SET flip_parked = $2 WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
                           {INT8ARRAYOID, BOOLOID}};

// Under a name that nobody else can give them now.
const Statement kMake{
    "INSERT INTO {space}.profile (profile_id) SELECT OPERATOR(pg_catalog.-) l.label"
    " FROM pg_catalog.unnest($1) AS l (label) RETURNING cluster_id, OPERATOR(pg_catalog.-) profile_id",
    {INT8ARRAYOID}};
const Statement kMove{
    "WITH moved AS (UPDATE {space}.identifier AS i SET cluster_id = m.to_cluster"
    "  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), "
    "pg_catalog.unnest($5)) AS m (id, from_cluster, to_cluster, change_id, label)"
    "  WHERE i.id OPERATOR(pg_catalog.=) m.id RETURNING i.id, m.from_cluster, m.to_cluster, m.change_id, m.label)"
    " INSERT INTO {space}.move (change_id, identifier_id, from_cluster, to_cluster, from_profile, to_profile, at)"
    " SELECT m.change_id, m.id, m.from_cluster, m.to_cluster, f.profile_id, m.label, c.at FROM moved AS m"
    " JOIN {space}.profile AS f ON f.cluster_id OPERATOR(pg_catalog.=) m.from_cluster"
    " JOIN {space}.change AS c ON c.change_id OPERATOR(pg_catalog.=) m.change_id",
    {INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};
const Statement kClustersOf{
    "SELECT DISTINCT cluster_id FROM {space}.identifier WHERE id OPERATOR(pg_catalog.=) ANY ($1)", {INT8ARRAYOID}};
// Customers are made of their parts anew; in the order of the parts, though it makes no difference.
const Statement kRegroup{
    "UPDATE {space}.profile AS p SET profile = coalesce(r.profile, '{}'::cdp.profile),"
    " timeline = coalesce(r.timeline, '{}'::cdp.timeline)"
    " FROM (SELECT c.id, cdp.rollup(t.profile ORDER BY t.part_id) AS profile,"
    "   cdp.rollup(t.timeline ORDER BY t.part_id) AS timeline FROM pg_catalog.unnest($1) AS c (id)"
    "  JOIN {space}.identifier AS i ON i.cluster_id OPERATOR(pg_catalog.=) c.id"
    "  LEFT JOIN {space}.part AS t ON t.anchor OPERATOR(pg_catalog.=) i.id GROUP BY c.id) AS r"
    " WHERE p.cluster_id OPERATOR(pg_catalog.=) r.id",
    {INT8ARRAYOID}};

// As the column `weights` keeps them.
std::string weights_text(const identity::StoredCluster& cluster, const SpaceRules& rules) {
  core::Buffer out;
  out.byte('{');
  for (const identity::TypeWeight& one : cluster.weights) {
    if (out.size() > 1) out.byte(',');
    core::print_json_string(rules.rules().types[one.type].name, out);
    out.append(":" + std::to_string(one.weight));
  }
  out.byte('}');
  return std::string(core::as_text(out.span()));
}

template <typename T>
using Column = std::pmr::vector<T>;

class Carrier {
 public:
  Carrier(const query::Schema& schema, const SpaceRules& rules, const identity::Plan& plan, const Anchors& anchors,
          std::pmr::memory_resource* resource)
      : schema_(schema),
        rules_(rules),
        plan_(plan),
        anchors_(anchors),
        resource_(resource),
        made_(resource),
        log_(schema, rules, plan, resource) {}

  void run(const Cause& cause) {
    put();
    drop();
    if (!plan_.replaced.empty())
      schema_.run(kReplace, {query::array(plan_.replaced), query::optional(cause.decision_id, query::int8)});
    set_hubs();
    park();
    if (!plan_.unions.empty() || !plan_.moves.empty()) {
      log_.write(cause);
      make_clusters();
      unite();
      move();
      unname();
    }
    set_summaries();
    anchors_.move(schema_);
    regroup();
  }

 private:
  Column<std::int64_t> ids() const { return Column<std::int64_t>(resource_); }

  void put() const {
    if (plan_.put.empty()) return;
    Column<std::int64_t> a = ids(), b = ids(), first = ids(), last = ids(), times = ids();
    Column<std::int32_t> source(resource_), rule(resource_);
    Column<double> confidence(resource_);
    std::unique_ptr<bool[]> rejected(new bool[plan_.put.size()]);
    for (const auto& [pair, sighting, judged] : plan_.put) {
      rejected[a.size()] = sighting.rejected;
      a.push_back(pair.a);
      b.push_back(pair.b);
      source.push_back(rules_.source_id(sighting.source));
      rule.push_back(static_cast<std::int32_t>(sighting.rule));
      confidence.push_back(sighting.confidence);
      first.push_back(sighting.first_seen);
      last.push_back(sighting.last_seen);
      times.push_back(judged ? 0 : 1);
    }
    schema_.run(kPut,
                {query::array(a), query::array(b), query::array(source), query::array(rule), query::array(confidence),
                 query::array(first, TIMESTAMPTZOID), query::array(last, TIMESTAMPTZOID),
                 query::array({rejected.get(), a.size()}), query::array(times)});
  }

  void drop() const {
    if (plan_.dropped.empty()) return;
    Column<std::int64_t> a = ids(), b = ids();
    Column<std::int32_t> source(resource_), rule(resource_);
    for (const auto& [pair, sighting] : plan_.dropped) {
      a.push_back(pair.a);
      b.push_back(pair.b);
      source.push_back(rules_.source_id(sighting.source));
      rule.push_back(static_cast<std::int32_t>(sighting.rule));
    }
    schema_.run(kDrop, {query::array(a), query::array(b), query::array(source), query::array(rule)});
    schema_.run(kTouch, {query::array(a)});
  }

  void set_hubs() const {
    if (plan_.hubs.empty()) return;
    Column<std::int64_t> changed = ids();
    std::unique_ptr<bool[]> hub(new bool[plan_.hubs.size()]);
    for (const identity::HubChange& one : plan_.hubs) {
      hub[changed.size()] = one.hub;
      changed.push_back(one.identifier);
    }
    schema_.run(kHubs, {query::array(changed), query::array({hub.get(), changed.size()})});
    schema_.run(kTouch, {query::array(changed)});
  }

  void park() const {
    Column<std::int64_t> ids_of_flips = ids(), first = ids(), second = ids();
    for (const identity::Parked& one : plan_.parked) {
      if (one.cause == identity::Parked::Cause::flip) {
        ids_of_flips.push_back(one.a);
      } else {
        first.push_back(one.a);
        second.push_back(one.b);
      }
    }
    if (!first.empty()) schema_.run(kPark, {query::array(first), query::array(second)});
    if (!ids_of_flips.empty()) schema_.run(kParkFlips, {query::array(ids_of_flips), {BoolGetDatum(true)}});
    if (!plan_.unparked.empty()) schema_.run(kParkFlips, {query::array(plan_.unparked), {BoolGetDatum(false)}});
  }

  // Of clusters below zero, which the plan makes.
  void make_clusters() {
    Column<std::int64_t> new_labels = ids();
    for (const identity::StoredCluster& one : plan_.clusters)
      if (one.cluster < 0) new_labels.push_back(one.label);
    if (new_labels.empty()) return;
    const query::Rows rows = schema_.run(kMake, {query::array(new_labels)});
    std::pmr::map<std::int64_t, std::int64_t> by_label(resource_);
    for (std::uint64_t i = 0; i < rows.size(); ++i) by_label.emplace(rows.int8(i, 2), rows.int8(i, 1));
    for (const identity::StoredCluster& one : plan_.clusters)
      if (one.cluster < 0) made_.emplace(one.cluster, by_label.at(one.label));
  }
  std::int64_t cluster_of(std::int64_t planned) const { return planned < 0 ? made_.at(planned) : planned; }

  // By the names that the plan gives the clusters.
  std::pmr::unordered_map<std::int64_t, std::int64_t> label_of() const {
    std::pmr::unordered_map<std::int64_t, std::int64_t> result(resource_);
    for (const identity::StoredCluster& one : plan_.clusters) result.emplace(one.cluster, one.label);
    return result;
  }

  struct Labels {
    Column<std::int64_t> clusters, labels;
  };
  Labels labels() const {
    Labels result{ids(), ids()};
    for (const identity::StoredCluster& one : plan_.clusters) {
      result.clusters.push_back(cluster_of(one.cluster));
      result.labels.push_back(one.label);
    }
    return result;
  }

  void unname() {
    const Labels named = labels();
    Column<std::int64_t> clusters = ids(), names = ids(), changes = ids();
    for (std::size_t i = 0; i < named.clusters.size(); ++i) {
      // Made without a name, or only looked at.
      if (plan_.clusters[i].cluster < 0 || !log_.concerns(plan_.clusters[i].cluster)) continue;
      changes.push_back(log_.change_of(plan_.clusters[i].cluster));
      clusters.push_back(named.clusters[i]);
      names.push_back(named.labels[i]);
    }
    schema_.run(kUnname, {query::array(clusters), query::array(names), query::array(changes)});
  }

  void unite() {
    if (plan_.unions.empty()) return;
    // A cluster that took others in may be absorbed itself.
    std::pmr::unordered_map<std::int64_t, std::int64_t> kept(resource_);
    for (const identity::ClusterUnion& one : plan_.unions) kept[one.absorbed] = one.into;
    Column<std::int64_t> absorbed = ids(), into = ids(), changes = ids(), names = ids();
    const auto named = label_of();
    for (const identity::ClusterUnion& one : plan_.unions) {
      std::int64_t last = one.into;
      for (auto at = kept.find(last); at != kept.end(); at = kept.find(last)) last = at->second;
      absorbed.push_back(one.absorbed);
      into.push_back(last);
      changes.push_back(log_.change_of(one.absorbed));
      names.push_back(named.at(last));
    }
    schema_.run(kUnite, {query::array(absorbed), query::array(into), query::array(changes), query::array(names)});
    schema_.run(kRollUp, {query::array(absorbed), query::array(into)});
    schema_.run(kEmpty, {query::array(absorbed)});
  }

  void move() {
    if (plan_.moves.empty()) return;
    Column<std::int64_t> moved = ids(), from = ids(), to = ids(), changes = ids(), names = ids();
    const auto named = label_of();
    for (const identity::Move& one : plan_.moves) {
      moved.push_back(one.identifier);
      from.push_back(cluster_of(one.from));
      to.push_back(cluster_of(one.to));
      changes.push_back(log_.change_of(one.to));
      names.push_back(named.at(one.to));
    }
    schema_.run(
        kMove, {query::array(moved), query::array(from), query::array(to), query::array(changes), query::array(names)});
    if (!plan_.emptied.empty()) schema_.run(kEmpty, {query::array(plan_.emptied)});
  }

  void set_summaries() const {
    if (plan_.clusters.empty()) return;
    const std::size_t count = plan_.clusters.size();
    const Labels named = labels();
    Column<std::int64_t> members = ids(), a = ids(), b = ids(), rank[4] = {ids(), ids(), ids(), ids()};
    std::unique_ptr<bool[]> known(new bool[count]), walled(new bool[count]);
    std::pmr::vector<std::string> texts(resource_);
    for (const identity::StoredCluster& one : plan_.clusters) {
      known[members.size()] = one.known;
      walled[members.size()] = one.walled;
      members.push_back(one.members);
      const identity::LastLink last = one.last.value_or(identity::LastLink{});
      a.push_back(last.pair.a);
      b.push_back(last.pair.b);
      const std::uint64_t bits[] = {last.rank.strength, last.rank.priorities, last.rank.time, last.rank.source};
      for (int i = 0; i < 4; ++i) rank[i].push_back(static_cast<std::int64_t>(bits[i]));
      texts.push_back(weights_text(one, rules_));
    }
    const std::pmr::vector<std::string_view> weights(texts.begin(), texts.end(), resource_);
    schema_.run(kSummaries,
                {query::array(named.clusters), query::array(named.labels), query::array(members),
                 query::array({known.get(), count}), query::array({walled.get(), count}),
                 query::array(std::span<const std::string_view>(weights)), query::array(a), query::array(b),
                 query::array(rank[0]), query::array(rank[1]), query::array(rank[2]), query::array(rank[3])});
  }

  void regroup() const {
    Column<std::int64_t> changed = ids();
    if (!anchors_.empty()) {
      const query::Rows rows = schema_.run(kClustersOf, {query::array(anchors_.identifiers())});
      for (std::uint64_t i = 0; i < rows.size(); ++i) changed.push_back(rows.int8(i, 1));
    }
    for (const identity::Move& one : plan_.moves) {
      changed.push_back(cluster_of(one.from));
      changed.push_back(cluster_of(one.to));
    }
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    if (!changed.empty()) sql::regroup(schema_, changed);
  }

  const query::Schema& schema_;
  const SpaceRules& rules_;
  const identity::Plan& plan_;
  const Anchors& anchors_;
  std::pmr::memory_resource* resource_;
  std::pmr::map<std::int64_t, std::int64_t> made_;  // clusters of the plan
  ChangeLog log_;
};

}  // namespace

void regroup(const query::Schema& schema, std::span<const std::int64_t> clusters) {
  schema.run(kRegroup, {query::array(clusters)});
}

void carry_out(const query::Schema& schema, const SpaceRules& rules, const identity::Plan& plan, const Anchors& anchors,
               const Cause& cause, std::pmr::memory_resource* resource) {
  Carrier(schema, rules, plan, anchors, resource).run(cause);
}

}  // namespace cdp::sql
