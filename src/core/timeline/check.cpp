// src/core/timeline/check.cpp: bytes that nobody vouches for, and the binary protocol.
//
//   u8 version, u16 flags, u32 count (big end first), then what is stored behind the header.
#include "core/bytes/utf8.hpp"
#include "core/profile/timestamp.hpp"
#include "core/timeline/codec.hpp"

namespace cdp::core {

namespace {

constexpr std::uint64_t kMostEvents = INT64_MAX;

// Timestamps, which JSON does not have, would not come back from the text form.
bool is_json(Value value) noexcept {
  if (value.type == Type::timestamp || value.type == Type::erased) return false;
  if (!is_container(value.type)) return true;
  const std::byte* at = value.bytes.data();
  for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
    if (value.type == Type::object) {
      const std::size_t length = trusted_varint(at);
      at += length;
    }
    if (!is_json(trusted_value(at))) return false;
  }
  return true;
}

// Checks whatever a view relies on to stay within the bytes; the rest is compared with what would be written.
class Checker {
 public:
  Checker(ByteSpan payload, std::pmr::memory_resource* resource, const Poll& poll)
      : payload_(payload), reader_(payload, "cdp.timeline"), poll_(poll), strings_(resource) {}

  void check() {
    header();
    body();
    if ((flags_ & timeline::kFolded) != 0) folded();
    if ((flags_ & timeline::kDictionary) != 0) dictionary();
    properties();
    reader_.expect_end();
  }

 private:
  void header() {
    if (payload_.size() < timeline::kSmallest || reader_.byte() != timeline::kMagic) reader_.fail("it is no timeline");
    const std::uint8_t version = reader_.byte();
    flags_ = reader_.le<std::uint16_t>();
    if (version != timeline::kVersion)
      throw Error(Code::not_supported, "unsupported version " + std::to_string(version) + " of type cdp.timeline", {},
                  "It was written by a newer version of cdp.");
    if ((flags_ & ~timeline::kAllFlags) != 0) reader_.fail("its flags are unknown");
    count_ = reader_.le<std::uint32_t>();
    // Events differ from each other in some column, which takes a bit of each, or of all but one.
    if (count_ > 1 && count_ / 8 > payload_.size()) reader_.fail("a count in it is larger than the value");
    if (reader_.le<std::uint32_t>() != 0) reader_.fail("its header has unknown content");
    const std::uint8_t unit = reader_.byte();
    if (unit >= timeline::kUnitCount) reader_.fail("its unit of time is unknown");
    unit_ = timeline::kUnits[unit];
    width_ = reader_.byte();
    if (width_ > 64) reader_.fail("its times are too wide");
  }

  void body() {
    std::int64_t base = 0;
    if (count_ != 0 && __builtin_mul_overflow(unzigzag(reader_.varint()), unit_, &base))
      reader_.fail("a time is out of range");
    if ((flags_ & timeline::kCut) != 0) time();
    if ((flags_ & timeline::kKeeps) != 0) {
      const std::uint64_t keep = reader_.varint();
      if (keep == 0 || keep >= timeline::kMostKept) reader_.fail("its limit of events is out of range");
    }
    name_count_ = reader_.count();
    Reader names = reader_.within(reader_.take(reader_.count()));
    for (std::size_t i = 0; i < name_count_; ++i) text(names);
    names.expect_end();
    const auto name_of = bits(count_, timeline::index_width(name_count_));
    const auto times = bits(count_ == 0 ? 0 : count_ - 1, width_);
    for (std::uint32_t i = 0; i < count_; ++i) {
      poll_();
      if (name_of[i] >= name_count_) reader_.fail("an index in it points at nothing");
      std::uint64_t since;
      std::int64_t at;
      if (__builtin_mul_overflow(i == 0 ? 0 : times[i - 1], static_cast<std::uint64_t>(unit_), &since) ||
          !add_unsigned(base, since, at) || !is_timestamp(at))
        reader_.fail("a time is out of range");
    }
  }

