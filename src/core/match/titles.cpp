#include "core/match/titles.hpp"

#include <algorithm>
#include <array>

namespace cdp::core {

namespace {

struct Title {
  std::string_view word;
  unsigned languages;
};

constexpr unsigned bit(Language language) noexcept { return static_cast<unsigned>(language); }

constexpr unsigned kNone = bit(Language::none), kAz = bit(Language::az), kEn = bit(Language::en),
                   kFa = bit(Language::fa), kId = bit(Language::id), kSr = bit(Language::sr), kTr = bit(Language::tr),
                   kAll = kNone | kAz | kEn | kFa | kId | kSr | kTr;

template <std::size_t N>
constexpr std::array<Title, N> sorted(std::array<Title, N> titles) {
  std::sort(titles.begin(), titles.end(), [](const Title& a, const Title& b) { return a.word < b.word; });
  return titles;
}

// Without a language only what cannot be taken for a name or an initial. Never a name's own part: Raden,
// Seyyed, and what tells father from son (Jr., Sr., III) stay.
constexpr auto kBefore = sorted(std::to_array<Title>({
    {"dr", kAll},
    {"prof", kAll},
    {"professor", kAll},
    {"profesor", kAll},
    {"mr", kAll},
    {"mrs", kAll},
    {"ms", kAll},
    {"miss", kAll},
    {"mx", kEn | kNone},
    {"mister", kEn | kNone},
    {"madam", kEn | kNone},
    {"sir", kEn | kNone},
    {"rev", kEn | kNone},
    {"reverend", kEn | kNone},
    {"hon", kEn},
    {"dame", kEn},
    {"fnu", kEn | kId | kNone},  // "first name unknown", printed in visas of people with a single name

    {"sayin", kTr | kNone},
    {"sn", kTr},
    {"bay", kTr},
    {"bayan", kTr},
    {"av", kTr},
    {"doc", kTr | kSr},
    {"yrd", kTr},
    {"uzm", kTr},
    {"op", kTr},
    {"dt", kTr},
    {"ecz", kTr},
    {"ogr", kTr},
    {"gor", kTr},
    {"ars", kTr},
    {"uyesi", kTr},

    {"cenab", kAz},
    {"xanim", kAz},

    {"g", kSr},
    {"gdin", kSr},
    {"gdja", kSr},
    {"gdjica", kSr},
    {"gosp", kSr},
    {"gospodin", kSr | kNone},
    {"gospodja", kSr | kNone},
    {"gospodjica", kSr | kNone},
    {"mag", kSr},
    {"prim", kSr},
    {"akad", kSr},
    {"adv", kSr},
    {"dipl", kSr},
    {"ing", kSr},
    {"inz", kSr},

    {"اقای", kFa | kNone},
    {"خانم", kFa | kNone},
    {"دکتر", kFa | kNone},
    {"مهندس", kFa | kNone},
    {"جناب", kFa | kNone},
    {"سرکار", kFa | kNone},
    {"استاد", kFa | kNone},
    {"پروفسور", kFa | kNone},
    {"پرفسور", kFa | kNone},
    {"دوشیزه", kFa | kNone},
    {"مرحوم", kFa | kNone},
    {"مرحومه", kFa | kNone},
    {"شادروان", kFa | kNone},
    {"حاج", kFa},

    {"bapak", kId | kNone},
    {"bpk", kId | kNone},
    {"ibu", kId | kNone},
    {"pak", kId},
    {"bu", kId},
    {"sdr", kId},
    {"sdri", kId},
    {"saudara", kId},
    {"saudari", kId},
    {"tn", kId},
    {"tuan", kId},
    {"ny", kId},
    {"nyonya", kId},
    {"nn", kId},
    {"nona", kId},
    {"h", kId},
    {"hj", kId | kNone},
    {"haji", kId},
    {"hajjah", kId},
    {"kh", kId},
    {"drs", kId | kNone},
    {"dra", kId},
    {"drg", kId},
    {"drh", kId},
    {"ir", kId},
}));

constexpr auto kAfter = sorted(std::to_array<Title>({
    {"phd", kAll},
    {"mba", kAll},
    {"msc", kAll},
    {"esq", kEn | kNone},
    {"esquire", kEn | kNone},
    {"md", kEn},
    {"dds", kEn},
    {"cpa", kEn},
    {"rn", kEn},
    {"obe", kEn},
    {"mbe", kEn},
    {"cbe", kEn},
    {"lnu", kEn | kId | kNone},  // "last name unknown"

    {"bey", kTr | kAz},
    {"hanim", kTr},
    {"beyefendi", kTr},
    {"hanimefendi", kTr},
    {"xanim", kAz},
    {"muellim", kAz},
    {"muellime", kAz},

    {"dipl", kSr},
    {"ing", kSr},
    {"inz", kSr},
    {"dr", kSr},
    {"mr", kSr},
    {"ecc", kSr},
    {"oec", kSr},

    {"خانم", kFa | kNone},
    {"اقا", kFa},

    {"se", kId},
    {"sh", kId},
    {"st", kId},
    {"ss", kId},
    {"sp", kId},
    {"sip", kId},
    {"sag", kId},
    {"ssi", kId},
    {"spd", kId},
    {"spdi", kId},
    {"skm", kId},
    {"spt", kId},
    {"skom", kId},
    {"ssos", kId},
    {"sked", kId},
    {"skep", kId},
    {"sfarm", kId},
    {"spsi", kId},
    {"ssn", kId},
    {"mm", kId},
    {"mh", kId},
    {"mt", kId},
    {"mag", kId},
    {"msi", kId},
    {"mpd", kId},
    {"mkom", kId},
    {"mkes", kId},
    {"mhum", kId},
    {"mkn", kId},
    {"amd", kId},
    {"amdkeb", kId},
    {"amdkep", kId},
    {"spog", kId},
    {"sppd", kId},
    {"spa", kId},
    {"spb", kId},
}));

bool contains(const auto& titles, std::string_view word, Language language) noexcept {
  const auto* const found = std::lower_bound(
      titles.begin(), titles.end(), word, [](const Title& title, std::string_view text) { return title.word < text; });
  return found != titles.end() && found->word == word && (found->languages & bit(language)) != 0;
}

}  // namespace

bool is_title_before(std::string_view word, Language language) noexcept { return contains(kBefore, word, language); }
bool is_title_after(std::string_view word, Language language) noexcept { return contains(kAfter, word, language); }

}  // namespace cdp::core
