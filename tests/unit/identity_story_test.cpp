// What other platforms document or were reported to do, and what becomes of it here.
#include <gtest/gtest.h>

#include "identity_story.hpp"

using namespace cdp::core;
using namespace cdp::core::identity;
using namespace cdp::core::test;
using Act = SightingChange::Act;
using Who = Story::Who;

namespace {

const Who kDevice{"anonymous_id", "tablet"}, kAlice{"user_id", "alice"}, kBob{"user_id", "bob"};

WorldType user_id() { return {.name = "user_id", .priority = 1, .max_per_profile = 1, .known = true}; }
WorldType email() { return {.name = "email", .priority = 2, .max_per_profile = 5, .known = true}; }
WorldType anonymous_id() { return {.name = "anonymous_id", .priority = 3}; }

// Segment documents: limits user_id = 1, email = 5, anonymous_id = 5; a profile has user_id abc123 and an e-mail; an
// event with user_id abc456 and that e-mail drops the e-mail and makes a new profile. Here too, but nothing is lost:
// the link is kept, and says which limit refuses it.
TEST(IdentityStory, SegmentsFlatMatching) {
  const Who first{"user_id", "abc123"}, second{"user_id", "abc456"}, jane{"email", "jane@example.com"};
  Story story({user_id(), email(), anonymous_id()});
  story.see(first, jane, 1);
  story.see(second, jane, 2);
  EXPECT_TRUE(story.together(first, jane));
  EXPECT_FALSE(story.together(second, jane));
  const WhyNot why = story.why_not(second, jane);
  ASSERT_EQ(why.path.size(), 1U);
  EXPECT_EQ(why.path[0].verdict, (Verdict{Outcome::limit, 0}));
  // Segment's result depends on what arrives first. Ours doesn't: the same the other way round.
  Story backwards({user_id(), email(), anonymous_id()});
  backwards.see(second, jane, 2);
  backwards.see(first, jane, 1);
  EXPECT_TRUE(backwards.together(first, jane));
  EXPECT_FALSE(backwards.together(second, jane));
}

// Adobe's linking rules: the last authenticated user owns the shared device, so it moves at every login. That is the
// setting `newest`; without it the device stays with whom it was seen with first.
TEST(IdentityStory, AdobesSharedDevice) {
  for (const bool newest : {false, true}) {
    WorldType device = anonymous_id();
    device.newest = newest;
    Story story({user_id(), email(), device});
    int moved = 0;
    for (int login = 0; login < 20; ++login) {
      const bool hers = story.together(kDevice, kAlice);
      story.see(kDevice, login % 2 == 0 ? kAlice : kBob, login);
      if (login > 0 && story.together(kDevice, kAlice) != hers) ++moved;
      EXPECT_FALSE(story.together(kAlice, kBob));
    }
    EXPECT_EQ(moved, newest ? 19 : 0);
  }
}

// Snowplow: a device seen with two users belongs to neither; what it does anonymously gets one deterministic profile of
// its own, the same every time. Here the device becomes a hub by its second user, and keeps its own id for good.
TEST(IdentityStory, SnowplowsSharedDevice) {
  WorldType device = anonymous_id();
  device.max_degree = {{0, 1}};
  Story story({user_id(), email(), device});
  const auto own = story.id(kDevice);
  story.see(kDevice, kAlice, 1);
  EXPECT_TRUE(story.together(kDevice, kAlice));
  story.see(kDevice, kBob, 2);
  EXPECT_TRUE(story.is_hub(kDevice));
  EXPECT_EQ(story.profile(kDevice), own);
  EXPECT_FALSE(story.together(kAlice, kBob));
  EXPECT_EQ(story.why_not(kAlice, kBob).path[0].verdict.outcome, Outcome::hub);
  story.see(kDevice, kAlice, 3);
  EXPECT_EQ(story.profile(kDevice), own);
  // It was Alice's all along: without the evidence of the other login it is hers again.
  story.act(Act::reject, kDevice, kBob);
  EXPECT_FALSE(story.is_hub(kDevice));
  EXPECT_TRUE(story.together(kDevice, kAlice));
}

// PostHog's illegal ids, which merged everybody before they were refused: blocked values are stored and
// linked, but join nobody.
TEST(IdentityStory, PostHogsIllegalIds) {
  for (const char* const illegal :
       {"anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email", "undefined", "true",
        "false", "[object Object]", "NaN", "None", "none", "null", "0", ""}) {
    Story story({user_id(), email(), anonymous_id()});
    const Who blocked{"anonymous_id", illegal};
    story.place(blocked, true);
    story.see(blocked, kAlice, 1);
    story.see(blocked, {"email", "jane@example.com"}, 2);
    EXPECT_EQ(story.profile(blocked), story.id(blocked));
    EXPECT_FALSE(story.together(kAlice, {"email", "jane@example.com"}));
    EXPECT_EQ(story.why_not(blocked, kAlice).path[0].verdict.outcome, Outcome::blocked);
  }
}

// PostHog, WSO2, Treasure Data's do_not_merge_key: two identified persons never merge by themselves.
// `$merge_dangerously` can't be undone; a must-link can.
TEST(IdentityStory, IdentifiedPersonsMergeOnlyByHand) {
  Story story({user_id(), email(), anonymous_id()});
  story.see(kAlice, kDevice, 1);
  story.see(kBob, {"email", "bob@example.com"}, 1);
  const auto alice = story.profile(kAlice), bob = story.profile(kBob);
  story.see(kBob, kDevice, 2);
  EXPECT_FALSE(story.together(kAlice, kBob));
  EXPECT_TRUE(story.decide(true, kAlice, kBob));
  EXPECT_TRUE(story.together(kAlice, kBob));
  EXPECT_TRUE(story.decide(false, kAlice, kBob));  // replaces the must-link
  EXPECT_EQ(story.profile(kAlice), alice);
  EXPECT_EQ(story.profile(kBob), bob);
  EXPECT_EQ(story.why_not(kAlice, kBob).forbidden.outcome, Outcome::limit);
}

// RudderStack's maximum_edges {user_id: 1}, whose violations persist across incremental runs: an e-mail with two users
// is a hub for as long as it has two, and no longer.
TEST(IdentityStory, RudderStacksMaximumEdges) {
  WorldType family = email();
  family.max_degree = {{0, 1}};
  Story story({user_id(), family, anonymous_id()});
  const Who shared{"email", "family@example.com"};
  story.see(kAlice, shared, 1);
  story.see(kBob, shared, 2);
  EXPECT_TRUE(story.is_hub(shared));
  EXPECT_FALSE(story.together(kAlice, shared));
  story.act(Act::remove, kBob, shared);
  EXPECT_TRUE(story.together(kAlice, shared));
}

// Anybody can send anonymous calls with a victim's e-mail. Were their source trusted, eight of them would make a hub of
// the e-mail and tear her profile apart; untrusted ones neither count as neighbours nor come before what is trusted.
TEST(IdentityStory, EightForgedCallsDontShatterTheVictim) {
  for (const bool trusted : {false, true}) {
    WorldType address = email(), device = anonymous_id();
    address.max_degree = {{2, 5}};
    device.max_per_profile = 3;
    Story story({user_id(), address, device}, {{1, true}, {1, trusted}});
    const Who victim{"email", "victim@example.com"}, phone{"anonymous_id", "her phone"};
    story.see(kAlice, victim, 100);
    story.see(victim, phone, 110);
    for (int i = 0; i < 8; ++i) story.see(victim, {"anonymous_id", "forged " + std::to_string(i)}, i, 1);
    EXPECT_EQ(story.together(kAlice, victim), !trusted);
    EXPECT_EQ(story.together(phone, victim), !trusted);
    EXPECT_EQ(story.is_hub(victim), trusted);
  }
}

// Nor does an untrusted source unite two known persons, by whatever detour and in whatever order.
TEST(IdentityStory, UntrustedSourcesUniteNoKnownPersons) {
  Story story({user_id(), email(), anonymous_id()}, {{1, true}, {1, false}});
  const Who victim{"email", "victim@example.com"};
  story.see(kBob, kDevice, 1, 1);
  story.see(victim, kDevice, 2, 1);
  EXPECT_TRUE(story.together(kBob, kDevice));
  EXPECT_FALSE(story.together(victim, kBob));
  EXPECT_EQ(story.why_not(victim, kDevice).path[0].verdict.outcome, Outcome::trust);
  // It lends no trust to a weak link of a trusted source, either.
  story.see(victim, kDevice, 3, 0, 0.3);
  EXPECT_FALSE(story.together(victim, kBob));
  // A trusted source that vouches for it comes first, and takes the device along.
  story.see(victim, kDevice, 4, 0);
  EXPECT_TRUE(story.together(victim, kDevice));
  EXPECT_FALSE(story.together(victim, kBob));
}

// Zingg, Hightouch: ids change when everything is run anew. Here the profile has the least id of its identifiers, and
// an unmerge gives the other person the old one back.
TEST(IdentityStory, IdsComeBackAfterAnUnmerge) {
  Story story({user_id(), email(), anonymous_id()});
  const Who work{"email", "a@work.example"}, home{"email", "a@home.example"};
  story.see(kAlice, work, 1);
  story.see(kDevice, home, 2);
  const auto alice = story.profile(kAlice), other = story.profile(home);
  ASSERT_NE(alice, other);
  story.see(kAlice, home, 3);
  EXPECT_EQ(story.profile(kDevice), std::min(alice, other));
  const auto path = story.explain(work, kDevice);
  ASSERT_EQ(path.size(), 3U);
  EXPECT_EQ(path[0].a, story.id(work));
  EXPECT_EQ(path[1].a, story.id(kAlice));
  EXPECT_EQ(path[2].b, story.id(kDevice));
  story.act(Act::reject, kAlice, home);
  EXPECT_EQ(story.profile(kDevice), other);
  EXPECT_TRUE(story.explain(work, kDevice).empty());
  EXPECT_EQ(story.why_not(work, kDevice).path[1].verdict.outcome, Outcome::rejected);
}

TEST(IdentityStory, MustLinksThatContradictAreNamed) {
  Story story({user_id(), email(), anonymous_id()});
  const Who work{"email", "a@work.example"};
  EXPECT_TRUE(story.decide(true, kAlice, work));
  EXPECT_TRUE(story.decide(true, work, kDevice));
  EXPECT_FALSE(story.decide(false, kAlice, kDevice));
  const std::int64_t left[] = {story.id(kAlice)}, right[] = {story.id(kDevice)};
  const DecisionChange cannot{DecisionChange::Kind::cannot, false, 99, left, right};
  const WorldRules rules(story.world());
  try {
    plan_changes(story.store(), rules.rules, {{}, {&cannot, 1}, {}}, kHeap);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::invalid_parameter);
    EXPECT_EQ(error.message(),
              "must-links join user_id \"alice\" and anonymous_id \"tablet\", which a cannot-link keeps apart");
    EXPECT_EQ(error.detail(),
              "The must-links join user_id \"alice\" – email \"a@work.example\" – anonymous_id \"tablet\".");
  }
}

}  // namespace
