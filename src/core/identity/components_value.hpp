// The stored form of a partition: SQL type cdp.components. All integers are little-endian.
//
// header  magic u8, version u8 = 1, flags u16 = 0, count u32, reserved u32 = 0 (after the server's length word)
// Canonical form, magic 0xC3: `count` identifiers in byte order, each
//         varint length, bytes, varint distance back to the least identifier of its component.
//         Equal partitions have equal bytes.
// Log form, magic 0xC4: what an aggregate appends to in place; `count` bytes of records, then room, zeroed. A record is
//         varint (length * 2 + joined), bytes; `joined` says that it is one with the record before it.
//         Never stored by an SQL function; whoever reads a value takes both.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "core/bytes/buffer.hpp"
#include "core/identity/components.hpp"

namespace cdp::core {

// O(1): XX001 for foreign bytes, 0A000 for a newer version. Every value passes here before it is read.
void check_components(ByteSpan value);
bool is_components_log(ByteSpan value) noexcept;

// Takes a value in either form into a union-find.
void feed_components(ByteSpan value, Components& into, std::pmr::memory_resource* resource);

// Appends the canonical form of all that was linked. Ends the use of `from`.
void write_components(Components& from, Buffer& to);

// The value itself when it is canonical, else its canonical form in `scratch`.
ByteSpan canonical_components(ByteSpan value, Buffer& scratch, std::pmr::memory_resource* resource, Poll poll);

// A canonical value taken apart: identifiers in byte order, `least[i]` the position of i's label.
struct DecodedComponents {
  DecodedComponents(ByteSpan canonical, std::pmr::memory_resource* resource);
  std::pmr::vector<ByteSpan> identifiers;
  std::pmr::vector<std::uint32_t> least;

  // Positions grouped by component: components in the order of their labels, members in byte order.
  std::pmr::vector<std::uint32_t> grouped() const;
};

std::uint32_t count_identifiers(ByteSpan canonical) noexcept;
std::uint32_t count_components(ByteSpan canonical) noexcept;

// Text form: a JSON array of arrays of strings, one for each component. Any order is read, arrays with a common
// identifier are one component; canonical order is written. 22P02.
void components_to_text(ByteSpan canonical, Buffer& to, std::pmr::memory_resource* resource, Poll poll);
void components_from_text(std::string_view text, Buffer& to, std::pmr::memory_resource* resource, Poll poll);

// Binary protocol, network order: version u8, count u32, then for each identifier length u32, bytes, position of
// its label u32. Only what is canonical and valid text is read: 22P03.
void components_to_wire(ByteSpan canonical, Buffer& to, std::pmr::memory_resource* resource);
void components_from_wire(ByteSpan wire, Buffer& to, std::pmr::memory_resource* resource, Poll poll);

// The log form.
// Appends a pair in place (equal ends: one identifier). False, and nothing changed, when there is no room.
bool append_pair(std::span<std::byte> log, ByteSpan a, ByteSpan b) noexcept;
// Appends another value's evidence in place. False, and nothing changed, when there is no room.
bool append_records(std::span<std::byte> log, ByteSpan records) noexcept;
// The evidence of a value as records: a log's own, or written to `scratch`.
ByteSpan records_of(ByteSpan value, Buffer& scratch, std::pmr::memory_resource* resource);
std::size_t pair_bytes(ByteSpan a, ByteSpan b) noexcept;
// Appends a log that holds `value` (empty: nothing yet) and has room for `more` bytes of records. Compacts what
// is known twice; the room doubles, so that appending stays O(1) amortised.
void grow_log(ByteSpan value, std::size_t more, Buffer& to, std::pmr::memory_resource* resource, Poll poll);

}  // namespace cdp::core
