// src/core/profile/facts_text.cpp: identifiers, consents and totals as JSON.
//
// {"email": [{"value": "a@example.com", "source": "crm", "last_seen": "2026-01-31T10:00:00Z"}]}
// {"marketing": [{"granted": true, "source": "web", "at": "2026-01-31T10:00:00Z"}]}
// {"purchase": {"count": 3, "first": …, "last": …, "sums": {"amount": {"sum": 12.5, "count": 3}}}}
#include "core/profile/facts_text.hpp"

#include "core/profile/document.hpp"

namespace cdp::core {

namespace {

void print_member(const char* key, std::string_view text, Buffer& out) {
  out.append(key);
  print_json_string(text, out);
}

void print_time(const char* key, std::int64_t time, Buffer& out) {
  out.append(key);
  out.byte('"');
  print_timestamp(time, out);
  out.byte('"');
}

// An object of arrays: a member for each group. print(const Fact&) writes an element.
template <typename Fact, typename Print>
void print_groups(ByteSpan section, Buffer& out, const Poll& poll, Print&& print) {
  facts::Set<Fact> facts(std::pmr::get_default_resource());
  facts.add_section(section, poll);
  std::string_view group;
  bool first = true;
  out.byte('{');
  facts.for_each(
      [&](const Fact& fact) {
        if (first || fact.group() != group) {
          if (!first) out.append("], ");
          print_json_string(fact.group(), out);
          out.append(": [{");
        } else {
          out.append(", {");
        }
        first = false;
        group = fact.group();
        print(fact);
        out.byte('}');
      },
      poll);
  out.append(first ? "}" : "]}");
}

}  // namespace

void print_identifiers(ByteSpan section, Buffer& out, const Poll& poll) {
  print_groups<Identifier>(section, out, poll, [&out](const Identifier& each) {
    print_member("\"value\": ", each.value, out);
    print_member(", \"source\": ", each.source_name, out);
    print_time(", \"last_seen\": ", each.last_seen, out);
    if (each.first_seen != each.last_seen) print_time(", \"first_seen\": ", each.first_seen, out);
  });
}

void print_consents(ByteSpan section, Buffer& out, const Poll& poll) {
  print_groups<Consent>(section, out, poll, [&out](const Consent& each) {
    out.append(each.granted ? "\"granted\": true" : "\"granted\": false");
    print_member(", \"source\": ", each.source_name, out);
    print_time(", \"at\": ", each.at, out);
  });
}

void print_sums(std::span<const Total> properties, Buffer& out) {
  out.byte('{');
  for (std::size_t i = 0; i < properties.size(); ++i) {
    if (i > 0) out.append(", ");
    print_json_string(*properties[i].property, out);
    out.append(": {\"sum\": ");
    print_decimal(properties[i].sum, out);
    out.append(", \"count\": ");
    out.append(std::to_string(properties[i].count));
    out.byte('}');
  }
  out.byte('}');
}

void print_totals(ByteSpan section, Buffer& out, const Poll& poll) {
  Totals totals(std::pmr::get_default_resource());
  totals.add_section(section, poll);
  out.byte('{');
  bool first = true;
  totals.for_each_group(
      [&](std::span<const Total> group) {
        if (!first) out.append(", ");
        first = false;
        print_json_string(group[0].event, out);
        out.append(": {\"count\": ");
        out.append(std::to_string(group[0].count));
        print_time(", \"first\": ", group[0].first, out);
        print_time(", \"last\": ", group[0].last, out);
        if (group.size() > 1) {
          out.append(", \"sums\": ");
          print_sums(group.subspan(1), out);
        }
        out.byte('}');
      },
      poll);
  out.byte('}');
}

void add_identifiers(Value object, Identifiers& to) {
  kProfileDocument.for_each_member(object, "\"identifiers\"", [&](std::string_view type, Value all) {
    kProfileDocument.for_each_of_some(all, "a type of identifiers", [&](Value element) {
      Identifier found{type, {}, {}, 0, 0};
      found.value = kProfileDocument.text(kProfileDocument.required(element, "value", "An identifier"), "value");
      found.source_name =
          kProfileDocument.text(kProfileDocument.required(element, "source", "An identifier"), "source");
      found.last_seen =
          kProfileDocument.instant(kProfileDocument.required(element, "last_seen", "An identifier"), "last_seen");
      found.first_seen = found.last_seen;
      kProfileDocument.for_each_member(element, "an identifier", [&](std::string_view key, Value content) {
        if (key == "first_seen") {
          found.first_seen = kProfileDocument.instant(content, "first_seen");
        } else if (key != "value" && key != "source" && key != "last_seen") {
          kProfileDocument.unrecognized(key, "value, source, last_seen, first_seen");
        }
      });
      if (found.first_seen > found.last_seen) kProfileDocument.fail("\"first_seen\" must not be after \"last_seen\".");
      to.add(found);
    });
  });
}

void add_consents(Value object, Consents& to) {
  kProfileDocument.for_each_member(object, "\"consents\"", [&](std::string_view purpose, Value all) {
    kProfileDocument.for_each_of_some(all, "the consents for a purpose", [&](Value element) {
      const Value granted = kProfileDocument.required(element, "granted", "A consent");
      if (granted.type != Type::boolean) kProfileDocument.fail("\"granted\" must be true or false.");
      to.add({purpose, kProfileDocument.text(kProfileDocument.required(element, "source", "A consent"), "source"),
              kProfileDocument.instant(kProfileDocument.required(element, "at", "A consent"), "at"),
              granted.bytes[0] == std::byte{1}});
      kProfileDocument.for_each_member(element, "a consent", [](std::string_view key, Value) {
        if (key != "granted" && key != "source" && key != "at")
          kProfileDocument.unrecognized(key, "granted, source, at");
      });
    });
  });
}

void add_totals(Value object, Totals& to) {
  kProfileDocument.for_each_member(object, "\"totals\"", [&](std::string_view event, Value content) {
    Total total{event, {}, 0, 0, 0, {}};
    total.count = kProfileDocument.count(kProfileDocument.required(content, "count", "A total"), "count");
    total.first = kProfileDocument.instant(kProfileDocument.required(content, "first", "A total"), "first");
    total.last = kProfileDocument.instant(kProfileDocument.required(content, "last", "A total"), "last");
    if (total.first > total.last) kProfileDocument.fail("\"first\" must not be after \"last\".");
    to.add(total);
    kProfileDocument.for_each_member(content, "a total", [&](std::string_view key, Value properties) {
      if (key == "count" || key == "first" || key == "last") return;
      if (key != "sums") kProfileDocument.unrecognized(key, "count, first, last, sums");
      kProfileDocument.for_each_member(properties, "\"sums\"", [&](std::string_view property, Value sums) {
        const Value sum = kProfileDocument.required(sums, "sum", "A property");
        if (sum.type != Type::number) kProfileDocument.fail("\"sum\" must be a number.");
        const std::uint64_t count =
            kProfileDocument.count(kProfileDocument.required(sums, "count", "A property"), "count");
        if (count > total.count) kProfileDocument.fail("More events have a property than there are.");
        to.add({event, property, count, 0, 0, sum.bytes});
        kProfileDocument.for_each_member(sums, "a property", [](std::string_view name, Value) {
          if (name != "sum" && name != "count") kProfileDocument.unrecognized(name, "sum, count");
        });
      });
    });
  });
}

}  // namespace cdp::core
