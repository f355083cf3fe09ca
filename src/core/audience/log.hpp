// The state of the aggregates, magic CA: what came in, to be made into a set when the room is used up or at the end.
//   header of 12 bytes, count = bytes in use; u32 where the item begins that takes ids, 0 when none does; items; room
//   item: u32 length * 2 + kind (0 ids, eight bytes each; 1 a set), content
#pragma once

#include "core/audience/audience.hpp"

namespace cdp::core::audience_log {

inline constexpr std::size_t kHeader = 16, kItemHead = 4, kId = 8;

void begin(std::byte* log) noexcept;
std::size_t used(ByteSpan log) noexcept;
// Each returns false, and changes nothing, when there is no room.
bool append_id(std::span<std::byte> log, std::int64_t id) noexcept;
bool append_set(std::span<std::byte> log, ByteSpan set) noexcept;
bool append_items(std::span<std::byte> log, ByteSpan items) noexcept;
inline ByteSpan items(ByteSpan log) noexcept { return log.subspan(kHeader, used(log) - kHeader); }

// The union of at least one set. Merges neighbours until one is left, so that each byte is copied once per round.
void unite(std::pmr::vector<ByteSpan> sets, Buffer& out, std::pmr::memory_resource* resource, Poll poll);
// The union of all that is in it, as a canonical value.
void write_set(ByteSpan log, Buffer& out, std::pmr::memory_resource* resource, Poll poll);
// A value as it is, or that of a log in `scratch`. Checks the header.
Audience canonical(ByteSpan value, Buffer& scratch, std::pmr::memory_resource* resource, Poll poll);

}  // namespace cdp::core::audience_log
