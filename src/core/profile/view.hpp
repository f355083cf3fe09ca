// Reads a stored profile in place: no copy, no tree. docs/format.md specifies the bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/profile/value.hpp"

namespace cdp::core {

inline constexpr std::uint64_t kMaxTimes = INT64_MAX;  // counts stop there

// One distinct (value, source) pair of an attribute.
struct Entry {
  Value value;
  std::uint32_t source;     // index into the profile's sources
  std::int64_t last_seen;   // microseconds since 2000-01-01 UTC
  std::int64_t first_seen;  // meaningless when the attribute overflowed
  std::uint64_t times;      // 0 when the attribute overflowed: not known
};

// What one source said first and last about an attribute.
struct SourceSpan {
  std::uint32_t source;
  Value earliest;  // not an erase, unless there is nothing else
  std::int64_t earliest_at;
  Value latest;
  std::int64_t latest_at;
  Value known{Type::erased, {}};  // when the latest is an erase: the latest that is none, if there is any
  std::int64_t known_at = 0;
};

// One observation.
struct Sighting {
  Value value;
  std::uint32_t source;
  std::int64_t at;
};

// What a profile holds beside attributes; each kind is one block of bytes behind the records. Stored: fixed for ever.
enum class Section : std::uint8_t {
  policy = 0,       // how golden values are chosen
  identifiers = 1,  // who the customer is elsewhere
  consents = 2,
  totals = 3,    // of events
  timeline = 4,  // the events
};
inline constexpr std::size_t kSectionCount = 5;
using SectionSpans = std::array<ByteSpan, kSectionCount>;  // empty: not there

class ProfileView;
namespace format {
class RecordCursor;
}

// One attribute of a profile; valid while the profile's bytes are.
class Attribute {
 public:
  std::string_view name() const noexcept { return name_; }
  // The golden value: what survivorship chose. Type::erased reads as unknown.
  Value golden() const noexcept { return golden_; }
  bool known() const noexcept { return golden_.type != Type::erased; }

  // More distinct (value, source) pairs were seen than are kept.
  bool overflowed() const noexcept { return (head_ & 1) != 0; }
  // The golden value was computed; no source gave it as it is.
  bool derived() const noexcept { return (head_ & 4) != 0; }
  // It overflowed, and then observations were taken out: counts and extremes are those of what is left.
  bool partial() const noexcept { return (head_ & 8) != 0; }

  // How many there were, of an attribute that overflowed.
  std::uint64_t observations() const noexcept;

  // Calls visit(const Entry&) for each kept pair, most recent first; stops when it returns true.
  template <typename Visit>
  bool any_entry(const ProfileView& profile, Visit&& visit) const;

  format::RecordCursor cursor() const noexcept;  // the record's raw parts

 private:
  friend class ProfileView;
  std::string_view name_;
  std::uint8_t head_ = 0;
  Value golden_{};
  const std::byte* values_ = nullptr;  // after the head and what was derived
};

class ProfileView {
 public:
  // `payload` is what follows the varlena length, and passed parse_profile() once.
  explicit ProfileView(ByteSpan payload) noexcept;

  ByteSpan payload() const noexcept { return payload_; }
  std::uint32_t size() const noexcept { return count_; }
  std::uint32_t source_count() const noexcept { return source_count_; }
  std::uint8_t keep() const noexcept { return keep_; }
  // Events of it are kept elsewhere.
  bool detached() const noexcept;

  Attribute attribute(std::uint32_t index) const noexcept;              // in ascending order of names
  std::optional<Attribute> find(std::string_view name) const noexcept;  // binary search
  // A golden value by path: the attribute of that whole name, or the member of a nested object ("address.city").
  // Nothing when it is unknown or erased.
  std::optional<Value> golden(std::string_view path) const noexcept;

  std::string_view source(std::uint32_t index) const noexcept;
  std::optional<std::uint32_t> find_source(std::string_view name) const noexcept;
  // Latest value that this source gave for the attribute (erased included), with its time.
  std::optional<Entry> latest_from(const Attribute& attribute, std::string_view source) const noexcept;
  // When the golden value was last seen; of a derived one, when anything known was.
  std::int64_t golden_last_seen(const Attribute& attribute) const noexcept;

  std::int64_t time(std::uint64_t index) const noexcept;

  // The bytes of a section; empty when the profile has none.
  ByteSpan section(Section section) const noexcept;
  // What a slot of the directory, or of the table of sections behind it, holds: where it starts in the payload.
  std::size_t offset(std::size_t slot) const noexcept;
  // What stands between the directory and the sections.
  ByteSpan tables_and_records() const noexcept;

  // All of them in order.
  template <typename Visit>
  void for_each_source(Visit&& visit) const;
  template <typename Visit>
  void for_each_time(Visit&& visit) const;

 private:
  const std::byte* times() const noexcept;
  ByteSpan payload_;
  std::uint16_t flags_;
  std::uint32_t count_;
  std::uint8_t keep_, source_count_, unit_, width_;
  const std::byte *directory_, *sources_;
};

}  // namespace cdp::core
