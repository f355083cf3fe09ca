// The keys of a profile, as indexes and statistics take them.
#pragma once

#include <algorithm>
#include <memory_resource>
#include <vector>

#include "core/segment/keys.hpp"
#include "pg/interrupt.hpp"
#include "sql/profile_gate.hpp"

namespace cdp::sql {

enum class Keys { facts, facts_and_paths, facts_for_rules };

// Of what profile_payload() gave: in ascending order, each once.
inline std::pmr::vector<core::FactKey> keys_of(core::ByteSpan payload, Keys which,
                                               std::pmr::memory_resource* resource) {
  std::pmr::vector<core::FactKey> keys(resource);
  const core::ProfileView profile(payload);
  switch (which) {
    case Keys::facts: core::append_facts(profile, keys, pg::poll()); break;
    case Keys::facts_and_paths: core::append_facts_and_paths(profile, keys, pg::poll()); break;
    case Keys::facts_for_rules: core::append_facts_for_rules(profile, keys, pg::poll()); break;
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace cdp::sql
