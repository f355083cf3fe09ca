// The words of the language, and the one that somebody probably meant.
#pragma once

#include <string_view>

#include "core/bytes/nearest.hpp"

namespace cdp::core::rule {

enum class WordClass : unsigned char {
  keyword,   // has a meaning wherever it stands
  function,  // has a meaning before a parenthesis
  later,     // of forms that later versions read; a name today
};

// One token of the grammar each: T_ALL … clang-format finds no stable layout for the list.
// clang-format off
#define CDP_SEGMENT_KEYWORDS(X) \
  X(ALL) X(ALLOW) X(AND) X(ANNIVERSARY) X(ANY) X(ATTR) X(AVG) X(BETWEEN) X(CALENDAR) X(CONSENT) X(CONTAINS) X(COUNT) X(DATE) \
  X(DAYS) X(DAYS_ACTIVE) X(DEDUPLICATION) X(DID) X(DISTINCT) X(FALSE) X(FIRST) X(FRESHNESS) X(FROM) X(FUNNEL) X(HAS) \
  X(HOURS) X(IDENTIFIER) X(IDENTIFIERS) X(ILIKE) X(IN) X(INCREASE) X(IS) X(KNOWN) X(LAST) X(LIKE) X(MAX) X(MIN) \
  X(MINUTES) X(MONTHS) X(MOST_FREQUENT) X(NEXT) X(NOT) X(ONCE) X(OR) X(ORDER) X(PREVIOUS) X(REENTRY) X(SEGMENT) X(SEQUENCE) X(SINCE) \
  X(STARTS) X(STRICT) X(SUM) X(THEN) X(THIS) X(TIME) X(TIMESTAMP) X(TODAY) X(TOMORROW) X(TRUE) X(UNKNOWN) X(WEEKS) X(WHERE) X(WITH) X(WITHIN) X(YEARS) X(YESTERDAY) X(ZONE)
// clang-format on

#define CDP_SEGMENT_KEYWORD(name) k##name,
enum class Keyword : unsigned char { CDP_SEGMENT_KEYWORDS(CDP_SEGMENT_KEYWORD) kNone };
#undef CDP_SEGMENT_KEYWORD

struct Word {
  std::string_view text;
  WordClass kind;
  Keyword keyword;
};

// The word, in any case, or nullptr. `later` words are found too.
const Word* find_word(std::string_view text) noexcept;

// The function that was meant, or nothing.
std::string_view nearest_function(std::string_view text);

// Whether the path can be written without attr(): identifiers joined by dots, no word of the language.
bool is_plain_path(std::string_view path) noexcept;

}  // namespace cdp::core::rule
