// Parts: what a source said with one set of identifiers. Here they take in what was observed, and so do the customers
// whom they belong to.
#pragma once

#include <map>
#include <memory_resource>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/buffer.hpp"
#include "core/profile/builder.hpp"
#include "core/timeline/builder.hpp"
#include "sql/space_lock.hpp"
#include "sql/space_rules.hpp"

namespace cdp::sql {

struct Observation;

// As the text of an array.
std::string array_text(const std::pmr::vector<std::int64_t>& ids);

struct PartValues {
  Datum profile = 0, timeline = 0;
};

// Byte by byte, as they are stored. A customer of one part is what that part is.
bool same(const PartValues& a, const PartValues& b) noexcept;

struct PartRows;

// What a customer and its parts, as they are stored, become.
struct PartsReady {
  HeapTuple customer_row = nullptr;
  PartValues customer;
  std::vector<std::pair<HeapTuple, PartValues>> parts;
};

class Parts {
 public:
  Parts(const pg::query::Schema& schema, const SpaceRules& rules, std::pmr::memory_resource* resource);

  // The number here of the part of this source and set of identifiers, which are ascending.
  std::size_t part(core::identity::SourceIndex source, std::pmr::vector<std::int64_t> ids, std::int64_t anchor,
                   std::int64_t cluster);
  // The part's customer has this identifier. All spans have to outlive write().
  void saw(std::size_t part, std::string_view type, std::string_view value, std::int64_t at);
  // 22023 for attributes or properties that are no JSON object.
  void add(std::size_t part, const Observation& observation);

  // What the part adds; no timeline if nothing happened.
  PartValues values(std::size_t part);
  // The same with what was stored before.
  PartValues joined(const PartValues& stored, std::span<const PartValues> added);

  struct Written {
    std::pmr::vector<std::int64_t> parts;                // part_id, by number here
    std::pmr::map<std::int64_t, std::int64_t> profiles;  // profile_id, by cluster
  };
  // May be done before the clusters are locked, so that less is left to do afterwards: of whom is found unchanged then.
  void make_ready();
  // Writes all, under the locks of their clusters; of which some have rows that nobody has written since.
  Written write(std::span<const ClusterVersion> locked);

 private:
  struct Seen {
    std::string_view type, value;
    std::int64_t at;
  };
  struct Part {
    core::identity::SourceIndex source;
    std::pmr::vector<std::int64_t> ids;
    std::int64_t anchor, cluster;
    std::pmr::vector<Seen> seen;
    std::pmr::vector<const Observation*> observations;
  };
  using Key = std::pair<core::identity::SourceIndex, std::pmr::vector<std::int64_t>>;

  using Places = std::pmr::vector<std::size_t>;

  std::map<std::int64_t, Places> by_customer() const;
  std::optional<PartsReady> ready(PartRows& open, HeapTuple customer, const Places& places);
  void overwrite(PartRows& open, const PartsReady& ready, const Places& places, Written& written) const;
  void write_by_statement(const Places& places, Written& written);
  Datum profile_of(const Part& part);
  Datum timeline_of(const Part& part);

  const pg::query::Schema& schema_;
  const SpaceRules& rules_;
  std::pmr::memory_resource* resource_;
  std::pmr::vector<Part> parts_;
  std::pmr::map<Key, std::size_t> place_;
  std::map<std::int64_t, PartsReady> ready_;  // by cluster
  core::ProfileBuilder profile_;
  core::TimelineBuilder timeline_;
};

}  // namespace cdp::sql
