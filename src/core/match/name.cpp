#include "core/match/name.hpp"

#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "core/match/letters.hpp"
#include "core/match/titles.hpp"
#include "core/match/unicode.hpp"

namespace cdp::core {

namespace {

// Case folding with compatibility decomposition makes at most 18 units of a character of 3 bytes.
constexpr std::size_t kMaxUnits = 6 * kMaxNameBytes;

// Whether a mark that comes next is left out: of the scripts in which it is a matter of spelling or keyboard.
enum class Marks : bool { drop, keep };

// The words of a name in plain form, one after the other in one buffer of fixed size: names are short, so
// nothing here is ever allocated.
class Words {
 public:
  explicit Words(Language language) noexcept : language_(language) {}

  void add(UChar32 c) noexcept;
  void close_word() noexcept;
  void remove_titles() noexcept;
  void remove_repetition() noexcept;
  bool write(Buffer& out) const;

 private:
  struct Word {
    std::uint16_t begin, end;
    std::uint16_t group;  // words of one group had only periods and hyphens between them: "S.Kom."
  };
  static_assert(3 * kMaxUnits <= 0xFFFF);

  std::string_view text(const Word& first, const Word& last) const noexcept {
    return {text_ + first.begin, static_cast<std::size_t>(last.end - first.begin)};
  }
  void append(std::string_view bytes) noexcept;
  void letter(UChar32 c, Marks marks) noexcept;
  void add_beyond_ascii(UChar32 c) noexcept;
  void leave_out() noexcept;
  void separate(bool inside_group) noexcept;
  void to_latin() noexcept;

  Language language_;
  Marks marks_ = Marks::drop;  // what to do with a mark that comes next
  bool open_ = false, same_group_ = false;
  bool serbian_ = false, other_cyrillic_ = false;  // what the open word is written in
  std::uint16_t group_ = 0;
  std::size_t size_ = 0, first_ = 0, last_ = 0;  // words [first_, last_) are the name
  char text_[3 * kMaxUnits];
  Word words_[kMaxUnits / 2 + 1];
};

void Words::append(std::string_view bytes) noexcept {
  if (!open_) {
    if (!same_group_) ++group_;
    words_[last_++] = {static_cast<std::uint16_t>(size_), 0, group_};
    open_ = true;
    serbian_ = other_cyrillic_ = false;
  }
  std::copy(bytes.begin(), bytes.end(), text_ + size_);
  size_ += bytes.size();
}

void Words::letter(UChar32 c, Marks marks) noexcept {
  char utf8[U8_MAX_LENGTH];
  std::size_t length = 0;
  U8_APPEND_UNSAFE(utf8, length, c);
  append({utf8, length});
  marks_ = marks;
}

void Words::add(UChar32 c) noexcept {
  if (c >= 0x80) return add_beyond_ascii(c);
  const char ascii = static_cast<char>(c);
  if (is_ascii_letter(ascii) || is_ascii_digit(ascii)) {
    append({&ascii, 1});
    marks_ = Marks::drop;
  } else if (is_apostrophe(c)) {
    leave_out();
  } else {
    separate(ascii == '.' || ascii == '-');
  }
}

void Words::add_beyond_ascii(UChar32 c) noexcept {
  const auto category = U_MASK(u_charType(c));
  if ((category & U_GC_M_MASK) != 0) {
    if (marks_ == Marks::keep) letter(c, Marks::keep);
    return;
  }
  if (is_apostrophe(c) || c == 0x0640) return leave_out();  // a tatweel only stretches the line
  if ((category & U_GC_ND_MASK) != 0) return add('0' + u_charDigitValue(c));
  if ((category & (U_GC_L_MASK | U_GC_N_MASK)) == 0) return separate((category & U_GC_PD_MASK) != 0 || c == 0x2212);

  UErrorCode error = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &error);
  if (script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_ARABIC) {
    UChar apart[32];
    const std::int32_t length =
        unorm2_getDecomposition(unorm2_getNFDInstance(&error), c, apart, std::size(apart), &error);
    if (U_SUCCESS(error) && length > 0) U16_GET(apart, 0, 0, length, c);  // the marks behind it go
    if (c < 0x80) return add(c);
  }
  switch (script) {
    case USCRIPT_LATIN: {
      const std::string_view plain = plain_latin(c, language_);
      if (plain.empty()) return letter(c, Marks::drop);
      append(plain);
      marks_ = Marks::drop;
      return;
    }
    case USCRIPT_ARABIC:
      if (const UChar32 plain = plain_arabic(c); plain != 0) return letter(plain, Marks::drop);
      return leave_out();
    case USCRIPT_CYRILLIC:
      letter(c, Marks::drop);
      (serbian_latin(c).empty() ? other_cyrillic_ : serbian_) = true;
      return;
    case USCRIPT_GREEK:
    case USCRIPT_HEBREW: return letter(c, Marks::drop);
    default: return letter(c, Marks::keep);
  }
}

// What stands inside a word but is no part of it. In scripts that compose letters of several characters it ends
// the word: without it those around it could become another letter.
void Words::leave_out() noexcept {
  if (marks_ == Marks::keep) return separate(true);
  marks_ = Marks::drop;
}

void Words::close_word() noexcept {
  if (!open_) return;
  words_[last_ - 1].end = static_cast<std::uint16_t>(size_);
  if (serbian_ && !other_cyrillic_) to_latin();
  open_ = false;
}

void Words::separate(bool inside_group) noexcept {
  same_group_ = inside_group && (open_ || same_group_);
  close_word();
  marks_ = Marks::drop;
}

// Rewrites the last word in place: no letter gets longer.
void Words::to_latin() noexcept {
  Word& word = words_[last_ - 1];
  const std::string_view cyrillic = text(word, word);
  std::size_t to = word.begin;
  for (std::size_t at = 0; at < cyrillic.size();) {
    const std::size_t before = at;
    const std::string_view latin = serbian_latin(next_code_point(cyrillic, at));
    const std::string_view letter = latin.empty() ? cyrillic.substr(before, at - before) : latin;
    to = static_cast<std::size_t>(std::copy(letter.begin(), letter.end(), text_ + to) - text_);
  }
  size_ = to;
  word.end = static_cast<std::uint16_t>(to);
}

// Titles go from both ends while a word remains: a name of nothing but titles keeps the last of them.
void Words::remove_titles() noexcept {
  for (bool removed = true; removed && last_ - first_ > 1;) {
    removed = false;
    std::size_t group_end = first_ + 1;
    while (group_end < last_ && words_[group_end].group == words_[first_].group) ++group_end;
    for (const std::size_t end : {group_end, first_ + 1}) {
      if (end == last_ || !is_title_before(text(words_[first_], words_[end - 1]), language_)) continue;
      first_ = end;
      removed = true;
      break;
    }
  }
  for (bool removed = true; removed && last_ - first_ > 1;) {
    removed = false;
    std::size_t group_begin = last_ - 1;
    while (group_begin > first_ && words_[group_begin - 1].group == words_[last_ - 1].group) --group_begin;
    for (const std::size_t begin : {group_begin, last_ - 1}) {
      if (begin == first_ || !is_title_after(text(words_[begin], words_[last_ - 1]), language_)) continue;
      last_ = begin;
      removed = true;
      break;
    }
  }
}

// Forms that demand a family name make people with a single name give it twice.
void Words::remove_repetition() noexcept {
  if (language_ != Language::id || last_ - first_ != 2) return;
  if (text(words_[first_], words_[first_]) == text(words_[first_ + 1], words_[first_ + 1])) --last_;
}

bool Words::write(Buffer& out) const {
  if (first_ == last_) return false;
  out.reserve(out.size() + size_ + (last_ - first_));
  for (std::size_t i = first_; i < last_; ++i) {
    if (i != first_) out.byte(' ');
    out.append(text(words_[i], words_[i]));
  }
  return true;
}

// Compatibility forms, case, and characters that cannot be seen; an accent typed as a spacing character would
// become a blank with a mark, so apostrophes go first. Negative: the text is not usable.
std::int32_t fold(std::string_view name, UChar (&folded)[kMaxUnits]) noexcept {
  UChar units[kMaxNameBytes];
  std::int32_t length = 0;
  for (std::size_t at = 0; at < name.size();) {
    const UChar32 c = next_code_point(name, at);
    if (is_apostrophe(c)) continue;
    U16_APPEND_UNSAFE(units, length, (c < 0 ? 0xFFFD : c));
  }
  UErrorCode error = U_ZERO_ERROR;
  length = unorm2_normalize(unorm2_getNFKCCasefoldInstance(&error), units, length, folded, kMaxUnits, &error);
  return U_SUCCESS(error) ? length : -1;
}

}  // namespace

