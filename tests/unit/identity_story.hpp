// Histories told by name, decided by streaming, batch and the naive reference at every step.
#pragma once

#include "core/identity/why.hpp"
#include "identity_trial.hpp"

namespace cdp::core::test {

class Story {
 public:
  struct Who {
    std::string type, value;
    auto operator<=>(const Who&) const = default;
  };

  explicit Story(std::vector<WorldType> types, std::vector<WorldSource> sources = {{1, true}})
      : trial_(World{.types = std::move(types),
                     .sources = std::move(sources),
                     .threshold = 0.5,
                     .review = 0.2,
                     .people = {},
                     .seen = {},
                     .decided = {},
                     .lists = {}}) {}

  int place(const Who& who, bool blocked = false) {
    const auto [found, fresh] = places_.try_emplace(who, static_cast<int>(places_.size()));
    if (!fresh) return found->second;
    int type = 0;
    while (trial_.world().types[type].name != who.type) ++type;
    trial_.meet({100 + static_cast<std::int64_t>(found->second), type, who.value, blocked});
    return found->second;
  }
  std::int64_t id(const Who& who) { return trial_.world().people[place(who)].id; }
  std::int64_t profile(const Who& who) { return trial_.store().label(id(who)); }
  bool together(const Who& a, const Who& b) { return profile(a) == profile(b); }
  bool is_hub(const Who& who) { return trial_.store().row(id(who)).hub; }

  void see(const Who& a, const Who& b, std::int64_t at, int source = 0, double confidence = 1) {
    const int of_a = place(a), of_b = place(b);
    change([&](World& next, Step& step) {
      test::see(next, step, {std::min(of_a, of_b), std::max(of_a, of_b)}, {source, 0}, {confidence, at, at, false});
    });
  }
  void act(identity::SightingChange::Act act, const Who& a, const Who& b, int source = 0) {
    using Act = identity::SightingChange::Act;
    const int of_a = place(a), of_b = place(b);
    const Two pair{std::min(of_a, of_b), std::max(of_a, of_b)};
    change([&](World& next, Step& step) {
      auto& rows = next.seen.at(pair);
      if (act == Act::remove) {
        rows.erase({source, 0});
      } else {
        rows.at({source, 0}).rejected = act == Act::reject;
      }
      if (rows.empty()) next.seen.erase(pair);
      identity::Sighting named;
      named.source = static_cast<identity::SourceIndex>(source);
      step.sightings.push_back({act, id(a), id(b), named});
    });
  }
  bool decide(bool must, const Who& a, const Who& b) {
    using Kind = identity::DecisionChange::Kind;
    const int of_a = place(a), of_b = place(b);
    return change([&](World& next, Step& step) {
      const Two pair{std::min(of_a, of_b), std::max(of_a, of_b)};
      next.decided[pair] = {must, next.next_key};
      step.decide(next, must ? Kind::must : Kind::cannot, false, next.next_key++, {pair.first}, {pair.second});
    });
  }
  template <typename Change>
  bool change(Change&& describe) {
    World next = trial_.world();
    Step step;
    describe(next, step);
    const bool taken = trial_.take(next, step, tally_, true);
    trial_.check();
    return taken;
  }

  identity::WhyNot why_not(const Who& a, const Who& b) {
    return identity::why_not(trial_.store(), trial_.rules(), id(a), id(b), 1000, kHeap);
  }
  std::pmr::vector<identity::PathStep> explain(const Who& a, const Who& b) {
    return identity::explain_merge(trial_.store(), trial_.rules(), id(a), id(b), kHeap);
  }
  const World& world() const { return trial_.world(); }
  MemoryStore& store() { return trial_.store(); }
  const Tally& tally() const { return tally_; }

 private:
  std::map<Who, int> places_;
  Trial trial_;
  Tally tally_;
};

}  // namespace cdp::core::test
