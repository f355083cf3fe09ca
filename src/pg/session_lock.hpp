// A lock that outlasts the transactions of a procedure, and that an error gives back.
#pragma once

#include "pg/lock_tag.hpp"

namespace cdp::pg {

// One at a time for each session. False if another session has it. It is let go of by
// release_session_lock, and when the transaction or the subtransaction that took it fails, or, once that has been
// committed, one after it.
bool take_session_lock(const LOCKTAG& tag);
void release_session_lock();

}  // namespace cdp::pg
