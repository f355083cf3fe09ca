// Keys as indexes store them (tests/vectors/keys.csv), and what statistics over them estimate.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "core/profile/builder.hpp"
#include "core/profile/decimal.hpp"
#include "core/segment/worth.hpp"

namespace cdp::core {
namespace {

auto* const kHeap = std::pmr::new_delete_resource();

// The program stays in `buffer`.
Segment rule(std::string_view text, Buffer& buffer) {
  buffer.clear();
  parse_segment(text, buffer);
  return Segment(buffer.span());
}

std::string number(std::string_view text) {
  Buffer out;
  append_decimal(out, text);
  return std::string(as_text(out.span()));
}

double as_double(std::string_view text) { return decimal_to_double(as_bytes(number(text))); }

TEST(DecimalToDouble, IsTheNearest) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 2 == 0 ? "" : "-");
    text += static_cast<char>('1' + random() % 9);
    for (std::size_t digits = random() % (i % 100 == 0 ? 1000 : 25); digits > 0; --digits)
      text += static_cast<char>('0' + random() % 10);
    text += "e" + std::to_string(static_cast<int>(random() % 700) - 380);
    ASSERT_EQ(as_double(text), std::strtod(text.c_str(), nullptr)) << text;
  }
  EXPECT_EQ(as_double("1e131000"), INFINITY);
  EXPECT_EQ(as_double("-1e131000"), -INFINITY);
  EXPECT_EQ(as_double("1e-16000"), 0);
  // Between two doubles, and a little above, where the 900th digit tells.
  const std::string middle = "9007199254740993", above = middle + "." + std::string(900, '0') + "1";
  EXPECT_EQ(as_double(middle), 9007199254740992.0);
  EXPECT_EQ(as_double(above), 9007199254740994.0);
}

TEST(FactKey, KeepsTheOrderOfNumbers) {
  const fact::Path path("score");
  std::vector<std::string> numbers = {"-1e131000", "-1e40", "-2.5", "-1e-300", "0",
                                      "1e-16000",  "0.5",   "2.5",  "1e300",   "1e400"};
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    const std::string a = number(numbers[i - 1]), b = number(numbers[i]);
    const FactKey less = path.value({Type::number, as_bytes(a)}), more = path.value({Type::number, as_bytes(b)});
    EXPECT_LE(less, more) << numbers[i];
    EXPECT_GE(less, path.least());
    EXPECT_LE(more, path.greatest_number());
    EXPECT_TRUE(fact::is_ordered(less));
    EXPECT_EQ(fact::known_of(less), path.known());
  }
  EXPECT_FALSE(fact::is_ordered(path.known()));
  EXPECT_FALSE(fact::is_ordered(fact::event("purchase")));
}

// A sample of profiles with keys of their own, and what is true of them.
struct Population {
  std::vector<std::pmr::vector<FactKey>> profiles;
  KeyCounter counter;

  Population(std::size_t most, int count, std::uint64_t rare_values) : counter(most, kHeap) {
    std::mt19937_64 random(7);
    const fact::Path country("country"), age("age"), email("email");
    for (int i = 0; i < count; ++i) {
      const std::string years = number(std::to_string(random() % 1000 / 10.0));
      const std::string name = random() % 10 < 9 ? "TR" : (random() % 10 < 9 ? "RS" : "ID");
      const std::string mail = std::to_string(random() % rare_values);
      std::pmr::vector<FactKey> keys;
      if (i % 4 != 0) keys.push_back(age.value({Type::number, as_bytes(years)}));
      if (i % 4 != 0) keys.push_back(age.known());
      keys.push_back(country.value({Type::string, as_bytes(name)}));
      keys.push_back(country.known());
      keys.push_back(email.value({Type::string, as_bytes(mail)}));
      std::sort(keys.begin(), keys.end());
      counter.add(keys);
      profiles.push_back(std::move(keys));
    }
    counter.finish();
  }
  double estimate(std::string_view text) const {
    Buffer buffer;
    return share_of(lookup_of(rule(text, buffer), 0, kHeap), counter.statistics());
  }
  double truth(std::string_view text) const {
    Buffer buffer;
    const Lookup lookup = lookup_of(rule(text, buffer), 0, kHeap);
    const auto found =
        std::count_if(profiles.begin(), profiles.end(), [&](const auto& keys) { return can_match(lookup, keys); });
    return static_cast<double>(found) / static_cast<double>(profiles.size());
  }
};

