// What the customer agreed to: for each purpose a history of grants and withdrawals. It is a set, so merging is
// idempotent.
#pragma once

#include "core/profile/facts.hpp"

namespace cdp::core {

struct Consent {
  static constexpr bool kIdempotent = true;
  static constexpr const char *kTooMany = "profile has too many consents",
                              *kTooManyDetail = "A profile holds at most 65535 grants and withdrawals of consent.";

  std::string_view purpose, source_name;
  std::int64_t at;
  bool granted;

  std::string_view group() const noexcept { return purpose; }
  // Of the same purpose and time a withdrawal comes after a grant, so that it wins.
  friend int compare(const Consent& a, const Consent& b) noexcept {
    if (const int order = a.purpose.compare(b.purpose); order != 0) return order;
    if (a.at != b.at) return a.at < b.at ? -1 : 1;
    if (a.granted != b.granted) return a.granted ? -1 : 1;
    return a.source_name.compare(b.source_name);
  }
  void absorb(const Consent&, std::pmr::memory_resource&) noexcept {}
  void use(facts::Encoder& encoder) const {
    encoder.use_time(at);
    encoder.use_text(source_name);
  }
  static void encode(std::span<const Consent> group, facts::Encoder& encoder);
  template <typename Visit>
  static void decode(std::string_view purpose, Reader& body, const facts::Decoder& decoder, Visit&& visit) {
    while (body.left() > 0) {
      const std::int64_t at = decoder.time(body, body.varint());
      const std::uint64_t head = body.varint();
      visit(Consent{purpose, decoder.table_text(body, head >> 1), at, (head & 1) == 0});
    }
  }
};

using Consents = facts::Set<Consent>;

// Over a stored section, in place: the latest entry at or before `as_of` is a grant. False when nothing was ever said.
bool has_consent(ByteSpan section, std::string_view purpose, std::int64_t as_of) noexcept;
// The time of the first entry of the purpose after `as_of`; kInfinity when there is none.
std::int64_t next_consent(ByteSpan section, std::string_view purpose, std::int64_t as_of) noexcept;

}  // namespace cdp::core
