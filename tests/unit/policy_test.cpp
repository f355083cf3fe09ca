// Policies: text, bytes, order, and what becomes of them in a profile.
#include "core/profile/policy.hpp"

#include <gtest/gtest.h>

#include <memory_resource>
#include <random>

#include "core/profile/builder.hpp"
#include "core/profile/codec.hpp"

namespace cdp::core {
namespace {

std::pmr::memory_resource* const kHeap = std::pmr::new_delete_resource();

std::string bytes_of(const Buffer& buffer) { return std::string(as_text(buffer.span())); }

std::string body_of(std::string_view text) {
  Buffer body;
  parse_policy(text, body, kHeap);
  return bytes_of(body);
}

std::string printed(std::string_view body) {
  Policy policy(kHeap);
  policy.assign(as_bytes(body));
  Buffer text;
  print_policy(policy, text);
  return bytes_of(text);
}

std::string canonical(std::string_view text) { return printed(body_of(text)); }

template <typename Body>
Error error_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Code::bug, ""};
}

TEST(Policy, IsPrintedInOneForm) {
  EXPECT_EQ(canonical("default recent"), "default recent");
  EXPECT_EQ(body_of("DEFAULT Recent ;"), "");
  EXPECT_EQ(canonical("country Priority(crm, \"web shop\") ; age max;"),
            "default recent; age max; country priority(crm, \"web shop\")");
  EXPECT_EQ(canonical("group address(street, postcode, city) recent; default first ignore empty"),
            "default first ignore empty; group address(city, postcode, street) recent");
  EXPECT_EQ(canonical("declared 2026-01-31T12:00:00+02:00; \"a.b\" collect; \"caf\\u00e9\" min; \"default\" sum"),
            "declared 2026-01-31T10:00:00Z; default recent; \"a.b\" collect; \"café\" min; \"default\" sum");
  EXPECT_EQ(canonical("signed_up as timestamp ignore empty; default priority(crm)"),
            "default priority(crm); signed_up priority(crm) ignore empty as timestamp");
  EXPECT_EQ(canonical("group a(x, y); /* a comment */ default first"), "default first; group a(x, y) first");
  EXPECT_EQ(canonical("group a(a, b) max ignore empty"), "default recent; group a(a, b) max ignore empty");
  EXPECT_EQ(canonical("declared -infinity; default recent"), "default recent");
}

TEST(Policy, ErrorsNameTokenPlaceAndRemedy) {
  const struct {
    const char *text, *message, *hint;
  } cases[] = {
      {"", "syntax error at end of policy", "Expected default, group or the name of an attribute."},
      {"country recnt", "at or near \"recnt\"", "Perhaps you meant \"recent\"."},
      {"country", "syntax error at end of policy", "Expected a rule: recent, first, priority(...)"},
      {"country priority", "at end of policy", "Expected a list in parentheses"},
      {"country priority()", "at or near \")\"", "Expected the name of a source."},
      {"country priority(crm, crm)", "source \"crm\" stands twice", ""},
      {"country recent first", "at or near \"first\"", "Expected \";\""},
      {"country recent ignroe empty", "\"ignroe\"", "Perhaps you meant \"ignore\"."},
      {"country recent as date", "\"date\"", "Expected \"timestamp\"."},
      {"a first; a max", "attribute \"a\" stands twice", "An attribute has one clause"},
      {"group g(a, b) recent; a max", "attribute \"a\" stands twice", ""},
      {"group g(a, a) recent", "attribute \"a\" stands twice", ""},
      {"group g(a, b) sum", "syntax error", "no sum"},
      {"group g(a, b) recent as timestamp", "syntax error", "not an instant"},
      {"default first; default max", "two clauses for the default", ""},
      {"declared yesterday; a max", "\"yesterday\"", "declared 2026-01-31T10:00:00Z"},
      {"a max; declared 2026-01-31", "\"declared\"", "first thing"},
      {"address.city recent", "\".\"", "whole attributes"},
      {"'a' recent", "\"'\"", "double quotes"},
      {"\"a recent", "unterminated string in policy", ""},
      {"a /* recent", "unterminated comment in policy", ""},
      {"\"\\q\" recent", "invalid escape sequence in policy", ""},
  };
  for (const auto& [text, message, hint] : cases) {
    const Error error = error_of([&] { body_of(text); });
    EXPECT_EQ(error.code(), Code::syntax_error) << text;
    EXPECT_NE(error.message().find(message), std::string::npos) << text << ": " << error.message();
    EXPECT_NE(error.hint().find(hint), std::string::npos) << text << ": " << error.hint();
    EXPECT_NE(error.detail().find("Line 1, column "), std::string::npos) << text;
  }
  EXPECT_EQ(error_of([] { body_of("a\nmax;\n b nax"); }).detail(), "Line 3, column 4 of the policy.");
}

