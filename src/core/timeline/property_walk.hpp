// Steps through the kept events with the properties of each. A property that few events have costs the others nothing:
// a timeline may have as many properties as events.
#pragma once

#include <memory_resource>
#include <vector>

#include "core/timeline/view.hpp"

namespace cdp::core {

class PropertyWalk {
 public:
  PropertyWalk(const TimelineView& timeline, std::pmr::memory_resource* resource);

  // To the first event, then to the one after.
  void next() {
    // The ranks step over what the event before had.
    for (const std::uint32_t column : here_) ++columns_[column].rank;
    here_.clear();
    ++event_;
    for (const std::uint32_t column : asked_)
      if (columns_[column].column.has(event_)) here_.push_back(column);
    if (due_event_ == event_) take_due();
  }

  bool any() const noexcept { return !here_.empty(); }
  std::size_t count() const noexcept { return here_.size(); }  // properties of the event
  // Calls visit(key, const TimelineColumn&, rank) for each property of the event, in ascending order of keys.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const std::uint32_t i : here_) visit(columns_[i].key, columns_[i].column, columns_[i].rank);
  }

 private:
  struct Column {
    std::string_view key;
    TimelineColumn column;
    std::uint32_t rank;  // of the event, or of the next one that has it
  };

  void take_due();

  std::uint32_t event_ = UINT32_MAX;
  std::uint32_t due_event_ = UINT32_MAX;  // when the first of due_ is
  std::pmr::vector<Column> columns_;
  std::pmr::vector<std::uint32_t> here_;   // the columns that the event has, in order
  std::pmr::vector<std::uint32_t> asked_;  // those to ask at each event: all but the lists
  std::pmr::vector<std::uint64_t> due_;    // a heap, least first: event << 32 | column, when a list comes to its next
};

}  // namespace cdp::core
