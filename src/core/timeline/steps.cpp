// src/core/timeline/steps.cpp: the distinct names among steps.
#include "core/timeline/steps.hpp"

#include <algorithm>

#include "core/bytes/error.hpp"

namespace cdp::core {

void Steps::assign(std::span<const std::string_view> steps) {
  if (steps.empty()) throw Error(Code::invalid_parameter, "at least one step is needed");
  names_.clear();
  name_of_.clear();
  steps_.clear();
  first_.clear();
  names_.assign(steps.begin(), steps.end());
  const auto before = [](std::string_view a, std::string_view b) {
    return compare_bytes(as_bytes(a), as_bytes(b)) < 0;
  };
  std::sort(names_.begin(), names_.end(), before);
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  for (const std::string_view step : steps) {
    const auto found = std::lower_bound(names_.begin(), names_.end(), step, before);
    name_of_.push_back(static_cast<std::uint32_t>(found - names_.begin()));
  }
  steps_.resize(steps.size());
  first_.assign(names_.size() + 1, 0);
  for (const std::uint32_t name : name_of_) ++first_[name + 1];
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  std::pmr::vector<std::uint32_t> filled(first_, first_.get_allocator());
  for (std::uint32_t step = 0; step < name_of_.size(); ++step) steps_[filled[name_of_[step]]++] = step;
}

}  // namespace cdp::core
