// src/sql/space_overwrite.cpp: what was decided about everybody, written over what is stored.
#include <algorithm>
#include <map>
#include <string>

#include "core/bytes/error.hpp"
#include "core/bytes/json_string.hpp"
#include "pg/memory.hpp"
#include "sql/space_progress.hpp"
#include "sql/space_rewrite.hpp"
#include "sql/space_whole.hpp"

namespace cdp::sql {

namespace {

namespace identity = core::identity;
namespace query = pg::query;
using query::Statement;
using Ids = std::pmr::vector<std::int64_t>;

const Statement kFresh{
    "SELECT pg_catalog.nextval(pg_catalog.pg_get_serial_sequence($1, 'cluster_id')::pg_catalog.regclass)"
    " FROM pg_catalog.generate_series(1::pg_catalog.int8, $2)",
    {TEXTOID, INT8OID}};
const Statement kAnchors{"SELECT anchor FROM {space}.part", {}};
const Statement kChange{
    "INSERT INTO {space}.change (cause, run_id, at) VALUES ('run', $1, pg_catalog.clock_timestamp())"
    " RETURNING change_id, at",
    {INT8OID}};
const Statement kMoves{
    "INSERT INTO {space}.move (change_id, identifier_id, from_cluster, to_cluster, from_profile, to_profile, at)"
    " SELECT $1, m.id, m.from_cluster, m.to_cluster, m.from_profile, m.to_profile, $7 FROM ROWS FROM "
    "(pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5), "
    "pg_catalog.unnest($6)) AS m (id, from_cluster, to_cluster, from_profile, to_profile)",
    {INT8OID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID}};
const Statement kRenames{
    "INSERT INTO {space}.rename (change_id, cluster_id, from_profile, to_profile, at)"
    " SELECT $1, m.cluster_id, m.from_profile, m.to_profile, $5 FROM ROWS FROM (pg_catalog.unnest($2), "
    "pg_catalog.unnest($3), pg_catalog.unnest($4)) AS m (cluster_id, from_profile, to_profile)",
    {INT8OID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID}};
// As space_anchor.cpp and space_observe.cpp have it.
const Statement kMoveAnchors{
    "UPDATE {space}.part AS t SET anchor = b.best FROM (SELECT c.part_id, (SELECT i.id"
    "   FROM pg_catalog.unnest(c.identifiers) AS m (id)"
    "   JOIN {space}.identifier AS i ON i.id OPERATOR(pg_catalog.=) m.id"
    "   JOIN {space}.identifier_type AS y ON y.type OPERATOR(pg_catalog.=) i.type WHERE NOT i.blocked"
    "   ORDER BY i.hub, y.priority, i.type COLLATE pg_catalog.\"C\", i.value COLLATE pg_catalog.\"C\" LIMIT 1) AS best"
    "  FROM {space}.part AS c WHERE c.part_id OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT p.part_id FROM {space}.part AS "
    "p,"
    "   pg_catalog.unnest(p.identifiers) AS m (id)"
    "   JOIN pg_catalog.unnest($1) AS f (id) ON f.id OPERATOR(pg_catalog.=) m.id))) AS b"
    " WHERE t.part_id OPERATOR(pg_catalog.=) b.part_id AND b.best OPERATOR(pg_catalog.<>) t.anchor",
    {INT8ARRAYOID}};
const Statement kRollUp{
    "SELECT i.cluster_id, cdp.rollup(t.profile ORDER BY t.part_id), cdp.rollup(t.timeline ORDER BY t.part_id)"
    " FROM {space}.part AS t JOIN {space}.identifier AS i ON i.id OPERATOR(pg_catalog.=) t.anchor"
    " GROUP BY i.cluster_id ORDER BY i.cluster_id",
    {}};
const Statement kNothing{"SELECT '{}'::cdp.profile, '{}'::cdp.timeline", {}};

constexpr std::size_t kLogged = 10'000;  // rows at a time

class Overwriting {
 public:
  Overwriting(const query::Schema& schema, const SpaceRules& rules, const SpaceGraph& graph,
              const WholeDecision& decision, std::pmr::memory_resource* resource)
      : schema_(schema),
        rules_(rules),
        graph_(graph),
        decision_(decision),
        partition_(decision.partition()),
        resource_(resource),
        names_(resource),
        old_labels_(resource),
        bare_(resource) {}

  std::int64_t run(std::int64_t run) {
    name_clusters();
    look_back();
    log(run);
    write_identifiers();
    move_anchors();
    write_profiles();
    return moved_;
  }

 private:
  std::int64_t from(std::uint32_t place) const noexcept { return graph_.clusters().id(graph_.cluster_of(place)); }
  std::int64_t to(std::uint32_t place) const noexcept { return names_[partition_.cluster_of[place]]; }

  void report(const char* phase, std::size_t done, std::size_t total) const {
    if (done % kLogged == 0)
      report_progress("resolve", schema_.name(), phase, static_cast<std::int64_t>(done),
                      static_cast<std::int64_t>(total));
  }
  void name_clusters();
  void look_back();
  void log(std::int64_t run);
  void log_moves(std::int64_t change, query::Argument at, std::span<const std::uint32_t> places) const;
  void write_identifiers();
  void move_anchors();
  void write_profiles();
  std::string weights_text(std::uint32_t cluster) const;

