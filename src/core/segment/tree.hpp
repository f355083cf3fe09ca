// Rules as JSON, for programs in which people put them together. docs/segment-json.md describes the shape.
#pragma once

#include <memory_resource>

#include "core/bytes/poll.hpp"
#include "core/profile/value.hpp"
#include "core/segment/segment.hpp"

namespace cdp::core {

// How deep the JSON of a rule nests: an object and an array for each level, and what is in a predicate.
inline constexpr int kMaxTreeDepth = 2 * kMaxRuleDepth + 16;

// Appends the JSON of the rule. Reading it gives the same rule.
void print_tree(const Segment& segment, Buffer& out);

// Appends the stored form of the rule that the JSON describes. 22P02 with the place in the JSON for anything else,
// 54000 and 54001 as parse_segment.
void parse_tree(Value json, Buffer& out, const Poll& poll = {},
                std::pmr::memory_resource* resource = std::pmr::get_default_resource(), const Zones* zones = nullptr);

}  // namespace cdp::core
