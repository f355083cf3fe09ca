#include "core/identity/components.hpp"

#include <algorithm>
#include <cstring>

#include "core/bytes/buffer.hpp"
#include "core/bytes/error.hpp"
#include "core/bytes/hash.hpp"

namespace cdp::core {

namespace {

constexpr std::size_t kEntryUnit = 8;

// An entry's room: its fixed part is one unit.
constexpr std::size_t units_of(std::size_t length) noexcept { return 1 + (length + kEntryUnit - 1) / kEntryUnit; }

inline void prefetch(const void* address) noexcept { __builtin_prefetch(address); }

}  // namespace

Components::Components(std::pmr::memory_resource* resource, const ComponentsOptions& options)
    : resource_(resource), options_(options), chunks_(resource), regions_(resource), staged_(resource) {}

Components::~Components() {
  for (const Region& region : regions_) release(region.data, region.bytes);
  if (index_ != nullptr) release(reinterpret_cast<std::byte*>(index_), sizeof(Slot) << index_bits_);
  if (staging_ != nullptr) release(staging_, staging_bytes_);
}

void Components::link(ByteSpan a, ByteSpan b) {
  if (a.size() > kMaxValueBytes || b.size() > kMaxValueBytes)
    throw Error(Code::limit_exceeded, "identifier exceeds the maximum size of 1 GB");
  const std::size_t bytes = a.size() + b.size();
  if (bytes > staging_bytes_ - staging_used_ || staged_.size() >= kBatch) {
    flush();
    make_room_in_staging(bytes);
  }
  if (bytes > staging_bytes_) {  // too long to wait: taken from where it is
    stage(a.data(), a.size());
    stage(b.data(), b.size());
    flush();
    return;
  }
  for (const ByteSpan& identifier : {a, b}) {
    std::byte* const copy = staging_ + staging_used_;
    if (!identifier.empty()) std::memcpy(copy, identifier.data(), identifier.size());
    staging_used_ += identifier.size();
    stage(copy, identifier.size());
  }
}

void Components::stage(const std::byte* data, std::size_t length) {
  const auto hash = static_cast<std::uint32_t>(hash_bytes({data, length}, options_.seed) >> 32);
  if (index_ != nullptr) prefetch(index_ + (hash >> (32 - index_bits_)));
  staged_.push_back({data, static_cast<std::uint32_t>(length), hash, 0, 0});
}

void Components::flush() {
  if (staged_.empty()) return;
  options_.poll();
  make_room_in_index(staged_.size());
  probe();
  resolve();
  unite();
  staged_.clear();
  staging_used_ = 0;
}

// Finds each one's first candidate, whose entry is on its way when resolve() comes to it.
void Components::probe() {
  const std::uint32_t mask = static_cast<std::uint32_t>((std::uint64_t{1} << index_bits_) - 1);
  for (Staged& staged : staged_) {
    std::uint32_t position = staged.hash >> (32 - index_bits_);
    while (index_[position].node != 0 && index_[position].hash != staged.hash) position = (position + 1) & mask;
    staged.position = position;
    if (index_[position].node != 0) prefetch(entry(index_[position].node));
  }
}

// Compares bytes: a hash alone never decides. What isn't there is inserted.
void Components::resolve() {
  const std::uint32_t mask = static_cast<std::uint32_t>((std::uint64_t{1} << index_bits_) - 1);
  for (Staged& staged : staged_) {
    std::uint32_t position = staged.position;
    for (;; position = (position + 1) & mask) {
      const Slot slot = index_[position];
      if (slot.node == 0) {
        const Node node = insert(staged);
        index_[position] = {staged.hash, node};
        staged.node = node;
        break;
      }
      if (slot.hash != staged.hash) continue;
      Entry* const candidate = entry(slot.node);
      if (candidate->length == staged.length &&
          (staged.length == 0 || std::memcmp(text(candidate), staged.data, staged.length) == 0)) {
        staged.node = slot.node;
        prefetch(entry(candidate->parent));
        break;
      }
    }
  }
}

Components::Node Components::insert(const Staged& staged) {
  static_assert(sizeof(Entry) == kEntryUnit);
  const std::size_t units = units_of(staged.length);
  if (regions_.empty() || regions_.back().used + units > end_) make_room_in_arena(units);
  const auto node = static_cast<Node>(regions_.back().used);
  Entry* const made = new (entry(node)) Entry{node, staged.length};
  if (staged.length != 0) std::memcpy(text(made), staged.data, staged.length);
  regions_.back().used += units;
  ++identifiers_;
  return node;
}

// Path halving. The root of a tree is its least identifier, so the label needs no second pass; the cost stays
// O(log n) amortised whatever is linked to what (Tarjan and van Leeuwen 1984).
Components::Node Components::find(Node node) const noexcept {
  Entry* here = entry(node);
  while (here->parent != node) {
    Entry* const parent = entry(here->parent);
    here->parent = parent->parent;
    node = here->parent;
    here = entry(node);
  }
  return node;
}

bool Components::precedes(const Entry* a, const Entry* b) const noexcept {
  return compare_bytes({reinterpret_cast<const std::byte*>(a + 1), a->length},
                       {reinterpret_cast<const std::byte*>(b + 1), b->length}) < 0;
}

void Components::unite() {
  for (std::size_t i = 0; i + 1 < staged_.size(); i += 2) {
    if (staged_[i].node == staged_[i + 1].node) continue;
    const Node a = find(staged_[i].node), b = find(staged_[i + 1].node);
    if (a == b) continue;
    Entry *const of_a = entry(a), *const of_b = entry(b);
    if (precedes(of_a, of_b)) {
      of_b->parent = a;
    } else {
      of_a->parent = b;
    }
    ++unions_;
  }
}

void Components::finish() {
  flush();
  if (index_ != nullptr) release(reinterpret_cast<std::byte*>(index_), sizeof(Slot) << index_bits_);
  index_ = nullptr;
  index_bits_ = 0;
  index_limit_ = 0;
}

ByteSpan Components::bytes_of(std::uint32_t node) const noexcept {
  Entry* const found = entry(node);
  return {text(found), found->length};
}

std::size_t Components::next(Cursor& cursor, std::span<ComponentMember, kCursorBatch> members) {
  options_.poll();
  Node nodes[kCursorBatch];
  std::size_t count = 0;
  while (count < kCursorBatch && cursor.region < regions_.size()) {
    const Region& region = regions_[cursor.region];
    cursor.unit = std::max<std::uint64_t>({cursor.unit, region.first, 1});
    if (cursor.unit >= region.used) {
      ++cursor.region;
      continue;
    }
    const auto node = static_cast<Node>(cursor.unit);
    const Entry* const here = entry(node);
    prefetch(entry(here->parent));
    cursor.unit += units_of(here->length);
    nodes[count++] = node;
  }
  for (std::size_t i = 0; i < count; ++i) members[i] = {bytes_of(nodes[i]), bytes_of(find(nodes[i]))};
  return count;
}

template <typename Visit>
void Components::visit_entries(Visit&& visit) {
  std::size_t visited = 0;
  for (const Region& region : regions_) {
    for (std::uint64_t unit = region.first == 0 ? 1 : region.first; unit < region.used;) {
      if (visited++ % 4096 == 0) options_.poll();
      const auto node = static_cast<Node>(unit);
      unit += units_of(entry(node)->length);
      visit(node);
    }
  }
}

std::pmr::vector<Components::Grouped> Components::group() {
  std::pmr::vector<Grouped> grouped(resource_);
  grouped.reserve(identifiers_);
  visit_entries([&](Node node) { grouped.push_back({find(node), node}); });
  std::sort(grouped.begin(), grouped.end(),
            [](const Grouped& a, const Grouped& b) { return a.root != b.root ? a.root < b.root : a.node < b.node; });
  return grouped;
}

// Eight bytes from `depth` on as a number that orders as they do; zero where the text has ended.
std::uint64_t Components::word(Node node, std::size_t depth) const noexcept {
  const ByteSpan bytes = bytes_of(node);
  std::byte word[8] = {};
  if (depth < bytes.size()) std::memcpy(word, bytes.data() + depth, std::min(bytes.size() - depth, sizeof word));
  return load_be<std::uint64_t>(word);
}

// Sorts by one word at a time, loaded once: identifiers share long prefixes, and every look at the bytes
// themselves is a cache miss (caching multikey quicksort, Rantala and Bentley). Deeper down whole bytes decide.
void Components::sort_run(std::span<Sorted> run, std::size_t depth) {
  constexpr std::size_t kDeepest = 32, kShort = 8;
  options_.poll();
  if (depth >= kDeepest || run.size() <= kShort) {
    std::size_t compared = 0;
    std::sort(run.begin(), run.end(), [&](const Sorted& a, const Sorted& b) {
      if (++compared % 65536 == 0) options_.poll();
      return a.word != b.word ? a.word < b.word : compare_bytes(bytes_of(a.node), bytes_of(b.node)) < 0;
    });
    return;
  }
  std::sort(run.begin(), run.end(), [](const Sorted& a, const Sorted& b) { return a.word < b.word; });
  for (std::size_t from = 0, to = 0; from < run.size(); from = to) {
    while (to < run.size() && run[to].word == run[from].word) ++to;
    if (to - from == 1) continue;
    for (Sorted& each : run.subspan(from, to - from)) each.word = word(each.node, depth + sizeof each.word);
    sort_run(run.subspan(from, to - from), depth + sizeof(std::uint64_t));
  }
}

std::pmr::vector<Components::Sorted> Components::sort() {
  std::pmr::vector<Sorted> sorted(resource_);
  sorted.reserve(identifiers_);
  visit_entries([&](Node node) { sorted.push_back({word(node, 0), node, find(node)}); });
  sort_run(sorted, 0);
  // A root comes before its members; its position waits in its own entry.
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i].least == sorted[i].node) entry(sorted[i].node)->parent = static_cast<Node>(i);
    sorted[i].least = entry(sorted[i].least)->parent;
  }
  return sorted;
}

}  // namespace cdp::core
