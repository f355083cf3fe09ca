// src/core/timeline/labels.cpp
#include "core/timeline/labels.hpp"

namespace cdp::core {

Labels::Labels(const TimelineView& timeline, std::string_view property, std::pmr::memory_resource* resource)
    : columns_(timeline.property(property)),
      dictionary_(resource),
      of_dictionary_(resource),
      of_number_(resource),
      numbers_(resource),
      texts_(1, nullptr, resource),
      decimal_(resource),
      scratch_(resource) {
  if (columns_.numbers()) with_number_ = timeline::PresenceCursor(columns_.numbers()->presence());
  if (!columns_.others()) return;
  with_other_ = timeline::PresenceCursor(columns_.others()->presence());
  timeline.for_each_value([this](Value value) { dictionary_.push_back(value); });
  of_dictionary_.assign(dictionary_.size(), kNone);
}

std::uint32_t Labels::of(std::uint32_t event) {
  if (const auto rank = with_number_.find(event)) {
    std::uint32_t& label = of_number_[columns_.numbers()->scaled(*rank)];
    if (label == kNone) {
      label = number(*columns_.value(event, decimal_));
    }
    return label;
  }
  if (const auto rank = with_other_.find(event)) {
    const std::uint64_t index = columns_.others()->index(*rank);
    std::uint32_t& label = of_dictionary_[index];
    if (label == kNone) label = number(dictionary_[index]);
    return label;
  }
  return kNone;
}

// A number and a string of the same text are one label.
std::uint32_t Labels::number(Value value) {
  scratch_.clear();
  print_text(value, scratch_);
  const auto [at, fresh] = numbers_.try_emplace(std::pmr::string(as_text(scratch_.span()), numbers_.get_allocator()),
                                                static_cast<std::uint32_t>(texts_.size()));
  if (fresh) texts_.push_back(&*at);
  return at->second;
}

}  // namespace cdp::core
