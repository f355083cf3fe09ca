// src/core/segment/event_numbers.cpp: what the properties of events add up to, and which values they have.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/profile/decimal.hpp"
#include "core/profile/timestamp.hpp"
#include "core/segment/behaviour.hpp"

namespace cdp::core::rule {

// What is folded has sums by property, but not of members inside of one.
bool Behaviour::folded_numbers(const Selected& selected) const noexcept {
  if (!selected.part) return false;
  return selected.subject.property.find('.') != std::string_view::npos ||
         selected.part->sum(selected.subject.property).has_value();
}

std::optional<NumberTotal> Behaviour::total(const Selected& selected) {
  NumberTotal total{timeline::ExactSum(&room_), 0};
  if (folded_numbers(selected)) {
    const auto sum = selected.part->sum(selected.subject.property);
    if (!sum || selected.subject.filter || selected.folded.least < selected.part->count ||
        selected.subject.property.find('.') != std::string_view::npos)
      return std::nullopt;
    total.sum.add(sum->total);
    total.count = sum->count;
  }
  std::optional<EventValues> values;
  for_each(selected, [&](std::uint32_t event) {
    if (!values) values.emplace(dictionary_, selected.subject.property, &room_);
    const auto number = values->number(event);
    if (!number) return false;
    ++total.count;
    if (number->is_scaled && total.sum.add(number->mantissa, number->scale)) return false;
    scratch_.clear();
    if (number->is_scaled) append_decimal(scratch_, number->mantissa, number->scale);
    total.sum.add(number->is_scaled ? scratch_.span() : number->decimal);
    return false;
  });
  return total;
}

Truth Behaviour::of_total(Opcode op, const ProgramNode& subject, const std::byte* at) {
  const auto total = this->total(select(subject));
  const bool average = subject.op == Opcode::average;
  if (!total || (average && total->count == 0)) return Truth::unknown;
  return truth(compare_total(op, at, total->sum, average ? total->count : 1));
}

Behaviour::Answered Behaviour::extreme(const Selected& selected) {
  if (folded_numbers(selected)) return {Answer::unknown};
  const bool greatest = selected.subject.op == Opcode::greatest;
  std::optional<EventValues> values;
  std::optional<std::int64_t> scaled;  // all of them have one scale
  unsigned scale = 0;
  std::optional<ByteSpan> decimal;
  for_each(selected, [&](std::uint32_t event) {
    if (!values) values.emplace(dictionary_, selected.subject.property, &room_);
    const auto number = values->number(event);
    if (!number) return false;
    if (number->is_scaled) {
      scale = number->scale;
      if (!scaled || (greatest ? number->mantissa > *scaled : number->mantissa < *scaled)) scaled = number->mantissa;
    } else if (!decimal || (compare_bytes(number->decimal, *decimal) < 0) != greatest) {
      decimal = number->decimal;
    }
    return false;
  });
  if (!scaled && !decimal) return {};
  scratch_.clear();
  if (scaled) append_decimal(scratch_, *scaled, scale);
  if (scaled && (!decimal || (compare_bytes(scratch_.span(), *decimal) < 0) != greatest)) decimal = scratch_.span();
  return {Answer::found, {Type::number, *decimal}, true};
}

namespace {

// The values of events: as whole numbers of one column, as indexes of the dictionary, or themselves.
struct Values {
  explicit Values(std::pmr::memory_resource* resource) : scaled(resource), indexes(resource), others(resource) {}
  std::pmr::vector<std::int64_t> scaled;
  std::pmr::vector<std::uint64_t> indexes;
  std::pmr::vector<Value> others;
};

// Calls visit(item, times) for each distinct one in ascending order.
template <typename T, typename Less, typename Visit>
void for_each_run(std::pmr::vector<T>& items, Less&& less, Visit&& visit) {
  std::sort(items.begin(), items.end(), less);
  for (std::size_t from = 0, to; from < items.size(); from = to) {
    for (to = from + 1; to < items.size() && !less(items[from], items[to]);) ++to;
    visit(items[from], to - from);
  }
}

constexpr auto kLess = [](const auto& a, const auto& b) { return a < b; };
constexpr auto kBefore = [](const Value& a, const Value& b) { return compare(a, b) < 0; };

void collect(Values& to, EventValues& from, std::uint32_t event, Buffer& scratch, std::pmr::memory_resource& room) {
  if (from.is_nested()) {
    const auto value = from.value(event, scratch);
    if (!value) return;
    if (value->type != Type::number) return to.others.push_back(*value);
    auto* const copy = static_cast<std::byte*>(room.allocate(value->bytes.size(), 1));
    std::copy(value->bytes.begin(), value->bytes.end(), copy);
    to.others.push_back({Type::number, {copy, value->bytes.size()}});
  } else if (const auto scaled = from.scaled(event)) {
    to.scaled.push_back(*scaled);
  } else if (const auto index = from.index(event)) {
    to.indexes.push_back(*index);
  }
}

}  // namespace

CountBounds Behaviour::distinct(const Selected& selected) {
  Values values(&room_);
  std::optional<EventValues> from;
  for_each(selected, [&](std::uint32_t event) {
    if (!from) from.emplace(dictionary_, selected.subject.property, &room_);
    collect(values, *from, event, scratch_, room_);
    return false;
  });
  std::uint64_t count = 0;
  for_each_run(values.scaled, kLess, [&](std::int64_t, std::size_t) { ++count; });
  for_each_run(values.indexes, kLess, [&](std::uint64_t, std::size_t) { ++count; });
  for_each_run(values.others, kBefore, [&](const Value&, std::size_t) { ++count; });
  return {count, count + selected.folded.most};
}

// Of those that are as frequent the least one.
Behaviour::Answered Behaviour::most_frequent(const Selected& selected) {
  Values values(&room_);
  std::optional<EventValues> from;
  for_each(selected, [&](std::uint32_t event) {
    if (!from) from.emplace(dictionary_, selected.subject.property, &room_);
    collect(values, *from, event, scratch_, room_);
    return false;
  });
  std::size_t most = 0;
  Value best{};
  const auto offer = [&](const Value& value, std::size_t times) {
    if (times < most || (times == most && compare(best, value) <= 0)) return;
    most = times;
    best = value;
  };
  for_each_run(values.indexes, kLess, [&](std::uint64_t index, std::size_t times) {
    if (times >= most) offer(dictionary_[index], times);
  });
  for_each_run(values.others, kBefore, offer);
  std::size_t most_scaled = 0;
  std::int64_t number = 0;
  for_each_run(values.scaled, kLess, [&](std::int64_t scaled, std::size_t times) {
    if (times <= most_scaled) return;
    most_scaled = times;
    number = scaled;
  });
  if (most_scaled >= most && most_scaled > 0) {
    scratch_.clear();
    append_decimal(scratch_, number, from->only_numbers()->scale());
    offer({Type::number, scratch_.span()}, most_scaled);
  }
  return {selected.part ? Answer::unknown : (most > 0 ? Answer::found : Answer::none), best, most > 0};
}

namespace {

void show_time(std::int64_t time, Buffer& out) {
  out.byte('"');
  print_timestamp(time, out);
  out.byte('"');
}

template <typename Show>
void show_interval(Show&& least, Show&& most, Buffer& out) {
  out.append("{\"least\": ");
  least();
  out.append(", \"most\": ");
  most();
  out.byte('}');
}

// Nothing when it is beyond the numbers of JSON's readers.
void show_quotient(ByteSpan sum, std::uint64_t count, Buffer& out) {
  char text[32];
  const double quotient = decimal_to_double(sum) / static_cast<double>(count);
  if (!std::isfinite(quotient)) return;
  const auto end = std::to_chars(text, text + sizeof text, quotient).ptr;
  out.append(std::string_view(text, static_cast<std::size_t>(end - text)));
}

}  // namespace

void Behaviour::show(const ProgramNode& subject, Buffer& out) {
  if (subject.op == Opcode::sequence) return;
  if (is_moment(subject.op)) {
    const Times times = time_of(select(subject));
    if (times.answer == Answer::none) return;
    if (times.exists && times.least == times.most) return show_time(times.least, out);
    const auto show = [&out](std::int64_t time) { return [time, &out] { show_time(time, out); }; };
    return show_interval(show(times.least), show(times.most), out);
  }
  if (subject.op == Opcode::sum || subject.op == Opcode::average) {
    const auto total = this->total(select(subject));
    if (!total || (subject.op == Opcode::average && total->count == 0)) return;
    Buffer sum;
    total->sum.append_to(sum);
    return subject.op == Opcode::sum ? print_decimal(sum.span(), out) : show_quotient(sum.span(), total->count, out);
  }
  if (is_event_value(subject.op) || subject.op == Opcode::least || subject.op == Opcode::greatest) {
    const Answered answered = value(subject);
    if (answered.answer == Answer::found) print_json(answered.value, out);
    return;
  }
  const CountBounds bounds = whole_number(subject);
  if (bounds.exact()) return out.append(std::to_string(bounds.least));
  const auto show = [&out](std::uint64_t number) { return [number, &out] { out.append(std::to_string(number)); }; };
  show_interval(show(bounds.least), show(bounds.most), out);
}

}  // namespace cdp::core::rule
