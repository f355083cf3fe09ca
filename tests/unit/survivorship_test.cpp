// Golden values under every rule, against a slow model, and the laws of profiles under policies.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory_resource>
#include <random>
#include <set>

#include "core/profile/builder.hpp"
#include "core/profile/decimal.hpp"
#include "core/profile/evidence.hpp"
#include "core/profile/format.hpp"
#include "core/profile/golden.hpp"
#include "core/profile/json.hpp"
#include "core/profile/without.hpp"
#include "profile_bytes.hpp"
#include "survivorship_model.hpp"

namespace cdp::core::test {
namespace {

Bytes policy_body(std::string_view text) {
  Buffer body;
  parse_policy(text, body, kHeap);
  return bytes_of(body);
}

class Maker {
 public:
  Bytes profile(std::span<const Observation> observations, const Bytes& policy, std::uint8_t keep = 16) {
    builder_.clear();
    builder_.limit_keep(keep);
    builder_.sections().add_policy(as_bytes(policy));
    for (const Observation& o : observations) builder_.add_observation(o.attribute, o.value(), o.source, o.time);
    return written();
  }
  Bytes merged(const Bytes& a, const Bytes& b) {
    builder_.clear();
    builder_.add_profile(view(a));
    builder_.add_profile(view(b));
    return written();
  }
  Bytes with_policy(const Bytes& profile, const Bytes& policy) {
    builder_.clear();
    builder_.add_profile(view(profile));
    builder_.sections().replace_policy(as_bytes(policy));
    return written();
  }
  Bytes without(const Bytes& profile, std::optional<std::string_view> source,
                std::optional<std::string_view> attribute = {}) {
    builder_.clear();
    add_without(view(profile), source, attribute, builder_, kHeap);
    return written();
  }
  Bytes from_text(std::string_view text) {
    builder_.clear();
    Buffer scratch;
    parse_profile(text, builder_, scratch, kHeap);
    return written();
  }
  Bytes from_binary(std::string_view bytes) {
    builder_.clear();
    read_binary_profile(as_bytes(bytes), builder_);
    return written();
  }

 private:
  Bytes written() {
    out_.clear();
    builder_.write(out_);
    return bytes_of(out_);
  }

