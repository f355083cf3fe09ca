// A rule as plain SQL, for other engines and for readers. docs/segment-sql.md describes the relations that it reads.
#pragma once

#include "core/segment/segment.hpp"

namespace cdp::core {

// Appends a query for the customers of whom the rule is true at `as_of`, or at now() without one. 0A000 for what has
// no plain form, 54000 beyond 64 MB.
void print_sql(const Segment& segment, std::optional<std::int64_t> as_of, Buffer& out, const Poll& poll,
               std::pmr::memory_resource* resource);

}  // namespace cdp::core
