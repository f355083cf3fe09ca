// Identifiers, consents and totals: what a section holds is a function of the facts, however they came together.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/profile/consents.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/identifiers.hpp"
#include "core/profile/timestamp.hpp"
#include "core/profile/totals.hpp"
#include "core/profile/view.hpp"

namespace cdp::core {
namespace {

using Bytes = std::string;

std::pmr::memory_resource* const kHeap = std::pmr::new_delete_resource();

template <typename Fact>
Bytes write(facts::Set<Fact>& set) {
  Buffer out;
  set.write(out);
  return Bytes(as_text(out.span()));
}

template <typename Fact>
Bytes section_of(std::span<const Fact> all) {
  facts::Set<Fact> set(kHeap);
  for (const Fact& fact : all) set.add(fact);
  return write(set);
}

template <typename Fact>
Bytes merge(const Bytes& a, const Bytes& b) {
  facts::Set<Fact> set(kHeap);
  set.add_section(as_bytes(a));
  set.add_section(as_bytes(b));
  return write(set);
}

template <typename Fact>
Bytes reread(const Bytes& bytes) {
  facts::Set<Fact> set(kHeap);
  set.read_section(as_bytes(bytes));
  return write(set);
}

template <typename T, std::size_t N>
const T& pick(std::mt19937_64& random, const T (&from)[N]) {
  return from[random() % N];
}

std::int64_t random_time(std::mt19937_64& random) {
  static constexpr std::int64_t kSteps[] = {1, 1'000'000, 86'400'000'000};
  if (random() % 40 == 0) return random() % 2 == 0 ? kInfinity : kMinusInfinity;
  return (static_cast<std::int64_t>(random() % 12) - 4) * kSteps[random() % 16 == 0 ? random() % 3 : 2];
}

constexpr std::string_view kTexts[] = {"email", "device", "phone", "",
                                       "é",     "crm",    "web",   "a longer text than the others are"};

std::vector<Identifier> random_facts(std::mt19937_64& random, std::size_t count, const Identifier*) {
  std::vector<Identifier> all;
  while (count-- > 0) {
    const std::int64_t a = random_time(random), b = random_time(random);
    all.push_back({pick(random, kTexts), pick(random, kTexts), pick(random, kTexts), std::min(a, b), std::max(a, b)});
  }
  return all;
}

std::vector<Consent> random_facts(std::mt19937_64& random, std::size_t count, const Consent*) {
  std::vector<Consent> all;
  while (count-- > 0)
    all.push_back({pick(random, kTexts), pick(random, kTexts), random_time(random), random() % 2 == 0});
  return all;
}

// Stored decimals of ± n / 10^k, and one that takes many bytes.
const std::vector<Bytes>& decimals() {
  static const std::vector<Bytes> all = [] {
    std::vector<Bytes> made;
    for (const char* const text : {"0", "1", "-1", "12.50", "-0.005", "99999999999999999999.99", "-1e30", "1e-30"}) {
      Buffer out;
      append_decimal(out, std::string_view(text));
      made.emplace_back(as_text(out.span()));
    }
    return made;
  }();
  return all;
}

std::vector<Total> random_facts(std::mt19937_64& random, std::size_t count, const Total*) {
  std::vector<Total> all;
  while (count-- > 0) {
    const std::int64_t a = random_time(random), b = random_time(random);
    const std::string_view event = pick(random, kTexts);
    const std::uint64_t events = random() % 50 == 0 ? INT64_MAX : 1 + random() % 300;
    all.push_back({event, {}, events, std::min(a, b), std::max(a, b), {}});
    if (random() % 2 == 0) continue;
    all.push_back(
        {event, pick(random, kTexts), 1 + random() % events, 0, 0, as_bytes(decimals()[random() % decimals().size()])});
  }
  return all;
}

template <typename Fact>
class FactsOf : public testing::Test {
 protected:
  std::vector<Fact> some(std::size_t count) { return random_facts(random_, count, static_cast<const Fact*>(nullptr)); }
  std::mt19937_64 random_{1};
};
using Kinds = testing::Types<Identifier, Consent, Total>;
TYPED_TEST_SUITE(FactsOf, Kinds);

template <typename Fact>
class SourcedFactsOf : public FactsOf<Fact> {};
using SourcedKinds = testing::Types<Identifier, Consent>;
TYPED_TEST_SUITE(SourcedFactsOf, SourcedKinds);

TYPED_TEST(FactsOf, MergeInAnyOrderAndGrouping) {
  using Fact = TypeParam;
  for (int round = 0; round < 1500; ++round) {
    auto all = this->some(this->random_() % 40);
    const Bytes whole = section_of<Fact>(all);
    // What doesn't count is given twice or more, in parts that overlap.
    const std::size_t once = all.size();
    for (std::size_t i = 0; Fact::kIdempotent && i < once; ++i)
      if (this->random_() % 3 == 0) all.push_back(all[i]);
    // A property's total stands with its event's.
    if constexpr (Fact::kIdempotent) std::shuffle(all.begin(), all.end(), this->random_);
    std::vector<Bytes> parts{Bytes()};
    for (std::size_t from = 0; from < all.size();) {
      std::size_t count = std::min<std::size_t>(all.size() - from, this->random_() % 9);
      if constexpr (!Fact::kIdempotent) count += from + count < all.size() && all[from + count].property ? 1 : 0;
      parts.push_back(section_of<Fact>({all.data() + from, count}));
      from += count;
    }
    while (parts.size() > 1) {
      const std::size_t i = this->random_() % (parts.size() - 1);
      std::swap(parts[i], parts[this->random_() % parts.size()]);
      parts[i] = merge<Fact>(parts[i], parts[i + 1]);
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
    ASSERT_EQ(parts[0], whole);
    if (Fact::kIdempotent) {
      ASSERT_EQ(merge<Fact>(whole, whole), whole);
    }
    ASSERT_EQ(merge<Fact>(whole, {}), whole);
    if (whole.empty()) continue;
    ASSERT_EQ(reread<Fact>(whole), whole);
  }
}

TYPED_TEST(SourcedFactsOf, ForgetASource) {
  using Fact = TypeParam;
  for (int round = 0; round < 300; ++round) {
    auto all = this->some(this->random_() % 40);
    const Bytes whole = section_of<Fact>(all);
    facts::Set<Fact> set(kHeap);
    set.add_section(as_bytes(whole));
    set.forget_source("crm");
    std::erase_if(all, [](const Fact& fact) { return fact.source_name == "crm"; });
    ASSERT_EQ(write(set), section_of<Fact>(all));
  }
}

TYPED_TEST(FactsOf, HostileBytesAreRefused) {
  using Fact = TypeParam;
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    const auto all = this->some(1 + this->random_() % 12);
    Bytes bytes = section_of<Fact>(all);
    for (std::size_t changes = 1 + this->random_() % 3; changes > 0; --changes)
      bytes[this->random_() % bytes.size()] = static_cast<char>(this->random_());
    if (this->random_() % 4 == 0) bytes.resize(this->random_() % bytes.size());
    // Every step of trusting code stays inside what passed; ASan sees those that don't.
    try {
      if (const std::string exact(bytes); reread<Fact>(exact) == exact) {
        std::uint64_t met = 0;
        facts::Groups groups(as_bytes(exact));
        while (groups.left() > 0) {
          const facts::Group group = groups.next();
          if constexpr (std::is_same_v<Fact, Identifier>) {
            met += identifier_count(as_bytes(exact), group.name);
            EXPECT_FALSE(has_identifier(as_bytes(exact), group.name, "nobody"));
          } else if constexpr (std::is_same_v<Fact, Consent>) {
            has_consent(as_bytes(exact), group.name, 0);
          }
          ++met;
        }
        EXPECT_GT(met, 0U);
      } else {
        ++refused;  // not canonical
      }
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.code(), Code::invalid_binary) << error.what();
    }
  }
  EXPECT_GT(refused, 10000);
}

TYPED_TEST(SourcedFactsOf, TooManyIsALimit) {
  using Fact = TypeParam;
  std::vector<std::string> names;
  for (int i = 0; i < 65536; ++i) names.push_back("x" + std::to_string(i));
  facts::Set<Fact> set(kHeap);
  const auto one = this->some(1)[0];
  for (std::size_t i = 0; i < 65535; ++i) {
    Fact fact = one;
    fact.source_name = names[i];
    set.add(fact);
  }
  const Bytes most = write(set);
  EXPECT_EQ(reread<Fact>(most), most);
  Fact another = one;
  another.source_name = names[65535];
  try {
    merge<Fact>(most, section_of<Fact>(std::vector{another}));
    ADD_FAILURE() << "one more was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::limit_exceeded);
  }
}

// A section of what no code but a hostile one would write.
template <typename Fact>
void expect_refused(std::vector<Fact> facts) {
  const Bytes bytes = section_of<Fact>(facts);
  try {
    reread<Fact>(bytes);
    ADD_FAILURE() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_binary) << error.what();
  }
}

TEST(Facts, WhatCannotBeIsRefused) {
  expect_refused<Identifier>({{"email", "a", "crm", 5, 3}, {"email", "b", "crm", 3, 5}});
  expect_refused<Identifier>({{"email", "a", "crm", 0, kEndOfTimestamps}});
  expect_refused<Identifier>({{"email", "a", "crm", kLeastTimestamp - 1, 0}});
  const std::string_view bad = "\xff", nul("\0", 1);
  expect_refused<Identifier>({{bad, "a", "crm", 0, 0}});
  expect_refused<Identifier>({{"email", bad, "crm", 0, 0}});
  expect_refused<Identifier>({{"email", "a", nul, 0, 0}});
  expect_refused<Consent>({{bad, "web", 0, true}});
  expect_refused<Consent>({{"ads", nul, 0, true}});
  const Bytes one = decimals()[1], not_one = one + '\0';
  expect_refused<Total>({{"e", {}, 0, 0, 0, {}}});
  expect_refused<Total>({{"e", {}, kMaxTimes + 1, 0, 0, {}}});
  expect_refused<Total>({{"e", {}, 1, 3, 2, {}}, {"f", {}, 1, 2, 3, {}}});
  expect_refused<Total>({{"e", {}, 1, 0, 0, {}}, {"e", "amount", 2, 0, 0, as_bytes(one)}});
  expect_refused<Total>({{"e", {}, 1, 0, 0, {}}, {"e", "amount", 0, 0, 0, as_bytes(one)}});
  expect_refused<Total>({{"e", {}, 1, 0, 0, {}}, {"e", "amount", 1, 0, 0, as_bytes(not_one)}});
  expect_refused<Total>({{"e", {}, 1, 0, 0, {}}, {"e", "amount", 1, 0, 0, {}}});
  expect_refused<Total>({{"e", {}, 1, 0, 0, {}}, {"e", bad, 1, 0, 0, as_bytes(one)}});
}

TEST(Identifiers, KeepWhatAMapKeeps) {
  std::mt19937_64 random(2);
  using Key = std::tuple<std::string, std::string, std::string>;
  for (int round = 0; round < 1000; ++round) {
    const auto all = random_facts(random, random() % 60, static_cast<const Identifier*>(nullptr));
    std::map<Key, std::pair<std::int64_t, std::int64_t>> expected;
    std::map<std::string, std::set<std::string>> values;
    for (const Identifier& each : all) {
      auto [at, fresh] =
          expected.try_emplace({std::string(each.type), std::string(each.value), std::string(each.source_name)},
                               each.first_seen, each.last_seen);
      at->second.first = std::min(at->second.first, each.first_seen);
      at->second.second = std::max(at->second.second, each.last_seen);
      values[std::string(each.type)].insert(std::string(each.value));
    }
    const Bytes section = section_of<Identifier>(all);
    Identifiers set(kHeap);
    set.add_section(as_bytes(section));
    auto next = expected.begin();
    set.for_each([&](const Identifier& each) {
      ASSERT_NE(next, expected.end());
      EXPECT_EQ(Key(each.type, each.value, each.source_name), next->first);
      EXPECT_EQ(each.first_seen, next->second.first);
      EXPECT_EQ(each.last_seen, next->second.second);
      ++next;
    });
    EXPECT_EQ(next, expected.end());
    for (const std::string_view type : kTexts) {
      const auto of = values.find(std::string(type));
      EXPECT_EQ(has_identifier(as_bytes(section), type), of != values.end());
      EXPECT_EQ(identifier_count(as_bytes(section), type), of == values.end() ? 0 : of->second.size());
      for (const std::string_view value : kTexts)
        EXPECT_EQ(has_identifier(as_bytes(section), type, value),
                  of != values.end() && of->second.contains(std::string(value)));
    }
  }
}

// Of each type: so many values, some of them with several sources, in any order.
std::vector<Identifier> many_identifiers(std::mt19937_64& random, const std::vector<std::string>& values) {
  std::vector<Identifier> all;
  for (const std::string_view type : {"device", "email", "phone"}) {
    const std::size_t distinct = pick(random, {kMostOfType - 1, kMostOfType, kMostOfType + 1, 3 * kMostOfType});
    for (std::size_t i = 0; i < distinct; ++i) {
      const std::string& value = values[random() % values.size()];
      for (std::uint64_t sources = 1 + random() % 2; sources > 0; --sources) {
        const std::int64_t a = random_time(random), b = random_time(random);
        all.push_back({type, value, pick(random, kTexts), std::min(a, b), std::max(a, b)});
      }
    }
  }
  std::shuffle(all.begin(), all.end(), random);
  return all;
}

TEST(Identifiers, KeepTheLeastOfEachTypeInAnyOrderAndGrouping) {
  std::mt19937_64 random(7);
  std::vector<std::string> values;
  for (int i = 0; i < 400; ++i)
    values.push_back(std::string(1, static_cast<char>(1 + random() % 127)) + std::to_string(i));
  for (int round = 0; round < 200; ++round) {
    const auto all = many_identifiers(random, values);
    std::map<std::string_view, std::set<std::string_view>> kept;
    for (const Identifier& each : all) kept[each.type].insert(each.value);
    for (auto& [type, of] : kept)
      while (of.size() > kMostOfType) of.erase(std::prev(of.end()));
    std::vector<Identifier> least;
    for (const Identifier& each : all)
      if (kept[each.type].contains(each.value)) least.push_back(each);
    const Bytes whole = section_of<Identifier>(all);
    ASSERT_EQ(whole, section_of<Identifier>(least));
    ASSERT_EQ(reread<Identifier>(whole), whole);
    for (const auto& [type, of] : kept) ASSERT_EQ(identifier_count(as_bytes(whole), type), of.size());
    std::vector<Bytes> parts{Bytes()};
    for (std::size_t from = 0, count; from < all.size(); from += count) {
      count = std::min<std::size_t>(all.size() - from, 1 + random() % 150);
      parts.push_back(section_of<Identifier>({all.data() + from, count}));
    }
    while (parts.size() > 1) {
      std::swap(parts[random() % parts.size()], parts.back());
      const std::size_t i = random() % (parts.size() - 1);
      parts[i] = merge<Identifier>(parts[i], parts.back());
      parts.pop_back();
    }
    ASSERT_EQ(parts[0], whole);
  }
}

// The body of a type begins with how many values it has, and it stands last.
TEST(Identifiers, MoreThanAreKeptOfATypeAreNotCanonical) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i <= kMostOfType; ++i)
    values.push_back({static_cast<char>('!' + i / 60), static_cast<char>('!' + i % 60)});
  std::vector<Identifier> all;
  for (std::size_t i = 0; i < kMostOfType; ++i) all.push_back({"t", values[i], "s", 0, 0});
  Bytes bytes = section_of<Identifier>(all);
  const Bytes one = "\x02" + values[0] + Bytes(3, '\0'), size(1, static_cast<char>(kMostOfType));
  const std::size_t body = bytes.find(size + one), length = kMostOfType * one.size() + 1;
  ASSERT_EQ(body + length, bytes.size());
  EXPECT_EQ(reread<Identifier>(bytes), bytes);
  bytes += "\x02" + values[kMostOfType] + Bytes(3, '\0');
  bytes[body] = static_cast<char>(kMostOfType + 1);
  // Two bytes of varint(length).
  ASSERT_EQ((static_cast<unsigned char>(bytes[body - 2]) & 0x7F) | bytes[body - 1] << 7, static_cast<int>(length));
  bytes[body - 2] = static_cast<char>(((length + one.size()) & 0x7F) | 0x80);
  bytes[body - 1] = static_cast<char>((length + one.size()) >> 7);
  EXPECT_NE(reread<Identifier>(bytes), bytes);
  facts::Set<Identifier> set(kHeap);
  set.read_section(as_bytes(bytes));
  EXPECT_EQ(identifier_count(as_bytes(write(set)), "t"), kMostOfType);
}

