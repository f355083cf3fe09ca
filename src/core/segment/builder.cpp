// src/core/segment/builder.cpp: from the grammar's reductions to the stored form.
#include "core/segment/builder.hpp"

#include <algorithm>
#include <string>

#include "core/profile/decimal.hpp"
#include "core/profile/timestamp.hpp"

namespace cdp::core::rule {

NodeIndex Builder::add(Opcode op, NodeIndex first) {
  nodes_.push_back({.op = op});
  const auto index = static_cast<NodeIndex>(nodes_.size() - 1);
  if (first != kNone) append(index, first);
  return index;
}

void Builder::append(NodeIndex parent, NodeIndex child) noexcept {
  Node& node = nodes_[parent];
  (node.first == kNone ? node.first : nodes_[node.last].next) = child;
  node.last = child;
}

NodeIndex Builder::join(Opcode op, NodeIndex left, NodeIndex right) {
  if (nodes_[left].op != op) left = add(op, left);
  if (nodes_[right].op != op) {
    append(left, right);
  } else {
    nodes_[nodes_[left].last].next = nodes_[right].first;
    nodes_[left].last = nodes_[right].last;
  }
  return left;
}

NodeIndex Builder::branch(Opcode op, NodeIndex only) { return add(op, only); }

void Builder::zone_name(Place place) {
  scratch_.clear();
  source_.unquote(place, scratch_);
  const std::string_view name = as_text(scratch_.span());
  if (name == kUtc) return;
  const Zones::Handle zone = zones_ == nullptr ? nullptr : zones_->find(name);
  if (zone == nullptr)
    source_.fail(place, "A time zone has a name of the IANA database, such as \"Europe/Istanbul\" or \"UTC\".",
                 "unknown time zone in segment: " + shown(source_.at(place)));
  const std::string_view spelled = zones_->name(zone);
  scratch_.clear();
  scratch_.append(spelled);
}

NodeIndex Builder::in_zone(NodeIndex rule, Place place) {
  zone_name(place);
  return with_text(add(Opcode::in_zone, rule));
}

NodeIndex Builder::in_zone_of(NodeIndex rule, NodeIndex path) {
  scratch_.clear();
  scratch_.append(payload(nodes_[path]));
  nodes_[path] = {.op = Opcode::in_zone_of};
  append(path, rule);
  return with_text(path);
}

NodeIndex Builder::attach(NodeIndex condition, NodeIndex subject) noexcept {
  Node& node = nodes_[condition];
  nodes_[subject].next = node.first;
  if (node.first == kNone) node.last = subject;
  node.first = subject;
  return condition;
}

NodeIndex Builder::pattern(Opcode op, Place place) {
  const NodeIndex constant = string(place);
  const std::string_view text = as_text(value(constant).bytes);
  const std::size_t other = text.find_last_not_of('\\');
  const std::size_t backslashes = text.size() - (other == std::string_view::npos ? 0 : other + 1);
  if (op != Opcode::starts_with && backslashes % 2 != 0)
    source_.fail(place, "A backslash takes the next character as it is; in a string it is written \\\\.",
                 "pattern in segment ends with a backslash");
  return predicate(op, constant);
}

NodeIndex Builder::anniversary(NodeIndex subject, NodeIndex window, Place place) {
  const Node& node = nodes_[window];
  if ((node.op == Opcode::last || node.op == Opcode::next) && node.unit < Unit::day)
    source_.fail(place, "An anniversary is a whole day: use days, weeks, months or years.");
  return predicate(Opcode::anniversary_within, subject, window);
}

NodeIndex Builder::named(NodeIndex index) {
  nodes_[index].payload = static_cast<std::uint32_t>(payloads_.size());
  nodes_[index].length = static_cast<std::uint32_t>(scratch_.size());
  payloads_.append(scratch_.span());
  return index;
}

NodeIndex Builder::with_text(NodeIndex index) {
  nodes_[index].payload = static_cast<std::uint32_t>(payloads_.size());
  payloads_.varint(scratch_.size());
  payloads_.append(scratch_.span());
  nodes_[index].length = static_cast<std::uint32_t>(payloads_.size()) - nodes_[index].payload;
  return index;
}

NodeIndex Builder::path(Place name) {
  scratch_.clear();
  scratch_.append(source_.at(name));
  return named(add(Opcode::golden));
}

NodeIndex Builder::quoted_path(Place place) {
  scratch_.clear();
  source_.unquote(place, scratch_);
  if (scratch_.size() == 0) source_.fail(place, {}, "an attribute in a segment has an empty name");
  return named(add(Opcode::golden));
}

NodeIndex Builder::subject(Opcode op, NodeIndex path) {
  nodes_[path].op = op;
  return path;
}

NodeIndex Builder::from_source(NodeIndex path, Place place) {
  const auto begin = static_cast<std::uint32_t>(payloads_.size());
  const std::uint32_t length = nodes_[path].length;
  scratch_.clear();
  scratch_.append(payload(nodes_[path]));
  payloads_.varint(length);
  payloads_.append(scratch_.span());
  source_.unquote(place, payloads_);
  nodes_[path].op = Opcode::from_source;
  nodes_[path].payload = begin;
  nodes_[path].length = static_cast<std::uint32_t>(payloads_.size()) - begin;
  return path;
}

NodeIndex Builder::fact(Opcode op, Place place) {
  scratch_.clear();
  source_.unquote(place, scratch_);
  return named(add(op));
}

NodeIndex Builder::event(Place place) {
  scratch_.clear();
  source_.unquote(place, scratch_);
  return with_text(add(Opcode::step));
}

NodeIndex Builder::property(NodeIndex events, NodeIndex path) {
  scratch_.clear();
  scratch_.append(payload(nodes_[events]));
  scratch_.varint(nodes_[path].length);
  scratch_.append(payload(nodes_[path]));
  return named(events);
}

NodeIndex Builder::value_at(NodeIndex moment, NodeIndex path) {
  nodes_[moment].op = nodes_[moment].op == Opcode::first_time ? Opcode::first_value : Opcode::last_value;
  return property(moment, path);
}

// `stages` holds the steps.
NodeIndex Builder::funnel(NodeIndex stages, Place stages_place, NodeIndex within, std::uint32_t modes, Place place) {
  std::uint32_t steps = 0;
  bool filtered = false;
  for (NodeIndex step = nodes_[stages].first; step != kNone; step = nodes_[step].next, ++steps)
    filtered = filtered || nodes_[step].first != kNone;
  if (filtered && steps > kMostSteps)
    source_.fail(stages_place, "A funnel whose steps have conditions has at most 64 steps.",
                 "too many steps in a funnel in segment");
  if ((modes & (funnel_mode::kReentry | funnel_mode::kOrder)) == funnel_mode::kReentry)
    source_.fail(place, "\"allow reentry\" needs \"strict order\".");
  scratch_.clear();
  scratch_.byte(static_cast<std::uint8_t>(modes));
  return named(attach(stages, within));
}

NodeIndex Builder::extend_chain(NodeIndex chain, NodeIndex step, Place place) {
  if (++nodes_[chain].size == kMostSteps)
    source_.fail(place, "A sequence has at most 64 steps.", "too many steps in a sequence in segment");
  return adopt(chain, step);
}

NodeIndex Builder::constant(Type type) {
  const NodeIndex index = add(kValue);
  nodes_[index].payload = static_cast<std::uint32_t>(payloads_.size());
  append_value(payloads_, {type, scratch_.span()});
  nodes_[index].length = static_cast<std::uint32_t>(payloads_.size()) - nodes_[index].payload;
  return index;
}

Value Builder::value(NodeIndex index) const noexcept {
  const std::byte* at = payload(nodes_[index]).data();
  return trusted_value(at);
}

NodeIndex Builder::number(Place place) {
  scratch_.clear();
  try {
    append_decimal(scratch_, source_.at(place));
  } catch (const Error& error) {
    if (error.code() != Code::invalid_text) throw;
    source_.fail(place, error.detail(), "number out of range in segment");
  }
  return constant(Type::number);
}

NodeIndex Builder::string(Place place) {
  scratch_.clear();
  source_.unquote(place, scratch_);
  return constant(Type::string);
}

NodeIndex Builder::boolean(bool value) {
  scratch_.clear();
  scratch_.byte(value ? 1 : 0);
  return constant(Type::boolean);
}

NodeIndex Builder::instant(Place place, bool date_only) {
  scratch_.clear();
  source_.unquote(place, scratch_);
  const std::string_view text = as_text(scratch_.span());
  const auto time = parse_timestamp(text);
  const bool has_time = time && (text.find(':') != std::string_view::npos || text.back() == 'y');
  if (!time || (date_only && has_time)) {
    source_.fail(place,
                 date_only ? "A date is written as date \"2026-01-31\"."
                           : "A timestamp is written as timestamp \"2026-01-31T10:00:00Z\".",
                 std::string(date_only ? "invalid date in segment: " : "invalid timestamp in segment: ") +
                     shown(source_.at(place)));
  }
  scratch_.clear();
  append_timestamp_payload(scratch_, *time);
  return constant(Type::timestamp);
}

NodeIndex Builder::timestamp(Place string) { return instant(string, false); }
NodeIndex Builder::date(Place string) { return instant(string, true); }

NodeIndex Builder::end_list(NodeIndex list) {
  std::pmr::vector<NodeIndex> items(nodes_.get_allocator().resource());
  for (NodeIndex item = nodes_[list].first; item != kNone; item = nodes_[item].next) items.push_back(item);
  std::sort(items.begin(), items.end(), [&](NodeIndex a, NodeIndex b) { return compare(value(a), value(b)) < 0; });
  items.erase(std::unique(items.begin(), items.end(), [&](NodeIndex a, NodeIndex b) { return value(a) == value(b); }),
              items.end());
  nodes_[list].first = kNone;
  for (const NodeIndex item : items) {
    nodes_[item].next = kNone;
    append(list, item);
  }
  return list;
}

NodeIndex Builder::duration(Place count, Unit unit, Place unit_place) {
  const std::string_view digits = source_.at(count);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos)
    source_.fail(count, "The length of a window is a whole number, such as 30 days.");
  std::uint64_t value = 0;
  for (const char digit : digits) {
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    if (value > most_of(unit))
      source_.fail({count.begin, unit_place.end}, "A window is at most 10000 years long.",
                   "window in segment is too long");
  }
  const NodeIndex index = add(Opcode::duration);
  nodes_[index].unit = unit;
  nodes_[index].size = value;
  return index;
}

