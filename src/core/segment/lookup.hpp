// A rule as a question to an index over profiles: which keys to look up, and what it says that some of them are there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory_resource>
#include <optional>
#include <vector>

#include "core/segment/keys.hpp"
#include "core/segment/segment.hpp"

namespace cdp::core {

// What keys stand for, for people to read; valid while the rule is.
struct Fact {
  enum class Kind : std::uint8_t { always, known, equal, contains, range, within, event, identifier };
  Kind kind = Kind::always;
  std::string_view path{};               // of an attribute; the event's name, the identifier's type
  std::optional<Value> first{}, last{};  // the constant; the ends of a range
  ProgramNode window{};
};
// Appends such as: country = "TR", age from 18 until 30, email known, event "purchase", always.
void print_fact(const Fact& fact, Buffer& out);

// The event or identifier without which a predicate on events, identifiers or consent, or its negation, can't be true.
// Nothing when there is none.
std::optional<Fact> needed_fact(const ProgramNode& predicate, bool negated);
FactKey key_of(const Fact& needed) noexcept;

// All keys from `least` to `greatest`.
struct KeyRange {
  FactKey least, greatest;
  Fact fact;
  bool single() const noexcept { return least == greatest; }
  // To what lies in the other one, too, of the same attribute; both of Fact::Kind::range.
  void narrow(const KeyRange& other) noexcept;
};

// A node of the question, before its children: plain, so that an index scan can keep them all. `always` is only ever
// the whole question.
struct LookupNode {
  enum class Kind : std::uint32_t { any_key, all_keys, always, all_of, any_of };
  Kind kind;
  std::uint32_t count;  // of keys, the next ones; of children
};

struct Lookup {
  explicit Lookup(std::pmr::memory_resource* resource) : keys(resource), nodes(resource) {}
  bool is_always() const noexcept { return nodes[0].kind == LookupNode::Kind::always; }

  std::pmr::vector<KeyRange> keys;
  std::pmr::vector<LookupNode> nodes;
};

// Of a list with more constants it is only looked up that the attribute is known.
inline constexpr std::uint32_t kMostLookedUp = 4096;

// Whether the events of a profile are in its keys, or kept elsewhere: then any profile may have any.
enum class Events : std::uint8_t { inside, elsewhere };

// With as_of the windows of attributes are looked up as they are then; without, the answer holds for any time.
Lookup lookup_of(const Segment& segment, std::optional<std::int64_t> as_of, std::pmr::memory_resource* resource,
                 const Poll& poll = {}, Events events = Events::inside);
// The same of a part of a rule, in a time zone or not, or of its negation.
Lookup lookup_of(const ProgramNode& part, bool negated, bool zoned, std::optional<std::int64_t> as_of,
                 std::pmr::memory_resource* resource, const Poll& poll = {}, Events events = Events::inside);

// Whether a profile can match that has the keys `i` for which has(i) is true, and no others.
template <typename Has>
bool can_match(const LookupNode*& node, std::size_t& key, const Has& has) {
  const LookupNode here = *node++;
  bool result = here.kind != LookupNode::Kind::any_key && here.kind != LookupNode::Kind::any_of;
  for (std::uint32_t i = 0; i < here.count; ++i) {
    switch (here.kind) {
      case LookupNode::Kind::any_key: result = result || has(key + i); break;
      case LookupNode::Kind::all_keys: result = result && has(key + i); break;
      case LookupNode::Kind::all_of: result = can_match(node, key, has) && result; break;
      case LookupNode::Kind::any_of: result = can_match(node, key, has) || result; break;
      case LookupNode::Kind::always: break;
    }
  }
  if (here.kind == LookupNode::Kind::any_key || here.kind == LookupNode::Kind::all_keys) key += here.count;
  return result;
}
template <typename Has>
bool can_match(const LookupNode* nodes, const Has& has) {
  std::size_t key = 0;
  return can_match(nodes, key, has);
}
// The same of a profile with these keys, in ascending order.
bool can_match(const Lookup& lookup, const std::pmr::vector<FactKey>& facts);

// Rules by profile: a set of keys of which a profile must have one for the rule to be true of it at any time. At most
// kMostNecessary, in ascending order; fact::kAlways alone when nothing can be said.
struct NecessaryKey {
  FactKey key;
  Fact fact;
};
inline constexpr std::size_t kMostNecessary = 64;
std::pmr::vector<NecessaryKey> necessary_keys(const Segment& segment, std::pmr::memory_resource* resource,
                                              const Poll& poll = {});

// One line of what an index looks up for a rule; `text` is valid during the call.
struct LookupLine {
  int depth;
  std::string_view text;
  const KeyRange* range;  // nothing for "all of", "any of", "always"
};
void describe(const Lookup& lookup, const std::function<void(const LookupLine&)>& visit);

}  // namespace cdp::core
