// Events and their properties, as a predicate reads them: what it names is looked up once, not for each event.
#pragma once

#include <memory_resource>
#include <vector>

#include "core/segment/evaluator.hpp"
#include "core/segment/quantity.hpp"
#include "core/timeline/view.hpp"

namespace cdp::core::rule {

// The values that the columns of a timeline refer to, by index; read when the first one is asked for.
class EventDictionary {
 public:
  EventDictionary(const TimelineView& timeline, std::pmr::memory_resource* resource)
      : timeline_(timeline), values_(resource) {}
  const TimelineView& timeline() const noexcept { return timeline_; }
  Value operator[](std::uint64_t index) {
    if (values_.empty()) {
      values_.reserve(static_cast<std::size_t>(timeline_.dictionary_size()));
      timeline_.for_each_value([this](const Value& value) { values_.push_back(value); });
    }
    return values_[static_cast<std::size_t>(index)];
  }

 private:
  const TimelineView& timeline_;
  std::pmr::vector<Value> values_;
};

// A property of the events: the one of that whole name, else a member of one that the path leads into.
class EventValues {
 public:
  EventValues(EventDictionary& dictionary, std::string_view path, std::pmr::memory_resource* resource);

  // A number as mantissa / 10^scale, or as a decimal.
  struct Number {
    bool is_scaled;
    std::int64_t mantissa;
    unsigned scale;
    ByteSpan decimal;
  };

  // Of one event; fast for one after the other. Nothing also for null.
  std::optional<Value> value(std::uint32_t event, Buffer& scratch);
  std::optional<Number> number(std::uint32_t event);
  // The one column of whole numbers that the path can mean.
  const TimelineColumn* only_numbers() const noexcept {
    return places_.size() == 1 && places_[0].columns.numbers() ? &*places_[0].columns.numbers() : nullptr;
  }
  std::optional<std::int64_t> scaled(std::uint32_t event) noexcept {
    const auto rank = places_[0].with_number.find(event);
    return rank ? std::optional(places_[0].columns.numbers()->scaled(*rank)) : std::nullopt;
  }
  std::optional<std::uint64_t> index(std::uint32_t event) noexcept {
    const auto rank = places_[0].with_other.find(event);
    return rank ? std::optional(places_[0].columns.others()->index(*rank)) : std::nullopt;
  }
  bool is_nested() const noexcept { return nested_; }  // the path can mean several things

 private:
  struct Place {
    PropertyColumns columns;
    timeline::PresenceCursor with_number, with_other;
    std::string_view rest;  // of the path, inside of the value
  };
  void add(std::string_view name, std::string_view rest);

  EventDictionary* dictionary_;
  bool nested_ = false;
  std::pmr::vector<Place> places_;
};

// The conditions after `where`.
class EventFilter {
 public:
  EventFilter(const ProgramNode& filter, EventDictionary& dictionary, const Evaluator& evaluator,
              std::pmr::memory_resource* resource);

  // Whether the event counts: the filter is true of it. Fast for one event after the other.
  bool has(std::uint32_t event) { return truth_of(0, event) == Truth::yes; }

 private:
  struct Node {
    Opcode op;
    std::uint32_t end;  // behind it and what is below it
    const std::byte* arguments = nullptr;
    std::uint32_t values = 0;  // what a predicate looks at
    std::optional<Range> range{};
  };
  void add(const ProgramNode& node, EventDictionary& dictionary);
  Truth truth_of(std::uint32_t node, std::uint32_t event);
  Truth predicate(const Node& node, std::uint32_t event);

  const Evaluator& evaluator_;
  std::pmr::memory_resource* resource_;
  std::pmr::vector<Node> nodes_;
  std::pmr::vector<EventValues> values_;
  Buffer scratch_;
};

}  // namespace cdp::core::rule
