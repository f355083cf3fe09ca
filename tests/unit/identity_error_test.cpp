// What clustering refuses, and that it leaves nothing behind when memory runs out or it is cancelled.
#include <gtest/gtest.h>

#include <functional>

#include "identity_trial.hpp"
#include "scarce.hpp"

using namespace cdp::core;
using namespace cdp::core::identity;
using namespace cdp::core::test;

namespace {

void expect_error(Code code, const std::string& message, const std::function<void()>& act) {
  try {
    act();
    ADD_FAILURE() << message;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_EQ(error.message(), message);
  }
}

TEST(IdentityError, RulesThatContradictThemselves) {
  const DegreeLimit nobody[] = {{7, 1}}, twice[] = {{0, 1}, {0, 2}};
  Type type{.name = "email"};
  Source source;
  const auto check = [&](const std::string& message, double threshold = 0.5, double review = 0.5) {
    const Rules rules{.types = {&type, 1}, .sources = {&source, 1}, .threshold = threshold, .review_threshold = review};
    expect_error(Code::invalid_parameter, message, [&] { decide({.rules = &rules}, kHeap); });
    type = {.name = "email"};
    source = {};
  };
  type.max_per_profile = 0;
  check("max_per_profile of identifier type \"email\" must be at least 1");
  type.priority = kMaxPriority + 1;
  check("priority of identifier type \"email\" is out of range");
  type.max_degree = nobody;
  check("max_degree of identifier type \"email\" names a type that does not exist");
  type.max_degree = twice;
  check("max_degree of identifier type \"email\" names a type twice");
  source.priority = kMaxPriority + 1;
  check("priority of a source is out of range");
  check("threshold must be between 0 and 1", 1.5);
  check("threshold must be between 0 and 1", std::numeric_limits<double>::quiet_NaN());
  check("review threshold must be between 0 and the threshold", 0.5, 0.6);
}

class TwoPeople {
 public:
  TwoPeople() {
    rules.types = {&type_, 1};
    rules.sources = {&source_, 1};
    store.use(rules);
    store.insert(1, 0, "one");
    store.insert(2, 0, "two");
  }
  void see(std::int64_t a, std::int64_t b, const Sighting& sighting) {
    const SightingChange change{SightingChange::Act::add, a, b, sighting};
    plan_changes(store, rules, {{&change, 1}, {}, {}}, kHeap);
  }
  void decide(const DecisionChange& change) { plan_changes(store, rules, {{}, {&change, 1}, {}}, kHeap); }

  Rules rules;
  MemoryStore store;

