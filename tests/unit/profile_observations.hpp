// Random observations, and profiles made of them.
#pragma once

#include <iterator>
#include <random>
#include <span>
#include <vector>

#include "core/profile/json.hpp"
#include "profile_bytes.hpp"

namespace cdp::core::test {

struct Observation {
  std::string attribute, value, source;  // value: JSON, or "" for erased
  std::int64_t time;
};

inline Bytes profile_of(std::span<const Observation> observations) {
  ProfileBuilder builder(kHeap);
  for (const Observation& o : observations) {
    Value value{Type::erased, {}};
    Buffer scratch;
    if (!o.value.empty()) value = parse_json(o.value, "json", scratch, kHeap);
    value.bytes = builder.copy(value.bytes);
    builder.add_observation(o.attribute, value, o.source, o.time);
  }
  Buffer out;
  builder.write(out);
  return bytes_of(out);
}

inline std::vector<Observation> random_observations(std::mt19937_64& random, std::size_t count) {
  static const char* const kValues[] = {"\"TR\"",
                                        "\"RS\"",
                                        "1",
                                        "1.50",
                                        "-3e2",
                                        "true",
                                        "{\"b\":1,\"a\":[null,2]}",
                                        "[1,\"x\"]",
                                        "\"\"",
                                        "0",
                                        "",
                                        "\"İstanbul\"",
                                        "\"a much longer string than the others\""};
  std::vector<Observation> observations;
  for (std::size_t i = 0; i < count; ++i) {
    observations.push_back({std::string("a") + std::to_string(random() % 3), kValues[random() % std::size(kValues)],
                            std::string("s") + std::to_string(random() % 4),
                            static_cast<std::int64_t>(random() % 20) * 1'000'000 - 5'000'000});
  }
  return observations;
}

}  // namespace cdp::core::test
