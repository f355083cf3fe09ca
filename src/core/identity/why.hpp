// Why two identifiers are one person, or two: for people who look at the result and doubt it. Reads the store as it is
// and changes nothing.
#pragma once

#include "core/bytes/poll.hpp"
#include "core/identity/store.hpp"

namespace cdp::core::identity {

struct PathStep {
  std::int64_t a, b;  // one after the other on the way
  bool must;          // a must-link, not evidence
  Verdict verdict;    // active, or why this link doesn't join; active between two clusters: it is parked

  friend bool operator==(const PathStep&, const PathStep&) = default;
};

// The shortest path of active links and must-links from one to the other; empty if they are in different clusters.
std::pmr::vector<PathStep> explain_merge(Store& store, const Rules& rules, std::int64_t a, std::int64_t b,
                                         std::pmr::memory_resource* resource, Poll poll = {});

struct WhyNot {
  bool together = false;  // they are in one cluster
  // What forbids that their clusters, as they are, be united by anybody: a limit or a cannot-link; active if nothing
  // does, and they only lack a link.
  Verdict forbidden;
  // The way from one to the other that comes closest: by the fewest links that don't join, then the shortest, among the
  // neighbours of both clusters, then among their neighbours, and so on. Empty if there is no way.
  std::pmr::vector<PathStep> path;
  bool complete = true;  // false if `most` identifiers were looked at before a way was found
};

// Hubs and blocked identifiers can stand on the way, but it never leads through more than what is known from elsewhere.
WhyNot why_not(Store& store, const Rules& rules, std::int64_t a, std::int64_t b, std::size_t most,
               std::pmr::memory_resource* resource, Poll poll = {});

}  // namespace cdp::core::identity
