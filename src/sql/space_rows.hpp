// Rows of a space's tables, read and overwritten without the executor.
#pragma once

#include "pg/direct.hpp"

namespace cdp::sql {

// Their columns by number: key first.
extern const pg::direct::Table kIdentifierRows;  // type, value; id, cluster_id, hub, blocked
extern const pg::direct::Table kProfileRows;     // cluster_id; profile_id, profile, timeline
extern const pg::direct::Table kLinkRows;        // a, b, source_id, rule; confidence, first_seen, last_seen
extern const pg::direct::Table kPartRows;        // source_id, identifiers; part_id, anchor, profile, timeline

// Two identifiers, and from when to when they were seen together.
struct Pair {
  std::int64_t a, b;
  std::int32_t source_id;
  std::int64_t first_seen, last_seen;  // the latter a day early, if it may lag behind
};
struct Name;

// These raise. What is stored of the name; false if it isn't there.
bool find_name(pg::direct::Open& identifiers, Name& name);
// Whether the pair says nothing new.
bool is_known(pg::direct::Open& links, const Pair& pair);

// Some of them, as they are now. After an error the server closes it.
class OpenRows {
 public:
  struct One {
    pg::direct::Open* open;
    const pg::direct::Table* table;
  };

  // False if one of them can't be opened: then none is.
  bool begin(const pg::query::Schema& schema, std::initializer_list<One> all);
  void end();  // what was written is seen from now on

 private:
  std::array<pg::direct::Open*, 4> all_{};
  std::size_t count_ = 0;
};

}  // namespace cdp::sql
