// Limits of profiles: what is accepted in one form is accepted in every other, and long work can be cancelled.
#include <gtest/gtest.h>

#include <csignal>
#include <memory_resource>

#include "core/profile/builder.hpp"
#include "core/profile/codec.hpp"
#include "core/profile/json.hpp"

namespace cdp::core {
namespace {

std::pmr::memory_resource* const kHeap = std::pmr::new_delete_resource();

std::string repeated(std::string_view text, int times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

std::string bytes_of(const Buffer& buffer) { return std::string(as_text(buffer.span())); }

std::string write(ProfileBuilder& builder) {
  Buffer out;
  builder.write(out);
  return bytes_of(out);
}

std::string from_text(std::string_view text) {
  ProfileBuilder builder(kHeap);
  Buffer scratch;
  parse_profile(text, builder, scratch, kHeap);
  return write(builder);
}

std::string text_of(std::string_view profile, const Poll& poll = {}) {
  Buffer out;
  print_profile(ProfileView(as_bytes(profile)), out, poll);
  return bytes_of(out);
}

std::string binary_of(std::string_view profile) {
  Buffer out;
  write_binary_profile(ProfileView(as_bytes(profile)), out);
  return bytes_of(out);
}

std::string from_binary(std::string_view bytes, const Poll& poll = {}) {
  ProfileBuilder builder(kHeap);
  read_binary_profile(as_bytes(bytes), builder, poll);
  return write(builder);
}

// A profile of one value, `observations` times at different times from different sources.
std::string profile_of(Value value, int observations) {
  ProfileBuilder builder(kHeap);
  for (int i = 0; i < observations; ++i) builder.add_observation("a", value, "s" + std::to_string(i), i);
  return write(builder);
}

template <typename Body>
Code code_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.code();
  }
  return Code::bug;
}

TEST(ProfileLimits, DeepestValueReturnsFromTextAndBinary) {
  for (const int observations : {1, 3, 40}) {
    for (const auto& [open, close] : {std::pair{"[", "]"}, {"{\"k\":", "}"}}) {
      Buffer scratch;
      const std::string json =
          repeated(open, kMaxValueDepth) + (*open == '{' ? "1" : "") + repeated(close, kMaxValueDepth);
      const std::string profile = profile_of(parse_json(json, "json", scratch, kHeap), observations);
      EXPECT_EQ(from_text(text_of(profile)), profile);
      EXPECT_EQ(from_binary(binary_of(profile)), profile);
    }
  }
}

TEST(ProfileLimits, DeeperValueIsRefusedEverywhere) {
  const std::string json = repeated("[", kMaxValueDepth + 1) + repeated("]", kMaxValueDepth + 1);
  Buffer scratch;
  EXPECT_EQ(code_of([&] { parse_json(json, "json", scratch, kHeap); }), Code::too_complex);
  scratch.clear();
  const Value value = parse_json(json, "json", scratch, kHeap, {}, kMaxValueDepth + 1);
  for (const int observations : {1, 40}) {
    const std::string profile = profile_of(value, observations);
    EXPECT_EQ(code_of([&] { from_text(text_of(profile)); }), Code::too_complex);
    EXPECT_EQ(code_of([&] { from_binary(binary_of(profile)); }), Code::too_complex);
  }
}

TEST(ProfileLimits, LimitOfPairsAboveTheDefaultReturnsFromText) {
  const std::string attributes =
      R"("attributes": {"a": [{"value": 1, "source": "s", "last_seen": "2026-01-01T00:00:00Z"}]})";
  for (const int keep : {1, 15, 17, 255}) {
    const std::string text = "{\"keep\": " + std::to_string(keep) + ", " + attributes + "}";
    EXPECT_EQ(text_of(from_text(text)), text);
    EXPECT_EQ(from_binary(binary_of(from_text(text))), from_text(text));
  }
}

TEST(ProfileLimits, ReadingAndPrintingCanBeCancelled) {
  static volatile std::sig_atomic_t pending = 1;
  const Poll poll(&pending, [] { throw std::string("cancelled"); });
  Buffer scratch;
  const std::string profile = profile_of(parse_json("1", "json", scratch, kHeap), 3);
  EXPECT_THROW(text_of(profile, poll), std::string);
  EXPECT_THROW(from_binary(binary_of(profile), poll), std::string);
}

}  // namespace
}  // namespace cdp::core
