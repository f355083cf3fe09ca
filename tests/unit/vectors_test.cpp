// tests/vectors/TYPE.csv: canonical text, stored bytes and binary protocol of values, as docs/format.md specifies them.
// What is stored in somebody's tables has to stay readable: a row changes only together with that document.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <memory_resource>
#include <string>
#include <vector>

#include "core/audience/audience.hpp"
#include "core/identity/components_value.hpp"
#include "core/profile/codec.hpp"
#include "core/profile/policy.hpp"
#include "core/segment/lookup.hpp"
#include "core/segment/segment.hpp"
#include "core/timeline/codec.hpp"

namespace cdp::core {
namespace {

using Bytes = std::string;

std::pmr::memory_resource* const kHeap = std::pmr::new_delete_resource();

Bytes hex(const Bytes& bytes) {
  Bytes digits;
  for (const char byte : bytes)
    for (const int shift : {4, 0}) digits += "0123456789abcdef"[static_cast<unsigned char>(byte) >> shift & 15];
  return digits;
}

// RFC 4180, with a line for each row after the one of names.
std::vector<std::vector<Bytes>> read_csv(const Bytes& path) {
  std::ifstream in(path, std::ios::binary);
  const Bytes text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::vector<Bytes>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      rows.back().back() += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ',') {
      rows.back().emplace_back();
    } else if (!quoted && text[i] == '\n') {
      rows.push_back({""});
    } else {
      rows.back().back() += text[i];
    }
  }
  rows.pop_back();
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

template <typename Write>
Bytes written(Write&& write) {
  Buffer out;
  write(out);
  return Bytes(as_text(out.span()));
}

struct Type {
  const char* name;
  std::function<void(const Bytes&, Buffer&)> parse, print, send, receive;
};

std::ostream& operator<<(std::ostream& out, const Type& type) { return out << type.name; }

void print_stored_policy(const Bytes& stored, Buffer& out) {
  Policy policy(kHeap);
  policy.assign(policy_body(as_bytes(stored)));
  print_policy(policy, out);
}

void parse_stored_policy(const Bytes& text, Buffer& out) {
  Buffer body;
  parse_policy(text, body, kHeap);
  Policy policy(kHeap);
  policy.assign(body.span());
  append_policy_header(out, policy.clauses().size());
  out.append(body.span());
}

const Type kTypes[] = {
    {"profile",
     [](const Bytes& text, Buffer& out) {
       ProfileBuilder builder(kHeap);
       Buffer scratch;
       parse_profile(text, builder, scratch, kHeap);
       builder.write(out);
     },
     [](const Bytes& stored, Buffer& out) { print_profile(ProfileView(as_bytes(stored)), out); },
     [](const Bytes& stored, Buffer& out) { write_binary_profile(ProfileView(as_bytes(stored)), out); },
     [](const Bytes& wire, Buffer& out) {
       ProfileBuilder builder(kHeap);
       read_binary_profile(as_bytes(wire), builder);
       builder.write(out);
     }},
    {"timeline", [](const Bytes& text, Buffer& out) { parse_timeline(text, out, kHeap); },
     [](const Bytes& stored, Buffer& out) { print_timeline(TimelineView(as_bytes(stored)), out); },
     [](const Bytes& stored, Buffer& out) { write_binary_timeline(TimelineView(as_bytes(stored)), out); },
     [](const Bytes& wire, Buffer& out) { read_binary_timeline(as_bytes(wire), out, kHeap); }},
    // Its binary form is a version and the text.
    {"segment", [](const Bytes& text, Buffer& out) { parse_segment(text, out); },
     [](const Bytes& stored, Buffer& out) {
       check_segment(as_bytes(stored));
       print_segment(Segment(as_bytes(stored)), out);
     },
     [](const Bytes& stored, Buffer& out) {
       out.byte(1);
       print_segment(Segment(as_bytes(stored)), out);
     },
     [](const Bytes& wire, Buffer& out) { parse_segment(wire.substr(1), out); }},
    {"policy", parse_stored_policy, print_stored_policy,
     [](const Bytes& stored, Buffer& out) {
       out.byte(1);
       print_stored_policy(stored, out);
     },
     [](const Bytes& wire, Buffer& out) { parse_stored_policy(wire.substr(1), out); }},
    {"components", [](const Bytes& text, Buffer& out) { components_from_text(text, out, kHeap, {}); },
     [](const Bytes& stored, Buffer& out) { components_to_text(as_bytes(stored), out, kHeap, {}); },
     [](const Bytes& stored, Buffer& out) { components_to_wire(as_bytes(stored), out, kHeap); },
     [](const Bytes& wire, Buffer& out) { components_from_wire(as_bytes(wire), out, kHeap, {}); }},
    {"audience", [](const Bytes& text, Buffer& out) { parse_audience(text, out, kHeap, {}); },
     [](const Bytes& stored, Buffer& out) { print_audience(Audience(as_bytes(stored)), out, {}); },
     [](const Bytes& stored, Buffer& out) { write_binary_audience(Audience(as_bytes(stored)), out); },
     [](const Bytes& wire, Buffer& out) { read_binary_audience(as_bytes(wire), out, {}); }},
};

class Vectors : public testing::TestWithParam<Type> {};

TEST_P(Vectors, AreReadAndWritten) {
  const Type& type = GetParam();
  const auto rows = read_csv(Bytes(CDP_VECTORS "/") + type.name + ".csv");
  EXPECT_GE(rows.size(), 3u);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 3u) << row[0];
    const Bytes stored = written([&](Buffer& out) { type.parse(row[0], out); });
    EXPECT_EQ(hex(stored), row[1]) << row[0];
    const Bytes wire = written([&](Buffer& out) { type.send(stored, out); });
    EXPECT_EQ(hex(wire), row[2]) << row[0];
    EXPECT_EQ(written([&](Buffer& out) { type.print(stored, out); }), row[0]);
    EXPECT_EQ(hex(written([&](Buffer& out) { type.receive(wire, out); })), row[1]) << row[0];
  }
}

INSTANTIATE_TEST_SUITE_P(Format, Vectors, testing::ValuesIn(kTypes),
                         [](const auto& info) { return Bytes(info.param.name); });

// tests/vectors/keys.csv: what stands in indexes on disk.
TEST(KeyVectors, AreLookedUp) {
  const auto rows = read_csv(CDP_VECTORS "/keys.csv");
  EXPECT_GE(rows.size(), 20u);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 4u) << row[0];
    FactKey first = fact::kAlways, last = first;
    if (row[0] == "rule") {
      const Bytes stored = written([&](Buffer& out) { parse_segment(row[1], out); });
      const Lookup lookup = lookup_of(Segment(as_bytes(stored)), std::nullopt, kHeap);
      ASSERT_EQ(lookup.keys.size(), 1u) << row[1];
      first = lookup.keys[0].least;
      last = lookup.keys[0].greatest;
    } else if (row[0] == "event") {
      first = last = fact::event(row[1]);
    } else if (row[0] == "identifier") {
      first = last = fact::identifier(row[1]);
    } else if (row[0] == "known to rules") {
      first = last = fact::known_to_rules(fact::Path(row[1]).known());
      EXPECT_TRUE(first >= fact::least_known_to_rules() && first <= fact::greatest_known_to_rules());
    } else {
      ASSERT_EQ(row[0], "always");
    }
    EXPECT_EQ(std::to_string(first), row[2]) << row[1];
    EXPECT_EQ(std::to_string(last), row[3]) << row[1];
  }
}

}  // namespace
}  // namespace cdp::core
