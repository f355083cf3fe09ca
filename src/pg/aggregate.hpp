// What the functions behind an aggregate share. They own nothing and raise directly.
#pragma once

#include "pg/datum.hpp"

namespace cdp::pg {

// 42809 when somebody calls a support function by itself: it may change its first argument in place.
inline void check_aggregate(FunctionCallInfo fcinfo) {
  if (AggCheckCallContext(fcinfo, nullptr) == 0)
    ereport(ERROR,
            (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("aggregate support function called in non-aggregate context")));
}

// The bytes of a varlena that is not toasted.
inline core::ByteSpan inline_bytes(Datum datum) noexcept {
  const auto* const value = reinterpret_cast<const struct varlena*>(DatumGetPointer(datum));
  return {reinterpret_cast<const std::byte*>(VARDATA_ANY(value)), VARSIZE_ANY_EXHDR(value)};
}

}  // namespace cdp::pg