TEST(Totals, AddUpExactly) {
  std::mt19937_64 random(4);
  struct Sum {
    std::uint64_t count = 0;
    __int128 cents = 0;
  };
  struct Expected {
    std::uint64_t count = 0;
    std::int64_t first = kInfinity, last = kMinusInfinity;
    std::map<std::string, Sum> sums;
  };
  for (int round = 0; round < 500; ++round) {
    std::map<std::string, Expected> expected;
    Totals set(kHeap);
    std::vector<Bytes> amounts(random() % 40);
    for (Bytes& amount : amounts) {
      const std::string_view event = pick(random, kTexts), property = pick(random, kTexts);
      const std::uint64_t count = 1 + random() % 300, with = 1 + random() % count;
      const std::int64_t time = random_time(random),
                         cents = static_cast<std::int64_t>(random() % 2'000'000) - 1'000'000;
      Expected& of = expected[std::string(event)];
      of.count += count;
      of.first = std::min(of.first, time);
      of.last = std::max(of.last, time);
      of.sums[std::string(property)].count += with;
      of.sums[std::string(property)].cents += cents;
      Buffer decimal;
      append_decimal(decimal, static_cast<__int128>(cents), 2);
      amount = as_text(decimal.span());
      set.add({event, {}, count, time, time, {}});
      set.add({event, property, with, 0, 0, as_bytes(amount)});
    }
    const Bytes section = write(set);
    Totals again(kHeap);
    again.add_section(as_bytes(section));
    std::size_t met = 0;
    again.for_each([&](const Total& each) {
      const Expected& of = expected.at(std::string(each.event));
      ++met;
      if (!each.property) {
        EXPECT_EQ(each.count, of.count);
        EXPECT_EQ(each.first, of.first);
        EXPECT_EQ(each.last, of.last);
        met += of.sums.size() << 32;
        return;
      }
      const Sum& sum = of.sums.at(std::string(*each.property));
      EXPECT_EQ(each.count, sum.count);
      Buffer decimal;
      append_decimal(decimal, sum.cents, 2);
      EXPECT_EQ(as_text(each.sum), as_text(decimal.span()));
    });
    EXPECT_EQ(met & 0xFFFFFFFF, expected.size() + (met >> 32));
  }
}

TEST(Consents, TheLatestEntryDecidesAndAWithdrawalWinsATie) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 1000; ++round) {
    const auto all = random_facts(random, random() % 60, static_cast<const Consent*>(nullptr));
    const Bytes section = section_of<Consent>(all);
    for (const std::string_view purpose : kTexts) {
      for (int probe = 0; probe < 6; ++probe) {
        const std::int64_t as_of = random_time(random);
        std::int64_t latest = kMinusInfinity;
        bool any = false, granted = false;
        for (const Consent& each : all) {
          if (each.purpose != purpose || each.at > as_of) continue;
          if (!any || each.at > latest) {
            any = true;
            latest = each.at;
            granted = each.granted;
          } else if (each.at == latest && !each.granted) {
            granted = false;
          }
        }
        ASSERT_EQ(has_consent(as_bytes(section), purpose, as_of), granted);
      }
    }
  }
}

}  // namespace
}  // namespace cdp::core
