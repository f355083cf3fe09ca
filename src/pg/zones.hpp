// The server's time zones, for the core.
#pragma once

#include "core/segment/zones.hpp"

namespace cdp::pg {

// Zones by the names of the IANA database; not POSIX strings such as "UTC+3" (which means the opposite of what it
// says), nor the machine's own zone. Answers are remembered in this process, in bounded memory.
const core::Zones& zones() noexcept;

}  // namespace cdp::pg
