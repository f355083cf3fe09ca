// What a profile holds beside attributes, as a whole: the laws of ||, of attaching events and of detaching them.
#include <gtest/gtest.h>

#include "core/profile/events.hpp"
#include "core/profile/facts_text.hpp"
#include "profile_bytes.hpp"
#include "timeline_events.hpp"

namespace cdp::core::test {
namespace {

Bytes attached(const Bytes& profile, const Bytes& timeline) {
  Buffer out;
  attach(view(profile), as_bytes(timeline), out, kHeap);
  return bytes_of(out);
}

Bytes detached(const Bytes& profile) {
  Buffer out;
  detach(view(profile), out, kHeap);
  return bytes_of(out);
}

Bytes timeline_in(const Bytes& profile) {
  const ByteSpan timeline = view(profile).section(Section::timeline);
  return timeline.empty() ? timeline_of({}) : Bytes(as_text(timeline));
}

const Bytes kEmpty = from_text("{}");

// Events that no other call gives: each has an id of its own.
Bytes fresh_timeline(std::mt19937_64& random) {
  static int next = 0;
  auto events = random_events(random, random() % 12);
  for (Event& event : events) event.id = std::to_string(next++);
  return timeline_of(events, random() % 8 == 0 ? 1 + random() % 5 : timeline::kMostKept,
                     random() % 8 == 0 ? static_cast<std::int64_t>(random() % 1000) : INT64_MIN);
}

// Attributes, identifiers, consents, and maybe events.
Bytes random_profile(std::mt19937_64& random) {
  static const std::string kNames[] = {"a", "b", "email", "é", ""};
  const auto name = [&random]() -> const std::string& { return kNames[random() % std::size(kNames)]; };
  const auto time = [&random] { return static_cast<std::int64_t>(random() % 30) * 1'000'000; };
  ProfileBuilder builder(kHeap);
  for (std::size_t left = random() % 4; left > 0; --left)
    builder.add_observation(name(), {Type::string, as_bytes(name())}, name(), time());
  for (std::size_t left = random() % 3; left > 0; --left) {
    const std::int64_t seen = time();
    builder.sections().facts().identifiers().add({name(), name(), name(), seen, seen});
  }
  for (std::size_t left = random() % 3; left > 0; --left)
    builder.sections().facts().consents().add({name(), name(), time(), random() % 2 == 0});
  Buffer out;
  builder.write(out);
  return bytes_of(out);
}
Bytes random_customer(std::mt19937_64& random) {
  const Bytes profile = attached(random_profile(random), fresh_timeline(random));
  if (random() % 3 != 0) return profile;
  const Bytes elsewhere = detached(profile);
  return random() % 4 == 0 ? merge(elsewhere, attached(kEmpty, fresh_timeline(random))) : elsewhere;
}

TEST(ProfileEvents, MergingIsAssociativeAndCommutative) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    const Bytes a = random_customer(random), b = random_customer(random), c = random_customer(random);
    const Bytes ab = merge(a, b);
    ASSERT_EQ(merge(b, a), ab) << text_of(a) << "\n" << text_of(b);
    ASSERT_EQ(merge(ab, c), merge(a, merge(b, c)));
    ASSERT_EQ(merge(a, kEmpty), a);
    ASSERT_EQ(merge(kEmpty, a), a);
    ASSERT_EQ(view(ab).detached(), view(a).detached() || view(b).detached());
    // Facts that don't count, again.
    const Bytes twice = merge(ab, a);
    for (const Section section : {Section::identifiers, Section::consents})
      ASSERT_EQ(as_text(view(twice).section(section)), as_text(view(ab).section(section)));
  }
}

TEST(ProfileEvents, AttachingInSteps) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 2000; ++round) {
    const Bytes p = random_customer(random), q = random_customer(random);
    const Bytes s = fresh_timeline(random), t = fresh_timeline(random);
    ASSERT_EQ(attached(attached(p, s), t), attached(p, merged(s, t)));
    ASSERT_EQ(attached(kEmpty, s) == kEmpty, is_empty_timeline(as_bytes(s)));
    ASSERT_FALSE(view(attached(p, s)).detached());
    ASSERT_EQ(timeline_in(attached(p, s)), merged(timeline_in(p), s));
    if (!view(p).detached() && !view(q).detached()) {
      ASSERT_EQ(attached(merge(p, q), s), merge(p, attached(q, s)));
    }
    ASSERT_EQ(merge(p, attached(kEmpty, s)), view(p).detached() ? merge(attached(kEmpty, s), p) : attached(p, s));
  }
}

TEST(ProfileEvents, DetachingAndAttachingGivesTheProfileBack) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 2000; ++round) {
    const Bytes p = random_customer(random), q = random_customer(random), elsewhere = detached(p);
    ASSERT_TRUE(view(elsewhere).detached());
    ASSERT_TRUE(view(elsewhere).section(Section::timeline).empty());
    ASSERT_EQ(detached(elsewhere), elsewhere);
    if (!view(p).detached()) {
      ASSERT_EQ(attached(elsewhere, timeline_in(p)), p) << text_of(p);
    }
    ASSERT_EQ(merge(elsewhere, detached(q)), detached(merge(p, q)));
  }
}

