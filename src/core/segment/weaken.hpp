// Rules that say less than another: true wherever it is.
#pragma once

#include <functional>

#include "core/segment/segment.hpp"

namespace cdp::core {

// Whether a node of a rule is left out of it, with all that it joins.
using LeftOut = std::function<bool(const ProgramNode&)>;

// Appends a rule without these nodes that is true of every profile that the whole rule is true of. False when nothing
// is left to say: then it is true of every profile.
bool append_weaker(const Segment& segment, const LeftOut& left_out, Buffer& out, const Poll& poll,
                   std::pmr::memory_resource* resource, const Zones* zones);

}  // namespace cdp::core
