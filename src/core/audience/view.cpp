// Reading an audience: membership, listing, and counts over two of them.
#include <string>

#include "core/audience/audience.hpp"
#include "core/bytes/error.hpp"

namespace cdp::core {

using audience::Chunk;
using audience::Chunks;
using audience::Kind;

void check_audience(ByteSpan value, std::size_t size) {
  const char* const message = "invalid value of type cdp.audience";
  if (value.size() < audience::kReserved + 4) throw Error(Code::corrupted, message, "It is shorter than its header.");
  const auto magic = static_cast<std::uint8_t>(value[0]);
  if (magic != audience::kMagic && magic != audience::kLogMagic)
    throw Error(Code::corrupted, message, "Its first byte is not a known magic number.");
  if (static_cast<std::uint8_t>(value[1]) != audience::kVersion || load_le<std::uint16_t>(value.data() + 2) != 0)
    throw Error(
        Code::not_supported, "unsupported version of type cdp.audience",
        "The value has version " + std::to_string(static_cast<unsigned>(value[1])) + ", this library knows version 1.",
        "Update the extension.");
  if (load_le<std::uint32_t>(value.data() + audience::kReserved) != 0)
    throw Error(Code::corrupted, message, "A reserved field of its header is not zero.");
  const auto count = load_le<std::uint32_t>(value.data() + audience::kCount);
  const bool fits = magic == audience::kLogMagic
                        ? count <= size
                        : size >= audience::kHeader && count <= (size - audience::kHeader) / audience::kEntry;
  if (!fits) throw Error(Code::corrupted, message, "Its count is larger than the value.");
}

bool is_audience_log(ByteSpan value) noexcept { return static_cast<std::uint8_t>(value[0]) == audience::kLogMagic; }

bool Audience::contains(std::int64_t id) const noexcept {
  const std::uint64_t key = audience::key_of(id);
  const auto wanted = static_cast<std::uint32_t>(key >> 32);
  std::uint32_t from = 0, to = groups();
  while (from < to) {
    const std::uint32_t middle = from + (to - from) / 2;
    if (high(middle) < wanted) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from < groups() && high(from) == wanted && group(from).contains(static_cast<std::uint32_t>(key));
}

std::optional<std::int64_t> Audience::least() const noexcept { return AudienceIds(*this).next(); }

std::optional<std::int64_t> Audience::greatest() const noexcept {
  if (groups() == 0) return std::nullopt;
  const std::uint32_t i = groups() - 1;
  const audience::Group last_group = group(i);
  const Chunk chunk = last_group.chunk(last_group.size() - 1);
  std::uint32_t low = 0;
  if (chunk.kind == Kind::array) {
    low = chunk.value(chunk.cardinality - 1);
  } else if (chunk.kind == Kind::runs) {
    low = chunk.last(chunk.runs - 1);
  } else {
    std::uint32_t word = audience::kBitsetBytes / 8 - 1;
    while (chunk.word(word) == 0) --word;
    low = word * 64 + 63 - static_cast<std::uint32_t>(std::countl_zero(chunk.word(word)));
  }
  return audience::id_of(std::uint64_t{high(i)} << 32 | std::uint32_t{chunk.key} << 16 | low);
}

// False at the end of the last group.
bool AudienceIds::next_chunk() noexcept {
  if (in_chunk_) chunks_->next();
  while (!chunks_ || chunks_->done()) {
    if (groups_ == audience_.groups()) return in_chunk_ = false;
    chunks_.emplace(audience_.group(groups_++));
  }
  at_ = within_ = 0;
  word_ = (*chunks_)->kind == Kind::bitset ? (*chunks_)->word(0) : 0;
  return in_chunk_ = true;
}

std::optional<std::int64_t> AudienceIds::next() noexcept {
  while (true) {
    if (in_chunk_) {
      const Chunk& chunk = **chunks_;
      const auto found = [&](std::uint32_t low) {
        return audience::id_of(std::uint64_t{audience_.high(groups_ - 1)} << 32 | std::uint32_t{chunk.key} << 16 | low);
      };
      if (chunk.kind == Kind::array && at_ < chunk.cardinality) return found(chunk.value(at_++));
      if (chunk.kind == Kind::runs && at_ < chunk.runs) {
        const std::uint32_t low = chunk.first(at_) + within_++;
        if (low != chunk.last(at_)) return found(low);
        ++at_;
        within_ = 0;
        return found(low);
      }
      if (chunk.kind == Kind::bitset) {
        constexpr std::uint32_t kWords = audience::kBitsetBytes / 8;
        while (word_ == 0 && ++at_ < kWords) word_ = chunk.word(at_);
        if (word_ != 0) {
          const std::uint32_t low = at_ * 64 + static_cast<std::uint32_t>(std::countr_zero(word_));
          word_ &= word_ - 1;
          return found(low);
        }
      }
    }
    if (!next_chunk()) return std::nullopt;
  }
}

namespace {

// Walks two audiences in step: both(a's chunk, b's chunk) where they have the same key, alone(b's chunk) where only b
// has it. Ends early when one of them returns false.
template <typename Both, typename Alone>
void walk(Audience a, Audience b, Poll poll, Both&& both, Alone&& alone) {
  std::uint32_t i = 0, j = 0;
  for (; j < b.groups(); ++j) {
    while (i < a.groups() && a.high(i) < b.high(j)) ++i;
    const bool shared = i < a.groups() && a.high(i) == b.high(j);
    std::optional<Chunks> of_a;
    if (shared) of_a.emplace(a.group(i));
    for (Chunks of_b(b.group(j)); !of_b.done(); of_b.next()) {
      poll();
      while (of_a && !of_a->done() && (*of_a)->key < of_b->key) of_a->next();
      const bool same = of_a && !of_a->done() && (*of_a)->key == of_b->key;
      if (!(same ? both(**of_a, *of_b) : alone(*of_b))) return;
    }
  }
}

}  // namespace

std::uint64_t count_common(Audience a, Audience b, Poll poll) {
  std::uint64_t common = 0;
  walk(
      a, b, poll,
      [&common](const Chunk& x, const Chunk& y) {
        common += audience::count_common(x, y);
        return true;
      },
      [](const Chunk&) { return true; });
  return common;
}

bool overlap(Audience a, Audience b, Poll poll) {
  bool found = false;
  walk(
      a, b, poll, [&found](const Chunk& x, const Chunk& y) { return !(found = audience::count_common(x, y) > 0); },
      [](const Chunk&) { return true; });
  return found;
}

bool contains_all(Audience a, Audience b, Poll poll) {
  if (a.cardinality() < b.cardinality()) return false;
  bool all = true;
  walk(
      a, b, poll,
      [&all](const Chunk& x, const Chunk& y) {
        return all = x.cardinality >= y.cardinality && audience::count_common(x, y) == y.cardinality;
      },
      [&all](const Chunk&) { return all = false; });
  return all;
}

double jaccard(Audience a, Audience b, Poll poll) {
  const std::uint64_t common = count_common(a, b, poll), either = a.cardinality() + b.cardinality() - common;
  return either == 0 ? 1 : static_cast<double>(common) / static_cast<double>(either);
}

}  // namespace cdp::core
