#include "core/audience/log.hpp"

#include <cstring>

namespace cdp::core::audience_log {

namespace {

constexpr std::size_t kOpen = 12;
enum Kind : std::uint32_t { ids = 0, set = 1 };

void set_used(std::byte* log, std::size_t bytes) noexcept {
  store_le(log + audience::kCount, static_cast<std::uint32_t>(bytes));
}
void set_open(std::byte* log, std::size_t at) noexcept { store_le(log + kOpen, static_cast<std::uint32_t>(at)); }

// Appends the bytes; nullptr when there is no room.
std::byte* take(std::span<std::byte> log, std::size_t bytes) noexcept {
  const std::size_t before = used(log);
  if (bytes > log.size() - before) return nullptr;
  set_used(log.data(), before + bytes);
  return log.data() + before;
}

}  // namespace

void begin(std::byte* log) noexcept {
  std::memset(log, 0, kHeader);
  log[0] = std::byte{audience::kLogMagic};
  log[1] = std::byte{audience::kVersion};
  set_used(log, kHeader);
}

std::size_t used(ByteSpan log) noexcept { return load_le<std::uint32_t>(log.data() + audience::kCount); }

bool append_id(std::span<std::byte> log, std::int64_t id) noexcept {
  std::byte* const base = log.data();
  const std::size_t open = load_le<std::uint32_t>(base + kOpen);
  std::byte* const at = take(log, open == 0 ? kItemHead + kId : kId);
  if (at == nullptr) return false;
  if (open == 0) {
    set_open(base, static_cast<std::size_t>(at - base));
    store_le(at, static_cast<std::uint32_t>(kId * 2 + Kind::ids));
    store_le(at + kItemHead, static_cast<std::uint64_t>(id));
  } else {
    store_le(base + open, load_le<std::uint32_t>(base + open) + static_cast<std::uint32_t>(kId * 2));
    store_le(at, static_cast<std::uint64_t>(id));
  }
  return true;
}

bool append_set(std::span<std::byte> log, ByteSpan set) noexcept {
  std::byte* const at = take(log, kItemHead + set.size());
  if (at == nullptr) return false;
  set_open(log.data(), 0);
  store_le(at, static_cast<std::uint32_t>(set.size() * 2 + Kind::set));
  std::memcpy(at + kItemHead, set.data(), set.size());
  return true;
}

bool append_items(std::span<std::byte> log, ByteSpan items) noexcept {
  if (items.empty()) return true;
  std::byte* const at = take(log, items.size());
  if (at == nullptr) return false;
  set_open(log.data(), 0);
  std::memcpy(at, items.data(), items.size());
  return true;
}

void unite(std::pmr::vector<ByteSpan> sets, Buffer& out, std::pmr::memory_resource* resource, Poll poll) {
  Buffer rounds[2]{Buffer(resource), Buffer(resource)};
  for (unsigned round = 0; sets.size() > 2; ++round) {
    Buffer& to = rounds[round % 2];
    to.clear();
    std::pmr::vector<std::size_t> ends(resource);
    std::size_t i = 0;
    for (; i + 1 < sets.size(); i += 2) {
      combine_audiences(SetOperation::union_of, Audience(sets[i]), Audience(sets[i + 1]), to, resource, poll);
      ends.push_back(to.size());
    }
    if (i < sets.size()) {
      to.append(sets[i]);
      ends.push_back(to.size());
    }
    sets.clear();
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
      sets.push_back(to.span().subspan(begin, end - begin));
      begin = end;
    }
  }
  if (sets.size() == 1) return out.append(sets[0]);
  combine_audiences(SetOperation::union_of, Audience(sets[0]), Audience(sets[1]), out, resource, poll);
}

void write_set(ByteSpan log, Buffer& out, std::pmr::memory_resource* resource, Poll poll) {
  AudienceBuilder builder(resource, poll);
  std::pmr::vector<ByteSpan> sets(resource);
  bool any_ids = false;
  for (ByteSpan left = items(log); !left.empty();) {
    const auto head = load_le<std::uint32_t>(left.data());
    const ByteSpan content = left.subspan(kItemHead, head >> 1);
    left = left.subspan(kItemHead + content.size());
    if ((head & 1) == Kind::set) {
      sets.push_back(content);
      continue;
    }
    any_ids = true;
    for (std::size_t i = 0; i < content.size(); i += kId)
      builder.add(static_cast<std::int64_t>(load_le<std::uint64_t>(content.data() + i)));
  }
  if (sets.empty()) return builder.write(out);
  Buffer from_ids(resource);
  if (any_ids) {
    builder.write(from_ids);
    sets.push_back(from_ids.span());
  }
  unite(std::move(sets), out, resource, poll);
}

Audience canonical(ByteSpan value, Buffer& scratch, std::pmr::memory_resource* resource, Poll poll) {
  check_audience(value);
  if (!is_audience_log(value)) return Audience(value);
  const std::size_t start = scratch.size();
  write_set(value, scratch, resource, poll);
  return Audience(scratch.span(start));
}

}  // namespace cdp::core::audience_log
