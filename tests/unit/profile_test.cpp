// The laws of profile.md: what a profile keeps is a function of the multiset of observations.
#include <gtest/gtest.h>

#include <map>
#include <memory_resource>
#include <random>
#include <set>

#include "core/profile/builder.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/format.hpp"
#include "core/profile/timestamp.hpp"
#include "profile_observations.hpp"

namespace cdp::core::test {
namespace {

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

// Merges random parts in a random tree.
Bytes regrouped(std::vector<Observation> observations, std::mt19937_64& random) {
  std::shuffle(observations.begin(), observations.end(), random);
  std::vector<Bytes> parts;
  for (std::size_t from = 0; from < observations.size();) {
    const std::size_t count = std::min(observations.size() - from, static_cast<std::size_t>(random() % 9));
    parts.push_back(profile_of({observations.data() + from, count}));
    from += count;
  }
  parts.push_back(profile_of({}));
  while (parts.size() > 1) {
    const std::size_t i = random() % (parts.size() - 1);
    std::swap(parts[i], parts[random() % parts.size()]);
    parts[i] = merge(parts[i], parts[i + 1]);
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return parts[0];
}

TEST(Profile, IsAFunctionOfTheObservations) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    const auto observations = random_observations(random, random() % (round % 10 == 0 ? 200 : 30));
    const Bytes whole = profile_of(observations);
    for (int again = 0; again < 2; ++again) ASSERT_EQ(regrouped(observations, random), whole) << text_of(whole);
  }
}

TEST(Profile, EmptyIsTheIdentity) {
  std::mt19937_64 random(2);
  const Bytes empty = profile_of({});
  EXPECT_EQ(text_of(empty), "{}");
  const Bytes some = profile_of(random_observations(random, 40));
  EXPECT_EQ(merge(empty, some), some);
  EXPECT_EQ(merge(some, empty), some);
  EXPECT_EQ(merge(empty, empty), empty);
}

// Two times for each pair of few bytes: more of the value is times than elsewhere.
TEST(Profile, BinaryRoundTripOfLittleButTimes) {
  for (int sources = 1; sources <= 40; ++sources) {
    std::vector<Observation> observations;
    for (int i = 0; i < 2 * sources; ++i)
      observations.push_back({"a", "true", std::string(1, static_cast<char>('A' + i % sources)), i * 3'600'000'000});
    const Bytes profile = profile_of(observations);
    EXPECT_EQ(from_binary(to_binary(profile)), profile) << sources;
  }
}

// What the text form refuses, no binary may bring in: a dump could not be restored.
TEST(Profile, BinaryNeedsObservationsToOverflow) {
  std::vector<Observation> observations;
  for (int i = 0; i < 0x55; ++i) observations.push_back({"a", std::to_string(i % 20), "s", i * 3'600'000'000});
  Bytes binary = to_binary(profile_of(observations));
  const std::size_t at = binary.find('\x55');
  ASSERT_EQ(at, binary.rfind('\x55'));
  EXPECT_EQ(from_binary(binary), profile_of(observations));
  binary[at] = '\0';
  try {
    from_binary(binary);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_binary);
  }
}

TEST(Profile, TextAndBinaryRoundTrip) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 2000; ++round) {
    const Bytes profile = profile_of(random_observations(random, random() % 120));
    ASSERT_EQ(from_text(text_of(profile)), profile) << text_of(profile);
    ASSERT_EQ(from_binary(to_binary(profile)), profile);
  }
}

// An independent, slow model of what profile.md says is kept.
struct Model {
  struct Pair {
    std::int64_t last, first;
    std::uint64_t times;
  };
  std::map<std::pair<std::string, std::string>, Pair> pairs;  // (source, value text)
  std::uint64_t observations = 0;
};

TEST(Profile, KeepsWhatTheModelKeeps) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 500; ++round) {
    const auto observations = random_observations(random, 1 + random() % 60);
    std::map<std::string, Model> model;
    for (const Observation& o : observations) {
      Buffer scratch, text;
      if (o.value.empty()) {
        text.append("erased");
      } else {
        print_json(parse_json(o.value, "json", scratch, kHeap), text);
      }
      Model& of = model[o.attribute];
      ++of.observations;
      auto [at, fresh] = of.pairs.try_emplace({o.source, bytes_of(text)}, Model::Pair{o.time, o.time, 0});
      at->second.last = std::max(at->second.last, o.time);
      at->second.first = std::min(at->second.first, o.time);
      ++at->second.times;
    }
    const Bytes profile = profile_of(observations);
    ASSERT_EQ(view(profile).size(), model.size());
    for (const auto& [name, expected] : model) {
      const auto attribute = view(profile).find(name);
      ASSERT_TRUE(attribute.has_value());
      EXPECT_EQ(attribute->overflowed(), expected.pairs.size() > 16);
      std::size_t met = 0;
      std::int64_t previous = kInfinity;
      attribute->any_entry(view(profile), [&](const Entry& entry) {
        Buffer text;
        if (entry.value.type == Type::erased) {
          text.append("erased");
        } else {
          print_json(entry.value, text);
        }
        const auto at = expected.pairs.find({std::string(view(profile).source(entry.source)), bytes_of(text)});
        EXPECT_NE(at, expected.pairs.end());
        if (at == expected.pairs.end()) return true;
        EXPECT_EQ(entry.last_seen, at->second.last);
        EXPECT_LE(entry.last_seen, previous);
        previous = entry.last_seen;
        if (!attribute->overflowed()) {
          EXPECT_EQ(entry.first_seen, at->second.first);
          EXPECT_EQ(entry.times, at->second.times);
        }
        ++met;
        return false;
      });
      EXPECT_EQ(met, std::min<std::size_t>(16, expected.pairs.size()));
    }
  }
}

