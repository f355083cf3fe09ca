// Normalisers: the rules of docs/match.md, and that no bytes break them.
#include <gtest/gtest.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/match/email.hpp"
#include "core/match/name.hpp"

namespace {

using cdp::core::Buffer;
using cdp::core::Language;

constexpr Language kLanguages[] = {Language::none, Language::az, Language::en, Language::fa,
                                   Language::id,   Language::sr, Language::tr};

std::optional<std::string> taken(bool found, const Buffer& buffer) {
  if (found) return std::string(cdp::core::as_text(buffer.span()));
  EXPECT_EQ(buffer.size(), 0u) << "a refused value must leave nothing behind";
  return std::nullopt;
}

std::optional<std::string> email(std::string_view text, bool provider_rules = false) {
  Buffer buffer;
  const bool found = cdp::core::normalize_email(text, provider_rules, buffer);
  return taken(found, buffer);
}

std::optional<std::string> name(std::string_view text, Language language = Language::none) {
  Buffer buffer;
  const bool found = cdp::core::normalize_name(text, language, buffer);
  return taken(found, buffer);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(Email, TrimsAndLowers) {
  EXPECT_EQ(email("  Ana.Petrovic@Example.COM\t"), "ana.petrovic@example.com");
  EXPECT_EQ(email("\xEF\xBB\xBF\xC2\xA0"
                  "a@b.org\xE2\x80\x8E"),
            "a@b.org");
  EXPECT_EQ(email("a@b.org."), "a@b.org");
}

TEST(Email, TurkishCapitals) {
  EXPECT_EQ(email("İLKER@GMAİL.COM"), "ilker@gmail.com");
  EXPECT_EQ(email("I\xCC\x87LKER@x.com"), "ilker@x.com");
  EXPECT_EQ(email("ılker@x.com"), "ılker@x.com");  // an address of its own
}

TEST(Email, International) {
  EXPECT_EQ(email("info@Bücher.example"), "info@xn--bcher-kva.example");
  EXPECT_EQ(email("info@BU\xCC\x88"
                  "CHER.example"),
            "info@xn--bcher-kva.example");
  EXPECT_EQ(email("info@XN--BCHER-KVA.example"), "info@xn--bcher-kva.example");
  EXPECT_EQ(email("ПОЧТА@пример.рф"), "почта@xn--e1afmkfd.xn--p1ai");
  EXPECT_EQ(email("Pele\xCC\x81@x.com"), "pelé@x.com");
  EXPECT_EQ(email("x@straße.de"), "x@xn--strae-oqa.de");  // IDNA 2008: not strasse.de
  EXPECT_EQ(email("x@例え。jp"), "x@xn--r8jz45g.jp");
  EXPECT_EQ(email("x@xn--a.com"), std::nullopt);
}

TEST(Email, RefusesWhatIsNoAddress) {
  for (const char* text : {"",
                           " ",
                           "@",
                           "a",
                           "a@",
                           "@b.com",
                           "a@b",
                           "a b@c.com",
                           "a@b c.com",
                           "a@b@c.com",
                           "a..b@c.com",
                           ".a@c.com",
                           "a.@c.com",
                           "a@-b.com",
                           "a@b-.com",
                           "a@b..com",
                           "a@.com",
                           "a@127.0.0.1",
                           "a@[127.0.0.1]",
                           "\"a b\"@c.com",
                           "a@b_c.com",
                           "<a@b.com>",
                           "a,b@c.com",
                           "a@b.com,c@d.com",
                           "a\xFF@b.com",
                           "a@\xFF.com",
                           "a\xE2\x80\x8B"
                           "b@c.com"})
    EXPECT_EQ(email(text), std::nullopt) << text;
  EXPECT_EQ(email(std::string_view("a\0@b.com", 8)), std::nullopt);
  EXPECT_EQ(email(std::string_view("a@\xC3\xBC\0.com", 9)), std::nullopt);
}

TEST(Email, Limits) {
  const std::string local(64, 'a'), label(63, 'b');
  EXPECT_TRUE(email(local + "@b.com"));
  EXPECT_FALSE(email(local + "a@b.com"));
  EXPECT_TRUE(email("a@" + label + ".com"));
  EXPECT_FALSE(email("a@" + label + "b.com"));
  EXPECT_TRUE(email("a@" + repeated(label + ".", 3) + std::string(61, 'c')));   // 253
  EXPECT_FALSE(email("a@" + repeated(label + ".", 3) + std::string(62, 'c')));  // 254
  EXPECT_TRUE(email(std::string(cdp::core::kMaxEmailInput - 7, ' ') + "a@b.com"));
  EXPECT_FALSE(email(std::string(cdp::core::kMaxEmailInput - 6, ' ') + "a@b.com"));
  EXPECT_TRUE(email(repeated("é", 32) + "@b.com"));
  EXPECT_FALSE(email(repeated("é", 33) + "@b.com"));
}

TEST(Email, ProviderRules) {
  EXPECT_EQ(email("A.Li.ce+shop@GoogleMail.com", true), "alice@gmail.com");
  EXPECT_EQ(email("a.li.ce+shop@gmail.com"), "a.li.ce+shop@gmail.com");
  EXPECT_EQ(email("a.b+x+y@outlook.com", true), "a.b@outlook.com");
  EXPECT_EQ(email("ab+x@hotmail.com.tr", true), "ab@hotmail.com.tr");
  EXPECT_EQ(email("ab+x@icloud.com", true), "ab@icloud.com");
  EXPECT_EQ(email("ab+x@example.com", true), "ab+x@example.com");
  EXPECT_EQ(email("+x@gmail.com", true), "+x@gmail.com");
  EXPECT_EQ(email("a.+x@proton.me", true), "a@proton.me");
}

TEST(Name, Turkish) {
  for (const Language language : {Language::none, Language::tr, Language::az, Language::en}) {
    for (const char* text :
         {"ŞÜKRÜ ÇAĞLAYAN İLKER", "şükrü çağlayan ilker", "SUKRU CAGLAYAN ILKER", "Sukru Caglayan Ilker",
          "S\xCC\xA7u\xCC\x88kru\xCC\x88 C\xCC\xA7"
          "ag\xCC\x86layan I\xCC\x87lker"})
      EXPECT_EQ(name(text, language), "sukru caglayan ilker") << text;
    EXPECT_EQ(name("Iğdır Işık", language), "igdir isik");
  }
  EXPECT_EQ(name("Sayın Prof. Dr. Ahmet Yılmaz", Language::tr), "ahmet yilmaz");
  EXPECT_EQ(name("Dr.Öğr.Üyesi Ayşe Kaya Hanım", Language::tr), "ayse kaya");
  EXPECT_EQ(name("Bay Ahmet"), "bay ahmet");
  EXPECT_EQ(name("Bay Ahmet", Language::tr), "ahmet");
  EXPECT_EQ(name("Bay", Language::tr), "bay");
  EXPECT_EQ(name("Əliyev Elçin müəllim", Language::az), "eliyev elcin");
}

TEST(Name, Serbian) {
  for (const Language language : {Language::none, Language::sr})
    for (const char* text :
         {"Ђорђе Живковић", "Đorđe Živković", "Djordje Zivkovic", "ЂОРЂЕ ЖИВКОВИЋ", "đorđe Živkoviċ"})
      EXPECT_EQ(name(text, language), "djordje zivkovic") << text;
  for (const char* text :
       {"Џемал Љубичић-Његош", "Džemal Ljubičić Njegoš", "ǅemal ǈubičić ǋegoš", "Dzemal Ljubicic Njegos"})
    EXPECT_EQ(name(text, Language::sr), "dzemal ljubicic njegos") << text;
  EXPECT_EQ(name("\xC3\x90or\xC3\xB0"
                 "e",
                 Language::sr),
            "djordje");  // eth typed for d with stroke
  EXPECT_EQ(name("г-ђа Ана Петровић", Language::sr), "ana petrovic");
  EXPECT_EQ(name("G-din. dr Petar Petrović, dipl. inž.", Language::sr), "petar petrovic");
  EXPECT_EQ(name("а\xCC\x81на"), "ana");                // stress mark
  EXPECT_EQ(name("Сергей Юрьевич"), "сергей юрьевич");  // Russian letters: the script stays
  EXPECT_EQ(name("Сергеи"), "sergei");                  // none of them: taken for Serbian
}

TEST(Name, PersianAndArabic) {
  for (const char* text : {"علی کریمی", "علي كريمي", "علـــی کریمی", "عَلی کَریمی", "ﻋﻠﯽ ﮐﺮﯾﻤﯽ"})
    EXPECT_EQ(name(text, Language::fa), "علی کریمی") << text;
  EXPECT_EQ(name("علی\xE2\x80\x8C"
                 "رضا"),
            name("علیرضا"));
  EXPECT_EQ(name("فاطمة"), name("فاطمه"));
  EXPECT_EQ(name("أحمد"), name("احمد"));
  EXPECT_EQ(name("آرش"), name("ارش"));
  EXPECT_EQ(name("مؤمن"), name("مومن"));
  EXPECT_EQ(name("رئیسی"), name("رییسی"));
  EXPECT_EQ(name("علاء"), name("علا"));
  EXPECT_EQ(name("جناب آقای دکتر محمد رضایی"), "محمد رضایی");
  EXPECT_EQ(name("خانم مهندس سارا کریمی", Language::fa), "سارا کریمی");
  EXPECT_EQ(name("علی ۱۲ ٣٤"), "علی 12 34");
}

TEST(Name, Indonesian) {
  EXPECT_EQ(name("Suharto", Language::id), "suharto");
  EXPECT_EQ(name("Suharto Suharto", Language::id), "suharto");
  EXPECT_EQ(name("Suharto -", Language::id), "suharto");
  EXPECT_EQ(name("FNU Suharto", Language::id), "suharto");
  EXPECT_EQ(name("Suharto Suharto"), "suharto suharto");
  EXPECT_EQ(name("Bapak H. Joko Widodo, S.H.", Language::id), "joko widodo");
  EXPECT_EQ(name("Drs. Ir. Budi Santoso, M.Kom., S.Kom", Language::id), "budi santoso");
  EXPECT_EQ(name("Hj. Siti Nurhaliza"), "siti nurhaliza");
  EXPECT_EQ(name("Ibu Sri", Language::id), "sri");
  EXPECT_EQ(name("H. Smith"), "h smith");
}

TEST(Name, English) {
  EXPECT_EQ(name("Mr. John O’Brien-Smith", Language::en), "john obrien smith");
  EXPECT_EQ(name("JOHN O'BRIEN SMITH, Ph.D."), "john obrien smith");
  EXPECT_EQ(name("John Smith Jr.", Language::en), "john smith jr");
  EXPECT_EQ(name("J.R.R. Tolkien"), "j r r tolkien");
  EXPECT_EQ(name("Ｊｏｈｎ　Ｓｍｉｔｈ"), "john smith");
  EXPECT_EQ(name("D´Angelo"), "dangelo");
  EXPECT_EQ(name("Sir"), "sir");
  EXPECT_EQ(name("Dr. Prof."), "prof");
}

TEST(Name, OtherScripts) {
  EXPECT_EQ(name("Straße MÜLLER Łukasz Æsir Øyvind"), "strasse muller lukasz aesir oyvind");
  EXPECT_EQ(name("Nguyễn Văn Đặng", Language::en), "nguyen van dang");
  EXPECT_EQ(name("ΓΕΏΡΓΙΟΣ"), name("γεωργιος"));
  EXPECT_EQ(name("क्षितिज"), "क्षितिज");  // its marks are letters
  EXPECT_EQ(name("홍길동"), "홍길동");
}

TEST(Name, NothingLeft) {
  for (const char* text : {"", " ", "-", "...", "'", "\xE2\x80\x8C", "\xCC\x81", "ـ", "⭐", "\xFF\xFE"})
    EXPECT_EQ(name(text), std::nullopt) << text;
}

TEST(Name, Limits) {
  EXPECT_TRUE(name(std::string(cdp::core::kMaxNameBytes, 'a')));
  EXPECT_FALSE(name(std::string(cdp::core::kMaxNameBytes + 1, 'a')));
  // The character that grows most: 18 letters and blanks.
  EXPECT_TRUE(name(repeated("\xEF\xB7\xBA", cdp::core::kMaxNameBytes / 3)));
  EXPECT_TRUE(name(repeated("a ", cdp::core::kMaxNameBytes / 2)));
  EXPECT_TRUE(name(repeated("đ", cdp::core::kMaxNameBytes / 2)));
}

TEST(Name, Languages) {
  EXPECT_EQ(cdp::core::parse_language("tr"), Language::tr);
  EXPECT_EQ(cdp::core::parse_language("SR-Latn-RS"), Language::sr);
  EXPECT_EQ(cdp::core::parse_language("fa_IR"), Language::fa);
  for (const std::string_view tag : {"", "t", "xx", "tur", "tr ", "-tr", "türk", "\xFF"}) {
    try {
      cdp::core::parse_language(tag);
      ADD_FAILURE() << tag;
    } catch (const cdp::core::Error& error) {
      EXPECT_EQ(error.code(), cdp::core::Code::invalid_parameter);
      EXPECT_FALSE(error.hint().empty());
    }
  }
  try {
    cdp::core::parse_language(repeated("é", 1 << 20));
    ADD_FAILURE();
  } catch (const cdp::core::Error& error) {
    EXPECT_LT(error.message().size(), 100u);
  }
}

// Both normalisers on any bytes: no fault under the sanitizers, and a normal form is its own normal form.
void check(const std::string& text) {
  for (const Language language : kLanguages) {
    // A heap copy of the exact size: the sanitizer sees one byte too far.
    const std::vector<char> exact(text.begin(), text.end());
    if (const auto key = name({exact.data(), exact.size()}, language); key && key->size() <= cdp::core::kMaxNameBytes) {
      ASSERT_EQ(name(*key, language), key) << text;
    }
  }
  for (const bool provider_rules : {false, true})
    if (const auto address = email(text, provider_rules)) {
      ASSERT_EQ(email(*address, provider_rules), address) << text;
    }
}

TEST(Normalisers, SurviveRandomBytes) {
  std::mt19937_64 random(20240501);
  for (int i = 0; i < 20000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random());
    if (i % 2 == 0) text += "@x.com";
    check(text);
  }
  for (const std::size_t size : {1023, 1024, 1025, 4095, 4096, 4097, 100000})
    for (int i = 0; i < 20; ++i) {
      std::string text(size, '\0');
      for (char& c : text) c = static_cast<char>(random());
      check(text);
    }
}

TEST(Normalisers, AreIdempotentOnRandomText) {
  static constexpr std::uint32_t kBlocks[][2] = {
      {0x20, 0x7F},     {0x80, 0x24F},    {0x2B0, 0x36F},     {0x370, 0x3FF},   {0x400, 0x4FF},
      {0x590, 0x6FF},   {0x900, 0x97F},   {0x1100, 0x11FF},   {0x1E00, 0x1FFF}, {0x2000, 0x206F},
      {0xAC00, 0xD7A3}, {0xFB00, 0xFFEF}, {0x1D100, 0x1D7FF}, {0x20, 0x10FFFF}};
  static constexpr std::string_view kPieces[] = {
      "dr.", "Dr ", "S.H.", "h-",        "bay ", "bey",   "@gmail.com", "+", ".",   "-",
      "'",   "İ",   "ı",    "i\xCC\x87", "đ",    "g-din", "phd",        " ", "@x.", "@b\xC3\xBC.de"};
  std::mt19937_64 random(77);
  for (int i = 0; i < 60000; ++i) {
    std::string text;
    const auto& block = kBlocks[random() % std::size(kBlocks)];
    for (std::uint64_t left = random() % 12; left > 0; --left) {
      if (random() % 3 == 0) {
        text += kPieces[random() % std::size(kPieces)];
        continue;
      }
      const auto c = static_cast<UChar32>(block[0] + random() % (block[1] - block[0] + 1));
      if (U_IS_SURROGATE(c)) continue;
      char utf8[U8_MAX_LENGTH];
      int length = 0;
      U8_APPEND_UNSAFE(utf8, length, c);
      text.append(utf8, static_cast<std::size_t>(length));
    }
    check(text);
  }
}

}  // namespace
