// JSON text as the reader of events sees it.
#pragma once

#include <deque>
#include <string>

#include "core/event/document.hpp"
#include "core/profile/json.hpp"

namespace cdp::core::test {

// A node is where a stored value begins.
class JsonDocument final : public event::Document {
 public:
  explicit JsonDocument(std::string_view json) { parse_json(json, "jsonb", buffer_, std::pmr::new_delete_resource()); }

  event::Field root() const override { return field_at(buffer_.data()); }

  event::Field member(const event::Field& object, std::string_view key) const override {
    const std::byte* at = value_of(object).bytes.data();
    for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
      const std::size_t length = trusted_varint(at);
      const std::string_view name = as_text({at, length});
      at += length;
      if (name == key) return field_at(at);
      trusted_value(at);
    }
    return {};
  }

  std::size_t size(const event::Field& array) const override {
    const std::byte* at = value_of(array).bytes.data();
    return trusted_varint(at);
  }

  event::Field element(const event::Field& array, std::size_t i) const override {
    const std::byte* at = value_of(array).bytes.data();
    trusted_varint(at);
    for (; i > 0; --i) trusted_value(at);
    return field_at(at);
  }

  std::string_view number(const event::Field& number) const override { return numbers_.emplace_back(json_of(number)); }

  static std::string json_of(const event::Field& field) {
    Buffer text;
    print_json(value_of(field), text);
    return std::string(as_text(text.span()));
  }

 private:
  using Kind = event::Field::Kind;

  static Value value_of(const event::Field& field) {
    const auto* at = static_cast<const std::byte*>(field.node);
    return trusted_value(at);
  }

  static event::Field field_at(const std::byte* at) {
    const void* const node = at;
    const Value value = trusted_value(at);
    switch (value.type) {
      case Type::boolean: return {Kind::boolean, {}, node};
      case Type::number: return {Kind::number, {}, node};
      case Type::string: return {Kind::string, as_text(value.bytes), node};
      case Type::object: return {Kind::object, {}, node};
      case Type::array: return {Kind::array, {}, node};
      default: return {Kind::null, {}, node};
    }
  }

  Buffer buffer_;
  mutable std::deque<std::string> numbers_;
};

}  // namespace cdp::core::test
