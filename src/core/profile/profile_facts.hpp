// What a profile holds beside attributes and their policy, while it is being built: identifiers, consents, events.
#pragma once

#include "core/profile/consents.hpp"
#include "core/profile/identifiers.hpp"
#include "core/profile/totals.hpp"
#include "core/profile/view.hpp"

namespace cdp::core {

class ProfileFacts {
 public:
  explicit ProfileFacts(std::pmr::memory_resource* resource);

  // What is added must live until write().
  // Merges what a stored profile holds.
  void add(const ProfileView& profile);
  // The same of a section that nobody vouches for. 22P03.
  void add_checked(Section section, ByteSpan bytes, const Poll& poll = {});
  // The same of a member of the text form. 22P02. False when it is none of these.
  bool add_text(std::string_view key, Value content, const Poll& poll = {});

  Identifiers& identifiers() noexcept { return identifiers_; }
  Consents& consents() noexcept { return consents_; }
  // Drops the identifiers and consents that this source gave.
  void forget_source(std::string_view source, const Poll& poll = {});
  // Events are kept elsewhere.
  void mark_detached() noexcept { detached_ = true; }

  // The canonical bytes of each section, until the next change, and the marks for the header.
  void write(SectionSpans& sections, const Poll& poll = {});
  std::uint16_t marks() const noexcept;
  void clear();

 private:
  void write_timeline(const Poll& poll);

  std::pmr::memory_resource* resource_;
  Identifiers identifiers_;
  Consents consents_;
  Totals totals_;
  std::pmr::vector<ByteSpan> timelines_;  // to be merged
  Buffer text_timeline_;                  // the one that text describes
  bool detached_ = false;
  Buffer written_;
};

// Appends what the text form says of them, as members of an object after what `out` holds from `start` on.
void print_facts(const ProfileView& profile, Buffer& out, std::size_t start, const Poll& poll = {});

}  // namespace cdp::core
