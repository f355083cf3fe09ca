// Every decoder of a binary form against bytes that no encoder wrote: random ones, alone and behind a valid beginning.
// What a decoder takes must be the one form of its value; what it refuses must be an error that the wall can name.
#include <gtest/gtest.h>

#include <memory_resource>
#include <random>
#include <set>
#include <string>

#include "core/audience/audience.hpp"
#include "core/bytes/utf8.hpp"
#include "core/identity/components_value.hpp"
#include "core/profile/codec.hpp"
#include "core/segment/segment.hpp"
#include "core/timeline/codec.hpp"

namespace cdp::core {
namespace {

using Bytes = std::string;

std::pmr::memory_resource* const kHeap = std::pmr::new_delete_resource();

Bytes bytes_of(const Buffer& buffer) { return Bytes(as_text(buffer.span())); }

// Bytes of the kinds that formats are made of: small numbers, letters, anything.
Bytes random_bytes(std::mt19937_64& random, std::size_t most) {
  const std::uint64_t small = 1 + random() % 12, kind = random() % 4;
  Bytes bytes(random() % (most + 1), '\0');
  for (char& byte : bytes) {
    switch (kind == 3 ? random() % 3 : kind) {
      case 0: byte = static_cast<char>(random() % small); break;
      case 1: byte = static_cast<char>('a' + random() % 26); break;
      default: byte = static_cast<char>(random());
    }
  }
  return bytes;
}

struct Count {
  int accepted = 0, refused = 0;
};

// Feeds beginnings followed by random bytes; `again` decodes and encodes, or throws.
template <typename Again>
Count storm(std::uint64_t seed, int rounds, const std::vector<Bytes>& beginnings, Again&& again) {
  static const std::set<Code> kAllowed{Code::invalid_binary, Code::invalid_text, Code::syntax_error,
                                       Code::limit_exceeded, Code::too_complex,  Code::not_supported};
  std::mt19937_64 random(seed);
  Count count;
  for (int round = 0; round < rounds; ++round) {
    const Bytes bytes = beginnings[random() % beginnings.size()] + random_bytes(random, round % 16 == 0 ? 400 : 24);
    try {
      EXPECT_EQ(again(bytes), bytes);
      ++count.accepted;
    } catch (const Error& error) {
      EXPECT_EQ(kAllowed.count(error.code()), 1u) << error.what() << ' ' << error.detail();
      ++count.refused;
    }
  }
  return count;
}

TEST(RandomBytes, BinaryProfile) {
  // Version, one attribute, 16 pairs kept; one source "s" and one time, unit days.
  const Bytes header("\1\0\0\0\1\x10\1\5", 8), tables("\1s\1\2", 4), name("\1a", 2);
  const std::vector<Bytes> beginnings{"",
                                      Bytes("\1"),
                                      header,
                                      header + tables,
                                      header + tables + name,
                                      header + tables + name + '\0',
                                      header + tables + name + '\2',
                                      header + tables + name +
                                          Bytes("\3\1\x0b"
                                                "x\1\0\0\0",
                                                7)};
  const Count count = storm(1, 200'000, beginnings, [](const Bytes& bytes) {
    ProfileBuilder builder(kHeap);
    Buffer stored, text, wire;
    read_binary_profile(as_bytes(bytes), builder);
    builder.write(stored);
    const ProfileView profile(stored.span());
    print_profile(profile, text);
    write_binary_profile(profile, wire);
    return bytes_of(wire);
  });
  EXPECT_GT(count.refused, 100'000);
  EXPECT_GT(count.accepted, 20);
}

TEST(RandomBytes, BinaryComponents) {
  const Bytes two("\1\0\0\0\2", 5), first("\0\0\0\1a\0\0\0\0", 9);
  const std::vector<Bytes> beginnings{"",  Bytes("\1"), Bytes("\1\0\0\0\1", 5),
                                      two, two + first, two + first + Bytes("\0\0\0\1", 4)};
  const Count count = storm(2, 200'000, beginnings, [](const Bytes& bytes) {
    Buffer stored, text, wire;
    components_from_wire(as_bytes(bytes), stored, kHeap, {});
    components_to_text(stored.span(), text, kHeap, {});
    components_to_wire(stored.span(), wire, kHeap);
    return bytes_of(wire);
  });
  EXPECT_GT(count.refused, 100'000);
}

TEST(RandomBytes, BinaryAudience) {
  const Bytes one("\1\0\0\0\1\x80\0\0\0", 9), two("\1\0\0\0\2\x80\0\0\0\0\0\0\x12", 13);
  const Bytes single("\x3a\x30\0\0\1\0\0\0\0\0\0\0\x10\0\0\0", 16), run("\x3b\x30\0\0\1\0\0\3\0\1\0", 11);
  const auto sized = [](char size) { return Bytes("\0\0\0", 3) + size; };
  const std::vector<Bytes> beginnings{"",
                                      Bytes("\1"),
                                      one,
                                      one + sized(18) + single,
                                      one + sized(20) + Bytes("\x3a\x30\0\0\1\0\0\0\0\0\1\0\x10\0\0\0", 16),
                                      one + sized(15) + run,
                                      one + sized(24) + Bytes("\x3b\x30\1\0\1", 5),
                                      two + single + Bytes("\1\0", 2)};
  const Count count = storm(5, 200'000, beginnings, [](const Bytes& bytes) {
    Buffer stored, text, again, wire;
    read_binary_audience(as_bytes(bytes), stored, {});
    print_audience(Audience(stored.span()), text, {});
    parse_audience(as_text(text.span()), again, kHeap, {});
    EXPECT_EQ(bytes_of(again), bytes_of(stored));
    write_binary_audience(Audience(stored.span()), wire);
    return bytes_of(wire);
  });
  EXPECT_GT(count.refused, 100'000);
  EXPECT_GT(count.accepted, 20);
}

TEST(RandomBytes, StoredSegment) {
  const auto header = [](char nodes) { return Bytes("\xc5\1\0\0", 4) + nodes + Bytes(7, '\0'); };
  const std::vector<Bytes> beginnings{"",
                                      Bytes("\xc5\1"),
                                      header(1),
                                      header(2) + '\x22',
                                      header(2) + "\x23\3\x40\1",
                                      header(3) +
                                          "\x10\6\x40\1"
                                          "a\x13",
                                      header(3) + "\x1a\4\x40\1",
                                      header(3) + '\3',
                                      header(4) + "\x1c"};
  const Count count = storm(3, 200'000, beginnings, [](const Bytes& bytes) {
    check_segment(as_bytes(bytes));
    Buffer text, stored;
    print_segment(Segment(as_bytes(bytes)), text);
    parse_segment(as_text(text.span()), stored);
    return bytes_of(stored);
  });
  EXPECT_GT(count.refused, 100'000);
  EXPECT_GT(count.accepted, 20);
}

TEST(RandomBytes, BinaryTimeline) {
  // Version, flags, one or two events; unit days, width; base; one name "a" or two.
  const auto header = [](char flags, char events) { return Bytes("\1\0", 2) + flags + Bytes("\0\0\0", 3) + events; };
  const Bytes one("\5\0\2\1\2\1a", 7), two("\5\1\2\2\4\1a\1b", 9);
  const std::vector<Bytes> beginnings{"",
                                      Bytes("\1"),
                                      header(0, 1),
                                      header(0, 1) + one,
                                      header(0, 2) + two,
                                      header(16, 1) + one,
                                      header(48, 1) + one + Bytes("\1\x0bx\1", 4),
                                      header(36, 1) + one,
                                      header(3, 0) + Bytes("\0\0\6\1\2\1a\1\0", 9),
                                      header(16, 2) + two + Bytes("\2\2\1\2\1n", 6)};
  const Count count = storm(5, 200'000, beginnings, [](const Bytes& bytes) {
    Buffer stored, text, wire;
    read_binary_timeline(as_bytes(bytes), stored, kHeap);
    const TimelineView timeline(stored.span());
    print_timeline(timeline, text);
    write_binary_timeline(timeline, wire);
    return bytes_of(wire);
  });
  EXPECT_GT(count.refused, 100'000);
  EXPECT_GT(count.accepted, 20);
}

// Its binary form is its text.
TEST(RandomBytes, SegmentText) {
  const std::vector<Bytes> beginnings{"", "a = ", "not (", "a in (1, ", "b like \"", "any(", "a within last "};
  std::mt19937_64 random(4);
  for (int round = 0; round < 60'000; ++round) {
    const Bytes text = beginnings[random() % beginnings.size()] + random_bytes(random, 24);
    try {
      Buffer stored;
      parse_segment(text, stored);
      check_segment(stored.span());
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == Code::syntax_error || error.code() == Code::invalid_binary) << error.what();
    }
  }
}

}  // namespace
}  // namespace cdp::core
