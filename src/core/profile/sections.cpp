// src/core/profile/sections.cpp: what is known of each section.
#include "core/profile/sections.hpp"

#include <string>

#include "core/profile/format.hpp"

namespace cdp::core {

namespace {

constexpr std::size_t index_of(Section section) noexcept { return static_cast<std::size_t>(section); }

}  // namespace

bool observes(const ProfileView& profile) {
  for (std::uint32_t i = 0; i < profile.size(); ++i) {
    const Attribute attribute = profile.attribute(i);
    if (attribute.known()) return true;
    bool found = false;
    attribute.cursor().for_each_value([&found](const Value& value) { found = found || value.type != Type::erased; });
    if (found) return true;
  }
  return false;
}

void Sections::add(const ProfileView& profile) {
  facts_.add(profile);
  const ByteSpan policy = profile.section(Section::policy);
  if (!policy.empty() || observes(profile)) add_policy(policy);
}

void Sections::add_checked(Section section, ByteSpan bytes, const Poll& poll) {
  if (section != Section::policy) return facts_.add_checked(section, bytes, poll);
  check_policy(bytes, "cdp.profile", resource_);
  add_policy(bytes);
}

bool Sections::add_text(std::string_view key, Value content, const Poll& poll) {
  if (key != "policy") return facts_.add_text(key, content, poll);
  if (content.type != Type::string)
    throw Error(Code::invalid_text, "invalid input syntax for type cdp.profile", "\"policy\" must be a string.");
  Buffer body(resource_);
  try {
    parse_policy(as_text(content.bytes), body, resource_);
  } catch (const Error& error) {
    if (error.code() != Code::syntax_error) throw;
    throw Error(Code::invalid_text, "invalid input syntax for type cdp.profile",
                "The policy is not valid: " + error.message() + ". " + error.detail(), error.hint());
  }
  add_policy(body.span());
  return true;
}

void Sections::add_policy(ByteSpan body) {
  const bool same = same_bytes(policy_.body(), body);
  if (!settled_) {
    if (!same) policy_.assign(body);
    settled_ = true;
    return;
  }
  if (same) return;
  Policy other(resource_);
  other.assign(body);
  if (!same_groups(policy_, other))
    throw Error(Code::invalid_parameter, "profiles with different field groups cannot be merged",
                "One of them was made under a policy with other groups, or under none.",
                "Make both of them under the same policy; cdp.policy_of(profile) is that of a profile.");
  if (compare_policies(body, policy_.body(), resource_) > 0) policy_.assign(body);
}

void Sections::replace_policy(ByteSpan body) {
  Policy other(resource_);
  other.assign(body);
  if (settled_ && !same_groups(policy_, other))
    throw Error(Code::not_supported, "the field groups of a profile cannot be changed",
                "A group is one value from the moment on when it is observed.",
                "Make the profile of its observations again, under the new policy.");
  if (!same_bytes(policy_.body(), body)) policy_.assign(body);
  settled_ = true;
}

SectionSpans Sections::write(const Poll& poll) {
  SectionSpans sections{};
  facts_.write(sections, poll);
  sections[index_of(Section::policy)] = policy().body();
  return sections;
}

void print_sections(const ProfileView& profile, Buffer& out) {
  if (const ByteSpan body = profile.section(Section::policy); !body.empty()) {
    Policy policy(std::pmr::get_default_resource());
    policy.assign(body);
    Buffer text;
    print_policy(policy, text);
    out.append("\"policy\": ");
    print_json_string(as_text(text.span()), out);
  }
}

}  // namespace cdp::core
