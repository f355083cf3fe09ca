// src/core/profile/intake.cpp: a row under a policy.
#include "core/profile/intake.hpp"

#include <unicode/utf8.h>

#include <algorithm>
#include <string>
#include <vector>

namespace cdp::core {

namespace {

struct Member {
  const Clause* group;
  std::string_view name;
  Value value;
};

void append_name(Buffer& out, std::string_view name) {
  out.varint(name.size());
  out.append(name);
}

// An error names the attribute and shows the value, neither of them at length.
std::string shown(ByteSpan text) {
  constexpr std::size_t kLongest = 64;
  std::size_t length = std::min(text.size(), kLongest);
  while (length < text.size() && length > 0 && (static_cast<std::uint8_t>(text[length]) & 0xC0) == 0x80) --length;
  return "\"" + std::string(as_text(text.first(length))) + (length < text.size() ? "...\"" : "\"");
}

std::int64_t instant(std::string_view name, const Value& value) {
  const std::string attribute = " for attribute " + shown(as_bytes(name));
  constexpr const char* kHint = "A timestamp is a string such as \"2026-01-31T10:00:00Z\" or \"2026-01-31\".";
  if (value.type != Type::string) {
    Buffer json;
    print_json(value, json);
    throw Error(Code::invalid_instant, "invalid timestamp" + attribute + ": " + shown(json.span()), {}, kHint);
  }
  bool out_of_range = false;
  const auto time = parse_timestamp(as_text(value.bytes), &out_of_range);
  if (time) return *time;
  if (out_of_range)
    throw Error(Code::instant_out_of_range, "timestamp out of range" + attribute + ": " + shown(value.bytes));
  throw Error(Code::invalid_instant, "invalid timestamp" + attribute + ": " + shown(value.bytes), {}, kHint);
}

// The members of one group as an object under its name.
void append_group(std::span<const Member> members, Buffer& out, std::pmr::memory_resource* resource) {
  Buffer object(resource);
  object.varint(members.size());
  for (const Member& member : members) {
    check_depth(member.value, kMaxValueDepth - 1);
    append_name(object, member.name);
    append_value(object, member.value);
  }
  append_name(out, members.front().group->name);
  append_value(out, {Type::object, object.span()});
}

// Unicode's property White_Space, fixed here: what is taken in must not depend on a library's version.
bool is_white_space(std::int32_t point) noexcept {
  return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F ||
         point == 0x205F || point == 0x3000;
}

}  // namespace

bool is_empty(const Value& value) noexcept {
  if (is_container(value.type)) return value.bytes[0] == std::byte{0};  // how many
  if (value.type != Type::string) return false;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(value.bytes.data());
  for (std::size_t at = 0; at < value.bytes.size();) {
    UChar32 point;
    U8_NEXT_UNSAFE(bytes, at, point);
    if (!is_white_space(point)) return false;
  }
  return true;
}

void take_in(const Policy& policy, ByteSpan members, Buffer& out, std::pmr::memory_resource* resource) {
  std::pmr::vector<Member> grouped(resource), namesakes(resource);
  const std::byte* at = members.data();
  const std::byte* const end = at + members.size();
  while (at != end) {
    const std::size_t length = trusted_varint(at);
    const std::string_view name = as_text({at, length});
    at += length;
    const Value value = trusted_value(at);
    const Clause* const group = policy.group_of(name);
    const Clause& clause = group != nullptr ? *group : policy.clause_of(name);
    if ((clause.ignore_empty || policy.fallback().ignore_empty) && is_empty(value)) continue;
    if (group != nullptr || clause.is_group()) {
      (group != nullptr ? grouped : namesakes).push_back({group != nullptr ? group : &clause, name, value});
      continue;
    }
    append_name(out, name);
    if (clause.as_timestamp) {
      Buffer payload(resource);
      append_timestamp_payload(payload, instant(name, value));
      append_value(out, {Type::timestamp, payload.span()});
    } else {
      append_value(out, value);
    }
  }
  // Names are distinct, so a name stands in one group once.
  std::sort(grouped.begin(), grouped.end(), [](const Member& a, const Member& b) {
    return a.group != b.group ? a.group->name < b.group->name : a.name < b.name;
  });
  // A member that is called like a group stands for it where the row has none of the group's members.
  for (const Member& member : namesakes) {
    if (std::any_of(grouped.begin(), grouped.end(), [&](const Member& other) { return other.group == member.group; }))
      continue;
    append_name(out, member.name);
    append_value(out, member.value);
  }
  for (auto from = grouped.begin(); from != grouped.end();) {
    const auto until = std::find_if(from, grouped.end(), [from](const Member& m) { return m.group != from->group; });
    append_group({from, until}, out, resource);
    from = until;
  }
}

}  // namespace cdp::core
