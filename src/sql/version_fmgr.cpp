// The module itself: magic block and cdp.version().
#include <unicode/uversion.h>

#include "pg/datum.hpp"
#include "pg/entry.hpp"

extern "C" {
PG_MODULE_MAGIC;
}

// version() -> (library, postgres, icu)
CDP_FUNCTION(cdp_version) {
  TupleDesc descriptor;
  if (get_call_result_type(fcinfo, nullptr, &descriptor) != TYPEFUNC_COMPOSITE)
    elog(ERROR, "return type must be a row type");
  Datum values[3] = {CStringGetTextDatum(CDP_VERSION), CStringGetTextDatum(PG_VERSION),
                     CStringGetTextDatum(U_ICU_VERSION)};
  bool nulls[3] = {false, false, false};
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
}
