// Connected components, and the stored form of a partition, against a naive oracle.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/bytes/error.hpp"
#include "core/identity/components.hpp"
#include "core/identity/components_value.hpp"

using namespace cdp::core;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Labels = std::map<std::string, std::string>;

std::pmr::memory_resource* heap() { return std::pmr::new_delete_resource(); }
std::string to_string(ByteSpan bytes) { return std::string(as_text(bytes)); }
std::string to_string(const Buffer& buffer) { return to_string(buffer.span()); }

// Spreads the lesser label until nothing changes.
Labels naive(const Pairs& pairs) {
  Labels labels;
  for (const auto& [a, b] : pairs) labels[a] = a, labels[b] = b;
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [a, b] : pairs) {
      const std::string least = std::min(labels[a], labels[b]);
      changed = changed || labels[a] != least || labels[b] != least;
      labels[a] = labels[b] = least;
    }
  }
  return labels;
}

Labels walk(Components& components) {
  components.finish();
  Labels labels;
  Components::Cursor cursor;
  ComponentMember members[Components::kCursorBatch];
  while (const std::size_t count = components.next(cursor, members))
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_TRUE(labels.emplace(to_string(members[i].identifier), to_string(members[i].component)).second);
  return labels;
}

Labels united(const Pairs& pairs, const ComponentsOptions& options = {}) {
  Components components(heap(), options);
  for (const auto& [a, b] : pairs) components.link(as_bytes(a), as_bytes(b));
  return walk(components);
}

std::string canonical(const Pairs& pairs) {
  Components components(heap());
  for (const auto& [a, b] : pairs) components.link(as_bytes(a), as_bytes(b));
  Buffer out;
  write_components(components, out);
  return to_string(out);
}

// The aggregate's way: a log that grows, brought into canonical form at the end.
std::string logged(const Pairs& pairs) {
  Buffer log;
  grow_log({}, 0, log, heap(), {});
  for (const auto& [a, b] : pairs) {
    const ByteSpan of_a = as_bytes(a), of_b = as_bytes(b);
    if (append_pair({log.data(), log.size()}, of_a, of_b)) continue;
    Buffer grown;
    grow_log(log.span(), pair_bytes(of_a, of_b), grown, heap(), {});
    EXPECT_TRUE(append_pair({grown.data(), grown.size()}, of_a, of_b));
    log.clear();
    log.append(grown.span());
  }
  Buffer out;
  return to_string(canonical_components(log.span(), out, heap(), {}));
}

std::string text_of_value(const std::string& value) {
  Buffer out;
  components_to_text(as_bytes(value), out, heap(), {});
  return to_string(out);
}

std::string value_of_text(std::string_view text) {
  Buffer out;
  components_from_text(text, out, heap(), {});
  return to_string(out);
}

std::string wire_of_value(const std::string& value) {
  Buffer out;
  components_to_wire(as_bytes(value), out, heap());
  return to_string(out);
}

std::string value_of_wire(std::string_view wire) {
  Buffer out;
  components_from_wire(as_bytes(wire), out, heap(), {});
  return to_string(out);
}

template <typename Body>
void expect_error(Code code, Body&& body) {
  try {
    body();
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_FALSE(error.detail().empty());
  }
}

// Keys of all lengths around the arena's unit, with common prefixes, NUL bytes and the empty one.
std::string random_key(std::mt19937& random, unsigned universe) {
  const unsigned number = static_cast<unsigned>(random() % universe);
  if (number == 0) return "";
  std::string key = std::string(number % 5 == 0 ? "e-mail:" : "") + std::to_string(number);
  if (number % 7 == 0) key.append(number % 40, static_cast<char>(number % 3 == 0 ? 0 : 'x'));
  return key;
}

Pairs random_pairs(std::mt19937& random, unsigned universe, unsigned count) {
  Pairs pairs;
  for (unsigned i = 0; i < count; ++i) {
    std::string a = random_key(random, universe);
    pairs.emplace_back(a, random() % 8 == 0 ? a : random_key(random, universe));
  }
  return pairs;
}

}  // namespace

