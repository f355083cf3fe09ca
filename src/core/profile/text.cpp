// src/core/profile/text.cpp: a profile as a JSON document.
//
// {"attributes": {"country": [{"value": "TR", "source": "crm", "last_seen": "2026-01-31T10:00:00Z"}]}}
// An attribute that overflowed is an object: observations, recent, sources, least, greatest, longest.
#include "core/profile/codec.hpp"
#include "core/profile/document.hpp"
#include "core/profile/format.hpp"
#include "core/profile/json.hpp"
#include "core/profile/timestamp.hpp"

namespace cdp::core {

namespace {

constexpr const Document& kDocument = kProfileDocument;

class Printer {
 public:
  Printer(const ProfileView& profile, Buffer& out, const Poll& poll) : profile_(profile), out_(out), poll_(poll) {
    profile.for_each_time([this](std::int64_t time) { times_.push_back(time); });
  }

  void print() {
    out_.byte('{');
    const std::size_t start = out_.size();
    print_sections(profile_, out_);
    if (profile_.size() > 0) {
      if (out_.size() != start) out_.append(", ");
      if (profile_.keep() != format::kDefaultKeep) {
        out_.append("\"keep\": ");
        out_.append(std::to_string(profile_.keep()));
        out_.append(", ");
      }
      out_.append("\"attributes\": {");
      for (std::uint32_t i = 0; i < profile_.size(); ++i) {
        if (i > 0) out_.append(", ");
        poll_();
        print_attribute(profile_.attribute(i));
      }
      out_.byte('}');
    }
    print_facts(profile_, out_, start, poll_);
    out_.byte('}');
  }

 private:
  void print_attribute(const Attribute& attribute) {
    print_json_string(attribute.name(), out_);
    out_.append(": ");
    format::RecordCursor cursor = attribute.cursor();
    if (!attribute.overflowed()) {
      print_entries(cursor, false);
      return;
    }
    format::RecordCursor entries = cursor;
    const format::OverflowTail tail = cursor.overflow_tail();
    out_.append("{\"observations\": ");
    out_.append(std::to_string(tail.observations));
    if (attribute.partial()) out_.append(", \"partial\": true");
    out_.append(", \"recent\": ");
    print_entries(entries, true);
    out_.append(", \"sources\": [");
    for (std::uint64_t i = 0; i < tail.span_count; ++i) {
      const format::RawSpan span = cursor.next_span();
      out_.append(i > 0 ? ", {\"source\": " : "{\"source\": ");
      print_json_string(profile_.source(span.source), out_);
      out_.append(", \"earliest\": {");
      print_value(cursor.value(span.earliest));
      print_time(", \"at\": ", span.earliest_at);
      out_.append("}, \"latest\": {");
      print_value(cursor.value(span.latest));
      print_time(", \"at\": ", span.latest_at);
      if (span.has_known) {
        out_.append("}, \"known\": {");
        print_value(cursor.value(span.known));
        print_time(", \"at\": ", span.known_at);
      }
      out_.append("}}");
    }
    out_.byte(']');
    if (cursor.has_extremes()) {
      for (const char* const which : {"least", "greatest", "longest"}) {
        const format::RawPoint point = cursor.next_extreme();
        out_.append(", \"");
        out_.append(which);
        out_.append("\": {");
        print_value(cursor.value(point.value));
        print_source(point.source);
        print_time(", \"at\": ", point.at);
        out_.byte('}');
      }
    }
    out_.byte('}');
  }

  void print_entries(format::RecordCursor& cursor, bool overflowed) {
    out_.byte('[');
    for (bool first = true; cursor.entries_left() > 0; first = false) {
      const format::RawEntry entry = cursor.next_entry();
      out_.append(first ? "{" : ", {");
      print_value(cursor.value(entry.value));
      print_source(entry.source);
      print_time(", \"last_seen\": ", entry.last);
      if (!overflowed && entry.times > 1) {
        print_time(", \"first_seen\": ", entry.first);
        out_.append(", \"times\": ");
        out_.append(std::to_string(entry.times));
      }
      out_.byte('}');
    }
    out_.byte(']');
  }

  void print_value(Value value) {
    if (value.type == Type::erased) {
      out_.append("\"erased\": true");
      return;
    }
    out_.append(value.type == Type::timestamp ? "\"time\": " : "\"value\": ");
    print_json(value, out_);
  }
  void print_source(std::uint32_t source) {
    out_.append(", \"source\": ");
    print_json_string(profile_.source(source), out_);
  }
  void print_time(std::string_view key, std::uint64_t index) {
    out_.append(key);
    out_.byte('"');
    print_timestamp(times_[index], out_);
    out_.byte('"');
  }

  const ProfileView& profile_;
  Buffer& out_;
  const Poll& poll_;
  std::vector<std::int64_t> times_;  // looking one up in the profile would walk over those before it
};

// Reads the document once it is a value: an object of objects and arrays.
class Interpreter {
 public:
  Interpreter(ProfileBuilder& builder, const Poll& poll) : builder_(builder), poll_(poll) {}

  void document(Value value) {
    // First of all: without it the first observation sets the default.
    if (const auto content = member(value, "keep")) {
      const std::uint64_t keep = kDocument.count(*content, "keep");
      if (keep < 1 || keep > 255) kDocument.fail("\"keep\" must be between 1 and 255.");
      builder_.limit_keep(static_cast<std::uint8_t>(keep));
    }
    kDocument.for_each_member(value, "the profile", [&](std::string_view key, Value content) {
      if (key == "keep") return;
      if (key == "attributes") {
        kDocument.for_each_member(content, "\"attributes\"",
                                  [&](std::string_view name, Value kept) { attribute(name, kept); });
      } else if (!builder_.sections().add_text(key, content, poll_)) {
        kDocument.unrecognized(key, "keep, policy, attributes, identifiers, consents, totals, timeline, detached");
      }
    });
  }