NodeIndex Builder::fixed(NodeIndex duration, Place place, const char* instead) {
  if (!is_fixed(nodes_[duration].unit))
    source_.fail(place,
                 std::string("Months and years differ in length: ") + instead + " minutes, hours, days or weeks.");
  return duration;
}

NodeIndex Builder::window(Opcode op, NodeIndex first, NodeIndex second) {
  if (has_duration(op)) {
    nodes_[first].op = op;
    return first;
  }
  const NodeIndex node = add(op, first);
  if (second != kNone) append(node, second);
  return node;
}

NodeIndex Builder::period(Opcode op, Unit unit) {
  scratch_.clear();
  scratch_.byte(static_cast<std::uint8_t>(unit));
  return named(add(op));
}

std::uint64_t Builder::measure(NodeIndex index, int depth) {
  poll_();
  Node& node = nodes_[index];
  if (is_logic(node.op) && depth > kMaxRuleDepth) fail_too_deep();
  if (node.op == kValue) return node.length;
  ++count_;
  if (has_duration(node.op)) {
    scratch_.clear();
    scratch_.byte(static_cast<std::uint8_t>(node.unit));
    scratch_.varint(node.size);
    named(index);
  }
  std::uint64_t size = node.length;
  const bool list = node.op == Opcode::list;
  const int below = depth + (is_logic(node.op) ? 1 : 0);
  if (list) size += 4;
  for (NodeIndex child = node.first; child != kNone; child = nodes_[child].next)
    size += measure(child, below) + (list ? 4 : 0);
  node.size = size;
  return 1 + varint_size(size) + size;
}

