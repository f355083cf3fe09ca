// Rules that refer to other rules: what they expand to, and what stops that.
#include "core/segment/expand.hpp"

#include <random>

#include "core/profile/builder.hpp"
#include "core/segment/lookup.hpp"
#include "segment_text.hpp"

namespace cdp::core {
namespace {

using namespace test;

struct Named {
  std::string name;
  Bytes rule;
};

Bytes expanded(const Bytes& rule, const std::vector<Named>& named) {
  std::vector<Definition> definitions;
  for (const Named& one : named) definitions.push_back({one.name, Segment(as_bytes(one.rule))});
  Buffer out;
  expand_segment(Segment(as_bytes(rule)), definitions, out);
  return Bytes(as_text(out.span()));
}

std::string shown(const char* rule, const std::vector<std::pair<const char*, const char*>>& definitions) {
  std::vector<Named> named;
  for (const auto& [name, text] : definitions) named.push_back({name, compiled(text)});
  return printed(expanded(compiled(rule), named));
}

TEST(SegmentExpand, PutsRulesInPlaceOfReferences) {
  EXPECT_EQ(shown("a = 1", {}), "a = 1");
  EXPECT_EQ(shown("in segment \"vip\"", {{"vip", "a = 1 or b = 2"}, {"other", "in segment \"nobody\""}}),
            "a = 1 or b = 2");
  EXPECT_EQ(shown("in segment \"x\" and c = 3 and not in segment \"x\"", {{"x", "a = 1 or b = 2"}}),
            "(a = 1 or b = 2) and c = 3 and not (a = 1 or b = 2)");
  EXPECT_EQ(shown("(in segment \"x\" or c = 3) and in segment \"y\"",
                  {{"x", "a = 1 or in segment \"y\""}, {"y", "not (d = 4 and e = 5)"}}),
            "(a = 1 or not (d = 4 and e = 5) or c = 3) and not (d = 4 and e = 5)");
  EXPECT_EQ(shown("in segment \"x\" and c = 3", {{"x", "a = 1 and b = 2"}}), "a = 1 and b = 2 and c = 3");
  EXPECT_EQ(shown("not in segment \"x\"", {{"x", "in segment \"é\""}, {"é", "not a = 1"}}), "not not a = 1");
  EXPECT_EQ(shown("in segment \"x\"", {{"x", "a = 1"}, {"x", "(a = 1)"}}), "a = 1");
}

// A definition means the same wherever it is referred to.
TEST(SegmentExpand, KeepsTheTimeZoneOfEachRule) {
  EXPECT_EQ(shown("in segment \"x\" in time zone attr(\"z\")", {{"x", "did(\"a\", today)"}}),
            "(did(\"a\", today) in time zone \"UTC\") in time zone attr(\"z\")");
  EXPECT_EQ(shown("(b = 1 or not in segment \"x\") in time zone attr(\"z\")",
                  {{"x", "a = 1 and in segment \"y\""}, {"y", "c = 1 or d = 2"}}),
            "b = 1 or not (a = 1 and (c = 1 or d = 2) in time zone \"UTC\") in time zone attr(\"z\")");
  EXPECT_EQ(shown("a = 1 and in segment \"x\"", {{"x", "did(\"a\", today) in time zone attr(\"y\")"}}),
            "a = 1 and (did(\"a\", today) in time zone attr(\"y\"))");
  EXPECT_EQ(shown("in segment \"x\" in time zone attr(\"z\")", {{"x", "did(\"a\", today) in time zone attr(\"y\")"}}),
            "(did(\"a\", today) in time zone attr(\"y\")) in time zone attr(\"z\")");
  EXPECT_EQ(shown("in segment \"x\"", {{"x", "a = 1 in time zone attr(\"y\")"}}), "a = 1 in time zone attr(\"y\")");
}

// Random definitions, each of which refers to earlier ones, with the text that they stand for.
struct Made {
  std::string text, full;
};

Made random_rule(std::mt19937& random, const std::vector<Made>& earlier, int depth) {
  const auto below = [&](std::size_t limit) { return random() % limit; };
  if (depth == 0 || below(3) == 0) {
    if (earlier.empty() || below(2) == 0) {
      const std::string leaf = std::string(1, static_cast<char>('a' + below(4))) + " = " + std::to_string(below(3));
      return {leaf, leaf};
    }
    const std::size_t which = below(earlier.size());
    return {"in segment \"" + std::to_string(which) + "\"", "(" + earlier[which].full + ")"};
  }
  const Made a = random_rule(random, earlier, depth - 1), b = random_rule(random, earlier, depth - 1);
  switch (below(3)) {
    case 0: return {"not (" + a.text + ")", "not (" + a.full + ")"};
    case 1: return {"(" + a.text + ") and (" + b.text + ")", "(" + a.full + ") and (" + b.full + ")"};
    default: return {"(" + a.text + ") or (" + b.text + ")", "(" + a.full + ") or (" + b.full + ")"};
  }
}

TEST(SegmentExpand, IsWhatTheWholeTextSays) {
  std::mt19937 random(7);
  int referring = 0;
  for (int round = 0; round < 4'000; ++round) {
    std::vector<Made> made;
    std::vector<Named> named;
    for (int i = 0; i < 5; ++i) {
      const Made one = random_rule(random, made, 3);
      named.push_back({std::to_string(i), compiled(one.text)});
      if (i < 4) made.push_back(one);
      const Bytes whole = expanded(named.back().rule, named);
      ASSERT_EQ(whole, compiled(one.full)) << one.text;
      ASSERT_EQ(compiled(printed(whole)), whole);
      ASSERT_NO_THROW(check_segment(as_bytes(whole)));
      referring += Segment(as_bytes(named.back().rule)).refers();
      ASSERT_FALSE(Segment(as_bytes(whole)).refers());
    }
  }
  EXPECT_GT(referring, 5'000);
}

TEST(SegmentExpand, SaysWhatIsMissing) {
  const Error error = error_of([] { shown("in segment \"vpi\" and a = 1", {{"vip", "a = 1"}, {"lapsed", "a = 2"}}); });
  EXPECT_EQ(error.code(), Code::undefined_object);
  EXPECT_EQ(error.message(), "segment \"vpi\" is not defined");
  EXPECT_EQ(error.hint(), "Perhaps you meant \"vip\".");
  EXPECT_EQ(error_of([] { shown("in segment \"x\"", {{"x", "in segment \"y\""}}); }).code(), Code::undefined_object);
  EXPECT_EQ(error_of([] { shown("a = 1", {{"x", "b = 1"}, {"x", "b = 2"}}); }).code(), Code::invalid_parameter);
}

TEST(SegmentExpand, NamesTheCycle) {
  const Error error = error_of([] {
    shown("in segment \"start\"", {{"start", "a = 1 or in segment \"vip\""},
                                   {"vip", "not in segment \"lapsed\" and in segment \"leaf\""},
                                   {"leaf", "a = 1"},
                                   {"lapsed", "in segment \"vip\""}});
  });
  EXPECT_EQ(error.code(), Code::invalid_recursion);
  EXPECT_EQ(error.detail(), "\"vip\" -> \"lapsed\" -> \"vip\"");
  EXPECT_EQ(error_of([] { shown("in segment \"x\"", {{"x", "in segment \"x\""}}); }).detail(), "\"x\" -> \"x\"");
  // Nobody asked for it.
  EXPECT_EQ(shown("a = 1", {{"x", "in segment \"x\""}}), "a = 1");
}

std::vector<Named> chain(int count, const std::string& before, const std::string& after) {
  std::vector<Named> named;
  for (int i = 0; i < count; ++i) {
    const std::string next = "in segment \"" + std::to_string(i + 1) + "\"";
    named.push_back({std::to_string(i), compiled(i + 1 < count ? before + next + after : "a = 1")});
  }
  return named;
}

TEST(SegmentExpand, IsBounded) {
  const Bytes rule = compiled("in segment \"0\"");
  const auto code = [&](const std::vector<Named>& named) { return error_of([&] { expanded(rule, named); }).code(); };
  EXPECT_EQ(printed(expanded(rule, chain(1000, "", ""))), "a = 1");
  EXPECT_EQ(code(chain(1002, "", "")), Code::too_complex);
  EXPECT_EQ(code(chain(200'000, "", "")), Code::too_complex);
  EXPECT_EQ(code(chain(100'000, "b = 1 or ", "")), Code::too_complex);
  EXPECT_EQ(code(chain(600, "not ", "")), Code::too_complex);
  // Doubles with each definition.
  std::vector<Named> doubling;
  for (int i = 0; i < 200; ++i) {
    const std::string next = "in segment \"" + std::to_string(i + 1) + "\"";
    doubling.push_back(
        {std::to_string(i), compiled(i < 199 ? next + (i % 2 == 0 ? " and " : " or ") + next : "a = 1")});
  }
  EXPECT_EQ(code(doubling), Code::limit_exceeded);
  // Text that comes from the definitions, at the limit.
  const std::string half = "a = \"" + std::string(kMaxRuleText / 2 - 8, 'x') + "\"";
  const Bytes pair = compiled("in segment \"0\" or in segment \"0\"");
  EXPECT_EQ(printed(expanded(pair, {{"0", compiled(half)}})).size(), kMaxRuleText);
  EXPECT_EQ(error_of([&] { expanded(pair, {{"0", compiled(half + " and b = 1")}}); }).code(), Code::limit_exceeded);
}

TEST(SegmentReference, CannotBeEvaluated) {
  ProfileBuilder builder(std::pmr::new_delete_resource());
  Buffer profile;
  builder.write(profile);
  for (const char* text :
       {"in segment \"vip\"", "a is known and in segment \"vip\"", "not (a = 1 or in segment \"vip\")"}) {
    const Bytes rule = compiled(text);
    const Segment segment(as_bytes(rule));
    const Error error = error_of([&] { evaluate(segment, ProfileView(profile.span()), 0); });
    EXPECT_EQ(error.code(), Code::invalid_parameter);
    EXPECT_EQ(error.message(), "segment refers to segment \"vip\"");
    EXPECT_EQ(error_of([&] { explain(segment, ProfileView(profile.span()), 0, [](const auto&) {}); }).code(),
              Code::invalid_parameter);
  }
}

TEST(SegmentReference, IsInTheHeader) {
  const Bytes refers = compiled("in segment \"vip\""), plain = compiled("a = 1");
  EXPECT_TRUE(Segment(as_bytes(refers)).refers());
  EXPECT_FALSE(Segment(as_bytes(plain)).refers());
  for (const auto* other : {&refers, &plain}) {
    Buffer combined, negated;
    combine_segments(Opcode::all_of, Segment(as_bytes(*other)), Segment(as_bytes(refers)), combined);
    negate_segment(Segment(combined.span()), negated);
    EXPECT_TRUE(Segment(combined.span()).refers() && Segment(negated.span()).refers());
    EXPECT_NO_THROW(check_segment(negated.span()));
  }
  for (Bytes lie : {refers, plain}) {
    lie[2] ^= need::kSegments;
    EXPECT_EQ(code_of_bytes(lie), Code::invalid_binary);
    lie[2] = 8;
    EXPECT_EQ(code_of_bytes(lie), Code::not_supported);
  }
}

TEST(SegmentReference, SaysNothingToIndexes) {
  auto* const heap = std::pmr::new_delete_resource();
  const Bytes rule = compiled("in segment \"b\" or a = 1 and not in segment \"a\" or in segment \"b\"");
  const Segment segment(as_bytes(rule));
  const auto names = segments_used(segment, heap);
  EXPECT_EQ(std::vector<std::string_view>(names.begin(), names.end()), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_TRUE(attributes_used(segment, heap).size() == 1 && events_used(segment, heap).empty());
  EXPECT_TRUE(lookup_of(segment, std::nullopt, heap).is_always());
  EXPECT_EQ(necessary_keys(segment, heap).front().key, fact::kAlways);
}

}  // namespace
}  // namespace cdp::core
