// What a policy does to a row of attributes when it is taken in.
#pragma once

#include <memory_resource>

#include "core/bytes/buffer.hpp"
#include "core/profile/policy.hpp"
#include "core/profile/value.hpp"

namespace cdp::core {

// Appends the members of a row (text(name) and value each, names distinct) as the policy wants them: empty values left
// out, strings made timestamps, the members of a group made one object. 22007 and 22008 for what is no timestamp,
// 54001 for a member that a group would nest too deeply.
void take_in(const Policy& policy, ByteSpan members, Buffer& out, std::pmr::memory_resource* resource);

// Strings without anything but white space, arrays and objects without members.
bool is_empty(const Value& value) noexcept;

}  // namespace cdp::core
