// Random stories of a space: what was sighted, what other systems know, what stewards decide, by which rules. Whoever
// tells one, in whatever order and by whatever door, ends with the same customers.
#pragma once

#include <algorithm>
#include <random>

#include "pg/sound.hpp"

namespace cdp::test {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  unsigned below(std::size_t count) { return static_cast<unsigned>(engine_() % count); }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <typename T>
  void shuffle(T& all) {
    std::shuffle(all.begin(), all.end(), engine_);
  }
  template <typename T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937 engine_;
};

struct Name {
  std::string type, value;
  friend auto operator<=>(const Name&, const Name&) = default;
};

// More than a day apart: until then what was seen last may lag behind.
inline std::string day(unsigned number) {
  return "'2026-01-01Z'::timestamptz + interval '25 h' * " + std::to_string(number);
}

// Something that comes in: a call, an event, or a link that another system knows.
struct Item {
  enum class Door { call, event, link };
  Door door = Door::call;
  std::vector<Name> names;
  std::string source;
  unsigned number = 0, day = 0;
  std::string confidence = {};  // of a link

  std::string identifiers() const {
    std::string text;
    for (const Name& name : names) text += (text.empty() ? "\"" : ", \"") + name.type + "\": \"" + name.value + "\"";
    return "'{" + text + "}'::jsonb";
  }
  std::string attributes() const {
    return "'{\"n" + std::to_string(number % 5) + "\": " + std::to_string(number) + "}'::jsonb";
  }
  // Of type track, but for those with an address, which only traits tell.
  std::string event() const {
    std::string text = "\"messageId\": \"m" + std::to_string(number) + "\"", traits;
    for (const Name& name : names) {
      if (name.type == "user_id") text += ", \"userId\": \"" + name.value + "\"";
      if (name.type == "anonymous_id") text += ", \"anonymousId\": \"" + name.value + "\"";
      if (name.type == "device_id") text += ", \"context\": {\"device\": {\"id\": \"" + name.value + "\"}}";
      if (name.type == "email") traits = "\"email\": \"" + name.value + "\", ";
    }
    if (traits.empty())
      text += ", \"type\": \"track\", \"event\": \"e" + std::to_string(number % 3) + "\"";
    else
      text += ", \"type\": \"identify\", \"traits\": {" + traits + "\"n\": " + std::to_string(number) + "}";
    return "jsonb_set('{" + text + "}', '{timestamp}', to_jsonb(" + test::day(day) + "))";
  }
  std::string link() const {
    return "('" + names[0].type + "', '" + names[0].value + "', '" + names[1].type + "', '" + names[1].value + "', " +
           confidence + "::float8, " + test::day(day) + ")";
  }
};

// By the names of what is decided about; undo: which one of those before, of the same graph.
struct Decision {
  enum class Kind { join, cut, keep_apart, reject, undo };
  Kind kind = Kind::join;
  std::vector<Name> a, b;
  std::string source = {};
  std::size_t undone = 0;
  unsigned graph = 0;
};

class Story {
 public:
  // So many graphs under one set of rules, of identifiers of their own.
  Story(unsigned seed, unsigned graphs, unsigned items) : dice_(seed) {
    roll_blocked();
    blocks_anew_ = dice_.chance(40);
    initial_ = roll_rules();
    for (unsigned i = dice_.below(3); i > 0; --i) changes_.push_back(roll_rules());
    for (unsigned i = 0; i < graphs; ++i) roll_graph(i, items / 2 + 1 + dice_.below(items));
  }

  const std::vector<Item>& items() const { return items_; }
  const std::vector<Decision>& decisions() const { return decisions_; }
  // Whether what is blocked ever changes: a golden record keeps what identified somebody when it came in.
  bool blocks_anew() const { return blocks_anew_ && !changes_.empty(); }
  const std::string& initial_rules() const { return initial_; }
  const std::vector<std::string>& changes() const { return changes_; }
  const std::string& last_rules() const { return changes_.empty() ? initial_ : changes_.back(); }

  // What has to be told before a decision can be taken: items that name these together, of this source if it is said.
  struct Need {
    std::vector<Name> names;
    std::string source;
    bool met_by(const Item& item) const {
      return (source.empty() || item.source == source) &&
             std::all_of(names.begin(), names.end(), [&](const Name& name) {
               return std::find(item.names.begin(), item.names.end(), name) != item.names.end();
             });
    }
  };
  static std::vector<Need> needs(const Decision& decision) {
    if (decision.kind == Decision::Kind::reject) return {{{decision.a[0], decision.b[0]}, decision.source}};
    std::vector<Need> all;
    for (const auto* side : {&decision.a, &decision.b})
      for (const Name& name : *side) all.push_back({{name}, ""});
    return all;
  }

 private:
  void roll_blocked() {
    blocked_values_ = dice_.chance(50) ? "[]" : R"(["g1e1@example.com", "g3e0@example.com"])";
    blocked_pattern_ = dice_.chance(50) ? "null" : R"("^g[0-2]d0$")";
  }

