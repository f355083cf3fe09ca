// Random changes of a world, and as what the tested code is told of them.
#pragma once

#include <deque>

#include "identity_world.hpp"

namespace cdp::core::test {

// What a step did, in the terms of plan_changes; ids, not places.
struct Step {
  std::vector<identity::SightingChange> sightings;
  std::vector<identity::DecisionChange> decisions;
  std::deque<std::vector<std::int64_t>> lists;  // what the decisions point to
  std::set<int> touched;                        // places
  bool rules_changed = false;

  void decide(const World& world, identity::DecisionChange::Kind kind, bool withdraw, std::int64_t key,
              const std::vector<int>& left, const std::vector<int>& right) {
    for (const auto* side : {&left, &right}) {
      lists.emplace_back();
      for (const int each : *side) lists.back().push_back(world.people[each].id);
    }
    decisions.push_back({kind, withdraw, key, lists[lists.size() - 2], lists.back()});
  }
};

inline void see(World& world, Step& step, const Two& pair, const Two& key, const Seen& seen) {
  using Act = identity::SightingChange::Act;
  const auto [found, fresh] = world.seen[pair].try_emplace(key, seen);
  if (!fresh) {
    found->second.confidence = std::max(found->second.confidence, seen.confidence);
    found->second.first = std::min(found->second.first, seen.first);
    found->second.last = std::max(found->second.last, seen.last);
  }
  step.sightings.push_back({Act::add,
                            world.people[pair.second].id,
                            world.people[pair.first].id,
                            {seen.confidence, seen.first, seen.last, static_cast<identity::SourceIndex>(key.first),
                             static_cast<std::uint32_t>(key.second), false}});
}

inline void unsee(Dice& dice, World& world, Step& step) {
  using Act = identity::SightingChange::Act;
  if (world.seen.empty()) return;
  const auto pair = std::next(world.seen.begin(), dice.below(static_cast<int>(world.seen.size())));
  const auto row = std::next(pair->second.begin(), dice.below(static_cast<int>(pair->second.size())));
  const Act act = dice.of({Act::remove, Act::reject, Act::restore});
  identity::Sighting named;
  named.source = static_cast<identity::SourceIndex>(row->first.first);
  named.rule = static_cast<std::uint32_t>(row->first.second);
  step.sightings.push_back({act, world.people[pair->first.first].id, world.people[pair->first.second].id, named});
  if (act != Act::remove) {
    row->second.rejected = act == Act::reject;
    return;
  }
  pair->second.erase(row);
  if (pair->second.empty()) world.seen.erase(pair);
}

inline void roll_decision(Dice& dice, World& world, Step& step) {
  using Kind = identity::DecisionChange::Kind;
  const int people = static_cast<int>(world.people.size());
  const int what = dice.below(10);
  if (what < 6) {
    const Two pair = dice.two(people);
    const bool must = what < 4;
    world.decided[pair] = {must, world.next_key};
    step.decide(world, must ? Kind::must : Kind::cannot, false, world.next_key++, {pair.first}, {pair.second});
  } else if (what == 6) {
    std::vector<int> all(world.people.size());
    for (int i = 0; i < people; ++i) all[i] = i;
    dice.shuffle(all);
    const int left = 1 + dice.below(people - 1), right = 1 + dice.below(people - left);
    const std::vector<int> lefts(all.begin(), all.begin() + left),
        rights(all.begin() + left, all.begin() + left + right);
    world.lists[world.next_key] = {lefts, rights};
    step.decide(world, Kind::cannot_lists, false, world.next_key++, lefts, rights);
  } else if (what == 7 && !world.lists.empty()) {
    const auto list = std::next(world.lists.begin(), dice.below(static_cast<int>(world.lists.size())));
    step.decide(world, Kind::cannot_lists, true, list->first, list->second.first, list->second.second);
    world.lists.erase(list);
  } else if (!world.decided.empty()) {
    const auto row = std::next(world.decided.begin(), dice.below(static_cast<int>(world.decided.size())));
    step.decide(world, row->second.must ? Kind::must : Kind::cannot, true, row->second.key, {row->first.first},
                {row->first.second});
    world.decided.erase(row);
  }
}

inline void touch_neighbours(const World& world, Step& step, int of) {
  step.touched.insert(of);
  for (const auto& [pair, rows] : world.seen)
    if (pair.first == of || pair.second == of) step.touched.insert({pair.first, pair.second});
}

// What a caller would look up for a Reach.
inline void touch(const World& world, Step& step, const identity::Reach& reach) {
  const auto has = [](const auto& all, int one) {
    return std::find(all.begin(), all.end(), static_cast<std::size_t>(one)) != all.end();
  };
  for (int i = 0; i < static_cast<int>(world.people.size()); ++i) {
    if (has(reach.types, world.people[i].type)) step.touched.insert(i);
    if (has(reach.with_neighbours, world.people[i].type)) touch_neighbours(world, step, i);
  }
  for (const auto& [pair, rows] : world.seen)
    for (const auto& [key, seen] : rows)
      if (has(reach.sources, key.first) || (seen.confidence >= reach.from && seen.confidence < reach.to))
        step.touched.insert({pair.first, pair.second});
}

inline void roll_rules(Dice& dice, World& world, Step& step) {
  const World before = world;
  const int types = static_cast<int>(world.types.size());
  if (dice.chance(20)) {
    const int blocked = dice.below(static_cast<int>(world.people.size()));
    world.people[blocked].blocked = !world.people[blocked].blocked;
    touch_neighbours(world, step, blocked);
  } else if (dice.chance(25)) {
    world.threshold = dice.of({0.0, 0.5, 0.8});
    world.review = world.threshold / 2;
  } else if (dice.chance(33)) {
    world.sources[dice.below(static_cast<int>(world.sources.size()))] = roll_source(dice);
  } else {
    roll_type(dice, world.types[dice.below(types)], types);
  }
  const WorldRules old_rules(before), new_rules(world);
  touch(world, step, identity::reach_of(old_rules.rules, new_rules.rules, std::pmr::new_delete_resource()));
  step.rules_changed = true;
}

inline void roll_sightings(Dice& dice, World& world, Step& step) {
  for (int count = dice.of({1, 1, 1, 1, 2, 3, 6}); count > 0; --count)
    see(world, step, dice.two(static_cast<int>(world.people.size())), {dice.below(3), dice.below(2)}, roll_seen(dice));
}

inline Step roll_step(Dice& dice, World& world) {
  Step step;
  if (dice.chance(6)) {
    roll_rules(dice, world, step);
    return step;
  }
  for (int parts = dice.of({1, 1, 1, 1, 1, 1, 1, 2, 3}); parts > 0; --parts) {
    const int what = dice.below(94);
    if (what < 70) {
      roll_sightings(dice, world, step);
    } else if (what < 84) {
      unsee(dice, world, step);
    } else {
      roll_decision(dice, world, step);
    }
  }
  return step;
}

}  // namespace cdp::core::test
