#include "text.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace example {
namespace {

constexpr std::pair<char32_t, std::string_view> kPlain[] = {
    {U'ç', "c"},  {U'ğ', "g"}, {U'ı', "i"}, {U'ö', "o"}, {U'ş', "s"}, {U'ü', "u"}, {U'Ç', "C"}, {U'Ğ', "G"},
    {U'İ', "I"},  {U'Ö', "O"}, {U'Ş', "S"}, {U'Ü', "U"}, {U'č', "c"}, {U'ć', "c"}, {U'ž', "z"}, {U'š', "s"},
    {U'đ', "dj"}, {U'Č', "C"}, {U'Ć', "C"}, {U'Ž', "Z"}, {U'Š', "S"}, {U'Đ', "Dj"}};

constexpr std::pair<std::u32string_view, char32_t> kDigraphs[] = {{U"lj", U'љ'}, {U"nj", U'њ'}, {U"dž", U'џ'},
                                                                  {U"Lj", U'Љ'}, {U"Nj", U'Њ'}, {U"Dž", U'Џ'}};
constexpr std::u32string_view kSerbianLatin = U"abvgdđežzijklmnoprstćufhcčšABVGDĐEŽZIJKLMNOPRSTĆUFHCČŠ";
constexpr std::u32string_view kSerbianCyrillic = U"абвгдђежзијклмнопрстћуфхцчшАБВГДЂЕЖЗИЈКЛМНОПРСТЋУФХЦЧШ";

char32_t upper(char32_t c, bool turkish) {
  if (c == U'i') return turkish ? U'İ' : U'I';
  if (c == U'ı') return U'I';
  if ((c >= U'a' && c <= U'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7) || (c >= 0x430 && c <= 0x44f)) return c - 0x20;
  if (c >= 0x450 && c <= 0x45f) return c - 0x50;
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177)) return c & ~char32_t{1};
  if (c >= 0x179 && c <= 0x17e) return (c & 1) ? c : c - 1;
  return c;
}

// "5321234567" in groups: 3 and then 2 or 3 digits, as national habits go.
std::string grouped(std::string_view digits, std::string_view separator) {
  std::string out(digits.substr(0, 3));
  for (std::size_t at = 3; at < digits.size();) {
    const std::size_t left = digits.size() - at;
    const std::size_t take = left == 4 || left == 2 ? 2 : left < 3 ? left : 3;
    out.append(separator).append(digits.substr(at, take));
    at += take;
  }
  return out;
}

}  // namespace

std::u32string decode(std::string_view utf8) {
  std::u32string out;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t c = length == 1 ? lead : lead & (0x7fu >> length);
    for (std::size_t k = 1; k < length; ++k) c = (c << 6) | (static_cast<unsigned char>(utf8[i + k]) & 0x3fu);
    out.push_back(c);
    i += length;
  }
  return out;
}

std::string encode(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) {
    if (c < 0x80) {
      out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
      out.push_back(static_cast<char>(0xc0 | (c >> 6)));
      out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
    } else {
      out.push_back(static_cast<char>(0xe0 | (c >> 12)));
      out.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3f)));
      out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
    }
  }
  return out;
}

std::string upper(std::string_view text, bool turkish) {
  std::u32string wide = decode(text);
  for (char32_t& c : wide) c = upper(c, turkish);
  return encode(wide);
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
  return out;
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char32_t c : decode(text)) {
    std::string_view to;
    for (const auto& [from, ascii] : kPlain)
      if (from == c) to = ascii;
    out += to.empty() ? encode(std::u32string_view(&c, 1)) : std::string(to);
  }
  return out;
}

std::string cyrillic(std::string_view text) {
  const std::u32string wide = decode(text);
  std::u32string out;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    char32_t to = 0;
    for (const auto& [latin, letter] : kDigraphs)
      if (std::u32string_view(wide).substr(i, 2) == latin) to = letter;
    if (to != 0) {
      ++i;
    } else {
      const std::size_t at = kSerbianLatin.find(wide[i]);
      to = at == std::u32string_view::npos ? wide[i] : kSerbianCyrillic[at];
    }
    out.push_back(to);
  }
  return encode(out);
}

std::string persian_digits(std::string_view text) {
  std::u32string wide = decode(text);
  for (char32_t& c : wide)
    if (c >= U'0' && c <= U'9') c = U'۰' + (c - U'0');
  return encode(wide);
}

std::string arabic_letters(std::string_view text) { return replaced(replaced(text, "ی", "ي"), "ک", "ك"); }

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i, from.size()) == from) {
      out += to;
      i += from.size();
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::string mistyped(std::string_view text, Random& random) {
  std::u32string wide = decode(text);
  if (wide.size() < 4) return std::string(text);
  // The first letter is right: people look at it.
  const std::size_t at = 1 + random.below(wide.size() - 2);
  switch (random.below(4)) {
    case 0: wide.erase(at, 1); break;
    case 1: wide.insert(at, 1, wide[at]); break;
    case 2: std::swap(wide[at], wide[at + 1]); break;
    default: wide[at] = wide[1 + random.below(wide.size() - 1)]; break;
  }
  return encode(wide);
}

std::string with_digits(std::string_view pattern, Random& random) {
  std::string out;
  bool first = true;
  for (const char c : pattern) {
    out.push_back(c != '#' ? c : static_cast<char>('0' + (first ? random.between(1, 9) : random.between(0, 9))));
    if (c == '#') first = false;
  }
  return out;
}

std::string phone_spelling(std::string_view calling_code, std::string_view national, Random& random) {
  const std::string code(calling_code), number(national);
  switch (random.below(8)) {
    case 0: return "+" + code + number;
    case 1: return "+" + code + " " + grouped(number, " ");
    case 2: return (code == "62" ? "+" : "00") + code + number;  // from Indonesia one doesn't dial 00
    case 3: return "0" + grouped(number, " ");
    case 4: return "0" + number;
    case 5: return "(0" + number.substr(0, 3) + ") " + number.substr(3);
    case 6: return "0" + grouped(number, "-");
    default: return "+" + code + " (0)" + grouped(number, ".");
  }
}

Day day(int year, unsigned month, unsigned day_of_month) {
  using namespace std::chrono;
  return sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day_of_month}}
      .time_since_epoch()
      .count();
}

std::string date_text(Day day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  std::array<char, 24> text{};
  const int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return std::string(text.data(), static_cast<std::size_t>(length));
}

std::string time_text(Minute minute) {
  std::array<char, 24> text{};
  const int of_day = static_cast<int>(minute % 1440);
  const int length = std::snprintf(text.data(), text.size(), " %02d:%02d+00", of_day / 60, of_day % 60);
  return date_text(static_cast<Day>(minute / 1440)) + std::string(text.data(), static_cast<std::size_t>(length));
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    if (fields[i].find_first_of(",\"\n") == std::string::npos) {
      out += fields[i];
    } else {
      out += '"' + replaced(fields[i], "\"", "\"\"") + '"';
    }
  }
  return out + '\n';
}

}  // namespace example
