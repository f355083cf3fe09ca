// How the catalog keeps the statistics of a column of profiles.
#pragma once

#include <cstdint>

namespace cdp::sql {

// Slots of pg_statistic: STATISTIC_KIND_MCELEM with int8 keys, and one of a kind of our own, from the range for private
// use: bounds between which equally many ordered keys lie, and how many of those a profile has. (The server would
// compare a STATISTIC_KIND_HISTOGRAM with profiles.)
inline constexpr std::int16_t kOrderedKeys = 21001;

}  // namespace cdp::sql
