#include "core/identity/stream.hpp"

#include <algorithm>
#include <tuple>

#include "core/identity/arrivals.hpp"
#include "core/identity/closure.hpp"

namespace cdp::core::identity {

namespace {

class Planner {
 public:
  Planner(Store& store, const Rules& rules, std::pmr::memory_resource* resource, Poll poll)
      : rules_(rules),
        resource_(resource),
        poll_(poll),
        overlay_(store, rules, resource, poll),
        arrivals_(overlay_, resource, poll),
        plan_(resource),
        seeds_(resource),
        flipped_(resource),
        decided_(resource),
        too_large_(resource) {}

  Plan run(const Changes& changes);

 private:
  // What has to be decided anew: two identifiers of one closure, or one twice.
  struct Seed {
    std::int64_t a, b;
    friend bool operator==(const Seed&, const Seed&) = default;
    friend bool operator<(const Seed& a, const Seed& b) noexcept { return std::tie(a.a, a.b) < std::tie(b.a, b.b); }
  };
  struct Degree {
    DegreeAsked asked;
    std::int64_t change;
    std::uint32_t most;
  };

  void record_sightings();
  void find_hubs(std::span<const std::int64_t> touched);
  std::pmr::vector<Degree> degrees_in_question(std::span<const std::int64_t> touched,
                                               std::pmr::map<std::int64_t, bool>& hubs) const;
  void flip(std::span<const std::pair<std::int64_t, bool>> hubs);
  void sort_links();
  void sort_link(IdPair pair, const ChangedPair& state);
  void take_decisions(std::span<const DecisionChange> changes);
  void take_cannot(const DecisionChange& change);
  void decide_closures();
  void decide_all();
  void finish();

