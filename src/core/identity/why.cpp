#include "core/identity/why.hpp"

#include <array>

#include "core/identity/path.hpp"
#include "core/identity/subgraph.hpp"

namespace cdp::core::identity {

namespace {

// Clusters around two identifiers, with all their links, and the ends of these.
class Region {
 public:
  Region(Store& store, const Rules& rules, std::pmr::memory_resource* resource, Poll poll)
      : rules_(rules),
        resource_(resource),
        poll_(poll),
        overlay_(store, rules, resource, poll),
        subgraph_(overlay_, resource),
        visited_(resource),
        next_(resource),
        members_(resource) {}

  Overlay& overlay() noexcept { return overlay_; }
  std::size_t size() const noexcept { return subgraph_.size(); }

  void start(std::int64_t id) {
    const std::int64_t cluster = overlay_.identifier(id).cluster;
    if (visited_.insert(cluster).second) next_.push_back(cluster);
  }
  enum class Growth { done, exhausted, too_large };
  // By the members of the next clusters, unless they are more than `most`.
  Growth grow(std::size_t most);
  void add_pair(std::int64_t a, std::int64_t b);
  // Empty if there is none yet.
  std::pmr::vector<PathStep> path(std::int64_t a, std::int64_t b);
  Verdict verdict(std::int64_t a, std::int64_t b, bool trusted);

 private:
  bool walked(std::int64_t id) const {
    const Identifier identifier = overlay_.plain(id);
    return !identifier.hub && !identifier.blocked;
  }
  void add(std::int64_t id) {
    if (!subgraph_.contains(id)) subgraph_.add_identifier(id);
  }
  Verdict verdict(const Link& link);

