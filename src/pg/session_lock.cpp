// src/pg/session_lock.cpp: a lock that outlasts transactions.
#include "pg/session_lock.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "access/xact.h"
}

namespace cdp::pg {

namespace {

struct Held {
  bool any = false;
  int level = 0;  // of the transaction that would have to fail
  LOCKTAG tag;
};
Held held;

void let_go() {
  if (!held.any) return;
  held.any = false;
  LockRelease(&held.tag, ExclusiveLock, true);
}

void at_end(XactEvent event, void*) {
  if (event == XACT_EVENT_ABORT) let_go();
  if (event == XACT_EVENT_COMMIT) held.level = 1;
}

void at_end_of_part(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  const int level = GetCurrentTransactionNestLevel();
  if (event == SUBXACT_EVENT_ABORT_SUB && level <= held.level) let_go();
  if (event == SUBXACT_EVENT_COMMIT_SUB && level == held.level) held.level = level - 1;
}

}  // namespace

bool take_session_lock(const LOCKTAG& tag) {
  static bool watching = false;
  return call([&] {
    if (!watching) {
      RegisterXactCallback(at_end, nullptr);
      RegisterSubXactCallback(at_end_of_part, nullptr);
      watching = true;
    }
    let_go();
    if (LockAcquire(&tag, ExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL) return false;
    held = {true, GetCurrentTransactionNestLevel(), tag};
    return true;
  });
}

void release_session_lock() {
  call([] { let_go(); });
}

}  // namespace cdp::pg