  const query::Schema& schema_;
  const SpaceRules& rules_;
  const SpaceGraph& graph_;
  const WholeDecision& decision_;
  const identity::Partition& partition_;
  std::pmr::memory_resource* resource_;
  Ids names_;                    // of decided clusters: the cluster_id
  Ids old_labels_;               // of stored clusters
  std::pmr::vector<bool> bare_;  // stored clusters of one identifier, without parts
  std::int64_t moved_ = 0;
};

// Those that share the most with a stored one keep its name, as in closure.cpp.
void Overwriting::name_clusters() {
  std::pmr::vector<std::uint64_t> pairs(resource_);
  pairs.reserve(graph_.size());
  for (std::uint32_t i = 0; i < graph_.size(); ++i)
    pairs.push_back(std::uint64_t{partition_.cluster_of[i]} << 32 | graph_.cluster_of(i));
  std::sort(pairs.begin(), pairs.end());
  // How many they don't share; decided clusters are in the order of their labels, stored ones of their ids.
  std::pmr::vector<std::pair<std::uint32_t, std::uint64_t>> wishes(resource_);
  for (std::size_t i = 0, last = 0; i < pairs.size(); i = last) {
    while (last < pairs.size() && pairs[last] == pairs[i]) ++last;
    wishes.emplace_back(~static_cast<std::uint32_t>(last - i), pairs[i]);
  }
  std::sort(wishes.begin(), wishes.end());
  names_.assign(partition_.clusters.size(), 0);
  std::pmr::vector<bool> taken(graph_.clusters().size(), false, resource_);
  for (const auto& [rest, pair] : wishes) {
    const auto now = static_cast<std::uint32_t>(pair >> 32), before = static_cast<std::uint32_t>(pair);
    if (names_[now] != 0 || taken[before]) continue;
    names_[now] = graph_.clusters().id(before);
    taken[before] = true;
  }
  const auto unnamed = std::count(names_.begin(), names_.end(), 0);
  if (unnamed == 0) return;
  const query::Rows fresh = schema_.sweep(kFresh, {query::text(schema_.qualified("profile")), query::int8(unnamed)});
  std::uint64_t next = 0;
  for (std::int64_t& name : names_)
    if (name == 0) name = fresh.int8(next++, 1);
}

// Places are in the order of ids: the first of a cluster has the least.
void Overwriting::look_back() {
  old_labels_.assign(graph_.clusters().size(), 0);
  bare_.assign(graph_.clusters().size(), true);
  for (std::uint32_t i = 0; i < graph_.size(); ++i) {
    std::int64_t& label = old_labels_[graph_.cluster_of(i)];
    if (label != 0) bare_[graph_.cluster_of(i)] = false;
    if (label == 0) label = graph_.identifier(i).id;
  }
  query::each_row(schema_, kAnchors, {}, [&](const query::Rows& rows, std::uint64_t i) {
    if (const std::uint32_t at = graph_.place(rows.int8(i, 1)); at != identity::kNone)
      bare_[graph_.cluster_of(at)] = false;
  });
}

// One change for all. Who was a customer all alone, of whom nothing was said, is not logged: after a load of evidence
// that would be everybody.
void Overwriting::log(std::int64_t run) {
  std::pmr::vector<std::uint32_t> moves(resource_);
  for (std::uint32_t i = 0; i < graph_.size(); ++i) {
    if (from(i) == to(i)) continue;
    ++moved_;
    if (!bare_[graph_.cluster_of(i)]) moves.push_back(i);
  }
  Ids renamed(resource_), before(resource_), after(resource_);
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::uint32_t old = graph_.clusters().find(names_[i]);
    const std::int64_t label = partition_.clusters[i].label;
    if (old == identity::kNone || bare_[old] || old_labels_[old] == label) continue;
    renamed.push_back(names_[i]), before.push_back(old_labels_[old]), after.push_back(label);
  }
  if (moves.empty() && renamed.empty()) return;
  std::int64_t change, at;
  {
    const query::Rows row = schema_.run(kChange, {query::int8(run)});
    change = row.int8(0, 1), at = row.int8(0, 2);
  }
  pg::RowContext memory;
  for (std::size_t i = 0; i < moves.size(); i += kLogged) {
    log_moves(change, query::int8(at), std::span(moves).subspan(i, std::min(kLogged, moves.size() - i)));
    memory.reset();
  }
  for (std::size_t i = 0; i < renamed.size(); i += kLogged) {
    const auto part = [&](const Ids& all) {
      return query::array(std::span(all).subspan(i, std::min(kLogged, all.size() - i)));
    };
    schema_.run(kRenames, {query::int8(change), part(renamed), part(before), part(after), query::int8(at)});
    memory.reset();
  }
}

void Overwriting::log_moves(std::int64_t change, query::Argument at, std::span<const std::uint32_t> places) const {
  Ids ids(resource_), old(resource_), now(resource_), old_labels(resource_), labels(resource_);
  for (const std::uint32_t i : places) {
    ids.push_back(graph_.identifier(i).id);
    old.push_back(from(i));
    now.push_back(to(i));
    old_labels.push_back(old_labels_[graph_.cluster_of(i)]);
    labels.push_back(partition_.label(i));
  }
  schema_.run(kMoves, {query::int8(change), query::array(ids), query::array(old), query::array(now),
                       query::array(old_labels), query::array(labels), at});
}

void Overwriting::write_identifiers() {
  TableRewrite table(schema_.table("identifier"),
                     {"id", "cluster_id", "hub", "flip_parked", "type", "value", "blocked", "created_at"});
  Datum values[8];
  bool nulls[8];
  std::size_t written = 0;
  while (table.next(values, nulls)) {
    const std::uint32_t at = graph_.place(DatumGetInt64(values[0]));
    if (at == identity::kNone) throw core::Error(core::Code::bug, "an identifier came although the space is locked");
    values[1] = Int64GetDatum(to(at));
    values[2] = BoolGetDatum(partition_.hubs[at]);
    values[3] = BoolGetDatum(decision_.parked(at));
    table.put(values, nulls);
    report("writing identifiers", ++written, graph_.size());
  }
  report("indexes of identifiers", 0, 0);
  table.finish();
}

void Overwriting::move_anchors() {
  Ids flipped(resource_);
  for (std::uint32_t i = 0; i < graph_.size(); ++i)
    if (decision_.flipped(i)) flipped.push_back(graph_.identifier(i).id);
  if (!flipped.empty()) schema_.sweep(kMoveAnchors, {query::array(flipped)});
}

// As the column `weights` keeps them.
std::string Overwriting::weights_text(std::uint32_t cluster) const {
  core::Buffer out;
  out.byte('{');
  const std::size_t limited = partition_.limited_types.size();
  for (std::size_t slot = 0; slot < limited; ++slot) {
    const std::uint32_t weight = partition_.weights[cluster * limited + slot];
    if (weight == 0) continue;
    if (out.size() > 1) out.byte(',');
    core::print_json_string(rules_.rules().types[partition_.limited_types[slot]].name, out);
    out.append(":" + std::to_string(weight));
  }
  out.byte('}');
  return std::string(core::as_text(out.span()));
}

// Customers are made of their parts anew. Both go by cluster_id.
void Overwriting::write_profiles() {
  std::pmr::vector<std::uint32_t> order(resource_);
  for (std::uint32_t i = 0; i < names_.size(); ++i) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return names_[a] < names_[b]; });
  std::map<std::string, Datum> weights;  // few different ones
  const query::Rows nothing = schema_.run(kNothing, {});
  TableRewrite table(schema_.table("profile"), {"cluster_id", "profile_id", "profile", "timeline", "members", "known",
                                                "walled", "weights", "last_link_a", "last_link_b"});
  std::size_t written = 0;
  const auto put = [&](std::uint32_t at, Datum profile, Datum timeline) {
    const identity::Summary& cluster = partition_.clusters[at];
    std::string text = weights_text(at);
    auto known = weights.find(text);
    if (known == weights.end()) {
      const Datum json = pg::call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text.c_str())); });
      known = weights.emplace(std::move(text), json).first;
    }
    const bool alone = cluster.last == identity::kNone;
    const auto end = [&](std::uint32_t place) { return graph_.identifier(place).id; };
    const std::int64_t a = alone ? 0 : end(graph_.link(cluster.last).a),
                       b = alone ? 0 : end(graph_.link(cluster.last).b);
    const Datum values[] = {Int64GetDatum(names_[at]),
                            Int64GetDatum(cluster.label),
                            profile,
                            timeline,
                            Int32GetDatum(static_cast<std::int32_t>(cluster.members)),
                            BoolGetDatum(cluster.known),
                            BoolGetDatum(cluster.walled),
                            known->second,
                            Int64GetDatum(std::min(a, b)),
                            Int64GetDatum(std::max(a, b))};
    const bool nulls[] = {false, false, false, false, false, false, false, false, alone, alone};
    table.put(values, nulls);
    report("writing customers", ++written, names_.size());
  };
  std::size_t next = 0;
  query::each_row(schema_, kRollUp, {}, [&](const query::Rows& rows, std::uint64_t i) {
    for (; names_[order[next]] != rows.int8(i, 1); ++next) put(order[next], nothing.value(0, 1), nothing.value(0, 2));
    put(order[next++], rows.value(i, 2), rows.value(i, 3));
  });
  for (; next < order.size(); ++next) put(order[next], nothing.value(0, 1), nothing.value(0, 2));
  report("indexes of customers", 0, 0);
  table.finish();
}

}  // namespace

std::int64_t rewrite_space(const query::Schema& schema, const SpaceRules& rules, const SpaceGraph& graph,
                           const WholeDecision& decision, std::int64_t run, std::pmr::memory_resource* resource) {
  return Overwriting(schema, rules, graph, decision, resource).run(run);
}

}  // namespace cdp::sql
