// src/core/profile/without.cpp: taking observations out.
#include "core/profile/without.hpp"

#include <algorithm>
#include <vector>

#include "core/profile/evidence.hpp"
#include "core/profile/format.hpp"

namespace cdp::core {

namespace {

constexpr std::uint32_t kNoSource = UINT32_MAX;

class Remover {
 public:
  Remover(const ProfileView& profile, ProfileBuilder& builder, std::pmr::memory_resource* resource)
      : builder_(builder), evidence_(profile, resource), sources_(resource) {
    profile.for_each_source([this](std::string_view name) { sources_.push_back(builder_.source(name)); });
  }

  // Adds the attribute without what the source numbered `removed` said.
  void add(const Attribute& attribute, std::uint32_t removed) {
    builder_.begin_attribute(attribute.name());
    const Evidence evidence = evidence_.read(attribute);
    const auto stays = [removed](const auto& each) { return each.source != removed; };
    const bool touched = !std::all_of(evidence.spans.begin(), evidence.spans.end(), stays);
    if (touched && std::none_of(evidence.spans.begin(), evidence.spans.end(), stays)) return;
    std::uint64_t left = 0;
    for (const Entry& entry : evidence.entries) {
      if (!stays(entry)) continue;
      ++left;
      add_entry(entry);
    }
    if (!evidence.overflowed) return;
    for (const SourceSpan& span : evidence.spans) {
      if (!stays(span)) continue;
      builder_.add_span({sources_[span.source], span.earliest, span.earliest_at, span.latest, span.latest_at,
                         span.known, span.known_at});
      if (!touched) continue;
      // What a source said last is a pair of its own, whether it was among the most recent ones or not.
      left += add_last(evidence, {span.latest, span.source, span.latest_at});
      if (span.known.type != Type::erased) left += add_last(evidence, {span.known, span.source, span.known_at});
      add_extreme({span.earliest, span.source, span.earliest_at});
    }
    for (const Sighting& extreme : evidence.extremes)
      if (stays(extreme)) add_extreme(extreme);
    builder_.add_overflow(touched ? left : attribute.observations());
    if (touched || evidence.partial) builder_.add_gap();
  }

 private:
  void add_entry(const Entry& entry) {
    builder_.add_entry({entry.value, sources_[entry.source], entry.last_seen, entry.first_seen, entry.times});
  }
  void add_extreme(const Sighting& sighting) {
    if (sighting.value.type != Type::erased)
      builder_.add_extreme(sighting.value, sources_[sighting.source], sighting.at);
  }
  // Returns how many pairs that makes more.
  std::uint64_t add_last(const Evidence& evidence, const Sighting& last) {
    add_entry({last.value, last.source, last.at, last.at, 0});
    add_extreme(last);
    return is_entry(evidence, last) ? 0 : 1;
  }
  static bool is_entry(const Evidence& evidence, const Sighting& sighting) {
    return std::any_of(evidence.entries.begin(), evidence.entries.end(), [&sighting](const Entry& entry) {
      return entry.source == sighting.source && entry.value == sighting.value;
    });
  }

  ProfileBuilder& builder_;
  EvidenceReader evidence_;
  std::pmr::vector<std::uint32_t> sources_;
};

}  // namespace

void add_without(const ProfileView& profile, std::optional<std::string_view> source,
                 std::optional<std::string_view> attribute, ProfileBuilder& builder,
                 std::pmr::memory_resource* resource, const Poll& poll) {
  builder.sections().add(profile);
  if (source && !attribute) builder.sections().facts().forget_source(*source, poll);
  if (profile.size() == 0) return;
  builder.limit_keep(profile.keep());
  Remover remover(profile, builder, resource);
  const std::uint32_t removed = source ? profile.find_source(*source).value_or(kNoSource) : kNoSource;
  for (std::uint32_t i = 0; i < profile.size(); ++i) {
    poll();
    const Attribute each = profile.attribute(i);
    const bool meant = !attribute || each.name() == *attribute;
    if (meant && !source && attribute) continue;
    remover.add(each, meant ? removed : kNoSource);
  }
}

}  // namespace cdp::core
