// Arguments and results: between Datums and spans.
#pragma once

#include <string_view>

#include "core/bytes/buffer.hpp"
#include "pg/guard.hpp"
#include "pg/memory.hpp"

namespace cdp::pg {

// The bytes of a varlena argument, read through the packed pointer: no copy of an inline value. A toasted
// one is fetched, which may raise: call while no C++ object is alive.
inline core::ByteSpan bytes_of(Datum datum) {
  auto* const value = PG_DETOAST_DATUM_PACKED(datum);
  return {reinterpret_cast<const std::byte*>(VARDATA_ANY(value)), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
}

// The same while C++ objects are alive.
inline core::ByteSpan fetch(Datum datum) {
  return call([datum] { return bytes_of(datum); });
}

inline std::string_view text_of(Datum datum) { return core::as_text(bytes_of(datum)); }

// How many bytes a varlena argument has, without fetching or decompressing it.
inline std::size_t size_of(Datum datum) { return toast_raw_datum_size(datum) - VARHDRSZ; }

// Starts a result: what is appended next follows the varlena header.
inline void begin_varlena(core::Buffer& buffer) { buffer.extend(VARHDRSZ); }

// Ends it. The memory belongs to the server from now on.
inline Datum end_varlena(core::Buffer& buffer) noexcept {
  const std::size_t size = buffer.size();
  std::byte* const data = buffer.release();
  SET_VARSIZE(data, size);
  return PointerGetDatum(data);
}

// A text result, or the copy of any bytes as a varlena. Throws, never raises.
inline Datum new_varlena(core::ByteSpan bytes, std::pmr::memory_resource* resource) {
  core::Buffer buffer(resource);
  buffer.reserve(VARHDRSZ + bytes.size());
  begin_varlena(buffer);
  buffer.append(bytes);
  return end_varlena(buffer);
}

}  // namespace cdp::pg
