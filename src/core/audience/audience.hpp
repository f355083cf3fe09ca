// A set of profile ids: SQL type cdp.audience. Values are read and combined where they lie, chunk by chunk, in the
// portable format of Roaring bitmaps (Lemire, Ssi-Yan-Kai and Kaser 2016); docs/format.md specifies every byte.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include "core/audience/chunk.hpp"
#include "core/bytes/buffer.hpp"
#include "core/bytes/poll.hpp"

namespace cdp::core {

enum class SetOperation : std::uint8_t { intersection, union_of, difference, symmetric_difference };

// O(1): XX001 for foreign bytes, 0A000 for a newer version. Every value passes here before it is read.
// `beginning` may be all of the value or its first bytes, `size` is that of all.
void check_audience(ByteSpan beginning, std::size_t size);
inline void check_audience(ByteSpan value) { check_audience(value, value.size()); }
bool is_audience_log(ByteSpan value) noexcept;

// A canonical value that has passed the check; equal sets have equal bytes.
class Audience {
 public:
  explicit Audience(ByteSpan value) noexcept : value_(value) {}

  // The number of ids is in the first bytes of a value, which is all that `beginning` has to hold.
  static constexpr std::size_t kBeginning = audience::kHeader;
  static std::uint64_t cardinality(ByteSpan beginning) noexcept {
    return load_le<std::uint64_t>(beginning.data() + audience::kCardinality);
  }

  ByteSpan bytes() const noexcept { return value_; }
  std::uint64_t cardinality() const noexcept { return cardinality(value_); }
  std::uint32_t groups() const noexcept { return load_le<std::uint32_t>(value_.data() + audience::kCount); }
  std::uint32_t high(std::uint32_t i) const noexcept { return load_le<std::uint32_t>(entry(i)); }
  ByteSpan group_bytes(std::uint32_t i) const noexcept {
    const std::uint32_t begin = i == 0 ? 0 : load_le<std::uint32_t>(entry(i - 1) + 4);
    return {entry(groups()) + begin, load_le<std::uint32_t>(entry(i) + 4) - begin};
  }
  audience::Group group(std::uint32_t i) const noexcept { return audience::Group(group_bytes(i).data()); }

  bool contains(std::int64_t id) const noexcept;
  std::optional<std::int64_t> least() const noexcept;
  std::optional<std::int64_t> greatest() const noexcept;

 private:
  const std::byte* entry(std::uint32_t i) const noexcept {
    return value_.data() + audience::kHeader + i * audience::kEntry;
  }
  ByteSpan value_;
};

// The ids in ascending order.
class AudienceIds {
 public:
  explicit AudienceIds(Audience audience) noexcept : audience_(audience) {}
  std::optional<std::int64_t> next() noexcept;

 private:
  bool next_chunk() noexcept;

  Audience audience_;
  std::uint32_t groups_ = 0;  // begun
  std::optional<audience::Chunks> chunks_;
  bool in_chunk_ = false;
  std::uint32_t at_ = 0, within_ = 0;  // of the values, the runs, or the words; within a run
  std::uint64_t word_ = 0;             // what is left of a bitset's current word
};

// Without building a set.
std::uint64_t count_common(Audience a, Audience b, Poll poll);
bool overlap(Audience a, Audience b, Poll poll);
bool contains_all(Audience a, Audience b, Poll poll);  // of b's ids
// Ids in both per id in either; of two empty sets 1.
double jaccard(Audience a, Audience b, Poll poll);

void combine_audiences(SetOperation operation, Audience a, Audience b, Buffer& out, std::pmr::memory_resource* resource,
                       Poll poll);

// Ids on their way into a set, in any order, also more than once. Takes memory for some of them at a time and for the
// set, not for all of them.
class AudienceBuilder {
 public:
  AudienceBuilder(std::pmr::memory_resource* resource, Poll poll)
      : keys_(resource), sets_{Buffer(resource), Buffer(resource)}, poll_(poll) {}
  void reserve(std::size_t count) { keys_.reserve(count < limit_ ? count : limit_); }
  void add(std::int64_t id) {
    if (keys_.size() == limit_) compact();
    keys_.push_back(audience::key_of(id));
  }
  void write(Buffer& out);  // ends the use of the builder

 private:
  void compact();
  void write_keys(Buffer& out);

  std::pmr::vector<std::uint64_t> keys_;
  std::size_t limit_ = std::size_t{1} << 20;
  Buffer sets_[2];  // the one is what earlier keys gave
  unsigned current_ = 0;
  Poll poll_;
};

// Text: ids in braces, such as {1,2,30}. Any order is read; ascending order is written. 22P02.
void print_audience(Audience audience, Buffer& out, Poll poll);
void parse_audience(std::string_view text, Buffer& out, std::pmr::memory_resource* resource, Poll poll);

// Binary protocol. Only what is canonical is read: 22P03.
void write_binary_audience(Audience audience, Buffer& out);
void read_binary_audience(ByteSpan wire, Buffer& out, Poll poll);

}  // namespace cdp::core
