// src/core/profile/binary.cpp: the binary protocol of profiles.
//
//   u8 version, u16 flags, u32 count (big end first), u8 keep, u8 sources, u8 unit, the tables and records as stored,
//   then the sections that the flags announce, each as u32 length (big end first) and content.
#include <algorithm>

#include "core/bytes/utf8.hpp"
#include "core/profile/codec.hpp"
#include "core/profile/format.hpp"
#include "core/profile/timestamp.hpp"

namespace cdp::core {

namespace {

class BodyReader {
 public:
  BodyReader(Reader& reader, ProfileBuilder& builder) : reader_(reader), builder_(builder) {}

  void tables(std::size_t sources, std::uint8_t unit) {
    for (std::size_t i = 0; i < sources; ++i) sources_.push_back(builder_.source(text("source")));
    const std::size_t count = reader_.count(3);  // two of them at least share an observation of five bytes
    times_.reserve(count);
    const auto scale = static_cast<std::uint64_t>(format::kUnits[unit]);
    std::uint64_t units = 0;
    for (std::size_t i = 0; i < count; ++i) {
      units = i == 0 ? static_cast<std::uint64_t>(unzigzag(reader_.varint())) : units + reader_.varint();
      const auto time = static_cast<std::int64_t>(units * scale);
      if (!is_timestamp(time) || (i > 0 && time <= times_.back())) reader_.fail("a time is out of range");
      times_.push_back(time);
    }
  }

  void record() {
    builder_.begin_attribute(text("attribute name"));
    const std::uint8_t head = reader_.byte();
    const unsigned kind = head & ~static_cast<unsigned>(format::kDerived);
    if (kind != 0 && kind != format::kSeveral && (kind & ~unsigned{format::kPartial}) != kOverflowedRecord)
      reader_.fail("an attribute has unknown flags");
    // What was derived is not read: it is derived again, and compared with all the rest.
    if ((head & format::kDerived) != 0) reader_.take(static_cast<std::size_t>(reader_.varint() >> 3));
    values_.clear();
    const bool several = (head & format::kSeveral) != 0;
    const std::size_t values = several ? reader_.count() : 1;
    if (values > format::kMaxPool) reader_.fail("an attribute has too many values");
    for (std::size_t i = 0; i < values; ++i) values_.push_back(checked_value(reader_));
    const std::size_t entries = several ? reader_.count(3) : 1;
    if (entries == 0 || entries > UINT8_MAX) reader_.fail("the number of observations of an attribute is out of range");
    for (std::size_t i = 0; i < entries; ++i) entry(head);
    if ((head & format::kOverflowed) != 0) overflow();
    if ((head & format::kPartial) != 0) builder_.add_gap();
  }

 private:
  static constexpr unsigned kOverflowedRecord = format::kSeveral | format::kOverflowed;

  std::string_view text(const char*) {
    const ByteSpan bytes = reader_.take(reader_.count());
    if (!is_utf8_text(bytes)) reader_.fail("a name in it is not valid UTF-8 text");
    return as_text(bytes);
  }
  template <typename T>
  const T& pick(const std::vector<T>& from, std::uint64_t index) const {
    if (index >= from.size()) reader_.fail("an index in it points at nothing");
    return from[static_cast<std::size_t>(index)];
  }
  Value value() { return pick(values_, reader_.varint()); }
  std::uint32_t source() { return pick(sources_, reader_.byte()); }
  std::int64_t time() { return pick(times_, reader_.varint()); }

  void entry(std::uint8_t head) {
    Entry entry{};
    const bool several = (head & format::kSeveral) != 0;
    entry.value = several ? value() : values_[0];
    entry.source = source();
    entry.last_seen = entry.first_seen = time();
    entry.times = 1;
    if ((head & format::kOverflowed) != 0) {
      entry.times = 0;
    } else if (several) {
      entry.times = reader_.varint();
      if (entry.times == 0 || entry.times > kMaxTimes) reader_.fail("a count of observations is out of range");
      if (entry.times > 1) entry.first_seen = time();
      if (entry.first_seen > entry.last_seen) reader_.fail("something was first seen after it was last seen");
    }
    builder_.add_entry(entry);
  }

