// src/core/segment/tree_object.cpp: members, and what is wrong with them.
#include "core/segment/tree_object.hpp"

#include <algorithm>
#include <array>

#include "core/bytes/json_string.hpp"
#include "core/bytes/nearest.hpp"
#include "core/segment/tree_words.hpp"

namespace cdp::core::tree {

namespace {

constexpr std::size_t kKeys = std::size(kSubjects) + std::size(kOperators) + std::size(kOtherKeys);

std::array<std::string_view, kKeys> all_keys() {
  std::array<std::string_view, kKeys> keys;
  auto* at = keys.data();
  for (const SubjectWord& word : kSubjects) *at++ = word.key;
  for (const OperatorWord& word : kOperators) *at++ = word.key;
  std::copy(std::begin(kOtherKeys), std::end(kOtherKeys), at);
  return keys;
}

void append_quoted(std::string_view text, std::string& to) {
  Buffer quoted;
  std::size_t length = std::min<std::size_t>(text.size(), 64);
  while (length < text.size() && length > 0 && (static_cast<std::uint8_t>(text[length]) & 0xC0) == 0x80) --length;
  print_json_string(text.substr(0, length), quoted);
  to += as_text(quoted.span());
}

bool is_plain(std::string_view key) noexcept {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

std::string Path::text() const {
  std::string text = "$";
  for (const Step& step : steps_) {
    if (step.key.data() == nullptr) {
      text += "[" + std::to_string(step.index) + "]";
    } else if (is_plain(step.key)) {
      text += "." + std::string(step.key);
    } else {
      text += ".";
      append_quoted(step.key, text);
    }
  }
  return text;
}

void Path::fail(std::string_view what, std::string hint) const {
  throw Error(Code::invalid_text, "invalid segment in JSON: " + std::string(what), "At " + text() + ".",
              std::move(hint));
}

Members::Members(Value json, const Path& path, const char* hint) : path_(path) {
  if (json.type != Type::object) path.fail("expected an object", hint);
  const std::byte* at = json.bytes.data();
  const std::uint64_t count = trusted_varint(at);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t length = trusted_varint(at);
    const std::string_view key = as_text({at, length});
    at += length;
    const Value value = trusted_value(at);
    if (count_ == kMost) path.fail("too many keys in an object");
    members_[count_++] = {key, value, false};
  }
}

std::optional<Value> Members::take(std::string_view key) noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    if (members_[i].taken || members_[i].key != key) continue;
    members_[i].taken = true;
    return members_[i].value;
  }
  return std::nullopt;
}

bool Members::has(std::string_view key) const noexcept {
  return std::any_of(members_, members_ + count_, [key](const Member& one) { return !one.taken && one.key == key; });
}

void Members::refuse_unknown() const {
  const auto keys = all_keys();
  for (std::size_t i = 0; i < count_; ++i) {
    const std::string_view key = members_[i].key;
    if (members_[i].taken || std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    std::string what = "unknown key ";
    append_quoted(key, what);
    const std::string_view near = key == "and" ? "all" : (key == "or" ? "any" : nearest(key, keys));
    path_.fail(what, near.empty() ? std::string() : "Perhaps you meant \"" + std::string(near) + "\".");
  }
}

void Members::finish() const {
  const auto* const left = std::find_if(members_, members_ + count_, [](const Member& one) { return !one.taken; });
  if (left == members_ + count_) return;
  refuse_unknown();
  path_.fail("misplaced key \"" + std::string(left->key) + "\"");
}

}  // namespace cdp::core::tree
