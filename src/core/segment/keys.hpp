// What indexes look profiles and rules up by: a customer's facts, each as one 64-bit key. docs/format.md lists them;
// they stand in indexes on disk, so they are fixed for ever.
//
// A key is 23 bits of a hash of the path, one bit of kind, and 39 bits of the value: of a number or a timestamp the
// leading bits of its double, in its order; of anything else a hash. Different facts may share a key, so whatever a key
// finds is looked at again.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/profile/view.hpp"

namespace cdp::core {

using FactKey = std::int64_t;

namespace fact {

inline constexpr unsigned kPayloadBits = 39;
inline constexpr std::uint64_t kHashed = std::uint64_t{1} << kPayloadBits;  // the bit of kind
inline constexpr std::uint64_t kLeastOfPath = 0, kGreatestOfPath = (kHashed << 1) - 1;

// The hash of a path, taken byte by byte: that of "address.city" continues that of "address".
class Path {
 public:
  Path() = default;
  explicit Path(std::string_view text) noexcept { append(text); }
  void append(std::string_view text) noexcept {
    for (const char c : text) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }

  FactKey value(const Value& value) const noexcept;    // the attribute is this
  FactKey time(std::int64_t time) const noexcept;      // the attribute is this timestamp
  FactKey element(const Value& value) const noexcept;  // the list has this element
  FactKey known() const noexcept;                      // the attribute is something
  // The ends of the keys of all values, numbers and timestamps first.
  FactKey least() const noexcept;
  FactKey greatest_number() const noexcept;
  FactKey greatest() const noexcept;

 private:
  std::uint64_t bits(std::uint64_t kind) const noexcept;
  std::uint64_t state_ = 0xCBF29CE484222325;
};

FactKey event(std::string_view name) noexcept;       // has an event of the name, kept or not
FactKey identifier(std::string_view type) noexcept;  // has an identifier of the type
inline constexpr FactKey kAlways = 0;                // everybody

constexpr bool is_ordered(Type type) noexcept { return type == Type::number || type == Type::timestamp; }
// Of a number or a timestamp.
constexpr bool is_ordered(FactKey key) noexcept {
  return key != kAlways && (static_cast<std::uint64_t>(key) & kHashed) == 0;
}
// That the path of the key is known.
constexpr FactKey known_of(FactKey key) noexcept {
  return static_cast<FactKey>((static_cast<std::uint64_t>(key) & ~kGreatestOfPath) | kHashed);
}

// That the path of the key is known, in an index of rules: all of these lie together. They tell paths apart exactly
// as keys do, so that both indexes answer alike.
FactKey known_to_rules(FactKey key) noexcept;
FactKey least_known_to_rules() noexcept;
FactKey greatest_known_to_rules() noexcept;

}  // namespace fact

// Appends the keys of what is true of the profile whatever the time: golden values, their members and elements, names
// of events, types of identifiers. An attribute that has no golden value but was observed is known. Unordered, may
// repeat.
void append_facts(const ProfileView& profile, std::pmr::vector<FactKey>& keys, const Poll& poll = {});

// For statistics: also that each path is known, and kAlways.
void append_facts_and_paths(const ProfileView& profile, std::pmr::vector<FactKey>& keys, const Poll& poll = {});

// For looking up rules: facts, of each that its path is known to rules, and kAlways.
void append_facts_for_rules(const ProfileView& profile, std::pmr::vector<FactKey>& keys, const Poll& poll = {});

}  // namespace cdp::core
