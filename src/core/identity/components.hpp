// Connected components of pairs of byte strings, by union-find.
//
// The work is bound by memory latency, not by arithmetic, so links are taken in batches: hash and prefetch the
// index slots of a whole batch, then the candidates' entries, then compare, then unite. An identifier's bytes
// and its parent lie in one entry, so one cache miss serves both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <span>
#include <string>
#include <vector>

#include "core/bytes/load.hpp"
#include "core/bytes/poll.hpp"

namespace cdp::core {

struct ComponentsOptions {
  std::size_t budget = std::numeric_limits<std::size_t>::max();  // bytes; beyond it 53200
  const char* hint = "";                                         // what to do then: the caller knows its own setting
  std::uint64_t seed = 0;                                        // of the hash; the result doesn't depend on it
  Poll poll = {};
};

// An identifier and the label of its component, which is its least identifier in byte order: a function of
// the partition alone, whatever the order of the links.
struct ComponentMember {
  ByteSpan identifier, component;
};

class Components {
 public:
  explicit Components(std::pmr::memory_resource* resource, const ComponentsOptions& options = {});
  Components(const Components&) = delete;
  Components& operator=(const Components&) = delete;
  ~Components();

  // The two are one. Equal ones make a component of a single identifier. The bytes are copied.
  void link(ByteSpan a, ByteSpan b);
  void add(ByteSpan identifier) { link(identifier, identifier); }

  // Takes what is still waiting and frees the index: call once, before what follows; no link after it.
  void finish();

  std::size_t identifiers() const noexcept { return identifiers_; }
  std::size_t components() const noexcept { return identifiers_ - unions_; }
  std::size_t memory() const noexcept { return memory_; }

  // Walks over all identifiers in the order in which they came. Plain data: may be jumped over.
  struct Cursor {
    std::size_t region = 0;
    std::uint64_t unit = 0;
  };
  // Fills up to kCursorBatch members, returns how many; 0 at the end.
  static constexpr std::size_t kCursorBatch = 128;
  std::size_t next(Cursor& cursor, std::span<ComponentMember, kCursorBatch> members);

  // All identifiers in byte order; `least` is the position of the component's label, so least <= own position.
  // Ends the object's use.
  struct Sorted {
    std::uint64_t word;  // of the identifier, while sorting
    std::uint32_t node, least;
  };
  std::pmr::vector<Sorted> sort();
  ByteSpan bytes_of(std::uint32_t node) const noexcept;

  // All identifiers, the members of a component one after the other.
  struct Grouped {
    std::uint32_t root, node;
  };
  std::pmr::vector<Grouped> group();

 private:
  using Node = std::uint32_t;  // position of an entry in the arena in units of eight bytes; 0 is none

  struct Entry {  // followed by the identifier's bytes
    Node parent;
    std::uint32_t length;
  };
  struct Slot {
    std::uint32_t hash;
    Node node;
  };
  struct Staged {
    const std::byte* data;
    std::uint32_t length, hash, position;
    Node node;
  };
  struct Region {  // one allocation of the arena
    std::byte* data;
    std::size_t bytes;
    std::uint64_t first, used;  // in units, from the arena's start
  };

  static constexpr std::size_t kUnit = sizeof(Entry);
  static constexpr unsigned kChunkShift = 17;  // units a chunk: 1 MB
  static constexpr std::size_t kChunkUnits = std::size_t{1} << kChunkShift;
  static constexpr std::size_t kBatch = 256;
  static constexpr std::size_t kStagingBytes = 32 * 1024;

  Entry* entry(Node node) const noexcept {
    return reinterpret_cast<Entry*>(chunks_[node >> kChunkShift] + (node & (kChunkUnits - 1)) * kUnit);
  }
  static std::byte* text(Entry* entry) noexcept { return reinterpret_cast<std::byte*>(entry + 1); }

  void stage(const std::byte* data, std::size_t length);
  void flush();
  void probe();
  void resolve();
  void unite();
  Node insert(const Staged& staged);
  template <typename Visit>
  void visit_entries(Visit&& visit);
  Node find(Node node) const noexcept;
  std::uint64_t word(Node node, std::size_t depth) const noexcept;
  void sort_run(std::span<Sorted> run, std::size_t depth);
  bool precedes(const Entry* a, const Entry* b) const noexcept;

  void make_room_in_index(std::size_t more);
  bool grow_index(unsigned bits);
  void make_room_in_arena(std::size_t units);
  void grow_first_region(std::size_t units);
  void add_region(std::size_t units);
  void make_room_in_staging(std::size_t bytes);

  bool fits(std::size_t bytes) const noexcept { return bytes <= options_.budget && memory_ <= options_.budget - bytes; }
  std::byte* allocate(std::size_t bytes);
  void release(std::byte* data, std::size_t bytes) noexcept;
  [[noreturn]] void fail_budget(std::size_t bytes) const;

  std::pmr::memory_resource* resource_;
  ComponentsOptions options_;
  std::size_t memory_ = 0, identifiers_ = 0, unions_ = 0;

  Slot* index_ = nullptr;  // open addressing; the slot is the hash's top bits, so growing keeps the order
  unsigned index_bits_ = 0;
  std::size_t index_limit_ = 0;

  std::pmr::vector<std::byte*> chunks_;
  std::pmr::vector<Region> regions_;
  std::uint64_t end_ = 0;  // of the last region, in units

  std::byte* staging_ = nullptr;
  std::size_t staging_bytes_ = 0, staging_used_ = 0;
  std::pmr::vector<Staged> staged_;
};

}  // namespace cdp::core
