// The rules about one link, which batch and streaming share: what counts of its sightings, whether it may join at all,
// and its rank in the canonical order. Nothing here depends on ids or on the order of arrival.
#pragma once

#include <span>
#include <tuple>

#include "core/identity/graph.hpp"

namespace cdp::core::identity {

// What becomes of a link. The order is that in which the reasons are looked for; numbers are not stored.
enum class Outcome : std::uint8_t {
  active,           // its ends are in one cluster
  rejected,         // by a steward
  blocked,          // an end's value is blocked
  not_linking,      // an end's type doesn't link
  below_threshold,  // and below the threshold for review
  review,           // between the two thresholds
  hub,              // an end has too many neighbours
  limit,            // refused: the cluster would exceed a type's max_per_profile
  cannot_link,      // refused: a cannot-link pair would meet
  trust,            // refused: an untrusted link between two clusters that both hold a known person
};

constexpr bool is_refused(Outcome outcome) noexcept { return outcome >= Outcome::limit; }

// 22023 for rules that contradict themselves: call once.
void check_rules(const Rules& rules);

// Combines the sightings of one pair: confidence = max, first_seen = min, last_seen = max, the best source priority.
class Combination {
 public:
  explicit Combination(const Rules& rules) noexcept : rules_(&rules) {}
  void add(const Sighting& sighting);  // 22023 for a confidence outside 0 to 1, or a source that doesn't exist
  Bond bond() const noexcept;

 private:
  static void take(Bond& into, bool first, const Sighting& sighting, const Source& source) noexcept;

  const Rules* rules_;
  Bond all_, trusted_, rejected_;
  bool any_ = false, any_trusted_ = false, any_rejected_ = false;
};

// `active` if the link may join but for hubs; only such links of trusted sources count towards degrees.
inline Outcome barred(const Rules& rules, const Identifier& a, const Identifier& b, const Bond& bond) noexcept {
  if (bond.rejected) return Outcome::rejected;
  if (a.blocked || b.blocked) return Outcome::blocked;
  if (!rules.types[a.type].links || !rules.types[b.type].links) return Outcome::not_linking;
  if (bond.confidence < rules.threshold)
    return bond.confidence < rules.review_threshold ? Outcome::below_threshold : Outcome::review;
  return Outcome::active;
}

inline bool counts_for_degree(const Rules& rules, const Identifier& a, const Identifier& b, const Bond& bond) noexcept {
  return bond.trusted && barred(rules, a, b, bond) == Outcome::active;
}

// Of the identifiers of type `of`: how many neighbours of the type `neighbour` make a hub at the most, or kUnlimited.
inline std::uint32_t degree_limit(const Rules& rules, TypeIndex of, TypeIndex neighbour) noexcept {
  for (const DegreeLimit& limit : rules.types[of].max_degree)
    if (limit.neighbour == neighbour) return limit.most;
  return kUnlimited;
}

// The place of a link in the canonical order but for the ends' names: trusted before untrusted, then confidence
// descending, the sorted pair of type priorities, links that count their oldest sighting before those that count the
// newest, the time, the source's priority. Lower comes first.
struct Rank {
  std::uint64_t strength = 0;    // bit 63: untrusted; then the confidence, inverted
  std::uint64_t priorities = 0;  // the better type's, the other's, bit 0: counts the newest
  std::uint64_t time = 0;
  std::uint32_t source = 0;

  bool untrusted() const noexcept { return (strength >> 63) != 0; }
  friend bool operator==(const Rank&, const Rank&) = default;
  friend bool operator<(const Rank& a, const Rank& b) noexcept {
    return std::tie(a.strength, a.priorities, a.time, a.source) < std::tie(b.strength, b.priorities, b.time, b.source);
  }
};

Rank rank_of(const Rules& rules, TypeIndex a, TypeIndex b, const Bond& bond) noexcept;

// An identifier's name in the order of ties: type and value in byte order, as collation C has it. Never the id.
struct Name {
  std::string_view type;
  ByteSpan value;
};
inline int compare_names(const Name& a, const Name& b) noexcept {
  const int types = compare_bytes(as_bytes(a.type), as_bytes(b.type));
  return types != 0 ? types : compare_bytes(a.value, b.value);
}
// Of different pairs never 0: by the lesser ends, then by the greater.
int compare_ends(Name a1, Name b1, Name a2, Name b2) noexcept;

}  // namespace cdp::core::identity
