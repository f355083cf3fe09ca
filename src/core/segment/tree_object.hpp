// One object of a rule in JSON while it is read, and complaints that say where they are.
#pragma once

#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/profile/value.hpp"

namespace cdp::core::tree {

// Where the reader is: keys of objects and indexes of arrays, from the outermost one.
class Path {
 public:
  explicit Path(std::pmr::memory_resource* resource) : steps_(resource) {}

  void enter(std::string_view key) { steps_.push_back({key, 0}); }
  void enter(std::size_t index) { steps_.push_back({{}, index}); }
  void leave() noexcept { steps_.pop_back(); }

  // As PostgreSQL writes paths: $.all[2]."not in"
  std::string text() const;
  // 22P02 at this place.
  [[noreturn]] void fail(std::string_view what, std::string hint = {}) const;

 private:
  struct Step {
    std::string_view key;
    std::size_t index;
  };
  std::pmr::vector<Step> steps_;
};

// The members of an object, each of which has to be taken.
class Members {
 public:
  // 22P02 when the value is no object, or has more members than any object of a rule; `hint` shows what is expected.
  Members(Value json, const Path& path,
          const char* hint = "A rule is an object such as {\"attribute\": \"country\", \"=\": \"TR\"}.");

  std::optional<Value> take(std::string_view key) noexcept;
  bool has(std::string_view key) const noexcept;
  // 22P02 when a member is left that no object of a rule has.
  void refuse_unknown() const;
  // 22P02 when any member is left.
  void finish() const;

 private:
  static constexpr std::size_t kMost = 8;
  struct Member {
    std::string_view key;
    Value value;
    bool taken;
  };
  const Path& path_;
  Member members_[kMost];
  std::size_t count_ = 0;
};

}  // namespace cdp::core::tree
