// The grammar of rules. bison's LALR(1) tables, because they are checked when they are generated (no conflicts), run
// on an explicit stack instead of the machine's, and know at an error what could have come instead.
%require "3.8"
%language "c++"
%skeleton "lalr1.cc"
%expect 0
%define api.namespace {cdp::core::rule}
%define api.parser.class {Parser}
%define api.token.prefix {T_}
%define api.value.type {std::uint32_t}
%define api.location.type {Place}
%define parse.error custom
%define parse.lac full
%locations
%param {Scan& scan} {void* scanner}

%code requires {
#include "core/segment/scanner.hpp"

#define YYLLOC_DEFAULT(Current, Rhs, N)                                            \
  do {                                                                             \
    (Current).begin = (N) ? YYRHSLOC(Rhs, 1).begin : YYRHSLOC(Rhs, 0).end;         \
    (Current).end = (N) ? YYRHSLOC(Rhs, N).end : YYRHSLOC(Rhs, 0).end;             \
  } while (false)
}

%code provides {
namespace cdp::core::rule {

int next_token(Parser::value_type* value, Place* place, Scan& scan, void* scanner);
void* begin_scan(Scan& scan);
void end_scan(void* scanner) noexcept;

}  // namespace cdp::core::rule
}

%code {
#include <array>
#include <string>

#include "core/segment/words.hpp"

#define yylex next_token
#define BUILD scan.builder()
}

%token END 0 "the end of the segment"
%token NAME "a name" NUMBER "a number" STRING "a string"
%token ALL "all" AND "and" ANNIVERSARY "anniversary" ANY "any" ATTR "attr" BETWEEN "between" CONTAINS "contains"
%token DATE "date" DAYS "days" FALSE "false" FRESHNESS "freshness" FROM "from" HOURS "hours" ILIKE "ilike" IN "in"
%token IS "is" KNOWN "known" LAST "last" LIKE "like" MINUTES "minutes" MONTHS "months" NEXT "next" NOT "not" OR "or"
%token SINCE "since" STARTS "starts" TIMESTAMP "timestamp" TRUE "true" UNKNOWN "unknown" WEEKS "weeks" WITH "with"
%token WITHIN "within" YEARS "years"
%token EQ "=" NE "!=" LT "<" LE "<=" GT ">" GE ">=" OPEN "(" CLOSE ")" COMMA ","

%left OR
%left AND
%precedence NOT

%%

segment: rule END { BUILD.finish($1); };

rule:
  rule OR rule { $$ = BUILD.join(Opcode::any_of, $1, $3); }
| rule AND rule { $$ = BUILD.join(Opcode::all_of, $1, $3); }
| NOT rule { $$ = BUILD.branch(Opcode::negation, $2); }
| "(" rule ")" { $$ = $2; }
| predicate
;

predicate:
  subject comparison value { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3); }
| subject between value AND value { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3, $5); }
| subject IN list { $$ = BUILD.predicate(Opcode::in, $1, $3); }
| subject NOT IN list { $$ = BUILD.predicate(Opcode::not_in, $1, $4); }
| subject like STRING { $$ = BUILD.pattern(static_cast<Opcode>($2), $1, @3); }
| subject STARTS WITH STRING { $$ = BUILD.pattern(Opcode::starts_with, $1, @4); }
| subject CONTAINS value { $$ = BUILD.predicate(Opcode::contains, $1, $3); }
| subject CONTAINS ANY list { $$ = BUILD.predicate(Opcode::contains_any, $1, $4); }
| subject CONTAINS ALL list { $$ = BUILD.predicate(Opcode::contains_all, $1, $4); }
| subject IS KNOWN { $$ = BUILD.predicate(Opcode::is_known, $1); }
| subject IS UNKNOWN { $$ = BUILD.predicate(Opcode::is_unknown, $1); }
| subject WITHIN window { $$ = BUILD.predicate(Opcode::within, $1, $3); }
| subject ANNIVERSARY WITHIN window { $$ = BUILD.anniversary($1, $4, @4); }
| freshness comparison fixed { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3); }
| freshness between fixed AND fixed { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3, $5); }
;

subject:
  path
| ANY "(" path ")" { $$ = BUILD.subject(Opcode::observed, $3); }
| path FROM STRING { $$ = BUILD.from_source($1, @3); }
;

freshness: FRESHNESS "(" path ")" { $$ = BUILD.subject(Opcode::freshness, $3); };

path:
  name { $$ = BUILD.path(@1); }
| ATTR "(" STRING ")" { $$ = BUILD.quoted_path(@3); }
;

// Words that can't be mistaken where a name stands.
name: NAME | ALL | ANNIVERSARY | DATE | DAYS | HOURS | KNOWN | LAST | MINUTES | MONTHS | NEXT | SINCE | STARTS
| TIMESTAMP | UNKNOWN | WEEKS | WITH | YEARS
;

comparison:
  "=" { $$ = static_cast<std::uint32_t>(Opcode::equal); }
| "!=" { $$ = static_cast<std::uint32_t>(Opcode::not_equal); }
| "<" { $$ = static_cast<std::uint32_t>(Opcode::less); }
| "<=" { $$ = static_cast<std::uint32_t>(Opcode::at_most); }
| ">" { $$ = static_cast<std::uint32_t>(Opcode::greater); }
| ">=" { $$ = static_cast<std::uint32_t>(Opcode::at_least); }
;

between:
  BETWEEN { $$ = static_cast<std::uint32_t>(Opcode::between); }
| NOT BETWEEN { $$ = static_cast<std::uint32_t>(Opcode::not_between); }
;

like:
  LIKE { $$ = static_cast<std::uint32_t>(Opcode::like); }
