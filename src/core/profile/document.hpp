// Reads the text form of a type once it is a value: an object of objects and arrays. What is not as it should be is
// 22P02.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/profile/decimal.hpp"
#include "core/profile/timestamp.hpp"
#include "core/profile/value.hpp"

namespace cdp::core {

class Document {
 public:
  // The type, and a hint for somebody who took its text for something else.
  constexpr Document(const char* type, const char* hint) noexcept : type_(type), hint_(hint) {}

  [[noreturn]] void fail(std::string detail, std::string hint = {}) const {
    throw Error(Code::invalid_text, std::string("invalid input syntax for type ") + type_, std::move(detail),
                std::move(hint));
  }

  [[noreturn]] void unrecognized(std::string_view key, const char* known) const {
    fail("Unrecognized key \"" + std::string(key.substr(0, 64)) + "\"; the keys here are " + known + ".", hint_);
  }

  // Calls visit(key, Value).
  template <typename Visit>
  void for_each_member(Value object, const char* what, Visit&& visit) const {
    if (object.type != Type::object) fail(std::string("Expected an object for ") + what + ".");
    const std::byte* at = object.bytes.data();
    for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
      const std::size_t length = trusted_varint(at);
      const std::string_view key = as_text({at, length});
      at += length;
      visit(key, trusted_value(at));
    }
  }

  // Calls visit(Value).
  template <typename Visit>
  void for_each_element(Value array, const char* what, Visit&& visit) const {
    if (array.type != Type::array) fail(std::string("Expected an array for ") + what + ".");
    any_element(array, [&](Value element) {
      visit(element);
      return false;
    });
  }

  // The same; there must be one at least.
  template <typename Visit>
  void for_each_of_some(Value array, const char* what, Visit&& visit) const {
    std::uint64_t met = 0;
    for_each_element(array, what, [&](Value element) {
      visit(element);
      ++met;
    });
    if (met == 0) fail(std::string("Expected at least one element for ") + what + ".");
  }

  std::uint64_t count(Value value, const char* what) const {
    const auto number = value.type == Type::number ? decimal_to_integer(value.bytes) : std::nullopt;
    if (!number || *number < 1) fail(std::string("\"") + what + "\" must be a positive whole number.");
    return static_cast<std::uint64_t>(*number);
  }

  std::string_view text(Value value, const char* what) const {
    if (value.type != Type::string) fail(std::string("\"") + what + "\" must be a string.");
    return as_text(value.bytes);
  }

  std::int64_t instant(Value value, const char* what) const {
    const auto time = value.type == Type::string ? parse_timestamp(as_text(value.bytes)) : std::nullopt;
    if (!time) fail(std::string("\"") + what + "\" must be a timestamp such as \"2026-01-31T10:00:00Z\".");
    return *time;
  }

  // A member that must be there.
  Value required(Value object, const char* key, const char* what) const {
    const auto found = member(object, key);
    if (!found) fail(std::string(what) + " needs the key " + key + ".");
    return *found;
  }

 private:
  const char *type_, *hint_;
};

inline constexpr Document kProfileDocument{
    "cdp.profile", "cdp.profile_agg(attributes, source, observed_at) makes profiles of plain attributes."};

}  // namespace cdp::core
