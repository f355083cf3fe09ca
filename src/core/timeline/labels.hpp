// The values of a property as texts, numbered, so that what is counted by them is counted by number.
#pragma once

#include <map>
#include <memory_resource>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/timeline/view.hpp"

namespace cdp::core {

class Labels {
 public:
  static constexpr std::uint32_t kNone = 0;  // an event without the property

  Labels(const TimelineView& timeline, std::string_view property, std::pmr::memory_resource* resource);

  std::uint32_t of(std::uint32_t event);  // fast for one event after the other
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(texts_.size()); }
  std::string_view text(std::uint32_t label) const noexcept { return texts_[label]->first; }

 private:
  using Numbers = std::pmr::map<std::pmr::string, std::uint32_t>;
  std::uint32_t number(Value value);

  PropertyColumns columns_;
  timeline::PresenceCursor with_number_, with_other_;
  std::pmr::vector<Value> dictionary_;
  std::pmr::vector<std::uint32_t> of_dictionary_;  // kNone: not asked for yet
  std::pmr::unordered_map<std::int64_t, std::uint32_t> of_number_;
  Numbers numbers_;
  std::pmr::vector<Numbers::const_pointer> texts_;  // by label
  Buffer decimal_, scratch_;
};

}  // namespace cdp::core
