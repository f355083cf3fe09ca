// Funnels and sequences against reference implementations, on all events and on timelines that have folded some.
#include "core/timeline/funnel.hpp"

#include "behaviour_oracle.hpp"
#include "core/timeline/sequence.hpp"

namespace cdp::core::test {
namespace {

constexpr int kCases = 250'000;

struct Case {
  std::vector<Event> events;
  Names steps;
  Duration limit;
};

std::string describe(const Case& one) {
  std::string text;
  for (const Event& event : one.events) text += std::to_string(event.time) + event.name + " ";
  text += "| steps";
  for (const std::string& step : one.steps) text += " " + step;
  return text + " | within " + std::to_string(one.limit);
}

// Few names and few times, so that ties, repeated steps and missed windows are the rule. Names don't sort as steps do.
Case random_case(std::mt19937_64& random, std::size_t most_events) {
  static const char* const kNames[] = {"d", "a", "c", "b", "x"};
  Case one;
  const std::size_t count = random() % (most_events + 1), times = 2 + random() % 24, names = 1 + random() % 5;
  for (std::size_t i = 0; i < count; ++i) {
    Event event{static_cast<std::int64_t>(random() % times) - 5, kNames[random() % names], "{}", std::to_string(i)};
    if (random() % 300 == 0) event.time = random() % 2 == 0 ? INT64_MIN : INT64_MAX;
    one.events.push_back(event);
  }
  const std::size_t steps = 1 + random() % 4, pool = std::min<std::size_t>(4, 1 + random() % (names + 1));
  for (std::size_t i = 0; i < steps; ++i)
    one.steps.push_back(kNames[random() % 3 == 0 ? random() % pool : i % std::size(kNames)]);
  one.limit = random() % 10 == 0 ? kLongestDuration : random() % 12;
  std::sort(one.events.begin(), one.events.end());
  return one;
}

FunnelModes modes_of(unsigned bits) {
  const bool order = (bits & 2) != 0;
  return {(bits & 1) != 0, order, (bits & 4) != 0, (bits & 8) != 0, order && (bits & 16) != 0};
}

TEST(Funnel, AgreesWithTheReference) {
  std::mt19937_64 random(1);
  Funnel funnel(kHeap);
  std::array<std::uint64_t, 6> depths{};
  for (int i = 0; i < kCases; ++i) {
    const Case one = random_case(random, i % 4 == 0 ? 24 : 9);
    unsigned bits = static_cast<unsigned>(random() % 32);
    if (one.events.size() > 12) bits &= ~4U;  // the reference is exponential there
    const Bytes bytes = timeline_of(one.events);
    funnel.define(views(one.steps), modes_of(bits));
    const std::uint32_t depth = funnel.depth(TimelineView(as_bytes(bytes)), one.limit, {});
    ASSERT_EQ(depth, funnel_by_modes(one.events, one.steps, one.limit, modes_of(bits)))
        << describe(one) << " | modes " << bits;
    ++depths[depth];
  }
  for (int depth = 0; depth <= 4; ++depth) EXPECT_GT(depths[static_cast<std::size_t>(depth)], 1000) << depth;
}

// What the modes mean, where that can be said without an algorithm.
TEST(Funnel, FindsTheDeepestChain) {
  std::mt19937_64 random(2);
  Funnel funnel(kHeap);
  for (int i = 0; i < kCases / 5; ++i) {
    const Case one = random_case(random, 10);
    const Bytes bytes = timeline_of(one.events);
    for (const unsigned bits : {0U, 4U, 12U}) {
      funnel.define(views(one.steps), modes_of(bits));
      ASSERT_EQ(funnel.depth(TimelineView(as_bytes(bytes)), one.limit, {}),
                deepest_choice(one.events, one.steps, one.limit, (bits & 4) != 0, (bits & 8) != 0))
          << describe(one) << " | modes " << bits;
    }
  }
}

TEST(Funnel, NeverGuessesWhatIsFolded) {
  std::mt19937_64 random(3);
  Funnel funnel(kHeap);
  std::uint64_t exact = 0, less_than_all = 0, cases = 0;
  for (int i = 0; i < kCases; ++i) {
    const Case one = random_case(random, 14);
    unsigned bits = static_cast<unsigned>(random() % 32);
    if (one.events.size() > 10) bits &= ~4U;
    const FunnelModes modes = modes_of(bits);
    const auto keep = static_cast<std::uint32_t>(random() % 2 == 0 ? 1 + random() % 5 : timeline::kMostKept);
    const std::int64_t cut = random() % 2 == 0 ? INT64_MIN : static_cast<std::int64_t>(random() % 14) - 6;
    const Bytes bytes = timeline_of(one.events, keep, cut);
    const TimelineView view(as_bytes(bytes));
    if (!view.anything_folded()) continue;
    funnel.define(views(one.steps), modes);
    const FunnelBounds bounds = funnel.bounds(view, one.limit, {});
    const std::uint32_t truth = funnel_by_modes(one.events, one.steps, one.limit, modes);
    ASSERT_LE(bounds.least, truth) << describe(one) << " | modes " << bits << " keep " << keep << " cut " << cut;
    ASSERT_GE(bounds.most, truth) << describe(one) << " | modes " << bits << " keep " << keep << " cut " << cut;
    ++cases;
    exact += bounds.least == bounds.most;
    less_than_all += bounds.most < one.steps.size();
  }
  EXPECT_GT(exact, cases / 4);  // it must not say "unknown" all the time either
  EXPECT_GT(less_than_all, cases / 10);
}

TEST(Sequence, AgreesWithTheReference) {
  std::mt19937_64 random(4);
  Sequence sequence(kHeap);
  std::array<std::uint64_t, 20> counts{};
  for (int i = 0; i < kCases / 2; ++i) {
    const Case one = random_case(random, 8);
    const Bytes bytes = timeline_of(one.events);
    const TimelineView view(as_bytes(bytes));
    sequence.define(views(one.steps));
    const std::uint64_t count = sequence.count(view, one.limit, UINT64_MAX, {});
    ASSERT_EQ(count, most_chains(one.events, one.steps, one.limit)) << describe(one);
    ASSERT_EQ(sequence.certain_found(view, one.limit, {}), count > 0);
    ++counts[count];
  }
  for (std::size_t count = 0; count < 5; ++count) EXPECT_GT(counts[count], 500) << count;
}

TEST(Sequence, NeverGuessesWhatIsFolded) {
  std::mt19937_64 random(5);
  Sequence sequence(kHeap), all(kHeap);
  std::uint64_t known = 0, cases = 0;
  for (int i = 0; i < kCases / 4; ++i) {
    const Case one = random_case(random, 20);
    const Bytes whole = timeline_of(one.events), bytes = timeline_of(one.events, 1 + random() % 6);
    const TimelineView view(as_bytes(bytes));
    if (!view.anything_folded()) continue;
    sequence.define(views(one.steps));
    const auto count = sequence.certain_count(view, one.limit, {});
    const auto found = sequence.certain_found(view, one.limit, {});
    const std::uint64_t truth = sequence.count(TimelineView(as_bytes(whole)), one.limit, UINT64_MAX, {});
    ASSERT_EQ(count.value_or(truth), truth) << describe(one);
    ASSERT_EQ(found.value_or(truth > 0), truth > 0) << describe(one);
    ++cases;
    known += count.has_value();
  }
  EXPECT_GT(known, cases / 10);
}

TEST(Funnel, RefusesWhatHasNoMeaning) {
  const auto code_of = [](auto&& body) {
    try {
      body();
    } catch (const Error& error) {
      return error.code();
    }
    return Code::bug;
  };
  Funnel funnel(kHeap);
  Sequence sequence(kHeap);
  EXPECT_EQ(code_of([&] { funnel.define({}, {}); }), Code::invalid_parameter);
  EXPECT_EQ(code_of([&] { sequence.define({}); }), Code::invalid_parameter);
  EXPECT_EQ(code_of([&] { funnel.define(views({"a"}), {.reentry = true}); }), Code::invalid_parameter);
  FunnelModes modes;
  EXPECT_EQ(code_of([&] { modes.add("strict"); }), Code::invalid_parameter);
  for (const char* mode : {"strict_deduplication", "strict_order", "strict_once", "strict_increase", "allow_reentry"})
    modes.add(mode);
  modes.check();
}

}  // namespace
}  // namespace cdp::core::test
