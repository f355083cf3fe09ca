// The one gate through which a stored rule enters C++.
#pragma once

#include "core/segment/segment.hpp"
#include "pg/datum.hpp"

namespace cdp::sql {

// A segment argument: detoasted only when it is out of line, read through the packed pointer, with an O(1) check of
// the header. May raise: call while no C++ object is alive. Errors: XX001 for bytes that are no segment, 0A000 for
// a newer version.
inline core::Segment segment_arg(Datum datum) { return core::Segment(pg::bytes_of(datum)); }

}  // namespace cdp::sql
