// Which channels led to conversions: each conversion gives credits, 1 in sum, to the touches before it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/bytes/poll.hpp"
#include "core/timeline/duration.hpp"
#include "core/timeline/labels.hpp"

namespace cdp::core {

enum class AttributionModel {
  first,
  last,
  linear,    // equal credits
  position,  // 0.4 to the first and to the last, the rest equally to those between; one takes all, two the half each
  decay,     // half the credit for each seven days before the last touch
};

// 22023 for an unknown name.
AttributionModel attribution_model(std::string_view name);

struct Touch {
  std::int64_t time;
  std::uint32_t channel;
};

// Adds the credits of one conversion to its touches' channels; to channel 0 when there is no touch.
void give_credit(std::span<const Touch> touches, AttributionModel model, std::pmr::vector<double>& credits,
                 const Poll& poll);

// By channel, a number of `channels`; negative: nothing was counted there. The touches of a conversion are those of the
// time [conversion - lookback, conversion]. A conversion whose credits depend on folded touches is left out.
void attribute(const TimelineView& timeline, std::string_view conversion, std::string_view touch, Labels& channels,
               AttributionModel model, std::optional<Duration> lookback, std::pmr::vector<double>& credits,
               const Poll& poll);

}  // namespace cdp::core
