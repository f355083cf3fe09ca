#include "core/identity/contract.hpp"

#include <algorithm>
#include <string>

#include "core/bytes/error.hpp"
#include "core/identity/path.hpp"

namespace cdp::core::identity {

namespace {

// As people write it, the value cut where it gets long.
std::string text_of(const Graph& graph, std::uint32_t identifier) {
  constexpr std::size_t kLongest = 80;
  const Identifier& of = graph.identifiers[identifier];
  std::string_view value = as_text(of.value);
  const bool cut = value.size() > kLongest;
  if (cut) {
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
    value = value.substr(0, end);
  }
  return std::string(graph.rules->types[of.type].name) + " \"" + std::string(value) + (cut ? "…\"" : "\"");
}

[[noreturn]] void fail(const Graph& graph, const WallSide& side, Forest& forest, std::pmr::memory_resource* resource,
                       Poll poll) {
  const auto across = std::find_if(graph.walls.begin(), graph.walls.end(), [&](const WallSide& each) {
    return each.wall == side.wall && each.right != side.right &&
           forest.find(each.identifier) == forest.find(side.identifier);
  });
  const std::uint32_t other = across->identifier;
  std::pmr::vector<Edge> edges(resource);
  for (const Must& must : graph.musts) edges.push_back({must.a, must.b});
  const auto path = shortest_path(edges, static_cast<std::uint32_t>(graph.identifiers.size()), other, side.identifier,
                                  resource, poll);
  std::string detail = "The must-links join " + text_of(graph, other);
  std::uint32_t at = other;
  for (const std::uint32_t i : path) {
    at = edges[i].a == at ? edges[i].b : edges[i].a;
    detail += " – " + text_of(graph, at);
  }
  throw Error(Code::invalid_parameter,
              "must-links join " + text_of(graph, other) + " and " + text_of(graph, side.identifier) +
                  ", which a cannot-link keeps apart",
              detail + ".", "Withdraw the cannot-link, or one of these must-links; the view decisions has their numbers.");
}

}  // namespace

void contract(const Graph& graph, Forest& forest, std::pmr::memory_resource* resource, Poll poll) {
  for (const Must& must : graph.musts) {
    poll();
    const std::uint32_t a = forest.find(must.a), b = forest.find(must.b);
    if (a != b) forest.unite(a, b);
  }
  for (const Must& must : graph.musts) forest.cap_weights(forest.find(must.a));
  for (const WallSide& side : graph.walls) {
    poll();
    if (!forest.stand(forest.find(side.identifier), side.wall, side.right)) fail(graph, side, forest, resource, poll);
  }
}

}  // namespace cdp::core::identity
