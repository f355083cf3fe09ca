// src/core/profile/policy_text.cpp: from the text of a policy to its bytes.
//
//   policy  = [declared INSTANT ;] clause {; clause} [;]
//   clause  = default choice | group NAME (NAME, ...) [choice] | NAME choice
//   choice  = [rule] [ignore empty] [as timestamp], not empty but after a group
//   rule    = recent | first | priority (NAME, ...) | sum | max | min | longest | frequent | collect
//   NAME    = a word, or a string of JSON
#include <algorithm>

#include "core/bytes/nearest.hpp"
#include "core/bytes/source.hpp"
#include "core/profile/policy.hpp"

namespace cdp::core {

namespace {

enum class TokenKind : std::uint8_t { end, word, string, mark };  // mark: one of ( ) , ;

struct Token {
  TokenKind kind = TokenKind::end;
  Place place{};
};

constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}
constexpr bool begins_word(char c) noexcept { return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_'; }
constexpr bool in_word(char c) noexcept { return begins_word(c) || (c >= '0' && c <= '9'); }

class Scanner {
 public:
  explicit Scanner(const Source& source) noexcept : source_(source), text_(source.text()) {}

  Token next() {
    skip_blanks();
    const std::uint32_t begin = at_;
    if (at_ == text_.size()) return {TokenKind::end, {begin, begin}};
    const char c = text_[at_];
    if (begins_word(c)) {
      while (at_ < text_.size() && in_word(text_[at_])) ++at_;
      return {TokenKind::word, {begin, at_}};
    }
    if (c == '"') return string();
    if (c == '(' || c == ')' || c == ',' || c == ';') return {TokenKind::mark, {begin, ++at_}};
    reject();
  }

  // What stands between here and the next blank or semicolon.
  Place run() {
    skip_blanks();
    const std::uint32_t begin = at_;
    while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ';') ++at_;
    return {begin, at_};
  }

 private:
  void skip_blanks() {
    for (;;) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (!text_.substr(at_).starts_with("/*")) return;
      const std::size_t end = text_.find("*/", at_ + 2);
      if (end == std::string_view::npos)
        source_.fail({at_, at_ + 2}, "A comment ends with */.", "unterminated comment in policy");
      at_ = static_cast<std::uint32_t>(end + 2);
    }
  }

  Token string() {
    const std::uint32_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) {
      source_.fail({begin, static_cast<std::uint32_t>(text_.size())}, "A string ends with a double quote.",
                   "unterminated string in policy");
    }
    return {TokenKind::string, {begin, ++at_}};
  }

  [[noreturn]] void reject() const {
    const std::string_view rest = text_.substr(at_);
    std::string_view hint = "A name of other than the letters a to z, digits and _ is written in double quotes.";
    if (rest.front() == '\'') hint = "Names are in double quotes where they need quotes at all.";
    if (rest.starts_with("--")) hint = "A comment is written /* ... */.";
    if (rest.front() == '.')
      hint = "A policy is about whole attributes; one whose name has a dot in it is written in double quotes.";
    source_.fail({at_, at_ + static_cast<std::uint32_t>(code_point_length(rest.front()))}, hint);
  }

  const Source& source_;
  std::string_view text_;
  std::uint32_t at_ = 0;
};

class Parser {
 public:
  Parser(const Source& source, std::pmr::memory_resource* resource, const Poll& poll)
      : source_(source),
        scanner_(source),
        resource_(resource),
        poll_(poll),
        names_(resource),
        fallback_(resource),
        clauses_(resource) {}

  void parse() {
    step();
    if (is_word("declared")) declaration();
    for (;;) {
      clause();
      if (token_.kind == TokenKind::end) break;
      if (!is_mark(';')) fail(R"(Expected ";" or the end of the policy.)", kSuffixes);
      step();
      if (token_.kind == TokenKind::end) break;
    }
    resolve();
  }

  void write(Buffer& body) const { append_policy(declared_at_, fallback_, clauses_, body); }

 private:
  // A clause while it is being read: where it stands, and whether it says a rule of its own.
  struct Draft {
    Place place;
    std::uint32_t clause;
    bool has_rule;
  };
  static constexpr std::string_view kSuffixes[] = {"ignore", "as"};

