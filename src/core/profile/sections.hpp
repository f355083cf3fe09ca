// What a profile holds beside its attributes, while it is being built: the one place that knows how each section is
// merged, read, printed and written. docs/format.md specifies the bytes.
#pragma once

#include <memory_resource>
#include <string_view>

#include "core/bytes/buffer.hpp"
#include "core/profile/policy.hpp"
#include "core/profile/profile_facts.hpp"

namespace cdp::core {

// Whether somebody said anything but that it is withdrawn: then the profile's policy counts, also when it has none.
bool observes(const ProfileView& profile);

class Sections {
 public:
  explicit Sections(std::pmr::memory_resource* resource)
      : resource_(resource), policy_(resource), plain_(resource), facts_(resource) {}

  // Merges the sections of a stored profile.
  void add(const ProfileView& profile);
  // Merges a section that nobody vouches for. 22P03; 0A000 for one that this version does not know.
  void add_checked(Section section, ByteSpan bytes, const Poll& poll = {});
  // Merges what the text form says under `key`. 22P02. False when no section has that key.
  bool add_text(std::string_view key, Value content, const Poll& poll = {});

  // The policy that attributes were taken in under; the greatest one stays. 22023 when the groups of two differ.
  void add_policy(ByteSpan body);
  // Replaces it. 0A000 when the groups differ.
  void replace_policy(ByteSpan body);
  const Policy& policy() const noexcept { return settled_ ? policy_ : plain_; }

  // What is neither attribute nor policy; it has to live until write().
  ProfileFacts& facts() noexcept { return facts_; }

  // The canonical bytes of each, until the next change.
  SectionSpans write(const Poll& poll = {});
  std::uint16_t marks() const noexcept { return facts_.marks(); }
  void clear() {
    settled_ = false;
    facts_.clear();
  }

 private:
  std::pmr::memory_resource* resource_;
  // Kept from one profile to the next: mostly it is the same one.
  Policy policy_;
  const Policy plain_;
  bool settled_ = false;  // policy_ counts
  ProfileFacts facts_;
};

// Appends what the text form says of the sections, as members of an object.
void print_sections(const ProfileView& profile, Buffer& out);

}  // namespace cdp::core