  const Rules& rules_;
  std::pmr::memory_resource* resource_;
  Poll poll_;
  Overlay overlay_;
  Subgraph subgraph_;
  std::pmr::unordered_set<std::int64_t> visited_;
  std::pmr::vector<std::int64_t> next_;     // clusters
  std::pmr::vector<std::int64_t> members_;  // that came last
};

Region::Growth Region::grow(std::size_t most) {
  for (const std::int64_t id : members_)
    if (walked(id)) start(id);
  if (next_.empty()) return Growth::exhausted;
  std::pmr::vector<StoredIdentifier> rows(resource_);
  overlay_.store().members(next_, most + 1, rows);
  next_.clear();
  if (rows.size() > most) return Growth::too_large;
  overlay_.remember(rows);
  std::pmr::vector<std::int64_t> ids(resource_), linking(resource_), ends(resource_);
  for (const StoredIdentifier& row : rows) {
    ids.push_back(row.id);
    if (walked(row.id)) linking.push_back(row.id);
  }
  std::pmr::vector<BondedPair> links(resource_);
  std::pmr::vector<IdPair> musts(resource_);
  std::pmr::vector<SideDecision> sides(resource_);
  overlay_.links(linking, links);
  overlay_.decisions(ids, musts, sides);
  for (const BondedPair& link : links) ends.push_back(link.pair.a), ends.push_back(link.pair.b);
  for (const IdPair& must : musts) ends.push_back(must.a), ends.push_back(must.b);
  overlay_.need(ends);
  for (const std::int64_t id : ids) add(id);
  for (const std::int64_t id : ends) add(id);
  subgraph_.add_links(links);
  subgraph_.add_decisions(musts, {});
  members_ = std::move(ends);
  return Growth::done;
}

// What links two hubs isn't found from either.
void Region::add_pair(std::int64_t a, std::int64_t b) {
  const IdPair pair = sorted_pair(a, b);
  std::pmr::vector<StoredIdentifier> ends(resource_);
  std::pmr::vector<StoredSighting> sightings(resource_);
  overlay_.store().pairs({&pair, 1}, ends, sightings);
  overlay_.remember(ends);
  overlay_.need(std::array{a, b});
  if (sightings.empty()) return;
  Combination combination(rules_);
  for (const StoredSighting& row : sightings) combination.add(row.sighting);
  add(a);
  add(b);
  const BondedPair link{pair, combination.bond()};
  subgraph_.add_links({&link, 1});
}

Verdict Region::verdict(const Link& link) {
  const Identifier a = subgraph_.identifiers()[link.a], b = subgraph_.identifiers()[link.b];
  if (const Outcome bar = barred(rules_, a, b, link.bond); bar != Outcome::active) return {bar};
  if (a.hub || b.hub) return {Outcome::hub};
  return verdict(a.id, b.id, link.bond.trusted);
}

Verdict Region::verdict(std::int64_t a, std::int64_t b, bool trusted) {
  const std::int64_t clusters[] = {overlay_.identifier(a).cluster, overlay_.identifier(b).cluster};
  if (clusters[0] == clusters[1]) return {};
  std::pmr::vector<StoredCluster> rows(resource_);
  std::pmr::vector<ClusterSide> sides(resource_);
  overlay_.store().clusters(clusters, rows);
  overlay_.store().conflicts(clusters, sides);
  Forest forest(rules_, rows.size(), resource_, poll_);
  std::pmr::unordered_map<std::int64_t, std::uint32_t> walls(resource_);
  for (const StoredCluster& row : rows) forest.add_cluster(row.weights, row.members, row.known);
  for (const ClusterSide& side : sides) {
    const std::uint32_t wall = walls.try_emplace(side.key, static_cast<std::uint32_t>(walls.size())).first->second;
    forest.stand(rows[0].cluster == side.cluster ? 0 : 1, wall, side.right);
  }
  return forest.verdict(0, 1, trusted);
}

std::pmr::vector<PathStep> Region::path(std::int64_t a, std::int64_t b) {
  std::pmr::vector<Edge> edges(resource_);
  const auto identifiers = subgraph_.identifiers();
  const auto cluster = [&](std::uint32_t place) { return overlay_.identifier(identifiers[place].id).cluster; };
  for (const Must& must : subgraph_.musts()) edges.push_back({must.a, must.b});
  const std::size_t musts = edges.size();
  for (const Link& link : subgraph_.links()) {
    const IdPair pair = sorted_pair(identifiers[link.a].id, identifiers[link.b].id);
    const bool active = cluster(link.a) == cluster(link.b) && overlay_.eligible(pair, link.bond);
    edges.push_back({link.a, link.b, !active});
  }
  const auto way = shortest_path(edges, static_cast<std::uint32_t>(size()), subgraph_.place(a), subgraph_.place(b),
                                 resource_, poll_);
  std::pmr::vector<PathStep> steps(resource_);
  std::int64_t at = a;
  for (const std::uint32_t i : way) {
    const std::int64_t end = identifiers[edges[i].a].id;
    const std::int64_t to = end == at ? identifiers[edges[i].b].id : end;
    const bool must = i < musts;
    steps.push_back({at, to, must, edges[i].obstacle ? verdict(subgraph_.links()[i - musts]) : Verdict{}});
    at = to;
  }
  return steps;
}

}  // namespace

std::pmr::vector<PathStep> explain_merge(Store& store, const Rules& rules, std::int64_t a, std::int64_t b,
                                         std::pmr::memory_resource* resource, Poll poll) {
  Region region(store, rules, resource, poll);
  region.overlay().need(std::array{a, b});
  if (region.overlay().identifier(a).cluster != region.overlay().identifier(b).cluster)
    return std::pmr::vector<PathStep>(resource);
  region.start(a);
  region.grow(SIZE_MAX - 1);
  return region.path(a, b);
}

WhyNot why_not(Store& store, const Rules& rules, std::int64_t a, std::int64_t b, std::size_t most,
               std::pmr::memory_resource* resource, Poll poll) {
  Region region(store, rules, resource, poll);
  region.add_pair(a, b);
  WhyNot answer{false, {}, std::pmr::vector<PathStep>(resource), true};
  if (region.overlay().identifier(a).cluster == region.overlay().identifier(b).cluster) {
    answer.together = true;
    return answer;
  }
  answer.forbidden = region.verdict(a, b, true);
  if (region.size() != 0) {  // a link of the two themselves is the closest way
    answer.path = region.path(a, b);
    return answer;
  }
  region.start(a);
  region.start(b);
  auto growth = Region::Growth::done;
  while (answer.path.empty() && growth == Region::Growth::done) {
    growth = region.size() > most ? Region::Growth::too_large : region.grow(most);
    if (growth == Region::Growth::done) answer.path = region.path(a, b);
  }
  answer.complete = growth != Region::Growth::too_large;
  return answer;
}

}  // namespace cdp::core::identity
