// src/sql/audience_gate.cpp: fetching audiences from out of line.
#include "sql/audience_gate.hpp"

#include <cstring>

namespace cdp::sql {

namespace {

struct LastFetched {
  varatt_external pointer;
  struct varlena* value;
};

}  // namespace

core::ByteSpan remembered_bytes(FunctionCallInfo fcinfo, int argument) {
  const Datum datum = PG_GETARG_DATUM(argument);
  if (!VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(datum)) || fcinfo->flinfo == nullptr) return pg::value_bytes(datum);
  const MemoryContext context = fcinfo->flinfo->fn_mcxt;
  if (fcinfo->flinfo->fn_extra == nullptr)
    fcinfo->flinfo->fn_extra = MemoryContextAllocZero(context, 2 * sizeof(LastFetched));
  LastFetched& last = static_cast<LastFetched*>(fcinfo->flinfo->fn_extra)[argument];
  varatt_external pointer;
  VARATT_EXTERNAL_GET_POINTER(pointer, DatumGetPointer(datum));
  if (last.value == nullptr || std::memcmp(&last.pointer, &pointer, sizeof pointer) != 0) {
    if (last.value != nullptr) {
      void* const old = last.value;
      last.value = nullptr;
      pfree(old);
    }
    const MemoryContext caller = MemoryContextSwitchTo(context);
    last.value = PG_DETOAST_DATUM(datum);
    MemoryContextSwitchTo(caller);
    last.pointer = pointer;
  }
  return pg::bytes_of(PointerGetDatum(last.value));
}

}  // namespace cdp::sql
