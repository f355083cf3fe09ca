// How clerks, customers and telephones write the same thing differently.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "random.hpp"

namespace example {

using Day = int;              // days since 1970-01-01
using Minute = std::int64_t;  // minutes since 1970-01-01 00:00 UTC

std::u32string decode(std::string_view utf8);
std::string encode(std::u32string_view text);

std::string upper(std::string_view text, bool turkish);
std::string lower_ascii(std::string_view text);
// Diacritics dropped, as on a keyboard without them: Ayşe → Ayse, Đorđe → Djordje.
std::string plain(std::string_view text);
// Serbian Latin to Cyrillic: Ljubiša → Љубиша.
std::string cyrillic(std::string_view text);
std::string persian_digits(std::string_view text);
// The Arabic letters ي ك, which older keyboards give for the Persian ی ک.
std::string arabic_letters(std::string_view text);
std::string replaced(std::string_view text, std::string_view from, std::string_view to);

// One letter lost, doubled, swapped with the next one, or replaced by another.
std::string mistyped(std::string_view text, Random& random);
// Every '#' of the pattern becomes a digit; the first one isn't 0.
std::string with_digits(std::string_view pattern, Random& random);
// One of the ways to write a national number: +90 532…, 0532 123 45 67, (0532) 1234567, 0090532…
std::string phone_spelling(std::string_view calling_code, std::string_view national, Random& random);

Day day(int year, unsigned month, unsigned day_of_month);
std::string date_text(Day day);
std::string time_text(Minute minute);

// RFC 4180; an empty field is NULL for COPY.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace example
