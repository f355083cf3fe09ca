// src/core/timeline/attribution.cpp
#include "core/timeline/attribution.hpp"

#include <cmath>

#include "core/bytes/error.hpp"
#include "core/bytes/utf8.hpp"

namespace cdp::core {

namespace {

constexpr double kHalfLife = 7.0 * static_cast<double>(kMicrosecondsPerDay);
constexpr double kEnd = 0.4;  // of the first and of the last touch under `position`

double weight(std::span<const Touch> touches, std::size_t i, AttributionModel model) noexcept {
  const std::size_t count = touches.size();
  switch (model) {
    case AttributionModel::first: return i == 0 ? 1 : 0;
    case AttributionModel::last: return i + 1 == count ? 1 : 0;
    case AttributionModel::linear: break;
    case AttributionModel::position:
      if (count <= 2) break;
      return i == 0 || i + 1 == count ? kEnd : (1 - 2 * kEnd) / static_cast<double>(count - 2);
    case AttributionModel::decay: {
      // Relative to the last touch, so that at least its weight is not too small for a double.
      const std::int64_t time = touches[i].time, last = touches.back().time;
      if (time == last) return 1;
      if (!is_finite(time) || !is_finite(last)) return 0;
      return std::exp2((static_cast<double>(time) - static_cast<double>(last)) / kHalfLife);
    }
  }
  return 1;
}

}  // namespace

AttributionModel attribution_model(std::string_view name) {
  if (name == "first") return AttributionModel::first;
  if (name == "last") return AttributionModel::last;
  if (name == "linear") return AttributionModel::linear;
  if (name == "position") return AttributionModel::position;
  if (name == "decay") return AttributionModel::decay;
  throw Error(Code::invalid_parameter, "unrecognized attribution model: \"" + std::string(excerpt(name)) + "\"", {},
              "Models are first, last, linear, position and decay.");
}

void give_credit(std::span<const Touch> touches, AttributionModel model, std::pmr::vector<double>& credits,
                 const Poll& poll) {
  const auto give = [&credits](std::uint32_t channel, double credit) {
    if (channel >= credits.size()) credits.resize(channel + 1, -1);
    credits[channel] = std::max(credits[channel], 0.0) + credit;
  };
  if (touches.empty()) return give(0, 1);
  if (model == AttributionModel::first) return give(touches.front().channel, 1);
  if (model == AttributionModel::last) return give(touches.back().channel, 1);
  double sum = 0;
  for (std::size_t i = 0; i < touches.size(); ++i) sum += weight(touches, i, model);
  for (std::size_t i = 0; i < touches.size(); ++i) {
    poll();
    give(touches[i].channel, weight(touches, i, model) / sum);
  }
}

void attribute(const TimelineView& timeline, std::string_view conversion, std::string_view touch, Labels& channels,
               AttributionModel model, std::optional<Duration> lookback, std::pmr::vector<double>& credits,
               const Poll& poll) {
  credits.clear();
  const auto conversion_name = timeline.find_name(conversion), touch_name = timeline.find_name(touch);
  if (!conversion_name) return;
  std::pmr::vector<Touch> touches(credits.get_allocator());
  if (touch_name)
    for (std::uint32_t event = 0; event < timeline.size(); ++event)
      if (timeline.name_of(event) == *touch_name) touches.push_back({timeline.time(event), channels.of(event)});
  const Folded folded = touch_name ? timeline.folded(*touch_name).value_or(Folded{}) : Folded{};

  std::size_t begin = 0, end = 0;
  for (std::uint32_t event = 0; event < timeline.size(); ++event) {
    poll();
    if (timeline.name_of(event) != *conversion_name) continue;
    const std::int64_t time = timeline.time(event);
    while (end < touches.size() && touches[end].time <= time) ++end;
    while (lookback && begin < end && !within(time, touches[begin].time, *lookback)) ++begin;
    const bool in_reach = folded.count > 0 && folded.first <= time &&
                          (folded.horizon > time || !lookback || within(time, folded.horizon, *lookback));
    if (in_reach && !(model == AttributionModel::last && begin < end)) continue;
    give_credit({touches.data() + begin, end - begin}, model, credits, poll);
  }
}

}  // namespace cdp::core
