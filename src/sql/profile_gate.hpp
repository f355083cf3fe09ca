// The one gate through which a stored profile enters C++.
#pragma once

#include "core/profile/builder.hpp"
#include "core/profile/digest.hpp"
#include "core/profile/json.hpp"
#include "pg/datum.hpp"

namespace cdp::sql {

// The payload of a profile argument: detoasted only when it is out of line, read through the packed pointer, with an
// O(1) check of the header. A profile under construction (the state of an aggregate) is made into a profile first.
// May raise: call while no C++ object is alive. Errors: XX001 for bytes that are no profile, 0A000 for a newer version.
core::ByteSpan profile_payload(Datum datum);

// The same for code that accepts a profile under construction as it is.
core::ByteSpan profile_or_log_payload(Datum datum);

// Memory and dictionaries that serve every call of a function: they live as long as its fmgr info.
struct ProfileScratch {
  explicit ProfileScratch(MemoryContext context)
      : resource(context),
        builder(&resource),
        digest(&resource),
        words(&resource),
        item(&resource),
        row(&resource),
        writer(item, &resource),
        policy(&resource),
        shaped(&resource) {}
  pg::ContextResource resource;
  core::ProfileBuilder builder;
  core::log::Digest digest;
  core::log::Words words;
  std::uint32_t source = 0;  // number of the last row's
  core::Buffer item, row;
  core::ValueWriter writer;  // into item
  core::Policy policy;       // of the last row; mostly of the next one, too
  core::Buffer shaped;       // by the policy
};

// Their builder is empty, whatever an earlier call left in it when it failed; so are item and writer.
ProfileScratch& profile_scratch(FunctionCallInfo fcinfo);
// For one row, which needs item and writer alone.
ProfileScratch& row_scratch(FunctionCallInfo fcinfo);

// The built profile as a datum of the current memory context. Leaves the builder empty.
Datum finish_profile(core::ProfileBuilder& builder);

}  // namespace cdp::sql
