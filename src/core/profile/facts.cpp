// src/core/profile/facts.cpp: the form of a section of facts.
#include "core/profile/facts.hpp"

#include "core/bytes/utf8.hpp"
#include "core/profile/format.hpp"
#include "core/profile/layout.hpp"
#include "core/profile/timestamp.hpp"

namespace cdp::core::facts {

namespace {

void skip_texts(const std::byte*& at) noexcept {
  for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
    const std::size_t length = trusted_varint(at);
    at += length;
  }
}

}  // namespace

Groups::Groups(ByteSpan section) noexcept : at_(section.data()) {
  if (section.empty()) return;
  ++at_;  // the unit
  for (std::uint64_t times = trusted_varint(at_); times > 0; --times) trusted_varint(at_);
  skip_texts(at_);
  left_ = trusted_varint(at_);
}

std::optional<Group> Groups::find(std::string_view name) noexcept {
  while (left_ > 0) {
    const Group group = next();
    if (same_bytes(as_bytes(group.name), as_bytes(name))) return group;
  }
  return std::nullopt;
}

std::uint64_t times_until(ByteSpan section, std::int64_t time) noexcept {
  if (section.empty()) return 0;
  const std::byte* at = section.data();
  const auto unit = static_cast<std::uint64_t>(format::kUnits[static_cast<std::uint8_t>(*at++)]);
  const std::uint64_t count = trusted_varint(at);
  std::uint64_t units = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    units = i == 0 ? static_cast<std::uint64_t>(unzigzag(trusted_varint(at))) : units + trusted_varint(at);
    if (static_cast<std::int64_t>(units * unit) > time) return i;
  }
  return count;
}

std::int64_t time_at(ByteSpan section, std::uint64_t index) noexcept {
  const std::byte* at = section.data();
  const auto unit = static_cast<std::uint64_t>(format::kUnits[static_cast<std::uint8_t>(*at++)]);
  trusted_varint(at);
  auto units = static_cast<std::uint64_t>(unzigzag(trusted_varint(at)));
  for (; index > 0; --index) units += trusted_varint(at);
  return static_cast<std::int64_t>(units * unit);
}

Decoder::Decoder(ByteSpan section, Code code, std::pmr::memory_resource* resource)
    : reader_(section, "cdp.profile", code),
      from_outside_(code != Code::corrupted),
      times_(resource),
      texts_(resource) {
  const std::uint8_t unit = reader_.byte();
  if (unit >= format::kUnitCount) reader_.fail("its unit of time is unknown");
  const auto scale = static_cast<std::uint64_t>(format::kUnits[unit]);
  times_.resize(reader_.count());
  std::uint64_t units = 0;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    units = i == 0 ? static_cast<std::uint64_t>(unzigzag(reader_.varint())) : units + reader_.varint();
    times_[i] = static_cast<std::int64_t>(units * scale);
    if (!is_timestamp(times_[i])) reader_.fail("a time is out of range");
  }
  texts_.resize(reader_.count());
  for (std::string_view& each : texts_) each = text(reader_);
}

std::string_view Decoder::text(Reader& reader) const {
  const ByteSpan bytes = reader.take(reader.count());
  if (from_outside_ && !is_utf8_text(bytes)) reader.fail("a name in it is not valid UTF-8 text");
  return as_text(bytes);
}

void Encoder::number() {
  const auto order = [](auto& all) {
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
  };
  order(times_);
  order(texts_);
}

void Encoder::end_group(std::string_view name) {
  ++group_count_;
  groups_.varint(name.size());
  groups_.append(name);
  groups_.varint(body_.size());
  groups_.append(body_.span());
  body_.clear();
}

void Encoder::write(Buffer& out) const {
  const std::uint8_t unit = coarsest_unit(times_);
  out.byte(unit);
  out.varint(times_.size());
  for (std::size_t i = 0; i < times_.size(); ++i) {
    if (i == 0) {
      out.varint(zigzag(times_[0] / format::kUnits[unit]));
      continue;
    }
    // Unsigned: from -infinity to infinity is more than an int64 holds.
    const std::uint64_t since = static_cast<std::uint64_t>(times_[i]) - static_cast<std::uint64_t>(times_[i - 1]);
    out.varint(since / static_cast<std::uint64_t>(format::kUnits[unit]));
  }
  out.varint(texts_.size());
  for (const std::string_view text : texts_) {
    out.varint(text.size());
    out.append(text);
  }
  out.varint(group_count_);
  out.append(groups_.span());
}

void Encoder::clear() noexcept {
  times_.clear();
  texts_.clear();
  groups_.clear();
  body_.clear();
  group_count_ = 0;
}

}  // namespace cdp::core::facts
