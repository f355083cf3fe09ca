// Set operations, chunk by chunk.
#include <algorithm>
#include <array>

#include "core/audience/audience.hpp"
#include "core/audience/builder.hpp"

namespace cdp::core {

namespace audience {
namespace {

using Operation = SetOperation;

constexpr bool keeps(Operation operation, bool in_a, bool in_b) noexcept {
  switch (operation) {
    case Operation::intersection: return in_a && in_b;
    case Operation::union_of: return in_a || in_b;
    case Operation::difference: return in_a && !in_b;
    case Operation::symmetric_difference: break;
  }
  return in_a != in_b;
}

// Room for what a pair of chunks gives.
struct Scratch {
  Bitmap bitmap;
  std::array<std::uint16_t, 2 * kMostInArray> values;
  std::array<Run, 2 * kMostInArray> runs;
};

template <Operation kOperation>
class Combiner {
 public:
  Combiner(Scratch& scratch, GroupBuilder& out) : scratch_(scratch), out_(out) {}

  // A chunk that the other one has not.
  void only_a(const Chunk& a) {
    if (keeps(kOperation, true, false)) out_.add(a);
  }
  void only_b(const Chunk& b) {
    if (keeps(kOperation, false, true)) out_.add(b);
  }

  void both(const Chunk& a, const Chunk& b) {
    constexpr bool kShrinksA = !keeps(kOperation, false, true), kShrinksB = kOperation == Operation::intersection;
    if (a.kind == Kind::bitset || b.kind == Kind::bitset) {
      if (kShrinksA && a.kind == Kind::array) return filter(a, b);
      if (kShrinksB && b.kind == Kind::array) return filter(b, a);
      return with_bitmap(a, b);
    }
    if (a.kind == Kind::array && b.kind == Kind::array) return merge(a, b);
    if (kShrinksA && a.kind == Kind::array) return filter_by_runs(a, b);
    if (kShrinksB && b.kind == Kind::array) return filter_by_runs(b, a);
    std::size_t count = 0;
    if (kOperation == Operation::intersection) {
      intersect_runs(a, b, [&](std::uint32_t first, std::uint32_t last, bool keep) {
        scratch_.runs[count] = {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)};
        count += keep;
      });
      return out_.add_runs(a.key, {scratch_.runs.data(), count});
    }
    sweep_chunks(
        a, b, [](bool in_a, bool in_b) { return keeps(kOperation, in_a, in_b); },
        [&](std::uint32_t first, std::uint32_t last) {
          scratch_.runs[count++] = {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)};
        });
    out_.add_runs(a.key, {scratch_.runs.data(), count});
  }

 private:
  // Values of an array that are in a bitset, or for the difference that are not.
  void filter(const Chunk& array, const Chunk& bitset) {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < array.cardinality; ++i) {
      const std::uint32_t value = array.value(i);
      scratch_.values[count] = static_cast<std::uint16_t>(value);
      count += keeps(kOperation, true, bitset.bit(value));
    }
    out_.add_array(array.key, {scratch_.values.data(), count});
  }

  void filter_by_runs(const Chunk& array, const Chunk& runs) {
    std::size_t count = 0;
    std::uint32_t i = match_runs(array, runs, [&](std::uint32_t value, bool inside, bool keep) {
      scratch_.values[count] = static_cast<std::uint16_t>(value);
      count += keep & keeps(kOperation, true, inside);
    });
    if (keeps(kOperation, true, false))
      while (i < array.cardinality) scratch_.values[count++] = static_cast<std::uint16_t>(array.value(i++));
    out_.add_array(array.key, {scratch_.values.data(), count});
  }

  // Without branches on the values, which nobody could predict.
  void merge(const Chunk& a, const Chunk& b) {
    if constexpr (kOperation == Operation::intersection) {
      if (a.cardinality * 32 < b.cardinality) return filter_sparse(a, b);
      if (b.cardinality * 32 < a.cardinality) return filter_sparse(b, a);
    }
    std::uint16_t* const values = scratch_.values.data();
    std::uint32_t i = 0, j = 0;
    std::size_t count = 0;
    while (i < a.cardinality && j < b.cardinality) {
      const std::uint32_t x = a.value(i), y = b.value(j);
      values[count] = static_cast<std::uint16_t>(x < y ? x : y);
      count += keeps(kOperation, x <= y, y <= x);
      i += x <= y;
      j += y <= x;
    }
    if (keeps(kOperation, true, false))
      while (i < a.cardinality) values[count++] = static_cast<std::uint16_t>(a.value(i++));
    if (keeps(kOperation, false, true))
      while (j < b.cardinality) values[count++] = static_cast<std::uint16_t>(b.value(j++));
    out_.add_array(a.key, {values, count});
  }