| NOT LIKE { $$ = static_cast<std::uint32_t>(Opcode::not_like); }
| ILIKE { $$ = static_cast<std::uint32_t>(Opcode::ilike); }
| NOT ILIKE { $$ = static_cast<std::uint32_t>(Opcode::not_ilike); }
;

value:
  NUMBER { $$ = BUILD.number(@1); }
| STRING { $$ = BUILD.string(@1); }
| TRUE { $$ = BUILD.boolean(true); }
| FALSE { $$ = BUILD.boolean(false); }
| instant
;

instant:
  TIMESTAMP STRING { $$ = BUILD.timestamp(@2); }
| DATE STRING { $$ = BUILD.date(@2); }
;

list: "(" values ")" { $$ = BUILD.end_list($2); };

values:
  value { $$ = BUILD.begin_list($1); }
| values "," value { $$ = BUILD.extend_list($1, $3); }
;

window:
  LAST duration { $$ = BUILD.window(Opcode::last, $2); }
| NEXT duration { $$ = BUILD.window(Opcode::next, $2); }
| SINCE instant { $$ = BUILD.window(Opcode::since, $2); }
| BETWEEN instant AND instant { $$ = BUILD.window(Opcode::between_times, $2, $4); }
;

duration: NUMBER unit { $$ = BUILD.duration(@1, static_cast<Unit>($2), @2); };

fixed: duration { $$ = BUILD.fixed($1, @1); };

unit:
  MINUTES { $$ = static_cast<std::uint32_t>(Unit::minute); }
| HOURS { $$ = static_cast<std::uint32_t>(Unit::hour); }
| DAYS { $$ = static_cast<std::uint32_t>(Unit::day); }
| WEEKS { $$ = static_cast<std::uint32_t>(Unit::week); }
| MONTHS { $$ = static_cast<std::uint32_t>(Unit::month); }
| YEARS { $$ = static_cast<std::uint32_t>(Unit::year); }
;

%%

namespace cdp::core::rule {

namespace {

constexpr int kMostExpected = 48;

struct Expected {
  std::array<Parser::symbol_kind_type, kMostExpected> kinds;
  int count;

  bool has(Parser::symbol_kind_type kind) const {
    for (int i = 0; i < count; ++i)
      if (kinds[static_cast<std::size_t>(i)] == kind) return true;
    return false;
  }
};

std::string_view name_of(Parser::symbol_kind_type kind) { return Parser::symbol_name(kind); }

// What could stand at the place of the error, in words.
std::string expectation(std::string_view token, const Expected& expected) {
  using Kind = Parser::symbol_kind;
  if (expected.has(Kind::S_NAME)) {
    std::string text = "Expected a condition on an attribute, such as country = \"TR\".";
    if (find_word(token) != nullptr)
      text += " An attribute named like a word of the language is written attr(\"" + std::string(token) + "\").";
    return text;
  }
  if (expected.has(Kind::S_EQ) && expected.has(Kind::S_IS))
    return "Expected an operator after the attribute: = != < <= > >= between in like ilike starts contains is within.";
  if (token == "(" && expected.has(Kind::S_ALL))
    return "A list follows \"any\" or \"all\", as in contains any (\"a\", \"b\").";
  if (token.starts_with('-') && !expected.has(Kind::S_NUMBER))
    return "There is no arithmetic; a date is written date \"2026-01-31\".";
  if (expected.has(Kind::S_TRUE))
    return "Expected a value: a number, a string in double quotes, true, false, timestamp \"...\" or date \"...\".";
  std::string text;
  for (int i = 0; i < expected.count; ++i) {
    const std::string name(name_of(expected.kinds[static_cast<std::size_t>(i)]));
    text += i == 0 ? "Expected " : (i + 1 == expected.count ? " or " : ", ");
    text += name.find(' ') == std::string::npos ? "\"" + name + "\"" : name;
  }
  return text.empty() ? text : text + ".";
}

std::string suggestion(std::string_view token, const Expected& expected) {
  std::array<std::string_view, kMostExpected> words;
  std::size_t count = 0;
  for (int i = 0; i < expected.count; ++i) {
    const std::string_view name = name_of(expected.kinds[static_cast<std::size_t>(i)]);
    if (name.find(' ') == std::string_view::npos && name.front() >= 'a') words[count++] = name;
  }
  const std::string_view near = nearest(token, {words.data(), count});
  return near.empty() ? std::string() : "Perhaps you meant \"" + std::string(near) + "\".";
}

}  // namespace

void Parser::report_syntax_error(const context& at) const {
  Expected expected{};
  expected.count = at.expected_tokens(expected.kinds.data(), kMostExpected);
  const std::string_view token = scan.source().at(at.location());
  const bool word = !token.empty() && ((token.front() | 0x20) >= 'a' && (token.front() | 0x20) <= 'z');
  std::string hint = word ? suggestion(token, expected) : std::string();
  if (hint.empty() && word && expected.has(symbol_kind::S_TRUE)) {
    hint = find_word(token) != nullptr && (token.size() == 4 && (token.front() | 0x20) == 'n')
               ? "There is no null: write \"is unknown\" or \"is known\"."
               : "Strings are in double quotes: \"" + std::string(token.substr(0, 64)) + "\".";
  }
  if (hint.empty()) hint = expectation(token, expected);
  scan.source().fail(at.location(), hint);
}

void Parser::error(const Place& place, const std::string&) { scan.source().fail(place, {}); }

void run_parser(Builder& builder) {
  Scan scan(builder);
  struct Owner {
    void* scanner;
    ~Owner() { end_scan(scanner); }
  };
  const Owner owner{begin_scan(scan)};
  Parser parser(scan, owner.scanner);
  parser.parse();
}

}  // namespace cdp::core::rule
