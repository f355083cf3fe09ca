// Between the server's jsonb and the core's values.
#pragma once

#include "core/profile/json.hpp"
#include "pg/datum.hpp"

namespace cdp::sql {

// Calls visit(key, write) for each member of a top-level object; write(ValueWriter&) writes the member's value. JSON
// null says nothing and is left out. Reads the jsonb in place and never calls the server.
template <typename Visit>
void for_each_member(const JsonbContainer* object, Visit&& visit);

// True when the jsonb is an object.
inline bool is_object(const Jsonb* jsonb) noexcept { return JB_ROOT_IS_OBJECT(jsonb); }

// Writes the `index`th child of a container.
void write_child(const JsonbContainer* container, int index, std::uint32_t offset, const char* base,
                 core::ValueWriter& writer);

// The jsonb of a value. May raise, but only through pg::call.
Datum to_jsonb(core::Value value);

template <typename Visit>
void for_each_member(const JsonbContainer* object, Visit&& visit) {
  // Keys come first, then the values in the same order; lengths add up to offsets.
  const int count = static_cast<int>(JsonContainerSize(object));
  const char* const base = reinterpret_cast<const char*>(&object->children[2 * count]);
  std::uint32_t key_at = 0, value_at = getJsonbOffset(object, count);
  for (int i = 0; i < count; ++i) {
    const std::uint32_t key_length = getJsonbLength(object, i), value_length = getJsonbLength(object, count + i);
    if (!JBE_ISNULL(object->children[count + i]))
      visit(std::string_view(base + key_at, key_length),
            [&](core::ValueWriter& writer) { write_child(object, count + i, value_at, base, writer); });
    key_at += key_length;
    value_at += value_length;
  }
}

}  // namespace cdp::sql
