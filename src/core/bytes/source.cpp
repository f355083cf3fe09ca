// src/core/bytes/source.cpp: places in a text, and what is wrong with it there.
#include "core/bytes/source.hpp"

#include <unicode/utf8.h>

namespace cdp::core {

std::size_t code_point_length(char lead) noexcept {
  return static_cast<std::size_t>(U8_COUNT_TRAIL_BYTES_UNSAFE(static_cast<std::uint8_t>(lead))) + 1;
}

namespace {

constexpr std::size_t kLongestQuote = 64;

// Where the text stops to be UTF-8 without NUL, or its length.
std::uint32_t valid_length(std::string_view text) noexcept {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < length;) {
    const std::int32_t from = at;
    UChar32 point;
    U8_NEXT(bytes, at, length, point);
    if (point <= 0) return static_cast<std::uint32_t>(from);
  }
  return static_cast<std::uint32_t>(length);
}

void append_code_point(Buffer& out, std::uint32_t point) {
  std::uint8_t bytes[U8_MAX_LENGTH];
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, point);
  out.append(ByteSpan(reinterpret_cast<const std::byte*>(bytes), length));
}

}  // namespace

std::string shown(std::string_view token) {
  std::size_t length = 0;
  while (length < token.size() && token[length] != '\n' && token[length] != '\r') {
    const std::size_t next = length + code_point_length(token[length]);
    if (next > kLongestQuote || next > token.size()) break;
    length = next;
  }
  std::string text(token.substr(0, length));
  if (length < token.size()) text += "...";
  return text;
}

Source::Source(std::string_view text, const char* what) : text_(text), what_(what) {
  const std::uint32_t valid = valid_length(text);
  if (valid == text.size()) return;
  text_ = text.substr(0, valid);
  fail({valid, valid}, {}, std::string("invalid byte sequence for encoding UTF8 in ") + what_);
}

void Source::fail(Place place, std::string_view hint, std::string_view message) const {
  std::size_t line = 1, column = 1;
  for (const char c : text_.substr(0, place.begin)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<std::uint8_t>(c) & 0xC0) != 0x80) {
      ++column;
    }
  }
  std::string text(message);
  if (text.empty()) {
    text = place.begin == place.end
               ? std::string("syntax error at end of ") + what_
               : std::string("syntax error in ") + what_ + " at or near \"" + shown(at(place)) + "\"";
  }
  throw Error(Code::syntax_error, std::move(text),
              "Line " + std::to_string(line) + ", column " + std::to_string(column) + " of the " + what_ + ".",
              std::string(hint));
}

void Source::fail_escape(Place place, std::string_view hint) const {
  fail(place, hint, std::string("invalid escape sequence in ") + what_ + ": \"" + shown(at(place)) + "\"");
}

std::uint32_t Source::four_hex_digits(Place place, std::uint32_t from) const {
  std::uint32_t value = 0;
  for (std::uint32_t i = from; i < from + 4; ++i) {
    const char c = i < place.end ? text_[i] : '"';
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      value = value << 4 | static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value << 4 | static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      fail_escape({from - 2, i}, "\\u is followed by four hexadecimal digits.");
    }
  }
  return value;
}

void Source::unquote(Place place, Buffer& out) const {
  const std::uint32_t end = place.end - 1;  // the closing quote
  const auto wrong = [&](std::uint32_t from, std::uint32_t until, const char* hint) {
    fail_escape({from, until}, hint);
  };
  for (std::uint32_t i = place.begin + 1; i < end; ++i) {
    const char c = text_[i];
    if (static_cast<std::uint8_t>(c) < 0x20) {
      fail({i, i + 1}, "Write it as an escape of JSON, such as \\n or \\u001f.",
           std::string("a string in a ") + what_ + " contains a control character");
    }
    if (c != '\\') {
      out.byte(static_cast<std::uint8_t>(c));
      continue;
    }
    constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const std::uint32_t from = i++;
    if (const std::size_t known = kEscapes.find(text_[i]); known != std::string_view::npos) {
      out.byte(static_cast<std::uint8_t>(kMeanings[known]));
      continue;
    }
    const std::uint32_t next = i + static_cast<std::uint32_t>(code_point_length(text_[i]));
    if (text_[i] != 'u') wrong(from, next, "The escapes are those of JSON: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX.");
    std::uint32_t point = four_hex_digits(place, i + 1);
    i += 4;
    if (point == 0) wrong(from, i + 1, "The character U+0000 cannot be part of text.");
    if (point >= 0xDC00 && point <= 0xDFFF) wrong(from, i + 1, "A low surrogate must follow a high one.");
    if (point >= 0xD800 && point <= 0xDBFF) {
      const bool paired = i + 2 < end && text_[i + 1] == '\\' && text_[i + 2] == 'u';
      const std::uint32_t low = paired ? four_hex_digits(place, i + 3) : 0;
      if (low < 0xDC00 || low > 0xDFFF) wrong(from, i + 1, "A high surrogate must be followed by a low one.");
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      i += 6;
    }
    append_code_point(out, point);
  }
}

}  // namespace cdp::core
