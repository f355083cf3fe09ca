// Who the customer is elsewhere: values of a type ("email", "device"), each with the sources that gave it, and when
// they first and last did. Merging keeps the earliest and the latest time, so it is idempotent. Of a type the least
// values are kept, so that a profile doesn't grow with a customer of very many: these are the same in whatever order it
// was merged.
#pragma once

#include "core/profile/facts.hpp"

namespace cdp::core {

inline constexpr std::size_t kMostOfType = 100;  // values

struct Identifier {
  static constexpr bool kIdempotent = true;
  static constexpr const char *kTooMany = "profile has too many identifiers",
                              *kTooManyDetail = "A profile holds at most 65535 sources of identifiers.";

  std::string_view type, value, source_name;
  std::int64_t first_seen, last_seen;

  std::string_view group() const noexcept { return type; }
  friend int compare(const Identifier& a, const Identifier& b) noexcept {
    if (const int order = a.type.compare(b.type); order != 0) return order;
    if (const int order = a.value.compare(b.value); order != 0) return order;
    return a.source_name.compare(b.source_name);
  }
  void absorb(const Identifier& same, std::pmr::memory_resource&) noexcept {
    first_seen = std::min(first_seen, same.first_seen);
    last_seen = std::max(last_seen, same.last_seen);
  }
  // Drops all but the least values of each type.
  static void trim(std::pmr::vector<Identifier>& sorted);
  void use(facts::Encoder& encoder) const {
    encoder.use_time(first_seen);
    encoder.use_time(last_seen);
    encoder.use_text(source_name);
  }
  static void encode(std::span<const Identifier> group, facts::Encoder& encoder);
  template <typename Visit>
  static void decode(std::string_view type, Reader& body, const facts::Decoder& decoder, Visit&& visit) {
    for (std::size_t values = body.count(4); values > 0; --values) {
      const std::string_view value = decoder.text(body);
      for (bool more = true; more;) {
        const std::uint64_t head = body.varint(), first = body.varint(), last = first + body.varint();
        const Identifier found{type, value, decoder.table_text(body, head >> 1), decoder.time(body, first),
                               decoder.time(body, last)};
        if (last < first) body.fail("something was first seen after it was last seen");
        more = (head & 1) != 0;
        visit(found);
      }
    }
  }
};

using Identifiers = facts::Set<Identifier>;

// Over a stored section, in place. An empty section has none.
bool has_identifier(ByteSpan section, std::string_view type) noexcept;
bool has_identifier(ByteSpan section, std::string_view type, std::string_view value) noexcept;
std::uint64_t identifier_count(ByteSpan section, std::string_view type) noexcept;  // distinct values that are kept

}  // namespace cdp::core
