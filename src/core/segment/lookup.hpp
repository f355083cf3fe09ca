// A rule as a question to an index over profiles: which keys to look up, and what it says that some of them are there.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <vector>

#include "core/segment/keys.hpp"
#include "core/segment/segment.hpp"

namespace cdp::core {

// All keys from `least` to `greatest`.
struct KeyRange {
  FactKey least, greatest;
  bool single() const noexcept { return least == greatest; }
};

// A node of the question, before its children: plain, so that an index scan can keep them all.
struct LookupNode {
  enum class Kind : std::uint32_t { any_key, all_keys, always, all_of, any_of };
  Kind kind;
  std::uint32_t count;  // of keys, the next ones; of children
};

struct Lookup {
  explicit Lookup(std::pmr::memory_resource* resource) : keys(resource), nodes(resource) {}

  std::pmr::vector<KeyRange> keys;
  std::pmr::vector<LookupNode> nodes;
};

// With as_of the windows of attributes are looked up as they are then; without, the answer holds for any time.
Lookup lookup_of(const Segment& segment, std::optional<std::int64_t> as_of, std::pmr::memory_resource* resource,
                 const Poll& poll = {});

// Whether a profile can match that has the keys `i` for which has(i) is true, and no others.
template <typename Has>
bool can_match(const LookupNode*& node, std::size_t& key, const Has& has) {
  const LookupNode here = *node++;
  bool result = here.kind != LookupNode::Kind::any_key && here.kind != LookupNode::Kind::any_of;
  for (std::uint32_t i = 0; i < here.count; ++i) {
    switch (here.kind) {
      case LookupNode::Kind::any_key: result = has(key++) || result; break;
      case LookupNode::Kind::all_keys: result = has(key++) && result; break;
      case LookupNode::Kind::all_of: result = can_match(node, key, has) && result; break;
      case LookupNode::Kind::any_of: result = can_match(node, key, has) || result; break;
      case LookupNode::Kind::always: break;
    }
  }
  return result;
}
template <typename Has>
bool can_match(const LookupNode* nodes, const Has& has) {
  std::size_t key = 0;
  return can_match(nodes, key, has);
}

// Rules by profile: a set of keys of which a profile must have one for the rule to be true of it at any time. At most
// kMostNecessary, in ascending order; fact::kAlways alone when nothing can be said.
inline constexpr std::size_t kMostNecessary = 64;
std::pmr::vector<FactKey> necessary_keys(const Segment& segment, std::pmr::memory_resource* resource,
                                         const Poll& poll = {});

}  // namespace cdp::core