TEST(KeyStatistics, EstimatesWhatIsFound) {
  // Few keys, all kept; many, of which most are forgotten.
  const Population few(1000, 5'000, 10), many(100, 100'000, 90'000);
  for (const Population* of : {&few, &many}) {
    for (const char* text :
         {"country = \"TR\"", "country = \"RS\"", "country in (\"RS\", \"ID\")", "age > 50", "age between 10 and 12",
          "age is known", "not age > 90", "country = \"TR\" and age < 20", "country = \"RS\" or age < 20",
          "country is unknown", "country like \"x\"", "age between 1 and 2 or age > 99", "age >= -5"}) {
      const double truth = of->truth(text), estimate = of->estimate(text);
      EXPECT_NEAR(estimate, truth, 0.02 + truth / 10) << text;
      EXPECT_GT(estimate, truth / 2) << text;
    }
    EXPECT_LT(of->estimate("country = \"nowhere\""), 0.002);
    EXPECT_LT(of->estimate("phone is known"), 0.002);
    EXPECT_LT(of->estimate("age > 1000"), 0.002);
    EXPECT_LT(of->estimate("age > 3 and phone is known"), 0.002);
  }
  EXPECT_LE(many.counter.common().size(), 100u);
  EXPECT_EQ(many.counter.bounds().size(), 101u);
  EXPECT_TRUE(std::is_sorted(many.counter.common().begin(), many.counter.common().end()));
  EXPECT_NEAR(many.counter.greatest(), 1, 1e-9);
}

// "everything" where nothing is left out.
std::string worth_looking_up(std::string_view text, const KeyStatistics& statistics) {
  Buffer buffer, left, printed;
  if (!append_worth_looking_up(rule(text, buffer), 0, statistics, 10, left, {}, kHeap, nullptr)) return "everything";
  print_segment(Segment(left.span()), printed);
  return std::string(as_text(printed.span()));
}

// country: TR 90 %, RS 9 %, ID 1 %; age: three quarters have one, from 0 until 100; email: each one thousandth.
TEST(KeyStatistics, TellWhatIsWorthLookingUp) {
  const Population of(1000, 5'000, 1'000);
  for (const auto& [text, expected] : std::initializer_list<std::pair<const char*, const char*>>{
           {"country = \"TR\" and age < 3", "everything"},
           {"country = \"ID\" and age > 20", "country = \"ID\""},
           {"age > 20 and country = \"ID\" and not age > 90", "country = \"ID\""},
           {"age > 20 and country = \"TR\" and not age > 25", "everything"},
           {"country = \"ID\" and age != 5", "country = \"ID\""},
           {"not (country != \"ID\" or age <= 20)", "not country != \"ID\""},
           {"age > 1 and age < 2", "everything"},  // one range
           {"age > 1 and country = \"RS\" and age < 2", "everything"},
           {"age > 1 and country = \"RS\" and age < 90", "country = \"RS\""},
           {"(country = \"ID\" and age > 20) in time zone \"UTC\"", "country = \"ID\" in time zone \"UTC\""},
           {"age > 20 or country = \"ID\"", "everything"},
           {"country = \"ID\" and (age > 20 or age < 3)", "country = \"ID\""},
           {"(country = \"ID\" and age > 20) or email = \"7\"", "country = \"ID\" or email = \"7\""},
           {"country = \"ID\" and (age is unknown or country = \"RS\")", "everything"},
           {"email = \"7\" and age between 10 and 10.01 and country = \"TR\"", "everything"},
           {"country = \"ID\"", "everything"},
           {"age is known", "everything"}})
    EXPECT_EQ(worth_looking_up(text, of.counter.statistics()), expected) << text;
  // What costs nothing is looked up, however rare the rest, in whatever order.
  std::string rare = "(country = \"TR\" or";
  for (const char* name : {" a", " b"}) {
    for (const char* half : {"(", " or "}) {
      rare += half;
      for (int i = 0; i < 6; ++i)
        rare += (i == 0 ? "" : " and ") + std::string("n") + std::to_string(i) + " = " + std::to_string(i);
    }
    rare += ")";
    if (std::string_view(name) == " a") rare += " and";
  }
  rare += ")";
  for (const std::string& text : {rare + " and email = \"7\" and age > 3", "email = \"7\" and age > 3 and " + rare})
    EXPECT_NE(worth_looking_up(text, of.counter.statistics()).find("email = \"7\""), std::string::npos);
  // Statistics from elsewhere may hold anything.
  const float shares[] = {NAN, -1, 7};
  const FactKey keys[] = {fact::Path("age").known(), fact::Path("age").known() + 1, fact::Path("x").known()};
  std::string many = "x = 1";
  for (int i = 0; i < 100; ++i) many += " and age > " + std::to_string(i);
  EXPECT_NE(worth_looking_up(many, {keys, shares, NAN, keys, NAN}), "");
}

TEST(KeyStatistics, NothingIsNotAnError) {
  KeyCounter counter(100, kHeap);
  counter.finish();
  EXPECT_TRUE(counter.common().empty());
  Buffer buffer;
  const double share = share_of(lookup_of(rule("a = 1 and b > 2", buffer), 0, kHeap), KeyStatistics{});
  EXPECT_GT(share, 0);
  EXPECT_LT(share, 0.01);
}

}  // namespace
}  // namespace cdp::core
