// The one place where customers are locked. Who needs more than it has locked gives everything back and begins again:
// locks are only ever taken in one sorted statement, so nobody waits for anybody in a circle.
#pragma once

#include <memory_resource>
#include <span>
#include <vector>

#include "pg/query.hpp"

namespace cdp::sql {

// A subtransaction: what was done and locked in it is undone and unlocked unless it is committed. No rows of a
// statement may outlive it.
class Subtransaction {
 public:
  Subtransaction();
  Subtransaction(const Subtransaction&) = delete;
  Subtransaction& operator=(const Subtransaction&) = delete;
  ~Subtransaction();
  void commit();

 private:
  void end();

  MemoryContext context_;
  ResourceOwner owner_;
  bool open_ = true;
};

// A cluster, and who wrote its row last: whoever changes the members of a cluster writes it.
struct ClusterVersion {
  std::int64_t cluster;
  TransactionId version;
  HeapTuple row = nullptr;  // of kProfileRows, if it was asked for and is a plain table's

  friend bool operator==(const ClusterVersion&, const ClusterVersion&) = default;
};

// Locks the clusters, which are ascending, until the transaction ends. Fewer if some of them are gone.
std::pmr::vector<ClusterVersion> lock_clusters(const pg::query::Schema& schema, std::span<const std::int64_t> clusters,
                                               bool with_rows, std::pmr::memory_resource* resource);

// Keeps out everybody else who writes to the space by this way, until the transaction ends.
void lock_space(const pg::query::Schema& schema);
void share_space(const pg::query::Schema& schema);
// These raise. False if it had to wait; and what undoes it, for who has written nothing.
bool try_share_space(const pg::query::Schema& schema);
void unshare_space(const pg::query::Schema& schema);

// Who is going to write by the rules shares them, before reading them, until the transaction ends; who changes them
// keeps everybody out (42501 for who may not). It is another lock than that of the space, which is let go of and taken
// again.
void lock_rules(const pg::query::Schema& schema);
void share_rules(const pg::query::Schema& schema);

}  // namespace cdp::sql
