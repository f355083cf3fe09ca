// Advisory locks of the extension's own.
#pragma once

#include <cstdint>

#include "pg/postgres.hpp"

extern "C" {
#include "miscadmin.h"
#include "storage/lock.h"
}

namespace cdp::pg {

// Not one that pg_advisory_lock can make (these have 1 and 2 in its last field): or anybody could keep out those who
// write. In pg_locks its last field is objsubid.
inline LOCKTAG lock_tag(std::int32_t what, Oid of) noexcept {
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<std::uint32_t>(what), of, 3);
  return tag;
}

}  // namespace cdp::pg
