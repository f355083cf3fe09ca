// Text, binary protocol, damaged bytes; bit arrays and exact sums under them.
#include <set>

#include "core/timeline/codec.hpp"
#include "core/timeline/exact_sum.hpp"
#include "scarce.hpp"
#include "timeline_events.hpp"

namespace cdp::core {
namespace {

using namespace test;

std::string text_of(const Bytes& bytes) {
  Buffer out;
  print_timeline(TimelineView(as_bytes(bytes)), out);
  return bytes_of(out);
}

Bytes from_text(std::string_view text) {
  Buffer out;
  parse_timeline(text, out, kHeap);
  return bytes_of(out);
}

Bytes to_binary(const Bytes& bytes) {
  Buffer out;
  write_binary_timeline(TimelineView(as_bytes(bytes)), out);
  return bytes_of(out);
}

Bytes from_binary(std::string_view bytes) {
  Buffer out;
  read_binary_timeline(as_bytes(bytes), out, kHeap);
  return bytes_of(out);
}

template <typename Body>
Code code_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Code::bug;
}

Bytes random_timeline(std::mt19937_64& random, std::size_t most) {
  const auto events = random_events(random, random() % most);
  const std::uint32_t keep = random() % 3 == 0 ? 1 + static_cast<std::uint32_t>(random() % 5) : timeline::kMostKept;
  const std::int64_t cut = random() % 3 == 0 && !events.empty() ? events[0].time : INT64_MIN;
  return timeline_of(events, keep, cut);
}

TEST(TimelineCodec, TextAndBinaryRoundTrip) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    const Bytes bytes = random_timeline(random, 50);
    ASSERT_EQ(from_text(text_of(bytes)), bytes) << text_of(bytes);
    ASSERT_EQ(from_binary(to_binary(bytes)), bytes);
    check_timeline(as_bytes(bytes), kHeap);
  }
  EXPECT_EQ(text_of(timeline_of({})), "{}");
}

