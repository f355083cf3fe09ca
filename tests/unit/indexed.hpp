// What an index would find of a customer.
#pragma once

#include <algorithm>
#include <string_view>

#include "core/segment/lookup.hpp"

namespace cdp::core::test {

// The keys that an index would have of a customer, in order.
struct Indexed {
  explicit Indexed(std::string_view bytes) {
    append_facts(ProfileView(as_bytes(bytes)), facts);
    append_facts_and_paths(ProfileView(as_bytes(bytes)), with_paths);
    append_facts_for_rules(ProfileView(as_bytes(bytes)), for_rules);
    std::sort(facts.begin(), facts.end());
    std::sort(with_paths.begin(), with_paths.end());
    with_paths.erase(std::unique(with_paths.begin(), with_paths.end()), with_paths.end());
    std::sort(for_rules.begin(), for_rules.end());
  }
  bool found_by(const Lookup& lookup) const { return can_match(lookup, facts); }
  bool has_one_of(const std::pmr::vector<NecessaryKey>& keys) const {
    return std::any_of(keys.begin(), keys.end(), [&](const NecessaryKey& one) {
      return std::binary_search(for_rules.begin(), for_rules.end(), one.key);
    });
  }

  std::pmr::vector<FactKey> facts, with_paths, for_rules;
};

}  // namespace cdp::core::test
