// src/core/segment/keys.cpp: the facts of a profile, as keys.
#include "core/segment/keys.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>

#include "core/profile/decimal.hpp"
#include "core/profile/facts.hpp"
#include "core/profile/format.hpp"
#include "core/timeline/view.hpp"

namespace cdp::core {

namespace fact {

namespace {

// Kinds of paths; what is no attribute has a path of its own that no name can spell, because names are hashed with
// another seed.
constexpr std::uint64_t kAttribute = 0x7C1D5E0B9A3F6421, kElement = 0x2B9F4D6C8E1A7053, kEvent = 0x5E3A1C7F9B2D8064,
                        kIdentifier = 0x91B4E7D2C05A3F68, kKnown = 0xC63F8A1E5D7092B4;
constexpr std::uint64_t kPathBits = 23, kPayload = kHashed - 1;

std::uint64_t hashed(ByteSpan bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed) & kPayload;
}

// The leading bits of the double, so that the lesser of two has the lesser bits.
std::uint64_t ordered(double value) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t monotone = (bits >> 63) != 0 ? ~bits : bits | std::uint64_t{1} << 63;
  return monotone >> (64 - kPayloadBits);
}

// Payload and kind. No hash is 0: that is what an attribute without a scalar value has.
std::uint64_t payload_of(const Value& value) noexcept {
  switch (value.type) {
    case Type::number: return ordered(decimal_to_double(value.bytes) + 0.0);
    case Type::timestamp: return ordered(static_cast<double>(timestamp_of(value)));
    case Type::boolean:
    case Type::string: {
      const std::uint64_t hash = hashed(value.bytes, static_cast<std::uint64_t>(value.type));
      return kHashed | (hash == 0 ? 1 : hash);
    }
    default: return kHashed;
  }
}

std::uint64_t path_bits(std::uint64_t seed, std::uint64_t state) noexcept {
  std::byte bytes[sizeof state];
  store_le(bytes, state);
  const std::uint64_t hash = XXH3_64bits_withSeed(bytes, sizeof bytes, seed);
  return hash >> (64 - kPathBits) << (kPayloadBits + 1);
}

FactKey named(std::uint64_t kind, std::string_view name) noexcept {
  return static_cast<FactKey>(path_bits(kind, 0) | kHashed | hashed(as_bytes(name), kind));
}

}  // namespace

std::uint64_t Path::bits(std::uint64_t kind) const noexcept { return path_bits(kind, state_); }
FactKey Path::value(const Value& value) const noexcept {
  return static_cast<FactKey>(bits(kAttribute) | payload_of(value));
}
FactKey Path::time(std::int64_t time) const noexcept {
  return static_cast<FactKey>(bits(kAttribute) | ordered(static_cast<double>(time)));
}
FactKey Path::element(const Value& value) const noexcept {
  return static_cast<FactKey>(bits(kElement) | payload_of(value));
}
FactKey Path::known() const noexcept { return static_cast<FactKey>(bits(kAttribute) | kHashed); }
FactKey Path::least() const noexcept { return static_cast<FactKey>(bits(kAttribute) | kLeastOfPath); }
FactKey Path::greatest() const noexcept { return static_cast<FactKey>(bits(kAttribute) | kGreatestOfPath); }
FactKey Path::greatest_number() const noexcept { return static_cast<FactKey>(bits(kAttribute) | kPayload); }

FactKey event(std::string_view name) noexcept { return named(kEvent, name); }
FactKey identifier(std::string_view type) noexcept { return named(kIdentifier, type); }

FactKey known_to_rules(FactKey key) noexcept {
  return static_cast<FactKey>(path_bits(kKnown, 0) | kHashed | static_cast<std::uint64_t>(key) >> (64 - kPathBits));
}
FactKey least_known_to_rules() noexcept { return static_cast<FactKey>(path_bits(kKnown, 0) | kHashed); }
FactKey greatest_known_to_rules() noexcept { return static_cast<FactKey>(path_bits(kKnown, 0) | kGreatestOfPath); }

}  // namespace fact

namespace {

class Facts {
 public:
  Facts(std::pmr::vector<FactKey>& keys, bool paths, const Poll& poll) : keys_(keys), paths_(paths), poll_(poll) {}

  void add(const fact::Path& path, const Value& value) {
    poll_();
    if (value.type == Type::erased || value.type == Type::null) return;
    keys_.push_back(path.value(value));
    if (paths_ && !is_container(value.type)) keys_.push_back(path.known());
    if (value.type == Type::array) {
      any_element(value, [&](const Value& element) {
        poll_();
        if (!is_container(element.type) && element.type != Type::null) keys_.push_back(path.element(element));
        return false;
      });
    } else if (value.type == Type::object) {
      members(path, value);
    }
  }

  void attribute(const ProfileView& profile, const Attribute& attribute) {
    const fact::Path path(attribute.name());
    if (attribute.known() && attribute.golden().type != Type::null) return add(path, attribute.golden());
    const bool observed = attribute.overflowed() || attribute.any_entry(profile, [](const Entry& entry) {
      return entry.value.type != Type::erased;
    });
    if (observed) keys_.push_back(path.known());
  }

 private:
  void members(const fact::Path& path, const Value& object) {
    const std::byte* at = object.bytes.data();
    for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
      const std::size_t length = trusted_varint(at);
      fact::Path inner = path;
      inner.append(".");
      inner.append(as_text({at, length}));
      at += length;
      add(inner, trusted_value(at));
    }
  }

  std::pmr::vector<FactKey>& keys_;
  bool paths_;
  const Poll& poll_;
};

template <typename Visit>
void for_each_group(ByteSpan section, Visit&& visit) {
  for (facts::Groups groups(section); groups.left() > 0;) visit(groups.next().name);
}

void append(const ProfileView& profile, bool paths, std::pmr::vector<FactKey>& keys, const Poll& poll) {
  Facts facts(keys, paths, poll);
  for (std::uint32_t i = 0; i < profile.size(); ++i) facts.attribute(profile, profile.attribute(i));
  for_each_group(profile.section(Section::identifiers),
                 [&](std::string_view type) { keys.push_back(fact::identifier(type)); });
  for_each_group(profile.section(Section::totals), [&](std::string_view name) { keys.push_back(fact::event(name)); });
  const ByteSpan timeline = profile.section(Section::timeline);
  if (!timeline.empty())
    TimelineView(timeline).for_each_name([&](std::string_view name) { keys.push_back(fact::event(name)); });
}

}  // namespace

void append_facts(const ProfileView& profile, std::pmr::vector<FactKey>& keys, const Poll& poll) {
  append(profile, false, keys, poll);
}

void append_facts_and_paths(const ProfileView& profile, std::pmr::vector<FactKey>& keys, const Poll& poll) {
  keys.push_back(fact::kAlways);
  append(profile, true, keys, poll);
}

void append_facts_for_rules(const ProfileView& profile, std::pmr::vector<FactKey>& keys, const Poll& poll) {
  const std::size_t from = keys.size();
  append(profile, false, keys, poll);
  const std::size_t end = keys.size();
  for (std::size_t i = from; i < end; ++i) keys.push_back(fact::known_to_rules(keys[i]));
  keys.push_back(fact::kAlways);
}

}  // namespace cdp::core
