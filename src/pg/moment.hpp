// What had been committed at a moment: tells whether a row that is found later has been written since.
#pragma once

#include <memory_resource>
#include <vector>

#include "pg/postgres.hpp"

extern "C" {
#include "utils/snapshot.h"
}

namespace cdp::pg {

class Moment {
 public:
  explicit Moment(std::pmr::memory_resource* resource) : running_(resource), running_below_(resource) {}

  // From now on: as a statement of this transaction would see it. May throw what the server raises.
  void set();
  // Whether the transaction was done then. One's own count as done: who asks has written nothing since.
  bool saw(TransactionId writer) const;

 private:
  SnapshotData snapshot_{};
  std::pmr::vector<TransactionId> running_, running_below_;  // and subtransactions
};

}  // namespace cdp::pg