 private:
  Type type_{.name = "email"};
  Source source_;
};

TEST(IdentityError, EvidenceThatMakesNoSense) {
  TwoPeople two;
  const auto refuse = [&](const std::string& message, std::int64_t b, const Sighting& sighting) {
    expect_error(Code::invalid_parameter, message, [&] { two.see(1, b, sighting); });
  };
  refuse("an identifier cannot be linked with itself", 1, {});
  refuse("confidence of a link must be between 0 and 1", 2, {.confidence = 1.01});
  refuse("confidence of a link must be between 0 and 1", 2, {.confidence = -0.01});
  refuse("confidence of a link must be between 0 and 1", 2, {.confidence = std::numeric_limits<double>::quiet_NaN()});
  refuse("source of a link does not exist", 2, {.source = 1});
  expect_error(Code::undefined_object, "identifier 3 does not exist", [&] { two.see(1, 3, {}); });
  const Identifier identifier{1, {}, 0};
  const Link link{0, 0, {}};
  expect_error(Code::invalid_parameter, "an identifier cannot be linked with itself", [&] {
    identity::decide({.rules = &two.rules, .identifiers = {&identifier, 1}, .links = {&link, 1}}, kHeap);
  });
}

TEST(IdentityError, DecisionsThatMakeNoSense) {
  using Kind = DecisionChange::Kind;
  TwoPeople two;
  const std::int64_t one[] = {1}, both[] = {1, 2};
  expect_error(Code::invalid_parameter, "an identifier cannot be linked with itself", [&] {
    two.decide({Kind::must, false, 1, one, one});
  });
  expect_error(Code::invalid_parameter, "a decision about a pair needs one identifier on each side", [&] {
    two.decide({Kind::cannot, false, 1, one, both});
  });
  expect_error(Code::invalid_parameter, "an identifier cannot stand on both sides of a cannot-link", [&] {
    two.decide({Kind::cannot_lists, false, 1, both, one});
  });
}

// Confidences of zero order alike, whatever their sign.
TEST(IdentityError, NegativeZero) {
  const Type type{.name = "email"};
  const Rules rules{.types = {&type, 1}, .sources = {}};
  EXPECT_EQ(rank_of(rules, 0, 0, {.confidence = 0.0}), rank_of(rules, 0, 0, {.confidence = -0.0}));
}

// A history whose last step is decided anew, with a wall in the way and names to compare.
struct Last {
  explicit Last(unsigned seed = 9, int steps = 60) : dice(seed), trial(roll_world(dice)) {
    Tally tally;
    for (; steps > 0; --steps) {
      next = trial.world();
      const Step step = roll_step(dice, next);
      trial.take(next, step, tally);
    }
    next = trial.world();
    for (int i = 0; i < static_cast<int>(next.people.size()); ++i) all.push_back(next.people[i].id);
    for (const std::int64_t id : all)
      if (id != all[0]) links.push_back({SightingChange::Act::add, all[0], id, {}});
    see(next, step, {0, 1}, {0, 0}, {1.0, -5, 0, false});
    roll_decision(dice, next, step);
  }
  Plan plan(std::pmr::memory_resource* resource, Poll poll = {}) {
    return plan_changes(trial.store(), trial.rules(), {step.sightings, step.decisions, all}, resource, poll);
  }
  // Everybody is linked with the first.
  Plan merge(std::pmr::memory_resource* resource) {
    return plan_changes(trial.store(), trial.rules(), {links, {}, {}}, resource);
  }

  Dice dice;
  Trial trial;
  World next;
  Step step;
  std::vector<std::int64_t> all;
  std::vector<SightingChange> links;
};

TEST(IdentityError, MemoryThatRunsOut) {
  Last last;
  int refused = 0;
  for (int granted = 0;; ++granted) {
    Scarce scarce(granted);
    try {
      last.plan(&scarce);
      break;
    } catch (const std::bad_alloc&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100);
}

// Everything comes from the memory that the caller gives.
TEST(IdentityError, NoOtherMemory) {
  std::uint32_t united = 0;
  for (unsigned i = 0; i < 100; ++i) {
    Last last(i, 8);
    if (judge_by_reference(last.next).contradiction) continue;
    const WorldRules rules(last.next);
    const WorldGraph graph(last.next, rules.rules);
    std::pmr::memory_resource* const usual = std::pmr::set_default_resource(std::pmr::null_memory_resource());
    EXPECT_NO_THROW(decide(graph.graph, kHeap));
    EXPECT_NO_THROW(last.plan(kHeap));
    EXPECT_NO_THROW(united += last.merge(kHeap).counts.united);
    std::pmr::set_default_resource(usual);
    if (HasFailure()) FAIL() << "graph " << i;
  }
  EXPECT_GT(united, 5U);
}

TEST(IdentityError, Cancelled) {
  static int left;
  static volatile std::sig_atomic_t always = 1;
  Last last;
  int cancelled = 0;
  for (int polls = 0;; ++polls) {
    left = polls;
    try {
      last.plan(kHeap, Poll(&always, [] {
                  if (left-- == 0) throw Error(Code::limit_exceeded, "cancelled");
                }));
      break;
    } catch (const Error&) {
      ++cancelled;
    }
  }
  EXPECT_GT(cancelled, 10);
}

}  // namespace