TEST(TimelineCodec, TextIsReadable) {
  const std::vector<Event> events{
      {0, "buy", "{\"amount\": 2.50}", "m"}, {1, "buy", "{\"amount\": 0.25}", {}}, {86'400'000'000, "buy", "{}", {}}};
  EXPECT_EQ(
      text_of(timeline_of(events, 2)),
      "{\"events\": [{\"event\": \"buy\", \"at\": \"2000-01-01T00:00:00.000001Z\", \"properties\": {\"amount\": "
      "0.25}}, "
      "{\"event\": \"buy\", \"at\": \"2000-01-02T00:00:00Z\"}], "
      "\"folded\": [{\"event\": \"buy\", \"count\": 1, \"first\": \"2000-01-01T00:00:00Z\", "
      "\"horizon\": \"2000-01-01T00:00:00Z\", \"sums\": {\"amount\": {\"sum\": 2.5, \"count\": 1}}}], \"keep\": 2}");
}

TEST(TimelineCodec, RefusesTextThatIsNoTimeline) {
  for (const char* const text : {
           "",
           "[]",
           "{\"events\": {}}",
           "{\"events\": [1]}",
           "{\"events\": [{}]}",
           "{\"events\": [{\"event\": \"a\"}]}",
           "{\"events\": [{\"at\": \"2026-01-01\"}]}",
           "{\"events\": [{\"event\": 1, \"at\": \"2026-01-01\"}]}",
           "{\"events\": [{\"event\": \"a\", \"at\": 1}]}",
           "{\"events\": [{\"event\": \"a\", \"at\": \"never\"}]}",
           "{\"events\": [{\"event\": \"a\", \"at\": \"2026-01-01\", \"properties\": []}]}",
           "{\"events\": [{\"event\": \"a\", \"at\": \"2026-01-01\", \"message_id\": 1}]}",
           "{\"events\": [{\"event\": \"a\", \"at\": \"2026-01-01\", \"other\": 1}]}",
           "{\"other\": 1}",
           "{\"keep\": 0}",
           "{\"keep\": 1001}",
           "{\"keep\": \"1\"}",
           "{\"cut\": 1}",
           // Totals that no timeline has: they begin after they end, lie above what is kept, or need not be folded.
           "{\"keep\": 1, \"folded\": [{\"event\": \"a\", \"count\": 2, \"first\": \"2026-01-02\", \"horizon\": "
           "\"2026-01-01\"}]}",
           "{\"cut\": \"2027-01-01\", \"folded\": [{\"event\": \"a\", \"count\": 1, \"first\": \"2026-01-01\", "
           "\"horizon\": \"2026-01-02\"}]}",
           "{\"cut\": \"2026-01-01\", \"folded\": [{\"event\": \"a\", \"count\": 1, \"first\": \"2026-01-01\", "
           "\"horizon\": \"2026-01-01\"}]}",
           "{\"folded\": [{\"event\": \"a\", \"count\": 1, \"first\": \"2026-01-01\", \"horizon\": \"2026-01-01\"}]}",
           "{\"keep\": 1, \"events\": [{\"event\": \"a\", \"at\": \"2025-01-01\"}], \"folded\": [{\"event\": \"a\", "
           "\"count\": 1, \"first\": \"2026-01-01\", \"horizon\": \"2026-01-01\"}]}",
           "{\"cut\": \"2027-01-01\", \"folded\": [{\"event\": \"a\", \"count\": 1, \"first\": \"2026-01-01\", "
           "\"horizon\": \"2026-01-01\", \"sums\": {\"n\": {\"sum\": 1, \"count\": 2}}}]}",
           "{\"cut\": \"2027-01-01\", \"folded\": [{\"event\": \"a\", \"count\": 1, \"first\": \"2026-01-01\", "
           "\"horizon\": \"2026-01-01\", \"sums\": {\"n\": {\"sum\": \"1\", \"count\": 1}}}]}",
       })
    EXPECT_EQ(code_of([&] { from_text(text); }), Code::invalid_text) << text;
  EXPECT_EQ(code_of([] {
              from_text("{\"events\": [{\"event\": \"a\", \"at\": \"2026-01-01\", \"properties\": {\"a\": " +
                        std::string(1001, '[') + std::string(1001, ']') + "}}]}");
            }),
            Code::too_complex);
}

// One changed byte, or some of them cut off or put in: refused, or another timeline in its one form.
TEST(TimelineCodec, DamagedBytes) {
  static const std::set<Code> kAllowed{Code::invalid_binary, Code::not_supported, Code::too_complex,
                                       Code::limit_exceeded};
  std::mt19937_64 random(2);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 60'000; ++round) {
    Bytes wire = to_binary(random_timeline(random, round % 4 == 0 ? 40 : 12));
    for (std::size_t changes = 1 + random() % 2; changes > 0; --changes) {
      const std::size_t at = random() % wire.size();
      switch (random() % 8) {
        case 0: wire.resize(at); break;
        case 1: wire.insert(at, 1, static_cast<char>(random())); break;
        case 2: wire.erase(at, 1); break;
        case 3: wire[at] = static_cast<char>(wire[at] + 1); break;
        case 4: wire[at] = static_cast<char>(random()); break;
        default: wire[at] = static_cast<char>(wire[at] ^ 1 << random() % 8);
      }
      if (wire.empty()) break;
    }
    try {
      const Bytes bytes = from_binary(wire);
      ASSERT_EQ(to_binary(bytes), wire);
      ASSERT_EQ(from_text(text_of(bytes)), bytes);
      ASSERT_EQ(merged(bytes, timeline_of({})), bytes);
      ++accepted;
    } catch (const Error& error) {
      ASSERT_EQ(kAllowed.count(error.code()), 1u) << error.what() << ' ' << error.detail();
      ++refused;
    }
  }
  EXPECT_GT(accepted, 3000);
  EXPECT_GT(refused, 10'000);
}

// Events whose properties are all the same: of each column so many bytes, whatever the number of events.
TEST(TimelineCodec, RefusesWhatExpandsBeyondBounds) {
  constexpr std::uint32_t kEvents = 10'000;
  const auto wire = [](std::uint32_t columns) {
    Buffer out;
    out.byte(1);
    out.be<std::uint16_t>(timeline::kProperties);
    out.be<std::uint32_t>(kEvents);
    out.byte(0);  // microseconds
    out.byte(14);
    out.varint(zigzag(1));
    const auto bits = [&out](std::uint32_t from, std::uint32_t to, unsigned width, auto&& number) {
      const std::size_t size = timeline::packed_size(to - from, width), start = out.size();
      timeline::BitWriter writer(out.extend(size + 8));
      for (std::uint32_t i = from; i < to; ++i) writer.put(number(i), width);
      writer.finish();
      out.truncate(start + size);
    };
    out.varint(10);
    out.varint(20);
    for (char name = '0'; name <= '9'; ++name) {
      out.varint(1);
      out.append(std::string_view(&name, 1));
    }
    bits(0, kEvents, 4, [](std::uint32_t i) { return i % 10; });
    bits(1, kEvents, 14, [](std::uint32_t i) { return i; });
    out.varint(columns);
    for (std::uint32_t i = 0; i < columns; ++i) {
      out.byte(timeline::kNumbers);
      out.varint(4);
      out.append(std::to_string(1000 + i));
      out.byte(0);
      out.byte(0);
      out.varint(zigzag(7));
    }
    return bytes_of(out);
  };
  const Bytes fine = wire(10);
  EXPECT_EQ(to_binary(from_binary(fine)), fine);
  const Bytes bomb = wire(1001);
  EXPECT_LT(bomb.size(), 40'000u);
  Measured memory;
  Buffer out;
  EXPECT_EQ(code_of([&] { read_binary_timeline(as_bytes(bomb), out, &memory, {}); }), Code::limit_exceeded);
  EXPECT_LT(memory.most(), 100'000u);
}

TEST(TimelineCodec, RefusesAnotherVersionAndMagic) {
  Bytes bytes = timeline_of({});
  const auto changed = [&](std::size_t at, char to) {
    Bytes other = bytes;
    other[at] = to;
    return code_of([&] { check_timeline(as_bytes(other), kHeap); });
  };
  EXPECT_EQ(changed(timeline::kMagicAt, 0), Code::invalid_binary);
  EXPECT_EQ(changed(timeline::kVersionAt, 2), Code::not_supported);
  EXPECT_EQ(changed(timeline::kFlags + 1, 1), Code::invalid_binary);
  EXPECT_EQ(changed(timeline::kReserved, 1), Code::invalid_binary);
  EXPECT_EQ(code_of([&] { check_timeline(as_bytes(bytes.substr(0, 11)), kHeap); }), Code::invalid_binary);
}

// JSON has no timestamps: they would not come back from the text form.
TEST(TimelineCodec, RefusesTimestampsAsProperties) {
  TimelineBuilder builder(kHeap);
  Buffer properties, payload;
  append_timestamp_payload(payload, 0);
  properties.varint(1);
  properties.append("t");
  append_value(properties, {Type::timestamp, payload.span()});
  builder.add_event(0, "a", {}, properties.span());
  const Bytes bytes = write(builder);
  EXPECT_EQ(code_of([&] { check_timeline(as_bytes(bytes), kHeap); }), Code::invalid_binary);
}

TEST(TimelineBits, EveryWidth) {
  std::mt19937_64 random(3);
  for (unsigned width = 0; width <= 64; ++width) {
    for (const std::size_t count : {0, 1, 2, 7, 8, 9, 63, 64, 65, 200}) {
      std::vector<std::uint64_t> numbers(count);
      for (auto& number : numbers) number = width == 0 ? 0 : random() & timeline::low_bits(width);
      const std::size_t before = 8, size = timeline::packed_size(count, width);
      std::vector<std::byte> bytes(before + size + 8, std::byte{0xEE});
      timeline::BitWriter writer(bytes.data() + before);
      for (const std::uint64_t number : numbers) writer.put(number, width);
      ASSERT_EQ(writer.finish(), bytes.data() + before + size);
      bytes.resize(before + size);  // so that a load behind the end is seen
      bytes.shrink_to_fit();
      const timeline::PackedBits read(bytes.data() + before, bytes.data() + bytes.size(), width);
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(read[i], numbers[i]) << width << ' ' << i;
    }
  }
}

Bytes decimal(std::string_view text) {
  Buffer out;
  append_decimal(out, text);
  return bytes_of(out);
}

std::string printed(const timeline::ExactSum& sum) {
  Buffer total, text;
  sum.append_to(total);
  EXPECT_TRUE(is_decimal(total.span()));
  print_decimal(total.span(), text);
  return bytes_of(text);
}

TEST(TimelineSum, IsExact) {
  const auto sum = [](std::initializer_list<const char*> numbers) {
    timeline::ExactSum total(kHeap);
    for (const char* const number : numbers) total.add(as_bytes(decimal(number)));
    return printed(total);
  };
  EXPECT_EQ(sum({}), "0");
  EXPECT_EQ(sum({"0.1", "0.2"}), "0.3");
  EXPECT_EQ(sum({"99.99", "0.01"}), "100");
  EXPECT_EQ(sum({"-99.99", "100"}), "0.01");
  EXPECT_EQ(sum({"9223372036854775807", "9223372036854775807", "-1"}), "18446744073709551613");
  EXPECT_EQ(sum({"1e40", "1e-40", "-1e40"}), "0.0000000000000000000000000000000000000001");
  EXPECT_EQ(sum({"1e40", "-1e40"}), "0");
  EXPECT_EQ(sum({"1e131071", "1", "-1e131071"}), "1");
  EXPECT_EQ(code_of([&] { sum({"9e131071", "9e131071"}); }), Code::number_out_of_range);
}

TEST(TimelineSum, RandomNumbersInAnyOrder) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Bytes> numbers;
    for (std::size_t left = random() % 12; left > 0; --left) {
      std::string text = std::to_string(static_cast<std::int64_t>(random()) >> random() % 64);
      text += "e" + std::to_string(static_cast<int>(random() % 60) - 30);
      numbers.push_back(decimal(text));
    }
    timeline::ExactSum forward(kHeap), back(kHeap), none(kHeap);
    for (const Bytes& number : numbers) forward.add(as_bytes(number));
    std::shuffle(numbers.begin(), numbers.end(), random);
    for (const Bytes& number : numbers) back.add(as_bytes(number));
    ASSERT_EQ(printed(forward), printed(back));
    for (Bytes number : numbers) {
      none.add(as_bytes(number));
      Buffer text;
      print_decimal(as_bytes(number), text);
      const std::string negated = bytes_of(text)[0] == '-' ? bytes_of(text).substr(1) : "-" + bytes_of(text);
      if (negated != "-0") none.add(as_bytes(decimal(negated)));
    }
    ASSERT_EQ(printed(none), "0");
  }
}

TEST(TimelineSum, ScaledNumbersAreTheSameNumbers) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20'000; ++round) {
    const std::int64_t mantissa = static_cast<std::int64_t>(random()) >> random() % 64;
    const auto scale = static_cast<unsigned>(random() % 19);
    Buffer out;
    append_decimal(out, mantissa, scale);
    ASSERT_EQ(bytes_of(out), decimal(std::to_string(mantissa) + "e-" + std::to_string(scale)));
    const auto scaled = decimal_to_scaled(out.span());
    ASSERT_TRUE(scaled.has_value());
    ASSERT_LE(scaled->scale, scale);
    std::int64_t expected = mantissa;
    unsigned least = mantissa == 0 ? 0 : scale;
    for (; least > 0 && expected % 10 == 0; --least) expected /= 10;
    ASSERT_EQ(scaled->mantissa, expected);
    ASSERT_EQ(scaled->scale, least);
  }
  EXPECT_FALSE(decimal_to_scaled(as_bytes(decimal("9223372036854775808"))).has_value());
  EXPECT_TRUE(decimal_to_scaled(as_bytes(decimal("-9223372036854775808"))).has_value());
  EXPECT_FALSE(decimal_to_scaled(as_bytes(decimal("1e-19"))).has_value());
  EXPECT_FALSE(decimal_to_scaled(as_bytes(decimal("1e19"))).has_value());
}

}  // namespace
}  // namespace cdp::core
