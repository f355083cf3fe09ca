// Arrays of text.
#pragma once

#include <memory_resource>
#include <string_view>
#include <vector>

#include "pg/guard.hpp"
#include "pg/postgres.hpp"

namespace cdp::sql {

// The names as text[]. Throws, never raises.
inline Datum texts(const std::pmr::vector<std::string_view>& names) {
  return pg::call([&names] {
    auto* const elements = static_cast<Datum*>(palloc(names.size() * sizeof(Datum)));
    for (std::size_t i = 0; i < names.size(); ++i)
      elements[i] = PointerGetDatum(cstring_to_text_with_len(names[i].data(), static_cast<int>(names[i].size())));
    return PointerGetDatum(construct_array(elements, static_cast<int>(names.size()), TEXTOID, -1, false, TYPALIGN_INT));
  });
}

}  // namespace cdp::sql
