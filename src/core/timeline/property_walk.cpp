// src/core/timeline/property_walk.cpp
#include "core/timeline/property_walk.hpp"

#include <algorithm>
#include <functional>

namespace cdp::core {

PropertyWalk::PropertyWalk(const TimelineView& timeline, std::pmr::memory_resource* resource)
    : columns_(resource), here_(resource), asked_(resource), due_(resource) {
  for (ColumnReader reader = timeline.columns(); reader.next();) {
    const auto column = static_cast<std::uint32_t>(columns_.size());
    const timeline::Presence& presence = reader.column().presence();
    columns_.push_back({reader.key(), reader.column(), 0});
    if (!presence.is_list()) {
      asked_.push_back(column);
    } else if (presence.count() > 0) {
      due_.push_back(static_cast<std::uint64_t>(presence.listed(0)) << 32 | column);
    }
  }
  std::make_heap(due_.begin(), due_.end(), std::greater<>());
  if (!due_.empty()) due_event_ = static_cast<std::uint32_t>(due_.front() >> 32);
}

void PropertyWalk::take_due() {
  const bool mixed = !here_.empty();
  do {
    std::pop_heap(due_.begin(), due_.end(), std::greater<>());
    const auto column = static_cast<std::uint32_t>(due_.back());
    here_.push_back(column);
    const timeline::Presence& presence = columns_[column].column.presence();
    const std::uint32_t after = columns_[column].rank + 1;
    if (after < presence.count()) {
      due_.back() = static_cast<std::uint64_t>(presence.listed(after)) << 32 | column;
      std::push_heap(due_.begin(), due_.end(), std::greater<>());
    } else {
      due_.pop_back();
    }
    due_event_ = due_.empty() ? UINT32_MAX : static_cast<std::uint32_t>(due_.front() >> 32);
  } while (due_event_ == event_);
  if (mixed) std::sort(here_.begin(), here_.end());
}

}  // namespace cdp::core
