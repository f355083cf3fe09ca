// A profile less what one source said, or what is known of one attribute.
#pragma once

#include <memory_resource>
#include <optional>
#include <string_view>

#include "core/profile/builder.hpp"

namespace cdp::core {

// Adds the observations of the profile but those of `source` about `attribute`; where one of them is not given, any
// counts. A source alone takes its identifiers and consents with it. Of an attribute that overflowed, and that the
// source observed, what is left is marked as partial. The profile's bytes must live until write().
void add_without(const ProfileView& profile, std::optional<std::string_view> source,
                 std::optional<std::string_view> attribute, ProfileBuilder& builder,
                 std::pmr::memory_resource* resource, const Poll& poll = {});

}  // namespace cdp::core
