// What differs between countries: names, places, telephone numbers.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace example {

// A name as it is written in Latin letters, in the country's own script (Persian only; empty otherwise), and for short.
struct Name {
  std::string_view latin;
  std::string_view native = {};
  std::string_view nick = {};
};

struct City {
  std::string_view name;
  std::string_view other;     // as a foreigner, or a careless clerk, writes it
  std::string_view postcode;  // '#' stands for a digit
  std::string_view landline;  // national number without trunk prefix, '#' stands for a digit
};

struct Culture {
  std::string_view country;   // ISO 3166-1
  std::string_view language;  // ISO 639-1
  std::string_view calling_code;
  std::span<const Name> men, women, surnames;
  std::span<const City> cities;
  std::span<const std::string_view> streets;  // '#' is the house number
  std::span<const std::string_view> mobiles;
  std::span<const std::string_view> companies;
  std::span<const std::string_view> free_mail;
};

extern const Culture kTurkish, kSerbian, kPersian, kIndonesian, kEnglish;

}  // namespace example
