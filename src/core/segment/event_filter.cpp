// src/core/segment/event_filter.cpp: properties of events, and conditions on them.
#include "core/segment/event_filter.hpp"

#include "core/profile/decimal.hpp"

namespace cdp::core::rule {

EventValues::EventValues(EventDictionary& dictionary, std::string_view path, std::pmr::memory_resource* resource)
    : dictionary_(&dictionary), places_(resource) {
  add(path, {});
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    nested_ = true;
    add(path.substr(0, dot), path.substr(dot + 1));
  }
}

void EventValues::add(std::string_view name, std::string_view rest) {
  const PropertyColumns columns = dictionary_->timeline().property(name);
  Place place{columns, {}, {}, rest};
  if (columns.numbers()) place.with_number = timeline::PresenceCursor(columns.numbers()->presence());
  if (columns.others()) place.with_other = timeline::PresenceCursor(columns.others()->presence());
  if (columns.any() || rest.empty()) places_.push_back(place);
}

std::optional<EventValues::Number> EventValues::number(std::uint32_t event) {
  for (Place& place : places_) {
    if (place.rest.empty()) {
      if (const auto rank = place.with_number.find(event))
        return Number{true, place.columns.numbers()->scaled(*rank), place.columns.numbers()->scale(), {}};
    }
    const auto rank = place.with_other.find(event);
    if (!rank) continue;
    const Value outer = (*dictionary_)[place.columns.others()->index(*rank)];
    const auto value = place.rest.empty() ? std::optional(outer) : member_at(outer, place.rest);
    if (!value) continue;
    return value->type == Type::number ? std::optional(Number{false, 0, 0, value->bytes}) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Value> EventValues::value(std::uint32_t event, Buffer& scratch) {
  for (Place& place : places_) {
    if (place.rest.empty()) {
      if (const auto rank = place.with_number.find(event)) {
        scratch.clear();
        append_decimal(scratch, place.columns.numbers()->scaled(*rank), place.columns.numbers()->scale());
        return Value{Type::number, scratch.span()};
      }
    }
    const auto rank = place.with_other.find(event);
    if (!rank) continue;
    const Value outer = (*dictionary_)[place.columns.others()->index(*rank)];
    const auto value = place.rest.empty() ? std::optional(outer) : member_at(outer, place.rest);
    if (value) return value->type == Type::null ? std::nullopt : value;
  }
  return std::nullopt;
}

EventFilter::EventFilter(const ProgramNode& filter, EventDictionary& dictionary, const Evaluator& evaluator,
                         std::pmr::memory_resource* resource)
    : evaluator_(evaluator), resource_(resource), nodes_(resource), values_(resource), scratch_(resource) {
  nodes_.reserve(8);
  values_.reserve(4);
  add(filter, dictionary);
}

void EventFilter::add(const ProgramNode& node, EventDictionary& dictionary) {
  const std::size_t here = nodes_.size();
  nodes_.push_back({node.op, 0});
  if (is_logic(node.op)) {
    any_child(node.body, [&](const ProgramNode& child) {
      add(child, dictionary);
      return false;
    });
  } else {
    const std::byte* at = node.body.data();
    const std::string_view path = as_text(trusted_node(at).body);
    nodes_[here].values = static_cast<std::uint32_t>(values_.size());
    nodes_[here].arguments = at;
    values_.emplace_back(dictionary, path, resource_);
    if (const TimelineColumn* const column = values_.back().only_numbers())
      nodes_[here].range = range_of_numbers(node.op, at, column->scale());
  }
  nodes_[here].end = static_cast<std::uint32_t>(nodes_.size());
}

Truth EventFilter::predicate(const Node& node, std::uint32_t event) {
  EventValues& values = values_[node.values];
  if (node.range)
    if (const auto number = values.scaled(event)) return truth(node.range->has(*number));
  const auto value = values.value(event, scratch_);
  if (node.op == Opcode::is_known || node.op == Opcode::is_unknown)
    return truth(value.has_value() == (node.op == Opcode::is_known));
  return value ? evaluator_.test(node.op, node.arguments, *value) : Truth::unknown;
}

Truth EventFilter::truth_of(std::uint32_t index, std::uint32_t event) {
  const Node& node = nodes_[index];
  if (!is_logic(node.op)) return predicate(node, event);
  if (node.op == Opcode::negation) return negated(truth_of(index + 1, event));
  const Truth neutral = truth(node.op == Opcode::all_of);
  Truth result = neutral;
  for (std::uint32_t child = index + 1; child < node.end; child = nodes_[child].end) {
    const Truth one = truth_of(child, event);
    if (one == Truth::unknown) result = one;
    if (one == negated(neutral)) return one;
  }
  return result;
}

}  // namespace cdp::core::rule
