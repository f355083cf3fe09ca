// src/core/timeline/text.cpp: a timeline as a JSON document.
//
// {"events": [{"event": "view", "at": "2026-01-31T10:00:00Z", "properties": {"page": "home"}, "message_id": "m1"}],
//  "folded": [{"event": "view", "count": 3, "first": "…", "horizon": "…", "sums": {"amount": {"sum": 12.5, "count":
//  2}}}], "cut": "…", "keep": 10}
#include "core/profile/document.hpp"
#include "core/profile/json.hpp"
#include "core/profile/timestamp.hpp"
#include "core/timeline/codec.hpp"

namespace cdp::core {

EventPrinter::EventPrinter(const TimelineView& timeline, std::pmr::memory_resource* resource)
    : timeline_(timeline),
      names_(resource),
      values_(resource),
      properties_(timeline, resource),
      ids_(timeline.message_ids()),
      with_id_(ids_ ? ids_->presence() : timeline::Presence()),
      number_(resource) {
  timeline.for_each_name([this](std::string_view name) { names_.push_back(name); });
  timeline.for_each_value([this](Value value) { values_.push_back(value); });
}

void EventPrinter::next() {
  properties_.next();
  ++event_;
  id_.reset();
  if (const auto rank = ids_ ? with_id_.find(event_) : std::nullopt) id_ = as_text(values_[ids_->index(*rank)].bytes);
}

void EventPrinter::print_properties(Buffer& out) {
  out.byte('{');
  bool first = true;
  properties_.for_each([&](std::string_view key, const TimelineColumn& column, std::uint32_t rank) {
    if (!first) out.append(", ");
    first = false;
    print_json_string(key, out);
    out.append(": ");
    if (column.is_numbers()) {
      number_.clear();
      append_decimal(number_, column.scaled(rank), column.scale());
      print_decimal(number_.span(), out);
    } else {
      print_json(values_[column.index(rank)], out);
    }
  });
  out.byte('}');
}

namespace {

void print_instant(std::string_view key, std::int64_t time, Buffer& out) {
  out.append(key);
  out.byte('"');
  print_timestamp(time, out);
  out.byte('"');
}

void print_folded(std::string_view name, const Folded& part, Buffer& out) {
  out.append("{\"event\": ");
  print_json_string(name, out);
  out.append(", \"count\": ");
  out.append(std::to_string(part.count));
  print_instant(", \"first\": ", part.first, out);
  print_instant(", \"horizon\": ", part.horizon, out);
  if (part.sum_count > 0) {
    out.append(", \"sums\": {");
    bool first = true;
    part.for_each_sum([&](const Folded::Sum& sum) {
      if (!first) out.append(", ");
      first = false;
      print_json_string(sum.key, out);
      out.append(": {\"sum\": ");
      print_decimal(sum.total, out);
      out.append(", \"count\": ");
      out.append(std::to_string(sum.count));
      out.byte('}');
    });
    out.byte('}');
  }
  out.byte('}');
}

void print_events(const TimelineView& timeline, Buffer& out, const Poll& poll) {
  EventPrinter event(timeline, std::pmr::get_default_resource());
  for (std::uint32_t i = 0; i < timeline.size(); ++i) {
    poll();
    event.next();
    out.append(i == 0 ? "{\"event\": " : ", {\"event\": ");
    print_json_string(event.name(), out);
    print_instant(", \"at\": ", event.time(), out);
    if (event.has_properties()) {
      out.append(", \"properties\": ");
      event.print_properties(out);
    }
    if (event.message_id()) {
      out.append(", \"message_id\": ");
      print_json_string(*event.message_id(), out);
    }
    out.byte('}');
  }
}

constexpr Document kDocument{"cdp.timeline", "cdp.timeline_agg(event, at, properties) makes timelines of rows."};

// Reads the document once it is a value: an object of objects and arrays.
class Interpreter {
 public:
  Interpreter(TimelineBuilder& builder, std::pmr::memory_resource* resource, const Poll& poll)
      : builder_(builder), resource_(resource), poll_(poll) {}

  void document(Value value) {
    kDocument.for_each_member(value, "the timeline", [&](std::string_view key, Value content) {
      if (key == "events") {
        kDocument.for_each_element(content, "\"events\"", [this](Value element) { event(element); });
      } else if (key == "folded") {
        kDocument.for_each_element(content, "\"folded\"", [this](Value element) { folded(element); });
      } else if (key == "cut") {
        builder_.cut(kDocument.instant(content, "cut"));
      } else if (key == "keep") {
        const std::uint64_t keep = kDocument.count(content, "keep");
        if (keep > timeline::kMostKept) kDocument.fail("\"keep\" must be between 1 and 1000.");
        builder_.limit_keep(static_cast<std::uint32_t>(keep));
      } else {
        kDocument.unrecognized(key, "events, folded, cut, keep");
      }
    });
  }

