// One evaluation: a profile, an instant, and the tests of one node after the other.
#pragma once

#include <optional>
#include <string>

#include "core/profile/format.hpp"
#include "core/segment/segment.hpp"
#include "core/timeline/view.hpp"

namespace cdp::core::rule {

class Evaluator {
 public:
  Evaluator(const ProfileView& profile, std::int64_t as_of, const Poll& poll) noexcept
      : profile_(profile), as_of_(as_of), poll_(poll) {}

  std::int64_t as_of() const noexcept { return as_of_; }
  const Poll& poll() const noexcept { return poll_; }

  Truth rule(const ProgramNode& node) const;
  Truth predicate(const ProgramNode& node) const;
  // Appends what a predicate looks at as JSON: the value, the list of observed ones, seconds of freshness, what events
  // amount to.
  void show(const ProgramNode& node, Buffer& out) const;
  // Until when events that a predicate looks at are folded.
  std::optional<std::int64_t> horizon(const ProgramNode& node) const;
  // What a condition says of a value.
  Truth test(Opcode op, const std::byte* arguments, const Value& value) const;

 private:
  Truth contains(const Value& array, const Value& constant) const;
  Truth contains_any(const Value& array, const ConstantList& list) const;
  Truth contains_all(const Value& array, const ConstantList& list) const;
  Truth observed(Opcode op, const Subject& subject, const std::byte* arguments) const;
  Truth fresh(Opcode op, const Subject& subject, const std::byte* arguments) const;

  std::optional<Value> seen_by(const Subject& subject) const noexcept;
  std::optional<std::int64_t> freshness(const Subject& subject) const noexcept;  // microseconds
  template <typename Visit>
  bool any_observed(const Subject& subject, bool& overflowed, Visit&& visit) const;
  Truth stated(Opcode op, const Subject& subject, const std::byte* arguments) const;
  const TimelineView& timeline() const noexcept;

  const ProfileView& profile_;
  const std::int64_t as_of_;
  const Poll& poll_;
  mutable std::optional<TimelineView> timeline_;  // once it was asked for
};

}  // namespace cdp::core::rule
