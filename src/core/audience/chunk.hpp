// Reads a group, a bitmap in the portable Roaring format, where it lies. The bytes are trusted.
#pragma once

#include "core/audience/format.hpp"

namespace cdp::core::audience {

// The ids of a group that share the upper 16 of their lower 32 bits.
struct Chunk {
  std::uint16_t key;
  Kind kind;
  std::uint32_t cardinality;
  std::uint32_t runs;     // only with Kind::runs
  const std::byte* data;  // values, words, or pairs of first value and length - 1

  std::uint32_t value(std::uint32_t i) const noexcept { return load_le<std::uint16_t>(data + 2 * std::size_t{i}); }
  std::uint32_t first(std::uint32_t run) const noexcept { return value(2 * run); }
  std::uint32_t last(std::uint32_t run) const noexcept { return value(2 * run) + value(2 * run + 1); }
  bool bit(std::uint32_t value) const noexcept {
    return (static_cast<unsigned>(data[value / 8]) >> (value % 8) & 1) != 0;
  }
  std::uint64_t word(std::uint32_t i) const noexcept { return load_le<std::uint64_t>(data + 8 * std::size_t{i}); }

  // As it is stored.
  ByteSpan bytes() const noexcept {
    if (kind == Kind::runs) return {data - 2, 2 + runs * std::size_t{4}};
    return {data, kind == Kind::array ? cardinality * std::size_t{2} : kBitsetBytes};
  }
  bool contains(std::uint32_t value) const noexcept;
};

// Ids that two chunks with the same key share.
std::uint32_t count_common(const Chunk& a, const Chunk& b) noexcept;

class Group {
 public:
  explicit Group(const std::byte* begin) noexcept : begin_(begin) {
    const auto cookie = load_le<std::uint32_t>(begin);
    if (cookie == kCookieNoRuns) {
      count_ = load_le<std::uint32_t>(begin + 4);
      descriptors_ = begin + 8;
    } else {
      count_ = (cookie >> 16) + 1;
      flags_ = begin + 4;
      descriptors_ = flags_ + (count_ + 7) / 8;
    }
    containers_ = descriptors_ + 4 * std::size_t{count_};
    if (flags_ != nullptr && count_ < kOffsetsFrom) return;
    offsets_ = containers_;
    containers_ += 4 * std::size_t{count_};
  }

  std::uint32_t size() const noexcept { return count_; }
  std::uint16_t key(std::uint32_t i) const noexcept {
    return load_le<std::uint16_t>(descriptors_ + 4 * std::size_t{i});
  }
  std::uint32_t cardinality(std::uint32_t i) const noexcept {
    return load_le<std::uint16_t>(descriptors_ + 4 * std::size_t{i} + 2) + 1u;
  }
  const std::byte* containers() const noexcept { return containers_; }

  // The chunk number i, whose bytes begin at `at`.
  Chunk chunk(std::uint32_t i, const std::byte* at) const noexcept {
    if (flags_ != nullptr && (static_cast<unsigned>(flags_[i / 8]) >> (i % 8) & 1) != 0)
      return {key(i), Kind::runs, cardinality(i), load_le<std::uint16_t>(at), at + 2};
    return {key(i), cardinality(i) <= kMostInArray ? Kind::array : Kind::bitset, cardinality(i), 0, at};
  }
  Chunk chunk(std::uint32_t i) const noexcept {
    if (offsets_ != nullptr) return chunk(i, begin_ + load_le<std::uint32_t>(offsets_ + 4 * std::size_t{i}));
    const std::byte* at = containers_;  // one of the first three
    for (std::uint32_t before = 0; before < i; ++before) at += chunk(before, at).bytes().size();
    return chunk(i, at);
  }
  bool contains(std::uint32_t low) const noexcept;

 private:
  const std::byte* begin_;
  const std::byte* flags_ = nullptr;
  const std::byte* descriptors_;
  const std::byte* offsets_ = nullptr;
  const std::byte* containers_;
  std::uint32_t count_;
};

// The chunks of a group in order.
class Chunks {
 public:
  explicit Chunks(const Group& group) noexcept : group_(group), at_(group.containers()) { load(); }
  bool done() const noexcept { return i_ == group_.size(); }
  const Chunk& operator*() const noexcept { return chunk_; }
  const Chunk* operator->() const noexcept { return &chunk_; }
  void next() noexcept {
    at_ += chunk_.bytes().size();
    ++i_;
    load();
  }

