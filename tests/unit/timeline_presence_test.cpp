// Which events have a property: bitmaps and lists, the choice between them, and bytes that chose otherwise.
#include "core/timeline/presence.hpp"

#include <functional>
#include <map>

#include "core/timeline/codec.hpp"
#include "timeline_events.hpp"

namespace cdp::core {
namespace {

using namespace test;
using timeline::Presence;
using timeline::PresenceCursor;

// Bytes behind which nothing may be read; in front of them those that a value has at least.
struct Stored {
  std::vector<std::byte> bytes;
  Presence presence;
};

void store(const std::vector<std::uint32_t>& with, std::uint32_t events, std::uint8_t form, Stored& to) {
  constexpr std::size_t kBefore = 8, kSlack = 8;
  const unsigned width = form == timeline::kFew ? timeline::index_width(events) : 1;
  const std::size_t count = form == timeline::kFew ? with.size() : events, size = timeline::packed_size(count, width);
  to.bytes.assign(kBefore + size + kSlack, std::byte{0xFF});
  timeline::BitWriter writer(to.bytes.data() + kBefore);
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool has = next < with.size() && with[next] == i;
    writer.put(form == timeline::kFew ? with[i] : has, width);
    next += has ? 1 : 0;
  }
  writer.finish();
  to.bytes.resize(kBefore + size);
  to.bytes.shrink_to_fit();
  const std::byte* const begin = to.bytes.data() + kBefore;
  const timeline::PackedBits numbers(begin, begin + size, width);
  to.presence = form == timeline::kFew ? Presence::list(numbers, static_cast<std::uint32_t>(count))
                                       : Presence::bitmap(numbers, events);
}

TEST(TimelinePresence, FindsWhatIsThere) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 4000; ++round) {
    const auto events = static_cast<std::uint32_t>(1 + random() % (round % 20 == 0 ? 3000 : 200));
    const std::uint64_t every = 1 + random() % (random() % 2 == 0 ? 3 : 100);
    std::vector<std::uint32_t> with;
    for (std::uint32_t i = 0; i < events; ++i)
      if (random() % every == 0) with.push_back(i);
    for (const std::uint8_t form : {timeline::kSome, timeline::kFew}) {
      Stored stored;
      store(with, events, form, stored);
      ASSERT_EQ(stored.presence.count(), with.size());
      PresenceCursor steady(stored.presence), leaping(stored.presence), wild(stored.presence);
      const std::uint64_t leap = 1 + random() % 90;
      std::uint32_t rank = 0;
      for (std::uint32_t i = 0; i < events; ++i) {
        const bool has = rank < with.size() && with[rank] == i;
        const auto expected = has ? std::optional(rank) : std::nullopt;
        rank += has ? 1 : 0;
        ASSERT_EQ(stored.presence.has(i), has);
        ASSERT_EQ(stored.presence.find(i), expected);
        ASSERT_EQ(steady.find(i), expected);
        if (random() % leap == 0) {
          ASSERT_EQ(leaping.find(i), expected);
        }
        const auto any = static_cast<std::uint32_t>(random() % events);
        ASSERT_EQ(wild.find(any), stored.presence.find(any));
      }
    }
  }
}

// `count` of the events have the property n, one after the other from `first`.
std::vector<Event> events_with(std::uint32_t events, std::uint32_t first, std::uint32_t count) {
  std::vector<Event> all;
  for (std::uint32_t i = 0; i < events; ++i)
    all.push_back({i, "e", i >= first && i < first + count ? "{\"n\": 1}" : "{}", {}});
  return all;
}

TEST(TimelinePresence, TakesTheShorterForm) {
  for (const std::uint32_t events : {2u, 8u, 16u, 17u, 24u, 25u, 33u, 100u, 129u, 1000u}) {
    const std::size_t bitmap = (events + 7) / 8;
    std::size_t width = 0, fixed = 0;
    while (1u << width < events) ++width;
    for (std::uint32_t count = 1; count <= events; ++count) {
      const std::size_t list = (count < 128 ? 1 : 2) + (count * width + 7) / 8;
      const std::size_t size = timeline_of(events_with(events, 0, count)).size();
      const std::size_t presence = count == events ? 0 : std::min(list, bitmap);
      // The ones take no bits, so nothing else depends on how many there are.
      if (count == 1) fixed = size - presence;
      ASSERT_EQ(size, fixed + presence) << count << " of " << events;
    }
  }
}

// The end of a timeline of 100 events, written by hand: its columns. One of them, key n, has the number 1.
Bytes with_columns(std::size_t columns, const Bytes& bytes, const Bytes& message_ids = {}) {
  static const Bytes plain = timeline_of(events_with(100, 0, 0));
  Bytes made = plain;
  made[timeline::kFlags] = static_cast<char>(timeline::kProperties);
  if (!message_ids.empty()) made[timeline::kFlags] |= static_cast<char>(timeline::kMessageIds | timeline::kDictionary);
  return made + message_ids + static_cast<char>(columns) + bytes;
}

