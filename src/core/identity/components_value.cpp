#include "core/identity/components_value.hpp"

#include <algorithm>

#include "core/bytes/error.hpp"
#include "core/bytes/reader.hpp"
#include "core/bytes/utf8.hpp"

namespace cdp::core {

namespace {

constexpr std::uint8_t kCanonical = 0xC3, kLog = 0xC4, kVersion = 1, kWireVersion = 1;
constexpr std::size_t kHeader = 12, kCountAt = 4;
constexpr std::size_t kLeastLog = 64;            // bytes of records in a new log
constexpr std::size_t kCompactFrom = 16 * 1024;  // smaller logs are copied: cheaper than looking for repetition

void write_header(std::byte* to, std::uint8_t magic, std::uint32_t count) noexcept {
  to[0] = static_cast<std::byte>(magic);
  to[1] = static_cast<std::byte>(kVersion);
  store_le(to + 2, std::uint16_t{0});
  store_le(to + kCountAt, count);
  store_le(to + 8, std::uint32_t{0});
}

std::uint32_t count_of(ByteSpan value) noexcept { return load_le<std::uint32_t>(value.data() + kCountAt); }

constexpr std::size_t varint_bytes(std::uint64_t value) noexcept {
  std::size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

std::byte* put_varint(std::byte* to, std::uint64_t value) noexcept {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<std::byte>(value | 0x80);
  *to++ = static_cast<std::byte>(value);
  return to;
}

std::size_t record_bytes(ByteSpan identifier) noexcept {
  return varint_bytes(identifier.size() * 2) + identifier.size();
}

std::byte* put_record(std::byte* to, ByteSpan identifier, bool joined) noexcept {
  to = put_varint(to, identifier.size() * 2 + (joined ? 1 : 0));
  if (!identifier.empty()) std::memcpy(to, identifier.data(), identifier.size());
  return to + identifier.size();
}

void append_record(Buffer& to, ByteSpan identifier, bool joined) {
  to.varint(identifier.size() * 2 + (joined ? 1 : 0));
  to.append(identifier);
}

bool same(ByteSpan a, ByteSpan b) noexcept { return compare_bytes(a, b) == 0; }

void feed_log(ByteSpan value, Components& into) {
  const std::byte *at = value.data() + kHeader, *const end = at + count_of(value);
  ByteSpan before;
  bool alone = false;  // `before` has been linked to nothing yet
  while (at < end) {
    const std::uint64_t head = trusted_varint(at);
    const ByteSpan identifier{at, static_cast<std::size_t>(head >> 1)};
    at += identifier.size();
    const bool joined = (head & 1) != 0;
    if (joined) {
      into.link(before, identifier);
    } else if (alone) {
      into.add(before);
    }
    alone = !joined;
    before = identifier;
  }
  if (alone) into.add(before);
}

// A log with room for `capacity` bytes of records, the first `used` of them to be written by the caller.
std::byte* start_log(Buffer& to, std::size_t used, std::size_t capacity) {
  std::byte* const at = to.extend(kHeader + capacity);
  write_header(at, kLog, static_cast<std::uint32_t>(used));
  std::memset(at + kHeader + used, 0, capacity - used);
  return at + kHeader;
}

std::byte* reserve_records(std::span<std::byte> log, std::size_t bytes) noexcept {
  const std::size_t used = count_of(log);
  if (bytes > log.size() - kHeader - used) return nullptr;
  store_le(log.data() + kCountAt, static_cast<std::uint32_t>(used + bytes));
  return log.data() + kHeader + used;
}

}  // namespace

void check_components(ByteSpan value) {
  const char* const message = "invalid value of type cdp.components";
  if (value.size() < kHeader) throw Error(Code::corrupted, message, "It is shorter than its header.");
  const auto magic = static_cast<std::uint8_t>(value[0]);
  if (magic != kCanonical && magic != kLog)
    throw Error(Code::corrupted, message, "Its first byte is not a known magic number.");
  if (static_cast<std::uint8_t>(value[1]) != kVersion)
    throw Error(
        Code::not_supported, "unsupported version of type cdp.components",
        "The value has version " + std::to_string(static_cast<unsigned>(value[1])) + ", this library knows version 1.",
        "Update the extension.");
  if (load_le<std::uint16_t>(value.data() + 2) != 0 || load_le<std::uint32_t>(value.data() + 8) != 0)
    throw Error(Code::corrupted, message, "A reserved field of its header is not zero.");
  const std::size_t body = value.size() - kHeader;
  if (count_of(value) > (magic == kLog ? body : body / 2))
    throw Error(Code::corrupted, message, "Its count is larger than the value.");
}

bool is_components_log(ByteSpan value) noexcept { return static_cast<std::uint8_t>(value[0]) == kLog; }

std::uint32_t count_identifiers(ByteSpan canonical) noexcept { return count_of(canonical); }

std::uint32_t count_components(ByteSpan canonical) noexcept {
  const std::byte* at = canonical.data() + kHeader;
  std::uint32_t components = 0;
  for (std::uint32_t left = count_of(canonical); left > 0; --left) {
    at += trusted_varint(at);
    components += trusted_varint(at) == 0;
  }
  return components;
}

DecodedComponents::DecodedComponents(ByteSpan canonical, std::pmr::memory_resource* resource)
    : identifiers(resource), least(resource) {
  const std::uint32_t count = count_of(canonical);
  identifiers.reserve(count);
  least.reserve(count);
  const std::byte* at = canonical.data() + kHeader;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto length = static_cast<std::size_t>(trusted_varint(at));
    identifiers.emplace_back(at, length);
    at += length;
    least.push_back(i - static_cast<std::uint32_t>(trusted_varint(at)));
  }
}

std::pmr::vector<std::uint32_t> DecodedComponents::grouped() const {
  const auto* const resource = least.get_allocator().resource();
  std::pmr::vector<std::uint32_t> start(least.size(), 0, const_cast<std::pmr::memory_resource*>(resource));
  for (const std::uint32_t label : least) ++start[label];
  std::uint32_t before = 0;
  for (std::uint32_t& entry : start) {
    const std::uint32_t members = entry;
    entry = before;
    before += members;
  }
  std::pmr::vector<std::uint32_t> order(least.size(), 0, const_cast<std::pmr::memory_resource*>(resource));
  for (std::uint32_t i = 0; i < least.size(); ++i) order[start[least[i]]++] = i;
  return order;
}

void feed_components(ByteSpan value, Components& into, std::pmr::memory_resource* resource) {
  if (is_components_log(value)) return feed_log(value, into);
  const DecodedComponents decoded(value, resource);
  for (std::size_t i = 0; i < decoded.identifiers.size(); ++i)
    into.link(decoded.identifiers[i], decoded.identifiers[decoded.least[i]]);
}

void write_components(Components& from, Buffer& to) {
  from.finish();
  const auto sorted = from.sort();
  write_header(to.extend(kHeader), kCanonical, static_cast<std::uint32_t>(sorted.size()));
  for (std::uint32_t i = 0; i < sorted.size(); ++i) {
    const ByteSpan bytes = from.bytes_of(sorted[i].node);
    to.varint(bytes.size());
    to.append(bytes);
    to.varint(i - sorted[i].least);
  }
}

ByteSpan canonical_components(ByteSpan value, Buffer& scratch, std::pmr::memory_resource* resource, Poll poll) {
  check_components(value);
  if (!is_components_log(value)) return value;
  ComponentsOptions options;
  options.poll = poll;
  Components components(resource, options);
  feed_log(value, components);
  const std::size_t start = scratch.size();
  write_components(components, scratch);
  return scratch.span(start);
}

std::size_t pair_bytes(ByteSpan a, ByteSpan b) noexcept { return record_bytes(a) + (same(a, b) ? 0 : record_bytes(b)); }

bool append_pair(std::span<std::byte> log, ByteSpan a, ByteSpan b) noexcept {
  std::byte* at = reserve_records(log, pair_bytes(a, b));
  if (at == nullptr) return false;
  at = put_record(at, a, false);
  if (!same(a, b)) put_record(at, b, true);
  return true;
}

bool append_records(std::span<std::byte> log, ByteSpan records) noexcept {
  std::byte* const at = reserve_records(log, records.size());
  if (at == nullptr) return false;
  if (!records.empty()) std::memcpy(at, records.data(), records.size());
  return true;
}

ByteSpan records_of(ByteSpan value, Buffer& scratch, std::pmr::memory_resource* resource) {
  if (is_components_log(value)) return value.subspan(kHeader, count_of(value));
  const DecodedComponents decoded(value, resource);
  for (const std::uint32_t i : decoded.grouped()) {
    const ByteSpan identifier = decoded.identifiers[i];
    append_record(scratch, identifier, decoded.least[i] != i);
  }
  return scratch.span();
}

void grow_log(ByteSpan value, std::size_t more, Buffer& to, std::pmr::memory_resource* resource, Poll poll) {
  Buffer scratch(resource);
  ByteSpan records;
  if (!value.empty()) {
    if (is_components_log(value) && count_of(value) >= kCompactFrom) {
      ComponentsOptions options;
      options.poll = poll;
      Components components(resource, options);
      feed_log(value, components);
      components.finish();
      for (std::uint32_t before = 0; const Components::Grouped& member : components.group()) {
        const ByteSpan identifier = components.bytes_of(member.node);
        append_record(scratch, identifier, member.root == before);
        before = member.root;
      }
      records = scratch.span();
    } else {
      records = records_of(value, scratch, resource);
    }
  }
  // Near the limit of a value the room shrinks to what is needed.
  const std::size_t needed = records.size() + more;
  std::size_t capacity = std::max(kLeastLog, needed + records.size());
  constexpr std::size_t kMost = kMaxValueBytes - 64;
  if (capacity > kMost) capacity = std::max(needed, kMost);
  std::byte* const at = start_log(to, records.size(), capacity);
  if (!records.empty()) std::memcpy(at, records.data(), records.size());
}

void components_to_wire(ByteSpan canonical, Buffer& to, std::pmr::memory_resource* resource) {
  const DecodedComponents decoded(canonical, resource);
  to.byte(kWireVersion);
  to.be(count_of(canonical));
  for (std::size_t i = 0; i < decoded.identifiers.size(); ++i) {
    to.be(static_cast<std::uint32_t>(decoded.identifiers[i].size()));
    to.append(decoded.identifiers[i]);
    to.be(decoded.least[i]);
  }
}

void components_from_wire(ByteSpan wire, Buffer& to, std::pmr::memory_resource* resource, Poll poll) {
  Reader reader(wire, "cdp.components");
  if (reader.byte() != kWireVersion) reader.fail("its version is not supported");
  const auto count = reader.be<std::uint32_t>();
  if (count > reader.left() / 8) reader.fail("a count in it is larger than the value");
  write_header(to.extend(kHeader), kCanonical, count);
  std::pmr::vector<bool> is_label(count, false, resource);
  ByteSpan before;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i % 4096 == 0) poll();
    const ByteSpan identifier = reader.take(reader.be<std::uint32_t>());
    const auto least = reader.be<std::uint32_t>();
    if (i > 0 && compare_bytes(before, identifier) >= 0) reader.fail("its identifiers are not in byte order");
    if (!is_utf8_text(identifier)) reader.fail("an identifier in it is not valid UTF-8 text");
    if (least > i || (least < i && !is_label[least])) reader.fail("a component's label is not its least identifier");
    is_label[i] = least == i;
    to.varint(identifier.size());
    to.append(identifier);
    to.varint(i - least);
    before = identifier;
  }
  reader.expect_end();
}

}  // namespace cdp::core
