// Audiences against std::set, and their groups against CRoaring, the reference implementation of the format.
#include "core/audience/audience.hpp"

#include <gtest/gtest.h>
#include <roaring/roaring.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "bytes_of.hpp"
#include "core/audience/log.hpp"
#include "core/bytes/error.hpp"
#include "scarce.hpp"

namespace cdp::core {
namespace {

using namespace test;
using Ids = std::set<std::int64_t>;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();

Audience audience_of(const Bytes& bytes) { return Audience(as_bytes(bytes)); }

template <typename Range>
Bytes stored(const Range& ids) {
  AudienceBuilder builder(kHeap, {});
  for (const std::int64_t id : ids) builder.add(id);
  Buffer out;
  builder.write(out);
  return bytes_of(out);
}

Bytes combined(SetOperation operation, const Bytes& a, const Bytes& b) {
  Buffer out;
  combine_audiences(operation, audience_of(a), audience_of(b), out, kHeap, {});
  return bytes_of(out);
}

Ids listed(const Bytes& bytes) {
  Ids ids;
  AudienceIds cursor(audience_of(bytes));
  while (const auto id = cursor.next()) {
    EXPECT_TRUE(ids.empty() || *ids.rbegin() < *id);
    ids.insert(ids.end(), *id);
  }
  return ids;
}

Bytes text_of(const Bytes& bytes) {
  Buffer out;
  print_audience(audience_of(bytes), out, {});
  return bytes_of(out);
}
Bytes parsed(std::string_view text) {
  Buffer out;
  parse_audience(text, out, kHeap, {});
  return bytes_of(out);
}
Bytes sent(const Bytes& bytes) {
  Buffer out;
  write_binary_audience(audience_of(bytes), out);
  return bytes_of(out);
}
Bytes received(const Bytes& wire) {
  Buffer out;
  read_binary_audience(as_bytes(wire), out, {});
  return bytes_of(out);
}

// Sets with every kind of chunk, in one chunk or over several, also at the ends of the number range.
class Shapes {
 public:
  explicit Shapes(std::uint64_t seed) : random_(seed) {}

  Ids any() {
    Ids ids;
    for (std::uint64_t parts = random_() % 6; parts > 0; --parts) part(ids);
    return ids;
  }

 private:
  std::int64_t base() {
    static constexpr std::int64_t kBases[] = {
        0, 65536, 5 * 65536, -65536, kLeast, kGreatest - 65535, std::int64_t{1} << 32, std::int64_t{1} << 40};
    return kBases[random_() % std::size(kBases)];
  }
  void part(Ids& ids) {
    const std::int64_t from = base();
    const auto add = [&](std::uint64_t low) { ids.insert(from + static_cast<std::int64_t>(low % 65536)); };
    switch (random_() % 7) {
      case 0:
        for (int i = 0; i < 20; ++i) add(random_());
        break;
      case 1:
        for (int i = 0; i < 3000; ++i) add(random_());
        break;
      case 2:
        for (int i = 0; i < 12000; ++i) add(random_());
        break;
      case 3:
        for (std::uint64_t low = 0; low < 65536; ++low) add(low);
        break;
      case 4:
        for (std::uint64_t low = random_() % 9; low < 65536; low += 2 + random_() % 9) add(low);
        break;
      default:
        for (int i = 0; i < 40; ++i)
          for (std::uint64_t first = random_() % 65536, length = random_() % 900; length > 0; --length)
            add(first + length);
    }
  }
  std::mt19937_64 random_;
};

Ids expected(SetOperation operation, const Ids& a, const Ids& b) {
  Ids result;
  const auto to = std::inserter(result, result.end());
  switch (operation) {
    case SetOperation::intersection: std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), to); break;
    case SetOperation::union_of: std::set_union(a.begin(), a.end(), b.begin(), b.end(), to); break;
    case SetOperation::difference: std::set_difference(a.begin(), a.end(), b.begin(), b.end(), to); break;
    case SetOperation::symmetric_difference:
      std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), to);
      break;
  }
  return result;
}

constexpr SetOperation kOperations[] = {SetOperation::intersection, SetOperation::union_of, SetOperation::difference,
                                        SetOperation::symmetric_difference};

