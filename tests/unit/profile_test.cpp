// The laws of profile.md: what a profile keeps is a function of the multiset of observations.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory_resource>
#include <random>
#include <set>

#include "core/profile/builder.hpp"
#include "core/profile/codec.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/digest.hpp"
#include "core/profile/format.hpp"
#include "core/profile/json.hpp"
#include "core/profile/log.hpp"
#include "core/profile/timestamp.hpp"

namespace cdp::core {
namespace {

std::pmr::memory_resource* const kHeap = std::pmr::new_delete_resource();

struct Observation {
  std::string attribute, value, source;  // value: JSON, or "" for erased
  std::int64_t time;
};

using Bytes = std::string;

Bytes bytes_of(const Buffer& buffer) { return Bytes(as_text(buffer.span())); }

ProfileView view(const Bytes& profile) { return ProfileView(as_bytes(profile)); }

Bytes profile_of(std::span<const Observation> observations) {
  ProfileBuilder builder(kHeap);
  for (const Observation& o : observations) {
    Value value{Type::erased, {}};
    Buffer scratch;
    if (!o.value.empty()) value = parse_json(o.value, "json", scratch, kHeap);
    value.bytes = builder.copy(value.bytes);
    builder.add_observation(o.attribute, value, o.source, o.time);
  }
  Buffer out;
  builder.write(out);
  return bytes_of(out);
}

Bytes merge(const Bytes& a, const Bytes& b) {
  ProfileBuilder builder(kHeap);
  builder.add_profile(view(a));
  builder.add_profile(view(b));
  Buffer out;
  builder.write(out);
  return bytes_of(out);
}

std::string text_of(const Bytes& profile) {
  Buffer out;
  print_profile(view(profile), out);
  return bytes_of(out);
}

Bytes from_text(std::string_view text) {
  ProfileBuilder builder(kHeap);
  Buffer scratch, out;
  parse_profile(text, builder, scratch, kHeap);
  builder.write(out);
  return bytes_of(out);
}

Bytes to_binary(const Bytes& profile) {
  Buffer out;
  write_binary_profile(view(profile), out);
  return bytes_of(out);
}

Bytes from_binary(std::string_view bytes) {
  ProfileBuilder builder(kHeap);
  Buffer out;
  read_binary_profile(as_bytes(bytes), builder);
  builder.write(out);
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

std::vector<Observation> random_observations(std::mt19937_64& random, std::size_t count) {
  static const char* const kValues[] = {"\"TR\"",
                                        "\"RS\"",
                                        "1",
                                        "1.50",
                                        "-3e2",
                                        "true",
                                        "{\"b\":1,\"a\":[null,2]}",
                                        "[1,\"x\"]",
                                        "\"\"",
                                        "0",
                                        "",
                                        "\"İstanbul\"",
                                        "\"a much longer string than the others\""};
  std::vector<Observation> observations;
  for (std::size_t i = 0; i < count; ++i) {
    observations.push_back({std::string("a") + std::to_string(random() % 3), kValues[random() % std::size(kValues)],
                            std::string("s") + std::to_string(random() % 4),
                            static_cast<std::int64_t>(random() % 20) * 1'000'000 - 5'000'000});
  }
  return observations;
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

template <typename ValueOf>
void append_coded(std::byte* log, log::Words& words, const std::string& source, std::int64_t time,
                  const std::vector<Observation>& row, ValueOf&& value_of) {
  Buffer item, value;
  std::uint32_t greatest = words.number(source, 0);
  std::byte* const start = item.extend(1 << 12);
  std::byte* to = log::begin_coded(start, time, greatest);
  for (const Observation& o : row) {
    const std::uint32_t number = words.number(o.attribute, 0);
    ASSERT_NE(number, log::Words::kNone);
    greatest = std::max(greatest, number);
    *to++ = static_cast<std::byte>(number);
    value.clear();
    append_value(value, value_of(o));
    std::copy(value.data(), value.data() + value.size(), to);
    to += value.size();
  }
  log::end_coded(start, to);
  if (!words.agrees(log::last_words({log, log::used({log, log::kHeader})}), greatest))
    log::append(log, log::Item::words, words.table());
  log::append_row(log, {start, to});
}

TEST(Profile, LogsFollowEachOther) {
  const auto none = [](const Observation&) { return Value{Type::erased, {}}; };
  std::string left(1 << 12, '\0'), right(1 << 12, '\0');
  auto* const log = reinterpret_cast<std::byte*>(left.data());
  auto* const more = reinterpret_cast<std::byte*>(right.data());
  log::Words here(kHeap), there(kHeap);
  log::begin(log);
  log::begin(more);
  const std::vector<Observation> all{{"a", "", "s", 1}, {"b", "", "t", 2}, {"b", "", "s", 3}, {"a", "", "t", 4}};
  append_coded(log, here, "s", 1, {all[0]}, none);
  append_coded(more, there, "t", 2, {all[1]}, none);
  log::append_log(log, as_bytes(right));
  EXPECT_FALSE(here.agrees(log::last_words(as_bytes(left)), 0));
  EXPECT_TRUE(there.agrees(log::last_words(as_bytes(left)), 1));
  append_coded(log, there, "s", 3, {all[2]}, none);
  append_coded(log, here, "t", 4, {all[3]}, none);
  log::Digest digest(kHeap);
  ProfileBuilder builder(kHeap);
  Buffer short_way, out;
  ASSERT_TRUE(digest.write(as_bytes(left), short_way));
  log::replay(as_bytes(left), builder);
  builder.write(out);
  EXPECT_EQ(bytes_of(out), profile_of(all));
  EXPECT_EQ(bytes_of(short_way), profile_of(all));
}

TEST(Profile, WordsEnd) {
  log::Words words(kHeap);
  const std::string longest(log::kMostWordBytes, 'x');
  EXPECT_EQ(words.number(longest, 0), log::Words::kNone);
  for (std::uint32_t i = 0; i < log::kMostWords; ++i) EXPECT_EQ(words.number(std::to_string(i), 0), i);
  EXPECT_EQ(words.number("another", 0), log::Words::kNone);
  EXPECT_EQ(words.number("7", 0), 7U);
}

TEST(Profile, LogReplaysToTheSameProfile) {
  std::mt19937_64 random(6);
  log::Digest digest(kHeap);
  std::deque<log::Words> words;
  for (int i = 0; i < 12; ++i) words.emplace_back(kHeap);
  int digested = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string payload(1 << 16, '\0');
    auto* const log = reinterpret_cast<std::byte*>(payload.data());
    log::begin(log);
    std::vector<Observation> all;
    for (std::size_t rows = random() % 20; rows > 0; --rows) {
      auto row = random_observations(random, random() % 4);
      if (random() % 8 == 0) {
        log::append(log, log::Item::profile, as_bytes(profile_of(row)));
      } else {
        // Mostly each attribute once in a row, as in JSON.
        for (std::size_t i = 0; i < row.size(); ++i) {
          row[i].source = row[0].source;
          row[i].time = row[0].time;
          if (random() % 16 != 0) row[i].attribute = "a" + std::to_string(i);
        }
        Buffer item, scratch;
        const std::string source = row.empty() ? "s0" : row[0].source;
        const std::int64_t time = row.empty() ? 0 : row[0].time;
        const auto value_of = [&](const Observation& o) {
          scratch.clear();
          return o.value.empty() ? Value{Type::erased, {}} : parse_json(o.value, "json", scratch, kHeap);
        };
        if (random() % 8 == 0) {
          log::begin_row(item, source, time);
          for (const Observation& o : row) {
            log::append_name(item, o.attribute);
            append_value(item, value_of(o));
          }
          log::append(log, log::Item::row, item.span());
        } else {
          append_coded(log, words[random() % words.size()], source, time, row, value_of);
        }
      }
      all.insert(all.end(), row.begin(), row.end());
    }
    const Bytes expected = profile_of(all);
    ProfileBuilder builder(kHeap);
    log::replay(as_bytes(payload), builder);
    Buffer out, short_way;
    builder.write(out);
    ASSERT_EQ(bytes_of(out), expected);
    if (!digest.write(as_bytes(payload), short_way)) continue;
    ++digested;
    ASSERT_EQ(bytes_of(short_way), expected) << text_of(expected);
  }
  EXPECT_GT(digested, 500);
}

}  // namespace
}  // namespace cdp::core