 private:
  template <typename T>
  static T needed(const std::optional<T>& field, const char* where, const char* key) {
    if (!field) kDocument.fail(std::string(where) + " needs the key " + key + ".");
    return *field;
  }

  // The members as the builder takes them: JSON null says nothing.
  ByteSpan properties(Value object) {
    Buffer kept(resource_);
    kDocument.for_each_member(object, "\"properties\"", [&](std::string_view key, Value value) {
      if (value.type == Type::null) return;
      check_depth(value);
      kept.varint(key.size());
      kept.append(key);
      append_value(kept, value);
    });
    return builder_.copy(kept.span());
  }

  void event(Value element) {
    poll_();
    std::optional<std::string_view> name, id;
    std::optional<std::int64_t> at;
    ByteSpan kept;
    kDocument.for_each_member(element, "an event", [&](std::string_view key, Value content) {
      if (key == "event") {
        name = kDocument.text(content, "event");
      } else if (key == "at") {
        at = kDocument.instant(content, "at");
      } else if (key == "message_id") {
        id = kDocument.text(content, "message_id");
      } else if (key == "properties") {
        kept = properties(content);
      } else {
        kDocument.unrecognized(key, "event, at, properties, message_id");
      }
    });
    builder_.add_event(needed(at, "An event", "at"), needed(name, "An event", "event"), id, kept);
  }

  void folded(Value element) {
    poll_();
    std::optional<std::string_view> name;
    std::optional<std::uint64_t> events;
    std::optional<std::int64_t> first, horizon;
    std::optional<Value> sums;
    kDocument.for_each_member(element, "an element of \"folded\"", [&](std::string_view key, Value content) {
      if (key == "event") {
        name = kDocument.text(content, "event");
      } else if (key == "count") {
        events = kDocument.count(content, "count");
      } else if (key == "first") {
        first = kDocument.instant(content, "first");
      } else if (key == "horizon") {
        horizon = kDocument.instant(content, "horizon");
      } else if (key == "sums") {
        sums = content;
      } else {
        kDocument.unrecognized(key, "event, count, first, horizon, sums");
      }
    });
    constexpr const char* kWhere = "An element of \"folded\"";
    builder_.add_folded(needed(name, kWhere, "event"), needed(events, kWhere, "count"), needed(first, kWhere, "first"),
                        needed(horizon, kWhere, "horizon"));
    if (!sums) return;
    kDocument.for_each_member(*sums, "\"sums\"", [&](std::string_view key, Value content) {
      const auto sum = member(content, "sum"), with = member(content, "count");
      if (!sum || sum->type != Type::number || !with)
        kDocument.fail("A member of \"sums\" needs the numbers sum and count.");
      builder_.add_folded_sum(key, kDocument.count(*with, "count"), sum->bytes);
    });
  }

  TimelineBuilder& builder_;
  std::pmr::memory_resource* resource_;
  const Poll& poll_;
};

}  // namespace

void print_timeline(const TimelineView& timeline, Buffer& out, const Poll& poll) {
  bool first = true;
  const auto begin = [&](std::string_view key) {
    out.append(first ? "\"" : ", \"");
    first = false;
    out.append(key);
    out.append("\": ");
  };
  out.byte('{');
  if (timeline.size() > 0) {
    begin("events");
    out.byte('[');
    print_events(timeline, out, poll);
    out.byte(']');
  }
  if (timeline.anything_folded()) {
    begin("folded");
    std::pmr::vector<std::string_view> names;
    timeline.for_each_name([&names](std::string_view name) { names.push_back(name); });
    out.byte('[');
    bool second = false;
    timeline.for_each_folded([&](std::uint32_t name, const Folded& part) {
      poll();
      if (second) out.append(", ");
      second = true;
      print_folded(names[name], part, out);
    });
    out.byte(']');
  }
  if (timeline.has_cut()) {
    begin("cut");
    print_instant("", timeline.cut(), out);
  }
  if (timeline.keep() != timeline::kMostKept) {
    begin("keep");
    out.append(std::to_string(timeline.keep()));
  }
  out.byte('}');
}

void parse_timeline(std::string_view text, Buffer& out, std::pmr::memory_resource* resource, const Poll& poll) {
  // timeline, events, event, properties: then the value.
  constexpr int kAround = 4;
  Buffer scratch(resource);
  const Value document = parse_json(text, "cdp.timeline", scratch, resource, poll, kMaxValueDepth + kAround);
  TimelineBuilder builder(resource);
  Interpreter(builder, resource, poll).document(document);
  const std::size_t start = out.size();
  builder.write(out, poll);
  if (const char* const flaw = flaw_in_folded(TimelineView(out.span(start)), resource))
    kDocument.fail(std::string("The value was refused: ") + flaw + ".");
}

}  // namespace cdp::core