TEST(Audience, AnswersAsASetDoes) {
  std::mt19937_64 random(1);
  Shapes shapes(2);
  for (int round = 0; round < 50; ++round) {
    const Ids a_ids = shapes.any(), b_ids = shapes.any();
    const Bytes a = stored(a_ids), b = stored(b_ids);
    ASSERT_EQ(listed(a), a_ids);
    EXPECT_EQ(audience_of(a).cardinality(), a_ids.size());
    if (a_ids.empty()) {
      EXPECT_FALSE(audience_of(a).least() || audience_of(a).greatest());
    } else {
      EXPECT_EQ(audience_of(a).least(), *a_ids.begin());
      EXPECT_EQ(audience_of(a).greatest(), *a_ids.rbegin());
    }
    for (int i = 0; i < 50; ++i) {
      const std::int64_t id = static_cast<std::int64_t>(random() % (7 * 65536)) - 65536;
      EXPECT_EQ(audience_of(a).contains(id), a_ids.count(id) == 1) << id;
    }
    for (const std::int64_t id : a_ids) EXPECT_TRUE(random() % 64 != 0 || audience_of(a).contains(id));
    for (const SetOperation operation : kOperations) {
      // The canonical bytes of the right set, whatever way led to it.
      const Ids right = expected(operation, a_ids, b_ids);
      ASSERT_EQ(combined(operation, a, b), stored(right)) << "operation " << static_cast<int>(operation);
    }
    const std::size_t common = expected(SetOperation::intersection, a_ids, b_ids).size();
    EXPECT_EQ(count_common(audience_of(a), audience_of(b), {}), common);
    EXPECT_EQ(overlap(audience_of(a), audience_of(b), {}), common > 0);
    EXPECT_EQ(contains_all(audience_of(a), audience_of(b), {}), common == b_ids.size());
    EXPECT_TRUE(contains_all(audience_of(combined(SetOperation::union_of, a, b)), audience_of(b), {}));
    const double either = static_cast<double>(a_ids.size() + b_ids.size() - common);
    EXPECT_DOUBLE_EQ(jaccard(audience_of(a), audience_of(b), {}),
                     either == 0 ? 1 : static_cast<double>(common) / either);
  }
}

TEST(Audience, AnyOrderGivesTheSameBytes) {
  std::mt19937_64 random(3);
  Shapes shapes(4);
  for (int round = 0; round < 12; ++round) {
    const Ids ids = shapes.any();
    std::vector<std::int64_t> shuffled(ids.begin(), ids.end());
    for (const std::int64_t id : ids)
      if (random() % 4 == 0) shuffled.push_back(id);
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    EXPECT_EQ(stored(shuffled), stored(ids));
  }
}

// More than are held at a time.
TEST(Audience, ManyIdsAreManySets) {
  constexpr std::uint64_t kRange = 3'000'000;
  std::vector<bool> wanted(kRange);
  AudienceBuilder builder(kHeap, {});
  for (std::uint64_t i = 0; i < 2'300'000; ++i) {
    const std::uint64_t id = i * i % kRange;
    wanted[id] = true;
    builder.add(static_cast<std::int64_t>(id));
  }
  Buffer out;
  builder.write(out);
  AudienceIds ids(Audience(out.span()));
  for (std::uint64_t id = 0; id < kRange; ++id)
    if (wanted[id]) {
      ASSERT_EQ(ids.next(), static_cast<std::int64_t>(id));
    }
  EXPECT_FALSE(ids.next());
}

TEST(Audience, TextAndBinaryRoundTrip) {
  Shapes shapes(5);
  for (int round = 0; round < 24; ++round) {
    const Bytes bytes = stored(shapes.any());
    EXPECT_EQ(parsed(text_of(bytes)), bytes);
    EXPECT_EQ(received(sent(bytes)), bytes);
    check_audience(as_bytes(bytes));
  }
}

// What another library reads in a group, and writes of it.
struct FreeRoaring {
  void operator()(roaring_bitmap_t* bitmap) const { roaring_bitmap_free(bitmap); }
};
using Roaring = std::unique_ptr<roaring_bitmap_t, FreeRoaring>;

