// Arguments of the functions over what a customer did.
#pragma once

#include "core/timeline/duration.hpp"
#include "pg/datum.hpp"

namespace cdp::sql {

// An interval argument as a fixed duration. 22023 when it has months or years, is negative, or is zero although `least`
// is not. Throws, never raises.
core::Duration duration_arg(Datum interval, const char* name, core::Duration least);

// The elements of a text[] argument, in memory of the caller's. 22004 for a NULL among them, 22023 for more than one
// dimension. Throws, never raises.
std::pmr::vector<std::string_view> texts_arg(Datum array, const char* name, std::pmr::memory_resource* resource);

// A duration as the server's subtraction of timestamps gives it: days and hours. Raises.
Datum new_interval(core::Duration duration);

}  // namespace cdp::sql