void Builder::write_list(const Node& list, Buffer& out) {
  std::uint32_t count = 0, end = 0;
  for (NodeIndex item = list.first; item != kNone; item = nodes_[item].next) ++count;
  out.le<std::uint32_t>(count);
  for (NodeIndex item = list.first; item != kNone; item = nodes_[item].next)
    out.le<std::uint32_t>(end += nodes_[item].length);
}

void Builder::write(NodeIndex index, Buffer& out) {
  const Node& node = nodes_[index];
  if (node.op != kValue) {
    out.byte(static_cast<std::uint8_t>(node.op));
    out.varint(node.size);
  }
  if (node.op == Opcode::list) write_list(node, out);
  out.append(payload(node));
  for (NodeIndex child = node.first; child != kNone; child = nodes_[child].next) write(child, out);
}

void Builder::emit(Buffer& out) {
  count_ = 0;
  const std::uint64_t size = measure(root_, 1);
  if (size > kMaxRuleBytes) fail_too_long();
  const std::size_t from = out.size();
  append_segment_header(out, count_, 0);
  out.reserve(out.size() + size);
  write(root_, out);
  const std::byte* at = out.data() + from + Segment::kHeaderSize;
  store_le(out.data() + from + 2, needs_of(trusted_node(at)));
}

}  // namespace cdp::core::rule
