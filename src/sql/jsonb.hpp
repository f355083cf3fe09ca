// Between the server's jsonb and the core's values.
#pragma once

#include "core/profile/json.hpp"
#include "pg/datum.hpp"

namespace cdp::sql {

// Reads a jsonb in place: unaligned, as it stands in a row with a short length, and without calling the server.
class JsonbReader {
 public:
  // `bytes` is what follows the varlena length.
  explicit JsonbReader(core::ByteSpan bytes) noexcept : container_(bytes.data()), size_(bytes.size()) {}

  std::size_t size() const noexcept { return size_; }
  bool is_object() const noexcept { return (word(0) & JB_FOBJECT) != 0; }

  // One member of an object.
  class Member {
   public:
    Member(std::string_view key, JEntry entry, const std::byte* data, std::uint32_t offset,
           std::uint32_t length) noexcept
        : key(key), entry_(entry), data_(data), offset_(offset), length_(length) {}

    const std::string_view key;
    bool is_string() const noexcept { return JBE_ISSTRING(entry_); }
    std::string_view string() const noexcept { return core::as_text({data_ + offset_, length_}); }
    void write(core::ValueWriter& writer) const { write_value(entry_, data_, offset_, length_, writer); }

   private:
    JEntry entry_;
    const std::byte* data_;
    std::uint32_t offset_, length_;
  };

  // Calls visit(const Member&) for each member of an object. JSON null says nothing and is left out.
  template <typename Visit>
  void for_each_member(Visit&& visit) const {
    all_members([&](const Member& member) {
      visit(member);
      return true;
    });
  }
  // The same until it returns false; then the result is false.
  template <typename Visit>
  bool all_members(Visit&& visit) const {
    return walk_members(
        [&](std::string_view key, JEntry entry, const std::byte* data, std::uint32_t offset, std::uint32_t length) {
          return JBE_ISNULL(entry) || visit(Member(key, entry, data, offset, length));
        });
  }

  // Writes the whole array or object.
  void write(core::ValueWriter& writer) const;

 private:
  std::uint32_t word(std::uint32_t index) const noexcept {
    std::uint32_t value;
    std::memcpy(&value, container_ + 4 * std::size_t{index}, sizeof value);
    return value;
  }
  // An entry holds either the length of its child or, now and then, where it ends.
  static std::uint32_t length_of(JEntry entry, std::uint32_t offset) noexcept {
    return JBE_HAS_OFF(entry) ? JBE_OFFLENFLD(entry) - offset : JBE_OFFLENFLD(entry);
  }

  // Keys come first, then the values in the same order.
  template <typename Visit>
  bool walk_members(Visit&& visit) const {
    const std::uint32_t count = word(0) & JB_CMASK;
    const std::byte* const data = container_ + 4 + 8 * std::size_t{count};
    std::uint32_t key_at = 0, value_at = 0;
    for (std::uint32_t i = 0; i < count; ++i) value_at += length_of(word(1 + i), value_at);
    for (std::uint32_t i = 0; i < count; ++i) {
      const JEntry entry = word(1 + count + i);
      const std::uint32_t key_length = length_of(word(1 + i), key_at), length = length_of(entry, value_at);
      if (!visit(core::as_text({data + key_at, key_length}), entry, data, value_at, length)) return false;
      key_at += key_length;
      value_at += length;
    }
    return true;
  }

  static void write_value(JEntry entry, const std::byte* data, std::uint32_t offset, std::uint32_t length,
                          core::ValueWriter& writer);

  const std::byte* container_;
  std::size_t size_;
};

// The numeric of a number. Throws, never raises.
Datum to_numeric(core::Value number);

// The jsonb of a value. May raise, but only through pg::call.
Datum to_jsonb(core::Value value);

}  // namespace cdp::sql
