// How the values of identifiers are spelled in a space.
#pragma once

#include <memory_resource>
#include <string_view>

#include "sql/space_rules.hpp"

namespace cdp::sql {

inline constexpr std::size_t kLongestValue = 1024;  // bytes of an identifier's value

struct Spelled {
  std::string_view value;
  bool readable;  // false: the normaliser of the type can't make anything of it; it identifies nobody
};

// 54000 for a value that is too long.
Spelled spell(const pg::query::Schema& schema, const SpaceRules& rules, core::identity::TypeIndex type,
              std::string_view value, std::pmr::memory_resource* resource);

}  // namespace cdp::sql