TEST(ProfileEvents, TotalsAreThoseOfTheEvents) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 1000; ++round) {
    auto events = random_events(random, random() % 40);
    for (std::size_t i = 0; i < events.size(); ++i) events[i].id = std::to_string(i);
    const Bytes timeline = timeline_of(events, random() % 2 == 0 ? 3 : timeline::kMostKept);
    std::map<std::string, std::vector<Event>> by_name;
    for (const Event& event : events) by_name[event.name].push_back(event);
    Totals totals(kHeap);
    const Bytes profile = detached(attached(kEmpty, timeline));
    totals.add_section(view(profile).section(Section::totals));
    auto next = by_name.begin();
    totals.for_each_group([&](std::span<const Total> group) {
      ASSERT_NE(next, by_name.end());
      EXPECT_EQ(group[0].event, next->first);
      EXPECT_EQ(group[0].count, next->second.size());
      EXPECT_EQ(group[0].first, std::min_element(next->second.begin(), next->second.end())->time);
      EXPECT_EQ(group[0].last, std::max_element(next->second.begin(), next->second.end())->time);
      std::map<std::string, std::pair<Bytes, std::uint64_t>> sums;
      for (const Event& event : next->second) {
        Buffer scratch;
        const Value properties = parse_json(event.properties, "json", scratch, kHeap);
        const auto amount = member(properties, "amount");
        if (!amount || amount->type != Type::number) continue;
        auto& [sum, count] = sums["amount"];
        if (sum.empty()) sum = "\x80";
        Buffer added;
        append_decimal_sum(added, as_bytes(sum), amount->bytes);
        sum = bytes_of(added);
        ++count;
      }
      ASSERT_EQ(group.size() - 1, sums.size());
      for (const Total& each : group.subspan(1)) {
        EXPECT_EQ(as_text(each.sum), sums.at(std::string(*each.property)).first);
        EXPECT_EQ(each.count, sums.at(std::string(*each.property)).second);
      }
      ++next;
    });
    EXPECT_EQ(next, by_name.end());
  }
}

TEST(ProfileEvents, AttributesReadTheSame) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 500; ++round) {
    const Bytes bare = random_profile(random), full = attached(bare, fresh_timeline(random));
    ASSERT_EQ(view(full).size(), view(bare).size());
    for (std::uint32_t i = 0; i < view(bare).size(); ++i) {
      const Attribute one = view(bare).attribute(i), other = view(full).attribute(i);
      ASSERT_EQ(one.name(), other.name());
      ASSERT_EQ(one.golden(), other.golden());
      ASSERT_EQ(view(bare).golden_last_seen(one), view(full).golden_last_seen(other));
      ASSERT_TRUE(view(full).find(one.name()));
    }
  }
}

TEST(ProfileEvents, TextAndBinaryRoundTrip) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 2000; ++round) {
    const Bytes profile = random_customer(random);
    ASSERT_EQ(from_text(text_of(profile)), profile) << text_of(profile);
    ASSERT_EQ(from_binary(to_binary(profile)), profile) << text_of(profile);
  }
}

TEST(ProfileEvents, AWideDirectoryIsTheSameEitherWay) {
  // A timeline that makes the directory's entries wider, and narrow again when it goes.
  std::vector<Event> events;
  for (int i = 0; i < 900; ++i)
    events.push_back({i * 1'000'003, "view", "{\"page\": \"" + std::string(100, 'x') + std::to_string(i) + "\"}"});
  const Bytes timeline = timeline_of(events);
  ASSERT_GT(timeline.size(), 65536U);
  std::mt19937_64 random(7);
  for (int round = 0; round < 50; ++round) {
    const Bytes profile = random_profile(random), full = attached(profile, timeline);
    ASSERT_EQ(from_binary(to_binary(full)), full);
    ASSERT_EQ(merge(full, kEmpty), full);
    ASSERT_EQ(merge(profile, attached(kEmpty, timeline)), full);
    ASSERT_EQ(attached(detached(full), timeline), full);
    ASSERT_EQ(merge(detached(full), kEmpty), detached(full));
  }
}

TEST(ProfileEvents, TheDirectoryIsWideWhenItHasToBe) {
  // Around 65535 bytes, with a short section behind many attributes.
  for (std::size_t length = 65'000; length < 65'600; ++length) {
    const std::string kept(length, 'x');
    const std::string_view text = kept;
    ProfileBuilder builder(kHeap);
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz"))
      builder.add_observation(std::string_view(&c, 1), {Type::string, as_bytes(c == 'a' ? text : std::string_view())},
                              "s", 0);
    builder.sections().facts().consents().add({"", "", 0, true});
    Buffer out;
    builder.write(out);
    const Bytes profile = bytes_of(out);
    ASSERT_TRUE(has_consent(view(profile).section(Section::consents), "", 0)) << length;
    ASSERT_TRUE(view(profile).find("z")) << length;
    ASSERT_EQ(attached(detached(profile), timeline_of({})), profile) << length;
  }
}

TEST(ProfileEvents, HostileBytesAreRefused) {
  std::mt19937_64 random(8);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = to_binary(random_customer(random));
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    try {
      const Bytes profile = from_binary(bytes);
      EXPECT_EQ(to_binary(profile), bytes);
      text_of(profile);
      detached(profile);
      attached(profile, timeline_of({}));
    } catch (const Error& error) {
      ++refused;
      EXPECT_TRUE(error.code() == Code::invalid_binary || error.code() == Code::not_supported ||
                  error.code() == Code::too_complex)
          << error.what();
    }
  }
  EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace cdp::core::test
