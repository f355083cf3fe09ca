#include "core/identity/closure.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/identity/contract.hpp"

namespace cdp::core::identity {

Closure::Closure(Overlay& overlay, std::pmr::memory_resource* resource, Poll poll)
    : overlay_(overlay),
      resource_(resource),
      poll_(poll),
      subgraph_(overlay, resource),
      clusters_(resource),
      visited_(resource),
      members_(resource) {}

void Closure::visit(std::int64_t id) {
  const std::int64_t cluster = overlay_.identifier(id).cluster;
  if (visited_.insert(cluster).second) clusters_.push_back(cluster);
}

bool Closure::load(std::span<const std::int64_t> seeds, std::size_t most) {
  overlay_.need(seeds);
  for (const std::int64_t seed : seeds) visit(seed);
  while (loaded_ < clusters_.size()) {
    poll_();
    if (!take_members(most)) return false;
    take_links();
  }
  return true;
}

bool Closure::take_members(std::size_t most) {
  std::pmr::vector<StoredIdentifier> rows(resource_);
  const std::span<const std::int64_t> next = std::span(clusters_).subspan(loaded_);
  overlay_.store().members(next, most - size() + 1, rows);
  loaded_ = clusters_.size();
  if (rows.size() > most - size()) return false;
  overlay_.remember(rows);
  members_.clear();
  for (const StoredIdentifier& row : rows) members_.push_back(row.id);
  std::sort(members_.begin(), members_.end());
  for (const std::int64_t id : members_) subgraph_.add_identifier(id);
  return true;
}

void Closure::take_links() {
  std::pmr::vector<std::int64_t> linking(resource_), others(resource_);
  for (const std::int64_t id : members_) {
    const Identifier identifier = overlay_.plain(id);
    if (!identifier.hub && !identifier.blocked && overlay_.rules().types[identifier.type].links) linking.push_back(id);
  }
  std::pmr::vector<BondedPair> links(resource_);
  overlay_.links(linking, links);
  std::pmr::vector<IdPair> musts(resource_);
  std::pmr::vector<SideDecision> sides(resource_);
  overlay_.decisions(members_, musts, sides);
  for (const BondedPair& link : links) others.push_back(link.pair.a), others.push_back(link.pair.b);
  for (const IdPair& must : musts) others.push_back(must.a), others.push_back(must.b);
  overlay_.need(others);
  std::erase_if(links, [&](const BondedPair& link) { return !overlay_.eligible(link.pair, link.bond); });
  for (const BondedPair& link : links) visit(link.pair.a), visit(link.pair.b);
  for (const IdPair& must : musts) visit(must.a), visit(must.b);
  // What leads to members that are still to come is found from there.
  subgraph_.add_links(links);
  subgraph_.add_decisions(musts, sides);
}

namespace {

// The names that clusters keep: those that share the most with an old one choose first.
std::pmr::vector<std::int64_t> name_clusters(const Partition& partition, const Subgraph& subgraph,
                                             const Overlay& overlay, std::int64_t& fresh,
                                             std::pmr::memory_resource* resource) {
  std::pmr::map<std::pair<std::uint32_t, std::int64_t>, std::uint32_t> shared(resource);
  for (std::uint32_t i = 0; i < subgraph.size(); ++i)
    ++shared[{partition.cluster_of[i], overlay.identifier(subgraph.id(i)).cluster}];
  std::pmr::vector<std::tuple<std::uint32_t, std::int64_t, std::int64_t, std::uint32_t>> wishes(resource);
  for (const auto& [pair, count] : shared)
    wishes.emplace_back(~count, partition.clusters[pair.first].label, pair.second, pair.first);
  std::sort(wishes.begin(), wishes.end());
  std::pmr::vector<std::int64_t> names(partition.clusters.size(), 0, resource);
  std::pmr::vector<bool> named(partition.clusters.size(), false, resource);
  std::pmr::unordered_set<std::int64_t> taken(resource);
  for (const auto& [count, label, old, cluster] : wishes) {
    if (named[cluster] || !taken.insert(old).second) continue;
    names[cluster] = old;
    named[cluster] = true;
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!named[i]) names[i] = fresh--;
  return names;
}

StoredCluster stored_cluster(const Partition& partition, std::uint32_t at, std::int64_t name, const Graph& graph,
                             std::pmr::memory_resource* resource) {
  const Summary& summary = partition.clusters[at];
  StoredCluster row{name,
                    summary.label,
                    summary.members,
                    summary.known,
                    summary.walled,
                    std::nullopt,
                    std::pmr::vector<TypeWeight>(resource)};
  if (summary.last != kNone) {
    const Link& link = graph.links[summary.last];
    const Identifier &a = graph.identifiers[link.a], &b = graph.identifiers[link.b];
    row.last = {rank_of(*graph.rules, a.type, b.type, link.bond), {std::min(a.id, b.id), std::max(a.id, b.id)}};
  }
  const std::size_t limited = partition.limited_types.size();
  for (std::size_t slot = 0; slot < limited; ++slot)
    if (const std::uint32_t weight = partition.weights[at * limited + slot]; weight != 0)
      row.weights.push_back({partition.limited_types[slot], weight});
  return row;
}

}  // namespace

void Closure::decide(Plan& plan, std::int64_t& fresh) const {
  const Graph graph = subgraph_.graph();
  const Partition partition = identity::decide(graph, resource_, poll_);
  const auto names = name_clusters(partition, subgraph_, overlay_, fresh, resource_);
  for (std::uint32_t i = 0; i < subgraph_.size(); ++i) {
    const std::int64_t id = subgraph_.id(i), from = overlay_.identifier(id).cluster;
    const std::int64_t to = names[partition.cluster_of[i]];
    if (from != to) plan.moves.push_back({id, from, to});
  }
  std::pmr::unordered_set<std::int64_t> kept(names.begin(), names.end(), 0, resource_);
  for (std::uint32_t i = 0; i < names.size(); ++i)
    plan.clusters.push_back(stored_cluster(partition, i, names[i], graph, resource_));
  for (const std::int64_t cluster : clusters_)
    if (!kept.contains(cluster)) plan.emptied.push_back(cluster);
  plan.locks.insert(plan.locks.end(), clusters_.begin(), clusters_.end());
  ++plan.counts.closures;
  plan.counts.closure_identifiers += static_cast<std::uint32_t>(size());
}

void check_decisions(Overlay& overlay, std::span<const std::int64_t> ids, std::pmr::memory_resource* resource,
                     Poll poll) {
  Subgraph subgraph(overlay, resource);
  std::pmr::vector<std::int64_t> next(ids.begin(), ids.end(), resource);
  std::pmr::vector<IdPair> all_musts(resource);
  std::pmr::vector<SideDecision> all_sides(resource);
  while (!next.empty()) {
    poll();
    overlay.need(next);
    std::pmr::vector<std::int64_t> asked(resource);
    for (const std::int64_t id : next) {
      if (subgraph.contains(id)) continue;
      subgraph.add_identifier(id);
      asked.push_back(id);
    }
    next.clear();
    if (asked.empty()) break;
    std::pmr::vector<IdPair> musts(resource);
    overlay.decisions(asked, musts, all_sides);
    for (const IdPair& must : musts) next.push_back(must.a), next.push_back(must.b);
    all_musts.insert(all_musts.end(), musts.begin(), musts.end());
  }
  subgraph.add_decisions(all_musts, all_sides);
  const Graph graph = subgraph.graph();
  Forest forest(overlay.rules(), graph.identifiers.size(), resource, poll);
  for (const Identifier& identifier : graph.identifiers) forest.add_identifier(identifier.type);
  contract(graph, forest, resource, poll);
}

}  // namespace cdp::core::identity