  const Rules& rules_;
  std::pmr::memory_resource* resource_;
  Poll poll_;
  Overlay overlay_;
  Arrivals arrivals_;
  Plan plan_;
  std::pmr::vector<Seed> seeds_;
  std::pmr::unordered_set<std::int64_t> flipped_;              // identifiers that became hubs or ceased to be
  std::pmr::unordered_set<std::int64_t> decided_, too_large_;  // clusters
  std::int64_t fresh_ = -1;
};

Plan Planner::run(const Changes& changes) {
  overlay_.change_sightings(changes.sightings);
  overlay_.change_decisions(changes.decisions, plan_.replaced);
  overlay_.need(changes.touched);
  record_sightings();
  find_hubs(changes.touched);
  sort_links();
  take_decisions(changes.decisions);
  for (const std::int64_t id : changes.touched) seeds_.push_back({id, id});
  arrivals_.decide(plan_.counts);
  decide_closures();
  arrivals_.refuse(plan_.counts, decided_, [&](IdPair pair) { seeds_.push_back({pair.a, pair.b}); });
  decide_closures();
  arrivals_.conclude(plan_, decided_);
  finish();
  return std::move(plan_);
}

void Planner::record_sightings() {
  for (const auto& [pair, state] : overlay_.changed_pairs()) {
    for (const ChangedPair::Row& row : state.sightings) {
      if (row.is && !(row.was && row.before == row.after))
        plan_.put.push_back({pair, row.after, row.was && row.before.rejected != row.after.rejected});
      if (row.was && !row.is) plan_.dropped.push_back({pair, row.before});
    }
    for (const std::int64_t end : {pair.a, pair.b})
      if (const StoredIdentifier& one = overlay_.identifier(end); !one.hub && !one.blocked)
        plan_.locks.push_back(one.cluster);
  }
}

// Those of whom a counted degree changes, for all limits of their types, since who is a hub by one limit may have
// ceased to be one by another. Who has too many already, and gets more, isn't counted again.
std::pmr::vector<Planner::Degree> Planner::degrees_in_question(std::span<const std::int64_t> touched,
                                                               std::pmr::map<std::int64_t, bool>& hubs) const {
  std::pmr::map<std::pair<std::int64_t, TypeIndex>, std::pair<std::int64_t, std::uint32_t>> changes(resource_);
  std::pmr::unordered_set<std::int64_t> losing(touched.begin(), touched.end(), 0, resource_);
  std::pmr::vector<std::int64_t> ids(touched.begin(), touched.end(), resource_);
  for (const auto& [pair, state] : overlay_.changed_pairs()) {
    const Identifier a = overlay_.plain(pair.a), b = overlay_.plain(pair.b);
    const int before = state.before && counts_for_degree(rules_, a, b, *state.before) ? 1 : 0;
    const int after = state.after && counts_for_degree(rules_, a, b, *state.after) ? 1 : 0;
    if (before == after) continue;
    for (const auto& [of, neighbour] : {std::pair{a, b}, std::pair{b, a}}) {
      if (degree_limit(rules_, of.type, neighbour.type) == kUnlimited) continue;
      auto& [change, removed] = changes[{of.id, neighbour.type}];
      change += after - before;
      removed += before != 0 ? 1 : 0;
      if (before != 0) losing.insert(of.id);
      ids.push_back(of.id);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::pmr::vector<Degree> degrees(resource_);
  for (const std::int64_t id : ids) {
    const StoredIdentifier& identifier = overlay_.identifier(id);
    const Type& type = rules_.types[identifier.type];
    if (identifier.blocked || !type.links) continue;
    if (identifier.hub != identifier.flip_parked && !losing.contains(id)) {
      hubs[id] = true;
      continue;
    }
    for (const DegreeLimit& limit : type.max_degree) {
      if (limit.most == kUnlimited || !rules_.types[limit.neighbour].links) continue;
      const auto found = changes.find({id, limit.neighbour});
      const auto [change, removed] = found == changes.end() ? std::pair<std::int64_t, std::uint32_t>{} : found->second;
      degrees.push_back({{id, limit.neighbour, limit.most + 1 + removed}, change, limit.most});
    }
  }
  return degrees;
}

void Planner::find_hubs(std::span<const std::int64_t> touched) {
  std::pmr::map<std::int64_t, bool> hubs(resource_);
  const auto degrees = degrees_in_question(touched, hubs);
  for (const std::int64_t id : touched) hubs[id] = false;
  if (!degrees.empty()) {
    std::pmr::vector<DegreeAsked> asked(resource_);
    for (const Degree& degree : degrees) asked.push_back(degree.asked);
    std::pmr::vector<std::uint32_t> counted(resource_);
    overlay_.store().degrees(asked, counted);
    for (std::size_t i = 0; i < degrees.size(); ++i) {
      const std::int64_t degree = counted[i] + degrees[i].change;
      bool& hub = hubs[asked[i].identifier];
      hub = hub || degree > std::int64_t{degrees[i].most};
    }
  }
  std::pmr::vector<std::pair<std::int64_t, bool>> flips(resource_);
  for (const auto& [id, hub] : hubs) {
    if (overlay_.identifier(id).hub != hub) flips.emplace_back(id, hub);
    if (overlay_.identifier(id).hub == hub && overlay_.identifier(id).flip_parked) plan_.unparked.push_back(id);
  }
  if (!flips.empty()) flip(flips);
}

void Planner::flip(std::span<const std::pair<std::int64_t, bool>> hubs) {
  std::pmr::vector<std::int64_t> clusters(resource_);
  for (const auto& [id, hub] : hubs) clusters.push_back(overlay_.identifier(id).cluster);
  std::sort(clusters.begin(), clusters.end());
  clusters.erase(std::unique(clusters.begin(), clusters.end()), clusters.end());
  std::pmr::vector<StoredCluster> rows(resource_);
  if (rules_.hub_alarm != kUnlimited) overlay_.store().clusters(clusters, rows);
  for (const auto& [id, hub] : hubs) {
    const StoredIdentifier& identifier = overlay_.identifier(id);
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const StoredCluster& each) { return each.cluster == identifier.cluster; });
    if (row != rows.end() && row->members > rules_.hub_alarm) {
      if (!identifier.flip_parked) plan_.parked.push_back({Parked::Cause::flip, id, id});
      continue;
    }
    if (identifier.flip_parked) plan_.unparked.push_back(id);
    overlay_.set_hub(id, hub);
    plan_.hubs.push_back({id, hub});
    flipped_.insert(id);
    seeds_.push_back({id, id});
  }
}

void Planner::sort_links() {
  for (const auto& [pair, state] : overlay_.changed_pairs()) {
    poll_();
    sort_link(pair, state);
  }
}

// Of a link at an identifier that became a hub, or ceased to be one, the closure decides.
void Planner::sort_link(IdPair pair, const ChangedPair& state) {
  if (flipped_.contains(pair.a) || flipped_.contains(pair.b)) return;
  const StoredIdentifier &a = overlay_.identifier(pair.a), &b = overlay_.identifier(pair.b);
  const bool was = state.before && overlay_.eligible(pair, *state.before);
  const bool is = state.after && overlay_.eligible(pair, *state.after);
  const bool together = a.cluster == b.cluster;
  if (!was && !is) {
    ++plan_.counts.settled;
    return;
  }
  const Rank before = was ? rank_of(rules_, a.type, b.type, *state.before) : Rank{};
  const Rank after = is ? rank_of(rules_, a.type, b.type, *state.after) : Rank{};
  const bool loses = was && (!is || before < after), gains = is && (!was || after < before);
  if (together && loses) {
    seeds_.push_back({pair.a, pair.b});
  } else if (!together && gains) {
    arrivals_.add({pair, after, state.after->trusted});
  } else {
    ++plan_.counts.settled;
  }
}

void Planner::take_decisions(std::span<const DecisionChange> changes) {
  using Kind = DecisionChange::Kind;
  std::pmr::vector<std::int64_t> stated(resource_);
  for (const DecisionChange& change : changes) {
    if (!change.withdraw)
      for (const auto& side : {change.left, change.right}) stated.insert(stated.end(), side.begin(), side.end());
    for (const auto& side : {change.left, change.right})
      for (const std::int64_t id : side) plan_.locks.push_back(overlay_.identifier(id).cluster);
    if (change.withdraw || change.kind == Kind::must) {
      // A withdrawn cannot-link is a lifted limit.
      for (const auto& side : {change.left, change.right})
        for (const std::int64_t id : side) seeds_.push_back({id, id});
    } else {
      take_cannot(change);
    }
  }
  if (!stated.empty()) check_decisions(overlay_, stated, resource_, poll_);
}

// Between clusters it changes nothing now.
void Planner::take_cannot(const DecisionChange& change) {
  std::pmr::unordered_map<std::int64_t, std::int64_t> left(resource_);  // clusters
  for (const std::int64_t id : change.left) {
    left.try_emplace(overlay_.identifier(id).cluster, id);
    arrivals_.wall(overlay_.identifier(id).cluster);
  }
  for (const std::int64_t id : change.right) {
    arrivals_.wall(overlay_.identifier(id).cluster);
    const auto found = left.find(overlay_.identifier(id).cluster);
    if (found != left.end()) seeds_.push_back({found->second, id});
  }
}

// Without a bound all closures are decided as one, with few calls of the store: it makes no difference.
void Planner::decide_all() {
  std::pmr::vector<std::int64_t> ends(resource_);
  for (const Seed& seed : seeds_)
    if (!decided_.contains(overlay_.identifier(seed.a).cluster)) ends.push_back(seed.a), ends.push_back(seed.b);
  seeds_.clear();
  if (ends.empty()) return;
  Closure closure(overlay_, resource_, poll_);
  closure.load(ends, kUnlimited);
  closure.decide(plan_, fresh_);
  decided_.insert(closure.clusters().begin(), closure.clusters().end());
}

// Seeds of one closure are found in it, whichever comes first.
void Planner::decide_closures() {
  if (rules_.max_closure == kUnlimited) return decide_all();
  std::sort(seeds_.begin(), seeds_.end());
  seeds_.erase(std::unique(seeds_.begin(), seeds_.end()), seeds_.end());
  for (const Seed& seed : seeds_) {
    const std::int64_t cluster = overlay_.identifier(seed.a).cluster;
    if (decided_.contains(cluster)) continue;
    if (too_large_.contains(cluster)) {
      plan_.parked.push_back({Parked::Cause::closure, seed.a, seed.b});
      continue;
    }
    Closure closure(overlay_, resource_, poll_);
    const std::int64_t ends[] = {seed.a, seed.b};
    if (!closure.load(ends, rules_.max_closure)) {
      too_large_.insert(closure.clusters().begin(), closure.clusters().end());
      plan_.parked.push_back({Parked::Cause::closure, seed.a, seed.b});
      continue;
    }
    closure.decide(plan_, fresh_);
    decided_.insert(closure.clusters().begin(), closure.clusters().end());
  }
  seeds_.clear();
}

void Planner::finish() {
  std::sort(plan_.locks.begin(), plan_.locks.end());
  plan_.locks.erase(std::unique(plan_.locks.begin(), plan_.locks.end()), plan_.locks.end());
  std::sort(plan_.parked.begin(), plan_.parked.end());
}

}  // namespace

Plan plan_changes(Store& store, const Rules& rules, const Changes& changes, std::pmr::memory_resource* resource,
                  Poll poll) {
  check_rules(rules);
  return Planner(store, rules, resource, poll).run(changes);
}

}  // namespace cdp::core::identity