TEST(Policy, LimitsAreLimits) {
  EXPECT_EQ(error_of([] { body_of(std::string((1 << 20) + 1, ' ')); }).code(), Code::limit_exceeded);
  std::string list = "a priority(s0", many = "default first";
  for (int i = 1; i < 255; ++i) list += ", s" + std::to_string(i);
  body_of(list + ")");
  EXPECT_EQ(error_of([&] { body_of(list + ", x)"); }).code(), Code::limit_exceeded);
  for (int i = 0; i < 65536; ++i) many += ";a" + std::to_string(i) + " max";
  EXPECT_EQ(error_of([&] { body_of(many); }).code(), Code::limit_exceeded);
  // Each clause without a rule repeats the default's list.
  std::string repeated = "default " + list.substr(2) + ")";
  for (int i = 0; i < 10000; ++i) repeated += ";a" + std::to_string(i) + " ignore empty";
  EXPECT_EQ(error_of([&] { body_of(repeated); }).code(), Code::limit_exceeded);
}

TEST(Policy, TheGreaterOneIsTheLaterThenByText) {
  const auto order = [](const char* a, const char* b) {
    return compare_policies(as_bytes(body_of(a)), as_bytes(body_of(b)), kHeap);
  };
  EXPECT_EQ(order("a first; b max", "b max; a first"), 0);
  EXPECT_LT(order("default recent", "default first"), 0);  // the plain one is the least
  EXPECT_LT(order("default first", "default max"), 0);
  EXPECT_LT(order("default min", "declared 2020-01-01; default first"), 0);
  EXPECT_LT(order("declared 2020-01-01; default first", "declared 2020-01-02; default collect"), 0);
}

std::string profile_of(std::string_view policy, std::string_view attribute) {
  ProfileBuilder builder(kHeap);
  builder.sections().add_policy(as_bytes(body_of(policy)));
  if (!attribute.empty()) builder.add_observation(attribute, {Type::string, as_bytes("x")}, "s", 1);
  Buffer out;
  builder.write(out);
  return bytes_of(out);
}

std::string merged(std::string_view a, std::string_view b) {
  ProfileBuilder builder(kHeap);
  builder.add_profile(ProfileView(as_bytes(a)));
  builder.add_profile(ProfileView(as_bytes(b)));
  Buffer out;
  builder.write(out);
  return bytes_of(out);
}

std::string policy_of(std::string_view profile) {
  return printed(as_text(ProfileView(as_bytes(profile)).section(Section::policy)));
}

TEST(Policy, TravelsWithTheProfile) {
  const std::string profile = profile_of("a first", "a");
  EXPECT_EQ(policy_of(profile), "default recent; a first");
  Buffer text, scratch, binary, again;
  print_profile(ProfileView(as_bytes(profile)), text);
  EXPECT_TRUE(as_text(text.span()).starts_with("{\"policy\": \"default recent; a first\", \"attributes\": {"));
  ProfileBuilder builder(kHeap);
  parse_profile(as_text(text.span()), builder, scratch, kHeap);
  builder.write(again);
  EXPECT_EQ(bytes_of(again), profile);
  write_binary_profile(ProfileView(as_bytes(profile)), binary);
  again.clear();
  builder.clear();
  read_binary_profile(binary.span(), builder);
  builder.write(again);
  EXPECT_EQ(bytes_of(again), profile);
}

TEST(Policy, TheGreaterOneStaysWhenProfilesMerge) {
  const std::string first = profile_of("default first", "a"), max = profile_of("default max", "b");
  EXPECT_EQ(policy_of(merged(first, max)), "default max");
  EXPECT_EQ(merged(first, max), merged(max, first));
  EXPECT_EQ(policy_of(merged(first, profile_of("default recent", "c"))), "default first");
  EXPECT_EQ(merged(first, profile_of("default recent", "")), first);
}

TEST(Policy, GroupsDoNotMix) {
  const std::string grouped = profile_of("group g(a, b) recent", "g"), plain = profile_of("default recent", "a");
  EXPECT_EQ(error_of([&] { merged(grouped, plain); }).code(), Code::invalid_parameter);
  EXPECT_EQ(error_of([&] { merged(plain, grouped); }).code(), Code::invalid_parameter);
  EXPECT_EQ(error_of([&] { merged(grouped, profile_of("group h(a, b) recent", "h")); }).code(),
            Code::invalid_parameter);
  EXPECT_EQ(error_of([&] { merged(profile_of("a max", ""), grouped); }).code(), Code::invalid_parameter);
  merged(grouped, profile_of("group g(b, a) max; c first", "c"));
  EXPECT_EQ(merged(grouped, profile_of("default recent", "")), grouped);
}

TEST(Policy, HostileBytesAreRefused) {
  std::mt19937_64 random(7);
  const std::string policies[] = {
      body_of("declared 2026-01-31; default priority(a, b); x max ignore empty; \"y z\" collect"),
      body_of("group g(a, b) priority(crm, web) ignore empty; t first as timestamp")};
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = policies[round % 2];
    for (std::size_t changes = 1 + random() % 2; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random() % (round % 3 == 0 ? 256 : 8));
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    try {
      check_policy(as_bytes(bytes), "cdp.policy", kHeap);
      EXPECT_EQ(body_of(printed(bytes)), bytes);
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(error.code(), Code::invalid_binary) << error.what();
    }
  }
  EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace cdp::core
