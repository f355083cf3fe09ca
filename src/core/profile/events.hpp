// The events of a profile: embedded as a timeline, or kept elsewhere and summed up (a detached profile).
#pragma once

#include "core/profile/totals.hpp"
#include "core/profile/view.hpp"

namespace cdp::core {

// Appends the profile with the timeline merged into its own. Over a detached one the timeline is declared to be all of
// its events: it takes the place of the totals, and the mark goes.
void attach(const ProfileView& profile, ByteSpan timeline, Buffer& out, std::pmr::memory_resource* resource,
            const Poll& poll = {});

// Appends the profile without its timeline, whose events are added to its totals, and with the mark.
void detach(const ProfileView& profile, Buffer& out, std::pmr::memory_resource* resource, const Poll& poll = {});

// Adds every event of a timeline, kept or folded, to the totals. What they refer to is left in `room`.
void add_events(ByteSpan timeline, Totals& to, Buffer& room, std::pmr::memory_resource* resource,
                const Poll& poll = {});

// Whether it is the timeline of no events and no limits, which no profile stores.
bool is_empty_timeline(ByteSpan timeline) noexcept;

}  // namespace cdp::core