  void filter_sparse(const Chunk& few, const Chunk& many) {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < few.cardinality; ++i)
      if (many.contains(few.value(i))) scratch_.values[count++] = static_cast<std::uint16_t>(few.value(i));
    out_.add_array(few.key, {scratch_.values.data(), count});
  }

  void with_bitmap(const Chunk& a, const Chunk& b) {
    // All but the difference may swap; the bitset is the one that is copied.
    const bool swap = kOperation != Operation::difference && a.kind != Kind::bitset;
    const Chunk &to = swap ? b : a, &other = swap ? a : b;
    Bitmap& bitmap = scratch_.bitmap;
    if (to.kind == Kind::bitset) {
      bitmap.load(to.data);
    } else {
      bitmap.clear();
      for (std::uint32_t i = 0; i < to.runs; ++i) bitmap.set(to.first(i), to.last(i));
    }
    if (other.kind == Kind::bitset) {
      apply_words(bitmap.words(), other);
    } else if (other.kind == Kind::array) {
      for (std::uint32_t i = 0; i < other.cardinality; ++i) apply(other.value(i));
    } else {
      apply_runs(other);
    }
    out_.add_bitmap(a.key, bitmap);
  }

  static void apply_words(std::uint64_t* words, const Chunk& bitset) noexcept {
    for (std::uint32_t i = 0; i < Bitmap::kWords; ++i) {
      const std::uint64_t other = bitset.word(i);
      if constexpr (kOperation == Operation::intersection) words[i] &= other;
      if constexpr (kOperation == Operation::union_of) words[i] |= other;
      if constexpr (kOperation == Operation::difference) words[i] &= ~other;
      if constexpr (kOperation == Operation::symmetric_difference) words[i] ^= other;
    }
  }

  template <typename... Range>
  void apply(Range... range) noexcept {
    if constexpr (kOperation == Operation::union_of) scratch_.bitmap.set(range...);
    if constexpr (kOperation == Operation::symmetric_difference) scratch_.bitmap.flip(range...);
    if constexpr (kOperation == Operation::difference) scratch_.bitmap.reset(range...);
  }

  void apply_runs(const Chunk& runs) noexcept {
    std::uint32_t gap = 0;
    for (std::uint32_t i = 0; i < runs.runs; ++i) {
      apply(runs.first(i), runs.last(i));
      if (kOperation == Operation::intersection && runs.first(i) > gap) scratch_.bitmap.reset(gap, runs.first(i) - 1);
      gap = runs.last(i) + 1;
    }
    if (kOperation == Operation::intersection) scratch_.bitmap.reset(gap, kChunkIds - 1);
  }

  Scratch& scratch_;
  GroupBuilder& out_;
};

template <Operation kOperation>
void combine_groups(const Group& a, const Group& b, Scratch& scratch, GroupBuilder& out, Poll poll) {
  Combiner<kOperation> combiner(scratch, out);
  Chunks of_a(a), of_b(b);
  while (!of_a.done() && !of_b.done()) {
    poll();
    const std::uint16_t x = of_a->key, y = of_b->key;
    if (x == y) {
      combiner.both(*of_a, *of_b);
    } else if (x < y) {
      combiner.only_a(*of_a);
    } else {
      combiner.only_b(*of_b);
    }
    if (x <= y) of_a.next();
    if (y <= x) of_b.next();
  }
  if (keeps(kOperation, true, false))
    for (; !of_a.done(); of_a.next()) combiner.only_a(*of_a);
  if (keeps(kOperation, false, true))
    for (; !of_b.done(); of_b.next()) combiner.only_b(*of_b);
}

// At most as many of something as an operation can leave of so many in a and b.
template <Operation kOperation>
constexpr std::size_t most_of(std::size_t a, std::size_t b) noexcept {
  if (keeps(kOperation, false, true)) return a + b;
  return keeps(kOperation, true, false) ? a : std::min(a, b);
}

template <Operation kOperation>
void combine(Audience a, Audience b, Buffer& out, std::pmr::memory_resource* resource, Poll poll) {
  out.reserve(std::min(kMaxValueBytes, out.size() + most_of<kOperation>(a.bytes().size(), b.bytes().size())));
  Writer writer(most_of<kOperation>(a.groups(), b.groups()), out, resource);
  Scratch scratch;
  std::uint32_t i = 0, j = 0;
  while (i < a.groups() || j < b.groups()) {
    poll();
    const bool only_a = j == b.groups() || (i < a.groups() && a.high(i) < b.high(j));
    const bool only_b = !only_a && (i == a.groups() || b.high(j) < a.high(i));
    if (only_a) {
      if (keeps(kOperation, true, false)) writer.copy_group(a.high(i), a.group_bytes(i));
    } else if (only_b) {
      if (keeps(kOperation, false, true)) writer.copy_group(b.high(j), b.group_bytes(j));
    } else {
      const Group x = a.group(i), y = b.group(j);
      combine_groups<kOperation>(x, y, scratch, writer.begin_group(most_of<kOperation>(x.size(), y.size())), poll);
      writer.end_group(a.high(i));
    }
    if (!only_b) ++i;
    if (!only_a) ++j;
  }
  writer.finish();
}

}  // namespace
}  // namespace audience

void combine_audiences(SetOperation operation, Audience a, Audience b, Buffer& out, std::pmr::memory_resource* resource,
                       Poll poll) {
  switch (operation) {
    case SetOperation::intersection: return audience::combine<SetOperation::intersection>(a, b, out, resource, poll);
    case SetOperation::union_of: return audience::combine<SetOperation::union_of>(a, b, out, resource, poll);
    case SetOperation::difference: return audience::combine<SetOperation::difference>(a, b, out, resource, poll);
    case SetOperation::symmetric_difference:
      return audience::combine<SetOperation::symmetric_difference>(a, b, out, resource, poll);
  }
}

}  // namespace cdp::core
