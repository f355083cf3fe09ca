// One evaluation: a profile, an instant, and the tests of one node after the other.
#pragma once

#include <optional>
#include <string>
#include <type_traits>

#include "core/profile/format.hpp"
#include "core/segment/calendar.hpp"
#include "core/segment/segment.hpp"
#include "core/timeline/view.hpp"

namespace cdp::core::rule {

class Evaluator {
 public:
  Evaluator(const ProfileView& profile, std::int64_t as_of, const Poll& poll, const Zones* zones) noexcept
      : profile_(profile), as_of_(as_of), poll_(poll), zones_(zones) {}
  // With the events of a timeline, not those of the profile.
  Evaluator(const ProfileView& profile, ByteSpan timeline, std::int64_t as_of, const Poll& poll,
            const Zones* zones) noexcept
      : profile_(profile), as_of_(as_of), poll_(poll), zones_(zones), timeline_(timeline) {}

  std::int64_t as_of() const noexcept { return as_of_; }
  const Calendar& calendar() const noexcept { return calendar_; }
  const Poll& poll() const noexcept { return poll_; }

  Truth rule(const ProgramNode& node) const;
  Truth predicate(const ProgramNode& node) const;
  // For the rule of a node of in_zone or in_zone_of: with its calendar.
  Evaluator in_zone(const ProgramNode& node) const;
  // Appends what a predicate looks at as JSON: the value, the list of observed ones, seconds of freshness, what events
  // amount to.
  void show(const ProgramNode& node, Buffer& out) const;
  // When the predicate may change by itself: next_change() of one.
  std::int64_t next_change(const ProgramNode& node) const;
  // Whether the days of a predicate's calendar matter to it, and are not known.
  bool lacks_calendar(const ProgramNode& node) const noexcept { return !calendar_.known() && depends_on_days(node); }
  static bool depends_on_days(const ProgramNode& node) noexcept;
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
  // Calls visit(value) for each observed value until it returns true.
  template <typename Visit>
  bool any_observed(const Subject& subject, bool& overflowed, Visit&& visit) const {
    const auto call = [](const void* to, const Value& value) {
      return (*static_cast<const std::remove_reference_t<Visit>*>(to))(value);
    };
    return any_observed(subject, overflowed, &visit, call);
  }
  bool any_observed(const Subject& subject, bool& overflowed, const void* visitor,
                    bool (*visit)(const void*, const Value&)) const;
  Truth stated(Opcode op, const Subject& subject, const std::byte* arguments) const;
  const TimelineView& timeline() const noexcept;
  std::int64_t next_age(Opcode op, const Subject& subject, const std::byte* arguments) const;

  const ProfileView& profile_;
  const std::int64_t as_of_;
  const Poll& poll_;
  const Zones* const zones_;
  Calendar calendar_;
  mutable std::optional<TimelineView> timeline_;  // once it was asked for
};

}  // namespace cdp::core::rule

namespace cdp::core {

// Whatever the rule is decided by, what it needs has to be there: the error must not depend on the order of evaluation.
void require_facts(const Segment& segment, const ProfileView& profile, const Zones* zones);

}  // namespace cdp::core
