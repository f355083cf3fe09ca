// src/core/profile/value.cpp: validation, lookup and printing of attribute values.
#include "core/profile/value.hpp"

#include "core/bytes/utf8.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/timestamp.hpp"

namespace cdp::core {

namespace {

void check_object(Reader& reader, int depth) {
  std::string_view previous;
  const std::size_t count = reader.count(2);
  for (std::size_t i = 0; i < count; ++i) {
    const ByteSpan key = reader.take(reader.count());
    if (!is_utf8_text(key)) reader.fail("a key is not valid UTF-8 text");
    if (i > 0 && compare_bytes(as_bytes(previous), key) >= 0) reader.fail("the keys of an object are not in order");
    previous = as_text(key);
    checked_value(reader, true, depth);
  }
}

}  // namespace

void fail_value_depth() { throw Error(Code::too_complex, "value is nested too deeply", "The limit is 1000 levels."); }

void check_depth(Value value, int levels) {
  if (!is_container(value.type)) return;
  if (levels == 0) fail_value_depth();
  const std::byte* at = value.bytes.data();
  for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
    if (value.type == Type::object) {
      const std::size_t length = trusted_varint(at);
      at += length;
    }
    check_depth(trusted_value(at), levels - 1);
  }
}

Value checked_value(Reader& reader, bool nested, int depth) {
  const std::uint64_t head = reader.varint();
  const Value value{static_cast<Type>(head & 7), reader.take(static_cast<std::size_t>(head >> 3))};
  if (is_container(value.type) && depth == kMaxValueDepth) fail_value_depth();
  Reader inside = reader.within(value.bytes);
  switch (value.type) {
    case Type::erased:
    case Type::null:
      if (nested != (value.type == Type::null)) reader.fail("an empty value stands where it may not");
      break;
    case Type::boolean:
      if (inside.byte() > 1) reader.fail("a boolean is neither true nor false");
      break;
    case Type::number:
      if (!is_decimal(inside.take(inside.left()))) reader.fail("a number is not in its canonical form");
      break;
    case Type::string:
      if (!is_utf8_text(inside.take(inside.left()))) reader.fail("a string is not valid UTF-8 text");
      break;
    case Type::timestamp:
      inside.be<std::uint64_t>();
      if (inside.left() == 0 && !is_timestamp(timestamp_of(value))) reader.fail("a timestamp is out of range");
      break;
    case Type::object: check_object(inside, depth + 1); break;
    case Type::array:
      for (std::size_t left = inside.count(); left > 0; --left) checked_value(inside, true, depth + 1);
      break;
  }
  inside.expect_end();
  return value;
}

std::optional<Value> member(Value object, std::string_view key) noexcept {
  if (object.type != Type::object) return std::nullopt;
  const std::byte* at = object.bytes.data();
  for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
    const std::size_t length = trusted_varint(at);
    const int order = compare_bytes({at, length}, as_bytes(key));
    if (order > 0) break;
    at += length;
    const Value value = trusted_value(at);
    if (order == 0) return value;
  }
  return std::nullopt;
}

std::optional<Value> member_at(Value object, std::string_view path) noexcept {
  if (const auto whole = member(object, path)) return whole;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1))
    if (const auto outer = member(object, path.substr(0, dot)))
      if (const auto value = member_at(*outer, path.substr(dot + 1))) return value;
  return std::nullopt;
}

void print_json(Value value, Buffer& out) {
  switch (value.type) {
    case Type::erased:
    case Type::null: out.append("null"); break;
    case Type::boolean: out.append(value.bytes[0] == std::byte{0} ? "false" : "true"); break;
    case Type::number: print_decimal(value.bytes, out); break;
    case Type::string: print_json_string(as_text(value.bytes), out); break;
    case Type::timestamp:
      out.byte('"');
      print_timestamp(timestamp_of(value), out);
      out.byte('"');
      break;
    case Type::object: {
      const std::byte* at = value.bytes.data();
      out.byte('{');
      const std::uint64_t count = trusted_varint(at);
      for (std::uint64_t i = 0; i < count; ++i) {
        if (i > 0) out.append(", ");
        const std::size_t length = trusted_varint(at);
        print_json_string(as_text({at, length}), out);
        at += length;
        out.append(": ");
        print_json(trusted_value(at), out);
      }
      out.byte('}');
      break;
    }
    case Type::array: {
      bool first = true;
      out.byte('[');
      any_element(value, [&](Value element) {
        if (!first) out.append(", ");
        first = false;
        print_json(element, out);
        return false;
      });
      out.byte(']');
      break;
    }
  }
}

void print_text(Value value, Buffer& out) {
  if (value.type == Type::string) {
    out.append(value.bytes);
  } else if (value.type == Type::timestamp) {
    print_timestamp(timestamp_of(value), out);
  } else {
    print_json(value, out);
  }
}

}  // namespace cdp::core