 private:
  // What the keys of an entry or point say.
  struct Fields {
    std::optional<Value> value;
    std::optional<std::uint32_t> source;
    std::optional<std::int64_t> at, first_seen;
    std::optional<std::uint64_t> times;
  };

  Value timestamp_value(std::int64_t time) {
    Buffer payload;
    append_timestamp_payload(payload, time);
    return {Type::timestamp, builder_.copy(payload.span())};
  }

  Fields fields(Value object, const char* at_key) {
    Fields fields;
    kDocument.for_each_member(object, "an observation", [&](std::string_view key, Value content) {
      if (key == "value") {
        if (content.type == Type::null) kDocument.fail("\"value\" must not be null.");
        check_depth(content);
        fields.value = content;
      } else if (key == "time") {
        fields.value = timestamp_value(kDocument.instant(content, "time"));
      } else if (key == "erased") {
        if (content.type != Type::boolean || content.bytes[0] != std::byte{1})
          kDocument.fail("\"erased\" can only be true.");
        fields.value = Value{Type::erased, {}};
      } else if (key == "source") {
        fields.source = builder_.source(kDocument.text(content, "source"));
      } else if (key == at_key) {
        fields.at = kDocument.instant(content, at_key);
      } else if (key == "first_seen") {
        fields.first_seen = kDocument.instant(content, "first_seen");
      } else if (key == "times") {
        fields.times = kDocument.count(content, "times");
      } else {
        kDocument.unrecognized(key, "value, time, erased, source, last_seen, first_seen, times, at");
      }
    });
    if (!fields.value) kDocument.fail("An observation needs one of the keys value, time, erased.");
    if (!fields.at) kDocument.fail(std::string("An observation needs the key ") + at_key + ".");
    return fields;
  }

  void entries(Value array, bool overflowed) {
    if (array.type != Type::array) kDocument.fail("Expected an array of observations.");
    std::uint64_t met = 0;
    any_element(array, [&](Value element) {
      const Fields found = fields(element, "last_seen");
      if (!found.source) kDocument.fail("An observation needs the key source.");
      Entry entry{*found.value, *found.source, *found.at, found.first_seen.value_or(*found.at),
                  found.times.value_or(1)};
      if (entry.first_seen > entry.last_seen) kDocument.fail("\"first_seen\" must not be after \"last_seen\".");
      if (entry.times == 1 && entry.first_seen != entry.last_seen)
        kDocument.fail("\"first_seen\" needs \"times\" above 1.");
      if (overflowed) entry.times = 0;
      builder_.add_entry(entry);
      ++met;
      return false;
    });
    if (met == 0) kDocument.fail("An attribute needs at least one observation.");
  }

  void attribute(std::string_view name, Value kept) {
    builder_.begin_attribute(name);
    if (kept.type != Type::object) {
      entries(kept, false);
      return;
    }
    const auto recent = member(kept, "recent"), observations = member(kept, "observations");
    if (!recent || !observations)
      kDocument.fail("An attribute that overflowed needs the keys observations and recent.");
    builder_.add_overflow(kDocument.count(*observations, "observations"));
    entries(*recent, true);
    kDocument.for_each_member(kept, "an attribute", [&](std::string_view key, Value content) {
      if (key == "recent" || key == "observations") return;
      if (key == "sources") {
        sources(content);
      } else if (key == "partial") {
        if (content.type != Type::boolean || content.bytes[0] != std::byte{1})
          kDocument.fail("\"partial\" can only be true.");
        builder_.add_gap();
      } else if (key == "least" || key == "greatest" || key == "longest") {
        const Fields point = fields(content, "at");
        if (!point.source) kDocument.fail("An observation needs the key source.");
        builder_.add_extreme(*point.value, *point.source, *point.at);
      } else {
        kDocument.unrecognized(key, "observations, partial, recent, sources, least, greatest, longest");
      }
    });
  }

  void sources(Value array) {
    if (array.type != Type::array) kDocument.fail("\"sources\" must be an array.");
    any_element(array, [&](Value element) {
      const auto source = member(element, "source"), earliest = member(element, "earliest"),
                 latest = member(element, "latest");
      if (!source || !earliest || !latest)
        kDocument.fail("An element of \"sources\" needs the keys source, earliest, latest.");
      const Fields first = fields(*earliest, "at"), last = fields(*latest, "at");
      SourceSpan span{builder_.source(kDocument.text(*source, "source")), *first.value, *first.at, *last.value,
                      *last.at};
      if (const auto known = member(element, "known")) {
        const Fields before = fields(*known, "at");
        span.known = *before.value;
        span.known_at = *before.at;
      }
      builder_.add_span(span);
      return false;
    });
  }

  ProfileBuilder& builder_;
  const Poll& poll_;
};

}  // namespace

void print_profile(const ProfileView& profile, Buffer& out, const Poll& poll) { Printer(profile, out, poll).print(); }

void parse_profile(std::string_view text, ProfileBuilder& builder, Buffer& scratch, std::pmr::memory_resource* resource,
                   const Poll& poll) {
  interpret_profile(parse_json(text, "cdp.profile", scratch, resource, poll, kDocumentDepth), builder, poll);
}

void interpret_profile(Value document, ProfileBuilder& builder, const Poll& poll) {
  Interpreter(builder, poll).document(document);
}

}  // namespace cdp::core
