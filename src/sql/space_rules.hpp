// The rules of a space, as its tables state them.
#pragma once

#include <memory>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "core/identity/graph.hpp"
#include "pg/query.hpp"

namespace cdp::sql {

// What makes one of several spellings.
enum class Normaliser : std::uint8_t { none, email, email_of_provider, phone };

class SpaceRules {
 public:
  // Reads them, as they would be with a change of theirs (see space_patch.hpp): types that come with it take their
  // places by name, sources theirs at the end. 22023 for those that contradict themselves.
  SpaceRules(const pg::query::Schema& schema, pg::query::Argument patch);
  SpaceRules(const SpaceRules&) = delete;
  SpaceRules& operator=(const SpaceRules&) = delete;

  const core::identity::Rules& rules() const noexcept { return rules_; }
  std::size_t max_identifiers() const noexcept { return max_identifiers_; }
  Normaliser normaliser(core::identity::TypeIndex type) const noexcept { return normalisers_[type]; }
  std::string_view region() const noexcept { return region_; }  // empty: none

  bool has_type(std::string_view name) const noexcept { return find_type(name) != nullptr; }
  bool has_source(std::string_view name) const noexcept;
  // 42704 for a name of nothing, with the nearest one.
  core::identity::TypeIndex type(std::string_view name) const;
  core::identity::SourceIndex source(std::string_view name) const;
  std::string_view source_name(core::identity::SourceIndex source) const noexcept { return source_names_[source]; }
  std::int32_t source_id(core::identity::SourceIndex source) const noexcept { return source_ids_[source]; }
  core::identity::SourceIndex source_of(std::int32_t id) const;  // XX001 if there is none

 private:
  void read_settings(const pg::query::Schema& schema, pg::query::Argument patch);
  void read_types(const pg::query::Schema& schema, pg::query::Argument patch);
  void read_degrees(const pg::query::Schema& schema, pg::query::Argument patch);
  void read_sources(const pg::query::Schema& schema, pg::query::Argument patch);
  std::string_view keep(std::string_view text);
  const core::identity::Type* find_type(std::string_view name) const noexcept;

  std::pmr::monotonic_buffer_resource resource_;
  core::identity::Rules rules_;
  std::size_t max_identifiers_ = 0;
  std::string_view region_;
  std::pmr::vector<core::identity::Type> types_;  // by name
  std::pmr::vector<Normaliser> normalisers_;
  std::pmr::vector<core::identity::Source> sources_;
  std::pmr::vector<std::string_view> source_names_;  // by id, as the two around
  std::pmr::vector<std::int32_t> source_ids_;
  std::pmr::vector<core::identity::DegreeLimit> degrees_;
};

// Its table of settings. 3F000 if there is no such space.
Oid require_space(const pg::query::Schema& schema);

// The rules as they are now, read again only when their version has changed. Unless the schema is only to be looked at
// nobody changes them until the transaction ends. 3F000 if there is no such space; 40001 if the transaction's snapshot
// has others.
std::shared_ptr<const SpaceRules> rules_of(const pg::query::Schema& schema);

}  // namespace cdp::sql
