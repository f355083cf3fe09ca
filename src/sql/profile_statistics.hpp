// How the catalog keeps the statistics of a column of profiles, and what it tells then.
#pragma once

#include <cstdint>
#include <optional>

#include "core/segment/statistics.hpp"
#include "pg/postgres.hpp"

namespace cdp::sql {

// Slots of pg_statistic: STATISTIC_KIND_MCELEM with int8 keys, and one of a kind of our own, from the range for private
// use: bounds between which equally many ordered keys lie, and how many of those a profile has. (The server would
// compare a STATISTIC_KIND_HISTOGRAM with profiles.)
inline constexpr std::int16_t kOrderedKeys = 21001;

// The share of rows whose value isn't NULL; there must be statistics.
double known_share(const VariableStatData& column);

// What ANALYZE found in a column of profiles, in memory of the current context. Nothing when it found nothing.
struct ProfileColumn {
  double known = 1;  // share that isn't NULL
  core::KeyStatistics keys;
};
std::optional<ProfileColumn> read_profiles(const VariableStatData& column);

}  // namespace cdp::sql