  // Every one names all the settings that any of them names: so the last one is what holds. What comes without an
  // address or a device is never blocked: what nobody is known by is gone for good.
  std::string roll_rules() {
    const auto roll = [this](std::vector<std::string> choices) { return dice_.of(choices); };
    if (blocks_anew_) roll_blocked();
    return R"({"link_threshold": )" + roll({"0.5", "0.5", "0.8"}) + R"(, "max_closure": )" +
           roll({"10000", "10000", "3"}) + R"(, "hub_alarm": )" + roll({"1000", "1000", "2"}) +
           R"(, "sources": {"default": {"trusted": true, "priority": )" + roll({"1", "2"}) +
           R"(}, "web": {"trusted": )" + roll({"true", "false"}) +
           R"(, "priority": 1}, "crm": {"trusted": true, "priority": )" + roll({"1", "3"}) +
           R"(}}, "types": {"user_id": {"max_per_profile": )" + roll({"1", "1", "1", "2", "null"}) + R"(, "known": )" +
           roll({"true", "true", "false"}) + R"(}, "email": {"max_per_profile": )" + roll({"1", "2", "5"}) +
           R"(, "newest": )" + roll({"true", "false", "false"}) + R"(, "blocked_values": )" + blocked_values_ +
           R"(, "priority": )" + roll({"5", "20", "90"}) + R"(}, "anonymous_id": {"max_degree": )" +
           roll({"{}", R"({"user_id": 1})", R"({"user_id": 1})", R"({"user_id": 2})"}) + R"(, "newest": )" +
           roll({"true", "false", "false"}) + R"(}, "device_id": {"max_degree": )" +
           roll({"{}", R"({"user_id": 1})", R"({"user_id": 1, "email": 2})", R"({"anonymous_id": 2})"}) +
           R"(, "max_per_profile": )" + roll({"null", "1", "2"}) + R"(, "blocked_pattern": )" + blocked_pattern_ +
           R"(, "links": )" + roll({"true", "true", "true", "true", "false"}) + "}}}";
  }

  Name name(const std::string& graph, const std::string& type, unsigned count) {
    return {type, graph + type[0] + std::to_string(dice_.below(count)) + (type == "email" ? "@example.com" : "")};
  }
  std::vector<Name> names(const std::string& graph) {
    std::vector<Name> all;
    const bool user = dice_.chance(60);
    if (user) all.push_back(name(graph, "user_id", 3));
    if (!user || dice_.chance(40)) all.push_back(name(graph, "anonymous_id", 4));
    if (dice_.chance(50)) all.push_back(name(graph, "email", 3));
    if (dice_.chance(30)) all.push_back(name(graph, "device_id", 2));
    return all;
  }
  Item roll_item(const std::string& graph) {
    static const std::vector<std::string> kSources = {"default", "default", "web", "crm"},
                                          kSure = {"0.3", "0.6", "0.7", "0.9", "1"};
    Item item{.names = names(graph), .source = dice_.of(kSources), .number = ++number_, .day = dice_.below(20)};
    if (dice_.chance(35)) item.door = Item::Door::event;
    if (!dice_.chance(20)) return item;
    item.door = Item::Door::link;
    item.confidence = dice_.of(kSure);
    while (item.names.size() < 2) item.names = names(graph);
    dice_.shuffle(item.names);
    item.names.resize(2);
    return item;
  }

  void roll_graph(unsigned graph, unsigned items) {
    std::vector<Name> who;
    const std::size_t first = items_.size(), decided = decisions_.size();
    for (unsigned i = 0; i < items; ++i) {
      items_.push_back(roll_item("g" + std::to_string(graph)));
      who.insert(who.end(), items_.back().names.begin(), items_.back().names.end());
    }
    for (unsigned i = dice_.chance(50) ? 1 + dice_.below(items / 2) : 0; i > 0; --i) decide(graph, who, first, decided);
  }
  void decide(unsigned graph, const std::vector<Name>& who, std::size_t first, std::size_t decided) {
    Decision decision{.kind = static_cast<Decision::Kind>(dice_.below(5)),
                      .a = {dice_.of(who)},
                      .b = {dice_.of(who)},
                      .graph = graph};
    if (decision.kind == Decision::Kind::keep_apart) decision.b.push_back(dice_.of(who));
    if (decision.kind == Decision::Kind::undo) {
      if (decisions_.size() == decided) return;
      decision.undone = decided + dice_.below(decisions_.size() - decided);
      decision.a.clear(), decision.b.clear();
    }
    if (decision.kind == Decision::Kind::reject) {
      const Item& item = items_[first + dice_.below(items_.size() - first)];
      if (item.names.size() < 2) return;
      decision.a = {item.names[0]}, decision.b = {item.names[1]}, decision.source = item.source;
    }
    decisions_.push_back(decision);
  }

  Dice dice_;
  std::string initial_, blocked_values_, blocked_pattern_;
  bool blocks_anew_ = false;
  std::vector<std::string> changes_;
  std::vector<Item> items_;
  std::vector<Decision> decisions_;
  unsigned number_ = 0;
};

}  // namespace cdp::test
