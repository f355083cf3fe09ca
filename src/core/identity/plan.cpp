#include "core/identity/plan.hpp"

#include <algorithm>

namespace cdp::core::identity {

namespace {

bool same_degrees(const Type& a, const Type& b) {
  return std::equal(
      a.max_degree.begin(), a.max_degree.end(), b.max_degree.begin(), b.max_degree.end(),
      [](const DegreeLimit& x, const DegreeLimit& y) { return x.neighbour == y.neighbour && x.most == y.most; });
}

bool same(const Type& a, const Type& b) {
  return a.priority == b.priority && a.max_per_profile == b.max_per_profile && a.known == b.known &&
         a.newest == b.newest && same_degrees(a, b);
}

}  // namespace

Reach reach_of(const Rules& before, const Rules& after, std::pmr::memory_resource* resource) {
  Reach reach(resource);
  for (std::size_t i = 0; i < after.types.size(); ++i) {
    const auto type = static_cast<TypeIndex>(i);
    if (i >= before.types.size() || before.types[i].links != after.types[i].links) {
      reach.with_neighbours.push_back(type);
    } else if (!same(before.types[i], after.types[i])) {
      reach.types.push_back(type);
    }
  }
  for (std::size_t i = 0; i < std::min(before.sources.size(), after.sources.size()); ++i)
    if (before.sources[i].trusted != after.sources[i].trusted ||
        before.sources[i].priority != after.sources[i].priority)
      reach.sources.push_back(static_cast<SourceIndex>(i));
  reach.from = std::min(before.threshold, after.threshold);
  reach.to = std::max(before.threshold, after.threshold);
  return reach;
}

}  // namespace cdp::core::identity
