// Random funnels and sequences, and what they mean: every choice of events is tried.
#pragma once

#include "event_rules.hpp"

namespace cdp::core::test {

inline EventRule EventRules::funnel() {
  std::vector<Step> steps;
  std::string stages;
  const bool filtered = below(2) == 0;
  for (int i = below(filtered ? 4 : 3); i >= 0; --i) {
    steps.push_back({filtered ? chosen() : Chosen{event(), "", {}}, false, {}});
    if (filtered && i > 0 && below(2) == 0) steps.back().chosen.name = steps.front().chosen.name;
    stages += "\"" + steps.back().chosen.name + "\"" + steps.back().chosen.where + ", ";
  }
  const int hours = below(60);
  const When when = this->when();
  const Compared deep = compared({0, 1000, 2000, 3000});
  FunnelModes modes;
  std::string names;
  const auto choose = [&](bool FunnelModes::*mode, const char* name) {
    if (below(4) != 0) return;
    modes.*mode = true;
    names += std::string(", ") + name;
  };
  choose(&FunnelModes::deduplication, "strict deduplication");
  choose(&FunnelModes::order, "strict order");
  choose(&FunnelModes::once, "strict once");
  choose(&FunnelModes::increase, "strict increase");
  if (modes.order) choose(&FunnelModes::reentry, "allow reentry");
  return {"funnel(" + stages + "within " + std::to_string(hours) + " hours" + names + when.text + ")" + deep.text,
          [=](const Happenings& all, std::int64_t as_of) {
            const Bounds bounds = when.bounds(as_of);
            Happenings seen;
            for (const Happening& one : all)
              if (one.time >= bounds.from && one.time <= bounds.to) seen.push_back(one);
            const auto is = [&](std::size_t event, std::size_t step) { return steps[step].is(seen[event]); };
            const auto limit = static_cast<Duration>(hours) * kHour;
            return deep.of(static_cast<int>(funnel_by_modes(seen, steps.size(), is, limit, modes)) * 1000, 1);
          }};
}

// Tries every choice of events for the steps.
class EventRules::Taking {
 public:
  Taking(const std::vector<Step>& steps, const Happenings& all, const Bounds& bounds, std::int64_t as_of)
      : steps_(steps), all_(all), bounds_(bounds), as_of_(as_of) {}

  // Whether the steps from this one on can be taken after one at `last`.
  bool take(std::size_t step, std::int64_t last) {
    const std::size_t since = step;
    while (step < steps_.size() && steps_[step].absent) ++step;
    if (step == steps_.size()) return absent(since, step, last, {});
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const std::int64_t time = all_[i].time;
      if (used_.count(i) != 0 || !steps_[step].is(all_[i]) || time < bounds_.from || time > bounds_.to) continue;
      const bool late = step > 0 && steps_[step].within && !near(last, time, *steps_[step].within);
      if (step > 0 && (time < last || late || !absent(since, step, last, time))) continue;
      used_.insert(i);
      if (take(step + 1, time)) return true;
      used_.erase(i);
    }
    return false;
  }

 private:
  // Nothing of what must be absent between a step at `last` and the next one.
  bool absent(std::size_t from, std::size_t to, std::int64_t last, std::optional<std::int64_t> next) const {
    for (std::size_t i = from; i < to; ++i) {
      const bool lasting = steps_[i].within.has_value();
      const std::int64_t end =
          lasting && last != INT64_MIN ? last + static_cast<std::int64_t>(*steps_[i].within) : last;
      if (lasting && end > as_of_) return false;
      for (const Happening& one : all_) {
        if (!steps_[i].is(one) || one.time > as_of_ || one.time <= last) continue;
        if (lasting ? one.time <= end : !next || one.time < *next) return false;
      }
    }
    return true;
  }

  const std::vector<Step>& steps_;
  const Happenings& all_;
  Bounds bounds_;
  std::int64_t as_of_;
  std::set<std::size_t> used_;
};

inline EventRule EventRules::sequence() {
  std::vector<Step> steps;
  std::string text = "sequence(";
  for (int i = 0, count = 2 + below(3); i < count; ++i) {
    Step step{chosen(), i > 0 && below(3) == 0, {}};
    if (below(3) != 0) step.chosen = {event(), "", {}};
    if (i > 0) text += step.absent ? " then not " : " then ";
    text += "\"" + step.chosen.name + "\"" + step.chosen.where;
    if (i > 0 && below(2) == 0) {
      const int hours = below(30);
      step.within = static_cast<Duration>(hours) * kHour;
      text += " within " + std::to_string(hours) + " hours";
    }
    steps.push_back(step);
  }
  const When when = this->when();
  return {text + when.text + ")", [=](const Happenings& all, std::int64_t as_of) {
            return truth(Taking(steps, all, when.bounds(as_of), as_of).take(0, INT64_MIN));
          }};
}

}  // namespace cdp::core::test
