// src/sql/timeline_gate.cpp: checks at the gate, and what all timeline functions share.
#include "sql/timeline_gate.hpp"

#include "pg/expanded.hpp"
#include "pg/interrupt.hpp"
#include "sql/jsonb.hpp"

namespace cdp::sql {

namespace timeline = core::timeline;

namespace {

[[noreturn]] void corrupted() {
  ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("stored value is not a valid cdp.timeline")));
  pg_unreachable();
}

void check_header(core::ByteSpan payload) {
  if (payload.size() < timeline::kLogHeader) corrupted();
  const auto magic = static_cast<std::uint8_t>(payload[timeline::kMagicAt]);
  if (magic != timeline::kMagic && magic != timeline::kLogMagic) corrupted();
  const auto version = static_cast<std::uint8_t>(payload[timeline::kVersionAt]);
  const std::uint16_t flags = core::load_le<std::uint16_t>(payload.data() + timeline::kFlags);
  if (version != timeline::kVersion || (flags & ~timeline::kAllFlags) != 0)
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("unsupported version %d of type cdp.timeline", static_cast<int>(version)),
                    errhint("The value was written by a newer version of cdp; update the library.")));
  if (core::load_le<std::uint32_t>(payload.data() + timeline::kReserved) != 0) corrupted();
  if (magic == timeline::kLogMagic) {
    const std::size_t used = timeline::log_used(payload);
    if (used < timeline::kLogHeader || used > payload.size()) corrupted();
  } else if (payload.size() < timeline::kSmallest ||
             static_cast<std::uint8_t>(payload[timeline::kUnit]) >= timeline::kUnitCount ||
             static_cast<std::uint8_t>(payload[timeline::kWidth]) > 64) {
    corrupted();
  }
}

[[noreturn]] void missing(const char* what) {
  ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s of an event must not be null", what)));
  pg_unreachable();
}

}  // namespace

core::ByteSpan timeline_or_log_payload(Datum datum) {
  const core::ByteSpan payload = pg::value_bytes(datum);
  check_header(payload);
  return payload;
}

core::ByteSpan timeline_payload(Datum datum) {
  const core::ByteSpan payload = timeline_or_log_payload(datum);
  if (!timeline::is_log(payload)) [[likely]]
    return payload;
  pg::ContextResource resource;
  core::TimelineBuilder builder(&resource);
  timeline::replay_log(payload, builder, pg::poll());
  core::Buffer out(&resource);
  builder.write(out, pg::poll());
  const std::size_t size = out.size();
  return {out.release(), size};
}

// Behind the varlena length stand the type's oid, the finite bounds, and a byte of flags; the bytes are the same
// with a short length, where nothing is aligned.
core::Window window_arg(Datum range) {
  const core::ByteSpan bytes = pg::bytes_of(range);
  const auto flags = static_cast<std::uint8_t>(bytes.back());
  if ((flags & RANGE_EMPTY) != 0) return core::Window::none();
  core::Window window;
  const std::byte* at = bytes.data() + sizeof(Oid);
  const auto bound = [&at] {
    std::int64_t time;
    std::memcpy(&time, at, sizeof time);
    at += sizeof time;
    return time;
  };
  if (RANGE_HAS_LBOUND(flags)) {
    window.from = bound();
    if ((flags & RANGE_LB_INC) == 0) {
      if (window.from == INT64_MAX) return core::Window::none();
      ++window.from;
    }
  }
  if (RANGE_HAS_UBOUND(flags)) {
    window.to = bound();
    if ((flags & RANGE_UB_INC) == 0) {
      if (window.to == INT64_MIN) return core::Window::none();
      --window.to;
    }
  }
  return window;
}

namespace {

TimelineScratch& scratch_of(FunctionCallInfo fcinfo) {
  void*& extra = fcinfo->flinfo->fn_extra;
  if (extra == nullptr) extra = pg::construct<TimelineScratch>(fcinfo->flinfo->fn_mcxt, fcinfo->flinfo->fn_mcxt);
  return *static_cast<TimelineScratch*>(extra);
}

}  // namespace

core::TimelineBuilder& timeline_builder(FunctionCallInfo fcinfo) {
  core::TimelineBuilder& builder = scratch_of(fcinfo).builder;
  builder.clear();
  return builder;
}

timeline::EventItem event_args(FunctionCallInfo fcinfo, int first) {
  if (PG_ARGISNULL(first)) missing("name");
  if (PG_ARGISNULL(first + 1)) missing("time");
  timeline::EventItem event{PG_GETARG_TIMESTAMPTZ(first + 1), pg::text_of(PG_GETARG_DATUM(first)), {}, {}};
  if (PG_NARGS() > first + 3 && !PG_ARGISNULL(first + 3)) event.message_id = pg::text_of(PG_GETARG_DATUM(first + 3));
  if (PG_NARGS() <= first + 2 || PG_ARGISNULL(first + 2)) return event;
  TimelineScratch& scratch = scratch_of(fcinfo);
  event.properties =
      event_properties(JsonbReader(pg::bytes_of(PG_GETARG_DATUM(first + 2))), scratch.properties, scratch.writer);
  return event;
}

core::ByteSpan event_properties(const JsonbReader& properties, core::Buffer& out, core::ValueWriter& writer) {
  if (!properties.is_object())
    throw core::Error(core::Code::invalid_parameter, "properties of an event must be a JSON object");
  out.clear();
  writer.reset();
  writer.begin_object();
  properties.for_each_member([&](const JsonbReader::Member& member) {
    writer.key(member.key);
    member.write(writer);
  });
  writer.end();
  const std::byte* at = out.data();
  const core::Value object = core::trusted_value(at);
  const std::byte* members = object.bytes.data();
  core::trusted_varint(members);
  return {members, static_cast<std::size_t>(at - members)};
}

Datum finish_timeline(core::TimelineBuilder& builder) {
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  builder.write(out, pg::poll());
  builder.clear();
  return pg::end_varlena(out);
}

}  // namespace cdp::sql
