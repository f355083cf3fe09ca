#include "core/identity/order.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace cdp::core::identity {

namespace {

struct Key {
  std::uint64_t strength, priorities, time;
  std::uint32_t source, link;

  auto rank() const noexcept { return std::tie(strength, priorities, time, source); }
};

struct Named {
  std::uint64_t word;  // eight bytes of the value, as a number that orders as they do
  std::uint32_t type, identifier;
};

constexpr std::size_t kWord = sizeof(std::uint64_t);

class Names {
 public:
  Names(const Graph& graph, std::pmr::memory_resource* resource, Poll poll)
      : graph_(graph), poll_(poll), place_of_type_(graph.rules->types.size(), resource), ordinals_(resource) {
    std::pmr::vector<std::uint32_t> types(place_of_type_.size(), resource);
    std::iota(types.begin(), types.end(), 0U);
    std::sort(types.begin(), types.end(), [&](std::uint32_t a, std::uint32_t b) {
      return compare_bytes(as_bytes(graph.rules->types[a].name), as_bytes(graph.rules->types[b].name)) < 0;
    });
    for (std::uint32_t i = 0; i < types.size(); ++i) place_of_type_[types[i]] = i;
  }

  // Numbers the ends of these links in the order of their names.
  void number(std::span<const Key> tied, std::pmr::memory_resource* resource) {
    if (ordinals_.empty()) ordinals_.assign(graph_.identifiers.size(), kNone);
    std::pmr::vector<Named> names(resource);
    for (const Key& key : tied) {
      const Link& link = graph_.links[key.link];
      for (const std::uint32_t end : {link.a, link.b}) {
        if (ordinals_[end] != kNone) continue;
        ordinals_[end] = 0;
        names.push_back({word(end, 0), place_of_type_[graph_.identifiers[end].type], end});
      }
    }
    sort_run(names, 0);
    for (std::uint32_t i = 0; i < names.size(); ++i) ordinals_[names[i].identifier] = i;
  }

  std::uint64_t ends(const Key& key) const noexcept {
    const Link& link = graph_.links[key.link];
    const std::uint32_t a = ordinals_[link.a], b = ordinals_[link.b];
    return static_cast<std::uint64_t>(std::min(a, b)) << 32 | std::max(a, b);
  }

 private:
  ByteSpan value(std::uint32_t identifier) const noexcept { return graph_.identifiers[identifier].value; }
  std::uint64_t word(std::uint32_t identifier, std::size_t depth) const noexcept;
  void sort_run(std::span<Named> run, std::size_t depth);

  const Graph& graph_;
  Poll poll_;
  std::pmr::vector<std::uint32_t> place_of_type_, ordinals_;
};

// Zero where the value has ended.
std::uint64_t Names::word(std::uint32_t identifier, std::size_t depth) const noexcept {
  const ByteSpan bytes = value(identifier);
  std::byte padded[kWord] = {};
  if (depth < bytes.size()) std::memcpy(padded, bytes.data() + depth, std::min(bytes.size() - depth, kWord));
  return load_be<std::uint64_t>(padded);
}

// One word at a time, loaded once, since values share long prefixes; deeper down whole values decide.
void Names::sort_run(std::span<Named> run, std::size_t depth) {
  constexpr std::size_t kDeepest = 32, kShort = 8;
  poll_();
  const auto by_word = [](const Named& a, const Named& b) {
    return a.type != b.type ? a.type < b.type : a.word < b.word;
  };
  if (depth >= kDeepest || run.size() <= kShort) {
    std::size_t compared = 0;
    std::sort(run.begin(), run.end(), [&](const Named& a, const Named& b) {
      if (++compared % 65536 == 0) poll_();
      if (a.type != b.type || a.word != b.word) return by_word(a, b);
      return compare_bytes(value(a.identifier), value(b.identifier)) < 0;
    });
    return;
  }
  std::sort(run.begin(), run.end(), by_word);
  for (std::size_t from = 0, to = 0; from < run.size(); from = to) {
    while (to < run.size() && run[to].type == run[from].type && run[to].word == run[from].word) ++to;
    if (to - from == 1) continue;
    for (Named& each : run.subspan(from, to - from)) each.word = word(each.identifier, depth + kWord);
    sort_run(run.subspan(from, to - from), depth + kWord);
  }
}

}  // namespace

void sort_links(const Graph& graph, std::pmr::vector<std::uint32_t>& links, std::pmr::memory_resource* resource,
                Poll poll) {
  std::pmr::vector<Key> keys(resource);
  keys.reserve(links.size());
  for (const std::uint32_t i : links) {
    prefetch_ends(graph, i + kPrefetched);
    const Link& link = graph.links[i];
    const Rank rank = rank_of(*graph.rules, graph.identifiers[link.a].type, graph.identifiers[link.b].type, link.bond);
    keys.push_back({rank.strength, rank.priorities, rank.time, rank.source, i});
  }
  std::size_t compared = 0;
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    if (++compared % 65536 == 0) poll();
    return a.rank() < b.rank();
  });
  // First all that are tied get numbers, so that each identifier is looked at once.
  std::pmr::vector<Key> tied(resource);
  const auto for_each_tie = [&](auto&& visit) {
    for (std::size_t from = 0, to = 0; from < keys.size(); from = to) {
      while (to < keys.size() && keys[to].rank() == keys[from].rank()) ++to;
      if (to - from > 1) visit(std::span(keys).subspan(from, to - from));
    }
  };
  for_each_tie([&](std::span<Key> run) { tied.insert(tied.end(), run.begin(), run.end()); });
  if (!tied.empty()) {
    Names names(graph, resource, poll);
    names.number(tied, resource);
    for_each_tie([&](std::span<Key> run) {
      for (Key& key : run) key.strength = names.ends(key);  // all that still differs
      std::sort(run.begin(), run.end(), [&](const Key& a, const Key& b) {
        if (++compared % 65536 == 0) poll();
        return a.strength < b.strength;
      });
    });
  }
  for (std::size_t i = 0; i < keys.size(); ++i) links[i] = keys[i].link;
}

}  // namespace cdp::core::identity
