// src/core/segment/complaint.cpp: hints at what was meant.
#include "core/segment/complaint.hpp"

#include <algorithm>
#include <vector>

#include "core/segment/words.hpp"

namespace cdp::core::rule {

namespace {

constexpr const char* kNoNull = "There is no null: write \"is unknown\" or \"is known\".";

struct Expected {
  std::span<const std::string_view> names;

  bool has(std::string_view name) const { return std::find(names.begin(), names.end(), name) != names.end(); }
};

bool is_period(Keyword word) noexcept {
  return word == Keyword::kDAYS || word == Keyword::kWEEKS || word == Keyword::kMONTHS || word == Keyword::kYEARS;
}

// Whether what was read last is "and" or "or".
bool follows_conjunction(std::string_view before) {
  const std::size_t end = before.find_last_not_of(" \t\r\n\f\v");
  if (end == std::string_view::npos) return false;
  before = before.substr(0, end + 1);
  const std::size_t space = before.find_last_of(" \t\r\n\f\v)");
  const Word* const word = find_word(before.substr(space == std::string_view::npos ? 0 : space + 1));
  return word != nullptr && (word->keyword == Keyword::kAND || word->keyword == Keyword::kOR);
}

// What could stand at the place of the error, in words.
std::string expectation(std::string_view token, const Expected& expected, bool after_conjunction) {
  if (expected.has("a name") && expected.has("not") && after_conjunction && !token.empty()) {
    if (token.starts_with('"') || (token.front() >= '0' && token.front() <= '9'))
      return "Repeat the attribute, or use a list, as in country in (\"TR\", \"RS\").";
    if (token.find_first_not_of("=!<>") == std::string_view::npos)
      return "Repeat the attribute, as in age >= 18 and age <= 30.";
  }
  if (expected.has("a name")) {
    const bool property = !expected.has("any");
    std::string text = expected.has("not")
                           ? (property ? "Expected a condition on a property of the event, such as amount > 50."
                                       : "Expected a condition on an attribute, such as country = \"TR\".")
                           : "Expected a name.";
    if (find_word(token) != nullptr)
      text += std::string(property ? " A name like" : " An attribute named like") +
              " a word of the language is written attr(\"" + std::string(token) + "\").";
    return text;
  }
  if (expected.has("=") && expected.has("is") && expected.has("like"))
    return expected.has("anniversary")
               ? "Expected an operator after the attribute: = != < <= > >= between in like ilike starts contains is "
                 "within."
               : "Expected an operator: = != < <= > >= between in like ilike starts contains is.";
  if (token == "(" && expected.has("all"))
    return "A list follows \"any\" or \"all\", as in contains any (\"a\", \"b\").";
  if (token.starts_with('-') && !expected.has("a number"))
    return "There is no arithmetic; a date is written date \"2026-01-31\".";
  const Word* const word = find_word(token);
  if (word != nullptr && is_period(word->keyword) && expected.has("a number")) {
    const std::string unit(token.substr(0, token.size() - (token.ends_with('s') ? 1 : 0)));
    return "A number is missing, as in last 1 " + unit + "; the calendar " + unit + " before this one is previous " +
           unit + ".";
  }
  if (word != nullptr && (word->keyword == Keyword::kAND || word->keyword == Keyword::kOR) && !expected.has("and"))
    return "All that stands before a time zone is in it: put that part of the rule in parentheses.";
  if (expected.has("true"))
    return "Expected a value: a number, a string in double quotes, true, false, timestamp \"...\" or date \"...\".";
  std::string text;
  for (const std::string_view& name : expected.names) {
    if (name == "in" && expected.has("and")) continue;  // a time zone: seldom what is missing
    text += text.empty() ? "Expected " : (&name == &expected.names.back() ? " or " : ", ");
    text += name.find(' ') == std::string_view::npos ? "\"" + std::string(name) + "\"" : std::string(name);
  }
  return text.empty() ? text : text + ".";
}

std::string suggestion(std::string_view token, const Expected& expected) {
  std::vector<std::string_view> words;
  for (const std::string_view name : expected.names)
    if (name.find(' ') == std::string_view::npos && name.front() >= 'a') words.push_back(name);
  const std::string_view near = nearest(token, words);
  if (near.size() == token.size() && find_word(token) == find_word(near) && find_word(near) != nullptr)
    return "A parenthesis follows \"" + std::string(near) + "\".";
  return near.empty() ? std::string() : "Perhaps you meant \"" + std::string(near) + "\".";
}

// Names the word, in any case.
bool is_word(std::string_view token, std::string_view text) {
  const Word* const word = find_word(token);
  return word != nullptr && word->text == text;
}

}  // namespace

std::string hint_for(std::string_view token, std::string_view before, std::span<const std::string_view> names) {
  const Expected expected{names};
  const bool word = !token.empty() && ((token.front() | 0x20) >= 'a' && (token.front() | 0x20) <= 'z');
  const bool null = is_word(token, "null");
  if (expected.has("known") && !expected.has("a name") && (null || is_word(token, "not"))) return kNoNull;
  std::string hint = word ? suggestion(token, expected) : std::string();
  if (hint.empty() && word && expected.has("true"))
    hint = null ? kNoNull : "Strings are in double quotes: \"" + std::string(token.substr(0, 64)) + "\".";
  return hint.empty() ? expectation(token, expected, follows_conjunction(before)) : hint;
}

}  // namespace cdp::core::rule
