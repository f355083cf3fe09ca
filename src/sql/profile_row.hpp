// Rows of observations under a policy.
#pragma once

#include "sql/jsonb.hpp"
#include "sql/profile_gate.hpp"

namespace cdp::sql {

// The row as an item of a log, shaped by the policy with this body, in the function's scratch. 22023 when `attributes`
// is no object; 22007, 22008 and 54001 as core::take_in.
core::ByteSpan shaped_row(FunctionCallInfo fcinfo, const JsonbReader& attributes, std::string_view source,
                          TimestampTz time, core::ByteSpan policy);

}  // namespace cdp::sql
