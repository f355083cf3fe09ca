// What made customers one, or several, as it is logged: clusters that became one another are one change; what has
// nothing to do with it is another.
#pragma once

#include <map>
#include <unordered_map>

#include "core/identity/plan.hpp"
#include "sql/space_rules.hpp"

namespace cdp::sql {

struct Cause {
  const char* cause;  // as in the table change
  std::optional<std::int32_t> source_id = std::nullopt;
  std::optional<std::int64_t> decision_id = std::nullopt;
  std::optional<std::int64_t> run_id = std::nullopt;
};

class ChangeLog {
 public:
  ChangeLog(const pg::query::Schema& schema, const SpaceRules& rules, const core::identity::Plan& plan,
            std::pmr::memory_resource* resource)
      : schema_(schema), rules_(rules), plan_(plan), resource_(resource), roots_(resource), changes_(resource) {}

  // Before anything is moved.
  void write(const Cause& cause);
  // Of a cluster as the plan names it, which is united or loses or gets identifiers.
  std::int64_t change_of(std::int64_t planned) { return changes_.at(root(planned)); }
  bool concerns(std::int64_t planned) const { return roots_.contains(planned); }

 private:
  using Places = std::pmr::vector<std::size_t>;  // in Plan::put
  using Ids = std::pmr::vector<std::int64_t>;

  void write(std::int64_t root, const Places& links, const Cause& cause);
  void find_clusters(std::pmr::unordered_map<std::int64_t, std::int64_t>& clusters) const;
  std::int64_t root(std::int64_t cluster);
  void join(std::int64_t a, std::int64_t b) { roots_[root(a)] = root(b); }

  const pg::query::Schema& schema_;
  const SpaceRules& rules_;
  const core::identity::Plan& plan_;
  std::pmr::memory_resource* resource_;
  std::pmr::map<std::int64_t, std::int64_t> roots_, changes_;  // of clusters; by the root
};

}  // namespace cdp::sql