TEST(Components, Nothing) {
  EXPECT_TRUE(united({}).empty());
  EXPECT_EQ(text_of_value(canonical({})), "[]");
}

TEST(Components, LabelIsTheLeastIdentifier) {
  const Labels labels = united({{"c", "b"}, {"d", "c"}, {"x", "x"}, {"b", "a"}, {"ab", "a\xff"}});
  EXPECT_EQ(labels,
            (Labels{{"a", "a"}, {"b", "a"}, {"c", "a"}, {"d", "a"}, {"x", "x"}, {"ab", "ab"}, {"a\xff", "ab"}}));
}

TEST(Components, AgreesWithTheOracleWhateverTheOrder) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const unsigned universe = 1 + random() % 400;
    Pairs pairs = random_pairs(random, universe, random() % 900);
    const Labels expected = naive(pairs);
    const std::string value = canonical(pairs);
    for (int order = 0; order < 3; ++order) {
      ComponentsOptions options;
      options.seed = random();
      ASSERT_EQ(united(pairs, options), expected);
      ASSERT_EQ(canonical(pairs), value);
      ASSERT_EQ(logged(pairs), value);
      std::shuffle(pairs.begin(), pairs.end(), random);
      for (auto& [a, b] : pairs)
        if (random() % 2 == 0) std::swap(a, b);
    }
  }
}

TEST(Components, ManyAndLong) {
  std::mt19937 random(2);
  Pairs pairs;
  std::size_t components = 0;
  for (int i = 0; i < 60000; ++i) {
    if (i % 3 == 0) ++components;
    pairs.emplace_back("person-" + std::to_string(i / 3), "device-with-a-longer-name-" + std::to_string(i));
  }
  pairs.emplace_back(std::string(3 << 20, 'x'), std::string(40 << 10, 'y'));
  pairs.emplace_back("person-0", std::string(3 << 20, 'x'));
  std::shuffle(pairs.begin(), pairs.end(), random);
  Components all(heap());
  for (const auto& [a, b] : pairs) all.link(as_bytes(a), as_bytes(b));
  const Labels labels = walk(all);
  EXPECT_EQ(labels.size(), 80002u);
  EXPECT_EQ(all.identifiers(), 80002u);
  EXPECT_EQ(all.components(), components);
  EXPECT_EQ(labels.at(std::string(40 << 10, 'y')), "device-with-a-longer-name-0");
  EXPECT_EQ(logged(pairs), canonical(pairs));
}

TEST(Components, LongChainInEveryOrder) {
  std::mt19937 random(3);
  Pairs chain;
  for (int i = 0; i < 20000; ++i) chain.emplace_back(std::to_string(100000 + i), std::to_string(100001 + i));
  for (int order = 0; order < 3; ++order) {
    for (const auto& [identifier, label] : united(chain)) ASSERT_EQ(label, "100000") << identifier;
    if (order == 0) std::reverse(chain.begin(), chain.end());
    if (order == 1) std::shuffle(chain.begin(), chain.end(), random);
  }
}

TEST(Components, BudgetBoundsMemory) {
  for (const std::size_t budget : {std::size_t{0}, std::size_t{1000}, std::size_t{1} << 20, std::size_t{3} << 20}) {
    ComponentsOptions options;
    options.budget = budget;
    options.hint = "Do something.";
    Components components(heap(), options);
    expect_error(Code::out_of_memory, [&] {
      for (int i = 0;; ++i) {
        const std::string key = "identifier-" + std::to_string(i);
        components.add(as_bytes(key));
        ASSERT_LE(components.memory(), budget);
      }
    });
    if (budget >= std::size_t{1} << 20) {
      EXPECT_GT(components.identifiers(), budget / 100);
    }
  }
}

TEST(Components, Polls) {
  static volatile std::sig_atomic_t pending = 1;
  ComponentsOptions options;
  options.poll = Poll(&pending, [] { throw Error(Code::bug, "cancelled", "by the test"); });
  Components components(heap(), options);
  expect_error(Code::bug, [&] {
    for (int i = 0; i < 1000; ++i) components.add(as_bytes(std::to_string(i)));
  });
}