 private:
  void load() noexcept {
    if (!done()) chunk_ = group_.chunk(i_, at_);
  }
  Group group_;
  const std::byte* at_;
  std::uint32_t i_ = 0;
  Chunk chunk_{};
};

// The runs of values in order; an array is one of runs of length 1, which may touch.
struct RunsOf {
  const Chunk& chunk;
  std::uint32_t size() const noexcept { return chunk.runs; }
  std::uint32_t first(std::uint32_t i) const noexcept { return chunk.first(i); }
  std::uint32_t last(std::uint32_t i) const noexcept { return chunk.last(i); }
};
struct SinglesOf {
  const Chunk& chunk;
  std::uint32_t size() const noexcept { return chunk.cardinality; }
  std::uint32_t first(std::uint32_t i) const noexcept { return chunk.value(i); }
  std::uint32_t last(std::uint32_t i) const noexcept { return chunk.value(i); }
};

// The borders of runs in order, each a position from which on membership changes.
template <typename Runs>
class Borders {
 public:
  explicit Borders(Runs runs) noexcept : runs_(runs) { load(); }
  std::uint32_t at() const noexcept { return at_; }
  bool inside() const noexcept { return inside_; }
  // Passes every border at `position`.
  void pass(std::uint32_t position) noexcept {
    while (at_ == position) {
      if (inside_) ++i_;
      inside_ = !inside_;
      load();
    }
  }
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

 private:
  void load() noexcept { at_ = i_ == runs_.size() ? kNone : inside_ ? runs_.last(i_) + 1 : runs_.first(i_); }
  Runs runs_;
  std::uint32_t i_ = 0, at_ = kNone;
  bool inside_ = false;
};

// emit(first, last) of each maximal run in which keep(in a, in b).
template <typename A, typename B, typename Keep, typename Emit>
void sweep(A a_runs, B b_runs, Keep&& keep, Emit&& emit) noexcept {
  Borders<A> a(a_runs);
  Borders<B> b(b_runs);
  bool inside = false;
  std::uint32_t first = 0;
  while (true) {
    const std::uint32_t at = a.at() < b.at() ? a.at() : b.at();
    if (at == Borders<A>::kNone) return;
    a.pass(at);
    b.pass(at);
    if (keep(a.inside(), b.inside()) == inside) continue;
    if (inside) {
      emit(first, at - 1);
    } else {
      first = at;
    }
    inside = !inside;
  }
}

// The sweep over two chunks, none of them a bitset.
template <typename Keep, typename Emit>
void sweep_chunks(const Chunk& a, const Chunk& b, Keep&& keep, Emit&& emit) noexcept {
  const bool a_runs = a.kind == Kind::runs, b_runs = b.kind == Kind::runs;
  if (a_runs && b_runs) return sweep(RunsOf{a}, RunsOf{b}, keep, emit);
  if (a_runs) return sweep(RunsOf{a}, SinglesOf{b}, keep, emit);
  if (b_runs) return sweep(SinglesOf{a}, RunsOf{b}, keep, emit);
  sweep(SinglesOf{a}, SinglesOf{b}, keep, emit);
}

// Intersections of runs, and of an array with runs. Random sets make every comparison a surprise, so these take no
// branch on one: each step visits, and tells whether there is something to keep.

// visit(first, last, keep)
template <typename Visit>
void intersect_runs(const Chunk& a, const Chunk& b, Visit&& visit) noexcept {
  for (std::uint32_t i = 0, j = 0; i < a.runs && j < b.runs;) {
    const std::uint32_t a_first = a.first(i), b_first = b.first(j), a_last = a.last(i), b_last = b.last(j);
    const std::uint32_t first = a_first > b_first ? a_first : b_first, last = a_last < b_last ? a_last : b_last;
    visit(first, last, first <= last);
    i += a_last <= b_last;
    j += b_last <= a_last;
  }
}

// visit(value, in the runs, keep); returns how many values there were up to the end of the last run.
template <typename Visit>
std::uint32_t match_runs(const Chunk& array, const Chunk& runs, Visit&& visit) noexcept {
  std::uint32_t i = 0;
  for (std::uint32_t j = 0; i < array.cardinality && j < runs.runs;) {
    const std::uint32_t value = array.value(i);
    const bool here = value <= runs.last(j);
    visit(value, value >= runs.first(j), here);
    i += here;
    j += !here;
  }
  return i;
}

}  // namespace cdp::core::audience
