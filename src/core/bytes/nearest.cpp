// src/core/bytes/nearest.cpp: spelling suggestions.
#include "core/bytes/nearest.hpp"

#include <algorithm>
#include <array>

namespace cdp::core {

namespace {

// Optimal string alignment distance, for words up to kLongestWord.
std::size_t distance(std::string_view a, std::string_view b) noexcept {
  std::array<std::array<std::size_t, kLongestWord + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto &above = rows[(i + 2) % 3], &higher = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = ascii_lower(a[i - 1]), y = ascii_lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (x == y ? 0 : 1)});
      if (i > 1 && j > 1 && x == ascii_lower(b[j - 2]) && y == ascii_lower(a[i - 2]))
        row[j] = std::min(row[j], higher[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t least = std::min<std::size_t>(2, text.size() / 2) + 1;
  if (text.size() > kLongestWord || text.empty()) return {};
  bool begins_alike = false;  // what decides between equally near ones
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kLongestWord || candidate.empty()) continue;
    const bool alike = ascii_lower(candidate.front()) == ascii_lower(text.front());
    const std::size_t d = distance(text, candidate);
    if (d > least || (d == least && (best.empty() || begins_alike || !alike))) continue;
    least = d;
    best = candidate;
    begins_alike = alike;
  }
  return best;
}

}  // namespace cdp::core
