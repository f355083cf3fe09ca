// src/sql/profile_gate.cpp: checks at the gate, and what all profile functions share.
#include "sql/profile_gate.hpp"

#include <bit>

#include "core/profile/format.hpp"
#include "core/profile/log.hpp"
#include "pg/expanded.hpp"
#include "pg/interrupt.hpp"

namespace cdp::sql {

namespace format = core::format;

namespace {

[[noreturn]] void corrupted() {
  ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("stored value is not a valid cdp.profile")));
  pg_unreachable();
}

void check_header(core::ByteSpan payload) {
  if (payload.size() < core::log::kHeader) corrupted();
  const auto magic = static_cast<std::uint8_t>(payload[format::kMagicAt]);
  if (magic != format::kMagic && magic != format::kLogMagic) corrupted();
  const auto version = static_cast<std::uint8_t>(payload[format::kVersionAt]);
  const auto flags = core::load_le<std::uint16_t>(payload.data() + format::kFlags);
  if (version != format::kVersion || (flags & ~(magic == format::kMagic ? format::kKnownFlags : 0)) != 0)
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("unsupported version %d of type cdp.profile", static_cast<int>(version)),
                    errhint("The value was written by a newer version of cdp; update the library.")));
  const std::uint32_t after_count = core::load_le<std::uint32_t>(payload.data() + format::kReserved);
  if (magic == format::kLogMagic) {
    const std::size_t used = core::log::used(payload);
    if (used < core::log::kHeader || used + core::log::kSlack > payload.size() || after_count >= used) corrupted();
    return;
  }
  if (after_count != 0) corrupted();
  const auto width =
      static_cast<std::uint8_t>(payload.size() < format::kDirectory ? std::byte{0} : payload[format::kWidth]);
  std::uint64_t count = core::load_le<std::uint32_t>(payload.data() + format::kCount);
  if (const unsigned sections = flags & format::kSectionFlags; sections != 0)
    count += static_cast<unsigned>(std::popcount(sections));
  if ((width != 2 && width != 4) || format::kDirectory + count * width >= payload.size()) corrupted();
}

}  // namespace

core::ByteSpan profile_or_log_payload(Datum datum) {
  const core::ByteSpan payload = pg::value_bytes(datum);
  check_header(payload);
  return payload;
}

core::ByteSpan profile_payload(Datum datum) {
  const core::ByteSpan payload = profile_or_log_payload(datum);
  if (!core::log::is_log(payload)) return payload;
  pg::ContextResource resource;
  core::ProfileBuilder builder(&resource);
  core::log::replay(payload, builder, pg::poll());
  core::Buffer out(&resource);
  builder.write(out, pg::poll());
  const std::size_t size = out.size();
  return {out.release(), size};
}

ProfileScratch& row_scratch(FunctionCallInfo fcinfo) {
  void*& extra = fcinfo->flinfo->fn_extra;
  if (extra == nullptr) extra = pg::construct<ProfileScratch>(fcinfo->flinfo->fn_mcxt, fcinfo->flinfo->fn_mcxt);
  auto& scratch = *static_cast<ProfileScratch*>(extra);
  scratch.item.clear();
  scratch.writer.reset();
  return scratch;
}

ProfileScratch& profile_scratch(FunctionCallInfo fcinfo) {
  ProfileScratch& scratch = row_scratch(fcinfo);
  scratch.builder.clear();
  return scratch;
}

Datum finish_profile(core::ProfileBuilder& builder) {
  pg::ContextResource resource;
  core::Buffer out(&resource);
  pg::begin_varlena(out);
  builder.write(out, pg::poll());
  builder.clear();
  return pg::end_varlena(out);
}

}  // namespace cdp::sql
