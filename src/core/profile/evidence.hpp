// What survivorship chooses from.
#pragma once

#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "core/profile/view.hpp"

namespace cdp::core {

// What is kept of an attribute. Times are microseconds or their ranks, sources numbers in the order of their names.
struct Evidence {
  bool overflowed, partial;
  std::span<const Entry> entries;                  // most recent first
  std::span<const SourceSpan> spans;               // of an attribute that overflowed
  std::span<const Sighting> extremes;              // of one that overflowed: least, greatest, longest; or none
  std::span<const std::string_view> source_names;  // by number
};

// Reads that from a stored profile, whose bytes must live as long.
class EvidenceReader {
 public:
  EvidenceReader(const ProfileView& profile, std::pmr::memory_resource* resource);

  // Valid until the next one is read.
  Evidence read(const Attribute& attribute);

 private:
  std::pmr::vector<std::int64_t> times_;
  std::pmr::vector<std::string_view> sources_;
  std::pmr::vector<Value> values_;
  std::pmr::vector<Entry> entries_;
  std::pmr::vector<SourceSpan> spans_;
  std::pmr::vector<Sighting> extremes_;
};

}  // namespace cdp::core
