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
#include <algorithm>
#include <array>
#include <string>

#include "core/segment/complaint.hpp"
#include "core/segment/words.hpp"

#define yylex next_token
#define BUILD scan.builder()
}

%token END 0 "the end of the segment"
%token NAME "a name" NUMBER "a number" STRING "a string"
%token ALL "all" ALLOW "allow" AND "and" ANNIVERSARY "anniversary" ANY "any" ATTR "attr" AVG "avg" BETWEEN "between"
%token CALENDAR "calendar" CONSENT "consent" CONTAINS "contains" COUNT "count" DATE "date" DAYS "days" DAYS_ACTIVE "days_active"
%token DEDUPLICATION "deduplication" DID "did" DISTINCT "distinct" FALSE "false" FIRST "first" FRESHNESS "freshness"
%token FROM "from" FUNNEL "funnel" HAS "has" HOURS "hours" IDENTIFIER "identifier" IDENTIFIERS "identifiers"
%token ILIKE "ilike" IN "in" INCREASE "increase" IS "is" KNOWN "known" LAST "last" LIKE "like" MAX "max" MIN "min"
%token MINUTES "minutes" MONTHS "months" MOST_FREQUENT "most_frequent" NEXT "next" NOT "not" ONCE "once" OR "or"
%token ORDER "order" PREVIOUS "previous" REENTRY "reentry" SEGMENT "segment" SEQUENCE "sequence" SINCE "since" STARTS "starts" STRICT "strict" SUM "sum"
%token THEN "then" THIS "this" TIME "time" TIMESTAMP "timestamp" TODAY "today" TOMORROW "tomorrow" TRUE "true" UNKNOWN "unknown" WEEKS "weeks" WHERE "where" WITH "with"
%token WITHIN "within" YEARS "years" YESTERDAY "yesterday" ZONE "zone"
%token EQ "=" NE "!=" LT "<" LE "<=" GT ">" GE ">=" OPEN "(" CLOSE ")" COMMA "," DOT "."

%left OR
%left AND
%precedence NOT

%%

segment: zoned END { BUILD.finish($1); };

zoned:
  rule
| rule IN TIME ZONE STRING { $$ = BUILD.in_zone($1, @5); }
| rule IN TIME ZONE path { $$ = BUILD.in_zone_of($1, $5); }
;

rule:
  rule OR rule { $$ = BUILD.join(Opcode::any_of, $1, $3); }
| rule AND rule { $$ = BUILD.join(Opcode::all_of, $1, $3); }
| NOT rule { $$ = BUILD.branch(Opcode::negation, $2); }
| "(" zoned ")" { $$ = $2; }
| predicate
;

predicate:
  subject condition { $$ = BUILD.attach($2, $1); }
| subject WITHIN window { $$ = BUILD.predicate(Opcode::within, $1, $3); }
| subject ANNIVERSARY WITHIN window { $$ = BUILD.anniversary($1, $4, @4); }
| freshness comparison fixed { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3); }
| freshness between fixed AND fixed { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3, $5); }
| quantity comparison amount { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3); }
| quantity between amount AND amount { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3, $5); }
| moment comparison instant { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3); }
| moment between instant AND instant { $$ = BUILD.predicate(static_cast<Opcode>($2), $1, $3, $5); }
| moment WITHIN past { $$ = BUILD.predicate(Opcode::within, $1, $3); }
| moment IS KNOWN { $$ = BUILD.predicate(Opcode::is_known, $1); }
| moment IS UNKNOWN { $$ = BUILD.predicate(Opcode::is_unknown, $1); }
| event_value condition { $$ = BUILD.attach($2, $1); }
| DID "(" events ")" { $$ = BUILD.predicate(Opcode::did, BUILD.subject(Opcode::count, $3)); }
| SEQUENCE "(" chain ")" { $$ = BUILD.predicate(Opcode::found, $3); }
| SEQUENCE "(" chain "," past ")" { $$ = BUILD.predicate(Opcode::found, BUILD.adopt($3, $5)); }
| HAS IDENTIFIER "(" STRING ")" {
    $$ = BUILD.predicate(Opcode::has_identifier, BUILD.fact(Opcode::identifiers, @4));
  }