  void step() {
    poll_();
    token_ = scanner_.next();
  }
  std::string_view text() const { return source_.at(token_.place); }
  bool is_mark(char mark) const { return token_.kind == TokenKind::mark && text().front() == mark; }
  bool is_word(std::string_view word) const {
    const std::string_view here = text();
    return token_.kind == TokenKind::word && std::equal(here.begin(), here.end(), word.begin(), word.end(),
                                                        [](char a, char b) { return ascii_lower(a) == b; });
  }

  [[noreturn]] void fail(std::string_view expectation, std::span<const std::string_view> words = {}) const {
    const std::string_view near = token_.kind == TokenKind::word ? nearest(text(), words) : std::string_view();
    source_.fail(token_.place,
                 near.empty() ? std::string(expectation) : "Perhaps you meant \"" + std::string(near) + "\".");
  }
  void expect(char mark, const char* expectation) {
    if (!is_mark(mark)) fail(expectation);
    step();
  }
  void expect_word(std::string_view word) {
    step();
    if (!is_word(word)) fail("Expected \"" + std::string(word) + "\".", {&word, 1});
    step();
  }

  // A word as it stands, or what a string stands for.
  std::string_view name(const char* expectation) {
    std::string_view name;
    if (token_.kind == TokenKind::word) {
      name = text();
    } else if (token_.kind == TokenKind::string) {
      Buffer unquoted(resource_);
      source_.unquote(token_.place, unquoted);
      auto* const copy = static_cast<char*>(names_.allocate(unquoted.size() + 1, 1));
      std::copy_n(reinterpret_cast<const char*>(unquoted.data()), unquoted.size(), copy);
      name = {copy, unquoted.size()};
    } else {
      fail(expectation);
    }
    step();
    return name;
  }

  std::pmr::vector<std::string_view> names(const char* expectation) {
    std::pmr::vector<std::string_view> all(resource_);
    if (!is_mark('(')) fail(R"(Expected a list in parentheses, such as (crm, "web shop").)");
    do {
      step();
      all.push_back(name(expectation));
    } while (is_mark(','));
    expect(')', "Expected \",\" or \")\".");
    return all;
  }

  void declaration() {
    const Place place = scanner_.run();
    const auto time = parse_timestamp(source_.at(place));
    if (!time) source_.fail(place, "The time is written as in: declared 2026-01-31T10:00:00Z;");
    declared_at_ = *time;
    step();
    expect(';', R"(Expected ";" after the time of the declaration.)");
  }

  void clause() {
    const Place place = token_.place;
    if (is_word("default")) {
      if (has_fallback_) source_.fail(place, {}, "policy has two clauses for the default");
      has_fallback_ = true;
      step();
      choice(fallback_, true);
      return;
    }
    if (is_word("declared")) fail("The time of the declaration is the first thing in a policy.");
    const bool is_group = is_word("group");
    if (is_group) step();
    if (clauses_.size() == kMaxPolicyNames) fail_limit("A policy has at most 65535 clauses.");
    Clause& clause = clauses_.emplace_back(resource_);
    clause.name = name("Expected default, group or the name of an attribute.");
    if (is_group) {
      clause.members = names("Expected the name of an attribute.");
      std::sort(clause.members.begin(), clause.members.end());
    }
    const bool ends = token_.kind == TokenKind::end || is_mark(';');
    const bool has_rule = is_group && ends ? false : choice(clause, false);
    if (is_group && clause.as_timestamp) source_.fail(place, "A group is an object of its members, not an instant.");
    drafts_.push_back({place, static_cast<std::uint32_t>(clauses_.size() - 1), has_rule});
  }

  // Returns whether it names a rule.
  bool choice(Clause& clause, bool is_fallback) {
    std::string_view rules[kSurvivorshipCount];
    for (std::uint8_t i = 0; i < kSurvivorshipCount; ++i) rules[i] = name_of(static_cast<Survivorship>(i));
    bool has_rule = false, empty = true;
    for (std::uint8_t i = 0; i < kSurvivorshipCount && !has_rule; ++i) {
      if (!is_word(rules[i])) continue;
      has_rule = true;
      empty = false;
      clause.rule = static_cast<Survivorship>(i);
      step();
      if (clause.rule == Survivorship::priority) preference(clause);
    }
    for (;; empty = false) {
      if (!clause.ignore_empty && is_word("ignore")) {
        expect_word("empty");
        clause.ignore_empty = true;
      } else if (!clause.as_timestamp && is_word("as")) {
        expect_word("timestamp");
        clause.as_timestamp = true;
      } else {
        break;
      }
    }
    if (empty)
      fail("Expected a rule: recent, first, priority(...), sum, max, min, longest, frequent or collect.", rules);
    return has_rule || is_fallback;
  }

