#include "core/match/letters.hpp"

namespace cdp::core {

std::string_view plain_latin(UChar32 c, Language language) noexcept {
  const bool serbian = language == Language::sr || language == Language::none;
  switch (c) {
    case 0x0131: return "i";                   // ı
    case 0x0111: return serbian ? "dj" : "d";  // đ: Serbian; Vietnamese and Sami write a plain d for it
    case 0x0256:                               // ɖ and ð: their capitals look like Đ and are typed for it
    case 0x00F0: return language == Language::sr ? "dj" : "d";
    case 0x00E6: return "ae";  // æ
    case 0x0153: return "oe";  // œ
    case 0x00F8: return "o";   // ø
    case 0x00FE: return "th";  // þ
    case 0x0127: return "h";   // ħ
    case 0x0142: return "l";   // ł
    case 0x0167: return "t";   // ŧ
    case 0x014B: return "n";   // ŋ
    case 0x0259:               // ə, as ICAO Doc 9303 has it in passports
    case 0x01DD: return "e";
    default: return {};
  }
}

UChar32 plain_arabic(UChar32 c) noexcept {
  switch (c) {
    case 0x0621: return 0;       // a hamza alone, often left out
    case 0x0671: return 0x0627;  // alef wasla
    case 0x0629:                 // teh marbuta
    case 0x06BE:                 // heh doachashmee
    case 0x06C1:                 // heh goal
    case 0x06C3:                 // teh marbuta goal
    case 0x06D5: return 0x0647;  // ae → heh
    case 0x0643:                 // Arabic kaf
    case 0x06AA: return 0x06A9;  // swash kaf → keheh
    case 0x0649:                 // alef maksura
    case 0x064A:                 // Arabic yeh
    case 0x06D2: return 0x06CC;  // yeh barree → Farsi yeh
    default: return c;
  }
}

std::string_view serbian_latin(UChar32 c) noexcept {
  switch (c) {
    case 0x0430: return "a";
    case 0x0431: return "b";
    case 0x0432: return "v";
    case 0x0433: return "g";
    case 0x0434: return "d";
    case 0x0452: return "dj";
    case 0x0435:
    case 0x0450: return "e";  // with a grave accent: the same letter, told apart in writing only
    case 0x0436: return "z";
    case 0x0437: return "z";
    case 0x0438:
    case 0x045D: return "i";
    case 0x0458: return "j";
    case 0x043A: return "k";
    case 0x043B: return "l";
    case 0x0459: return "lj";
    case 0x043C: return "m";
    case 0x043D: return "n";
    case 0x045A: return "nj";
    case 0x043E: return "o";
    case 0x043F: return "p";
    case 0x0440: return "r";
    case 0x0441: return "s";
    case 0x0442: return "t";
    case 0x045B: return "c";
    case 0x0443: return "u";
    case 0x0444: return "f";
    case 0x0445: return "h";
    case 0x0446: return "c";
    case 0x0447: return "c";
    case 0x045F: return "dz";
    case 0x0448: return "s";
    default: return {};
  }
}

bool is_apostrophe(UChar32 c) noexcept {
  switch (c) {
    case '\'':
    case '`':
    case 0x00B4:  // acute accent
    case 0x00B7:  // middle dot: Catalan writes l·l
    case 0x02B9:
    case 0x02BA:
    case 0x02BB:
    case 0x02BC:
    case 0x02BD:
    case 0x02BE:
    case 0x02BF:
    case 0x02C8:
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
    case 0x2032:
    case 0xFF07:
    case 0xFF40: return true;
    default: return false;
  }
}

}  // namespace cdp::core
