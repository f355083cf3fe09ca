// src/core/segment/scanner.cpp: what the generated scanner calls.
#include "core/segment/scanner.hpp"

#include <string>

#include "core/segment/segment.hpp"
#include "core/segment/words.hpp"

namespace cdp::core::rule {

namespace {

constexpr std::string_view kQuotedName =
    "A name of other than the letters a to z, digits and _ is written attr(\"...\"); strings are in double quotes.";

// What to write instead of a character that no token begins with.
std::string_view hint_for(std::string_view rest) noexcept {
  for (const std::string_view quote : {"“", "”", "„", "‟", "«", "»", "‘", "’", "`"})
    if (rest.starts_with(quote)) return "Strings are in straight double quotes: \"TR\".";
  if (rest.starts_with("--")) return "A comment is written /* ... */.";
  if (rest.front() == '[') return "A list is in parentheses: (\"TR\", \"RS\").";
  if (rest.front() == '%') return "A pattern is in double quotes: \"%@example.com\".";
  if (rest.front() == ';') return "A segment is a single rule, without a semicolon.";
  return rest.front() == '-' || static_cast<std::uint8_t>(rest.front()) >= 0x80 ? kQuotedName : std::string_view();
}

}  // namespace

bool Scan::before_parenthesis() const noexcept {
  const std::string_view rest = source().text().substr(place_.end);
  const std::size_t next = rest.find_first_not_of(" \t\r\n\f\v");
  return next != std::string_view::npos && rest[next] == '(';
}

void Scan::deepen() {
  if (++depth_ > kMaxRuleDepth) fail_too_deep();
}

void Scan::open() {
  base_.push_back(depth_);
  if (!arguments_) deepen();
  arguments_ = false;
}

void Scan::close() noexcept {
  if (base_.empty()) return;
  depth_ = base_.back();
  base_.pop_back();
}

void Scan::reject() {
  const std::string_view rest = source().text().substr(place_.begin);
  if (rest.front() == '"') {
    const auto end = static_cast<std::uint32_t>(source().text().size());
    source().fail({place_.begin, end}, "A string ends with a double quote.", "unterminated string in segment");
  }
  if (rest.starts_with("/*")) source().fail(place_, "A comment ends with */.", "unterminated comment in segment");
  if (rest.front() == '\'')
    source().fail({place_.begin, place_.begin + 1}, "Strings are in double quotes: country = \"TR\".");
  constexpr std::string_view kSpellings[][2] = {{"==", "="},  {"<>", "!="}, {"&&", "and"}, {"&", "and"},
                                                {"||", "or"}, {"|", "or"},  {"!", "not"},  {"~", "like"}};
  for (const auto& [wrong, right] : kSpellings) {
    if (!rest.starts_with(wrong)) continue;
    source().fail({place_.begin, place_.begin + static_cast<std::uint32_t>(wrong.size())},
                  "Perhaps you meant \"" + std::string(right) + "\".");
  }
  // A word of other letters, or a name with a hyphen in it, is shown whole.
  std::size_t length = code_point_length(rest.front());
  if (static_cast<std::uint8_t>(rest.front()) >= 0x80) {
    while (length < rest.size() && (static_cast<std::uint8_t>(rest[length]) >= 0x80 || (rest[length] | 0x20) >= 'a'))
      length += code_point_length(rest[length]);
  }
  source().fail({place_.begin, place_.begin + static_cast<std::uint32_t>(length)}, hint_for(rest));
}

void Scan::reject_function() {
  const std::string name(source().at(place_));
  const std::string_view near = nearest_function(name);
  source().fail(place_,
                near.empty() ? "The functions are any, attr, avg, consent, count, days_active, did, distinct, first, "
                               "freshness, funnel, has identifier, identifiers, last, max, min, most_frequent, "
                               "sequence and sum."
                             : "Perhaps you meant \"" + std::string(near) + "\".",
                "unknown function \"" + name.substr(0, 64) + "\" in segment");
}

}  // namespace cdp::core::rule

namespace cdp::core {

void parse_segment(std::string_view text, Buffer& out, const Poll& poll, std::pmr::memory_resource* resource,
                   const Zones* zones) {
  if (text.size() > kMaxRuleText) fail_too_long();
  const Source source(text, "segment");
  rule::Builder builder(source, poll, resource, zones);
  rule::run_parser(builder);
  const std::size_t from = out.size();
  builder.emit(out);
  // What is printed must be readable again: numbers grow when their exponent goes.
  Buffer canonical(resource);
  print_segment(Segment(out.span(from)), canonical);
}

}  // namespace cdp::core
