// The identity graph as plain data: identifiers, what links them, what stewards decided, and the rules of a space.
//
// Identifiers are numbered densely (their place in Graph::identifiers); their immutable ids label clusters, and nothing
// else depends on them. All spans belong to the caller and have to outlive what is computed from them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/bytes/load.hpp"

namespace cdp::core::identity {

using TypeIndex = std::uint16_t;
using SourceIndex = std::uint32_t;

inline constexpr std::uint32_t kUnlimited = UINT32_MAX;
inline constexpr std::uint32_t kMaxPriority = INT32_MAX;  // of types and sources; the least number comes first
inline constexpr std::uint32_t kNone = UINT32_MAX;

struct DegreeLimit {
  TypeIndex neighbour;
  std::uint32_t most;  // distinct neighbours of that type; with more the identifier is a hub
};

struct Type {
  std::string_view name;
  std::uint32_t priority = 0;
  std::uint32_t max_per_profile = kUnlimited;  // at least one
  std::span<const DegreeLimit> max_degree = {};
  bool links = true;    // or its identifiers are stored, but join nobody
  bool known = false;   // marks a known person
  bool newest = false;  // the last sighting of a link counts, the latest first, if either end's type says so
};

struct Source {
  std::uint32_t priority = 0;
  bool trusted = true;
};

struct Rules {
  std::span<const Type> types;  // a sighting names its source by place, an identifier its type
  std::span<const Source> sources;
  double threshold = 0;                    // from here on a link joins
  double review_threshold = 0;             // from here up to the threshold it is worth a look
  std::uint32_t hub_alarm = kUnlimited;    // members; in a larger cluster nobody becomes a hub without a steward
  std::uint32_t max_closure = kUnlimited;  // identifiers that streaming re-decides at a time
};

struct Identifier {
  std::int64_t id;
  ByteSpan value;
  TypeIndex type;
  bool blocked = false;
  bool hub = false;  // read only where Graph::hubs_given
};

// Evidence of one source and rule that two identifiers are one person.
struct Sighting {
  double confidence = 1;  // 0 to 1
  std::int64_t first_seen = 0, last_seen = 0;
  SourceIndex source = 0;
  std::uint32_t rule = 0;
  bool rejected = false;  // by a steward: counts for nothing

  friend bool operator==(const Sighting&, const Sighting&) = default;
};

// All sightings of a pair taken together. Where those of trusted sources are enough by themselves, only they count: no
// untrusted source can lift a link that others vouch for, nor lend its trust to a weak one.
struct Bond {
  double confidence = 0;
  std::int64_t first_seen = 0, last_seen = 0;
  std::uint32_t source_priority = 0;
  bool trusted = false;
  bool rejected = false;  // nothing but rejected sightings

  friend bool operator==(const Bond&, const Bond&) = default;
};

struct Link {
  std::uint32_t a, b;  // different; a pair occurs once
  Bond bond;
};

// The two belong together, says a steward.
struct Must {
  std::uint32_t a, b;
};

// A cannot-link is a wall with two sides, each of one identifier or a list: nobody of one side shares a cluster with
// anybody of the other. A row for each identifier; an identifier stands on one side of a wall only.
struct WallSide {
  std::uint32_t wall;  // any number below 2^31
  bool right;
  std::uint32_t identifier;
};

struct Graph {
  const Rules* rules = nullptr;
  std::span<const Identifier> identifiers = {};
  std::span<const Link> links = {};
  std::span<const Must> musts = {};
  std::span<const WallSide> walls = {};
  bool hubs_given = false;  // a part of a larger graph, whose degrees can't be counted here
};

// The work on large graphs is bound by memory latency: ends are fetched so many links ahead.
inline constexpr std::size_t kPrefetched = 16;
inline void prefetch_ends(const Graph& graph, std::size_t link) noexcept {
  if (link >= graph.links.size()) return;
  __builtin_prefetch(&graph.identifiers[graph.links[link].a]);
  __builtin_prefetch(&graph.identifiers[graph.links[link].b]);
}

}  // namespace cdp::core::identity
