// Many sessions that change one space at once, over customers that overlap.
#pragma once

#include <atomic>
#include <random>
#include <thread>

#include "pg/sound.hpp"

namespace cdp::test {

class Storm {
 public:
  Storm(unsigned sessions, unsigned calls, unsigned seed) : calls_(sessions) {
    std::mt19937 random(seed);
    for (auto& each : calls_)
      for (unsigned i = 0; i < calls; ++i) each.push_back(call(random, number_++));
  }

  // Everybody at once. What went wrong, if anything did.
  std::vector<std::string> rage(const std::string& space) const {
    std::vector<std::vector<std::string>> failures(calls_.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < calls_.size(); ++i)
      threads.emplace_back([&, i] {
        const Session session;
        for (const std::string& call : calls_[i]) {
          const Outcome outcome = session.run(in_space(call, space));
          if (!outcome.ok()) failures[i].push_back(call + ": " + outcome.whole());
        }
      });
    for (std::thread& thread : threads) thread.join();
    std::vector<std::string> all;
    for (auto& each : failures) all.insert(all.end(), each.begin(), each.end());
    return all;
  }

  // One after the other, in another order.
  std::vector<std::string> calm(const std::string& space, unsigned seed) const {
    std::vector<std::string> order, failures;
    for (const auto& each : calls_) order.insert(order.end(), each.begin(), each.end());
    std::shuffle(order.begin(), order.end(), std::mt19937(seed));
    const Session session;
    for (const std::string& call : order) {
      const Outcome outcome = session.run(in_space(call, space));
      if (!outcome.ok()) failures.push_back(call + ": " + outcome.whole());
    }
    return failures;
  }

 private:
  // Few enough that customers meet, become hubs, and part again.
  static std::string identifiers(std::mt19937& random) {
    static const std::pair<const char*, unsigned> kPools[] = {
        {"user_id", 24}, {"email", 30}, {"anonymous_id", 60}, {"device_id", 12}};
    std::string text;
    for (const auto& [type, count] : kPools) {
      if (random() % 2 == 0) continue;
      text += (text.empty() ? "" : ", ") + std::string("\"") + type + "\": \"" + type[0] +
              std::to_string(random() % count) + (type[0] == 'e' ? "@example.com\"" : "\"");
    }
    return text.empty() ? identifiers(random) : "{" + text + "}";
  }

  // What it does depends on its own number alone, not on when it is made.
  static std::string call(std::mt19937& random, unsigned number) {
    const std::string id = std::to_string(number), at = "'2026-01-01Z'::timestamptz + " + id + " * interval '1 min'";
    const std::string source = random() % 4 == 0 ? "'web'" : "'default'";
    const auto attributes = [&] { return "'{\"n" + std::to_string(random() % 5) + "\": " + id + "}'"; };
    const auto event = [&](unsigned part) {
      return "{\"type\": \"track\", \"event\": \"e" + std::to_string(random() % 3) + "\", \"messageId\": \"" + id +
             "." + std::to_string(part) + "\", \"userId\": \"u" + std::to_string(random() % 24) +
             "\", \"anonymousId\": \"a" + std::to_string(random() % 60) +
             "\", \"timestamp\": \"2026-02-01T00:00:00Z\"}";
    };
    switch (random() % 8) {
      case 0:
        return "SELECT cdp.identify_many('{space}', ARRAY['" + identifiers(random) + "', '" + identifiers(random) +
               "', '" + identifiers(random) + "']::jsonb[], ARRAY[" + attributes() + ", NULL, " + attributes() +
               "]::jsonb[], " + source + ", ARRAY[" + at + ", " + at + ", " + at + "])";
      case 1: return "SELECT cdp.ingest('{space}', '[" + event(0) + ", " + event(1) + "]', " + source + ")";
      case 2: {
        std::string insert = "INSERT INTO {space}.inbox (source, event) VALUES (" + source + ", '" + event(0) +
                             "'), (" + source + ", '" + event(1) + "')";
        return "WITH i AS (" + insert + " RETURNING 1) SELECT count(*) FROM i; SELECT cdp.drain_batch('{space}', 3)";
      }
      default:
        return "SELECT cdp.identify('{space}', '" + identifiers(random) + "', " + attributes() + ", " + source + ", " +
               at + ")";
    }
  }

  std::vector<std::vector<std::string>> calls_;
  unsigned number_ = 0;
};

}  // namespace cdp::test
