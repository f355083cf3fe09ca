// How long oracles run: as long as usual, or, for tests/differential, with other seeds and for more rounds.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace cdp::core::test {

inline int setting(const char* name, int usual) {
  const char* const value = std::getenv(name);
  return value == nullptr ? usual : std::atoi(value);
}

inline unsigned seed(unsigned usual) { return usual + 10'007U * static_cast<unsigned>(setting("ORACLE_SEED", 0)); }
inline int rounds(int usual) { return usual * setting("ORACLE_TIMES", 1); }

// Of a rule and a customer; tests/differential adds them up.
inline void report_combinations(const int (&counts)[3]) {
  std::printf("combinations: %ld\n", static_cast<long>(counts[0]) + counts[1] + counts[2]);
}

}  // namespace cdp::core::test
