// The properties of an event on its way into a timeline: one after the other as bytes, or where they stand in a
// timeline already, whose events share their values.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/profile/value.hpp"

namespace cdp::core::timeline {

class RowProperties {
 public:
  struct Place {
    const std::byte *key, *value;  // text(key), and the value with its head
  };
  struct Property {
    std::string_view key;
    const std::byte* at;  // of the value's head
    Value value;
  };

  RowProperties() noexcept = default;
  explicit RowProperties(ByteSpan bytes) noexcept
      : bytes_(bytes.data()), size_(static_cast<std::uint32_t>(bytes.size())) {}
  explicit RowProperties(std::span<const Place> places) noexcept
      : places_(places.data()), size_(static_cast<std::uint32_t>(places.size())), apart_(true) {}

  bool empty() const noexcept { return size_ == 0; }

  template <typename Visit>
  void for_each(Visit&& visit) const {
    if (apart_) {
      for (const Place* place = places_; place != places_ + size_; ++place)
        visit(property_at(place->key, place->value));
    } else {
      for (const std::byte* at = bytes_; at != bytes_ + size_;) visit(property_at(at));
    }
  }

  // As the bytes of texts(key) and values compare.
  friend int compare(const RowProperties& a, const RowProperties& b) noexcept {
    if (!a.apart_ && !b.apart_) return compare_bytes({a.bytes_, a.size_}, {b.bytes_, b.size_});
    Cursor left(a), right(b);
    while (!left.done() && !right.done()) {
      const Property l = left.next(), r = right.next();
      if (const int order = compare_bytes(bytes_of(l.key), bytes_of(r.key)); order != 0) return order;
      if (l.at == r.at) continue;
      if (const int order = compare_bytes(bytes_of(l), bytes_of(r)); order != 0) return order;
    }
    return static_cast<int>(right.done()) - static_cast<int>(left.done());
  }

 private:
  class Cursor {
   public:
    explicit Cursor(const RowProperties& of) noexcept : apart_(of.apart_) {
      if (apart_) {
        place_ = of.places_;
        last_ = of.places_ + of.size_;
      } else {
        at_ = of.bytes_;
        end_ = of.bytes_ + of.size_;
      }
    }
    bool done() const noexcept { return apart_ ? place_ == last_ : at_ == end_; }
    Property next() noexcept {
      if (!apart_) return property_at(at_);
      const Place& place = *place_++;
      return property_at(place.key, place.value);
    }

   private:
    bool apart_;
    const Place *place_ = nullptr, *last_ = nullptr;
    const std::byte *at_ = nullptr, *end_ = nullptr;
  };

  static std::string_view key_at(const std::byte*& at) noexcept {
    const std::size_t length = trusted_varint(at);
    const std::string_view key = as_text({at, length});
    at += length;
    return key;
  }
  static Property property_at(const std::byte*& at) noexcept {
    const std::string_view key = key_at(at);
    const std::byte* const head = at;
    return {key, head, trusted_value(at)};
  }
  static Property property_at(const std::byte* key, const std::byte* value) noexcept {
    const std::byte* const head = value;
    return {key_at(key), head, trusted_value(value)};
  }
  static ByteSpan bytes_of(std::string_view key) noexcept {
    const std::size_t head = varint_size(key.size());
    return {as_bytes(key).data() - head, head + key.size()};
  }
  static ByteSpan bytes_of(const Property& property) noexcept {
    return {property.at, property.value.bytes.data() + property.value.bytes.size()};
  }

  union {
    const std::byte* bytes_ = nullptr;
    const Place* places_;
  };
  std::uint32_t size_ = 0;  // of the bytes, or places
  bool apart_ = false;
};

}  // namespace cdp::core::timeline
