// The one gate through which a stored timeline enters C++, and what the functions over timelines share.
#pragma once

#include "core/profile/json.hpp"
#include "core/timeline/builder.hpp"
#include "core/timeline/log.hpp"
#include "core/timeline/window.hpp"
#include "pg/datum.hpp"
#include "sql/jsonb.hpp"

namespace cdp::sql {

// The payload of a timeline argument: detoasted only when it is out of line, read through the packed pointer, with an
// O(1) check of the header. A timeline under construction (the state of an aggregate) is made into a timeline first.
// May raise: call while no C++ object is alive. Errors: XX001 for bytes that are no timeline, 0A000 for a newer
// version.
core::ByteSpan timeline_payload(Datum datum);

// The same for code that accepts a timeline under construction as it is.
core::ByteSpan timeline_or_log_payload(Datum datum);

inline core::TimelineView timeline_arg(Datum datum) { return core::TimelineView(timeline_payload(datum)); }

// The window that a tstzrange describes. Its bounds are whole microseconds, so all of them can be made inclusive.
// May raise: call while no C++ object is alive.
core::Window window_arg(Datum range);

// Memory and dictionaries that serve every call of a function: they live as long as its fmgr info.
struct TimelineScratch {
  explicit TimelineScratch(MemoryContext context)
      : resource(context),
        builder(&resource),
        properties(&resource),
        writer(properties, &resource, core::kMaxValueDepth + 1) {}
  pg::ContextResource resource;
  core::TimelineBuilder builder;
  core::Buffer properties;
  core::ValueWriter writer;  // into properties
};

// Its builder, empty, whatever an earlier call left in it when it failed.
core::TimelineBuilder& timeline_builder(FunctionCallInfo fcinfo);

// The event that the arguments from `first` on describe: event, at [, properties [, message_id]]. The properties are in
// the scratch. 22004 for NULL as event or time, 22023 for properties that are no JSON object.
core::timeline::EventItem event_args(FunctionCallInfo fcinfo, int first);

// The properties of an event, as TimelineBuilder takes them; they stand in `out`. 22023 if they are no JSON object.
core::ByteSpan event_properties(const JsonbReader& properties, core::Buffer& out, core::ValueWriter& writer);

// The built timeline as a datum of the current memory context. Leaves the builder empty.
Datum finish_timeline(core::TimelineBuilder& builder);

}  // namespace cdp::sql
