// The state of the aggregates: however rows came into a log, it is the profile of their observations.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "core/profile/digest.hpp"
#include "core/profile/log.hpp"
#include "profile_observations.hpp"
#include "scarce.hpp"

namespace cdp::core::test {
namespace {

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

TEST(ProfileLog, FollowsAnother) {
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

TEST(ProfileLog, WordsEnd) {
  log::Words words(kHeap);
  const std::string longest(log::kMostWordBytes, 'x');
  EXPECT_EQ(words.number(longest, 0), log::Words::kNone);
  for (std::uint32_t i = 0; i < log::kMostWords; ++i) EXPECT_EQ(words.number(std::to_string(i), 0), i);
  EXPECT_EQ(words.number("another", 0), log::Words::kNone);
  EXPECT_EQ(words.number("7", 0), 7U);
}

// A word is added as a whole or not at all: its number is its place in the table.
TEST(ProfileLog, WordsStayInStepWhereMemoryRunsOut) {
  int refused = 0;
  for (int granted = 1;; ++granted) {
    Scarce memory(granted);
    log::Words words(&memory);
    Buffer table;
    bool enough = true;
    for (std::uint32_t i = 0; i < 40;) {
      const std::string word = "word" + std::to_string(i);
      try {
        ASSERT_EQ(words.number(word, i), i);
        log::append_name(table, word);
        ++i;
      } catch (const std::bad_alloc&) {
        enough = false;
        ++refused;
      }
      ASSERT_EQ(as_text(words.table()), bytes_of(table));
      ASSERT_TRUE(i == 0 || words.agrees(table.span(), i - 1));
    }
    if (enough) break;
  }
  EXPECT_GT(refused, 3);
}

TEST(ProfileLog, ReplaysToTheSameProfile) {
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
}  // namespace cdp::core::test
