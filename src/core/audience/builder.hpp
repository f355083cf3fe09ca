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
  explicit GroupBuilder(std::pmr::memory_resource* resource) : containers_(resource), entries_(resource) {}

  // In ascending order of the keys. Nothing to keep is no chunk.
  void add(const Chunk& chunk);  // as it is
  void add_array(std::uint16_t key, std::span<const std::uint16_t> ascending);
  void add_runs(std::uint16_t key, std::span<const Run> maximal);
  void add_bitmap(std::uint16_t key, Bitmap& bitmap);

  bool empty() const noexcept { return entries_.empty(); }
  std::uint64_t cardinality() const noexcept { return cardinality_; }
  void write(Buffer& out);  // and starts again

 private:
  struct Entry {
    std::uint16_t key, less_one;
    std::uint32_t offset;
    bool runs;
  };

  void enter(std::uint16_t key, std::uint32_t cardinality, bool runs);
  void put(std::uint16_t value) { containers_.le(value); }

  Buffer containers_;
  std::pmr::vector<Entry> entries_;
  std::uint64_t cardinality_ = 0;
  Bitmap bitmap_;
};

// The groups in ascending order; at most as many as were announced.
class Writer {
 public:
  Writer(std::size_t most_groups, Buffer& out, std::pmr::memory_resource* resource);
  GroupBuilder& group() noexcept { return group_; }
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
