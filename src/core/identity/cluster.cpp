#include "core/identity/cluster.hpp"

#include <algorithm>

#include "core/bytes/error.hpp"
#include "core/identity/contract.hpp"
#include "core/identity/order.hpp"

namespace cdp::core::identity {

namespace {

constexpr std::size_t kBetweenPolls = 4096;

class Decision {
 public:
  Decision(const Graph& graph, std::pmr::memory_resource* resource, Poll poll)
      : graph_(graph),
        rules_(*graph.rules),
        resource_(resource),
        poll_(poll),
        forest_(rules_, graph.identifiers.size(), resource, poll),
        last_(resource),
        result_(resource) {}

  Partition run() {
    for (const Identifier& identifier : graph_.identifiers) forest_.add_identifier(identifier.type);
    contract(graph_, forest_, resource_, poll_);
    judge();
    find_hubs();
    unite();
    number_clusters();
    explain();
    return std::move(result_);
  }

 private:
  const Identifier& end(std::uint32_t at) const noexcept { return graph_.identifiers[at]; }
  void pause(std::size_t at) const {
    if (at % kBetweenPolls == 0) poll_();
  }
  // Of links in the order given, whose ends lie anywhere.
  void prepare(std::size_t at) const {
    pause(at);
    prefetch_ends(graph_, at + kPrefetched);
  }
  void judge();
  void find_hubs();
  void count_degrees();
  void unite();
  void number_clusters();
  void explain();

  const Graph& graph_;
  const Rules& rules_;
  std::pmr::memory_resource* resource_;
  Poll poll_;
  Forest forest_;
  std::pmr::vector<std::uint32_t> last_;  // of roots: the link that united them at last
  Partition result_;
};

// But for hubs.
void Decision::judge() {
  result_.verdicts.resize(graph_.links.size());
  for (std::size_t i = 0; i < graph_.links.size(); ++i) {
    prepare(i);
    const Link& link = graph_.links[i];
    if (link.a == link.b) throw Error(Code::invalid_parameter, "an identifier cannot be linked with itself");
    result_.verdicts[i].outcome = barred(rules_, end(link.a), end(link.b), link.bond);
  }
}

void Decision::find_hubs() {
  result_.hubs.assign(graph_.identifiers.size(), false);
  if (graph_.hubs_given) {
    for (std::size_t i = 0; i < graph_.identifiers.size(); ++i) result_.hubs[i] = graph_.identifiers[i].hub;
  } else if (std::any_of(rules_.types.begin(), rules_.types.end(),
                         [](const Type& type) { return !type.max_degree.empty(); })) {
    count_degrees();
  } else {
    return;
  }
  for (std::size_t i = 0; i < graph_.links.size(); ++i) {
    pause(i);
    Verdict& verdict = result_.verdicts[i];
    const Link& link = graph_.links[i];
    if (verdict.outcome == Outcome::active && (result_.hubs[link.a] || result_.hubs[link.b]))
      verdict.outcome = Outcome::hub;
  }
}

// Each identifier has a counter for each limit of its type.
void Decision::count_degrees() {
  std::pmr::vector<std::uint32_t> first(graph_.identifiers.size(), resource_);
  std::uint32_t counters = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    first[i] = counters;
    counters += static_cast<std::uint32_t>(rules_.types[graph_.identifiers[i].type].max_degree.size());
  }
  std::pmr::vector<std::uint32_t> degrees(counters, 0, resource_);
  const auto count = [&](std::uint32_t of, std::uint32_t neighbour) {
    const std::span<const DegreeLimit> limits = rules_.types[end(of).type].max_degree;
    for (std::size_t i = 0; i < limits.size(); ++i)
      if (limits[i].neighbour == end(neighbour).type && ++degrees[first[of] + i] > limits[i].most)
        result_.hubs[of] = true;
  };
  for (std::size_t i = 0; i < graph_.links.size(); ++i) {
    prepare(i);
    const Link& link = graph_.links[i];
    if (!counts_for_degree(rules_, end(link.a), end(link.b), link.bond)) continue;
    count(link.a, link.b);
    count(link.b, link.a);
  }
}

void Decision::unite() {
  std::pmr::vector<std::uint32_t> order(resource_);
  for (std::size_t i = 0; i < graph_.links.size(); ++i)
    if (result_.verdicts[i].outcome == Outcome::active) order.push_back(static_cast<std::uint32_t>(i));
  sort_links(graph_, order, resource_, poll_);
  last_.assign(graph_.identifiers.size(), kNone);
  for (std::size_t i = 0; i < order.size(); ++i) {
    pause(i);
    if (i + 2 * kPrefetched < order.size()) __builtin_prefetch(&graph_.links[order[i + 2 * kPrefetched]]);
    if (i + kPrefetched < order.size()) forest_.prefetch(graph_.links[order[i + kPrefetched]]);
    const Link& link = graph_.links[order[i]];
    const std::uint32_t a = forest_.find(link.a), b = forest_.find(link.b);
    if (a != b && forest_.verdict(a, b, link.bond.trusted).outcome == Outcome::active)
      last_[forest_.unite(a, b)] = order[i];
  }
}

void Decision::number_clusters() {
  const std::size_t limited = forest_.limited_types().size();
  result_.limited_types.assign(forest_.limited_types().begin(), forest_.limited_types().end());
  result_.cluster_of.assign(graph_.identifiers.size(), kNone);
  for (std::uint32_t i = 0; i < graph_.identifiers.size(); ++i) {
    pause(i);
    const std::uint32_t root = forest_.find(i);
    if (result_.cluster_of[root] == kNone) {
      result_.cluster_of[root] = static_cast<std::uint32_t>(result_.clusters.size());
      result_.clusters.push_back(
          {end(i).id, forest_.members(root), forest_.known(root), forest_.walled(root), last_[root]});
      for (std::size_t slot = 0; slot < limited; ++slot) result_.weights.push_back(forest_.weight(root, slot));
    }
    result_.cluster_of[i] = result_.cluster_of[root];
    Summary& cluster = result_.clusters[result_.cluster_of[i]];
    cluster.label = std::min(cluster.label, end(i).id);
  }
}

// What kept two clusters apart still does in the end, so the reason is told of them as they are then.
void Decision::explain() {
  for (std::size_t i = 0; i < graph_.links.size(); ++i) {
    pause(i);
    if (i + kPrefetched < graph_.links.size()) forest_.prefetch(graph_.links[i + kPrefetched]);
    Verdict& verdict = result_.verdicts[i];
    if (verdict.outcome != Outcome::active) continue;
    const std::uint32_t a = forest_.find(graph_.links[i].a), b = forest_.find(graph_.links[i].b);
    if (a != b) verdict = forest_.verdict(a, b, graph_.links[i].bond.trusted);
  }
}

}  // namespace

Partition decide(const Graph& graph, std::pmr::memory_resource* resource, Poll poll) {
  check_rules(*graph.rules);
  return Decision(graph, resource, poll).run();
}

}  // namespace cdp::core::identity
