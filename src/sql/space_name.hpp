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

// An identifier by its name, and what the space has of it.
struct Name {
  std::string_view type, value;
  core::identity::TypeIndex type_index = 0;
  bool readable = true;
  std::int64_t id = 0, cluster = 0;  // 0: it isn't there
  bool hub = false, blocked = false;
};
// Each name once.
void find_names(const pg::query::Schema& schema, std::span<Name> names, std::pmr::memory_resource* resource);
// Inserts those that aren't there, in the order in which everybody does, with their customers; finds all. How many were
// not.
std::int64_t settle_names(const pg::query::Schema& schema, std::span<Name> names, std::pmr::memory_resource* resource);

}  // namespace cdp::sql
