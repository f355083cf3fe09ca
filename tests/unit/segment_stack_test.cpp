// Whatever follows the nesting of a rule asks for the stack on its way.
#include <csignal>

#include "core/profile/builder.hpp"
#include "core/profile/json.hpp"
#include "core/segment/expand.hpp"
#include "core/segment/lookup.hpp"
#include "core/segment/sql.hpp"
#include "core/segment/tree.hpp"
#include "core/segment/worth.hpp"
#include "segment_text.hpp"
#include "timeline_events.hpp"

namespace cdp::core {
namespace {

using namespace test;

const volatile std::sig_atomic_t pending = 0;
int asked = 0;

// Each time when some more of the stack is used, not only at the bottom of what nests.
template <typename Body>
void expect_asked(Body&& body) {
  asked = 0;
  const Poll poll(
      &pending, [] {}, [] { ++asked; });
  body(poll);
  EXPECT_GE(asked, 3);
}

TEST(Stack, IsAskedForByWhatNests) {
  std::string text = "a = 1", json = R"({"attribute": "a", "=": 1})", zones = json;
  for (int i = 0; i < 450; ++i) {
    text = (i % 2 == 0 ? "not (b = 1 and " : "not (b = 1 or ") + text + ")";
    json = (i % 2 == 0 ? R"({"all": [{"attribute": "b", "=": 1}, )" : R"({"any": [{"attribute": "b", "=": 1}, )") +
           json + "]}";
    zones = R"({"in_time_zone": "UTC", "rule": )" + zones + "}";
  }
  const Bytes bytes = compiled(text);
  const Segment rule(as_bytes(bytes));
  ProfileBuilder builder(kHeap);
  Buffer empty, out;
  builder.write(empty);
  const ProfileView nobody(empty.span());
  expect_asked([&](const Poll& poll) { parse_segment(text, out, poll); });
  expect_asked([&](const Poll& poll) { check_segment(as_bytes(bytes), poll); });
  expect_asked([&](const Poll& poll) { evaluate(rule, nobody, 0, poll); });
  expect_asked([&](const Poll& poll) { next_change(rule, nobody, 0, poll); });
  expect_asked([&](const Poll& poll) { lookup_of(rule, std::nullopt, kHeap, poll); });
  expect_asked([&](const Poll& poll) { necessary_keys(rule, kHeap, poll); });
  expect_asked([&](const Poll& poll) { append_without_events(rule, out, poll); });
  expect_asked(
      [&](const Poll& poll) { append_worth_looking_up(rule, std::nullopt, {}, 10, out, poll, kHeap, nullptr); });
  expect_asked([&](const Poll& poll) { print_sql(rule, std::nullopt, out, poll, kHeap); });
  for (const std::string& tree : {json, zones}) {
    Buffer value;
    const Value parsed = parse_json(tree, "jsonb", value, kHeap, {}, kMaxTreeDepth);
    expect_asked([&](const Poll& poll) { parse_tree(parsed, out, poll); });
  }
}

}  // namespace
}  // namespace cdp::core
