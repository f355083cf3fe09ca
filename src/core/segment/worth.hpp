// Which parts of a rule an index over profiles should look up: those that save more than reading them takes.
#pragma once

#include "core/segment/statistics.hpp"

namespace cdp::core {

// Whether there are ranges that stand beside other things to look up: then append_worth_looking_up() may find some that
// cost more than they save.
bool has_choice(const Segment& segment, std::pmr::memory_resource* resource, const Poll& poll = {});
// Appends a rule that is true wherever this one is, and leaves out the ranges for which an index would read more than
// looking at the profiles takes that the rest finds: each takes as long as that many entries. False, and nothing is
// appended, when all of them are worth it.
bool append_worth_looking_up(const Segment& segment, std::optional<std::int64_t> as_of, const KeyStatistics& statistics,
                             double entries_per_profile, Buffer& out, const Poll& poll,
                             std::pmr::memory_resource* resource, const Zones* zones);

}  // namespace cdp::core
