// src/core/segment/like.cpp: matching of patterns.
#include "core/segment/like.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace cdp::core::rule {

namespace {

template <bool kFold>
class Matcher {
 public:
  Matcher(std::string_view text, std::string_view pattern) noexcept
      : t_(text.data()), text_end_(t_ + text.size()), p_(pattern.data()), pattern_end_(p_ + pattern.size()) {}

  bool run(const Poll& poll) {
    const char *retry_text = nullptr, *retry_pattern = nullptr;
    for (;;) {
      if (p_ != pattern_end_ && *p_ == '%') {
        retry_pattern = ++p_;
        retry_text = t_;
        if (p_ == pattern_end_) return true;
        continue;
      }
      if (t_ == text_end_) return p_ == pattern_end_;
      if (p_ != pattern_end_ && step()) continue;
      if (retry_pattern == nullptr) return false;
      poll();
      next(retry_text);
      t_ = retry_text;
      p_ = retry_pattern;
    }
  }

 private:
  static UChar32 next(const char*& at) noexcept {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(at);
    std::size_t i = 0;
    UChar32 point;
    U8_NEXT_UNSAFE(bytes, i, point);
    at += i;
    return point;
  }

  static UChar32 folded(UChar32 point) noexcept {
    if (point < 0x80) return point >= 'A' && point <= 'Z' ? point | 0x20 : point;
    return u_foldCase(point, U_FOLD_CASE_DEFAULT);
  }

  // One character of both, if they agree.
  bool step() noexcept {
    if (*p_ == '_') {
      ++p_;
      next(t_);
      return true;
    }
    if (*p_ == '\\') ++p_;
    if constexpr (kFold) {
      return folded(next(p_)) == folded(next(t_));
    } else {
      return *p_++ == *t_++;  // the bytes of a character agree one by one
    }
  }

  const char *t_, *const text_end_, *p_, *const pattern_end_;
};

}  // namespace

bool matches_pattern(std::string_view text, std::string_view pattern, bool fold, const Poll& poll) {
  return fold ? Matcher<true>(text, pattern).run(poll) : Matcher<false>(text, pattern).run(poll);
}

}  // namespace cdp::core::rule