TEST(ComponentsValue, TextForm) {
  EXPECT_EQ(text_of_value(canonical({{"b", "a"}, {"d", "c"}, {"x", "x"}, {"z", "d"}, {"q\"\\\x01", "q\"\\\x01"}})),
            R"([["a","b"],["c","d","z"],["q\"\\\u0001"],["x"]])");
  EXPECT_EQ(text_of_value(value_of_text(R"( [ ["z","\u00e9"] , ["a"],["a","z"], ["\ud83d\ude00"] ] )")),
            "[[\"a\",\"z\",\"\xc3\xa9\"],[\"\xf0\x9f\x98\x80\"]]");
  EXPECT_EQ(value_of_text("[]"), canonical({}));
  EXPECT_EQ(value_of_text(R"([["a","b"]])"), canonical({{"b", "a"}}));
}

TEST(ComponentsValue, RoundTrips) {
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    Pairs pairs = random_pairs(random, 1 + random() % 200, random() % 300);
    for (auto& [a, b] : pairs) {
      std::replace(a.begin(), a.end(), '\0', '\x01');
      std::replace(b.begin(), b.end(), '\0', '\x01');
    }
    const std::string value = canonical(pairs);
    ASSERT_EQ(value_of_text(text_of_value(value)), value);
    ASSERT_EQ(value_of_wire(wire_of_value(value)), value);
    const Labels expected = naive(pairs);
    const DecodedComponents decoded(as_bytes(value), heap());
    std::set<std::string> labels;
    Labels found;
    for (std::size_t i = 0; i < decoded.identifiers.size(); ++i) {
      const std::string label = to_string(decoded.identifiers[decoded.least[i]]);
      found[to_string(decoded.identifiers[i])] = label;
      labels.insert(label);
    }
    ASSERT_EQ(found, expected);
    ASSERT_EQ(count_identifiers(as_bytes(value)), expected.size());
    ASSERT_EQ(count_components(as_bytes(value)), labels.size());
  }
}

TEST(ComponentsValue, PartsCombineToTheWhole) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const Pairs pairs = random_pairs(random, 1 + random() % 300, random() % 400);
    Buffer log;
    grow_log({}, 0, log, heap(), {});
    for (std::size_t from = 0; from < pairs.size();) {
      const std::size_t to = std::min<std::size_t>(pairs.size(), from + 1 + random() % 60);
      const Pairs part(pairs.begin() + from, pairs.begin() + to);
      const std::string value = canonical(part);
      Buffer scratch;
      const ByteSpan records = records_of(as_bytes(value), scratch, heap());
      if (!append_records({log.data(), log.size()}, records)) {
        Buffer grown;
        grow_log(log.span(), records.size(), grown, heap(), {});
        ASSERT_TRUE(append_records({grown.data(), grown.size()}, records));
        log.clear();
        log.append(grown.span());
      }
      from = to;
    }
    Buffer out;
    ASSERT_EQ(to_string(canonical_components(log.span(), out, heap(), {})), canonical(pairs));
  }
}

TEST(ComponentsValue, RepetitionIsCompacted) {
  Pairs pairs;
  for (int i = 0; i < 200000; ++i)
    pairs.emplace_back("user-" + std::to_string(i % 100), "device-" + std::to_string(i % 300));
  Buffer log;
  grow_log({}, 0, log, heap(), {});
  for (const auto& [a, b] : pairs) {
    if (append_pair({log.data(), log.size()}, as_bytes(a), as_bytes(b))) continue;
    Buffer grown;
    grow_log(log.span(), pair_bytes(as_bytes(a), as_bytes(b)), grown, heap(), {});
    ASSERT_TRUE(append_pair({grown.data(), grown.size()}, as_bytes(a), as_bytes(b)));
    log.clear();
    log.append(grown.span());
  }
  EXPECT_LT(log.size(), 64u * 1024);
}

