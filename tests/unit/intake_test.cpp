// Rows under a policy: what is left out, what becomes a timestamp, what becomes a group; and their way through a log.
#include "core/profile/intake.hpp"

#include <gtest/gtest.h>

#include <memory_resource>
#include <random>

#include "core/profile/builder.hpp"
#include "core/profile/codec.hpp"
#include "core/profile/digest.hpp"
#include "core/profile/json.hpp"
#include "core/profile/log.hpp"

namespace cdp::core {
namespace {

std::pmr::memory_resource* const kHeap = std::pmr::new_delete_resource();

std::string bytes_of(const Buffer& buffer) { return std::string(as_text(buffer.span())); }

std::string body_of(std::string_view policy) {
  Buffer body;
  parse_policy(policy, body, kHeap);
  return bytes_of(body);
}

// The members of a JSON object as a row has them; null says nothing.
std::string row_of(std::string_view json) {
  Buffer scratch, row;
  const Value object = parse_json(json, "json", scratch, kHeap);
  const std::byte* at = object.bytes.data();
  for (std::uint64_t left = trusted_varint(at); left > 0; --left) {
    const std::size_t length = trusted_varint(at);
    const ByteSpan name(at, length);
    at += length;
    const Value value = trusted_value(at);
    if (value.type == Type::null) continue;
    row.varint(length);
    row.append(name);
    append_value(row, value);
  }
  return bytes_of(row);
}

// A row as JSON, timestamps in angle brackets.
std::string shown(std::string_view row) {
  Buffer text;
  const std::byte* at = as_bytes(row).data();
  const std::byte* const end = at + row.size();
  while (at != end) {
    const std::size_t length = trusted_varint(at);
    if (text.size() > 0) text.append(", ");
    text.append(ByteSpan(at, length));
    at += length;
    text.append(": ");
    const Value value = trusted_value(at);
    if (value.type == Type::timestamp) {
      text.byte('<');
      print_text(value, text);
      text.byte('>');
    } else {
      print_json(value, text);
    }
  }
  return bytes_of(text);
}

std::string taken(std::string_view policy, std::string_view json) {
  const std::string body = body_of(policy), row = row_of(json);
  Policy rules(kHeap);
  rules.assign(as_bytes(body));
  Buffer out;
  take_in(rules, as_bytes(row), out, kHeap);
  return shown(bytes_of(out));
}

Error error_of(std::string_view policy, std::string_view json) {
  try {
    taken(policy, json);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Code::bug, ""};
}

TEST(Intake, EmptyValuesAreLeftOutWhereThePolicySaysSo) {
  const char* const row =
      R"({"a": "", "b": " \t\u00a0\u3000", "c": [], "d": {}, "e": 0, "f": false, "g": [null], "h": " x", "i": null})";
  EXPECT_EQ(taken("default recent ignore empty", row), R"(e: 0, f: false, g: [null], h: " x")");
  EXPECT_EQ(taken("c ignore empty", R"({"a": "", "c": []})"), R"(a: "")");
  EXPECT_EQ(taken("default recent ignore empty; c max", R"({"a": "", "b": 1, "c": []})"), "b: 1");
}

TEST(Intake, StringsBecomeTimestamps) {
  EXPECT_EQ(taken("t as timestamp", R"({"t": "2026-01-31 13:00+03:00", "u": "2026-01-31"})"),
            R"(t: <2026-01-31T10:00:00Z>, u: "2026-01-31")");
  EXPECT_EQ(taken("t as timestamp", R"({"t": "1900-01-01T00:00:00+01:56:56"})"), "t: <1899-12-31T22:03:04Z>");
  EXPECT_EQ(taken("default max as timestamp; u max", R"({"t": "infinity", "u": "x"})"), R"(t: <infinity>, u: "x")");
  EXPECT_EQ(taken("t as timestamp ignore empty", R"({"t": " "})"), "");
  for (const char* const json : {R"({"t": "yesterday"})", R"({"t": 1})", R"({"t": ["2026-01-31"]})", R"({"t": ""})"}) {
    const Error error = error_of("t as timestamp", json);
    EXPECT_EQ(error.code(), Code::invalid_instant) << json;
    EXPECT_NE(error.message().find("\"t\""), std::string::npos) << error.message();
  }
  EXPECT_EQ(error_of("t as timestamp", R"({"t": "294277-01-01"})").code(), Code::instant_out_of_range);
  EXPECT_EQ(error_of("t as timestamp", R"({"t": "-5000-01-01"})").code(), Code::instant_out_of_range);
}

TEST(Intake, MembersOfAGroupStayTogether) {
  const char* const policy = "group address(street, city) recent; group name(last, first) longest ignore empty";
  EXPECT_EQ(taken(policy, R"({"street": "S", "city": "C", "age": 3})"),
            R"(age: 3, address: {"city": "C", "street": "S"})");
  EXPECT_EQ(taken(policy, R"({"first": "A", "last": " ", "city": ""})"),
            R"(address: {"city": ""}, name: {"first": "A"})");
  EXPECT_EQ(taken(policy, R"({"first": "", "x": null})"), "");
  EXPECT_EQ(taken("group a(a, b)", R"({"a": 1})"), R"(a: {"a": 1})");
  EXPECT_EQ(taken("default recent ignore empty; group address(street, city)", R"({"city": ""})"), "");
  // A member with the name of the group.
  EXPECT_EQ(taken("group address(city)", R"({"address": "Old street", "city": "C"})"), R"(address: {"city": "C"})");
  EXPECT_EQ(taken("group address(city)", R"({"address": "Old street", "x": 1})"), R"(x: 1, address: "Old street")");
  std::string deep = "1";
  for (int i = 0; i < kMaxValueDepth; ++i) deep = "[" + deep + "]";
  EXPECT_EQ(error_of("group g(a)", "{\"a\": " + deep.substr(0) + "}").code(), Code::too_complex);
}

TEST(Intake, LogOfRowsUnderPoliciesGivesTheProfileOfTheirRows) {
  std::mt19937_64 random(21);
  const char* const policies[] = {"default first ignore empty; n sum; group g(a, b)",
                                  "default max; group g(b, a) collect",
                                  "declared 2026-01-01; n first; group g(a, b) longest"};
  const char* const rows[] = {R"({"n": 1, "a": "x"})", R"({"n": 2.5, "b": "", "c": " "})", R"({"c": "y"})", "{}"};
  log::Digest digest(kHeap);
  for (int round = 0; round < 1000; ++round) {
    std::string payload(1 << 14, '\0');
    auto* const log = reinterpret_cast<std::byte*>(payload.data());
    log::begin(log);
    ProfileBuilder expected(kHeap);
    for (std::size_t count = 1 + random() % 6; count > 0; --count) {
      const std::string body = body_of(policies[random() % std::size(policies)]);
      const std::string row = row_of(rows[random() % std::size(rows)]);
      Policy policy(kHeap);
      policy.assign(as_bytes(body));
      const std::int64_t time = static_cast<std::int64_t>(random() % 5);
      Buffer item;
      log::begin_row(item, "s", time);
      take_in(policy, as_bytes(row), item, kHeap);
      if (!log::begins_with_policy(as_bytes(payload), as_bytes(body)))
        log::append(log, log::Item::policy, as_bytes(body));
      log::append(log, log::Item::row_under_policy, item.span());
      ProfileBuilder one(kHeap);
      one.sections().add_policy(as_bytes(body));
      log::replay_row(log::read_row(item.span()), one);
      Buffer profile;
      one.write(profile);
      expected.add_profile(ProfileView(expected.copy(profile.span())));
    }
    Buffer short_way, out, wanted;
    EXPECT_FALSE(digest.write(as_bytes(payload), short_way));
    ProfileBuilder builder(kHeap);
    log::replay(as_bytes(payload), builder);
    builder.write(out);
    expected.write(wanted);
    ASSERT_EQ(bytes_of(out), bytes_of(wanted));
  }
}

TEST(Intake, RowsWithoutGroupsDoNotMixWithGroups) {
  std::string payload(1 << 10, '\0');
  auto* const log = reinterpret_cast<std::byte*>(payload.data());
  log::begin(log);
  Buffer item;
  log::begin_row(item, "s", 1);
  log::append(log, log::Item::row, item.span());  // says nothing
  log::append(log, log::Item::policy, as_bytes(body_of("group g(a)")));
  ProfileBuilder builder(kHeap);
  log::replay(as_bytes(payload), builder);
  log::append_string(item, "a", "x");
  log::append(log, log::Item::row, item.span());
  builder.clear();
  EXPECT_THROW(log::replay(as_bytes(payload), builder), Error);
}

}  // namespace
}  // namespace cdp::core
