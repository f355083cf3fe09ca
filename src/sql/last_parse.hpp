// Casts from text that read the same text again and again: a parameter or a sub-select.
#pragma once

#include <cstring>
#include <string_view>

#include "pg/datum.hpp"

namespace cdp::sql {

// The last value that a cast has read, kept by the text's bytes in the memory of its fmgr info.
struct LastParse {
  Size text_size, value_size;
  char* text;
  void* value;
};

inline void remember(LastParse* last, std::string_view text, Datum value, MemoryContext context) {
  if (last->text != nullptr) {
    void *const old_text = last->text, *const old_value = last->value;
    *last = LastParse{};
    pfree(old_text);
    pfree(old_value);
  }
  const Size value_size = VARSIZE(DatumGetPointer(value));
  auto* const text_copy = static_cast<char*>(MemoryContextAlloc(context, text.size() + 1));
  void* const value_copy = MemoryContextAlloc(context, value_size);
  std::memcpy(text_copy, text.data(), text.size());
  std::memcpy(value_copy, DatumGetPointer(value), value_size);
  *last = {text.size(), value_size, text_copy, value_copy};
}

// What parse(std::string_view) makes of the text argument; a copy of the last one when the text is the same.
template <typename Parse>
Datum parse_once(FunctionCallInfo fcinfo, Parse&& parse) {
  const std::string_view text = pg::text_of(PG_GETARG_DATUM(0));
  const MemoryContext context = fcinfo->flinfo->fn_mcxt;
  auto* last = static_cast<LastParse*>(fcinfo->flinfo->fn_extra);
  if (last == nullptr)
    fcinfo->flinfo->fn_extra = last = static_cast<LastParse*>(MemoryContextAllocZero(context, sizeof(LastParse)));
  if (last->text != nullptr && std::string_view(last->text, last->text_size) == text) {
    void* const copy = palloc(last->value_size);
    std::memcpy(copy, last->value, last->value_size);
    return PointerGetDatum(copy);
  }
  const Datum value = parse(text);
  remember(last, text, value, context);
  return value;
}

}  // namespace cdp::sql
