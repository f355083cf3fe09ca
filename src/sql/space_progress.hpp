// What a job is at, for everybody to see before it commits: in the activity of its server process, from which the view
// cdp.progress reads it, and as a NOTICE every few seconds.
#pragma once

#include <cstdint>
#include <string_view>

namespace cdp::sql {

// Of no length that is known: `total` 0. Cheap enough to be called every thousand rows.
void report_progress(std::string_view job, std::string_view space, const char* phase, std::int64_t done,
                     std::int64_t total);
// The activity is the client's statement again.
void end_progress();

}  // namespace cdp::sql
