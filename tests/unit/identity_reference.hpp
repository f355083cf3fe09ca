// The partition as the words of the rules have it, recomputed from nothing for every union: the slow and obvious way,
// that shares no code with what it judges.
#pragma once

#include <algorithm>
#include <ostream>

#include "identity_world.hpp"

namespace cdp::core::test {

struct Judged {
  bool contradiction = false;        // a must-link would join a cannot-link pair
  std::vector<std::int64_t> labels;  // of each identifier
  std::set<Two> refused;
  std::set<int> hubs;

  friend bool operator==(const Judged&, const Judged&) = default;
  friend void PrintTo(const Judged& judged, std::ostream* out) {
    *out << (judged.contradiction ? "contradiction" : "labels");
    for (const std::int64_t label : judged.labels) *out << ' ' << label;
    *out << ", refused";
    for (const auto& [a, b] : judged.refused) *out << ' ' << a << '-' << b;
    *out << ", hubs";
    for (const int hub : judged.hubs) *out << ' ' << hub;
  }
};

// What the reference does wrong, to see that the comparison notices.
enum class Planted { nothing, hubs_after_dropping, must_after_hubs, untrusted_counted, order_by_ids };

class Reference {
 public:
  explicit Reference(const World& world, Planted planted = Planted::nothing) : world_(world), planted_(planted) {}

  Judged judge() {
    combine();
    find_hubs();
    join_musts();
    if (judged_.contradiction) {
      judged_.hubs.clear();
      return judged_;
    }
    unite();
    for (const auto& cluster : clusters_) {
      std::int64_t least = INT64_MAX;
      for (const int member : cluster) least = std::min(least, world_.people[member].id);
      for (const int member : cluster) labels_[member] = least;
    }
    for (const auto& [member, label] : labels_) judged_.labels.push_back(label);
    for (const auto& [pair, link] : eligible_)
      if (labels_[pair.first] != labels_[pair.second]) judged_.refused.insert(pair);
    return judged_;
  }

  using Cluster = std::set<int>;

  // After judge(), for those who decide in another way.
  bool eligible(const Two& pair) const { return eligible_.contains(pair); }
  bool allowed(const Cluster& cluster) const { return !too_many(cluster) && !kept_apart(cluster); }

 private:
  struct Line {
    double confidence;
    std::int64_t first, last;
    int source_priority;
    bool trusted;
  };

  const WorldType& type(int member) const { return world_.types[world_.people[member].type]; }

  static Line together(const std::vector<Line>& lines) {
    Line all = lines[0];
    for (const Line& line : lines) {
      all.confidence = std::max(all.confidence, line.confidence);
      all.first = std::min(all.first, line.first);
      all.last = std::max(all.last, line.last);
      all.source_priority = std::min(all.source_priority, line.source_priority);
    }
    return all;
  }

  void combine() {
    for (const auto& [pair, rows] : world_.seen) {
      std::vector<Line> trusted, all;
      for (const auto& [key, seen] : rows) {
        if (seen.rejected) continue;
        const WorldSource& source = world_.sources[key.first];
        all.push_back({seen.confidence, seen.first, seen.last, source.priority, false});
        if (source.trusted) trusted.push_back(all.back());
      }
      if (all.empty()) continue;
      if (world_.people[pair.first].blocked || world_.people[pair.second].blocked) continue;
      if (!type(pair.first).links || !type(pair.second).links) continue;
      if (!trusted.empty() && together(trusted).confidence >= world_.threshold) {
        eligible_[pair] = together(trusted);
        eligible_[pair].trusted = true;
      } else if (together(all).confidence >= world_.threshold) {
        eligible_[pair] = together(all);
      }
    }
  }

  bool is_hub(int member) const {
    for (const auto& [neighbour, most] : type(member).max_degree) {
      int degree = 0;
      for (const auto& [pair, link] : eligible_) {
        const int other = pair.first == member ? pair.second : pair.second == member ? pair.first : -1;
        if (other < 0 || world_.people[other].type != neighbour) continue;
        if (link.trusted || planted_ == Planted::untrusted_counted) ++degree;
      }
      if (degree > most) return true;
    }
    return false;
  }