  static bool add_unsigned(std::int64_t base, std::uint64_t more, std::int64_t& sum) noexcept {
    return !__builtin_add_overflow(static_cast<__int128>(base), static_cast<__int128>(more), &sum);
  }

  void folded() {
    const std::size_t parts = reader_.count(5);
    for (std::size_t i = 0; i < parts; ++i) {
      poll_();
      if (reader_.varint() >= name_count_) reader_.fail("an index in it points at nothing");
      events();
      time();
      time();
      for (std::size_t left = reader_.count(3); left > 0; --left) {
        poll_();
        text(reader_);
        events();
        const ByteSpan total = reader_.take(reader_.count());
        if (!is_decimal(total)) reader_.fail("a number is not in its canonical form");
      }
    }
  }

  void dictionary() {
    value_count_ = reader_.count();
    strings_.assign(value_count_, false);
    for (std::size_t i = 0; i < value_count_; ++i) {
      poll_();
      const Value value = checked_value(reader_);
      if (!is_json(value)) reader_.fail("a property is no JSON value");
      strings_[i] = value.type == Type::string;
    }
  }

  void properties() {
    if ((flags_ & timeline::kMessageIds) != 0) {
      const std::uint8_t head = reader_.byte();
      if ((head & ~(timeline::kSome | timeline::kFew)) != 0) reader_.fail("a column has unknown flags");
      column(head, true);
    }
    if ((flags_ & timeline::kProperties) == 0) return;
    const std::size_t columns = reader_.count();
    for (std::size_t i = 0; i < columns; ++i) {
      const std::uint8_t head = reader_.byte();
      if (head > timeline::kAllColumnBits || (i == 0 && (head & timeline::kSameKey) != 0))
        reader_.fail("a column has unknown flags");
      if ((head & timeline::kSameKey) == 0) text(reader_);
      column(head, false);
    }
  }

  void column(std::uint8_t head, bool of_strings) {
    const bool numbers = (head & timeline::kNumbers) != 0;
    unsigned width = timeline::index_width(value_count_);
    if (numbers) {
      if (reader_.byte() > timeline::kMaxScale) reader_.fail("a column has too many digits");
      width = reader_.byte();
      if (width > 64) reader_.fail("a column is too wide");
      reader_.varint();
    }
    const timeline::Presence present = presence(head);
    if ((head & timeline::kSameKey) != 0 && overlap(present, with_))
      reader_.fail("an event has two values of one property");
    with_ = present;
    if (!of_strings && (properties_ += present.count()) > timeline::kMostProperties)
      TimelineBuilder::refuse_properties();
    const auto values = bits(present.count(), width);
    for (std::uint32_t i = 0; !numbers && i < present.count(); ++i) {
      poll_();
      if (values[i] >= value_count_ || (of_strings && !strings_[values[i]]))
        reader_.fail("an index in it points at nothing");
    }
  }

  timeline::Presence presence(std::uint8_t head) {
    if ((head & timeline::kSome) != 0) {
      if ((head & timeline::kFew) != 0) reader_.fail("a column has unknown flags");
      return timeline::Presence::bitmap(bits(count_, 1), count_);
    }
    if ((head & timeline::kFew) == 0) return timeline::Presence::all(count_);
    const std::uint64_t count = reader_.varint();
    if (count > count_) reader_.fail("more events are listed than there are");
    const auto list = bits(count, timeline::index_width(count_));
    for (std::uint64_t i = 0; i < count; ++i) {
      poll_();
      if (list[i] >= count_) reader_.fail("an index in it points at nothing");
      if (i > 0 && list[i] <= list[i - 1]) reader_.fail("the events that it lists are not in order");
    }
    return timeline::Presence::list(list, static_cast<std::uint32_t>(count));
  }

  bool overlap(const timeline::Presence& a, const timeline::Presence& b) {
    if (!a.is_list() && b.is_list()) return overlap(b, a);
    for (std::uint32_t i = 0; i < (a.is_list() ? a.count() : count_); ++i) {
      poll_();
      const std::uint32_t event = a.is_list() ? a.listed(i) : i;
      if (a.has(event) && b.has(event)) return true;
    }
    return false;
  }

