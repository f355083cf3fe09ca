// Random identity graphs: who there is, what was sighted, what stewards decided, by which rules. The world is what both
// the naive reference and the tested code are told.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/identity/plan.hpp"

namespace cdp::core::test {

struct WorldType {
  std::string name;
  int priority = 1;
  std::optional<int> max_per_profile = {};
  std::map<int, int> max_degree = {};  // by type
  bool links = true, known = false, newest = false;
};
struct WorldSource {
  int priority = 1;
  bool trusted = true;
};
struct Person {  // an identifier
  std::int64_t id;
  int type;
  std::string value;
  bool blocked = false;
};
using Two = std::pair<int, int>;  // places of identifiers, the lesser first
struct Seen {
  double confidence = 1;
  std::int64_t first = 0, last = 0;
  bool rejected = false;
};

struct World {
  std::vector<WorldType> types;
  std::vector<WorldSource> sources;
  double threshold = 0.5, review = 0.2;
  std::uint32_t hub_alarm = identity::kUnlimited, max_closure = identity::kUnlimited;
  std::vector<Person> people;
  std::map<Two, std::map<Two, Seen>> seen;  // by pair, then by (source, rule)
  struct Decided {
    bool must;
    std::int64_t key;
  };
  std::map<Two, Decided> decided;
  std::map<std::int64_t, std::pair<std::vector<int>, std::vector<int>>> lists;  // cannot-links between lists, by key
  std::int64_t next_key = 1;
};

// The world's rules in the form that the tested code takes; it points into itself.
struct WorldRules {
  explicit WorldRules(const World& world) : limits(world.types.size()) {
    for (const WorldType& type : world.types) names.push_back(type.name);
    for (std::size_t i = 0; i < world.types.size(); ++i) {
      const WorldType& type = world.types[i];
      for (const auto& [neighbour, most] : type.max_degree)
        limits[i].push_back({static_cast<identity::TypeIndex>(neighbour), static_cast<std::uint32_t>(most)});
      types.push_back({names[i], static_cast<std::uint32_t>(type.priority),
                       type.max_per_profile ? static_cast<std::uint32_t>(*type.max_per_profile) : identity::kUnlimited,
                       limits[i], type.links, type.known, type.newest});
    }
    for (const WorldSource& source : world.sources)
      sources.push_back({static_cast<std::uint32_t>(source.priority), source.trusted});
    rules.types = types;
    rules.sources = sources;
    rules.threshold = world.threshold;
    rules.review_threshold = world.review;
    rules.hub_alarm = world.hub_alarm;
    rules.max_closure = world.max_closure;
  }
  WorldRules(const WorldRules&) = delete;
  WorldRules& operator=(const WorldRules&) = delete;

  std::vector<std::string> names;
  std::vector<std::vector<identity::DegreeLimit>> limits;
  std::vector<identity::Type> types;
  std::vector<identity::Source> sources;
  identity::Rules rules;
};

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int below(int count) { return static_cast<int>(engine_() % static_cast<unsigned>(count)); }
  bool chance(int percent) { return below(100) < percent; }
  template <typename T>
  T of(std::initializer_list<T> choices) {
    return choices.begin()[below(static_cast<int>(choices.size()))];
  }
  template <typename T>
  void shuffle(T& all) {
    std::shuffle(all.begin(), all.end(), engine_);
  }
  Two two(int count) {
    const int a = below(count), b = (a + 1 + below(count - 1)) % count;
    return {std::min(a, b), std::max(a, b)};
  }

 private:
  std::mt19937 engine_;
};

inline void roll_type(Dice& dice, WorldType& type, int types) {
  type.priority = dice.of({1, 1, 2, 3});
  type.max_per_profile = dice.of<std::optional<int>>({std::nullopt, std::nullopt, 1, 1, 2});
  type.max_degree.clear();
  for (int i = 0; i < types; ++i)
    if (dice.chance(20)) type.max_degree[i] = dice.of({0, 1, 1, 2, 3});
  type.links = !dice.chance(4);
  type.known = dice.chance(35);
  type.newest = dice.chance(20);
}

inline WorldSource roll_source(Dice& dice) { return {dice.of({1, 2}), dice.chance(60)}; }

inline Seen roll_seen(Dice& dice) {
  Seen seen;
  seen.confidence = dice.of({0.1, 0.3, 0.6, 0.9, 0.9, 1.0, 1.0});
  seen.first = dice.below(6);
  seen.last = seen.first + dice.below(4);
  return seen;
}

inline World roll_world(Dice& dice) {
  World world;
  const int types = 2 + dice.below(3), people = 3 + dice.below(10);
  // Names in another order than their numbers, so that ties tell one from the other.
  for (int i = 0; i < types; ++i) world.types.push_back({.name = std::string(1, static_cast<char>('z' - i))});
  for (WorldType& type : world.types) roll_type(dice, type, types);
  for (int i = 0; i < 3; ++i) world.sources.push_back(roll_source(dice));
  world.threshold = dice.of({0.0, 0.5, 0.5, 0.8});
  world.review = world.threshold / 2;
  std::vector<std::int64_t> ids;
  for (int i = 0; i < people; ++i) ids.push_back(100 + i);
  dice.shuffle(ids);
  const std::string prefix = dice.chance(20) ? std::string(50, 'v') : "v";
  for (int i = 0; i < people; ++i)
    world.people.push_back({ids[i], dice.below(types), prefix + std::to_string(dice.below(3)) + std::to_string(i)});
  return world;
}

}  // namespace cdp::core::test