Bytes list_of(std::initializer_list<unsigned> events, std::size_t count) {
  std::vector<std::byte> packed(events.size() + 16);
  timeline::BitWriter writer(packed.data());
  for (const unsigned event : events) writer.put(event, 7);
  const auto size = static_cast<std::size_t>(writer.finish() - packed.data());
  return static_cast<char>(count) + Bytes(as_text({packed.data(), size}));
}
Bytes list_of(std::initializer_list<unsigned> events) { return list_of(events, events.size()); }

Bytes bitmap_of(std::initializer_list<unsigned> events) {
  Bytes bits(13, '\0');
  for (const unsigned event : events) bits[event / 8] = static_cast<char>(bits[event / 8] | 1 << event % 8);
  return bits;
}

Bytes ones(std::uint8_t head, const Bytes& presence, const Bytes& key = "\1n") {
  return static_cast<char>(head | timeline::kNumbers) + key + Bytes{'\0', '\0', '\2'} + presence;
}

std::string flaw_of(const Bytes& bytes) {
  try {
    check_timeline(as_bytes(bytes), kHeap);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_binary);
    return error.detail();
  }
  return "";
}

constexpr std::uint8_t kFew = timeline::kFew, kSome = timeline::kSome;

TEST(TimelinePresence, ReadsListsWrittenByHand) {
  EXPECT_EQ(flaw_of(with_columns(1, ones(kFew, list_of({5})))), "");
  EXPECT_EQ(flaw_of(with_columns(1, ones(kFew, list_of({0, 7, 8, 50, 99})))), "");
  EXPECT_EQ(with_columns(1, ones(kFew, list_of({5, 6, 7}))), timeline_of(events_with(100, 5, 3)));
  EXPECT_EQ(flaw_of(with_columns(2, ones(kFew, list_of({5})) + ones(kFew, list_of({5}), "\1o"))), "");
  // One value of the dictionary, the string x, is the message id of event 7, and the property n of another one.
  const Bytes dictionary("\1\x0bx", 3), ids = dictionary + static_cast<char>(kFew) + list_of({7});
  const auto others = [](unsigned event) { return static_cast<char>(kFew | timeline::kSameKey) + list_of({event}); };
  EXPECT_EQ(flaw_of(with_columns(2, ones(kFew, list_of({5})) + others(6), ids)), "");
  EXPECT_EQ(flaw_of(with_columns(2, ones(kFew, list_of({5})) + others(5), ids)),
            "The value was refused: an event has two values of one property.");
}

TEST(TimelinePresence, RefusesListsThatNobodyWrites) {
  const auto refused = [](const Bytes& columns) { return flaw_of(with_columns(1, columns)); };
  const std::string order = "The value was refused: the events that it lists are not in order.",
                    nothing = "The value was refused: an index in it points at nothing.",
                    form = "The value was refused: it is not in canonical form.",
                    flags = "The value was refused: a column has unknown flags.",
                    end = "The value was refused: it ends too early.";
  EXPECT_EQ(refused(ones(kFew, list_of({6, 5}))), order);
  EXPECT_EQ(refused(ones(kFew, list_of({1, 5, 5, 8}))), order);
  EXPECT_EQ(refused(ones(kFew, list_of({100}))), nothing);
  EXPECT_EQ(refused(ones(kFew, list_of({5, 127}))), nothing);
  EXPECT_EQ(refused(ones(kFew, list_of({}, 0))), form);
  EXPECT_EQ(refused(ones(kFew, list_of({}, 101))), "The value was refused: more events are listed than there are.");
  EXPECT_EQ(refused(ones(kFew, list_of({5, 6}, 3))), end);
  EXPECT_EQ(refused(ones(kFew, "\1")), end);
  EXPECT_EQ(refused(ones(kFew, "")), end);
  EXPECT_EQ(refused(ones(kFew, "\1\x85")), form);  // a bit behind the list
  EXPECT_EQ(refused(ones(kFew | kSome, list_of({5}))), flags);
  EXPECT_EQ(refused(ones(16, "")), flags);
  EXPECT_EQ(flaw_of(with_columns(0, "", Bytes("\1\x0bx", 3) + static_cast<char>(kFew | kSome) + list_of({7}))), flags);
}

TEST(TimelinePresence, RefusesTheLongerForm) {
  const std::string form = "The value was refused: it is not in canonical form.";
  // Thirteen of a hundred are 92 bits and a byte: as long as the bitmap. Twelve are less.
  EXPECT_EQ(flaw_of(with_columns(1, ones(kFew, list_of({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})))), "");
  EXPECT_EQ(flaw_of(with_columns(1, ones(kSome, bitmap_of({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})))), form);
  EXPECT_EQ(flaw_of(with_columns(1, ones(kSome, bitmap_of({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99})))), "");
  EXPECT_EQ(flaw_of(with_columns(1, ones(kFew, list_of({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99})))), form);
  EXPECT_EQ(flaw_of(with_columns(1, ones(kSome, bitmap_of({5})))), form);
  EXPECT_EQ(flaw_of(with_columns(1, ones(kSome, Bytes(12, '\xff') + '\xf'))), form);
  EXPECT_EQ(flaw_of(with_columns(1, ones(0, ""))), "");
}

