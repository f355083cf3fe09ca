// Writes groups and audiences, every chunk in its one representation.
#pragma once

#include <memory_resource>
#include <span>
#include <vector>

#include "core/audience/bitmap.hpp"
#include "core/audience/chunk.hpp"
#include "core/bytes/buffer.hpp"

namespace cdp::core::audience {

struct Run {
  std::uint16_t first, last;
};

class GroupBuilder {
 public:
  GroupBuilder(Buffer& out, std::pmr::memory_resource* resource) : out_(out), entries_(resource) {}

  // Starts a group of at most so many chunks at the end of `out`, with room for its header.
  void begin(std::size_t most_chunks);
  // In ascending order of the keys. Nothing to keep is no chunk.
  void add(const Chunk& chunk);  // as it is
  void add_array(std::uint16_t key, std::span<const std::uint16_t> ascending);
  void add_runs(std::uint16_t key, std::span<const Run> maximal);
  void add_bitmap(std::uint16_t key, Bitmap& bitmap);

  // Writes the header. Returns the number of ids; without any, nothing of the group is left.
  std::uint64_t end();

 private:
  struct Entry {
    std::uint16_t key, less_one;
    std::uint32_t offset;
    bool runs;
  };

  void enter(std::uint16_t key, std::uint32_t cardinality, bool runs);
  void put(std::uint16_t value) { out_.le(value); }

  Buffer& out_;
  std::size_t begin_ = 0, containers_ = 0;
  std::pmr::vector<Entry> entries_;
  std::uint64_t cardinality_ = 0;
  Bitmap bitmap_;
};

// The groups in ascending order; at most as many as were announced.
class Writer {
 public:
  Writer(std::size_t most_groups, Buffer& out, std::pmr::memory_resource* resource);
  GroupBuilder& begin_group(std::size_t most_chunks) {
    group_.begin(most_chunks);
    return group_;
  }
  void end_group(std::uint32_t high);
  void copy_group(std::uint32_t high, ByteSpan bytes);
  void finish();

 private:
  void enter(std::uint32_t high);

  Buffer& out_;
  std::size_t begin_, most_, count_ = 0;
  std::uint64_t cardinality_ = 0;
  GroupBuilder group_;
};

}  // namespace cdp::core::audience
