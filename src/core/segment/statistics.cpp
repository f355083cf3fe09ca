// src/core/segment/statistics.cpp: frequencies of keys, and estimates from them.
#include "core/segment/statistics.hpp"

#include <algorithm>

#include "core/bytes/hash.hpp"

namespace cdp::core {

namespace {

using Kind = LookupNode::Kind;

constexpr std::size_t kReservoirPerBound = 30;

class Estimator {
 public:
  Estimator(const Lookup& lookup, const KeyStatistics& statistics)
      : node_(lookup.nodes.data()), key_(lookup.keys.data()), of_(statistics) {}

  double rule() {
    const LookupNode here = *node_++;
    double share = here.kind == Kind::any_key || here.kind == Kind::any_of ? 0 : 1;
    for (std::uint32_t i = 0; i < here.count; ++i) {
      switch (here.kind) {
        // Values of one attribute exclude each other; elements of a list don't, but the sum is no less.
        case Kind::any_key: share += range(*key_++); break;
        case Kind::all_keys: share *= range(*key_++); break;
        case Kind::all_of: share *= rule(); break;
        case Kind::any_of: share = 1 - (1 - share) * (1 - rule()); break;
        case Kind::always: break;
      }
    }
    return std::clamp(share, kRarest, 1.0);
  }

  double entries(const KeyRange& one) const { return one.single() ? 0 : range(one); }

 private:
  // At most the share that the path of the key has.
  double range(const KeyRange& range) const {
    if (range.fact.kind == Fact::Kind::known) return common(fact::known_of(range.least));
    if (range.greatest < range.least) return 0;
    if (range.single()) return common(range.least);
    const fact::Path path(range.fact.path);
    return std::min(between(range), common(path.known()));
  }

  double common(FactKey key) const {
    const auto at = std::lower_bound(of_.common.begin(), of_.common.end(), key);
    if (at != of_.common.end() && *at == key) return of_.shares[static_cast<std::size_t>(at - of_.common.begin())];
    return of_.least / 2;
  }

  double between(const KeyRange& range) const {
    if (of_.bounds.size() < 2) return kRarest;
    return of_.ordered * std::max(rank(range.greatest + 1) - rank(range.least), 0.0);
  }

  // Which share of the ordered keys is less.
  double rank(FactKey key) const {
    const auto at =
        static_cast<std::size_t>(std::lower_bound(of_.bounds.begin(), of_.bounds.end(), key) - of_.bounds.begin());
    if (at == 0 || at == of_.bounds.size()) return at == 0 ? 0 : 1;
    const auto low = static_cast<double>(of_.bounds[at - 1]), high = static_cast<double>(of_.bounds[at]);
    const double within = high > low ? (static_cast<double>(key) - low) / (high - low) : 0;
    return (static_cast<double>(at - 1) + within) / static_cast<double>(of_.bounds.size() - 1);
  }

  const LookupNode* node_;
  const KeyRange* key_;
  const KeyStatistics& of_;
};

}  // namespace

double share_of(const Lookup& lookup, const KeyStatistics& statistics) { return Estimator(lookup, statistics).rule(); }

double entries_read(const Lookup& lookup, const KeyStatistics& statistics) {
  const Estimator estimator(lookup, statistics);
  double sum = 0;
  for (const KeyRange& one : lookup.keys) sum += estimator.entries(one);
  return sum;
}

// The bucket is as wide as for the server's own lexemes: what occurs in one profile of 700 or more isn't forgotten.
KeyCounter::KeyCounter(std::size_t most, std::pmr::memory_resource* resource)
    : most_(most),
      bucket_((most + 10) * 1000 / 7),
      counts_(resource),
      reservoir_(resource),
      common_(resource),
      bounds_(resource),
      shares_(resource) {}

void KeyCounter::add(const std::pmr::vector<FactKey>& keys) {
  ++profiles_;
  for (const FactKey key : keys) {
    const auto missed = static_cast<std::uint32_t>(keys_ / bucket_);
    const auto [at, is_new] = counts_.try_emplace(key, Count{1, missed});
    if (!is_new) ++at->second.seen;
    if (fact::is_ordered(key)) keep_ordered(key);
    if (++keys_ % bucket_ == 0) forget_rare();
  }
}

void KeyCounter::forget_rare() {
  std::erase_if(counts_, [bucket = keys_ / bucket_](const auto& one) {
    return one.second.seen + std::uint64_t{one.second.missed} <= bucket;
  });
}

void KeyCounter::keep_ordered(FactKey key) {
  const std::size_t room = most_ * kReservoirPerBound;
  if (ordered_++ < room) return reservoir_.push_back(key);
  random_ = fold_multiply(random_ ^ ordered_, 0xD6E8FEB86659FD93) | 1;
  if (const std::uint64_t place = random_ % ordered_; place < room) reservoir_[place] = key;
}

double KeyCounter::ordered() const noexcept {
  return profiles_ == 0 ? 0 : static_cast<double>(ordered_) / static_cast<double>(profiles_);
}

void KeyCounter::choose_common() {
  std::pmr::vector<std::pair<std::uint32_t, FactKey>> frequent(common_.get_allocator());
  // Once something was forgotten, what was counted seldom may have been more frequent than this says.
  const std::uint64_t least = keys_ < bucket_ ? 1 : 9 * keys_ / bucket_;
  for (const auto& [key, count] : counts_)
    if (count.seen >= least) frequent.emplace_back(count.seen, key);
  std::sort(frequent.begin(), frequent.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  const bool too_many = frequent.size() > most_;
  if (too_many) frequent.resize(most_);
  const auto share = [this](std::uint64_t seen) { return static_cast<double>(seen) / static_cast<double>(profiles_); };
  if (!frequent.empty()) greatest_ = share(frequent.front().first);
  least_ = share(too_many ? frequent.back().first : least);
  std::sort(frequent.begin(), frequent.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  for (const auto& [seen, key] : frequent) {
    common_.push_back(key);
    shares_.push_back(static_cast<float>(share(seen)));
  }
}

void KeyCounter::choose_bounds() {
  std::sort(reservoir_.begin(), reservoir_.end());
  const std::size_t count = std::min(reservoir_.size(), most_ + 1);
  if (count < 2) return;
  for (std::size_t i = 0; i < count; ++i) bounds_.push_back(reservoir_[i * (reservoir_.size() - 1) / (count - 1)]);
}

void KeyCounter::finish() {
  if (profiles_ == 0) return;
  choose_common();
  choose_bounds();
}

}  // namespace cdp::core