  void overflow() {
    const std::uint64_t observations = reader_.varint();
    if (observations == 0 || observations > kMaxTimes) reader_.fail("a count of observations is out of range");
    builder_.add_overflow(observations);
    const std::size_t spans = reader_.count(6);
    if (spans > format::kMaxSources) reader_.fail("an attribute has too many sources");
    for (std::size_t i = 0; i < spans; ++i) {
      SourceSpan span{};
      span.source = source();
      const std::uint8_t has_known = reader_.byte();
      if (has_known > 1) reader_.fail("an attribute has unknown flags");
      span.earliest = value();
      span.earliest_at = time();
      span.latest = value();
      span.latest_at = time();
      if (has_known != 0) {
        span.known = value();
        span.known_at = time();
      }
      builder_.add_span(span);
    }
    const std::uint8_t extremes = reader_.byte();
    if (extremes > 1) reader_.fail("an attribute has unknown flags");
    for (int left = extremes * 3; left > 0; --left) {
      const Value extreme = value();
      const std::uint32_t from = source();
      builder_.add_extreme(extreme, from, time());
    }
  }

  Reader& reader_;
  ProfileBuilder& builder_;
  std::vector<std::uint32_t> sources_;
  std::vector<std::int64_t> times_;
  std::vector<Value> values_;
};

}  // namespace

void write_binary_profile(const ProfileView& profile, Buffer& out) {
  const ByteSpan payload = profile.payload();
  const auto flags = load_le<std::uint16_t>(payload.data() + format::kFlags);
  out.byte(format::kVersion);
  out.be(flags);
  out.be<std::uint32_t>(profile.size());
  out.append(payload.subspan(format::kKeep, 3));
  out.append(profile.tables_and_records());
  for (std::size_t i = 0; i < kSectionCount; ++i) {
    const ByteSpan section = profile.section(static_cast<Section>(i));
    if (section.empty()) continue;
    out.be(static_cast<std::uint32_t>(section.size()));
    out.append(section);
  }
}

void read_binary_profile(ByteSpan bytes, ProfileBuilder& builder, const Poll& poll) {
  Reader reader(bytes, "cdp.profile");
  if (const std::uint8_t version = reader.byte(); version != format::kVersion)
    throw Error(Code::not_supported, "unsupported version " + std::to_string(version) + " of type cdp.profile", {},
                "It was written by a newer version of cdp.");
  const std::uint16_t flags = reader.be<std::uint16_t>();
  if ((flags & ~format::kKnownFlags) != 0) reader.fail("it has unknown flags");
  const std::uint32_t count = reader.be<std::uint32_t>();
  const std::uint8_t keep = reader.byte(), sources = reader.byte(), unit = reader.byte();
  if (unit >= format::kUnitCount) reader.fail("its unit of time is unknown");
  if ((keep == 0) != (count == 0)) reader.fail("its limit of values is out of range");
  if (keep != 0) builder.limit_keep(keep);
  BodyReader body(reader, builder);
  body.tables(sources, unit);
  for (std::uint32_t i = 0; i < count; ++i) {
    poll();
    body.record();
  }
  for (std::size_t i = 0; i < kSectionCount; ++i)
    if ((flags >> i & 1) != 0)
      builder.sections().add_checked(static_cast<Section>(i), reader.take(reader.be<std::uint32_t>()), poll);
  if ((flags & format::kDetached) != 0) builder.sections().facts().mark_detached();
  reader.expect_end();
  // One profile, one form: what would be written again must be what was read.
  Buffer payload, again;
  builder.write(payload, poll);
  write_binary_profile(ProfileView(payload.span()), again);
  if (compare_bytes(again.span(), bytes) != 0) reader.fail("it is not in canonical form");
}

}  // namespace cdp::core
