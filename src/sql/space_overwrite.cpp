// src/sql/space_overwrite.cpp: what was decided about everybody, written over what is stored.
#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include "core/bytes/error.hpp"
#include "sql/space_progress.hpp"
#include "sql/space_rewrite.hpp"
#include "sql/space_summary.hpp"
#include "sql/space_whole_log.hpp"

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

constexpr std::size_t kReported = 10'000;  // rows between two reports

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
        names_(resource) {}

  std::int64_t run(std::int64_t run) {
    name_clusters();
    const std::int64_t moved = log_whole(schema_, graph_, partition_, names_, run, resource_);
    write_identifiers();
    move_anchors();
    write_profiles();
    return moved;
  }

 private:
  void report(const char* phase, std::size_t done, std::size_t total) const {
    if (done % kReported == 0)
      report_progress("resolve", schema_.name(), phase, static_cast<std::int64_t>(done),
                      static_cast<std::int64_t>(total));
  }
  void name_clusters();
  void write_identifiers();
  void move_anchors();
  void write_profiles();

  const query::Schema& schema_;
  const SpaceRules& rules_;
  const SpaceGraph& graph_;
  const WholeDecision& decision_;
  const identity::Partition& partition_;
  std::pmr::memory_resource* resource_;
  Ids names_;  // of decided clusters: the cluster_id
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

void Overwriting::write_identifiers() {
  TableRewrite table(schema_.table("identifier"), kIdentifierColumns);
  Datum values[kIdentifierColumns.size()];
  bool nulls[kIdentifierColumns.size()];
  std::size_t written = 0;
  while (table.next(values, nulls)) {
    const std::uint32_t at = graph_.place(DatumGetInt64(values[0]));
    if (at == identity::kNone) throw core::Error(core::Code::bug, "an identifier came although the space is locked");
    values[1] = Int64GetDatum(names_[partition_.cluster_of[at]]);
    values[2] = BoolGetDatum(partition_.hubs[at]);
    values[3] = BoolGetDatum(decision_.parked(at));
    table.put(values, nulls);
    report("writing identifiers", ++written, graph_.size());
  }
  if (written != graph_.size())
    throw core::Error(core::Code::bug, "identifiers are missing although the space is locked");
  report("indexes of identifiers", 0, 0);
  table.finish();
}

void Overwriting::move_anchors() {
  Ids flipped(resource_);
  for (std::uint32_t i = 0; i < graph_.size(); ++i)
    if (decision_.flipped(i)) flipped.push_back(graph_.identifier(i).id);
  if (!flipped.empty()) schema_.sweep(kMoveAnchors, {query::array(flipped)});
}

// Customers are made of their parts anew. Both go by cluster_id.
void Overwriting::write_profiles() {
  std::pmr::vector<std::uint32_t> order(resource_);
  for (std::uint32_t i = 0; i < names_.size(); ++i) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return names_[a] < names_[b]; });
  std::map<std::string, Datum> weights;  // few different ones
  const query::Rows nothing = schema_.run(kNothing, {});
  TableRewrite table(schema_.table("profile"), kProfileColumns);
  const Datum rank = query::array(Ids(4, 0, resource_)).value;  // written over for each
  std::size_t written = 0;
  const auto put = [&](std::uint32_t at, Datum profile, Datum timeline) {
    const identity::Summary& cluster = partition_.clusters[at];
    std::string text = weights_text(rules_, partition_, at);
    auto known = weights.find(text);
    if (known == weights.end()) {
      const Datum json = pg::call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text.c_str())); });
      known = weights.emplace(std::move(text), json).first;
    }
    const bool alone = cluster.last == identity::kNone;
    const identity::LastLink last = alone ? identity::LastLink{} : last_link(graph_, rules_, cluster.last);
    const std::uint64_t bits[] = {last.rank.strength, last.rank.priorities, last.rank.time, last.rank.source};
    std::memcpy(ARR_DATA_PTR(DatumGetArrayTypeP(rank)), bits, sizeof(bits));
    const Datum values[] = {Int64GetDatum(names_[at]),
                            Int64GetDatum(cluster.label),
                            profile,
                            timeline,
                            Int32GetDatum(static_cast<std::int32_t>(cluster.members)),
                            BoolGetDatum(cluster.known),
                            BoolGetDatum(cluster.walled),
                            known->second,
                            Int64GetDatum(last.pair.a),
                            Int64GetDatum(last.pair.b),
                            rank};
    const bool nulls[] = {false, false, false, false, false, false, false, false, alone, alone, alone};
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
