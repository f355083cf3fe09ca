// Attribute values: what a profile stores and a segment compares with. The same value has the same bytes.
//
// A stored value is varint(length × 8 + type) and a payload:
//   erased, null  nothing            boolean    00 or 01
//   number        a decimal          timestamp  microseconds since 2000-01-01 UTC + 2^63, eight bytes, big end first
//   string        UTF-8              array      varint(count), values
//   object        varint(count), then varint(length) key value, keys in strictly ascending order of bytes
// so that of two values of one type the lesser has the lesser payload under memcmp (arrays and objects: some
// fixed order).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/bytes/buffer.hpp"
#include "core/bytes/json_string.hpp"
#include "core/bytes/reader.hpp"

namespace cdp::core {

// Stored: fixed for ever. The order is the one across types.
enum class Type : std::uint8_t {
  erased = 0,  // the value was withdrawn; only as the value of an attribute
  boolean = 1,
  number = 2,
  string = 3,
  timestamp = 4,
  object = 5,
  array = 6,
  null = 7,  // JSON null; only inside objects and arrays
};

inline constexpr int kMaxValueDepth = 1000;  // of nested objects and arrays; 54001 beyond

constexpr bool is_container(Type type) noexcept { return type == Type::object || type == Type::array; }

struct Value {
  Type type;
  ByteSpan bytes;

  friend bool operator==(const Value& a, const Value& b) noexcept {
    return a.type == b.type && same_bytes(a.bytes, b.bytes);
  }
};

// The total order of values: by type, then by payload.
inline int compare(const Value& a, const Value& b) noexcept {
  if (a.type != b.type) return a.type < b.type ? -1 : 1;
  return compare_bytes(a.bytes, b.bytes);
}

inline void append_value(Buffer& out, Value value) {
  out.varint(value.bytes.size() << 3 | static_cast<std::uint64_t>(value.type));
  out.append(value.bytes);
}

// Reads a value that was validated when it came in, and steps past it.
inline Value trusted_value(const std::byte*& at) noexcept {
  const std::uint64_t head = trusted_varint(at);
  const Value value{static_cast<Type>(head & 7), {at, static_cast<std::size_t>(head >> 3)}};
  at += value.bytes.size();
  return value;
}

// Reads a value that nobody vouches for: everything in it is checked.
Value checked_value(Reader& reader, bool nested = false, int depth = 0);

// 54001 when the value nests deeper than `levels`.
void check_depth(Value value, int levels = kMaxValueDepth);
[[noreturn]] void fail_value_depth();

// Timestamps: microseconds since 2000-01-01 00:00 UTC; the least and greatest int64 are -infinity and infinity.
inline std::int64_t timestamp_of(Value value) noexcept {
  return static_cast<std::int64_t>(load_be<std::uint64_t>(value.bytes.data()) ^ 0x8000000000000000U);
}
inline void append_timestamp_payload(Buffer& out, std::int64_t microseconds) {
  out.be<std::uint64_t>(static_cast<std::uint64_t>(microseconds) ^ 0x8000000000000000U);
}

// The member `key` of an object, or nothing (also when `object` is none).
std::optional<Value> member(Value object, std::string_view key) noexcept;

// The value at `path` ("city.name") inside an object: a member of that whole name, else of a name that ends at a dot.
std::optional<Value> member_at(Value object, std::string_view path) noexcept;

// Calls visit(Value) for each element of an array; stops when it returns true, and says whether it did.
template <typename Visit>
bool any_element(Value array, Visit&& visit) {
  const std::byte* at = array.bytes.data();
  for (std::uint64_t left = trusted_varint(at); left > 0; --left)
    if (visit(trusted_value(at))) return true;
  return false;
}

// JSON text of a value: strings escaped, numbers plain, timestamps as ISO 8601 strings, erased as null.
void print_json(Value value, Buffer& out);

// The text of a value as ->> gives it: a string or timestamp without quotes, else its JSON.
void print_text(Value value, Buffer& out);

}  // namespace cdp::core
