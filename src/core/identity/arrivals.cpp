#include "core/identity/arrivals.hpp"

#include <algorithm>

#include "core/bytes/error.hpp"

namespace cdp::core::identity {

Arrivals::Arrivals(Overlay& overlay, std::pmr::memory_resource* resource, Poll poll)
    : overlay_(overlay),
      resource_(resource),
      poll_(poll),
      arrivals_(resource),
      kept_(resource),
      walled_(resource),
      clusters_(resource),
      place_(resource),
      last_(resource),
      forest_(overlay.rules(), 0, resource, poll) {}

void Arrivals::load() {
  std::pmr::vector<std::int64_t> asked(walled_.begin(), walled_.end(), resource_);
  for (const Arrival& arrival : arrivals_)
    for (const std::int64_t end : {arrival.pair.a, arrival.pair.b}) asked.push_back(overlay_.identifier(end).cluster);
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  if (asked.empty()) return;
  overlay_.store().clusters(asked, clusters_);
  std::sort(clusters_.begin(), clusters_.end(),
            [](const StoredCluster& a, const StoredCluster& b) { return a.cluster < b.cluster; });
  for (const StoredCluster& cluster : clusters_) {
    place_.emplace(cluster.cluster, static_cast<std::uint32_t>(forest_.size()));
    forest_.add_cluster(cluster.weights, cluster.members, cluster.known);
    last_.push_back(cluster.last);
  }
  for (const std::int64_t cluster : asked)
    if (!place_.contains(cluster))
      throw Error(Code::undefined_object, "cluster " + std::to_string(cluster) + " does not exist");
}

void Arrivals::build_walls() {
  std::pmr::vector<std::int64_t> stored(resource_);
  for (const StoredCluster& cluster : clusters_)
    if (cluster.walled) stored.push_back(cluster.cluster);
  std::pmr::vector<ClusterSide> sides(resource_);
  if (stored.size() > 1) overlay_.store().conflicts(stored, sides);
  std::erase_if(sides, [&](const ClusterSide& side) { return overlay_.is_withdrawn(side.key); });
  if (!walled_.empty())
    for (const SideDecision& side : overlay_.added_sides())
      sides.push_back({side.key, overlay_.identifier(side.identifier).cluster, side.right});
  std::pmr::unordered_map<std::int64_t, std::uint32_t> walls(resource_);  // by key
  for (const ClusterSide& side : sides) {
    const std::uint32_t wall = walls.try_emplace(side.key, static_cast<std::uint32_t>(walls.size())).first->second;
    // A cluster that stands on both sides by a new cannot-link is decided anew.
    const auto place = place_.find(side.cluster);
    if (place != place_.end()) forest_.stand(place->second, wall, side.right);
  }
}

void Arrivals::decide(Plan::Counts& counts) {
  load();
  if (arrivals_.empty()) return;
  build_walls();
  std::sort(arrivals_.begin(), arrivals_.end(),
            [](const Arrival& a, const Arrival& b) { return a.rank != b.rank ? a.rank < b.rank : a.pair < b.pair; });
  for (const Arrival& arrival : arrivals_) {
    poll_();
    take(arrival, counts);
  }
}

void Arrivals::take(const Arrival& arrival, Plan::Counts& counts) {
  const std::uint32_t a = forest_.find(place_.at(overlay_.identifier(arrival.pair.a).cluster));
  const std::uint32_t b = forest_.find(place_.at(overlay_.identifier(arrival.pair.b).cluster));
  if (a == b) {
    ++counts.settled;
    return;
  }
  const std::optional<LastLink> latest = later(last_[a], last_[b]), now = LastLink{arrival.rank, arrival.pair};
  const bool parts = arrival.trusted && forest_.known(a) && forest_.known(b) && (may_be_parted(a) || may_be_parted(b));
  const Verdict verdict = forest_.verdict(a, b, arrival.trusted);
  if (!parts && verdict.outcome == Outcome::active) {
    last_[forest_.unite(a, b)] = later(latest, now);
    ++counts.united;
  } else if (later(latest, now) == now) {
    ++counts.refused;
  } else {
    kept_.push_back({arrival, verdict});
  }
}

// Of a type of which a profile has one, each cluster holds one. If that is the end itself, or was linked with it by
// what ranks before, then both were there when the link came. One call finds them, another one how they are linked.
void Arrivals::refuse(Plan::Counts& counts, const std::pmr::unordered_set<std::int64_t>& decided,
                      const std::function<void(IdPair)>& anew) {
  const auto cluster = [&](std::int64_t id) { return overlay_.identifier(id).cluster; };
  std::erase_if(kept_, [&](const Kept& kept) { return decided.contains(cluster(kept.arrival.pair.a)); });
  for (const Kept& kept : kept_)
    if (!is_of_one(kept.verdict)) anew(kept.arrival.pair);
  std::erase_if(kept_, [&](const Kept& kept) { return !is_of_one(kept.verdict); });
  if (kept_.empty()) return;
  Holders holders(resource_);
  for (const Kept& kept : kept_)
    for (const std::int64_t end : {kept.arrival.pair.a, kept.arrival.pair.b})
      holders.try_emplace({cluster(end), kept.verdict.type});
  load_holders(holders);
  std::pmr::vector<IdPair> pairs(resource_);
  for (const Kept& kept : kept_)
    for (const std::int64_t end : {kept.arrival.pair.a, kept.arrival.pair.b})
      for (const std::int64_t holder : holders.at({cluster(end), kept.verdict.type}))
        if (holder != end) pairs.push_back(sorted_pair(end, holder));
  std::pmr::map<IdPair, Bond> bonds(resource_);
  overlay_.bonds(pairs, bonds);
  for (const Kept& kept : kept_) {
    const auto held = [&](std::int64_t end) {
      return holds(end, holders.at({cluster(end), kept.verdict.type}), kept.arrival, bonds);
    };
    if (held(kept.arrival.pair.a) && held(kept.arrival.pair.b)) {
      ++counts.refused;
    } else {
      anew(kept.arrival.pair);
    }
  }
}

bool Arrivals::is_of_one(const Verdict& verdict) const noexcept {
  return verdict.outcome == Outcome::limit && overlay_.rules().types[verdict.type].max_per_profile == 1;
}

void Arrivals::load_holders(Holders& holders) {
  std::pmr::vector<HolderAsked> asked(resource_);
  for (const auto& [each, ids] : holders) asked.push_back(each);
  std::pmr::vector<StoredIdentifier> rows(resource_);
  overlay_.store().holders(asked, rows);
  overlay_.remember(rows);
  for (const StoredIdentifier& row : rows) holders.at({row.cluster, row.type}).push_back(row.id);
}

bool Arrivals::holds(std::int64_t end, const std::pmr::vector<std::int64_t>& holders, const Arrival& arrival,
                     const std::pmr::map<IdPair, Bond>& bonds) {
  const std::optional<LastLink> now = LastLink{arrival.rank, arrival.pair};
  for (const std::int64_t holder : holders) {
    if (holder == end) return true;
    const IdPair pair = sorted_pair(end, holder);
    const auto bond = bonds.find(pair);
    if (bond == bonds.end() || !overlay_.eligible(pair, bond->second)) continue;
    const Rank rank =
        rank_of(overlay_.rules(), overlay_.identifier(pair.a).type, overlay_.identifier(pair.b).type, bond->second);
    if (later(LastLink{rank, pair}, now) == now) return true;
  }
  return false;
}

const std::optional<LastLink>& Arrivals::later(const std::optional<LastLink>& a, const std::optional<LastLink>& b) {
  if (!a || !b) return a ? a : b;
  if (a->rank != b->rank) return a->rank < b->rank ? b : a;
  const std::int64_t ends[] = {a->pair.a, a->pair.b, b->pair.a, b->pair.b};
  overlay_.need(ends);
  const auto name = [&](std::int64_t id) { return overlay_.name(id); };
  return compare_ends(name(ends[0]), name(ends[1]), name(ends[2]), name(ends[3])) < 0 ? b : a;
}

StoredCluster Arrivals::united(std::uint32_t root, std::span<const std::uint32_t> places) const {
  // The largest keeps its name.
  const std::uint32_t largest = *std::max_element(places.begin(), places.end(), [&](std::uint32_t a, std::uint32_t b) {
    return clusters_[a].members < clusters_[b].members;
  });
  StoredCluster row{clusters_[largest].cluster,
                    clusters_[largest].label,
                    forest_.members(root),
                    forest_.known(root),
                    false,
                    last_[root],
                    std::pmr::vector<TypeWeight>(resource_)};
  for (std::size_t slot = 0; slot < forest_.limited_types().size(); ++slot)
    if (const std::uint32_t weight = forest_.weight(root, slot); weight != 0)
      row.weights.push_back({forest_.limited_types()[slot], weight});
  for (const std::uint32_t place : places) {
    row.label = std::min(row.label, clusters_[place].label);
    row.walled = row.walled || clusters_[place].walled || walled_.contains(clusters_[place].cluster);
  }
  return row;
}

void Arrivals::conclude(Plan& plan, const std::pmr::unordered_set<std::int64_t>& decided) {
  std::pmr::map<std::uint32_t, std::pmr::vector<std::uint32_t>> trees(resource_);
  for (std::uint32_t place = 0; place < clusters_.size(); ++place)
    trees.try_emplace(forest_.find(place)).first->second.push_back(place);
  for (const auto& [root, places] : trees) {
    const StoredCluster& first = clusters_[places[0]];
    if (decided.contains(first.cluster)) continue;
    if (places.size() == 1 && (first.walled || !walled_.contains(first.cluster))) continue;
    plan.clusters.push_back(united(root, places));
    const std::int64_t into = plan.clusters.back().cluster;
    for (const std::uint32_t place : places)
      if (clusters_[place].cluster != into) plan.unions.push_back({clusters_[place].cluster, into});
  }
}

}  // namespace cdp::core::identity
