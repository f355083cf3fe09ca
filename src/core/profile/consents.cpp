// src/core/profile/consents.cpp: the section of consents.
//
// The body of a purpose, until its end, in ascending order: varint(number of the time), varint(source × 2 + withdrawn).
#include "core/profile/consents.hpp"

#include "core/profile/timestamp.hpp"

namespace cdp::core {

void Consent::encode(std::span<const Consent> group, facts::Encoder& encoder) {
  for (const Consent& each : group) {
    encoder.body().varint(encoder.time(each.at));
    encoder.body().varint(encoder.text(each.source_name) << 1 | (each.granted ? 0 : 1));
  }
}

bool has_consent(ByteSpan section, std::string_view purpose, std::int64_t as_of) noexcept {
  const auto group = facts::Groups(section).find(purpose);
  if (!group) return false;
  const std::uint64_t until = facts::times_until(section, as_of);
  const std::byte* at = group->body.data();
  bool granted = false;
  while (at != group->body.data() + group->body.size()) {
    if (trusted_varint(at) >= until) break;
    granted = (trusted_varint(at) & 1) == 0;
  }
  return granted;
}

std::int64_t next_consent(ByteSpan section, std::string_view purpose, std::int64_t as_of) noexcept {
  const auto group = facts::Groups(section).find(purpose);
  if (!group) return kInfinity;
  const std::uint64_t until = facts::times_until(section, as_of);
  for (const std::byte* at = group->body.data(); at != group->body.data() + group->body.size(); trusted_varint(at))
    if (const std::uint64_t time = trusted_varint(at); time >= until) return facts::time_at(section, time);
  return kInfinity;
}

}  // namespace cdp::core