TEST(Profile, OverflowKeepsSpansAndExtremes) {
  std::vector<Observation> observations;
  for (int i = 0; i < 100; ++i)
    observations.push_back({"n", std::to_string(i), i % 2 == 0 ? "crm" : "shop", i * 1'000'000});
  const Bytes profile = profile_of(observations);
  const auto attribute = view(profile).find("n");
  ASSERT_TRUE(attribute && attribute->overflowed());
  Buffer text;
  print_json(attribute->golden(), text);
  EXPECT_EQ(bytes_of(text), "99");
  EXPECT_EQ(view(profile).latest_from(*attribute, "crm")->last_seen, 98'000'000);
  const std::string printed = text_of(profile);
  EXPECT_NE(printed.find("\"observations\": 100"), std::string::npos) << printed;
  EXPECT_NE(printed.find("\"least\": {\"value\": 0, \"source\": \"crm\""), std::string::npos) << printed;
  EXPECT_NE(printed.find("\"greatest\": {\"value\": 99, \"source\": \"shop\""), std::string::npos) << printed;
  EXPECT_NE(printed.find("\"longest\": {\"value\": 99, \"source\": \"shop\""), std::string::npos) << printed;
  EXPECT_NE(printed.find("\"earliest\": {\"value\": 0, \"at\": \"2000-01-01T00:00:00Z\"}"), std::string::npos)
      << printed;
}

TEST(Profile, EraseWinsAndReadsAsUnknown) {
  const std::vector<Observation> observations{{"email", "\"a@x\"", "crm", 1}, {"email", "", "crm", 2}};
  const Bytes profile = profile_of(observations);
  EXPECT_FALSE(view(profile).golden("email").has_value());
  EXPECT_TRUE(view(profile).find("email").has_value());
  const std::vector<Observation> later{{"email", "\"b@x\"", "shop", 3}};
  EXPECT_EQ(as_text(view(merge(profile, profile_of(later))).golden("email")->bytes), "b@x");
}

TEST(Profile, PathsReachIntoObjects) {
  const Bytes profile = profile_of(std::vector<Observation>{
      {"address", R"({"city": "Novi Sad", "geo": {"lat": 45.25}})", "crm", 1}, {"a.b", "1", "crm", 1}});
  EXPECT_EQ(as_text(view(profile).golden("address.city")->bytes), "Novi Sad");
  EXPECT_TRUE(view(profile).golden("address.geo.lat").has_value());
  EXPECT_FALSE(view(profile).golden("address.geo.lon").has_value());
  EXPECT_FALSE(view(profile).golden("address.city.x").has_value());
  EXPECT_TRUE(view(profile).golden("a.b").has_value());
}

TEST(Profile, TooManySourcesIsALimit) {
  std::vector<Observation> observations;
  for (int i = 0; i < 255; ++i) observations.push_back({"a", "1", "s" + std::to_string(i), 1});
  profile_of(observations);
  observations.push_back({"a", "1", "one more", 1});
  EXPECT_EQ(code_of([&] { profile_of(observations); }), Code::limit_exceeded);
}