TEST(ComponentsValue, RefusesMalformedText) {
  for (const char* const text : {"",
                                 " ",
                                 "1",
                                 "{}",
                                 "\"a\"",
                                 "null",
                                 "[",
                                 "[[",
                                 "[[\"a\"",
                                 "[[\"a\"]",
                                 "[[\"a\"]]]",
                                 "[[\"a\"],]",
                                 "[[\"a\",]]",
                                 "[[]]",
                                 "[\"a\"]",
                                 "[[1]]",
                                 "[[null]]",
                                 "[[[\"a\"]]]",
                                 "[[{\"a\":1}]]",
                                 "[[\"\\u0000\"]]",
                                 "[[\"\\ud800\"]]",
                                 "[[\"\xff\"]]",
                                 "[[\"a\nb\"]]",
                                 "[[\"a\"]] x"})
    expect_error(Code::invalid_text, [&] { value_of_text(text); });
  expect_error(Code::invalid_text, [] { value_of_text(std::string_view("[[\"a\"]]\0[", 9)); });
  expect_error(Code::invalid_text, [] { value_of_text(std::string(1 << 20, '[')); });
}

TEST(ComponentsValue, RefusesMalformedBinary) {
  const std::string wire = wire_of_value(canonical({{"a", "b"}, {"c", "d"}, {"e", "a"}}));
  for (std::size_t length = 0; length < wire.size(); ++length)
    expect_error(Code::invalid_binary, [&] { value_of_wire(wire.substr(0, length)); });
  expect_error(Code::invalid_binary, [&] { value_of_wire(wire + "x"); });
  const auto be = [](std::uint32_t n) {
    std::string bytes(4, '\0');
    store_be(reinterpret_cast<std::byte*>(bytes.data()), n);
    return bytes;
  };
  const auto entry = [&](const std::string& bytes, std::uint32_t least) {
    return be(static_cast<std::uint32_t>(bytes.size())) + bytes + be(least);
  };
  const std::string head(1, '\1');
  EXPECT_EQ(value_of_wire(head + be(2) + entry("a", 0) + entry("b", 0)), canonical({{"a", "b"}}));
  for (const std::string& bad :
       {std::string(1, '\2') + be(0), head + be(0xFFFFFFFF), head + be(2) + entry("b", 0) + entry("a", 1),
        head + be(2) + entry("a", 0) + entry("a", 1), head + be(1) + entry("a", 1),
        head + be(3) + entry("a", 0) + entry("b", 0) + entry("c", 1), head + be(1) + be(0xFFFFFFFF) + "a" + be(0),
        head + be(1) + entry(std::string(1, '\0'), 0), head + be(1) + entry("\xff", 0)})
    expect_error(Code::invalid_binary, [&] { value_of_wire(bad); });
}

TEST(ComponentsValue, SurvivesRandomBytes) {
  std::mt19937 random(6);
  const std::string wire = wire_of_value(canonical(random_pairs(random, 40, 60)));
  const std::string text = text_of_value(canonical({{"a", "b"}, {"c", "d\""}, {"e", "a"}}));
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = round % 2 == 0 ? wire : text;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    try {
      const std::string value = round % 2 == 0 ? value_of_wire(bytes) : value_of_text(bytes);
      ASSERT_EQ(value_of_wire(wire_of_value(value)), value);
    } catch (const Error& error) {
      ASSERT_TRUE(error.code() == Code::invalid_binary || error.code() == Code::invalid_text) << error.what();
    }
  }
}

TEST(ComponentsValue, ChecksItsHeader) {
  const std::string value = canonical({{"a", "b"}});
  EXPECT_NO_THROW(check_components(as_bytes(value)));
  expect_error(Code::corrupted, [&] { check_components(as_bytes(value.substr(0, 11))); });
  for (const std::size_t at : {0u, 2u, 3u, 7u, 8u, 11u}) {
    std::string changed = value;
    changed[at] = 0x7F;
    expect_error(Code::corrupted, [&] { check_components(as_bytes(changed)); });
  }
  std::string newer = value;
  newer[1] = 2;
  expect_error(Code::not_supported, [&] { check_components(as_bytes(newer)); });
}
