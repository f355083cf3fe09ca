// The identity graph as the tables of a space hold it. Each function is one statement, or two.
#pragma once

#include "core/identity/store.hpp"
#include "sql/space_rules.hpp"

namespace cdp::sql {

class SpaceStore final : public core::identity::Store {
 public:
  // What it hands over lives as long as the memory of `resource`.
  SpaceStore(const pg::query::Schema& schema, const SpaceRules& rules, std::pmr::memory_resource* resource)
      : schema_(schema), rules_(rules), resource_(resource) {}

  void pairs(std::span<const core::identity::IdPair> pairs, Rows<core::identity::StoredIdentifier>& ends,
             Rows<core::identity::StoredSighting>& sightings) override;
  void identifiers(std::span<const std::int64_t> ids, Rows<core::identity::StoredIdentifier>& rows) override;
  void degrees(std::span<const core::identity::DegreeAsked> asked, Rows<std::uint32_t>& degrees) override;
  void clusters(std::span<const std::int64_t> clusters, Rows<core::identity::StoredCluster>& rows) override;
  void conflicts(std::span<const std::int64_t> clusters, Rows<core::identity::ClusterSide>& rows) override;
  void holders(std::span<const core::identity::HolderAsked> asked,
               Rows<core::identity::StoredIdentifier>& rows) override;
  void members(std::span<const std::int64_t> clusters, std::size_t most,
               Rows<core::identity::StoredIdentifier>& rows) override;
  void links(std::span<const std::int64_t> ids, Rows<core::identity::StoredSighting>& rows) override;
  void decisions(std::span<const std::int64_t> ids, Rows<core::identity::PairDecision>& pairs,
                 Rows<core::identity::SideDecision>& sides) override;

 private:
  void take(const pg::query::Rows& from, Rows<core::identity::StoredIdentifier>& rows);
  void take(const pg::query::Rows& from, Rows<core::identity::StoredSighting>& rows);
  void add_weights(std::span<const std::int64_t> clusters, Rows<core::identity::StoredCluster>& rows);
  core::ByteSpan keep(std::string_view text);

  const pg::query::Schema& schema_;
  const SpaceRules& rules_;
  std::pmr::memory_resource* resource_;
};

}  // namespace cdp::sql