// Whatever the two columns of a key look like, no event is in both.
TEST(TimelinePresence, RefusesTwoValuesOfAProperty) {
  const std::string twice = "The value was refused: an event has two values of one property.";
  const Bytes dictionary("\1\x0bx", 3), ids = dictionary + static_cast<char>(kFew) + list_of({7});
  std::initializer_list<unsigned> few = {3, 40, 98}, other = {2, 41, 97};
  std::vector<unsigned> most;
  Bytes all_but_other(13, '\xff');
  all_but_other[12] = '\xf';
  for (const unsigned event : other)
    all_but_other[event / 8] = static_cast<char>(all_but_other[event / 8] & ~(1 << event % 8));
  using Form = std::pair<std::uint8_t, Bytes>;
  const auto flaw = [&](const Form& numbers, const Form& others) {
    return flaw_of(with_columns(
        2, ones(numbers.first, numbers.second) + static_cast<char>(others.first | timeline::kSameKey) + others.second,
        ids));
  };
  const Form list{kFew, list_of(few)}, disjoint{kFew, list_of(other)}, bits{kSome, all_but_other}, all{0, ""};
  EXPECT_EQ(flaw(list, disjoint), "");
  EXPECT_EQ(flaw(disjoint, list), "");
  EXPECT_EQ(flaw(bits, disjoint), "");
  EXPECT_EQ(flaw(disjoint, bits), "");
  for (const auto& [a, b] : std::vector<std::pair<Form, Form>>{
           {list, list}, {list, bits}, {bits, list}, {bits, bits}, {all, list}, {list, all}, {all, all}})
    EXPECT_EQ(flaw(a, b), twice) << int{a.first} << ' ' << int{b.first};
}

// As many properties as events: what it takes grows as they do.
TEST(TimelinePresence, ManyPropertiesAreNoProblem) {
  TimelineBuilder builder(kHeap);
  const auto made = [&builder](int count) {
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      add(builder, {i, "e" + std::to_string(i % 100), "{\"key" + number + "\": " + number + "}", "m" + number});
    }
    return write(builder);
  };
  const Bytes some = made(2000), more = made(16'000);
  EXPECT_LT(some.size(), 2000u * 32);
  EXPECT_LT(more.size(), 16'000u * 32);
  check_timeline(as_bytes(more), kHeap);
  EXPECT_EQ(merged(some, more), more);
  Buffer text, again;
  print_timeline(TimelineView(as_bytes(more)), text);
  parse_timeline(as_text(text.span()), again, kHeap);
  EXPECT_EQ(bytes_of(again), more);
  const TimelineView view(as_bytes(more));
  Buffer scratch, printed;
  print_json(view.property("key11111").value(11'111, scratch).value(), printed);
  EXPECT_EQ(bytes_of(printed), "11111");
  EXPECT_FALSE(view.property("key11111").value(11'112, scratch).has_value());
}

// Properties come in the order of their keys, however each of them is stored.
TEST(TimelinePresence, ManyFormsInOneTimeline) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    std::vector<Event> events;
    const std::size_t count = 17 + random() % 150;
    for (std::size_t i = 0; i < count; ++i) {
      std::map<std::string, std::string> properties;
      for (unsigned key = 0; key < 8; ++key)
        if (random() % (1 + key * key) == 0)
          properties[Bytes(1, "heagdfcb"[key])] = random() % 3 == 0 ? "\"x\"" : std::to_string(random() % 9);
      std::string json;
      for (const auto& [key, value] : properties) json += (json.empty() ? "\"" : ", \"") + key + "\": " + value;
      events.push_back({static_cast<std::int64_t>(i), "e", "{" + json + "}", {}});
    }
    const Bytes bytes = timeline_of(events);
    ASSERT_EQ(events_of(bytes), events);
    const TimelineView view(as_bytes(bytes));
    EventPrinter printer(view, kHeap);
    for (const Event& event : events) {
      Buffer properties;
      printer.next();
      printer.print_properties(properties);
      ASSERT_EQ(bytes_of(properties), event.properties);
    }
    ASSERT_EQ(merged(bytes, bytes), bytes);
    Buffer text, again;
    print_timeline(TimelineView(as_bytes(bytes)), text);
    parse_timeline(as_text(text.span()), again, kHeap);
    ASSERT_EQ(bytes_of(again), bytes);
  }
}

}  // namespace
}  // namespace cdp::core