TEST(Audience, CRoaringReadsTheGroups) {
  Shapes shapes(6);
  for (int round = 0; round < 24; ++round) {
    const Bytes bytes = stored(shapes.any());
    const Audience audience = audience_of(bytes);
    std::uint64_t total = 0;
    Ids ids;
    for (std::uint32_t i = 0; i < audience.groups(); ++i) {
      const ByteSpan group = audience.group_bytes(i);
      const auto* const begin = reinterpret_cast<const char*>(group.data());
      const Roaring read(roaring_bitmap_portable_deserialize_safe(begin, group.size()));
      ASSERT_NE(read, nullptr);
      EXPECT_EQ(roaring_bitmap_portable_deserialize_size(begin, group.size()), group.size());
      EXPECT_EQ(roaring_bitmap_portable_size_in_bytes(read.get()), group.size());
      Bytes written(group.size(), '\0');
      roaring_bitmap_portable_serialize(read.get(), written.data());
      EXPECT_EQ(written, as_text(group));
      std::vector<std::uint32_t> lows(roaring_bitmap_get_cardinality(read.get()));
      roaring_bitmap_to_uint32_array(read.get(), lows.data());
      total += lows.size();
      for (const std::uint32_t low : lows) ids.insert(audience::id_of(std::uint64_t{audience.high(i)} << 32 | low));
      // Its own choice of runs takes no fewer bytes.
      roaring_bitmap_run_optimize(read.get());
      EXPECT_GE(roaring_bitmap_portable_size_in_bytes(read.get()), group.size());
    }
    EXPECT_EQ(total, audience.cardinality());
    EXPECT_EQ(ids, listed(bytes));
  }
}

TEST(Audience, Text) {
  EXPECT_EQ(text_of(parsed("{}")), "{}");
  EXPECT_EQ(text_of(parsed(" { } ")), "{}");
  EXPECT_EQ(text_of(parsed("{3, 1,2 ,1,\t-5}\n")), "{-5,1,2,3}");
  EXPECT_EQ(text_of(parsed("{9223372036854775807,-9223372036854775808}")),
            "{-9223372036854775808,9223372036854775807}");
  for (const char* bad : {"", "1", "{", "{1", "{1,", "{1,}", "{,1}", "{1 2}", "{1}}", "{1.5}", "{a}", "{+1}", "{- 1}",
                          "{1}x", "{9223372036854775808}", "{-9223372036854775809}", "[1]"}) {
    try {
      parsed(bad);
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::invalid_text) << bad;
      EXPECT_EQ(error.what(), std::string("invalid input syntax for type cdp.audience"));
      EXPECT_FALSE(error.detail().empty());
    }
  }
}

// Bytes that CRoaring reads, but that are not the one form of a set.
TEST(Audience, OnlyCanonicalBytesAreTaken) {
  const auto wire = [](std::string_view group, char groups = 1) {
    Buffer out;
    out.byte(1);
    out.be(std::uint32_t{static_cast<std::uint8_t>(groups)});
    out.be(std::uint32_t{0x80000000});
    out.be(static_cast<std::uint32_t>(group.size()));
    out.append(group);
    return bytes_of(out);
  };
  const auto refused = [](const Bytes& bytes) {
    try {
      received(bytes);
    } catch (const Error& error) {
      return error.code() == Code::invalid_binary;
    }
    return false;
  };
  using namespace std::string_literals;
  const Bytes descriptor = "\0\0\x01\0"s, offset = "\x10\0\0\0"s;
  EXPECT_EQ(text_of(received(wire("\x3a\x30\0\0\1\0\0\0"s + descriptor + offset + "\1\0\3\0"s))), "{1,3}");
  EXPECT_TRUE(refused(wire("\x3a\x30\0\0\1\0\0\0"s + descriptor + offset + "\3\0\1\0"s))) << "not in order";
  EXPECT_TRUE(refused(wire("\x3a\x30\0\0\1\0\0\0"s + descriptor + offset + "\3\0\3\0"s))) << "twice";
  EXPECT_TRUE(refused(wire("\x3a\x30\0\0\1\0\0\0"s + descriptor + "\x11\0\0\0\1\0\3\0"s))) << "wrong offset";
  EXPECT_TRUE(refused(wire("\x3a\x30\0\0\1\0\0\0"s + descriptor + offset + "\1\0\3\0x"s))) << "longer";
  EXPECT_TRUE(refused(wire("\x3a\x30\0\0\0\0\0\0"s))) << "an empty group";
  EXPECT_TRUE(refused(wire("\x3b\x30\0\0\1\0\0\1\0\1\0\1\0\1\0"s))) << "runs where an array is shorter";
  EXPECT_TRUE(refused(wire("\x3b\x30\0\0\1\0\0\2\0\1\0\1\0\2\0"s))) << "runs where an array is as short";
  EXPECT_TRUE(refused(wire("\x3b\x30\0\0\0\0\0\1\0\1\0\3\0"s))) << "the cookie of runs without runs";
  EXPECT_EQ(text_of(received(wire("\x3b\x30\0\0\1\0\0\3\0\1\0\1\0\3\0"s))), "{1,2,3,4}");
  EXPECT_TRUE(refused(wire("\x3b\x30\0\0\3\0\0\3\0\1\0\1\0\3\0"s))) << "a flag beyond the chunks";
  EXPECT_TRUE(refused(wire("\x3b\x30\0\0\1\0\0\4\0\1\0\1\0\3\0"s))) << "another number of ids";
  EXPECT_TRUE(refused(wire("\x3b\x30\0\0\1\0\0\7\0\2\0\1\0\3\0\5\0\3\0"s))) << "runs that touch";
  EXPECT_TRUE(refused(wire("\x3b\x30\0\0\1\0\0\7\0\1\0\xff\xff\7\0"s))) << "a run beyond its chunk";
  const Bytes one = wire("\x3a\x30\0\0\1\0\0\0"s + descriptor + offset + "\1\0\3\0"s, 2);
  EXPECT_TRUE(refused(one + one.substr(5))) << "a group twice";
}