| IN SEGMENT STRING { $$ = BUILD.predicate(Opcode::in_segment, BUILD.fact(Opcode::segment, @3)); }
| CONSENT "(" STRING ")" { $$ = BUILD.predicate(Opcode::granted, BUILD.fact(Opcode::consent, @3)); }
;

condition:
  comparison value { $$ = BUILD.predicate(static_cast<Opcode>($1), $2); }
| between value AND value { $$ = BUILD.predicate(static_cast<Opcode>($1), $2, $4); }
| IN list { $$ = BUILD.predicate(Opcode::in, $2); }
| NOT IN list { $$ = BUILD.predicate(Opcode::not_in, $3); }
| like STRING { $$ = BUILD.pattern(static_cast<Opcode>($1), @2); }
| STARTS WITH STRING { $$ = BUILD.pattern(Opcode::starts_with, @3); }
| CONTAINS value { $$ = BUILD.predicate(Opcode::contains, $2); }
| CONTAINS ANY list { $$ = BUILD.predicate(Opcode::contains_any, $3); }
| CONTAINS ALL list { $$ = BUILD.predicate(Opcode::contains_all, $3); }
| IS KNOWN { $$ = BUILD.condition(Opcode::is_known); }
| IS UNKNOWN { $$ = BUILD.condition(Opcode::is_unknown); }
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
name: NAME | ALL | ALLOW | ANNIVERSARY | CALENDAR | DATE | DAYS | DEDUPLICATION | HAS | HOURS | INCREASE | KNOWN | LAST
| MINUTES | MONTHS | NEXT | ONCE | ORDER | PREVIOUS | REENTRY | SEGMENT | SINCE | STARTS | STRICT | THEN | THIS | TIME | TIMESTAMP
| TODAY | TOMORROW | UNKNOWN | WEEKS | WHERE | WITH | YEARS | YESTERDAY | ZONE
;

// Numbers.
quantity:
  COUNT "(" events ")" { $$ = BUILD.subject(Opcode::count, $3); }
| SUM "(" property_events ")" { $$ = BUILD.subject(Opcode::sum, $3); }
| AVG "(" property_events ")" { $$ = BUILD.subject(Opcode::average, $3); }
| MIN "(" property_events ")" { $$ = BUILD.subject(Opcode::least, $3); }
| MAX "(" property_events ")" { $$ = BUILD.subject(Opcode::greatest, $3); }
| DISTINCT "(" property_events ")" { $$ = BUILD.subject(Opcode::distinct, $3); }
| DAYS_ACTIVE "(" events ")" { $$ = BUILD.subject(Opcode::days_active, $3); }
| DAYS_ACTIVE "(" past ")" { $$ = BUILD.predicate(Opcode::days_of_any, $3); }
| FUNNEL "(" stages "," WITHIN short modes ")" { $$ = BUILD.funnel($3, @3, $6, $7, @7); }
| FUNNEL "(" stages "," WITHIN short modes "," past ")" {
    $$ = BUILD.adopt(BUILD.funnel($3, @3, $6, $7, @7), $9);
  }
| IDENTIFIERS "(" STRING ")" { $$ = BUILD.fact(Opcode::identifiers, @3); }
;

amount: NUMBER { $$ = BUILD.number(@1); };

moment:
  FIRST "(" events ")" { $$ = BUILD.subject(Opcode::first_time, $3); }
| LAST "(" events ")" { $$ = BUILD.subject(Opcode::last_time, $3); }
;

event_value:
  MOST_FREQUENT "(" property_events ")" { $$ = BUILD.subject(Opcode::most_frequent, $3); }
| moment "." path { $$ = BUILD.value_at($1, $3); }
;

event: STRING { $$ = BUILD.event(@1); };

chosen:
  event
| event WHERE filter { $$ = BUILD.adopt($1, $3); }
;

events:
  chosen
| chosen "," past { $$ = BUILD.adopt($1, $3); }
;

chosen_property:
  event "." path { $$ = BUILD.property($1, $3); }
| event "." path WHERE filter { $$ = BUILD.adopt(BUILD.property($1, $3), $5); }
;

property_events:
  chosen_property
| chosen_property "," past { $$ = BUILD.adopt($1, $3); }
;

filter:
  filter OR filter { $$ = BUILD.join(Opcode::any_of, $1, $3); }
