// src/sql/space_whole_log.cpp: moves and renames of everybody, a change for each group of customers.
#include "sql/space_whole_log.hpp"

#include <algorithm>
#include <numeric>

#include "pg/memory.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;
using query::Statement;
using Ids = std::pmr::vector<std::int64_t>;
using Numbers = std::pmr::vector<std::uint32_t>;

const Statement kAnchors{"SELECT anchor FROM {space}.part", {}};
const Statement kLogged{"SELECT from_cluster, to_cluster FROM {space}.move", {}};
const Statement kChanges{
    "INSERT INTO {space}.change (cause, run_id, at) SELECT 'run', $1, pg_catalog.clock_timestamp()"
    " FROM pg_catalog.generate_series(1::pg_catalog.int8, $2) RETURNING change_id",
    {INT8OID, INT8OID}};
const Statement kMoves{
    "INSERT INTO {space}.move (change_id, identifier_id, from_cluster, to_cluster, from_profile, to_profile, at)"
    " SELECT m.change_id, m.id, m.from_cluster, m.to_cluster, m.from_profile, m.to_profile, c.at FROM ROWS FROM "
    "(pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), "
    "pg_catalog.unnest($5), pg_catalog.unnest($6)) AS m (change_id, id, from_cluster, to_cluster, from_profile,"
    " to_profile) JOIN {space}.change AS c ON c.change_id OPERATOR(pg_catalog.=) m.change_id",
    {INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};
const Statement kRenames{
    "INSERT INTO {space}.rename (change_id, cluster_id, from_profile, to_profile, at)"
    " SELECT m.change_id, m.cluster_id, m.from_profile, m.to_profile, c.at FROM ROWS FROM (pg_catalog.unnest($1), "
    "pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4)) AS m (change_id, cluster_id, from_profile,"
    " to_profile) JOIN {space}.change AS c ON c.change_id OPERATOR(pg_catalog.=) m.change_id",
    {INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID}};

constexpr std::size_t kAtOnce = 10'000;  // rows

class WholeLog {
 public:
  WholeLog(const query::Schema& schema, const SpaceGraph& graph, const identity::Partition& partition,
           std::span<const std::int64_t> names, std::pmr::memory_resource* resource)
      : schema_(schema),
        graph_(graph),
        partition_(partition),
        names_(names),
        resource_(resource),
        labels_(graph.clusters().size(), 0, resource),
        bare_(graph.clusters().size(), true, resource),
        silent_(names.size(), true, resource),
        moves_(resource),
        renames_(resource),
        groups_(resource),
        changes_(resource) {}

  std::int64_t write(std::int64_t run) {
    look_back();
    const std::int64_t moved = collect();
    if (moves_.empty() && renames_.empty()) return moved;
    group();
    make_changes(run);
    pg::RowContext memory;
    for (std::size_t i = 0; i < moves_.size(); i += kAtOnce, memory.reset())
      log_moves(std::span(moves_).subspan(i, std::min(kAtOnce, moves_.size() - i)));
    for (std::size_t i = 0; i < renames_.size(); i += kAtOnce, memory.reset())
      log_renames(std::span(renames_).subspan(i, std::min(kAtOnce, renames_.size() - i)));
    return moved;
  }

 private:
  std::int64_t from(std::uint32_t place) const noexcept { return graph_.clusters().id(graph_.cluster_of(place)); }
  std::int64_t to(std::uint32_t place) const noexcept { return names_[partition_.cluster_of[place]]; }
  Ids ids() const { return Ids(resource_); }

  // Places are in the order of ids: the first of a cluster has the least.
  void look_back() {
    for (std::uint32_t i = 0; i < graph_.size(); ++i) {
      std::int64_t& label = labels_[graph_.cluster_of(i)];
      if (label != 0) bare_[graph_.cluster_of(i)] = false;
      if (label == 0) label = graph_.identifier(i).id;
    }
    const auto mark = [&](std::uint32_t cluster) {
      if (cluster != identity::kNone) bare_[cluster] = false;
    };
    query::each_row(schema_, kAnchors, {}, [&](const query::Rows& rows, std::uint64_t i) {
      if (const std::uint32_t at = graph_.place(rows.int8(i, 1)); at != identity::kNone) mark(graph_.cluster_of(at));
    });
    query::each_row(schema_, kLogged, {}, [&](const query::Rows& rows, std::uint64_t i) {
      for (const int column : {1, 2}) mark(graph_.clusters().find(rows.int8(i, column)));
    });
    for (std::uint32_t i = 0; i < graph_.size(); ++i)
      if (!bare_[graph_.cluster_of(i)]) silent_[partition_.cluster_of[i]] = false;
  }

  std::int64_t collect() {
    std::int64_t moved = 0;
    for (std::uint32_t i = 0; i < graph_.size(); ++i) {
      if (from(i) == to(i)) continue;
      ++moved;
      if (!silent_[partition_.cluster_of[i]]) moves_.push_back(i);
    }
    for (std::uint32_t now = 0; now < names_.size(); ++now) {
      const std::uint32_t old = graph_.clusters().find(names_[now]);
      if (old != identity::kNone && !silent_[now] && labels_[old] != partition_.clusters[now].label)
        renames_.push_back(now);
    }
    return moved;
  }

  std::uint32_t group_of(std::uint32_t cluster) noexcept {
    while (groups_[cluster] != cluster) cluster = groups_[cluster] = groups_[groups_[cluster]];
    return cluster;
  }

  // Decided clusters that have members of one stored cluster.
  void group() {
    groups_.resize(names_.size());
    std::iota(groups_.begin(), groups_.end(), 0);
    Numbers first(graph_.clusters().size(), identity::kNone, resource_);
    for (std::uint32_t i = 0; i < graph_.size(); ++i) {
      std::uint32_t& known = first[graph_.cluster_of(i)];
      const std::uint32_t now = partition_.cluster_of[i];
      if (known == identity::kNone) known = now;
      groups_[group_of(now)] = group_of(known);
    }
  }

  void make_changes(std::int64_t run) {
    Numbers roots(resource_);
    for (const std::uint32_t place : moves_) roots.push_back(group_of(partition_.cluster_of[place]));
    for (const std::uint32_t now : renames_) roots.push_back(group_of(now));
    std::sort(roots.begin(), roots.end());
    roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
    changes_.assign(names_.size(), 0);
    const query::Rows made =
        schema_.run(kChanges, {query::int8(run), query::int8(static_cast<std::int64_t>(roots.size()))});
    for (std::size_t i = 0; i < roots.size(); ++i) changes_[roots[i]] = made.int8(i, 1);
  }

  void log_moves(std::span<const std::uint32_t> places) {
    Ids changes = ids(), moved = ids(), old = ids(), now = ids(), old_labels = ids(), new_labels = ids();
    for (const std::uint32_t i : places) {
      changes.push_back(changes_[group_of(partition_.cluster_of[i])]);
      moved.push_back(graph_.identifier(i).id);
      old.push_back(from(i));
      now.push_back(to(i));
      old_labels.push_back(labels_[graph_.cluster_of(i)]);
      new_labels.push_back(partition_.label(i));
    }
    schema_.run(kMoves, {query::array(changes), query::array(moved), query::array(old), query::array(now),
                         query::array(old_labels), query::array(new_labels)});
  }

  void log_renames(std::span<const std::uint32_t> clusters) {
    Ids changes = ids(), renamed = ids(), before = ids(), after = ids();
    for (const std::uint32_t now : clusters) {
      changes.push_back(changes_[group_of(now)]);
      renamed.push_back(names_[now]);
      before.push_back(labels_[graph_.clusters().find(names_[now])]);
      after.push_back(partition_.clusters[now].label);
    }
    schema_.run(kRenames, {query::array(changes), query::array(renamed), query::array(before), query::array(after)});
  }

  const query::Schema& schema_;
  const SpaceGraph& graph_;
  const identity::Partition& partition_;
  std::span<const std::int64_t> names_;
  std::pmr::memory_resource* resource_;
  Ids labels_;                     // of stored clusters
  std::pmr::vector<bool> bare_;    // stored clusters of one identifier, without parts, never logged
  std::pmr::vector<bool> silent_;  // decided clusters of bare ones only
  Numbers moves_, renames_;        // places; decided clusters
  Numbers groups_;                 // of decided clusters
  Ids changes_;                    // of roots of groups
};

}  // namespace

std::int64_t log_whole(const query::Schema& schema, const SpaceGraph& graph, const identity::Partition& partition,
                       std::span<const std::int64_t> names, std::int64_t run, std::pmr::memory_resource* resource) {
  return WholeLog(schema, graph, partition, names, resource).write(run);
}

}  // namespace cdp::sql
