// Rules that refer to other rules: what they mean, given those.
#pragma once

#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "core/segment/segment.hpp"

namespace cdp::core {

struct Definition {
  std::string_view name;
  Segment rule;
};

// What references stand for. The definitions stay where they are.
class Definitions {
 public:
  // 22023 when a name has two different rules.
  Definitions(std::span<const Definition> all, const Poll& poll, std::pmr::memory_resource* resource);

  // Looks up all that the rule refers to, directly or not: of() is for these. 42704 for a name without a rule, 42P19
  // for a rule that needs itself, 54001.
  void resolve(const Segment& rule);
  // The rule of a name; no reference itself.
  ProgramNode of(std::string_view name) const noexcept { return entries_[find(name)].root; }

 private:
  enum class State : std::uint8_t { unseen, open, done };
  struct Entry {
    std::string_view name;
    Segment rule;
    ProgramNode root;  // of what it stands for, once it is done
    int levels = 0;    // of logic and references
    State state = State::unseen;
  };
  struct Frame {
    std::size_t entry;
    std::pmr::vector<std::string_view> names;  // that it refers to
    std::size_t next = 0;
  };

  std::size_t find(std::string_view name) const noexcept;  // or the number of entries
  std::size_t known(std::string_view name) const;
  int levels_of(const ProgramNode& node) const;
  void visit(std::pmr::vector<Frame>& path);
  void close(Entry& entry);
  [[noreturn]] void fail_cycle(const std::pmr::vector<Frame>& path, std::size_t again) const;

  const Poll& poll_;
  std::pmr::memory_resource* resource_;
  std::pmr::vector<Entry> entries_;  // in ascending order of names
};

// Appends the rule in whose place every reference is replaced with what it stands for, again and again. Errors as of
// Definitions; 54000 when its canonical text would exceed 1 MB, 54001 when it nests too deeply.
void expand_segment(const Segment& rule, std::span<const Definition> definitions, Buffer& out, const Poll& poll = {},
                    std::pmr::memory_resource* resource = std::pmr::get_default_resource(),
                    const Zones* zones = nullptr);

// Appends the canonical text of what the rule stands for. 54000 as soon as it exceeds 1 MB.
void print_expanded(const ProgramNode& rule, const Definitions& definitions, Buffer& out);

}  // namespace cdp::core
