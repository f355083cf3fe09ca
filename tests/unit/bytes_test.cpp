// The bytes floor: integers, varints, the checked reader, the buffer, order and hash of bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <string>
#include <vector>

#include "core/bytes/buffer.hpp"
#include "core/bytes/error.hpp"
#include "core/bytes/hash.hpp"
#include "core/bytes/load.hpp"
#include "core/bytes/poll.hpp"
#include "core/bytes/reader.hpp"

namespace {

using cdp::core::Buffer;
using cdp::core::Code;
using cdp::core::Error;
using cdp::core::Reader;

template <typename Body>
Code code_of(Body body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Code::bug;
}

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

const std::uint64_t kInteresting[] = {0,         1, 127, 128, 16'383, 16'384, 0xFFFFFFFF, 0x1'00000000, UINT64_MAX - 1,
                                      UINT64_MAX};

TEST(Bytes, IntegersHaveAFixedOrder) {
  Buffer buffer;
  buffer.le(std::uint32_t{0x01020304});
  buffer.be(std::uint16_t{0x0506});
  buffer.byte(7);
  const auto expected = bytes({4, 3, 2, 1, 5, 6, 7});
  EXPECT_EQ(cdp::core::compare_bytes(buffer.span(), expected), 0);
  Reader reader(buffer.span(), "test");
  EXPECT_EQ(reader.le<std::uint32_t>(), 0x01020304u);
  EXPECT_EQ(reader.be<std::uint16_t>(), 0x0506u);
  EXPECT_EQ(reader.byte(), 7u);
  reader.expect_end();
}

TEST(Bytes, UnalignedLoads) {
  const auto data = bytes({0xFF, 1, 0, 0, 0, 0, 0, 0, 0x80});
  EXPECT_EQ(cdp::core::load_le<std::uint64_t>(data.data() + 1), 0x80000000'00000001u);
  EXPECT_EQ(cdp::core::load_be<std::uint64_t>(data.data() + 1), 0x01000000'00000080u);
}

TEST(Bytes, VarintsRoundTrip) {
  for (const std::uint64_t value : kInteresting) {
    Buffer buffer;
    buffer.varint(value);
    Reader reader(buffer.span(), "test");
    EXPECT_EQ(reader.varint(), value);
    EXPECT_EQ(reader.left(), 0u);
    const std::byte* at = buffer.data();
    EXPECT_EQ(cdp::core::trusted_varint(at), value);
    EXPECT_EQ(at, buffer.data() + buffer.size());
  }
}

TEST(Bytes, OnlyTheShortestVarintIsRead) {
  for (const auto& data : {bytes({0x80, 0x00}), bytes({0xFF, 0x80, 0x00}), bytes({0x80}), bytes({}),
                           bytes({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02}),
                           bytes({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0x00})}) {
    EXPECT_EQ(code_of([&] { Reader(data, "test").varint(); }), Code::invalid_binary);
  }
}

TEST(Bytes, ZigzagRoundTrips) {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1},
                                   std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
    EXPECT_EQ(cdp::core::unzigzag(cdp::core::zigzag(value)), value);
  EXPECT_EQ(cdp::core::zigzag(-1), 1u);
}

TEST(Bytes, ReaderRefusesWhatIsNotThere) {
  const auto data = bytes({5, 1, 2});
  EXPECT_EQ(code_of([&] { Reader(data, "test").take(4); }), Code::invalid_binary);
  EXPECT_EQ(code_of([&] { Reader(data, "test").take(SIZE_MAX); }), Code::invalid_binary);
  EXPECT_EQ(code_of([&] { Reader(data, "test").count(); }), Code::invalid_binary);
  EXPECT_EQ(code_of([&] { Reader(data, "test", Code::corrupted).expect_end(); }), Code::corrupted);
  EXPECT_EQ(Reader(bytes({2, 1, 2}), "test").count(), 2u);
  EXPECT_EQ(code_of([&] { Reader(bytes({2, 1, 2, 3}), "test").count(2); }), Code::invalid_binary);
}

TEST(Bytes, BufferGrowsReleasesAndRefusesTooMuch) {
  Buffer buffer;
  for (int i = 0; i < 1000; ++i) buffer.append(std::string_view("0123456789"));
  EXPECT_EQ(buffer.size(), 10'000u);
  EXPECT_EQ(cdp::core::as_text(buffer.span(9'990)), "0123456789");
  EXPECT_EQ(code_of([&] { buffer.extend(cdp::core::kMaxValueBytes); }), Code::limit_exceeded);
  EXPECT_EQ(code_of([&] { buffer.extend(SIZE_MAX); }), Code::limit_exceeded);
  EXPECT_EQ(buffer.size(), 10'000u);
  buffer.clear();
  EXPECT_EQ(buffer.size(), 0u);
  std::pmr::monotonic_buffer_resource owner;
  Buffer other(&owner);
  other.append(std::string_view("abc"));
  const std::byte* const data = other.release();
  EXPECT_EQ(cdp::core::as_text({data, 3}), "abc");
  EXPECT_EQ(other.size(), 0u);
}

TEST(Bytes, OrderIsThatOfUnsignedBytes) {
  const auto order = [](std::string_view a, std::string_view b) {
    return cdp::core::compare_bytes(cdp::core::as_bytes(a), cdp::core::as_bytes(b));
  };
  EXPECT_EQ(order("", ""), 0);
  EXPECT_LT(order("", "a"), 0);
  EXPECT_LT(order("a", "ab"), 0);
  EXPECT_LT(order("z", "\xC3\xA9"), 0);
  EXPECT_GT(order("b", "ab"), 0);
}

TEST(Bytes, HashesDifferInEveryByteLengthAndSeed) {
  std::vector<std::uint64_t> seen;
  for (std::size_t length = 0; length <= 40; ++length) {
    std::string text(length, 'x');
    seen.push_back(cdp::core::hash_bytes(cdp::core::as_bytes(text)));
    for (std::size_t at = 0; at < length; ++at) {
      text[at] = 'y';
      seen.push_back(cdp::core::hash_bytes(cdp::core::as_bytes(text)));
      text[at] = 'x';
    }
    EXPECT_NE(cdp::core::hash_bytes(cdp::core::as_bytes(text)), cdp::core::hash_bytes(cdp::core::as_bytes(text), 1));
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

volatile std::sig_atomic_t pending = 0;

TEST(Bytes, PollThrowsOnlyWhenAsked) {
  const cdp::core::Poll never, poll(&pending, [] { throw Error(Code::limit_exceeded, "stop"); });
  never();
  poll();
  pending = 1;
  EXPECT_THROW(poll(), Error);
}

}  // namespace