  timeline::PackedBits bits(std::uint64_t count, unsigned width) {
    const ByteSpan taken = reader_.take(timeline::packed_size(count, width));
    return {taken.data(), payload_.data() + payload_.size(), width};
  }
  void text(Reader& reader) {
    if (!is_utf8_text(reader.take(reader.count()))) reader.fail("a name in it is not valid UTF-8 text");
  }
  void time() {
    if (!is_timestamp(unzigzag(reader_.varint()))) reader_.fail("a time is out of range");
  }
  void events() {
    const std::uint64_t count = reader_.varint();
    if (count == 0 || count > kMostEvents) reader_.fail("a count of events is out of range");
  }

  ByteSpan payload_;
  Reader reader_;
  const Poll& poll_;
  std::uint16_t flags_ = 0;
  std::uint32_t count_ = 0;
  std::int64_t unit_ = 1;
  unsigned width_ = 0;
  std::size_t name_count_ = 0, value_count_ = 0;
  std::uint64_t properties_ = 0;    // of all events
  timeline::Presence with_;         // the events that have what the column before is about
  std::pmr::vector<bool> strings_;  // which values of the dictionary are strings
};

}  // namespace

void check_timeline(ByteSpan payload, std::pmr::memory_resource* resource, const Poll& poll) {
  Checker(payload, resource, poll).check();
  // One timeline, one form: what would be written again must be what was read.
  const TimelineView timeline(payload);
  const Reader reader({}, "cdp.timeline");
  TimelineBuilder builder(resource);
  builder.add_timeline(timeline, poll);
  Buffer again(resource);
  builder.write(again, poll);
  if (compare_bytes(again.span(), payload) != 0) reader.fail("it is not in canonical form");
  if (const char* const flaw = flaw_in_folded(timeline, resource)) reader.fail(flaw);
}

void write_binary_timeline(const TimelineView& timeline, Buffer& out) {
  const ByteSpan payload = timeline.payload();
  out.byte(timeline::kVersion);
  out.be<std::uint16_t>(load_le<std::uint16_t>(payload.data() + timeline::kFlags));
  out.be<std::uint32_t>(timeline.size());
  out.append(payload.subspan(timeline::kUnit));
}

void read_binary_timeline(ByteSpan bytes, Buffer& out, std::pmr::memory_resource* resource, const Poll& poll) {
  Reader reader(bytes, "cdp.timeline");
  const std::size_t start = out.size();
  out.byte(timeline::kMagic);
  out.byte(reader.byte());
  out.le(reader.be<std::uint16_t>());
  out.le(reader.be<std::uint32_t>());
  out.le<std::uint32_t>(0);
  out.append(reader.take(reader.left()));
  check_timeline(out.span(start), resource, poll);
}

const char* flaw_in_folded(const TimelineView& timeline, std::pmr::memory_resource* resource) {
  if (!timeline.anything_folded()) return nullptr;
  struct Kept {
    std::uint32_t count;
    std::int64_t first;
  };
  std::pmr::vector<Kept> kept(timeline.name_count(), Kept{0, INT64_MAX}, resource);
  for (std::uint32_t i = 0; i < timeline.size(); ++i) {
    Kept& of = kept[timeline.name_of(i)];
    if (of.count++ == 0) of.first = timeline.time(i);
  }
  const char* flaw = nullptr;
  timeline.for_each_folded([&](std::uint32_t name, const Folded& part) {
    const Kept& of = kept[name];
    if (part.first > part.horizon || (part.count == 1 && part.first != part.horizon))
      flaw = "what was folded ends before it begins";
    if (of.count > 0 && of.first < part.horizon) flaw = "an event is kept though later ones are folded";
    if (of.count < timeline.keep() && !(timeline.has_cut() && part.horizon < timeline.cut()))
      flaw = "events are folded that would have been kept";
    part.for_each_sum([&](const Folded::Sum& sum) {
      if (sum.count > part.count) flaw = "more numbers were summed than there were events";
    });
  });
  return flaw;
}

}  // namespace cdp::core
