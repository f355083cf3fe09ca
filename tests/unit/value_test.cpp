// Values on their own: decimals whose bytes order as the numbers do, timestamps as text.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/profile/decimal.hpp"
#include "core/profile/timestamp.hpp"

namespace cdp::core {
namespace {

using Bytes = std::string;

Bytes bytes_of(const Buffer& buffer) { return Bytes(as_text(buffer.span())); }

Code code_of_decimal(const char* text) {
  try {
    Buffer out;
    append_decimal(out, std::string_view(text));
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown for " << text;
  return Code::bug;
}

TEST(Decimal, OrdersAsNumbersDo) {
  const char* const ascending[] = {"-1e131071", "-1000000",
                                   "-999.99",   "-100",
                                   "-99",       "-1.5",
                                   "-1.49",     "-1",
                                   "-0.5",      "-0.05",
                                   "-1e-16383", "0",
                                   "1e-16383",  "0.0001",
                                   "0.05",      "0.5",
                                   "1",         "1.49",
                                   "1.5",       "9",
                                   "10",        "99",
                                   "99.99",     "100",
                                   "101",       "12345678901234567890",
                                   "1e93",      "1e300",
                                   "1e131071"};
  Bytes previous;
  for (const char* const text : ascending) {
    Buffer bytes, printed, again;
    append_decimal(bytes, std::string_view(text));
    ASSERT_TRUE(is_decimal(bytes.span())) << text;
    print_decimal(bytes.span(), printed);
    append_decimal(again, as_text(printed.span()));
    EXPECT_EQ(bytes_of(again), bytes_of(bytes)) << text;
    if (!previous.empty()) {
      EXPECT_LT(compare_bytes(as_bytes(previous), bytes.span()), 0) << text;
    }
    previous = bytes_of(bytes);
  }
}

TEST(Decimal, PrintsPlainly) {
  for (const auto& [text, expected] : std::map<std::string, std::string>{{"1.50", "1.5"},
                                                                         {"-0", "0"},
                                                                         {"1e3", "1000"},
                                                                         {"12.340e-1", "1.234"},
                                                                         {"0.05", "0.05"},
                                                                         {"1E+2", "100"},
                                                                         {"100", "100"}}) {
    Buffer bytes, printed;
    append_decimal(bytes, std::string_view(text));
    print_decimal(bytes.span(), printed);
    EXPECT_EQ(bytes_of(printed), expected) << text;
  }
  Buffer bytes;
  append_decimal(bytes, std::int64_t{INT64_MIN});
  EXPECT_EQ(decimal_to_integer(bytes.span()), INT64_MIN);
  for (const char* const text : {"", "-", ".5", "5.", "1e", "1ee3", "abc", "1e131072", "1e-16384", "1x"})
    EXPECT_EQ(code_of_decimal(text), Code::invalid_text) << text;
}

TEST(Timestamp, RoundTrips) {
  for (const char* const text : {"2000-01-01T00:00:00Z", "2026-01-31T10:00:00.5Z", "1999-12-31T23:59:59.999999Z",
                                 "0000-02-29T00:00:00Z", "-0043-03-15T00:00:00Z", "+294276-12-31T23:59:59.999999Z",
                                 "infinity", "-infinity", "2024-02-29T12:34:56.000001Z"}) {
    const auto time = parse_timestamp(text);
    ASSERT_TRUE(time.has_value()) << text;
    Buffer printed;
    print_timestamp(*time, printed);
    EXPECT_EQ(bytes_of(printed), text);
  }
  EXPECT_EQ(parse_timestamp("2026-01-01T03:00:00+03:00"), parse_timestamp("2026-01-01"));
  for (const char* const text :
       {"", "2026", "2026-13-01", "2026-02-29", "2026-01-01T25:00Z", "2026-01-01x", "999999-01-01"})
    EXPECT_FALSE(parse_timestamp(text).has_value()) << text;
}

}  // namespace
}  // namespace cdp::core
