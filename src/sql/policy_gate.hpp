// The one gate through which a stored policy enters C++.
#pragma once

#include "core/profile/policy.hpp"
#include "pg/datum.hpp"

namespace cdp::sql {

// The body of a policy argument; empty for `default recent`. May raise: call while no C++ object is alive. Errors:
// XX001 for bytes that are no policy, 0A000 for a newer version.
inline core::ByteSpan policy_arg(Datum datum) { return core::policy_body(pg::bytes_of(datum)); }

// The policy with this body as a datum of the current memory context. Throws, never raises.
Datum new_policy(core::ByteSpan body);

}  // namespace cdp::sql