| filter AND filter { $$ = BUILD.join(Opcode::all_of, $1, $3); }
| NOT filter { $$ = BUILD.branch(Opcode::negation, $2); }
| "(" filter ")" { $$ = $2; }
| path condition { $$ = BUILD.attach($2, BUILD.subject(Opcode::property, $1)); }
;

stages:
  chosen { $$ = BUILD.branch(Opcode::funnel, $1); }
| stages "," chosen { $$ = BUILD.adopt($1, $3); }
;

// As bits of FunnelModes.
modes:
  %empty { $$ = 0; }
| modes "," mode { $$ = $1 | $3; }
;

mode:
  STRICT DEDUPLICATION { $$ = funnel_mode::kDeduplication; }
| STRICT ORDER { $$ = funnel_mode::kOrder; }
| STRICT ONCE { $$ = funnel_mode::kOnce; }
| STRICT INCREASE { $$ = funnel_mode::kIncrease; }
| ALLOW REENTRY { $$ = funnel_mode::kReentry; }
;

chain:
  chosen THEN step { $$ = BUILD.extend_chain(BUILD.branch(Opcode::sequence, $1), $3, @3); }
| chain THEN step { $$ = BUILD.extend_chain($1, $3, @3); }
;

step:
  chosen
| chosen WITHIN short { $$ = BUILD.adopt($1, $3); }
| NOT chosen { $$ = BUILD.subject(Opcode::absence, $2); }
| NOT chosen WITHIN short { $$ = BUILD.adopt(BUILD.subject(Opcode::absence, $2), $4); }
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
  past
| NEXT duration { $$ = BUILD.window(Opcode::next, $2); }
| NEXT calendar { $$ = BUILD.window(Opcode::next_calendar, $2); }
| NEXT period { $$ = BUILD.period(Opcode::next_period, static_cast<Unit>($2)); }
| TOMORROW { $$ = BUILD.period(Opcode::next_period, Unit::day); }
;

past:
  LAST duration { $$ = BUILD.window(Opcode::last, $2); }
| LAST calendar { $$ = BUILD.window(Opcode::last_calendar, $2); }
| TODAY { $$ = BUILD.period(Opcode::this_period, Unit::day); }
| YESTERDAY { $$ = BUILD.period(Opcode::previous_period, Unit::day); }
| THIS period { $$ = BUILD.period(Opcode::this_period, static_cast<Unit>($2)); }
| PREVIOUS period { $$ = BUILD.period(Opcode::previous_period, static_cast<Unit>($2)); }
| SINCE instant { $$ = BUILD.window(Opcode::since, $2); }
| BETWEEN instant AND instant { $$ = BUILD.window(Opcode::between_times, $2, $4); }
;

calendar: NUMBER CALENDAR period { $$ = BUILD.duration(@1, static_cast<Unit>($3), @3); };

duration: NUMBER unit { $$ = BUILD.duration(@1, static_cast<Unit>($2), @2); };

fixed: duration { $$ = BUILD.fixed($1, @1, "compare freshness with"); };

// Between events.
short: duration { $$ = BUILD.fixed($1, @1, "use"); };

unit:
  MINUTES { $$ = static_cast<std::uint32_t>(Unit::minute); }
| HOURS { $$ = static_cast<std::uint32_t>(Unit::hour); }
| period
;

period:
  DAYS { $$ = static_cast<std::uint32_t>(Unit::day); }
| WEEKS { $$ = static_cast<std::uint32_t>(Unit::week); }
| MONTHS { $$ = static_cast<std::uint32_t>(Unit::month); }
| YEARS { $$ = static_cast<std::uint32_t>(Unit::year); }
;

%%

namespace cdp::core::rule {

void Parser::report_syntax_error(const context& at) const {
  constexpr int kMost = 96;
  std::array<symbol_kind_type, kMost> kinds;
  std::array<std::string_view, kMost> expected;
  const auto count = static_cast<std::size_t>(at.expected_tokens(kinds.data(), kMost));
  std::transform(kinds.begin(), kinds.begin() + count, expected.begin(), [](auto kind) { return symbol_name(kind); });
  const std::string_view before = scan.source().text().substr(0, at.location().begin);
  scan.source().fail(at.location(), hint_for(scan.source().at(at.location()), before, {expected.data(), count}));
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
