// How golden values are chosen: the survivorship policy of a profile. docs/profile.md describes it.
//
// A policy is a flat value: a header as all stored values have, and a body, which alone stands in a profile's section.
// The body of the policy `default recent`, which is the policy of a profile that has none, is empty.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "core/bytes/buffer.hpp"
#include "core/bytes/poll.hpp"
#include "core/profile/timestamp.hpp"

namespace cdp::core {

// Stored: fixed for ever.
enum class Survivorship : std::uint8_t {
  recent = 0,
  first = 1,
  priority = 2,
  sum = 3,
  max = 4,
  min = 5,
  longest = 6,
  frequent = 7,
  collect = 8,
};
inline constexpr std::uint8_t kSurvivorshipCount = 9;
std::string_view name_of(Survivorship rule) noexcept;

// Whether the golden value is computed from observed ones instead of being one of them.
constexpr bool is_derived(Survivorship rule) noexcept {
  return rule == Survivorship::sum || rule == Survivorship::collect;
}

inline constexpr std::size_t kMaxPolicyText = 1 << 20;
inline constexpr std::size_t kMaxPolicySources = 255, kMaxPolicyNames = 65535;

// What a policy says of one attribute or group, or by default.
struct Clause {
  explicit Clause(std::pmr::memory_resource* resource) : sources(resource), members(resource) {}

  std::string_view name;
  Survivorship rule = Survivorship::recent;
  bool ignore_empty = false;                   // an empty value is not observed; of the default: none at all
  bool as_timestamp = false;                   // strings are instants
  std::pmr::vector<std::string_view> sources;  // of `priority`, the preferred one first
  std::pmr::vector<std::string_view> members;  // of a group, ascending
  bool is_group() const noexcept { return !members.empty(); }
};

class Policy {
 public:
  explicit Policy(std::pmr::memory_resource* resource)
      : resource_(resource), body_(resource), fallback_(resource), clauses_(resource), members_(resource) {}

  // Takes a body that was checked when it came in. The bytes are copied.
  void assign(ByteSpan body);
  void clear();

  ByteSpan body() const noexcept { return body_.span(); }
  // Nothing but `default recent`.
  bool is_plain() const noexcept { return body_.size() == 0; }
  bool has_groups() const noexcept { return !members_.empty(); }

  std::int64_t declared_at() const noexcept { return declared_at_; }
  const Clause& fallback() const noexcept { return fallback_; }          // of attributes without a clause
  std::span<const Clause> clauses() const noexcept { return clauses_; }  // in ascending order of names
  const Clause& clause_of(std::string_view attribute) const noexcept;    // its own or the default one
  const Clause* group_of(std::string_view member) const noexcept;        // or nullptr
  friend bool same_groups(const Policy& a, const Policy& b) noexcept;

 private:
  struct Member {
    std::string_view name;
    std::uint32_t clause;
  };

  std::pmr::memory_resource* resource_;
  Buffer body_;
  std::int64_t declared_at_ = kMinusInfinity;
  Clause fallback_;
  std::pmr::vector<Clause> clauses_;
  std::pmr::vector<Member> members_;  // of all groups, ascending
};

// Appends the body of the policy in `text`. 42601 with the token, its place and a hint when it is none; 54000 for
// limits.
void parse_policy(std::string_view text, Buffer& body, std::pmr::memory_resource* resource, const Poll& poll = {});

// Appends the canonical text: reading it again gives the same bytes. 54000 beyond 1 MB, which no policy has that was
// checked.
void print_policy(const Policy& policy, Buffer& out);

// Appends the body of what these say; names in order, everything within limits.
void append_policy(std::int64_t declared_at, const Clause& fallback, std::span<const Clause> clauses, Buffer& body);

// Checks a body that nobody vouches for, `what` being the type that it is part of. 22P03.
void check_policy(ByteSpan body, const char* what, std::pmr::memory_resource* resource);

// The order in which policies replace each other: by declared_at, then by canonical text; the plain one is the least.
int compare_policies(ByteSpan a, ByteSpan b, std::pmr::memory_resource* resource);

// The stored form: header and body.
inline constexpr std::uint8_t kPolicyMagic = 0xC9, kPolicyVersion = 1;
inline constexpr std::size_t kPolicyHeader = 12;
void append_policy_header(Buffer& out, std::size_t clauses);
// The body of a stored policy. An O(1) check of the header: XX001, or 0A000 for a newer version.
ByteSpan policy_body(ByteSpan payload);

}  // namespace cdp::core