Language parse_language(std::string_view tag) {
  struct Tag {
    std::string_view code;
    Language language;
  };
  static constexpr Tag kTags[] = {{"az", Language::az}, {"en", Language::en}, {"fa", Language::fa},
                                  {"id", Language::id}, {"sr", Language::sr}, {"tr", Language::tr}};
  const std::size_t length = std::min(tag.find_first_of("-_"), tag.size());
  const bool well_formed = tag.size() <= 35 && std::all_of(tag.begin(), tag.end(), [](char c) {
                             return is_ascii_letter(c) || is_ascii_digit(c) || c == '-' || c == '_';
                           });
  for (const Tag& known : kTags) {
    if (well_formed && length == 2 && ascii_lower(tag[0]) == known.code[0] && ascii_lower(tag[1]) == known.code[1])
      return known.language;
  }
  throw Error(Code::invalid_parameter, "unrecognized language: \"" + std::string(excerpt(tag)) + "\"", {},
              "Use one of az, en, fa, id, sr and tr, or NULL when the language is not known.");
}

bool normalize_name(std::string_view name, Language language, Buffer& out) {
  if (name.size() > kMaxNameBytes) return false;
  Words words(language);
  if (is_ascii(name)) {
    for (const char c : name) words.add(static_cast<unsigned char>(ascii_lower(c)));
  } else {
    UChar folded[kMaxUnits];
    const std::int32_t length = fold(name, folded);
    for (std::int32_t at = 0; at < length;) {
      UChar32 c;
      U16_NEXT(folded, at, length, c);
      words.add(c);
    }
  }
  words.close_word();
  words.remove_titles();
  words.remove_repetition();
  return words.write(out);
}

}  // namespace cdp::core
