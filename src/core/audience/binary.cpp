// The binary protocol, and the full check of what comes in by it.
#include "core/audience/audience.hpp"
#include "core/audience/bitmap.hpp"
#include "core/bytes/reader.hpp"

namespace cdp::core {

namespace audience {
namespace {

// Reads a group and checks that it is the one form of its set. Returns its cardinality.
class GroupCheck {
 public:
  GroupCheck(ByteSpan bytes, const Reader& reader) : reader_(reader.within(bytes)), begin_(bytes.data()) {}

  std::uint64_t check(Poll poll) {
    header();
    std::uint64_t cardinality = 0;
    bool any_runs = false;
    for (std::uint32_t i = 0; i < count_; ++i) {
      poll();
      const std::byte* const descriptor = descriptors_.data() + 4 * std::size_t{i};
      if (i > 0 && load_le<std::uint16_t>(descriptor) <= load_le<std::uint16_t>(descriptor - 4))
        reader_.fail("its chunks are not in order");
      if (!offsets_.empty() && load_le<std::uint32_t>(offsets_.data() + 4 * std::size_t{i}) !=
                                   static_cast<std::size_t>(reader_.position() - begin_))
        reader_.fail("an offset in it is wrong");
      const std::uint32_t ids = load_le<std::uint16_t>(descriptor + 2) + 1u;
      const bool runs = !flags_.empty() && (static_cast<unsigned>(flags_[i / 8]) >> (i % 8) & 1) != 0;
      const std::uint32_t number = runs ? in_runs(ids) : ids <= kMostInArray ? in_array(ids) : in_bitset(ids);
      if (kind_of(ids, number) != (runs ? Kind::runs : ids <= kMostInArray ? Kind::array : Kind::bitset))
        reader_.fail("a chunk of it is not in its shortest form");
      any_runs = any_runs || runs;
      cardinality += ids;
    }
    if (any_runs == flags_.empty()) reader_.fail("it is not in its shortest form");
    reader_.expect_end();
    return cardinality;
  }

 private:
  void header() {
    const auto cookie = reader_.le<std::uint32_t>();
    if ((cookie & 0xFFFF) == kCookieRuns) {
      count_ = (cookie >> 16) + 1;
      flags_ = reader_.take((count_ + 7) / 8);
      if (count_ % 8 != 0 && static_cast<unsigned>(flags_.back()) >> (count_ % 8) != 0)
        reader_.fail("it marks chunks that are not there");
    } else if (cookie == kCookieNoRuns) {
      count_ = reader_.le<std::uint32_t>();
      if (count_ == 0 || count_ > kChunkIds) reader_.fail("a count in it is out of range");
    } else {
      reader_.fail("it has no known cookie");
    }
    descriptors_ = reader_.take(4 * std::size_t{count_});
    if (flags_.empty() || count_ >= kOffsetsFrom) offsets_ = reader_.take(4 * std::size_t{count_});
  }

  // Each of these returns the number of runs.
  std::uint32_t in_array(std::uint32_t ids) {
    const ByteSpan values = reader_.take(2 * std::size_t{ids});
    std::uint32_t runs = 1;
    for (std::size_t i = 2; i < values.size(); i += 2) {
      const std::uint32_t before = load_le<std::uint16_t>(values.data() + i - 2);
      const std::uint32_t value = load_le<std::uint16_t>(values.data() + i);
      if (value <= before) reader_.fail("its ids are not in order");
      runs += value != before + 1;
    }
    return runs;
  }
  std::uint32_t in_bitset(std::uint32_t ids) {
    Bitmap bitmap;
    bitmap.load(reader_.take(kBitsetBytes).data());
    if (bitmap.cardinality() != ids) reader_.fail("the number of ids in it is wrong");
    return bitmap.runs();
  }
  std::uint32_t in_runs(std::uint32_t ids) {
    const std::uint32_t runs = reader_.le<std::uint16_t>();
    const ByteSpan pairs = reader_.take(4 * std::size_t{runs});
    std::uint32_t end = 0, sum = 0;  // one after the last id so far
    for (std::size_t i = 0; i < pairs.size(); i += 4) {
      const std::uint32_t first = load_le<std::uint16_t>(pairs.data() + i);
      const std::uint32_t length = load_le<std::uint16_t>(pairs.data() + i + 2) + 1u;
      if (i > 0 && first <= end) reader_.fail("its runs are not in order");
      end = first + length;
      if (end > kChunkIds) reader_.fail("a run in it is too long");
      sum += length;
    }
    if (sum != ids) reader_.fail("the number of ids in it is wrong");
    return runs;
  }

  Reader reader_;
  const std::byte* begin_;
  std::uint32_t count_ = 0;
  ByteSpan flags_, descriptors_, offsets_;
};

}  // namespace
}  // namespace audience

void write_binary_audience(Audience audience, Buffer& out) {
  out.reserve(out.size() + audience.bytes().size());
  out.byte(audience::kWireVersion);
  out.be(audience.groups());
  for (std::uint32_t i = 0; i < audience.groups(); ++i) {
    const ByteSpan group = audience.group_bytes(i);
    out.be(audience.high(i));
    out.be(static_cast<std::uint32_t>(group.size()));
    out.append(group);
  }
}

void read_binary_audience(ByteSpan wire, Buffer& out, Poll poll) {
  Reader reader(wire, "cdp.audience");
  if (reader.byte() != audience::kWireVersion) reader.fail("its version is not supported");
  const auto count = reader.be<std::uint32_t>();
  if (count > reader.left() / audience::kEntry) reader.fail("a count in it is larger than the value");
  const std::size_t begin = out.size();
  out.extend(audience::kHeader + count * audience::kEntry);
  const std::size_t groups = out.size();
  std::uint64_t cardinality = 0;
  std::uint32_t before = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto high = reader.be<std::uint32_t>();
    if (i > 0 && high <= before) reader.fail("its groups are not in order");
    before = high;
    const ByteSpan group = reader.take(reader.be<std::uint32_t>());
    cardinality += audience::GroupCheck(group, reader).check(poll);
    out.append(group);
    std::byte* const entry = out.data() + begin + audience::kHeader + i * audience::kEntry;
    store_le(entry, high);
    store_le(entry + 4, static_cast<std::uint32_t>(out.size() - groups));
  }
  reader.expect_end();
  audience::write_header(out.data() + begin, count, cardinality);
}

}  // namespace cdp::core
