// src/core/segment/words.cpp: the table of words and the search for the one that was meant.
#include "core/segment/words.hpp"

#include <algorithm>
#include <array>

namespace cdp::core::rule {

namespace {

constexpr auto kKeyword = WordClass::keyword, kFunction = WordClass::function, kLater = WordClass::later;

// In ascending order of the text.
constexpr Word kWords[] = {
    {"all", kKeyword, Keyword::kALL},
    {"allow", kKeyword, Keyword::kALLOW},
    {"and", kKeyword, Keyword::kAND},
    {"anniversary", kKeyword, Keyword::kANNIVERSARY},
    {"any", kKeyword, Keyword::kANY},
    {"attr", kFunction, Keyword::kATTR},
    {"avg", kFunction, Keyword::kAVG},
    {"between", kKeyword, Keyword::kBETWEEN},
    {"calendar", kKeyword, Keyword::kCALENDAR},
    {"consent", kFunction, Keyword::kCONSENT},
    {"contains", kKeyword, Keyword::kCONTAINS},
    {"count", kFunction, Keyword::kCOUNT},
    {"date", kKeyword, Keyword::kDATE},
    {"day", kKeyword, Keyword::kDAYS},
    {"days", kKeyword, Keyword::kDAYS},
    {"days_active", kFunction, Keyword::kDAYS_ACTIVE},
    {"deduplication", kKeyword, Keyword::kDEDUPLICATION},
    {"did", kFunction, Keyword::kDID},
    {"distinct", kFunction, Keyword::kDISTINCT},
    {"false", kKeyword, Keyword::kFALSE},
    {"first", kFunction, Keyword::kFIRST},
    {"freshness", kFunction, Keyword::kFRESHNESS},
    {"from", kKeyword, Keyword::kFROM},
    {"funnel", kFunction, Keyword::kFUNNEL},
    {"has", kKeyword, Keyword::kHAS},
    {"hour", kKeyword, Keyword::kHOURS},
    {"hours", kKeyword, Keyword::kHOURS},
    {"identifier", kFunction, Keyword::kIDENTIFIER},
    {"identifiers", kFunction, Keyword::kIDENTIFIERS},
    {"ilike", kKeyword, Keyword::kILIKE},
    {"in", kKeyword, Keyword::kIN},
    {"increase", kKeyword, Keyword::kINCREASE},
    {"is", kKeyword, Keyword::kIS},
    {"known", kKeyword, Keyword::kKNOWN},
    {"last", kKeyword, Keyword::kLAST},
    {"like", kKeyword, Keyword::kLIKE},
    {"max", kFunction, Keyword::kMAX},
    {"min", kFunction, Keyword::kMIN},
    {"minute", kKeyword, Keyword::kMINUTES},
    {"minutes", kKeyword, Keyword::kMINUTES},
    {"month", kKeyword, Keyword::kMONTHS},
    {"months", kKeyword, Keyword::kMONTHS},
    {"most_frequent", kFunction, Keyword::kMOST_FREQUENT},
    {"next", kKeyword, Keyword::kNEXT},
    {"not", kKeyword, Keyword::kNOT},
    {"null", kLater, Keyword::kNone},
    {"once", kKeyword, Keyword::kONCE},
    {"or", kKeyword, Keyword::kOR},
    {"order", kKeyword, Keyword::kORDER},
    {"previous", kKeyword, Keyword::kPREVIOUS},
    {"reentry", kKeyword, Keyword::kREENTRY},
    {"segment", kKeyword, Keyword::kSEGMENT},
    {"sequence", kFunction, Keyword::kSEQUENCE},
    {"since", kKeyword, Keyword::kSINCE},
    {"starts", kKeyword, Keyword::kSTARTS},
    {"strict", kKeyword, Keyword::kSTRICT},
    {"sum", kFunction, Keyword::kSUM},
    {"then", kKeyword, Keyword::kTHEN},
    {"this", kKeyword, Keyword::kTHIS},
    {"time", kKeyword, Keyword::kTIME},
    {"timestamp", kKeyword, Keyword::kTIMESTAMP},
    {"today", kKeyword, Keyword::kTODAY},
    {"tomorrow", kKeyword, Keyword::kTOMORROW},
    {"true", kKeyword, Keyword::kTRUE},
    {"unknown", kKeyword, Keyword::kUNKNOWN},
    {"week", kKeyword, Keyword::kWEEKS},
    {"weeks", kKeyword, Keyword::kWEEKS},
    {"where", kKeyword, Keyword::kWHERE},
    {"with", kKeyword, Keyword::kWITH},
    {"within", kKeyword, Keyword::kWITHIN},
    {"year", kKeyword, Keyword::kYEARS},
    {"years", kKeyword, Keyword::kYEARS},
    {"yesterday", kKeyword, Keyword::kYESTERDAY},
    {"zone", kKeyword, Keyword::kZONE},
};

constexpr bool ascending() {
  for (std::size_t i = 1; i < std::size(kWords); ++i)
    if (kWords[i - 1].text >= kWords[i].text) return false;
  return true;
}
static_assert(ascending());

constexpr bool is_letter(char c) noexcept { return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_'; }

}  // namespace

const Word* find_word(std::string_view text) noexcept {
  char folded[kLongestWord];
  if (text.empty() || text.size() > kLongestWord) return nullptr;
  std::transform(text.begin(), text.end(), folded, ascii_lower);
  const std::string_view key(folded, text.size());
  const auto* const found = std::lower_bound(std::begin(kWords), std::end(kWords), key,
                                             [](const Word& w, std::string_view k) { return w.text < k; });
  return found != std::end(kWords) && found->text == key ? found : nullptr;
}

std::string_view nearest_function(std::string_view text) {
  std::array<std::string_view, std::size(kWords)> functions;
  std::size_t count = 0;
  for (const Word& word : kWords)
    if (word.kind == WordClass::function || word.keyword == Keyword::kANY || word.keyword == Keyword::kLAST)
      functions[count++] = word.text;
  return nearest(text, {functions.data(), count});
}

bool is_plain_path(std::string_view path) noexcept {
  bool at_start = true;
  for (const char c : path) {
    if (at_start ? !is_letter(c) : !is_letter(c) && c != '.' && (c < '0' || c > '9')) return false;
    at_start = c == '.';
  }
  return !at_start && find_word(path) == nullptr;
}

}  // namespace cdp::core::rule
