// src/core/profile/profile_facts.cpp: the facts of a profile as a whole.
#include "core/profile/profile_facts.hpp"

#include "core/profile/document.hpp"
#include "core/profile/events.hpp"
#include "core/profile/facts_text.hpp"
#include "core/profile/format.hpp"
#include "core/profile/json.hpp"
#include "core/timeline/codec.hpp"

namespace cdp::core {

ProfileFacts::ProfileFacts(std::pmr::memory_resource* resource)
    : resource_(resource),
      identifiers_(resource),
      consents_(resource),
      totals_(resource),
      timelines_(resource),
      text_timeline_(resource),
      written_(resource) {}

void ProfileFacts::clear() {
  identifiers_.clear();
  consents_.clear();
  totals_.clear();
  timelines_.clear();
  detached_ = false;
}

void ProfileFacts::add(const ProfileView& profile) {
  identifiers_.add_section(profile.section(Section::identifiers));
  consents_.add_section(profile.section(Section::consents));
  totals_.add_section(profile.section(Section::totals));
  if (const ByteSpan timeline = profile.section(Section::timeline); !timeline.empty()) timelines_.push_back(timeline);
  detached_ = detached_ || profile.detached();
}

void ProfileFacts::add_checked(Section section, ByteSpan bytes, const Poll& poll) {
  switch (section) {
    case Section::identifiers: identifiers_.read_section(bytes, poll); break;
    case Section::consents: consents_.read_section(bytes, poll); break;
    case Section::totals: totals_.read_section(bytes, poll); break;
    case Section::timeline:
      check_timeline(bytes, resource_, poll);
      timelines_.push_back(bytes);
      break;
    case Section::policy: break;
  }
}

bool ProfileFacts::add_text(std::string_view key, Value content, const Poll& poll) {
  if (key == "identifiers") {
    add_identifiers(content, identifiers_);
  } else if (key == "consents") {
    add_consents(content, consents_);
  } else if (key == "totals") {
    add_totals(content, totals_);
  } else if (key == "timeline") {
    Buffer json(resource_);
    print_json(content, json);
    text_timeline_.clear();
    parse_timeline(as_text(json.span()), text_timeline_, resource_, poll);
    timelines_.push_back(text_timeline_.span());
  } else if (key == "detached") {
    if (content.type != Type::boolean || content.bytes[0] != std::byte{1})
      kProfileDocument.fail("\"detached\" can only be true.");
    detached_ = true;
  } else {
    return false;
  }
  return true;
}

void ProfileFacts::forget_source(std::string_view source, const Poll& poll) {
  identifiers_.forget_source(source, poll);
  consents_.forget_source(source, poll);
}

void ProfileFacts::write(SectionSpans& sections, const Poll& poll) {
  written_.clear();
  std::size_t ends[kSectionCount] = {};
  const auto end = [&](Section section) { ends[static_cast<std::size_t>(section)] = written_.size(); };
  identifiers_.write(written_, poll);
  end(Section::identifiers);
  consents_.write(written_, poll);
  end(Section::consents);
  totals_.write(written_, poll);
  end(Section::totals);
  write_timeline(poll);
  end(Section::timeline);
  for (std::size_t i = 1; i < kSectionCount; ++i) sections[i] = {written_.data() + ends[i - 1], ends[i] - ends[i - 1]};
}

void ProfileFacts::write_timeline(const Poll& poll) {
  const std::size_t start = written_.size();
  if (timelines_.size() == 1) {
    written_.append(timelines_[0]);
  } else if (!timelines_.empty()) {
    TimelineBuilder builder(resource_);
    for (const ByteSpan timeline : timelines_) builder.add_timeline(TimelineView(timeline), poll);
    builder.write(written_, poll);
  }
  if (written_.size() != start && is_empty_timeline(written_.span(start))) written_.truncate(start);
}

std::uint16_t ProfileFacts::marks() const noexcept {
  // Totals are of events that are kept elsewhere.
  return detached_ || !totals_.empty() ? format::kDetached : 0;
}

void print_facts(const ProfileView& profile, Buffer& out, std::size_t start, const Poll& poll) {
  const auto print = [&](Section section, const char* key, const auto& print_section) {
    const ByteSpan bytes = profile.section(section);
    if (bytes.empty()) return;
    if (out.size() != start) out.append(", ");
    out.append(key);
    print_section(bytes, out, poll);
  };
  print(Section::identifiers, "\"identifiers\": ", print_identifiers);
  print(Section::consents, "\"consents\": ", print_consents);
  print(Section::totals, "\"totals\": ", print_totals);
  print(Section::timeline, "\"timeline\": ", [](ByteSpan timeline, Buffer& to, const Poll& timeline_poll) {
    print_timeline(TimelineView(timeline), to, timeline_poll);
  });
  if (profile.detached()) out.append(out.size() != start ? ", \"detached\": true" : "\"detached\": true");
}

}  // namespace cdp::core