  ProfileBuilder builder_{kHeap};
  Buffer out_;
};

std::vector<std::pair<Type, Bytes>> some_values() {
  std::vector<std::pair<Type, Bytes>> values{{Type::erased, ""}};
  for (const char* const json :
       {"\"TR\"", "\"RS\"", "1", "1.5", "-300", "0", "true", "100000000000000000000", "0.001", "-0.999", "\"\"",
        "\"İstanbul\"", "[1, \"x\"]", "[]", "[null, \"TR\"]", "{\"b\": 1}"}) {
    Buffer scratch;
    const Value value = parse_json(json, "json", scratch, kHeap);
    values.emplace_back(value.type, Bytes(as_text(value.bytes)));
  }
  Buffer instant;
  append_timestamp_payload(instant, 700'000'000'000'000);
  values.emplace_back(Type::timestamp, bytes_of(instant));
  return values;
}

std::vector<Observation> random_observations(std::mt19937_64& random, std::size_t count) {
  static const auto kValues = some_values();
  const std::size_t numbers = random() % 2;  // half of them of numbers mostly
  std::vector<Observation> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [type, payload] =
        kValues[numbers != 0 && random() % 8 != 0 ? 3 + random() % 4 : random() % kValues.size()];
    all.push_back({"a" + std::to_string(random() % 2), type, payload, "s" + std::to_string(random() % 4),
                   static_cast<std::int64_t>(random() % 12) * 1'000'000});
  }
  return all;
}

const char* const kRules[] = {"recent",  "first",    "priority(s2, s0)", "priority(s9, s3, s1)", "sum", "max", "min",
                              "longest", "frequent", "collect"};

std::string random_policy(std::mt19937_64& random) {
  std::string text = std::string("default ") + kRules[random() % std::size(kRules)];
  if (random() % 2 == 0) text += std::string("; a1 ") + kRules[random() % std::size(kRules)];
  if (random() % 4 == 0) text = "declared 2026-01-0" + std::to_string(1 + random() % 9) + "; " + text;
  return text;
}

Bytes regrouped(Maker& maker, std::vector<Observation> observations, const Bytes& policy, std::uint8_t keep,
                std::mt19937_64& random) {
  std::shuffle(observations.begin(), observations.end(), random);
  std::vector<Bytes> parts;
  for (std::size_t from = 0; from < observations.size();) {
    const std::size_t count = std::min(observations.size() - from, 1 + static_cast<std::size_t>(random() % 9));
    parts.push_back(maker.profile({observations.data() + from, count}, policy, keep));
    from += count;
  }
  while (parts.size() > 1) {
    const std::size_t i = random() % (parts.size() - 1);
    std::swap(parts[i], parts[random() % parts.size()]);
    parts[i] = maker.merged(parts[i], parts[i + 1]);
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return parts[0];
}

// --- The model: raw observations, sorted and searched.

void expect_golden(const Bytes& profile, const std::string& attribute, const Expected& wanted,
                   const std::string& rule) {
  const auto found = view(profile).find(attribute);
  ASSERT_TRUE(found.has_value());
  Buffer got, want;
  print_json(found->golden(), got);
  print_json({wanted.type, as_bytes(wanted.payload)}, want);
  ASSERT_EQ(bytes_of(got), bytes_of(want)) << rule << " of " << attribute << " in " << text_of(profile);
  ASSERT_EQ(found->golden().type, wanted.type) << rule;
}

TEST(Survivorship, GoldenValuesAreThoseOfTheModel) {
  std::mt19937_64 random(11);
  Maker maker;
  for (int round = 0; round < 6000; ++round) {
    const std::string rule = kRules[static_cast<std::size_t>(round) % std::size(kRules)];
    const std::uint8_t keep = random() % 2 == 0 ? 3 : 16;
    const auto observations = random_observations(random, 1 + random() % 40);
    const Bytes profile = maker.profile(observations, policy_body("default " + rule), keep);
    std::map<std::string, Sighted> attributes;
    for (const Observation& o : observations) attributes[o.attribute].push_back(o);
    for (const auto& [name, all] : attributes) expect_golden(profile, name, model(rule, all, keep), rule);
    if (HasFatalFailure()) return;
  }
}

TEST(Survivorship, ProfilesUnderAPolicyAreFunctionsOfTheObservations) {
  std::mt19937_64 random(12);
  Maker maker;
  int regroupings = 0;
  for (int round = 0; round < 20000; ++round) {
    const Bytes policy = policy_body(random_policy(random));
    const std::uint8_t keep = round % 3 == 0 ? 16 : static_cast<std::uint8_t>(1 + random() % 4);
    const auto observations = random_observations(random, 1 + random() % (round % 50 == 0 ? 80 : 10));
    const Bytes whole = maker.profile(observations, policy, keep);
    for (int again = 0; again < 10; ++again, ++regroupings)
      ASSERT_EQ(regrouped(maker, observations, policy, keep, random), whole) << text_of(whole);
  }
  EXPECT_GE(regroupings, 200'000);
}

TEST(Survivorship, OfDifferentPoliciesTheGreaterOneChooses) {
  std::mt19937_64 random(13);
  Maker maker;
  for (int round = 0; round < 2000; ++round) {
    const auto observations = random_observations(random, 2 + random() % 20);
    const std::size_t half = 1 + random() % (observations.size() - 1);
    const Bytes p = policy_body(random_policy(random)), q = policy_body(random_policy(random));
    const Bytes greater = compare_policies(as_bytes(p), as_bytes(q), kHeap) > 0 ? p : q;
    const std::span<const Observation> all(observations);
    const Bytes merged = maker.merged(maker.profile(all.first(half), p), maker.profile(all.subspan(half), q));
    ASSERT_EQ(merged, maker.profile(all, greater));
  }
}

TEST(Survivorship, WithPolicyChoosesAgain) {
  std::mt19937_64 random(14);
  Maker maker;
  for (int round = 0; round < 3000; ++round) {
    const auto observations = random_observations(random, 1 + random() % 30);
    const Bytes p = policy_body(random_policy(random)), q = policy_body(random_policy(random));
    const std::uint8_t keep = random() % 2 == 0 ? 2 : 16;
    ASSERT_EQ(maker.with_policy(maker.profile(observations, p, keep), q), maker.profile(observations, q, keep));
  }
}

TEST(Survivorship, WithoutASourceNothingOfItIsLeft) {
  std::mt19937_64 random(15);
  Maker maker;
  for (int round = 0; round < 4000; ++round) {
    const std::string rule = kRules[static_cast<std::size_t>(round) % std::size(kRules)];
    const Bytes policy = policy_body("default " + rule);
    const std::uint8_t keep = random() % 2 == 0 ? 3 : 16;
    const auto observations = random_observations(random, 1 + random() % 25);
    std::vector<Observation> rest;
    std::copy_if(observations.begin(), observations.end(), std::back_inserter(rest),
                 [](const Observation& o) { return o.source != "s1"; });
    const Bytes whole = maker.profile(observations, policy, keep), left = maker.without(whole, "s1");
    const Bytes wanted = maker.profile(rest, policy, keep);
    ASSERT_EQ(text_of(left).find("\"s1\""), std::string::npos);
    ASSERT_EQ(maker.from_text(text_of(left)), left);
    ASSERT_EQ(maker.from_binary(to_binary(left)), left);
    ASSERT_EQ(view(left).size(), view(wanted).size());
    const bool any_overflow = text_of(whole).find("\"observations\"") != std::string::npos;
    if (!any_overflow) {
      ASSERT_EQ(left, wanted);
    }
    for (std::uint32_t i = 0; i < view(wanted).size(); ++i) {
      const Attribute attribute = view(wanted).attribute(i), remaining = *view(left).find(attribute.name());
      if (rule == "frequent" || rule == "collect" || remaining.partial()) continue;
      ASSERT_EQ(remaining.golden(), attribute.golden()) << rule << ": " << text_of(left) << text_of(wanted);
    }
    // What is read from latest and earliest observations stays exact.
    if (rule != "recent" && rule != "first" && rule != "sum" && !rule.starts_with("priority")) continue;
    for (std::uint32_t i = 0; i < view(wanted).size(); ++i) {
      const Attribute attribute = view(wanted).attribute(i);
      ASSERT_EQ(view(left).find(attribute.name())->golden(), attribute.golden()) << rule << ": " << text_of(left);
    }
  }
}

// What the others said last stays, though it was not among the most recent pairs.
TEST(Survivorship, WithoutASourceTheLatestOfTheOthersAreWhatIsLeft) {
  Maker maker;
  std::vector<Observation> observations{
      {"a", Type::string, "x", "early", 1}, {"a", Type::string, "y", "early", 2}, {"a", Type::erased, "", "early", 3}};
  for (int i = 0; i < 20; ++i) observations.push_back({"a", Type::string, std::to_string(i), "late", 10 + i});
  const Bytes left = maker.without(maker.profile(observations, policy_body("default max")), "late");
  const auto attribute = view(left).find("a");
  ASSERT_TRUE(attribute && attribute->partial());
  EXPECT_EQ(as_text(attribute->golden().bytes), "y");
  EXPECT_EQ(attribute->observations(), 2U);
  std::string kept;
  attribute->any_entry(view(left), [&](const Entry& entry) {
    kept += std::string(as_text(entry.value.bytes)) + "@" + std::to_string(entry.last_seen) + " ";
    return false;
  });
  EXPECT_EQ(kept, "@3 y@2 ");
}

TEST(Survivorship, WithoutAnAttributeTheOthersStay) {
  std::mt19937_64 random(16);
  Maker maker;
  for (int round = 0; round < 500; ++round) {
    const auto observations = random_observations(random, 1 + random() % 60);
    std::vector<Observation> rest;
    std::copy_if(observations.begin(), observations.end(), std::back_inserter(rest),
                 [](const Observation& o) { return o.attribute != "a0"; });
    const Bytes policy = policy_body(random_policy(random)), whole = maker.profile(observations, policy);
    ASSERT_EQ(maker.without(whole, {}, "a0"), maker.profile(rest, policy));
    ASSERT_EQ(maker.without(whole, {}, "none"), whole);
    ASSERT_EQ(maker.without(whole, "none"), whole);
    ASSERT_EQ(maker.without(whole, {}, {}), whole);
  }
}

TEST(Survivorship, TextAndBinaryRoundTrip) {
  std::mt19937_64 random(17);
  Maker maker;
  for (int round = 0; round < 3000; ++round) {
    const Bytes profile = maker.profile(random_observations(random, random() % 60), policy_body(random_policy(random)),
                                        random() % 2 == 0 ? 2 : 16);
    ASSERT_EQ(maker.from_text(text_of(profile)), profile) << text_of(profile);
    ASSERT_EQ(maker.from_binary(to_binary(profile)), profile);
  }
}

TEST(Survivorship, HostileBytesAreRefused) {
  std::mt19937_64 random(18);
  Maker maker;
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = to_binary(maker.profile(random_observations(random, 1 + random() % 30),
                                          policy_body(random_policy(random)), random() % 2 == 0 ? 2 : 16));
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    try {
      EXPECT_EQ(to_binary(maker.from_binary(bytes)), bytes);
      text_of(maker.from_binary(bytes));
    } catch (const Error& error) {
      ++refused;
      EXPECT_NE(error.code(), Code::bug) << error.what();
    }
  }
  EXPECT_GT(refused, 10000);
}

// The one golden pair, and the value that is stored as golden, agree.
TEST(Survivorship, EvidenceGivesTheStoredGoldenValue) {
  std::mt19937_64 random(19);
  Maker maker;
  for (int round = 0; round < 2000; ++round) {
    const Bytes body = policy_body(random_policy(random));
    const Bytes profile =
        maker.profile(random_observations(random, 1 + random() % 40), body, random() % 2 == 0 ? 3 : 16);
    Policy policy(kHeap);
    policy.assign(as_bytes(body));
    const ProfileView whole = view(profile);
    EvidenceReader reader(whole, kHeap);
    for (std::uint32_t i = 0; i < whole.size(); ++i) {
      const Attribute attribute = whole.attribute(i);
      const Evidence evidence = reader.read(attribute);
      const Clause& clause = policy.clause_of(attribute.name());
      Buffer memory;
      const Golden golden = choose(clause, evidence, memory, kHeap);
      ASSERT_EQ(golden.value, attribute.golden());
      ASSERT_EQ(golden.derived, attribute.derived());
      std::size_t marked = 0;
      for (std::size_t at = 0; at < evidence.entries.size(); ++at) marked += is_golden(clause, evidence, golden, at);
      if (!golden.derived) {
        ASSERT_LE(marked, 1U);
        if (!evidence.overflowed && attribute.known()) {
          ASSERT_EQ(marked, 1U);
        }
      } else if (!evidence.overflowed) {
        ASSERT_EQ(marked > 0, attribute.known());
      }
      if (attribute.known() && !attribute.derived()) {
        ASSERT_GE(whole.golden_last_seen(attribute), golden.at);
      }
    }
  }
}

TEST(Decimal, SumsAreExact) {
  const auto sum = [](std::initializer_list<const char*> texts) {
    std::vector<Bytes> numbers;
    for (const char* const text : texts) {
      Buffer number;
      append_decimal(number, std::string_view(text));
      numbers.push_back(bytes_of(number));
    }
    std::vector<ByteSpan> spans;
    for (const Bytes& number : numbers) spans.push_back(as_bytes(number));
    Buffer out, text;
    append_sum(out, spans, kHeap);
    print_decimal(out.span(), text);
    EXPECT_TRUE(is_decimal(out.span()));
    return bytes_of(text);
  };
  EXPECT_EQ(sum({"0.1", "0.2"}), "0.3");
  EXPECT_EQ(sum({"1", "-1"}), "0");
  EXPECT_EQ(sum({"0"}), "0");
  EXPECT_EQ(sum({"-0.01", "-99.99", "0"}), "-100");
  EXPECT_EQ(sum({"99999999999999999999999999", "1"}), "100000000000000000000000000");
  EXPECT_EQ(sum({"1e30", "-0.000000001"}), "999999999999999999999999999999.999999999");
  EXPECT_EQ(sum({"-1e30", "0.000000001", "1e30"}), "0.000000001");
  EXPECT_EQ(sum({"9e131071", "-8e131071"}).size(), 131072U);
  try {
    sum({"9e131071", "1e131071"});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::number_out_of_range);
  }
}

}  // namespace
}  // namespace cdp::core::test
