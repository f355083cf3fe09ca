// A change of the rules of a space, ready to be made, or to be tried.
#pragma once

#include "sql/space_rules.hpp"

namespace cdp::sql {

class RulesChange {
 public:
  // Reads what is concerned. 22023 for what can be no rule, 55000 for another spelling of what is stored, or
  // for what it can't remove.
  RulesChange(const pg::query::Schema& schema, pg::query::Argument patch, std::pmr::memory_resource* resource);

  // Without what it removes.
  pg::query::Argument patch() const noexcept { return patch_; }
  // As it was given: types and sources that are null are to be removed. Until then they are in what follows.
  pg::query::Argument given() const noexcept { return given_; }
  // Both with the types and sources that are new, so that each has the same place in both.
  const SpaceRules& before() const noexcept { return *before_; }
  const SpaceRules& after() const noexcept { return *after_; }
  // Identifiers that become blocked, or cease to be. What its normaliser could not read stays blocked.
  const std::pmr::vector<std::int64_t>& blocked() const noexcept { return blocked_; }

 private:
  void change(const pg::query::Schema& schema);

  pg::query::Argument given_, patch_;
  std::shared_ptr<const SpaceRules> before_, after_;
  std::pmr::vector<std::int64_t> blocked_;
};

}  // namespace cdp::sql