  void preference(Clause& clause) {
    const Place place = token_.place;
    clause.sources = names("Expected the name of a source.");
    if (clause.sources.size() > kMaxPolicySources) fail_limit("A list of sources has at most 255 of them.");
    for (std::size_t i = 1; i < clause.sources.size(); ++i)
      if (std::find(clause.sources.begin(), clause.sources.begin() + static_cast<std::ptrdiff_t>(i),
                    clause.sources[i]) != clause.sources.begin() + static_cast<std::ptrdiff_t>(i))
        source_.fail(place, {}, "source " + shown(clause.sources[i]) + " stands twice in a list of the policy");
  }

  [[noreturn]] static void fail_limit(const char* detail) {
    throw Error(Code::limit_exceeded, "policy has too many names", detail);
  }
  static std::string shown(std::string_view name) { return "\"" + std::string(name.substr(0, 64)) + "\""; }

  // What is known only at the end: the default's rule, and who stands where.
  void resolve() {
    struct Claim {
      std::string_view name;
      bool is_member;
      Place place;
    };
    std::pmr::vector<Claim> claims(resource_);
    std::size_t members = 0, names = 0;
    for (const Draft& draft : drafts_) {
      Clause& clause = clauses_[draft.clause];
      if (!draft.has_rule) {
        clause.rule = fallback_.rule;
        clause.sources = fallback_.sources;
        names += clause.sources.size();
        if (names > kMaxPolicyText) fail_limit("The default's list of sources stands in too many clauses.");
      }
      if (clause.is_group() && clause.rule == Survivorship::sum)
        source_.fail(draft.place, "A group is an object of its members, which has no sum.");
      claims.push_back({clause.name, false, draft.place});
      for (const std::string_view member : clause.members) claims.push_back({member, true, draft.place});
      members += clause.members.size();
    }
    if (members > kMaxPolicyNames) fail_limit("The groups of a policy have at most 65535 members.");
    std::stable_sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.name < b.name; });
    for (std::size_t i = 1; i < claims.size(); ++i) {
      const Claim &a = claims[i - 1], &b = claims[i];
      // A group may be named like one of its members.
      const bool same_group = a.is_member != b.is_member && a.place.begin == b.place.begin;
      if (a.name == b.name && !same_group)
        source_.fail(b.place, "An attribute has one clause, or is a member of one group.",
                     "attribute " + shown(a.name) + " stands twice in the policy");
    }
    std::sort(clauses_.begin(), clauses_.end(), [](const Clause& a, const Clause& b) { return a.name < b.name; });
  }

  const Source& source_;
  Scanner scanner_;
  std::pmr::memory_resource* resource_;
  const Poll& poll_;
  std::pmr::monotonic_buffer_resource names_;
  Token token_;
  std::int64_t declared_at_ = kMinusInfinity;
  bool has_fallback_ = false;
  Clause fallback_;
  std::pmr::vector<Clause> clauses_;
  std::pmr::vector<Draft> drafts_{resource_};
};

}  // namespace

void parse_policy(std::string_view text, Buffer& body, std::pmr::memory_resource* resource, const Poll& poll) {
  if (text.size() > kMaxPolicyText)
    throw Error(Code::limit_exceeded, "policy is too long", "The text of a policy is at most 1 MB long.");
  const Source source(text, "policy");
  Parser parser(source, resource, poll);
  parser.parse();
  const std::size_t from = body.size();
  parser.write(body);
  // What is printed must be readable again: it grows when a rule is written out.
  Policy policy(resource);
  policy.assign(body.span(from));
  Buffer canonical(resource);
  print_policy(policy, canonical);
}

}  // namespace cdp::core
