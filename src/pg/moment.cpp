// src/pg/moment.cpp: a snapshot kept beyond the statements that it was taken for, without holding back vacuum.
#include "pg/moment.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/snapmgr.h"
}

namespace cdp::pg {

void Moment::set() {
  const Snapshot now = call([] { return GetTransactionSnapshot(); });
  running_.assign(now->xip, now->xip + now->xcnt);
  running_below_.assign(now->subxip, now->subxip + (now->subxcnt > 0 ? now->subxcnt : 0));
  snapshot_ = *now;
  snapshot_.xip = running_.data();
  snapshot_.subxip = running_below_.data();
}

bool Moment::saw(TransactionId writer) const {
  return call([&] {
    return TransactionIdIsCurrentTransactionId(writer) || !XidInMVCCSnapshot(writer, const_cast<Snapshot>(&snapshot_));
  });
}

}  // namespace cdp::pg
