// src/core/profile/identifiers.cpp: the section of identifiers.
//
// The body of a type: varint(distinct values), then per value in ascending order text(value) and per source in
// ascending order varint(source × 2 + (another source follows)), varint(first seen), varint(last seen − first seen),
// numbers of times.
#include "core/profile/identifiers.hpp"

namespace cdp::core {

void Identifier::trim(std::pmr::vector<Identifier>& sorted) {
  std::size_t end = 0, values = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const bool new_type = i == 0 || sorted[i].type != sorted[i - 1].type;
    if (new_type) values = 0;
    if (new_type || sorted[i].value != sorted[i - 1].value) ++values;
    if (values <= kMostOfType) sorted[end++] = sorted[i];
  }
  sorted.resize(end);
}

void Identifier::encode(std::span<const Identifier> group, facts::Encoder& encoder) {
  Buffer& body = encoder.body();
  std::uint64_t values = 1;
  for (std::size_t i = 1; i < group.size(); ++i) values += group[i].value != group[i - 1].value ? 1 : 0;
  body.varint(values);
  for (std::size_t i = 0; i < group.size(); ++i) {
    const Identifier& each = group[i];
    if (i == 0 || each.value != group[i - 1].value) {
      body.varint(each.value.size());
      body.append(each.value);
    }
    const bool more = i + 1 < group.size() && group[i + 1].value == each.value;
    const std::uint64_t first = encoder.time(each.first_seen);
    body.varint(encoder.text(each.source_name) << 1 | (more ? 1 : 0));
    body.varint(first);
    body.varint(encoder.time(each.last_seen) - first);
  }
}

bool has_identifier(ByteSpan section, std::string_view type) noexcept {
  return facts::Groups(section).find(type).has_value();
}

bool has_identifier(ByteSpan section, std::string_view type, std::string_view value) noexcept {
  const auto group = facts::Groups(section).find(type);
  if (!group) return false;
  const std::byte* at = group->body.data();
  for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
    const std::size_t length = trusted_varint(at);
    if (same_bytes({at, length}, as_bytes(value))) return true;
    at += length;
    for (bool more = true; more;) {
      more = (trusted_varint(at) & 1) != 0;
      trusted_varint(at);
      trusted_varint(at);
    }
  }
  return false;
}

std::uint64_t identifier_count(ByteSpan section, std::string_view type) noexcept {
  const auto group = facts::Groups(section).find(type);
  if (!group) return 0;
  const std::byte* at = group->body.data();
  return trusted_varint(at);
}

}  // namespace cdp::core