TEST(Profile, TooManyAttributesIsALimit) {
  ProfileBuilder builder(kHeap);
  const Value value{Type::string, as_bytes("x")};
  for (int i = 0; i < 65535; ++i) builder.add_observation("a" + std::to_string(i), value, "s", 1);
  EXPECT_EQ(code_of([&] { builder.add_observation("one more", value, "s", 1); }), Code::limit_exceeded);
  Buffer out;
  builder.write(out);
  EXPECT_EQ(from_binary(to_binary(bytes_of(out))), bytes_of(out));
  EXPECT_EQ(view(bytes_of(out)).golden("a65534")->bytes.size(), 1U);
}

TEST(Profile, OneSourceTakesLittleMoreThanItsValues) {
  std::vector<Observation> observations;
  std::size_t text = 0;
  for (int i = 0; i < 10; ++i) {
    observations.push_back(
        {"attr_" + std::to_string(i), "\"value" + std::to_string(i) + "\"", "crm", 800'000'000'000'000});
    text += 6 + 6;
  }
  EXPECT_LE(profile_of(observations).size() + 4, text + 110);
}

TEST(Profile, HostileBytesAreRefused) {
  std::mt19937_64 random(5);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = to_binary(profile_of(random_observations(random, 1 + random() % 40)));
    const std::size_t changes = 1 + random() % 3;
    for (std::size_t i = 0; i < changes; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    try {
      // What is accepted must be canonical, and readable to the last byte.
      EXPECT_EQ(to_binary(from_binary(bytes)), bytes);
      text_of(from_binary(bytes));
    } catch (const Error& error) {
      ++refused;
      EXPECT_NE(error.code(), Code::bug) << error.what();
    }
  }
  EXPECT_GT(refused, 10000);
}

TEST(Profile, MalformedTextIsRefused) {
  for (const char* const text :
       {"", "[]", "{\"attributes\": []}", "{\"attributes\": {\"a\": []}}", "{\"x\": 1}", "{} {}", "{\"keep\": 0}",
        "{\"attributes\": {\"a\": [{\"value\": null, \"source\": \"s\", \"last_seen\": \"2026-01-01\"}]}}",
        "{\"attributes\": {\"a\": [{\"value\": 1, \"source\": \"s\", \"last_seen\": \"2026-02-30\"}]}}",
        "{\"attributes\": {\"a\": [{\"value\": 1, \"last_seen\": \"2026-01-01\"}]}}",
        "{\"attributes\": {\"a\": [{\"value\": 1, \"source\": \"s\", \"last_seen\": \"2026-01-01\", \"times\": 0}]}}",
        "{\"attributes\": {\"a\": [{\"value\": \"\\u0000\", \"source\": \"s\", \"last_seen\": \"2026-01-01\"}]}}",
        "{\"attributes\": {\"a\": {\"observations\": 1, \"recent\": []}}}", "{\"a\xff\": 1}"})
    EXPECT_EQ(code_of([&] { from_text(text); }), Code::invalid_text) << text;
  EXPECT_EQ(code_of([&] { from_text("{\"attributes\": " + std::string(5000, '[')); }), Code::too_complex);
}

TEST(Profile, ASourceMayStandInAnExtremeAlone) {
  const std::string point = R"({"value": 1, "source": "nowhere else", "at": "2026-01-01T00:00:00Z"})";
  const Bytes profile = from_text(
      R"({"attributes": {"a": {"observations": 20, "recent": [{"value": 2, "source": "s", "last_seen": "2026-01-02"}], )"
      R"("least": )" +
      point + R"(, "greatest": )" + point + R"(, "longest": )" + point + "}}}");
  EXPECT_NE(text_of(profile).find(R"("least": {"value": 1, "source": "nowhere else")"), std::string::npos);
  EXPECT_EQ(from_text(text_of(profile)), profile);
  EXPECT_EQ(from_binary(to_binary(profile)), profile);
}

TEST(Profile, NumbersOfAnySizeRoundTrip) {
  for (const char* const number : {"1e131071", "-1e-16383", "1e400", "123456789012345678901234567890.5", "0", "-0.0"}) {
    const Bytes profile = profile_of(
        std::vector<Observation>{{"n", number, "s", 1}, {"m", std::string("[") + number + ",\"1\"]", "s", 1}});
    EXPECT_EQ(from_text(text_of(profile)), profile) << number;
  }
  for (const char* const json :
       {"01", "-", "1.", ".5", "+1", "1e", "{1: 2}", "[1 2]", "1a", "--1", "\"a", "[1,]", "1 1"}) {
    Buffer out;
    EXPECT_EQ(code_of([&] { parse_json(json, "json", out, kHeap); }), Code::invalid_text) << json;
  }
}

}  // namespace
}  // namespace cdp::core::test
