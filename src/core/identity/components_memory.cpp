// Memory of Components: the index, the arena, the waiting batch, and the budget that bounds their sum.
#include <algorithm>
#include <cstring>

#include "core/bytes/error.hpp"
#include "core/identity/components.hpp"

namespace cdp::core {

namespace {

constexpr std::size_t kAlignment = 8;
constexpr unsigned kLeastIndexBits = 4, kMostIndexBits = 32;
constexpr std::size_t kLeastUnits = 32;
constexpr std::size_t kMostRegionChunks = 32;

std::string kilobytes(std::size_t bytes) { return std::to_string((bytes + 1023) / 1024) + " kB"; }

}  // namespace

std::byte* Components::allocate(std::size_t bytes) {
  if (!fits(bytes)) fail_budget(bytes);
  auto* const data = static_cast<std::byte*>(resource_->allocate(bytes, kAlignment));
  memory_ += bytes;
  return data;
}

void Components::release(std::byte* data, std::size_t bytes) noexcept {
  resource_->deallocate(data, bytes, kAlignment);
  memory_ -= bytes;
}

void Components::fail_budget(std::size_t bytes) const {
  throw Error(Code::out_of_memory, "connected components exceed their memory limit",
              std::to_string(identifiers_) + " identifiers so far use " + kilobytes(memory_) + ", the next " +
                  kilobytes(bytes) + " would pass the limit of " + kilobytes(options_.budget) + ".",
              options_.hint);
}

// Doubles at three quarters; when the budget doesn't allow it, fills the index up to fifteen sixteenths first.
void Components::make_room_in_index(std::size_t more) {
  while (identifiers_ + more > index_limit_) {
    const unsigned bits = index_ == nullptr ? kLeastIndexBits : index_bits_ + 1;
    if (grow_index(bits)) continue;
    const std::size_t slots = std::size_t{1} << index_bits_, last = slots / 16 * 15;
    if (index_ == nullptr || identifiers_ + more > last) fail_budget(sizeof(Slot) << bits);
    index_limit_ = last;
  }
}

bool Components::grow_index(unsigned bits) {
  const std::size_t slots = std::size_t{1} << bits;
  if (bits > kMostIndexBits || !fits(slots * sizeof(Slot))) return false;
  auto* const index = reinterpret_cast<Slot*>(allocate(slots * sizeof(Slot)));
  std::memset(static_cast<void*>(index), 0, slots * sizeof(Slot));
  const std::size_t mask = slots - 1;
  const std::size_t old = index_ == nullptr ? 0 : std::size_t{1} << index_bits_;
  for (std::size_t i = 0; i < old; ++i) {
    if (i % 65536 == 0) options_.poll();
    const Slot slot = index_[i];
    if (slot.node == 0) continue;
    std::size_t position = slot.hash >> (32 - bits);
    while (index[position].node != 0) position = (position + 1) & mask;
    index[position] = slot;
  }
  if (index_ != nullptr) release(reinterpret_cast<std::byte*>(index_), old * sizeof(Slot));
  index_ = index;
  index_bits_ = bits;
  index_limit_ = slots / 4 * 3;
  return true;
}

void Components::make_room_in_arena(std::size_t units) {
  if (regions_.empty() || (regions_.size() == 1 && end_ + units <= kChunkUnits)) {
    grow_first_region(units);
  } else {
    add_region(units);
  }
}

// The first region starts tiny, for an aggregate with many small groups, and moves until it is one chunk.
void Components::grow_first_region(std::size_t units) {
  const std::uint64_t used = regions_.empty() ? 1 : regions_.front().used;
  std::size_t room = std::max<std::size_t>(kLeastUnits, end_ * 2);
  while (room < used + units) room *= 2;
  if (units >= kChunkUnits || room > kChunkUnits) room = std::max<std::size_t>(kChunkUnits, used + units);
  if (regions_.empty()) {
    regions_.reserve(1);
    chunks_.reserve(1);
  }
  const std::size_t chunks = (room + kChunkUnits - 1) / kChunkUnits;
  chunks_.reserve(chunks);
  std::byte* const data = allocate(room * kUnit);
  if (regions_.empty()) {
    regions_.push_back({data, room * kUnit, 0, used});
  } else {
    Region& region = regions_.front();
    std::memcpy(data, region.data, region.used * kUnit);
    release(region.data, region.bytes);
    region.data = data;
    region.bytes = room * kUnit;
  }
  chunks_.clear();
  for (std::size_t i = 0; i < chunks; ++i) chunks_.push_back(data + i * kChunkUnits * kUnit);
  end_ = room;
}

// A region is a run of chunks that grows with the arena; near the budget it shrinks to what is needed.
void Components::add_region(std::size_t units) {
  const std::size_t needed = (units + kChunkUnits - 1) / kChunkUnits;
  std::size_t chunks = std::max(needed, std::clamp<std::size_t>(chunks_.size() / 4, 1, kMostRegionChunks));
  while (chunks > needed && !fits(chunks * kChunkUnits * kUnit)) chunks = std::max(needed, chunks / 2);
  const std::uint64_t first = static_cast<std::uint64_t>(chunks_.size()) << kChunkShift;
  if (first + chunks * kChunkUnits > std::numeric_limits<Node>::max())
    throw Error(Code::limit_exceeded, "connected components exceed the maximum size of 32 GB");
  regions_.reserve(regions_.size() + 1);
  chunks_.reserve(chunks_.size() + chunks);
  std::byte* const data = allocate(chunks * kChunkUnits * kUnit);
  regions_.push_back({data, chunks * kChunkUnits * kUnit, first, first});
  for (std::size_t i = 0; i < chunks; ++i) chunks_.push_back(data + i * kChunkUnits * kUnit);
  end_ = first + chunks * kChunkUnits;
}

// Only between batches: what waits isn't moved.
void Components::make_room_in_staging(std::size_t bytes) {
  if (staging_bytes_ >= kStagingBytes) return;
  std::size_t room = staging_bytes_ == 0 ? 256 : staging_bytes_ * 4;
  while (room < bytes && room < kStagingBytes) room *= 2;
  room = std::min(room, kStagingBytes);
  if (staging_ != nullptr) release(staging_, staging_bytes_);
  staging_ = nullptr;
  staging_bytes_ = 0;
  staging_ = allocate(room);
  staging_bytes_ = room;
}

}  // namespace cdp::core