TEST(Audience, HeaderIsChecked) {
  const auto code = [](Bytes bytes, std::size_t at, char to) {
    bytes[at] = to;
    try {
      check_audience(as_bytes(bytes));
    } catch (const Error& error) {
      return error.code();
    }
    return Code::bug;
  };
  const Bytes good = parsed("{1,2,3}");
  EXPECT_EQ(code(good, 0, '\xC1'), Code::corrupted);
  EXPECT_EQ(code(good, 1, 2), Code::not_supported);
  EXPECT_EQ(code(good, 2, 1), Code::not_supported);
  EXPECT_EQ(code(good, 5, 1), Code::corrupted);
  EXPECT_EQ(code(good, 8, 1), Code::corrupted);
  EXPECT_THROW(check_audience(as_bytes(good.substr(0, 11))), Error);
  EXPECT_THROW(check_audience(as_bytes(good.substr(0, 15))), Error);
}

class Log {
 public:
  explicit Log(std::size_t room) : bytes_(room, '\0') { audience_log::begin(span().data()); }
  std::span<std::byte> span() { return {reinterpret_cast<std::byte*>(bytes_.data()), bytes_.size()}; }
  Bytes set() {
    check_audience(span());
    Buffer out;
    audience_log::write_set(span(), out, kHeap, {});
    return bytes_of(out);
  }

 private:
  Bytes bytes_;
};

TEST(AudienceLog, IsTheUnionOfItsItems) {
  std::mt19937_64 random(7);
  Shapes shapes(8);
  for (int round = 0; round < 12; ++round) {
    Ids all;
    Log log(1 << 22), other(1 << 22);
    for (std::uint64_t items = random() % 12; items > 0; --items) {
      Log& to = random() % 3 == 0 ? other : log;
      if (random() % 2 == 0) {
        const Ids ids = shapes.any();
        ASSERT_TRUE(audience_log::append_set(to.span(), as_bytes(stored(ids))));
        all.insert(ids.begin(), ids.end());
      } else {
        for (int i = 0; i < 700; ++i) {
          const std::int64_t id = static_cast<std::int64_t>(random() % 100000) - 50000;
          ASSERT_TRUE(audience_log::append_id(to.span(), id));
          all.insert(id);
        }
      }
    }
    ASSERT_TRUE(audience_log::append_items(log.span(), audience_log::items(other.span())));
    EXPECT_EQ(log.set(), stored(all));
  }
}

TEST(AudienceLog, AFullLogStaysAsItIs) {
  Log log(audience_log::kHeader + audience_log::kItemHead + 2 * audience_log::kId + 3);
  EXPECT_TRUE(audience_log::append_id(log.span(), 2));
  EXPECT_TRUE(audience_log::append_id(log.span(), 1));
  EXPECT_FALSE(audience_log::append_id(log.span(), 3));
  EXPECT_FALSE(audience_log::append_set(log.span(), as_bytes(parsed("{}"))));
  EXPECT_FALSE(audience_log::append_items(log.span(), audience_log::items(log.span())));
  EXPECT_EQ(text_of(log.set()), "{1,2}");
}

TEST(Audience, EveryExhaustionOfMemoryIsAnException) {
  const Bytes a = stored(Shapes(9).any()), b = stored(Shapes(10).any());
  int refused = 0;
  for (int granted = 0;; ++granted) {
    test::Scarce memory(granted);
    try {
      Buffer out(&memory), text(&memory), again(&memory);
      combine_audiences(SetOperation::union_of, audience_of(a), audience_of(b), out, &memory, {});
      print_audience(Audience(out.span()), text, {});
      parse_audience(as_text(text.span()), again, &memory, {});
      EXPECT_EQ(bytes_of(again), combined(SetOperation::union_of, a, b));
      break;
    } catch (const std::bad_alloc&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace cdp::core
