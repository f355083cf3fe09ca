// What the generated scanner and parser share.
#pragma once

#include "core/segment/builder.hpp"

namespace cdp::core::rule {

// The state of one scan. Parentheses and `not` are counted as they come, because each holds the parser's stack:
// a rule nested too deeply ends (54001) before the stack grows.
class Scan {
 public:
  explicit Scan(Builder& builder) noexcept : builder_(builder) {}

  Builder& builder() noexcept { return builder_; }
  const Source& source() const noexcept { return builder_.source(); }

  // Steps over the next `length` bytes.
  void advance(std::size_t length) noexcept {
    place_.begin = place_.end;
    place_.end += static_cast<std::uint32_t>(length);
  }
  Place place() const noexcept { return place_; }
  bool before_parenthesis() const noexcept;

  void expect_arguments() noexcept { arguments_ = true; }  // the next parenthesis nests no rule
  void open();
  void close() noexcept;
  void negate() { deepen(); }
  void join() noexcept { depth_ = base_.empty() ? 0 : base_.back() + 1; }  // `and`, `or` end what `not` reaches

  // What is no token at all: says why.
  [[noreturn]] void reject();
  // A name before a parenthesis that is no function.
  [[noreturn]] void reject_function();

 private:
  void deepen();

  Builder& builder_;
  Place place_;
  bool arguments_ = false;
  int depth_ = 0;
  std::vector<int> base_;  // the depth outside of each open parenthesis
};

// Runs the generated parser over the builder's source.
void run_parser(Builder& builder);

}  // namespace cdp::core::rule
