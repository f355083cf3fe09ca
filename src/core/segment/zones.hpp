// Time zones, which the core has none of its own: the server's are passed in.
#pragma once

#include <cstdint>
#include <string_view>

namespace cdp::core {

// A table of functions. They may throw.
struct Zones {
  using Handle = const void*;

  // The zone of an IANA name, in upper or lower case; nullptr for any other name.
  Handle (*find)(std::string_view name);
  // The name as it is spelled.
  std::string_view (*name)(Handle zone);
  // The first instant (microseconds since 2000-01-01 UTC) whose local date is `day` (days since 2000-01-01) or later. A
  // zone that leaves out a date begins it with the next one; it is within two days of the same date in UTC.
  std::int64_t (*start_of_day)(Handle zone, std::int64_t day);
};

}  // namespace cdp::core