  void find_hubs() {
    const auto drop = [&](int member) {
      std::erase_if(eligible_,
                    [&](const auto& each) { return each.first.first == member || each.first.second == member; });
    };
    const int people = static_cast<int>(world_.people.size());
    for (int member = 0; member < people; ++member) {
      if (!is_hub(member)) continue;
      judged_.hubs.insert(member);
      if (planted_ == Planted::hubs_after_dropping) drop(member);
    }
    for (const int member : judged_.hubs) drop(member);
  }

  bool kept_apart(const Cluster& cluster) const {
    for (const auto& [pair, decided] : world_.decided)
      if (!decided.must && cluster.contains(pair.first) && cluster.contains(pair.second)) return true;
    for (const auto& [key, lists] : world_.lists)
      for (const int left : lists.first)
        for (const int right : lists.second)
          if (cluster.contains(left) && cluster.contains(right)) return true;
    return false;
  }

  std::size_t place_of(int member) const {
    for (std::size_t i = 0; i < clusters_.size(); ++i)
      if (clusters_[i].contains(member)) return i;
    return clusters_.size();
  }

  void merge(std::size_t a, std::size_t b) {
    clusters_[a].insert(clusters_[b].begin(), clusters_[b].end());
    clusters_.erase(clusters_.begin() + static_cast<std::ptrdiff_t>(b));
  }

  void join_musts() {
    for (int member = 0; member < static_cast<int>(world_.people.size()); ++member) clusters_.push_back({member});
    for (const auto& [pair, decided] : world_.decided) {
      if (!decided.must || place_of(pair.first) == place_of(pair.second)) continue;
      if (planted_ == Planted::must_after_hubs &&
          (judged_.hubs.contains(pair.first) || judged_.hubs.contains(pair.second)))
        continue;
      merge(place_of(pair.first), place_of(pair.second));
    }
    groups_ = clusters_;
    for (const Cluster& group : groups_) judged_.contradiction = judged_.contradiction || kept_apart(group);
  }

  // A group of must-links weighs min(max_per_profile, count).
  bool too_many(const Cluster& cluster) const {
    for (std::size_t t = 0; t < world_.types.size(); ++t) {
      if (!world_.types[t].max_per_profile) continue;
      const int most = *world_.types[t].max_per_profile;
      int weight = 0;
      for (const Cluster& group : groups_) {
        int count = 0;
        for (const int member : group)
          count += cluster.contains(member) && world_.people[member].type == static_cast<int>(t) ? 1 : 0;
        weight += std::min(most, count);
      }
      if (weight > most) return true;
    }
    return false;
  }

  bool holds_known(const Cluster& cluster) const {
    return std::any_of(cluster.begin(), cluster.end(), [&](int member) { return type(member).known; });
  }
  int known_parts(const Cluster& cluster) const {
    int parts = 0;
    for (const Cluster& part : parts_) parts += cluster.contains(*part.begin()) && holds_known(part) ? 1 : 0;
    return parts;
  }

  auto place_in_order(const Two& pair, const Line& line) const {
    const auto name = [&](int member) { return std::pair(type(member).name, world_.people[member].value); };
    const auto [low, high] = std::minmax({type(pair.first).priority, type(pair.second).priority});
    const auto [lesser, greater] = std::minmax({name(pair.first), name(pair.second)});
    const bool newest = type(pair.first).newest || type(pair.second).newest;
    return std::tuple(!line.trusted, -line.confidence, low, high, newest, newest ? -line.last : line.first,
                      line.source_priority, planted_ == Planted::order_by_ids ? world_.people[pair.first].id : 0,
                      lesser, greater);
  }

  void unite() {
    std::map<decltype(place_in_order({}, {})), Two> order;
    for (const auto& [pair, line] : eligible_) order[place_in_order(pair, line)] = pair;
    bool untrusted = false;
    for (const auto& [place, pair] : order) {
      if (!eligible_.at(pair).trusted && !untrusted) {
        untrusted = true;
        parts_ = clusters_;
      }
      const std::size_t a = place_of(pair.first), b = place_of(pair.second);
      if (a == b) continue;
      Cluster both = clusters_[a];
      both.insert(clusters_[b].begin(), clusters_[b].end());
      if (!allowed(both) || (untrusted && known_parts(both) > 1)) continue;
      merge(a, b);
    }
  }

  const World& world_;
  Planted planted_;
  Judged judged_;
  std::map<Two, Line> eligible_;
  std::vector<Cluster> clusters_, groups_, parts_;
  std::map<int, std::int64_t> labels_;
};

}  // namespace cdp::core::test
